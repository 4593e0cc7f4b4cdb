/**
 * Certificates and private keys of several security boundaries, each by its digest, so that what stands in two boundaries shows. A file says which places
 * lie in which boundary; nothing else can know.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  assetId,
  type Collection,
  type Observation,
  type Problem,
  type Statement,
} from '@macadam/core/facts/observation';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';
import { z } from 'zod';
import type { CollectRequest, Progress } from '../port.ts';
import { emptyFound, type Found, keyDigestOf, readEndpoint, readPath } from './places.ts';

const placeSchema = z
  .strictObject({
    /** A file or a folder, from the folder of this file. */
    path: z.string().min(1).optional(),
    /** `host:port` */
    tls: z
      .string()
      .regex(/^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i, 'is not like 127.0.0.1:8443')
      .optional(),
    /** Name of the environment variable with the password of the stores there. */
    password_env: z.string().min(1).optional(),
  })
  .refine(({ path, tls }) => (path === undefined) !== (tls === undefined), {
    message: 'give either `path` or `tls`',
  });
const fileSchema = z.strictObject({
  boundaries: z.record(z.string().min(1).max(200), z.array(placeSchema).min(1)),
});
type Place = z.infer<typeof placeSchema>;

export interface BoundaryPlaces {
  readonly boundary: string;
  readonly found: Found;
}

/** Throws TypeError where the file cannot be read or is not written as it must be. */
function boundariesIn(file: string): Readonly<Record<string, readonly Place[]>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new TypeError(`${file}: ${error instanceof Error ? error.message : error}`);
  }
  const read = readDocument(text, file, fileSchema);
  if ('mistakes' in read) throw new TypeError(read.mistakes.map(describeFileDiagnostic).join('\n'));
  return read.value.boundaries;
}

/** Everything that stands in the places of a file of boundaries, in the order in which it names them. */
export async function readBoundaries(
  file: string,
  {
    environment,
    report,
  }: Pick<CollectRequest, 'environment'> & { readonly report: (progress: Progress) => void },
): Promise<readonly BoundaryPlaces[]> {
  const boundaries = Object.entries(boundariesIn(file));
  const read: BoundaryPlaces[] = [];
  for (const [index, [boundary, places]] of boundaries.entries()) {
    report({ name: boundary, done: index, total: boundaries.length });
    const found = emptyFound();
    for (const { path, tls, password_env: variable } of places) {
      const password = variable === undefined ? undefined : environment[variable];
      if (variable !== undefined && password === undefined)
        found.problems.push({ place: path ?? tls ?? '', why: `${variable} is not set`, cause: 'forbidden' });
      if (path !== undefined) readPath(found, resolve(dirname(file), path), { place: path, password });
      else if (tls !== undefined) await readEndpoint(found, tls);
    }
    read.push({ boundary, found });
  }
  return read;
}

interface Registration {
  readonly id: string;
  readonly boundary: string;
}

interface Credential {
  readonly id: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, Statement>>;
  readonly registrations: Registration[];
}

/** By digest: a certificate, or a private key. Of the certificates of an authority only those whose key stands beside them; others are what somebody trusts. */
export function credentialsOf(
  boundaries: readonly BoundaryPlaces[],
  now: Date,
): ReadonlyMap<string, Credential> {
  const credentials = new Map<string, Credential>();
  const add = (
    id: string,
    registration: Registration,
    make: () => Omit<Credential, 'id' | 'registrations'>,
  ) => {
    const own = credentials.get(id) ?? { id, ...make(), registrations: [] };
    credentials.set(id, own);
    if (
      !own.registrations.some((one) => one.id === registration.id && one.boundary === registration.boundary)
    )
      own.registrations.push(registration);
  };
  for (const { boundary, found } of boundaries) {
    const held = new Set(found.keys.map(({ digest }) => digest));
    for (const { certificate, place, isShown } of found.certificates) {
      if (certificate.ca && !isShown && !held.has(keyDigestOf(certificate))) continue;
      const thumbprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
      add(thumbprint, { id: place, boundary }, () => ({
        name: certificate.subject.split('\n').at(-1) ?? thumbprint,
        attributes: {
          type: { value: 'certificate' },
          thumbprint: { value: thumbprint },
          state: { value: certificate.validToDate < now ? 'expired' : 'active' },
          issued_at: { value: certificate.validFromDate.toISOString() },
          expires_at: { value: certificate.validToDate.toISOString() },
        },
      }));
    }
    for (const { digest, place } of found.keys)
      add(`key-${digest}`, { id: place, boundary }, () => ({
        name: `private key ${digest.slice(0, 16)}`,
        attributes: {
          type: { value: 'private_key' },
          thumbprint: { absent: true },
          state: { value: 'active' },
          expires_at: { absent: true },
        },
      }));
  }
  return credentials;
}

/** What is said of a credential. It was issued for the boundary that the file names first among those where it stands: no certificate says for which. */
export function observationOf(
  { id, name, attributes, registrations }: Credential,
  of: { readonly store: string; readonly isWhole: boolean; readonly now: string },
): Observation {
  const { store, isWhole, now } = of;
  return {
    kind: 'credential',
    id: assetId('credential', [store, id]),
    name,
    source: 'certificates',
    estate: store,
    observedAt: now,
    receivedAt: now,
    assurance: 'configured',
    attributes: {
      store: { value: store },
      credential_id: { value: id },
      boundary: { value: registrations[0]?.boundary ?? '' },
      ...attributes,
      registrations: {
        value: registrations.map((one) => ({ id: one.id, boundary: one.boundary })),
        complete: isWhole,
      },
      found_in: {
        value: registrations.map((one) => ({ place: one.id, boundary: one.boundary })),
        complete: isWhole,
      },
    },
  };
}

function problemsOf(boundaries: readonly BoundaryPlaces[]): readonly Problem[] {
  return boundaries.flatMap(({ boundary, found }) =>
    found.problems.map(({ place, why, cause }) => ({
      code: 'place-unread',
      cause,
      message: `${place} in ${boundary}: ${why}`,
      remedy:
        cause === 'forbidden'
          ? 'let the file name the password by `password_env`, or give the right to read it'
          : 'mend the file or the address, or take the place out',
    })),
  );
}

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  if (request.targets.length === 0)
    throw new TypeError('the certificates source needs a file that says which places lie in which boundary');
  const now = request.now();
  const startedAt = now.toISOString();
  const partitions: Collection['partitions'][number][] = [];
  const problems: Problem[] = [];
  for (const file of request.targets) {
    const { environment } = request;
    const boundaries = await readBoundaries(file, { environment, report });
    const own = problemsOf(boundaries);
    const isWhole = own.length === 0;
    const store = resolve(file);
    const credentials = credentialsOf(boundaries, now);
    for (const credential of credentials.values())
      emit(observationOf(credential, { store, isWhole, now: startedAt }));
    problems.push(...own);
    const [first] = own;
    partitions.push({
      kind: 'credential',
      container: store,
      containerName: file,
      estate: store,
      complete: isWhole,
      witness: { id: 'listing', count: credentials.size },
      seen: credentials.size,
      ...(first && { cause: first.cause, why: first.message, remedy: first.remedy ?? '' }),
    });
  }
  return {
    source: 'certificates',
    query: request.targets.join(' '),
    startedAt,
    finishedAt: request.now().toISOString(),
    status: problems.length === 0 ? 'complete' : 'incomplete',
    partitions,
    problems,
  };
}
