/**
 * Filters: RFC 7644 §3.4.2.2, read by descent. `not` binds most, then `and`, then `or`; operators have no case. What is too deep or
 * too long is refused, as is the comparison of what has no order.
 */
import { wrong } from './fault.ts';
import { isData, pathOf, type ScimData, type ScimPath, valuesAt } from './path.ts';
import type { ScimAttribute, ScimResourceType } from './schema.ts';

export type ScimComparison = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
export type ScimValue = string | number | boolean | null;

export type ScimFilter =
  | { readonly is: 'and' | 'or'; readonly left: ScimFilter; readonly right: ScimFilter }
  | { readonly is: 'not'; readonly of: ScimFilter }
  | { readonly is: 'present'; readonly path: ScimPath }
  | {
      readonly is: 'compare';
      readonly path: ScimPath;
      readonly by: ScimComparison;
      readonly value: ScimValue;
    }
  /** `emails[type eq "work"]`: an element that fulfils all of it. */
  | { readonly is: 'some'; readonly path: ScimPath; readonly of: ScimFilter };

const COMPARISONS: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);
const LONGEST = 8000;
const DEEPEST = 40;
const TOKEN = /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|([^\s()[\]"]+))/y;

interface Reading {
  readonly tokens: readonly string[];
  at: number;
}

/** How a name is resolved: among attributes of a resource, or of an element's. */
type Resolve = (name: string) => ScimPath;

/** Throws `ScimFault` `invalidFilter` with what is wrong, in words. */
export function parseFilter(text: string, type: ScimResourceType): ScimFilter {
  return parsed(text, (name) => pathOf(name, type, 'invalidFilter'));
}

/** What stands in brackets of a PATCH path: names are of the attribute's elements. */
export function parseElementFilter(text: string, attribute: ScimAttribute): ScimFilter {
  return parsed(text, elementOf(attribute));
}

function parsed(text: string, resolve: Resolve): ScimFilter {
  if (text.length > LONGEST) throw wrong('invalidFilter', `it is longer than ${LONGEST} characters`);
  const reading: Reading = { tokens: tokensOf(text), at: 0 };
  const filter = either(reading, resolve, 0);
  const rest = reading.tokens[reading.at];
  if (rest !== undefined) throw wrong('invalidFilter', `\`${rest}\` does not belong there`);
  return filter;
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.trimEnd().length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) throw wrong('invalidFilter', `it cannot be read from \`${text.slice(at, at + 20)}\` on`);
    tokens.push(found[1] ?? found[2] ?? found[3] ?? '');
  }
  return tokens;
}

const elementOf =
  (attribute: ScimAttribute): Resolve =>
  (name) => {
    const wanted = name.toLowerCase();
    const sub = attribute.subAttributes?.find((one) => one.name.toLowerCase() === wanted);
    if (!sub) throw wrong('invalidFilter', `\`${attribute.name}\` has no \`${name}\``);
    return { extension: null, attribute: sub, sub: null };
  };

function either(reading: Reading, resolve: Resolve, depth: number): ScimFilter {
  let left = both(reading, resolve, depth);
  while (taken(reading, 'or')) left = { is: 'or', left, right: both(reading, resolve, depth) };
  return left;
}

function both(reading: Reading, resolve: Resolve, depth: number): ScimFilter {
  let left = single(reading, resolve, depth);
  while (taken(reading, 'and')) left = { is: 'and', left, right: single(reading, resolve, depth) };
  return left;
}

function single(reading: Reading, resolve: Resolve, depth: number): ScimFilter {
  if (depth > DEEPEST) throw wrong('invalidFilter', `it is nested more than ${DEEPEST} deep`);
  if (reading.tokens[reading.at + 1] === '(' && taken(reading, 'not'))
    return { is: 'not', of: single(reading, resolve, depth + 1) };
  if (taken(reading, '(')) {
    const inside = either(reading, resolve, depth + 1);
    expect(reading, ')');
    return inside;
  }
  const path = resolve(word(reading, 'an attribute'));
  if (taken(reading, '[')) {
    if (path.attribute === null || path.sub !== null || path.attribute.type !== 'complex')
      throw wrong('invalidFilter', 'only what has parts takes a filter in brackets');
    const of = either(reading, elementOf(path.attribute), depth + 1);
    expect(reading, ']');
    return { is: 'some', path, of };
  }
  const by = word(reading, 'an operator').toLowerCase();
  if (by === 'pr') return { is: 'present', path };
  if (!COMPARISONS.has(by)) throw wrong('invalidFilter', `there is no operator \`${by}\``);
  const target = comparable(path);
  const value = literalOf(word(reading, 'a value'));
  checkOrder(target, by, value);
  return { is: 'compare', path: target, by: by as ScimComparison, value };
}

