/** Organisations, people, groups of them, how owners are decided, and what was decided of assets: part of the port. */
import type { PageOf } from './port.ts';

export interface Organisation {
  /** What changed in the tree, and from which day on: many in their order, as one act with one entry in the log. Append-only. */
  recordEvents(events: readonly GivenEvent[], source: string): Promise<readonly OrgEventRecord[]>;
  /** In order of effect, then of record: as known at a time (default: now), in effect on a day (default: all). */
  events(asOf?: { readonly on?: string; readonly known?: string }): Promise<readonly OrgEventRecord[]>;
  /** Number of the newest event; 0 before the first. */
  newestEvent(): Promise<number>;

  /** Makes a person or replaces what is known of one. */
  putPerson(person: GivenPerson): Promise<PersonRecord>;
  /** Many at once, with one entry in the log. */
  putPeople(people: readonly GivenPerson[]): Promise<void>;
  person(id: string): Promise<PersonRecord | null>;
  personByExternalId(externalId: string): Promise<PersonRecord | null>;
  personByUserName(userName: string): Promise<PersonRecord | null>;
  people(page?: PageOf<string>): Promise<readonly PersonRecord[]>;

  putGroup(group: Pick<GroupRecord, 'id' | 'name'> & Partial<GroupRecord>): Promise<GroupRecord>;
  /** Who was taken out counts as none. */
  group(id: string): Promise<GroupRecord | null>;
  groups(page?: PageOf<string>): Promise<readonly GroupRecord[]>;
  /** What is in them, in order of group and member. */
  groupMembers(groups: readonly string[]): Promise<readonly GroupMember[]>;
  /** Groups that hold any of these, directly. */
  groupsOf(members: readonly string[]): Promise<readonly GroupMember[]>;
  setGroupMembers(
    group: string,
    change: Readonly<Record<'add' | 'remove', readonly Omit<GroupMember, 'group'>[]>>,
  ): Promise<void>;

  /** A new version of how owners are decided; it holds from now on. */
  setOwnerRules(
    rules: Pick<OwnerRulesRecord, 'rules' | 'aliases' | 'confirmFor' | 'reason'>,
  ): Promise<OwnerRulesRecord>;
  /** The newest version, or the one of a number; null before the first. */
  ownerRules(number?: number): Promise<OwnerRulesRecord | null>;

  decideOwner(decision: OwnerDecision): Promise<OwnerRecord>;
  /** Many at once; the log has one entry for each act, division and team, with the list of assets, in each division concerned. */
  decideOwners(decisions: readonly OwnerDecision[]): Promise<readonly OwnerRecord[]>;
  /** Of some assets the newest that says whose each is, whatever division it is of; what was released is among them. */
  ownersSettled(assets: readonly string[]): Promise<readonly OwnerRecord[]>;
  /** Of each asset the newest that says whose it is, in order of asset; what was released is among them. */
  ownersDecided(page?: PageOf<string>): Promise<readonly OwnerRecord[]>;
}

export type GivenEvent = Pick<OrgEventRecord, 'effectiveOn' | 'kind' | 'body'>;

export interface OrgEventRecord {
  readonly number: number;
  readonly effectiveOn: string;
  readonly kind: string;
  readonly body: unknown;
  readonly recordedAt: string;
  readonly recordedBy: string;
}

export type GivenPerson = Pick<PersonRecord, 'id' | 'name'> & Partial<PersonRecord>;

export interface PersonRecord {
  readonly id: string;
  readonly name: string;
  readonly mail: string | null;
  readonly active: boolean;
  readonly externalId: string | null;
  /** As a directory calls the person; unique whatever the case. */
  readonly userName: string | null;
  readonly attributes: unknown;
  readonly version: number;
  readonly createdAt: string;
  readonly changedAt: string;
  /** When a directory took the person out: the record stays, and its id is never given again. */
  readonly removedAt: string | null;
  /** Who made the record; null where that is not known. */
  readonly madeBy: string | null;
  /** Whether a directory made the record: only then it may change more of it than whether the person is active. Never changes. */
  readonly fromDirectory: boolean;
  /** When `mail` or `externalId` changed last. */
  readonly claimsAt: string;
}

/** A group of a directory; with a unit its people are the unit's. */
export interface GroupRecord {
  readonly id: string;
  readonly name: string;
  readonly externalId: string | null;
  readonly unit: string | null;
  readonly attributes: unknown;
  readonly version: number;
  readonly createdAt: string;
  readonly changedAt: string;
  readonly removedAt: string | null;
}

export interface GroupMember {
  readonly group: string;
  readonly member: string;
  readonly sort: 'person' | 'group';
}

export interface OwnerRulesRecord {
  readonly number: number;
  readonly rules: unknown;
  /** Names that sources use, lower case → units. */
  readonly aliases: unknown;
  /** For how many days a statement confirms an owner. */
  readonly confirmFor: number;
  readonly reason: string;
  readonly recordedAt: string;
  readonly recordedBy: string;
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
export interface OwnerDecision extends Omit<OwnerRecord, 'number' | 'decidedAt' | 'decidedBy'> {
  /** Of the team that had it; the log of that division says so, too, where it is another. */
  readonly previousDivision?: string;
}
