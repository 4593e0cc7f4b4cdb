/**
 * GitHub Actions files as a typed model: workflows, and action definitions (composite, JavaScript, Docker).
 * Structure follows docs.github.com, "Workflow syntax" and "Metadata syntax". What does not have the required
 * shape is a fault with its line; the rest is still read.
 */
import { compact } from '../../../compact.ts';
import {
  child,
  type Entry,
  entriesOf,
  entry,
  isEmpty,
  itemsOf,
  type Mapping,
  type Node,
  type Place,
  type Scalar,
  textOf,
  type YamlDocument,
} from '../document.ts';

export interface WorkflowDiagnostic extends Partial<Place> {
  readonly message: string;
}

export interface Trigger extends Place {
  readonly event: string;
  /** Configuration below the event: branches, types, inputs … */
  readonly node?: Node;
  /** A `workflow_run` after workflows that only people with rights start: see `completed.ts`. */
  readonly byWriters?: true;
}

export interface Step extends Place {
  readonly node: Mapping;
  readonly id?: string;
  readonly name?: string;
  readonly uses?: Scalar;
  readonly run?: Scalar;
  readonly with?: Node;
  readonly env?: Node;
  readonly if?: Scalar;
  readonly shell?: string;
}

export interface Job extends Place {
  readonly id: string;
  readonly node: Mapping;
  readonly steps: readonly Step[];
  /** Reusable workflow that the job calls, and the inputs that it gets. */
  readonly uses?: Scalar;
  readonly with?: Node;
  readonly env?: Node;
  readonly matrix?: Node;
}

/** What the caller of a local action or reusable workflow hands to it: the file is then read as it runs there. */
export interface Given {
  /** Events of the run that the call belongs to; empty where nobody knows what starts the caller. */
  readonly triggers: readonly Trigger[];
  /** The file, job and step that call. */
  readonly path: string;
  readonly workflow: Workflow;
  readonly job: Job;
  readonly step?: Step;
  /** Inputs as the caller writes them. */
  readonly inputs?: Node;
}

export interface Workflow {
  readonly type: 'workflow' | 'action';
  readonly document: YamlDocument;
  readonly root: Mapping;
  readonly name?: string;
  /** The `on` key. */
  readonly on?: Entry;
  readonly triggers: readonly Trigger[];
  /** An action's steps stand in one job without an id. */
  readonly jobs: readonly Job[];
  readonly env?: Node;
  readonly inputs: readonly Entry[];
  readonly faults: readonly WorkflowDiagnostic[];
  /** `using` of an action: composite, docker, node20 … */
  readonly using?: string;
  /** An action that other repositories may call: its inputs are theirs. */
  readonly published?: boolean;
  /** Set where the file is read as one local caller runs it. */
  readonly given?: Given;
}

/** Events that start what runs here: the caller's, where the file is read as a caller runs it. */
export function eventsOf({ triggers, given }: Workflow): readonly string[] {
  return (given?.triggers ?? triggers).map(({ event }) => event);
}

/** Of these, without those that only people with rights can cause although others of their name may come from outside. */
export function outsideEventsOf({ triggers, given }: Workflow): readonly string[] {
  return (given?.triggers ?? triggers).filter(({ byWriters }) => !byWriters).map(({ event }) => event);
}

export function workflowOf(document: YamlDocument): Workflow | WorkflowDiagnostic {
  const { root } = document;
  if (root.type !== 'mapping')
    return { message: isEmpty(root) ? 'the file is empty' : 'a workflow is a mapping', line: root.line };
  const faults: WorkflowDiagnostic[] = [];
  const on = entry(root, 'on') ?? entry(root, 'true');
  const jobsNode = child(root, 'jobs');
  if (on === undefined) faults.push({ message: 'the workflow has no `on`', line: 1 });
  if (jobsNode?.type !== 'mapping')
    faults.push({ message: 'the workflow has no mapping `jobs`', line: jobsNode?.line ?? 1 });
  const triggers = on === undefined ? [] : triggersOf(on, faults);
  const jobs = entriesOf(jobsNode)
    .flatMap((each) => jobOf(each, faults))
    .filter(({ node }) => !isSwitchedOff(node));
  const inputs = triggers
    .filter(({ event }) => event === 'workflow_call' || event === 'workflow_dispatch')
    .flatMap(({ node }) => entriesOf(child(node, 'inputs')));
  return compact<Workflow>({
    type: 'workflow',
    document,
    root,
    name: textOf(child(root, 'name')),
    on,
    triggers,
    jobs,
    env: child(root, 'env'),
    inputs,
    faults,
  });
}

