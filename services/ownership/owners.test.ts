import assert from 'node:assert/strict';
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
import { type AssetFilter, searchAssets } from '../assets/search.ts';
import { keptAnswers, ownership, passOwners, prepareAnswers, storedAnswers } from './answers.ts';
import { backfill, decideOwners, type OwnerMove } from './backfill.ts';
import { makeListing } from './listing.ts';
import { orgTree, recordEvents } from './log.ts';
import { decidedOwners, ownersOf, relatedAssets, relatedKinds } from './owners.ts';
import { passOver } from './pass.ts';
import { ownerSettings, setOwnerSettings } from './rules.ts';

const attribute = (type: string, more = {}) => ({ type, description: 'what it is, for tests', ...more });
const repository = kindSchema.parse({
  kind: 'repository',
  description: 'A repository, for tests.',
  key: ['path'],
  fresh_for: '7d',
  attributes: {
    path: attribute('string', { immutable: true }),
    owners: attribute('list', { of: 'string' }),
    commits: attribute('list', { of: { committer: { type: 'string' } } }),
    tags: attribute('list', { of: 'string' }),
  },
});
const pipeline = kindSchema.parse({
  kind: 'pipeline',
  description: 'A pipeline, for tests.',
  key: ['name'],
  fresh_for: '7d',
  attributes: {
    name: attribute('string', { immutable: true }),
    repository: attribute('string', { immutable: true }),
    owners: attribute('list', { of: 'string' }),
  },
});
const kinds: ReadonlyMap<string, Kind> = new Map([repository, pipeline].map((kind) => [kind.kind, kind]));

const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
const { decisions } = await trialsOn(engine.address).open();
const NOW = new Date();
const stores = await openStores(join(root, 'facts'), { kinds, now: () => NOW });
const { facts, driver } = stores;
await prepareAnswers(driver);
after(async () => {
  await stores.close();
  await decisions.close();
  await engine.stop();
  rmSync(root, { recursive: true });
});
const admin: DecisionPrincipal = { id: 'admin', divisions: 'all' };
const run = <T>(work: (tx: DecisionTransaction) => Promise<T>) => decisions.transaction(admin, work);

const on = '2026-01-01';
const unit = (id: string, level: 'company' | 'division' | 'team', parent: string | null): OrgEvent => ({
  on,
  event: 'created',
  unit: id,
  level,
  name: id,
  parent,
});
const COMPANY: readonly OrgEvent[] = [
  unit('acme', 'company', null),
  unit('cloud', 'division', 'acme'),
  unit('shop', 'team', 'cloud'),
  unit('till', 'team', 'acme'),
  { on, event: 'joined', person: 'ann', unit: 'shop', email: 'ann@example.test' },
];

/** Minutes ago: later ones are newer. */
let minutes = 500;
async function saw(
  kind: string,
  things: Readonly<Record<string, Readonly<Record<string, Statement>>>>,
  source = 'host',
) {
  minutes -= 1;
  const at = new Date(NOW.getTime() - minutes * 60_000).toISOString();
  const names = Object.keys(things);
  await facts.append(
    {
      source,
      startedAt: at,
      finishedAt: at,
      status: 'complete',
      problems: [],
      partitions: [
        {
          kind,
          container: kind,
          complete: true,
          seen: names.length,
          witness: { text: 'the host', count: names.length },
        },
      ],
    } as never,
    names.map((name) => ({
      kind,
      id: assetId(kind, [name]),
      name,
      source,
      observedAt: at,
      receivedAt: at,
      assurance: 'configured',
      container: kind,
      attributes: things[name] ?? {},
    })) as never,
    NOW,
  );
  await facts.settled();
}
const value = (given: unknown): Statement => ({ value: given }) as Statement;
const list = (...words: string[]): Statement => ({ value: words, complete: true }) as Statement;

