/** What the inventory of a cloud says of certificates and keys: each by its bytes, and where it stands. */
import type { ListingGap } from '../listing.ts';

export interface HeldCertificate {
  /** The cloud's own name of it: an ARN, an address. */
  readonly place: string;
  /** X.509 as PEM, or as DER. Of PEM with a chain the first is meant. */
  readonly certificate: string | Buffer;
  /** Whether the cloud keeps the private key beside it. */
  readonly holdsKey: boolean;
  readonly isRevoked: boolean;
}

export interface HeldKey {
  readonly place: string;
  /** Its public part (SubjectPublicKeyInfo), as DER. */
  readonly spki: Buffer;
}

/** A certificate of which the inventory keeps what is written in it, and not the certificate itself. */
export interface DescribedCertificate {
  readonly place: string;
  /** Common name of its subject. */
  readonly name: string;
  /** In hex, as whoever keeps it writes it. */
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** In lower-case hex, where it is told. */
  readonly sha1?: string;
  readonly isRevoked: boolean;
}

export interface Inventory {
  readonly certificates: readonly HeldCertificate[];
  readonly described: readonly DescribedCertificate[];
  readonly keys: readonly HeldKey[];
  /** None: the inventory is whole. */
  readonly gaps: readonly ListingGap[];
}

export const NOTHING: Inventory = { certificates: [], described: [], keys: [], gaps: [] };

export const joined = (parts: readonly Inventory[]): Inventory => ({
  certificates: parts.flatMap(({ certificates }) => certificates),
  described: parts.flatMap(({ described }) => described),
  keys: parts.flatMap(({ keys }) => keys),
  gaps: parts.flatMap(({ gaps }) => gaps),
});
