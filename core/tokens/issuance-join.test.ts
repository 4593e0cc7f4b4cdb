import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { DigestSet, readDigest } from './digest-set.ts';
import { createIssuanceJoin, type JoinSettings } from './issuance-join.ts';

const ISSUER = 'https://login.example.com';
const OTHER = 'https://login.example.org';
const SECOND = 1000;
const LIFE = 100 * SECOND;
const digest = (name: string) => createHash('sha256').update(name).digest('base64url');
const SETTINGS: JoinSettings = {
  mostIssued: 100_000,
  mostWaiting: 1000,
  skew: 2 * SECOND,
  patience: 300 * SECOND,
};

const issued = (from: number, to: number, ...tokens: string[]) => ({
  issuer: ISSUER,
  from,
  to,
  longestLife: LIFE,
  tokens: tokens.map(digest),
});
const accepted = (to: number, ...tokens: string[]) => ({
  service: 'orders',
  issuer: ISSUER,
  from: to - SECOND,
  to,
  tokens: { 'key-1': tokens.map(digest) },
  dropped: 0,
});
const names = (found: readonly { readonly token: string }[]) => found.map(({ token }) => token);

test('a set of digests holds what was put in, and nothing else', () => {
  const set = new DigestSet();
  const words = new Uint32Array(4);
  for (let index = 0; index < 5000; index++) {
    readDigest(digest(`in ${index}`), words);
    assert.equal(set.add(words), true);
    assert.equal(set.add(words), false);
  }
  assert.equal(set.size, 5000);
  for (let index = 0; index < 5000; index++) {
    readDigest(digest(`in ${index}`), words);
    assert.equal(set.has(words), true);
    readDigest(digest(`out ${index}`), words);
    assert.equal(set.has(words), false);
  }
  for (const text of ['', 'a'.repeat(42), 'a'.repeat(44), `${'a'.repeat(42)}=`, `${'a'.repeat(42)}é`])
    assert.equal(readDigest(text, words), false, text);
  assert.ok(set.bytes <= 5000 * 48);
  const text = digest('words');
  readDigest(text, words);
  const bytes = Buffer.from(text, 'base64url');
  assert.deepEqual(
    [...words],
    [0, 4, 8, 12].map((at) => bytes.readUInt32BE(at)),
  );
});

test('what the issuer made is explained, whichever report comes first; what it did not make is found once its log is whole', () => {
  const join = createIssuanceJoin(SETTINGS);
  join.issued(issued(0, 200_000, 'a'));
  join.accepted(accepted(201_000, 'a', 'b', 'forged'));
  assert.deepEqual(join.advance(201_000), [], 'the issuer has not spoken of that second');
  join.issued(issued(200_000, 201_000, 'b'));
  assert.deepEqual(join.advance(202_000), [], 'clocks may differ');
  join.issued(issued(201_000, 203_001));
  const found = join.advance(203_100);
  assert.deepEqual(names(found), [digest('forged')]);
  assert.deepEqual([found[0]?.service, found[0]?.key, found[0]?.foundAt], ['orders', 'key-1', 203_100]);
  const [tally] = join.take();
  assert.deepEqual([tally?.explained, tally?.forged, tally?.waiting], [2, 1, 0]);
});

test('while the issuer is silent nobody can tell, and what it says later still counts', () => {
  const join = createIssuanceJoin(SETTINGS);
  join.issued(issued(0, 200_000));
  join.accepted(accepted(210_000, 'late', 'forged', 'never'));
  assert.deepEqual(join.advance(400_000), []);
  assert.equal(join.take()[0]?.waiting, 3);
  join.issued(issued(200_000, 300_000, 'late'));
  assert.deepEqual(names(join.advance(500_000)), [digest('forged'), digest('never')]);
  const silent = createIssuanceJoin(SETTINGS);
  silent.issued(issued(0, 200_000));
  silent.accepted(accepted(210_000, 'a'));
  assert.deepEqual(silent.advance(510_001), []);
  assert.equal(silent.take()[0]?.cannotTell['issuer-silent'], 1);
  assert.deepEqual(silent.advance(600_000), [], 'it is counted once');
});

