/** The laws of evidence over generated histories of what several sources saw, and when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runs } from '@macadam/testing/runs';
import fc from 'fast-check';
import { type Asset, type Attribute, merge } from '../facts/asset.ts';
import {
  type Collection,
  isUnobserved,
  type Observation,
  type Statement,
  type Value,
} from '../facts/observation.ts';
import type { Kind } from '../kinds/kind.ts';
import { canonical } from '../text/canonical.ts';
import { evaluate } from '../verdicts/evaluate.ts';
import { attributes, condition, KIND, NOW, observation, standard } from '../verdicts/generated.test.ts';
import { ownerOf, picture } from './picture.ts';
import { share, type Tally } from './share.ts';

const HOUR = 3_600_000;
const CLOCK = { asOf: NOW, real: NOW };
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * HOUR).toISOString();

/** What was said of one asset over ten days, by three sources that look at different things. */
const history: fc.Arbitrary<readonly Observation[]> = fc.array(
  fc
    .record({
      source: fc.constantFrom('one', 'two', 'three'),
      hours: fc.constantFrom(0, 1, 12, 24, 25, 100, 168, 169, 240),
      looked: fc.subarray(['a', 'b', 'n', 'o', 'l', 'k']),
      said: attributes,
    })
    .map(({ source, hours, looked, said }) =>
      observation('x', Object.fromEntries(Object.entries(said).filter(([name]) => looked.includes(name))), {
        source,
        observedAt: hoursAgo(hours),
      }),
    ),
  { minLength: 1, maxLength: 6 },
);

const owned = fc.record({ past: history, owner: fc.option(fc.constantFrom('@x', '@y')) });
const named = (name: string, past: readonly Observation[], owner: string | null): Asset =>
  merge(KIND, [
    ...past.map((one) => ({ ...one, id: `thing/${name}`, name })),
    observation(name, { owners: { value: owner === null ? [] : [owner] } }),
  ]);

const partitions = fc.array(
  fc.record({ seen: fc.nat(3), complete: fc.boolean(), surplus: fc.option(fc.nat(2)) }),
  { maxLength: 3 },
);
type Partitions = typeof partitions extends fc.Arbitrary<infer T> ? T : never;
const collectionsOf = (all: Partitions): readonly Collection[] =>
  all.map(({ seen, complete, surplus }, at) => ({
    source: `s${at}`,
    startedAt: NOW.toISOString(),
    finishedAt: NOW.toISOString(),
    problems: [],
    status: complete ? 'complete' : 'incomplete',
    partitions: [
      {
        kind: 'thing',
        container: `c${at}`,
        containerName: `c${at}`,
        complete,
        seen,
        ...(surplus !== null && { witness: { id: 'w', count: seen + surplus } }),
      },
    ],
  }));

/** Figures of everybody, and of each team by whom an asset was when it was well seen. */
function intervals(
  check: string,
  assets: readonly Asset[],
  seen: Partitions,
  teams: ReadonlyMap<string, string>,
) {
  const { scan, verdicts } = picture({
    engine: 'test',
    catalogue: 'test',
    standards: [standard(check)],
    assets,
    exceptions: [],
    clock: CLOCK,
    collections: collectionsOf(seen),
  });
  const found = new Map<string, { readonly atLeast: number | null; readonly atMost: number | null }>();
  const [all] = scan.standards;
  if (all) found.set('everybody', all);
  for (const team of ['@x', '@y', 'nobody']) {
    const own = verdicts.filter(({ asset }) => teams.get(asset.id) === team);
    const count = (name: string) => own.filter(({ verdict }) => verdict === name).length;
    const tally: Tally = {
      pass: count('pass'),
      fail: count('fail'),
      unknown: count('unknown'),
      notApplicable: count('not-applicable'),
      excepted: 0,
    };
    found.set(team, share(tally));
  }
  return found;
}

/** The same attribute seen less: not at all, or in part. */
function less(held: Attribute, partly: boolean): Attribute {
  const { statement } = held;
  if (partly && 'value' in statement && Array.isArray(statement.value))
    return { ...held, statement: { ...statement, complete: false } };
  return { ...held, statement: { unobserved: 'failed', why: 'withheld' } };
}

