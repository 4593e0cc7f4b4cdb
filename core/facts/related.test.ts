/** `related`: the assets at the other end, and what may be there unseen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PartialList, Unknown } from '../cel/runtime/value.ts';
import { kindSchema } from '../kinds/kind.ts';
import { compileStandard } from '../verdicts/compiled-standard.ts';
import { evaluate, judgeOf, rowOf } from '../verdicts/evaluate.ts';
import { explain } from '../verdicts/explain.ts';
import { standardSchema } from '../verdicts/standard.ts';
import { type Asset, merge } from './asset.ts';
import { arrivals, type Enumerated, enumerations, newestEnumerations, wholeKinds } from './enumeration.ts';
import type { Collection, Observation, Partition, Statement } from './observation.ts';
import { relatedIn } from './related.ts';

const HOUSE = kindSchema.parse({
  kind: 'house',
  description: 'A house for tests.',
  key: ['safe'],
  fresh_for: '7d',
  attributes: {
    safe: { type: 'bool', description: 'Whether it is safe.' },
    name: { type: 'string', immutable: true, description: 'What it is called.' },
  },
  relations: { doors: { from: 'door', by: 'stands_in' } },
});
const DOOR = kindSchema.parse({
  kind: 'door',
  description: 'A door for tests.',
  key: ['locked'],
  fresh_for: '30d',
  attributes: {
    house: { type: 'string', optional: true, description: 'Id of its house.' },
    keys: { type: 'list', of: 'string', description: 'Ids of houses that its keys open.' },
    locked: { type: 'bool', description: 'Whether it is locked.' },
  },
  relations: {
    stands_in: { to: 'house', by: 'house' },
    opens: { to: 'house', by: 'keys' },
    loose: { to: 'house' },
  },
});
const KINDS = new Map([HOUSE, DOOR].map((kind) => [kind.kind, kind]));
const NOW = new Date('2026-11-01T00:00:00Z');
const CLOCK = { asOf: NOW, real: NOW };

function asset(kind: string, name: string, attributes: Record<string, Statement>, days = 0): Asset {
  const time = new Date(NOW.getTime() - days * 86_400_000).toISOString();
  const definition = KINDS.get(kind);
  assert.ok(definition);
  return merge(definition, [
    {
      kind,
      id: `${kind}/${name}`,
      name,
      source: 'one',
      assurance: 'configured',
      observedAt: time,
      receivedAt: time,
      attributes,
    },
  ]);
}

const value = (one: string | boolean | string[]): Statement => ({ value: one });
const house = (name: string, safe: boolean, days = 0) =>
  asset('house', name, { safe: value(safe), name: value(name) }, days);
const door = (name: string, of: string, locked: boolean, days = 0) =>
  asset('door', name, { house: value(of), keys: value([]), locked: value(locked) }, days);
const partition = (kind: string, complete: boolean): Partition => ({
  kind,
  container: 'x',
  containerName: 'x',
  complete,
  seen: 1,
});

/** Listed by one source on a day, with so many arrived as it says unless it is said. */
const listed = (partitions: readonly Partition[], days = 0, arrived?: number) => {
  const time = new Date(NOW.getTime() - days * 86_400_000).toISOString();
  return partitions.flatMap((one, at) =>
    enumerations(
      {
        source: `s${at}`,
        startedAt: time,
        finishedAt: time,
        status: 'complete',
        problems: [],
        partitions: [one],
      },
      new Map([[one, arrived ?? one.seen]]),
    ),
  );
};
const whole = (partitions: readonly Partition[]) => wholeKinds(newestEnumerations(listed(partitions)));

function standard(kind: string, check: string, more: Readonly<Record<string, unknown>> = {}) {
  const definition = standardSchema.parse({
    id: 'related',
    pillar: 'engineering',
    title: 'Related things are well',
    statement: 'Everything that is related is well.',
    why: 'So that relations are tried on examples.',
    origin: { report: 'none', lesson: 'Nothing stands alone.' },
    scope: { kind },
    check,
    reasons: [{ id: 'bad', say: 'it is bad' }],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'warn' },
    toil: { owner_minutes: 1 },
    ...more,
  });
  const compiled = compileStandard(definition, KINDS.get(kind) ?? HOUSE, {
    file: 'test',
    lineOf: () => 1,
    kinds: KINDS,
  });
  if ('mistakes' in compiled) throw new Error(compiled.mistakes.map(({ reason }) => reason).join('; '));
  return compiled;
}

