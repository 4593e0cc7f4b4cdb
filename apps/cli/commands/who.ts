/**
 * `macadam who`: whom to call about a host, an address, an application, a repository, a package, a certificate or an image.
 * Asked of the stores in a folder, of the server that is named or was logged in to, or of a signed file that needs neither;
 * what needs no store loads none.
 */
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { SealError } from '@macadam/services/ownership/signed-index';
import { openWhoFile } from '@macadam/services/ownership/who-file';
import type { Reached, ReachedAsset } from '@macadam/services/ownership/who-reached';
import { EXIT } from '../exit.ts';
import { whereToAsk } from '../server.ts';
import { deliver, UsageError } from '../terminal.ts';

export interface WhoOptions {
  readonly server?: string;
  readonly data?: string;
  readonly offline?: string;
  readonly key?: string;
  readonly export?: string;
  readonly sign?: string;
  readonly json?: boolean;
}

/** Exits 1 where nothing is found. */
export async function whoCommand(text: string | undefined, options: WhoOptions): Promise<number> {
  if (options.export !== undefined) return exported(options.export, options);
  if (text === undefined || text.trim() === '')
    throw new UsageError('who: say what you have in hand, such as a host’s name, or give --export FILE');
  const { answers, madeAt } = await asked(text, options);
  if (options.json) deliver(JSON.stringify(madeAt === null ? answers : { ...answers, madeAt }));
  else deliver(written(text, answers, madeAt, new Date()));
  return answers.found.length > 0 ? EXIT.ok : EXIT.fails;
}

interface Asked {
  readonly answers: Reached;
  /** When the file was made that was asked; null for a server or a store. */
  readonly madeAt: string | null;
}

async function asked(text: string, options: WhoOptions): Promise<Asked> {
  if (options.offline !== undefined) return fromFile(text, options.offline, options.key);
  const server = options.data === undefined ? whereToAsk(options, process.env) : null;
  if (server) return { answers: await server.get<Reached>('who', { text }), madeAt: null };
  const { whoLocally } = await import('./who-local.ts');
  return { answers: await whoLocally(text, options.data), madeAt: null };
}

function fromFile(text: string, file: string, key: string | undefined): Asked {
  if (key === undefined)
    throw new UsageError('--key: it is missing; name the file with the public key of whoever signs exports');
  try {
    const map = openWhoFile(file, textOf('--key', key));
    try {
      return { answers: map.who(text), madeAt: map.madeAt };
    } finally {
      map.close();
    }
  } catch (error) {
    if (error instanceof SealError) throw new UsageError(`--offline: ${error.message}`);
    throw error;
  }
}

async function exported(file: string, { data, sign }: WhoOptions): Promise<number> {
  if (sign === undefined)
    throw new UsageError('--sign: it is missing; name the file with the private Ed25519 key to sign with');
  const { exportLocally } = await import('./who-local.ts');
  const { assets, keys, bytes } = await exportLocally(file, textOf('--sign', sign), data);
  process.stderr.write(`macadam: ${assets} assets under ${keys} identifiers, ${bytes} bytes, in ${file}\n`);
  return EXIT.ok;
}

function textOf(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${option}: \`${file}\` cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** What comes from elsewhere moves no cursor here. */
const plain = (text: string) => stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, ' ');

/** An answer as text, most urgent first. */
export function written(text: string, answers: Reached, madeAt: string | null, now: Date): string {
  const { key, count, found } = answers;
  const lines = found.flatMap(reachedLines);
  if (found.length === 0) {
    lines.push(`nothing is known as ${text}`);
    if (answers.looked?.length) lines.push(`looked up as ${answers.looked.join(', ')}`);
  }
  if (count > found.length) lines.push(`${count - found.length} more are known as ${key}`);
  if (madeAt !== null) lines.push(`from a signed export of ${madeAt}, ${ageOf(madeAt, now)} old`);
  return lines.map(plain).join('\n');
}

function reachedLines({
  asset,
  owner,
  path,
  accountable,
  contacts,
  runbook,
  instead,
}: ReachedAsset): readonly string[] {
  const row = (name: string, said: string) => `  ${name.padEnd(10)} ${said}`;
  const team = path[0];
  const confirmed = owner?.confirmedAt ? ` ${owner.confirmedAt}` : '';
  const [deputy] = accountable;
  return [
    `${asset.kind} ${asset.name} (${asset.id})`,
    row(
      'owner',
      team
        ? `${path.map(({ name }) => name).join(' < ')}; ${owner?.state}${confirmed}, by ${owner?.rule}`
        : 'nobody',
    ),
    ...(instead ? [row('instead', `${instead.name} is called: it is the company's`)] : []),
    ...(deputy ? [row('deputy', `${deputy.name}${deputy.email ? ` <${deputy.email}>` : ''}`)] : []),
    ...contacts.map(({ by, address, verified, unit }) =>
      row(
        'call',
        `${by} ${address} (${unit}; ${verified === null ? 'never verified' : `verified ${verified}`})`,
      ),
    ),
    ...(contacts.length === 0 && (team || instead) ? [row('call', 'no unit above it names a contact')] : []),
    row('disable', runbook ?? 'no runbook is written for this kind'),
  ];
}

function ageOf(madeAt: string, now: Date): string {
  const hours = Math.floor((now.getTime() - Date.parse(madeAt)) / 3_600_000);
  if (!(hours >= 0)) return 'an unknown time';
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
