/**
 * CEL's parser, by the grammar of the specification (langdef, "Syntax") with optional syntax (`.?`, `[?`, `{?`) and
 * back-quoted fields. Linear in the text, and bounded in length and depth: a hostile text costs no more than a long one.
 * Why our own: docs/decisions/0018-own-parser.md.
 */

import { expand, type Macros } from './macro.ts';
import { INT_MAX, type Token, tokenizer } from './token.ts';
import type { CelMistake, Literal, Node, Position } from './tree.ts';

/** In UTF-16 units. */
export const MAX_LENGTH = 100_000;
/** Of brackets, and of the tree: whatever walks it may recurse. CEL asks for 32 at least. */
export const MAX_DEPTH = 250;

export interface ParseOptions {
  readonly macros?: Macros;
}

export function parse(
  text: string,
  { macros = 'standard' }: ParseOptions = {},
): { readonly tree: Node } | { readonly mistake: CelMistake } {
  if (text.length > MAX_LENGTH) {
    return refused({ line: 1, column: 1 }, `an expression has at most ${MAX_LENGTH} characters`);
  }
  const cursor: Cursor = { token: tokenizer(text), macros, index: 0, depth: 0, height: 0 };
  try {
    if (peek(cursor).kind === 'end') return refused(peek(cursor).at, 'the expression is empty');
    const tree = expression(cursor);
    const rest = peek(cursor);
    if (rest.kind !== 'end') throw leftOver(cursor, rest);
    return { tree };
  } catch (error) {
    if (error instanceof Mistaken) return refused(error.at, error.message);
    throw error;
  }
}

const refused = (at: Position, reason: string) => ({ mistake: { at, reason } });

/** Ends a descent at the first mistake; it never leaves this file. */
class Mistaken extends Error {
  readonly at: Position;
  constructor(at: Position, reason: string) {
    super(reason);
    this.at = at;
  }
}

interface Cursor {
  readonly token: (index: number) => Token | undefined;
  readonly macros: Macros;
  index: number;
  /** Of brackets and branches around the cursor. */
  depth: number;
  /** Of the tree that was returned last. */
  height: number;
}

const END: Token = { kind: 'end', text: '', at: { line: 1, column: 1 } };
const peek = (c: Cursor): Token => c.token(c.index) ?? END;

/** The next token is taken when it is of this kind. */
function take(c: Cursor, kind: string): Token | null {
  const token = peek(c);
  if (token.kind !== kind) return null;
  c.index += 1;
  return token;
}

function grow(c: Cursor, height: number, at: Position): void {
  if (height > MAX_DEPTH) throw new Mistaken(at, `nested deeper than ${MAX_DEPTH} levels`);
  c.height = height;
}

/** condition ? yes : no */
function expression(c: Cursor): Node {
  c.depth += 1;
  if (c.depth > MAX_DEPTH) throw new Mistaken(peek(c).at, `nested deeper than ${MAX_DEPTH} levels`);
  const condition = binary(c, 1);
  const question = take(c, '?');
  if (question) {
    const { height } = c;
    const dotted = peek(c).kind === '.';
    const yes = binary(c, 1);
    const yesHeight = c.height;
    if (!take(c, ':')) {
      if (dotted) throw new Mistaken(question.at, '`?.` is not CEL: did you mean `.?`?');
      if (peek(c).kind === '?') throw new Mistaken(peek(c).at, 'put the inner `? :` into parentheses');
      throw found(c, '`:` and what holds otherwise are missing from `? :`');
    }
    const no = expression(c);
    grow(c, 1 + Math.max(height, yesHeight, c.height), question.at);
    c.depth -= 1;
    return operator('_?_:_', question.at, [condition, yes, no]);
  }
  c.depth -= 1;
  return condition;
}

const operator = (name: string, at: Position, operands: readonly Node[]): Node => ({
  at,
  node: 'call',
  function: name,
  arguments: operands,
  method: false,
});