/** Of a list of records its elements' `value` is meant. */
function comparable(path: ScimPath): ScimPath {
  const { attribute, sub } = path;
  if (attribute === null) throw wrong('invalidFilter', 'an extension as a whole cannot be compared');
  if (sub !== null || attribute.type !== 'complex') return path;
  const value = attribute.subAttributes?.find(({ name }) => name === 'value');
  if (!value) throw wrong('invalidFilter', `\`${attribute.name}\` has parts; compare one of them`);
  return { ...path, sub: value };
}

function checkOrder({ attribute, sub }: ScimPath, by: string, value: ScimValue): void {
  const type = (sub ?? attribute)?.type;
  if (by === 'eq' || by === 'ne') return;
  if (type === 'boolean' || typeof value === 'boolean' || value === null)
    throw wrong('invalidFilter', `\`${by}\` asks for an order, and there is none here`);
  if (/^(co|sw|ew)$/.test(by) && typeof value !== 'string')
    throw wrong('invalidFilter', `\`${by}\` compares texts`);
}

function taken(reading: Reading, token: string): boolean {
  if (reading.tokens[reading.at]?.toLowerCase() !== token) return false;
  reading.at += 1;
  return true;
}

function expect(reading: Reading, token: string): void {
  if (!taken(reading, token)) throw wrong('invalidFilter', `a \`${token}\` is missing`);
}

function word(reading: Reading, what: string): string {
  const token = reading.tokens[reading.at];
  if (token === undefined || /^[()[\]]$/.test(token)) throw wrong('invalidFilter', `${what} is missing`);
  reading.at += 1;
  return token;
}

function literalOf(token: string): ScimValue {
  try {
    const value: unknown = JSON.parse(token);
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as ScimValue;
  } catch {
    const lower = token.toLowerCase();
    if (lower === 'true' || lower === 'false') return lower === 'true';
  }
  throw wrong('invalidFilter', `\`${token}\` is not a value; write texts in double quotes`);
}

export function matches(resource: ScimData, filter: ScimFilter): boolean {
  switch (filter.is) {
    case 'and':
      return matches(resource, filter.left) && matches(resource, filter.right);
    case 'or':
      return matches(resource, filter.left) || matches(resource, filter.right);
    case 'not':
      return !matches(resource, filter.of);
    case 'present':
      return valuesAt(resource, filter.path).some((value) => value !== '' && !isEmpty(value));
    case 'some':
      return valuesAt(resource, filter.path).some((one) => isData(one) && matches(one, filter.of));
    case 'compare':
      return compares(valuesAt(resource, filter.path), filter);
  }
}

const isEmpty = (value: unknown) => isData(value) && Object.keys(value).length === 0;

function compares(
  values: readonly unknown[],
  { path, by, value }: ScimFilter & { readonly is: 'compare' },
): boolean {
  const attribute = path.sub ?? path.attribute;
  const equal = (held: unknown) => folded(held, attribute) === folded(value, attribute);
  if (by === 'eq') return value === null ? values.length === 0 : values.some(equal);
  if (by === 'ne') return value === null ? values.length > 0 : !values.some(equal);
  return values.some((held) => {
    const [a, b] = [folded(held, attribute), folded(value, attribute)];
    if (typeof a === 'string' && typeof b === 'string') {
      if (by === 'co') return a.includes(b);
      if (by === 'sw') return a.startsWith(b);
      if (by === 'ew') return a.endsWith(b);
    }
    if (typeof a !== typeof b || a === null || b === null) return false;
    if (by === 'gt') return a > b;
    if (by === 'ge') return a >= b;
    return by === 'lt' ? a < b : a <= b;
  });
}

/** As it is compared: times as instants, texts without case where the schema says so. */
export function folded(value: unknown, attribute: ScimAttribute | null): string | number | boolean | null {
  if (typeof value === 'string') {
    const time = attribute?.type === 'dateTime' ? Date.parse(value) : Number.NaN;
    if (!Number.isNaN(time)) return time;
    return attribute?.caseExact ? value : value.toLowerCase();
  }
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
