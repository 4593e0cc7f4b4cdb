/** Who people are and what they may do: part of the port. Of secrets the store knows SHA-256 digests, in hex. */
import type { PageOf } from './port.ts';

export interface Access {
  /** Links an account of an identity provider with a person. */
  link(identity: Pick<IdentityRecord, 'issuer' | 'subject' | 'person'>): Promise<void>;
  personOf(issuer: string, subject: string): Promise<string | null>;
  /** Accounts of a person. */
  identities(person: string): Promise<readonly IdentityRecord[]>;
  /** Active people with a mail address, whatever its case: a directory may name two with one. */
  peopleByMail(mail: string): Promise<readonly string[]>;

  /** Nobody gives a role to oneself. `division` may be empty: of the whole company. */
  grant(
    role: Pick<RoleRecord, 'person' | 'role' | 'division'> & { readonly until?: string | undefined },
  ): Promise<RoleRecord>;
  revoke(number: number): Promise<void>;
  /** Those in force now. */
  roles(person: string): Promise<readonly RoleRecord[]>;
  role(number: number): Promise<RoleRecord | null>;
  /** In force now, of everybody, in order of number. */
  allRoles(page?: PageOf<number>): Promise<readonly RoleRecord[]>;
  /** Whether anybody ever had it for the whole company. */
  everGranted(role: Role): Promise<boolean>;

  /** Ends every session, token and role of a person at once; says how many. */
  shutOut(person: string): Promise<Readonly<Record<'sessions' | 'tokens' | 'roles', number>>>;

  /** For seven days at most. */
  issueToken(
    token: Pick<TokenRecord, 'id' | 'person' | 'digest' | 'name' | 'scopes' | 'expiresAt'> &
      Partial<Pick<TokenRecord, 'sources'>>,
  ): Promise<TokenRecord>;
  revokeToken(id: string): Promise<void>;
  /** The token of a digest, if it is good now and its person is active. */
  token(digest: string): Promise<TokenRecord | null>;
  tokens(person: string): Promise<readonly TokenRecord[]>;
  tokenById(id: string): Promise<TokenRecord | null>;

  /** For 24 hours at most. */
  startSession(
    session: Pick<SessionRecord, 'digest' | 'person' | 'expiresAt'> &
      Partial<Pick<SessionRecord, 'means' | 'issuer'>>,
  ): Promise<void>;
  endSession(digest: string): Promise<void>;
  /** If it did not end, is not over, and its person is active. */
  session(digest: string): Promise<SessionRecord | null>;
  /** Those that did not end and are not over. */
  sessions(person: string): Promise<readonly SessionRecord[]>;
}

export interface IdentityRecord {
  readonly issuer: string;
  readonly subject: string;
  readonly person: string;
  readonly linkedAt: string;
  readonly linkedBy: string;
}

export type Role = 'reader' | 'engineer' | 'standard-owner' | 'deputy-ciso' | 'administrator' | 'auditor';

export interface RoleRecord {
  readonly number: number;
  readonly person: string;
  readonly role: Role;
  readonly division: string;
  readonly until: string | null;
  readonly grantedAt: string;
  readonly grantedBy: string;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
}

export interface TokenRecord {
  readonly id: string;
  readonly person: string;
  readonly digest: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** For whom it speaks when it sends facts; none: for nobody. */
  readonly sources: readonly SpeaksFor[];
  readonly issuedAt: string;
  readonly issuedBy: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
}

/** A source, and the kinds of assets of which it may say something. */
export interface SpeaksFor {
  readonly source: string;
  readonly kinds: readonly string[];
}

export interface SessionRecord {
  readonly digest: string;
  readonly person: string;
  readonly startedAt: string;
  readonly expiresAt: string;
  readonly endedAt: string | null;
  /** By which way somebody came in. */
  readonly means: 'link' | 'openid';
  /** Of the provider, where one said who it is. */
  readonly issuer: string | null;
}
