/**
 * The expression language of GitHub Actions (`${{ … }}`): lexer and parser to a tree with positions.
 *
 * Grammar, precedence and limits follow the reference at docs.github.com, "Evaluate expressions in workflows and
 * actions", and the known-answer tests of actions/languageservices. `&&` and `||` are flattened, because depth is
 * limited to 50 and a chain counts once.
 */
import { compact } from '../../../compact.ts';

export interface TextSpan {
  /** Offsets into the expression's text, end exclusive. */
  readonly start: number;
  readonly end: number;
}

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Expression = TextSpan &
  (
    | { readonly type: 'literal'; readonly value: string | number | boolean | null }
    | { readonly type: 'context'; readonly name: string }
    | { readonly type: 'property'; readonly of: Expression; readonly name: string }
    | { readonly type: 'index'; readonly of: Expression; readonly index: Expression }
    | { readonly type: 'star'; readonly of: Expression }
    | { readonly type: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
    | { readonly type: 'not'; readonly of: Expression }
    | {
        readonly type: 'compare';
        readonly operator: Operator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly type: 'and' | 'or'; readonly of: readonly Expression[] }
  );

export interface ExpressionError {
  readonly error: 'lexing' | 'parsing';
  readonly message: string;
  readonly offset: number;
}

interface Token extends TextSpan {
  readonly type: 'literal' | 'name' | 'call' | 'property' | 'symbol' | 'end';
  readonly text: string;
  readonly value?: string | number | boolean | null;
}

const MAX_DEPTH = 50;
const MAX_LENGTH = 21_000;
const CONSTANTS: ReadonlyMap<string, number | boolean | null> = new Map<string, number | boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
]);

/** Least and most number of arguments of each function; `case` takes an odd number. */
const FUNCTIONS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['contains', [2, 2]],
  ['startswith', [2, 2]],
  ['endswith', [2, 2]],
  ['format', [1, 255]],
  ['join', [1, 2]],
  ['tojson', [1, 1]],
  ['fromjson', [1, 1]],
  ['case', [3, 255]],
  ['hashfiles', [1, 255]],
  ['success', [0, 255]],
  ['failure', [0, 255]],
  ['always', [0, 0]],
  ['cancelled', [0, 0]],
]);

class Failure extends Error {
  readonly reason: ExpressionError;
  constructor(reason: ExpressionError) {
    super(reason.message);
    this.reason = reason;
  }
}

/** Numbers as the language writes them: decimal with exponent, `0x` and `0o` without a sign, signed Infinity. */
export function parseNumber(text: string): number {
  if (/^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^0x[0-9a-fA-F]+$/.test(text) || /^0o[0-7]+$/.test(text)) return Number(text);
  if (text === '-Infinity') return Number.NEGATIVE_INFINITY;
  if (text === 'Infinity' || text === '+Infinity') return Number.POSITIVE_INFINITY;
  return Number.NaN;
}

