/**
 * CEL's macros, by name and number of arguments: which argument is a variable, which a condition, which a result.
 * They stay macros in the tree, because `all` and `exists` absorb what is unknown and a plain fold could not say so.
 */
import type { Macro, Node, Position } from './tree.ts';

/** `all` adds what only the conformance suite writes: `cel.block`, `cel.index`, `cel.iterVar`, `cel.accuVar`. */
export type Macros = 'standard' | 'all';

type Part = 'variable' | 'second' | 'where' | 'body';

interface Form {
  readonly macro: Macro;
  readonly usage: string;
  readonly forms: readonly (readonly Part[])[];
}

const ONE: readonly Part[] = ['variable', 'body'];
const TWO: readonly Part[] = ['variable', 'second', 'body'];
const KEPT: readonly Part[] = ['variable', 'second', 'where', 'body'];

const folds = (macro: Macro): Form => ({
  macro,
  usage: `${macro}(x, condition) or ${macro}(index, x, condition)`,
  forms: [ONE, TWO],
});
const transforms = (macro: Macro): Form => ({
  macro,
  usage: `${macro}(key, x, result) or ${macro}(key, x, condition, result)`,
  forms: [TWO, KEPT],
});
const single = (macro: Macro, usage: string): Form => ({ macro, usage, forms: [ONE] });

const METHODS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['all', folds('all')],
  ['exists', folds('exists')],
  ['exists_one', folds('exists_one')],
  ['existsOne', folds('exists_one')],
  [
    'map',
    {
      macro: 'map',
      usage: 'map(x, result) or map(x, condition, result)',
      forms: [ONE, ['variable', 'where', 'body']],
    },
  ],
  ['filter', single('filter', 'filter(x, condition)')],
  ['optMap', single('optMap', 'optMap(x, result)')],
  ['optFlatMap', single('optFlatMap', 'optFlatMap(x, optional)')],
  ['transformList', transforms('transformList')],
  ['transformMap', transforms('transformMap')],
  ['transformMapEntry', transforms('transformMapEntry')],
]);

export interface MacroDiagnostic {
  readonly at: Position;
  readonly reason: string;
}

interface ExpandInput {
  readonly name: string;
  readonly at: Position;
  readonly target: Node | null;
  readonly given: readonly Node[];
  readonly macros: Macros;
}

type Expanded = { readonly tree: Node; readonly levels: number } | MacroDiagnostic | null;

/** The macro that a call is, `null` when it is an ordinary call, or why it is written wrongly. */
export function expand({ name, at, target, given, macros }: ExpandInput): Expanded {
  if (target === null) return name === 'has' ? presence(at, given) : null;
  if (target.node === 'name' && target.name === 'cel') {
    const form = name === 'bind' ? BIND : null;
    if (form)
      return fill({
        form,
        name,
        at,
        over: given[1] ?? target,
        given,
        parts: given.length === 3 ? BIND_PARTS : null,
      });
    return macros === 'all' ? block(name, at, given) : null;
  }
  const form = METHODS.get(name);
  if (!form) return null;
  const parts = form.forms.find(({ length }) => length === given.length) ?? null;
  return fill({ form, name, at, over: target, given, parts });
}

const BIND: Form = { macro: 'bind', usage: 'cel.bind(x, value, result)', forms: [] };
const BIND_PARTS: readonly (Part | null)[] = ['variable', null, 'body'];

function presence(at: Position, given: readonly Node[]): Expanded {
  const [of] = given;
  if (given.length === 1 && of?.node === 'select' && !of.optional) {
    return { tree: { at: of.at, node: 'has', of: of.of, field: of.field }, levels: 0 };
  }
  const reason = '`has` asks for one field: write `has(asset.field)`';
  return { at: of?.at ?? at, reason };
}

interface FillInput {
  readonly form: Form;
  readonly name: string;
  readonly at: Position;
  readonly over: Node;
  readonly given: readonly Node[];
  readonly parts: readonly (Part | null)[] | null;
}

function fill({ form, name, at, over, given, parts }: FillInput): Expanded {
  if (!parts)
    return { at, reason: `\`${name}\` is written ${form.usage.replaceAll(/\S+\([^)]*\)/g, '`$&`')}` };
  const found: { variable?: string; second?: string; where?: Node; body?: Node } = {};
  for (const [index, part] of parts.entries()) {
    const node = given[index];
    if (!part || !node) continue;
    if (part === 'where' || part === 'body') {
      found[part] = node;
      continue;
    }
    const wrong = variable(node, found.variable);
    if (wrong) return { at: node.at, reason: `\`${name}\` ${wrong}` };
    if (node.node === 'name') found[part] = node.name;
  }
  const { variable: first, second, where, body } = found;
  if (first === undefined || !body) return null;
  const tree: Node = {
    at,
    node: 'macro',
    macro: form.macro,
    over,
    variable: first,
    ...(second !== undefined && { second }),
    body,
    ...(where && { where }),
  };
  return { tree, levels: 1 };
}

function variable(node: Node, other: string | undefined): string | null {
  if (node.node !== 'name' || node.absolute) return 'needs a plain name for its variable here';
  // cel-go's names for the result of a fold; refused so that an expression means the same there.
  if (node.name === '__result__') return 'cannot call its variable `__result__`, a name of CEL itself';
  return node.name === other ? `needs two different names, not \`${other}\` twice` : null;
}

/** `cel.block([a, b], r)` is `cel.bind(@index0, a, cel.bind(@index1, b, r))`; the names cannot be written in CEL. */
function block(name: string, at: Position, given: readonly Node[]): Expanded {
  const numbers = given.map((node) =>
    node.node === 'literal' && node.type === 'int' && node.value >= 0n ? node.value : null,
  );
  const named = { index: '@index', iterVar: '@it:', accuVar: '@ac:' }[name];
  if (named !== undefined) {
    const count = name === 'index' ? 1 : 2;
    if (numbers.length !== count || numbers.includes(null)) {
      return { at, reason: `\`cel.${name}\` needs ${count === 1 ? 'a number' : 'two numbers'} from 0` };
    }
    return { tree: { at, node: 'name', name: named + numbers.join(':') }, levels: 0 };
  }
  if (name !== 'block') return null;
  const [list, result] = given;
  if (given.length !== 2 || list?.node !== 'list' || list.optional || !result) {
    return { at, reason: '`cel.block` is written `cel.block([value, …], result)`' };
  }
  const tree = list.items.reduceRight<Node>(
    (body, over, index) => ({
      at: over.at,
      node: 'macro',
      macro: 'bind',
      over,
      variable: `@index${index}`,
      body,
    }),
    result,
  );
  return { tree, levels: list.items.length };
}
