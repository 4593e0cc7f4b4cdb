/** The tables of an inventory: which columns each may name in the mapping, what makes a row one thing, and what a row says of it. */
import type { Statement, Value } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { oneOf, yesOrNo } from '../mapping.ts';
import { type Item, inner, unobserved } from '../statement.ts';
import { dayIn, filledIn, nothingUnder } from '../table.ts';
import { column, environment, environmentOf, meantOr, noColumn, partsOf, several, values } from './cells.ts';
import { APPLICATIONS, CONNECTIONS, DEVICES, NETWORK_DEVICES, SERVICES } from './description.ts';
import { type Discovered, discovery, recordedOf } from './discovery.ts';
import { review, reviewOf } from './reviews.ts';

const common = { name: column.optional(), owners: several.optional(), environment: environment.optional() };

export const services = {
  ...common,
  dns_names: several.optional(),
  customer_facing: z.strictObject({ column, yes: values, no: values }).optional(),
};

const networkDevices = z.strictObject({
  ...common,
  serial: column,
  hostname: column.optional(),
  site: column.optional(),
  firmware: z
    .strictObject({
      model: column,
      version: column,
      supported_until: column.optional(),
      approved: z.record(z.string(), z.array(z.string()).readonly()),
    })
    .optional(),
  access_list: z.strictObject({ baseline: column, deviations: several, none: z.string().min(1) }).optional(),
  discovered: discovery.optional(),
});

const applications = z.strictObject({
  ...common,
  directory: column,
  client_id: column,
  emergency_contact: z.strictObject({ reach: column, confirmed_at: column }).optional(),
});

const devices = z.strictObject({
  ...common,
  directory: column,
  device_id: column,
  profile: z.strictObject({ column, locked_down: values, standard: values, unmanaged: values }).optional(),
});

const connections = z.strictObject({
  ...common,
  network: column,
  connection_id: column,
  review: review.optional(),
});

export const mappingSchema = z.strictObject({
  catalogue: z.string().min(1),
  service_id: column.optional(),
  ...services,
  network_devices: networkDevices.optional(),
  applications: applications.optional(),
  devices: devices.optional(),
  network_connections: connections.optional(),
});
export type Mapping = z.infer<typeof mappingSchema>;

/** One table that the mapping describes. */
export interface Table {
  readonly kind: string;
  readonly file: string;
  /** Every column that the mapping names. */
  readonly columns: readonly (string | undefined)[];
  /** Columns that make a row one thing, in the order of the key. */
  readonly key: readonly string[];
  /** Whether the catalogue itself is the first part of the key. */
  readonly isOwn: boolean;
  readonly name: string | undefined;
  /** `rows`: all of the table. */
  readonly attributes: (
    item: Item,
    key: readonly string[],
    rows: readonly Item[],
  ) => Readonly<Record<string, Statement>>;
}

/** Those that the mapping describes, in the order in which they are read. */
export function tablesOf(mapping: Mapping, discovered: Discovered): readonly Table[] {
  return [
    ...(mapping.service_id === undefined ? [] : [servicesTable(mapping, mapping.service_id)]),
    ...(mapping.network_devices === undefined
      ? []
      : [networkTable(mapping.catalogue, mapping.network_devices, discovered)]),
    ...(mapping.applications === undefined ? [] : [applicationTable(mapping.applications)]),
    ...(mapping.devices === undefined ? [] : [deviceTable(mapping.devices)]),
    ...(mapping.network_connections === undefined ? [] : [connectionTable(mapping.network_connections)]),
  ];
}

type Common = Pick<Mapping, 'name' | 'owners' | 'environment'>;

const columnsOf = (given: Common) => [given.name, given.owners?.column, given.environment?.column];

const ownersAndPlace = (item: Item, given: Common) => ({
  owners: partsOf(item, given.owners, 'owners'),
  environment: environmentOf(item, given.environment),
});

function servicesTable(mapping: Mapping, id: string): Table {
  const { catalogue, dns_names, customer_facing: facing } = mapping;
  return {
    kind: 'service',
    file: SERVICES,
    columns: [id, ...columnsOf(mapping), dns_names?.column, facing?.column],
    key: [id],
    isOwn: true,
    name: mapping.name,
    attributes: (item, [service = '']) => ({
      catalogue: { value: catalogue },
      service_id: { value: service },
      ...ownersAndPlace(item, mapping),
      dns_names: partsOf(item, dns_names, 'dns_names'),
      customer_facing: meantOr(item, facing?.column, yesOrNo(facing ?? {}), 'customer_facing'),
    }),
  };
}

