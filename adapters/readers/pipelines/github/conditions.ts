/** Guards that do not guard: names of bots that can be borrowed, and conditions that always hold. */
import { child, type Scalar, scalars } from '../document.ts';
import { condition, embedded } from './embedded.ts';
import { evaluate } from './evaluation.ts';
import { children, contextPath, type Expression } from './expression.ts';
import type { Weakness } from './weakness.ts';
import type { Workflow } from './workflow.ts';

export function conditionWeaknesses(workflow: Workflow): readonly Weakness[] {
  const found: Weakness[] = [];
  for (const job of workflow.jobs) {
    const own = child(job.node, 'if');
    const guards: Scalar[] = own?.type === 'scalar' && own.value !== null && job.id !== '' ? [own] : [];
    for (const step of job.steps) if (step.if !== undefined) guards.push(step.if);
    for (const guard of guards)
      found.push(
        ...constant(workflow, guard, job.id),
        ...spoofable(workflow, guard, job.id),
        ...loose(workflow, guard, job.id),
      );
    for (const scalar of scalars(job.node))
      found.push(...lostTernaries(workflow, scalar, job.id), ...constants(workflow, scalar, job.id));
  }
  return found;
}

/** Text around a fence makes the whole condition a non-empty text, and that is true whatever the fence says. */
function* constant({ document }: Workflow, guard: Scalar, job: string): Generator<Weakness> {
  const inside = embedded(document, guard);
  const [first] = inside;
  if (first === undefined) return;
  if (inside.length === 1 && first.start === 0 && first.end === guard.text.length) return;
  yield {
    rule: 'constant-condition',
    text: `the condition is a text, which is always true: ${guard.text.replace(/\s+/g, ' ').trim().slice(0, 80)}`,
    line: guard.line,
    col: guard.col,
    job,
  };
}

/** Ids of dependabot and renovate, which conditions compare as numbers. */
const BOTS = new Set(['29110', '27856297', '49699333', '29139614', '41898282']);

function* spoofable(workflow: Workflow, guard: Scalar, job: string): Generator<Weakness> {
  const part = condition(workflow.document, guard);
  if (part?.expression === undefined) return;
  for (const comparison of comparisons(part.expression)) {
    const place = part.placeOf(comparison);
    yield {
      rule: 'spoofable-condition',
      text: `who started the run says nothing about whose change it is: ${part.textOf(comparison).trim()}`,
      ...place,
      job,
    };
  }
}

function comparisons(expression: Expression): readonly Expression[] {
  const below = children(expression).flatMap(comparisons);
  if (expression.type !== 'compare' || expression.operator !== '==') return below;
  const pairs = [
    [expression.left, expression.right],
    [expression.right, expression.left],
  ] as const;
  const spoofed = pairs.some(([context, literal]) => {
    const path = contextPath(context)?.join('.') ?? '';
    if (literal.type !== 'literal') return false;
    const text = String(literal.value);
    if (/^github\.(actor|triggering_actor)$|^github\.event\.sender\.login$/.test(path))
      return text.toLowerCase().endsWith('[bot]');
    return /^github\.(actor_id|event\.sender\.id)$/.test(path) && BOTS.has(text);
  });
  return spoofed ? [expression, ...below] : below;
}

/** `a && '' || b`: the middle is falsy, so the result is `b` whatever `a` says. */
function* lostTernaries({ document }: Workflow, scalar: Scalar, job: string): Generator<Weakness> {
  for (const part of embedded(document, scalar))
    for (const lost of part.expression === undefined ? [] : ternaries(part.expression))
      yield {
        rule: 'lost-ternary',
        text: `the middle is empty, so the last part always wins: ${part.textOf(lost).trim()}`,
        ...part.placeOf(lost),
        job,
      };
}

function ternaries(expression: Expression): readonly Expression[] {
  const below = children(expression).flatMap(ternaries);
  if (expression.type !== 'or') return below;
  const falsy = expression.of
    .slice(0, -1)
    .map((part) => (part.type === 'and' ? part.of.at(-1) : undefined))
    .find(
      (last) =>
        last?.type === 'literal' &&
        (last.value === null || last.value === false || last.value === '' || last.value === 0),
    );
  return falsy === undefined ? below : [falsy, ...below];
}

/** `contains('main release', github.ref_name)`: a branch called `rel` or `a` passes as well. */
function* loose(workflow: Workflow, guard: Scalar, job: string): Generator<Weakness> {
  const part = condition(workflow.document, guard);
  if (part?.expression === undefined) return;
  for (const call of all(part.expression)) {
    if (call.type !== 'call' || call.name.toLowerCase() !== 'contains') continue;
    const [whole, wanted] = call.arguments;
    if (whole?.type !== 'literal' || typeof whole.value !== 'string' || wanted === undefined) continue;
    const path = contextPath(wanted);
    if (path === undefined) continue;
    yield {
      rule: 'loose-contains',
      text: `any part of the text passes: ${part.textOf(call).trim()}`,
      line: guard.line,
      col: guard.col,
      job,
      stated: true,
    };
  }
}

function all(expression: Expression): readonly Expression[] {
  return [expression, ...children(expression).flatMap(all)];
}

/** An expression that always gives the same text: it hides from a reader, and from a search, what is written. */
function* constants({ document }: Workflow, scalar: Scalar, job: string): Generator<Weakness> {
  for (const part of embedded(document, scalar)) {
    if (part.expression === undefined) continue;
    for (const same of constantParts(part.expression, true))
      yield {
        rule: 'constant-expression',
        text: `always the same: ${part.textOf(same).trim()}`,
        ...part.placeOf(same),
        job,
      };
  }
}

/** The largest parts that need no context; a literal counts only when it is the whole expression. */
function constantParts(expression: Expression, whole: boolean): readonly Expression[] {
  if (expression.type === 'literal') return whole ? [expression] : [];
  const outcome = evaluate(expression);
  const plain = 'value' in outcome && (outcome.value === null || typeof outcome.value !== 'object');
  if (plain) return [expression];
  return children(expression).flatMap((part) => constantParts(part, false));
}