test('a gap in the log, a log that begins too late, too little memory and reports that left tokens out are each said', () => {
  const gap = createIssuanceJoin(SETTINGS);
  gap.issued(issued(0, 200_000));
  gap.issued(issued(201_000, 300_000));
  gap.accepted(accepted(250_000, 'a'));
  assert.deepEqual(gap.advance(250_000), []);
  gap.issued(issued(200_000, 201_000));
  assert.deepEqual(names(gap.advance(251_000)), [digest('a')], 'the missing report came');

  const young = createIssuanceJoin(SETTINGS);
  young.issued(issued(200_000, 300_000));
  young.accepted(accepted(250_000, 'a'));
  assert.deepEqual(young.advance(600_000), [], 'it may be of before the log began');
  assert.equal(young.take()[0]?.cannotTell['log-incomplete'], 1);

  const small = createIssuanceJoin({ mostIssued: 2, mostWaiting: 1, skew: SECOND, patience: SECOND });
  for (let at = 0; at < 20; at++) small.issued(issued(at * 20_000, (at + 1) * 20_000, `a${at}`, `b${at}`));
  small.accepted(accepted(395_000, 'b3', 'x'));
  assert.deepEqual(small.advance(500_000), [], 'b3 was forgotten, so nobody is accused');
  assert.deepEqual(small.take()[0]?.cannotTell, {
    'issuer-silent': 0,
    'log-incomplete': 1,
    'too-many-waiting': 1,
    'not-reported': 0,
  });

  const left = createIssuanceJoin(SETTINGS);
  assert.equal(left.accepted({ ...accepted(1000), tokens: { '': ['no digest'] }, dropped: 7 }), 1);
  assert.equal(left.take()[0]?.cannotTell['not-reported'], 8);
});

test('two issuers and two services are kept apart', () => {
  const join = createIssuanceJoin(SETTINGS);
  join.issued(issued(0, 300_000, 'a'));
  join.issued({ ...issued(0, 300_000, 'b'), issuer: OTHER });
  join.accepted(accepted(250_000, 'a', 'b'));
  join.accepted({ ...accepted(250_000, 'a', 'b'), issuer: OTHER, service: 'billing' });
  const found = join.advance(250_000);
  assert.deepEqual(
    found.map(({ issuer, service, token }) => [issuer, service, token]),
    [
      [ISSUER, 'orders', digest('b')],
      [OTHER, 'billing', digest('a')],
    ],
  );
});

/** Tokens of an issuer that issues all the time, each used within its life; forged ones among them; reports of both in any order, some lost. */
const history = fc.record({
  tokens: fc.array(
    fc.record({
      issuedAt: fc.integer({ min: 0, max: 600_000 }),
      age: fc.integer({ min: -1500, max: LIFE }),
      isForged: fc.boolean(),
    }),
    { minLength: 1, maxLength: 60 },
  ),
  lost: fc.array(fc.nat(79), { maxLength: 10 }),
  order: fc.array(fc.nat(), { minLength: 160, maxLength: 160 }),
  mostIssued: fc.constantFrom(5, 20, 100_000),
});

test('nobody is ever accused of what the issuer made, whatever is lost, late or forgotten; and with everything known each forgery is found', () => {
  fc.assert(
    fc.property(history, ({ tokens, lost, order, mostIssued }) => {
      const join = createIssuanceJoin({ ...SETTINGS, mostIssued, patience: 2_000_000 });
      const step = 10_000;
      const reports = Array.from({ length: 80 }, (_, index) => index * step).flatMap((from, index) => {
        const to = from + step;
        const at = (time: number) => time >= from && time < to;
        const made = tokens.flatMap(({ issuedAt, isForged }, name) =>
          !isForged && at(issuedAt) ? [`${name}`] : [],
        );
        const used = tokens.flatMap(({ issuedAt, age }, name) => (at(issuedAt + age) ? [`${name}`] : []));
        const service = { ...accepted(to, ...used), from };
        const isLost = lost.includes(index);
        return [
          { key: order[index * 2] ?? 0, feed: () => isLost || join.issued(issued(from, to, ...made)) },
          { key: order[index * 2 + 1] ?? 0, feed: () => void join.accepted(service) },
        ];
      });
      const found: string[] = [];
      for (const { feed } of reports.toSorted((one, other) => one.key - other.key)) {
        feed();
        found.push(...names(join.advance(800_000)));
      }
      found.push(...names(join.advance(4_000_000)));
      const forged = tokens.flatMap(({ isForged, issuedAt, age }, name) =>
        isForged && issuedAt + age >= 0 ? [{ token: digest(`${name}`), at: issuedAt + age }] : [],
      );
      for (const token of found) assert.ok(forged.some((one) => one.token === token));
      if (lost.length === 0 && mostIssued === 100_000)
        for (const { token, at } of forged)
          if (at >= LIFE + SETTINGS.skew + step) assert.ok(found.includes(token), `${at}`);
      const total = join
        .take()
        .reduce(
          (sum, { explained, forged: own, waiting, cannotTell }) =>
            sum + explained + own + waiting + Object.values(cannotTell).reduce((all, one) => all + one, 0),
          0,
        );
      assert.equal(
        total,
        tokens.filter(({ issuedAt, age }) => issuedAt + age >= 0).length,
        'each counts once',
      );
    }),
    { numRuns: 150 },
  );
});
