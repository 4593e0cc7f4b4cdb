/** Reviews that were frozen: part of the port. They are only ever added, each after the one before. */
import type { PageOf } from './port.ts';

export interface Reviews {
  /** Rejects with `refused` where its number does not follow the newest. */
  freeze(
    review: Omit<ReviewRecord, 'frozenAt' | 'frozenBy'> & { readonly content: string },
  ): Promise<ReviewRecord>;
  review(number: number): Promise<ReviewRecord | null>;
  /** The file, compressed (gzip) and as base64; null where there is no such review. */
  content(number: number): Promise<string | null>;
  /** The newest first. */
  reviews(page?: PageOf<number>): Promise<readonly ReviewRecord[]>;
}

export interface ReviewRecord {
  /** Counts from 1. */
  readonly number: number;
  readonly title: string;
  readonly frozenAt: string;
  readonly frozenBy: string;
  /** The moment that its figures are of, and the sealed batch of facts that was known then. */
  readonly at: string;
  readonly known: number;
  /** The number of the review before it; null: it is the first. */
  readonly previous: number | null;
  /** Of its seal. */
  readonly digest: string;
  /** SHA-256 of the public key that signed it; null where it is not signed. */
  readonly key: string | null;
}
