/** The server as `npm start` runs it: a process of its own, of which a test sees what people see. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { preparedPlace } from '../decisions/prepared.ts';
import { until } from '../until.ts';

const MAIN = join(import.meta.dirname, '../../apps/server/main.ts');

export class StartedServer {
  readonly #child: ChildProcess;
  #said = '';
  #cookie = '';
  url = '';

  constructor(
    args: readonly string[],
    { cache, env = {} }: { readonly cache: string; readonly env?: Readonly<Record<string, string>> },
  ) {
    const data = args[args.indexOf('--data') + 1];
    if (args.includes('--data') && data !== undefined) preparedPlace(join(data, 'decisions'));
    this.#child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, XDG_CACHE_HOME: cache, DATABASE_URL: '', ...env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text;
      });
  }

  /** Logs in by the link that it prints, as whoever started it does. */
  async login(): Promise<void> {
    const link = await until(
      'the server prints a link',
      () => {
        assert.equal(this.#child.exitCode, null, `the server ended: ${this.#said}`);
        return /http:\/\/\S+\/login\/link\S*/.exec(this.#said)?.[0];
      },
      () => this.#said,
    );
    this.url = new URL('/', link).href;
    const answer = await fetch(link, { redirect: 'manual' });
    this.#cookie = answer.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    assert.notEqual(this.#cookie, '', `nobody was logged in: ${answer.status}`);
  }

  /** Waits until it answers at a known address, for somebody who was logged in before it was started again. */
  async resume(url: string, cookie: string): Promise<void> {
    this.url = url;
    this.#cookie = cookie;
    await until(
      'the server says where it is',
      () => {
        assert.equal(this.#child.exitCode, null, `the server ended: ${this.#said}`);
        return this.#said.includes(url);
      },
      () => this.#said,
    );
  }

  /** As a browser sends it that is logged in. */
  get cookie(): string {
    return this.#cookie;
  }

  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const origin = new URL(this.url).origin;
    const headers = { cookie: this.#cookie, origin, ...(init.headers as Record<string, string>) };
    return fetch(new URL(path, this.url), { ...init, headers });
  }

  // biome-ignore lint/suspicious/noExplicitAny: what an answer is, each test says
  async json(path: string): Promise<any> {
    return (await this.ask(path)).json();
  }

  get said(): string {
    return this.#said;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async end(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGTERM');
    return ended;
  }
}
