/**
 * The broker before a real git over HTTP and a real sshd: what works, what is refused, and the tables of its README, which are made here. Where there is no
 * sshd the part about it is skipped and says so.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { collectionFrom, observationFrom } from '@macadam/adapters/facts/line';
import { assetsOf } from '@macadam/core/facts/asset';
import { ingest } from '@macadam/core/facts/ingest';
import type { Observation } from '@macadam/core/facts/observation';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import {
  type Access,
  type Broker,
  type BrokerStore,
  brokerHandler,
  createBroker,
  developmentSigner,
  fileStore,
  gitGuard,
  type Rule,
} from '../../paved/broker/index.ts';
import { createValidator, fixedKeys } from '../../paved/token/index.ts';
import { AUDIENCE, accessToken, ISSUER, testKey } from '../../testing/token/issuing.ts';
import { findSshd, gitBackend, sshCommand, sshServer } from '../push/transports.ts';

const PROGRAM = join(import.meta.dirname, '../../paved/broker/main.ts');
const README = readFileSync(join(import.meta.dirname, '../../paved/broker/README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'macadam-broker-'));
const root = join(folder, 'repositories');
const logins = join(folder, 'logins');
const key = testKey('ES256', 'login-1');
const signer = developmentSigner();
const rules: readonly Rule[] = [
  { when: { sub: 'ann' }, repositories: ['acme/*'], access: 'write', longest: 86_400 },
  { when: { sub: ['bo', 'ann'] }, repositories: ['acme/shop'], access: 'read', longest: 3_600 },
];
const login = (sub: string, more: object = {}): string => {
  const now = Math.floor(Date.now() / 1000);
  return accessToken(key, { sub, iat: now, exp: now + 3_600, ...more });
};

/** How far the clock of the broker is behind that of the machine. */
const behind = { seconds: 0 };
let store: BrokerStore;
let broker: Broker;
let server: Server;
let address: string;

function brokerOf(by = signer): Broker {
  return createBroker({
    login: createValidator({
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['ES256'],
      keys: fixedKeys([key.jwk], ['ES256']),
      service: 'broker',
    }),
    rules,
    store,
    signer: by,
    host: 'git.example.com',
    serve: `${process.execPath} ${PROGRAM} serve --root ${root}`,
    clock: () => Date.now() - behind.seconds * 1000,
    accounts: ['git', ...people],
  });
}
const people: string[] = [];

