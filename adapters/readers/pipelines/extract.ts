/**
 * Finds and reads every pipeline of a repository: GitHub workflows and actions, Azure and GitLab pipelines with their
 * templates, CircleCI configurations. A file that cannot be understood is an asset all the same, with nothing observed and the
 * reason why; one of a platform that is not read makes the list of that platform incomplete.
 */
import {
  assetId,
  isUnobserved,
  type Observation,
  type Problem,
  type Statement,
  type Unobserved,
} from '@macadam/core/facts/observation';
import { partitionsOf, type UnreadFile } from '../partitions.ts';
import { at, type ExtractContext, type Extractor, type Tree, type TreeEntry } from '../tree.ts';
import { azureFacts, isPipeline } from './azure/facts.ts';
import { circleFacts } from './circleci/facts.ts';
import { isInvalid, MAX_BYTES, parseYaml, type YamlDocument } from './document.ts';
import {
  attributesOf,
  gravest,
  type Misread,
  type PipelineFacts,
  type Placed,
  type Platform,
  type Role,
  unreadable,
} from './facts.ts';
import type { NamedPackager } from './github/caches.ts';
import { withCompleted } from './github/completed.ts';
import { githubFacts } from './github/facts.ts';
import { actionOf, type Workflow, workflowOf } from './github/workflow.ts';
import { parseGitlab } from './gitlab/document.ts';
import { gitlabFacts } from './gitlab/facts.ts';
import { type Detector, detectorOf } from './platforms.ts';

type Flavour = 'workflow' | 'action' | 'azure' | 'gitlab' | 'circleci';

interface Read {
  readonly path: string;
  readonly platform: Platform;
  readonly facts?: PipelineFacts;
  readonly why?: Unobserved;
  readonly problems: readonly Problem[];
}

/** A file that was parsed; its facts may depend on the other files that it runs. */
interface Parsed {
  readonly path: string;
  readonly platform: Platform;
  readonly model: Workflow | PipelineFacts;
}

const FLAVOURS: Readonly<Record<string, Flavour>> = {
  'azure-pipelines': 'azure',
  'gitlab-ci': 'gitlab',
  circleci: 'circleci',
};

const PLATFORMS: Readonly<Record<Flavour, Platform>> = {
  workflow: 'github-actions',
  action: 'github-actions',
  azure: 'azure-pipelines',
  gitlab: 'gitlab-ci',
  circleci: 'circleci',
};

/** Parameter with the path of the file that a code host runs as a pipeline of GitLab, where its settings name another than the usual. */
export const GITLAB_CI_FILE = 'gitlab_ci_file';

/** What a path says a file of a platform that is read is; undefined for anything else. */
export function flavourOf(path: string): Flavour | undefined {
  const detector = detectorOf(path);
  if (detector?.read !== true) return undefined;
  if (detector.id === 'github-actions') return /(^|\/)action\.ya?ml$/.test(path) ? 'action' : 'workflow';
  return FLAVOURS[detector.id];
}

export const extractPipelines: Extractor = async (tree, context) => {
  const parsed = new Map<string, Parsed | Read>();
  const unread: UnreadFile[] = [];
  for (const entry of tree.entries) {
    const detector = detectorOf(entry.path);
    if (detector !== undefined && !detector.read) unread.push(notRead(entry.path, detector));
    const isStated = entry.path === context.parameters[GITLAB_CI_FILE];
    const flavour = isStated ? 'gitlab' : flavourOf(entry.path);
    if (flavour === undefined) continue;
    const file = await readFile(tree, entry, flavour, context);
    if (file !== undefined) parsed.set(entry.path, file);
  }
  await followTemplates(tree, parsed, context);
  const workflows = withCompleted(
    new Map(
      [...parsed].flatMap(([path, file]) =>
        'model' in file && isWorkflow(file.model) ? [[path, file.model]] : [],
      ),
    ),
  );
  const files = (path: string): Workflow | undefined => workflows.get(path);
  const manager = await packagerOf(tree);
  const reads = new Map(
    [...parsed].map(([path, file]) => [
      path,
      'model' in file
        ? factsOf({ ...file, model: files(path) ?? file.model }, files, context, manager)
        : file,
    ]),
  );
  const called = new Set(
    [...reads.values()].flatMap(({ facts }) => facts?.templates.flatMap(({ target }) => target ?? []) ?? []),
  );
  const callers = [...reads.values()];
  const observations = callers.map((read) => observation(asCalled(read, callers), reads, called, context));
  return {
    attributes: {},
    observations,
    partitions: partitionsOf('pipeline', context, observations, unread),
    problems: [
      ...[...reads.values()].flatMap(({ problems }) => problems),
      ...unread.map(({ problem }) => problem),
    ],
  };
};

