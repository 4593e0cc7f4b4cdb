/** Checks calls: operators, functions and methods, by the rows of the language. */
import { didYouMean, suggestionFor } from '../text/suggestion.ts';
import { type Checking, condition, type Flow, plain } from './checking.ts';
import { constantPattern, constantResult, words } from './constant.ts';
import { type Names, NO_FACTS, type Presences, pathsOf } from './presence.ts';
import type { Signature } from './signature.ts';
import type { Node } from './tree.ts';
import { BOOL, listOf, type Type, typeName } from './type.ts';
import type { Typed } from './typed.ts';
import { renamed } from './unify.ts';

type Call = Node & { readonly node: 'call' };

export function call(c: Checking, node: Call, names: Names, present: Presences): Flow {
  const logical = logic(c, node, names, present);
  if (logical) return logical;
  const [receiver] = node.arguments;
  if (node.function === 'related' && !node.method && c.relations) return related(c, node, c.relations);
  const qualified = c.lookup.functionName(node, names);
  const name = qualified ?? node.function;
  const method = node.method && qualified === null;
  const parts = qualified !== null && node.method ? node.arguments.slice(1) : node.arguments;
  const rows = (c.language.functions.get(name) ?? []).filter((row) => row.method === method);
  const space = method && rows.length === 0 ? c.lookup.unknownName(node.arguments[0], names) : null;
  if (rows.length === 0 && method && MACROS.includes(suggestionFor(name, functionNames(c, name)) ?? '')) {
    // A macro written wrongly: its variable means nothing here, so only the receiver can be checked.
    operands({ c, name, parts: parts.slice(0, 1), names, present });
    return unknownFunction(c, node, name, method);
  }
  const given = operands({ c, name, parts: space === null ? parts : parts.slice(1), names, present });
  if (space !== null) return unknownFunction(c, node, `${space}.${name}`, false);
  if (rows.length === 0) return unknownFunction(c, node, name, method);
  if (!given) return plain(null);
  const typed = choose({ c, node, name, rows, given, parts });
  if (!typed) return plain(null);
  if (method && name === 'hasValue' && receiver?.node === 'select' && receiver.optional) {
    const [path] = pathsOf(receiver, names);
    return { typed, whenTrue: new Set(path === undefined ? [] : [path]), whenFalse: NO_FACTS };
  }
  return plain(typed);
}

interface OperandsInput {
  readonly c: Checking;
  readonly name: string;
  readonly parts: readonly Node[];
  readonly names: Names;
  readonly present: Presences;
}

/** The operands as the rows take them; null when one has a mistake, after all were looked at. */
function operands({ c, name, parts, names, present }: OperandsInput): readonly Typed[] | null {
  // What `format` fills in may be of any types, in the one list that needs no type of its own.
  const visit = (part: Node, index: number): Typed | null =>
    c.language.rules === 'standards' && name === 'format' && index === 1 && part.node === 'list'
      ? mixed(c, part, names, present)
      : c.visit(part, names, present).typed;
  const given = parts.map(visit);
  const found = given.filter((typed) => typed !== null);
  if (found.length < given.length) return null;
  const [first] = found;
  if ((name !== 'math.greatest' && name !== 'math.least') || !first || found.length < 3) return found;
  const odd = found.find(({ type }) => !c.unifier.join(first.type, type));
  if (odd && c.language.rules === 'standards') {
    c.mistake(odd.at, `\`${name}\` compares numbers of one type, here ${typeName(first.type)}`);
    return null;
  }
  const items = found.map((value) => ({ value, optional: false }));
  const of: Type = odd ? { name: 'dyn' } : first.type;
  return [{ at: first.at, type: listOf(of), node: 'list', items }];
}

function mixed(
  c: Checking,
  list: Node & { readonly node: 'list' },
  names: Names,
  present: Presences,
): Typed | null {
  const values = list.items.map((item) => c.visit(item, names, present).typed);
  const items = values.flatMap((value) => (value ? [{ value, optional: false }] : []));
  if (items.length < values.length) return null;
  const [first] = items;
  const one = items.every(({ value }) => first && c.unifier.join(first.value.type, value.type));
  const of: Type = one && first ? first.value.type : { name: 'dyn' };
  return { at: list.at, type: listOf(of), node: 'list', items };
}

