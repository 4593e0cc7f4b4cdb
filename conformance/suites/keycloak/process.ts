/** A Keycloak of its own: got from Maven at its first use, started with everything in memory, and asked as its administrator. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';

const VERSION = '26.4.0';
const home = join(import.meta.dirname, '../../node_modules/.keycloak');
const program = join(home, `keycloak-${VERSION}`, 'bin/kc.sh');
const ADMIN = { name: 'admin', password: 'an-administrator-of-a-test' };

const said = ({ error, stderr }: { error?: Error | undefined; stderr: string }): string =>
  error?.message ?? stderr.trim().split('\n').at(-1) ?? '';

/** Null where it is there, or could be had. */
export function lacksKeycloak(): string | null {
  if (existsSync(program)) return null;
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (java.status !== 0) return `java 17 or later (${said(java)})`;
  const parts = join(home, 'parts');
  rmSync(parts, { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  const artifact = `org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`;
  const got = spawnSync(
    'mvn',
    ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${parts}`],
    { encoding: 'utf8' },
  );
  if (got.status !== 0) return `mvn, which gets ${artifact} (${said(got)})`;
  const zip = join(parts, `keycloak-quarkus-dist-${VERSION}.zip`);
  const unpacked = spawnSync('unzip', ['-q', zip, '-d', parts], { encoding: 'utf8' });
  if (unpacked.status !== 0) return `unzip (${said(unpacked)})`;
  // It has its name only when all of it is there.
  renameSync(join(parts, `keycloak-${VERSION}`), join(home, `keycloak-${VERSION}`));
  rmSync(parts, { recursive: true, force: true });
  return existsSync(program) ? null : `keycloak ${VERSION}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export type Body = Readonly<Record<string, unknown>>;

export class Keycloak {
  readonly #child: ChildProcess;
  #said = '';
  readonly url: string;

  private constructor(port: number, management: number) {
    this.url = `http://127.0.0.1:${port}`;
    const args = [
      'start-dev',
      '--db=dev-mem',
      '--cache=local',
      '--http-host=127.0.0.1',
      `--http-port=${port}`,
      `--http-management-port=${management}`,
    ];
    this.#child = spawn(program, args, {
      env: {
        ...process.env,
        KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.name,
        KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
      },
      // Its script starts another process: both are ended together.
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text;
      });
  }

  static async started(): Promise<Keycloak> {
    const made = new Keycloak(await freePort(), await freePort());
    await made.#listening();
    return made;
  }

  /** Until it says so itself: how long its first start takes says nothing about it. */
  async #listening(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (this.#said.includes('Listening on:')) resolve();
      };
      this.#child.stdout?.on('data', look);
      this.#child.once('close', () => reject(new Error(`Keycloak ended: ${this.#said.slice(-2000)}`)));
      look();
    });
  }

  /** A request of the administrator. Rejects for an answer that is no success. */
  async admin(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.url}/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#token()}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answers ${answer.status}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  async #token(): Promise<string> {
    return this.token('master', {
      grant_type: 'password',
      client_id: 'admin-cli',
      username: ADMIN.name,
      password: ADMIN.password,
    });
  }

  async token(realm: string, form: Readonly<Record<string, string>>): Promise<string> {
    const { status, body } = await this.ask(realm, 'token', form);
    if (typeof body.access_token !== 'string') throw new Error(`no token of ${realm}: ${status}`);
    return body.access_token;
  }

  /** An endpoint of a realm below `openid-connect`, asked as a client asks it. */
  async ask(
    realm: string,
    endpoint: string,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly status: number; readonly body: Body }> {
    const answer = await fetch(`${this.url}/realms/${realm}/protocol/openid-connect/${endpoint}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(form),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? {} : JSON.parse(text) };
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    if (this.#child.exitCode === null) {
      process.kill(-(this.#child.pid ?? 0), 'SIGTERM');
      await ended;
    }
  }
}
