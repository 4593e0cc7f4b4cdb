/** What `env.*`, `matrix.*` and `inputs.*` stand for, as far as the file itself says so. */
import { child, entriesOf, itemsOf, type Node, type Scalar, scalars, textOf } from '../document.ts';
import { type Controller, controllerOf, strongest } from './contexts.ts';
import { condition, embedded } from './embedded.ts';
import { type Datum, evaluate, truthy } from './evaluation.ts';
import { contextPath, contexts, type Expression, flows } from './expression.ts';
import { guardOf } from './guards.ts';
import type { Job, Step, Workflow } from './workflow.ts';

export interface Surroundings {
  /** Of the file, where it is known. */
  readonly path?: string;
  readonly workflow: Workflow;
  readonly job: Job;
  readonly step?: Step;
}

/** The definition of an environment variable that a step sees; undefined when only an earlier step could set it. */
function environmentValue(at: Surroundings, name: string): Node | undefined {
  return environmentEntry(at, name)?.value;
}

/** The same with the file, job and step that define it: a local action sees the variables of the step that calls it. */
function environmentEntry(at: Surroundings, name: string): Definition | undefined {
  for (const env of [at.step?.env, at.job.env, child(at.workflow.root, 'env')]) {
    const found = entriesOf(env).find(({ key }) => key.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return { at, value: found.value };
  }
  const { given, type } = at.workflow;
  return given === undefined || type === 'workflow' ? undefined : environmentEntry(given, name);
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

/** How far one question is followed through variables, dimensions and inputs, so that hostile files cost little. */
interface Trail {
  readonly depth: number;
  readonly budget: { left: number };
}

const DEPTH = 24;
const CONTEXTS = 5_000;
const trail = (): Trail => ({ depth: 0, budget: { left: CONTEXTS } });

/** Who controls a reference to a context, seen from a step. */
export function controller(at: Surroundings, reference: Expression): Controller | undefined {
  return controllerAlong(at, reference, trail());
}

/** Who controls a text that may contain expressions. */
export function controllerOfText(at: Surroundings, node: Node): Controller | undefined {
  return textAlong(at, node, trail());
}

function controllerAlong(at: Surroundings, reference: Expression, along: Trail): Controller | undefined {
  const path = contextPath(reference) ?? [];
  const [root, name = ''] = path;
  if (along.depth > DEPTH || along.budget.left-- <= 0) return undefined;
  if (root === 'inputs') return inputController(at, name, along);
  if (root === 'env') {
    if (path.length === 1) return 'run';
    const found = environmentEntry(at, name);
    return found === undefined ? 'run' : textAlong(found.at, found.value, along);
  }
  if (root === 'matrix') {
    const values = matrixValues(at.job, path.slice(1));
    const nodes = values ?? (at.job.matrix === undefined ? [] : [dimensionOf(at.job.matrix, name)]);
    if (at.job.matrix === undefined) return 'run';
    const found = strongest(nodes.map((node) => textAlong(at, node, along)));
    // An expression made the value: even what nobody controls is decided while it runs.
    const dynamic =
      values === undefined ||
      nodes.some((node) => [...scalars(node)].some(({ text }) => text.includes('${{')));
    return found === 'nobody' && dynamic ? 'run' : found;
  }
  const who = controllerOf(path);
  return who === 'anyone' && OF_A_REQUEST.test(path.join('.')) && guardOf(at) === 'writers' ? 'writer' : who;
}

/** What whoever wrote the code decides: where a condition lets only writers' code come, they are writers. */
const OF_A_REQUEST = /^github\.(?:head_ref$|event\.(?:pull_request|workflow_run)\.)/;

function dimensionOf(matrix: Node, name: string): Node {
  return entriesOf(matrix).find(({ key }) => key.toLowerCase() === name)?.value ?? matrix;
}

function textAlong(at: Surroundings, node: Node, { depth, budget }: Trail): Controller | undefined {
  return strongest(flowsOf(at, node).map((flow) => controllerAlong(at, flow, { depth: depth + 1, budget })));
}

/** Every context whose text ends up in a node's. */
function flowsOf(at: Surroundings, node: Node): readonly Expression[] {
  return [...scalars(node)].flatMap((scalar) =>
    embedded(at.workflow.document, scalar).flatMap(({ expression }) =>
      expression === undefined ? [] : flows(expression),
    ),
  );
}

/**
 * A number, a boolean or a choice cannot carry code. Read as a local caller runs it, an input is what that caller
 * writes, or the default. Otherwise inputs of a published action are its callers'; those of a workflow, or of an action
 * for its own repository, are chosen by somebody who may write there.
 */
function inputController(at: Surroundings, name: string, along: Trail): Controller | undefined {
  const { workflow } = at;
  const declared = workflow.inputs.filter(({ key }) => key.toLowerCase() === name);
  if (workflow.type === 'workflow') {
    const types = declared.map(({ value }) => textOf(child(value, 'type')) ?? 'string');
    if (types.length > 0 && types.every((type) => /^(boolean|number|choice|environment)$/.test(type)))
      return 'nobody';
  }
  const { given } = workflow;
  if (given === undefined)
    return workflow.type === 'action' && workflow.published !== false ? 'caller' : 'writer';
  const defined = definitionOf(at, ['inputs', name]);
  return defined === undefined ? 'nobody' : textAlong(defined.at, defined.value, along);
}

/** An input as the caller writes it; all inputs where they are one expression. */
function givenInput({ given }: Workflow, name: string): Node | undefined {
  if (given?.inputs?.type === 'scalar') return given.inputs;
  return entriesOf(given?.inputs).find(({ key }) => key.toLowerCase() === name)?.value;
}

interface Definition {
  readonly at: Surroundings;
  readonly value: Node;
}

/** Where a variable, or an input that a local caller gives, is defined; undefined for every other context. */
function definitionOf(at: Surroundings, [root, name = '']: readonly string[]): Definition | undefined {
  if (root === 'env') return environmentEntry(at, name);
  const { given, inputs } = at.workflow;
  if (root !== 'inputs' || given === undefined) return undefined;
  const written = givenInput(at.workflow, name);
  if (written !== undefined) return { at: given, value: written };
  const declared = inputs.find(({ key }) => key.toLowerCase() === name);
  const value = child(declared?.value, 'default');
  return value === undefined ? undefined : { at, value };
}

/** The context in the workflow that a reference stands for, and where that is written; itself where nothing hands it on. */
export interface Origin {
  readonly text: string;
  readonly path?: string;
  readonly line?: number;
}

/** Follows a reference through the inputs and variables of local calls to what an outsider wrote. */
export function originOf(at: Surroundings, reference: Expression, text: string): Origin {
  let here: Origin = { text };
  let from: Surroundings = at;
  let now = reference;
  for (let hop = 0; hop < DEPTH; hop++) {
    const next = definitionOf(from, contextPath(now) ?? []);
    if (next === undefined) return here;
    const outsiders = partsOf(next.at, next.value).find(({ flow }) => controller(next.at, flow) === 'anyone');
    if (outsiders === undefined) return here;
    const { path } = next.at;
    here = { text: outsiders.text, ...(path === undefined ? {} : { path, line: outsiders.line }) };
    from = next.at;
    now = outsiders.flow;
  }
  return here;
}

/** The contexts that a text depends on, with variables and inputs of local calls followed to what they stand for. */
export function baseContexts(
  at: Surroundings,
  node: Node,
  along: Trail = trail(),
): readonly (readonly string[])[] {
  if (along.depth > DEPTH) return [];
  const next: Trail = { depth: along.depth + 1, budget: along.budget };
  return [...scalars(node)].flatMap((scalar) =>
    embedded(at.workflow.document, scalar).flatMap(({ expression }) =>
      (expression === undefined ? [] : contexts(expression)).flatMap((reference) => {
        if (along.budget.left-- <= 0) return [];
        const path = contextPath(reference) ?? [];
        const defined = definitionOf(at, path);
        return defined === undefined ? [path] : baseContexts(defined.at, defined.value, next);
      }),
    ),
  );
}

/** The contexts that one of them stands for: itself, where no variable and no input hands it on. */
export function baseContextsOf(at: Surroundings, path: readonly string[]): readonly (readonly string[])[] {
  const defined = definitionOf(at, path);
  return defined === undefined ? [path] : baseContexts(defined.at, defined.value);
}

/** Every context whose text ends up in a node's, as it is written there. */
export function partsOf(
  at: Surroundings,
  node: Node,
): readonly { readonly flow: Expression; readonly text: string; readonly line: number }[] {
  return [...scalars(node)].flatMap((scalar) =>
    embedded(at.workflow.document, scalar).flatMap((part) =>
      part.expression === undefined
        ? []
        : flows(part.expression).map((flow) => ({
            flow,
            text: part.textOf(flow).replace(/\s+/g, ' ').trim(),
            line: part.placeOf(flow).line,
          })),
    ),
  );
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

/**
 * The text of an input, or of a variable by its name, with what a local caller writes for inputs put in; undefined
 * where an expression decides it while the pipeline runs.
 */
export function literalOf(at: Surroundings, what: Node | { readonly name: string }): string | undefined {
  let here: Definition | undefined = 'name' in what ? environmentEntry(at, what.name) : { at, value: what };
  for (let hop = 0; hop < DEPTH && here !== undefined; hop++) {
    const text = textOf(here.value);
    if (text === undefined || !text.includes('${{')) return text;
    if (here.value.type !== 'scalar') return undefined;
    const [part, ...more] = embedded(here.at.workflow.document, here.value);
    const whole = part !== undefined && more.length === 0 && text.trim().length === part.end - part.start;
    const path = whole && part.expression !== undefined ? contextPath(part.expression) : undefined;
    here = path === undefined ? undefined : definitionOf(here.at, path);
  }
  return undefined;
}

/** A text with every expression replaced by what it stands for, or by `?` where that is decided while it runs. */
export function filledText(at: Surroundings, scalar: Scalar): string {
  let text = '';
  let from = 0;
  for (const part of embedded(at.workflow.document, scalar)) {
    const path = part.expression === undefined ? undefined : contextPath(part.expression);
    const defined = path === undefined ? undefined : definitionOf(at, path);
    const literal = defined === undefined ? undefined : literalOf(defined.at, defined.value);
    text += scalar.text.slice(from, part.start) + (literal ?? '?');
    from = part.end;
  }
  return text + scalar.text.slice(from);
}

/** Whether a condition holds, as far as the inputs that a local caller gives decide it; undefined where they do not. */
export function conditionValue(at: Surroundings, guard: Scalar): boolean | undefined {
  const expression = condition(at.workflow.document, guard)?.expression;
  if (expression === undefined) return undefined;
  const inputs: Record<string, string> = {};
  for (const { key } of at.workflow.inputs) {
    const defined = definitionOf(at, ['inputs', key.toLowerCase()]);
    const text = defined === undefined ? '' : literalOf(defined.at, defined.value);
    if (text !== undefined) inputs[key.toLowerCase()] = text;
  }
  const asked = contexts(expression).map((reference) => contextPath(reference) ?? []);
  if (!asked.every(([root, name = '']) => root === 'inputs' && inputs[name] !== undefined)) return undefined;
  const outcome = evaluate(expression, new Map<string, Datum>([['inputs', inputs]]));
  return 'value' in outcome ? truthy(outcome.value) : undefined;
}
