/**
 * An expression as a closure over three states (SEMANTICS of the language: Kleene's logic for `!`, `&&`, `||`, `all`,
 * `exists` and `in`, which absorb an unknown; everything else, the ternary's condition included, is strict).
 * It never throws and never guesses: what cannot be decided comes back as `Unknown` with all its causes.
 */

import { check, type Scope } from './check.ts';
import { equal, FUNCTIONS, pattern } from './function.ts';
import { parse } from './parse.ts';
import type { CelMistake } from './tree.ts';
import { BOOL, type Type } from './type.ts';
import type { Typed } from './typed.ts';
import { type Datum, type Fields, isUnknown, type List, together, type Unknown, unknown } from './value.ts';

/** What an expression can read. */
export interface Bindings {
  readonly [name: string]: Datum;
}

export interface Expression {
  readonly text: string;
  readonly type: Type;
  /** Attributes of the asset that it reads, sorted. */
  readonly reads: readonly string[];
  readonly run: (bindings: Bindings) => Datum;
}

type Run = (bindings: Bindings, locals: Datum[]) => Datum;

export function compile(
  text: string,
  scope: Scope,
  expected: Type = BOOL,
): { readonly expression: Expression } | { readonly mistakes: readonly CelMistake[] } {
  const parsed = parse(text);
  if ('mistake' in parsed) return { mistakes: [parsed.mistake] };
  const checked = check(parsed.tree, scope, expected);
  if (!checked.typed) return { mistakes: checked.mistakes };
  const run = closure(checked.typed, []);
  return {
    expression: {
      text,
      type: checked.typed.type,
      reads: checked.reads,
      run: (bindings) => run(bindings, []),
    },
  };
}

/**
 * A list expression whose elements are wanted as far as they are known: of `list.filter(x, p)` those for which `p` is
 * true, whatever is undecided about the rest. Used to point at what is at fault, never to decide.
 */
export function elements(expression: Expression, bindings: Bindings): readonly Datum[] {
  const list = expression.run({ ...bindings, ...LENIENT });
  return typeof list === 'object' && list !== null && list.is === 'list' ? list.items : [];
}

/** Marks a lenient run; the name cannot be written in CEL. */
const LENIENT = { '@lenient': true } as const;

function closure(node: Typed, locals: readonly number[]): Run {
  const inner = (part: Typed) => closure(part, locals);
  switch (node.node) {
    case 'literal':
      return () => node.value as Datum;
    case 'variable': {
      const slot = node.binding === null ? -1 : locals.lastIndexOf(node.binding);
      if (slot >= 0) return (_, values) => values[slot] ?? null;
      return (bindings) => bindings[node.name] ?? unknown('undefined', node.name, 'nothing is bound to it');
    }
    case 'select':
    case 'has':
      return select(node, inner(node.of), node.of.type);
    case 'list': {
      const items = node.items.map((item) => inner(item.value));
      return (bindings, values) => ({
        is: 'list',
        items: items.map((item) => item(bindings, values)),
        complete: true,
        path: '',
      });
    }
    case 'fold':
      return macro(node, locals);
    case 'call':
      return call(node, node.arguments.map(inner));
    default:
      return NEVER;
  }
}

function select(node: Typed & { readonly node: 'select' | 'has' }, of: Run, type: Type): Run {
  const { field } = node;
  // None of a list is the complete empty list, so `has(list)` is true once it was looked at.
  const definition = type.name === 'record' ? type.fields[field] : undefined;
  const isList = definition?.type.name === 'list' || definition?.type.name === 'map';
  return (bindings, values) => {
    const record = of(bindings, values) as Fields | Unknown;
    if (isUnknown(record)) return record;
    const path = `${record.path}.${field}`;
    const found = record.fields.get(field);
    if (found !== undefined) return node.node === 'has' && !isUnknown(found) ? true : found;
    if (!record.complete) return unknown('incomplete', path, 'only a part of the map was seen');
    if (isList) return node.node === 'has' ? true : { is: 'list', items: [], complete: true, path };
    return node.node === 'has' ? false : unknown('undefined', path, 'it is absent');
  };
}

function macro(node: Typed & { readonly node: 'fold' }, locals: readonly number[]): Run {
  const over = closure(node.over, locals);
  const inside = [...locals, node.bindings[0]];
  const slot = locals.length;
  const body = closure(node.body, inside);
  const where = node.where ? closure(node.where, inside) : null;
  const each = (bindings: Bindings, values: Datum[], run: Run, item: Datum): Datum => {
    const saved = values.slice(0, slot);
    saved[slot] = item;
    return run(bindings, saved);
  };
  const fold = FOLDS[node.fold] ?? NO_FOLD;
  return (bindings, values) => {
    const list = over(bindings, values) as List | Unknown;
    if (isUnknown(list)) return list;
    if (bindings['@lenient'] === true && node.fold === 'filter') {
      return { ...list, items: list.items.filter((item) => each(bindings, values, body, item) === true) };
    }
    return fold(
      list,
      (item) => each(bindings, values, body, item),
      (item) => (where ? each(bindings, values, where, item) : true),
    );
  };
}

const partial = (list: List): Unknown => unknown('incomplete', list.path, 'only a part of the list was seen');

type Fold = (list: List, body: (item: Datum) => Datum, where: (item: Datum) => Datum) => Datum;

