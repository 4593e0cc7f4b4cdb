import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  acceptedValue,
  driftedFrom,
  type Exception,
  endOf,
  exceptionFor,
  exceptionMistake,
  exceptionSchema,
  exceptionsOf,
  holdOf,
  latestDay,
  selects,
} from './exception.ts';

const base: Exception = {
  standard: 's',
  assets: ['*'],
  reason: 'a stated reason',
  approver: 'cy',
  until: '2026-11-10',
};
const at = (text: string) => new Date(text);
const hold = (change: Partial<Exception>, time: string, value?: string) =>
  holdOf(
    { ...base, ...change },
    { id: 'thing/x', name: 'x', ...(value !== undefined && { value: () => value }) },
    at(time),
  );

test('it holds from its approval to the end of its last day, to the millisecond', () => {
  const approved_at = '2026-11-02T12:00:00Z';
  assert.equal(hold({ approved_at }, '2026-11-02T11:59:59.999Z'), 'early');
  assert.equal(hold({ approved_at }, '2026-11-02T12:00:00Z'), 'holds');
  assert.equal(hold({ approved_at }, '2026-11-10T23:59:59.999Z'), 'holds');
  assert.equal(hold({ approved_at }, '2026-11-11T00:00:00Z'), 'over');
  assert.equal(hold({}, '1999-01-01T00:00:00Z'), 'holds', 'one without an instant of approval always began');
});

test('it can end early, and never later', () => {
  const ended_at = '2026-11-05T12:00:00+02:00';
  assert.equal(hold({ ended_at }, '2026-11-05T09:59:59.999Z'), 'holds');
  assert.equal(hold({ ended_at }, '2026-11-05T10:00:00Z'), 'over');
  assert.equal(
    endOf({ ...base, ended_at: '2027-01-01T00:00:00Z' }).toISOString(),
    '2026-11-11T00:00:00.000Z',
  );
});

test('what its selectors meant at approval is what it covers', () => {
  const accepted = { 'thing/x': null };
  assert.equal(hold({ accepted }, '2026-11-05T00:00:00Z'), 'holds');
  assert.equal(hold({ accepted: { 'thing/y': null } }, '2026-11-05T00:00:00Z'), 'elsewhere');
  assert.equal(hold({ accepted: {}, assets: ['thing/x'] }, '2026-11-05T00:00:00Z'), 'elsewhere');
  assert.equal(hold({ assets: ['x'] }, '2026-11-05T00:00:00Z'), 'holds', 'a name will do');
  assert.equal(hold({ assets: ['y', 'thing/*'] }, '2026-11-05T00:00:00Z'), 'holds');
  assert.equal(hold({ assets: ['y'] }, '2026-11-05T00:00:00Z'), 'elsewhere');
});

test('a value that drifts, or that cannot be told, is not what was accepted', () => {
  const accepted = { 'thing/x': 'two ports' };
  assert.equal(hold({ accepted }, '2026-11-05T00:00:00Z', 'two ports'), 'holds');
  assert.equal(hold({ accepted }, '2026-11-05T00:00:00Z', 'five ports'), 'drifted');
  assert.equal(hold({ accepted }, '2026-11-05T00:00:00Z'), 'drifted');
  assert.equal(hold({ accepted }, '2026-11-11T00:00:00Z', 'five ports'), 'over');
  const one = { ...base, accepted };
  const drifted = { id: 'thing/x', name: 'x', value: () => 'five ports' };
  assert.equal(driftedFrom([one], 's', drifted, at('2026-11-05T00:00:00Z')), one);
  assert.equal(driftedFrom([one, base], 's', drifted, at('2026-11-05T00:00:00Z')), null, 'another covers it');
  assert.equal(driftedFrom([base], 's', drifted, at('2026-11-05T00:00:00Z')), null);
});

test('the value is what fails and where, in any order, and not on which line', () => {
  const failure = { reason: 'open', message: '2 ports', evidence: [{ text: '22' }, { text: '80' }] };
  assert.equal(
    acceptedValue(failure),
    acceptedValue({ ...failure, evidence: failure.evidence.toReversed() }),
  );
  for (const other of [{ reason: 'shut' }, { message: '3 ports' }, { evidence: [{ text: '22' }] }])
    assert.notEqual(acceptedValue(failure), acceptedValue({ ...failure, ...other }));
});

test('it lasts 180 days from its approval at most', () => {
  assert.equal(latestDay(at('2026-11-02T23:00:00Z')), '2027-05-01');
  const until = (day: string, approved_at?: string) =>
    exceptionMistake(
      { ...base, until: day, ...(approved_at !== undefined && { approved_at }) },
      at('2026-12-01T00:00:00Z'),
    );
  assert.equal(until('2027-05-30'), null);
  assert.match(until('2027-05-31') ?? '', /at most 180 days: the latest date is 2027-05-30/);
  assert.equal(until('2027-05-01', '2026-11-02T00:00:00Z'), null);
  assert.match(until('2027-05-02', '2026-11-02T00:00:00Z') ?? '', /the latest date is 2027-05-01/);
});

