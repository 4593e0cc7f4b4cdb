/** The broker before a real git over HTTP: what works, what is refused, and two of the tables of its README, which are made here. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { collectionFrom, observationFrom } from '@macadam/adapters/facts/line';
import { assetsOf } from '@macadam/core/facts/asset';
import { ingest } from '@macadam/core/facts/ingest';
import type { Observation } from '@macadam/core/facts/observation';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import {
  type Broker,
  brokerRoutes,
  createBroker,
  developmentSigner,
  fileStore,
} from '../../paved/broker/index.ts';
import {
  type BrokerScene,
  brokerScene,
  loginOf,
  PROGRAM,
  type Row,
  RULES,
  type Said,
  tableLacking,
} from './scene.ts';

let scene: BrokerScene;
before(async () => {
  scene = await brokerScene();
});
after(() => scene.close());

const git = (parameters: readonly string[]): Promise<Said> => scene.run('git', parameters);
const addressWith = (secret: string, repository: string): string =>
  `${scene.address.replace('//', `//broker:${secret}@`)}/${repository}.git`;
const withToken = (secret: string, repository: string) => git(['ls-remote', addressWith(secret, repository)]);
/** A push that brings nothing is asked for in the same way. */
const pushWith = (secret: string, repository: string) =>
  git(['-C', 'clone', 'push', addressWith(secret, repository), 'HEAD:refs/heads/main']);

test('git gets its token from the helper, clones and pushes, and the file of what was given holds none', async () => {
  const { folder, address, token } = scene;
  const logins = join(folder, 'logins');
  writeFileSync(logins, `${loginOf('ann')}\n${loginOf('ann')}\n`);
  const next = `sed -n 1p ${logins}; sed -i 1d ${logins}`;
  const helper = `!${process.execPath} ${PROGRAM} credential --broker ${address} --access write --login '${next}'`;
  const configured = ['-c', `credential.helper=${helper}`, '-c', 'credential.useHttpPath=true'];
  const cloned = await git([...configured, 'clone', '-q', `${address}/acme/shop.git`, 'clone']);
  assert.ok(cloned.works, cloned.said);
  await git(['-C', 'clone', 'commit', '-q', '--allow-empty', '-m', 'one']);
  const pushed = await git([...configured, '-C', 'clone', 'push', '-q', 'origin', 'HEAD:main']);
  assert.ok(pushed.works, pushed.said);
  const given = await token('ann', ['acme/shop'], 'read');
  const files = ['issued.db', 'issued.db-wal'].map((name) => readFileSync(join(folder, name)));
  for (const file of files) {
    assert.ok(!file.includes(given.token), 'no token is at rest');
    assert.ok(!file.includes('macb_'));
  }
});

test('what a token does not open, and what still works, over git HTTP', async () => {
  const { address, behind, broker, token } = scene;
  const rows: Row[] = [];
  const row = (what: string, { works, said }: Said, refused?: RegExp): void => {
    assert.equal(works, refused === undefined, `${what}: ${said}`);
    if (refused !== undefined) assert.match(said, refused, what);
    rows.push({ what, answer: works ? 'works' : `refused (${/\b40[134]\b/.exec(said)?.[0] ?? '401'})` });
  };
  const read = await token('ann', ['acme/shop'], 'read');
  const write = await token('ann', ['acme/shop'], 'write');
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
  assert.equal(tableLacking(rows), null);
});

/** One whose store is gone. */
function brokerOfBroken(): Broker {
  const gone = fileStore(join(scene.folder, 'gone.db'));
  gone.close();
  return createBroker({
    login: { validate: async () => ({ ok: true, claims: { sub: 'ann', exp: Date.now() / 1000 + 60 } }) },
    rules: RULES,
    store: gone,
    signer: developmentSigner(),
    host: 'git.example.com',
    serve: 'serve',
  });
}

test('what a login does not get from the broker', async () => {
  const { address } = scene;
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
  const once = loginOf('bo');
  await asked('a login of today, for what a rule gives', once, {});
  await asked('the same login again (replay)', once, {});
  await asked('the same login again, for a certificate', once, { public_key: ED25519 }, '/certificates');
  await asked('a login that ended 31 seconds ago', loginOf('bo', { iat: now - 331, exp: now - 31 }), {});
  await asked(
    'one that ended 5 seconds ago (clocks may differ by 30)',
    loginOf('bo', { iat: now - 305, exp: now - 5 }),
    {},
  );
  await asked('a login for another service', loginOf('bo', { aud: 'https://other.example.com' }), {});
  await asked('a login whose signature was changed', `${loginOf('bo').slice(0, -4)}AAAA`, {});
  await asked('nothing', 'none', {});
  await asked('write, where the rule gives read', loginOf('bo'), { access: 'write' });
  await asked('a repository that no rule names', loginOf('bo'), { repositories: ['acme/shop', 'acme/lib'] });
  await asked('a name with `..` in it', loginOf('ann'), { repositories: ['acme/../other/safe'] });
  await asked('eight days', loginOf('ann'), { life: 8 * 86_400 });
  await asked(
    'a key of RSA or none',
    loginOf('ann'),
    { public_key: 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB' },
    '/certificates',
  );
  await asked('somebody without a rule', loginOf('zoe'), {});
  await asked('words that are none', loginOf('ann'), { access: 'admin' });
  assert.equal(tableLacking(rows), null);
  const response = await new Promise<number>((done) => {
    const other = createServer(brokerRoutes(brokerOfBroken())).listen(0, '127.0.0.1', async () => {
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
  const { broker, folder } = scene;
  const kinds = [['ed25519'], ['ecdsa', '-b', '256'], ['ecdsa', '-b', '384'], ['ecdsa', '-b', '521']];
  for (const [at, [type = '', ...more]] of kinds.entries()) {
    const file = join(folder, `key-${at}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, ...more, '-N', '', '-f', file]);
    const given = await broker.certificate(loginOf('ann'), readFileSync(`${file}.pub`, 'utf8'), {
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
  const { broker, token } = scene;
  const given = await token('bo', ['acme/shop'], 'read');
  const [head = '', ...lines] = broker.observations().trimEnd().split('\n');
  const at = new Date(Date.now() + 1000).toISOString();
  const mistakes: object[] = [];
  const collection = collectionFrom(JSON.parse(head).collection, 1, at, (one) => mistakes.push(one));
  const observations = lines.map((line, number) =>
    observationFrom({
      record: JSON.parse(line),
      line: number + 2,
      collection,
      receivedAt: at,
      mistake: (one) => mistakes.push(one),
    }),
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
