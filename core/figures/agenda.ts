/**
 * What a review is about, from what changed since the one before: nobody has to gather it. And when reviews are due, by the programs that
 * a company states. Pure.
 */
import { z } from 'zod';
import type { ReviewAction, ReviewFigure } from './review.ts';
import { STATUS_CAUSE_WORDS, type StatusCause, type TargetStatus } from './target.ts';

export const reviewProgramSchema = z.strictObject({
  /** Reviews whose titles begin with it are of this program: `Week` for "Week 48". */
  title: z.string().min(2).max(80),
  every: z.enum(['week', 'month', 'quarter']),
  /** Id of a division, or of any unit: the agenda says what changed for it. Left out: of the whole company. */
  unit: z.string().min(1).max(200).optional(),
  /** Whether the server freezes it by itself, after the first measurement of each period; else somebody does who was there. */
  unattended: z.boolean().optional(),
});
export type ReviewProgram = z.infer<typeof reviewProgramSchema>;

export interface ReviewDue {
  readonly title: string;
  readonly every: ReviewProgram['every'];
  /** Null: of the whole company. */
  readonly unit: string | null;
  readonly unattended: boolean;
  /** First day of the period that the next one is of, UTC. */
  readonly due: string;
  /** None of it was frozen since that day. */
  readonly isDue: boolean;
  /** Number of the newest of it; null: there is none. */
  readonly last: number | null;
  /** First day of the period after that. */
  readonly next: string;
}

const DAY = 86_400_000;

/** The first day of the period that holds a moment, UTC; weeks begin on Monday. */
export function periodOf(every: ReviewProgram['every'], at: Date): string {
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  if (every === 'week') {
    const sinceMonday = (at.getUTCDay() + 6) % 7;
    return new Date(at.getTime() - sinceMonday * DAY).toISOString().slice(0, 10);
  }
  const first = every === 'month' ? month : month - (month % 3);
  return new Date(Date.UTC(year, first, 1)).toISOString().slice(0, 10);
}

/** The first day of the period after the one that begins on a day. */
function periodAfter(every: ReviewProgram['every'], day: string): string {
  const within = { week: 8, month: 32, quarter: 93 }[every];
  return periodOf(every, new Date(Date.parse(`${day}T00:00:00Z`) + (within - 1) * DAY));
}

/** Of which program a review is: the longest title that its own begins with, so that `Week North` is none of `Week`. */
function programOf(programs: readonly ReviewProgram[], title: string): ReviewProgram | null {
  const own = programs.filter((one) => title.startsWith(one.title));
  return own.toSorted((a, b) => b.title.length - a.title.length)[0] ?? null;
}

/** In the order in which they are stated. `reviews`: every one that was frozen, the newest first. */
export function reviewsDue(
  programs: readonly ReviewProgram[],
  reviews: readonly { readonly number: number; readonly title: string; readonly frozenAt: string }[],
  now: Date,
): readonly ReviewDue[] {
  return programs.map((program) => {
    const { title, every, unit = null, unattended = false } = program;
    const last = reviews.find((one) => programOf(programs, one.title) === program) ?? null;
    const due = periodOf(every, now);
    const isDue = last === null || last.frozenAt < `${due}T00:00:00Z`;
    const next = periodAfter(every, due);
    return { title, every, unit, unattended, due, isDue, last: last?.number ?? null, next };
  });
}

export const AGENDA_KINDS = [
  'exceptions-waiting',
  'action-overdue',
  'missed-unexplained',
  'worse',
  'more-failing',
  'off-track',
  'cannot-tell',
  'redefined',
  'better',
  'fewer-failing',
  'still-failing',
  'action-open',
] as const;
export type AgendaKind = (typeof AGENDA_KINDS)[number];

export interface AgendaItem {
  readonly kind: AgendaKind;
  /** Null where it is about none. */
  readonly standard: string | null;
  /** What the standard is called; null where it is about none. */
  readonly label: string | null;
  /** Without the label. */
  readonly detail: string;
  /** Both, as one sentence. */
  readonly says: string;
}

/** How a standard stands today. */
export interface AgendaStandard {
  readonly standard: string;
  readonly label: string;
  readonly status: TargetStatus;
  readonly cause: StatusCause | null;
  /** Digest of all that decides a verdict besides facts. */
  readonly definition: string;
  /** Its day passed, and nobody said why. */
  readonly unexplained: boolean;
}

export interface AgendaInput {
  readonly standards: readonly AgendaStandard[];
  /** Of the review before; null: this is the first. */
  readonly before: readonly Pick<ReviewFigure, 'standard' | 'status' | 'definition'>[] | null;
  /** Of the review before, those that are open. */
  readonly actions: readonly Pick<ReviewAction, 'id' | 'what' | 'owner' | 'due'>[];
  readonly waitingExceptions: number;
  readonly today: string;
}