async function loaded() {
  const { tree, settings, decided } = await run(async (tx) => ({
    tree: await orgTree(tx, NOW.toISOString().slice(0, 10)),
    settings: await ownerSettings(tx),
    decided: await decidedOwners(tx),
  }));
  const related = await relatedAssets(facts, settings.rules, kinds);
  return ownersOf({ tree, settings, decided, related, kept: await keptAnswers(driver), now: NOW });
}
const pass = async () => passOwners({ driver, facts, kinds }, await loaded());
const ownerOf = async (id: string) => (await storedAnswers(driver, [id])).get(id);

await run((tx) => recordEvents(tx, COMPANY, 'a test'));
const commit = (committer: string) => ({ committer });
const REPOSITORIES = {
  'acme/web': { owners: list('@acme/shop') },
  'acme/old': { owners: list(), commits: value([commit('ann@example.test'), commit('x@example.test')]) },
  'acme/odd': { owners: list('@acme/strangers'), tags: value(['team=tll']) },
};

test('the kinds that a rule’s relation leads to are found by relation and by name', () => {
  assert.deepEqual(relatedKinds([{ id: 'r', by: 'relation', attribute: 'repository' }], kinds), [
    'repository',
  ]);
});

test('a pass answers for every asset, by what its files say and what it belongs to', async () => {
  await saw('repository', REPOSITORIES);
  await saw('pipeline', {
    build: { repository: value('repository/acme/web'), owners: list() },
    key: { repository: value('acme/web'), owners: list() },
    lost: { repository: value('repository/acme/none'), owners: list() },
  });
  const first = await pass();
  assert.deepEqual([first.assets, first.written, first.gone, first.kept.size], [6, 6, 0, 0]);
  const found = await storedAnswers(driver, [
    'pipeline/build',
    'pipeline/key',
    'pipeline/lost',
    'repository/acme/old',
  ]);
  assert.deepEqual(
    [...found.values()].map(({ asset, owner, state, rule }) => [asset, owner, state, rule]),
    [
      ['pipeline/build', 'shop', 'confirmed', 'repository'],
      ['pipeline/key', 'shop', 'confirmed', 'repository'],
      ['pipeline/lost', null, 'nobody', null],
      ['repository/acme/old', null, 'nobody', null],
    ],
  );
  assert.deepEqual(await ownership(driver), [
    { kind: 'pipeline', confirmed: 2, unconfirmed: 0, nobody: 1 },
    { kind: 'repository', confirmed: 1, unconfirmed: 0, nobody: 2 },
  ]);
  const again = await pass();
  assert.deepEqual([again.assets, again.written], [6, 0]);
});

test('the queue holds what nobody owns, with whom the facts point to and how each rule fared', async () => {
  const { unowned, next } = await backfill({ driver, facts, kinds }, {}, loaded);
  assert.equal(next, null);
  assert.deepEqual(
    unowned.map(({ asset, suggestions }) => [
      asset.id,
      suggestions.map(({ owner, reason }) => [owner, reason]),
    ]),
    [
      ['pipeline/lost', [['shop', 'it owns 2 of 2 assets beside it']]],
      [
        'repository/acme/odd',
        [
          ['shop', 'it owns 1 of 1 assets beside it'],
          ['till', 'it is tagged `team=tll`'],
        ].map(([owner, reason]) => [owner, reason?.replace('team=', '')]),
      ],
      [
        'repository/acme/old',
        [
          ['shop', 'it owns 1 of 1 assets beside it'],
          ['shop', '1 of 2 commits are by its people'],
        ],
      ],
    ],
  );
  const odd = unowned.find(({ asset }) => asset.id === 'repository/acme/odd');
  assert.deepEqual(
    odd?.answer.chain.map(({ rule, outcome, why }) => `${rule} ${outcome}: ${why}`),
    [
      'decided silent: nobody has decided',
      'codeowners silent: `owners` names `@acme/strangers`, whom the organisation does not know',
      'tag silent: it has no tag `owner`',
      'repository silent: repository has no attribute `repository`',
    ],
  );
  const page = await backfill({ driver, facts, kinds }, { limit: 1 }, loaded);
  assert.deepEqual([page.unowned.length, page.next], [1, 'pipeline/lost']);
  const one = await backfill(
    { driver, facts, kinds },
    {
      kind: 'repository',
      prefix: 'repository/acme/ol',
    },
    loaded,
  );
  assert.equal(one.unowned.length, 1);
});

