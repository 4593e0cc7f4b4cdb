/** What a simulated company decided, held against its history and against the laws of work. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { verifyAudit } from '@macadam/adapters/decisions/audit';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { DecisionPrincipal, Decisions, DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { BatchRecord, MemberRecord } from '@macadam/adapters/decisions/work';
import type { Moment } from '@macadam/adapters/facts/history/record';
import { NOBODY } from '@macadam/adapters/facts/history/teams';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import type { Simulated } from '@macadam/adapters/facts/simulated';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { exceptionFor } from '@macadam/core/verdicts/exception';
import { orgTree, recordEvents } from '@macadam/services/ownership/log';
import { ownerSettings } from '@macadam/services/ownership/rules';
import { exceptionsInForce } from '@macadam/services/work/exceptions';
import { OPENING } from '@macadam/services/work/tick';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { rejects } from '@macadam/testing/decisions/sample';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { simulate } from '../simulate.ts';
import { SIZES } from '../size.ts';
import { playDecisions } from './play.ts';

const catalogue = wholeCatalogue();
const KINDS = ['privileged-assignment', 'cloud-resource', 'tenant'];
const kinds = new Map([...catalogue.kinds].filter(([name]) => KINDS.includes(name)));
const standards: readonly CompiledStandard[] = catalogue.standards
  .map(({ compiled }) => compiled)
  .filter(({ definition }) => KINDS.includes(definition.scope.kind));
const until = new Date('2026-11-24T00:00:00Z');
const who: DecisionPrincipal = { id: 'reader', divisions: 'all' };

const folder = trialFolder();
let stores: Stores;
let decisions: Decisions;
let mark: Simulated;
let ticks: readonly Moment[];

before(async () => {
  stores = await openStores(join(folder, 'facts'), { kinds, now: () => until });
  decisions = await openDecisions(preparedPlace(join(folder, 'decisions')), {
    now: () => until,
    simulated: true,
  });
  const size = { ...SIZES.tiny, days: 60 };
  mark = await simulate(stores, { size, seed: '718', until, kinds, standards });
  assert.equal(await playDecisions(stores, decisions, mark, { kinds, standards }), true);
  ticks = await stores.history.ticks();
});
after(async () => {
  await decisions?.close();
  await stores?.close();
  rmSync(folder, { recursive: true, force: true });
});

const read = <T>(body: (tx: DecisionTransaction) => Promise<T>): Promise<T> =>
  decisions.transaction(who, body, { readOnly: true });

async function everything() {
  return read(async (tx) => {
    const batches: BatchRecord[] = [];
    for (let page = await tx.work.batches({ limit: 500 }); page.length > 0; ) {
      batches.push(...page);
      page = await tx.work.batches({ limit: 500, after: page.at(-1)?.id ?? '' });
    }
    const members = new Map<string, readonly MemberRecord[]>();
    for (const { id } of batches) members.set(id, await tx.work.members(id, { limit: 5000 }));
    return { batches, members, exceptions: await tx.permissions.exceptions({ limit: 500 }) };
  });
}

const last = (): Moment => ticks.at(-1) ?? assert.fail('there is no tick');

test('it has an organisation without names, rules for owners, and who answers by division and function', async () => {
  const { tree, early, rules } = await read(async (tx) => ({
    tree: await orgTree(tx, mark.until.slice(0, 10)),
    early: await orgTree(tx, (ticks[0]?.valid ?? until).toISOString().slice(0, 10)),
    rules: await ownerSettings(tx),
  }));
  const ending = mark.organisation.teams.filter(({ ends }) => ends !== undefined);
  assert.ok(ending.length > 0);
  for (const { id, into } of ending) {
    assert.ok(early.units.has(id), `${id} is there before the reorganisation`);
    assert.equal(tree.merged.get(id), into);
  }
  assert.equal(rules.version, 1);
  assert.equal(
    tree.accountabilities.size,
    mark.organisation.divisions.length + mark.organisation.functions.length,
  );
  assert.deepEqual(
    [...tree.people.values()].filter(({ email }) => email !== null),
    [],
  );
  assert.ok(tree.people.has('cloud-000-lead'));
  const contacts = [...tree.units.values()].flatMap((unit) => unit.contacts);
  const old = contacts.filter(({ verified }) => verified !== null && verified < '2026-01-01');
  assert.ok(old.length > 0 && old.length < contacts.length);
});

test('it has work with due dates, and what is closed was closed by observations or changed hands', async () => {
  const { batches, members } = await everything();
  const open = batches.filter(({ closedAt }) => closedAt === null);
  const day = mark.until.slice(0, 10);
  assert.ok(open.some(({ dueOn }) => dueOn < day) && open.some(({ dueOn }) => dueOn >= day));
  assert.ok(open.some(({ claimedBy }) => claimedBy !== null));
  const closed = batches.filter(({ closedAt }) => closedAt !== null);
  assert.ok(closed.length > 5);
  for (const { id } of closed)
    for (const { leftAs, observation, leftFor } of members.get(id) ?? []) {
      assert.ok(leftAs !== null, id);
      assert.notEqual(leftAs, 'excepted', 'an exception closes nothing');
      if (leftAs === 'reassigned') assert.ok(leftFor !== null, id);
      else assert.match(observation ?? '', /^batch:\d+#[a-z-]+\//);
    }
  const reassigned = batches.filter(({ of }) => of === 'reassigned');
  assert.ok(reassigned.length > 0, 'the reorganisation moved something');
});

test('every failing asset is where the history says, and in one place', async () => {
  for (const { definition } of standards) {
    const { id } = definition;
    const ever = await stores.history.everFailed(id, last());
    const failing = new Map(ever.flatMap((one) => (one.since === null ? [] : [[one.asset, one]])));
    const held = await read((tx) => tx.failing.wanted(id, { assets: [], all: true }));
    assert.deepEqual(held.map(({ asset }) => asset).sort(), [...failing.keys()].sort(), id);
    const opens = held.some(({ batch }) => batch !== null);
    for (const { asset, batch, excepted, unknown, team } of held) {
      const stands = failing.get(asset);
      assert.equal(unknown, stands?.state === 'U', `${id} ${asset}`);
      assert.equal(excepted !== null, stands?.state === 'X', `${id} ${asset}: ${excepted}`);
      assert.equal(team === null, stands?.team === NOBODY, `${id} ${asset}`);
      // A pass lies a day more than a week after the one before: nothing waits for its turn.
      if (excepted === null && opens && team !== null && !unknown)
        assert.notEqual(batch, null, `${id} ${asset} is in no batch`);
      if (!OPENING.has(definition.rollout.state)) assert.equal(batch, null);
    }
  }
});

test('what is excepted is so in the history, from its approval to its end', async () => {
  assert.deepEqual(await stores.history.broken(), []);
  const exceptions = await read((tx) => exceptionsInForce(tx, {}));
  let excepted = 0;
  // As it is known today, and as it was published; the ticks between are of the same rows.
  const some = ticks.filter((tick, index) => index % 4 === 0 || tick === last());
  for (const { valid, known } of some)
    for (const moment of [
      { valid, known: last().known },
      { valid, known },
    ]) {
      const stands = await stores.history.assetsAt(moment, {}, { states: ['F', 'X'], limit: 100_000 });
      for (const { asset, standard, state } of stands) {
        const found = exceptionFor(exceptions, standard, { id: asset, name: asset }, valid);
        assert.equal(state === 'X', found !== null, `${standard} ${asset} at ${valid.toISOString()}`);
        if (state === 'X') excepted += 1;
      }
    }
  assert.ok(excepted > 20);
});

test('somebody else answers what is asked for; some of it is over, some is about to be, some waits', async () => {
  const { exceptions } = await everything();
  const day = mark.until.slice(0, 10);
  const approved = exceptions.filter(({ approvedAt }) => approvedAt !== null);
  for (const { approvedBy, requestedBy } of approved) assert.notEqual(approvedBy, requestedBy);
  assert.ok(
    approved.some(({ until: end }) => end < day),
    'over',
  );
  assert.ok(
    approved.some(({ until: end }) => end >= day && end < '2026-12-01'),
    'about to end',
  );
  assert.ok(
    approved.some(({ renews }) => renews !== null),
    'renewed',
  );
  assert.ok(
    exceptions.some((one) => one.approvedAt === null && one.refusedAt === null),
    'waiting',
  );
});

test('hand-overs go every way, and what changed hands is the other team’s everywhere', async () => {
  const handovers = await read((tx) => tx.handovers.handovers({}));
  const ways = handovers.map(({ state, bounces }) => `${state} ${bounces}`).sort();
  assert.deepEqual(ways, ['asked 0', 'deputy 2', 'done 0', 'done 2', 'withdrawn 1']);
  const done = handovers.find(({ state, bounces }) => state === 'done' && bounces === 0);
  const [asset = ''] = done?.assets ?? [];
  const [decided] = await read((tx) => tx.organisation.ownersSettled([asset]));
  assert.equal(decided?.team, done?.toTeam);
  const stands = (await stores.history.assetsAt(last(), {}, { limit: 100_000 })).filter(
    (one) => one.asset === asset,
  );
  assert.ok(stands.length > 0);
  for (const { team } of stands) assert.equal(team, done?.toTeam);
});

test('its log is whole, and a second time nothing is played', async () => {
  const head = () => read((tx) => tx.auditHead());
  const first = await head();
  assert.equal(await playDecisions(stores, decisions, mark, { kinds, standards }), false);
  assert.deepEqual(await head(), first);
  const verdict = await verifyAudit(decisions.auditLog());
  assert.equal(verdict.whole && verdict.entries, first.number);
});

test('a store that decided something else is left alone', async () => {
  const other = await openDecisions(preparedPlace(join(folder, 'other')), {
    now: () => until,
    simulated: true,
  });
  try {
    await other.transaction(who, (tx) =>
      recordEvents(
        tx,
        [{ on: '2026-01-01', event: 'created', unit: 'a', level: 'company', name: 'A', parent: null }],
        'a test',
      ),
    );
    await rejects(
      playDecisions(stores, other, mark, { kinds, standards }),
      'refused',
      /holds decisions that this simulation did not make; name an empty folder/,
    );
  } finally {
    await other.close();
  }
});
