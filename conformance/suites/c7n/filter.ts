/**
 * Cloud Custodian's value filters as one expression in CEL, by the rules of its documentation ("Generic Filters", "Value
 * Type Transforms"): blocks, operators, words such as `absent`, and transforms of the value before it is compared.
 */
import {
  both,
  celOf,
  contains,
  either,
  equal,
  isNumber,
  isOf,
  literalOf,
  type Operand,
  operandOf,
  quoted,
  sized,
} from './operand.ts';

/** Throws with the construct that is not translated. */
export function expressionOf(filters: readonly unknown[]): string {
  return both(...filters.map(filter));
}

function filter(given: unknown): string {
  if (typeof given !== 'object' || given === null)
    throw new Error(`the filter ${String(given)} is not about values`);
  const { type, ...rest } = given as Readonly<Record<string, unknown>>;
  if (type === undefined) {
    const [[key = '', value] = [], ...more] = Object.entries(rest);
    if (more.length > 0) throw new Error('a filter without a type has one key');
    if (key === 'and') return expressionOf(value as unknown[]);
    if (key === 'or') return either(...(value as unknown[]).map(filter));
    if (key === 'not') return `!(${expressionOf(value as unknown[])})`;
    return comparison(operandOf(key), literalOf(value), undefined);
  }
  if (type !== 'value') throw new Error(`the filter ${type} is not about values`);
  const { key, value, op, value_type, value_path, ...options } = rest;
  const [option] = Object.keys(options);
  if (option !== undefined) throw new Error(`the option ${option} is not translated`);
  const right = value_path === undefined ? literalOf(value ?? null) : operandOf(String(value_path));
  const left = operandOf(String(key));
  return transformed(left, right, op as string | undefined, value_type as string | undefined);
}

function transformed(
  left: Operand,
  right: Operand,
  op: string | undefined,
  type: string | undefined,
): string {
  const compare = (l: Operand, r: Operand) => comparison(l, r, op);
  switch (type) {
    case undefined:
      return compare(left, right);
    case 'swap':
      return compare(right, left);
    case 'expr':
      return compare(left, operandOf(String(right.literal?.is)));
    case 'size':
      return compare(anyway(left, sized(left), `size(${left.value})`, '0'), right);
    case 'integer':
      return compare(number(left, 'int', '^\\\\s*-?[0-9]+\\\\s*$', '0'), right);
    case 'float':
      return compare(number(left, 'double', '^\\\\s*-?[0-9]*[.]?[0-9]+\\\\s*$', '0.0'), right);
    case 'normalize':
      return compare(
        {
          there: left.there,
          value: `dyn(${isOf(left, 'string')} ? dyn(${left.value}.trim().lowerAscii()) : ${left.value})`,
        },
        right,
      );
    // A sentence about age speaks of days before now: older than 30 is a date less than now less 30 days.
    case 'age':
      return compare({ there: left.there, value: `now - ${days(right)}` }, { ...left, value: date(left) });
    case 'expiration':
      return compare({ ...left, value: date(left) }, { there: 'true', value: `now + ${days(right)}` });
    case 'date':
      return compare({ ...left, value: date(left) }, { there: right.there, value: date(right) });
    case 'cidr':
      return network(left, right, op);
    case 'cidr_size': {
      const isRange = both(left.there, isOf(left, 'string'), `isCIDR(${left.value})`);
      return compare(anyway(left, isRange, `cidr(${left.value}).prefixLength()`, '0'), right);
    }
    case 'version': {
      const order = `dyn(${version(left)}.compareTo(${version(right)}))`;
      const there = both(left.there, right.there, isOf(left, 'string'), isOf(right, 'string'));
      return compare({ there, value: order }, literalOf(0));
    }
    default:
      throw new Error(`the value type ${type} is not translated`);
  }
}

/** A version of one, two or three numbers; what is none of these is undecided. */
function version({ value }: Operand): string {
  const parts = (count: number) => `${value}.matches("^[0-9]+([.][0-9]+){${count}}$")`;
  return `semver(${parts(0)} ? ${value} + ".0.0" : (${parts(1)} ? ${value} + ".0" : string(${value})))`;
}

/** A value that is there whatever the resource has. */
function anyway(of: Operand, condition: string, value: string, otherwise: string): Operand {
  return { there: 'true', value: `dyn(${both(of.there, condition)} ? ${value} : ${otherwise})` };
}

function number(of: Operand, type: 'int' | 'double', pattern: string, otherwise: string): Operand {
  const text = both(of.there, isOf(of, 'string'), `${of.value}.matches("${pattern}")`);
  const parsed = `(${text} ? ${type}(${of.value}.trim()) : ${otherwise})`;
  return anyway(of, isNumber(of), `${type}(${of.value})`, parsed);
}

function days(of: Operand): string {
  const count = of.literal?.is;
  if (typeof count !== 'number') throw new Error('an age that is not a number of days is not translated');
  return `duration("${Math.round(count * 86_400)}s")`;
}

/** A time as APIs give it: one that is one, RFC 3339, a day, seconds or milliseconds since 1970 (also as text). */
function date(of: Operand): string {
  const { value } = of;
  const epoch = (count: string) =>
    `(${count} > 100000000000 ? timestamp(${count} / 1000) : timestamp(${count}))`;
  const digits = both(isOf(of, 'string'), `${value}.matches("^[0-9]+$")`);
  const day = both(isOf(of, 'string'), `${value}.matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")`);
  return (
    `(${isNumber(of)} ? ${epoch(`int(${value})`)} : (${digits} ? ${epoch(`int(${value})`)} : ` +
    `(${day} ? timestamp(string(${value}) + "T00:00:00Z") : timestamp(${value}))))`
  );
}

