import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  baseline,
  completeness,
  inOrder,
  type Run,
  type Sighting,
  type Sweep,
  spanAt,
  spans,
} from './existence.ts';

const run = (over: Partial<Run> = {}): Run => ({
  collection: 'c',
  startedAt: 0n,
  claimed: true,
  seen: 100,
  delivered: 100,
  witness: null,
  confirmed: false,
  containers: false,
  ...over,
});

const judged: readonly (readonly [string, Run, number, number, string])[] = [
  ['a first listing without a witness', run(), 0, 0, 'complete, unconfirmed'],
  ['a witness that agrees', run({ witness: 100 }), 90, 190, 'complete, confirmed'],
  ['a witness that counts more', run({ witness: 101 }), 0, 100, 'a second witness counts 101, 100 were seen'],
  ['a witness that counts less', run({ witness: 99 }), 0, 100, 'a second witness counts 99, 100 were seen'],
  [
    'a source that says it could not',
    run({ claimed: false, witness: 100 }),
    0,
    100,
    'the source could not list everything',
  ],
  [
    'lines that were lost',
    run({ delivered: 98, witness: 100 }),
    0,
    100,
    'the source says that it saw 100, and 98 arrived',
  ],
  ['five in a hundred gone', run(), 5, 100, 'complete, unconfirmed'],
  ['six in a hundred gone', run(), 6, 100, '6 of 100 are missing and 5 may be; confirm that they are gone'],
  ['one of three gone', run(), 1, 3, 'complete, unconfirmed'],
  ['two of three gone', run(), 2, 3, '2 of 3 are missing and 1 may be; confirm that they are gone'],
  ['many gone, and somebody confirmed it', run({ confirmed: true }), 60, 100, 'complete, confirmed'],
];
for (const [what, one, removed, population, expected] of judged) {
  test(`${what}: ${expected}`, () => {
    const said = completeness(one, removed, population);
    assert.equal(said.complete ? `complete, ${said.confirmed ? '' : 'un'}confirmed` : said.why, expected);
  });
}

test('removals count from the last population that somebody vouched for, else from the first', () => {
  const runs = inOrder([
    run({ collection: 'c', startedAt: 3n }),
    run({ collection: 'a', startedAt: 1n }),
    run({ collection: 'b', startedAt: 2n, witness: 100 }),
    run({ collection: 'd', startedAt: 4n }),
  ]);
  assert.deepEqual(
    runs.map(({ collection }) => collection),
    ['a', 'b', 'c', 'd'],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => baseline(runs, index)),
    [null, 0, 1, 1],
  );
});

test('runs come by their start, then by content, however they arrive', () => {
  const all = [...'badc'].flatMap((collection) =>
    [2n, 1n, 10n].map((startedAt) => run({ collection, startedAt })),
  );
  const text = (runs: readonly Run[]) =>
    runs.map(({ startedAt, collection }) => `${startedAt}${collection}`).join(' ');
  const expected = [1, 2, 10].flatMap((at) => [...'abcd'].map((name) => `${at}${name}`)).join(' ');
  assert.equal(text(inOrder(all)), expected);
  assert.equal(text(inOrder(all.toReversed())), expected);
  assert.equal(text(inOrder(inOrder(all))), expected);
});

test('a first run that somebody vouched for is the baseline, whatever came between', () => {
  const runs = [run({ confirmed: true }), run(), run({ claimed: false, witness: 100 }), run()];
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => baseline(runs, index)),
    [null, 0, 0, 0],
  );
  const second = [run(), run({ confirmed: true }), run(), run()];
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => baseline(second, index)),
    [null, 0, 1, 1],
  );
  const lossy = [run(), run({ witness: 100, delivered: 99 }), run()];
  assert.equal(baseline(lossy, 2), 0);
});

test('removals may come to a twentieth of what somebody vouched for, and to one, however many runs they take', () => {
  fc.assert(
    fc.property(fc.nat(400), fc.nat(60), (population, removed) => {
      const said = completeness(run({ seen: population, delivered: population }), removed, population);
      assert.equal(said.complete, removed <= 1 || removed * 20 <= population);
    }),
  );
});

const seen = (at: number, source = 's', container = 'p', collection = `${source}@${at}`): Sighting => ({
  source,
  container,
  estate: '',
  format: '',
  collection,
  at: BigInt(at),
});
const swept = (at: number, source = 's', container = 'p', collection = `${source}!${at}`): Sweep => ({
  ...seen(at, source, container, collection),
  except: new Set(),
});
const text = (all: ReturnType<typeof spans>) => all.map(({ from, to }) => `${from}-${to ?? ''}`).join(' ');