function lex(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const fail = (start: number): never => {
    const word = /^(''|[^\s,()[\]!=<>&|])*/.exec(text.slice(start + 1))?.[0] ?? '';
    throw new Failure({
      error: 'lexing',
      message: `unexpected symbol \`${text.slice(start, start + 1 + word.length)}\``,
      offset: start,
    });
  };
  const push = (type: Token['type'], end: number, value?: Token['value']): void => {
    tokens.push(
      compact({
        type,
        text: text.slice(at, end),
        start: at,
        end,
        value,
      }),
    );
    at = end;
  };
  while (at < text.length) {
    const character = text[at] ?? '';
    if (/\s/.test(character)) {
      at++;
      continue;
    }
    const previous = tokens.at(-1);
    const valueBefore =
      previous !== undefined &&
      (previous.type !== 'symbol' || previous.text === ')' || previous.text === ']' || previous.text === '*');
    if (character === "'") {
      const body = /^'((?:[^']|'')*)'/.exec(text.slice(at));
      if (body === null) fail(at);
      push('literal', at + (body?.[0].length ?? 0), (body?.[1] ?? '').replaceAll("''", "'"));
    } else if (/[0-9+-]/.test(character) || (character === '.' && !valueBefore)) {
      const word = /^[^\s,()[\]!=<>&|]*/.exec(text.slice(at))?.[0] ?? '';
      const value = parseNumber(word);
      if (Number.isNaN(value)) fail(at);
      push('literal', at + word.length, value);
    } else if (/[()[\],.*]/.test(character)) {
      push('symbol', at + 1);
    } else if (/[!=<>&|]/.test(character)) {
      const operator = /^(&&|\|\||==|!=|<=|>=|<|>|!)/.exec(text.slice(at))?.[0];
      if (operator === undefined) fail(at);
      push('symbol', at + (operator?.length ?? 0));
    } else if (/[A-Za-z_]/.test(character)) {
      const word = /^[^\s,()[\]!=<>&|.*]*/.exec(text.slice(at))?.[0] ?? '';
      if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(word)) fail(at);
      const end = at + word.length;
      if (previous?.type === 'symbol' && previous.text === '.') push('property', end);
      else if (/^\s*\(/.test(text.slice(end))) push('call', end);
      else if (CONSTANTS.has(word)) push('literal', end, CONSTANTS.get(word) ?? null);
      else push('name', end);
    } else {
      fail(at);
    }
  }
  tokens.push({ type: 'end', text: '', start: text.length, end: text.length });
  return tokens;
}

/** Reads the text between `${{` and `}}`. With `contexts`, any other root name is an error, as on the runner. */
export function parseExpression(text: string, contexts?: ReadonlySet<string>): Expression | ExpressionError {
  if (text.length > MAX_LENGTH)
    return { error: 'parsing', message: `longer than ${MAX_LENGTH} characters`, offset: 0 };
  try {
    const tokens = lex(text);
    if (tokens.length === 1) return { type: 'literal', value: null, start: 0, end: text.length };
    const parser = new Parser(tokens, contexts);
    return parser.whole();
  } catch (failure) {
    if (failure instanceof Failure) return failure.reason;
    throw failure;
  }
}

