/** Types as cel-go writes them: `map(string, list(dyn))`, `optional_type(int)`, `type(int)`; and as declarations have them. */
import { DYN, listOf, mapOf, optionalOf, type Type, typeOf } from '@macadam/core/cel/type';

export function typeText(type: Type): string {
  switch (type.name) {
    case 'list':
      return `list(${typeText(type.of)})`;
    case 'map':
      return `map(${typeText(type.key)},${typeText(type.of)})`;
    case 'optional':
      return `optional_type(${typeText(type.of)})`;
    case 'type':
      // The type of types has no type of its own to name.
      return type.of.name === 'type' && type.of.of.name === 'dyn'
        ? 'type(type)'
        : `type(${typeText(type.of)})`;
    case 'abstract':
      return `${type.label}(${type.of.map(typeText).join(',')})`;
    default:
      return type.name;
  }
}

/** Null for what is no type of ours: a message, a wrapper. */
export function readType(text: string): Type | null {
  const match = /^([\w.]+)(?:\((.*)\))?$/s.exec(text.trim());
  if (!match) return null;
  const [, name = '', inside] = match;
  const of = inside === undefined ? [] : separate(inside).map(readType);
  if (of.includes(null)) return null;
  const [first = DYN, second = DYN] = of as Type[];
  switch (name) {
    case 'list':
      return listOf(first);
    case 'map':
      return mapOf(first, second);
    case 'optional_type':
      return optionalOf(first);
    case 'type':
      return typeOf(first);
    default:
      if (SCALARS.has(name)) return { name: name as 'int' };
      return inside === undefined ? null : { name: 'abstract', label: name, of: of as Type[] };
  }
}

const SCALARS: ReadonlySet<string> = new Set(
  'bool int uint double string bytes timestamp duration null dyn'.split(' '),
);

function separate(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const [index, letter] of [...text].entries()) {
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (letter === ',' && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** A type of `cel.expr.Type` in its JSON form. */
export interface Declared {
  readonly primitive?: string;
  readonly wellKnown?: string;
  readonly messageType?: string;
  readonly dyn?: unknown;
  readonly null?: unknown;
  readonly listType?: { readonly elemType: Declared };
  readonly mapType?: { readonly keyType: Declared; readonly valueType: Declared };
  readonly typeParam?: string;
  readonly abstractType?: { readonly name: string; readonly parameterTypes?: readonly Declared[] };
  readonly type?: Declared;
}

const WORDS: Readonly<Record<string, string>> = { INT64: 'int', UINT64: 'uint' };

export function declaredType(declared: Declared): Type | null {
  const { primitive, wellKnown, messageType, listType, mapType, abstractType } = declared;
  if (primitive ?? wellKnown) {
    const word = String(primitive ?? wellKnown);
    return readType(WORDS[word] ?? word.toLowerCase());
  }
  const known = /^google\.protobuf\.(Timestamp|Duration)$/.exec(messageType ?? '')?.[1];
  if (known) return readType(known.toLowerCase());
  if ('dyn' in declared) return DYN;
  if ('null' in declared) return { name: 'null' };
  if (declared.typeParam !== undefined) return { name: 'parameter', parameter: declared.typeParam };
  if (listType) {
    const of = declaredType(listType.elemType);
    return of && listOf(of);
  }
  if (mapType) {
    const key = declaredType(mapType.keyType);
    const of = declaredType(mapType.valueType);
    return key && of && mapOf(key, of);
  }
  if (abstractType) {
    const of = (abstractType.parameterTypes ?? []).map(declaredType);
    if (of.includes(null)) return null;
    const [only = DYN] = of as Type[];
    if (abstractType.name === 'optional_type') return optionalOf(only);
    return { name: 'abstract', label: abstractType.name, of: of as Type[] };
  }
  return declared.type ? typeOf(declaredType(declared.type) ?? DYN) : null;
}
