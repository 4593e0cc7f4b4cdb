import assert from 'node:assert/strict';
import test from 'node:test';
import { ASSURANCES, CAUSES, type Collection } from '@macadam/core/facts/observation';
import { runs } from '@macadam/testing/runs';
import { anyText } from '@macadam/testing/texts';
import fc from 'fast-check';
import { observationFrom, parsed } from './line.ts';
import { observationText } from './manifest.ts';
import { ndjsonScan } from './ndjson-scan.ts';

const RECEIVED = '2026-11-01T12:00:00.000Z';
const collection = { source: 'lan "1"', partitions: [], problems: [] } as unknown as Collection;
const scan = ndjsonScan();

/** What the long way makes of a line. */
function readSlowly(line: Buffer) {
  const mistakes: unknown[] = [];
  const record = parsed({ number: 2, bytes: line }, (one) => mistakes.push(one));
  if (record === undefined) return null;
  const observation = observationFrom({
    record,
    line: 2,
    collection,
    receivedAt: RECEIVED,
    mistake: (one) => mistakes.push(one),
  });
  return mistakes.length > 0 ? null : observation;
}

/** The scan takes nothing that the long way refuses, and says of the rest what it says. True: it was taken. */
function agree(line: Buffer): boolean {
  const written = scan(line, collection.source, RECEIVED);
  if (written === null) return false;
  const read = readSlowly(line);
  assert.ok(read, `it takes ${line}`);
  assert.equal(Buffer.from(written.text).toString(), observationText(read), String(line));
  const { kind, id, name, source, observedAt, receivedAt, container } = read;
  assert.equal(receivedAt, RECEIVED, 'when it was received is ours to say');
  const { text: _, attributes, ...head } = written;
  assert.deepEqual(head, {
    kind,
    id,
    name,
    source,
    observedAt,
    receivedAt,
    ...(container !== undefined && { container }),
  });
  assert.deepEqual(
    Object.entries(attributes)
      .map(([one, said]) => [one, 'absent' in said])
      .sort(),
    Object.entries(read.attributes)
      .map(([one, said]) => [one, 'absent' in said])
      .sort(),
  );
  return true;
}

