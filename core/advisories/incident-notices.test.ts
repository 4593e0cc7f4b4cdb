import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AUDIENCES,
  BLANK,
  NOTICE_TEMPLATES,
  noticeText,
  reachedBy,
  statusOf,
  timesOf,
} from './incident-notices.ts';

const HOUR = 3_600_000;
const limits = { first: 72 * HOUR, rhythm: 168 * HOUR };
const incident = {
  id: 'incident/t/i1',
  name: 'i1',
  declaredAt: '2026-11-01T00:00:00Z',
  closedAt: null,
  touchesCustomers: true,
  toldAt: [],
};
const at = (text: string) => new Date(text);

test('every template leaves to people what only they know, and names the day of the next notice', () => {
  for (const template of NOTICE_TEMPLATES)
    for (const audience of AUDIENCES) {
      const text = noticeText({ template, audience }, incident, { now: at('2026-11-02T00:00:00Z'), limits });
      assert.match(text, BLANK);
      assert.doesNotMatch(text, /\{/);
    }
  const first = noticeText({ template: 'first', audience: 'victims' }, incident, {
    now: at('2026-11-02T00:00:00Z'),
    limits,
  });
  assert.match(first, /again by 2026-11-09/);
  assert.match(first, /declared on 2026-11-01/);
});

test('a time is kept to the second, late after it, due before it, and cannot be told without its beginning', () => {
  const state = (sentAt: string | null, now: string, declaredAt: string | null = incident.declaredAt) =>
    timesOf({ ...incident, declaredAt }, [{ audience: 'victims', template: 'first', sentAt }], {
      now: at(now),
      limits,
    })[0]?.state;
  assert.equal(state('2026-11-04T00:00:00Z', '2026-11-09T00:00:00Z'), 'kept');
  assert.equal(state('2026-11-04T00:00:01Z', '2026-11-09T00:00:00Z'), 'late');
  assert.equal(state(null, '2026-11-04T00:00:00Z'), 'due');
  assert.equal(state(null, '2026-11-04T00:00:01Z'), 'overdue');
  assert.equal(state('2026-11-04T00:00:00Z', '2026-11-09T00:00:00Z', null), 'cannot-tell');
});

test('silence is seen between any two notices, and a notice to others does not end it', () => {
  const sent = (audience: 'customers' | 'authorities', sentAt: string) => ({
    audience,
    template: 'update' as const,
    sentAt,
  });
  const times = timesOf(
    incident,
    [
      sent('customers', '2026-11-02T00:00:00Z'),
      sent('authorities', '2026-11-05T00:00:00Z'),
      sent('customers', '2026-11-12T00:00:00Z'),
    ],
    { now: at('2026-11-20T00:00:00Z'), limits },
  );
  assert.deepEqual(
    times.map(({ state }) => state),
    ['kept', 'late', 'overdue'],
  );
});

test('nobody has to be told where no customer is touched, and what the tracker knows of was told', () => {
  const now = at('2026-11-20T00:00:00Z');
  const states = (more: object) =>
    timesOf({ ...incident, ...more }, [], { now, limits }).map(({ state }) => state);
  assert.deepEqual(states({ touchesCustomers: false }), []);
  assert.deepEqual(states({ touchesCustomers: null }), ['cannot-tell']);
  assert.deepEqual(states({}), ['overdue']);
  assert.deepEqual(states({ toldAt: ['2026-11-03T00:00:00Z', '2026-11-10T00:00:00Z'] }), [
    'kept',
    'kept',
    'overdue',
  ]);
});

test('who is reached is counted once, and silence is not a receipt', () => {
  assert.deepEqual(reachedBy(['opened', null, 'delivered', 'failed', null]), {
    recipients: 5,
    opened: 1,
    delivered: 1,
    failed: 1,
    notKnown: 2,
  });
});

test('of an incident what is overdue is said before what nobody knows and what is due, and a late notice is not forgotten', () => {
  const stands = (now: string, sent: readonly string[], more: object = {}) =>
    statusOf(
      timesOf(
        { ...incident, ...more },
        sent.map((sentAt) => ({ audience: 'victims', template: 'update', sentAt })),
        { now: at(now), limits },
      ),
    );
  const first = 'first notice to those who are touched';
  assert.deepEqual(stands('2026-11-02T00:00:00Z', []), {
    state: 'due',
    lacks: first,
    by: '2026-11-04T00:00:00.000Z',
  });
  assert.equal(stands('2026-11-05T00:00:00Z', []).state, 'overdue');
  assert.equal(stands('2026-11-20T00:00:00Z', ['2026-11-02T00:00:00Z']).lacks, 'next notice');
  const unsaid = stands('2026-11-05T00:00:00Z', [], { touchesCustomers: null });
  assert.deepEqual([unsaid.state, unsaid.by], ['cannot-tell', null]);
  assert.match(unsaid.lacks ?? '', /whether customers are touched/);
  assert.equal(stands('2026-11-05T00:00:00Z', [], { touchesCustomers: false }).state, 'not-touched');
  const over = { closedAt: '2026-11-06T00:00:00Z' };
  const closing = [
    { audience: 'victims' as const, template: 'first' as const, sentAt: '2026-11-05T00:00:00Z' },
    { audience: 'victims' as const, template: 'closing' as const, sentAt: '2026-11-07T00:00:00Z' },
  ];
  const ended = timesOf({ ...incident, ...over }, closing, { now: at('2026-11-20T00:00:00Z'), limits });
  assert.deepEqual(statusOf(ended), { state: 'late', lacks: null, by: null });
});
