/**
 * Everything that is known of one GitLab CI file. Structure follows docs.gitlab.com, "CI/CD YAML syntax reference".
 * Variables reach scripts through the environment, where they are text; only inputs (`$[[ inputs.x ]]`) are pasted. What a
 * job's token may do, and whether pipelines of forks run with the project's rights, are settings of the project.
 */

import { posix } from 'node:path';
import { compact } from '../../../compact.ts';
import {
  child,
  type Entry,
  entriesOf,
  isEmpty,
  itemsOf,
  keyAt,
  type Node,
  namedIn,
  type Scalar,
  scalars,
  textOf,
} from '../document.ts';
import {
  distinct,
  type Misread,
  NO_LISTS,
  type PipelineFacts,
  type Placed,
  type ProductionJob,
  type TemplateReference,
} from '../facts.ts';
import { isLiveName, isRehearsalName, isTelling } from '../github/production.ts';
import { imageUse } from '../images.ts';
import { releasedBy } from '../released.ts';
import { type GitlabDocument, gitlabEntries } from './document.ts';

/** Top-level keys that are no jobs. */
const GLOBAL: ReadonlySet<string> = new Set([
  'default',
  'include',
  'stages',
  'variables',
  'workflow',
  'image',
  'services',
  'before_script',
  'after_script',
  'cache',
  'spec',
]);

interface GitlabJob {
  readonly id: string;
  readonly node: Node;
  readonly line: number;
  readonly col: number;
  /** Its entries with those of the jobs that it extends. */
  readonly entries: ReadonlyMap<string, Node>;
  /** A job whose name begins with a dot runs only where another one extends it. */
  readonly hidden: boolean;
}

export function gitlabFacts(document: GitlabDocument, path: string): PipelineFacts | Misread {
  const { root } = document;
  if (root.type !== 'mapping')
    return { message: isEmpty(root) ? 'the file is empty' : 'a pipeline is a mapping', line: root.line };
  const jobs = jobsOf(root);
  const included = itemsOf(entryNode(root, 'include')).map((node) => includeOf(node));
  return {
    role: posix.basename(path) === '.gitlab-ci.yml' ? 'pipeline' : 'template',
    lists: {
      ...NO_LISTS,
      triggers: triggersOf(document),
      jobs: jobs.filter(({ hidden }) => !hidden).map(jobValue),
      uses: distinct([...imagesOf(root, jobs), ...included.flatMap(({ use }) => use ?? [])]),
      expansions: expansionsOf(document, path, jobs),
    },
    templates: included.flatMap(({ template }) => template ?? []),
    production: [...jobs.flatMap(productionOf), ...included.flatMap(({ production }) => production ?? [])],
    faults: [],
    open: [],
  };
}

function entryNode(node: Node | undefined, key: string): Node | undefined {
  return gitlabEntries(node).find((each) => each.key === key)?.value;
}

function jobsOf(root: Node): readonly GitlabJob[] {
  const named = new Map(gitlabEntries(root).map((each) => [each.key, each]));
  return [...named.values()]
    .filter(({ key, value }) => !GLOBAL.has(key) && value.type === 'mapping')
    .map((each) => ({
      id: each.key,
      node: each.value,
      line: each.line,
      col: each.col,
      entries: extended(each, named),
      hidden: each.key.startsWith('.'),
    }));
}

/** A job's own entries before those of what it extends; of several the last one wins, as the platform merges them. */
function extended(job: Entry, named: ReadonlyMap<string, Entry>, depth = 0): ReadonlyMap<string, Node> {
  const found = new Map(gitlabEntries(job.value).map(({ key, value }) => [key, value]));
  if (depth > 10) return found;
  for (const name of itemsOf(found.get('extends'))
    .flatMap((item) => textOf(item) ?? [])
    .toReversed()) {
    const parent = named.get(name);
    if (parent === undefined) continue;
    for (const [key, value] of extended(parent, named, depth + 1)) if (!found.has(key)) found.set(key, value);
  }
  return found;
}

