/**
 * The code of SPIRE that signs workload tokens in its server and validates them in its agent, in one program of ours (`peer.go`), which is built once through Go's
 * own module proxy into the person's cache. The two programs of SPIRE itself take 2,300 packages, most of them SDKs of clouds; this takes 450.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const VERSION = 'v1.13.3';
const source = join(import.meta.dirname, 'peer.go');
export const DOMAIN = 'spire.example';
/** `iss` of SPIRE's tokens. */
export const ISSUER = 'https://spire.example';

/** In the person's cache. */
export const cachedSpire = (name: string): string =>
  join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'macadam',
    'conformance',
    `spire-${VERSION}-${name}`,
  );

function placeOf(): { readonly folder: string; readonly program: string } {
  const folder = cachedSpire(createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12));
  return { folder, program: join(folder, 'peer') };
}

/** Null where the program is there, or could be built. */
export function lacksSpire(): string | null {
  const { folder, program } = placeOf();
  if (existsSync(program)) return null;
  if (spawnSync('go', ['version']).status !== 0) return 'Go to build SPIRE with (install golang)';
  mkdirSync(folder, { recursive: true });
  copyFileSync(source, join(folder, 'main.go'));
  writeFileSync(
    join(folder, 'go.mod'),
    `module peer\n\ngo 1.25\n\nrequire github.com/spiffe/spire ${VERSION}\n`,
  );
  console.error(`building the peer on SPIRE ${VERSION} (once, some minutes) …`);
  const built = spawnSync('go', ['build', '-o', program, '.'], {
    cwd: folder,
    env: { ...process.env, GOFLAGS: '-mod=mod -buildvcs=false' },
    encoding: 'utf8',
  });
  return built.status === 0 ? null : `SPIRE: go build failed: ${built.stderr.trim().split('\n').at(-1)}`;
}

export interface Spire {
  /** A token of the server for the workload at `path`. */
  readonly sign: (path: string, audience: string) => Promise<string>;
  /** Another key signs from now on; the bundle has both. */
  readonly change: () => Promise<string>;
  /** As the server publishes it. */
  readonly bundle: () => Promise<string>;
  /** The SPIFFE id that the agent finds in a token of a trust domain with that bundle, or `refused`. */
  readonly validate: (of: {
    readonly domain: string;
    readonly bundle: string;
    readonly audience: string;
    readonly token: string;
  }) => Promise<string>;
  readonly stop: () => void;
}

/** It ends with this process, however that ends. */
export function startSpire(): Spire {
  const child = spawn(placeOf().program, [ISSUER, DOMAIN], { stdio: ['pipe', 'pipe', 'inherit'] });
  const stop = () => void child.kill('SIGKILL');
  process.once('exit', stop);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (question: object): Promise<{ readonly text: string; readonly error?: string }> => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('the peer ended');
    return JSON.parse(value);
  };
  const must = async (question: object): Promise<string> => {
    const { text, error } = await ask(question);
    if (error !== undefined) throw new Error(`SPIRE: ${error}`);
    return text;
  };
  return {
    sign: (path, audience) => must({ Do: 'sign', Path: path, Audience: audience }),
    change: () => must({ Do: 'change' }),
    bundle: () => must({ Do: 'bundle' }),
    validate: async ({ domain, bundle, audience, token }) => {
      const question = { Do: 'validate', Domain: domain, Bundle: bundle, Audience: audience, Token: token };
      const { text, error } = await ask(question);
      return error === undefined ? text : 'refused';
    },
    stop,
  };
}
