import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeOf, narrowed, partOf, unobserved } from './judge.ts';

test('a complete record has no other keys, a part of one may', () => {
  const judge = judgeOf({ check: 'has(asset.Encrypted) && asset.Encrypted' });
  assert.deepEqual(judge({ Encrypted: true }), { verdict: 'pass', causes: [] });
  assert.deepEqual(judge({}), { verdict: 'fail', causes: [] });
  const { verdict, causes } = judge(partOf({ Name: 'a' }));
  assert.equal(verdict, 'unknown');
  assert.match(causes.join(), /^incomplete: asset\.Encrypted: /);
});

test('what was not observed decides nothing, and hides nothing that decides', () => {
  const judge = judgeOf({ where: 'asset.Kind == "a"', check: 'asset.Open || asset.Tags.exists(t, t == 1)' });
  const hole = unobserved('forbidden', 'the answer was 403');
  assert.equal(judge({ Kind: 'a', Open: hole, Tags: [1] }).verdict, 'pass');
  assert.deepEqual(judge({ Kind: 'a', Open: hole, Tags: [] }), {
    verdict: 'unknown',
    causes: ['forbidden: : the answer was 403'],
  });
  assert.equal(judge({ Kind: 'b', Open: hole, Tags: [] }).verdict, 'not-applicable');
  assert.equal(judge({ Kind: hole, Open: true, Tags: [] }).verdict, 'unknown');
});

test('numbers, parameters and now are what a standard sees', () => {
  const rule = { check: 'asset.Days >= params.least && now - timestamp(asset.At) > duration("24h")' };
  const judge = judgeOf({ ...rule, params: { least: 90 } });
  assert.equal(judge({ Days: 90.5, At: '2025-12-30T00:00:00Z' }).verdict, 'pass');
  assert.equal(judge({ Days: 89, At: '2025-12-30T00:00:00Z' }).verdict, 'fail');
  assert.equal(judge({ Days: 90, At: '2025-12-31T12:00:00Z' }).verdict, 'fail');
});

test('a rule with a mistake is refused with its place', () => {
  assert.throws(() => judgeOf({ check: 'asset.a == missing' }), /1:12: .*missing/);
});

test('a null is a value, wherever it is read', () => {
  const asset = { a: null, list: [null] };
  for (const check of [
    'asset.a == null',
    'asset.list[0] == null',
    'asset.?a.value() == null',
    'asset["a"] == null',
  ])
    assert.deepEqual(judgeOf({ check })(asset), { verdict: 'pass', causes: [] }, check);
});

test('a judge that takes what it did not see for absent is found out', () => {
  const resource = { a: 1 };
  assert.equal(narrowed(judgeOf({ check: 'has(asset.a)' }), resource), null);
  const guessing = (given: unknown) => judgeOf({ check: 'has(asset.a)' })(given);
  const broken: typeof guessing = (given) => {
    const judgement = guessing(given);
    return judgement.verdict === 'unknown' ? { verdict: 'fail', causes: [] } : judgement;
  };
  assert.equal(narrowed(broken, resource), 'pass, but fail when a is not observed');
});
