/** Equality, order, arithmetic and membership, by the static types of their operands. */

import { doubleOf } from '../runtime/compare.ts';
import { equals } from '../runtime/equality.ts';
import { within } from '../runtime/fold.ts';
import { FUNCTIONS } from '../runtime/functions.ts';
import { strict1, strict2 } from '../runtime/logic.ts';
import { compareBytes, compareStrings } from '../runtime/order.ts';
import { type Duration, MapValue } from '../runtime/value.ts';
import type { Typed } from '../typed.ts';
import type { Part } from './code.ts';
import {
  boxed,
  type Context,
  constant,
  isArray,
  isDouble,
  isIdentity,
  isTextual,
  isTime,
  type Operand,
  operands,
  strictly,
  worth,
} from './context.ts';
import { withinMapped } from './folds.ts';
import { not } from './logic.ts';

type Pair = readonly [Operand, Operand];

const NUMERIC = new Set<string>(['int', 'uint', 'double']);

export function equality(context: Context, nodes: readonly Typed[]): Part {
  const pair = operands(context, nodes) as unknown as Pair;
  const [a, b] = pair;
  const { code } = context;
  if (a.type.name === 'int' && b.type.name === 'int') return compared(context, pair, '===', null);
  if (isIdentity(a.type, b.type)) return strictly(context, pair, `${a.part.code} === ${b.part.code}`, false);
  if (a.type.name === b.type.name && isTime(a.type)) {
    const same = `${seconds(a)} === ${seconds(b)} && ${nanos(a)} === ${nanos(b)}`;
    return strictly(context, pair, same, false);
  }
  if (a.type.name === 'uint' && b.type.name === 'uint') {
    return strictly(context, pair, `${worth(a)} === ${worth(b)}`, false);
  }
  const [x, y] = pair.map(({ part, type }) => boxed(context, part, type).code);
  return { code: `${code.bind(equals)}(${x}, ${y})`, may: true };
}

const sameInts = (a: number | bigint, b: number | bigint): boolean => a === b;

/** Two ints: nearly always both are numbers, and known. */
function compared(context: Context, pair: Pair, relation: string, overload: string | null): Part {
  const { code } = context;
  const [x, y] = pair.map(({ part }) => part.code);
  const numbers = pair
    .filter(({ part }) => typeof part.constant?.value !== 'number')
    .map(({ part }) => `typeof ${part.code} === "number"`);
  const fast = `${x} ${relation} ${y}`;
  const may = pair.some(({ part }) => part.may);
  if (!may || numbers.length === 0) return { code: `(${fast})`, may: false };
  const run = overload === null ? sameInts : FUNCTIONS[overload];
  const slow = `${code.bind(strict2)}(${code.bind(run)}, ${x}, ${y})`;
  return { code: `(${numbers.join(' && ')} ? ${fast} : ${slow})`, may: true };
}

export function inequality(context: Context, nodes: readonly Typed[]): Part {
  return not(context, equality(context, nodes));
}

export const RELATIONS: Readonly<Record<string, string>> = {
  '_<_': '<',
  '_<=_': '<=',
  '_>_': '>',
  '_>=_': '>=',
};