test('many are decided in one act, with one entry; what is released goes back to the rules', async () => {
  const decide = async (assets: readonly string[], move: OwnerMove, reason = 'they run it') => {
    const owners = await loaded();
    const answers = new Map<string, ReturnType<typeof owners.answerOf>>();
    for (const id of assets) {
      const asset = await facts.asset(id);
      if (asset) answers.set(id, owners.answerOf(asset));
    }
    return run((tx) =>
      decideOwners({
        tx,
        tree: owners.tree,
        assets,
        move: { ...move, reason },
        current: (id) => answers.get(id) ?? null,
      }),
    );
  };
  const both = ['repository/acme/odd', 'repository/acme/old'];
  const wrong = await decide([...both, 'repository/acme/none'], { move: 'assign', team: 'tall' }, ' ');
  assert.deepEqual(
    wrong.objections.map(({ field, reason }) => `${field}: ${reason}`),
    [
      'reason: it is empty',
      'team: there is no unit `tall` today',
      'assets.repository/acme/none: there is no such asset',
    ],
  );
  assert.deepEqual((await decide(both, { move: 'confirm' })).objections[0]?.reason, 'nobody owns it');
  const { decided } = await decide(both, { move: 'assign', team: 'till' });
  assert.deepEqual(
    decided.map(({ asset, team, division, previousTeam }) => [asset, team, division, previousTeam]),
    both.map((asset) => [asset, 'till', '', null]),
  );
  const [entry] = await run((tx) => tx.auditEntries({ action: 'owner.assign' }));
  assert.deepEqual(
    [entry?.subject, entry?.detail],
    ['2 assets', { assets: both, previousTeam: null, reason: 'they run it', team: 'till' }],
  );
  await pass();
  assert.deepEqual(
    [(await ownerOf(both[0] ?? ''))?.owner, (await ownerOf(both[0] ?? ''))?.rule],
    ['till', 'decided'],
  );
  const web = await decide(['repository/acme/web'], { move: 'release' });
  assert.equal(web.objections[0]?.reason, 'nobody decided its owner: a rule names it');
  await decide(both, { move: 'confirm' });
  await decide(both, { move: 'release' });
  await pass();
  assert.equal((await ownerOf(both[0] ?? ''))?.owner, null);
});

test('of whose file sources disagree the last owner stays, unconfirmed, and history says so too; who is gone is forgotten', async () => {
  const web = 'repository/acme/web';
  await saw('repository', { 'acme/web': { owners: list('@acme/till') } }, 'mirror');
  const { kept } = await pass();
  const now = await ownerOf(web);
  assert.deepEqual([now?.owner, now?.state, now?.rule], ['shop', 'unconfirmed', 'codeowners']);
  assert.deepEqual([...kept.keys()].sort(), ['pipeline/build', 'pipeline/key', web]);
  const owners = await loaded();
  const asset = await facts.asset(web);
  assert.ok(asset);
  assert.equal(owners.teamOf(asset), 'shop');
  assert.match(owners.answerOf(asset).chain[1]?.why ?? '', /^`owners` is disputed/);
  assert.equal((await pass()).kept.size, 3);
  await saw('pipeline', { build: { repository: value(web), owners: list() } });
  assert.equal((await pass()).gone, 2);
  assert.equal(await ownerOf('pipeline/key'), undefined);
});

