/** What a kind says of its attributes, as properties of the merge and of verdicts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { merge } from '../facts/asset.ts';
import {
  APPROVALS,
  ASSURANCES,
  type Assurance,
  isUnobserved,
  type Observation,
  type Statement,
  type Value,
} from '../facts/observation.ts';
import { canonical } from '../text/canonical.ts';
import { evaluate } from '../verdicts/evaluate.ts';
import { CLOCK, KIND, NOW, observation, standard } from '../verdicts/generated.test.ts';
import { type Kind, kindSchema } from './kind.ts';

/** The generated kind with one attribute told otherwise. */
const having = (name: string, more: Readonly<Record<string, unknown>>): Kind =>
  kindSchema.parse({
    ...KIND,
    attributes: { ...KIND.attributes, [name]: { ...KIND.attributes[name], ...more } },
  });

const HOUR = 3_600_000;
const said = (
  source: string,
  hoursAgo: number,
  attributes: Readonly<Record<string, Statement>>,
  assurance: Assurance = 'configured',
): Observation =>
  observation('x', attributes, {
    source,
    assurance,
    observedAt: new Date(NOW.getTime() - hoursAgo * HOUR).toISOString(),
  });
const held = (kind: Kind, name: string, all: readonly Observation[]) => merge(kind, all).attributes.get(name);

const words = fc.array(
  fc.record({
    source: fc.constantFrom('one', 'two', 'three'),
    hours: fc.constantFrom(0, 1, 2, 3, 30, 60),
    value: fc.integer({ min: 0, max: 2 }),
    assurance: fc.constantFrom(...ASSURANCES),
    window: fc.constantFrom(undefined, '24h', '30d', '90d', '2160h', '91d'),
  }),
  { minLength: 1, maxLength: 6 },
);
type Word = {
  source: string;
  hours: number;
  value: number;
  assurance: Assurance;
  window: string | undefined;
};
const asSaid = (list: readonly Word[]) =>
  list.map(({ source, hours, value, assurance, window }) =>
    said(source, hours, { n: { value, ...(window !== undefined && { window }) } }, assurance),
  );

test('authority: its newest statement is the value, whatever others say and however old it is', () => {
  const kind = having('n', { authority: 'one' });
  fc.assert(
    fc.property(words, (list) => {
      const own = list.filter(({ source }) => source === 'one');
      const now = held(kind, 'n', asSaid(list));
      assert.equal(canonical(now), canonical(held(kind, 'n', asSaid(own.length > 0 ? own : list))));
      if (own.length === 0) return assert.ok(now && 'unobserved' in now.statement, 'there is no fallback');
      const latest = Math.min(...own.map(({ hours }) => hours));
      const values = new Set(own.filter(({ hours }) => hours === latest).map(({ value }) => value));
      if (values.size > 1)
        assert.deepEqual(now?.statement, {
          unobserved: 'disputed',
          why: 'one says two things at the same time',
        });
      else assert.ok(now && 'value' in now.statement && values.has(now.statement.value as number));
    }),
  );
});

test('authority: when its word is stale nobody else is heard', () => {
  const kind = having('a', { authority: 'one' });
  const asset = merge(kind, [
    said('one', 24 * 8, { a: { value: true } }),
    said('two', 0, { a: { value: true } }),
  ]);
  assert.equal(evaluate(standard('asset.a'), asset, CLOCK).reason, 'stale');
});

test("settle: two sources are disputed exactly when they differ within the attribute's own time, else the kind's", () => {
  const kinds: readonly (readonly [Kind, number])[] = [
    [KIND, 24],
    [having('n', { settle: '2h' }), 2],
    [having('n', { settle: '48h' }), 48],
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.nat(60),
      fc.nat(60),
      fc.boolean(),
      ([kind, time], first, second, equal) => {
        const now = held(kind, 'n', [
          said('one', first, { n: { value: 1 } }),
          said('two', second, { n: { value: equal ? 1 : 2 } }),
        ]);
        const disputed = !equal && Math.abs(first - second) <= time;
        const value = equal || first < second ? 1 : 2;
        if (disputed)
          assert.deepEqual(now?.statement, { unobserved: 'disputed', why: 'one and two disagree' });
        else assert.deepEqual(now?.statement, { value });
      },
    ),
  );
});

test('least assurance: what is weaker enters no merge, and is what is left when there is nothing else', () => {
  fc.assert(
    fc.property(words, fc.constantFrom(...ASSURANCES), (list, least) => {
      const kind = having('n', { assurance: least });
      const strong = list.filter(
        ({ assurance }) => ASSURANCES.indexOf(assurance) >= ASSURANCES.indexOf(least),
      );
      const now = held(kind, 'n', asSaid(list));
      if (strong.length > 0) return assert.equal(canonical(now), canonical(held(kind, 'n', asSaid(strong))));
      assert.ok(now && 'unobserved' in now.statement);
      assert.match(now.statement.why, new RegExp(`only knows it as \\w+, ${least} is asked for`));
    }),
  );
});

test('window: who looked back less far made no statement, nor who says nothing of it', () => {
  const kind = having('n', { window: '90d' });
  const far = new Set(['90d', '2160h', '91d']);
  fc.assert(
    fc.property(words, (list) => {
      const whole = list.filter(({ window }) => window !== undefined && far.has(window));
      const now = held(kind, 'n', asSaid(list));
      if (whole.length > 0) return assert.equal(canonical(now), canonical(held(kind, 'n', asSaid(whole))));
      assert.ok(now && 'unobserved' in now.statement);
      assert.match(now.statement.why, /looked back .*, 90 days is asked for/);
    }),
  );
});

