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
});
export type ReviewProgram = z.infer<typeof reviewProgramSchema>;

export interface ReviewDue {
  readonly title: string;
  readonly every: ReviewProgram['every'];
  /** First day of the period that the next one is of, UTC. */
  readonly due: string;
  /** None of it was frozen since that day. */
  readonly isDue: boolean;
  /** Number of the newest of it; null: there is none. */
  readonly last: number | null;
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

/** In the order in which they are stated. `reviews`: every one that was frozen, the newest first. */
export function reviewsDue(
  programs: readonly ReviewProgram[],
  reviews: readonly { readonly number: number; readonly title: string; readonly frozenAt: string }[],
  now: Date,
): readonly ReviewDue[] {
  return programs.map(({ title, every }) => {
    const last = reviews.find((one) => one.title.startsWith(title)) ?? null;
    const due = periodOf(every, now);
    const isDue = last === null || last.frozenAt < `${due}T00:00:00Z`;
    return { title, every, due, isDue, last: last?.number ?? null };
  });
}

export const AGENDA_KINDS = [
  'exceptions-waiting',
  'action-overdue',
  'missed-unexplained',
  'worse',
  'off-track',
  'cannot-tell',
  'redefined',
  'better',
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
  for (const { id, what, owner, due } of actions)
    say(due < today ? 'action-overdue' : 'action-open', null, `${id} ${what}: ${owner}, by ${due}`);
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
    else if (status === 'off-track' || status === 'cannot-tell') say(status, one, `${plain(status)}${why}`);
    if (held !== undefined && held.definition !== definition)
      say('redefined', one, "its definition changed, so that figures moved by it are nobody's doing");
  }
  return items.toSorted((a, b) => AGENDA_KINDS.indexOf(a.kind) - AGENDA_KINDS.indexOf(b.kind));
}
