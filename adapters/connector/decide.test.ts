import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AnswerDecision, decide, POLICY, type Situation } from './decide.ts';

const NOW = Date.parse('2026-11-01T12:00:00Z');

function situation(over: Partial<Situation> = {}): Situation {
  return { attempt: 0, now: NOW, random: 0, policy: POLICY, repeatable: true, ...over };
}

function ask(
  status: number,
  headers: Record<string, string> = {},
  message = '',
  over: Partial<Situation> = {},
): AnswerDecision {
  return decide({ status, headers: new Headers(headers), message }, situation(over), 'Administration: read');
}

test('a fault is retried after a random pause below a doubling ceiling', () => {
  assert.deepEqual(ask(502, {}, '', { attempt: 2, random: 0.5 }), { do: 'wait', ms: 1000 });
  assert.deepEqual(ask(502, { 'retry-after': '7' }), { do: 'wait', ms: 7000 });
  fc.assert(
    fc.property(fc.nat(30), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
      const policy = { ...POLICY, attempts: 99 };
      const decision = ask(500, {}, '', { attempt, random, policy });
      assert.ok(
        decision.do === 'wait' && decision.ms >= 0 && decision.ms <= Math.min(20_000, 500 * 2 ** attempt),
      );
    }),
  );
});

test('a fault that stays, or a request that must not be repeated, is a failure with its status', () => {
  const refusal = {
    outcome: 'failed',
    code: 'status-502',
    status: 502,
    message: 'the host answered 502 5 times',
  };
  assert.deepEqual(ask(502, {}, '', { attempt: 4 }), { do: 'stop', refusal });
  assert.equal(ask(502, {}, '', { repeatable: false }).do, 'stop');
});

test('a primary limit lasts until its reset, in seconds since 1970', () => {
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 60) };
  for (const status of [403, 429]) {
    assert.deepEqual(ask(status, headers), { do: 'wait', ms: 60_000, until: NOW + 60_000, by: 'primary' });
  }
});

test('a limit beyond our patience is an outcome that says when to come back', () => {
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 3600) };
  assert.deepEqual(ask(403, headers), {
    do: 'stop',
    refusal: {
      outcome: 'rate-limited',
      by: 'primary',
      until: '2026-11-01T13:00:00.000Z',
      message: "the host's primary rate limit is spent",
    },
  });
});

test('a secondary limit: Retry-After as seconds or as a date, else a minute that doubles', () => {
  const wait = { do: 'wait', by: 'secondary' };
  assert.deepEqual(ask(429, { 'retry-after': '30' }), { ...wait, ms: 30_000, until: NOW + 30_000 });
  assert.deepEqual(ask(429, { 'retry-after': '2.128' }), { ...wait, ms: 2128, until: NOW + 2128 });
  const date = new Date(NOW + 90_000).toUTCString();
  assert.deepEqual(ask(403, { 'retry-after': date }), { ...wait, ms: 90_000, until: NOW + 90_000 });
  const text = 'You have exceeded a secondary rate limit';
  assert.deepEqual(ask(403, {}, text), { ...wait, ms: 60_000, until: NOW + 60_000 });
  assert.deepEqual(ask(403, {}, text, { attempt: 1 }), { ...wait, ms: 120_000, until: NOW + 120_000 });
});

test('a refusal names the missing permission and is never retried', () => {
  const named = { permission: 'Administration: read', message: 'Must have admin rights' };
  assert.deepEqual(ask(403, { 'x-ratelimit-remaining': '12' }, 'Must have admin rights'), {
    do: 'stop',
    refusal: { outcome: 'forbidden', status: 403, ...named },
  });
  assert.deepEqual(ask(404, {}, 'Not Found'), {
    do: 'stop',
    refusal: { outcome: 'not-found', status: 404, permission: 'Administration: read', message: 'Not Found' },
  });
  assert.equal(ask(401).do, 'stop');
});

test('no status and no headers make it throw, and what is not 2xx is never accepted', () => {
  const header = fc.constantFrom('retry-after', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'location');
  const value = fc.constantFrom('0', '-1', '', 'soon', '99999999999999999999', 'Sun, 99 Foo');
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 599 }), fc.dictionary(header, value), (status, headers) => {
      const decision = ask(status, headers);
      assert.equal(decision.do === 'accept', status < 300);
      if (decision.do === 'wait') assert.ok(decision.ms >= 0 && decision.ms <= POLICY.patienceMs + 1000);
    }),
  );
});
