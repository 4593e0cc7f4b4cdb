/** What fails, whether it is in a batch, waits for one or is excepted: part of the port. Only reconcile writes it. */
import type { PageOf } from './port.ts';

export interface Failing {
  /** How far the passes over a subject have come: `standard/ID`, or `faults`. Null: there was none. */
  pass(subject: string): Promise<PassRecord | null>;
  passes(): Promise<readonly PassRecord[]>;
  /** Never backwards. `detail` goes into the log. */
  recordPass(pass: Omit<PassRecord, 'at'>, detail: unknown): Promise<void>;
  /**
   * Takes passes on that stand at one tick to the one after it, all at once and with one entry in the log; those that somebody took further
   * stay. For subjects over which a pass would do nothing.
   */
  advancePasses(
    subjects: readonly string[],
    from: Date,
    to: Omit<PassRecord, 'at' | 'subject' | 'opened'>,
  ): Promise<void>;

  /** In order of asset. */
  list(standard: string, filter?: FailingFilter): Promise<readonly FailingRecord[]>;
  /** What a pass has to look at, and nothing else. */
  wanted(standard: string, wanted: FailingWanted): Promise<readonly FailingRecord[]>;
  /** Teams that have something failing, each with every division in which it was put. */
  teams(standard: string): Promise<readonly { readonly team: string; readonly division: string }[]>;
  /** What fails some standards, by team; of a standard that nothing fails there is none. */
  summaries(standards: readonly string[], touched: readonly string[]): Promise<readonly FailingSummary[]>;
  /** New ones and changed ones, all at once. Their batch is not said here: see `Work.open` and `Work.leave`. */
  put(standard: string, assets: readonly Omit<FailingRecord, 'standard' | 'batch'>[]): Promise<void>;
  /** They pass, are gone or out of scope, and were in no batch. */
  forget(standard: string, assets: readonly string[]): Promise<void>;
}

export interface PassRecord {
  readonly subject: string;
  readonly at: string;
  /** Time of the tick that was taken in last, and the sealed batch of facts that it knew. */
  readonly valid: string;
  readonly known: number;
  /** How many batches were opened, so that no number is given twice. */
  readonly opened: number;
}

/** Of what fails a standard and belongs to a team. */
export interface FailingSummary {
  readonly standard: string;
  readonly team: string | null;
  readonly division: string;
  /** Something has an owner and no batch, and is not excepted. */
  readonly waiting: boolean;
  /** Something was excepted when the last pass found it. */
  readonly excepted: boolean;
  /** Some of the assets that were asked for are among it. */
  readonly touched: boolean;
}

/** The union of these. */
export interface FailingWanted {
  readonly assets: readonly string[];
  /** Everything that is failing. */
  readonly all?: boolean;
  /** What fails, has an owner and no batch, and is not excepted. */
  readonly waiting?: boolean;
  /** What is excepted by none of these. */
  readonly exceptedBeside?: readonly string[];
  /** What is not excepted and is called so. */
  readonly named?: readonly string[];
  /** What belongs to these teams. */
  readonly teams?: readonly string[];
}

export interface FailingFilter extends PageOf<string> {
  readonly team?: string;
  /** Failing and in no batch, nor excepted. */
  readonly waiting?: boolean;
}

export interface FailingRecord {
  readonly standard: string;
  readonly asset: string;
  readonly name: string;
  readonly team: string | null;
  /** Empty while nobody owns it. */
  readonly division: string;
  readonly since: string;
  /** What showed it last; null where that was before it was recorded. */
  readonly observation: string | null;
  /** Cannot be told at the moment; the clock runs on. */
  readonly unknown: boolean;
  readonly value: string | null;
  /** Id of the exception under which the last pass found it, or the reason of one without an id. */
  readonly excepted: string | null;
  /** Last day of that exception; null without one. */
  readonly exceptedUntil: string | null;
  /** It is due on this day at the earliest, because of an exception; null where there was none. */
  readonly dueFrom: string | null;
  /** When it first went from one team's batch to another team; null where it never did. */
  readonly handedOverAt: string | null;
  /** The open batch that it is a member of. */
  readonly batch: string | null;
}
