/**
 * Certificates and private keys of several security boundaries, each by its digest, so that what stands in two boundaries shows. A file says which places
 * lie in which boundary; nothing else can know.
 */
import { hash, type X509Certificate } from 'node:crypto';
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
import { unobserved } from '../../imports/directories/statement.ts';
import type { CollectRequest, Progress } from '../port.ts';
import {
  type Asking,
  accountInventory,
  clusterInventory,
  savedInventory,
  vaultPlaceInventory,
} from './inventories.ts';
import { emptyFound, type Found, keyDigestOf, readEndpoint, readPath, takeInventory } from './places.ts';

const variable = z.string().min(1);
const url = z
  .string()
  .regex(/^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$))/, 'is not https');
/** By the field that says what a place is. */
const SHAPES = {
  path: z.strictObject({
    /** A file or a folder, from the folder of this file. */
    path: z.string().min(1),
    /** Name of the environment variable with the password of the stores there. */
    password_env: variable.optional(),
  }),
  tls: z.strictObject({
    /** `host:port` */
    tls: z.string().regex(/^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i, 'is not like 127.0.0.1:8443'),
  }),
  inventory: z.strictObject({
    /** Whose answers were saved in the folder or file. */
    inventory: z.enum(['aws', 'aws-config', 'azure', 'kubernetes', 'osquery']),
    path: z.string().min(1),
    namespace: z.string().min(1).optional(),
  }),
  aws: z.strictObject({
    aws: z.string().regex(/^\d{12}$/, 'is not the id of an account, which has 12 digits'),
    role: z.string().min(1).optional(),
    regions: z.array(z.string().min(1)).min(1).optional(),
    home: z.string().min(1).optional(),
    identity: z.literal('machine').optional(),
    url: url.optional(),
  }),
  cluster: z.strictObject({ cluster: url, namespace: z.string().min(1).optional(), token_env: variable }),
  vault: z.strictObject({ vault: url, token_env: variable }),
};
type Sort = keyof typeof SHAPES;
type Place = z.infer<(typeof SHAPES)[Sort]>;

/** An inventory has a path of its own. */
function sortOf(place: object): Sort | null {
  const sorts = (Object.keys(SHAPES) as Sort[]).filter((one) => Object.hasOwn(place, one));
  const told = sorts.filter((one) => one !== 'path' || !sorts.includes('inventory'));
  const [sort] = told;
  return told.length === 1 && sort !== undefined ? sort : null;
}

const placeSchema = z.looseObject({}).transform((place, context): Place => {
  const sort = sortOf(place);
  if (sort === null) {
    context.addIssue('give one of `path`, `tls`, `inventory` with `path`, `aws`, `cluster`, `vault`');
    return z.NEVER;
  }
  const read = SHAPES[sort].safeParse(place);
  if (read.success) return read.data;
  for (const { path, message } of read.error.issues) context.addIssue({ code: 'custom', path, message });
  return z.NEVER;
});
const fileSchema = z.strictObject({
  boundaries: z.record(z.string().min(1).max(200), z.array(placeSchema).min(1)),
});

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
  { report, ...asking }: Asking & { readonly report: (progress: Progress) => void },
): Promise<readonly BoundaryPlaces[]> {
  const boundaries = Object.entries(boundariesIn(file));
  const read: BoundaryPlaces[] = [];
  for (const [index, [boundary, places]] of boundaries.entries()) {
    report({ name: boundary, done: index, total: boundaries.length });
    const found = emptyFound();
    for (const place of places) await readPlace(found, place, { folder: dirname(file), asking });
    read.push({ boundary, found });
  }
  return read;
}

