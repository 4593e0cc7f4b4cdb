/** Assets on their way from one team to another: part of the port. Who may do which step is decided above it. */
import type { PageOf } from './port.ts';

export interface Handovers {
  begin(
    handover: Pick<HandoverRecord, 'assets' | 'fromTeam' | 'division'>,
    step: NewHandoverStep,
  ): Promise<HandoverRecord>;
  /** `version`: rejects with `conflict` if it is another by now. */
  move(number: number, version: number, step: NewHandoverStep): Promise<HandoverRecord>;
  handover(number: number): Promise<HandoverRecord | null>;
  /** In order of number. */
  handovers(filter?: HandoverFilter): Promise<readonly HandoverRecord[]>;
  /** Oldest first. */
  steps(number: number): Promise<readonly HandoverStepRecord[]>;
}

export interface HandoverFilter extends PageOf<number> {
  readonly fromTeam?: string;
  readonly toTeam?: string;
  readonly state?: HandoverRecord['state'] | undefined;
}

/** A step, and how the hand-over stands after it. */
export interface NewHandoverStep {
  readonly what: HandoverStepRecord['what'];
  readonly why: string;
  readonly state: HandoverRecord['state'];
  readonly toTeam: string | null;
  /** The division of the team that is asked, which sees it from here on. */
  readonly toDivision: string | null;
  readonly bounces: number;
}

export interface HandoverRecord {
  readonly number: number;
  readonly assets: readonly string[];
  readonly fromTeam: string;
  readonly division: string;
  readonly state: 'asked' | 'returned' | 'deputy' | 'done' | 'withdrawn';
  readonly toTeam: string | null;
  /** That see it. */
  readonly divisions: readonly string[];
  readonly bounces: number;
  readonly begunAt: string;
  readonly begunBy: string;
  readonly version: number;
}

export interface HandoverStepRecord {
  readonly number: number;
  readonly handover: number;
  readonly what: 'asked' | 'accepted' | 'refused' | 'decided' | 'withdrawn';
  readonly saidAt: string;
  readonly saidBy: string;
  readonly why: string;
  readonly toTeam: string | null;
}
