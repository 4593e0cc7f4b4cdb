/** One work item, and what people do with it: the page's forms do what the API's routes do. */

import type { Action } from '@macadam/adapters/authorisation/actions';
import { authorise } from '@macadam/adapters/authorisation/authorise';
import type { ListedBatch } from '@macadam/adapters/decisions/listing';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { HeldBatch } from '@macadam/adapters/decisions/work';
import type { Attempt } from '@macadam/adapters/report-formats/html/form';
import { exceptionAt, workAt } from '@macadam/adapters/report-formats/html/link';
import { html } from '@macadam/adapters/report-formats/html/markup';
import { PAGE_SECTIONS } from '@macadam/adapters/report-formats/html/sections';
import { OPINIONS } from '@macadam/core/figures/toil';
import { heirOf, type OrgTree } from '@macadam/core/org/org';
import { latestDay } from '@macadam/core/verdicts/exception';
import type { WorkAct } from '@macadam/core/work/act';
import { dayAfter, WORK_POLICY } from '@macadam/core/work/batch';
import { rowsOf, type WorkRow } from '@macadam/core/work/by-repository';
import { currentTree } from '@macadam/services/ownership/log';
import { actOn, checkAgain, type PausedWork, shownBatch } from '@macadam/services/work/acts';
import { askHandover } from '@macadam/services/work/handover';
import { makeKnown } from '@macadam/services/work/teams';
import { z } from 'zod';
import { askException } from '../../api/exceptions.ts';
import { handoverOptions } from '../../api/handovers.ts';
import { opine } from '../../api/toil.ts';
import { aDay } from '../../http/day.ts';
import { HttpProblem } from '../../http/problem.ts';
import { answer, type RawAnswer } from '../../http/route.ts';
import { askedFor } from '../exceptions/list-page.ts';
import { LIVE_SCRIPT } from '../files.ts';
import {
  type FormCall,
  form,
  namesIn,
  readForm,
  seenVersion,
  shownPage,
  standingPage,
  ticked,
  type Visit,
  written,
} from '../page.ts';
import { namedGroups, nameIn } from './by-repository.ts';
import { detailOf, proposalFor } from './detail-page.ts';
import { eventsOfWork } from './events.ts';
import { standsNow, type WorkActName, type WorkItemPage, type WorkPause, workItemBody } from './item.ts';
import { workLine } from './list-page.ts';
import { openWork, placesOf } from './open-work.ts';
import { placesLeft } from './places.ts';
import { rowKey, shownRows } from './row.ts';

const params = { id: z.string().min(1).max(500) };
type Item = { readonly params: { readonly id: string } };
const PATH = `${PAGE_SECTIONS.work.href}/:id`;

/** Assets of one page of it, and repositories. */
const SHOWN = 200;
const ROWS = 60;

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
  except: 'Exception::request',
  check: 'WorkItem::comment',
  settle: 'WorkItem::settle',
};

/** What was just done, by the word in the address. */
const DONE = {
  claimed: 'It is yours now.',
  released: 'It is given back.',
  commented: 'Your comment stands below.',
  snoozed: 'Nobody is reminded of it until then.',
  disputed: 'The deadline of these assets is paused until the dispute is decided.',
  settled: 'The dispute is decided.',
  asked: 'The other team was asked; until it accepts they stay yours.',
  answered: 'Thank you. It is kept without your name, and shown when ten have answered.',
  checked: 'It will be checked again; the result comes with the next collection.',
} as const;
type Done = keyof typeof DONE;
/** What takes back what was done. */
const UNDO: Readonly<Record<string, 'claim' | 'release'>> = { claimed: 'release', released: 'claim' };

async function itemPage(
  call: Visit &
    Item & {
      readonly query: {
        readonly after?: string | undefined;
        readonly done?: Done | undefined;
        readonly in?: string | undefined;
      };
    },
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
    ...(await repositoriesOf(call, tx, { held, counted, tree })),
    latestException: latestDay(new Date(tx.at)),
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
    asks:
      decided.some(({ name, allowed }) => name === 'comment' && allowed) &&
      batch.closedAt !== null &&
      !(await tx.effects.hasOpined(id)),
    told: call.query.done ? DONE[call.query.done] : null,
    undo: UNDO[call.query.done ?? ''] ?? null,
  });
  return standingPage(call, {
    section: 'work',
    heading: html`<bdi>${line.title}</bdi>: ${standsNow(line)}.`,
    title: line.title,
    below: true,
    body,
    scripts: [LIVE_SCRIPT.href],
    when: html`Work item ${id}, of <bdi>${line.team}</bdi>`,
  });
}

