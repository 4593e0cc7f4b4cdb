/**
 * Everything that is known of one CircleCI configuration. Structure follows circleci.com/docs, "Configuration reference".
 * `<< … >>` is pasted before a script runs. Whether builds of forks get secrets is a setting of the project.
 */
import { compact } from '../../../compact.ts';
import {
  child,
  isEmpty,
  itemsOf,
  keyAt,
  mergedEntries,
  type Node,
  type Scalar,
  scalars,
  textOf,
  type YamlDocument,
} from '../document.ts';
import {
  distinct,
  type Misread,
  NO_LISTS,
  type PipelineFacts,
  type Placed,
  type ProductionJob,
} from '../facts.ts';
import { controllerOf } from '../github/contexts.ts';
import { isTelling } from '../github/production.ts';
import { imageUse } from '../images.ts';
import { releasedBy } from '../released.ts';

interface CircleJob {
  readonly id: string;
  readonly node: Node;
  readonly line: number;
  readonly col: number;
  readonly scripts: readonly Scalar[];
  /** Steps of an orb, as `orb/command`. */
  readonly commands: readonly string[];
}

export function circleFacts(document: YamlDocument): PipelineFacts | Misread {
  const { root } = document;
  if (root.type !== 'mapping')
    return { message: isEmpty(root) ? 'the file is empty' : 'a configuration is a mapping', line: root.line };
  const jobs = sectionOf(root, 'jobs');
  const commands = sectionOf(root, 'commands');
  if (
    child(root, 'jobs') === undefined &&
    child(root, 'workflows') === undefined &&
    child(root, 'orbs') === undefined
  )
    return { message: 'there is neither `jobs` nor `workflows`', line: 1 };
  const { line, col } = root;
  return {
    role: 'pipeline',
    lists: {
      ...NO_LISTS,
      triggers: [{ key: 'push', event: 'push', privileged: false, line, col }],
      jobs: jobs.map((job) => ({
        key: job.id,
        steps: itemsOf(child(job.node, 'steps')).length,
        token: 'none',
        needs_writes: [],
        uses_token: false,
        line: job.line,
        col: job.col,
      })),
      uses: distinct([...orbsOf(root), ...imagesOf(root, jobs)]),
      expansions: [...jobs, ...commands].flatMap((job) => [...expansionsOf(document, job)]),
    },
    templates: [],
    production: productionOf(root, jobs),
    faults: [],
    open: [],
  };
}

const mergedChild = (node: Node, key: string): Node | undefined =>
  mergedEntries(node).find((each) => each.key === key)?.value;

/** Entries of `jobs` or `commands`. */
function sectionOf(root: Node, section: string): readonly CircleJob[] {
  return mergedEntries(child(root, section)).map(({ key, value, line, col }) => ({
    id: key,
    node: value,
    line,
    col,
    ...stepsOf(mergedChild(value, 'steps')),
  }));
}

/** Scripts of `run` steps, those under conditions among them, and the orb commands that are called. */
function stepsOf(node: Node | undefined): Pick<CircleJob, 'scripts' | 'commands'> {
  const scripts: Scalar[] = [];
  const commands: string[] = [];
  const visit = (item: Node, depth: number): void => {
    const name = textOf(item);
    if (name !== undefined) commands.push(name);
    for (const { key, value } of mergedEntries(item)) {
      if (key === 'run') {
        const command = value.type === 'mapping' ? mergedChild(value, 'command') : value;
        if (command?.type === 'scalar') scripts.push(command);
      } else if (key === 'when' || key === 'unless') {
        if (depth < 10) for (const inner of itemsOf(mergedChild(value, 'steps'))) visit(inner, depth + 1);
      } else commands.push(key);
    }
  };
  for (const item of itemsOf(node)) visit(item, 0);
  return { scripts, commands };
}

/** An exact version of an orb can never change once it is published; anything shorter, and `volatile` or `dev:`, can. */
function orbsOf(root: Node): readonly Placed[] {
  return mergedEntries(child(root, 'orbs')).flatMap(({ value }): Placed[] => {
    if (value.type !== 'scalar' || value.value === null) return [];
    const ref = value.text.trim();
    const [name = '', revision] = ref.split('@');
    const owner = name.split('/')[0];
    const { line, col } = value;
    const open = ref.includes('<<');
    return [
      compact({
        key: keyAt(value),
        ref,
        kind: 'orb',
        owner,
        repository: name,
        revision,
        pinned: open
          ? {
              unobserved: 'unobserved',
              why: 'a parameter decides the version of the orb; name it in the file',
            }
          : /^\d+\.\d+\.\d+$/.test(revision ?? ''),
        local: false,
        line,
        col,
        comment: value.comment,
      }),
    ];
  });
}

