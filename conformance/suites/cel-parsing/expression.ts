/**
 * Our tree as a `cel.expr.Expr` in the shape of its messages, with the macros of the specification expanded as cel-go
 * expands them, so that cel-go's own debug form can be printed from it. Macros of extensions stay calls: the parser
 * that printed the expected trees had no extension switched on.
 */
import type { Literal, Macro, Node } from '@macadam/core/cel/tree';

export interface Expr {
  readonly $typeName: 'cel.expr.Expr';
  readonly exprKind: { readonly case: string; readonly value: unknown };
}

const expr = (kind: string, value: unknown): Expr => ({
  $typeName: 'cel.expr.Expr',
  exprKind: { case: kind, value },
});
const constant = (kind: string, value: unknown) => expr('constExpr', { constantKind: { case: kind, value } });
const name = (text: string) => expr('identExpr', { name: text });
const call = (called: string, args: readonly Expr[], target?: Expr) =>
  expr('callExpr', { target, function: called, args });
const list = (elements: readonly Expr[]) => expr('listExpr', { elements });
const BOOL = (value: boolean) => constant('boolValue', value);

export function expression(node: Node): Expr {
  switch (node.node) {
    case 'literal':
      return literal(node);
    case 'name':
      return name(`${node.absolute ? '.' : ''}${node.name}`);
    case 'select':
    case 'has':
      return expr('selectExpr', {
        operand: expression(node.of),
        field: node.field,
        testOnly: node.node === 'has',
      });
    case 'list':
      return list(node.items.map(expression));
    case 'map': {
      const entries = node.entries.map(({ key, value }) => ({
        $typeName: 'cel.expr.Expr.CreateStruct.Entry',
        optionalEntry: false,
        keyKind: { case: 'mapKey', value: expression(key) },
        value: expression(value),
      }));
      return expr('structExpr', { messageName: '', entries });
    }
    case 'call':
      return signs(node) ?? plain(node);
    case 'macro':
      return macro(node);
  }
}

type Call = Node & { readonly node: 'call' };

function plain(node: Call): Expr {
  const args = node.arguments.map(expression);
  return node.method ? call(node.function, args.slice(1), args[0]) : call(node.function, args);
}

/**
 * cel-go drops two equal signs in a row while it reads, and our tree keeps every sign that was written. Signs in a row
 * are those without a gap, for the parentheses of `-(-1)` make two steps of it in cel-go too.
 */
function signs(node: Call): Expr | null {
  if (node.function !== '!_' && node.function !== '-_') return null;
  let count = 1;
  let inner = node.arguments[0] ?? node;
  let { column } = node.at;
  const inRow = () => inner.at.line === node.at.line && inner.at.column === column + 1;
  while (inner.node === 'call' && inner.function === node.function && inRow()) {
    count += 1;
    column += 1;
    inner = inner.arguments[0] ?? inner;
  }
  if (inner.node === 'literal' && typeof inner.value === 'bigint' && inner.value < 0n && inRow()) {
    count += 1;
    inner = { at: inner.at, node: 'literal', type: 'int', value: -inner.value };
  }
  return count % 2 === 0 ? expression(inner) : call(node.function, [expression(inner)]);
}

const LITERALS: Readonly<Record<Literal['type'], string>> = {
  null: 'nullValue',
  bool: 'boolValue',
  int: 'int64Value',
  uint: 'uint64Value',
  double: 'doubleValue',
  string: 'stringValue',
  bytes: 'bytesValue',
};
const literal = ({ type, value }: Literal) => constant(LITERALS[type], value);

type MacroNode = Node & { readonly node: 'macro' };
const RESULT = '@result';

/** How cel-go folds: what the result begins with, whether to go on, what each element does to it, what is made of it. */
const FOLDS: Readonly<Partial<Record<Macro, (node: MacroNode) => readonly [Expr, Expr, Expr, Expr]>>> = {
  all: ({ body }) => {
    const go = call('@not_strictly_false', [name(RESULT)]);
    return [BOOL(true), go, call('_&&_', [name(RESULT), expression(body)]), name(RESULT)];
  },
  exists: ({ body }) => {
    const go = call('@not_strictly_false', [call('!_', [name(RESULT)])]);
    return [BOOL(false), go, call('_||_', [name(RESULT), expression(body)]), name(RESULT)];
  },
  exists_one: ({ body }) => {
    const one = constant('int64Value', 1n);
    const step = call('_?_:_', [expression(body), call('_+_', [name(RESULT), one]), name(RESULT)]);
    return [constant('int64Value', 0n), BOOL(true), step, call('_==_', [name(RESULT), one])];
  },
  map: ({ body, where }) => {
    const more = call('_+_', [name(RESULT), list([expression(body)])]);
    const step = where ? call('_?_:_', [expression(where), more, name(RESULT)]) : more;
    return [list([]), BOOL(true), step, name(RESULT)];
  },
  filter: ({ body, variable }) => {
    const more = call('_+_', [name(RESULT), list([name(variable)])]);
    return [list([]), BOOL(true), call('_?_:_', [expression(body), more, name(RESULT)]), name(RESULT)];
  },
};

function macro(node: MacroNode): Expr {
  const parts = node.second === undefined ? FOLDS[node.macro]?.(node) : undefined;
  if (parts) {
    const [accuInit, loopCondition, loopStep, result] = parts;
    return expr('comprehensionExpr', {
      iterVar: node.variable,
      iterRange: expression(node.over),
      accuVar: RESULT,
      accuInit,
      loopCondition,
      loopStep,
      result,
    });
  }
  const variables = [node.variable, ...(node.second === undefined ? [] : [node.second])].map(name);
  if (node.macro === 'bind') {
    return call('bind', [...variables, expression(node.over), expression(node.body)], name('cel'));
  }
  const where = node.where ? [expression(node.where)] : [];
  return call(node.macro, [...variables, ...where, expression(node.body)], expression(node.over));
}
