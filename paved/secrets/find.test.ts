import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { anyText } from '@macadam/testing/texts';
import fc from 'fast-check';
import { DETECTORS } from './detectors/all.ts';
import type { Detector } from './index.ts';
import { findSecrets } from './index.ts';
import { random, samples } from './samples.ts';

const planted = fc
  .tuple(fc.constantFrom(...Object.keys(samples('x'))), fc.integer({ min: 0, max: 50 }))
  .map(([detector, seed]) => samples(`planted ${seed}`)[detector] ?? '');
/** Prose without any keyword, in every script. */
const filler = fc
  .array(fc.constantFrom('', ' ', '\t', 'zu', '42', 'öl', '漢字', '🦀', '{', ');', '--'), { maxLength: 12 })
  .map((parts) => parts.join(''));

test('offsets, line and column point at the planted secret', () => {
  fc.assert(
    fc.property(fc.array(filler), planted, filler, (lines, secret, tail) => {
      const before = [...lines, ''].join('\n');
      const text = `${before} ${secret} ${tail}`;
      const [match, ...rest] = findSecrets(text);
      assert.equal(rest.length, 0);
      assert.equal(text.slice(match?.start, match?.end), secret);
      assert.equal(match?.line, lines.length + 1);
      assert.equal(match?.column, 2);
    }),
  );
});

test('a text has the secrets of its lines', () => {
  const line = fc.oneof(
    filler,
    fc.tuple(filler, planted).map(([before, secret]) => `${before} ${secret} ;`),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const whole = findSecrets(lines.join('\n')).map((match) => [
        match.line,
        match.column,
        match.fingerprint,
      ]);
      const apart = lines.flatMap((text, index) =>
        findSecrets(text).map((match) => [match.line + index, match.column, match.fingerprint]),
      );
      assert.deepEqual(whole, apart);
    }),
  );
});

test('no field of a match holds more than four characters of the secret in a row, unless asked', () => {
  fc.assert(
    fc.property(planted, (secret) => {
      const text = `password: "${secret}"`;
      // A digest has six characters of a secret in hexadecimal by chance, once in some thousands.
      const said = JSON.stringify(findSecrets(text).map(({ fingerprint: _digest, ...rest }) => rest));
      for (let i = 0; i + 6 <= secret.length; i++) {
        assert.ok(!said.includes(secret.slice(i, i + 6)), `characters ${i} to ${i + 6} are shown`);
      }
      assert.equal(findSecrets(text, { reveal: true })[0]?.secret, secret);
    }),
  );
});

test('a short password shows nothing of itself', () => {
  const [match] = findSecrets(`db_password = "${'tr'}0ub4&"`);
  assert.equal(match?.preview, '… (7 characters)');
});

test('no text makes it throw, and every match lies inside the text in order', () => {
  const soup = fc
    .array(
      fc.constantFrom(
        'key',
        'token=',
        '"',
        "'",
        '\\',
        '\n',
        '://',
        'a:b@',
        'eyJ',
        '.',
        '-----BEGIN ',
        'PRIVATE KEY-----',
        'ghp_',
        'sk-',
        '\u0000',
        '\ud800',
        'github',
        '${',
        ' secret ',
        'x'.repeat(50),
        '0123456789abcdef',
      ),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(anyText(), soup), (text) => {
      let end = 0;
      for (const match of findSecrets(text)) {
        assert.ok(match.start >= end && match.end > match.start && match.end <= text.length);
        end = match.end;
      }
    }),
    { numRuns: 200 },
  );
});

test('lines of megabytes of what it looks for end', () => {
  for (const piece of [
    'key=',
    'eyJhbGci.',
    '-----BEGIN PRIVATE KEY-----',
    'password="',
    '://a:b',
    'github key ',
    'ghp_',
    '\u0000',
  ]) {
    assert.deepEqual(findSecrets(piece.repeat(500_000 / piece.length)), [], `${piece} over and over`);
  }
});

test('a secret at the end of a long line has its column', () => {
  const secret = samples('long')['github-token'] ?? '';
  assert.deepEqual(
    findSecrets(`${'x '.repeat(1_000_000)}${secret}`).map(({ line, column }) => [line, column]),
    [[1, 2_000_001]],
  );
});

test('the limit cuts by position', () => {
  const secret = samples('limit')['github-token'] ?? '';
  const found = findSecrets(`${secret}\n`.repeat(9), { limit: 4 });
  assert.deepEqual(
    found.map(({ line }) => line),
    [1, 2, 3, 4],
  );
});

