/** Lists in the order in which people need them, each row with what is counted of it: part of the port. It only reads. */
import type { WorkDone } from '@macadam/core/figures/toil';
import { ROW_FILTERS } from '@macadam/core/work/by-repository';
import type { ExceptionRecord } from './permissions.ts';
import type { BatchRecord, MemberRecord } from './work.ts';

export interface Listing {
  /** Open ones in order of their last day, closed ones from the newest. */
  work(filter: ListedWorkFilter): Promise<readonly ListedBatch[]>;
  workCounts(filter?: WorkOf): Promise<WorkCounts>;
  /** Members of a batch that are left in it no more, the newest first. */
  departures(batch: string, limit: number): Promise<readonly MemberRecord[]>;
  /** What is in force and what waits in order of their last day, what is over from the newest. */
  exceptions(filter: ListedExceptionFilter): Promise<readonly ListedException[]>;
  exceptionCounts(standard?: string): Promise<Readonly<Record<ExceptionStage, number>>>;
  /** How many batches each team has open, and how many of them have assets whose last day is over. */
  openByTeam(): Promise<ReadonlyMap<string, { readonly open: number; readonly late: number }>>;
  /** Ids of open batches in which an asset is left to be fixed, of any of these standards. */
  openOf(asset: string, standards: readonly string[]): Promise<readonly string[]>;
  /** How long failures of these standards lasted that were fixed within the last year; a standard without any is left out. */
  timeToFix(standards: readonly string[]): Promise<ReadonlyMap<string, TimeToFix>>;
  /** What happened to work of these standards that was opened, asked or said within the last year; one without any is left out. */
  workDone(standards: readonly string[]): Promise<ReadonlyMap<string, WorkDone>>;
}

export interface TimeToFix {
  /** From the first failing observation to the first passing one. */
  readonly medianSeconds: number;
  readonly fixes: number;
}

/** `soon`: within seven days, and not over yet. `excepted`: an exception allows that some of it fails. */
export const WORK_STAGES = [...ROW_FILTERS, 'closed'] as const;
export type WorkStage = (typeof WORK_STAGES)[number];
export type WorkCounts = Readonly<Record<Exclude<WorkStage, 'closed'>, number>>;

/** Of which work; each that is given must hold. */
export interface WorkOf {
  readonly id?: string;
  readonly team?: string | undefined;
  readonly standard?: string | undefined;
  readonly division?: string | undefined;
  /** What a person has claimed, or one of these teams has to do. */
  readonly concerning?: { readonly person: string | undefined; readonly teams: readonly string[] };
}

export interface ListedWorkFilter extends WorkOf {
  readonly stage: WorkStage;
  /** `key` of the last row before the page. */
  readonly after?: readonly [string, string] | undefined;
  readonly limit: number;
}

export interface ListedBatch extends BatchRecord {
  readonly key: readonly [string, string];
  readonly members: number;
  readonly left: number;
  /** Those whose own last day is over: a dispute may have stopped the clock of others. */
  readonly late: number;
  /** Those whose verdict somebody says is false, and nobody has decided. */
  readonly disputed: number;
  /** Those whose failure an exception allows for now: they are left, and not due before it has ended. */
  readonly excepted: number;
  /** The earliest last day of what is left, with stopped and paused clocks; null where nothing is. */
  readonly nextDue: string | null;
}

export const EXCEPTION_STAGES = ['in-force', 'waiting', 'over'] as const;
export type ExceptionStage = (typeof EXCEPTION_STAGES)[number];

export interface ListedExceptionFilter {
  readonly stage: ExceptionStage;
  readonly standard?: string | undefined;
  readonly after?: readonly [string, string] | undefined;
  readonly limit: number;
}

export interface ListedException extends ExceptionRecord {
  readonly key: readonly [string, string];
  /** Assets that it accepts failures of; 0 before it is approved. */
  readonly assets: number;
}
