/** How people log in and what they used lately: part of the port. Of secrets the store knows SHA-256 digests, in hex. */
import type { RoleRecord, TokenRecord } from './access.ts';

export interface Login {
  /** A link that logs a person in once, for 15 minutes at most. */
  putLink(link: Pick<LinkRecord, 'digest' | 'person' | 'expiresAt'>): Promise<void>;
  /** Uses it up: the person, or null where there is none that is good now. Of two who ask at once, one gets it. */
  takeLink(digest: string): Promise<string | null>;

  /** Remembers a log-in that was begun with a provider, for 15 minutes at most, and forgets those that are over. */
  putPending(pending: PendingRecord): Promise<void>;
  /** Uses it up, as `takeLink`. */
  takePending(digest: string): Promise<PendingRecord | null>;

  /** Of a session that did not end, is not over and was used within so many seconds, if its person is active. */
  sessionHolder(digest: string, idle: number): Promise<Holder | null>;
  /** Of a token that is good now, if its person is active. */
  tokenHolder(digest: string): Promise<(Holder & Pick<TokenRecord, 'id' | 'scopes' | 'sources'>) | null>;

  /** Notes that a session or a token is used now; what was noted within the last minute stays. */
  sessionUsed(digest: string): Promise<void>;
  tokenUsed(id: string): Promise<void>;
  /** When a session or a token was last used, by its digest or id; those never used are left out. */
  sessionUse(digests: readonly string[]): Promise<ReadonlyMap<string, string>>;
  tokenUse(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** All that a request needs to know of who sent it, in one question. */
export interface Holder {
  readonly person: string;
  readonly name: string;
  /** Those in force now. */
  readonly roles: readonly Pick<RoleRecord, 'role' | 'division'>[];
  /** When it was used last; null: never. */
  readonly usedAt: string | null;
}

export interface LinkRecord {
  readonly digest: string;
  readonly person: string;
  readonly madeAt: string;
  readonly madeBy: string;
  readonly expiresAt: string;
  readonly usedAt: string | null;
  readonly usedBy: string | null;
}

export interface PendingRecord {
  readonly digest: string;
  readonly issuer: string;
  /** Path on our own site. */
  readonly returnTo: string;
  readonly expiresAt: string;
}
