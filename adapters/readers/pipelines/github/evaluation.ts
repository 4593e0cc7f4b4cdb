/**
 * Values of GitHub Actions expressions: coercion, comparison and functions as documented under "Evaluate expressions
 * in workflows and actions", held against the known-answer tests of actions/languageservices. Used to decide
 * conditions and inputs that are constant; whatever needs a context that is not given is `undetermined`.
 */
import { type Expression, parseNumber } from './expression.ts';

export type Datum = null | boolean | number | string | readonly Datum[] | { readonly [key: string]: Datum };
/** Result of `x.*`: an array whose further properties apply to each element. */
interface Filtered {
  readonly filtered: readonly Datum[];
}
type Operand = Datum | Filtered;

export type Outcome =
  | { readonly value: Datum }
  | { readonly undetermined: true }
  | { readonly error: 'evaluation'; readonly message: string };

class EvaluationError extends Error {}
class Undetermined extends Error {}

/** Characters that one evaluation may make in all: the runner stops at 1 MiB, and counts two bytes a character. */
const MAX_TEXT = 524_288;

/** One evaluation: what is known, and how many characters it has made. */
interface Run {
  readonly contexts: ReadonlyMap<string, Datum>;
  made: number;
}

/** `contexts` by lower-case name; a context that is not there makes what depends on it undetermined. */
export function evaluate(expression: Expression, contexts: ReadonlyMap<string, Datum> = new Map()): Outcome {
  try {
    const value = operand(expression, { contexts, made: 0 });
    return { value: isFiltered(value) ? value.filtered : value };
  } catch (failure) {
    if (failure instanceof Undetermined) return { undetermined: true };
    if (failure instanceof EvaluationError) return { error: 'evaluation', message: failure.message };
    throw failure;
  }
}

function isFiltered(value: Operand): value is Filtered {
  return typeof value === 'object' && value !== null && FILTERED.has(value);
}

/** Filtered arrays are told from data by identity, so that no key of a document can pretend to be one. */
const FILTERED = new WeakSet<object>();

function filter(items: readonly Datum[]): Filtered {
  const made = { filtered: items };
  FILTERED.add(made);
  return made;
}

function isArray(value: Operand): value is readonly Datum[] {
  return Array.isArray(value);
}

function isRecord(value: Operand): value is { readonly [key: string]: Datum } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isFiltered(value);
}

function operand(expression: Expression, run: Run): Operand {
  const inner = (part: Expression): Operand => operand(part, run);
  switch (expression.type) {
    case 'literal':
      return expression.value;
    case 'context': {
      const value = run.contexts.get(expression.name.toLowerCase());
      if (value === undefined) throw new Undetermined();
      return value;
    }
    case 'property':
      return pick(inner(expression.of), expression.name);
    case 'index':
      return pick(inner(expression.of), plain(inner(expression.index)));
    case 'star':
      return spread(inner(expression.of));
    case 'not':
      return !truthy(inner(expression.of));
    case 'and': {
      let value: Operand = true;
      for (const part of expression.of) {
        value = inner(part);
        if (!truthy(value)) return value;
      }
      return value;
    }
    case 'or': {
      let value: Operand = false;
      for (const part of expression.of) {
        value = inner(part);
        if (truthy(value)) return value;
      }
      return value;
    }
    case 'compare': {
      const left = inner(expression.left);
      const right = inner(expression.right);
      switch (expression.operator) {
        case '==':
          return equal(left, right);
        case '!=':
          return !equal(left, right);
        case '<':
          return order(left, right) === -1;
        case '>':
          return order(left, right) === 1;
        case '<=':
          return equal(left, right) || order(left, right) === -1;
        case '>=':
          return equal(left, right) || order(left, right) === 1;
      }
      break;
    }
    case 'call':
      return call(expression.name.toLowerCase(), expression.arguments, run);
  }
  throw new Undetermined();
}

function plain(value: Operand): Datum {
  return isFiltered(value) ? value.filtered : value;
}

function pick(value: Operand, key: Datum): Operand {
  if (isFiltered(value)) {
    const items = value.filtered.flatMap((item) => {
      const found = pickOne(item, key);
      return found === undefined ? [] : [found];
    });
    return filter(items);
  }
  return pickOne(value, key) ?? null;
}

function pickOne(value: Datum, key: Datum): Datum | undefined {
  if (isArray(value)) {
    const index = Math.floor(number(key));
    if (Number.isNaN(index) || index < 0) return undefined;
    return value[index];
  }
  if (!isRecord(value)) return undefined;
  if (typeof key === 'object' && key !== null) return undefined;
  const wanted = fold(text(key));
  const name = Object.keys(value).find((candidate) => fold(candidate) === wanted);
  return name === undefined ? undefined : value[name];
}

function spread(value: Operand): Operand {
  const one = (item: Datum): readonly Datum[] =>
    isArray(item) ? item : isRecord(item) ? Object.values(item) : [];
  return filter(isFiltered(value) ? value.filtered.flatMap(one) : one(value));
}

/** Upper case, one character each, as an ordinal comparison that ignores case does; `ı` and `ſ` stay themselves. */
function fold(value: string): string {
  let folded = '';
  for (const character of value) {
    const upper = character.toUpperCase();
    folded += character === '\u0131' || character === '\u017f' || [...upper].length !== 1 ? character : upper;
  }
  return folded;
}

export function truthy(value: unknown): boolean {
  return !(value === null || value === false || value === 0 || value === '' || Number.isNaN(value));
}

function number(value: Operand): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  if (typeof value === 'string') {
    const trimmed = value.trim();
    return trimmed === '' ? 0 : parseNumber(trimmed);
  }
  return Number.NaN;
}

