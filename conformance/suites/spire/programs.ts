/**
 * SPIRE's own server and agent as two processes: the agent joins by a token, the kernel tells it who asks, and the server federates over HTTPS. They are built once,
 * from the source that Go's module proxy gives. Their lists of plugins are cut to those that need no cloud, which leaves 1,100 of 2,300 packages; nothing else is changed.
 */
import { execFile, execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedSpire, VERSION } from './process.ts';

/** Plugins of the server and the agent that need no cloud. */
const KEPT = new Set(['disk', 'memory', 'jointoken', 'unix', 'x509pop', 'uniqueid']);
const PLUGIN = /^\t(?:(\w+) )?"github\.com\/spiffe\/spire\/pkg\/\w+\/plugin\/\w+\/(\w+)"\n/gm;
const BUILT_IN = /^\t\t(\w+)\.BuiltIn\(\),\n/gm;
export const SPIRE_DOMAIN = 'spire.example';
const WORKLOAD = `spiffe://${SPIRE_DOMAIN}/shop/orders`;

const programs = () => cachedSpire('programs');

/** A list of plugins without those of clouds. */
function withoutClouds(source: string): string {
  const gone = new Set<string>();
  const imported = source.replace(PLUGIN, (line, alias: string | undefined, name: string) => {
    if (KEPT.has(name)) return line;
    gone.add(alias ?? name);
    return '';
  });
  return imported.replace(BUILT_IN, (line, name: string) => (gone.has(name) ? '' : line));
}

const failed = (what: string, { stderr }: SpawnSyncReturns<string>) =>
  `SPIRE: ${what} failed: ${stderr.trim().split('\n').at(-1)}`;

/** Null where the programs are there, or could be built. */
export function lacksPrograms(): string | null {
  const folder = programs();
  if (existsSync(join(folder, 'spire-agent')) && existsSync(join(folder, 'spire-server'))) return null;
  const asked = spawnSync('go', ['mod', 'download', '-json', `github.com/spiffe/spire@${VERSION}`], {
    encoding: 'utf8',
  });
  if (asked.status !== 0) return failed('go mod download', asked);
  const source = join(folder, 'source');
  rmSync(source, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // The cache of modules is not to be written to, and what is copied from it must be.
  execFileSync('cp', ['-r', '--no-preserve=mode', JSON.parse(asked.stdout).Dir, source]);
  for (const side of ['server', 'agent']) {
    const lists = join(source, 'pkg', side, 'catalog');
    for (const name of readdirSync(lists).filter((one) => one !== 'catalog.go' && !one.endsWith('_test.go')))
      writeFileSync(join(lists, name), withoutClouds(readFileSync(join(lists, name), 'utf8')));
  }
  console.error(`building server and agent of SPIRE ${VERSION} (once, some minutes) …`);
  for (const name of ['spire-server', 'spire-agent']) {
    const built = spawnSync('go', ['build', '-o', join(folder, `${name}.new`), `./cmd/${name}`], {
      cwd: source,
      env: { ...process.env, GOFLAGS: '-mod=mod -buildvcs=false' },
      encoding: 'utf8',
    });
    if (built.status !== 0) return failed(`go build of ${name}`, built);
    copyFileSync(join(folder, `${name}.new`), join(folder, name));
  }
  return null;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  return address.port;
}

export interface ServingCertificate {
  readonly key: string;
  readonly certificate: string;
}

/** For 127.0.0.1, in files below `folder`. */
export function makeServingCertificate(folder: string): ServingCertificate {
  const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.pem')];
  const words =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1';
  execFileSync('openssl', [...words.split(' '), '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  return { key, certificate };
}

/** `fetch` for addresses of one certificate, which nobody else trusts. */
export const fetchTrusting =
  ({ certificate }: ServingCertificate): typeof fetch =>
  async (url) => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    request(String(url), { ca: readFileSync(certificate) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 0 })),
      );
    })
      .on('error', reject)
      .end();
    return promise;
  };

export interface SpirePrograms {
  /** Where the server publishes its bundle. */
  readonly bundleUrl: string;
  /** A token of the agent's workload API, for this process as the workload. */
  readonly fetchToken: (audience: string) => Promise<string>;
  /** The SPIFFE id that the agent finds in a token, or `refused`. */
  readonly validate: (audience: string, token: string) => Promise<string>;
  /** The server signs with another key from now on, which its bundle had before. */
  readonly changeKey: () => Promise<void>;
  /** The server asks for the bundle of the other trust domain now. */
  readonly refresh: () => Promise<void>;
  readonly stop: () => void;
}

const run = promisify(execFile);

