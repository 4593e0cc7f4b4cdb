import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import type { DecisionPrincipal, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { startEngine } from '@macadam/adapters/decisions/postgres/engine';
import { openStores } from '@macadam/adapters/facts/open';
import { assetId, type Statement } from '@macadam/core/facts/observation';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import type { OrgEvent } from '@macadam/core/org/org';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import { keptAnswers, passOwners, prepareAnswers } from './answers.ts';
import { orgTree, recordEvents } from './log.ts';
import { decidedOwners, ownersOf, relatedAssets } from './owners.ts';
import { ownerSettings } from './rules.ts';
import { whoIn } from './who.ts';
import { exportWho } from './who-export.ts';
import { openWhoFile } from './who-file.ts';
import { indexPass, prepareIndex } from './who-index.ts';

const attribute = (type: string, more = {}) => ({ type, description: 'what it is, for tests', ...more });
const owners = attribute('list', { of: 'string' });
const kinds: ReadonlyMap<string, Kind> = new Map(
  [
    {
      kind: 'device',
      description: 'A device, for tests.',
      key: ['serial'],
      runbook: 'Isolate it from the network, and leave it switched on.',
      attributes: {
        serial: attribute('string', { immutable: true }),
        hostname: attribute('string'),
        addresses: attribute('list', { of: 'string' }),
        repository: attribute('string', { optional: true }),
        owners,
      },
    },
    {
      kind: 'repository',
      description: 'A repository, for tests.',
      key: ['host', 'path'],
      attributes: { host: attribute('string'), path: attribute('string'), owners },
    },
    {
      kind: 'subnet',
      description: 'A subnet, for tests.',
      key: ['prefix'],
      attributes: { prefix: attribute('string'), owners },
    },
  ].map((kind) => [kind.kind, kindSchema.parse({ fresh_for: '7d', ...kind })]),
);

const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
const { decisions } = await trialsOn(engine.address).open();
const NOW = new Date();
const stores = await openStores(join(root, 'facts'), { kinds, now: () => NOW });
const { facts, driver } = stores;
await prepareAnswers(driver);
await prepareIndex(driver);
after(async () => {
  await stores.close();
  await decisions.close();
  await engine.stop();
  rmSync(root, { recursive: true });
});
const admin: DecisionPrincipal = { id: 'admin', divisions: 'all' };
const run = <T>(work: (tx: DecisionTransaction) => Promise<T>) => decisions.transaction(admin, work);

const on = '2026-01-01';
const COMPANY: readonly OrgEvent[] = [
  { on, event: 'created', unit: 'acme', level: 'company', name: 'Acme', parent: null },
  { on, event: 'created', unit: 'cloud', level: 'division', name: 'Cloud', parent: 'acme' },
  { on, event: 'created', unit: 'shop', level: 'team', name: 'Shop', parent: 'cloud' },
  { on, event: 'joined', person: 'ann', unit: 'cloud', name: 'Ann', email: 'ann@example.test' },
  { on, event: 'accountable', id: 'a1', person: 'ann', for: { unit: 'cloud' } },
  {
    on,
    event: 'contacts',
    unit: 'cloud',
    contacts: [{ by: 'phone', address: '+49 30 1', verified: '2026-10-01' }],
  },
];
await run((tx) => recordEvents(tx, COMPANY, 'a test'));

let minutes = 500;
const value = (given: unknown): Statement => ({ value: given }) as Statement;
async function saw(
  kind: string,
  key: (name: string) => readonly string[],
  things: Readonly<Record<string, Readonly<Record<string, Statement>>>>,
) {
  minutes -= 1;
  const at = new Date(NOW.getTime() - minutes * 60_000).toISOString();
  const count = Object.keys(things).length;
  await facts.append(
    {
      source: 'lan',
      startedAt: at,
      finishedAt: at,
      status: 'complete',
      problems: [],
      partitions: [
        {
          kind,
          container: kind,
          containerName: kind,
          complete: true,
          seen: count,
          witness: { id: 'register', count },
        },
      ],
    },
    Object.entries(things).map(([name, attributes]) => ({
      kind,
      id: assetId(kind, key(name)),
      name,
      source: 'lan',
      observedAt: at,
      receivedAt: at,
      assurance: 'configured',
      container: kind,
      attributes,
    })),
    NOW,
  );
  await facts.settled();
}
const devices = (things: Readonly<Record<string, Readonly<Record<string, Statement>>>>) =>
  saw('device', (name) => [name], things);

async function sources() {
  return run(async (tx) => ({
    stores: { driver, kinds },
    now: NOW,
    settings: await ownerSettings(tx),
    tree: await orgTree(tx, NOW.toISOString().slice(0, 10)),
  }));
}
async function pass() {
  const { tree, settings } = await sources();
  const decided = await run(decidedOwners);
  const related = await relatedAssets(facts, settings.rules, kinds);
  const all = ownersOf({ tree, settings, decided, related, kept: await keptAnswers(driver), now: NOW });
  const index = await indexPass(driver);
  await passOwners({ driver, facts, kinds }, all, index);
  return index.done();
}
const ask = async (text: string) => {
  const given = await sources();
  return run((tx) => whoIn(tx, text, given));
};
const brief = ({ key, count, found }: Awaited<ReturnType<typeof ask>>) => [
  key,
  count,
  found.map(({ asset, owner }) => `${asset.id} ${owner?.owner ?? 'nobody'}`),
];

const D1 = {
  hostname: value('Gate.example.test'),
  addresses: value(['10.1.2.3', '2001:db8::1']),
  repository: value('repository/file/web'),
  owners: value([]),
};
await saw('repository', () => ['file', 'web'], {
  web: { host: value('file'), path: value('web'), owners: value(['shop']) },
});
await saw('subnet', () => ['10.1.0.0/16'], { office: { prefix: value('10.1.0.0/16'), owners: value([]) } });

test('from what is at hand to the owner, the deputy, the contacts and the runbook', async () => {
  await devices({ d1: D1, d2: { ...D1, hostname: value('two'), addresses: value([]) } });
  assert.deepEqual(await pass(), { indexed: 4 });
  const found = await ask('https://gate.example.test:8443/login');
  assert.deepEqual(brief(found), ['host:gate.example.test', 1, ['device/d1 shop']]);
  const [one] = found.found;
  assert.deepEqual(one?.contacts, [
    { by: 'phone', address: '+49 30 1', verified: '2026-10-01', unit: 'cloud' },
  ]);
  assert.deepEqual(one?.accountable, [
    { person: 'ann', name: 'Ann', email: 'ann@example.test', for: { unit: 'cloud' } },
  ]);
  assert.equal(one?.runbook, 'Isolate it from the network, and leave it switched on.');
  assert.deepEqual([one?.owner?.rule, one?.owner?.state], ['repository', 'confirmed']);
  assert.deepEqual(brief(await ask('2001:db8:0::1')), ['address:2001:db8::1', 1, ['device/d1 shop']]);
  assert.deepEqual(brief(await ask('10.1.9.9')), ['subnet:10.1.0.0/16', 1, ['subnet/10.1.0.0/16 nobody']]);
  assert.deepEqual(brief(await ask('file/web')), ['repository:file/web', 1, ['repository/file/web shop']]);
  assert.deepEqual(brief(await ask('nothing of ours')), [null, 0, []]);
});

test('what lost an identifier is not found by it, before the next pass and after', async () => {
  await devices({
    d1: { ...D1, hostname: value('other.example.test') },
    d2: { ...D1, hostname: value('two'), addresses: value([]) },
  });
  assert.deepEqual(brief(await ask('gate.example.test')), [null, 0, []]);
  assert.deepEqual(await pass(), { indexed: 1 });
  assert.deepEqual(brief(await ask('other.example.test')), [
    'host:other.example.test',
    1,
    ['device/d1 shop'],
  ]);
  const [row] = await driver.query<{ rows: string }>(
    `SELECT count() AS rows FROM who_key WHERE key = 'host:gate.example.test'`,
  );
  assert.equal(Number(row?.rows), 0);
  assert.deepEqual(await pass(), { indexed: 0 });
});

test('a decision counts at once', async () => {
  await run((tx) =>
    tx.organisation.decideOwner({
      asset: 'subnet/10.1.0.0/16',
      act: 'assign',
      team: 'cloud',
      previousTeam: null,
      division: 'cloud',
      reason: 'they run it',
    }),
  );
  assert.deepEqual(brief(await ask('10.1.9.9')).at(-1), ['subnet/10.1.0.0/16 cloud']);
});

test('an export says the same without the server, and what it is not the key for, nothing', async () => {
  await pass();
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const file = join(root, 'who');
  const { tree } = await sources();
  const made = await exportWho(driver, {
    file,
    tree,
    kinds,
    madeAt: NOW,
    signingKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  });
  assert.equal(made.assets, 4);
  const map = openWhoFile(file, String(publicKey.export({ type: 'spki', format: 'pem' })));
  assert.equal(map.madeAt, NOW.toISOString());
  for (const text of ['10.1.2.3', 'other.example.test', 'file/web', '10.1.9.9', 'two', 'nothing of ours']) {
    const online = await ask(text);
    const shown = (one: typeof online) => ({
      ...one,
      found: one.found.map((answer) => ({
        ...answer,
        // An export has no chain: it was made by rules that may have changed since.
        owner: answer.owner && { ...answer.owner, chain: [] },
      })),
    });
    assert.deepEqual(map.who(text), shown(online), text);
  }
  map.close();
});

test('what is gone is found no more', async () => {
  await devices({ d2: { ...D1, hostname: value('two'), addresses: value([]) } });
  assert.deepEqual(brief(await ask('other.example.test')), [null, 0, []]);
  await pass();
  const rows = await driver.query(`SELECT asset FROM who_key WHERE asset = 'device/d1'`);
  assert.deepEqual(rows, []);
});