function networkTable(
  catalogue: string,
  given: z.infer<typeof networkDevices>,
  discovered: Discovered,
): Table {
  const { serial, hostname, site, firmware, access_list: list } = given;
  return {
    kind: 'network-device',
    file: NETWORK_DEVICES,
    columns: [
      serial,
      ...columnsOf(given),
      hostname,
      site,
      firmware?.model,
      firmware?.version,
      firmware?.supported_until,
      list?.baseline,
      list?.deviations.column,
    ],
    key: [serial],
    isOwn: true,
    name: given.name ?? hostname,
    attributes: (item, [number = '']) => ({
      inventory: { value: catalogue },
      serial: { value: number },
      ...ownersAndPlace(item, given),
      hostname: cellOf(item, hostname, 'hostname'),
      site: cellOf(item, site, 'site'),
      recorded: recordedOf(number, discovered),
      firmware: firmwareOf(item, firmware),
      access_list: accessListOf(item, list),
    }),
  };
}

function applicationTable(given: z.infer<typeof applications>): Table {
  const { directory, client_id, emergency_contact: contact } = given;
  return {
    kind: 'application',
    file: APPLICATIONS,
    columns: [directory, client_id, ...columnsOf(given), contact?.reach, contact?.confirmed_at],
    key: [directory, client_id],
    isOwn: false,
    name: given.name,
    attributes: (item, [of = '', id = '']) => ({
      directory: { value: of },
      client_id: { value: id },
      ...ownersAndPlace(item, given),
      emergency_contact: contactOf(item, contact),
    }),
  };
}

function deviceTable(given: z.infer<typeof devices>): Table {
  const { directory, device_id, profile } = given;
  return {
    kind: 'device',
    file: DEVICES,
    columns: [directory, device_id, ...columnsOf(given), profile?.column],
    key: [directory, device_id],
    isOwn: false,
    name: given.name,
    attributes: (item, [of = '', id = '']) => ({
      directory: { value: of },
      device_id: { value: id },
      ...ownersAndPlace(item, given),
      profile: meantOr(
        item,
        profile?.column,
        oneOf(profile ?? {}, ['locked_down', 'standard', 'unmanaged']),
        'profile',
      ),
    }),
  };
}

function connectionTable(given: z.infer<typeof connections>): Table {
  const { network, connection_id, review: reviewed } = given;
  return {
    kind: 'network-connection',
    file: CONNECTIONS,
    columns: [
      network,
      connection_id,
      ...columnsOf(given),
      reviewed?.at,
      reviewed?.reviewer,
      reviewed?.asked_by,
      reviewed?.approved.column,
      reviewed?.reaches.column,
    ],
    key: [network, connection_id],
    isOwn: false,
    // As the cloud calls it.
    name: given.name ?? connection_id,
    attributes: (item, [of = '', id = ''], rows) => ({
      network: { value: of },
      connection_id: { value: id },
      ...ownersAndPlace(item, given),
      review: reviewed === undefined ? noColumn('review') : reviewOf(item, reviewed, rows),
    }),
  };
}

function cellOf(item: Item, name: string | undefined, attribute: string): Statement {
  if (name === undefined) return noColumn(attribute);
  const cell = item.record[name];
  return typeof cell === 'string' ? { value: cell } : unobserved(nothingUnder(item, name));
}

/** Whether a version is approved the company says by model; what runs is what its automation read from the device. */
function firmwareOf(item: Item, given: z.infer<typeof networkDevices>['firmware']): Statement {
  if (given === undefined) return noColumn('firmware');
  const version = cellOf(item, given.version, 'firmware.version');
  if (!('value' in version)) return version;
  const model = cellOf(item, given.model, 'firmware.model');
  const approved =
    'value' in model && Object.hasOwn(given.approved, String(model.value))
      ? (given.approved[String(model.value)]?.includes(String(version.value)) ?? false)
      : unobserved(
          `no version is approved for the model in ${item.file}; name those that are under \`firmware.approved\``,
        );
  const until =
    given.supported_until === undefined
      ? noColumn('firmware.supported_until')
      : dayIn(item, given.supported_until, 'end');
  const fields: Record<string, Value | undefined> = {
    version: version.value,
    approved,
    supported_until: inner(until),
  };
  return { value: fields };
}

/** An empty cell is no comparison that found nothing: what stands there then has a word of its own. */
function accessListOf(item: Item, given: z.infer<typeof networkDevices>['access_list']): Statement {
  if (given === undefined) return noColumn('access_list');
  const baseline = cellOf(item, given.baseline, 'access_list.baseline');
  if (!('value' in baseline)) return baseline;
  const compared = cellOf(item, given.deviations.column, 'access_list.deviations');
  if (!('value' in compared)) return compared;
  const deviations =
    compared.value === given.none ? [] : (inner(partsOf(item, given.deviations, 'deviations')) ?? []);
  return { value: { baseline: baseline.value, deviations } };
}

/** A row without a contact has none: that is what the inventory says. */
function contactOf(item: Item, given: z.infer<typeof applications>['emergency_contact']): Statement {
  if (given === undefined) return noColumn('emergency_contact');
  const reach = item.record[given.reach];
  if (typeof reach !== 'string') return { absent: true };
  const answered = filledIn(dayIn(item, given.confirmed_at, 'start'), item, given.confirmed_at);
  return { value: { reach, confirmed_at: inner(answered) } };
}
