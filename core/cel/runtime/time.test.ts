import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as time from './time.ts';
import { Duration, Timestamp, Unknown } from './value.ts';

const MIN = -62_135_596_800;
const MAX = 253_402_300_799;
const why = (value: unknown): string =>
  value instanceof Unknown ? (value.causes[0]?.why ?? '') : 'no error';

const nanosOf = ({ seconds, nanos }: Timestamp | Duration): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
const anyNanos = fc.oneof(fc.constantFrom(0, 1, 999_999_999), fc.integer({ min: 0, max: 999_999_999 }));
const anyTimestamp = fc
  .tuple(fc.oneof(fc.constantFrom(MIN, MAX, 0, -1), fc.integer({ min: MIN, max: MAX })), anyNanos)
  .map(([seconds, nanos]) => new Timestamp(seconds, nanos));
const anyDuration = fc
  .oneof(fc.constantFrom(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n))
  .map((nanos) => {
    const rest = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    return new Duration(Number((nanos - rest) / 1_000_000_000n), Number(rest));
  });

test('nothing but the form of RFC 3339 is read as a time', () => {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
  const written = fc
    .tuple(anyTimestamp, fc.constantFrom('Z', '+02:00', '-23:59', '+24:00', '', 'z', '+02:60', '.5Z', 'Z\n'))
    .map(([value, zone]) => time.printTimestamp(value).replace('Z', zone));
  const disturbed = fc
    .tuple(written, fc.nat(30), fc.constantFrom('', '0', '9', '-', ':', '.', 'T', ' ', '٣', 'Z'), fc.nat(1))
    .map(([text, at, sign, cut]) => text.slice(0, at) + sign + text.slice(at + cut));
  fc.assert(
    fc.property(fc.oneof(written, disturbed, fc.string()), (text) => {
      const parsed = time.parseTimestamp(text);
      if (!form.test(text)) assert.equal(parsed, null, text);
      else if (parsed !== null) {
        const millis = Date.parse(text.replace(/\.\d+/, ''));
        assert.equal(parsed.seconds, millis / 1000, text);
        const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
        assert.equal(parsed.nanos, Number(fraction.slice(0, 9).padEnd(9, '0')), text);
      } else
        assert.ok(
          !/^[1-9]\d{3}-(0[1-9]|1[0-2])-([01][1-9]|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z$/.test(
            text,
          ),
          text,
        );
    }),
    { numRuns: 5000 },
  );
});

test('a timestamp reads back from its own text', () => {
  fc.assert(
    fc.property(anyTimestamp, (value) => {
      assert.deepEqual(time.parseTimestamp(time.printTimestamp(value)), value);
    }),
    { numRuns: 1000 },
  );
});

test("a timestamp's text is that of JavaScript's Date, where that has one", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: MIN, max: MAX }),
      fc.integer({ min: 0, max: 999 }),
      (seconds, milliseconds) => {
        const date = new Date(seconds * 1000 + milliseconds);
        const text = time.printTimestamp(time.timestampOfDate(date));
        assert.equal(text, date.toISOString().replace(/\.?0*Z$/, 'Z'));
        assert.deepEqual(time.parseTimestamp(date.toISOString()), time.timestampOfDate(date));
      },
    ),
    { numRuns: 1000 },
  );
});

test('RFC 3339 in all its forms', () => {
  const cases: readonly [string, string][] = [
    ['2009-02-13T23:31:30Z', '2009-02-13T23:31:30Z'],
    ['2009-02-13T23:31:30.5+05:30', '2009-02-13T18:01:30.5Z'],
    ['2009-02-13T23:31:30.120-08:00', '2009-02-14T07:31:30.12Z'],
    ['9999-12-31T23:59:59.999999999Z', '9999-12-31T23:59:59.999999999Z'],
    ['0001-01-01T00:00:00-00:01', '0001-01-01T00:01:00Z'],
    ['2024-02-29T00:00:00.0000000019Z', '2024-02-29T00:00:00.000000001Z'],
  ];
  for (const [text, printed] of cases) {
    const value = time.parseTimestamp(text);
    assert.ok(value, text);
    assert.equal(time.printTimestamp(value), printed);
  }
});

test('what is no timestamp is refused, so are days that no calendar has and years outside 0001 to 9999', () => {
  for (const text of [
    '',
    '2009-02-13',
    '2009-02-13T23:31:30',
    '2009-02-13 23:31:30Z',
    '2009-02-13t23:31:30z',
    '2009-02-13T23:31:60Z',
    '2009-02-13T24:00:00Z',
    '2009-02-13T23:31:30.Z',
    '2009-02-13T23:31:30+24:00',
    '2023-02-29T00:00:00Z',
    '2023-13-01T00:00:00Z',
    '2023-00-01T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '10000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
  ]) {
    assert.equal(time.parseTimestamp(text), null, text);
  }
  assert.match(why(time.stringToTimestamp('today')), /"today" is not an RFC 3339 timestamp/);
});

test('a duration reads back from its own text', () => {
  fc.assert(
    fc.property(anyDuration, (value) => {
      assert.deepEqual(time.parseDuration(time.printDuration(value)), value);
    }),
    { numRuns: 1000 },
  );
});