/** Images of jobs and of executors. Images of the machine executor are the platform's own. */
function imagesOf(root: Node, jobs: readonly CircleJob[]): readonly Placed[] {
  const found = (node: Node, job?: string): Placed[] => {
    return itemsOf(mergedChild(node, 'docker')).flatMap((item) => {
      const image = mergedChild(item, 'image');
      if (image?.type !== 'scalar' || image.value === null) return [];
      return [imageUse(image, /<<|\$/.test(image.text) ? undefined : image.text.trim(), job)];
    });
  };
  return [
    ...mergedEntries(child(root, 'executors')).flatMap(({ value }) => found(value)),
    ...jobs.flatMap(({ id, node }) => found(node, id)),
  ];
}

function* expansionsOf(document: YamlDocument, job: CircleJob): Generator<Placed> {
  for (const script of job.scripts)
    for (const match of script.raw.matchAll(/(?<!\\)<<\s*([\w.-]+)\s*>>/g)) {
      const [, expression = ''] = match;
      const place = document.place(script.offset + match.index);
      const who = controllerOfValue(document, job, expression);
      yield {
        key: keyAt(place),
        ...place,
        expression,
        text: expression,
        sink: 'run',
        controlled_by: who ?? {
          unobserved: 'unobserved',
          why: `nothing here knows who decides \`${expression}\`; pass it through \`environment\` and the question goes away`,
        },
        job: job.id,
      };
    }
}

function controllerOfValue({ root }: YamlDocument, job: CircleJob, expression: string): string | undefined {
  const path = expression.split('.');
  const [first, second, ...rest] = path;
  if (first === 'parameters' || first === 'matrix')
    return typed(child(child(job.node, 'parameters'), second ?? ''));
  if (first !== 'pipeline') return undefined;
  if (second === 'parameters') return typed(child(child(root, 'parameters'), rest.join('.')));
  if (second === 'event') return controllerOf(['github', 'event', ...rest.slice(1)]);
  if (second === 'git')
    return /^(revision|base_revision|branch\.is_default)$/.test(rest.join('.')) ? 'nobody' : 'writer';
  if (second === 'trigger_parameters')
    return rest.at(-1) === 'branch' || rest.at(-1) === 'tag' ? 'writer' : undefined;
  return 'nobody';
}

/** Parameters are given by the configuration itself, or by somebody who may start a run. */
function typed(parameter: Node | undefined): string {
  const type = textOf(child(parameter, 'type')) ?? 'string';
  return /^(boolean|integer|enum|executor|env_var_name)$/.test(type) ? 'nobody' : 'writer';
}

function productionOf(root: Node, jobs: readonly CircleJob[]): readonly ProductionJob[] {
  const calls = callsOf(root);
  const own = jobs.flatMap((job): ProductionJob[] => {
    const { id, line, col } = job;
    const released = releasedBy(id, job.scripts);
    if (released !== null) return [released];
    const named = [id, ...job.commands].find(isTelling);
    const holds =
      job.commands.includes('add_ssh_keys') || calls.some((call) => call.job === id && call.context);
    if (named === undefined || !(holds || job.commands.includes(named))) return [];
    const why = `job \`${id}\` ${named === id ? 'is' : 'calls what is'} called \`${named}\`, and no command that is known here publishes or deploys; read it, or run it under a governed orb`;
    return [
      { job: id, what: `is called \`${named}\``, certain: { unobserved: 'unobserved', why }, line, col },
    ];
  });
  const known = new Set(jobs.map(({ id }) => id));
  const orbs = calls
    .filter(
      ({ job, context }) =>
        !known.has(job) && job.includes('/') && (isTelling(job) || (context && isTelling(job))),
    )
    .map(
      ({ job, line, col }): ProductionJob => ({
        job,
        what: `calls ${job}`,
        certain: true,
        template: job.toLowerCase(),
        line,
        col,
      }),
    );
  return [...own, ...orbs];
}

interface Call {
  readonly job: string;
  /** Whether the workflow gives it a context, which holds secrets. */
  readonly context: boolean;
  readonly line: number;
  readonly col: number;
}

function callsOf(root: Node): readonly Call[] {
  return mergedEntries(child(root, 'workflows')).flatMap(({ value }) =>
    itemsOf(child(value, 'jobs')).flatMap((item): Call[] => {
      const name = textOf(item);
      if (name !== undefined) return [{ job: name, context: false, line: item.line, col: item.col }];
      return mergedEntries(item).map(({ key, value: options, line, col }) => ({
        job: key,
        context:
          [...scalars(child(options, 'context') ?? { type: 'sequence', items: [], line, col })].length > 0,
        line,
        col,
      }));
    }),
  );
}
