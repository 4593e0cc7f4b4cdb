import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import fc from 'fast-check';
import { openSealedMap, SealError, writeSealedMap } from './signed-index.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-sealed-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'map');
const pair = (type: 'ed25519') => {
  const { publicKey, privateKey } = generateKeyPairSync(type);
  return {
    publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })),
    privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
};
const { publicKey, privateKey } = pair('ed25519');
const SCHEMA = 'macadam.test/1';

function write(entries: Iterable<readonly [string, unknown]>): void {
  const writer = writeSealedMap(file, SCHEMA);
  for (const [key, value] of entries) writer.add(key, value);
  writer.seal({ madeAt: '2026-11-01T00:00:00Z' }, privateKey);
}

test('whatever was written is found, and nothing else', () => {
  const keys = fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 6 }), { maxLength: 300 });
  fc.assert(
    fc.property(keys, keys, fc.boolean(), (given, others, large) => {
      const filler = large ? 'x'.repeat(2000) : '';
      const sorted = given.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      write(sorted.map((key) => [key, [key, filler]]));
      const map = openSealedMap(file, SCHEMA, publicKey);
      assert.deepEqual(map.head, { madeAt: '2026-11-01T00:00:00Z', schema: SCHEMA });
      for (const key of given) assert.deepEqual(map.get(key), [key, filler]);
      for (const key of others) if (!given.includes(key)) assert.equal(map.get(key), undefined);
      map.close();
    }),
    { numRuns: 60 },
  );
});

test('keys that do not rise are refused', () => {
  const writer = writeSealedMap(file, SCHEMA);
  writer.add('b', 1);
  assert.throws(() => writer.add('a', 1), /a does not come after b/);
  assert.throws(() => writer.add('b', 1), RangeError);
  writer.abandon();
});

const many = Array.from(
  { length: 4000 },
  (_, at) => [`key-${String(at).padStart(5, '0')}`, 'v'.repeat(99)] as const,
);

test('any byte that is changed is noticed by whoever reads it', () => {
  write(many);
  const whole = readFileSync(file);
  const reads = () => {
    const map = openSealedMap(file, SCHEMA, publicKey);
    try {
      return many.map(([key]) => map.get(key));
    } finally {
      map.close();
    }
  };
  assert.equal(reads().length, many.length);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ by;
      writeFileSync(file, changed);
      assert.throws(reads, SealError);
    }),
    { numRuns: 80 },
  );
  fc.assert(
    fc.property(fc.nat(whole.length - 1), (length) => {
      writeFileSync(file, whole.subarray(0, length));
      assert.throws(reads, SealError);
    }),
    { numRuns: 40 },
  );
});

test('another key, another schema and another file are refused in words', () => {
  write(many);
  const open =
    (schema: string, key: string, from = file) =>
    () =>
      openSealedMap(from, schema, key);
  assert.throws(open(SCHEMA, pair('ed25519').publicKey), /its signature is not by that key/);
  assert.throws(open('macadam.other/1', publicKey), /its signature is not by that key/);
  assert.throws(open(SCHEMA, 'no key'), /not a public Ed25519 key in PEM/);
  assert.throws(open(SCHEMA, publicKey, join(folder, 'none')), /cannot be read \(ENOENT\)/);
  writeFileSync(file, 'x'.repeat(500));
  assert.throws(open(SCHEMA, publicKey), /it is no such export, or was cut short/);
});
