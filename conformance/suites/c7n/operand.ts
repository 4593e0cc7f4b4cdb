/**
 * Operands: where a key of a policy leads in the resource, as two texts in CEL, whether something is there and what.
 * A null counts as nothing there, as it does in JMESPath.
 */
import { type Path, parsePath } from './jmespath.ts';

export interface Operand {
  /** True where there is a value other than null; safe to ask of anything. */
  readonly there: string;
  /** Means something only where `there` is true. */
  readonly value: string;
  /** Set where the policy says the value itself. */
  readonly literal?: { readonly is: unknown };
  /** Of a list: that one of its elements passes a test. */
  readonly some?: (test: (element: Operand) => string) => string;
}

export const ASSET: Operand = { there: 'true', value: 'asset' };

/** `key` is a tag (`tag:Name`), a JMESPath, or the plain name of a key that no JMESPath can be. */
export function operandOf(key: string): Operand {
  if (key.startsWith('tag:')) return tagOf(key.slice('tag:'.length));
  if (/^[A-Za-z_][\w-]*(:[\w-]+)+$/.test(key) || /^[A-Za-z_]\w*(-\w+)+$/.test(key)) return member(ASSET, key);
  return follow(parsePath(key), ASSET, 0);
}

/** The value of the first tag of the name. */
function tagOf(name: string): Operand {
  const tags = member(ASSET, 'Tags');
  const named = `t.Key == ${quoted(name)}`;
  return {
    there: both(tags.there, `${tags.value}.exists(t, ${named})`),
    value: `${tags.value}.filter(t, ${named})[0].Value`,
  };
}

function member(of: Operand, name: string): Operand {
  const isName = /^[A-Za-z_]\w*$/.test(name) && !RESERVED.has(name);
  const value = isName ? `${of.value}.${name}` : `${of.value}[${quoted(name)}]`;
  const has = isName ? `has(${value})` : `${quoted(name)} in ${of.value}`;
  const map = of === ASSET ? 'true' : `type(${of.value}) == map`;
  return { there: both(of.there, map, has, `${value} != null`), value };
}

/** Words that CEL keeps for itself or its hosts. */
const RESERVED = new Set(
  'as break const continue else false for function if import in let loop null package namespace return true var void while'.split(
    ' ',
  ),
);

function follow(path: Path, from: Operand, depth: number): Operand {
  switch (path.type) {
    case 'current':
      return from;
    case 'literal':
      return literalOf(path.value);
    case 'field':
      return member(follow(path.of, from, depth), path.name);
    case 'index':
      return indexOf(follow(path.of, from, depth), path.index);
    case 'pipe':
      return follow(path.right, follow(path.left, from, depth), depth);
    case 'project':
      return project(path, follow(path.of, from, depth), depth);
    case 'call':
      return callOf(path.name, path.args, from, depth);
    case 'not':
    case 'compare':
      return { there: 'true', value: `dyn(${condition(path, from, depth)})` };
    case 'logic': {
      const left = follow(path.left, from, depth);
      const right = follow(path.right, from, depth);
      const first = path.op === '||' ? truthy(left) : `!(${truthy(left)})`;
      return {
        there: either(both(first, left.there), both(`!(${first})`, right.there)),
        value: `(${first} ? ${left.value} : ${right.value})`,
      };
    }
  }
}

function indexOf(of: Operand, index: number): Operand {
  const value = index < 0 ? `${of.value}[size(${of.value}) - ${-index}]` : `${of.value}[${index}]`;
  const long = index < 0 ? `size(${of.value}) >= ${-index}` : `size(${of.value}) > ${index}`;
  return { there: both(of.there, isOf(of, 'list'), long, `${value} != null`), value };
}

function project(path: Path & { readonly type: 'project' }, of: Operand, depth: number): Operand {
  const name = `e${depth + nesting(path.of)}`;
  const element: Operand = { there: `${name} != null`, value: name };
  const wanted = path.where === null ? 'true' : condition(path.where, element, depth + 1);
  const each = follow(path.each, element, depth + 1);
  const kept = both(wanted, each.there);
  const within = (list: Operand, test: (element: Operand) => string) =>
    both(list.there, isOf(list, 'list'), `${list.value}.exists(${name}, ${both(kept, test(each))})`);
  const { some } = of;
  if (path.flatten && some !== undefined) {
    // CEL has no flatten: of a list of lists is known whether there is such an element, but not all of them as a list.
    return {
      there: of.there,
      get value(): string {
        throw new Error('JMESPath: `[]` flattens lists in lists; CEL has no flatten');
      },
      some: (test) => some((list) => within(list, test)),
    };
  }
  const filtered = kept === 'true' ? of.value : `${of.value}.filter(${name}, ${kept})`;
  const value = each.value === name ? filtered : `${filtered}.map(${name}, ${each.value})`;
  return {
    there: both(of.there, isOf(of, 'list')),
    value: `dyn(${value})`,
    some: (test) => within(of, test),
  };
}