/** Binding strength and the specification's name. */
const BINARY: ReadonlyMap<string, readonly [number, string]> = new Map([
  ['||', [1, '_||_']],
  ['&&', [2, '_&&_']],
  ['==', [3, '_==_']],
  ['!=', [3, '_!=_']],
  ['<', [3, '_<_']],
  ['<=', [3, '_<=_']],
  ['>', [3, '_>_']],
  ['>=', [3, '_>=_']],
  ['in', [3, '@in']],
  ['+', [4, '_+_']],
  ['-', [4, '_-_']],
  ['*', [5, '_*_']],
  ['/', [5, '_/_']],
  ['%', [5, '_%_']],
]);
const LOGICAL = 2;

function binary(c: Cursor, least: number): Node {
  let left = unary(c);
  for (;;) {
    const token = peek(c);
    const row = BINARY.get(token.kind);
    if (!row || row[0] < least) return left;
    const [strength, name] = row;
    if (strength <= LOGICAL) {
      left = chain(c, left, strength, name);
      continue;
    }
    const { height } = c;
    c.index += 1;
    const right = binary(c, strength + 1);
    grow(c, 1 + Math.max(height, c.height), token.at);
    left = operator(name, token.at, [left, right]);
  }
}

/** `a && b && c && d` as `(a && b) && (c && d)`: the same meaning, and a long chain stays shallow. */
function chain(c: Cursor, first: Node, strength: number, name: string): Node {
  const terms = [first];
  const signs: Position[] = [];
  let { height } = c;
  const kind = peek(c).kind;
  for (let sign = take(c, kind); sign; sign = take(c, kind)) {
    signs.push(sign.at);
    terms.push(binary(c, strength + 1));
    height = Math.max(height, c.height);
  }
  grow(c, height + Math.ceil(Math.log2(terms.length)), signs[0] ?? first.at);
  const joined = (from: number, to: number): Node => {
    if (from === to) return terms[from] ?? first;
    const middle = (from + to) >> 1;
    const parts = [joined(from, middle), joined(middle + 1, to)];
    return operator(name, signs[middle] ?? first.at, parts);
  };
  return joined(0, terms.length - 1);
}

function unary(c: Cursor): Node {
  const { kind } = peek(c);
  if (kind !== '!' && kind !== '-') return member(c);
  const signs: Position[] = [];
  for (let sign = take(c, kind); sign; sign = take(c, kind)) {
    signs.push(sign.at);
    grow(c, signs.length, sign.at);
  }
  const after = peek(c);
  const digits = after.kind === '-' ? negative(c.token(c.index + 1) ?? END) : null;
  if (after.kind === '!' || (after.kind === '-' && !digits)) {
    throw new Mistaken(after.at, `put what \`${kind}\` stands before into parentheses`);
  }
  let node: Node;
  const signed = kind === '-' ? negative(after) : null;
  const sign = signed && signs.pop();
  if (signed && sign) {
    c.index += 1;
    c.height = 1;
    node = suffixes(c, { at: sign, node: 'literal', ...signed });
  } else {
    node = digits ? unary(c) : member(c);
  }
  for (const at of signs.toReversed()) {
    grow(c, c.height + 1, at);
    node = operator(kind === '!' ? '!_' : '-_', at, [node]);
  }
  return node;
}

/** A sign directly before digits belongs to the number: the least int has no positive twin. */
function negative({ literal }: Token): Literal | null {
  if (literal?.type === 'int') return { type: 'int', value: -literal.value };
  return literal?.type === 'double' ? { type: 'double', value: -literal.value } : null;
}

const member = (c: Cursor): Node => suffixes(c, primary(c));

