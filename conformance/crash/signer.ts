/** Processes of one signer, two at a time, killed at random moments: one key signs at any time, and nothing was signed that the journal does not have. */
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { brokenEntry, type ChainedEntry, fileLedger } from '../../paved/keys/index.ts';
import { randomOf } from '../fuzz-api/value.ts';

/**
 * Signs and changes keys without end, and prints what it signed. On a busy machine it may stand still between the journal and the store for longer than a key is
 * accepted: then the other process has destroyed that key, and nothing is signed, as it should be.
 */
const ENDLESS = `
  import { createSigner, fileLedger, softwareStore } from ${JSON.stringify(new URL('../../paved/keys/index.ts', import.meta.url).href)};
  const [folder] = process.argv.slice(1);
  const signer = createSigner({
    store: softwareStore(folder + '/keys'), ledger: fileLedger(folder + '/ring.db'), algorithm: 'ES256',
    policy: { publishFor: 3, activeFor: 5, acceptFor: 10 },
  });
  for (;;) {
    await signer.rotate();
    const signed = await signer.sign((key) => key.id + ' ' + Math.random()).catch((error) => {
      if (!error.message.startsWith('there is no key')) throw error;
    });
    if (signed) process.stdout.write(signed.key.id + ' ' + signed.data.toString('base64url') + '\\n');
  }
`;

/** After so many kills a new ring begins, because a ring keeps every key that it ever had. */
const KILLS_OF_A_RING = 50;

export interface SignerKills {
  readonly kills: number;
  readonly signatures: number;
  readonly rotations: number;
}

/** What of a journal cannot be: a link that does not follow, two keys that sign, a signature by a key that was not active. Null when nothing is. */
export function journalFault(entries: readonly ChainedEntry[]): string | null {
  const broken = brokenEntry(entries);
  if (broken !== null) return `entry ${broken} of the journal does not follow from the one before it`;
  let active: string | null = null;
  for (const { sequence, event, key } of entries) {
    if (event === 'activated' && active !== null)
      return `entry ${sequence}: ${key} becomes active while ${active} is`;
    if (event === 'activated') active = key;
    else if ((event === 'retiring' || event === 'withdrawn') && key === active) active = null;
    else if (event === 'signs' && key !== active)
      return `entry ${sequence}: ${key} signs while ${active ?? 'no key'} is active`;
  }
  return null;
}

/** Runs one process until it printed `lines` lines and `delay` milliseconds went by. */
async function runAndKill(folder: string, lines: number, delay: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', ENDLESS, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const signed: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    signed.push(line);
    if (signed.length === lines) setTimeout(() => child.kill('SIGKILL'), delay);
  }
  if (signed.length < lines)
    throw new Error(
      `a signer ended by itself (${child.exitCode}) after ${signed.length} signatures, as it says above`,
    );
  return signed;
}

function requireLogged(folder: string, signed: readonly string[]): { readonly rotations: number } {
  const ledger = fileLedger(join(folder, 'ring.db'));
  const entries = ledger.journal();
  const active = ledger.read().filter(({ state }) => state === 'active');
  ledger.close();
  if (active.length > 1) throw new Error(`${active.length} keys are active`);
  const fault = journalFault(entries);
  if (fault !== null) throw new Error(fault);
  const logged = new Set(
    entries.flatMap(({ event, key, detail }) =>
      detail.split(' ').map((digest) => `${event} ${key} ${digest}`),
    ),
  );
  for (const line of signed) {
    const [id, text = ''] = line.split(' ');
    const digest = hash('sha256', Buffer.from(text, 'base64url'), 'base64url');
    if (!logged.has(`signs ${id} ${digest}`))
      throw new Error(`a signature of ${id} over ${digest} is not in the journal`);
  }
  return { rotations: entries.filter(({ event }) => event === 'activated').length };
}

/**
 * Kills `kills` processes, in pairs that share a ring below `folder`. Throws with their number and the seed where a key too many is active or a
 * signature is not in the journal.
 */
export async function surviveSigner({
  folder,
  kills,
  seed,
  progress = () => {},
}: {
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
  readonly progress?: (line: string) => void;
}): Promise<SignerKills> {
  const next = randomOf(seed);
  let [killed, signatures, rotations] = [0, 0, 0];
  for (let ring = 0; killed < kills; ring++) {
    const place = join(folder, `ring-${ring}`);
    const signed: string[] = [];
    const until = Math.min(kills, killed + KILLS_OF_A_RING);
    let turned = 0;
    while (killed < until) {
      const count = Math.min(2, until - killed);
      const pair = Array.from({ length: count }, () =>
        runAndKill(place, 1 + Math.floor(next() * 11), next() * 3),
      );
      for (const lines of await Promise.all(pair)) signed.push(...lines);
      killed += count;
      try {
        turned = requireLogged(place, signed).rotations;
      } catch (error) {
        throw new Error(`after ${killed} kills, seed ${seed}: ${error}`, { cause: error });
      }
    }
    signatures += signed.length;
    rotations += turned;
    progress(`${killed} of ${kills} killed, ${signatures} signatures, ${rotations} rotations`);
  }
  return { kills: killed, signatures, rotations };
}
