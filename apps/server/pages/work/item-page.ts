/** One work item, and what people do with it: the page's forms do what the API's routes do. */

import type { Action } from '@macadam/adapters/authorisation/actions';
import { authorise } from '@macadam/adapters/authorisation/authorise';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Attempt } from '@macadam/adapters/report-formats/html/form';
import { exceptionAt, workAt } from '@macadam/adapters/report-formats/html/link';
import { html } from '@macadam/adapters/report-formats/html/markup';
import { PAGE_SECTIONS } from '@macadam/adapters/report-formats/html/sections';
import { heirOf } from '@macadam/core/org/org';
import type { WorkAct } from '@macadam/core/work/act';
import { dayAfter, WORK_POLICY } from '@macadam/core/work/batch';
import { currentTree } from '@macadam/services/ownership/log';
import { actOn, checkAgain, type PausedWork, shownBatch } from '@macadam/services/work/acts';
import { askHandover } from '@macadam/services/work/handover';
import { makeKnown } from '@macadam/services/work/teams';
import { z } from 'zod';
import { handoverOptions } from '../../api/handovers.ts';
import { aDay } from '../../http/day.ts';
import { HttpProblem } from '../../http/problem.ts';
import { answer, type RawAnswer } from '../../http/route.ts';
import {
  type FormCall,
  form,
  namesIn,
  readForm,
  seenVersion,
  standingPage,
  ticked,
  type Visit,
  written,
} from '../page.ts';
import { HTML } from '../page-answer.ts';
import { eventsOfWork } from './events.ts';
import { type WorkActName, type WorkPause, workItemBody } from './item.ts';
import { workLine } from './list-page.ts';
import { placesLeft } from './places.ts';

const params = { id: z.string().min(1).max(500) };
type Item = { readonly params: { readonly id: string } };
const PATH = `${PAGE_SECTIONS.work.href}/:id`;

/** Assets of one page of it. */
const SHOWN = 200;

async function batchOf(tx: DecisionTransaction, id: string) {
  const batch = await tx.work.batch(id);
  if (batch) return batch;
  throw new HttpProblem(404, `there is no work item \`${id}\`; all of them are at /work`);
}

const ofItem = async ({ params: { id } }: Item, tx: DecisionTransaction) => {
  const { division, team, standard } = await batchOf(tx, id);
  return { id, division, team, standard };
};

const ACTS: Readonly<Record<WorkActName, Action>> = {
  claim: 'WorkItem::claim',
  comment: 'WorkItem::comment',
  snooze: 'WorkItem::snooze',
  dispute: 'WorkItem::dispute',
  'not-mine': 'HandOver::ask',
  check: 'WorkItem::comment',
  settle: 'WorkItem::settle',
};

/** What was just done, by the word in the address. */
const DONE = {
  claimed: 'It is yours now.',
  released: 'It is given back.',
  commented: 'Your comment stands below.',
  snoozed: 'Nobody is reminded of it until then.',
  disputed: 'The clock of these assets stands still until the dispute is decided.',
  settled: 'The dispute is decided.',
  asked: 'The other team was asked; until it accepts they stay yours.',
  checked: 'A new look was asked for; what it sees comes with the next collection.',
} as const;
type Done = keyof typeof DONE;