/** `.field`, `.?field`, `.method(…)`, `[index]`, `[?index]`, as many as there are. */
function suffixes(c: Cursor, start: Node): Node {
  let node = start;
  for (;;) {
    const { kind, at } = peek(c);
    if (kind === '.') {
      c.index += 1;
      const optional = take(c, '?') !== null;
      const name = field(c);
      if (name.kind === 'name' && !optional && peek(c).kind === '(') {
        node = invoke(c, name, node);
        continue;
      }
      if (peek(c).kind === '(') throw new Mistaken(name.at, `\`${name.text}\` cannot be called here`);
      grow(c, c.height + 1, name.at);
      node = { at: name.at, node: 'select', of: node, field: name.text, ...(optional && { optional }) };
    } else if (kind === '[') {
      const { height } = c;
      c.index += 1;
      const name = take(c, '?') ? '_[?_]' : '_[_]';
      const index = expression(c);
      close(c, ']', '[', at);
      grow(c, 1 + Math.max(height, c.height), at);
      node = operator(name, at, [node, index]);
    } else if (kind === '{') {
      const type = written(node);
      if (type === null) return node;
      const reason = `\`${type}{…}\` builds a message, and there are none here: write a map, \`{"key": value}\``;
      throw new Mistaken(at, reason);
    } else {
      return node;
    }
  }
}

/** A name as written, with its dots; null for anything else. */
function written(node: Node): string | null {
  if (node.node === 'name') return node.name;
  const of = node.node === 'select' && !node.optional ? written(node.of) : null;
  return of === null || node.node !== 'select' ? null : `${of}.${node.field}`;
}

function field(c: Cursor): Token {
  const token = peek(c);
  if (token.kind === 'name' || token.kind === 'quoted') {
    c.index += 1;
    return token;
  }
  if (/^[a-z]+$/.test(token.text) && token.kind !== 'mistake') {
    throw new Mistaken(token.at, `\`${token.text}\` is a word of CEL: put the field into back-quotes`);
  }
  throw found(c, 'a field is missing after `.`');
}

/** The call of a function or method whose name was just taken; a macro when it is one. */
function invoke(c: Cursor, name: Token, target: Node | null): Node {
  let height = target ? c.height : 0;
  const open = peek(c);
  c.index += 1;
  const given: Node[] = [];
  if (peek(c).kind !== ')') {
    do {
      given.push(expression(c));
      height = Math.max(height, c.height);
    } while (take(c, ','));
  }
  close(c, ')', '(', open.at);
  const macro = expand({ name: name.text, at: name.at, target, given, macros: c.macros });
  if (macro && 'reason' in macro) throw new Mistaken(macro.at, macro.reason);
  if (macro) {
    grow(c, height + macro.levels, name.at);
    return macro.tree;
  }
  grow(c, height + 1, name.at);
  const operands = target ? [target, ...given] : given;
  return { at: name.at, node: 'call', function: name.text, arguments: operands, method: target !== null };
}

function primary(c: Cursor): Node {
  const token = peek(c);
  const { kind, at, literal } = token;
  switch (kind) {
    case 'literal':
      if (!literal) break;
      if (literal.type === 'int' && literal.value > INT_MAX) {
        throw new Mistaken(at, `\`${token.text}\` does not fit: an int goes up to ${INT_MAX}`);
      }
      c.index += 1;
      c.height = 1;
      return { at, node: 'literal', ...literal };
    case '.':
    case 'name':
      return named(c);
    case '(': {
      c.index += 1;
      const inner = expression(c);
      close(c, ')', '(', at);
      return inner;
    }
    case '[':
      return list(c);
    case '{':
      return map(c);
  }
  throw found(c, 'a value is missing');
}

const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

function named(c: Cursor): Node {
  const absolute = take(c, '.') !== null;
  const token = take(c, 'name');
  if (!token) throw found(c, 'a name is missing after `.`');
  if (RESERVED.has(token.text)) {
    throw new Mistaken(token.at, `\`${token.text}\` is reserved by CEL and cannot be a name`);
  }
  if (peek(c).kind === '(') return invoke(c, token, null);
  c.height = 1;
  return { at: token.at, node: 'name', name: token.text, ...(absolute && { absolute }) };
}

