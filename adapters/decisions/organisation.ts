/** Organisations, people, who answers for what, and whom assets were said to belong to: part of the port. */
import type { PageOf } from './port.ts';

export interface Organisation {
  /** What changed in the tree, and from which day on. Append-only. */
  recordEvent(event: Pick<OrgEventRecord, 'effectiveOn' | 'kind' | 'body'>): Promise<OrgEventRecord>;
  /** In order of effect, then of record: as known at a time (default: now), in effect on a day (default: all). */
  events(asOf?: { readonly on?: string; readonly known?: string }): Promise<readonly OrgEventRecord[]>;

  /** Makes a person or replaces what is known of one. */
  putPerson(person: Pick<PersonRecord, 'id' | 'name'> & Partial<PersonRecord>): Promise<PersonRecord>;
  person(id: string): Promise<PersonRecord | null>;
  personByExternalId(externalId: string): Promise<PersonRecord | null>;
  people(page?: PageOf<string>): Promise<readonly PersonRecord[]>;

  recordAccountability(
    accountability: Pick<AccountabilityRecord, 'person' | 'role' | 'selector' | 'fromOn'> & {
      readonly untilOn?: string;
    },
  ): Promise<AccountabilityRecord>;
  endAccountability(number: number): Promise<void>;
  /** Those that hold on a day. */
  accountabilities(on: string): Promise<readonly AccountabilityRecord[]>;

  decideOwner(decision: Omit<OwnerRecord, 'number' | 'decidedAt' | 'decidedBy'>): Promise<OwnerRecord>;
  /** All that was decided of assets, newest first. */
  ownerDecisions(assets: readonly string[]): Promise<readonly OwnerRecord[]>;
}

export interface OrgEventRecord {
  readonly number: number;
  readonly effectiveOn: string;
  readonly kind: string;
  readonly body: unknown;
  readonly recordedAt: string;
  readonly recordedBy: string;
}

export interface PersonRecord {
  readonly id: string;
  readonly name: string;
  readonly mail: string | null;
  readonly active: boolean;
  readonly externalId: string | null;
  readonly attributes: unknown;
  readonly version: number;
  readonly changedAt: string;
}

export interface AccountabilityRecord {
  readonly number: number;
  readonly person: string;
  /** `deputy-ciso`, `emergency-contact` … */
  readonly role: string;
  readonly selector: unknown;
  readonly fromOn: string;
  readonly untilOn: string | null;
  readonly recordedAt: string;
  readonly recordedBy: string;
  readonly endedAt: string | null;
  readonly endedBy: string | null;
}

/** `hand-over` waits for `accept` or `bounce` by the other team. */
export type OwnerAct = 'assign' | 'confirm' | 'hand-over' | 'accept' | 'bounce' | 'release';

export interface OwnerRecord {
  readonly number: number;
  readonly asset: string;
  readonly act: OwnerAct;
  readonly team: string;
  readonly previousTeam: string | null;
  readonly division: string;
  readonly reason: string;
  readonly decidedAt: string;
  readonly decidedBy: string;
}