async function itemPage(
  call: Visit &
    Item & { readonly query: { readonly after?: string | undefined; readonly done?: Done | undefined } },
  tx: DecisionTransaction,
  attempt: Attempt | null = null,
): Promise<RawAnswer> {
  const { parts, caller, now } = call;
  const { id } = call.params;
  const resource = await ofItem(call, tx);
  call.permit('WorkItem::read', resource);
  const batch = await batchOf(tx, id);
  const [held] = await tx.work.view([id]);
  const tree = await currentTree(parts.decisions, tx);
  const names = namesIn(tree);
  const today = tx.at.slice(0, 10);
  const shown = held ? shownBatch(held, tx.at) : { remaining: [], overdue: [], stopped: [], paused: [] };
  const stopped = new Map(shown.stopped.map(({ asset, due }) => [asset, due]));
  const pauses = await pausesOf(tx, shown.paused);
  const stage = batch.closedAt === null ? 'open' : 'closed';
  const [counted] = await tx.listing.work({ id, stage, limit: 1 });
  const events = await eventsOfWork(tx, batch, names.person, names.unit);
  const standard = parts.site()?.standards.get(batch.standard);
  const { after } = call.query;
  const left = shown.remaining;
  const part = left.filter((asset) => after === undefined || asset > after).slice(0, SHOWN);
  const last = part.at(-1);
  const disputes = (held?.disputes ?? []).filter(({ outcome }) => outcome === null);
  const open = new Set(disputes.flatMap(({ assets }) => assets));
  const due =
    left.map((asset) => pauses.get(asset)?.due ?? stopped.get(asset) ?? batch.dueOn).sort()[0] ?? null;
  const line = workLine(
    {
      ...batch,
      members: counted?.members ?? left.length,
      left: left.length,
      late: shown.overdue.length,
      disputed: left.filter((asset) => open.has(asset)).length,
      excepted: shown.paused.filter(({ exception }) => exception !== null).length,
      nextDue: due,
    },
    { parts, tree, today },
  );
  const decided = Object.entries(ACTS).map(([name, action]) => ({
    name: name as WorkActName,
    ...authorise(
      caller,
      action,
      name === 'settle' ? { ...resource, person: disputes[0]?.openedBy ?? '' } : resource,
    ),
  }));
  const claim = decided.find(({ name }) => name === 'claim');
  const body = workItemBody({
    line,
    today,
    openedAt: batch.openedAt,
    version: batch.version,
    attempt,
    left,
    standard: standard
      ? {
          id: standard.id,
          statement: standard.definition.statement,
          why: standard.definition.why,
          readme: standard.readme,
          fixable: standard.fix !== null,
        }
      : null,
    places: await placesLeft(parts, tx, {
      batch: id,
      standard: batch.standard,
      assets: part,
      stopped,
      pauses,
      now,
    }),
    next: last !== undefined && last !== left.at(-1) ? workAt(id, { after: last }) : null,
    disputes: disputes.map(({ assets, openedBy, reason, untilOn }) => ({
      asset: assets[0] ?? '',
      assets: assets.length,
      by: names.person(openedBy),
      why: reason,
      until: untilOn,
    })),
    events,
    at: workAt(id),
    may: new Set(decided.flatMap(({ name, allowed }) => (allowed ? [name] : []))),
    lacking:
      claim && !claim.allowed
        ? `You may not claim it: ${claim.reason}.${heirOf(tree, batch.team) === null ? ` To act for it, ${makeKnown(batch.team)}.` : ''}`
        : null,
    mostSnoozed: [batch.dueOn, dayAfter(tx.at, WORK_POLICY.snooze)].sort()[0] ?? batch.dueOn,
    told: call.query.done ? DONE[call.query.done] : null,
  });
  return standingPage(call, {
    section: 'work',
    heading: html`<bdi>${line.title}</bdi>`,
    title: line.title,
    below: true,
    body,
    when: html`Work item ${id}, of <bdi>${line.team}</bdi>`,
  });
}

/** By asset. Of an exception that the visitor may not read, and of one in the estate's file, there is no page to go to. */
async function pausesOf(
  tx: DecisionTransaction,
  paused: readonly PausedWork[],
): Promise<ReadonlyMap<string, WorkPause>> {
  const ids = [...new Set(paused.flatMap(({ exception }) => exception ?? []))];
  const addresses = new Map<string, string>();
  for (const id of ids) if (await tx.permissions.exception(id)) addresses.set(id, exceptionAt(id));
  return new Map(
    paused.map(({ asset, exception, until, due }) => [
      asset,
      {
        exception:
          exception === null || until === null
            ? null
            : { id: exception, at: addresses.get(exception) ?? null, until },
        due,
      },
    ]),
  );
}

