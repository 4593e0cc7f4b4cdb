/**
 * Reads the value that stands after a name: `name = "value"`, `name: value`, `"name" => 'value'`, `<name>value<`,
 * `name := value`, `name: string = "value"`, `get("name", "value")`, `--name=value`, `\"name\":\"value\"` …
 * Everything is bounded, so that a hostile text costs no more than a few hundred steps a name.
 */
import { endsLine, isBlank, isLetter, isQuote, opensText } from './codes.ts';

export interface Value {
  readonly start: number;
  readonly end: number;
  /** The quote that encloses it, or '' for a bare word. */
  readonly quote: string;
  /** True for `NAME=value` without spaces, as in environment files and on command lines. */
  readonly tight: boolean;
  /** True for one of several in a list, where the name before it is most often just another of them. */
  readonly listed?: boolean;
  /** True when it goes on for longer than any secret: `end` is only where reading stopped. */
  readonly cut?: boolean;
}

const LONGEST_VALUE = 1_200;
/** What may stand right behind a name of which a value is told: most names of a program are followed by something else. */
const LEADS_ON = Uint8Array.from({ length: 128 }, (_, code) =>
  /[\s"'`\\\]?>,=:|!]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** The value after the name that ends at `end`; `start` is where the name begins. Null when nothing is assigned. */
export function valueAfter(text: string, start: number, end: number): Value | null {
  if (LEADS_ON[text.charCodeAt(end)] !== 1) return null;
  const pair = pairedValue(text, start, end);
  if (pair !== null) return pair;
  let i = end;
  let quoted = false;
  const skip = (most: number): void => {
    for (const stop = i + most; i < stop && isBlank(text.charCodeAt(i)); ) i++;
  };
  if (text.charAt(i) === '\\' && isQuote(text.charCodeAt(i + 1))) i++;
  if (opensText(text.charCodeAt(i))) {
    quoted = true;
    i++;
  }
  if (text.charAt(i) === ']') i++;
  if (text.charAt(i) === '?' && text.charAt(i + 1) === ':') i++;
  const afterName = i;
  skip(40);
  const operator = text.charAt(i);
  if (operator === '>' && (quoted || text.charAt(start - 1) === '<')) return element(text, i + 1);
  const listed = operator === ',' && !isFirstArgument(text, start);
  if (operator === ',') {
    if (!quoted || !opensText(text.charCodeAt(start - 1))) return null;
    i++;
  } else if (operator === '=' || operator === ':' || isOperator(text, i)) {
    // `x === 'password' ? 'password' : 'text'` names no value.
    if (operator === ':' && quoted && isChosen(text, start)) return null;
    i++;
    for (const stop = i + 3; i < stop && /[=>:|?]/.test(text.charAt(i)); ) i++;
  } else if (quoted && text.startsWith('value=', i)) {
    i += 6;
  } else {
    const spaced = i > afterName ? afterBlank(text, start, i) : i;
    if (spaced === i && !(i > afterName && isCommandLine(text, start))) return null;
    if (spaced === i) return spacedValue(text, i);
    i = spaced;
  }
  const gap = i;
  skip(40);
  const tight = operator === '=' && afterName + 1 === gap && gap === i;
  if (operator === ':') i = afterType(text, i);
  if (endsLine(text.charCodeAt(i))) i = nextLine(text, i);
  i = afterCall(text, i);
  if (opensText(text.charCodeAt(i + 1)) && /[bBuUrRfL@$]/.test(text.charAt(i))) i++;
  if (text.charAt(i) === '\\' && isQuote(text.charCodeAt(i + 1))) i++;
  const quote = text.charAt(i);
  if (quote === '"' || quote === "'" || quote === '`') {
    const value = enclosed(text, i + 1, quote);
    return value !== null && listed ? { ...value, listed } : value;
  }
  return operator === ',' ? null : bare(text, i, tight ? IN_DATA : IN_CODE, tight);
}

/** What stands right before a name that is itself the value of `name`, and what leads from it to its own value. */
const PAIRED_NAME = /(?:^|[\s{,-])["']?name["']?\s{0,4}[:=]\s{0,4}["']?$/i;
const PAIRED_VALUE = /^["']?\s{0,4},?\s{0,60}["']?value["']?\s{0,4}[:=]\s{0,4}/i;

/** Whether `:` or `=` stands before `start`, with blanks and a quote between at most: a quick look, so that a pattern is rarely asked. */
function isLedTo(text: string, start: number): boolean {
  let i = start - 1;
  if (isQuote(text.charCodeAt(i))) i--;
  for (const stop = i - 4; i > stop && /\s/.test(text.charAt(i)); ) i--;
  const code = text.charCodeAt(i);
  return code === 58 || code === 61;
}

/** Of lists of variables, where the name is a value too: `- name: NAME` with `value: …` below it, `{ "name": "NAME", "value": "…" }`. */
function pairedValue(text: string, start: number, end: number): Value | null {
  const next = text.charCodeAt(end);
  // A line or a quote ends such a name, or a comma.
  if ((!endsLine(next) && !isQuote(next) && next !== 44) || !isLedTo(text, start)) return null;
  if (!PAIRED_NAME.test(text.slice(Math.max(0, start - 20), start))) return null;
  const lead = PAIRED_VALUE.exec(text.slice(end, end + 90))?.[0];
  if (lead === undefined) return null;
  const at = end + lead.length;
  const quote = text.charAt(at);
  if (quote === '"' || quote === "'") return enclosed(text, at + 1, quote);
  return bare(text, at, IN_CODE, false);
}

/** `: string = ` after a declared name. */
function afterType(text: string, at: number): number {
  if (!isLetter(text.charCodeAt(at))) return at;
  const type = /^[A-Za-z][\w.<>|? ]{1,30}=\s?/.exec(text.slice(at, at + 40))?.[0];
  return type === undefined || !/["'`]/.test(text.charAt(at + type.length)) ? at : at + type.length;
}

/** A quoted value may follow on the next line, after its indentation and the quotes that keep it apart. */
function nextLine(text: string, at: number): number {
  const gap = /^\r?\n[ \t]{0,40}(?=["'`])/.exec(text.slice(at, at + 44))?.[0];
  return gap === undefined ? at : at + gap.length;
}

/**
 * `String("…`, `new Buffer("…`, `os.environ.get("X", "…` are read up to the quote; other calls are not values. So is
 * what stands in for a variable that is not set: `process.env.X || "…`.
 */
function afterCall(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (!isLetter(first) && first !== 95 && first !== 36) return at;
  const rest = text.slice(at, at + 90);
  const call =
    /^[A-Za-z_$][\w.$]{0,60}(?:\[["'][\w.-]{1,40}["']\]|\(["'][\w.-]{1,40}["']\))?\s{0,3}(?:\|\||\?\?|\?:|or)\s{0,3}(?=["'`])/.exec(
      rest,
    )?.[0] ?? /^(?:new )?[A-Za-z][\w.]{0,30}\((?=b?["'`])/.exec(rest)?.[0];
  return call === undefined ? at : at + call.length;
}

/** `||=`, `?=`, `!=`, `||` and `??`: what is used where nothing else is given. */
function isOperator(text: string, at: number): boolean {
  const two = text.slice(at, at + 2);
  return two === '||' || two === '??' || two === '?=' || two === '!=';
}

/** The text of an element, which ends where its closing tag begins. Resources of Android put it into quotes. */
function element(text: string, at: number): Value | null {
  const value = bare(text, pastBlanks(text, at), IN_MARKUP, false);
  if (value === null || text.charAt(pastBlanks(text, value.end)) !== '<') return null;
  const { start, end } = value;
  const isQuoted = end - start > 2 && text.charAt(start) === '"' && text.charAt(end - 1) === '"';
  return isQuoted ? { ...value, start: start + 1, end: end - 1 } : value;
}

function pastBlanks(text: string, at: number): number {
  let i = at;
  for (const stop = at + 80; i < stop && /\s/.test(text.charAt(i)); ) i++;
  return i;
}

/** In `define("NAME", "value")` the name opens the list; in a list of names it is one of many. */
function isFirstArgument(text: string, start: number): boolean {
  let i = start - 2;
  if (text.charAt(i) === '\\') i--;
  for (const stop = i - 40; i > stop && /\s/.test(text.charAt(i)); ) i--;
  return text.charAt(i) === '(';
}

/** Between the two ways of a choice: `kind ? "password" : "text"`. */
function isChosen(text: string, start: number): boolean {
  let i = start - 2;
  for (const stop = i - 40; i > stop && /\s/.test(text.charAt(i)); ) i--;
  return text.charAt(i) === '?';
}

/** Types between a name and its value, `token string = "x"`, and a verb in a sentence, `the token is x`. */
function afterBlank(text: string, start: number, at: number): number {
  const rest = text.slice(at, at + 24);
  const type = /^(?:string|String|str|char|\[\]byte|any|var)\s{0,4}:?=/.exec(rest)?.[0].length;
  if (type !== undefined) return at + type;
  const verb = /^is:?\s(?=["'`]?\S)/.exec(rest)?.[0].length;
  return verb !== undefined && /[\s#/*]/.test(text.charAt(start - 1)) ? at + verb : at;
}

/** `--token x`, `ENV TOKEN x`, `setx TOKEN "x"`: the value follows after a blank. */
function isCommandLine(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 12), start);
  return (
    /(?:^|[\s"'`])--?[\w-]*$/.test(before) ||
    /(?:^|\n)[ \t]*(?:ENV|ARG|env|setx?|SETX?|setenv) $/.test(before)
  );
}

function spacedValue(text: string, at: number): Value | null {
  const quote = text.charAt(at);
  if (quote === '"' || quote === "'" || quote === '`') return enclosed(text, at + 1, quote);
  return quote === '-' ? null : bare(text, at, IN_DATA, true);
}

function enclosed(text: string, start: number, quote: string): Value | null {
  const stop = Math.min(text.length, start + LONGEST_VALUE);
  const closing = quote.charCodeAt(0);
  for (let i = start; i < stop; i++) {
    const code = text.charCodeAt(i);
    if (code === 10) return null;
    if (code !== closing) continue;
    // `\"` closes a value inside another string.
    const end = text.charAt(i - 1) === '\\' && i - 1 > start ? i - 1 : i;
    // Build files quote twice: `'"value"'`.
    const inner = text.charAt(start);
    if (inner !== quote && /["']/.test(inner) && end - 2 > start && text.charAt(end - 1) === inner) {
      return { start: start + 1, end: end - 1, quote, tight: false };
    }
    return { start, end, quote, tight: false };
  }
  return null;
}

/** Ends of a bare word: in markup, in `NAME=value`, elsewhere. Sticky, so that the engine does the walking. */
const IN_MARKUP = /[^<\s]{1,1200}/y;
const IN_DATA = /[^\s"'`<>|&;\\]{1,1200}/y;
const IN_CODE = /[^\s"'`<>|&;,\\)}]{1,1200}/y;

function bare(text: string, start: number, word: RegExp, tight: boolean): Value | null {
  word.lastIndex = start;
  if (!word.test(text)) return null;
  const length = word.lastIndex - start;
  const value = { start, end: start + length, quote: '', tight };
  return length === LONGEST_VALUE ? { ...value, cut: true } : value;
}

/** The name around [start, end): letters, digits, `_`, `-` and single dots, at most 80 characters to either side. */
export function nameAround(text: string, start: number, end: number): { start: number; end: number } {
  let first = start;
  let last = end;
  for (const stop = Math.max(0, start - 80); first > stop && isNamed(text, first - 1); ) first--;
  for (const stop = Math.min(text.length, end + 80); last < stop && isNamed(text, last); ) last++;
  // A dash or dot belongs to a name only between two parts of it.
  while (last > end && isJoint(text.charCodeAt(last - 1))) last--;
  while (first < start && isJoint(text.charCodeAt(first))) first++;
  return { start: first, end: last };
}

/** A dash or a dot. */
const isJoint = (code: number): boolean => code === 45 || code === 46;

/** By code unit: a table is looked up for every character of every name, where a pattern would cost ten times as much. */
const NAMED = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9_.-]/.test(String.fromCharCode(code)) ? 1 : 0,
);
const isNamed = (text: string, at: number): boolean => NAMED[text.charCodeAt(at)] === 1;

/** Words of a name in lower case: `awsSecretKey`, `AWS_SECRET_KEY` and `aws.secret-key` are all aws, secret, key. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