/** A pipeline of a platform that is recognised and not read: nothing is known of it, and its platform's list says so. */
function notRead(path: string, { id, name }: Detector): UnreadFile {
  return {
    format: id,
    problem: {
      code: 'pipeline-not-read',
      cause: 'incomplete',
      message: `${path} is a pipeline of ${name}, which is not read`,
      remedy: 'look at it by hand; docs/pipelines.md lists what is read',
      location: { path },
    },
  };
}

/** Templates may have any name: those that a known file of the platform names are read too, a file at most once. */
async function followTemplates(
  tree: Tree,
  parsed: Map<string, Parsed | Read>,
  context: ExtractContext,
): Promise<void> {
  const entries = new Map(tree.entries.map((entry) => [entry.path, entry]));
  const open = [...parsed.values()];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!('model' in next) || isWorkflow(next.model)) continue;
    for (const { target } of next.model.templates) {
      const entry = target === undefined || parsed.has(target) ? undefined : entries.get(target);
      if (entry === undefined) continue;
      const read = await readFile(tree, entry, FLAVOURS[next.platform] ?? 'azure', context);
      if (read === undefined) continue;
      parsed.set(entry.path, read);
      open.push(read);
    }
  }
}

async function readFile(
  tree: Tree,
  { path, type }: TreeEntry,
  flavour: Flavour,
  context: ExtractContext,
): Promise<Parsed | Read | undefined> {
  const platform = PLATFORMS[flavour];
  const failed = (code: string, why: Unobserved, line?: number): Read => {
    const location = at(path, line);
    const asset = assetId('pipeline', [context.repository.id, path]);
    const message = `${path} cannot be judged: ${why.why}`;
    return { path, platform, why, problems: [{ code, cause: why.unobserved, message, asset, location }] };
  };
  if (type === 'submodule') return undefined;
  if (type === 'symlink')
    return failed('pipeline-symlink', {
      unobserved: 'failed',
      why: 'it is a symbolic link, which is not followed; put the file itself there',
    });
  const text = await tree.read(path, MAX_BYTES);
  if (typeof text !== 'string') return failed('file-unreadable', text);
  const document = flavour === 'gitlab' ? parseGitlab(text) : parseYaml(text);
  if (isInvalid(document)) {
    const where = document.line === undefined ? '' : `line ${document.line}: `;
    return failed(document.code, { unobserved: 'failed', why: `${where}${document.message}` }, document.line);
  }
  if (flavour === 'azure' && !isPipeline(document, path)) return undefined;
  const model = modelOf(document, flavour, path);
  if ('message' in model) {
    const where = model.line === undefined ? '' : `line ${model.line}: `;
    return failed('pipeline-invalid', { unobserved: 'failed', why: `${where}${model.message}` }, model.line);
  }
  return { path, platform, model };
}

function modelOf(document: YamlDocument, flavour: Flavour, path: string): Workflow | PipelineFacts | Misread {
  if (flavour === 'azure') return azureFacts(document, path);
  if (flavour === 'gitlab') return gitlabFacts(document, path);
  if (flavour === 'circleci') return circleFacts(document);
  return flavour === 'action' ? actionOf(document, !path.startsWith('.github/')) : workflowOf(document);
}

/**
 * What package.json in the root says of the manager of packages; actions ask it there. Where packages lie in other folders only, the
 * root names none.
 */
