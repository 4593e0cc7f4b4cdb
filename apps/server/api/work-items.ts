/** What owners have to do: batches, what is said of them, and whose fault unknowns are. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { BatchRecord } from '@macadam/adapters/decisions/work';
import { BOUNDS } from '@macadam/core/text/bounds';
import type { WorkAct } from '@macadam/core/work/act';
import { actOn, checkAgain, placesOf, type ShownBatch, shownBatch } from '@macadam/services/work/acts';
import { evidenceIn } from '@macadam/services/work/evidence';
import { z } from 'zod';
import { anAsset, anId, assets, aText, idOrNone } from '../http/bounds.ts';
import { aDay } from '../http/day.ts';
import { HttpProblem } from '../http/problem.ts';
import { act, type Call, list, route } from '../http/route.ts';
import { requireReadiness } from '../readiness.ts';
import { ownedStores, siteOf } from '../server-context.ts';
import { requireFilters } from '../unknown-name.ts';

const count = z.int().min(0);
const day = aDay;
const time = z.string().describe('RFC 3339');
const item = { standard: anId, number: z.coerce.number().int().min(1) };
type Item = { readonly standard: string; readonly number: number };
const idOf = ({ standard, number }: Item) => `${standard}/${number}`;
const PATH = '/api/work-items/:standard/:number';

const batchRow = z.object({
  id: z.string(),
  standard: z.string(),
  team: z.string(),
  division: z.string(),
  of: z.enum(['failures', 'reassigned']),
  openedAt: time,
  dueOn: day.describe('Its last day, UTC; it never moves'),
  claimedBy: z.string().nullable(),
  snoozedUntil: day.nullable(),
  snoozes: count,
  closedAt: time.nullable(),
  version: count,
});

async function found(tx: DecisionTransaction, params: Item): Promise<BatchRecord> {
  const batch = await tx.work.batch(idOf(params));
  if (batch) return batch;
  throw new HttpProblem(404, `there is no work item \`${idOf(params)}\``);
}

/** Whom the policy asks about. */
const ofItem = async ({ params }: { readonly params: Item }, tx: DecisionTransaction) => {
  const { id, division, team, standard } = await found(tx, params);
  return { id, division, team, standard };
};

const acted = async (
  { params, version, caller }: Pick<Call, 'version' | 'caller'> & { readonly params: Item },
  tx: DecisionTransaction,
  what: WorkAct,
) => {
  await actOn(tx, idOf(params), what, { by: caller.person, version });
  return found(tx, params);
};

const NOTHING_LEFT: ShownBatch = {
  remaining: [],
  overdue: [],
  stopped: [],
  paused: [],
  quiet: true,
  defects: 0,
};

const reads = { action: 'WorkItem::read', of: 'anywhere' } as const;
const change = { params: item, of: ofItem, versioned: true } as const;