/** Its rows, a repository each, and the one that is opened: the first where nobody chose. */
async function repositoriesOf(
  call: Visit & Item & { readonly query: { readonly in?: string | undefined } },
  tx: DecisionTransaction,
  {
    held,
    counted,
    tree,
  }: {
    readonly held: HeldBatch | undefined;
    readonly counted: ListedBatch | undefined;
    readonly tree: OrgTree;
  },
): Promise<Pick<WorkItemPage, 'repositories' | 'opened' | 'addressOf'>> {
  const { id } = call.params;
  const addressOf = (row: WorkRow) => workAt(id, { in: rowKey(row) });
  if (held === undefined || counted === undefined) return { repositories: [], opened: null, addressOf };
  const site = call.parts.site();
  const places = await placesOf(site, [held]);
  const rows = rowsOf([openWork(held, places, tx.at)], tx.at.slice(0, 10));
  const chosen = rows.find((row) => rowKey(row) === call.query.in) ?? rows[0];
  const part =
    chosen && !rows.slice(0, ROWS).includes(chosen)
      ? [chosen, ...rows.slice(0, ROWS - 1)]
      : rows.slice(0, ROWS);
  const timeToFix = await tx.listing.timeToFix([held.batch.standard]);
  const items = new Map([[id, counted]]);
  const shown = await shownRows(part, { site, tree, items, timeToFix, now: call.now });
  const repositories = await namedGroups(site, shown);
  const opened = shown.find(({ row }) => row === chosen);
  const around = { back: workAt(id), nameOf: nameIn(repositories) };
  return { repositories, addressOf, opened: opened ? await detailOf(call, tx, opened, around) : null };
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
      return { ...resource, person };
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
  shownPage({
    path: PATH,
    summary: 'Show a work item',
    params,
    action: 'WorkItem::read',
    of: ofItem,
    query: {
      after: z.string().max(2000).optional(),
      done: z.enum(Object.keys(DONE) as [Done, ...Done[]]).optional(),
      in: z.string().max(2000).optional(),
    },
    does: (call, tx) => itemPage(call, tx),
  }),
  answer({
    method: 'GET',
    path: `${PATH}/patch`,
    summary: 'Give the change that fixes a work item in one repository, as a patch',
    media: 'text/x-patch',
    params,
    action: 'WorkItem::read',
    of: ofItem,
    query: { in: z.string().min(1).max(2000) },
    does: (call, tx) => patchFile(call, tx),
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
    'Ask for one asset to be checked again',
    z.strictObject({ asset: ticked }),
    async (call, tx, { asset }) => {
      for (const one of asset) await checkAgain(tx, call.params.id, one);
      return 'checked';
    },
  ),
  form({
    path: `${PATH}/opinion`,
    name: 'opinion',
    summary: 'Say what you think of the standard of an item that was closed',
    params,
    action: 'WorkItem::comment',
    of: ofItem,
    does: async (call, tx) => {
      const { answer: given } = readForm(z.strictObject({ answer: z.enum(OPINIONS) }), call.body);
      await opine(tx, call.params.id, given);
      return workAt(call.params.id, { done: 'answered' });
    },
    reads: 'WorkItem::read',
    page: (call, tx, attempt) => itemPage({ ...call, query: {} }, tx, attempt),
  }),
  form({
    path: `${PATH}/except`,
    name: 'except',
    summary: 'Ask for an exception of what is left of a work item',
    params,
    action: 'Exception::request',
    of: ofItem,
    does: async (call, tx) => {
      const { assets, ...given } = readForm(exceptionAsked, call.body);
      const { team, standard } = await batchOf(tx, call.params.id);
      const { id } = await askException(tx, call.parts, { ...given, team, standard, selectors: assets });
      return exceptionAt(id, { done: 'asked' });
    },
    reads: 'WorkItem::read',
    page: (call, tx, attempt) => itemPage({ ...call, query: {} }, tx, attempt),
  }),
];

const exceptionAsked = askedFor.omit({ team: true, selectors: true }).extend({ assets: ticked });

async function patchFile(
  call: Visit & Item & { readonly query: { readonly in: string } },
  tx: DecisionTransaction,
): Promise<RawAnswer> {
  const { id } = call.params;
  const site = call.parts.site();
  const [held] = await tx.work.view([id]);
  const rows = held ? rowsOf([openWork(held, await placesOf(site, [held]), tx.at)], tx.at.slice(0, 10)) : [];
  const row = rows.find(({ repository }) => repository === call.query.in);
  const proposal = row && (await proposalFor(site, row));
  if (!row || !proposal || proposal.patch === '')
    throw new HttpProblem(404, proposal?.withheld ?? 'there is no patch of this', [
      { field: 'query.in', reason: 'nothing is changed there', fix: `look at ${workAt(id)}` },
    ]);
  const name = `${row.work.standard}.patch`;
  return {
    headers: {
      'content-type': 'text/x-patch; charset=utf-8',
      'content-disposition': `attachment; filename="${name}"`,
    },
    body: proposal.patch,
  };
}