function triggersOf({ text, root }: GitlabDocument): readonly Placed[] {
  const { line, col } = entriesOf(root)[0] ?? { line: 1, col: 1 };
  const events = ['push'];
  if (/\bmerge_requests?(_event)?\b/.test(text)) events.push('merge_request');
  if (/\bschedules?\b/.test(text)) events.push('schedule');
  return events.map((event) => ({ key: event, event, privileged: false, line, col }));
}

const SCRIPTS = ['before_script', 'script', 'after_script'] as const;

function scriptsOf(job: GitlabJob): readonly Scalar[] {
  return SCRIPTS.flatMap((key) => {
    const node = job.entries.get(key);
    return node === undefined ? [] : [...scalars(node)];
  });
}

function environmentOf(job: GitlabJob): string | undefined {
  return textOf(namedIn(job.entries.get('environment'), 'name'));
}

function jobValue(job: GitlabJob): Placed {
  const scripts = scriptsOf(job);
  return compact({
    key: job.id,
    environment: environmentOf(job),
    steps: scripts.length,
    token: 'none',
    needs_writes: [],
    uses_token: scripts.some(({ text }) => text.includes('CI_JOB_TOKEN')),
    line: job.line,
    col: job.col,
  });
}

function imagesOf(root: Node, jobs: readonly GitlabJob[]): readonly Placed[] {
  const globals = variablesOf(entryNode(root, 'variables'));
  const found = (node: Node | undefined, variables: ReadonlyMap<string, string>, job?: string): Placed[] => {
    const named = [entryNode(node, 'image'), ...itemsOf(entryNode(node, 'services'))].map((each) =>
      namedIn(each, 'name'),
    );
    return named.flatMap((scalar) =>
      scalar?.type === 'scalar' && scalar.text.trim() !== ''
        ? [imageUse(scalar, filled(scalar.text, variables), job)]
        : [],
    );
  };
  return [
    ...found(root, globals),
    ...found(entryNode(root, 'default'), globals),
    ...jobs.flatMap(({ id, node, entries }) =>
      found(node, new Map([...globals, ...variablesOf(entries.get('variables'))]), id),
    ),
  ];
}

function variablesOf(node: Node | undefined): ReadonlyMap<string, string> {
  return new Map(
    gitlabEntries(node).flatMap(({ key, value }) => {
      const text = textOf(namedIn(value, 'value'));
      return text === undefined ? [] : [[key, text] as const];
    }),
  );
}

/** A text with the variables of the file put in; undefined where another one stands in it. */
function filled(text: string, variables: ReadonlyMap<string, string>, depth = 0): string | undefined {
  if (text.includes('$[[')) return undefined;
  let open = false;
  const made = text.replaceAll(/\$\{?(\w+)\}?/g, (_, name: string) => {
    const value = variables.get(name);
    const inner = value === undefined || depth > 5 ? undefined : filled(value, variables, depth + 1);
    if (inner === undefined) open = true;
    return inner ?? '';
  });
  return open ? undefined : made;
}

interface Include {
  readonly use?: Placed;
  readonly template?: TemplateReference;
  readonly production?: ProductionJob;
}

const COMMIT = /^[0-9a-f]{40}$/i;