/** `all` is decided by one false, `exists` by one true; otherwise every undecided element, and what was not seen, counts. */
const absorbing =
  (decisive: boolean): Fold =>
  (list, body) => {
    const undecided: Unknown[] = list.complete ? [] : [partial(list)];
    for (const item of list.items) {
      const result = body(item);
      if (result === decisive) return decisive;
      if (isUnknown(result)) undecided.push(result);
    }
    return undecided.length > 0 ? together(...undecided) : !decisive;
  };

/** The elements for which a condition holds, or every cause why that is undecided. */
function kept(list: List, condition: (item: Datum) => Datum): readonly Datum[] | Unknown {
  const undecided: Unknown[] = list.complete ? [] : [partial(list)];
  const items = list.items.filter((item) => {
    const result = condition(item);
    if (isUnknown(result)) undecided.push(result);
    return result === true;
  });
  return undecided.length > 0 ? together(...undecided) : items;
}

const NO_FOLD: Fold = () => NEVER({}, []);

const FOLDS: Readonly<Record<string, Fold>> = {
  all: absorbing(false),
  exists: absorbing(true),
  exists_one: (list, body) => {
    const items = kept(list, body);
    return 'is' in items ? items : items.length === 1;
  },
  filter: (list, body) => {
    const items = kept(list, body);
    return 'is' in items ? items : { ...list, items };
  },
  map: (list, body, where) => {
    const items = kept(list, where);
    return 'is' in items ? items : { ...list, items: items.map(body) };
  },
};

function call(node: Typed & { readonly node: 'call' }, parts: readonly Run[]): Run {
  const [first = NEVER, second = NEVER, third = NEVER] = parts;
  switch (node.function) {
    case '!_':
      return (bindings, values) => {
        const value = first(bindings, values);
        return isUnknown(value) ? value : !value;
      };
    case '_&&_':
      return absorb(first, second, false);
    case '_||_':
      return absorb(first, second, true);
    case '_?_:_':
      return (bindings, values) => {
        const condition = first(bindings, values);
        return isUnknown(condition) ? condition : (condition ? second : third)(bindings, values);
      };
    case '_==_':
    case '_!=_': {
      const wanted = node.function === '_==_';
      return strict(parts, ([a = null, b = null]) => equal(a, b) === wanted);
    }
    case '@in':
      return (bindings, values) => membership(first(bindings, values), second(bindings, values));
    case '_[_]':
      return strict(parts, ([container = null, key = null]) => element(container, key));
    case 'matches': {
      const [, regex] = node.arguments;
      const test = (regex?.node === 'literal' && pattern(String(regex.value))) || (() => false);
      return strict([first], ([text]) => test(String(text)));
    }
    default: {
      const names = node.arguments.map(({ type }) => (type.name === 'enum' ? 'string' : type.name));
      const row = FUNCTIONS[node.function]?.find(({ takes }) => takes.join() === names.join());
      const run = row?.run as ((...values: readonly Datum[]) => Datum) | undefined;
      const undefinedHere = unknown(
        'undefined',
        '',
        `\`${node.function.replaceAll('_', '')}\` has no result here`,
      );
      return strict(parts, (values) => run?.(...values) ?? undefinedHere);
    }
  }
}

const NEVER: Run = () => unknown('undefined', '', 'an operand is missing');

/** Both sides are run, so that the causes do not depend on which one stands first. */
function absorb(first: Run, second: Run, decisive: boolean): Run {
  return (bindings, values) => {
    const left = first(bindings, values);
    if (left === decisive) return decisive;
    const right = second(bindings, values);
    if (right === decisive) return decisive;
    return isUnknown(left) || isUnknown(right) ? together(left, right) : !decisive;
  };
}

/** Undecided when any operand is, or holds something undecided, or is a list of which only a part was seen. */
function strict(parts: readonly Run[], apply: (values: readonly Datum[]) => Datum): Run {
  return (bindings, values) => {
    const operands = parts.map((part) => part(bindings, values));
    const undecided = operands.flatMap((operand) => holes(operand));
    return undecided.length > 0 ? together(...undecided) : apply(operands);
  };
}

function holes(value: Datum): readonly Unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  switch (value.is) {
    case 'unknown':
      return [value];
    case 'list':
      return [...(value.complete ? [] : [partial(value)]), ...value.items.flatMap(holes)];
    case 'record':
      return [...value.fields.values()].flatMap(holes);
    default:
      return [];
  }
}

function membership(value: Datum, container: Datum): Datum {
  if (isUnknown(value) || isUnknown(container)) return together(value, container);
  if (typeof container !== 'object' || container === null) return false;
  if (container.is === 'record') {
    if (container.fields.has(String(value))) return true;
    return container.complete
      ? false
      : unknown('incomplete', container.path, 'only a part of the map was seen');
  }
  return container.is === 'list'
    ? absorbing(true)(
        container,
        (item) => sameOrUnknown(item, value),
        () => true,
      )
    : false;
}

function sameOrUnknown(a: Datum, b: Datum): Datum {
  const undecided = [...holes(a), ...holes(b)];
  return undecided.length > 0 ? together(...undecided) : equal(a, b);
}

function element(container: Datum, key: Datum): Datum {
  if (typeof container !== 'object' || container === null) return NEVER({}, []);
  if (container.is === 'list') {
    return container.items[Number(key)] ?? unknown('undefined', container.path, `there is no element ${key}`);
  }
  if (container.is === 'record') {
    return (
      container.fields.get(String(key)) ?? unknown('undefined', container.path, `there is no key ${key}`)
    );
  }
  return NEVER({}, []);
}
