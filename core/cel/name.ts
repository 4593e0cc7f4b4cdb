/** What a name means: a macro's variable, a name of the scope, a type, a function; the longest dotted one first. */
import type { Language } from './language.ts';
import type { Named, Names } from './presence.ts';
import type { Node, Position } from './tree.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  type Type,
  typeOf,
  UINT,
} from './type.ts';

export interface Dotted {
  readonly full: string;
  readonly root: string;
  /** Written with a leading dot: neither a macro's variable nor looked up in the container. */
  readonly absolute: boolean;
  /** Of the first part. */
  readonly at: Position;
}

/** `a.b.c`, as far as it is nothing but names. */
export function dottedName(node: Node | undefined): Dotted | null {
  if (node?.node === 'name') {
    return { full: node.name, root: node.name, absolute: node.absolute ?? false, at: node.at };
  }
  if (node?.node !== 'select' || node.optional) return null;
  const of = dottedName(node.of);
  return of && { ...of, full: `${of.full}.${node.field}` };
}

export interface Lookup {
  /** The full name and what it names in the scope; for several names in a row only those of the scope. */
  readonly find: (name: Dotted, names: Names) => readonly [string, Named] | null;
  /** A type that is a value in CEL: `type(x) == int`. Standards have none. */
  readonly typeNamed: (name: string) => Type | null;
  /** The full name under which a call's function is known, with a namespace such as `math`. */
  readonly functionName: (node: Node, names: Names) => string | null;
  /** A dotted name that begins with no name of the scope: the receiver of a function that there is not. */
  readonly unknownName: (node: Node | undefined, names: Names) => string | null;
}

export function lookup({ rules, functions }: Language, container: string): Lookup {
  const places = (name: string, absolute: boolean) => (absolute ? [name] : placesOf(name, container));
  const isVariable = ({ root, absolute }: Dotted, names: Names) =>
    !absolute && typeof names.get(root)?.binding === 'number';
  const isFunction = (name: string) => functions.get(name)?.some((row) => !row.method) ?? false;
  const typeNamed = (name: string) => (rules === 'cel' ? (TYPES.get(name) ?? null) : null);

  const find: Lookup['find'] = (dotted, names) => {
    const { full, root, absolute } = dotted;
    const local = names.get(root);
    if (local && isVariable(dotted, names)) return full === root ? [full, local] : null;
    for (const place of places(full, absolute)) {
      const found = names.get(place);
      if (found && found.binding === null) return [place, found];
    }
    return null;
  };

  return {
    find,
    typeNamed,
    functionName: (node, names) => {
      if (node.node !== 'call') return null;
      if (!node.method) return places(node.function, false).find(isFunction) ?? null;
      const dotted = dottedName(node.arguments[0]);
      if (!dotted || isVariable(dotted, names)) return null;
      return places(`${dotted.full}.${node.function}`, dotted.absolute).find(isFunction) ?? null;
    },
    unknownName: (node, names) => {
      const dotted = dottedName(node);
      if (!dotted || isVariable(dotted, names)) return null;
      const known =
        find({ ...dotted, full: dotted.root }, names) ?? find(dotted, names) ?? typeNamed(dotted.full);
      return known ? null : dotted.full;
    },
  };
}

/** The places where CEL looks for a name, nearest first: in `a.b`, `x` is `a.b.x`, else `a.x`, else `x`. */
export function placesOf(name: string, container: string): readonly string[] {
  if (container === '') return [name];
  const parts = container.split('.');
  return [...parts.map((_, index) => `${parts.slice(0, parts.length - index).join('.')}.${name}`), name];
}

/** Types that are values in CEL: `type(x) == int`. */
export const TYPES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['bool', BOOL],
  ['int', INT],
  ['uint', UINT],
  ['double', DOUBLE],
  ['string', STRING],
  ['bytes', BYTES],
  ['null_type', NULL],
  ['list', listOf(DYN)],
  ['map', mapOf(DYN, DYN)],
  ['type', typeOf(DYN)],
  ['optional_type', optionalOf(DYN)],
  ['google.protobuf.Timestamp', TIMESTAMP],
  ['google.protobuf.Duration', DURATION],
]);