/** What an `include` brings in. Templates of the instance itself (`template:`) come with the platform, as its commands do. */
function includeOf(node: Node): Include {
  const { line, col } = node;
  const text = textOf(node);
  const local = text !== undefined && !/^https?:/.test(text) ? text : textOf(child(node, 'local'));
  if (local !== undefined) {
    const target = local.replace(/^\//, '');
    const whole = !/[*$]/.test(target);
    return {
      template: {
        ref: local,
        source: target.toLowerCase(),
        kind: 'template',
        local: true,
        ...(whole ? { target } : {}),
        line,
        col,
      },
    };
  }
  const remote = text ?? textOf(child(node, 'remote'));
  if (remote !== undefined)
    return elsewhere(node, {
      ref: remote,
      source: remote.replace(/^https?:\/\//, ''),
      pinned: child(node, 'integrity') !== undefined,
    });
  const component = textOf(child(node, 'component'));
  if (component !== undefined) {
    const [name = '', revision] = component.split('@');
    const source = name.split('/').slice(1).join('/');
    return elsewhere(node, { ref: component, source, revision, pinned: COMMIT.test(revision ?? '') });
  }
  const project = textOf(child(node, 'project'));
  if (project === undefined) return {};
  const revision = textOf(child(node, 'ref'));
  const files = itemsOf(child(node, 'file')).flatMap((item) => textOf(item) ?? []);
  return elsewhere(node, {
    ref: `${project}${revision === undefined ? ' (its default branch)' : `@${revision}`}`,
    source: `${project}/${(files[0] ?? '').replace(/^\//, '')}`,
    repository: project,
    revision,
    pinned: COMMIT.test(revision ?? ''),
  });
}

interface Elsewhere {
  readonly ref: string;
  readonly source: string;
  readonly repository?: string;
  readonly revision?: string | undefined;
  readonly pinned: boolean;
}

function elsewhere(place: Node, { ref, source, repository, revision, pinned }: Elsewhere): Include {
  const { line, col } = place;
  const owner = source.split('/')[0];
  const template = source.toLowerCase();
  const use: Placed = compact({
    key: keyAt(place),
    ref,
    kind: 'template',
    owner,
    repository: repository ?? source,
    revision,
    pinned,
    local: false,
    line,
    col,
  });
  const production: ProductionJob | undefined = isTelling(source)
    ? { job: '', what: `includes ${ref}`, certain: true, template, line, col }
    : undefined;
  return compact<Include>({
    use,
    template: compact<TemplateReference>({
      ref,
      source: template,
      kind: 'template',
      local: false,
      revision,
      line,
      col,
    }),
    production,
  });
}

function productionOf(job: GitlabJob): readonly ProductionJob[] {
  if (job.hidden) return [];
  const { id, line, col } = job;
  const environment = environmentOf(job);
  const stops = textOf(child(job.entries.get('environment'), 'action')) === 'stop';
  const tier = textOf(child(job.entries.get('environment'), 'deployment_tier'));
  if (stops || (tier !== undefined && tier !== 'production')) return [];
  if (tier === 'production' || (environment !== undefined && isLiveName(environment)))
    return [{ job: id, what: `environment \`${environment ?? tier}\``, certain: true, line, col }];
  if (environment !== undefined && isRehearsalName(environment)) return [];
  if (job.entries.has('release')) return [{ job: id, what: 'makes a release', certain: true, line, col }];
  if (id === 'pages' || job.entries.has('pages'))
    return [{ job: id, what: 'publishes pages', certain: true, line, col }];
  const released = releasedBy(id, scriptsOf(job));
  if (released !== null) return [released];
  const stage = textOf(job.entries.get('stage')) ?? '';
  const telling = [id, stage].find(isTelling);
  if (telling === undefined) return [];
  const why = `job \`${id}\` is called \`${telling}\`, and no command that is known here publishes or deploys; name its \`environment\` (production, or staging) and it is clear`;
  return [
    { job: id, what: `is called \`${telling}\``, certain: { unobserved: 'unobserved', why }, line, col },
  ];
}

/** Inputs are pasted before anything runs; whoever includes the file writes them. */
function expansionsOf(document: GitlabDocument, path: string, jobs: readonly GitlabJob[]): readonly Placed[] {
  const found = new Map<string, Placed>();
  const published = /^templates\//.test(path);
  for (const job of jobs)
    for (const script of scriptsOf(job))
      for (const match of script.raw.matchAll(/\$\[\[\s*(inputs\.([\w-]+))(?![\w-])[^\]$]*\]\]/g)) {
        const [, expression = '', name = ''] = match;
        const place = document.place(script.offset + match.index);
        const declared = child(document.inputs, name);
        const fixed =
          child(declared, 'options') !== undefined ||
          /^(boolean|number)$/.test(textOf(child(declared, 'type')) ?? '');
        const key = keyAt(place);
        found.set(key, {
          key,
          ...place,
          expression,
          text: expression,
          sink: 'script',
          controlled_by: fixed ? 'nobody' : published ? 'caller' : 'writer',
          job: job.id,
        });
      }
  return [...found.values()];
}