test('widening: whatever of a history is seen less, every group’s interval contains the earlier one', () => {
  fc.assert(
    fc.property(
      condition,
      fc.array(owned, { minLength: 1, maxLength: 5 }),
      partitions,
      fc.infiniteStream(fc.nat(3)),
      (check, all, before, choices) => {
        const draw = () => choices.next().value ?? 0;
        const assets = all.map(({ past, owner }, at) => named(String(at), past, owner));
        const teams = new Map(assets.map((asset) => [asset.id, ownerOf(asset) ?? 'nobody']));
        const blinded = assets.map((asset) => ({
          ...asset,
          attributes: new Map(
            [...asset.attributes].map(([name, held]) => {
              const roll = draw();
              return [name, roll > 1 || name === 'owners' ? held : less(held, roll === 1)] as const;
            }),
          ),
        }));
        const after = before.map((one) => (draw() === 0 ? { ...one, complete: false } : one));
        const [wide, narrow] = [
          intervals(check, blinded, after, teams),
          intervals(check, assets, before, teams),
        ];
        for (const [group, { atLeast, atMost }] of narrow) {
          const now = wide.get(group);
          if (atLeast === null || atMost === null) continue;
          assert.ok(now?.atLeast != null && now.atMost != null, `${group} has no interval any more`);
          assert.ok(now.atLeast <= atLeast + 1e-12, `${group}: the lower end rose`);
          assert.ok(now.atMost >= atMost - 1e-12, `${group}: the upper end fell`);
        }
      },
    ),
    { numRuns: runs(400) },
  );
});

test('merging is a join: neither order nor repetition of a history matters, lists by key and parts of them included', () => {
  const said = (all: readonly Observation[]) => canonical([...merge(KIND, all).attributes]);
  fc.assert(
    fc.property(history, fc.infiniteStream(fc.nat()), (past, stream) => {
      const shuffled = [...past, ...past.slice(0, 2)]
        .map((one) => [stream.next().value ?? 0, one] as const)
        .sort(([x], [y]) => x - y)
        .map(([, one]) => one);
      assert.equal(said(shuffled), said(past));
    }),
    { numRuns: runs(500) },
  );
});

test('what is merged is the newest, unless another source differs within the time to settle', () => {
  fc.assert(
    fc.property(history, (past) => {
      // Written a second way, for a value that is no list: each source's newest words, then who is heard.
      const words = past.flatMap(({ source, observedAt, attributes: said }) =>
        said.a && !isUnobserved(said.a)
          ? [{ source, at: Date.parse(observedAt), text: canonical(said.a) }]
          : [],
      );
      const newest = words.filter(
        (word) => !words.some((other) => other.source === word.source && other.at > word.at),
      );
      const held = merge(KIND, past).attributes.get('a');
      assert.ok(held);
      if (newest.length === 0) return assert.equal(held.source, null);
      const top = Math.max(...newest.map(({ at }) => at));
      const split = newest.some((word) =>
        newest.some((other) => other.source === word.source && other.text !== word.text),
      );
      const near = newest.filter(({ at }) => top - at <= 24 * HOUR);
      const disputed = split || new Set(near.map(({ text }) => text)).size > 1;
      if (disputed) assert.ok(isUnobserved(held.statement) && held.statement.unobserved === 'disputed');
      else assert.equal(canonical(held.statement), near[0]?.text);
    }),
    { numRuns: runs(500) },
  );
});

