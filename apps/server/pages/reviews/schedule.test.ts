import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Markup, textOf } from '@macadam/adapters/report-formats/html/markup';
import { type ReviewProgram, reviewProgramSchema } from '@macadam/core/figures/agenda';
import type { OrgUnit } from '@macadam/core/org/org';
import fc from 'fast-check';
import { parse } from 'yaml';
import { z } from 'zod';
import { HttpProblem } from '../../http/problem.ts';
import { reviewListBody } from './body.ts';
import { scheduleAsked, scheduleLines, scheduleSection } from './schedule.ts';

const textIn = (markup: Markup | null): string => (markup === null ? '' : textOf(markup));

const NORTH: OrgUnit = {
  id: 'north',
  name: 'The north',
  level: 'division',
  parent: 'estate',
} as OrgUnit;
const WEEK: ReviewProgram = { title: 'Week', every: 'week' };
const BOARD: ReviewProgram = { title: 'Board: "all"', every: 'quarter', unattended: true };

test('what a schedule is to be like is shown as the lines that state it, to add a review, to change and to end one', () => {
  const wanted = (asked: Parameters<typeof scheduleAsked>[2]) =>
    scheduleAsked([WEEK, BOARD], [NORTH], asked).wanted;
  assert.equal(wanted({}), null);
  const north: ReviewProgram = { title: 'North', every: 'month', unit: 'north', unattended: true };
  assert.deepEqual(wanted({ title: 'North', every: 'month', unit: 'north', by: 'server' }), [
    WEEK,
    BOARD,
    north,
  ]);
  assert.deepEqual(wanted({ title: 'Week', every: 'month', unit: '', by: 'people' }), [
    { title: 'Week', every: 'month' },
    BOARD,
  ]);
  assert.deepEqual(wanted({ end: 'Week' }), [BOARD]);
  const page = textIn(
    scheduleSection(
      { programs: [] },
      scheduleAsked([WEEK], [NORTH], { title: 'North', unit: 'north' }),
      true,
    ),
  );
  assert.match(page, /To add <bdi>North<\/bdi>, put these lines into macadam.yaml, in place of its reviews/);
  assert.match(
    page,
    /reviews:\n {2}- title: Week\n {4}every: week\n {2}- title: North\n {4}every: week\n {4}unit: north/,
  );
  const reader = scheduleSection({ programs: [] }, scheduleAsked([], [], {}), false);
  assert.equal(reader, null, 'nobody is shown what they may not decide');
});

test('the title of a review that is due is proposed: one by another name would be of no program, which stayed due', () => {
  const program = {
    title: 'Weekly security review',
    every: 'week' as const,
    unit: null,
    unattended: false,
    due: '2026-11-23',
    isDue: true,
    last: null,
    next: '2026-11-30',
  };
  const page = (programs: (typeof program)[]) =>
    textIn(
      reviewListBody({
        council: [],
        reviews: [],
        freezing: { open: [] },
        attempt: null,
        agenda: { since: null, programs, items: [] },
        schedule: scheduleAsked([], [], {}),
      }),
    );
  assert.match(page([program]), /value="Weekly security review 2026-11-23"/);
  assert.match(page([program]), /begins with its name: <bdi>Weekly security review<\/bdi>/);
  assert.match(page([{ ...program, isDue: false }]), /name="title" required[^>]* value=""/);
});

test('a schedule with a unit or a review that there is not is refused, by the nearest name', () => {
  const refusal = (asked: Parameters<typeof scheduleAsked>[2], said: RegExp) =>
    assert.throws(
      () => scheduleAsked([WEEK], [NORTH], asked),
      (error) => error instanceof HttpProblem && error.status === 400 && said.test(error.message),
    );
  refusal({ title: 'North', unit: 'nroth' }, /there is no unit `nroth`/);
  refusal({ end: 'Weak' }, /no review of the schedule is called `Weak`/);
  refusal({ title: 'W' }, /two characters or more/);
});

test('the lines of any schedule are read as that schedule', () => {
  const program = fc.record(
    {
      title: fc.string({ minLength: 2, maxLength: 80, unit: 'grapheme' }),
      every: fc.constantFrom('week', 'month', 'quarter'),
      unit: fc.string({ minLength: 1, maxLength: 40 }),
      unattended: fc.constant(true),
    },
    { requiredKeys: ['title', 'every'], noNullPrototype: true },
  );
  const file = z.strictObject({ reviews: z.array(reviewProgramSchema) });
  fc.assert(
    fc.property(fc.array(program, { maxLength: 4 }), (programs) => {
      const stated = programs.filter((one) => reviewProgramSchema.safeParse(one).success) as ReviewProgram[];
      assert.deepEqual(file.parse(parse(scheduleLines(stated))).reviews, stated);
    }),
  );
  for (const title of ['yes', 'null', 'No: 7', '12', '- a', 'Week ', '#1'])
    assert.deepEqual(parse(scheduleLines([{ title, every: 'week' }])).reviews[0].title, title);
});