/** `!`, `&&`, `||` and the ternary: what each part shows of what is there holds in the parts after it. */
function logic(c: Checking, node: Call, names: Names, present: Presences): Flow | null {
  const [first, second, third] = node.arguments;
  const asks = (part: Node, facts: Presences) =>
    condition({ c, part, names, present: facts, needed: 'a condition is needed here' });
  const typed = (type: Type, overload: string, given: readonly Flow[]): Typed | null => {
    const parts = given.flatMap((flow) => flow.typed ?? []);
    if (parts.length < given.length) return null;
    return { at: node.at, type, node: 'call', function: node.function, overload, arguments: parts };
  };
  if (node.function === '!_' && first) {
    const of = asks(first, present);
    return { typed: typed(BOOL, 'logical_not', [of]), whenTrue: of.whenFalse, whenFalse: of.whenTrue };
  }
  if (node.function === '_&&_' && first && second) {
    const left = asks(first, present);
    const right = asks(second, present.union(left.whenTrue));
    return {
      typed: typed(BOOL, 'logical_and', [left, right]),
      whenTrue: left.whenTrue.union(right.whenTrue),
      whenFalse: left.whenFalse.intersection(right.whenFalse),
    };
  }
  if (node.function === '_||_' && first && second) {
    const left = asks(first, present);
    const right = asks(second, present.union(left.whenFalse));
    return {
      typed: typed(BOOL, 'logical_or', [left, right]),
      whenTrue: left.whenTrue.intersection(right.whenTrue),
      whenFalse: left.whenFalse.union(right.whenFalse),
    };
  }
  if (node.function !== '_?_:_' || !first || !second || !third) return null;
  const test = asks(first, present);
  const yes = c.visit(second, names, present.union(test.whenTrue));
  const no = c.visit(third, names, present.union(test.whenFalse));
  if (!yes.typed || !no.typed) return plain(null);
  const either = c.unifier.fresh();
  if (!c.unifier.assign([yes.typed.type, no.typed.type], [either, either])) {
    const [a, b] = [yes.typed, no.typed].map((part) => typeName(c.unifier.resolve(part.type)));
    return c.mistake(node.at, `both branches need one type, here ${a} and ${b}`);
  }
  // A branch that can only be false says nothing of when the whole is true: then the other one was taken.
  const facts = (value: boolean, a: Presences, b: Presences): Presences => {
    const [yesFacts, noFacts] = [test.whenTrue.union(a), test.whenFalse.union(b)];
    if (isConstant(third, !value)) return yesFacts;
    return isConstant(second, !value) ? noFacts : yesFacts.intersection(noFacts);
  };
  return {
    typed: typed(c.unifier.resolve(either), 'conditional', [test, yes, no]),
    whenTrue: facts(true, yes.whenTrue, no.whenTrue),
    whenFalse: facts(false, yes.whenFalse, no.whenFalse),
  };
}

const isConstant = (node: Node, value: boolean): boolean => node.node === 'literal' && node.value === value;

interface ChooseInput {
  readonly c: Checking;
  readonly node: Call;
  readonly name: string;
  readonly rows: readonly Signature[];
  readonly given: readonly Typed[];
  readonly parts: readonly Node[];
}

function choose({ c, node, name, rows, given, parts }: ChooseInput): Typed | null {
  const types = given.map(({ type }) => type);
  let gives: Type | null = null;
  const fitting = rows.filter((row) => {
    const own = renamed([...row.takes, row.gives], c.unifier.fresh);
    const result = own.at(-1) ?? row.gives;
    if (!c.unifier.assign(types, own.slice(0, -1))) return false;
    const found = c.unifier.resolve(result);
    gives = gives === null || typeName(gives) === typeName(found) ? found : { name: 'dyn' };
    return true;
  });
  const shown = types.map((type) => c.unifier.resolve(type));
  if (gives === null) {
    c.mistake(node.at, mismatch(name, rows, shown));
    return null;
  }
  if (c.language.rules === 'standards') {
    if (fitting.length > 1) {
      c.mistake(node.at, `\`${sign(name)}\` cannot tell what the empty list or map here would hold`);
      return null;
    }
    if (name === 'matches' && !constantPattern(c, node.at, parts)) return null;
    if (!constantResult(c, fitting[0]?.id ?? '', parts)) return null;
    if (name === '_==_' || name === '_!=_' || name === '@in') {
      if (shown.some(holdsAsset)) {
        c.mistake(
          node.at,
          'assets are not compared whole, because each attribute has an age of its own: compare one',
        );
        return null;
      }
      words(c, given);
    }
  }
  const typed: Typed = {
    at: node.at,
    type: gives,
    node: 'call',
    function: name,
    overload: null,
    arguments: given,
  };
  c.rows.set(typed, fitting);
  return typed;
}