function nesting(path: Path): number {
  return 'of' in path ? nesting(path.of) + Number(path.type === 'project') : 0;
}

function callOf(name: string, args: readonly Path[], from: Operand, depth: number): Operand {
  const [first = literalOf(null), second = literalOf(null)] = args.map((arg) => follow(arg, from, depth));
  const texts = both(first.there, second.there, isOf(first, 'string'), isOf(second, 'string'));
  switch (name) {
    case 'length':
      return { there: both(first.there, sized(first)), value: `dyn(size(${first.value}))` };
    case 'starts_with':
      return { there: texts, value: `dyn(${first.value}.startsWith(${second.value}))` };
    case 'ends_with':
      return { there: texts, value: `dyn(${first.value}.endsWith(${second.value}))` };
    case 'contains':
      return { there: 'true', value: `dyn(${contains(first, second)})` };
    default:
      throw new Error(`JMESPath: the function ${name}() is not translated`);
  }
}

/** A condition of a filter. */
function condition(path: Path, from: Operand, depth: number): string {
  if (path.type === 'not') return `!(${condition(path.of, from, depth)})`;
  if (path.type === 'logic') {
    const [left, right] = [condition(path.left, from, depth), condition(path.right, from, depth)];
    return path.op === '&&' ? both(left, right) : either(left, right);
  }
  if (path.type !== 'compare') return truthy(follow(path, from, depth));
  const [left, right] = [follow(path.left, from, depth), follow(path.right, from, depth)];
  if (path.op === '==') return equal(left, right);
  if (path.op === '!=') return `!(${equal(left, right)})`;
  return both(
    left.there,
    right.there,
    isNumber(left),
    isNumber(right),
    `${left.value} ${path.op} ${right.value}`,
  );
}

/** JMESPath counts null, false and what is empty as false. */
function truthy(of: Operand): string {
  const { value } = of;
  return both(of.there, `!(${value} == false || ${value} == "" || ${value} == [] || ${value} == {})`);
}

export function equal(left: Operand, right: Operand): string {
  if (right.literal?.is === null) return `!(${left.there})`;
  return both(left.there, right.there, `${left.value} == ${right.value}`);
}

/** A list's element, a part of a text, or a key of a map. */
export function contains(whole: Operand, part: Operand): string {
  if (whole.some !== undefined)
    return both(
      part.there,
      whole.some((each) => equal(each, part)),
    );
  const inText = both(isOf(whole, 'string'), isOf(part, 'string'), `${whole.value}.contains(${part.value})`);
  const inMap = both(isOf(whole, 'map'), isOf(part, 'string'), `${part.value} in ${whole.value}`);
  const inList = both(isOf(whole, 'list'), `${part.value} in ${whole.value}`);
  return both(whole.there, part.there, either(inList, inText, inMap));
}

/** Whether a value is of one of the types; decided here where the policy says the value. */
export function isOf(
  of: Operand,
  ...types: readonly ('list' | 'map' | 'string' | 'int' | 'double' | 'bool')[]
): string {
  if (of.literal === undefined) return either(...types.map((type) => `type(${of.value}) == ${type}`));
  const { is } = of.literal;
  const type = Array.isArray(is) ? 'list' : typeof is;
  const named = type === 'object' ? 'map' : type === 'boolean' ? 'bool' : type;
  const number = Number.isInteger(is) ? 'int' : 'double';
  return types.some((each) => each === (named === 'number' ? number : named)) ? 'true' : 'false';
}

export const isNumber = (of: Operand): string => isOf(of, 'int', 'double');
export const sized = (of: Operand): string => isOf(of, 'list', 'map', 'string');

export function literalOf(value: unknown): Operand {
  return { there: value === null ? 'false' : 'true', value: celOf(value), literal: { is: value } };
}

export function celOf(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(celOf).join(', ')}]`;
  if (value === null || typeof value !== 'object') return String(value);
  return `{${Object.entries(value)
    .map(([key, each]) => `${quoted(key)}: ${celOf(each)}`)
    .join(', ')}}`;
}

/** Escapes of JSON are escapes of CEL. */
export const quoted = (text: string): string => JSON.stringify(text);

export function both(...parts: readonly string[]): string {
  const kept = [...new Set(parts.filter((part) => part !== 'true'))];
  if (kept.includes('false')) return 'false';
  return kept.length === 0 ? 'true' : kept.map(grouped).join(' && ');
}

export function either(...parts: readonly string[]): string {
  const kept = [...new Set(parts.filter((part) => part !== 'false'))];
  if (kept.includes('true')) return 'true';
  return kept.length === 0 ? 'false' : kept.map(grouped).join(' || ');
}

/** Parentheses around what may not stand beside `&&` and `||` as it is. */
const grouped = (part: string): string => (/ (&&|\|\||\?) /.test(part) ? `(${part})` : part);
