/** The agenda of the next review, from the decisions and the newest look. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Retrospect } from '@macadam/adapters/facts/history/retrospect';
import {
  type AgendaItem,
  agendaOf,
  type ReviewDue,
  type ReviewProgram,
  reviewsDue,
} from '@macadam/core/figures/agenda';
import { signalOf } from '@macadam/core/figures/missed';
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
  const { past, standards, commitments, shared, programs } = request;
  const between = await past.between({});
  if (between === null || 'fault' in between) return null;
  const reviews = await tx.reviews.reviews({ limit: MOST });
  const [newest = null] = reviews;
  const before = newest && (await shownReview(tx, newest.number));
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
    actions: (before?.minutes.actions ?? []).filter(({ state }) => state === 'open'),
    waitingExceptions: waiting.waiting,
    today: tx.at.slice(0, 10),
  });
  return { since: newest?.number ?? null, programs: reviewsDue(programs, reviews, new Date(tx.at)), items };
}