const lives: readonly (readonly [string, readonly Sighting[], readonly Sweep[], string])[] = [
  ['seen once', [seen(1)], [], '1-'],
  ['never seen', [], [swept(1)], ''],
  ['not listed by a later complete run', [seen(1)], [swept(5)], '1-5'],
  ['not listed by an earlier run', [seen(5)], [swept(1)], '5-'],
  ['seen after the run began that missed it', [seen(6, 's', 'p', 'other')], [swept(5)], '6-'],
  [
    'listed by the run itself, though observed before',
    [seen(5, 's', 'p', 'x')],
    [swept(5, 's', 'p', 'x')],
    '5-',
  ],
  ['a run of another partition says nothing', [seen(1)], [swept(5, 's', 'q')], '1-'],
  [
    'a run that lists it elsewhere says nothing against it',
    [seen(1), seen(5, 's', 'q', 'x')],
    [swept(5, 's', 'p', 'x')],
    '1-',
  ],
  [
    'listed by the run itself, which saw it only later',
    [seen(1), seen(7, 's', 'p', 'x')],
    [swept(5, 's', 'p', 'x')],
    '1-',
  ],
  ['twelve comes after nine', [seen(9), seen(12)], [swept(10)], '9-10 12-'],
  ['a run of another source says nothing', [seen(1)], [swept(5, 't')], '1-'],
  ['moved: its old partition has no say', [seen(1), seen(3, 's', 'q')], [swept(5)], '1-'],
  ['moved: its new one has', [seen(1), seen(3, 's', 'q')], [swept(5, 's', 'q')], '1-5'],
  ['one of two sources still sees it', [seen(1), seen(2, 't')], [swept(5)], '1-'],
  ['both lost it', [seen(1), seen(2, 't')], [swept(5), swept(7, 't')], '1-7'],
  ['gone and back', [seen(1), seen(9)], [swept(5)], '1-5 9-'],
  ['seen and missed at one instant: what is seen exists', [seen(1), seen(5, 't')], [swept(5)], '1-'],
];
for (const [what, sightings, sweeps, expected] of lives) {
  test(`${what}: exists ${expected || 'never'}`, () =>
    assert.equal(text(spans(sightings, sweeps)), expected));
}

test('retiring a source withdraws its word, and retiring an asset every word', () => {
  const two = [seen(1), seen(2, 't')];
  assert.equal(text(spans(two, [], [{ at: 5n, source: 's' }])), '1-');
  assert.equal(
    text(
      spans(
        two,
        [],
        [
          { at: 5n, source: 's' },
          { at: 6n, source: 't' },
        ],
      ),
    ),
    '1-6',
  );
  assert.equal(text(spans(two, [], [{ at: 5n, source: null }])), '1-5');
  assert.equal(text(spans([...two, seen(8)], [], [{ at: 5n, source: null }])), '1-5 8-');
});

test('an instant lies in a span from its first moment to before its last', () => {
  const all = spans([seen(1), seen(9)], [swept(5)]);
  assert.deepEqual(
    [0n, 1n, 4n, 5n, 8n, 9n].map((at) => spanAt(all, at)?.from ?? null),
    [null, 1n, 1n, null, null, 9n],
  );
});

const word = fc.record({
  at: fc.nat(12),
  source: fc.constantFrom('s', 't'),
  container: fc.constantFrom('p', 'q'),
});
const words = fc.array(word, { maxLength: 8 });
const sightingsOf = (all: readonly { at: number; source: string; container: string }[]) =>
  all.map(({ at, source, container }, index) => seen(at, source, container, `c${index}`));
const sweepsOf = (all: readonly { at: number; source: string; container: string }[]) =>
  all.map(({ at, source, container }, index) => swept(at, source, container, `w${index}`));

test('neither order nor repetition of what is known matters', () => {
  fc.assert(
    fc.property(words, words, fc.infiniteStream(fc.nat()), (saw, missed, stream) => {
      const shuffled = <T>(all: readonly T[]) =>
        all
          .map((one) => [stream.next().value ?? 0, one] as const)
          .sort(([a], [b]) => a - b)
          .map(([, one]) => one);
      const [sightings, sweeps] = [sightingsOf(saw), sweepsOf(missed)];
      const expected = text(spans(sightings, sweeps));
      const again = spans(shuffled([...sightings, ...sightings]), shuffled([...sweeps, ...sweeps]));
      assert.equal(text(again), expected);
    }),
  );
});

test('it exists exactly while some source saw it and has not missed it there since', () => {
  fc.assert(
    fc.property(words, words, fc.nat(13), (saw, missed, now) => {
      // Written a second way: ask each source for its latest word up to now.
      const exists = ['s', 't'].some((source) => {
        const last = Math.max(
          -1,
          ...saw.filter((w) => w.source === source && w.at <= now).map(({ at }) => at),
        );
        if (last < 0) return false;
        const where = saw
          .filter((w) => w.source === source && w.at === last)
          .map(({ container }) => container);
        return where.some(
          (container) =>
            !missed.some(
              (w) => w.source === source && w.container === container && w.at > last && w.at <= now,
            ),
        );
      });
      const all = spans(sightingsOf(saw), sweepsOf(missed));
      assert.equal(spanAt(all, BigInt(now)) !== null, exists);
    }),
  );
});

test('looking less never makes an asset vanish', () => {
  fc.assert(
    fc.property(words, words, fc.nat(13), (saw, missed, now) => {
      const sightings = sightingsOf(saw);
      const before = spanAt(spans(sightings, sweepsOf(missed)), BigInt(now));
      const fewer = spanAt(spans(sightings, sweepsOf(missed).slice(1)), BigInt(now));
      if (before) assert.ok(fewer, 'a collection that became incomplete removed it');
    }),
  );
});
