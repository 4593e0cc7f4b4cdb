/**
 * How a kind's attributes lie in the columns of its table. A path is written `keys/id`, what is known *about* it has a
 * name after `@` (`keys@at`): neither sign can stand in an attribute's name, so no two columns can ever clash.
 */
import { fieldType, type Type } from '@macadam/core/cel/type';
import type { AttributeDefinition, FieldDefinition, Kind } from '@macadam/core/kinds/kind';

/** Where the values of one path stand. Its column is `column`, its state (below a list's or record's attribute, and of these) `column@state`. */
export interface Place {
  /** `keys`, `keys/id`. */
  readonly column: string;
  /** As an expression says it: `keys`, `keys[].id`. */
  readonly path: string;
  readonly name: string;
  readonly type: Type;
  readonly optional: boolean;
  readonly shape: Shape;
  /** Of a record its fields, of a list of records the fields of an element (whose columns are then arrays). */
  readonly fields: readonly Place[];
}

/** `opaque` is stored as JSON text: lists, records and maps too deep for columns; expressions that read them are left to closures. */
export type Shape = 'scalar' | 'list' | 'map' | 'record' | 'records' | 'opaque';

/** An attribute of a kind: a place with its own time of observation. */
export interface AttributePlace extends Place {
  readonly definition: AttributeDefinition;
}

export interface Column {
  readonly name: string;
  /** ClickHouse's name of its type. */
  readonly type: string;
  /** The attribute's path; null for what concerns the whole row. */
  readonly path: string | null;
  readonly holds: 'row' | 'value' | 'state' | 'at' | 'cause' | 'source' | 'assurance';
}

/**
 * Columns about the row itself. `@held` is the row as one text, and where `@outside` is 1 the asset as JSON: the columns cannot hold
 * that exactly.
 */
export const ROW_COLUMNS: readonly Column[] = [
  { name: '@id', type: 'String', path: null, holds: 'row' },
  { name: '@name', type: 'String', path: null, holds: 'row' },
  { name: '@path', type: 'Nullable(String)', path: null, holds: 'row' },
  { name: '@line', type: 'Nullable(Int64)', path: null, holds: 'row' },
  { name: '@outside', type: 'UInt8', path: null, holds: 'row' },
  { name: '@held', type: 'String', path: null, holds: 'row' },
  { name: '@whys', type: 'Map(String, String)', path: null, holds: 'row' },
];

const layouts = new WeakMap<Kind, readonly AttributePlace[]>();

/** The places of a kind's attributes, in the order of the kind. */
export function layoutOf(kind: Kind): readonly AttributePlace[] {
  const known = layouts.get(kind);
  if (known) return known;
  const layout = Object.entries(kind.attributes).map(([name, definition]) => ({
    ...place({ name, definition, column: name, path: name, inElement: false }),
    definition,
  }));
  layouts.set(kind, layout);
  return layout;
}

interface PlaceInput {
  readonly name: string;
  readonly definition: FieldDefinition;
  readonly column: string;
  readonly path: string;
  readonly inElement: boolean;
}

function place({ name, definition, column, path, inElement }: PlaceInput): Place {
  const { type: kind, of, optional } = definition;
  const base = { column, path, name, optional, type: fieldType(definition, path) };
  const children = (fields: Readonly<Record<string, FieldDefinition>>, at: string, inside: boolean) =>
    Object.entries(fields).map(([child, field]) =>
      place({
        name: child,
        definition: field,
        column: `${column}/${child}`,
        path: `${at}.${child}`,
        inElement: inside,
      }),
    );
  if (kind === 'list' || kind === 'map') {
    const flat = of === undefined || (typeof of === 'string' && !/^(list|record|map)$/.test(of));
    if (flat && (kind === 'list' || !inElement)) return { ...base, shape: kind, fields: [] };
    if (kind === 'list' && typeof of === 'object' && Object.keys(of).length > 0 && !inElement)
      return { ...base, shape: 'records', fields: children(of, `${path}[]`, true) };
    return { ...base, shape: 'opaque', fields: [] };
  }
  if (kind !== 'record') return { ...base, shape: 'scalar', fields: [] };
  return inElement
    ? { ...base, shape: 'opaque', fields: [] }
    : { ...base, shape: 'record', fields: children(definition.fields ?? {}, path, false) };
}

/** Every column of a kind's table, in order. */
export function columnsOf(kind: Kind): readonly Column[] {
  return [
    ...ROW_COLUMNS,
    ...layoutOf(kind).flatMap((attribute) => {
      const { column, path } = attribute;
      const about = (name: string, type: string, holds: Column['holds']): Column => ({
        name: `${column}@${name}`,
        type,
        path,
        holds,
      });
      return [
        about('at', 'Int64', 'at'),
        about('cause', 'UInt8', 'cause'),
        about('source', 'LowCardinality(String)', 'source'),
        about('assurance', 'UInt8', 'assurance'),
        ...placeColumns(attribute, (type) => type, attribute.shape !== 'scalar'),
      ];
    }),
  ];
}

function placeColumns(at: Place, wrap: (type: string) => string, state: boolean): Column[] {
  const columns: Column[] = [];
  const type = valueType(at);
  if (type) columns.push({ name: at.column, type: wrap(type), path: at.path, holds: 'value' });
  if (state) columns.push({ name: `${at.column}@state`, type: wrap('UInt8'), path: at.path, holds: 'state' });
  const inside = at.shape === 'records' ? (text: string) => `Array(${text})` : wrap;
  return [...columns, ...at.fields.flatMap((field) => placeColumns(field, inside, true))];
}

function valueType({ shape, type }: Place): string | null {
  switch (shape) {
    case 'scalar':
      return type.name === 'enum' ? 'LowCardinality(Nullable(String))' : `Nullable(${sqlType(type)})`;
    case 'list':
      return `Array(${type.name === 'list' ? sqlType(type.of) : 'String'})`;
    case 'map':
      return `Map(String, ${type.name === 'map' ? sqlType(type.of) : 'String'})`;
    case 'opaque':
      return 'String';
    default:
      return null;
  }
}

/** ClickHouse's type of a scalar. Timestamps and durations are nanoseconds, since 1970 or as such. */
function sqlType(type: Type): string {
  switch (type.name) {
    case 'bool':
      return 'Bool';
    case 'int':
    case 'timestamp':
    case 'duration':
      return 'Int64';
    case 'double':
      return 'Float64';
    case 'enum':
      return 'LowCardinality(String)';
    default:
      return 'String';
  }
}

/** A name as ClickHouse reads it. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** The columns as they stand in `CREATE TABLE t (…)`. */
function columnsDdl(kind: Kind): string {
  return columnsOf(kind)
    .map(({ name, type }) => `${quoted(name)} ${type}`)
    .join(',\n  ');
}

/** The name of a kind's table of merged attributes. */
export function tableOf(kind: Pick<Kind, 'kind'>): string {
  return `kind_${kind.kind.replaceAll('-', '_')}`;
}

/** `engine` follows the columns as it is: `ENGINE = MergeTree ORDER BY \`@id\``. */
export function createTable(kind: Kind, table = tableOf(kind), engine = 'ENGINE = MergeTree ORDER BY `@id`') {
  return `CREATE TABLE IF NOT EXISTS ${quoted(table)} (\n  ${columnsDdl(kind)}\n) ${engine}`;
}
