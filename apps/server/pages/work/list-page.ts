/** Open work, the most urgent first. */

import type { ListedBatch } from '@macadam/adapters/decisions/listing';
import { WORK_STAGES, type WorkOf } from '@macadam/adapters/decisions/listing';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { moment } from '@macadam/adapters/report-formats/html/words';
import type { OrgTree } from '@macadam/core/org/org';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { cursorOf } from '../../http/cursor.ts';
import { answer, type ServerParts } from '../../http/route.ts';
import { wasLooked } from '../../readiness.ts';
import { demandFilters } from '../../unknown-name.ts';
import { namesIn, optional, placeAfter, standingPage } from '../page.ts';
import { HTML } from '../page-answer.ts';
import { type WorkLine, workListBody } from './list.ts';

const ROWS = 50;
const text = z.string().max(500).optional();

/** As people read it. */
export function workLine(
  row: Omit<ListedBatch, 'key'>,
  { parts, tree, today }: { readonly parts: ServerParts; readonly tree: OrgTree; readonly today: string },
): WorkLine {
  const { unit, person } = namesIn(tree);
  const definition = parts.site()?.standards.get(row.standard)?.definition;
  const { id, members, left, late, disputed, excepted, dueOn, nextDue, closedAt } = row;
  const { claimedBy, snoozedUntil } = row;
  return {
    id,
    members,
    left,
    late,
    disputed,
    excepted,
    dueOn,
    nextDue,
    closedAt,
    title: definition?.title ?? row.standard,
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

async function yours(tx: DecisionTransaction, of: WorkOf, concerning: WorkOf['concerning']): Promise<number> {
  return (await tx.listing.workCounts({ ...of, ...(concerning && { concerning }) })).open;
}

export const workList = answer({
  method: 'GET',
  path: '/work',
  summary: 'Show what has to be done',
  media: HTML,
  action: 'WorkItem::read',
  of: 'anywhere',
  query: {
    team: text,
    standard: text,
    division: text,
    after: z.string().max(2000).optional(),
    show: z.enum(WORK_STAGES).default('open'),
    mine: z.enum(['yes', '']).optional(),
  },
  does: async (call, tx) => {
    const { parts, caller, query } = call;
    const tree = await currentTree(parts.decisions, tx);
    const today = tx.at.slice(0, 10);
    const [standard, division, team] = [
      optional(query.standard),
      optional(query.division),
      teamMeant(tree, query.team),
    ];
    await demandFilters({ team, standard, division }, tx, parts);
    const { person, teams } = caller;
    const filters: WorkOf = {
      ...(team !== undefined && { team }),
      ...(standard !== undefined && { standard }),
      ...(division !== undefined && { division }),
    };
    const of: WorkOf = { ...filters, ...(query.mine && { concerning: { person, teams } }) };
    const after = placeAfter(query.after, query.show);
    const found = await tx.listing.work({
      ...of,
      stage: query.show,
      limit: ROWS + 1,
      ...(after !== undefined && { after }),
    });
    const rows = found.slice(0, ROWS);
    const last = rows.at(-1);
    const standards = [...(parts.site()?.standards.values() ?? [])]
      .map(({ id, definition }) => ({ id, name: definition.title }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const body = workListBody({
      query: { ...query, team },
      today,
      standards,
      looked: await wasLooked(tx, 'work'),
      counts: await tx.listing.workCounts(of),
      mine: query.mine ? 0 : await yours(tx, filters, { person, teams }),
      rows: rows.map((row) => workLine(row, { parts, tree, today })),
      next: found.length > ROWS && last ? cursorOf(last.key, query.show) : null,
      divisions: optionsIn(tree, 'division'),
      teams: optionsIn(tree, 'team'),
    });
    const when = moment(tx.at);
    return standingPage(call, { section: 'work', heading: 'Work', title: 'Work', when, body });
  },
});