const text = fc.oneof(
  fc.constantFrom('a', 'é😀', 'a "b" \\ \n', '\u2028', '\x7f', 'x'.repeat(300)),
  fc.string({ minLength: 1, maxLength: 9 }),
  anyText({ minLength: 1, maxLength: 4 }),
);
const key = fc.oneof(
  fc.constantFrom('id', 'kind', 'b', 'a', 'ab', '__proto__', '10', '9'),
  fc.string({ maxLength: 3 }),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(true, false, 1e20, 1e21, 0),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const more = fc.record(
  {
    assurance: fc.constantFrom(...ASSURANCES),
    window: fc.constantFrom('5h', '90d'),
    complete: fc.boolean(),
  },
  { requiredKeys: [] },
);
const statement = fc
  .tuple(
    fc.oneof(
      fc.record({ value }),
      fc.constant({ absent: true }),
      fc.record({ unobserved: fc.constantFrom(...CAUSES), why: text }),
      fc.record({ value, why: text }),
    ),
    more,
  )
  .map(([one, { complete, ...rest }]) => ({
    ...rest,
    ...one,
    // Of what is no list or map it is a mistake, and such a line is read the long way.
    ...('value' in one && typeof one.value === 'object' && complete !== undefined && { complete }),
  }));
const ordinary = fc.record(
  {
    kind: fc.constant('device'),
    id: text.map((one) => `device/${one}`),
    name: text,
    source: fc.constantFrom('lan', 'agent'),
    observedAt: fc.constantFrom('2026-11-01T00:00:00Z', '2026-11-01T00:00:00.123456789+02:00'),
    receivedAt: fc.constantFrom('2026-11-01T00:00:00Z', '2099-01-01T00:00:00Z', RECEIVED),
    assurance: fc.constantFrom(...ASSURANCES),
    attributes: fc.dictionary(key, statement, { maxKeys: 5, noNullPrototype: true }),
    location: fc.record({ path: text, line: fc.nat() }, { requiredKeys: ['path'] }),
    container: text,
  },
  { requiredKeys: ['kind', 'id', 'name', 'observedAt', 'assurance', 'attributes'] },
);
/** Keys in another order, blanks between. */
const line = fc
  .tuple(ordinary, fc.constantFrom(undefined, 1, '\t'), fc.boolean())
  .map(([one, blanks, turned]) => {
    const all = turned ? Object.fromEntries(Object.entries(one).reverse()) : one;
    return JSON.stringify(all, null, blanks).replaceAll('\n', '\r');
  });

test('a line that is scanned says what it says when it is read the long way', () => {
  let taken = 0;
  let all = 0;
  fc.assert(
    fc.property(line, (one) => {
      all += 1;
      if (agree(Buffer.from(one))) taken += 1;
    }),
    { numRuns: runs(3000) },
  );
  assert.ok(taken > all / 3, `of ${all} ordinary lines ${taken} were taken`);
});

test('of a line with something amiss nothing is taken that the long way refuses', () => {
  const signs = [
    '',
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '0',
    '-',
    '.',
    'e',
    'null',
    '\\',
    '\\u0041',
    '\\/',
    ' ',
    '\ufeff',
    'é',
    't',
  ];
  const pieces = [
    '"kind":"device",',
    '"a":{},',
    '"value":1,',
    '"absent":true,',
    '"absent":1,',
    '"why":1,',
    '"why":"",',
    '"window":"",',
    '"window":"junk",',
    '"unobserved":"no",',
  ];
  fc.assert(
    fc.property(line, fc.nat(), fc.constantFrom(...signs, ...pieces), fc.nat(2), (one, where, sign, cut) => {
      const at = where % (one.length + 1);
      agree(Buffer.from(one.slice(0, at) + sign + one.slice(at + cut)));
    }),
    { numRuns: runs(10_000) },
  );
  fc.assert(
    fc.property(line, fc.nat(), fc.nat(255), (one, where, byte) => {
      const bytes = Buffer.from(one);
      bytes[where % bytes.length] = byte;
      agree(bytes);
    }),
    { numRuns: runs(5000) },
  );
});

test('of a window nothing is taken that is no duration', () => {
  const plain =
    '{"kind":"device","id":"device/a","name":"a","observedAt":"2026-11-01T00:00:00Z","assurance":"tested","attributes":{"x":{"value":1,"window":V},"y":{"value":1,"window":V}}}';
  assert.ok(agree(Buffer.from(plain.replaceAll('V', '"2160h"'))));
  for (const odd of ['""', '"junk"', '"5"', '5', '"2160h "', '"\\u0031h"'])
    assert.equal(agree(Buffer.from(plain.replaceAll('V', odd))), false, odd);
});

test('of what no source should write, what the long way takes is taken the long way', () => {
  const plain =
    '{"kind":"device","id":"device/a","name":"a","observedAt":"2026-11-01T00:00:00Z","assurance":"tested","attributes":{"x":{"value":V}}}';
  assert.ok(agree(Buffer.from(plain.replace('V', '[1,{"b":1,"a":2},0.5,-1e3,1e20]'))));
  for (const odd of ['{"a":1,"a":2}', '{"é":1}', '"\\u0041"', '1e999', 'null', '-', '01'])
    assert.equal(agree(Buffer.from(plain.replace('V', odd))), false, odd);
  // Longer in its canonical form than there may be room for.
  for (const much of [900, 9000, 900]) agree(Buffer.from(plain.replace('V', `[${'1e20,'.repeat(much)}1]`)));
  for (const odd of [
    '"name":"a","source":"approvals"',
    '"name":"a","name":"b"',
    '"name":""',
    '"name":"a","more":1',
    '"name":1',
  ])
    assert.equal(agree(Buffer.from(plain.replace('V', '1').replace('"name":"a"', odd))), false, odd);
});

test('a single value that says whether it is complete is read the long way, which tells the mistake', () => {
  const of = (statement: object) =>
    Buffer.from(
      JSON.stringify({
        kind: 'device',
        id: 'device/a',
        name: 'a',
        observedAt: '2026-11-01T00:00:00Z',
        assurance: 'tested',
        attributes: { b: statement },
      }),
    );
  assert.equal(agree(of({ value: [1], complete: false })), true);
  for (const value of ['x', 1, true]) assert.equal(agree(of({ value, complete: false })), false);
});