/** Null where the operands' types have no order that is known now. */
export function order(
  context: Context,
  nodes: readonly Typed[],
  relation: string,
  overload: string,
): Part | null {
  const [first, second] = nodes as [Typed, Typed];
  if (isTime(first.type) && first.type.name === second.type.name) {
    return (
      fused({ context, first, second, relation, overload }) ??
      times(context, operands(context, nodes) as never, relation)
    );
  }
  const comparable =
    (NUMERIC.has(first.type.name) && NUMERIC.has(second.type.name)) ||
    (isTextual(first.type) && isTextual(second.type)) ||
    (first.type.name === second.type.name && (first.type.name === 'bool' || first.type.name === 'bytes'));
  if (!comparable) return null;
  const pair = operands(context, nodes) as unknown as Pair;
  const [a, b] = pair;
  if (NUMERIC.has(a.type.name)) {
    const lossy = a.type.name !== b.type.name && (isDouble(a.type) || isDouble(b.type));
    if (a.type.name === 'int' && b.type.name === 'int') return compared(context, pair, relation, overload);
    const [x, y] = pair.map((one) => (lossy ? `${context.code.bind(doubleOf)}(${worth(one)})` : worth(one)));
    return strictly(context, pair, `${x} ${relation} ${y}`, false);
  }
  if (a.type.name === 'bool')
    return strictly(context, pair, `${a.part.code} ${relation} ${b.part.code}`, false);
  const compare = context.code.bind(a.type.name === 'bytes' ? compareBytes : compareStrings);
  return strictly(context, pair, `${compare}(${a.part.code}, ${b.part.code}) ${relation} 0`, false);
}

const seconds = ({ part }: Operand) =>
  part.constant ? `(${(part.constant.value as Duration).seconds})` : `${part.code}.seconds`;
const nanos = ({ part }: Operand) =>
  part.constant ? String((part.constant.value as Duration).nanos) : `${part.code}.nanos`;

function times(context: Context, pair: Pair, relation: string): Part {
  const [a, b] = pair;
  return strictly(
    context,
    pair,
    ordered({ s: seconds(a), n: nanos(a), s2: seconds(b), n2: nanos(b), relation }),
    false,
  );
}

interface OrderedInput {
  readonly s: string;
  readonly n: string;
  readonly s2: string;
  readonly n2: string;
  readonly relation: string;
}

/** The order of two pairs, seconds first. */
function ordered({ s, n, s2, n2, relation }: OrderedInput): string {
  return `${s} ${relation[0]} ${s2} || ${s} === ${s2} && ${n} ${relation} ${n2}`;
}

/** Sums and differences of times that can be compared without being made: the sign, and the range of whole seconds. */
const SUMS: Readonly<Record<string, readonly [sign: '+' | '-', least: number, most: number]>> = {
  add_timestamp_duration: ['+', -62_135_596_800, 253_402_300_799],
  add_duration_timestamp: ['+', -62_135_596_800, 253_402_300_799],
  subtract_timestamp_duration: ['-', -62_135_596_800, 253_402_300_799],
  // A second less than 2^63 nanoseconds on both sides; the function itself decides beyond.
  subtract_timestamp_timestamp: ['-', -9_223_372_036, 9_223_372_035],
  add_duration_duration: ['+', -9_223_372_036, 9_223_372_035],
  subtract_duration_duration: ['-', -9_223_372_036, 9_223_372_035],
};

interface FusedInput {
  readonly context: Context;
  readonly first: Typed;
  readonly second: Typed;
  readonly relation: string;
  readonly overload: string;
}

/** `now - asset.t <= d` and the like, in numbers alone: nothing is allocated. */
function fused({ context, first, second, relation, overload }: FusedInput): Part | null {
  if (context.traced) return null;
  const left = sumOf(first);
  const right = left ? null : sumOf(second);
  const sum = left ?? right;
  if (!sum) return null;
  const { code } = context;
  const [sign, least, most] = SUMS[sum.overload] as (typeof SUMS)[string];
  const [a, b] = operands(context, sum.arguments) as [Operand, Operand];
  const [other] = operands(context, [left ? second : first]) as [Operand];
  const all = [a, b, other];
  if (all.every(({ part }) => part.constant)) return null;
  const result = code.let('undefined');
  const strict = code.bind(strict2);
  const inner = `${strict}(${code.bind(FUNCTIONS[sum.overload])}, ${a.part.code}, ${b.part.code})`;
  const compare = code.bind(FUNCTIONS[overload]);
  const slow = left
    ? `${strict}(${compare}, ${inner}, ${other.part.code})`
    : `${strict}(${compare}, ${other.part.code}, ${inner})`;
  const unknown = strictly(context, all, '0', false);
  const numbers = () => {
    const s = code.let(`${seconds(a)} ${sign} ${seconds(b)}`);
    const n = code.let(`${nanos(a)} ${sign} ${nanos(b)}`);
    code.line(
      sign === '-'
        ? `if (${n} < 0) { ${n} += 1000000000; ${s} -= 1; }`
        : `if (${n} >= 1000000000) { ${n} -= 1000000000; ${s} += 1; }`,
    );
    const pairs = left
      ? ordered({ s, n, s2: seconds(other), n2: nanos(other), relation })
      : ordered({ s: seconds(other), n: nanos(other), s2: s, n2: n, relation });
    code.line(`${result} = ${s} > ${most} || ${s} < ${least} ? ${slow} : ${pairs};`);
  };
  if (!unknown.may) numbers();
  else {
    const open = all.filter(({ part }) => part.may).map(({ part }) => `${part.code}.seconds === undefined`);
    code.block(`if (${open.join(' || ')})`, () => code.line(`${result} = ${slow};`));
    code.block('else', numbers);
  }
  return { code: result, may: true };
}

