/** Results of osquery beside the rules of the company, as one collection of devices. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { type ExportFile, isRecord, type Json, textIn } from '../answer.ts';
import { type ExportRead, type ExportRequest, type ExportScope, observationOf } from '../export.ts';
import { type ListingGap, listingGap } from '../listing.ts';
import { columnMissing, MAPPING, mappedIn, refused } from '../mapping.ts';
import { readOf } from '../reading.ts';
import { listOf, unobserved } from '../statement.ts';
import { tableOf } from '../table.ts';
import { DEVICES } from './description.ts';
import { resultsIn } from './results.ts';
import {
  cell,
  type Host,
  outcomesOf,
  platformOf,
  type QueriedTable,
  type Rules,
  rulesSchema,
  TABLES,
} from './rules.ts';

const column = z.string().min(1);
const mappingSchema = z.strictObject({
  directory: z.string().min(1),
  rules: rulesSchema,
  devices: z.strictObject({ serial: column, directory: column, device_id: column }).optional(),
});
type Mapping = z.infer<typeof mappingSchema>;

interface Result {
  readonly rows: readonly Json[];
  readonly at: number;
}

type Hosts = Map<string, Map<QueriedTable, Result>>;

export function readOsquery(request: ExportRequest): ExportRead {
  const mapped = mappedIn(request, 'osquery', mappingSchema, ({ directory }) => directory);
  if ('mistakes' in mapped) return mapped;
  const { mapping, scope } = mapped;
  const registered = registeredIn(request.files, mapping);
  if ('why' in registered) return refused(DEVICES, registered.why);
  const hosts: Hosts = new Map();
  const gaps: ListingGap[] = [];
  const notes: string[] = [];
  for (const file of request.files.filter(({ path }) => path !== MAPPING && path !== DEVICES))
    read(file, { hosts, gaps, notes, takenAt: request.takenAt.getTime() / 1000 });
  const observations = new Map<string, Observation>();
  for (const [host, results] of hosts) {
    const device = deviceOf(scope, results, { mapping, registered: registered.ids });
    if ('why' in device) gaps.push(listingGap('id-missing', 'incomplete', `${host} ${device.why}`));
    else if (observations.has(device.id))
      gaps.push(
        listingGap(
          'answers-disagree',
          'disputed',
          `${host} and another host are one device by their ids; give each its own \`uuid\``,
        ),
      );
    else observations.set(device.id, device);
  }
  return readOf({
    scope,
    listed: [{ kind: 'device', observations: [...observations.values()], gaps: [...gaps, UNLISTED] }],
    notes,
  });
}

const UNLISTED: ListingGap = listingGap(
  'hosts-unknown',
  'incomplete',
  'a fleet of osquery knows the devices that reported and no others; collect the directory or the management of devices too',
);

interface Into {
  readonly hosts: Hosts;
  readonly gaps: ListingGap[];
  readonly notes: string[];
  /** In seconds since 1970, for rows without a time. */
  readonly takenAt: number;
}

function read(file: ExportFile, { hosts, gaps, notes, takenAt }: Into): void {
  const found = resultsIn(file);
  const wrong = new Set<string>('why' in found ? [found.why] : []);
  const others = new Set<string>();
  const parts = file.path.replace(/\.json$/i, '').split('/');
  for (const { host, query, at, rows } of 'why' in found ? [] : found.results) {
    const place = host ?? parts.slice(0, -1).join('/');
    const called = query ?? parts.at(-1) ?? '';
    const table = tableIn(called);
    if (table === undefined) others.add(called);
    else if (place === '')
      wrong.add('does not say of which host it is; save it in a folder with the name of the host');
    else if (!rows.every(isRecord))
      wrong.add(`holds rows of \`${table}\` that are no records; save it again`);
    else {
      const own = hosts.get(place) ?? new Map<QueriedTable, Result>();
      hosts.set(place, own);
      const before = own.get(table);
      const time = at ?? takenAt;
      if (before === undefined || before.at <= time)
        own.set(table, { rows: rows.filter(isRecord), at: time });
    }
  }
  for (const why of wrong) gaps.push(listingGap('answer-unreadable', 'failed', `${file.path} ${why}`));
  for (const query of others)
    notes.push(`\`${query}\` in ${file.path} is not used: it ends in the name of no table that is read`);
}

