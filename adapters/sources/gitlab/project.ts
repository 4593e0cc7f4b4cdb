/** The files of one project, by git, beside what the host says of it. */

import { join } from 'node:path';
import type { Observation, Partition, Problem, Unobserved } from '@macadam/core/facts/observation';
import { codeDigest } from '../../cache/code.ts';
import { compact } from '../../compact.ts';
import type { Item } from '../../imports/directories/statement.ts';
import { openRepository, type Repository, unreadableTree } from '../../readers/git/repository.ts';
import { heldRepository } from '../../readers/held.ts';
import { openMemory } from '../../readers/memory/memory.ts';
import { GITLAB_CI_FILE } from '../../readers/pipelines/extract.ts';
import { leftOutReading, type Reading, readRepository } from '../../readers/read.ts';
import { memoryTree } from '../../readers/tree.ts';
import { type Exclusion, leftOut } from '../exclusion.ts';
import { type Mirrored, mirror } from '../mirror.ts';
import type { CollectRequest } from '../port.ts';

export interface ProjectRun {
  readonly request: CollectRequest;
  readonly web: string;
  readonly token: string;
  /** The host or group, as the partition of repositories names it. */
  readonly estate: string;
  /** Folder of bare repositories. */
  readonly mirrors: string;
  readonly excluded: (path: string) => Exclusion | undefined;
}

/** A project as its host lists it, with what the host says of its settings. */
export interface ListedProject {
  readonly item: Item;
  readonly settings: Observation;
}

/** Paths of the host: nothing in them needs escaping, and none leads anywhere else. */
const PATH = /^[\w.-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)+$/;

export async function readProject(run: ProjectRun, { item, settings }: ListedProject): Promise<Reading> {
  const { request } = run;
  const path = settings.name;
  const ci = pipelineFile(item);
  const named = {
    host: text(settings, 'host'),
    path: text(settings, 'path'),
    name: path,
    source: 'gitlab',
    estate: run.estate,
    view: 'head' as const,
    now: request.now(),
    parameters: ci.path === null ? request.parameters : { ...request.parameters, [GITLAB_CI_FILE]: ci.path },
    unasked: request.unasked ?? [],
  };
  const exclusion = run.excluded(path);
  if (exclusion !== undefined) {
    const why = leftOut(exclusion);
    const attributes = Object.fromEntries(
      Object.keys(settings.attributes).map((name) => [name, why] as const),
    );
    return leftOutReading(
      {
        ...named,
        attributes: {
          ...attributes,
          host: settings.attributes.host ?? why,
          path: settings.attributes.path ?? why,
        },
      },
      why,
    );
  }
  const { default_branch: branch, empty_repo: empty } = item.record;
  const isEmpty = branch === null || empty === true;
  const mirrored = isEmpty ? undefined : await fetched(run, named.path, path, branch);
  const opened = await open(run, path, mirrored);
  try {
    const reading = await readRepository(opened.repository, {
      ...named,
      memory: openMemory(request.cacheDirectory, `gitlab ${named.host} ${named.path}`, codeDigest()),
      attributes: { ...settings.attributes, ...opened.attributes },
      leftOut: (inside) => {
        const found = run.excluded(`${path}/${inside}`);
        return found && leftOut(found);
      },
    });
    const outside = ci.elsewhere === null ? [] : [pipelineElsewhere(path, ci.elsewhere)];
    return {
      ...reading,
      partitions: reading.partitions.map((one) => withoutPipeline(one, outside[0])),
      problems: [...opened.problems, ...outside, ...reading.problems].map((problem) => ({
        asset: settings.id,
        ...problem,
      })),
    };
  } finally {
    await opened.repository.close();
  }
}

/** Where its settings say that its pipeline lies: in another file of it, or not in its files at all. */
function pipelineFile({ record: { ci_config_path: stated } }: Item): {
  readonly path: string | null;
  readonly elsewhere: string | null;
} {
  if (typeof stated !== 'string' || stated === '') return { path: null, elsewhere: null };
  const isElsewhere = stated.includes('@') || /^[a-z][a-z0-9+.-]*:/i.test(stated);
  return isElsewhere
    ? { path: null, elsewhere: stated }
    : { path: stated.replace(/^\/+/, ''), elsewhere: null };
}

const pipelineElsewhere = (project: string, where: string): Problem => ({
  code: 'pipeline-elsewhere',
  cause: 'incomplete',
  message: `${project} runs a pipeline that lies outside of its files: ${where.slice(0, 200)}`,
  remedy: 'measure the project in which it lies too',
});

/** A list of pipelines that lacks the one that is run is not whole. */
function withoutPipeline(partition: Partition, problem: Problem | undefined): Partition {
  const isOf = partition.kind === 'pipeline' && (partition.format ?? 'gitlab-ci') === 'gitlab-ci';
  return problem === undefined || !isOf
    ? partition
    : { ...partition, complete: false, cause: problem.cause, why: problem.message };
}

const text = ({ attributes }: Observation, name: string): string => {
  const statement = attributes[name];
  return statement !== undefined && 'value' in statement ? String(statement.value) : '';
};

async function fetched(run: ProjectRun, id: string, path: string, branch: unknown): Promise<Mirrored> {
  const { request, token, web } = run;
  if (!PATH.test(path) || typeof branch !== 'string' || branch === '')
    return { outcome: 'failed', message: 'the host does not say its path and its default branch' };
  return mirror(
    compact({
      directory: join(run.mirrors, `${id}.git`),
      url: `${web}/${path}.git`,
      branch,
      token,
      scratch: join(request.cacheDirectory, 'scratch'),
      environment: request.environment,
      signal: request.signal,
    }),
  );
}

interface Opened {
  readonly repository: Repository;
  readonly attributes: Observation['attributes'];
  readonly problems: readonly Problem[];
}

async function open(run: ProjectRun, path: string, mirrored: Mirrored | undefined): Promise<Opened> {
  const absent = { head: { absent: true }, default_branch: { absent: true } } as const;
  if (mirrored === undefined)
    return { repository: heldRepository(memoryTree({})), attributes: absent, problems: [] };
  if (mirrored.outcome === 'ok') {
    const { request } = run;
    const repository = await openRepository({
      path: mirrored.directory,
      name: path,
      within: [run.mirrors],
      scratch: join(request.cacheDirectory, 'scratch'),
      searchPath: request.environment.PATH,
      signal: request.signal,
    });
    return { repository, attributes: {}, problems: [] };
  }
  const isRefused = mirrored.outcome !== 'failed';
  const remedy = isRefused ? 'give the token read_repository' : 'scan again';
  const message = `the files of ${path} could not be fetched: ${mirrored.message}`;
  const why: Unobserved = {
    unobserved: isRefused ? 'forbidden' : 'failed',
    why: `its files could not be fetched: ${mirrored.message}; ${remedy}`,
  };
  return {
    repository: heldRepository(unreadableTree(why)),
    attributes: { head: why },
    problems: [{ code: 'fetch-failed', cause: why.unobserved, message, remedy }],
  };
}
