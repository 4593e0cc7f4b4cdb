/** What reviews are frozen from: the stores, the words that they are judged by, and the key that signs manifests. */
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { signingKey } from '@macadam/adapters/facts/manifest';
import { manifestKey } from '@macadam/adapters/facts/manifest-key';
import type { Stores } from '@macadam/adapters/facts/open';
import { type TimestampAuthority, timestampOf } from '@macadam/adapters/timestamps/authority';
import { certificatesIn } from '@macadam/core/figures/timestamp';
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

/**
 * `MACADAM_TIMESTAMP_URL=https://clock.example/tsr`, and `MACADAM_TIMESTAMP_CA=/etc/macadam/clock.pem` with the certificates that vouch for it.
 * Null: none is asked. Throws with the name of what is wrong.
 */
export function timestampAuthority(
  env: Readonly<Record<string, string | undefined>>,
): TimestampAuthority | null {
  const { MACADAM_TIMESTAMP_URL: url, MACADAM_TIMESTAMP_CA: file } = env;
  if (url === undefined) return null;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new TypeError(
      'MACADAM_TIMESTAMP_URL: give the address of an RFC 3161 authority, such as https://clock.example/tsr',
    );
  if (file === undefined)
    throw new TypeError(
      'MACADAM_TIMESTAMP_CA: name the file of the certificates that vouch for the authority (PEM)',
    );
  return { url, trusted: certificatesIn(readFileSync(file, 'utf8')) };
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
  const authority = timestampAuthority(process.env);
  return {
    key,
    ...(authority && { stamp: (sealed: Buffer) => timestampOf(authority, sealed) }),
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
