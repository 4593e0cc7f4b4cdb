/** Calls: logic and operators have files of their own; the rest is a function of the table, or one of optionals. */

import { SIGNATURES } from '../language.ts';
import { elementOf, NONE, optionalElement } from '../runtime/access.ts';
import { dispatcher } from '../runtime/dispatch.ts';
import { whole } from '../runtime/equality.ts';
import { count } from '../runtime/fold.ts';
import { FUNCTIONS } from '../runtime/functions.ts';
import { strict1 } from '../runtime/logic.ts';
import { regexOf } from '../runtime/regex.ts';
import { isZero, typeOf } from '../runtime/types.ts';
import { type Data, Optional, undefinedHere } from '../runtime/value.ts';
import type { Typed } from '../typed.ts';
import type { Part } from './code.ts';
import {
  boxed,
  type Context,
  constant,
  isArray,
  isDouble,
  type Operand,
  operands,
  strictly,
  unboxed,
} from './context.ts';
import { sizeOf } from './folds.ts';
import { conditionOf, either, not, ternary } from './logic.ts';
import { arithmetic, entryOf, equality, inequality, membership, order, RELATIONS } from './operators.ts';
import { otherwise } from './read.ts';

type Call = Typed & { readonly node: 'call' };

export function call(context: Context, node: Call): Part {
  const parts = node.arguments;
  const [first, second] = parts as [Typed, Typed];
  switch (node.function) {
    case '_&&_':
      return either(context, first, second, false);
    case '_||_':
      return either(context, first, second, true);
    case '!_':
      return not(context, conditionOf(context, first));
    case '_?_:_':
      return ternary(context, parts, node.type);
    case '_==_':
      return equality(context, parts);
    case '_!=_':
      return inequality(context, parts);
    case '@in':
      return membership(context, parts);
    case '_[_]':
    case '_[?_]':
      return element(context, node);
    case 'dyn':
      return boxed(context, context.emit(first), first.type);
    case 'type':
      return anyway(context, node, typeOf);
    case 'size':
      if (first.type.name === 'list') return sizeOf(context, first) ?? length(context, first);
      if (first.type.name === 'map') return anyway(context, node, count, true);
  }
  const ofOptional = optional(context, node);
  if (ofOptional) return ofOptional;
  const relation = RELATIONS[node.function];
  if (node.overload === null) return dynamic(context, node);
  const own =
    relation === undefined
      ? (arithmetic(context, node) ?? text(context, node))
      : order(context, parts, relation, node.overload);
  return own ?? row(context, node);
}

function length(context: Context, list: Typed): Part {
  const { code, may, complete } = context.code.hold(context.emit(list));
  if (complete && !may) return { code: `${code}.length`, may: false };
  const slow = `${context.code.bind(strict1)}(${context.code.bind(count)}, ${code})`;
  return { code: `(${isArray(context, code)} ? ${code}.length : ${slow})`, may: true };
}

/** One operand, boxed, to a function that takes any. */
function anyway(context: Context, node: Call, run: (value: never) => Data, may = false): Part {
  const [value] = operands(context, node.arguments) as [Operand];
  const { code } = boxed(context, value.part, value.type);
  return strictly(context, [value], `${context.code.bind(run)}(${code})`, may);
}

function element(context: Context, node: Call): Part {
  const path = context.pathOf(node.arguments[0] as Typed);
  const [container, key] = operands(context, node.arguments) as [Operand, Operand];
  const run = node.function === '_[_]' ? elementOf : optionalElement;
  const index = boxed(context, key.part, key.type).code;
  const elementCode = () =>
    `${context.code.bind(run)}(${container.part.code}, ${index}, ${JSON.stringify(path)})`;
  if (run === elementOf && container.type.name === 'list' && key.type.name === 'int') {
    const [list, at] = [container.part.code, key.part.code];
    const inside = `${isArray(context, list)} && ${at} >= 0 && ${at} < ${list}.length`;
    const slow = strictly(context, [container, key], elementCode(), true);
    return unboxed(context, { code: `(${inside} ? ${list}[${at}] : ${slow.code})`, may: true }, node.type);
  }
  if (run === elementOf && container.type.name === 'map' && key.type.name === 'string' && !key.part.may) {
    const entry = entryOf(context, container.part, key.part);
    const slow = strictly(context, [container], elementCode(), true);
    return unboxed(
      context,
      { code: `(${entry} !== undefined ? ${entry}[1] : ${slow.code})`, may: true },
      node.type,
    );
  }
  const found = strictly(context, [container, key], elementCode(), true);
  return unboxed(context, found, node.type);
}

