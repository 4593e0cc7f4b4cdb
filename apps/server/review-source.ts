/** What reviews are frozen from: the stores, the words that they are judged by, and the key that signs manifests. */
import type { KeyObject } from 'node:crypto';
import { signingKey } from '@macadam/adapters/facts/manifest';
import { manifestKey } from '@macadam/adapters/facts/manifest-key';
import type { Stores } from '@macadam/adapters/facts/open';
import type { Catalogue } from '@macadam/services/catalogue/load';
import type { ServerContext } from './pages/history/pages.ts';

export interface ReviewWords {
  readonly catalogue: Pick<Catalogue, 'kinds' | 'standards' | 'digest'>;
  readonly engine: string;
  /** Digest of what is part of every definition. */
  readonly shared: string;
  /** Where the facts are. */
  readonly data: string;
}

/** Of a server of facts without a key of its own reviews are sealed and not signed. */
export function reviewsOf(
  site: Pick<ServerContext, 'past' | 'commitments'>,
  stores: Stores,
  { catalogue, engine, shared, data }: ReviewWords,
): NonNullable<ServerContext['reviews']> {
  const key = (): KeyObject | null => {
    const pem = manifestKey(data, process.env);
    return pem === undefined ? null : signingKey(pem);
  };
  return {
    key,
    source: {
      stores,
      past: site.past,
      kinds: catalogue.kinds,
      standards: catalogue.standards,
      commitments: site.commitments ?? {},
      engine,
      catalogue: catalogue.digest,
      shared,
    },
  };
}
