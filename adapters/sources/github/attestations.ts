/** Attestations that the host keeps of artefacts, by their digest. Nothing is verified here: whoever has a policy does. */
import type { Unobserved } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { unsnapped } from '../../attestations/snappy.ts';
import { type Connector, isLoopback } from '../../connector/connector.ts';
import { isAnswer, unobservedBy } from '../../connector/outcome.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import type { AttestationsOf, KeptAttestations } from '../port.ts';
import type { Account } from './account.ts';
import { listingOf } from './listing.ts';

const attestationSchema = z.object({
  bundle: z.record(z.string(), z.unknown()).nullish(),
  bundle_url: z.url().optional(),
});

const MOST_BYTES = 8 * 1024 * 1024;
const WAIT_MS = 30_000;

interface AttestationsInput {
  readonly connector: Connector;
  readonly account: Account;
  /** Why whoever asks may not see each repository of the account; null where all of them are seen. */
  readonly unseen: Unobserved | null;
  readonly signal: AbortSignal | undefined;
  /** Of the store. */
  readonly fetch?: typeof fetch;
}

export function attestationsIn({
  connector,
  account: { login, type },
  unseen,
  signal,
  fetch: send = fetch,
}: AttestationsInput): KeptAttestations {
  const what = `attestations that \`${login}\` keeps`;
  const place = type === 'organisation' ? `/orgs/${login}` : `/users/${login}`;
  let shown: Promise<Unobserved | null> | undefined;
  /** "There is none" and "you may not see it" are one answer; only the list of repositories with any tells them apart. */
  async function hidden(): Promise<Unobserved | null> {
    if (type !== 'organisation')
      return { unobserved: 'unobserved', why: `the host does not say whether all ${what} are shown` };
    const outcome = await connector.request({ path: `${place}/attestations/repositories?per_page=1` });
    return isAnswer(outcome) ? unseen : unobservedBy(outcome, what, PERMISSIONS.attestations);
  }
  async function of(digest: string): Promise<AttestationsOf> {
    const { items, gap, refusal } = await listingOf({
      connector,
      path: `${place}/attestations/${digest}?predicate_type=provenance`,
      field: 'attestations',
      schema: attestationSchema,
      what,
      permission: PERMISSIONS.attestations,
    });
    const texts: string[] = [];
    shown ??= hidden();
    let open = gap === undefined || refusal?.outcome === 'not-found' ? await shown : gap;
    for (const { bundle, bundle_url: url } of items) {
      const text =
        bundle == null
          ? await fetched(url, { origin: connector.origin, signal, send })
          : JSON.stringify(bundle);
      if (typeof text === 'string') texts.push(text);
      else open ??= text;
    }
    return { texts, gap: open };
  }
  return { of };
}

interface Store {
  /** Of the host that names it. */
  readonly origin: string;
  readonly signal: AbortSignal | undefined;
  readonly send: typeof fetch;
}

/** From the store that the host names, which needs no credential and is given none. */
async function fetched(
  url: string | undefined,
  { origin, signal, send }: Store,
): Promise<string | Unobserved> {
  const failed = (why: string): Unobserved => ({
    unobserved: 'failed',
    why: `an attestation could not be fetched: ${why}; scan again`,
  });
  if (url === undefined) return failed('the host gives neither it nor where it is');
  const at = new URL(url);
  // A store on this machine is only that of a host on this machine.
  const isOwn = isLoopback(at) && isLoopback(new URL(origin));
  if (!isOwn && (at.protocol !== 'https:' || isLoopback(at))) return failed('it is not behind https');
  const clock = AbortSignal.timeout(WAIT_MS);
  try {
    const response = await send(at, {
      redirect: 'error',
      signal: signal === undefined ? clock : AbortSignal.any([clock, signal]),
    });
    if (!response.ok) return failed(`its store answers ${response.status}`);
    const bytes = await bytesOf(response);
    if (bytes === null) return failed(`it is larger than ${MOST_BYTES} bytes`);
    return isPacked(at, response) ? unsnapped(bytes, MOST_BYTES).toString('utf8') : bytes.toString('utf8');
  } catch (error) {
    signal?.throwIfAborted();
    return failed((error as Error).message);
  }
}

const isPacked = ({ pathname }: URL, { headers }: Response): boolean =>
  pathname.endsWith('.sn') || headers.get('content-type') === 'application/x-snappy';

async function bytesOf({ body }: Response): Promise<Buffer | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > MOST_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
