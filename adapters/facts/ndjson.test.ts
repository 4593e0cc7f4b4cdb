import assert from 'node:assert/strict';
import test from 'node:test';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { describeLine, observationRead } from '@macadam/testing/facts/lines';
import { anyText } from '@macadam/testing/texts';
import fc from 'fast-check';
import { ingestNdjson } from './ndjson.ts';
import type { Appended, Facts } from './port.ts';

const RECEIVED = new Date('2026-11-01T12:00:00Z');

/** A store that only remembers what it took, whole batches as the real one does. */
function memory() {
  const taken: { readonly collection: Collection; readonly observations: readonly Observation[] }[] = [];
  const append: Facts['append'] = async (collection, observations) => {
    const all: Observation[] = [];
    for await (const each of observations)
      all.push('text' in each ? observationRead(each.text, each.receivedAt) : each);
    taken.push({ collection, observations: all });
    return { observations: all.length } as Appended;
  };
  return { taken, facts: { append } as Facts };
}

async function* chunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function ingested(text: string, size = 1 << 16) {
  const { taken, facts } = memory();
  const { refused } = await ingestNdjson(facts, chunks(text, size), RECEIVED);
  return {
    taken: taken.map(
      ({ collection, observations }) => `${collection.source}: ${observations.map(({ name }) => name)}`,
    ),
    said: refused.flatMap(({ mistakes }) => mistakes.map((one) => describeLine('f', one))),
    refused: refused.map(({ source, firstLine, lastLine }) => `${source} ${firstLine}-${lastLine}`),
    batches: taken,
  };
}

const observation = (over: object = {}) => ({
  kind: 'device',
  id: 'device/one',
  name: 'one',
  source: 'lan',
  observedAt: '2026-11-01T00:00:00Z',
  assurance: 'configured',
  attributes: { model: { value: 'é\u2028' } },
  ...over,
});
const collection = (source: string) => ({
  collection: {
    source,
    startedAt: '2026-11-01T00:00:00Z',
    finishedAt: '2026-11-01T00:01:00Z',
    status: 'complete',
  },
});
const file = (...lines: readonly unknown[]) =>
  lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');

test('observations alone make one collection for each run of a source, which claims nothing', async () => {
  const text = file(
    observation(),
    '',
    observation({ name: 'two' }),
    observation({ source: 'agent', name: 'three' }),
  );
  const { taken, batches, said } = await ingested(`\uFEFF${text}\r\n`);
  assert.deepEqual(said, []);
  assert.deepEqual(taken, ['lan: one,two', 'agent: three']);
  assert.deepEqual(batches[0]?.collection.partitions, []);
  assert.equal(batches[0]?.collection.startedAt, '2026-11-01T00:00:00Z');
  assert.equal(batches[0]?.observations[0]?.receivedAt, RECEIVED.toISOString());
});

test('a bad line refuses its own batch and no other, and every mistake of it is told', async () => {
  const { source: _, ...sourceless } = observation();
  const text = file(
    collection('lan'),
    sourceless,
    collection('agent'),
    observation({ source: 'agent' }),
    '{"kind": "device"',
    observation({ source: 'agent', assurance: 'sure', attributes: { model: { valu: 1 } } }),
    collection('cloud'),
    observation({ source: 'cloud', name: 'last' }),
  );
  const { taken, refused, said } = await ingested(text);
  assert.deepEqual(taken, ['lan: one', 'cloud: last']);
  assert.deepEqual(refused, ['agent 3-6']);
  assert.equal(said.length, 3);
  assert.match(said[0] ?? '', /^f:5: is not JSON \(.*\); write one object a line$/);
  assert.equal(said[1], 'f:6: `assurance`: is "sure"; give one of attested, configured, effective, tested');
  assert.equal(said[2], 'f:6: `attributes.model.valu`: there is no such field, did you mean `value`?');
});

