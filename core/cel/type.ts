/** Types of the standards language, and how a kind's attribute definitions become them. */
import type { FieldDefinition, Kind } from '../kinds/kind.ts';
import { relationsOf } from '../kinds/relation.ts';

export interface FieldType {
  readonly type: Type;
  readonly optional: boolean;
}

export type ScalarName =
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration'
  | 'null'
  | 'ip'
  | 'cidr'
  | 'semver';

export type Type =
  | { readonly name: ScalarName }
  /** Known only when it runs. No kind has it; CEL's own suites and data of others need it. */
  | { readonly name: 'dyn' }
  | { readonly name: 'enum'; readonly values: readonly string[] }
  | { readonly name: 'list'; readonly of: Type }
  | { readonly name: 'map'; readonly key: Type; readonly of: Type }
  | {
      readonly name: 'record';
      readonly label: string;
      readonly fields: Readonly<Record<string, FieldType>>;
      /** Set where the record is an asset of this kind, whose attributes age. */
      readonly kind?: string;
    }
  | { readonly name: 'optional'; readonly of: Type }
  /** The type of a type: `type(1)`, `int`. */
  | { readonly name: 'type'; readonly of: Type }
  /** A type that only a scope's own functions speak of, such as CEL's `tuple(T, U)`; it has no values in Macadam. */
  | { readonly name: 'abstract'; readonly label: string; readonly of: readonly Type[] }
  /** A type still to be found: in signatures, and of what an empty list holds. */
  | { readonly name: 'parameter'; readonly parameter: string };

export const BOOL: Type = { name: 'bool' };
export const INT: Type = { name: 'int' };
export const UINT: Type = { name: 'uint' };
export const DOUBLE: Type = { name: 'double' };
export const STRING: Type = { name: 'string' };
export const BYTES: Type = { name: 'bytes' };
export const TIMESTAMP: Type = { name: 'timestamp' };
export const DURATION: Type = { name: 'duration' };
export const NULL: Type = { name: 'null' };
export const DYN: Type = { name: 'dyn' };
export const IP: Type = { name: 'ip' };
export const CIDR: Type = { name: 'cidr' };
export const SEMVER: Type = { name: 'semver' };
export const listOf = (of: Type): Type => ({ name: 'list', of });
export const mapOf = (key: Type, of: Type): Type => ({ name: 'map', key, of });
export const optionalOf = (of: Type): Type => ({ name: 'optional', of });
export const typeOf = (of: Type): Type => ({ name: 'type', of });
export const parameter = (name: string): Type => ({ name: 'parameter', parameter: name });

/** The record type of `asset` for a kind. */
export function assetType(kind: Kind): Type & { readonly name: 'record' } {
  return { ...record(kind.kind, kind.attributes), kind: kind.kind };
}

/** What `related("…")` gives an element of, by relation. */
export function relationTypes(kind: Kind, kinds: ReadonlyMap<string, Kind>): Readonly<Record<string, Type>> {
  return Object.fromEntries(relationsOf(kind, kinds).map(({ name, other }) => [name, assetType(other)]));
}

function record(
  label: string,
  definitions: Readonly<Record<string, FieldDefinition>>,
): Type & { readonly name: 'record' } {
  const fields: Record<string, FieldType> = {};
  for (const [name, definition] of Object.entries(definitions)) {
    fields[name] = { type: fieldType(definition, `${label}.${name}`), optional: definition.optional };
  }
  return { name: 'record', label, fields };
}

export function fieldType(definition: FieldDefinition, label: string): Type {
  const of = definition.of ?? 'string';
  const element = () => (typeof of === 'string' ? scalar(of) : record(`${label}[]`, of));
  switch (definition.type) {
    case 'list':
      return { name: 'list', of: element() };
    case 'map':
      return { name: 'map', key: STRING, of: element() };
    case 'record':
      return record(label, definition.fields ?? {});
    default:
      return scalar(definition.type);
  }
}

function scalar(text: string): Type {
  const enumeration = /^enum\((.*)\)$/.exec(text);
  if (enumeration)
    return { name: 'enum', values: (enumeration[1] ?? '').split(',').map((part) => part.trim()) };
  return { name: text as 'string' };
}

/** The type of a parameter, from its default: `2160h` is a duration, a date and time is a timestamp. */
export function parameterType(value: unknown): Type {
  if (Array.isArray(value)) return { name: 'list', of: STRING };
  switch (typeof value) {
    case 'boolean':
      return BOOL;
    case 'number':
      return Number.isInteger(value) ? INT : DOUBLE;
    default:
      if (/^(\d+(\.\d+)?(ns|us|ms|s|m|h|d))+$/.test(String(value))) return DURATION;
      if (/^\d{4}-\d\d-\d\dT/.test(String(value))) return TIMESTAMP;
      return STRING;
  }
}

export function typeName(type: Type): string {
  switch (type.name) {
    case 'list':
      return `list of ${typeName(type.of)}`;
    case 'map':
      return type.key.name === 'string'
        ? `map of ${typeName(type.of)}`
        : `map of ${typeName(type.key)} to ${typeName(type.of)}`;
    case 'record':
      return type.label;
    case 'enum':
      return `enum(${type.values.join(', ')})`;
    case 'optional':
      return `optional ${typeName(type.of)}`;
    case 'type':
      return `type ${typeName(type.of)}`;
    case 'parameter':
      return 'value of a type that nothing here says';
    case 'abstract':
      return type.of.length > 0 ? `${type.label}(${type.of.map(typeName).join(', ')})` : type.label;
    default:
      return type.name;
  }
}

/** Whether values of the two types can be compared and stand in one list. */
export function comparable(a: Type, b: Type): boolean {
  const textual = (type: Type) => type.name === 'string' || type.name === 'enum';
  if (textual(a) && textual(b)) return true;
  if (a.name === 'list' && b.name === 'list') return comparable(a.of, b.of);
  if (a.name === 'map' && b.name === 'map') return comparable(a.key, b.key) && comparable(a.of, b.of);
  if (a.name === 'record' && b.name === 'record') return a.label === b.label;
  return a.name === b.name;
}
