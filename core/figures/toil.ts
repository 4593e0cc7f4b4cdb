/** What a standard costs the people who obey it, from what happened, and what of that its owner should hear of. Pure. */

/** What happened to the work of one standard since a day. */
export interface WorkDone {
  readonly items: number;
  readonly closed: number;
  /** Assets in them. */
  readonly assets: number;
  /** Of these, those that were seen to pass. */
  readonly fixed: number;
  /** Of these, those that went to another team. */
  readonly reassigned: number;
  readonly snoozes: number;
  readonly disputes: { readonly opened: number; readonly upheld: number; readonly rejected: number };
  readonly exceptions: { readonly asked: number; readonly approved: number; readonly refused: number };
  /** From the first failing observation to the first passing one; null where nothing was fixed. */
  readonly medianSeconds: number | null;
  /** Team → its items. */
  readonly teams: ReadonlyMap<string, number>;
}

export const OPINIONS = ['worth-it', 'too-costly', 'wrong'] as const;
/** What somebody thinks of a standard whose item was just closed. */
export type Opinion = (typeof OPINIONS)[number];

/** Below so many answers nobody is told what was answered, so that none can be guessed. */
export const LEAST_ANSWERS = 10;

/** What was answered; `answers` null where there are too few. */
export interface Opinions {
  readonly enough: boolean;
  readonly answers: Readonly<Record<Opinion, number>> | null;
}

/** Nothing of a group that is too small is told, not even how many answered. */
export function opinionsOf(counts: Readonly<Record<Opinion, number>> | undefined): Opinions {
  const all = counts === undefined ? 0 : OPINIONS.reduce((sum, name) => sum + counts[name], 0);
  return counts === undefined || all < LEAST_ANSWERS
    ? { enough: false, answers: null }
    : { enough: true, answers: counts };
}

export const CONCERNS = ['often-wrong', 'rather-excepted', 'passed-on', 'too-costly'] as const;
/**
 * `often-wrong`: of the disputes that were decided a fifth or more were upheld. `rather-excepted`: more exceptions were asked for
 * than assets fixed. `passed-on`: more assets went to another team than were fixed.
 * `too-costly`: more people said that it costs more than it brings, or is wrong, than that it is worth it.
 */
export type Concern = (typeof CONCERNS)[number];

/** What gates did that had a server to report to: those that found nothing wrong ask none. */
export interface GateSum {
  readonly runs: number;
  readonly blocked: number;
  /** Of one run, on average, and of the slowest. */
  readonly meanMilliseconds: number;
  readonly slowestMilliseconds: number;
}

export interface Toil extends Omit<WorkDone, 'teams'> {
  /** Null where no gate reported anything. */
  readonly gate: GateSum | null;
  /** What people answered whose item was closed. */
  readonly opinions: Opinions;
  /** People of the teams that had work of it; null where nobody can tell who they are. */
  readonly engineers: number | null;
  readonly itemsPerEngineer: number | null;
  /** By what the standard states a fix takes its owner; an estimate, and no measurement. */
  readonly estimatedHours: number;
  /** Upheld among those that were decided; null where too few were. */
  readonly upheldShare: number | null;
  readonly concerns: readonly Concern[];
}

/** Fewer decided disputes, or exceptions, say nothing of a standard. */
const FEW = 5;
/** Of upheld disputes. */
const OFTEN = 0.2;

/** `peopleOf`: of a team; null where the organisation does not know it. */
export function toilOf(
  { teams, ...done }: WorkDone,
  ownerMinutes: number,
  {
    peopleOf,
    gate = null,
    opinions,
  }: {
    readonly peopleOf: (team: string) => readonly string[] | null;
    readonly gate?: GateSum | null;
    readonly opinions?: Readonly<Record<Opinion, number>> | undefined;
  },
): Toil {
  const people = [...teams.keys()].map(peopleOf);
  const known = people.every((one) => one !== null);
  const engineers = known && people.length > 0 ? new Set(people.flat()).size : null;
  const { upheld, rejected } = done.disputes;
  const decided = upheld + rejected;
  const upheldShare = decided < FEW ? null : upheld / decided;
  const concerns: Concern[] = [];
  if (upheldShare !== null && upheldShare >= OFTEN) concerns.push('often-wrong');
  if (done.exceptions.asked >= FEW && done.exceptions.asked > done.fixed) concerns.push('rather-excepted');
  if (done.reassigned >= FEW && done.reassigned > done.fixed) concerns.push('passed-on');
  const said = opinionsOf(opinions);
  const { answers } = said;
  if (answers !== null && answers['too-costly'] + answers.wrong > answers['worth-it'])
    concerns.push('too-costly');
  return {
    ...done,
    gate,
    opinions: said,
    engineers,
    itemsPerEngineer: engineers === null || engineers === 0 ? null : done.items / engineers,
    estimatedHours: (done.fixed * ownerMinutes) / 60,
    upheldShare,
    concerns,
  };
}

export const NO_WORK_DONE: WorkDone = {
  items: 0,
  closed: 0,
  assets: 0,
  fixed: 0,
  reassigned: 0,
  snoozes: 0,
  disputes: { opened: 0, upheld: 0, rejected: 0 },
  exceptions: { asked: 0, approved: 0, refused: 0 },
  medianSeconds: null,
  teams: new Map(),
};