function sumOf(node: Typed): { readonly overload: string; readonly arguments: readonly Typed[] } | null {
  return node.node === 'call' && node.overload !== null && Object.hasOwn(SUMS, node.overload)
    ? { overload: node.overload, arguments: node.arguments }
    : null;
}

const SIGNS: Readonly<Record<string, string>> = {
  '_+_': '+',
  '_-_': '-',
  '_*_': '*',
  '_/_': '/',
  '_%_': '%',
};
const MAX = Number.MAX_SAFE_INTEGER;

/** Null where it is not the arithmetic of ints or doubles. */
export function arithmetic(context: Context, node: Typed & { readonly node: 'call' }): Part | null {
  const { overload } = node;
  if (overload === 'negate_int64') return negation(context, node);
  const sign = SIGNS[node.function];
  if (sign === undefined || overload === null) return null;
  if (overload.endsWith('_double')) {
    const pair = operands(context, node.arguments) as unknown as Pair;
    return strictly(context, pair, `${pair[0].part.code} ${sign} ${pair[1].part.code}`, false);
  }
  return overload.endsWith('_int64') && !overload.includes('duration') ? ints(context, node, sign) : null;
}

/** In numbers while both operands and the result are safe integers; the function itself does the rest. */
function ints(context: Context, node: Typed & { readonly node: 'call' }, sign: string): Part {
  const { code } = context;
  const pair = operands(context, node.arguments) as unknown as Pair;
  const [a, b] = pair;
  const run = FUNCTIONS[node.overload ?? ''] as (a: never, b: never) => never;
  if (a.part.constant && b.part.constant && !context.traced) {
    return constant(context, run(a.part.constant.value as never, b.part.constant.value as never));
  }
  const [x, y] = [a.part.code, b.part.code];
  const slow = `${code.bind(strict2)}(${code.bind(run)}, ${x}, ${y})`;
  const numbers = pair
    .filter(({ part }) => typeof part.constant?.value !== 'number')
    .map(({ part }) => `typeof ${part.code} === "number"`);
  if (sign === '/' || sign === '%') {
    if (b.part.constant === undefined) numbers.push(`${y} !== 0`);
    else if (b.part.constant.value === 0) return { code: slow, may: true };
    const value = sign === '%' ? `${x} % ${y} + 0` : `(${x} - ${x} % ${y}) / ${y} + 0`;
    return { code: `(${numbers.join(' && ')} ? ${value} : ${slow})`, may: true };
  }
  const result = code.fresh();
  code.line(`let ${result} = 0;`);
  const zero = sign === '*' ? ' + 0' : '';
  const safe = `(${result} = ${x} ${sign} ${y}) <= ${MAX} && ${result} >= ${-MAX}`;
  return { code: `(${[...numbers, safe].join(' && ')} ? ${result}${zero} : ${slow})`, may: true };
}

