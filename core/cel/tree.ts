/**
 * The tree of a CEL expression as Macadam sees it: macros kept as macros, every node with its place in the text.
 * Parsing is @bufbuild/cel's; this turns its ParsedExpr (cel.expr of the CEL specification, macros expanded to
 * comprehensions) back into what the author wrote, because `all` and `exists` absorb an unknown and a plain fold
 * would not say which one it is.
 */
import { parse as parseCel } from '@bufbuild/cel';

export interface Position {
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
}

export type Macro =
  | 'all'
  | 'exists'
  | 'exists_one'
  | 'map'
  | 'filter'
  | 'transformList'
  | 'transformMap'
  | 'transformMapEntry'
  | 'bind'
  | 'optMap'
  | 'optFlatMap';

export type Literal =
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int' | 'uint'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bytes'; readonly value: Uint8Array };

export type Node = { readonly at: Position } & (
  | ({ readonly node: 'literal' } & Literal)
  /** `absolute`: written with a leading dot. */
  | { readonly node: 'name'; readonly name: string; readonly absolute?: boolean }
  /** `optional`: written `.?`. */
  | { readonly node: 'select'; readonly of: Node; readonly field: string; readonly optional?: boolean }
  | { readonly node: 'has'; readonly of: Node; readonly field: string }
  | {
      readonly node: 'call';
      /** Operators as the specification names them: `_&&_`, `_[_]`, `_[?_]`, `@in`, `-_`. */
      readonly function: string;
      /** The receiver of a method comes first. */
      readonly arguments: readonly Node[];
      readonly method: boolean;
    }
  /** `optional` holds the indexes of the elements written with `?`. */
  | { readonly node: 'list'; readonly items: readonly Node[]; readonly optional?: readonly number[] }
  | {
      readonly node: 'map';
      readonly entries: readonly { readonly key: Node; readonly value: Node; readonly optional?: boolean }[];
    }
  | {
      readonly node: 'macro';
      readonly macro: Macro;
      /** What is folded; for `bind` the value, for `optMap` the optional. */
      readonly over: Node;
      readonly variable: string;
      /** The two-variable forms: `variable` is the index or key, `second` the element or value. */
      readonly second?: string;
      /** The predicate, or what each element becomes. */
      readonly body: Node;
      /** `map(x, p, t)` and the transforms: which elements are kept. */
      readonly where?: Node;
    }
);

export interface CelMistake {
  readonly at: Position;
  readonly reason: string;
}

type Parsed = ReturnType<typeof parseCel>;
type Expr = NonNullable<Parsed['expr']>;

const MACROS = new Set<string>(['all', 'exists', 'exists_one', 'map', 'filter']);

/** Deeper than any readable expression; a hostile one must not exhaust the stack. */
const MAX_LENGTH = 10_000;

export function parse(text: string): { readonly tree: Node } | { readonly mistake: CelMistake } {
  if (text.length > MAX_LENGTH) {
    return {
      mistake: { at: { line: 1, column: 1 }, reason: `an expression has at most ${MAX_LENGTH} characters` },
    };
  }
  let parsed: Parsed;
  try {
    parsed = parseCel(text);
  } catch (error) {
    return { mistake: syntaxMistake(error) };
  }
  try {
    if (!parsed.expr) throw new Unsupported({ line: 1, column: 1 }, 'the expression is empty');
    return { tree: new Converter(text, parsed).convert(parsed.expr) };
  } catch (error) {
    if (error instanceof Unsupported) return { mistake: { at: error.at, reason: error.message } };
    throw error;
  }
}

function syntaxMistake(error: unknown): CelMistake {
  const { location, rawMessage, message } = error as {
    location?: { start?: { line?: number; column?: number } };
    rawMessage?: string;
    message?: string;
  };
  return {
    at: { line: location?.start?.line ?? 1, column: location?.start?.column ?? 1 },
    reason: `not valid CEL: ${rawMessage ?? message ?? 'syntax error'}`,
  };
}

class Unsupported extends Error {
  readonly at: Position;
  constructor(at: Position, reason: string) {
    super(reason);
    this.at = at;
  }
}

class Converter {
  readonly #lineStarts: number[] = [0];
  readonly #positions: Record<string, number>;
  readonly #macros: Record<string, Expr>;

