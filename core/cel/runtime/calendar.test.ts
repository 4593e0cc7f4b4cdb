import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as calendar from './calendar.ts';
import { parseDuration, parseTimestamp } from './time.ts';
import { type Duration, Timestamp, Unknown } from './value.ts';

const at = (text: string): Timestamp => parseTimestamp(text) ?? assert.fail(text);
const span = (text: string): Duration => parseDuration(text) ?? assert.fail(text);

test("in UTC every part is that of JavaScript's Date", () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), (seconds) => {
      const value = new Timestamp(seconds, 123_456_789);
      const date = new Date(seconds * 1000);
      assert.equal(calendar.YEAR.utc(value), date.getUTCFullYear());
      assert.equal(calendar.MONTH.utc(value), date.getUTCMonth());
      assert.equal(calendar.DATE.utc(value), date.getUTCDate());
      assert.equal(calendar.DAY_OF_MONTH.utc(value), date.getUTCDate() - 1);
      assert.equal(calendar.DAY_OF_WEEK.utc(value), date.getUTCDay());
      assert.equal(calendar.HOURS.utc(value), date.getUTCHours());
      assert.equal(calendar.MINUTES.utc(value), date.getUTCMinutes());
      assert.equal(calendar.SECONDS.utc(value), date.getUTCSeconds());
      assert.equal(calendar.MILLISECONDS.utc(value), 123);
      const first = new Date(date);
      first.setUTCMonth(0, 1);
      assert.equal(
        calendar.DAY_OF_YEAR.utc(value),
        Math.round((date.getTime() - first.getTime()) / 86_400_000),
      );
    }),
    { numRuns: 1000 },
  );
});

test('in a zone: its own day, and the offset of that moment', () => {
  const evening = at('2009-02-13T23:31:30Z');
  assert.equal(calendar.DATE.zoned(evening, 'Australia/Sydney'), 14);
  assert.equal(calendar.DAY_OF_MONTH.zoned(evening, 'US/Central'), 12);
  assert.equal(calendar.DAY_OF_MONTH.zoned(evening, '+11:00'), 13);
  assert.equal(calendar.HOURS.zoned(evening, '02:00'), 1);
  assert.equal(calendar.MINUTES.zoned(evening, 'Asia/Kathmandu'), 16);
  assert.equal(calendar.SECONDS.zoned(evening, '-00:00'), 30);
  assert.equal(calendar.DAY_OF_MONTH.zoned(at('2009-02-13T02:00:00Z'), '-02:30'), 11);
  assert.equal(calendar.MONTH.zoned(at('2009-12-31T23:30:00Z'), 'Europe/Berlin'), 0);
  assert.equal(calendar.YEAR.zoned(at('2009-12-31T23:30:00Z'), 'Europe/Berlin'), 2010);
  assert.equal(calendar.DAY_OF_YEAR.zoned(at('2010-01-01T00:30:00Z'), 'America/New_York'), 364);
});

test('on a day when clocks change, before and after differ', () => {
  // Europe went from 02:00 to 03:00 local time at 01:00 UTC.
  assert.equal(calendar.HOURS.zoned(at('2026-03-29T00:59:59Z'), 'Europe/Berlin'), 1);
  assert.equal(calendar.HOURS.zoned(at('2026-03-29T01:00:00Z'), 'Europe/Berlin'), 3);
  // Liberia's offset of 44:30 minutes ended at a half minute.
  assert.equal(calendar.SECONDS.zoned(at('1972-01-07T00:44:29Z'), 'Africa/Monrovia'), 59);
  assert.equal(calendar.SECONDS.zoned(at('1972-01-07T00:44:30Z'), 'Africa/Monrovia'), 30);
  assert.equal(calendar.YEAR.zoned(at('0001-01-01T00:00:00Z'), 'America/New_York'), 0);
});

test('what is no zone is an error that names it', () => {
  for (const name of ['Nowhere/City', '', '+5:30', '+24:00', '+05:60', '5', 'EST5EDT4,M3']) {
    const result = calendar.HOURS.zoned(at('2009-02-13T23:31:30Z'), name);
    assert.ok(result instanceof Unknown, name);
    assert.equal(result.causes[0]?.why, `"${name}" is not a time zone`);
  }
});

test('parts of a duration go toward zero', () => {
  assert.equal(calendar.durationToHours(span('10000s')), 2);
  assert.equal(calendar.durationToMinutes(span('3730s')), 62);
  assert.equal(calendar.durationToSeconds(span('3730.9s')), 3730);
  assert.equal(calendar.durationToMilliseconds(span('123.321456789s')), 321);
  assert.equal(calendar.durationToHours(span('-90m')), -1);
  assert.equal(calendar.durationToSeconds(span('-1.5s')), -1);
  assert.equal(calendar.durationToMilliseconds(span('-1.5s')), -500);
  assert.ok(Object.is(calendar.durationToMinutes(span('-1s')), 0));
});
