/**
 * The store of decisions: who belongs where, who owns what, what is to be done by when, what is excepted until when,
 * who may do what; and the log of all of it.
 *
 * Everything happens in a transaction, in the name of a principal. Writing methods enter what they do into the audit log
 * by themselves, in that transaction: a change that cannot be logged does not happen. A change that a rule refuses is
 * rejected with `DecisionsError` `refused`, nothing of its transaction stays, and the refusal itself is logged.
 *
 * Times are RFC 3339 text in UTC, days `2027-03-01`. What a record was made or answered at is the store's own time and
 * nobody's to give. Records of a division are seen only by principals of it, whatever is asked for.
 */
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import type { Access } from './access.ts';
import type { AuditRow } from './audit.ts';
import type { Delivery } from './delivery.ts';
import type { Digests } from './digests.ts';
import type { Effects } from './effects.ts';
import type { Failing } from './failing.ts';
import type { Faults } from './faults.ts';
import type { Handovers } from './handovers.ts';
import type { Listing } from './listing.ts';
import type { Login } from './login.ts';
import type { Notices } from './notices.ts';
import type { Organisation } from './organisation.ts';
import type { Permissions } from './permissions.ts';
import type { Reviews } from './reviews.ts';
import type { Trackers } from './trackers.ts';
import type { Webhooks } from './webhooks.ts';
import type { Work } from './work.ts';

export interface Decisions {
  /** What is open: a directory, or a server's address without credentials. */
  readonly place: string;

  /**
   * What `work` does happens as a whole, durably, before this resolves, or not at all. Rejects with what `work` threw, or
   * with `DecisionsError`. `unavailable` after a commit was sent may mean that it happened: ask again by its id.
   */
  transaction<T>(
    principal: DecisionPrincipal,
    work: (transaction: DecisionTransaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;

  /** Logs that a policy refused what a principal wanted to do. */
  refused(principal: DecisionPrincipal, entry: DecisionEntry, reason: string): Promise<void>;

  /** The log from its beginning, as it is at the call; for `verifyAudit`. Constant memory. */
  auditLog(): AsyncIterable<AuditRow>;

  /**
   * Asks the database over a connection of its own, so that it is answered although all others are in use. Rejects with
   * `DecisionsError` `unavailable` where it cannot be reached, or does not answer in the time that any statement has.
   */
  probe(): Promise<DecisionsProbe>;

  /** Waits for what is running, and lets the directory go. */
  close(): Promise<void>;
}

export interface DecisionsProbe {
  /** Statements that have waited for a lock of somebody else for more than a second. */
  readonly waitingForLocks: number;
  /** How long the longest of them has waited. */
  readonly longestWaitSeconds: number;
  /** Connections in use, and transactions that wait for one. */
  readonly inUse: number;
  readonly waiting: number;
}

export interface DecisionPrincipal {
  /** A person's id, or the name of a part of the server. */
  readonly id: string;
  /** Divisions whose records it sees and changes; `all` sees also what has no division. */
  readonly divisions: readonly string[] | 'all';
}

export interface TransactionOptions {
  /** Refuses every change. */
  readonly readOnly?: boolean;
  /** Only in a simulated store: the time at which it happens. */
  readonly at?: Date | undefined;
}

export interface DecisionTransaction {
  /** When it happens. */
  readonly at: string;
  /**
   * Reads in the name of somebody else, such as a part of the server that sees every division, in this transaction: a second one would
   * wait for a connection while this one holds one. Nothing is changed in it, and nothing else is asked of this one meanwhile.
   */
  readAs<T>(reader: DecisionPrincipal, read: (transaction: DecisionTransaction) => Promise<T>): Promise<T>;
  /**
   * Waits until nobody else holds the name, and holds it until the end: for what only one process may do at a time. Rejects with
   * `DecisionsError` `unavailable` where somebody holds it for long.
   */
  exclusive(name: string): Promise<void>;
  readonly organisation: Organisation;
  readonly work: Work;
  readonly failing: Failing;
  readonly faults: Faults;
  readonly handovers: Handovers;
  readonly permissions: Permissions;
  readonly listing: Listing;
  readonly access: Access;
  readonly login: Login;
  readonly delivery: Delivery;
  readonly trackers: Trackers;
  readonly webhooks: Webhooks;
  readonly digests: Digests;
  readonly reviews: Reviews;
  readonly effects: Effects;
  readonly notices: Notices;
  /** Enters what else was decided; what the methods of the parts do enters itself. */
  audit(entry: DecisionEntry): void;
  /** Entries that the principal may see, newest first. */
  auditEntries(filter?: AuditFilter): Promise<readonly AuditRecord[]>;
  /** Number and digest of the newest entry: to be kept elsewhere, so that a log cut short is noticed. */
  auditHead(): Promise<AuditAnchor>;
}

/** What was done, as dotted verb, to what. */
export interface DecisionEntry {
  /** `exception.approve` */
  readonly action: string;
  readonly subject: string;
  /** Whose record it is; left out, only who sees all sees the entry. */
  readonly division?: string;
  /** Plain data: what was given. Never a secret. */
  readonly detail?: unknown;
}

export interface AuditRecord extends DecisionEntry {
  readonly number: number;
  readonly at: string;
  readonly principal: string;
  readonly outcome: 'done' | 'refused';
  /** Why it was refused. */
  readonly reason?: string;
}

export interface AuditAnchor {
  readonly number: number;
  readonly digest: string;
}

export interface AuditFilter extends PageOf<number> {
  /** Only entries after this one, and then oldest first: for whoever follows the log. */
  readonly since?: number;
  readonly subject?: string | undefined;
  readonly action?: string | undefined;
}

/** The part of a list that comes after a key, in the list's order. */
export interface PageOf<Key> {
  readonly after?: Key | undefined;
  /** Default 100. */
  readonly limit?: number;
}

export interface DecisionsOptions {
  readonly now: () => Date;
  /** A store in which time is played: for demonstrations and tests of whole years. Fixed when it is made. */
  readonly simulated?: boolean;
  /** Connections at once. Default 10. */
  readonly connections?: number;
  /** Milliseconds that one waits for a connection. Default 5000. */
  readonly patience?: number;
}

const DECISIONS_FAULTS = ['refused', 'unavailable', 'newer', 'damaged', 'missing', 'conflict'] as const;

/**
 * What the caller can mend. `refused`: a rule forbids it. `missing`: there is no such record, or none that the principal
 * may see. `conflict`: somebody else was faster. `newer`: a later release wrote the store. `damaged`: its history was
 * changed. `unavailable`: it cannot be had now.
 */
export class DecisionsError extends Error {
  readonly fault: (typeof DECISIONS_FAULTS)[number];
  /** Of a refusal: what was given wrong, empty when it is the request itself. */
  readonly field: string;
  /** What to do about it; empty where the message says so. */
  readonly fix: string;
  /** Of a refusal by a rule: each reason by itself, which the message holds together; else empty. */
  readonly objections: readonly RequestDiagnostic[];
  constructor(
    fault: (typeof DECISIONS_FAULTS)[number],
    message: string,
    {
      field = '',
      fix = '',
      objections = [],
      ...options
    }: ErrorOptions & {
      readonly field?: string;
      readonly fix?: string;
      readonly objections?: readonly RequestDiagnostic[];
    } = {},
  ) {
    super(message, options);
    this.name = 'DecisionsError';
    this.fault = fault;
    this.field = field;
    this.fix = fix;
    this.objections = objections;
  }
}
