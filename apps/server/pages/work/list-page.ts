/** Work that has to be done, by repository, or by standard where there is much of it. */

import {
  type ListedBatch,
  WORK_STAGES,
  type WorkCounts,
  type WorkOf,
  type WorkStage,
} from '@macadam/adapters/decisions/listing';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { count } from '@macadam/adapters/report-formats/figures';
import { duration } from '@macadam/adapters/report-formats/html/dates';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import type { OrgTree } from '@macadam/core/org/org';
import { isShown, type RowFilter, rowCounts } from '@macadam/core/work/by-repository';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { cursorOf } from '../../http/cursor.ts';
import { wasMeasured } from '../../readiness.ts';
import { requireFilters } from '../../unknown-name.ts';
import { labelOf } from '../assets/title.ts';
import { LIVE_SCRIPT } from '../files.ts';
import { namesIn, optional, placeAfter, shownPage, standingPage, type Visit } from '../page.ts';
import { byRepositoryBody } from './by-repository.ts';
import { type WorkLine, type WorkQuery, workFilters, workTable, workTabs } from './list.ts';
import { type OpenRows, openRows } from './open-work.ts';

const ROWS = 50;
const text = z.string().max(500).optional();

export function workLine(
  row: Omit<ListedBatch, 'key'>,
  { parts, tree, today }: Pick<Visit, 'parts'> & { readonly tree: OrgTree; readonly today: string },
): WorkLine {
  const { unit, person } = namesIn(tree);
  const definition = parts.site()?.standards.get(row.standard)?.definition;
  const { claimedBy, snoozedUntil } = row;
  return {
    ...row,
    title: labelOf(parts.site(), row.standard),
    severity: definition?.severity ?? null,
    team: unit(row.team),
    division: row.division === '' ? '' : unit(row.division),
    claimedBy: claimedBy === null ? null : person(claimedBy),
    snoozedUntil: snoozedUntil !== null && snoozedUntil >= today ? snoozedUntil : null,
  };
}

/** A team by its id, or by its name as people write it. */
function teamMeant(tree: OrgTree, typed: string | undefined): string | undefined {
  const wanted = optional(typed);
  if (wanted === undefined || tree.units.has(wanted)) return wanted;
  const named = [...tree.units.values()].find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  return named?.id ?? wanted;
}