/** Until it no longer throws: programs start when they start. Where `ended` says why one did not, there is nothing to wait for. */
export async function eventually<T>(
  act: () => Promise<T>,
  ended: () => string | null = () => null,
): Promise<T> {
  const until = Date.now() + 300_000;
  for (;;)
    try {
      return await act();
    } catch (error) {
      const why = ended();
      if (why !== null) throw new Error(why, { cause: error });
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
}

/** Federated with `domain`, whose bundle stands at `bundleUrl`. They end with this process, unless somebody kills it. */
export async function startPrograms(
  folder: string,
  tls: ServingCertificate,
  { domain, bundleUrl }: { readonly domain: string; readonly bundleUrl: string },
): Promise<SpirePrograms> {
  const [port, bundlePort] = [await freePort(), await freePort()];
  const [serverSocket, agentSocket] = [join(folder, 'server.sock'), join(folder, 'agent.sock')];
  const sql = `database_type = "sqlite3"\n connection_string = "${join(folder, 'store.db')}"`;
  writeFileSync(
    join(folder, 'server.conf'),
    `server {
  bind_address = "127.0.0.1"
  bind_port = "${port}"
  socket_path = "${serverSocket}"
  trust_domain = "${SPIRE_DOMAIN}"
  jwt_issuer = "https://${SPIRE_DOMAIN}"
  data_dir = "${folder}/server"
  federation {
    bundle_endpoint {
      address = "127.0.0.1"
      port = ${bundlePort}
      profile "https_web" {
        serving_cert_file {
          cert_file_path = "${tls.certificate}"
          key_file_path = "${tls.key}"
          file_sync_interval = "1h"
        }
      }
    }
    federates_with "${domain}" {
      bundle_endpoint_url = "${bundleUrl}"
      bundle_endpoint_profile "https_web" {}
    }
  }
  experimental { cache_reload_interval = "1s" }
}
plugins {
  DataStore "sql" { plugin_data { ${sql} } }
  KeyManager "memory" { plugin_data {} }
  NodeAttestor "join_token" { plugin_data {} }
}
`,
  );
  writeFileSync(
    join(folder, 'agent.conf'),
    `agent {
  data_dir = "${folder}/agent"
  server_address = "127.0.0.1"
  server_port = "${port}"
  socket_path = "${agentSocket}"
  trust_bundle_path = "${folder}/bootstrap.pem"
  trust_domain = "${SPIRE_DOMAIN}"
  experimental { sync_interval = "1s" }
}
plugins {
  KeyManager "memory" { plugin_data {} }
  NodeAttestor "join_token" { plugin_data {} }
  WorkloadAttestor "unix" { plugin_data {} }
}
`,
  );
  const [serverProgram, agentProgram] = [join(programs(), 'spire-server'), join(programs(), 'spire-agent')];
  const children: ReturnType<typeof spawn>[] = [];
  const stop = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  process.once('exit', stop);
  const start = (program: string, ...words: string[]) => {
    // The server trusts whom the machine trusts, and here the one certificate of both sides.
    const env = { ...process.env, SSL_CERT_FILE: tls.certificate };
    const child = spawn(program, ['run', ...words], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        said = `${said}${text}`.slice(-2000);
      });
    children.push(child);
  };
  let said = '';
  const ended = () => {
    const gone = children.find(({ exitCode }) => exitCode !== null);
    return gone === undefined ? null : `a program of SPIRE ended (${gone.exitCode}): ${said}`;
  };
  const server = async (...words: string[]) =>
    (await run(serverProgram, [...words, '-socketPath', serverSocket])).stdout;
  const agent = async (...words: string[]) =>
    (await run(agentProgram, [...words, '-socketPath', agentSocket])).stdout;

  start(serverProgram, '-config', join(folder, 'server.conf'));
  await eventually(() => server('healthcheck'), ended);
  writeFileSync(join(folder, 'bootstrap.pem'), await server('bundle', 'show'));
  const joining = (await server('token', 'generate', '-output', 'json')).trim();
  const { value } = JSON.parse(joining) as { readonly value: string };
  const entry = `entry create -parentID spiffe://${SPIRE_DOMAIN}/spire/agent/join_token/${value} -spiffeID ${WORKLOAD} -selector unix:uid:${process.getuid?.()} -federatesWith spiffe://${domain}`;
  await eventually(() => server(...entry.split(' ')), ended);
  start(agentProgram, '-config', join(folder, 'agent.conf'), '-joinToken', value);
  await eventually(() => agent('healthcheck'), ended);

  return {
    bundleUrl: `https://127.0.0.1:${bundlePort}/`,
    fetchToken: async (audience) => {
      const said = await eventually(() => agent('api', 'fetch', 'jwt', '-audience', audience), ended);
      return /^token\([^)]*\):\s+(\S+)/m.exec(said)?.[1] ?? said;
    },
    validate: async (audience, token) => {
      try {
        const said = await agent('api', 'validate', 'jwt', '-audience', audience, '-svid', token);
        return /^SPIFFE ID\s*:\s*(\S+)/m.exec(said)?.[1] ?? said;
      } catch (error) {
        const said = String((error as { stderr?: string }).stderr ?? error);
        if (said.includes('SVID is not valid')) return 'refused';
        throw error;
      }
    },
    async changeKey() {
      const prepared = await server('localauthority', 'jwt', 'prepare');
      const id = /Authority ID:\s*(\S+)/.exec(prepared)?.[1] ?? '';
      await server('localauthority', 'jwt', 'activate', '-authorityID', id);
    },
    refresh: async () => void (await server('federation', 'refresh', '-id', `spiffe://${domain}`)),
    stop,
  };
}
