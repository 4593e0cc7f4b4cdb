/** Issuing with a key in a PKCS#11 token, journal included, beside a loop of bare C_Sign on the same token, by turns in one process. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSigner, fileLedger, type Pkcs11Module, pkcs11Store } from '../../paved/keys/index.ts';
import { FULL, type Row, row, type Size } from './row.ts';

const LIBRARY = '/usr/lib/softhsm/libsofthsm2.so';
const PIN = '1234';
const MINUTE = 60_000;
const policy = { publishFor: 15 * MINUTE, activeFor: 1440 * MINUTE, acceptFor: 61 * MINUTE };

function findModule(): Pkcs11Module | null {
  try {
    return createRequire(import.meta.url)('pkcs11js');
  } catch {
    return null;
  }
}

function missing(what: string): Row {
  return row({
    id: 'keys-issue',
    what: 'issuing with a key in a PKCS#11 token',
    unit: 'signatures/s',
    ours: 0,
    peer: null,
    peerName: `this machine lacks ${what}`,
    goal: { of: 'ratio', atLeast: 0.9 },
  });
}

/** What a token signs for us with nothing around it. */
function bareLoop(module: Pkcs11Module, id: string): (data: Buffer) => Buffer {
  const api = new module.PKCS11();
  api.load(LIBRARY);
  const [slot] = api.C_GetSlotList(true);
  if (slot === undefined) throw new Error('SoftHSM has no token');
  // The login of the store counts for the whole process.
  const session = api.C_OpenSession(slot, 0x6);
  api.C_FindObjectsInit(session, [
    { type: 0x0, value: 3 },
    { type: 0x102, value: Buffer.from(id, 'base64url') },
  ]);
  const [key] = api.C_FindObjects(session, 1);
  api.C_FindObjectsFinal(session);
  if (key === undefined) throw new Error('the token does not have the key that signs');
  return (data) => {
    api.C_SignInit(session, { mechanism: 0x1041 }, key);
    return api.C_Sign(session, createHash('sha256').update(data).digest(), Buffer.alloc(64));
  };
}

interface Spent {
  readonly wall: number;
  readonly processor: number;
}

/** Nanoseconds of the clock, and of the processors, from one call to the next. */
function stopwatch() {
  let [wall, used] = [process.hrtime.bigint(), process.cpuUsage()];
  return (): Spent => {
    const { user, system } = process.cpuUsage(used);
    const spent = { wall: Number(process.hrtime.bigint() - wall), processor: (user + system) * 1000 };
    [wall, used] = [process.hrtime.bigint(), process.cpuUsage()];
    return spent;
  };
}

async function measure(module: Pkcs11Module, folder: string, quick: boolean): Promise<readonly Row[]> {
  const signer = createSigner({
    store: pkcs11Store({ module, library: LIBRARY, token: 'bench', pin: () => PIN }),
    ledger: fileLedger(join(folder, 'ring.db')),
    algorithm: 'ES256',
    policy,
  });
  await signer.rotate();
  const data = Buffer.from('x'.repeat(300));
  const { key } = await signer.sign(() => data);
  const bare = bareLoop(module, key.id);
  const perRound = quick ? 20 : 500;
  const ours: Spent[] = [];
  const theirs: Spent[] = [];
  for (let round = 0; round < (quick ? 2 : 20); round++) {
    const spent = stopwatch();
    for (let count = 0; count < perRound; count++) bare(data);
    theirs.push(spent());
    // A server has many requests at once; they share one entry into the journal's file.
    await Promise.all(Array.from({ length: perRound }, () => signer.sign(() => data)));
    ours.push(spent());
  }
  const perSecond = (all: readonly Spent[], which: keyof Spent) =>
    (1e9 * perRound) / Math.min(...all.map((one) => one[which]));
  const what = `issuing ES256 with a key in SoftHSM, ${perRound} at once, each in the journal before it is made; the quickest of ${ours.length} rounds`;
  // Who shares the machine with others reads the second: it does not count the time of the others.
  return (['wall', 'processor'] as const).map((which) =>
    row({
      id: which === 'wall' ? 'keys-issue' : 'keys-issue-processor',
      what: which === 'wall' ? what : `${what}, by the time of processors`,
      unit: 'signatures/s',
      ours: perSecond(ours, which),
      peer: perSecond(theirs, which),
      peerName: 'a loop of bare C_Sign',
      goal: { of: 'ratio', atLeast: 0.9 },
    }),
  );
}

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  const module = findModule();
  if (module === null) return [missing('pkcs11js')];
  if (!existsSync(LIBRARY)) return [missing('softhsm2')];
  const folder = mkdtempSync(join(tmpdir(), 'macadam-keys-'));
  try {
    mkdirSync(join(folder, 'tokens'));
    process.env.SOFTHSM2_CONF = join(folder, 'softhsm2.conf');
    writeFileSync(process.env.SOFTHSM2_CONF, `directories.tokendir = ${join(folder, 'tokens')}\n`);
    const words = ['--init-token', '--free', '--label', 'bench', '--pin', PIN, '--so-pin', '5678'];
    const made = spawnSync('softhsm2-util', words, { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`softhsm2-util: ${made.stderr}`);
    return await measure(module, folder, quick);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