before(async () => {
  for (const name of ['acme/shop', 'acme/lib', 'other/safe']) {
    const bare = join(root, `${name}.git`);
    mkdirSync(bare, { recursive: true });
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', bare]);
    execFileSync('git', ['--git-dir', bare, 'config', 'http.receivepack', 'true']);
  }
  store = fileStore(join(folder, 'issued.db'));
  broker = brokerOf();
  const handle = brokerHandler(broker);
  const guard = gitGuard(broker);
  server = createServer((request, response) => {
    if (/^\/(tokens|certificates|revoked|authorities)$/.test(request.url ?? ''))
      return void handle(request, response);
    guard(request, response, () => gitBackend(root, request, response));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
function switchedOff(): Promise<void> {
  server.closeAllConnections();
  return new Promise((closed) => server.close(() => closed()));
}

after(async () => {
  await switchedOff();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const quiet = {
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

interface Said {
  readonly works: boolean;
  readonly said: string;
}

/** Beside this process, which answers it. */
function git(parameters: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Said> {
  return new Promise((done) => {
    execFile('git', parameters, { env: { ...quiet, ...more }, cwd: folder }, (error, _out, said) =>
      done({ works: error === null, said }),
    );
  });
}

async function token(sub: string, repositories: readonly string[], access: Access, life?: number) {
  const given = await broker.token(login(sub), {
    repositories,
    access,
    ...(life === undefined ? {} : { life }),
  });
  assert.ok(given.ok, JSON.stringify(given));
  return given;
}

const withToken = (secret: string, repository: string) =>
  git(['ls-remote', `${address.replace('//', `//broker:${secret}@`)}/${repository}.git`]);
/** A push that brings nothing is asked for in the same way. */
const pushWith = (secret: string, repository: string) =>
  git([
    '-C',
    clone,
    'push',
    `${address.replace('//', `//broker:${secret}@`)}/${repository}.git`,
    'HEAD:refs/heads/main',
  ]);
const clone = join(folder, 'clone');

interface Row {
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

const holdsTable = (rows: readonly Row[]): void =>
  assert.ok(
    README.includes(tableOf(rows)),
    `paved/broker/README.md holds another table than:\n${tableOf(rows)}`,
  );

test('git gets its token from the helper, clones and pushes, and the file of what was given holds none', async () => {
  writeFileSync(logins, `${login('ann')}\n${login('ann')}\n`);
  const next = `sed -n 1p ${logins}; sed -i 1d ${logins}`;
  const helper = `!${process.execPath} ${PROGRAM} credential --broker ${address} --access write --login '${next}'`;
  const configured = ['-c', `credential.helper=${helper}`, '-c', 'credential.useHttpPath=true'];
  const cloned = await git([...configured, 'clone', '-q', `${address}/acme/shop.git`, clone]);
  assert.ok(cloned.works, cloned.said);
  await git(['-C', clone, 'commit', '-q', '--allow-empty', '-m', 'one']);
  const pushed = await git([...configured, '-C', clone, 'push', '-q', 'origin', 'HEAD:main']);
  assert.ok(pushed.works, pushed.said);
  const given = await token('ann', ['acme/shop'], 'read');
  const files = ['issued.db', 'issued.db-wal'].map((name) => readFileSync(join(folder, name)));
  for (const file of files) {
    assert.ok(!file.includes(given.token), 'no token is at rest');
    assert.ok(!file.includes('macb_'));
  }
});

test('what a token does not open, and what still works, over git HTTP', async () => {
  const rows: Row[] = [];
  const row = (what: string, { works, said }: Said, refused?: RegExp): void => {
    assert.equal(works, refused === undefined, `${what}: ${said}`);
    if (refused !== undefined) assert.match(said, refused, what);
    rows.push({ what, answer: works ? 'works' : `refused (${/\b40[134]\b/.exec(said)?.[0] ?? '401'})` });
  };
  const read = await token('ann', ['acme/shop'], 'read');
  const write = await token('ann', ['acme/shop'], 'write', 3_600);
  row('a token to read reads its repository', await withToken(read.token, 'acme/shop'));
  row('a token to write pushes', await pushWith(write.token, 'acme/shop'));
  row('a token to read pushes', await pushWith(read.token, 'acme/shop'), /403/);
  row('another repository of the same owner', await withToken(read.token, 'acme/lib'), /403/);
  row(
    'the repository by a path around its name',
    await withToken(read.token, 'acme/shop/../lib'),
    /40[34]|not found/,
  );
  row('no token', await git(['ls-remote', `${address}/acme/shop.git`]), /could not read|401|Authentication/);
  row('a made-up token', await withToken(`macb_${'A'.repeat(43)}`, 'acme/shop'), /Authentication failed/);
  behind.seconds = -3_601;
  row(
    'a token a second after its end, by the clock of the broker',
    await pushWith(write.token, 'acme/shop'),
    /Authentication failed/,
  );
  behind.seconds = 0;
  row('the same token where that clock is set back', await pushWith(write.token, 'acme/shop'));
  const stolen = await token('ann', ['acme/shop'], 'write');
  assert.ok(broker.revoke({ subject: 'ann' }) >= 3);
  row(
    'a stolen token, after everything of its person was taken back',
    await withToken(stolen.token, 'acme/shop'),
    /Authentication failed/,
  );
  const anew = await token('ann', ['acme/shop'], 'read');
  row('the next one of the same person', await withToken(anew.token, 'acme/shop'));
  broker.revoke({ id: anew.id });
  holdsTable(rows);
});

/** One whose store is gone. */
function brokerOfBroken(): Broker {
  const gone = fileStore(join(folder, 'gone.db'));
  gone.close();
  return createBroker({
    login: { validate: async () => ({ ok: true, claims: { sub: 'ann', exp: Date.now() / 1000 + 60 } }) },
    rules,
    store: gone,
    signer,
    host: 'git.example.com',
    serve: 'serve',
  });
}

test('what a login does not get from the broker', async () => {
  const rows: Row[] = [];
  const asked = async (what: string, by: string, request: object, path = '/tokens') => {
    const response = await fetch(address + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${by}` },
      body: JSON.stringify({ repositories: ['acme/shop'], access: 'read', ...request }),
    });
    const { reason } = (await response.json()) as { reason?: string };
    rows.push({
      what,
      answer: response.status === 201 ? 'given' : `refused (${response.status}, ${reason})`,
    });
  };
  const now = Math.floor(Date.now() / 1000);
  const once = login('bo');
  await asked('a login of today, for what a rule gives', once, {});
  await asked('the same login again (replay)', once, {});
  await asked('the same login again, for a certificate', once, { public_key: ED25519 }, '/certificates');
  await asked('a login that ended 31 seconds ago', login('bo', { iat: now - 331, exp: now - 31 }), {});
  await asked(
    'one that ended 5 seconds ago (clocks may differ by 30)',
    login('bo', { iat: now - 305, exp: now - 5 }),
    {},
  );
  await asked('a login for another service', login('bo', { aud: 'https://other.example.com' }), {});
  await asked('a login whose signature was changed', `${login('bo').slice(0, -4)}AAAA`, {});
  await asked('nothing', 'none', {});
  await asked('write, where the rule gives read', login('bo'), { access: 'write' });
  await asked('a repository that no rule names', login('bo'), { repositories: ['acme/shop', 'acme/lib'] });
  await asked('a name with `..` in it', login('ann'), { repositories: ['acme/../other/safe'] });
  await asked('eight days', login('ann'), { life: 8 * 86_400 });
  await asked(
    'a key of RSA or none',
    login('ann'),
    { public_key: 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB' },
    '/certificates',
  );
  await asked('somebody without a rule', login('zoe'), {});
  await asked('words that are none', login('ann'), { access: 'admin' });
  holdsTable(rows);
  const response = await new Promise<number>((done) => {
    const other = createServer(brokerHandler(brokerOfBroken())).listen(0, '127.0.0.1', async () => {
      const { port } = other.address() as AddressInfo;
      const { status } = await fetch(`http://127.0.0.1:${port}/tokens`, {
        method: 'POST',
        headers: { authorization: 'Bearer x' },
        body: JSON.stringify({ repositories: ['acme/shop'], access: 'read' }),
      });
      other.closeAllConnections();
      other.close(() => done(status));
    });
  });
  assert.equal(response, 503, 'a broker that cannot write it down gives nothing');
});

const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';

test('what a certificate says is what OpenSSH reads, for every sort of key', async () => {
  const kinds = [['ed25519'], ['ecdsa', '-b', '256'], ['ecdsa', '-b', '384'], ['ecdsa', '-b', '521']];
  for (const [at, [type = '', ...more]] of kinds.entries()) {
    const file = join(folder, `key-${at}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, ...more, '-N', '', '-f', file]);
    const given = await broker.certificate(login('ann'), readFileSync(`${file}.pub`, 'utf8'), {
      repositories: ['acme/shop', 'acme/lib'],
      access: 'write',
    });
    assert.ok(given.ok, JSON.stringify(given));
    writeFileSync(`${file}-cert.pub`, given.certificate);
    const shown = execFileSync('ssh-keygen', ['-L', '-f', `${file}-cert.pub`], { encoding: 'utf8' });
    assert.match(shown, new RegExp(`Serial: ${given.id}\\n`));
    assert.match(shown, /force-command .* serve --root .* write acme\/shop acme\/lib\n/);
    assert.match(shown, /Extensions: \(none\)/);
    const list = join(folder, 'revoked');
    const isRevoked = (): boolean => {
      writeFileSync(list, broker.revocationList());
      try {
        execFileSync('ssh-keygen', ['-Q', '-f', list, `${file}-cert.pub`], { stdio: 'ignore' });
        return false;
      } catch {
        return true;
      }
    };
    assert.equal(isRevoked(), false, type);
    broker.revoke({ id: given.id });
    assert.equal(isRevoked(), true, type);
  }
});

test('what was given is seen by `macadam ingest`, and lives days at most', async () => {
  const given = await token('bo', ['acme/shop'], 'read');
  const [head = '', ...lines] = broker.observations().trimEnd().split('\n');
  const at = new Date(Date.now() + 1000).toISOString();
  const mistakes: object[] = [];
  const collection = collectionFrom(JSON.parse(head).collection, 1, at, (one) => mistakes.push(one));
  const observations = lines.map((line, number) =>
    observationFrom(JSON.parse(line), number + 2, collection, at, (one) => mistakes.push(one)),
  ) as Observation[];
  assert.deepEqual(mistakes, []);
  const { kinds, standards } = loadCatalogue([join(import.meta.dirname, '../..')]);
  const assets = assetsOf(
    kinds,
    observations.flatMap((one) => {
      const { observation, problems } = ingest(kinds, one);
      assert.deepEqual(problems, []);
      return observation ?? [];
    }),
  );
  const standard = standards.find(({ id }) => id === 'derived-credentials-live-days');
  const found = assets.find(({ id }) => id.endsWith(`/broker/${given.id}`));
  assert.ok(standard && found);
  const now = new Date(at);
  assert.equal(evaluate(standard.compiled, found, { asOf: now, real: now }).verdict, 'pass');
});

test('what a certificate opens at a real sshd, and what not', async (context) => {
  if (findSshd() === null) return context.skip('there is no sshd here: name the program in MACADAM_SSHD');
  const list = join(folder, 'ssh-revoked');
  writeFileSync(list, broker.revocationList());
  const other = brokerOf(developmentSigner());
  const { port, person, keys, close } = await sshServer(folder, (at) => {
    writeFileSync(join(at, 'authorities'), broker.authorities());
    return [`TrustedUserCAKeys ${join(at, 'authorities')}`, 'AuthorizedKeysFile none', `RevokedKeys ${list}`];
  });
  people.push(person);
  broker = brokerOf();
  const rows: Row[] = [];
  const file = join(keys, 'person');
  const publicKey = readFileSync(`${file}.pub`, 'utf8');
  const GIT_SSH_COMMAND = sshCommand(file);
  const certified = async (access: Access, by = broker) => {
    const given = await by.certificate(login('ann'), publicKey, { repositories: ['acme/shop'], access });
    assert.ok(given.ok, JSON.stringify(given));
    writeFileSync(`${file}-cert.pub`, given.certificate);
    return given;
  };
  const at = (repository: string) => `ssh://${person}@127.0.0.1:${port}/${repository}.git`;
  const reads = (repository: string) => git(['ls-remote', at(repository)], { GIT_SSH_COMMAND });
  const pushes = () =>
    git(['-C', clone, 'push', at('acme/shop'), 'HEAD:refs/heads/ssh'], { GIT_SSH_COMMAND });
  const row = (what: string, { works, said }: Said, expected: boolean): void => {
    assert.equal(works, expected, `${what}: ${said}`);
    const why = /macadam-broker: (this certificate [^\n]*)/.exec(said)?.[1];
    const refused = why === undefined ? 'refused by sshd' : 'refused by the command';
    rows.push({ what, answer: works ? 'works' : refused });
  };
  try {
    row('a key without a certificate', await reads('acme/shop'), false);
    await certified('read');
    row('a certificate to read reads its repository', await reads('acme/shop'), true);
    row('it pushes', await pushes(), false);
    row('another repository', await reads('acme/lib'), false);
    row('the repository by a path around its name', await reads('acme/shop/../lib'), false);
    const command = [...GIT_SSH_COMMAND.replaceAll("'", '').split(' ').slice(1), '-p', String(port)];
    const shell = await new Promise<Said>((done) =>
      execFile('ssh', [...command, `${person}@127.0.0.1`, 'id'], (error, _out, said) =>
        done({ works: error === null, said }),
      ),
    );
    row('another command than git', shell, false);
    const write = await certified('write');
    row('a certificate to write pushes', await pushes(), true);
    await switchedOff();
    row('the same with the broker switched off', await reads('acme/shop'), true);
    broker.revoke({ id: write.id });
    row('taken back, before the server has the new list', await reads('acme/shop'), true);
    writeFileSync(list, broker.revocationList());
    row('taken back, at the next connection after that', await reads('acme/shop'), false);
    behind.seconds = 3_601;
    await certified('read');
    row('a second after its end', await reads('acme/shop'), false);
    behind.seconds = -50;
    await certified('read');
    row('the clock of the server 50 seconds behind that of the broker', await reads('acme/shop'), true);
    behind.seconds = -3_600;
    await certified('read');
    row('the clock of the server an hour behind', await reads('acme/shop'), false);
    behind.seconds = 0;
    await certified('read', other);
    row('a certificate of an authority that the server does not trust', await reads('acme/shop'), false);
  } finally {
    behind.seconds = 0;
    await close();
  }
  holdsTable(rows);
});