test('a fingerprint follows the secret, not its place; a key changes it', () => {
  const secret = samples('print')['npm-token'] ?? '';
  const other = samples('other')['npm-token'] ?? '';
  const print = (text: string, key?: string) =>
    findSecrets(text, key === undefined ? {} : { key })[0]?.fingerprint;
  assert.match(print(secret) ?? '', /^[0-9a-f]{32}$/);
  assert.equal(print(`\n\n  ${secret}`), print(secret));
  assert.notEqual(print(other), print(secret));
  assert.notEqual(print(secret, 'k'), print(secret));
  assert.notEqual(print(secret, 'k'), print(secret, 'l'));
});

test('an allowance needs a reason, keeps the match and is told', () => {
  const secret = samples('allow')['github-token'] ?? '';
  const allowed = (text: string) => findSecrets(text).map((match) => match.allowed);
  assert.deepEqual(allowed(`${secret} // macadam:allow-secret revoked in 2024`), ['revoked in 2024']);
  assert.deepEqual(allowed(`# macadam:allow-secret revoked\n${secret}`), ['revoked']);
  assert.deepEqual(allowed(`<!-- macadam:allow-secret shown on purpose -->\n${secret}`), [
    'shown on purpose',
  ]);
  assert.deepEqual(allowed(`${secret} // macadam:allow-secret`), [undefined]);
  assert.deepEqual(allowed(`x = 1 # macadam:allow-secret not alone on its line\n${secret}`), [undefined]);
  assert.deepEqual(allowed(`# macadam:allow-secret too far up\n\n${secret}`), [undefined]);
});

test('known secrets and own detectors', () => {
  const secret = samples('known')['github-token'] ?? '';
  assert.deepEqual(findSecrets(secret, { known: [secret] }), []);
  const own: Detector = {
    id: 'badge',
    title: 'Badge',
    keywords: ['badge-'],
    pattern: 'badge-\\d{4}',
    confidence: 'medium',
  };
  const text = `badge-${random(4, '123456789', 'badge')} badge-12345 xbadge-1234`;
  assert.deepEqual(
    findSecrets(text, { detectors: [own] }).map(({ detector, column }) => [detector, column]),
    [['badge', 1]],
  );
});

test('a keyword counts only where what must follow it does', () => {
  const detectors: Detector[] = [
    {
      id: 'own-token',
      title: 'Own token',
      keywords: ['own'],
      pattern: 'own = ([a-z]{8})',
      follows: / = [a-z]/y,
      confidence: 'high',
    },
  ];
  const found = (text: string) => findSecrets(text, { detectors }).map(({ start }) => start);
  assert.deepEqual(found('own own = qhzmbwke'), [10]);
  assert.deepEqual(found('own: qhzmbwke'), []);
  // What a pattern alone would find at a distance from its keyword is not looked for.
  assert.deepEqual(
    findSecrets('own own = qhzmbwke', {
      detectors: detectors.map((one) => ({ ...one, follows: /never/y })),
    }),
    [],
  );
});

test('three random parts behind a name that says token are one', () => {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz0123456789';
  const part = (seed: string, length: number) => random(length, letters, seed);
  const detectors = DETECTORS.filter(({ id }) => id === 'three-part-token');
  const secret = [part('one', 36), part('two', 40), part('three', 30)].join('.');
  for (const text of [`token = "${secret}"`, `apiKey: ${secret}`, `"KEY":"${secret}"`])
    assert.deepEqual(
      findSecrets(text, { detectors, reveal: true }).map((match) => match.secret),
      [secret],
      text,
    );
});

test('a drawn value is no example because letters and digits take turns in it by chance', () => {
  const drawn = Array.from({ length: 1_000 }, (_, i) =>
    createHash('sha256').update(`drawn ${i}`).digest('hex'),
  );
  const turning = drawn.filter((value) => /(?:[a-z]\d){5}/.test(value));
  assert.ok(turning.length > 10, 'there are some among them');
  const sure = (value: string) => findSecrets(`secret_key: "${value}"\n`).map(({ confidence }) => confidence);
  for (const value of turning) assert.deepEqual(sure(value), ['medium'], value);
  // One that counts on was typed.
  assert.deepEqual(sure('a1b2c3d4e5f60718293a4b5c6d7e8f90'), ['low']);
  assert.deepEqual(sure('q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6'), ['low']);
});
