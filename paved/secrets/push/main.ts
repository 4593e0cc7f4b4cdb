#!/usr/bin/env node
/** The command `macadam-secrets`: installs the hooks, is run by them, and shows that they work. */
import { parseArgs } from 'node:util';
import type { PresencePolicy } from './presence.ts';
import { staged } from './staged.ts';

const HELP = `macadam-secrets install DIR [--hook pre-receive|pre-commit] [--bypass reason|never] [--on-failure refuse|accept]
                        [--log FILE] [--repository NAME] [--allowed-signers FILE [--bot ADDRESS]…]
    DIR: a repository, a folder of repositories, or a server's folder of hooks that ends in .d
    --allowed-signers: commits have to be signed by a hardware key of that list, after a touch (bots: by any key of it)
macadam-secrets canary REMOTE [--asset HOST/PATH]
    pushes a made-up secret and a clean commit to REMOTE, and says whether the first is refused and the second accepted
macadam-secrets pre-commit
    searches what is staged in the current repository (what the installed hook runs)

Exit codes: 0 nothing to refuse; 1 refused, or the canary was accepted; 2 usage.
`;

/** Runs one command line and gives its exit code. */
async function run(parameters: readonly string[]): Promise<number> {
  const [verb, ...rest] = parameters;
  // Hooks come first: they are what people wait for.
  if (verb === 'pre-receive') return await received(rest);
  if (verb === 'pre-commit') return answered(staged(new Date()));
  if (verb === 'install') return await installed(rest);
  if (verb === 'canary') return await flown(rest);
  process.stderr.write(HELP);
  return verb === '--help' ? 0 : 2;
}

function answered({ code, text }: { readonly code: number; readonly text: string }): number {
  if (text !== '') process.stderr.write(text);
  return code;
}

const POLICY = {
  repository: { type: 'string' },
  log: { type: 'string' },
  bypass: { type: 'string', default: 'reason' },
  'on-failure': { type: 'string', default: 'refuse' },
  'allowed-signers': { type: 'string' },
  bot: { type: 'string', multiple: true },
} as const;

interface Given {
  readonly bypass: string;
  readonly 'on-failure': string;
  readonly 'allowed-signers'?: string | undefined;
  readonly bot?: readonly string[] | undefined;
}

function policyOf(given: Given) {
  const { bypass, 'on-failure': onFailure, 'allowed-signers': allowedSigners, bot: bots = [] } = given;
  if (bypass !== 'reason' && bypass !== 'never')
    throw new UsageError(`--bypass is \`${bypass}\`; give reason or never`);
  if (onFailure !== 'refuse' && onFailure !== 'accept')
    throw new UsageError(`--on-failure is \`${onFailure}\`; give refuse or accept`);
  if (allowedSigners === undefined && bots.length > 0)
    throw new UsageError('--bot goes with --allowed-signers, which holds its key');
  const presence = allowedSigners === undefined ? undefined : { allowedSigners, bots };
  return { bypass, onFailure, presence } as const;
}

async function received(parameters: string[]): Promise<number> {
  const { receive } = await import('./receive.ts');
  const { bytesFrom, fillFrom } = await import('./bytes.ts');
  const { values } = parseArgs({ args: parameters, options: POLICY });
  if (values.log === undefined) throw new UsageError('--log is missing: install the hook again');
  const { bypass, onFailure, presence } = policyOf(values);
  const policy = {
    bypass,
    onFailure,
    log: values.log,
    repository: values.repository || (process.env.GL_PROJECT_PATH ?? process.cwd()),
    ...(presence && (await checkOf(presence))),
  };
  return answered(receive(bytesFrom(fillFrom(0)), policy, process.env, new Date()));
}

async function checkOf(presence: PresencePolicy) {
  const { presenceCheck } = await import('./presence.ts');
  return { check: (now: Date) => presenceCheck(presence, now) };
}

async function installed(parameters: string[]): Promise<number> {
  const { install } = await import('./install.ts');
  const options = { ...POLICY, hook: { type: 'string', default: 'pre-receive' } } as const;
  const { values, positionals } = parseArgs({ args: parameters, options, allowPositionals: true });
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw new UsageError('install takes one folder');
  const { hook } = values;
  if (hook !== 'pre-receive' && hook !== 'pre-commit')
    throw new UsageError(`--hook is \`${hook}\`; give pre-receive or pre-commit`);
  const { bypass, onFailure, presence } = policyOf(values);
  const policy = {
    bypass,
    onFailure,
    ...(presence && { presence }),
    ...(values.repository === undefined ? {} : { repository: values.repository }),
    ...(values.log === undefined ? {} : { log: values.log }),
  };
  for (const path of install({ folder, hook, program: import.meta.filename, policy }))
    process.stdout.write(`installed ${path}\n`);
  return 0;
}

async function flown(parameters: string[]): Promise<number> {
  const { canary } = await import('./canary.ts');
  const { values, positionals } = parseArgs({
    args: parameters,
    options: { asset: { type: 'string' } },
    allowPositionals: true,
  });
  const [remote, ...more] = positionals;
  if (remote === undefined || more.length > 0) throw new UsageError('canary takes one remote');
  const { works, text, record } = canary(remote, values.asset ?? null, new Date());
  process.stderr.write(text);
  if (record !== null) process.stdout.write(`${JSON.stringify(record)}\n`);
  return works ? 0 : 1;
}

class UsageError extends Error {}

if (import.meta.main) {
  try {
    process.exitCode = await run(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`macadam-secrets: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
