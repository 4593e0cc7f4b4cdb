/** What standards did to people: why targets were missed, what was thought of them, and what gates stopped. Part of the port. */
import type { MissReason } from '@macadam/core/figures/missed';
import type { GateSum, Opinion } from '@macadam/core/figures/toil';

export interface Effects {
  /** Rejects with `refused` for a day that is not over. */
  miss(miss: Pick<MissRecord, 'standard' | 'due' | 'reason' | 'note'>): Promise<MissRecord>;
  /** The newest word on each standard and day, the newest day first. `after`: said after it. */
  misses(filter?: { readonly standard?: string; readonly after?: string }): Promise<readonly MissRecord[]>;
  /** One answer of a person on an item that closed. Rejects with `refused` for a second one. What was answered is kept without a name. */
  opine(batch: string, standard: string, answer: Opinion): Promise<void>;
  /** Whether whoever asks has answered on an item. */
  hasOpined(batch: string): Promise<boolean>;
  /**
   * Standard → how many answered what within this year and the last. Answers are added ten at a time, so that nobody can tell one from
   * how they change.
   */
  opinions(standards: readonly string[]): Promise<ReadonlyMap<string, Readonly<Record<Opinion, number>>>>;
  /** Adds runs of a gate to those of today. */
  gate(runs: readonly GateRun[]): Promise<void>;
  /** Standard → what gates did within 365 days. */
  gates(standards: readonly string[]): Promise<ReadonlyMap<string, GateSum>>;
}

export interface MissRecord {
  readonly standard: string;
  /** The day of the target. */
  readonly due: string;
  readonly reason: MissReason;
  readonly note: string | null;
  readonly saidAt: string;
  readonly saidBy: string;
}

/** One change that a gate answered about a standard. */
export interface GateRun {
  readonly standard: string;
  readonly blocked: boolean;
  /** How long the whole gate took. */
  readonly milliseconds: number;
}