/** `published` for an action that others call; one below `.github/` serves its own repository. */
export function actionOf(document: YamlDocument, published = true): Workflow | WorkflowDiagnostic {
  const { root } = document;
  if (root.type !== 'mapping')
    return { message: isEmpty(root) ? 'the file is empty' : 'an action is a mapping', line: root.line };
  const faults: WorkflowDiagnostic[] = [];
  const runs = entry(root, 'runs');
  if (runs?.value.type !== 'mapping') return { message: 'an action has a mapping `runs`', line: 1 };
  const node = runs.value;
  const steps = stepsOf(child(node, 'steps'), faults);
  return compact<Workflow>({
    type: 'action',
    document,
    root,
    name: textOf(child(root, 'name')),
    triggers: [],
    jobs: [{ id: '', node, steps, line: runs.line, col: runs.col }],
    inputs: entriesOf(child(root, 'inputs')),
    faults,
    using: textOf(child(node, 'using')) ?? '',
    published,
  });
}

function triggersOf(on: Entry, faults: WorkflowDiagnostic[]): readonly Trigger[] {
  const { value } = on;
  if (value.type === 'mapping')
    return value.entries.map(({ key, line, col, value: node }) => ({ event: key, line, col, node }));
  const named = itemsOf(value).flatMap((item): Trigger[] => {
    const event = textOf(item);
    if (event !== undefined) return [{ event, line: item.line, col: item.col }];
    faults.push({ message: '`on` lists something that is not an event', line: item.line });
    return [];
  });
  if (named.length === 0 && faults.length === 0)
    faults.push({ message: '`on` names no event', line: on.line });
  return named;
}

function jobOf({ key, line, col, value }: Entry, faults: WorkflowDiagnostic[]): readonly Job[] {
  if (value.type !== 'mapping') {
    faults.push({ message: `job \`${key}\` is not a mapping`, line });
    return [];
  }
  const uses = child(value, 'uses');
  const steps = stepsOf(child(value, 'steps'), faults);
  if (uses === undefined && steps.length === 0 && child(value, 'steps') === undefined)
    faults.push({ message: `job \`${key}\` has neither \`steps\` nor \`uses\``, line });
  return [
    compact({
      id: key,
      line,
      col,
      node: value,
      steps,
      ...(uses?.type === 'scalar' && uses.value !== null ? { uses } : {}),
      with: child(value, 'with'),
      env: child(value, 'env'),
      matrix: child(child(value, 'strategy'), 'matrix'),
    }),
  ];
}

function stepsOf(node: Node | undefined, faults: WorkflowDiagnostic[]): readonly Step[] {
  if (node === undefined) return [];
  if (node.type !== 'sequence') {
    if (!isEmpty(node)) faults.push({ message: '`steps` is not a list', line: node.line });
    return [];
  }
  return node.items.flatMap((item): Step[] => {
    if (item.type !== 'mapping') {
      faults.push({ message: 'a step is not a mapping', line: item.line });
      return [];
    }
    // `parallel:` groups steps that run side by side; they are steps like any other.
    const inner = child(item, 'parallel');
    if (inner?.type === 'sequence') return [...stepsOf(inner, faults)];
    return isSwitchedOff(item) ? [] : [stepOf(item)];
  });
}

/**
 * `if: false`, with or without `${{ }}`: it stands in the file and never runs, so nothing is true of it that is asked
 * of what runs. With anything around the braces, a space included, it would be a text, and always true.
 */
function isSwitchedOff(node: Mapping): boolean {
  const text = textOf(child(node, 'if')) ?? '';
  return /^(?:\s*(?:false|!\s*true)\s*|\$\{\{\s*(?:false|!\s*true)\s*\}\})$/.test(text);
}

function stepOf(node: Mapping): Step {
  const scalar = (key: string): Scalar | undefined => {
    const value = child(node, key);
    return value?.type === 'scalar' && value.value !== null ? value : undefined;
  };
  return compact({
    node,
    line: node.line,
    col: node.col,
    id: scalar('id')?.text,
    name: scalar('name')?.text,
    uses: scalar('uses'),
    run: scalar('run'),
    with: child(node, 'with'),
    env: child(node, 'env'),
    if: scalar('if'),
    shell: scalar('shell')?.text,
  });
}

/** `owner/repository[/path]` of a step's action in lower case, without its version; undefined for local ones. */
export function actionName(step: Step): string | undefined {
  const text = step.uses?.text.trim();
  if (text === undefined || /^(\.|\$|docker:)/.test(text)) return undefined;
  return text
    .split('@')[0]
    ?.replace(/(?<!\/)\/+$/, '')
    .toLowerCase();
}

/** An input of a step. Names of inputs are case-insensitive. */
export function input(step: Step, name: string): Node | undefined {
  return entriesOf(step.with).find(({ key }) => key.toLowerCase() === name)?.value;
}

/** Ids of these jobs, and of every job that has to succeed before one of them, near and far. */
export function neededJobs(jobs: readonly Job[], ids: Iterable<string>): ReadonlySet<string> {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const found = new Set<string>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const job = byId.get(id);
    if (job === undefined || found.has(id)) continue;
    found.add(id);
    open.push(...itemsOf(child(job.node, 'needs')).flatMap((item) => textOf(item) ?? []));
  }
  return found;
}
