/** How any unit of the organisation stands, and what moved that between any two dates. */
import type { Between } from '@macadam/adapters/facts/history/retrospect';
import { STEPS } from '@macadam/core/figures/accounting';
import { AMOUNT_CELLS, type MeasureTally, measureShare } from '@macadam/core/figures/measure';
import { unitOf } from '@macadam/services/progress/amounts';
import { type UnitAmounts, type UnitStandard, unitProgress } from '@macadam/services/progress/unit';
import { z } from 'zod';
import { type FoundUnit, unitIn } from '../asked-unit.ts';
import { aMoment, anId } from '../http/bounds.ts';
import { route, type ServerParts } from '../http/route.ts';
import { labelOf } from '../pages/assets/title.ts';
import { amountListAt, changesAt, type HistoryQuery } from '../pages/history/address.ts';
import { CAUSES_OF_CHANGE, causesOf } from '../pages/history/causes.ts';
import { siteOf } from '../server-context.ts';
import { scannedSpan, spanOf } from '../time-range.ts';
import { share, tally } from './amounts.ts';

const count = z.int().min(0);
const amount = z.object({
  tally,
  atLeast: share.describe('Null where there is nothing'),
  atMost: share,
  measured: share,
});
const listOf = z.string().describe('The address of its list');
const counts = z.object({ pass: count, fail: count, unknown: count, excepted: count });

const WEEK = 7 * 86_400_000;

/** Of a unit, or of the whole company, from a week before the newest look until it where nothing else is asked for. */
export async function unitStands(
  parts: ServerParts,
  found: FoundUnit | null,
  {
    from,
    to,
    as,
  }: {
    readonly from?: string | undefined;
    readonly to?: string | undefined;
    readonly as?: string | undefined;
  },
): Promise<{ readonly between: Between; readonly standards: readonly UnitStandard[] }> {
  const { past, standards } = siteOf(parts);
  const until = { to, as };
  const end = await scannedSpan(past, until);
  const week = new Date(end.to.valid.getTime() - WEEK).toISOString();
  const between = (await spanOf(past, { ...until, from: from ?? week })) ?? end;
  return { between, standards: await unitProgress(past, between, found?.teams ?? null, standards) };
}

const amountShown = (of: MeasureTally) => {
  const { atLeast, atMost, measured } = measureShare(of);
  return { tally: { ...of }, atLeast, atMost, measured };
};

const amountsShown = (standard: string, { now, before, causes }: UnitAmounts, asked: HistoryQuery) => ({
  now: amountShown(now),
  before: before && amountShown(before),
  causes:
    causes?.map(({ cell, step, changes, moved }) => ({
      cell,
      step,
      changes,
      moved: { ...moved },
      list: amountListAt(standard, asked, { cell, step }),
    })) ?? null,
});

export const routes = [
  route({
    action: 'Figure::read',
    of: 'anywhere',
    method: 'GET',
    path: '/api/progress',
    summary: 'Say how a unit stands by every standard, and what moved that between two dates',
    query: {
      unit: anId.optional().describe('A team, or any unit above teams. Left out: the whole company'),
      from: aMoment.describe(
        'A time, or a day, which is its first instant (UTC). Left out: a week before `to`',
      ),
      to: aMoment.describe('Left out: the newest scan'),
      as: z.enum(['known']).optional().describe('As it is known now, not as it was published then'),
    },
    answer: z.object({
      unit: z.object({ id: z.string(), name: z.string(), level: z.string() }).nullable(),
      from: z.iso.datetime().nullable(),
      to: z.iso.datetime(),
      standards: z.array(
        z.object({
          standard: z.string(),
          label: z.string(),
          now: counts,
          before: counts.nullable().describe('Null where there is no earlier scan'),
          measure: z.enum(['share', 'weighted', 'elimination', 'duration']).nullable(),
          unit: z.string().nullable().describe('What it counts; null for a standard of before'),
          causes: z
            .array(z.object({ cause: z.enum(CAUSES_OF_CHANGE), changes: z.int(), list: listOf }))
            .describe('Why assets or cases stand otherwise than before'),
          amounts: z
            .object({
              now: amount,
              before: amount.nullable(),
              causes: z
                .array(
                  z.object({
                    cell: z.enum(AMOUNT_CELLS),
                    step: z.enum(STEPS),
                    changes: z.int().describe('As many assets are in its list'),
                    moved: tally.describe('What it did to each amount'),
                    list: listOf,
                  }),
                )
                .nullable()
                .describe('Null where no amounts were written at the earlier scan'),
            })
            .nullable()
            .describe(
              'What is weighed, or whom a cohort has (`pass` are eliminated); null for a share and a duration, which `now` counts',
            ),
        }),
      ),
    }),
    does: async ({ parts, query: { unit, ...when } }, tx) => {
      const found = unit === undefined ? null : await unitIn(parts, tx, unit);
      const { between, standards } = await unitStands(parts, found, when);
      const site = siteOf(parts);
      const from = between.from?.valid.toISOString();
      const asked = { from, to: between.to.valid.toISOString(), as: when.as, unit };
      return {
        unit: found?.unit ?? null,
        from: from ?? null,
        to: asked.to,
        standards: standards.map(({ standard, now, before, cells, amounts }) => {
          const known = site.standards.get(standard);
          return {
            standard,
            label: labelOf(site, standard),
            measure: known?.definition.measure.kind ?? null,
            unit: known ? unitOf(known) : null,
            now,
            before,
            causes: [...causesOf(cells)].map(([cause, changes]) => ({
              cause,
              changes,
              list: `/api${changesAt(standard, { ...asked, cause })}`,
            })),
            amounts: amounts && amountsShown(standard, amounts, asked),
          };
        }),
      };
    },
  }),
];