/** Fifteen significant digits, as the runner prints numbers. */
function printNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  const rounded = Number(value.toPrecision(15));
  return rounded === 0
    ? '0'
    : String(rounded).replace(
        /e([+-])(\d+)$/,
        (_, sign: string, digits: string) => `E${sign}${digits.padStart(2, '0')}`,
      );
}

export function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return printNumber(value);
  if (typeof value === 'boolean' || typeof value === 'string') return String(value);
  return Array.isArray(value) ? 'Array' : 'Object';
}

type Kind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

function kindOf(value: Operand): Kind {
  if (value === null) return 'null';
  if (isArray(value) || isFiltered(value)) return 'array';
  const type = typeof value;
  return type === 'boolean' || type === 'number' || type === 'string' ? type : 'object';
}

function equal(left: Operand, right: Operand): boolean {
  const kinds = [kindOf(left), kindOf(right)];
  if (kinds[0] === kinds[1]) {
    if (typeof left === 'string' && typeof right === 'string') return fold(left) === fold(right);
    return left === right;
  }
  if (kinds.includes('array') || kinds.includes('object')) return false;
  return number(left) === number(right);
}

/** -1, 0 or 1, or undefined where the two cannot be ordered. */
function order(left: Operand, right: Operand): number | undefined {
  const kinds = [kindOf(left), kindOf(right)];
  if (kinds.includes('array') || kinds.includes('object')) return undefined;
  if (typeof left === 'string' && typeof right === 'string') {
    const [a, b] = [fold(left), fold(right)];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  const [a, b] = [number(left), number(right)];
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : undefined;
}

function primitive(value: Operand): boolean {
  return value === null || typeof value !== 'object';
}

function call(name: string, list: readonly Expression[], run: Run): Operand {
  const inner = (part: Expression): Operand => operand(part, run);
  const given = (index: number): Operand => {
    const part = list[index];
    return part === undefined ? null : inner(part);
  };
  switch (name) {
    case 'contains': {
      const [whole, part] = [given(0), given(1)];
      if (isArray(whole) || isFiltered(whole)) {
        const items = isFiltered(whole) ? whole.filtered : whole;
        return items.some((item) => equal(item, part));
      }
      if (!primitive(whole) || !primitive(part)) return false;
      return fold(text(whole)).includes(fold(text(part)));
    }
    case 'startswith':
    case 'endswith': {
      const [whole, part] = [given(0), given(1)];
      if (!primitive(whole) || !primitive(part)) return false;
      const [a, b] = [fold(text(whole)), fold(text(part))];
      return name === 'startswith' ? a.startsWith(b) : a.endsWith(b);
    }
    case 'join': {
      const whole = given(0);
      const separator = list.length > 1 ? given(1) : ',';
      if (isArray(whole) || isFiltered(whole)) {
        const items = isFiltered(whole) ? whole.filtered : whole;
        return bounded(run, items.map(text).join(primitive(separator) ? text(separator) : ','));
      }
      return primitive(whole) ? text(whole) : '';
    }
    case 'format':
      return format(
        run,
        text(given(0)),
        list.slice(1).map((part) => () => plain(inner(part))),
      );
    case 'tojson':
      return bounded(run, printJson(plain(given(0)), ''));
    case 'fromjson': {
      const source = text(given(0)).trim();
      if (source === 'NaN') return Number.NaN;
      try {
        return toDatum(JSON.parse(source));
      } catch {
        throw new EvaluationError('fromJSON: not valid JSON');
      }
    }
    case 'case': {
      for (let index = 0; index + 1 < list.length; index += 2) {
        const predicate = given(index);
        if (typeof predicate !== 'boolean')
          throw new EvaluationError('case predicate must evaluate to a boolean value');
        if (predicate) return given(index + 1);
      }
      return given(list.length - 1);
    }
    default:
      throw new Undetermined();
  }
}

function bounded(run: Run, value: string): string {
  run.made += value.length;
  if (run.made > MAX_TEXT) throw new EvaluationError('the maximum allowed memory size was exceeded');
  return value;
}

function format(run: Run, template: string, list: readonly (() => Datum)[]): string {
  let result = '';
  for (let at = 0; at < template.length; ) {
    const left = template.indexOf('{', at);
    const right = template.indexOf('}', at);
    if (left === -1 && right === -1) return bounded(run, result + template.slice(at));
    if (right !== -1 && (left === -1 || right < left)) {
      if (template[right + 1] !== '}') throw new EvaluationError(`the format string is invalid: ${template}`);
      result += template.slice(at, right + 1);
      at = right + 2;
      continue;
    }
    if (template[left + 1] === '{') {
      result += template.slice(at, left + 1);
      at = left + 2;
      continue;
    }
    const hole = /^\{(\d+)\}/.exec(template.slice(left));
    if (hole === null) throw new EvaluationError(`the format string is invalid: ${template}`);
    const argument = list[Number(hole[1])];
    if (argument === undefined)
      throw new EvaluationError(
        `the format string references more arguments than were supplied: ${template}`,
      );
    result += template.slice(at, left) + text(argument());
    if (result.length > MAX_TEXT) bounded(run, result);
    at = left + hole[0].length;
  }
  return bounded(run, result);
}

function printJson(value: Datum, indent: string): string {
  if (typeof value === 'number') return printNumber(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const deeper = `${indent}  `;
  const lines = isArray(value)
    ? value.map((item) => deeper + printJson(item, deeper))
    : Object.entries(value).map(
        ([key, item]) => `${deeper}${JSON.stringify(key)}: ${printJson(item, deeper)}`,
      );
  const [open, close] = isArray(value) ? '[]' : '{}';
  return lines.length === 0 ? `${open}${close}` : `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}

function toDatum(value: unknown): Datum {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (Array.isArray(value)) return value.map(toDatum);
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toDatum(item)]));
  return null;
}