/** Whoever schedules a query calls it as they like, such as `pack_base_os_version`. */
const tableIn = (query: string): QueriedTable | undefined =>
  TABLES.find(
    (one) => query === one || (/[^a-z0-9]$/i.test(query.slice(0, -one.length)) && query.endsWith(one)),
  );

/** Serial number → the id of a directory and of the device in it. */
type Registered = ReadonlyMap<string, readonly string[]>;

function registeredIn(
  files: readonly ExportFile[],
  { devices }: Mapping,
): { readonly ids: Registered } | { readonly why: string } {
  if (devices === undefined) return { ids: new Map() };
  const file = files.find(({ path }) => path === DEVICES);
  if (file === undefined) return { why: `is not there, and ${MAPPING} describes it; save it` };
  const table = tableOf(file);
  if ('why' in table) return table;
  const missing = columnMissing(DEVICES, table.columns, Object.values(devices));
  if (missing !== null) return { why: missing };
  const ids = new Map<string, readonly string[]>();
  for (const { record, file: place } of table.rows) {
    const [serial, ...id] = [devices.serial, devices.directory, devices.device_id].map(
      (name) => record[name],
    );
    const texts = id.filter((one) => typeof one === 'string');
    if (typeof serial !== 'string' || texts.length < 2)
      return { why: `has a row without an id or a serial number (${place}); fill it in, or take it out` };
    if (ids.has(serial)) return { why: `has ${serial} twice; keep one row for each device` };
    ids.set(serial, texts);
  }
  return { ids };
}

interface Known {
  readonly mapping: Mapping;
  readonly registered: Registered;
}

function deviceOf(
  scope: ExportScope,
  results: ReadonlyMap<QueriedTable, Result>,
  { mapping, registered }: Known,
): Observation | { readonly why: string } {
  const host: Host = { rows: (table) => results.get(table)?.rows ?? null };
  const [info] = host.rows('system_info') ?? [];
  const uuid = cell(info, 'uuid');
  if (info === undefined || uuid === null)
    return { why: 'says no `uuid` of `system_info`; schedule `select * from system_info` as a snapshot' };
  const serial = cell(info, 'hardware_serial');
  const [directory = scope.directory, id = uuid.toLowerCase()] =
    (serial === null ? undefined : registered.get(serial)) ?? [];
  const { hostname } = info;
  const platform = platformOf(host);
  const name = textIn(hostname) ?? id;
  return observationOf(scope, {
    kind: 'device',
    key: [directory, id],
    name,
    attributes: {
      directory: { value: directory },
      device_id: { value: id },
      hostname:
        typeof hostname !== 'string'
          ? unobserved('`hostname` is not among the columns of `system_info`; select all')
          : hostname === ''
            ? { absent: true }
            : { value: hostname },
      platform:
        platform === null
          ? unobserved(
              'no result says a `platform` of `os_version` that is known; schedule `select * from os_version` as a snapshot',
            )
          : { value: platform },
      ...evaluated(host, results, mapping.rules),
    },
    assurance: 'effective',
  });
}

function evaluated(
  host: Host,
  results: ReadonlyMap<QueriedTable, Result>,
  rules: Rules,
): Readonly<Record<'compliant' | 'evaluated_at' | 'broken_rules', Statement>> {
  const outcomes = outcomesOf(host, rules);
  const broken = outcomes.flatMap(([rule, outcome]) => ('isMet' in outcome && !outcome.isMet ? [rule] : []));
  const [unknown] = outcomes.flatMap(([rule, outcome]) =>
    'why' in outcome ? [`whether it meets \`${rule}\` is not known: ${outcome.why}`] : [],
  );
  const tables = outcomes.flatMap(([, outcome]) => ('isMet' in outcome ? outcome.needs : []));
  const times = tables.flatMap((table) => results.get(table)?.at ?? []);
  return {
    compliant:
      broken.length > 0 ? { value: false } : unknown === undefined ? { value: true } : unobserved(unknown),
    evaluated_at:
      times.length === 0
        ? unobserved(
            'no result decides a rule, so it was not evaluated; schedule the tables that the rules need',
          )
        : { value: new Date(Math.min(...times) * 1000).toISOString() },
    broken_rules: listOf(broken, unknown),
  };
}