/** Recursive descent; one object because the position in the tokens and the depth are shared by every rule. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #contexts: ReadonlySet<string> | undefined;
  #at = 0;
  #nesting = 0;

  constructor(tokens: readonly Token[], contexts: ReadonlySet<string> | undefined) {
    this.#tokens = tokens;
    this.#contexts = contexts;
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { type: 'end', text: '', start: 0, end: 0 };
  }

  #fail(message: string, token = this.#next): never {
    throw new Failure({ error: 'parsing', message, offset: token.start });
  }

  #unexpected(): never {
    const token = this.#next;
    return this.#fail(
      token.type === 'end' ? 'unexpected end of expression' : `unexpected symbol \`${token.text}\``,
      token,
    );
  }

  #take(symbol: string): boolean {
    if (this.#next.type !== 'symbol' || this.#next.text !== symbol) return false;
    this.#at++;
    return true;
  }

  #expect(symbol: string): number {
    const { end } = this.#next;
    if (!this.#take(symbol)) this.#unexpected();
    return end;
  }

  whole(): Expression {
    const expression = this.#or();
    if (this.#next.type !== 'end') this.#unexpected();
    if (depth(expression) > MAX_DEPTH) this.#fail(`deeper than ${MAX_DEPTH} levels`);
    return expression;
  }

  #or(): Expression {
    return this.#chain('||', 'or', () => this.#and());
  }

  #and(): Expression {
    return this.#chain('&&', 'and', () => this.#comparison(['==', '!='], () => this.#relation()));
  }

  #relation(): Expression {
    return this.#comparison(['<', '<=', '>', '>='], () => this.#unary());
  }

  #chain(symbol: string, type: 'and' | 'or', part: () => Expression): Expression {
    const first = part();
    const of = [first];
    while (this.#take(symbol)) of.push(part());
    return of.length === 1 ? first : { type, of, start: first.start, end: of.at(-1)?.end ?? first.end };
  }

  #comparison(symbols: readonly Operator[], part: () => Expression): Expression {
    let left = part();
    for (;;) {
      const operator = symbols.find((symbol) => this.#take(symbol));
      if (operator === undefined) return left;
      const right = part();
      left = { type: 'compare', operator, left, right, start: left.start, end: right.end };
    }
  }

  /** Nesting of the source is bounded before the tree exists, so hostile input cannot exhaust the stack. */
  #nested<T>(part: () => T): T {
    if (++this.#nesting > 4 * MAX_DEPTH) this.#fail(`deeper than ${MAX_DEPTH} levels`);
    const result = part();
    this.#nesting--;
    return result;
  }

  #unary(): Expression {
    const { start } = this.#next;
    if (!this.#take('!')) return this.#postfix();
    const of = this.#nested(() => this.#unary());
    return { type: 'not', of, start, end: of.end };
  }

  #postfix(): Expression {
    let expression = this.#primary();
    for (;;) {
      const { start } = expression;
      if (this.#take('.')) {
        const token = this.#next;
        if (this.#take('*')) expression = { type: 'star', of: expression, start, end: token.end };
        else if (token.type === 'property') {
          this.#at++;
          expression = { type: 'property', of: expression, name: token.text, start, end: token.end };
        } else this.#unexpected();
      } else if (this.#take('[')) {
        const of = expression;
        if (this.#take('*')) expression = { type: 'star', of, start, end: this.#expect(']') };
        else {
          const index = this.#nested(() => this.#or());
          expression = { type: 'index', of, index, start, end: this.#expect(']') };
        }
      } else return expression;
    }
  }

  #primary(): Expression {
    const token = this.#next;
    if (this.#take('(')) {
      const inner = this.#nested(() => this.#or());
      const end = this.#expect(')');
      return { ...inner, start: token.start, end };
    }
    if (token.type === 'literal') {
      this.#at++;
      return { type: 'literal', value: token.value ?? null, start: token.start, end: token.end };
    }
    if (token.type === 'name') {
      this.#at++;
      if (this.#contexts !== undefined && !this.#contexts.has(token.text.toLowerCase()))
        this.#fail(`unrecognised named value \`${token.text}\``, token);
      return { type: 'context', name: token.text, start: token.start, end: token.end };
    }
    if (token.type === 'call') return this.#call(token);
    return this.#unexpected();
  }

  #call(token: Token): Expression {
    this.#at++;
    const arity = FUNCTIONS.get(token.text.toLowerCase());
    if (arity === undefined) this.#fail(`unrecognised function \`${token.text}\``, token);
    this.#expect('(');
    const list: Expression[] = [];
    if (!(this.#next.type === 'symbol' && this.#next.text === ')')) {
      do list.push(this.#nested(() => this.#or()));
      while (this.#take(','));
    }
    const end = this.#expect(')');
    const [least, most] = arity ?? [0, 0];
    if (list.length < least) this.#fail('too few parameters supplied', token);
    if (list.length > most) this.#fail('too many parameters supplied', token);
    if (token.text.toLowerCase() === 'case' && list.length % 2 === 0)
      this.#fail('`case` takes an odd number of parameters', token);
    return { type: 'call', name: token.text, arguments: list, start: token.start, end };
  }
}

/** The expressions directly inside one. */
export function children(expression: Expression): readonly Expression[] {
  switch (expression.type) {
    case 'literal':
    case 'context':
      return [];
    case 'property':
    case 'star':
    case 'not':
      return [expression.of];
    case 'index':
      return [expression.of, expression.index];
    case 'call':
      return expression.arguments;
    case 'compare':
      return [expression.left, expression.right];
    case 'and':
    case 'or':
      return expression.of;
  }
}

/** Levels as the reference counts them: a property name or `*` is an operand of its own. */
function depth(expression: Expression): number {
  let deepest = 0;
  const open: [Expression, number][] = [[expression, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, level] = next;
    const own = node.type === 'property' || node.type === 'star' ? level + 1 : level;
    deepest = Math.max(deepest, own);
    for (const child of children(node)) open.push([child, level + 1]);
  }
  return deepest;
}

/**
 * A context reference as a path, lower case: `github.event.commits[0]['message']` is
 * `['github', 'event', 'commits', '*', 'message']`. Undefined for anything else; a computed index is `*` too.
 */
export function contextPath(expression: Expression): readonly string[] | undefined {
  const path: string[] = [];
  let at = expression;
  for (;;) {
    switch (at.type) {
      case 'context':
        path.push(at.name.toLowerCase());
        return path.reverse();
      case 'property':
        path.push(at.name.toLowerCase());
        at = at.of;
        break;
      case 'star':
        path.push('*');
        at = at.of;
        break;
      case 'index':
        path.push(
          at.index.type === 'literal' && typeof at.index.value === 'string'
            ? at.index.value.toLowerCase()
            : '*',
        );
        at = at.of;
        break;
      default:
        return undefined;
    }
  }
}

/** Every reference to a context, whatever is done with it; the longest path each. */
export function contexts(expression: Expression): readonly Expression[] {
  if (contextPath(expression) !== undefined) {
    const inner: Expression[] = [expression];
    for (let at: Expression = expression; at.type !== 'context'; ) {
      if (at.type === 'index') inner.push(...contexts(at.index));
      if (at.type !== 'index' && at.type !== 'property' && at.type !== 'star') break;
      at = at.of;
    }
    return inner;
  }
  return children(expression).flatMap(contexts);
}

/** Functions whose result carries none of the text of their arguments. */
const OPAQUE: ReadonlySet<string> = new Set([
  'contains',
  'startswith',
  'endswith',
  'hashfiles',
  'success',
  'failure',
  'always',
  'cancelled',
]);

/**
 * The context references whose text can end up in the result: conditions and comparisons only choose, so
 * `a && b || c` gives `b` and `c` (a falsy `a` carries no text worth injecting).
 */
export function flows(expression: Expression): readonly Expression[] {
  if (contextPath(expression) !== undefined) return [expression];
  switch (expression.type) {
    case 'property':
    case 'star':
    case 'index':
      return flows(expression.of);
    case 'call': {
      const name = expression.name.toLowerCase();
      if (OPAQUE.has(name)) return [];
      if (name === 'case')
        return expression.arguments
          .filter((_, index, all) => index % 2 === 1 || index === all.length - 1)
          .flatMap(flows);
      return expression.arguments.flatMap(flows);
    }
    case 'and':
      return expression.of.slice(-1).flatMap(flows);
    case 'or':
      return expression.of.flatMap(flows);
    default:
      return [];
  }
}

/** One `${{ … }}` in a text: the whole fence, and the expression inside it. */
export interface Fence extends TextSpan {
  readonly inner: string;
}

/** Finds fences as the runner does: quotes inside an expression hide `}}`; an unclosed fence ends the search. */
export function fences(text: string): readonly Fence[] {
  const found: Fence[] = [];
  for (let start = text.indexOf('${{'); start !== -1; start = text.indexOf('${{', start)) {
    let at = start + 3;
    let quoted = false;
    while (at < text.length && (quoted || !text.startsWith('}}', at))) {
      if (text[at] === "'") quoted = !quoted;
      at++;
    }
    if (at >= text.length) break;
    found.push({ start, end: at + 2, inner: text.slice(start + 3, at) });
    start = at + 2;
  }
  return found;
}