function optionsIn(tree: OrgTree, level: string) {
  return [...tree.units.values()]
    .filter((unit) => unit.level === level)
    .map(({ id, name }) => ({ id, name }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a page of work is of, and how it is said. */
interface Asked {
  readonly query: WorkQuery;
  readonly show: WorkStage;
  readonly of: WorkOf;
  readonly tree: OrgTree;
  readonly page: number;
}

/** The first line of the page, and what it rests on. */
interface Said {
  readonly heading: string;
  readonly lead: Child;
  readonly acts: Child;
  readonly body: Markup;
}

export const workList = shownPage({
  path: '/work',
  summary: 'Show what has to be done',
  action: 'WorkItem::read',
  of: 'anywhere',
  query: {
    at: text,
    team: text,
    standard: text,
    division: text,
    after: z.string().max(2000).optional(),
    show: z.enum(WORK_STAGES).default('open'),
    mine: z.enum(['yes', 'no', '']).optional(),
    by: z.enum(['standard', '']).optional(),
    item: text,
    in: z.string().max(2000).optional(),
    page: z.coerce.number().int().min(1).max(1000).default(1),
  },
  does: async (call, tx) => {
    const { parts, caller, query } = call;
    const tree = await currentTree(parts.decisions, tx);
    const [standard, division, team] = [
      optional(query.standard),
      optional(query.division),
      teamMeant(tree, query.team),
    ];
    await requireFilters({ team, standard, division }, tx, parts);
    const { person, teams } = caller;
    // Whoever has teams comes for their own work.
    const own = (query.mine || (teams.length > 0 && team === undefined ? 'yes' : 'no')) === 'yes';
    const asked: Asked = {
      tree,
      show: query.show,
      page: query.page,
      query: {
        show: query.show === 'open' ? undefined : query.show,
        standard: query.standard,
        division: query.division,
        by: query.by,
        after: query.after,
        item: query.item,
        in: query.in,
        team,
        mine: teams.length === 0 ? undefined : own ? 'yes' : 'no',
      },
      of: {
        team,
        standard,
        division,
        ...(own && { concerning: { person, teams } }),
      },
    };
    const { heading, lead, acts, body } = await workShown(call, asked, tx);
    return standingPage(call, {
      section: 'work',
      heading,
      title: 'Work',
      when: lead,
      acts,
      scripts: [LIVE_SCRIPT.href],
      pastAsked: query.at,
      body,
    });
  },
});

async function workShown(call: Visit, asked: Asked, tx: DecisionTransaction): Promise<Said> {
  const site = call.parts.site();
  const open =
    asked.query.by === 'standard' || asked.show === 'closed' || !site?.stores
      ? null
      : await openRows(tx, site, asked.of);
  const head = await headOf(call, asked, tx);
  return open === null ? byStandard(call, asked, tx, head) : rowsShown({ call, asked, open, tx, head });
}

/** The filters, and a way to the other grouping: the same above both lists. */
async function headOf(call: Visit, { query, tree }: Asked, tx: DecisionTransaction) {
  const { parts, caller } = call;
  const standards = [...(parts.site()?.standards.values() ?? [])]
    .map(({ id }) => ({ id, name: labelOf(parts.site(), id) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const filters = workFilters({
    query,
    standards,
    divisions: optionsIn(tree, 'division'),
    teams: optionsIn(tree, 'team'),
    hasOwn: caller.teams.length > 0,
  });
  const looked = await wasMeasured(tx, 'work');
  return { filters, looked, handovers: html`<a class="btn" href="/handovers">Hand-overs</a>` };
}
type Head = Awaited<ReturnType<typeof headOf>>;

const listHead = (counts: WorkCounts, { query }: Asked, other: Child): Markup =>
  html`<div class="h2 list-head"><h2 id="work-list" class="hidden">Work items</h2>${workTabs(counts, query)}<span class="more">${other}</span></div>`;

interface RowsShownInput {
  readonly call: Visit;
  readonly asked: Asked;
  readonly open: OpenRows;
  readonly tx: DecisionTransaction;
  readonly head: Head;
}

async function rowsShown({
  call,
  asked,
  open,
  tx,
  head: { filters, looked, handovers },
}: RowsShownInput): Promise<Said> {
  const { query, show, of } = asked;
  const today = tx.at.slice(0, 10);
  const counts = rowCounts(open.rows, today);
  const rows = open.rows.filter((row) => isShown(row, show as RowFilter, today));
  const minutes = open.rows.reduce((sum, row) => {
    const each = call.parts.site()?.standards.get(row.work.standard)?.definition.toil.owner_minutes ?? 0;
    return sum + each * row.assets.length;
  }, 0);
  const other = html`<a class="btn small bare" href="${pathWith('/work', { ...query, by: 'standard', item: '', in: '' })}">By standard</a>`;
  const body = await byRepositoryBody(call, { ...asked, rows, items: open.items }, tx);
  return {
    heading: headingOf(counts.open, counts.overdue, looked),
    acts: handovers,
    lead: html`${of.concerning ? 'Yours and your teams’' : 'All that you may see'}${counts.open > 0 && html`, from ${count(open.items.size)} ${open.items.size === 1 ? 'work item' : 'work items'}`}${minutes > 0 && html`, about ${duration(minutes)}`}.`,
    body: html`${filters}${body({ head: listHead(counts, asked, other), none: noneSaid(counts.open, looked) })}`,
  };
}

function headingOf(open: number, late: number, looked: boolean): string {
  if (open === 0) return looked ? 'Nothing to fix.' : 'No work is known: nothing was scanned yet.';
  const things = `${count(open)} ${open === 1 ? 'thing' : 'things'} to fix`;
  return late === 0 ? `${things}, none of them late.` : `${things}, ${count(late)} of them late.`;
}

const noneSaid = (open: number, looked: boolean): string =>
  open > 0
    ? 'Nothing fits these filters.'
    : looked
      ? 'Nothing fails that somebody here could work on.'
      : 'Work is made of what a scan finds; measure the estate first.';

async function byStandard(call: Visit, asked: Asked, tx: DecisionTransaction, head: Head): Promise<Said> {
  const { parts } = call;
  const { query, show, of, tree } = asked;
  const { filters, looked, handovers } = head;
  const today = tx.at.slice(0, 10);
  const after = placeAfter(query.after, show);
  const found = await tx.listing.work({
    ...of,
    stage: show,
    limit: ROWS + 1,
    after,
  });
  const rows = found.slice(0, ROWS);
  const last = rows.at(-1);
  const counts = await tx.listing.workCounts(of);
  const other =
    query.by === 'standard' &&
    html`<a class="btn small bare" href="${pathWith('/work', { ...query, by: '', after: '' })}">By repository</a>`;
  const table = workTable({
    query,
    today,
    rows: rows.map((row) => workLine(row, { parts, tree, today })),
    next: found.length > ROWS && last ? cursorOf(last.key, show) : null,
  });
  // Work items are counted here, so that each number leads to a list of items, not of things to fix.
  const inItems: Asked = { ...asked, query: { ...query, by: 'standard' } };
  const { open, overdue } = counts;
  const heading =
    open === 0
      ? headingOf(0, 0, looked)
      : `${count(open)} work ${open === 1 ? 'item is' : 'items are'} open, ${overdue === 0 ? 'none' : count(overdue)} of them late.`;
  return {
    heading,
    acts: handovers,
    lead: html`${of.concerning ? 'Yours and your teams’' : 'All that you may see'}.`,
    body: html`${filters}<section aria-labelledby="work-list">${listHead(counts, inItems, other)}${table}${rows.length === 0 && html`<p class="note">${show === 'closed' ? 'Nothing is done yet.' : noneSaid(open, looked)}</p>`}</section>`,
  };
}
