/** Events of a central store beside the list of what should be there: which streams arrive, and what writes the events of a service. */
import { parseDurationWithDays } from '@macadam/core/cel/runtime/time';
import type { Observation, Statement, Value } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { documentsOf, type ExportFile, isRecord, type Json } from '../answer.ts';
import { type ExportRead, type ExportRequest, type ExportScope, observationOf } from '../export.ts';
import { type ListingGap, listingGap } from '../listing.ts';
import { fileOf, MAPPING, mappedIn, refused, unusedIn } from '../mapping.ts';
import { readOf } from '../reading.ts';
import { timestamp, unobserved } from '../statement.ts';
import { EVENTS } from './description.ts';

const text = z.string().min(1);
const where = z.record(text, z.union([z.string(), z.number(), z.boolean()]));
const mappingSchema = z.strictObject({
  store: text,
  window: text.refine(
    (value) => parseDurationWithDays(value) !== null,
    'is not a length of time such as 168h',
  ),
  streams: z
    .array(
      z.strictObject({
        asset: text,
        kind: text,
        stream: text,
        environment: z.enum(['production', 'government', 'productivity', 'development', 'test']),
        since: text.refine((value) => timeIn(value) !== null, 'is no day such as 2026-10-01'),
        where,
      }),
    )
    .default([]),
  services: z
    .array(
      z.strictObject({
        catalogue: text,
        service_id: text,
        where,
        operations: z.array(z.strictObject({ name: text, class_uid: z.int(), activity_id: z.int() })),
      }),
    )
    .default([]),
  library: z.strictObject({ name: text, supported: z.array(text).min(1) }),
});
type Mapping = z.infer<typeof mappingSchema>;

const timeIn = (value: string): string | null => timestamp(value) ?? timestamp(`${value}T00:00:00Z`);

const DAY_MS = 86_400_000;

export function readLogStore(request: ExportRequest): ExportRead {
  const read = mappedIn(request, 'log-store', mappingSchema, ({ store }) => store);
  if ('mistakes' in read) return read;
  const { mapping, scope } = read;
  const file = fileOf(request, EVENTS);
  if (file === undefined)
    return refused(request.folder, `holds no ${EVENTS}; save the events under that name`);
  const events = eventsIn(file, request.takenAt);
  if (typeof events === 'string') return refused(EVENTS, events);
  const streams = mapping.streams.map((stream) => streamOf(scope, stream, mapping.window, events));
  const services = mapping.services.map((service) => serviceOf(scope, service, mapping.library, events));
  const unlisted = events.filter(
    (event) => ![...mapping.streams, ...mapping.services].some((one) => fits(event, one.where)),
  ).length;
  return readOf({
    scope,
    listed: [
      ...(streams.length === 0
        ? []
        : [{ kind: 'log-source', observations: streams, gaps: unlisted === 0 ? [] : [notListed(unlisted)] }]),
      ...(services.length === 0 ? [] : [{ kind: 'service', observations: services, gaps: [] }]),
    ],
    notes: unusedIn(request.files, EVENTS, MAPPING),
  });
}

/** What sends without being expected shows that the list of streams is not whole. */
const notListed = (events: number): ListingGap =>
  listingGap(
    'stream-unlisted',
    'incomplete',
    `${events} events are of no stream and no service that ${MAPPING} lists; list what sends them`,
  );

/** All events by their time; or why they cannot be read. */
function eventsIn(file: ExportFile, takenAt: Date): readonly Json[] | string {
  const records = documentsOf(file);
  if ('why' in records) return records.why;
  const events: Json[] = [];
  for (const [index, event] of records.entries()) {
    if (!isRecord(event) || !isTime(event.time))
      return `has no \`time\` in event ${index + 1}; write milliseconds since 1970`;
    if (Number(event.time) > takenAt.getTime())
      return `has event ${index + 1} after the export was taken; set the clock of its sender right`;
    events.push(event);
  }
  return events.toSorted((one, other) => Number(one.time) - Number(other.time));
}

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 253_402_300_800_000;

