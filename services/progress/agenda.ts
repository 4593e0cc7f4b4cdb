/** The agenda of the next review, from the decisions and the newest look. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Retrospect } from '@macadam/adapters/facts/history/retrospect';
import {
  type AgendaItem,
  agendaOf,
  type ReviewDue,
  type ReviewProgram,
  reviewsDue,
  unitAgendaOf,
} from '@macadam/core/figures/agenda';
import { signalOf } from '@macadam/core/figures/missed';
import type { TeamCounts } from '@macadam/core/figures/review';
import type { OwnCommitments } from '@macadam/core/figures/target';
import { definitionDigest } from '@macadam/core/verdicts/definition';
import type { CatalogueStandard } from '../catalogue/load.ts';
import { shownReview } from './reviews.ts';
import { progressAt } from './status.ts';

export interface AgendaRequest {
  readonly past: Retrospect;
  readonly standards: readonly CatalogueStandard[];
  readonly commitments: OwnCommitments;
  /** Digest of what is part of every definition. */
  readonly shared: string;
  readonly programs: readonly ReviewProgram[];
  /** Title of one of them, whose agenda is asked for; left out: that of the next review, whichever it is. */
  readonly program?: string | undefined;
  /** Everything below a unit, itself included; asked for where the program is of one. */
  readonly teamsOf: (unit: string) => Promise<readonly string[]>;
}

export interface Agenda {
  /** Number of the review that changes are counted from; null: there is none. */
  readonly since: number | null;
  readonly programs: readonly ReviewDue[];
  readonly items: readonly AgendaItem[];
}

/** Reviews that are looked through for the newest of each program: of a week's, many years. */
const MOST = 1000;

/** Null where nothing was measured yet. */
export async function nextAgenda(tx: DecisionTransaction, request: AgendaRequest): Promise<Agenda | null> {
  const { past, standards, commitments, shared, programs, teamsOf } = request;
  const between = await past.between({});
  if (between === null || 'fault' in between) return null;
  const reviews = await tx.reviews.reviews({ limit: MOST });
  const [newest = null] = reviews;
  const due = reviewsDue(programs, reviews, new Date(tx.at));
  const program = due.find(({ title }) => title === request.program);
  const since = program?.last ?? newest?.number ?? null;
  const before = since === null ? null : await shownReview(tx, since);
  const latest = since === newest?.number ? before : newest && (await shownReview(tx, newest.number));
  const actions = (latest?.minutes.actions ?? []).filter(({ state }) => state === 'open');
  const today = tx.at.slice(0, 10);
  if (program?.unit) {
    const teams = await teamsOf(program.unit);
    const now = new Map((await past.ofTeams(between, teams)).map((one) => [one.standard, one]));
    const was = new Map((before?.figures ?? []).map((one) => [one.standard, teamSums(one.teams, teams)]));
    const standing = standards.map(({ id, definition }) => {
      const { fail = 0, unknown = 0 } = now.get(id) ?? {};
      const label = definition.label ?? definition.title;
      return { standard: id, label, fail, unknown, before: was.get(id) ?? null };
    });
    return { since, programs: due, items: unitAgendaOf(standing, { actions, today }) };
  }
  const progress = await progressAt(past, between, standards, commitments);
  const misses = await tx.effects.misses();
  const waiting = await tx.listing.exceptionCounts();
  const items = agendaOf({
    standards: standards.flatMap(({ id, compiled }) => {
      const own = progress.get(id);
      if (own === undefined) return [];
      const { label, status, cause, target } = own;
      const explained = misses.some(({ standard, due }) => standard === id && due === target?.by);
      const definition = definitionDigest(compiled, shared);
      const unexplained = signalOf(own) === 'missed' && !explained;
      return [{ standard: id, label, status, cause, definition, unexplained }];
    }),
    before: before?.figures ?? null,
    actions,
    waitingExceptions: waiting.waiting,
    today,
  });
  return { since, programs: due, items };
}

const teamSums = (counts: Readonly<Record<string, TeamCounts>>, teams: readonly string[]) =>
  teams.reduce(
    (sum, team) => ({
      fail: sum.fail + (counts[team]?.fail ?? 0),
      unknown: sum.unknown + (counts[team]?.unknown ?? 0),
    }),
    { fail: 0, unknown: 0 },
  );