async function packagerOf(tree: Tree): Promise<NamedPackager> {
  const elsewhere = () => tree.entries.some(({ path }) => path.endsWith('/package.json'));
  const text = tree.has('package.json') ? await tree.read('package.json') : elsewhere() ? '{}' : undefined;
  if (text === undefined || isUnobserved(text)) return undefined;
  try {
    const { packageManager, devEngines } = JSON.parse(text) ?? {};
    if (typeof packageManager === 'string') return packageManager;
    const named: unknown = devEngines?.packageManager?.name;
    return typeof named === 'string' ? named : null;
  } catch {
    return undefined;
  }
}

function isWorkflow(model: Workflow | PipelineFacts): model is Workflow {
  return 'document' in model;
}

function factsOf(
  { path, platform, model }: Parsed,
  files: (path: string) => Workflow | undefined,
  context: ExtractContext,
  manager: NamedPackager,
): Read {
  const facts = isWorkflow(model) ? githubFacts({ path, workflow: model }, files, manager) : model;
  const asset = assetId('pipeline', [context.repository.id, path]);
  const problems = facts.faults.map(
    ({ message, line }): Problem => ({
      code: 'pipeline-invalid',
      cause: 'incomplete',
      message: `${path} is understood only in part: ${message}`,
      asset,
      location: at(path, line),
    }),
  );
  return { path, platform, facts, problems };
}

/** What callers of its own repository hand to a file counts for that file, too: there it can be mended. */
function asCalled(read: Read, callers: readonly Read[]): Read {
  const { path, facts } = read;
  if (facts === undefined) return read;
  const there = (name: 'expansions' | 'untrusted_checkouts'): readonly Placed[] =>
    callers
      .filter((caller) => caller !== read)
      .flatMap((caller) => caller.facts?.lists[name] ?? [])
      .filter((element) => element.path === path)
      .map(({ path: _, ...element }) => ({ ...element, key: `${element.line}:${element.col}` }));
  return {
    ...read,
    facts: {
      ...facts,
      lists: {
        ...facts.lists,
        expansions: gravest([...facts.lists.expansions, ...there('expansions')]),
        untrusted_checkouts: gravest([...facts.lists.untrusted_checkouts, ...there('untrusted_checkouts')]),
      },
    },
  };
}

function observation(
  read: Read,
  reads: ReadonlyMap<string, Read>,
  called: ReadonlySet<string>,
  context: ExtractContext,
): Observation {
  const { path, platform, facts } = read;
  const content: Readonly<Record<string, Statement>> =
    facts === undefined
      ? {
          ...unreadable(read.why ?? { unobserved: 'failed', why: 'it could not be read' }),
          ...(flavourOf(path) === 'action' ? { role: { value: 'action' } } : {}),
        }
      : attributesOf(path, { ...facts, role: roleOf(facts.role, called.has(path)) }, reached(read, reads));
  const time = context.now.toISOString();
  return {
    kind: 'pipeline',
    id: assetId('pipeline', [context.repository.id, path]),
    name: `${context.repository.name}/${path}`,
    source: context.source,
    observedAt: time,
    receivedAt: time,
    assurance: 'configured',
    attributes: {
      repository: { value: context.repository.id },
      path: { value: path },
      platform: { value: platform },
      ...content,
    },
    location: { path },
    container: context.repository.id,
    format: platform,
  };
}

/** An Azure file that another one names is a template, whatever it is called. */
function roleOf(role: Role, called: boolean): Role {
  return role === 'pipeline' && called ? 'template' : role;
}

/** PipelineFacts of every local file that a pipeline calls, directly or through others. */
function reached(from: Read, reads: ReadonlyMap<string, Read>): ReadonlyMap<string, PipelineFacts> {
  const found = new Map<string, PipelineFacts>();
  const open: Read[] = [from];
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const { target } of next.facts?.templates ?? []) {
      const read = target === undefined || target === from.path ? undefined : reads.get(target);
      if (read?.facts === undefined || found.has(read.path)) continue;
      found.set(read.path, read.facts);
      open.push(read);
    }
  return found;
}