/** Predicates on strings that JavaScript has as CEL does. */
const METHODS: Readonly<Record<string, string>> = {
  starts_with_string: 'startsWith',
  ends_with_string: 'endsWith',
  contains_string: 'includes',
};

function text(context: Context, node: Call): Part | null {
  const name = METHODS[node.overload ?? ''];
  if (name !== undefined) {
    const [a, b] = operands(context, node.arguments) as [Operand, Operand];
    return strictly(context, [a, b], `${a.part.code}.${name}(${b.part.code})`, false);
  }
  if (node.function !== 'matches') return null;
  const [subject, pattern] = operands(context, node.arguments) as [Operand, Operand];
  if (typeof pattern.part.constant?.value !== 'string') return null;
  const test = context.code.bind(compilePattern(pattern.part.constant.value));
  return strictly(context, [subject], `${test}(${subject.part.code})`, true);
}

function compilePattern(source: string): (text: string) => Data {
  const compiled = regexOf(source);
  if (compiled) return (text) => compiled.test(text);
  const mistake = undefinedHere('not a valid RE2 pattern');
  return () => mistake;
}

const ROWS = new Map(SIGNATURES.map((one) => [one.id, one]));
/** Aggregates are looked through for what is not known inside them. */
const AGGREGATES = new Set<string>(['list', 'map', 'dyn', 'optional', 'record']);

/** A function of the table. */
function row(context: Context, node: Call): Part {
  const id = node.overload ?? '';
  const run = FUNCTIONS[id];
  if (run === undefined) throw new TypeError(`there is no function with the overload id ${id}`);
  const takes = ROWS.get(id)?.takes ?? [];
  const given = operands(context, node.arguments).map(({ part, type }, index): Operand => {
    const wants = takes[index];
    const held = wants && isDouble(type) && !isDouble(wants) ? boxed(context, part, type) : part;
    if (!AGGREGATES.has(type.name) || held.constant) return { part: context.code.hold(held), type };
    const looked = { code: `${context.code.bind(whole)}(${held.code})`, may: true };
    return { part: context.code.hold(looked), type };
  });
  const gives = ROWS.get(id)?.gives;
  const result = (part: Part) =>
    gives && !isDouble(gives) && isDouble(node.type) ? unboxed(context, part, node.type) : part;
  if (!context.traced && given.every(({ part }) => part.constant)) {
    const values = given.map(({ part }) => part.constant?.value as never);
    return result(constant(context, run(...values)));
  }
  const names = given.map(({ part }) => part.code).join(', ');
  return result(strictly(context, given, `${context.code.bind(run)}(${names})`, true));
}

/** A call of which only running shows the types. */
function dynamic(context: Context, node: Call): Part {
  const names = operands(context, node.arguments).map(({ part, type }) => boxed(context, part, type).code);
  const run = context.code.bind(dispatcher(node.function, node.candidates));
  return unboxed(context, { code: `${run}(${names.join(', ')})`, may: true }, node.type);
}

/** Null where it is no function of optionals. */
function optional(context: Context, node: Call): Part | null {
  const { code } = context;
  const [first, second] = node.arguments as [Typed, Typed];
  const held = () => {
    const [value] = operands(context, [first]) as [Operand];
    return value;
  };
  switch (node.function) {
    case 'optional.none':
      return { code: code.bind(NONE), may: false };
    case 'optional.of':
    case 'optional.ofNonZeroValue': {
      const value = held();
      const inner = boxed(context, value.part, value.type).code;
      const make = node.function === 'optional.of' ? optionalOfValue : ofNonZero;
      return strictly(context, [value], `${code.bind(make)}(${inner})`, false);
    }
    case 'hasValue': {
      const value = held();
      return strictly(context, [value], `${code.bind(hasValue)}(${value.part.code})`, true);
    }
    case 'value': {
      const value = held();
      const found = strictly(context, [value], `${code.bind(valueInside)}(${value.part.code})`, true);
      return unboxed(context, found, node.type);
    }
    case 'or':
      return otherwise({ context, first, second, type: node.type, wrapped: true });
    case 'orValue':
      return otherwise({ context, first, second, type: node.type, wrapped: false });
    default:
      return null;
  }
}

const optionalOfValue = (value: Data): Data => new Optional(value);
const hasValue = (value: Data): Data =>
  value instanceof Optional
    ? value.value !== undefined
    : undefinedHere('only an optional has a value or none');
const valueInside = (value: Data): Data => {
  const held = value instanceof Optional ? value.value : undefined;
  return held === undefined ? undefinedHere('the optional is none') : held;
};
const ofNonZero = (value: Data): Data => (isZero(value) ? NONE : new Optional(value));
