#!/usr/bin/env node
/** The command `macadam-broker`: git's credential helper, a certificate for an SSH key, and what an SSH server runs and reads. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gitCommandOf, isRepositoryName } from './names.ts';
import { type Refreshed, refreshRevoked } from './revoked.ts';

const HELP = `macadam-broker credential --broker ADDRESS --login COMMAND [--access read|write] [--life SECONDS] get
    git's credential helper: git config credential.https://git.example.com.helper '!macadam-broker credential …', with credential.useHttpPath true
macadam-broker ssh --broker ADDRESS --login COMMAND --key FILE [--access read|write] [--life SECONDS] REPOSITORY…
    asks for a certificate of the key FILE (its FILE.pub) and writes it to FILE-cert.pub, where ssh finds it
macadam-broker serve --root DIR read|write REPOSITORY…
    what the SSH server runs by a certificate: the one git command that was asked for, in a repository below DIR, or nothing
macadam-broker revoked --broker ADDRESS --file FILE [--oldest SECONDS] [--every SECONDS]
    for the SSH server: puts the list of what was taken back into FILE (RevokedKeys), whole or not at all, and says how old it is;
    where the broker is away the last one stays. --every: again and again. Exit 1 where FILE is older than --oldest (300)

--login: a command that prints the login (a token of your OpenID provider)
Exit codes: 0 done; 1 refused; 2 usage.
`;

class UsageError extends Error {}

const ASKING = {
  broker: { type: 'string' },
  login: { type: 'string' },
  access: { type: 'string', default: 'read' },
  life: { type: 'string' },
  key: { type: 'string' },
} as const;

interface Asking {
  readonly broker?: string | undefined;
  readonly login?: string | undefined;
  readonly access: string;
  readonly life?: string | undefined;
}

/** Asks the broker at `path`; rejects with what it answered. */
async function ask(path: string, given: Asking, body: object): Promise<Readonly<Record<string, unknown>>> {
  const { broker, login, access, life } = given;
  if (broker === undefined || login === undefined) throw new UsageError('--broker and --login are needed');
  const token = execFileSync('/bin/sh', ['-c', login], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const response = await fetch(new URL(path, broker), {
    method: 'POST',
    redirect: 'error',
    headers: { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, access, ...(life === undefined ? {} : { life: Number(life) }) }),
  });
  const answer = (await response.json()) as Readonly<Record<string, unknown>>;
  if (response.status !== 201) throw new Error(`the broker refused: ${String(answer.why)}`);
  return answer;
}

async function credential(parameters: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: parameters, options: ASKING, allowPositionals: true });
  // Nothing is kept here: git's own cache may, until the end that it is told.
  if (positionals[0] !== 'get') return 0;
  const asked = new Map(
    readFileSync(0, 'utf8')
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const repository = (asked.get('path') ?? '').replace(/\.git$/, '');
  if (!isRepositoryName(repository))
    throw new Error(
      'git does not say which repository; run: git config --global credential.useHttpPath true',
    );
  const { token, expires_at: end } = await ask('/tokens', values, { repositories: [repository] });
  const seconds = Math.floor(Date.parse(String(end)) / 1000);
  process.stdout.write(`username=broker\npassword=${String(token)}\npassword_expiry_utc=${seconds}\n`);
  return 0;
}

async function ssh(parameters: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: parameters, options: ASKING, allowPositionals: true });
  const { key } = values;
  if (key === undefined || positionals.length === 0)
    throw new UsageError('--key and a repository are needed');
  const body = { repositories: positionals, public_key: readFileSync(`${key}.pub`, 'utf8').trim() };
  const { certificate, expires_at: end } = await ask('/certificates', values, body);
  writeFileSync(`${key}-cert.pub`, `${String(certificate)}\n`, { mode: 0o600 });
  process.stderr.write(`macadam-broker: written to ${key}-cert.pub, good until ${String(end)}\n`);
  return 0;
}

function serve(parameters: string[]): number {
  const { values, positionals } = parseArgs({
    args: parameters,
    options: { root: { type: 'string' } },
    allowPositionals: true,
  });
  const [access, ...names] = positionals;
  if (values.root === undefined || (access !== 'read' && access !== 'write'))
    throw new UsageError('--root and read or write are needed');
  const asked = gitCommandOf(process.env.SSH_ORIGINAL_COMMAND ?? '');
  if (asked === null)
    throw new Error('this certificate is for git alone, and for nothing else on this server');
  if (!names.includes(asked.repository)) throw new Error(`this certificate is not for ${asked.repository}`);
  if (asked.access === 'write' && access !== 'write')
    throw new Error(`this certificate may read ${asked.repository} and not write it`);
  const bare = join(values.root, `${asked.repository}.git`);
  const folder = existsSync(bare) ? bare : join(values.root, asked.repository);
  return spawnSync('git', [asked.verb, folder], { stdio: 'inherit' }).status ?? 1;
}

const REVOKED = {
  broker: { type: 'string' },
  file: { type: 'string' },
  oldest: { type: 'string', default: '300' },
  every: { type: 'string' },
} as const;

async function revoked(parameters: string[]): Promise<number> {
  const { values } = parseArgs({ args: parameters, options: REVOKED });
  const { broker, file, oldest, every } = values;
  if (broker === undefined || file === undefined) throw new UsageError('--broker and --file are needed');
  const bound = secondsOf('--oldest', oldest);
  const pause = every === undefined ? null : secondsOf('--every', every);
  let said = '';
  for (;;) {
    const refreshed = await refreshRevoked(broker, file, Date.now);
    const isOld = refreshed.age === null || refreshed.age > bound;
    // A service says what changed, and not every few seconds that nothing did.
    const sort = `${refreshed.isFetched} ${refreshed.why} ${isOld}`;
    if (pause === null || sort !== said) process.stderr.write(revokedSaid(file, refreshed, isOld));
    said = sort;
    if (pause === null) return isOld ? 1 : 0;
    await wait(pause * 1000);
  }
}

function secondsOf(option: string, text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new UsageError(`${option} is \`${text}\`; give seconds, 1 to 9999999`);
  return Number(text);
}

function revokedSaid(file: string, { isFetched, why, age }: Refreshed, isOld: boolean): string {
  if (isFetched) return `macadam-broker: ${file} is fresh, made ${age} seconds ago\n`;
  const now =
    age === null
      ? `${file} holds no list, so sshd refuses every key`
      : `the list in ${file} stays, made ${age} seconds ago${isOld ? ', which is too old: what was taken back since then still opens' : ''}`;
  return `macadam-broker: not fetched: ${why}; ${now}\n`;
}

async function run([verb, ...rest]: readonly string[]): Promise<number> {
  if (verb === 'credential') return await credential(rest);
  if (verb === 'ssh') return await ssh(rest);
  if (verb === 'serve') return serve(rest);
  if (verb === 'revoked') return await revoked(rest);
  process.stderr.write(HELP);
  return verb === '--help' ? 0 : 2;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`macadam-broker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
