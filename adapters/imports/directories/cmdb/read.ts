/** A table of services, with what its columns mean, as one collection. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { type ExportRead, type ExportRequest, type ExportScope, observationOf } from '../export.ts';
import type { ListingGap } from '../listing.ts';
import { columnMissing, MAPPING, mappingIn } from '../mapping.ts';
import { readOf, scopeOf } from '../reading.ts';
import { EMPTY_LISTS } from '../saved-lists.ts';
import { type Item, unobserved } from '../statement.ts';
import { tableOf } from '../table.ts';
import { SERVICES } from './description.ts';

const column = z.string().min(1);
const values = z.array(z.string()).readonly().optional();
const several = z.strictObject({ column, separator: z.string().min(1) });

const mappingSchema = z.strictObject({
  catalogue: z.string().min(1),
  service_id: column,
  name: column.optional(),
  owners: several.optional(),
  environment: z
    .strictObject({
      column,
      production: values,
      government: values,
      productivity: values,
      development: values,
      test: values,
    })
    .optional(),
  dns_names: several.optional(),
  customer_facing: z.strictObject({ column, yes: values, no: values }).optional(),
});
type Mapping = z.infer<typeof mappingSchema>;

export function readCmdb(request: ExportRequest): ExportRead {
  const refused = (reason: string) => ({ mistakes: [{ file: request.folder, reason }] });
  const read = mappingIn(request.files, mappingSchema, 'cmdb');
  if ('reason' in read) return refused(read.reason);
  const { mapping } = read;
  const file = request.files.find(({ path }) => path === SERVICES);
  if (file === undefined) return refused(`holds no ${SERVICES}; save the table under that name`);
  const table = tableOf(file);
  if ('why' in table) return { mistakes: [{ file: file.path, reason: table.why }] };
  const missing = columnMissing(SERVICES, table.columns, columnsOf(mapping));
  if (missing !== null) return refused(missing);
  const named = scopeOf('cmdb', request, [{ id: mapping.catalogue, name: mapping.catalogue }], '');
  if ('mistakes' in named) return named;
  const { scope } = named;
  const gaps: ListingGap[] = [];
  const services = new Map<string, Observation>();
  for (const item of table.rows) {
    const id = item.record[mapping.service_id];
    if (typeof id !== 'string') {
      const why = `the row in ${item.file} has nothing under \`${mapping.service_id}\`; fill it in`;
      gaps.push({ code: 'id-missing', cause: 'incomplete', why });
    } else if (services.has(id)) {
      const why = `${id} is in ${item.file} once more; keep one row for each service`;
      gaps.push({ code: 'answers-disagree', cause: 'disputed', why });
    } else services.set(id, serviceOf(scope, mapping, item, id));
  }
  const others = request.files.filter(({ path }) => path !== SERVICES && path !== MAPPING);
  return readOf({
    scope,
    saved: { lists: EMPTY_LISTS, answers: [], unread: [] },
    listed: [{ kind: 'service', observations: [...services.values()], gaps }],
    parents: [],
    notes: others.map(({ path }) => `${path} is not used: only ${SERVICES} and ${MAPPING} are read`),
  });
}

const columnsOf = (mapping: Mapping): readonly (string | undefined)[] => [
  mapping.service_id,
  mapping.name,
  mapping.owners?.column,
  mapping.environment?.column,
  mapping.dns_names?.column,
  mapping.customer_facing?.column,
];

function serviceOf(scope: ExportScope, mapping: Mapping, item: Item, id: string): Observation {
  const { owners, environment, dns_names, customer_facing: facing } = mapping;
  const attributes: Record<string, Statement> = {
    catalogue: { value: scope.directory },
    service_id: { value: id },
    owners: partsOf(item, owners, 'owners'),
    dns_names: partsOf(item, dns_names, 'dns_names'),
    environment: meantBy(item, environment?.column, environmentsOf(environment), 'environment'),
    customer_facing: meantBy(
      item,
      facing?.column,
      [
        { value: true, names: facing?.yes ?? [] },
        { value: false, names: facing?.no ?? [] },
      ],
      'customer_facing',
    ),
  };
  const called = mapping.name === undefined ? undefined : item.record[mapping.name];
  // Somebody wrote it down; no system enforces it.
  return observationOf(scope, {
    kind: 'service',
    key: [scope.directory, id],
    name: typeof called === 'string' ? called : id,
    attributes,
    assurance: 'attested',
  });
}

const noColumn = (attribute: string): Statement =>
  unobserved(`${MAPPING} does not say which column tells \`${attribute}\`; add it`);

function partsOf(item: Item, several: Mapping['owners'], attribute: string): Statement {
  if (several === undefined) return noColumn(attribute);
  const cell = item.record[several.column];
  const parts = typeof cell === 'string' ? cell.split(several.separator).map((part) => part.trim()) : [];
  return { value: [...new Set(parts.filter((part) => part !== ''))], complete: true };
}

interface Meaning {
  readonly value: string | boolean;
  readonly names: readonly string[];
}

const ENVIRONMENTS = ['production', 'government', 'productivity', 'development', 'test'] as const;

const environmentsOf = (environment: Mapping['environment']): readonly Meaning[] =>
  ENVIRONMENTS.map((value) => ({ value, names: environment?.[value] ?? [] }));

function meantBy(
  item: Item,
  name: string | undefined,
  meanings: readonly Meaning[],
  attribute: string,
): Statement {
  if (name === undefined) return noColumn(attribute);
  const cell = item.record[name];
  if (typeof cell !== 'string')
    return unobserved(`the row in ${item.file} has nothing under \`${name}\`; fill it in`);
  const found = meanings.filter(({ names }) => names.includes(cell));
  const [meaning] = found;
  if (meaning !== undefined && found.length === 1) return { value: meaning.value };
  return unobserved(
    `${MAPPING} does not say plainly what \`${cell.slice(0, 40)}\` under \`${name}\` means; name it once under \`${attribute}\``,
  );
}