interface JudgedInput {
  readonly check: string;
  readonly of: Asset;
  readonly all: readonly Asset[];
  readonly partitions?: readonly Partition[];
  readonly more?: {};
}

function judged({ check, of, all, partitions = [], more = {} }: JudgedInput) {
  const related = relatedIn(KINDS, all, whole(partitions));
  const { verdict, causes } = evaluate(standard(of.kind, check, more), of, CLOCK, related);
  return causes.length === 0 ? verdict : causes.map(({ cause, path }) => `${cause} ${path}`);
}

const SAFE = 'related("stands_in").all(h, h.safe)';
const LOCKED = 'related("doors").all(d, d.locked)';

test('an attribute that holds an id leads to that asset, a list of ids to all of them', () => {
  const all = [house('a', true), house('b', false)];
  assert.equal(judged({ check: SAFE, of: door('1', 'house/a', true), all }), 'pass');
  assert.equal(judged({ check: SAFE, of: door('1', 'house/b', true), all }), 'fail');
  const opens = asset('door', '2', { keys: value(['house/a', 'house/b']) });
  assert.equal(judged({ check: 'related("opens").exists_one(h, h.safe)', of: opens, all }), 'pass');
  assert.equal(judged({ check: 'related("opens").map(h, h.name) == ["a", "b"]', of: opens, all }), 'pass');
});

test('none referred to is none, and an unobserved reference leaves it open', () => {
  const none = asset('door', '1', { house: { absent: true } });
  assert.equal(judged({ check: 'size(related("stands_in")) == 0', of: none, all: [] }), 'pass');
  assert.deepEqual(judged({ check: SAFE, of: asset('door', '1', {}), all: [] }), ['unobserved asset.house']);
  const partial = asset('door', '1', { keys: { value: ['house/a'], complete: false } });
  assert.deepEqual(
    judged({ check: 'related("opens").all(h, h.safe)', of: partial, all: [house('a', true)] }),
    ['incomplete related(opens)'],
  );
});

test('a reference to an asset that nobody saw is an element of which nothing is known', () => {
  const one = door('1', 'house/z', true);
  assert.deepEqual(judged({ check: SAFE, of: one, all: [] }), ['unobserved house']);
  assert.equal(judged({ check: 'size(related("stands_in")) == 1', of: one, all: [] }), 'pass');
});

test('backwards it is complete only where every partition of that kind is, and every reference known', () => {
  const home = house('a', true);
  const doors = [door('1', 'house/a', true), door('2', 'house/b', false)];
  assert.equal(
    judged({ check: LOCKED, of: home, all: doors, partitions: [partition('door', true)] }),
    'pass',
  );
  assert.deepEqual(
    judged({
      check: LOCKED,
      of: home,
      all: doors,
      partitions: [partition('door', true), partition('door', false)],
    }),
    ['incomplete related(doors)'],
  );
  assert.deepEqual(judged({ check: LOCKED, of: home, all: doors }), ['incomplete related(doors)']);
  const open = [...doors, asset('door', '3', { locked: value(true) })];
  assert.deepEqual(judged({ check: LOCKED, of: home, all: open, partitions: [partition('door', true)] }), [
    'incomplete related(doors)',
  ]);
  const bad = [...open, door('4', 'house/a', false)];
  assert.equal(judged({ check: LOCKED, of: home, all: bad, partitions: [partition('door', false)] }), 'fail');
});