test('born: a window that reaches back to a known beginning is as long as any, and no other is', () => {
  const kind = kindSchema.parse({
    ...having('n', { window: '90d' }),
    born: 'began',
    attributes: {
      began: { type: 'timestamp', optional: true, immutable: true, description: 'When it began.' },
      ...having('n', { window: '90d' }).attributes,
    },
  });
  const began = fc.constantFrom<Statement>(
    { value: new Date(NOW.getTime() - 24 * HOUR).toISOString() },
    { value: new Date(NOW.getTime() - 31 * 24 * HOUR).toISOString() },
    { value: 'some day' },
    { absent: true },
    { unobserved: 'forbidden', why: 'no right' },
  );
  fc.assert(
    fc.property(words, fc.array(began, { maxLength: 2 }), (list, beginnings) => {
      const observations = asSaid(list);
      const births = beginnings.map((one, index) => said(`b${index}`, 0, { began: one }));
      const birth = births.length > 0 ? held(kind, 'began', births)?.statement : undefined;
      const since = birth && 'value' in birth ? Date.parse(String(birth.value)) : Number.NEGATIVE_INFINITY;
      const days: Readonly<Record<string, number>> = {
        '24h': 1,
        '30d': 30,
        '90d': 90,
        '2160h': 90,
        '91d': 91,
      };
      const enough = list.filter(({ window, hours }) => {
        const looked = days[window ?? ''] ?? 0;
        return looked >= 90 || (looked > 0 && NOW.getTime() - (hours + looked * 24) * HOUR <= since);
      });
      const now = held(kind, 'n', [...births, ...observations]);
      if (enough.length === 0) return assert.ok(now && 'unobserved' in now.statement);
      const plain = having('n', {});
      assert.equal(canonical(now), canonical(held(plain, 'n', asSaid(enough))));
    }),
    { numRuns: 500 },
  );
});

test('element_key: partial lists have each element once, the newest word of it, in the order of the key', () => {
  const element = fc.record({ id: fc.integer({ min: 0, max: 3 }), p: fc.boolean() });
  const lists = fc.array(
    fc.record({
      hours: fc.integer({ min: 0, max: 5 }),
      of: fc.uniqueArray(element, { selector: ({ id }) => id }),
    }),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(lists, (all) => {
      const observations = all.map(({ hours, of }, index) =>
        said(`s${index}`, hours, { k: { value: of as unknown as Value, complete: false } }),
      );
      const now = held(having('k', { settle: '1s' }), 'k', observations)?.statement;
      assert.ok(now && 'value' in now && now.complete === false);
      const elements = now.value as unknown as readonly { readonly id: number; readonly p: Value }[];
      const ids = elements.map(({ id }) => id);
      assert.deepEqual(ids, [...new Set(all.flatMap(({ of }) => of.map(({ id }) => id)))].sort());
      for (const { id, p } of elements) {
        const words = all.flatMap(({ hours, of }) =>
          of.filter((one) => one.id === id).map((one) => ({ hours, p: one.p })),
        );
        const newest = Math.min(...words.map(({ hours }) => hours));
        const last = new Set(words.filter((word) => word.hours === newest).map((word) => word.p));
        if (last.size > 1) assert.ok(isUnobserved(p) && p.unobserved === 'disputed', `element ${id}`);
        else assert.ok(last.has(p as boolean), `element ${id}`);
      }
    }),
  );
});

test('element_key: without one the whole element tells elements apart', () => {
  const kind = having('k', { element_key: undefined });
  const k = (...value: readonly Value[]): Readonly<Record<string, Statement>> => ({
    k: { value, complete: false },
  });
  const [a, b] = [
    { id: 1, p: true },
    { id: 1, p: false },
  ];
  const now = held(kind, 'k', [said('one', 1, k(a)), said('two', 0, k(b, a))])?.statement;
  assert.ok(now && 'value' in now && Array.isArray(now.value));
  assert.deepEqual(now.value.map(canonical).sort(), [a, b].map(canonical).sort());
});

test('set_by approval: always observed; nobody but an approval sets it, and it does not age', () => {
  const kind = having('b', { set_by: 'approval' });
  const source = fc.constantFrom('one', 'two', APPROVALS);
  const list = fc.array(
    fc.record({ source, hours: fc.constantFrom(0, 1, 30, 24 * 400), value: fc.boolean() }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(list, (all) => {
      const rest = said('one', 0, { a: { value: true } });
      const observations = [
        rest,
        ...all.map((one) => said(one.source, one.hours, { b: { value: one.value } })),
      ];
      const verdict = evaluate(standard('asset.b', 'true', kind), merge(kind, observations), CLOCK).verdict;
      const approvals = all.filter((one) => one.source === APPROVALS);
      const newest = Math.min(...approvals.map(({ hours }) => hours));
      const values = new Set(approvals.filter(({ hours }) => hours === newest).map(({ value }) => value));
      // Of two that contradict each other neither is in force.
      assert.equal(verdict, values.size === 1 && values.has(true) ? 'pass' : 'fail');
    }),
  );
});