test('rules are data: a version with an alias names whom the organisation did not know', async () => {
  const set = (rules: readonly unknown[], aliases: Record<string, string>) =>
    run(async (tx) =>
      setOwnerSettings(
        tx,
        { rules: rules as never, aliases, confirmFor: 180 },
        'as agreed in the review',
        await orgTree(tx, '2026-11-01'),
      ),
    );
  const refused = await set(
    [
      { id: 'a', by: 'fallback', owner: 'nowhere' },
      { id: 'a', by: 'explicit' },
    ],
    { '@acme/strangers': 'nobody' },
  );
  assert.deepEqual('objections' in refused && refused.objections.map(({ field }) => field), [
    'rules.0.owner',
    'rules.0',
    'rules.1.id',
    'aliases.@acme/strangers',
  ]);
  const settings = await set(
    [
      { id: 'decided', by: 'explicit' },
      { id: 'files', by: 'codeowners', attribute: 'owners' },
      { id: 'rest', by: 'fallback', owner: 'till', confirmed: on },
    ],
    { '@Acme/Strangers': 'shop' },
  );
  assert.equal('version' in settings && settings.version > 0, true);
  await saw('repository', REPOSITORIES);
  await pass();
  assert.equal((await ownerOf('repository/acme/odd'))?.owner, 'shop');
  const old = await ownerOf('repository/acme/old');
  assert.deepEqual([old?.owner, old?.rule, old?.state], ['till', 'rest', 'unconfirmed']);
});

test('a pass goes over what changed since the last one, and leaves nothing for one over everything', async () => {
  const over = async (asked: number | 'all', at = NOW) => {
    const { assets } = await passOver({ driver, facts, kinds }, decisions, at);
    const all = await pass();
    assert.deepEqual([all.written, all.gone], [0, 0]);
    assert.equal(assets, asked === 'all' ? all.assets : asked);
  };
  const loose = { build: { owners: list('@acme/till') }, key: { owners: list('@acme/shop') } };
  await saw('pipeline', loose);
  await over('all');
  await over(0);
  await saw('pipeline', { ...loose, key: { owners: list('@acme/till') } });
  // A listing sees all of its container anew, and one goes.
  await over(2);
  await saw('pipeline', { build: loose.build });
  await over(1);
  assert.equal(await ownerOf('pipeline/key'), undefined);
  await saw('repository', REPOSITORIES);
  await over(3);
  // What a rule's relation leads to may be the owner of anything.
  const rules = [
    { id: 'decided', by: 'explicit' },
    { id: 'files', by: 'codeowners', attribute: 'owners' },
    { id: 'place', by: 'relation', attribute: 'repository' },
  ];
  await run(async (tx) =>
    setOwnerSettings(
      tx,
      { rules: rules as never, aliases: {}, confirmFor: 180 },
      'as agreed in the review',
      await orgTree(tx, '2026-11-01'),
    ),
  );
  await over('all');
  const led = { ...REPOSITORIES, 'acme/web': { owners: list('@acme/till') } };
  await saw('repository', led);
  await over('all');
  await over(0);
  // Seen again as it was, it leads to whom it led to.
  await saw('repository', led);
  await over(3);
  await run((tx) => recordEvents(tx, [unit('desk', 'team', 'cloud')], 'a new team'));
  await over('all');
  // A confirmation may have ended by the next day.
  await over('all', new Date(NOW.getTime() + 86_400_000));
});

test('owners by kind, and owners of what stands beside a thing, are counted in the listing, and where there is none in the answers: the same', async () => {
  await saw('repository', { ...REPOSITORIES, 'acme/web': { owners: list('@acme/till') } });
  await saw('pipeline', {
    build: { repository: value('repository/acme/web'), owners: list() },
    lost: { repository: value('repository/acme/none'), owners: list() },
  });
  await passOver({ driver, facts, kinds }, decisions, NOW);
  await driver.command(
    "INSERT INTO owner_answer (asset, kind, owner, state, pass) SELECT 'pipeline/kept', 'pipeline', 'shop', 'confirmed', 2",
  );
  await driver.command(
    "INSERT INTO who_asset (asset, kind, name, digest, pass) SELECT 'pipeline/kept', 'pipeline', 'kept', 0, 2",
  );
  await makeListing(driver);
  const counted = await ownership(driver);
  assert.ok(counted.some(({ nobody }) => nobody > 0));
  // Beside a thing whose folder is a whole kind stands all of that kind.
  const beside = async () => {
    const { unowned } = await backfill({ driver, facts, kinds }, { kind: 'pipeline' }, loaded);
    return unowned.map(({ asset, suggestions }) => ({ id: asset.id, suggestions }));
  };
  const suggested = await beside();
  assert.ok(suggested.some(({ suggestions }) => suggestions.length > 0));
  await driver.command('TRUNCATE TABLE listing');
  assert.deepEqual(await ownership(driver), counted);
  assert.deepEqual(await beside(), suggested);
});