function list(c: Cursor): Node {
  const { at } = peek(c);
  c.index += 1;
  const items: Node[] = [];
  const optional: number[] = [];
  let height = 0;
  while (peek(c).kind !== ']' && peek(c).kind !== ',') {
    if (take(c, '?')) optional.push(items.length);
    items.push(expression(c));
    height = Math.max(height, c.height);
    if (peek(c).kind !== ',' || c.token(c.index + 1)?.kind === ']') break;
    c.index += 1;
    if (peek(c).kind === ',') throw found(c, 'a value is missing');
  }
  take(c, ',');
  close(c, ']', '[', at);
  grow(c, height + 1, at);
  return { at, node: 'list', items, ...(optional.length > 0 && { optional }) };
}

function map(c: Cursor): Node {
  const { at } = peek(c);
  c.index += 1;
  const entries: { key: Node; value: Node; optional?: boolean }[] = [];
  let height = 0;
  while (peek(c).kind !== '}' && peek(c).kind !== ',') {
    const optional = take(c, '?') !== null;
    const key = expression(c);
    height = Math.max(height, c.height);
    if (!take(c, ':')) throw found(c, 'a map is written `{key: value}`: `:` is missing');
    const value = expression(c);
    height = Math.max(height, c.height);
    entries.push({ key, value, ...(optional && { optional }) });
    if (peek(c).kind !== ',' || c.token(c.index + 1)?.kind === '}') break;
    c.index += 1;
    if (peek(c).kind === ',') throw found(c, 'a key is missing');
  }
  take(c, ',');
  close(c, '}', '{', at);
  grow(c, height + 1, at);
  return { at, node: 'map', entries };
}

function close(c: Cursor, kind: string, open: string, at: Position): void {
  if (take(c, kind)) return;
  const token = peek(c);
  const known = token.kind === 'mistake' || (token.kind === 'name' && WORDS.has(token.text));
  if (known || token.kind === 'name' || token.kind === 'literal') throw leftOver(c, token);
  throw found(c, `\`${kind}\` is missing: \`${open}\` of line ${at.line}, column ${at.column} is not closed`);
}

/** What is wrong at the token where something else was needed. */
function found(c: Cursor, reason: string): Mistaken {
  const { kind, at, text } = peek(c);
  if (kind === 'mistake') return new Mistaken(at, text);
  return new Mistaken(
    at,
    kind === 'end' ? `${reason} at the end` : `${reason} before \`${shortened(text)}\``,
  );
}

const shortened = (text: string) => (text.length > 30 ? `${text.slice(0, 30)}…` : text);

const WORDS: ReadonlyMap<string, string> = new Map([
  ['and', '`&&`'],
  ['AND', '`&&`'],
  ['or', '`||`'],
  ['OR', '`||`'],
  ['is', '`==`'],
  ['eq', '`==`'],
  ['mod', '`%`'],
  ['IN', '`in`'],
  ['if', '`condition ? yes : no`'],
  ['contains', '`x.contains(y)`'],
  ['startsWith', '`x.startsWith(y)`'],
  ['endsWith', '`x.endsWith(y)`'],
  ['matches', '`x.matches(pattern)`'],
]);

/** What stands where the expression, or a part of it, was complete. */
function leftOver(c: Cursor, token: Token): Mistaken {
  const { kind, at, text } = token;
  if (kind === 'mistake') return new Mistaken(at, text);
  const before = c.token(c.index - 1);
  if (before?.kind === 'name' && (before.text === 'not' || before.text === 'NOT')) {
    return new Mistaken(before.at, `\`${before.text}\` is not CEL: did you mean \`!\`?`);
  }
  if (kind === 'name' && text === 'not' && c.token(c.index + 1)?.kind === 'in') {
    return new Mistaken(at, '`not in` is not CEL: write `!(x in y)`');
  }
  const meant = kind === 'name' ? WORDS.get(text) : undefined;
  if (meant) return new Mistaken(at, `\`${text}\` is not CEL: did you mean ${meant}?`);
  if (')]}'.includes(kind)) return new Mistaken(at, `\`${text}\` closes nothing`);
  return new Mistaken(at, `an operator is missing before \`${shortened(text)}\``);
}
