/** What a change of a standard would do, held against judging each asset by itself. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { kept } from '@macadam/testing/server/sample';
import { draftOf, draftPatch, exampleResults, textsOf } from './draft.ts';
import { type WhatIf, whatIf } from './what-if.ts';

const sheds = await kept();
after(() => sheds.remove());
const { site, stores } = sheds;
const standard = site.standards.get('sheds-locked');
if (standard === undefined || site.stores === undefined) throw new TypeError('the sheds have no standard');
const owned = site.stores;
const at = new Date('2026-11-03T12:00:00Z');
const assets = await Array.fromAsync(stores.facts.assets('shed'));

function drafted(texts: { readonly check?: string; readonly where?: string }) {
  if (standard === undefined) throw new TypeError('the sheds have no standard');
  const before = textsOf(standard);
  const typed = { ...before, check: texts.check ?? before.check, where: texts.where ?? before.where };
  return draftOf(standard, typed, owned.kinds);
}

async function tried(texts: Parameters<typeof drafted>[0], teams: readonly string[] | null = null) {
  const draft = drafted(texts);
  if ('mistakes' in draft || standard === undefined)
    throw new TypeError('mistakes' in draft ? draft.mistakes[0]?.reason : 'no standard');
  const changed = draft.standard.compiled;
  const found = await whatIf({ stores: owned, today: standard.compiled, changed, at, teams });
  if ('tooCostly' in found) throw new TypeError(found.tooCostly);
  return { found, changed, today: standard.compiled };
}

const CODES = { pass: 'pass', fail: 'fail', unknown: 'unknown', 'not-applicable': 'na' } as const;

async function everyChange(found: WhatIf, limit: number) {
  const all: { asset: string; team: string; from: string; to: string }[] = [];
  for (let last = ''; ; ) {
    const page = await found.changes({ teams: null }, { after: last, limit });
    all.push(...page.map(({ asset, team, from, to }) => ({ asset, team, from, to })));
    last = page.at(-1)?.asset ?? '';
    if (page.length < limit) return all;
  }
}

/** The last is refused by queries, so functions judge it. */
const DRAFTS = [
  { check: '!asset.locked' },
  { check: 'asset.locked || asset.name.startsWith("shed-00")' },
  { where: 'asset.name != "shed-001" && asset.name != "shed-005"' },
  { where: 'asset.locked' },
  { check: 'true', where: 'size(asset.owners) > 0' },
  { check: 'asset.locked && asset.name.replace(asset.name, asset.name) == asset.name' },
  { check: '!asset.locked || asset.name.replace(asset.name, asset.name) == ""' },
];

for (const texts of DRAFTS)
  test(`what ${JSON.stringify(texts)} would change is what judging each asset by itself says`, async () => {
    const { found, changed, today } = await tried(texts);
    const clock = { asOf: at, real: at };
    const expected: { asset: string; team: string; from: string; to: string }[] = [];
    const tally = { pass: 0, fail: 0, unknown: 0, na: 0 };
    for (const asset of assets) {
      const from = CODES[evaluate(today, asset, clock).verdict];
      const to = CODES[evaluate(changed, asset, clock).verdict];
      tally[to] += 1;
      const statement = asset.attributes.get('owners')?.statement;
      const owners = statement && 'value' in statement ? (statement.value as string[]).join(', ') : 'nobody';
      if (from !== to) expected.push({ asset: asset.id, team: owners, from, to });
    }
    const changes = await everyChange(found, 40);
    assert.deepEqual(
      changes,
      expected.toSorted((a, b) => (a.asset < b.asset ? -1 : 1)),
    );
    const { pass, fail, unknown, notApplicable: na } = found.changed;
    assert.deepEqual({ pass, fail, unknown, na }, tally);
    // Each figure is the length of its list.
    for (const { from, to, count } of found.transitions)
      assert.equal(
        (await found.changes({ teams: null, from, to }, { after: '', limit: 1000 })).length,
        count,
      );
    const ofTeams = Map.groupBy(changes, ({ team }) => team);
    for (const [index, { team, newlyFailing, noLongerFailing, other }] of found.teams.entries()) {
      const own = ofTeams.get(team) ?? [];
      assert.equal(own.length, newlyFailing + noLongerFailing + other);
      assert.equal(own.filter(({ to }) => to === 'fail').length, newlyFailing);
      // What is listed of one team is what the list of all says of it; three show that.
      if (index >= 3) continue;
      const listed = await found.changes({ teams: [team] }, { after: '', limit: 1000 });
      assert.deepEqual(
        listed.map(({ asset }) => asset),
        own.map(({ asset }) => asset),
      );
    }
  });

test('of teams that are not seen nothing is counted and nothing listed: an expression can ask anything of an asset', async () => {
  const { found } = await tried({ check: '!asset.locked' }, ['team-02', 'team-07']);
  assert.deepEqual(found.teams.map(({ team }) => team).toSorted(), ['team-02', 'team-07']);
  const { pass, fail, unknown } = found.today;
  assert.ok(pass + fail + unknown > 0 && pass + fail + unknown < 20);
  assert.deepEqual(await found.changes({ teams: ['team-03'] }, { after: '', limit: 10 }), []);
  const listed = await found.changes({ teams: null }, { after: '', limit: 1000 });
  assert.deepEqual([...new Set(listed.map(({ team }) => team))].toSorted(), ['team-02', 'team-07']);
});

test('what cannot be read is said with its place in what was typed, each mistake', () => {
  const wrong = drafted({ check: 'asset.locked\n&& asset.lokced', where: 'asset.name' });
  assert.ok('mistakes' in wrong);
  assert.deepEqual(
    wrong.mistakes.map(({ field, line, column }) => [field, line, column]),
    [
      ['where', 1, 7],
      ['check', 2, 10],
    ],
  );
  assert.match(wrong.mistakes[1]?.reason ?? '', /lokced.*did you mean.*locked/);
});

test('the change is a patch to the standard’s file, and nothing is one where nothing changes', async () => {
  const draft = drafted({ check: 'asset.locked || asset.name == "hut"', where: 'asset.name != "x"' });
  assert.ok(!('mistakes' in draft));
  const patch = await draftPatch(draft.standard, draft.edits);
  assert.match(patch, /^\+\+\+ b\/standards\/engineering\/sheds-locked\/standard\.yaml$/m);
  assert.match(patch, /^-check: asset\.locked$/m);
  assert.match(patch, /^\+check: "asset\.locked \|\| asset\.name == \\"hut\\""$/m);
  assert.match(patch, /^\+scope: \{ kind: shed, where: "asset\.name != \\"x\\"" \}$/m);
  const same = drafted({ check: ' asset.locked ' });
  assert.ok(!('mistakes' in same));
  assert.equal(await draftPatch(same.standard, same.edits), '');
  assert.deepEqual(await exampleResults(same.standard, owned.kinds), []);
});
