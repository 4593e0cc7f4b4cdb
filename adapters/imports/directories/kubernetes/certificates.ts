/** Certificates in the TLS secrets of a cluster: the certificate alone, and never the key beside it. */
import { isRecord, type Json, recordIn, textIn } from '../answer.ts';
import type { HeldCertificate, Inventory } from '../certificates/inventory.ts';
import { type ListingGap, listingGap } from '../listing.ts';

export const TLS_TYPE = 'kubernetes.io/tls';

/** A list of secrets, saved or just answered, without what anybody could log in with. */
export interface SecretPage {
  readonly file: string;
  readonly body: unknown;
  /** Whether nothing but the type of the secrets narrowed what was asked. */
  readonly isAskedForAll: boolean;
}

export interface SecretScope {
  /** What the cluster is called, before the name of each place. */
  readonly cluster: string;
  /** Null: of all namespaces. */
  readonly namespace: string | null;
}

export function tlsSecretsIn(pages: readonly SecretPage[], { cluster, namespace }: SecretScope): Inventory {
  const certificates: HeldCertificate[] = [];
  const gaps: ListingGap[] = [];
  if (pages.length === 0)
    gaps.push(
      listingGap(
        'list-not-saved',
        'unobserved',
        'no list of TLS secrets was saved; save them as tls-secrets.json, which needs list secrets',
      ),
    );
  let open: string | null = null;
  for (const { file, body, isAskedForAll } of pages) {
    // Go writes an empty list as null.
    const items = isRecord(body) && isList(body) && 'items' in body ? (body.items ?? []) : undefined;
    if (!isRecord(body) || !Array.isArray(items)) {
      gaps.push(failed('answer-misshapen', `${file} holds no list of secrets; save it again`));
      continue;
    }
    open = continuationOf(body) === null ? null : file;
    if (!isAskedForAll)
      gaps.push(
        listingGap(
          'request-unknown',
          'incomplete',
          `${file} does not say how it was asked; name it tls-secrets.json where nothing but \`--field-selector type=${TLS_TYPE}\` narrowed it`,
        ),
      );
    for (const item of items) {
      const read = certificateIn(item, { file, cluster, namespace });
      if (read === null) continue;
      if ('why' in read) gaps.push(read);
      else certificates.push(read);
    }
  }
  if (open !== null)
    gaps.push(
      listingGap(
        'page-missing',
        'incomplete',
        `the list of secrets goes on after ${open}; save the pages that follow`,
      ),
    );
  return { certificates, described: [], keys: [], gaps };
}

const failed = (code: string, why: string): ListingGap => listingGap(code, 'failed', why);
const isList = ({ kind }: Json): boolean => kind === 'List' || kind === 'SecretList';

export const continuationOf = (body: unknown): string | null =>
  textIn(recordIn(recordIn(body).metadata).continue);

function certificateIn(
  item: unknown,
  { file, cluster, namespace }: SecretScope & { readonly file: string },
): HeldCertificate | ListingGap | null {
  const metadata = isRecord(item) && isRecord(item.metadata) ? item.metadata : {};
  const { name, namespace: space } = metadata;
  if (!isRecord(item) || typeof name !== 'string' || typeof space !== 'string')
    return failed(
      'answer-misshapen',
      `some secrets in ${file} do not say what they are called; save it again`,
    );
  if (namespace !== null && space !== namespace) return null;
  const place = `${cluster} ${space}/${name}`;
  if (typeof item.type !== 'string')
    return failed('answer-misshapen', `the secret ${place} does not say of which type it is; save it again`);
  if (item.type !== TLS_TYPE) return null;
  const encoded = isRecord(item.data) ? item.data['tls.crt'] : undefined;
  if (typeof encoded !== 'string' || encoded === '')
    return failed('answer-misshapen', `the secret ${place} has no \`tls.crt\`; save it again`);
  const certificate = Buffer.from(encoded, 'base64').toString('latin1');
  // The API takes no TLS secret without a key, and a key of another certificate would serve nobody.
  return { place, certificate, holdsKey: true, isRevoked: false };
}

/** The same list without every value but certificates, as soon as it is there. */
export function withoutKeys(body: unknown): unknown {
  if (!isRecord(body) || !Array.isArray(body.items)) return body;
  return { ...body, items: body.items.map(certificateAlone) };
}

function certificateAlone(item: unknown): unknown {
  if (!isRecord(item)) return null;
  const { type, metadata, data } = item;
  const { name, namespace } = recordIn(metadata);
  const certificate = type === TLS_TYPE && isRecord(data) ? { 'tls.crt': data['tls.crt'] } : {};
  return { type, metadata: { name, namespace }, data: certificate };
}