  constructor(text: string, parsed: Parsed) {
    for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) {
      this.#lineStarts.push(index + 1);
    }
    this.#positions = parsed.sourceInfo?.positions ?? {};
    this.#macros = parsed.sourceInfo?.macroCalls ?? {};
  }

  #at(expr: Expr): Position {
    const offset = this.#positions[expr.id.toString()] ?? 0;
    const line = this.#lineStarts.findLastIndex((start) => start <= offset);
    return { line: line + 1, column: offset - (this.#lineStarts[line] ?? 0) + 1 };
  }

  convert(expr: Expr): Node {
    const at = this.#at(expr);
    const kind = expr.exprKind;
    switch (kind.case) {
      case 'constExpr': {
        const constant = kind.value.constantKind;
        switch (constant.case) {
          case 'nullValue':
            return { at, node: 'literal', type: 'null', value: null };
          case 'boolValue':
            return { at, node: 'literal', type: 'bool', value: constant.value };
          case 'int64Value':
            return { at, node: 'literal', type: 'int', value: constant.value };
          case 'doubleValue':
            return { at, node: 'literal', type: 'double', value: constant.value };
          case 'stringValue':
            return { at, node: 'literal', type: 'string', value: constant.value };
          default:
            throw new Unsupported(
              at,
              'unsigned integers and bytes are not part of the standards language yet',
            );
        }
      }
      case 'identExpr':
        return { at, node: 'name', name: kind.value.name };
      case 'selectExpr': {
        if (!kind.value.operand) throw new Unsupported(at, 'a field needs something before its dot');
        const of = this.convert(kind.value.operand);
        return { at, node: kind.value.testOnly ? 'has' : 'select', of, field: kind.value.field };
      }
      case 'callExpr': {
        const target = kind.value.target ? [kind.value.target] : [];
        const all = [...target, ...kind.value.args].map((argument) => this.convert(argument));
        return { at, node: 'call', function: kind.value.function, arguments: all, method: target.length > 0 };
      }
      case 'listExpr':
        return { at, node: 'list', items: kind.value.elements.map((element) => this.convert(element)) };
      case 'comprehensionExpr':
        return this.#macro(expr, at);
      case 'structExpr':
        throw new Unsupported(at, 'maps and messages cannot be built in an expression; use a parameter');
      default:
        throw new Unsupported(at, 'this construct is not part of the standards language');
    }
  }

  /** The author's macro, from the call that the parser remembered; its parts are found in the expansion. */
  #macro(expr: Expr, at: Position): Node {
    const call = this.#macros[expr.id.toString()];
    if (call?.exprKind.case !== 'callExpr' || expr.exprKind.case !== 'comprehensionExpr') {
      throw new Unsupported(at, 'this construct is not part of the standards language');
    }
    const fold = expr.exprKind.value;
    const { function: macro, args } = call.exprKind.value;
    if (!MACROS.has(macro) || !fold.iterRange || fold.iterVar2 !== '') {
      throw new Unsupported(at, `the macro \`${macro}\` is not part of the standards language`);
    }
    // A macro inside a macro's argument is a stub in the remembered call, so arguments are taken by id from the expansion.
    const argument = (index: number): Node => {
      const found = args[index] && find(fold.loopStep, args[index].id);
      if (!found) throw new Unsupported(at, `the macro \`${macro}\` lacks an argument`);
      return this.convert(found);
    };
    const over = this.convert(fold.iterRange);
    const base = { at, node: 'macro', macro: macro as Macro, over, variable: fold.iterVar } as const;
    if (macro === 'map' && args.length === 3) return { ...base, where: argument(1), body: argument(2) };
    return { ...base, body: argument(1) };
  }
}

/** The part with an id in a macro's expansion: an operand of a call, or an element of the list that `map` appends. */
function find(expr: Expr | undefined, id: bigint): Expr | undefined {
  if (!expr || expr.id === id) return expr;
  const kind = expr.exprKind;
  const parts =
    kind.case === 'callExpr' ? kind.value.args : kind.case === 'listExpr' ? kind.value.elements : [];
  for (const part of parts) {
    const found = find(part, id);
    if (found) return found;
  }
  return undefined;
}