test('a search of the listing says what the answers and the index say, also where there is no listing yet', async () => {
  await passOver({ driver, facts, kinds }, decisions, NOW);
  await driver.command(
    `INSERT INTO who_asset (asset, kind, name, digest, pass) SELECT concat('pipeline/', toString(number)), if(number % 3 = 0, 'repository', 'pipeline'),
       concat(['Straße ', 'STRASSE ', 'İzmir ', 'a%b_ '][number % 4 + 1], toString(number % 50)), number, 2 FROM numbers(300)`,
  );
  await driver.command(
    `INSERT INTO owner_answer (asset, kind, owner, state, pass) SELECT concat('pipeline/', toString(number)), if(number % 3 = 0, 'repository', 'pipeline'),
       if(number % 7 = 0, '', concat('team-', toString(number % 11))), if(number % 7 = 0, 'nobody', 'confirmed'), 2 FROM numbers(290)`,
  );
  // An older answer stands beside the newer one until a pass ends.
  await driver.command(
    `INSERT INTO owner_answer (asset, kind, owner, state, pass) SELECT concat('pipeline/', toString(number)), 'pipeline', 'team-old', 'confirmed', 1 FROM numbers(20)`,
  );
  await makeListing(driver);
  const texts = [undefined, '1', 'STRASS', 'straße', 'i', '%', '_', 'PIPELINE/2', 'nothing at all'];
  const owners = [undefined, '', 'team-3', 'team-old', 'no-team'];
  const all: AssetFilter[] = texts.flatMap((text) =>
    owners.flatMap((owner) =>
      [undefined, 'pipeline', 'repository'].flatMap((kind) =>
        [undefined, ['team-1', 'team-3']].map((seen) => ({ text, owner, kind, owners: seen })),
      ),
    ),
  );
  const filters = all.filter((_, index) => index % 17 === 0);
  const search = (filter: AssetFilter, index: number) =>
    searchAssets(driver, kinds, filter, { limit: 7, after: index % 2 === 0 ? undefined : 'pipeline/15' });
  const answersOf = (asked: readonly AssetFilter[]) => Promise.all(asked.map(search));
  const listed = await answersOf(filters);
  const some = filters.slice(0, 5);
  // All that fit are on one page, and counted there, or the store counts them.
  for (const text of ['straße 1', 'pipeline/22', 'nothing at all'])
    assert.deepEqual(
      { ...(await searchAssets(driver, kinds, { text }, { limit: 300 })), rows: [] },
      { ...(await searchAssets(driver, kinds, { text }, { limit: 1, after: 'z' })), rows: [] },
    );
  assert.ok(listed.some(({ count, rows }) => count > 7 && rows.length === 7));
  // What a crash left of the next one counts for nothing.
  await driver.command(
    `INSERT INTO listed_asset (listing, asset, kind, name, owner, state) SELECT max(number) + 1, 'pipeline/x', 'pipeline', 'x', '', '' FROM listing`,
  );
  assert.deepEqual(await answersOf(some), listed.slice(0, 5));
  await driver.command('TRUNCATE TABLE listing');
  assert.deepEqual(await answersOf(filters), listed);
  await makeListing(driver);
  assert.deepEqual(await answersOf(some), listed.slice(0, 5));
  // The next pass takes away what is no asset, and then no search finds it.
  await passOver({ driver, facts, kinds }, decisions, new Date(NOW.getTime() + 2 * 86_400_000));
  assert.equal((await search({ owner: 'team-3' }, 0)).count, 0);
});