test('what is written down says why and when', () => {
  assert.equal(exceptionSchema.safeParse(base).success, true);
  for (const wrong of [
    { reason: 'too short' },
    { until: 'soon' },
    { assets: [] },
    { approver: '' },
    { accepted: { a: 1 } },
    { approved_at: '2026-11-02' },
    { surprise: 1 },
  ])
    assert.equal(exceptionSchema.safeParse({ ...base, ...wrong }).success, false, JSON.stringify(wrong));
});

const name = fc.constantFrom('a', 'b', 'ab');
const instant = fc
  .integer({ min: 0, max: 40 })
  .map((hours) => new Date(Date.parse('2026-11-01T00:00:00Z') + hours * 4 * 3_600_000));
const exception: fc.Arbitrary<Exception> = fc
  .record({
    standard: fc.constantFrom('s', 't'),
    assets: fc.array(fc.constantFrom('a', 'b', 'a*', '*', 'k/a'), { minLength: 1, maxLength: 2 }),
    days: fc.nat({ max: 5 }),
    reason: fc.constantFrom('the first reason', 'the other reason'),
    accepted: fc.option(
      fc.dictionary(
        name.map((one) => `k/${one}`),
        fc.option(fc.constantFrom('1', '2')),
      ),
      { nil: undefined },
    ),
    from: fc.option(instant, { nil: undefined }),
    ended: fc.option(instant, { nil: undefined }),
    id: fc.constantFrom('x', 'y'),
  })
  .map(({ days, accepted, from, ended, ...rest }) => ({
    ...rest,
    approver: 'cy',
    until: `2026-11-0${days + 1}`,
    ...(accepted && { accepted: { ...accepted } }),
    ...(from && { approved_at: from.toISOString() }),
    ...(ended && { ended_at: ended.toISOString() }),
  }));
const subject = fc.record({ name, value: fc.constantFrom('1', '2', '3') });

test('by index or one by one, in any order, the answer is the same, and no answer outlives its end', () => {
  fc.assert(
    fc.property(
      fc.array(exception, { maxLength: 6 }),
      subject,
      instant,
      (all, { name: called, value }, now) => {
        const asset = { id: `k/${called}`, name: called, value: () => value };
        const found = exceptionFor(all, 's', asset, now);
        assert.deepEqual(exceptionFor(all.toReversed(), 's', asset, now), found);
        assert.deepEqual(exceptionsOf(all, 's').inForce(asset, now), found);
        assert.deepEqual(exceptionsOf(all, 's').drifted(asset, now), driftedFrom(all, 's', asset, now));
        const holding = all.filter((one) => one.standard === 's' && holdOf(one, asset, now) === 'holds');
        assert.equal(found === null, holding.length === 0);
        if (!found) return;
        assert.equal(endOf(found).getTime(), Math.max(...holding.map((one) => endOf(one).getTime())));
        assert.ok(now < endOf(found));
        const after = exceptionFor(all, 's', asset, endOf(found));
        assert.ok(after === null || endOf(after) > endOf(found));
      },
    ),
    { numRuns: 2000 },
  );
});

test('`*` stands for any characters, and means what the same regular expression does', () => {
  const letter = fc.constantFrom('a', 'b', '*');
  const word = (max: number) => fc.array(letter, { maxLength: max }).map((list) => list.join(''));
  fc.assert(
    fc.property(word(5), word(7), (selector, text) => {
      const pattern = selector
        .split('*')
        .join('.*')
        .replaceAll(/\.\*(\.\*)+/g, '.*');
      assert.equal(
        selects(selector, text),
        new RegExp(`^${pattern}$`, 's').test(text),
        `${selector} ${text}`,
      );
    }),
    { numRuns: 2000 },
  );
});

test('each text says something, and an instant may be of any zone', () => {
  const some = { id: 'e', requester: 'ada', compensating: 'a wall around it', proof: 'p', renews: 'd' };
  assert.equal(exceptionSchema.safeParse({ ...base, ...some }).success, true);
  for (const field of Object.keys(some))
    assert.equal(exceptionSchema.safeParse({ ...base, ...some, [field]: '' }).success, false, field);
  for (const field of ['approved_at', 'ended_at'])
    assert.equal(
      exceptionSchema.safeParse({ ...base, [field]: '2026-11-02T12:00:00+02:00' }).success,
      true,
      field,
    );
});