export const routes = [
  list({
    ...reads,
    path: '/api/work-items',
    summary: 'List work items',
    query: {
      team: idOrNone.optional(),
      standard: anId.optional(),
      open: z.stringbool().optional().describe('Those that are open, or those that are not'),
      mine: z.stringbool().optional().describe('Those of your teams alone'),
      overdue: z
        .stringbool()
        .optional()
        .describe('Those alone that are open and have assets whose last day is over'),
    },
    row: batchRow,
    sorts: ['id'],
    key: ({ id }) => id,
    rows: async ({ caller, parts, query: { team, standard, open, mine, overdue } }, tx, { after, limit }) => {
      await requireFilters({ team, standard }, tx, parts);
      const found = await tx.work.batches({
        ...(mine && { teams: caller.teams }),
        ...(overdue && { overdue }),
        team,
        standard,
        open,
        limit,
        after,
      });
      if (found.length === 0) await requireReadiness(tx, 'work');
      return found;
    },
  }),
  route({
    method: 'GET',
    path: PATH,
    summary: 'Say what is left of a work item, and by when',
    params: item,
    action: 'WorkItem::read',
    of: ofItem,
    answer: batchRow.extend({
      remaining: z.array(z.string()),
      overdue: z.array(z.string()),
      stopped: z
        .array(z.object({ asset: z.string(), due: day }))
        .describe('Assets whose clock a dispute stopped, each with its last day'),
      paused: z
        .array(
          z.object({
            asset: z.string(),
            exception: z.string().nullable().describe('The exception in force; null once it has ended'),
            exceptedUntil: day.nullable().describe('Its last day; the asset still fails'),
            due: day.describe('The asset’s own last day: 14 days after the exception ends, or later'),
          }),
        )
        .describe('Assets left in it whose clock an exception pauses, or paused'),
      quiet: z.boolean().describe('Nobody is reminded of it today'),
      defects: count.describe('Verdicts that it proved false'),
    }),
    does: async ({ params }, tx) => {
      const batch = await found(tx, params);
      const [held] = await tx.work.view([batch.id]);
      const shown = held ? shownBatch(held, tx.at) : NOTHING_LEFT;
      return {
        ...batch,
        ...shown,
        paused: shown.paused.map(({ asset, exception, until, due }) => ({
          asset,
          exception,
          exceptedUntil: until,
          due,
        })),
      };
    },
  }),
  list({
    path: `${PATH}/members`,
    summary: 'List the assets of a work item',
    params: item,
    action: 'WorkItem::read',
    of: ofItem,
    row: z.object({
      asset: z.string(),
      failingSince: time,
      leftAt: time.nullable(),
      leftAs: z.enum(['passed', 'gone', 'out-of-scope', 'excepted', 'reassigned']).nullable(),
      observation: z.string().nullable().describe('What showed it'),
      leftFor: z.string().nullable().describe('The exception, or the team that has it now'),
    }),
    sorts: ['asset'],
    key: ({ asset }) => asset,
    rows: ({ params }, tx, page) => tx.work.members(idOf(params), page),
  }),
  list({
    path: `${PATH}/places`,
    summary: 'List where one change fixes several assets',
    params: item,
    action: 'WorkItem::read',
    of: ofItem,
    row: z.object({ repository: z.string(), path: z.string(), assets: z.array(z.string()) }),
    sorts: ['repository'],
    key: ({ repository, path }) => [repository, path] as const,
    rows: async ({ params, parts }, tx, { after, limit }) => {
      const [held] = await tx.work.view([idOf(params)]);
      const standard = siteOf(parts).standards.get(params.standard);
      if (!held || !standard) return [];
      const evidence = evidenceIn(ownedStores(parts).driver);
      const places = await evidence.places(standard.definition.scope.kind, held.remaining);
      const keyOf = (one: { readonly repository: string; readonly path: string }) =>
        JSON.stringify([one.repository, one.path]);
      return placesOf(held, places)
        .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
        .filter((one) => after === undefined || keyOf(one) > JSON.stringify(after))
        .slice(0, limit);
    },
  }),
  list({
    path: `${PATH}/comments`,
    summary: 'List what was said about a work item',
    params: item,
    action: 'WorkItem::read',
    of: ofItem,
    row: z.object({ number: count, saidAt: time, saidBy: z.string(), text: z.string() }),
    sorts: ['number'],
    key: ({ number }) => number,
    rows: ({ params }, tx, page) => tx.work.comments(idOf(params), page),
  }),
  list({
    path: `${PATH}/disputes`,
    summary: 'List verdicts that are said to be false',
    params: item,
    action: 'WorkItem::read',
    of: ofItem,
    row: z.object({
      number: count,
      assets: z.array(z.string()),
      reason: z.string(),
      openedAt: time,
      openedBy: z.string(),
      untilOn: day,
      outcome: z.enum(['upheld', 'rejected', 'expired']).nullable(),
      endedAt: time.nullable(),
      endedBy: z.string().nullable(),
      endReason: z.string().nullable(),
    }),
    sorts: ['number'],
    key: ({ number }) => number,
    rows: async ({ params }, tx, { after = 0, limit }) =>
      (await tx.work.disputes(idOf(params))).filter(({ number }) => number > after).slice(0, limit),
  }),
  route({
    method: 'POST',
    path: `${PATH}/claim`,
    summary: 'Take a work item on, or give it back',
    ...change,
    action: 'WorkItem::claim',
    body: z.strictObject({ claimed: z.boolean() }),
    answer: batchRow,
    does: (call, tx) => acted(call, tx, { act: call.body.claimed ? 'claim' : 'release' }),
  }),
  route({
    method: 'POST',
    path: `${PATH}/snooze`,
    summary: 'Silence reminders until a day',
    ...change,
    action: 'WorkItem::snooze',
    body: z.strictObject({ until: day }),
    answer: batchRow,
    does: (call, tx) => acted(call, tx, { act: 'snooze', until: call.body.until }),
  }),
  route({
    method: 'POST',
    path: `${PATH}/disputes`,
    summary: 'Say that verdicts are false',
    ...change,
    action: 'WorkItem::dispute',
    answer: batchRow,
    body: z.strictObject({ assets, why: z.string().max(BOUNDS.text) }),
    does: (call, tx) => acted(call, tx, { act: 'dispute', ...call.body }),
  }),
  route({
    method: 'POST',
    path: `${PATH}/settlements`,
    summary: 'Decide a dispute',
    action: 'WorkItem::settle',
    params: item,
    versioned: true,
    body: z.strictObject({ asset: anAsset, upheld: z.boolean(), why: aText }),
    of: async (call, tx) => {
      const disputes = await tx.work.disputes(idOf(call.params));
      const person = disputes.find(({ assets }) => assets.includes(call.body.asset))?.openedBy;
      return { ...(await ofItem(call, tx)), person };
    },
    answer: batchRow,
    does: (call, tx) => acted(call, tx, { act: 'settle', ...call.body }),
  }),
  route({
    method: 'POST',
    path: `${PATH}/comments`,
    summary: 'Say something about a work item',
    ...change,
    action: 'WorkItem::comment',
    answer: batchRow,
    body: z.strictObject({ text: aText }),
    does: (call, tx) => acted(call, tx, { act: 'comment', text: call.body.text }),
  }),
  act({
    method: 'POST',
    path: `${PATH}/checks`,
    summary: 'Have one asset checked again',
    params: item,
    of: ofItem,
    action: 'WorkItem::comment',
    body: z.strictObject({ asset: anAsset }),
    does: ({ params, body }, tx) => checkAgain(tx, idOf(params), body.asset),
  }),
  list({
    ...reads,
    path: '/api/faults',
    summary: 'List which source or standard something is unknown because of',
    query: { team: idOrNone.optional(), open: z.stringbool().optional() },
    row: z.object({
      id: z.string(),
      subjectOf: z.enum(['source', 'standard']),
      subject: z.string(),
      team: z.string().nullable(),
      division: z.string(),
      causes: z.record(z.string(), count),
      openedAt: time,
      dueOn: day,
      closedAt: time.nullable(),
      observation: z.string().nullable(),
    }),
    sorts: ['id'],
    key: ({ id }) => id,
    rows: async ({ parts, query: { team, open } }, tx, { after, limit }) => {
      await requireFilters({ team }, tx, parts);
      const faults = await tx.faults.faults({
        limit,
        after,
        team,
        open,
      });
      if (faults.length === 0) await requireReadiness(tx, 'faults');
      return faults;
    },
  }),
];
