/** A broker in front of a real git over HTTP, with two owners and three repositories, and what is tried there as rows of a table. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Access,
  type Broker,
  brokerRoutes,
  createBroker,
  developmentSigner,
  fileStore,
  gitGuard,
  type Rule,
  type Signer,
} from '../../paved/broker/index.ts';
import { createValidator, fixedKeys } from '../../paved/token/index.ts';
import { AUDIENCE, accessToken, ISSUER, testKey } from '../../testing/token/issuing.ts';
import { gitBackend } from '../push/transports.ts';

export const PROGRAM: string = join(import.meta.dirname, '../../paved/broker/main.ts');
const README = readFileSync(join(import.meta.dirname, '../../paved/broker/README.md'), 'utf8');
export const RULES: readonly Rule[] = [
  { when: { sub: 'ann' }, repositories: ['acme/*'], access: 'write', longest: 86_400 },
  { when: { sub: ['bo', 'ann'] }, repositories: ['acme/shop'], access: 'read', longest: 3_600 },
];
const key = testKey('ES256', 'login-1');

/** A login of the test's own provider, good for an hour. */
export const loginOf = (sub: string, more: object = {}): string => {
  const now = Math.floor(Date.now() / 1000);
  return accessToken(key, { sub, iat: now, exp: now + 3_600, ...more });
};

export interface Said {
  readonly works: boolean;
  readonly said: string;
}

export interface Row {
  readonly what: string;
  readonly answer: string;
}

function tableOf(rows: readonly Row[]): string {
  const head = [{ what: 'what is tried', answer: 'what comes of it' }, ...rows];
  const wide = Math.max(...head.map(({ what }) => what.length));
  const other = Math.max(...head.map(({ answer }) => answer.length));
  const line = ({ what, answer }: Row) => `| ${what.padEnd(wide)} | ${answer.padEnd(other)} |`;
  const [first, ...rest] = head.map(line);
  return [first, `| ${'-'.repeat(wide)} | ${'-'.repeat(other)} |`, ...rest].join('\n');
}

/** What is wrong with the README of the broker, or null where it holds the table of these rows. */
export const tableLacking = (rows: readonly Row[]): string | null =>
  README.includes(tableOf(rows))
    ? null
    : `paved/broker/README.md holds another table than:\n${tableOf(rows)}`;

export type BrokerScene = Awaited<ReturnType<typeof brokerScene>>;

/** `people`: accounts of the SSH server. */
export async function brokerScene(people: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-broker-'));
  const root = join(folder, 'repositories');
  for (const name of ['acme/shop', 'acme/lib', 'other/safe']) {
    const bare = join(root, `${name}.git`);
    mkdirSync(bare, { recursive: true });
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', bare]);
    execFileSync('git', ['--git-dir', bare, 'config', 'http.receivepack', 'true']);
  }
  /** How far the clock of the broker is behind that of the machine. */
  const behind = { seconds: 0 };
  const store = fileStore(join(folder, 'issued.db'));
  const signer = developmentSigner();
  const brokerOf = (by: Signer): Broker =>
    createBroker({
      login: createValidator({
        issuer: ISSUER,
        audience: AUDIENCE,
        algorithms: ['ES256'],
        keys: fixedKeys([key.jwk], ['ES256']),
        service: 'broker',
      }),
      rules: RULES,
      store,
      signer: by,
      host: 'git.example.com',
      serve: `${process.execPath} ${PROGRAM} serve --root ${root}`,
      clock: () => Date.now() - behind.seconds * 1000,
      accounts: ['git', ...people],
    });
  const broker = brokerOf(signer);
  const handle = brokerRoutes(broker);
  const guard = gitGuard(broker);
  const server = createServer((request, response) => {
    if (/^\/(tokens|certificates|revoked|authorities)$/.test(request.url ?? ''))
      return void handle(request, response);
    guard(request, response, () => gitBackend(root, request, response));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    // A server that runs as somebody else owns the folder.
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.com',
  };
  /** Beside this process, which answers it. */
  const run = (
    command: string,
    parameters: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Promise<Said> =>
    new Promise((done) => {
      const options = { env: { ...environment, ...more }, cwd: folder };
      execFile(command, parameters, options, (error, _out, said) => done({ works: error === null, said }));
    });

  async function token(sub: string, repositories: readonly string[], access: Access) {
    const given = await broker.token(loginOf(sub), { repositories, access });
    assert.ok(given.ok, JSON.stringify(given));
    return given;
  }

  const switchedOff = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((closed) => server.close(() => closed()));
  };
  const close = async (): Promise<void> => {
    await switchedOff();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, address, behind, store, broker, brokerOf, run, token, switchedOff, close };
}
