/** Who people are and what they may do: part of the port. Of secrets the store knows SHA-256 digests, in hex. */
export interface Access {
  /** Links an account of an identity provider with a person. */
  link(identity: Pick<IdentityRecord, 'issuer' | 'subject' | 'person'>): Promise<void>;
  personOf(issuer: string, subject: string): Promise<string | null>;

  /** Nobody gives a role to oneself. `division` may be empty: of the whole company. */
  grant(
    role: Pick<RoleRecord, 'person' | 'role' | 'division'> & { readonly until?: string },
  ): Promise<RoleRecord>;
  revoke(number: number): Promise<void>;
  /** Those in force now. */
  roles(person: string): Promise<readonly RoleRecord[]>;

  /** Ends every session, token and role of a person at once; says how many. */
  shutOut(person: string): Promise<Readonly<Record<'sessions' | 'tokens' | 'roles', number>>>;

  /** For seven days at most. */
  issueToken(
    token: Pick<TokenRecord, 'id' | 'person' | 'digest' | 'name' | 'scopes' | 'expiresAt'>,
  ): Promise<TokenRecord>;
  revokeToken(id: string): Promise<void>;
  /** The token of a digest, if it is good now. */
  token(digest: string): Promise<TokenRecord | null>;
  tokens(person: string): Promise<readonly TokenRecord[]>;

  /** For 24 hours at most. */
  startSession(session: Pick<SessionRecord, 'digest' | 'person' | 'expiresAt'>): Promise<void>;
  endSession(digest: string): Promise<void>;
  session(digest: string): Promise<SessionRecord | null>;
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
  readonly issuedAt: string;
  readonly issuedBy: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
}

export interface SessionRecord {
  readonly digest: string;
  readonly person: string;
  readonly startedAt: string;
  readonly expiresAt: string;
  readonly endedAt: string | null;
}
