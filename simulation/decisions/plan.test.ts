/** What is planned to be excepted: every fate, the same ones whoever asks, and what history has to show for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Moment } from '@macadam/adapters/facts/history/record';
import { MAX_DAYS } from '@macadam/core/verdicts/exception';
import { calendar, DAY } from '../calendar.ts';
import { SIZES } from '../size.ts';
import type { Lasting } from './overlay.ts';
import { plannedExceptions, spansOf } from './plan.ts';

const when = calendar(SIZES.small, '1', new Date('2026-11-24T00:00:00Z'));
const ticks: readonly Moment[] = Array.from({ length: when.ticks + 1 }, (_, tick) => ({
  valid: when.tickAt(tick),
  known: tick + 1,
}));
const passes = ticks.filter((_, tick) => (when.ticks - tick) % 4 === 0);
const failing = (standard: string, team: string, last: Date): Lasting => ({
  standard,
  team,
  number: '7',
  asset: `${standard} of ${team}`,
  reason: 'open',
  last: last.getTime() / 1000,
});
const plan = (last: Date) =>
  plannedExceptions({
    calendar: when,
    passes,
    divisionOf: (team) => (team === 'nobody' ? '' : 'north'),
    lasting: ['locked', 'patched', 'owned'].flatMap((standard) =>
      ['a', 'b', 'c', 'nobody'].map((team) => failing(standard, team, last)),
    ),
  });

test('every request has an answer of two people, an end, and an asset that fails by then', () => {
  const planned = plan(when.tickAt(0));
  assert.deepEqual(planned, plan(when.tickAt(0)));
  assert.ok(planned.every(({ team }) => team !== 'nobody'));
  const day = when.tickAt(when.ticks).toISOString().slice(0, 10);
  const approved = planned.filter((one) => one.approved);
  assert.ok(
    approved.some(({ until, ended }) => until < day && ended === null),
    'over',
  );
  assert.ok(
    approved.some(({ until }) => until > day),
    'in force',
  );
  assert.ok(
    approved.some(({ ended }) => ended !== null),
    'ended early',
  );
  assert.ok(
    approved.some(({ renews }) => renews !== null),
    'renewed',
  );
  assert.ok(
    planned.some((one) => !one.approved && one.answered !== null),
    'refused',
  );
  assert.ok(
    planned.some(({ answered }) => answered === null),
    'waiting',
  );
  for (const { id, asked, until } of planned) {
    const at = passes[asked]?.valid.getTime() ?? 0;
    assert.ok(Date.parse(until) - at <= MAX_DAYS * DAY, id);
    assert.ok(Date.parse(until) + DAY > at, id);
  }
});

test('what begins to fail late is excepted late, or not at all', () => {
  const late = when.tickAt(when.ticks - 30);
  const planned = plan(late);
  assert.ok(planned.length > 0);
  for (const { asked } of planned) assert.ok((passes[asked]?.valid ?? late) > late);
  assert.deepEqual(plan(when.tickAt(when.ticks)), []);
});

test('history shows one span for what was renewed, up to the first tick after its end', () => {
  const planned = plan(when.tickAt(0));
  const spans = spansOf(planned, passes, ticks);
  const granted = planned.filter(({ approved, renews }) => approved && renews === null);
  assert.equal(spans.length, granted.length);
  for (const { assets, from, to } of spans) {
    const own = planned.filter((one) => one.approved && one.assets === assets);
    const first = own[0];
    assert.equal(from, passes[first?.answered ?? -1]);
    const end = own.at(-1);
    const over = Date.parse(`${end?.until}T00:00:00Z`) + DAY;
    if (end && end.ended !== null) assert.equal(to, passes[end.ended]);
    else if (to === null) assert.ok(over > when.tickAt(when.ticks).getTime());
    else {
      const before = ticks[ticks.indexOf(to) - 1];
      assert.ok(to.valid.getTime() >= over && (before?.valid.getTime() ?? 0) < over);
    }
  }
});