/** A field inside of an event, by its names with dots between. */
const fieldOf = (event: Json, path: string): unknown =>
  path.split('.').reduce<unknown>((inside, name) => (isRecord(inside) ? inside[name] : undefined), event);

const fits = (event: Json, wanted: z.infer<typeof where>): boolean =>
  Object.entries(wanted).every(([path, value]) => fieldOf(event, path) === value);

const timeOf = (event: Json): string => new Date(Number(event.time)).toISOString();

function streamOf(
  scope: ExportScope,
  stream: Mapping['streams'][number],
  window: string,
  events: readonly Json[],
): Observation {
  const own = events.filter((event) => fits(event, stream.where));
  const newest = own.at(-1);
  return observationOf(scope, {
    kind: 'log-source',
    key: [stream.asset, stream.stream],
    name: `${stream.stream} of ${stream.asset}`,
    assurance: 'effective',
    attributes: {
      asset: { value: stream.asset },
      stream: { value: stream.stream },
      asset_kind: { value: stream.kind },
      environment: { value: stream.environment, assurance: 'attested' },
      expected_since: { value: timeIn(stream.since) ?? '', assurance: 'attested' },
      last_event_at: newest === undefined ? { absent: true, window } : { value: timeOf(newest), window },
      delay: delayOf(own, Date.parse(scope.takenAt)),
      standard_format:
        newest === undefined
          ? unobserved('no event of it came, so nobody knows how it is written')
          : { value: own.every(isWhole) },
    },
  });
}

/** As 95 of 100 events of the last day kept it. */
function delayOf(events: readonly Json[], takenAt: number): Statement {
  const recent = events.filter((event) => takenAt - Number(event.time) <= DAY_MS);
  if (recent.length === 0) return { absent: true };
  const delays = recent.flatMap((event) => {
    const logged = fieldOf(event, 'metadata.logged_time');
    return isTime(logged) ? [Math.max(0, logged - Number(event.time))] : [];
  });
  if (delays.length < recent.length)
    return unobserved(
      `${recent.length - delays.length} of ${recent.length} events of the last day do not say when the store took them in; let it write \`metadata.logged_time\``,
    );
  const sorted = delays.toSorted((one, other) => one - other);
  return { value: `${(sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0) / 1000}s` };
}

/** What OCSF asks of every event, whatever its class. */
const isWhole = (event: Json): boolean =>
  ['class_uid', 'category_uid', 'activity_id', 'type_uid', 'severity_id'].every((name) =>
    Number.isInteger(event[name]),
  ) &&
  typeof fieldOf(event, 'metadata.version') === 'string' &&
  isRecord(fieldOf(event, 'metadata.product')) &&
  Number(event.type_uid) === Number(event.class_uid) * 100 + Number(event.activity_id);

function serviceOf(
  scope: ExportScope,
  service: Mapping['services'][number],
  library: Mapping['library'],
  events: readonly Json[],
): Observation {
  const { catalogue, service_id: id } = service;
  const own = events.filter((event) => fits(event, service.where));
  const versions = new Set<string>();
  const operations = service.operations.map(({ name, class_uid, activity_id }): Value => {
    const newest = own.findLast(
      (event) => event.class_uid === class_uid && event.activity_id === activity_id,
    );
    if (newest === undefined)
      return {
        name,
        logged_by: unobserved(
          `no event of \`${name}\` came, and nobody says whether it ran; carry it out once`,
        ),
      };
    if (fieldOf(newest, 'metadata.product.name') !== library.name) return { name, logged_by: 'own_code' };
    versions.add(String(fieldOf(newest, 'metadata.product.version')));
    return { name, logged_by: 'standard_library' };
  });
  const isSupported = (version: string) =>
    library.supported.some((beginning) => version.startsWith(beginning));
  return observationOf(scope, {
    kind: 'service',
    key: [catalogue, id],
    name: id,
    assurance: 'effective',
    attributes: {
      catalogue: { value: catalogue },
      service_id: { value: id },
      security_operations: { value: operations, complete: true },
      audit_library_supported:
        versions.size === 0 ? { absent: true } : { value: [...versions].every(isSupported) },
    },
  });
}
