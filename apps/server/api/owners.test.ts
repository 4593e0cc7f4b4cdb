/** Routes of the organisation, owners and look-ups, on real stores with two kinds of the catalogue. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { pastOf } from '@macadam/adapters/facts/history/retrospect';
import { openStores } from '@macadam/adapters/facts/open';
import { assetId, type Statement } from '@macadam/core/facts/observation';
import { type AssetFilter, searchAssets } from '@macadam/services/assets/search';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { passOver } from '@macadam/services/ownership/pass';
import { partOfCatalogue } from '@macadam/testing/server/part-of-catalogue';
import { sampleServer } from '@macadam/testing/server/sample-server';
import type { ServerContext } from '../pages/history/pages.ts';

const NOW = new Date();
const folder = mkdtempSync(join(tmpdir(), 'macadam-owners-'));
const { kinds, standards } = loadCatalogue([
  partOfCatalogue(join(folder, 'catalogue'), {
    kinds: ['application', 'build'],
    standards: ['engineering/builds-from-governed-templates'],
  }),
]);
const stores = await openStores(join(folder, 'facts'), { kinds, now: () => NOW });
const owned = { driver: stores.driver, facts: stores.facts, kinds };
const site: ServerContext = {
  past: pastOf(stores.history),
  facts: stores.facts,
  standards: new Map(),
  simulated: null,
  divisions: new Map(),
  title: 'a test',
  now: () => NOW,
  stores: owned,
};
const server = await sampleServer({
  people: {
    root: { roles: [{ role: 'administrator', division: '' }] },
    deputy: { roles: [{ role: 'deputy-ciso', division: 'cloud' }] },
    ann: { roles: [{ role: 'engineer', division: 'cloud' }], teams: ['shop'] },
    guest: { roles: [] },
    eve: { roles: [{ role: 'engineer', division: 'games' }], teams: ['arcade'] },
    gil: { roles: [{ role: 'deputy-ciso', division: 'games' }] },
    chief: { roles: [{ role: 'deputy-ciso', division: '' }] },
    auditor: { roles: [{ role: 'auditor', division: 'cloud' }] },
    umpire: { roles: [{ role: 'auditor', division: 'games' }] },
  },
  site: () => site,
});
after(async () => {
  await server.close();
  await stores.close();
  rmSync(folder, { recursive: true });
  assert.deepEqual(server.failures, []);
});
const ask = async (who: string, method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) => {
  const answer = await server.ask(who, method, path, body);
  return { status: answer.statusCode, body: answer.json() };
};

const at = NOW.toISOString();
const value = (given: unknown): Statement => ({ value: given }) as Statement;
await stores.facts.append(
  {
    source: 'directory',
    startedAt: at,
    finishedAt: at,
    status: 'complete',
    problems: [],
    partitions: [],
  },
  ['app-1', 'app-2'].map((name) => ({
    kind: 'application',
    id: assetId('application', ['main', name]),
    name,
    source: 'directory',
    observedAt: at,
    receivedAt: at,
    assurance: 'configured',
    attributes: {
      directory: value('main'),
      client_id: value(`client-${name}`),
      owners: { value: name === 'app-1' ? ['@acme/shop'] : [], complete: true } as Statement,
    },
  })),
  NOW,
);
const pass = () => passOver(owned, server.decisions, NOW);

const CSV = `person,name,email,company,division,team,accountable_for
ann,Ann,ann@example.test,Acme,Cloud,Shop,cloud
`;

test('before anybody has gone over the owners, nothing is said of them as if somebody had', async () => {
  for (const path of ['/api/owners', '/api/owners/unowned', '/api/who?text=shop']) {
    const { status, body } = await ask('root', 'GET', path);
    assert.deepEqual(
      [status, body.detail],
      [404, 'nobody has gone over the owners of these assets yet'],
      path,
    );
  }
});

test('a file is looked at and taken, and the tree of every day can be read', async () => {
  const file = { format: 'csv', text: CSV, file: 'people.csv', on: '2026-01-01' };
  const refused = await ask('ann', 'POST', '/api/organisation/imports', file);
  assert.equal(refused.status, 403);
  const preview = await ask('root', 'POST', '/api/organisation/imports', { ...file, preview: true });
  assert.deepEqual(
    [preview.body.written, preview.body.people, preview.body.events.length],
    [false, ['ann'], 5],
  );
  assert.equal((await ask('root', 'POST', '/api/organisation/imports', file)).body.written, true);
  const wrong = await ask('root', 'POST', '/api/organisation/imports', { ...file, text: 'person\n' });
  assert.deepEqual([wrong.status, wrong.body.errors[0].field], [422, 'team']);
  const now = await ask('ann', 'GET', '/api/organisation');
  assert.deepEqual(
    now.body.units.map(({ id }: { id: string }) => id),
    ['acme', 'cloud', 'shop'],
  );
  assert.deepEqual(now.body.accountable[0].for, { unit: 'cloud' });
  assert.deepEqual((await ask('ann', 'GET', '/api/organisation?on=2025-12-31')).body.units, []);
  assert.equal((await ask('guest', 'GET', '/api/organisation')).status, 403);
  const events = await ask('ann', 'GET', '/api/organisation/events?limit=2');
  assert.deepEqual(
    events.body.items.map(({ kind }: { kind: string }) => kind),
    ['created', 'created'],
  );
});

test('an event that cannot be names its place in what was sent', async () => {
  const event = { on: '2026-02-01', event: 'renamed', unit: 'shop', name: 'Till' };
  const wrong = await ask('root', 'POST', '/api/organisation/events', {
    events: [event, { ...event, unit: 'x' }],
  });
  assert.deepEqual(
    [wrong.status, wrong.body.errors],
    [
      422,
      [
        {
          field: 'body.events.1.unit',
          reason: 'there is no unit `x` on that day',
          fix: 'create it first, or correct the id',
        },
      ],
    ],
  );
  assert.equal((await ask('root', 'POST', '/api/organisation/events', { events: [event] })).status, 201);
});

test('whose an asset is, is said with its chain, and counted for every kind', async () => {
  await pass();
  const one = await ask('ann', 'GET', `/api/assets/${encodeURIComponent('application/main/app-1')}/owner`);
  assert.deepEqual(
    [one.body.owner, one.body.rule, one.body.chain[1].why],
    ['shop', 'codeowners', '`owners` names `@acme/shop`, which is `shop`'],
  );
  const none = await ask('ann', 'GET', `/api/assets/${encodeURIComponent('application/main/x')}/owner`);
  assert.equal(none.status, 404);
  assert.deepEqual((await ask('ann', 'GET', '/api/owners')).body.kinds, [
    { kind: 'application', confirmed: 1, unconfirmed: 0, nobody: 1 },
  ]);
});

test('a search counts what each other choice of a facet would find', async () => {
  const found = (filter: AssetFilter) => searchAssets(stores.driver, kinds, filter, { limit: 9 });
  const all = await found({});
  assert.deepEqual([all.count, all.rows.length], [2, 2]);
  assert.deepEqual(all.kinds, [{ value: 'application', count: 2 }]);
  assert.deepEqual(all.owners, [
    { value: '', count: 1 },
    { value: 'shop', count: 1 },
  ]);
  const owned = await found({ owner: 'shop', text: 'APP' });
  assert.deepEqual([owned.count, owned.rows.map(({ name }) => name)], [1, ['app-1']]);
  assert.deepEqual([owned.kinds, owned.owners], [[{ value: 'application', count: 1 }], all.owners]);
  const none = await found({ kind: 'user' });
  assert.deepEqual([none.count, none.kinds, none.owners], [0, all.kinds, []]);
});

test('the queue suggests; who may take it takes it, many at once, and it counts at once', async () => {
  const queue = async () => (await ask('ann', 'GET', '/api/owners/unowned')).body.items;
  assert.deepEqual(
    (await queue()).map(({ id, suggestions }: { id: string; suggestions: { reason: string }[] }) => [
      id,
      suggestions.map(({ reason }) => reason),
    ]),
    [['application/main/app-2', ['it owns 1 of 1 assets beside it']]],
  );
  const assets = ['application/main/app-2'];
  const act = { move: 'assign', team: 'shop' };
  const decide = (who: string, more: object = {}) =>
    ask(who, 'POST', '/api/owners/decisions', { assets, act, reason: 'they run it', ...more });
  assert.equal((await decide('root')).status, 403);
  assert.equal((await decide('guest')).status, 403);
  const strange = await decide('deputy', { assets: ['application/main/x'] });
  assert.deepEqual([strange.status, strange.body.errors[0].reason], [422, 'there is no such asset']);
  assert.deepEqual((await decide('ann')).body, { decided: 1 });
  assert.deepEqual(await queue(), []);
});

test('what a team owns goes to another division only where somebody may decide for both', async () => {
  const unit = (id: string, level: string, parent: string) => ({
    on: '2026-02-01',
    event: 'created',
    unit: id,
    level,
    name: id,
    parent,
  });
  const events = [unit('games', 'division', 'acme'), unit('arcade', 'team', 'games')];
  assert.equal((await ask('root', 'POST', '/api/organisation/events', { events })).status, 201);
  const owner = async () =>
    (await ask('ann', 'GET', `/api/assets/${encodeURIComponent('application/main/app-1')}/owner`)).body.owner;
  const decide = (who: string, act: object) =>
    ask(who, 'POST', '/api/owners/decisions', {
      assets: ['application/main/app-1'],
      act,
      reason: 'because it is',
    });
  const assign = { move: 'assign', team: 'arcade' };
  const refused = await decide('eve', assign);
  assert.deepEqual(
    [refused.status, refused.body.detail],
    [403, 'Owner::decide takes the role deputy-ciso for division cloud'],
    'an engineer of the division that takes it',
  );
  for (const [who, act] of [
    ...([
      ['gil', assign],
      ['deputy', assign],
      ['gil', { move: 'release' }],
      ['gil', { move: 'confirm' }],
    ] as const),
  ])
    assert.equal((await decide(who, act)).status, 403, `${who} ${act.move}`);
  assert.equal(await owner(), 'shop');
  assert.equal((await decide('chief', assign)).status, 200);
  assert.equal(await owner(), 'arcade');
  const logged = async (who: string) =>
    (await ask(who, 'GET', '/api/audit?subject=application/main/app-1')).body.items
      .filter(({ outcome }: { outcome: string }) => outcome === 'done')
      .map(({ action, principal, division, detail }: Record<string, unknown>) => [
        action,
        principal,
        division,
        (detail as { previousTeam: string }).previousTeam,
      ]);
  assert.deepEqual(await logged('auditor'), [['owner.leave', 'chief', 'cloud', 'shop']]);
  assert.deepEqual(await logged('umpire'), [['owner.assign', 'chief', 'games', 'shop']]);
  assert.equal((await decide('deputy', { move: 'assign', team: 'shop' })).status, 403, 'nor back');
});

test('a hand-over is of what is the giver’s, when it is asked for and when it is accepted', async () => {
  const handOver = (asset: string, from = 'shop') =>
    ask('ann', 'POST', '/api/handovers', { assets: [asset], from, to: 'arcade', why: 'they run it' });
  for (const [asset, reason] of [
    ['application/main/app-1', '`application/main/app-1` is of `arcade`, not of `shop`'],
    ['application/main/x', 'there is no asset `application/main/x`'],
  ] as const) {
    const { status, body } = await handOver(asset);
    assert.deepEqual([status, body.errors[0].field, body.errors[0].reason], [422, 'assets', reason]);
    assert.notEqual(body.errors[0].fix, '');
  }
  const asked = await handOver('application/main/app-2');
  assert.equal(asked.status, 201);
  const twice = await handOver('application/main/app-2');
  assert.deepEqual(
    [twice.status, twice.body.errors[0].field, twice.body.errors[0].reason],
    [422, 'assets', `\`application/main/app-2\` is in hand-over ${asked.body.number} already`],
  );
  const act = { move: 'release' };
  const released = { assets: ['application/main/app-2'], act, reason: 'it is not ours' };
  assert.equal((await ask('ann', 'POST', '/api/owners/decisions', released)).status, 200);
  const path = `/api/handovers/${asked.body.number}`;
  const late = await ask('eve', 'POST', `${path}/answers`, { accepted: true, why: 'ours' });
  assert.deepEqual(
    [late.status, late.body.errors[0].field, late.body.errors[0].reason],
    [422, 'assets', 'nobody owns `application/main/app-2`'],
  );
  assert.equal((await ask('ann', 'POST', `${path}/withdrawal`, { why: 'it is nobody’s' })).status, 200);
  const whose = `/api/assets/${encodeURIComponent('application/main/app-2')}/owner`;
  assert.equal((await ask('ann', 'GET', whose)).body.owner, null);
  const back = {
    assets: ['application/main/app-1'],
    act: { move: 'assign', team: 'shop' },
    reason: 'as it was',
  };
  assert.equal((await ask('chief', 'POST', '/api/owners/decisions', back)).status, 200);
});

test('rules are read by everybody and set by administrators, each version with its reason', async () => {
  const usual = (await ask('ann', 'GET', '/api/owners/rules')).body;
  assert.deepEqual([usual.version, usual.rules[0]], [0, { id: 'decided', by: 'explicit' }]);
  const given = {
    rules: usual.rules,
    aliases: { '@acme/shop': 'cloud' },
    confirmFor: 90,
    reason: 'as agreed in the review',
  };
  assert.equal((await ask('ann', 'PUT', '/api/owners/rules', given)).status, 403);
  const wrong = await ask('root', 'PUT', '/api/owners/rules', { ...given, aliases: { a: 'nowhere' } });
  assert.deepEqual([wrong.status, wrong.body.errors[0].field], [422, 'aliases.a']);
  const set = await ask('root', 'PUT', '/api/owners/rules', given);
  assert.deepEqual([set.status, set.body.confirmFor], [200, 90]);
  const lost = await server.ask('root', 'PUT', '/api/owners/rules', given, { 'if-match': '"99"' });
  assert.equal(lost.statusCode, 412, lost.body);
  const seen = { 'if-match': `"${set.body.version}"` };
  const next = await server.ask('root', 'PUT', '/api/owners/rules', given, seen);
  assert.deepEqual([next.statusCode, next.json().version], [200, set.body.version + 1]);
  assert.equal((await server.ask('root', 'PUT', '/api/owners/rules', given, seen)).statusCode, 412);
  const version = (number: number) => ask('ann', 'GET', `/api/owners/rules?version=${number}`);
  assert.equal((await version(set.body.version)).body.confirmFor, 90);
  assert.deepEqual(
    [(await version(99)).status, (await version(99)).body.detail],
    [404, 'there is no version 99 of these rules'],
  );
});

test('whom to call is said to everybody who has a role', async () => {
  const found = await ask('ann', 'GET', '/api/who?text=client-app-1');
  assert.equal(found.body.key, 'application:client-app-1');
  assert.deepEqual(found.body.found[0].accountable, [
    { person: 'ann', name: 'Ann', email: 'ann@example.test', for: { unit: 'cloud' } },
  ]);
  assert.match(found.body.found[0].runbook, /^Disable its sign-in in the directory/);
  assert.deepEqual((await ask('ann', 'GET', '/api/who?text=nothing')).body, {
    key: null,
    count: 0,
    found: [],
    looked: ['application:nothing', 'host:nothing', 'repository:nothing'],
  });
  assert.equal((await ask('guest', 'GET', '/api/who?text=x')).status, 403);
  assert.equal((await ask('ann', 'GET', '/api/who')).status, 400);
});

test('what deploys is told by which builds its images may run, as JSON and as Kubernetes asks', async () => {
  const image = (letter: string) => `registry.example/shop@sha256:${letter.repeat(64)}`;
  const built = (letter: string, provenance: Statement) => ({
    kind: 'build',
    id: assetId('build', ['ci', letter]),
    name: letter,
    source: 'build-evidence',
    observedAt: at,
    receivedAt: at,
    assurance: 'effective' as const,
    attributes: {
      system: value('ci'),
      build_id: value(letter),
      environment: value('production'),
      released: value(true),
      image_digests: value([`sha256:${letter.repeat(64)}`]),
      template: value({ source: 'acme/templates/a.yml', commit: 'c', governed: true, injected_steps: 0 }),
      provenance,
    },
  });
  const collection = {
    source: 'build-evidence',
    startedAt: at,
    finishedAt: at,
    status: 'complete' as const,
    problems: [],
    partitions: [],
  };
  const good = value({ verified: true, builder: 'https://ci.example/' });
  await stores.facts.append(collection, [built('a', good), built('b', { absent: true })], NOW);
  await stores.facts.settled();
  const asked = standards.filter(({ id }) => id === 'builds-from-governed-templates');
  const enforced = asked.map((one) => {
    const rollout = { state: 'enforce' as const, on_unknown: 'ask' as const };
    const definition = Object.assign({}, one.definition, { rollout });
    return Object.assign({}, one, { definition, compiled: Object.assign({}, one.compiled, { definition }) });
  });
  const before = site.standards;
  Object.assign(site, { standards: new Map(enforced.map((one) => [one.id, one])) });
  const admit = (...images: readonly string[]) => ask('ann', 'POST', '/api/admission', { images });
  assert.deepEqual((await admit(image('a'))).body, {
    allowed: true,
    images: [{ image: image('a'), effect: 'allow', builds: ['build/ci/a'], why: [] }],
  });
  const [, failing, strange, tagged] = (await admit(image('a'), image('b'), image('c'), 'shop:latest')).body
    .images;
  assert.equal(failing.effect, 'block');
  assert.deepEqual(failing.why, [
    'builds-from-governed-templates: no signed provenance shows how it was made',
  ]);
  assert.match(`${strange.effect} ${strange.why}`, /^ask no build is known that made it/);
  assert.match(`${tagged.effect} ${tagged.why}`, /^ask names no digest/);
  const review = async (object: unknown) => {
    const body = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: { uid: 'u-1', object },
    };
    return (await ask('ann', 'POST', '/api/admission/kubernetes', body)).body;
  };
  const pod = (...images: readonly string[]) => ({
    spec: { containers: images.map((one) => ({ image: one })) },
  });
  assert.deepEqual(await review(pod(image('a'))), {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'u-1', allowed: true },
  });
  const hidden = {
    spec: { jobTemplate: { spec: { template: { spec: { initContainers: [{ image: image('b') }] } } } } },
  };
  const { response } = await review(hidden);
  assert.equal(response.allowed, false);
  assert.match(response.status.message, /sha256:b+: builds-from-governed-templates: no signed provenance/);
  assert.equal((await review(null)).response.allowed, true);
  assert.equal((await ask('guest', 'POST', '/api/admission', { images: ['a'] })).status, 403);
  Object.assign(site, { standards: before });
});