test('evidence of the other asset ages by the limit of its own kind, or of the standard', () => {
  const one = door('1', 'house/a', true);
  assert.deepEqual(judged({ check: SAFE, of: one, all: [house('a', true, 8)] }), ['stale house.safe']);
  assert.equal(
    judged({ check: 'related("stands_in").all(h, h.name == "a")', of: one, all: [house('a', true, 8)] }),
    'pass',
  );
  const day = { evidence: { max_age: '1d' } };
  assert.deepEqual(judged({ check: SAFE, of: one, all: [house('a', true, 2)], partitions: [], more: day }), [
    'stale house.safe',
  ]);
  const month = { evidence: { max_age: '30d' } };
  assert.equal(
    judged({ check: SAFE, of: one, all: [house('a', true, 8)], partitions: [], more: month }),
    'pass',
  );
  const old = [door('1', 'house/a', true, 40)];
  assert.deepEqual(
    judged({ check: LOCKED, of: house('a', true), all: old, partitions: [partition('door', true)] }),
    ['incomplete related(doors)'],
  );
});

test('whoever may point here without its being known leaves the list open, and whoever does is in it', () => {
  const home = house('a', true);
  const opened = (keys: Statement) => {
    const kinds = new Map([
      ...KINDS,
      ['house', { ...HOUSE, relations: { opened_by: { from: 'door', by: 'opens' } } }],
    ]) as typeof KINDS;
    const one = asset('door', '1', { keys, locked: value(true) });
    const related = relatedIn(kinds, [home, one], whole([partition('door', true)]));
    const list = related(rowOf(HOUSE, home), 'opened_by', (row, name) => row[name], {});
    const items = list instanceof PartialList ? list.items : (list as readonly unknown[]);
    return [items.length, list instanceof PartialList ? 'and more' : 'and no more'];
  };
  assert.deepEqual(opened(value(['house/a'])), [1, 'and no more']);
  assert.deepEqual(opened(value(['house/a', 'house/b'])), [1, 'and no more']);
  assert.deepEqual(opened(value([])), [0, 'and no more']);
  assert.deepEqual(opened({ value: ['house/a'], complete: false }), [1, 'and more']);
  assert.deepEqual(opened({ value: ['house/b'], complete: false }), [0, 'and more']);
  assert.deepEqual(opened({ unobserved: 'failed', why: 'x' }), [0, 'and more']);
  assert.deepEqual(opened({ value: ['house/b', { unobserved: 'failed', why: 'x' }] }), [0, 'and more']);
});

test('a witness that counts more or fewer than were seen leaves every list of that kind open', () => {
  const home = house('a', true);
  const doors = [door('1', 'house/a', true)];
  const counted = (count: number) => [{ ...partition('door', true), witness: { id: 'plan', count } }];
  assert.equal(judged({ check: LOCKED, of: home, all: doors, partitions: counted(1) }), 'pass');
  assert.deepEqual(judged({ check: LOCKED, of: home, all: doors, partitions: counted(0) }), [
    'incomplete related(doors)',
  ]);
  assert.deepEqual(judged({ check: LOCKED, of: home, all: doors, partitions: counted(2) }), [
    'incomplete related(doors)',
  ]);
});

test('what was listed too long ago, or did not all arrive, or failed, leaves every list of that kind open', () => {
  const home = house('a', true);
  const doors = [door('1', 'house/a', true)];
  const asked = (runs: readonly Enumerated[], more = {}) => {
    const related = relatedIn(KINDS, [home, ...doors], wholeKinds(newestEnumerations(runs)));
    const { verdict, causes } = evaluate(standard('house', LOCKED, more), home, CLOCK, related);
    return verdict === 'unknown' ? causes.map(({ cause, path }) => `${cause} ${path}`).join() : verdict;
  };
  const open = 'incomplete related(doors)';
  const one = [partition('door', true)];
  // Doors are fresh for 30 days, unless the standard asks for more, or less.
  assert.equal(asked(listed(one, 30)), 'pass');
  assert.equal(asked(listed(one, 30.001)), open);
  assert.equal(asked(listed(one, 2), { evidence: { max_age: '1d' } }), open);
  assert.equal(asked(listed(one, 40), { evidence: { max_age: '41d' } }), 'pass');
  // The newest of a partition counts, the oldest of several partitions.
  assert.equal(asked([...listed(one, 40), ...listed(one)]), 'pass');
  assert.equal(asked([...listed(one), ...listed(one, 40)]), 'pass');
  assert.equal(asked([...listed(one), ...listed([{ ...partition('door', false) }], 1)]), 'pass');
  assert.equal(asked([...listed(one, 1), ...listed([{ ...partition('door', false) }])]), open);
  const other = { ...partition('door', true), container: 'y' };
  assert.equal(asked([...listed(one), ...listed([other], 40)]), open);
  // It says that it saw five, and one arrived, whatever a witness counts.
  const five = { ...partition('door', true), seen: 5 };
  assert.equal(asked(listed([five], 0, 1)), open);
  assert.equal(asked(listed([{ ...five, witness: { id: 'plan', count: 3 } }], 0, 1)), open);
  assert.equal(asked(listed([{ ...five, witness: { id: 'plan', count: 5 } }], 0, 5)), 'pass');
  const failed = {
    source: 's',
    startedAt: NOW.toISOString(),
    finishedAt: NOW.toISOString(),
    problems: [],
  };
  assert.equal(
    asked(enumerations({ ...failed, status: 'failed', partitions: one }, new Map([[one[0] ?? five, 1]]))),
    open,
  );
  assert.equal(asked(listed(one).map((run) => ({ ...run, at: Number.NaN }))), open);
});

