/** What `env.*`, `matrix.*` and `inputs.*` stand for, as far as the file itself says so. */
import { child, entriesOf, itemsOf, type Node, type Scalar, scalars, textOf } from '../document.ts';
import { type Controller, controllerOf, strongest } from './contexts.ts';
import { embedded } from './embedded.ts';
import { contextPath, type Expression, flows } from './expression.ts';
import type { Job, Step, Workflow } from './workflow.ts';

export interface Surroundings {
  readonly workflow: Workflow;
  readonly job: Job;
  readonly step?: Step;
}

/** The definition of an environment variable that a step sees; undefined when only an earlier step could set it. */
export function environmentValue(at: Surroundings, name: string): Node | undefined {
  for (const env of [at.step?.env, at.job.env, child(at.workflow.root, 'env')]) {
    const found = entriesOf(env).find(({ key }) => key.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found.value;
  }
  return undefined;
}

/**
 * Every value that `matrix.<path>` takes; undefined when an expression makes the matrix or the dimension. A value
 * that is excluded on its own (`exclude: [{ os: x }]`) is not there. An entry of `include` without the key adds the
 * empty value only when no dimension has it.
 */
export function matrixValues(job: Job, path: readonly string[]): readonly Node[] | undefined {
  const { matrix } = job;
  if (matrix === undefined) return [];
  if (matrix.type !== 'mapping') return undefined;
  const [key, ...inner] = path;
  if (key === undefined) return [matrix];
  const find = (node: Node | undefined): Node | undefined =>
    entriesOf(node).find((candidate) => candidate.key.toLowerCase() === key)?.value;
  const dimension = find(matrix);
  const include = child(matrix, 'include');
  if (include !== undefined && include.type === 'scalar' && include.text.includes('${{')) return undefined;
  if (dimension?.type === 'scalar' && dimension.text.includes('${{')) return undefined;
  const excluded = new Set(
    itemsOf(child(matrix, 'exclude')).flatMap((item) => {
      const entries = entriesOf(item);
      const text = textOf(entries[0]?.value);
      return entries.length === 1 && entries[0]?.key.toLowerCase() === key && text !== undefined
        ? [text]
        : [];
    }),
  );
  const values = [
    ...itemsOf(dimension).filter((item) => !excluded.has(textOf(item) ?? '\0')),
    ...itemsOf(include).flatMap((item) => {
      const found = find(item);
      return found === undefined ? [] : [found];
    }),
  ];
  return values.flatMap((value) => {
    let node: Node | undefined = value;
    for (const name of inner) {
      if (name === '*') return itemsOf(node);
      node = entriesOf(node).find((candidate) => candidate.key.toLowerCase() === name)?.value;
    }
    return node === undefined ? [] : [node];
  });
}

/** Who controls a reference to a context, seen from a step. */
export function controller(at: Surroundings, reference: Expression, depth = 0): Controller | undefined {
  const path = contextPath(reference) ?? [];
  const [root, name = ''] = path;
  if (depth > 8) return undefined;
  if (root === 'inputs') return inputController(at.workflow, name);
  if (root === 'env') {
    if (path.length === 1) return 'run';
    const value = environmentValue(at, name);
    return value === undefined ? 'run' : controllerOfText(at, value, depth + 1);
  }
  if (root === 'matrix') {
    const values = matrixValues(at.job, path.slice(1));
    const nodes = values ?? (at.job.matrix === undefined ? [] : [dimensionOf(at.job.matrix, name)]);
    if (at.job.matrix === undefined) return 'run';
    const found = strongest(nodes.map((node) => controllerOfText(at, node, depth + 1)));
    // An expression made the value: even what nobody controls is decided while it runs.
    const dynamic =
      values === undefined ||
      nodes.some((node) => [...scalars(node)].some(({ text }) => text.includes('${{')));
    return found === 'nobody' && dynamic ? 'run' : found;
  }
  return controllerOf(path);
}

function dimensionOf(matrix: Node, name: string): Node {
  return entriesOf(matrix).find(({ key }) => key.toLowerCase() === name)?.value ?? matrix;
}

/** Who controls a text that may contain expressions. */
export function controllerOfText(at: Surroundings, node: Node, depth = 0): Controller | undefined {
  const found: (Controller | undefined)[] = [];
  for (const scalar of scalars(node))
    for (const { expression } of embedded(at.workflow.document, scalar))
      for (const flow of expression === undefined ? [] : flows(expression))
        found.push(controller(at, flow, depth + 1));
  return strongest(found);
}

/**
 * A number, a boolean or a choice cannot carry code. Inputs of a published action are its callers'; those of a
 * workflow, or of an action for its own repository, are chosen by somebody who may write there.
 */
function inputController(workflow: Workflow, name: string): Controller {
  if (workflow.type === 'action') return workflow.published === false ? 'writer' : 'caller';
  const declared = workflow.inputs.filter(({ key }) => key.toLowerCase() === name);
  const types = declared.map(({ value }) => textOf(child(value, 'type')) ?? 'string');
  return types.length > 0 && types.every((type) => /^(boolean|number|choice|environment)$/.test(type))
    ? 'nobody'
    : 'writer';
}

/**
 * The texts a scalar can have once `env.*` and `matrix.*` are put in; undefined when one is not in the file. Only
 * for a scalar that is one expression or none: that is how images and runners are written.
 */
export function possibleTexts(at: Surroundings, scalar: Scalar): readonly string[] | undefined {
  if (!scalar.text.includes('${{')) return [scalar.text];
  const inside = embedded(at.workflow.document, scalar);
  let texts: readonly string[] = [''];
  let from = 0;
  for (const part of inside) {
    const before = scalar.text.slice(from, part.start);
    const values = part.expression === undefined ? undefined : expressionTexts(at, part.expression);
    if (values === undefined || texts.length * values.length > 256) return undefined;
    texts = texts.flatMap((text) => values.map((value) => text + before + value));
    from = part.end;
  }
  return texts.map((text) => text + scalar.text.slice(from));
}

function expressionTexts(at: Surroundings, expression: Expression): readonly string[] | undefined {
  if (expression.type === 'literal') return [expression.value === null ? '' : String(expression.value)];
  if (expression.type === 'or') {
    const parts = expression.of.map((part) => expressionTexts(at, part));
    return parts.some((part) => part === undefined)
      ? undefined
      : [...new Set(parts.flatMap((part) => part ?? []))];
  }
  const path = contextPath(expression);
  if (path?.[0] === 'matrix') {
    const values = matrixValues(at.job, path.slice(1));
    if (values === undefined || at.job.matrix === undefined) return undefined;
    const texts = values.map(textOf);
    return texts.some((text) => text?.includes('${{')) ? undefined : texts.map((text) => text ?? '');
  }
  if (path?.[0] === 'env' && path.length === 2) {
    const value = textOf(environmentValue(at, path[1] ?? ''));
    return value === undefined || value.includes('${{') ? undefined : [value];
  }
  return undefined;
}
