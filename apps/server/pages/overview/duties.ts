/** What people have to do about it, for the first screen: what is late, what cannot be seen, which decisions are asked. */
import type { Action } from '@macadam/adapters/authorisation/actions';
import { authoriseAnywhere } from '@macadam/adapters/authorisation/authorise';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { exceptionAt, pathWith } from '@macadam/adapters/report-formats/html/link';
import { PAGE_SECTIONS } from '@macadam/adapters/report-formats/html/sections';
import type { OrgTree } from '@macadam/core/org/org';
import { labelOf } from '@macadam/core/verdicts/standard';
import { currentTree } from '@macadam/services/ownership/log';
import type { Visit } from '../page.ts';

export interface DutyRow {
  readonly label: string;
  readonly href: string;
  readonly number: number;
}

/** A number with the largest parts of it; what is left over is one row more. */
export interface DutyCount {
  readonly total: number;
  readonly rows: readonly DutyRow[];
  /** What of the total no row has. */
  readonly others: number;
}

export interface AskedRow {
  readonly label: string;
  readonly href: string;
  /** Last day on which it makes sense to answer, `2026-12-02`; null where there is none. */
  readonly due: string | null;
}

/** Each null where the reader may not see it. */
export interface Duties {
  readonly late: DutyCount | null;
  readonly blind: DutyCount | null;
  readonly asked: { readonly total: number; readonly rows: readonly AskedRow[] } | null;
  readonly today: string;
}

/** Late work items of everybody, a row each: the list whose length is what is counted here. */
export const LATE = { show: 'overdue', by: 'standard', mine: 'no' } as const;

/** Id of a standard → its label. */
type Labelled = (standard: string) => string;

/** Rows that fit beside each other on the first screen. */
const ROWS = 4;
const FAULTS = 100;
const DIVISIONS = 60;

export async function dutiesFor({ caller, parts }: Visit, tx: DecisionTransaction): Promise<Duties> {
  const may = (action: Action) => authoriseAnywhere(caller, action).allowed;
  const tree = await currentTree(parts.decisions, tx);
  const works = may('WorkItem::read');
  const labelled = (id: string) => {
    const definition = parts.site()?.standards.get(id)?.definition;
    return definition ? labelOf(definition) : id;
  };
  return {
    late: works ? await lateWork(tx, tree) : null,
    blind: works ? await blindSpots(tx, labelled) : null,
    asked: may('Exception::read') ? await askedDecisions(tx, works, labelled) : null,
    today: tx.at.slice(0, 10),
  };
}

async function lateWork(tx: DecisionTransaction, tree: OrgTree): Promise<DutyCount> {
  const { overdue } = await tx.listing.workCounts({});
  if (overdue === 0) return { total: 0, rows: [], others: 0 };
  const divisions = [...tree.units.values()].filter(({ level }) => level === 'division').slice(0, DIVISIONS);
  const all: DutyRow[] = [];
  for (const { id, name } of divisions) {
    const { overdue: number } = await tx.listing.workCounts({ division: id });
    if (number > 0)
      all.push({
        label: name,
        number,
        href: pathWith(PAGE_SECTIONS.work.href, { ...LATE, division: id }),
      });
  }
  const rows = all.toSorted((a, b) => b.number - a.number).slice(0, ROWS);
  const shown = rows.reduce((sum, { number }) => sum + number, 0);
  return { total: overdue, rows, others: overdue - shown };
}

async function blindSpots(tx: DecisionTransaction, labelled: Labelled): Promise<DutyCount> {
  const found = await tx.faults.faults({ open: true, after: '', limit: FAULTS });
  const rows = found
    .map(({ subjectOf, subject, causes }) => ({
      label: subjectOf === 'standard' ? labelled(subject) : subject,
      number: Object.values(causes).reduce((sum, one) => sum + one, 0),
      href: PAGE_SECTIONS.sources.href,
    }))
    .toSorted((a, b) => b.number - a.number)
    .slice(0, ROWS);
  return { total: found.length, rows, others: found.length - rows.length };
}

async function askedDecisions(
  tx: DecisionTransaction,
  works: boolean,
  labelled: Labelled,
): Promise<NonNullable<Duties['asked']>> {
  const counts = await tx.listing.exceptionCounts();
  const waiting = await tx.listing.exceptions({ stage: 'waiting', limit: ROWS + 1 });
  const disputed = works ? (await tx.listing.workCounts({})).disputed : 0;
  const rows: AskedRow[] = waiting.map(({ id, standard, until }) => ({
    label: labelled(standard),
    href: exceptionAt(id),
    due: until,
  }));
  if (disputed > 0)
    rows.push({
      label: `${disputed} ${disputed === 1 ? 'work item says' : 'work items say'} that a verdict is wrong`,
      href: pathWith(PAGE_SECTIONS.work.href, { show: 'disputed', by: 'standard', mine: 'no' }),
      due: null,
    });
  return { total: counts.waiting, rows: rows.slice(0, ROWS + 1) };
}