test('what arrived is counted once an asset, in the partition that it names or the only one of its kind', () => {
  const [a, b] = [partition('door', true), { ...partition('door', true), container: 'y' }];
  const home = partition('house', true);
  const seen = (kind: string, name: string, container?: string): Observation => ({
    kind,
    id: `${kind}/${name}`,
    name,
    source: 's',
    assurance: 'tested',
    attributes: {},
    observedAt: NOW.toISOString(),
    receivedAt: NOW.toISOString(),
    ...(container && { container }),
  });
  const collection: Collection = {
    source: 's',
    startedAt: NOW.toISOString(),
    finishedAt: NOW.toISOString(),
    status: 'complete',
    problems: [],
    partitions: [a, b, home],
  };
  const all = [
    seen('door', '1', 'x'),
    seen('door', '1', 'x'),
    seen('door', '2'),
    seen('house', '1'),
    seen('room', '1'),
  ];
  assert.deepEqual([...arrivals(collection, all).values()], [1, 0, 1]);
});

test('a relation that the kind does not have is an error, whoever asks', () => {
  const home = house('a', true);
  const found = relatedIn(KINDS, [home], new Map())(
    rowOf(HOUSE, home),
    'windows',
    (row, name) => row[name],
    {},
  );
  assert.ok(found instanceof Unknown);
  assert.deepEqual(found.causes, [
    { cause: 'undefined', path: 'related(windows)', why: 'there is no such relation' },
  ]);
});

test('rows and references are prepared once for each way of reading', () => {
  const home = house('a', true);
  let reads = 0;
  const read = (row: Readonly<Record<string, unknown>>, name: string) => {
    reads += 1;
    return row[name] as never;
  };
  const doors = ['1', '2', '3'].map((name) => door(name, 'house/a', true));
  const related = relatedIn(KINDS, [home, ...doors], whole([partition('door', true)]));
  const row = rowOf(HOUSE, home);
  const first = related(row, 'doors', read as never, {}) as readonly unknown[];
  const second = related(row, 'doors', read as never, {}) as readonly unknown[];
  assert.equal(reads, doors.length);
  assert.ok(first.every((one, at) => one === second[at]));
  related(row, 'doors', ((other: never, name: string) => read(other, name)) as never, {});
  assert.equal(reads, 2 * doors.length);
});

test('without other assets at hand it is unknown, and a relation that names no attribute cannot be read', () => {
  const { causes } = evaluate(standard('door', SAFE), door('1', 'house/a', true), CLOCK);
  assert.deepEqual(causes, [
    { cause: 'unobserved', path: 'related(stands_in)', why: 'other assets are not at hand' },
  ]);
  assert.throws(() => standard('door', 'size(related("loose")) == 0'), /loose/);
});

