/** What a ring says of itself: which keys it has, and since when each was published and signed. No private part, no signature. */
import type { KeyAlgorithm, KeyState, Ring } from './ring.ts';

const LIBRARY = { name: '@macadam/keys', version: '0.1.0' } as const;

export interface KeyReport {
  readonly schema: 'macadam.key-ring/1';
  readonly library: typeof LIBRARY;
  readonly issuer: string;
  /** All times in milliseconds since 1970. */
  readonly at: number;
  readonly keys: readonly {
    readonly id: string;
    readonly algorithm: KeyAlgorithm;
    readonly state: KeyState;
    readonly publishedAt: number;
    /** Null for a key that never signed. */
    readonly activatedAt: number | null;
  }[];
}

/** Write it as a line of JSON once a day and after each change. `issuer`: as the tokens name it. */
export function keyReport(ring: Ring, issuer: string, at: number = Date.now()): KeyReport {
  return {
    schema: 'macadam.key-ring/1',
    library: LIBRARY,
    issuer,
    at,
    keys: ring.map(({ id, algorithm, state, publishedAt, activatedAt }) => ({
      id,
      algorithm,
      state,
      publishedAt,
      activatedAt,
    })),
  };
}
