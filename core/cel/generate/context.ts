/** What every part of the generator shares: the code that is written, what names stand for, and how values cross types. */
import { join, joinAll } from '../runtime/logic.ts';
import { type Data, Double, type RecordValue, type Uint, Unknown } from '../runtime/value.ts';
import type { Type } from '../type.ts';
import type { Typed } from '../typed.ts';
import type { Code, Part } from './code.ts';

export interface Context {
  readonly code: Code;
  readonly emit: (node: Typed) => Part;
  /** What a name of the scope is, by name. */
  readonly root: (name: string, type: Type) => Part;
  /** What a macro's variable is, by its number. */
  readonly variables: Map<number, Operand>;
  /** The age under which attributes of a kind's assets are as good as unobserved: the name of a number. */
  readonly cutoff: (kind: string) => string;
  /** Whether anything of an asset is too old: the name of a boolean. */
  readonly aged: (asset: Part, kind: string) => string;
  /** How causes name what a node reads. */
  readonly pathOf: (node: Typed) => string;
  /** Elements of `filter` and `map` that are not decided are left out. */
  readonly lenient: boolean;
  /** Nothing is fused or computed beforehand, so that every node has a value to show. */
  readonly traced: boolean;
}

/** A literal where JavaScript has one, else a bound value. `value` is in the representation of the static type. */
export function constant({ code }: Context, value: unknown): Part {
  if (value instanceof Unknown) return { code: code.bind(value), may: true };
  const known = { may: false, constant: { value } };
  switch (typeof value) {
    case 'string':
      return { ...known, code: JSON.stringify(value) };
    case 'boolean':
      return { ...known, code: String(value) };
    case 'bigint':
      return { ...known, code: `${value}n` };
    case 'number': {
      if (!Number.isFinite(value)) return { ...known, code: code.bind(value) };
      const text = Object.is(value, -0) ? '-0' : String(value);
      return { ...known, code: text.startsWith('-') ? `(${text})` : text };
    }
    default:
      return { ...known, code: value === null ? 'null' : code.bind(value) };
  }
}

/** `type` as what decides how a value is held. */
export function isDouble(type: Type): boolean {
  return type.name === 'double';
}

const boxNumber = (value: Data): Data => (typeof value === 'number' ? new Double(value) : value);
const unboxNumber = (value: Data): Data => (value instanceof Double ? value.value : value);

/** As it stands in lists and maps, and where only running shows its type. */
export function boxed(context: Context, part: Part, type: Type): Part {
  if (!isDouble(type)) return part;
  if (part.constant) return constant(context, new Double(part.constant.value as number));
  return { code: `${context.code.bind(boxNumber)}(${part.code})`, may: part.may };
}

/** As its static type has it, from what lists and maps hold. */
export function unboxed(context: Context, part: Part, type: Type): Part {
  if (!isDouble(type)) return part;
  if (part.constant) return constant(context, unboxNumber(part.constant.value as Data));
  return { code: `${context.code.bind(unboxNumber)}(${part.code})`, may: part.may };
}

/** From the representation of one type to that of another that takes it. */
export function converted(context: Context, part: Part, from: Type, to: Type): Part {
  if (isDouble(from) === isDouble(to)) return part;
  return isDouble(from) ? boxed(context, part, from) : unboxed(context, part, to);
}

export const isTextual = ({ name }: Type): boolean => name === 'string' || name === 'enum';
export const isTime = ({ name }: Type): boolean => name === 'timestamp' || name === 'duration';

/** Whether equal values of the two types are identical in JavaScript. */
export function isIdentity(a: Type, b: Type): boolean {
  if (isTextual(a)) return isTextual(b);
  return a.name === b.name && (a.name === 'bool' || a.name === 'int' || a.name === 'double');
}

/** The test that a value of a type is unknown, by what costs least: walking a prototype chain is the last resort. */
export function unknownTest({ code: { bind } }: Context, code: string, type: Type): string {
  switch (type.name) {
    case 'bool':
      return `typeof ${code} !== "boolean"`;
    case 'string':
    case 'enum':
      return `typeof ${code} !== "string"`;
    case 'double':
      return `typeof ${code} !== "number"`;
    case 'int':
      return `typeof ${code} === "object"`;
    case 'timestamp':
    case 'duration':
      return `${code}.seconds === undefined`;
    default:
      return `${code} instanceof ${bind(Unknown)}`;
  }
}

/** Lists are told apart first, because most are whole. */
export function isArray({ code: { bind } }: Context, code: string): string {
  return `${bind(Array.isArray)}(${code})`;
}

export interface Operand {
  readonly part: Part;
  readonly type: Type;
}

/** Operands of a strict operation: held, and in order. */
export function operands(context: Context, nodes: readonly Typed[]): Operand[] {
  return nodes.map((node) => ({ part: context.code.hold(context.emit(node)), type: node.type }));
}

/** The operation where every operand is known, else the causes of those that are not. Operands are held. */
export function strictly(
  context: Context,
  given: readonly Operand[],
  operation: string,
  mayItself: boolean,
): Part {
  const open = given.filter(({ part }) => part.may);
  if (open.length === 0) return { code: `(${operation})`, may: mayItself };
  const test = open.map(({ part, type }) => unknownTest(context, part.code, type)).join(' || ');
  return { code: `(${test} ? ${joined(context, open)} : ${operation})`, may: true };
}

export function joined({ code: { bind } }: Context, open: readonly Operand[]): string {
  const names = open.map(({ part }) => part.code);
  if (names.length === 1) return names[0] ?? '';
  return names.length === 2
    ? `${bind(join)}(${names.join(', ')})`
    : `${bind(joinAll)}([${names.join(', ')}])`;
}

/** A comparison of numbers needs what a uint is worth; ints and doubles stand for themselves. */
export function worth({ part, type }: Operand): string {
  if (type.name !== 'uint') return part.code;
  return part.constant ? `${(part.constant.value as Uint).value}n` : `${part.code}.value`;
}

/** A field of a record that is known before it runs. */
export function constantField(record: Part, field: string): unknown {
  const value = record.constant?.value as RecordValue;
  return Object.hasOwn(value, field) ? value[field] : undefined;
}

/** What an expression reads, as people write it: `asset.keys[].ends`. */
export function pathOf(node: Typed, over: ReadonlyMap<number, Typed>): string {
  switch (node.node) {
    case 'variable': {
      const list = node.binding === null ? undefined : over.get(node.binding);
      return list ? `${pathOf(list, over)}[]` : node.name;
    }
    case 'select':
    case 'has':
      return `${pathOf(node.of, over)}.${node.field}`;
    case 'fold':
      return pathOf(node.over, over);
    case 'related':
      return node.relation;
    default:
      return '';
  }
}