test('durations in all their forms', () => {
  const cases: readonly [string, string][] = [
    ['0', '0s'],
    ['-0', '0s'],
    ['1h30m', '5400s'],
    ['+1h', '3600s'],
    ['-1.5s', '-1.5s'],
    ['.5ms', '0.0005s'],
    ['1.s', '1s'],
    ['1us2µs3μs4ns', '0.000006004s'],
    ['1h1h', '7200s'],
    ['0.3333333333333333333h', '1199.999999999s'],
    ['-1ns', '-0.000000001s'],
    ['00000000000000000000000001s', '1s'],
    ['2562047h47m16.854775807s', '9223372036.854775807s'],
    ['-2562047h47m16.854775808s', '-9223372036.854775808s'],
  ];
  for (const [text, printed] of cases) {
    const value = time.parseDuration(text);
    assert.ok(value, text);
    assert.equal(time.printDuration(value), printed, text);
  }
});

test('what is no duration is refused, so is one of more than 292 years', () => {
  for (const text of [
    '',
    '-',
    '1',
    's',
    '.s',
    '1x',
    '1d',
    '1h-1m',
    '1 h',
    '1h ',
    '--1s',
    '1toString',
    '2562047h47m16.854775808s',
    '-320000000000s',
    '99999999999999999999999s',
  ]) {
    assert.equal(time.parseDuration(text), null, text);
  }
  assert.match(why(time.stringToDuration('soon')), /"soon" is not a duration/);
});

test('days are a unit of parameters only, and messages use words', () => {
  const shown = (text: string) =>
    time.displayDuration(time.parseDurationWithDays(text) ?? new Duration(0, 0));
  assert.equal(shown('90d'), '90 days');
  assert.equal(shown('2160h'), '90 days');
  assert.equal(shown('1d12h'), '1 day 12 hours');
  assert.equal(shown('2m'), '2 minutes');
  assert.equal(shown('15m20s'), '15 minutes 20 seconds');
  assert.equal(shown('1d1s'), '1 day 1 second');
  assert.equal(shown('49h3m7s'), '2 days 1 hour');
  assert.equal(shown('1.5s'), '1.5 seconds');
  assert.equal(shown('0s'), '0 seconds');
  assert.equal(shown('-90s'), '-90s');
  assert.equal(time.parseDurationWithDays('1w'), null);
});

test('messages write a time as people do, and a day where it is the beginning of one', () => {
  const shown = (text: string) => time.displayTimestamp(time.parseTimestamp(text) ?? new Timestamp(0, 0));
  assert.equal(shown('2026-11-30T02:14:59.5Z'), '30 Nov 2026, 02:14 UTC');
  assert.equal(shown('2026-03-01T00:00:00Z'), '1 Mar 2026');
  assert.equal(shown('2026-03-01T00:00:00.5Z'), '1 Mar 2026, 00:00 UTC');
});

test('arithmetic is that of nanoseconds, and an error outside the ranges', () => {
  const inTime = (nanos: bigint) =>
    nanos >= BigInt(MIN) * 1_000_000_000n && nanos < (BigInt(MAX) + 1n) * 1_000_000_000n;
  const inSpan = (nanos: bigint) => nanos === BigInt.asIntN(64, nanos);
  const agree = (result: Timestamp | Duration | Unknown, nanos: bigint, fits: (nanos: bigint) => boolean) => {
    if (!fits(nanos)) return assert.ok(result instanceof Unknown);
    assert.ok(!(result instanceof Unknown));
    assert.ok(result.nanos >= 0 && result.nanos < 1_000_000_000);
    assert.equal(nanosOf(result), nanos);
  };
  fc.assert(
    fc.property(anyTimestamp, anyTimestamp, anyDuration, anyDuration, (a, b, x, y) => {
      agree(time.addDuration(a, x), nanosOf(a) + nanosOf(x), inTime);
      agree(time.addTimestamp(x, a), nanosOf(a) + nanosOf(x), inTime);
      agree(time.subtractDuration(a, x), nanosOf(a) - nanosOf(x), inTime);
      agree(time.subtractTimestamps(a, b), nanosOf(a) - nanosOf(b), inSpan);
      agree(time.addDurations(x, y), nanosOf(x) + nanosOf(y), inSpan);
      agree(time.subtractDurations(x, y), nanosOf(x) - nanosOf(y), inSpan);
    }),
    { numRuns: 2000 },
  );
  assert.match(why(time.addDuration(new Timestamp(MAX, 999_999_999), new Duration(0, 1))), /0001 to 9999/);
  assert.match(why(time.subtractTimestamps(new Timestamp(MAX, 0), new Timestamp(MIN, 0))), /292 years/);
});

test('numbers of seconds, nanoseconds, days and hours', () => {
  assert.deepEqual(time.intToTimestamp(-1), new Timestamp(-1, 0));
  assert.match(why(time.intToTimestamp(2n ** 62n)), /0001 to 9999/);
  assert.equal(time.timestampToInt(new Timestamp(-1, 5)), -1);
  assert.deepEqual(time.intToDuration(-1), new Duration(-1, 999_999_999));
  assert.equal(time.durationToInt(new Duration(-1, 999_999_999)), -1);
  assert.equal(time.durationToInt(new Duration(9_223_372_036, 854_775_807)), 2n ** 63n - 1n);
  assert.deepEqual(time.days(90), new Duration(7_776_000, 0));
  assert.deepEqual(time.hours(-1), new Duration(-3600, 0));
  assert.match(why(time.days(2n ** 62n)), /292 years/);
});
