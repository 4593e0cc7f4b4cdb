#!/usr/bin/env node
/** The command `macadam-secrets`: installs the hooks, is run by them, and shows that they work. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Asked } from './hook.ts';
import { POLICY, policyOf, runningPolicy, UsageError } from './policy.ts';
import { staged } from './staged.ts';

const HELP = `macadam-secrets install DIR [--hook pre-receive|pre-commit] [--bypass reason|never] [--on-failure refuse|accept]
                        [--log FILE] [--repository NAME] [--allowed-signers FILE [--bot ADDRESS]…]
                        [--resident SOCKET | --service URL --token FILE [--authority FILE]]
    DIR: a repository, a folder of repositories, or a server's folder of hooks that ends in .d
    --allowed-signers: commits have to be signed by a hardware key of that list, after a touch (bots: by any key of it)
    --resident: that process is asked first (see serve); the hook searches itself where it does not answer
    --service: the same, on another machine (--authority: the certificate that vouches for it)
macadam-secrets serve --socket SOCKET [--workers N]
    a process that stays and answers hooks of its own user, so that a push waits for no start of a program
macadam-secrets serve --listen HOST:PORT --certificate FILE --key FILE --tokens FILE [--workers N]
    the same for git servers of other machines
macadam-secrets token NAME --tokens FILE
    lets one of them ask: enters it into FILE, and prints once what its \`install --token\` takes
macadam-secrets canary REMOTE [--asset HOST/PATH [--hook FILE [--repository NAME]]]
    pushes a made-up secret and a clean commit to REMOTE, and says whether the first is refused and the second accepted
    --hook: the installed file, where this is the server; what it let through is told of the repository as well
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
  if (verb === 'serve') return await served(rest);
  if (verb === 'token') return await entered(rest);
  process.stderr.write(HELP);
  return verb === '--help' ? 0 : 2;
}

function answered({ code, text }: { readonly code: number; readonly text: string }): number {
  if (text !== '') process.stderr.write(text);
  return code;
}

async function received(words: readonly string[]): Promise<number> {
  const { receive } = await import('./receive.ts');
  const { bytesFrom, fillFrom } = await import('./bytes.ts');
  const { here } = await import('./git.ts');
  const hook = here();
  const policy = await runningPolicy(words, hook);
  return answered(receive(bytesFrom(fillFrom(0)), policy, new Date(), hook));
}

async function installed(parameters: string[]): Promise<number> {
  const { install } = await import('./install.ts');
  const options = {
    ...POLICY,
    hook: { type: 'string', default: 'pre-receive' },
    resident: { type: 'string' },
    service: { type: 'string' },
    token: { type: 'string' },
    authority: { type: 'string' },
  } as const;
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
  const asked = askedBy(values);
  if (asked !== undefined && hook === 'pre-commit')
    throw new UsageError('--resident and --service are for a server: a commit is searched where it is made');
  const program = import.meta.filename;
  for (const path of install({ folder, hook, program, policy, ...(asked && { asked }) }))
    process.stdout.write(`installed ${path}\n`);
  return 0;
}

function askedBy({
  resident,
  service,
  token,
  authority,
}: Readonly<Record<string, unknown>>): Asked | undefined {
  if (service === undefined) {
    if (token !== undefined || authority !== undefined)
      throw new UsageError('--token and --authority go with --service');
    return resident === undefined ? undefined : { socket: String(resident) };
  }
  if (resident !== undefined) throw new UsageError('give --resident or --service, not both');
  if (!String(service).startsWith('https://') || !URL.canParse(String(service)))
    throw new UsageError(`--service is \`${service}\`; give an address that begins with https://`);
  if (token === undefined)
    throw new UsageError('--token is missing: name the file that holds what `token` printed');
  // One name in the service: curl appends one of its own to a folder.
  const address = new URL('/push', String(service)).href;
  return {
    service: address,
    token: String(token),
    authority: authority === undefined ? null : String(authority),
  };
}

async function flown(parameters: string[]): Promise<number> {
  const { canary } = await import('./canary.ts');
  const { letThroughBy } = await import('./let-through.ts');
  const { values, positionals } = parseArgs({
    args: parameters,
    options: { asset: { type: 'string' }, hook: { type: 'string' }, repository: { type: 'string' } },
    allowPositionals: true,
  });
  const [remote, ...others] = positionals;
  if (remote === undefined || others.length > 0) throw new UsageError('canary takes one remote');
  const { asset = null, hook, repository = null } = values;
  if (hook !== undefined && asset === null)
    throw new UsageError('--hook goes with --asset, of which it tells what was let through');
  const past = hook === undefined ? {} : { push_bypasses: letThroughBy(hook, repository) };
  const { works, text, record } = canary(remote, asset, new Date(), past);
  process.stderr.write(text);
  if (record !== null) process.stdout.write(`${JSON.stringify(record)}\n`);
  return works ? 0 : 1;
}

async function entered(parameters: string[]): Promise<number> {
  const { newToken } = await import('./tokens.ts');
  const options = { tokens: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: parameters, options, allowPositionals: true });
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new UsageError('token takes one name');
  if (values.tokens === undefined)
    throw new UsageError('--tokens is missing: name the file that `serve` reads');
  process.stdout.write(newToken(name, values.tokens));
  return 0;
}

/** Until it is told to end. */
async function served(parameters: string[]): Promise<number> {
  const { availableParallelism } = await import('node:os');
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: parameters,
    options: { socket: text, listen: text, certificate: text, key: text, tokens: text, workers: text },
  });
  const workers = Number(values.workers ?? availableParallelism());
  if (!Number.isInteger(workers) || workers < 1 || workers > 64)
    throw new UsageError(`--workers is \`${values.workers}\`; give a number from 1 to 64`);
  const { at, close } = await begun(values, workers);
  const told = new Promise((tell) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, tell);
  });
  // Whoever reads this may tell it to end at once.
  process.stdout.write(`answers at ${at}\n`);
  await told;
  await close();
  return 0;
}

async function begun(
  { socket, listen, certificate, key, tokens }: Readonly<Record<string, string | undefined>>,
  workers: number,
) {
  if (socket !== undefined && listen !== undefined)
    throw new UsageError('give --socket or --listen, not both');
  if (socket !== undefined) {
    const { serve } = await import('./resident.ts');
    return { at: socket, ...(await serve(resolve(socket), workers)) };
  }
  if (listen === undefined)
    throw new UsageError('--socket is missing: name the file of the socket, or give --listen HOST:PORT');
  const [, host, port] = /^(.+):(\d+)$/.exec(listen) ?? [];
  if (host === undefined || port === undefined)
    throw new UsageError(`--listen is \`${listen}\`; give HOST:PORT`);
  if (certificate === undefined || key === undefined || tokens === undefined)
    throw new UsageError('--listen needs --certificate, --key and --tokens');
  const { serveMachines } = await import('./other-machines.ts');
  const of = {
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port),
    certificate,
    key,
    tokens,
    workers,
  };
  const service = await serveMachines(of);
  return { at: `https://${host}:${service.port}`, close: service.close };
}

if (import.meta.main) {
  try {
    process.exitCode = await run(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`macadam-secrets: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