/** How a standard stands in one unit, and stood in the review before; null: that had none of it. */
export interface UnitStanding {
  readonly standard: string;
  readonly label: string;
  readonly fail: number;
  readonly unknown: number;
  readonly before: { readonly fail: number; readonly unknown: number } | null;
}

/** Actions of earlier reviews, those that are late first. */
const actionItems = (
  actions: AgendaInput['actions'],
  today: string,
): readonly { readonly kind: AgendaKind; readonly detail: string }[] =>
  actions.map(({ id, what, owner, due }) => ({
    kind: due < today ? 'action-overdue' : 'action-open',
    detail: `${id} ${what}: ${owner}, by ${due}`,
  }));

/** Of a unit, which promises no share of its own: what fails more or less than at the review before, the largest change first. */
export function unitAgendaOf(
  standards: readonly UnitStanding[],
  { actions, today }: Pick<AgendaInput, 'actions' | 'today'>,
): readonly AgendaItem[] {
  const items = actionItems(actions, today).map(
    ({ kind, detail }): AgendaItem => ({ kind, standard: null, label: null, detail, says: detail }),
  );
  const byChange = standards.toSorted(
    (a, b) => Math.abs(b.fail - (b.before?.fail ?? 0)) - Math.abs(a.fail - (a.before?.fail ?? 0)),
  );
  for (const { standard, label, fail, unknown, before } of byChange) {
    const then = before?.fail ?? 0;
    if (fail === 0 && then === 0) continue;
    const kind = fail === then ? 'still-failing' : fail > then ? 'more-failing' : 'fewer-failing';
    const was = fail === then ? '' : `, ${then} at the review before`;
    const blind = unknown === 0 ? '' : `; of ${unknown} nobody can tell`;
    const detail = `${fail} ${fail === 1 ? 'fails' : 'fail'}${was}${blind}`;
    items.push({ kind, standard, label, detail, says: `${label}: ${detail}` });
  }
  return inOrder(items);
}

const inOrder = (items: readonly AgendaItem[]): readonly AgendaItem[] =>
  items.toSorted((a, b) => AGENDA_KINDS.indexOf(a.kind) - AGENDA_KINDS.indexOf(b.kind));

/** Best last. No target is neither better nor worse than anything. */
const ORDER: readonly TargetStatus[] = ['off-track', 'cannot-tell', 'on-track', 'met'];
const plain = (text: string) => text.replaceAll('-', ' ');

/** What has to be decided first. A standard that got worse stands once, and says how it stands by that. */
export function agendaOf({
  standards,
  before,
  actions,
  waitingExceptions,
  today,
}: AgendaInput): readonly AgendaItem[] {
  const items: AgendaItem[] = [];
  const say = (kind: AgendaKind, of: AgendaStandard | null, detail: string) => {
    const label = of?.label ?? null;
    const says = label === null ? detail : `${label}: ${detail}`;
    items.push({ kind, standard: of?.standard ?? null, label, detail, says });
  };
  if (waitingExceptions > 0)
    say(
      'exceptions-waiting',
      null,
      `${waitingExceptions} ${waitingExceptions === 1 ? 'exception waits' : 'exceptions wait'} for an answer`,
    );
  for (const { kind, detail } of actionItems(actions, today)) say(kind, null, detail);
  const was = new Map((before ?? []).map((one) => [one.standard, one]));
  for (const one of standards) {
    const { standard, status, cause, definition, unexplained } = one;
    if (unexplained) say('missed-unexplained', one, 'its day has passed, and nobody said why it was missed');
    const held = was.get(standard);
    const words = cause === null ? '' : STATUS_CAUSE_WORDS[cause];
    const why = words === '' ? '' : `, ${words}`;
    const [then, now] = [held === undefined ? -1 : ORDER.indexOf(held.status), ORDER.indexOf(status)];
    if (held !== undefined && then >= 0 && now >= 0 && then !== now)
      say(now < then ? 'worse' : 'better', one, `${plain(held.status)}, now ${plain(status)}${why}`);
    // What is not there asks for no decision; that it went is said above.
    else if (cause === 'nothing-in-scope') continue;
    else if (status === 'off-track' || status === 'cannot-tell') say(status, one, `${plain(status)}${why}`);
    if (held !== undefined && held.definition !== definition)
      say('redefined', one, "its definition changed, so that figures moved by it are nobody's doing");
  }
  return inOrder(items);
}