function negation(context: Context, node: Typed & { readonly node: 'call' }): Part {
  const { code } = context;
  const [a] = operands(context, node.arguments) as [Operand];
  const run = FUNCTIONS.negate_int64 as (a: never) => never;
  if (a.part.constant && !context.traced) return constant(context, run(a.part.constant.value as never));
  const slow = `${code.bind(strict1)}(${code.bind(run)}, ${a.part.code})`;
  return { code: `(typeof ${a.part.code} === "number" ? 0 - ${a.part.code} : ${slow})`, may: true };
}

/** More than this many constants are looked up in a set. */
const FEW = 6;

export function membership(context: Context, nodes: readonly Typed[]): Part {
  const { code } = context;
  const [first, second] = nodes as [Typed, Typed];
  const scalar =
    second.type.name === 'list' && isIdentity(first.type, second.type.of) && !isDouble(first.type);
  const [value] = operands(context, [first]) as [Operand];
  const mapped = scalar ? withinMapped(context, value, second) : null;
  if (mapped) return mapped;
  const [container] = operands(context, [second]) as [Operand];
  if (container.type.name === 'list') {
    const items = container.part.constant?.value;
    if (scalar && Array.isArray(items) && items.every((item) => typeof item !== 'object')) {
      return among(context, value, items);
    }
    if (scalar) return search(context, value, container);
  }
  if (container.type.name === 'map' && value.type.name === 'string' && !value.part.may) {
    const entry = entryOf(context, container.part, value.part);
    const slow = `${code.bind(within)}(${value.part.code}, ${container.part.code})`;
    const none = `${container.part.code} instanceof ${code.bind(MapValue)} && ${container.part.code}.complete`;
    return { code: `(${entry} !== undefined ? true : ${none} ? false : ${slow})`, may: true };
  }
  const item = boxed(context, value.part, value.type).code;
  return { code: `${code.bind(within)}(${item}, ${container.part.code})`, may: true };
}

/** What stands under a string in a map, or undefined where a slower way has to tell; under a name. */
export function entryOf({ code }: Context, map: Part, key: Part): string {
  const known = code.recall(`${map.code}[${key.code}]`);
  if (known) return known.code;
  const entry = `${map.code} instanceof ${code.bind(MapValue)} ? ${map.code}.entries.get(${key.code}) : undefined`;
  return code.remember(`${map.code}[${key.code}]`, { code: code.let(entry), may: false }).code;
}

/** Goes through a list in which equal is identical; at the first that is not known, the function takes over. */
function search(context: Context, value: Operand, list: Operand): Part {
  const { code } = context;
  const [wanted, items] = [value.part.code, list.part.code];
  const slow = `${code.bind(within)}(${wanted}, ${items});`;
  const result = code.let('false');
  const type = typeof value.part.constant?.value === 'string' || isTextual(value.type) ? 'string' : 'number';
  const fits = value.type.name === 'bool' ? 'boolean' : type;
  const test = value.part.constant ? '' : ` && typeof ${wanted} === "${fits}"`;
  code.block(`if (${isArray(context, items)}${test})`, () => {
    const at = code.fresh();
    code.block(`for (let ${at} = 0; ${at} < ${items}.length; ${at}++)`, () => {
      const item = code.let(`${items}[${at}]`);
      code.line(`if (${item} === ${wanted}) { ${result} = true; break; }`);
      code.line(`if (typeof ${item} === "object") { ${result} = ${slow} break; }`);
    });
  });
  code.line(`else ${result} = ${slow}`);
  return { code: result, may: true };
}

function among(context: Context, value: Operand, items: readonly unknown[]): Part {
  if (items.length === 0) return strictly(context, [value], 'false', false);
  const test =
    items.length > FEW
      ? `${context.code.bind(new Set(items))}.has(${value.part.code})`
      : items.map((item) => `${value.part.code} === ${constant(context, item).code}`).join(' || ');
  return strictly(context, [value], test, false);
}
