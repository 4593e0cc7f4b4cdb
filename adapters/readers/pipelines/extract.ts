/**
 * Finds and reads every pipeline of a repository: GitHub workflows and actions, Azure pipelines and their templates.
 * A file that cannot be understood is an asset all the same, with nothing observed and the reason why.
 */
import {
  assetId,
  type Observation,
  type Problem,
  type Statement,
  type Unobserved,
} from '@macadam/core/facts/observation';
import { partitionsOf } from '../partitions.ts';
import { at, type ExtractContext, type Extractor, type Tree, type TreeEntry } from '../tree.ts';
import { azureFacts, isPipeline } from './azure/facts.ts';
import { isInvalid, MAX_BYTES, parseYaml, type YamlDocument } from './document.ts';
import { attributesOf, type PipelineFacts, type Platform, type Role, unreadable } from './facts.ts';
import { githubFacts } from './github/facts.ts';
import { actionOf, workflowOf } from './github/workflow.ts';

type Flavour = 'workflow' | 'action' | 'azure';

interface Read {
  readonly path: string;
  readonly platform: Platform;
  readonly facts?: PipelineFacts;
  readonly why?: Unobserved;
  readonly problems: readonly Problem[];
}

/** What a path says the file is; undefined for anything else. */
export function flavourOf(path: string): Flavour | undefined {
  if (/(^|\/)node_modules\//.test(path)) return undefined;
  if (/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)) return 'workflow';
  if (/(^|\/)action\.ya?ml$/.test(path)) return 'action';
  if (/(^|\/)azure-pipelines[^/]*\.ya?ml$/i.test(path)) return 'azure';
  if (/(^|\/)\.(azure-pipelines|pipelines)\/.+\.ya?ml$/.test(path)) return 'azure';
  return undefined;
}

export const extractPipelines: Extractor = async (tree, context) => {
  const reads = new Map<string, Read>();
  for (const entry of tree.entries) {
    const flavour = flavourOf(entry.path);
    if (flavour === undefined) continue;
    const read = await readFile(tree, entry, flavour, context);
    if (read !== undefined) reads.set(entry.path, read);
  }
  await followTemplates(tree, reads, context);
  const called = new Set(
    [...reads.values()].flatMap(({ facts }) => facts?.templates.flatMap(({ target }) => target ?? []) ?? []),
  );
  const observations = [...reads.values()].map((read) => observation(read, reads, called, context));
  return {
    attributes: {},
    observations,
    partitions: partitionsOf('pipeline', context, observations, []),
    problems: [...reads.values()].flatMap(({ problems }) => problems),
  };
};

/** Azure templates may have any name: those that a known file names are read too, a file at most once. */
async function followTemplates(tree: Tree, reads: Map<string, Read>, context: ExtractContext): Promise<void> {
  const entries = new Map(tree.entries.map((entry) => [entry.path, entry]));
  const open = [...reads.values()];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.platform !== 'azure-pipelines') continue;
    for (const { target } of next.facts?.templates ?? []) {
      const entry = target === undefined || reads.has(target) ? undefined : entries.get(target);
      if (entry === undefined) continue;
      const read = await readFile(tree, entry, 'azure', context);
      if (read === undefined) continue;
      reads.set(entry.path, read);
      open.push(read);
    }
  }
}

async function readFile(
  tree: Tree,
  { path, type }: TreeEntry,
  flavour: Flavour,
  context: ExtractContext,
): Promise<Read | undefined> {
  const platform: Platform = flavour === 'azure' ? 'azure-pipelines' : 'github-actions';
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
  const document = parseYaml(text);
  if (isInvalid(document)) {
    const where = document.line === undefined ? '' : `line ${document.line}: `;
    return failed(document.code, { unobserved: 'failed', why: `${where}${document.message}` }, document.line);
  }
  if (flavour === 'azure' && !isPipeline(document, path)) return undefined;
  const facts = factsOf(document, flavour, path);
  if ('message' in facts) {
    const where = facts.line === undefined ? '' : `line ${facts.line}: `;
    return failed('pipeline-invalid', { unobserved: 'failed', why: `${where}${facts.message}` }, facts.line);
  }
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

function factsOf(
  document: YamlDocument,
  flavour: Flavour,
  path: string,
): PipelineFacts | { message: string; line?: number } {
  if (flavour === 'azure') return azureFacts(document, path);
  const workflow =
    flavour === 'action' ? actionOf(document, !path.startsWith('.github/')) : workflowOf(document);
  return 'message' in workflow ? workflow : githubFacts(workflow);
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