function network(left: Operand, right: Operand, op: string | undefined): string {
  const ranges = both(left.there, right.there, isOf(left, 'string'), `isCIDR(${left.value})`);
  const [l, r] = [`cidr(${left.value})`, `cidr(${right.value})`];
  switch (op) {
    case 'in':
      return both(ranges, `${r}.containsCIDR(${l})`);
    case 'ni':
    case 'not-in':
      return both(ranges, `!${r}.containsCIDR(${l})`);
    case 'contains':
      return both(ranges, `${l}.containsCIDR(${r})`);
    case undefined:
    case 'eq':
    case 'equal':
      return both(ranges, `${l} == ${r}`);
    default:
      throw new Error(`the operator ${op} on networks is not translated`);
  }
}

const WORDS: Readonly<Record<string, (of: Operand) => string>> = {
  absent: (of) => `!(${of.there})`,
  present: (of) => of.there,
  'not-null': (of) => filled(of),
  empty: (of) => `!(${filled(of)})`,
};

/** What Python counts as true: other than null, false, zero and the empty. */
function filled(of: Operand): string {
  if (of.some !== undefined) return of.some(() => 'true');
  const { there, value } = of;
  return both(there, `!(${value} in [false, 0, "", [], {}])`);
}

function comparison(left: Operand, right: Operand, op: string | undefined): string {
  const word = typeof right.literal?.is === 'string' ? WORDS[right.literal.is] : undefined;
  if (word === undefined) return operation(left, right, op ?? 'eq');
  if (op === undefined || ['eq', 'equal'].includes(op)) return word(left);
  return either(word(left), operation(left, right, op));
}

function operation(left: Operand, right: Operand, op: string): string {
  switch (op) {
    case 'eq':
    case 'equal':
      return equal(left, right);
    case 'ne':
    case 'not-equal':
      return `!(${equal(left, right)})`;
    case 'gt':
    case 'greater-than':
      return ordered(left, right, '>');
    case 'ge':
    case 'gte':
      return ordered(left, right, '>=');
    case 'lt':
    case 'less-than':
      return ordered(left, right, '<');
    case 'le':
    case 'lte':
      return ordered(left, right, '<=');
    case 'in':
      return among(left, right);
    case 'ni':
    case 'not-in':
      return `!(${among(left, right)})`;
    case 'contains':
      return contains(left, right);
    case 'intersect':
      return some(left, right, ({ value }) => `${value} in ${right.value}`);
    case 'difference':
      return some(left, right, ({ value }) => `!(${value} in ${right.value})`);
    case 'glob':
      return matching(left, globbed(String(right.literal?.is)));
    case 'regex':
      return matching(left, `(?i)^(?:${pattern(right)})`);
    case 'regex-case':
      return matching(left, `^(?:${pattern(right)})`);
    default:
      throw new Error(`the operator ${op} is not translated`);
  }
}

/** Order is between numbers, between texts, and between times; anything else has none. */
function ordered(left: Operand, right: Operand, sign: string): string {
  const alike = either(
    both(isNumber(left), isNumber(right)),
    both(isOf(left, 'string'), isOf(right, 'string')),
  );
  const isTime = [left, right].some(({ value }) => value.startsWith('now '));
  return both(left.there, right.there, isTime ? 'true' : alike, `${left.value} ${sign} ${right.value}`);
}

/** In a list; of a text, a part of it; and nothing is in a list only where the list says so. */
function among(left: Operand, right: Operand): string {
  const { literal } = right;
  if (literal === undefined || !Array.isArray(literal.is)) return contains(right, left);
  const inside = literal.is.length === 0 ? 'false' : both(left.there, `${left.value} in ${right.value}`);
  return literal.is.includes(null) ? either(`!(${left.there})`, inside) : inside;
}

function some(left: Operand, right: Operand, test: (element: Operand) => string): string {
  const given = both(right.there, isOf(right, 'list'));
  if (left.some !== undefined) return both(given, left.some(test));
  const one: Operand = { there: 'true', value: 'i' };
  return both(given, left.there, isOf(left, 'list'), `${left.value}.exists(i, ${test(one)})`);
}

function matching(of: Operand, regex: string): string {
  return both(of.there, isOf(of, 'string'), `${of.value}.matches(${quoted(regex)})`);
}

function pattern(of: Operand): string {
  const text = of.literal?.is;
  if (typeof text !== 'string') throw new Error('a pattern that is not a constant text is not translated');
  if (/\(\?(?:[=!]|<[=!])|\\[1-9]/.test(text)) throw new Error(`RE2 has no such pattern: ${celOf(text)}`);
  return text;
}

/** A shell's pattern, whole: `*`, `?` and sets. */
function globbed(text: string): string {
  const parts = text.match(/\[!?\]?[^\]]*\]|[\s\S]/gu) ?? [];
  const regex = parts.map((part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1 && part.startsWith('[')) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return part.replace(/[.+^${}()|[\]\\]/, '\\$&');
  });
  return `^(?s:${regex.join('')})$`;
}
