/**
 * Azure Pipelines files as a model: jobs, steps, templates and resources, each with its place.
 * Structure follows learn.microsoft.com, "YAML schema reference for Azure Pipelines". Template expressions
 * (`${{ if … }}:`) may stand wherever a list item may; what is below them is read as if it applied.
 */
import { compact } from '../../../compact.ts';
import {
  child,
  entriesOf,
  itemsOf,
  type Mapping,
  type Node,
  namedIn,
  type Scalar,
  textOf,
  type YamlDocument,
} from '../document.ts';

export interface AzureStep {
  readonly node: Mapping;
  /** Id of the job it stands in; empty at the top. */
  readonly job: string;
  /** `Bash@3` in lower case without the version, or the shorthand's own name (`script`, `pwsh` …). */
  readonly task: string;
  /** Code that the step runs, where it stands in the file. */
  readonly scripts: readonly Scalar[];
}

export interface AzureJob {
  readonly id: string;
  readonly node: Mapping;
  readonly deployment: boolean;
  readonly steps: readonly AzureStep[];
}

export interface AzureTemplate {
  readonly reference: Scalar;
  readonly extends: boolean;
  readonly job: string;
}

export interface AzureRepository {
  readonly alias: string;
  readonly type: string;
  readonly name: string;
  readonly ref?: string;
  readonly node: Mapping;
}

export interface AzurePipeline {
  readonly document: YamlDocument;
  readonly root: Mapping;
  readonly jobs: readonly AzureJob[];
  readonly templates: readonly AzureTemplate[];
  readonly repositories: readonly AzureRepository[];
  /** Images by the alias that jobs use, and images that jobs name themselves. */
  readonly images: readonly { readonly scalar: Scalar; readonly job: string }[];
  /** Variables that the file defines, by name in lower case. */
  readonly variables: ReadonlyMap<string, Scalar>;
  /** Types of the parameters that the file declares. */
  readonly parameters: ReadonlyMap<string, string>;
}

const SHORTHANDS = ['script', 'bash', 'pwsh', 'powershell'] as const;
const TOP = [
  'trigger',
  'pr',
  'schedules',
  'stages',
  'jobs',
  'steps',
  'extends',
  'resources',
  'variables',
  'parameters',
];

/** Inputs of tasks that are run as code. */
const CODE_INPUTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['bash', ['script']],
  ['cmdline', ['script']],
  ['powershell', ['script']],
  ['azurecli', ['inlinescript']],
  ['azurepowershell', ['inline', 'inlinescript']],
  ['pythonscript', ['script']],
  ['ssh', ['inline', 'commands']],
]);

/** Whether a file in a folder of pipelines is one: it may hold settings of other tools as well. */
export function looksLikePipeline(document: YamlDocument): boolean {
  return entriesOf(document.root).some(({ key }) => TOP.includes(key));
}

export function pipelineOf(document: YamlDocument, root: Mapping): AzurePipeline {
  const jobs = new Map<string, { node: Mapping; deployment: boolean; steps: AzureStep[] }>();
  const templates: AzureTemplate[] = [];
  const variables = new Map<string, Scalar>();
  const images: { scalar: Scalar; job: string }[] = [];

  const visit = (node: Node, job: string, parent: string): void => {
    if (node.type === 'sequence') for (const item of node.items) visit(item, job, parent);
    if (node.type !== 'mapping') return;
    const name = textOf(child(node, 'job')) ?? textOf(child(node, 'deployment'));
    const inner = name ?? job;
    // Tasks and parameters have inputs called `container` too; only a job's is an image.
    const isJob = node === root || name !== undefined || child(node, 'steps') !== undefined;
    if (name !== undefined || (child(node, 'steps') !== undefined && !jobs.has(inner)))
      jobs.set(inner, { node, deployment: child(node, 'deployment') !== undefined, steps: [] });
    const template = child(node, 'template');
    if (template?.type === 'scalar' && template.value !== null)
      templates.push({ reference: template, extends: parent === 'extends', job: inner });
    const step = stepOf(node, inner);
    if (step !== undefined) jobs.get(inner)?.steps.push(step);
    for (const { key, value } of node.entries) {
      if (key === 'variables') readVariables(value, variables);
      if (key === 'container' && isJob) images.push(...imageOf(value, inner));
      // What a template is given as parameters may be whole jobs; what the file itself declares is not run.
      if (key !== 'resources' && (key !== 'parameters' || node !== root)) visit(value, inner, key);
    }
  };
  visit(root, '', '');

  const resources = child(root, 'resources');
  const containers = itemsOf(child(resources, 'containers'));
  const aliases = new Set(containers.map((item) => textOf(child(item, 'container'))));
  const declared = containers.flatMap((item) => imageOf(child(item, 'image'), ''));
  return {
    document,
    root,
    jobs: [...jobs].map(([id, job]) => ({ id, ...job })),
    templates,
    repositories: itemsOf(child(resources, 'repositories')).flatMap(repositoryOf),
    images: [...declared, ...images.filter(({ scalar }) => !aliases.has(scalar.text))],
    variables,
    parameters: new Map(
      itemsOf(child(root, 'parameters')).flatMap((item) => {
        const name = textOf(child(item, 'name'));
        return name === undefined ? [] : [[name.toLowerCase(), parameterType(item)] as const];
      }),
    ),
  };
}

/** A parameter with a list of values is a choice, whatever its type. */
function parameterType(item: Node): string {
  return child(item, 'values') === undefined ? (textOf(child(item, 'type')) ?? 'string') : 'choice';
}

function stepOf(node: Mapping, job: string): AzureStep | undefined {
  for (const name of SHORTHANDS) {
    const script = child(node, name);
    if (script?.type === 'scalar') return { node, job, task: name, scripts: [script] };
  }
  const task = textOf(child(node, 'task'))?.split('@')[0]?.toLowerCase();
  if (task === undefined) return undefined;
  const code = CODE_INPUTS.get(task) ?? [];
  const scripts = entriesOf(child(node, 'inputs')).flatMap(({ key, value }) =>
    value.type === 'scalar' && code.includes(key.toLowerCase()) ? [value] : [],
  );
  return { node, job, task, scripts };
}

function readVariables(node: Node, into: Map<string, Scalar>): void {
  if (node.type === 'mapping') {
    for (const { key, value } of node.entries)
      if (value.type === 'scalar') into.set(key.toLowerCase(), value);
    return;
  }
  for (const item of itemsOf(node)) {
    const name = textOf(child(item, 'name'));
    const value = child(item, 'value');
    if (name !== undefined && value?.type === 'scalar') into.set(name.toLowerCase(), value);
  }
}

function imageOf(node: Node | undefined, job: string): readonly { scalar: Scalar; job: string }[] {
  const scalar = namedIn(node, 'image');
  return scalar?.type === 'scalar' && scalar.text.trim() !== '' ? [{ scalar, job }] : [];
}

function repositoryOf(node: Node): readonly AzureRepository[] {
  const alias = textOf(child(node, 'repository'));
  if (node.type !== 'mapping' || alias === undefined) return [];
  return [
    compact({
      alias,
      type: textOf(child(node, 'type')) ?? 'git',
      name: textOf(child(node, 'name')) ?? alias,
      ref: textOf(child(node, 'ref')),
      node,
    }),
  ];
}