function holdsAsset(type: Type): boolean {
  if (type.name === 'list' || type.name === 'map' || type.name === 'optional') return holdsAsset(type.of);
  return type.name === 'record' && type.kind !== undefined;
}

/** How a function or operator is written. */
const sign = (name: string): string =>
  name === '_[_]' || name === '_[?_]' ? '[…]' : name.replace(/^@|_(?=\W)|(?<=\W)_/g, '');

const NUMBERS: ReadonlySet<string> = new Set(['int', 'uint', 'double']);

function mismatch(name: string, rows: readonly Signature[], given: readonly Type[]): string {
  const shown = given.map(typeName).join(', ');
  const [first, second] = given;
  switch (name) {
    case '_==_':
    case '_!=_':
      if (given.some((type) => type.name === 'null'))
        return 'nothing here is ever null: ask whether it is there with `has(…)`';
      return `${shown} are never equal: compare values of one type`;
    case '@in':
      return `\`in\` needs a value and a list of its type, or a key and a map, not ${shown}`;
    case '_[_]':
    case '_[?_]':
      return `an index needs a list and an int, or a map and a key of its type, not ${shown}`;
  }
  const takes = new Set(rows.map((row) => row.takes.map(typeName).join(', ') || 'nothing'));
  const known = takes.size > 0 && takes.size <= 6 ? `; it takes ${[...takes].join(', or ')}` : '';
  const numbers =
    first && second && first.name !== second.name && given.every((type) => NUMBERS.has(type.name));
  const fix = numbers ? `: convert one of them, as in \`${second.name}(…)\`` : known;
  return `\`${sign(name)}\` does not take ${shown || 'nothing'}${fix}`;
}

function unknownFunction(c: Checking, node: Call, name: string, method: boolean): Flow {
  const rows = c.language.functions.get(name);
  const shown = sign(name);
  if (rows) {
    const right = method ? `${shown}(x)` : `x.${shown}(…)`;
    return c.mistake(node.at, `\`${shown}\` is written \`${right}\``);
  }
  return c.mistake(node.at, `there is no function \`${shown}\`${didYouMean(shown, functionNames(c, name))}`);
}

/** What a name that is no function may have meant. */
function functionNames(c: Checking, name: string): readonly string[] {
  const known = [...c.language.functions.keys()].filter((key) => /^[\w.]{3,}$/.test(key) && key !== name);
  return [...known, ...MACROS];
}

const MACROS = [
  'has',
  'all',
  'exists',
  'exists_one',
  'map',
  'filter',
  'optMap',
  'optFlatMap',
  'transformList',
  'transformMap',
];

function related(c: Checking, node: Call, relations: Readonly<Record<string, Type>>): Flow {
  const [name] = node.arguments;
  if (node.arguments.length !== 1 || name?.node !== 'literal' || typeof name.value !== 'string') {
    return c.mistake(node.at, '`related` takes the name of one relation, as in `related("runs_in")`');
  }
  const type = Object.hasOwn(relations, name.value) ? relations[name.value] : undefined;
  if (!type) {
    const known = Object.keys(relations);
    const hint = didYouMean(name.value, known) || (known.length > 0 ? `; there is ${known.join(', ')}` : '');
    return c.mistake(name.at, `there is no relation \`${name.value}\`${hint}`);
  }
  c.relation(name.value);
  return plain({ at: node.at, type: listOf(type), node: 'related', relation: name.value });
}