async function readPlace(
  found: Found,
  place: Place,
  { folder, asking }: { readonly folder: string; readonly asking: Asking },
): Promise<void> {
  if ('tls' in place) return readEndpoint(found, place.tls);
  if ('aws' in place) return takeInventory(found, place.aws, await accountInventory(place, asking));
  if ('cluster' in place) return takeInventory(found, place.cluster, await clusterInventory(place, asking));
  if ('vault' in place) return takeInventory(found, place.vault, await vaultPlaceInventory(place, asking));
  if ('inventory' in place) {
    const inventory = savedInventory(resolve(folder, place.path), place, place.path);
    return takeInventory(found, place.path, inventory);
  }
  const { path, password_env: name } = place;
  const password = name === undefined ? undefined : asking.environment[name];
  if (name !== undefined && password === undefined)
    found.problems.push({ place: path, why: `${name} is not set`, cause: 'forbidden' });
  readPath(found, resolve(folder, path), { place: path, password });
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

const thumbprintOf = ({ fingerprint256 }: X509Certificate): string =>
  fingerprint256.replaceAll(':', '').toLowerCase();

function stateOf(end: Date, isRevoked: boolean, now: Date): string {
  if (isRevoked) return 'revoked';
  return end < now ? 'expired' : 'active';
}

/** What is written in a certificate tells it from every other: its authority gives no number twice. */
function writingOf(serial: string, notBefore: string, notAfter: string, name: string): string {
  const number = serial.replaceAll(':', '').toLowerCase().replace(/^0+/, '');
  const dates = [notBefore, notAfter].map((time) => Math.floor(Date.parse(time) / 1000));
  return hash('sha256', [number, ...dates, name.toLowerCase()].join('\n'));
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
  const certificates = boundaries.flatMap(({ found }) => found.certificates);
  const revoked = new Set(
    certificates.flatMap((one) => (one.isRevoked ? [thumbprintOf(one.certificate)] : [])),
  );
  const known = new Map(
    certificates.flatMap(({ certificate }) => {
      const { serialNumber, validFromDate, validToDate, subject } = certificate;
      const name = /^CN=(.*)$/m.exec(subject)?.[1] ?? '';
      const dates = [validFromDate, validToDate].map((one) => one.toISOString());
      const thumbprint = thumbprintOf(certificate);
      return [
        [writingOf(serialNumber, ...(dates as [string, string]), name), thumbprint] as const,
        [certificate.fingerprint.replaceAll(':', '').toLowerCase(), thumbprint] as const,
      ];
    }),
  );
  for (const { boundary, found } of boundaries) {
    const held = new Set(found.keys.map(({ digest }) => digest));
    for (const { certificate, place, isShown } of found.certificates) {
      if (certificate.ca && !isShown && !held.has(keyDigestOf(certificate))) continue;
      const thumbprint = thumbprintOf(certificate);
      add(thumbprint, { id: place, boundary }, () => ({
        name: certificate.subject.split('\n').at(-1) ?? thumbprint,
        attributes: {
          type: { value: 'certificate' },
          thumbprint: { value: thumbprint },
          state: { value: stateOf(certificate.validToDate, revoked.has(thumbprint), now) },
          issued_at: { value: certificate.validFromDate.toISOString() },
          expires_at: { value: certificate.validToDate.toISOString() },
        },
      }));
    }
    for (const one of found.described) {
      const writing = writingOf(one.serial, one.notBefore, one.notAfter, one.name);
      add(
        known.get(one.sha1 ?? writing) ?? known.get(writing) ?? `written-${writing}`,
        { id: one.place, boundary },
        () => ({
          name: one.name,
          attributes: {
            type: { value: 'certificate' },
            thumbprint: unobserved(
              `the inventory keeps what is written in ${one.place}, and not the certificate; let the file of boundaries name a place that has it`,
            ),
            state: { value: stateOf(new Date(one.notAfter), one.isRevoked, now) },
            issued_at: { value: new Date(one.notBefore).toISOString() },
            expires_at: { value: new Date(one.notAfter).toISOString() },
          },
        }),
      );
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
    found.problems.map(({ place, why, cause, remedy }) => ({
      code: 'place-unread',
      cause,
      message: `${place} in ${boundary}: ${why}`,
      remedy:
        remedy ??
        (cause === 'forbidden'
          ? 'let the file name the password by `password_env`, or give the right to read it'
          : 'fix the file or the address, or take the place out'),
    })),
  );
}

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  return collectBy({}, request, { emit, report });
}

/** `means`: how clouds are asked, where something stands for them. */
export async function collectBy(
  means: Pick<Asking, 'load' | 'vaultAt'>,
  request: CollectRequest,
  {
    emit,
    report,
  }: {
    readonly emit: (observation: Observation) => void;
    readonly report: (progress: Progress) => void;
  },
): Promise<Collection> {
  if (request.targets.length === 0)
    throw new TypeError('the certificates source needs a file that says which places lie in which boundary');
  const now = request.now();
  const startedAt = now.toISOString();
  const partitions: Collection['partitions'][number][] = [];
  const problems: Problem[] = [];
  for (const file of request.targets) {
    const { environment, signal } = request;
    const boundaries = await readBoundaries(file, { ...means, environment, signal, report });
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