const wrong: readonly (readonly [string, unknown, RegExp])[] = [
  ['a list', [1], /^f:1: is not an object; write/],
  ['a misspelt field', observation({ observed: 1 }), /`observed`: there is no such field/],
  ['no time', observation({ observedAt: 'today' }), /`observedAt`: is "today"; give a time such as/],
  ['no name', observation({ name: '' }), /`name`: is ""; give text/],
  ['half a character', observation({ name: '\ud800' }), /`name`: has half a character in it/],
  [
    'an id of another kind',
    observation({ id: 'user/1' }),
    /`id`: does not begin with its kind; give `device\/…`/,
  ],
  [
    'an approval',
    observation({ source: 'approvals' }),
    /^f:1: `source`: is `approvals`, and approvals are given in Macadam, never sent; name the source that looked$/,
  ],
  [
    'a collection of approvals',
    { collection: collection('approvals').collection },
    /^f:1: `collection.source`: is `approvals`, and approvals are given in Macadam/,
  ],
  ['a receipt that is not a time', observation({ receivedAt: 'now' }), /`receivedAt`: is "now"; give a time/],
  [
    'a collection that is yet to come',
    { collection: { ...collection('lan').collection, startedAt: '2026-11-01T12:05:01Z' } },
    /`collection.startedAt`: is 2026-11-01T12:05:01Z, which is yet to come; set the clock right/,
  ],
  ['no attributes', observation({ attributes: undefined }), /`attributes`: is missing; give an object/],
  ['a bare value', observation({ attributes: { model: 'x' } }), /`attributes.model`: is "x"; give \{"value"/],
  [
    'two statements',
    observation({ attributes: { model: { value: 1, absent: true } } }),
    /says value and absent; give one of/,
  ],
  [
    'a null',
    observation({ attributes: { model: { value: [{ a: null }] } } }),
    /has a null inside; leave the key out/,
  ],
  [
    'no cause',
    observation({ attributes: { model: { unobserved: 'lost', why: 'x' } } }),
    /`attributes.model.unobserved`: there is no cause `lost`; there are disputed/,
  ],
  [
    'no why',
    observation({ attributes: { model: { unobserved: 'failed' } } }),
    /does not say why it is unobserved/,
  ],
  [
    'a window that is not a time',
    observation({ attributes: { model: { value: 1, window: 'junk' } } }),
    /`attributes.model.window`: is "junk"; give a duration such as 2160h/,
  ],
  [
    'completeness in quotes',
    observation({ attributes: { model: { value: [], complete: 'false' } } }),
    /`attributes.model.complete`: is "false"; give true or false, without quotes/,
  ],
  [
    'a collection without a status',
    { collection: { ...collection('lan').collection, status: 'ok' } },
    /`collection.status`: is "ok"; give one of/,
  ],
  [
    'a partition that does not count',
    {
      collection: {
        ...collection('lan').collection,
        partitions: [{ kind: 'device', container: 'c', containerName: 'c', complete: true, seen: -1 }],
      },
    },
    /`collection.partitions\[0\].seen`: is -1; give a number of assets/,
  ],
];
for (const [what, line, expected] of wrong) {
  test(`${what} is refused with its field, the reason and what to write`, async () => {
    const { taken, said } = await ingested(file(line));
    assert.deepEqual(taken, []);
    assert.match(said.join('\n'), expected);
  });
}

test('an approval is refused wherever it stands: below others, and below a collection of another source', async () => {
  const approval = observation({ source: 'approvals', name: 'own' });
  const among = await ingested(file(observation(), approval, observation({ name: 'two' })));
  assert.deepEqual([among.taken, among.refused], [['lan: one', 'lan: two'], ['approvals 2-2']]);
  const below = await ingested(file(collection('lan'), observation(), approval));
  assert.deepEqual([below.taken, below.refused], [[], ['lan 1-3']]);
  assert.match(below.said.join(), /^f:3: `source`: is `approvals`, /);
});

test('when a line was received is ours to say, whichever way it is read', async () => {
  const plain = observation({ observedAt: '2099-01-01T00:00:00Z', receivedAt: '2099-01-01T00:00:00Z' });
  const odd = { ...plain, attributes: { model: { value: { a: 0.1, 'é ': '\u0001' } } } };
  const back = observation({ receivedAt: '2020-01-01T00:00:00Z' });
  const { batches, said } = await ingested(file(plain, odd, back));
  assert.deepEqual(said, []);
  assert.deepEqual(
    batches[0]?.observations.map(({ receivedAt }) => receivedAt),
    [RECEIVED, RECEIVED, RECEIVED].map((at) => at.toISOString()),
  );
  // What comes with it counts from the beginning of the collection, which is not in the future either.
  assert.equal(batches[0]?.collection.startedAt, RECEIVED.toISOString());
});

test('nothing is too deep, too large or too long to be refused', async () => {
  const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
  for (const [text, expected] of [
    [
      JSON.stringify(observation({ attributes: { a: { value: 0 } } })).replace(
        '"value":0',
        `"value":${deep}`,
      ),
      /^f:1: is nested deeper than 64 levels; /,
    ],
    [
      JSON.stringify(observation({ location: { path: 'a' } })).replace('"a"', `"a","b":${deep}`),
      /^f:1: is nested deeper than 64 levels; /,
    ],
    [
      JSON.stringify(observation({ attributes: { a: { value: 0 } } })).replace('"value":0', '"value":-1e999'),
      /^f:1: has a number that is too large for a double; /,
    ],
  ] as const) {
    const { taken, said } = await ingested(text);
    assert.deepEqual(taken, []);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', expected);
  }
});

test('a line without an end is let go of, and what comes after it is read', async () => {
  const { taken, facts } = memory();
  let most = 0;
  const endless = async function* () {
    const chunk = Buffer.alloc(1 << 20, 'x');
    for (let sent = 0; sent < 200; sent += 1) {
      yield chunk;
      if (sent % 40 === 39) most = Math.max(most, process.memoryUsage().heapUsed);
    }
    yield Buffer.from(`\n${file(collection('lan'), observation())}`);
  };
  const { refused } = await ingestNdjson(facts, endless(), RECEIVED);
  assert.deepEqual(
    taken.map((batch) => batch.observations.length),
    [1],
  );
  assert.match(refused[0]?.mistakes[0]?.reason ?? '', /^is longer than 16777216 characters/);
  assert.ok(most < 400 << 20, `${most} bytes are held of an endless line`);
});

test('however the bytes are cut, and whatever they are, it answers and says the same', async () => {
  const line = fc.oneof(
    fc
      .constantFrom(observation(), observation({ source: 'agent' }), collection('lan'), collection('agent'))
      .map((one) => JSON.stringify(one)),
    anyText(),
    fc.json(),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 8 }),
      fc.integer({ min: 1, max: 40 }),
      async (lines, size) => {
        const { batches: _, ...whole } = await ingested(file(...lines));
        const { batches: __, ...cut } = await ingested(file(...lines), size);
        assert.deepEqual(cut, whole);
      },
    ),
  );
});