test('partial lists unite by the key of their elements, and only a complete list can leave one out', () => {
  fc.assert(
    fc.property(history, (past) => {
      const held = merge(KIND, past).attributes.get('k');
      const idOf = (value: Value) => (value as { readonly id: number }).id;
      const lists = past.flatMap(({ source, observedAt, attributes: { k } }) =>
        k && 'value' in k
          ? [
              {
                source,
                ago: (NOW.getTime() - Date.parse(observedAt)) / HOUR,
                whole: k.complete !== false,
                ids: new Set((k.value as Value[]).map(idOf)),
              },
            ]
          : [],
      );
      if (lists.length === 0) return assert.equal(held?.source, null);
      const last = Math.min(...lists.map(({ ago }) => ago));
      // A list ends what its own source said before, and what others said more than the time to settle before.
      const counting = lists.filter(
        (one) =>
          one.ago <= last + 56 &&
          !lists.some((other) => other.whole && one.ago - other.ago > (one.source === other.source ? 0 : 24)),
      );
      const whole = counting.filter((one) => one.whole);
      const text = (ids: ReadonlySet<number>) => [...ids].sort().join();
      if (new Set(whole.map(({ ids }) => text(ids))).size > 1)
        return assert.ok(isUnobserved(held?.statement) && held.statement.unobserved === 'disputed');
      const all = new Set(counting.flatMap(({ ids }) => [...ids]));
      assert.ok(held && 'value' in held.statement);
      assert.deepEqual((held.statement.value as Value[]).map(idOf), [...all].sort());
      assert.equal(
        held.statement.complete ?? true,
        whole.some(({ ids }) => ids.size === all.size),
      );
    }),
    { numRuns: runs(500) },
  );
});

test('evidence has the age that it had at the date asked for, and never more than it really has', () => {
  const day = fc.integer({ min: -20, max: 20 });
  fc.assert(
    fc.property(day, day, day, fc.boolean(), (asOf, real, observed, immutable) => {
      const at = (days: number) => new Date(NOW.getTime() + days * 24 * HOUR);
      const kind: Kind = {
        ...KIND,
        attributes: { ...KIND.attributes, a: { ...KIND.attributes.a, immutable } as never },
      };
      const asset = merge(kind, [
        observation('x', { a: { value: true } }, { observedAt: at(observed).toISOString() }),
      ]);
      const { verdict, reason } = evaluate({ ...standard('asset.a'), kind }, asset, {
        asOf: at(asOf),
        real: at(real),
      });
      const stale = !immutable && Math.min(asOf, real) - observed > 7;
      assert.deepEqual([verdict, reason], stale ? ['unknown', 'stale'] : ['pass', 'meets']);
    }),
    { numRuns: runs(500) },
  );
});

test('an authority is heard alone, and when it goes stale nobody stands in for it', () => {
  const kind: Kind = {
    ...KIND,
    attributes: { ...KIND.attributes, a: { ...KIND.attributes.a, authority: 'one' } as never },
  };
  fc.assert(
    fc.property(history, (past) => {
      const asset = merge(kind, past);
      const alone = past.filter(({ source }) => source === 'one');
      const held = asset.attributes.get('a');
      const expected = alone.length > 0 ? merge(kind, alone).attributes.get('a') : undefined;
      if (expected?.source != null) assert.deepEqual(held, expected);
      else assert.equal(held?.source, null);
      const result = evaluate({ ...standard('asset.a'), kind }, asset, CLOCK);
      if (held?.observedAt && Date.parse(held.observedAt) < NOW.getTime() - 168 * HOUR)
        assert.equal(result.reason, 'stale');
    }),
    { numRuns: runs(500) },
  );
});

test('what is not seen enters no merge and erases nothing, whoever does not see it and when', () => {
  fc.assert(
    fc.property(
      history,
      fc.constantFrom('one', 'two', 'four'),
      fc.constantFrom(0, 25, 240),
      (past, source, hours) => {
        const gap: Statement = { unobserved: 'forbidden', why: 'no right' };
        const silent = observation(
          'x',
          { a: gap, l: gap, k: gap, o: gap },
          { source, observedAt: hoursAgo(hours) },
        );
        const [before, after] = [merge(KIND, past), merge(KIND, [...past, silent])];
        for (const [name, held] of before.attributes) {
          if (held.source !== null) assert.deepEqual(after.attributes.get(name), held);
          else assert.ok(isUnobserved(after.attributes.get(name)?.statement ?? {}));
        }
      },
    ),
    { numRuns: runs(300) },
  );
});
