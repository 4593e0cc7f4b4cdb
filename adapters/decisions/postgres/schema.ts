/** The tables, as the query builder knows them. Names are camelCase here and snake_case there. */
import type { ColumnType, Generated, Kysely } from 'kysely';
import type { IdentityRecord, RoleRecord, SessionRecord, TokenRecord } from '../access.ts';
import type { MessageRecord } from '../delivery.ts';
import type { DigestRecord } from '../digests.ts';
import type { MissRecord } from '../effects.ts';
import type { FailingRecord, PassRecord } from '../failing.ts';
import type { FaultRecord } from '../faults.ts';
import type { HandoverRecord, HandoverStepRecord } from '../handovers.ts';
import type { LinkRecord, PendingRecord } from '../login.ts';
import type {
  GroupMember,
  GroupRecord,
  OrgEventRecord,
  OwnerRecord,
  OwnerRulesRecord,
  PersonRecord,
} from '../organisation.ts';
import type { ExceptedAssetRecord, ExceptionRecord, StandardRecord } from '../permissions.ts';
import type { ReviewRecord } from '../reviews.ts';
import type { IssueRecord, TrackerRecord } from '../trackers.ts';
import type { WebhookFailure, WebhookRecord } from '../webhooks.ts';
import type { BatchRecord, CommentRecord, DisputeRecord, MemberRecord } from '../work.ts';

/** Given by the database where it is not given. */
type Row<Record, Made extends keyof Record> = {
  [Key in keyof Record]: Key extends Made ? Generated<Record[Key]> : Record[Key];
};
/** Data goes in as JSON text: the driver would take a list for an array of the database. */
type Json<Table, Key extends keyof Table> = Omit<Table, Key> & {
  [Name in Key]: ColumnType<unknown, string | undefined, string>;
};

export interface Schema {
  'macadam.orgEvent': Json<Row<OrgEventRecord, 'number' | 'recordedAt' | 'recordedBy'>, 'body'>;
  'macadam.person': Json<
    Row<
      PersonRecord,
      | 'mail'
      | 'active'
      | 'externalId'
      | 'userName'
      | 'version'
      | 'createdAt'
      | 'changedAt'
      | 'removedAt'
      | 'madeBy'
      | 'fromDirectory'
      | 'claimsAt'
    >,
    'attributes'
  >;
  'macadam.personGroup': Json<
    Row<GroupRecord, 'externalId' | 'unit' | 'version' | 'createdAt' | 'changedAt' | 'removedAt'>,
    'attributes'
  >;
  'macadam.groupMember': GroupMember;
  'macadam.ownerRules': Json<
    Json<Row<OwnerRulesRecord, 'number' | 'recordedAt' | 'recordedBy'>, 'rules'>,
    'aliases'
  >;
  'macadam.ownerDecision': Row<OwnerRecord, 'number' | 'decidedAt' | 'decidedBy'>;
  'macadam.batch': Row<BatchRecord, 'of' | 'openedAt' | 'openedBy' | 'snoozes' | 'version'>;
  'macadam.batchMember': MemberRecord;
  'macadam.batchDispute': Row<
    Omit<DisputeRecord, 'assets'>,
    'number' | 'openedAt' | 'openedBy' | 'endReason'
  >;
  'macadam.failingAsset': Omit<FailingRecord, 'batch'>;
  'macadam.workPass': PassRecord;
  'macadam.faultItem': Json<
    Row<FaultRecord, 'openedAt' | 'openedBy' | 'closedAt' | 'closedBy' | 'observation'>,
    'causes'
  >;
  'macadam.handover': Row<HandoverRecord, 'number' | 'begunAt' | 'begunBy' | 'version'>;
  'macadam.handoverStep': Row<HandoverStepRecord, 'number' | 'saidAt' | 'saidBy'>;
  'macadam.batchComment': Row<CommentRecord, 'number' | 'saidAt' | 'saidBy'>;
  'macadam.exception': Row<ExceptionRecord, 'requestedAt' | 'requestedBy'>;
  'macadam.exceptionAsset': ExceptedAssetRecord;
  'macadam.standardVersion': Json<Row<StandardRecord, 'number' | 'proposedAt' | 'proposedBy'>, 'rollout'>;
  'macadam.identity': Row<IdentityRecord, 'linkedAt' | 'linkedBy'>;
  'macadam.roleGrant': Row<RoleRecord, 'number' | 'grantedAt' | 'grantedBy'>;
  'macadam.apiToken': Omit<Row<TokenRecord, 'issuedAt' | 'issuedBy'>, 'sources'> & {
    sources: ColumnType<TokenRecord['sources'], string, never>;
  };
  'macadam.session': Row<SessionRecord, 'startedAt' | 'means'>;
  'macadam.sessionUse': { session: string; usedAt: Generated<string> };
  'macadam.tokenUse': { token: string; usedAt: Generated<string> };
  'macadam.loginLink': Row<LinkRecord, 'madeAt' | 'madeBy'>;
  'macadam.loginPending': PendingRecord;
  'macadam.idempotency': {
    principal: Generated<string>;
    key: string;
    request: string;
    answer: ColumnType<unknown, string | undefined, string>;
    claimedAt: Generated<string>;
  };
  'macadam.outbox': Json<Row<MessageRecord, 'number' | 'writtenAt' | 'dueAt' | 'attempts'>, 'body'>;
  'macadam.tracker': Json<Row<TrackerRecord, 'version' | 'changedAt'>, 'options'>;
  'macadam.trackerPoll': {
    tracker: string;
    cursor: string | null;
    leasedUntil: string;
    problem: string | null;
  };
  'macadam.issue': Row<IssueRecord, 'linkedAt'>;
  'macadam.issueComment': { tracker: string; remote: string; division: string; comment: number };
  'macadam.webhook': Row<WebhookRecord, 'secretVersion' | 'shownVersion' | 'version' | 'changedAt'>;
  'macadam.webhookFailure': WebhookFailure;
  'macadam.digest': Row<DigestRecord, 'madeAt'>;
  'macadam.digestWeek': Row<{ readonly week: string; readonly madeAt: string }, 'madeAt'>;
  'macadam.targetMiss': Row<MissRecord, 'saidAt' | 'saidBy'>;
  'macadam.opinionGiven': { batch: string; person: Generated<string> };
  'macadam.review': Row<ReviewRecord & { readonly content: string }, 'frozenAt' | 'frozenBy'>;
  'macadam.audit': {
    number: number;
    at: string;
    previous: string;
    content: string;
    contentDigest: string;
    digest: string;
    principal: string;
    action: string;
    subject: string | null;
    division: string | null;
    outcome: string;
  };
}

/** What the parts of a transaction are made of. */
export interface Session {
  readonly db: Kysely<Schema>;
  /** When the transaction happens. */
  readonly at: string;
  /** The principal's id. */
  readonly by: string;
  /** Enters what is about to be done; called before it is tried, so that what is refused is known, too. */
  readonly enter: (action: string, subject: string | number, division?: string, detail?: unknown) => void;
}

export const PAGE = 100;

/** A statement has room for 65,535 values; rows of ours have ten at most. */
export const ROWS = 5000;

export function* chunks<T>(all: readonly T[], size: number): Iterable<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
