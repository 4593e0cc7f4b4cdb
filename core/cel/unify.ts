/**
 * Types with parameters: what may stand where, and what a parameter turns out to be. The rules are those of the CEL
 * specification's checker ("Type Checking"; cel-go `checker/types.go` is its reference), with two additions: a word of
 * an enumeration is a string, and records are the same when their label is.
 */
import { DYN, listOf, mapOf, optionalOf, STRING, type Type, typeOf } from './type.ts';

export interface Unifier {
  readonly fresh: () => Type;
  /** Whether each of `from` may stand where `to` is wanted; when so, what that says of parameters is kept. */
  readonly assign: (from: readonly Type[], to: readonly Type[]) => boolean;
  /** One type for both, or null. */
  readonly join: (a: Type, b: Type) => Type | null;
  /** With every parameter that is known by now replaced; `rest` stands for the others, when given. */
  readonly resolve: (type: Type, rest?: Type) => Type;
}

type Found = Map<string, Type>;

/** `nullable`: whether null may stand for a timestamp, a duration, a record or an optional, as it may in the specification. */
export function unifier(nullable: boolean): Unifier {
  let found: Found = new Map();
  let count = 0;

  const assign = (from: readonly Type[], to: readonly Type[]): boolean => {
    const attempt = new Map(found);
    const fits =
      from.length === to.length &&
      from.every((type, index) => fit(attempt, type, to[index] ?? DYN, nullable));
    if (fits) found = attempt;
    return fits;
  };

  return {
    fresh: () => ({ name: 'parameter', parameter: `@${count++}` }),
    assign,
    join: (a, b) => (assign([a], [b]) ? moreGeneral(a, b) : null),
    resolve: (type, rest) => replace(type, (parameter) => found.get(parameter) ?? null, rest),
  };
}

/** A signature's types with parameters of their own, so that two uses do not meet. */
export function renamed(types: readonly Type[], fresh: () => Type): readonly Type[] {
  const names = new Map<string, Type>();
  const rename = (name: string): Type => {
    const type = names.get(name) ?? fresh();
    names.set(name, type);
    return type;
  };
  return types.map((type) => mapped(type, (of) => (of.name === 'parameter' ? rename(of.parameter) : null)));
}

export function contains(type: Type, is: (part: Type) => boolean): boolean {
  return is(type) || parts(type).some((part) => contains(part, is));
}

/** The types that a type is made of; a record's fields are its own matter. */
export function parts(type: Type): readonly Type[] {
  switch (type.name) {
    case 'list':
    case 'optional':
    case 'type':
      return [type.of];
    case 'map':
      return [type.key, type.of];
    case 'abstract':
      return type.of;
    default:
      return [];
  }
}

function mapped(type: Type, change: (type: Type) => Type | null): Type {
  const changed = change(type);
  if (changed) return changed;
  const inner = (part: Type) => mapped(part, change);
  switch (type.name) {
    case 'list':
      return listOf(inner(type.of));
    case 'optional':
      return optionalOf(inner(type.of));
    case 'type':
      return typeOf(inner(type.of));
    case 'map':
      return mapOf(inner(type.key), inner(type.of));
    case 'abstract':
      return { ...type, of: type.of.map(inner) };
    default:
      return type;
  }
}

function replace(type: Type, find: (parameter: string) => Type | null, rest?: Type): Type {
  return mapped(type, (part) => {
    if (part.name !== 'parameter') return null;
    const found = find(part.parameter);
    return found ? replace(found, find, rest) : (rest ?? null);
  });
}

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.name !== b.name) return false;
  if (a.name === 'parameter' && b.name === 'parameter') return a.parameter === b.parameter;
  if (a.name === 'enum' && b.name === 'enum') return a.values.join() === b.values.join();
  if ('label' in a && 'label' in b && a.label !== b.label) return false;
  const others = parts(b);
  return (
    parts(a).length === others.length && parts(a).every((part, index) => sameType(part, others[index] ?? DYN))
  );
}

function fit(found: Found, from: Type, to: Type, nullable: boolean): boolean {
  if (to.name === 'parameter') {
    const { fits, known } = substitute(found, from, to.parameter, nullable);
    if (fits || known) return fits;
  }
  if (from.name === 'parameter') return substitute(found, to, from.parameter, nullable).fits;
  if (from.name === 'dyn' || to.name === 'dyn') return true;
  if (from.name === 'null' || to.name === 'null') {
    const other = from.name === 'null' ? to : from;
    return other.name === 'null' || (nullable && NULLABLE.has(other.name));
  }
  if (textual(from) && textual(to)) return true;
  if (from.name !== to.name) return false;
  if (from.name === 'type') return true;
  if ('label' in from && 'label' in to && from.label !== to.label) return false;
  const wanted = parts(to);
  return (
    parts(from).length === wanted.length &&
    parts(from).every((part, index) => fit(found, part, wanted[index] ?? DYN, nullable))
  );
}

const NULLABLE: ReadonlySet<string> = new Set(['timestamp', 'duration', 'record', 'optional', 'abstract']);
const textual = (type: Type): boolean => type.name === 'string' || type.name === 'enum';

function substitute(
  found: Found,
  type: Type,
  parameter: string,
  nullable: boolean,
): { readonly fits: boolean; readonly known: boolean } {
  if (type.name === 'parameter' && type.parameter === parameter) return { fits: true, known: true };
  const known = found.get(parameter);
  if (known) {
    if (sameType(type, known)) return { fits: true, known: true };
    if (!fit(found, type, known, nullable)) return { fits: false, known: true };
    const general = moreGeneral(type, known);
    if (!refersTo(found, general, parameter)) found.set(parameter, general);
    return { fits: true, known: true };
  }
  if (refersTo(found, type, parameter)) return { fits: false, known: false };
  found.set(parameter, type);
  return { fits: true, known: false };
}

/** Whether a parameter would stand for a type that it is itself a part of. */
function refersTo(found: Found, type: Type, parameter: string): boolean {
  return contains(type, (part) => {
    if (part.name !== 'parameter') return false;
    if (part.parameter === parameter) return true;
    const known = found.get(part.parameter);
    return known !== undefined && refersTo(found, known, parameter);
  });
}

/** The less specific of two types that fit each other. */
function moreGeneral(a: Type, b: Type): Type {
  if (a.name === 'enum' && b.name === 'enum' && !sameType(a, b)) return STRING;
  return atMostAsSpecific(a, b) ? a : b;
}

function atMostAsSpecific(a: Type, b: Type): boolean {
  if (a.name === 'dyn' || a.name === 'parameter') return true;
  if (b.name === 'dyn' || b.name === 'parameter') return false;
  if (a.name === 'string' && b.name === 'enum') return true;
  if (a.name !== b.name) return false;
  if (a.name === 'type') return true;
  const others = parts(b);
  if (others.length === 0) return sameType(a, b);
  return parts(a).every((part, index) => atMostAsSpecific(part, others[index] ?? DYN));
}
