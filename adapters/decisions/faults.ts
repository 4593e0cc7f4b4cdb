/** Whose fault it is that something cannot be told: part of the port. */
import type { PageOf } from './port.ts';

export interface Faults {
  open(items: readonly NewFault[]): Promise<void>;
  /** What is still unknown, and who owns the subject by now. */
  change(items: readonly Pick<FaultRecord, 'id' | 'team' | 'division' | 'causes'>[]): Promise<void>;
  /** Each with what showed that nothing is missing any more. */
  close(items: readonly { readonly id: string; readonly observation: string }[]): Promise<void>;
  /** In order of id. */
  faults(filter?: FaultFilter): Promise<readonly FaultRecord[]>;
}

export interface FaultFilter extends PageOf<string> {
  readonly team?: string | undefined;
  readonly open?: boolean | undefined;
}

export type NewFault = Pick<
  FaultRecord,
  'id' | 'subjectOf' | 'subject' | 'team' | 'division' | 'causes' | 'dueOn'
>;

export interface FaultRecord {
  /** The subject and a number: `source/github/3`. */
  readonly id: string;
  readonly subjectOf: 'source' | 'standard';
  readonly subject: string;
  readonly team: string | null;
  /** Empty while nobody owns the subject. */
  readonly division: string;
  /** Cause → how many assets and standards it leaves unknown. */
  readonly causes: Readonly<Record<string, number>>;
  readonly openedAt: string;
  readonly openedBy: string;
  readonly dueOn: string;
  readonly closedAt: string | null;
  readonly closedBy: string | null;
  readonly observation: string | null;
}