type Acting = FormCall<typeof params>;

const acting = <S extends z.ZodType>(
  name: WorkActName,
  summary: string,
  shape: S,
  does: (call: Acting, tx: DecisionTransaction, given: z.output<S>) => Promise<Done>,
) =>
  form({
    path: `${PATH}/${name}`,
    name,
    summary,
    params,
    action: ACTS[name],
    of: async (call, tx) => {
      const resource = await ofItem(call, tx);
      if (name !== 'settle') return resource;
      const disputes = await tx.work.disputes(call.params.id);
      const person = disputes.find(({ assets }) => assets.includes(String(call.body.asset)))?.openedBy;
      return { ...resource, ...(person !== undefined && { person }) };
    },
    does: async (call, tx) =>
      workAt(call.params.id, { done: await does(call, tx, readForm(shape, call.body)) }),
    reads: 'WorkItem::read',
    page: (call, tx, attempt) => itemPage({ ...call, query: {} }, tx, attempt),
  });

async function acted(
  { params: { id }, caller }: Acting,
  tx: DecisionTransaction,
  what: WorkAct,
  version?: number | undefined,
): Promise<void> {
  await actOn(tx, id, what, { by: caller.person, version });
}

export const workItem = [
  answer({
    method: 'GET',
    path: PATH,
    summary: 'Show a work item',
    media: HTML,
    params,
    action: 'WorkItem::read',
    of: ofItem,
    query: {
      after: z.string().max(2000).optional(),
      done: z.enum(Object.keys(DONE) as [Done, ...Done[]]).optional(),
    },
    does: (call, tx) => itemPage(call, tx),
  }),
  acting(
    'claim',
    'Take a work item on, or give it back',
    z.strictObject({ claimed: z.stringbool(), version: seenVersion }),
    async (call, tx, { claimed, version }) => {
      await acted(call, tx, { act: claimed ? 'claim' : 'release' }, version);
      return claimed ? 'claimed' : 'released';
    },
  ),
  acting(
    'comment',
    'Say something about a work item',
    z.strictObject({ text: written }),
    async (call, tx, { text }) => {
      await acted(call, tx, { act: 'comment', text });
      return 'commented';
    },
  ),
  acting(
    'snooze',
    'Silence reminders until a day',
    z.strictObject({ until: aDay, version: seenVersion }),
    async (call, tx, { until, version }) => {
      await acted(call, tx, { act: 'snooze', until }, version);
      return 'snoozed';
    },
  ),
  acting(
    'dispute',
    'Say that verdicts are false',
    z.strictObject({ assets: ticked, why: written }),
    async (call, tx, given) => {
      await acted(call, tx, { act: 'dispute', ...given });
      return 'disputed';
    },
  ),
  acting(
    'settle',
    'Decide a dispute',
    z.strictObject({
      asset: z.string(),
      upheld: z.stringbool('nothing is chosen; choose one'),
      why: written,
    }),
    async (call, tx, given) => {
      await acted(call, tx, { act: 'settle', ...given });
      return 'settled';
    },
  ),
  acting(
    'not-mine',
    'Say that assets are another team’s',
    z.strictObject({ assets: ticked, to: written, why: written }),
    async (call, tx, { assets, to, why }) => {
      const { team } = await batchOf(tx, call.params.id);
      await askHandover(tx, { assets, from: team, to }, await handoverOptions(call, tx, { why }));
      return 'asked';
    },
  ),
  acting(
    'check',
    'Ask for a new look at one asset',
    z.strictObject({ asset: z.string() }),
    async (call, tx, { asset }) => {
      await checkAgain(tx, call.params.id, asset);
      return 'checked';
    },
  ),
];