test('a verdict is as strong as the weakest of what it read across a relation, and shows the first of it', () => {
  const told = (check: string, of: Asset, all: readonly Asset[], partitions: readonly Partition[] = []) => {
    const related = relatedIn(KINDS, all, whole(partitions));
    const { verdict, assurance, evidence } = evaluate(standard(of.kind, check), of, CLOCK, related);
    return [
      verdict,
      assurance,
      ...evidence.map(({ text, source }) => (source ? `${text} (${source})` : text)),
    ];
  };
  const weak = (one: Asset): Asset => ({
    ...one,
    attributes: new Map(
      [...one.attributes].map(([name, held]) => [name, { ...held, assurance: 'attested' }]),
    ),
  });
  const one = door('1', 'house/a', true);
  assert.deepEqual(told(`asset.locked && ${SAFE}`, one, [weak(house('a', true))]), [
    'pass',
    'attested',
    'house: house/a (one)',
    'locked: true (one)',
    'related(stands_in): 1',
    'house a, safe: true (one)',
  ]);
  assert.deepEqual(told(SAFE, one, [house('a', false)]).slice(0, 3), [
    'fail',
    'configured',
    'house: house/a (one)',
  ]);
  // That something is referred to rests on the reference alone.
  assert.deepEqual(told('size(related("stands_in")) == 1', one, []), [
    'pass',
    'configured',
    'house: house/a (one)',
    'related(stands_in): 1',
  ]);
  const home = house('a', true);
  const doors = ['5', '3', '1', '2', '4'].map((name) => door(name, 'house/a', true));
  const [first, ...others] = doors;
  assert.ok(first);
  assert.deepEqual(told(LOCKED, home, [...others, weak(first)], [{ ...partition('door', true), seen: 5 }]), [
    'pass',
    'attested',
    'related(doors): 5, of which 3 are shown',
    'door 1, house: house/a (one)',
    'door 1, locked: true (one)',
    'door 2, house: house/a (one)',
    'door 2, locked: true (one)',
    'door 3, house: house/a (one)',
    'door 3, locked: true (one)',
  ]);
  assert.deepEqual(told(LOCKED, home, [], [{ ...partition('door', true), seen: 0 }]), [
    'pass',
    null,
    'related(doors): none',
  ]);
  assert.deepEqual(told('related("doors").exists(d, d.locked)', home, [one]), [
    'pass',
    'configured',
    'related(doors): 1 or more',
    'door 1, house: house/a (one)',
    'door 1, locked: true (one)',
  ]);
});

test('an explanation shows the parts that decided, with what they were and where that came from', () => {
  const one = door('1', 'house/b', false);
  const related = relatedIn(KINDS, [house('b', false)], new Map());
  const compiled = standard('door', `has(asset.house) && (asset.locked || ${SAFE})`);
  const [check] = explain(compiled, rowOf(DOOR, one), judgeOf(compiled, CLOCK, related));
  assert.equal(check?.of, 'check');
  const lines = (part: typeof check.explanation, depth: number): string[] => [
    `${' '.repeat(depth)}${part.text} is ${part.value}${part.seen ? ` by ${part.seen.source} ${part.seen.assurance}` : ''}`,
    ...part.parts.flatMap((inner) => lines(inner, depth + 1)),
  ];
  assert.deepEqual(lines(check.explanation, 0), [
    'has(asset.house) && (asset.locked || related("stands_in").all(h, h.safe)) is false',
    ' asset.locked || related("stands_in").all(h, h.safe) is false',
    '  asset.locked is false by one configured',
    '  related("stands_in").all(h, h.safe) is false',
    '   related("stands_in") is 1 element',
    '   h.safe is false',
  ]);
  const unknown = asset('door', '2', {
    house: value('house/b'),
    locked: { unobserved: 'forbidden', why: 'no' },
  });
  const told = explain(compiled, rowOf(DOOR, unknown), judgeOf(compiled, CLOCK, related));
  assert.deepEqual(lines(told[0]?.explanation ?? check.explanation, 0), [
    'has(asset.house) && (asset.locked || related("stands_in").all(h, h.safe)) is unknown',
    ' asset.locked || related("stands_in").all(h, h.safe) is unknown',
    '  asset.locked is unknown (forbidden: no)',
  ]);
});
