/**
 * Why a verdict is what it is: the parts of its expressions that decided, with their values, and the observations that
 * these came from. What decided nothing is left out: of an `&&` that is false only what is false, of an `all` that is
 * false only the element that broke it.
 */
import type { Expression } from '../cel/compile.ts';
import { nodesOf, partsOf } from '../cel/generate.ts';
import { isRecord } from '../cel/runtime/equality.ts';
import { type Data, Unknown } from '../cel/runtime/value.ts';
import type { Typed } from '../cel/typed.ts';
import { written } from '../cel/written.ts';
import type { Assurance } from '../facts/observation.ts';
import type { PreparedAsset } from '../facts/row.ts';
import { display } from '../text/display.ts';
import type { CompiledStandard } from './compiled-standard.ts';
import type { StandardJudge } from './evaluate.ts';

/** What one source said about the attribute that was read. */
export interface SeenBy {
  readonly attribute: string;
  readonly source: string;
  readonly observedAt: string;
  readonly receivedAt: string | null;
  readonly assurance: Assurance | null;
}

export interface Explanation {
  /** The part of the expression. */
  readonly text: string;
  /** What it was, as people read it; for what is unknown the causes. */
  readonly value: string;
  readonly seen: SeenBy | null;
  readonly parts: readonly Explanation[];
}

export interface Explained {
  /** `scope`, `check`, or the id of the reason. */
  readonly of: string;
  readonly explanation: Explanation;
}

/** The expressions that decided, in the order in which they were asked. */
export function explain(standard: CompiledStandard, row: PreparedAsset, judge: StandardJudge): Explained[] {
  const decision = judge.decide(row);
  const one = (of: string, expression: Expression): Explained[] => {
    const step = run(expression, row, judge);
    return step && expression.text !== 'true' ? [{ of, explanation: told(step, row) }] : [];
  };
  const scope = one('scope', standard.where);
  if (decision === 'not-applicable') return scope;
  const undecidedScope = standard.where.run(judge.bindings(row), judge.around) instanceof Unknown;
  if (undecidedScope) return scope;
  const reason = typeof decision === 'number' ? standard.reasons[decision] : undefined;
  return [
    ...scope,
    ...one('check', standard.check),
    ...(reason ? one(reason.definition.id, reason.when) : []),
  ];
}

/** A node with its value and the steps that led to it; a macro's body comes once for each element. */
interface Step {
  readonly node: Typed;
  readonly value: Data;
  readonly parts: readonly Step[];
}

/** Parts are shown before the nodes that they are parts of, so a stack gives the tree. */
function run(expression: Expression, row: PreparedAsset, judge: StandardJudge): Step | null {
  const nodes = nodesOf(expression.tree);
  const stack: Step[] = [];
  const trace = (number: number, value: Data) => {
    const node = nodes[number];
    if (!node) return;
    const own = new Set(partsOf(node));
    let from = stack.length;
    while (from > 0 && own.has((stack[from - 1] as Step).node)) from--;
    stack.push({ node, value, parts: stack.splice(from) });
  };
  expression.traced()(judge.bindings(row), { ...judge.around, trace });
  return stack.at(-1) ?? null;
}

const MAX_SHOWN = 120;
const short = (text: string) => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text);

function told(step: Step, row: PreparedAsset): Explanation {
  const { node } = step;
  const base = baseOf(node);
  const attribute = base === 'asset' ? attributeOf(node) : null;
  const parts = base === null ? deciding(step).map((part) => told(part, row)) : [];
  return {
    text: short(written(node)),
    value: short(shown(step.value, parts.length === 0)),
    seen: attribute === null ? null : seen(attribute, row),
    parts,
  };
}

/** Causes are told where they come from, not again by everything above. */
function shown(value: Data, leaf: boolean): string {
  if (value instanceof Unknown) {
    const causes = new Set(value.causes.map(({ cause, why }) => `${cause}: ${why}`));
    return leaf ? `unknown (${[...causes].join('; ')})` : 'unknown';
  }
  if (!Array.isArray(value)) return display(value);
  const number = `${value.length} ${value.length === 1 ? 'element' : 'elements'}`;
  return value.length === 0 || value.some(isRecord) ? number : `${number}: ${display(value)}`;
}

/** The name that a chain of fields begins with; null for anything else. */
function baseOf(node: Typed): string | null {
  if (node.node === 'variable') return node.name;
  return node.node === 'select' || node.node === 'has' ? baseOf(node.of) : null;
}

/** The attribute that a chain of fields of the asset begins with. */
function attributeOf(node: Typed): string | null {
  if (node.node !== 'select' && node.node !== 'has') return null;
  return node.of.node === 'variable' ? node.field : attributeOf(node.of);
}

function seen(attribute: string, row: PreparedAsset): SeenBy | null {
  const held = row['@asset'].attributes.get(attribute);
  if (!held?.source || !held.observedAt) return null;
  const { source, observedAt, receivedAt, assurance } = held;
  return { attribute, source, observedAt, receivedAt, assurance };
}

/** The parts without which the value would have been another. */
function deciding({ node, value, parts }: Step): readonly Step[] {
  const alike = (wanted: Data) => parts.filter((part) => part.value === wanted);
  const open = parts.filter((part) => part.value instanceof Unknown);
  if (node.node === 'call' && (node.function === '_&&_' || node.function === '_||_')) {
    const own = value instanceof Unknown ? open : alike(value);
    // `a && b && c` is one row of conditions to people.
    return own.flatMap((part) =>
      part.node.node === 'call' && part.node.function === node.function ? deciding(part) : [part],
    );
  }
  if (node.node === 'fold') {
    if (value instanceof Unknown && open.length > 0) return open;
    const over = parts.filter((part) => part.node === node.over);
    const decisive = node.fold === 'exists' ? value === true : node.fold === 'all' && value === false;
    return decisive ? [...over, ...alike(value).filter((part) => part.node === node.body)] : over;
  }
  const strict = value instanceof Unknown && open.length > 0 ? open : parts;
  return strict.filter((part) => nodesOf(part.node).some((inner) => inner.node === 'variable'));
}
