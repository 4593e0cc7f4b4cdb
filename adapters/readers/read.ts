/**
 * Reads one repository: its files through every extractor, its newest commits, and who owns what. What could not be
 * read costs exactly what depended on it: an attribute is unobserved, a partition is incomplete, each with the cause.
 */
import {
  assetId,
  isUnobserved,
  type Observation,
  type Partition,
  type Problem,
  type Statement,
  type Unobserved,
} from '@macadam/core/facts/observation';
import { leftOutSentence } from '../sources/exclusion.ts';
import { readCommits } from './commits/read.ts';
import { extractFiles } from './files/extract.ts';
import { isRefusal } from './git/directory.ts';
import { problem, unobserved } from './git/problems.ts';
import type { Repository } from './git/repository.ts';
import { type Look, lookAt } from './memory/look.ts';
import { type Memory, NO_MEMORY } from './memory/memory.ts';
import { extractOwnership, type Ownership, readOwnership } from './ownership/extract.ts';
import type { Places } from './places/places.ts';
import { extractSecrets } from './secrets/extract.ts';
import type { ExtractContext, Extraction, NamedExtractor, Tree } from './tree.ts';

/**
 * What is learned from the files of a repository. Each row is independent: one that fails costs only what it gives. What is remembered
 * whole asks no extractor, so the large ones are loaded when they are first asked.
 */
export const EXTRACTORS: readonly NamedExtractor[] = [
  {
    name: 'ownership',
    extract: extractOwnership,
    attributes: ['codeowners', 'owners'],
    kinds: [],
    weighsGaps: true,
  },
  {
    name: 'pipelines',
    extract: async (tree, context) =>
      (await import('./pipelines/extract.ts')).extractPipelines(tree, context),
    attributes: [],
    kinds: ['pipeline'],
  },
  {
    name: 'dependencies',
    extract: async (tree, context) =>
      (await import('./dependencies/extract.ts')).extractDependencies(tree, context),
    attributes: ['update_targets', 'update_config', 'manifests_left_out'],
    kinds: ['dependency', 'manifest'],
    weighsGaps: true,
  },
  { name: 'files', extract: extractFiles, attributes: ['files'], kinds: [], weighsGaps: true },
  {
    name: 'secrets',
    extract: extractSecrets,
    attributes: ['secrets', 'secrets_searched'],
    kinds: [],
    byFile: true,
  },
];

export interface ReadRequest {
  /** Natural key and name of the repository asset. */
  readonly host: string;
  readonly path: string;
  readonly name: string;
  /** Where it is known by another id than its natural key gives. */
  readonly id?: string;
  readonly source: string;
  readonly view: 'head' | 'index' | 'worktree';
  readonly now: Date;
  /** The estate's parameters, passed through to the extractors. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Statements of the source itself, for example what a code host enforces. They win over what files say. */
  readonly attributes?: Readonly<Record<string, Statement>>;
  /** The estate in which it is read: part of the name of what it contains. */
  readonly estate?: string;
  /** Why a path of the tree is not looked at; undefined for one that is. The path itself is known to be there. */
  readonly leftOut?: (path: string) => Unobserved | undefined;
  readonly extractors?: readonly NamedExtractor[];
  /** Attributes that nobody asks about: an extractor that gives nothing else is not run. */
  readonly unasked?: readonly string[];
  /** What the last look learned; nothing where it is left out. It is closed when the reading is done. */
  readonly memory?: Memory;
}

export interface Reading {
  /** The repository comes first. */
  readonly observations: readonly Observation[];
  readonly partitions: readonly Partition[];
  readonly problems: readonly Problem[];
}

/** Rejects only when the repository's signal aborts. */
export async function readRepository(repository: Repository, request: ReadRequest): Promise<Reading> {
  const id = repositoryId(request);
  const whole = await repository.tree(request.view);
  const tree = request.leftOut === undefined ? whole : withoutContents(whole, request.leftOut);
  const memory = request.memory ?? NO_MEMORY;
  const look = await lookAt(tree, memory, request.leftOut);
  const context: ExtractContext = {
    repository: { id, name: request.name },
    source: request.source,
    now: request.now,
    parameters: request.parameters,
    places: look.places,
    memory,
  };
  const extractions: Extraction[] = [];
  for (const extractor of request.extractors ?? EXTRACTORS) {
    extractions.push(
      isUnasked(extractor, request.unasked ?? [])
        ? notAsked(extractor)
        : await extracted(extractor, look, tree, context),
    );
  }
  look.close(extractions);
  const commits = await readCommits(repository, request.parameters, request.name);
  const time = request.now.toISOString();
  const asset: Observation = {
    kind: 'repository',
    id,
    name: request.name,
    source: request.source,
    observedAt: time,
    receivedAt: time,
    assurance: 'configured',
    ...(request.estate !== undefined && { container: request.estate }),
    attributes: {
      host: { value: request.host },
      path: { value: request.path },
      ...headAttributes(repository),
      commits: commits.statement,
      ...Object.assign({}, ...extractions.map(({ attributes }) => attributes)),
      ...request.attributes,
    },
  };
  const ownership = await readOwnership(tree, context);
  const { estate } = request;
  const inside = { container: id, ...(estate !== undefined && { estate }) };
  const found = extractions
    .flatMap(({ observations }) => observations)
    .map((one) => ({ ...located(one, ownership, context.places), ...inside }));
  const problems = [
    ...repository.problems(),
    ...commits.problems,
    ...leftOutProblems(tree, request),
    ...extractions.flatMap((extraction) => extraction.problems.filter((one) => !isLeftOut(one, request))),
  ];
  return {
    ...distinct([asset, ...found], request.name, problems),
    partitions: extractions.flatMap(({ partitions }) =>
      partitions.map((one) => ({ ...ownWitness(one), ...inside })),
    ),
  };
}

const isUnasked = ({ attributes, kinds }: NamedExtractor, unasked: readonly string[]): boolean =>
  kinds.length === 0 && attributes.every((name) => unasked.includes(name));

/** Nobody asked, so nobody looked: unobserved, as everything that was not looked at. */
function notAsked({ attributes }: NamedExtractor): Extraction {
  const why: Unobserved = {
    unobserved: 'unobserved',
    why: 'no standard of this run asks about it; scan without --standard and --pillar',
  };
  return {
    attributes: Object.fromEntries(attributes.map((name) => [name, why])),
    observations: [],
    partitions: [],
    problems: [],
  };
}

const repositoryId = ({ id, host, path }: ReadRequest): string => id ?? assetId('repository', [host, path]);

/** A tree is named by the hash of its bytes: what was read of it whole needs nobody else to count it. */
const ownWitness = (partition: Partition): Partition =>
  partition.complete && partition.witness === undefined
    ? { ...partition, witness: { id: 'tree', count: partition.seen } }
    : partition;

/** An asset that stands in a file has the owners and the place of that file. */
function located(observation: Observation, { ownersOf }: Ownership, places: Places): Observation {
  const { location, attributes } = observation;
  if (location === undefined) return observation;
  const place = places.of(location.path);
  return {
    ...observation,
    attributes: {
      ...attributes,
      owners: ownersOf(location.path),
      place: isUnobserved(place) ? place : { value: place },
    },
  };
}

function headAttributes({ head }: Repository): Record<string, Statement> {
  if (isRefusal(head)) {
    const why = unobserved(head.refused, head.detail);
    return { head: why, default_branch: why };
  }
  if ('unborn' in head) return { head: { absent: true }, default_branch: { absent: true } };
  return {
    head: { value: head.commit },
    default_branch:
      head.branch === undefined ? unobserved('head-detached', head.commit) : { value: head.branch },
  };
}

/** Paths stay, so that what stands there counts as unknown; nothing of what is left out can be read, nor recalled by its id. */
function withoutContents(tree: Tree, leftOut: (path: string) => Unobserved | undefined): Tree {
  return {
    ...tree,
    entries: tree.entries.map((entry) =>
      leftOut(entry.path) === undefined ? entry : { path: entry.path, type: entry.type },
    ),
    read: async (path, limit) => leftOut(path) ?? tree.read(path, limit),
    bytes: async (path, limit) => leftOut(path) ?? tree.bytes(path, limit),
  };
}

/** One problem for each line that leaves files out, however many those are. */
function leftOutProblems(tree: Tree, { leftOut, name }: ReadRequest): Problem[] {
  if (leftOut === undefined) return [];
  const files = new Map<string, number>();
  for (const { path } of tree.entries) {
    const why = leftOut(path)?.why;
    if (why !== undefined) files.set(why, (files.get(why) ?? 0) + 1);
  }
  return [...files].map(([why, count]) => ({
    code: 'left-out',
    cause: 'incomplete',
    message: leftOutSentence(name, count, why),
  }));
}

/** What an extractor says of a single file that is left out is said once, for the line that leaves it out. */
function isLeftOut({ location }: Problem, { leftOut }: ReadRequest): boolean {
  return location !== undefined && leftOut?.(location.path) !== undefined;
}

/** A repository that is left out as a whole: it is there, and nothing else is known of it or of what is in it. */
export function leftOutReading(request: ReadRequest, why: Unobserved): Reading {
  const { host, path, name, source, estate, now, extractors = EXTRACTORS } = request;
  const id = repositoryId(request);
  const names = ['head', 'default_branch', 'commits', ...extractors.flatMap(({ attributes }) => attributes)];
  const time = now.toISOString();
  const asset: Observation = {
    kind: 'repository',
    id,
    name,
    source,
    observedAt: time,
    receivedAt: time,
    assurance: 'configured',
    ...(estate !== undefined && { container: estate }),
    attributes: {
      host: { value: host },
      path: { value: path },
      ...Object.fromEntries(names.map((attribute) => [attribute, why])),
      ...request.attributes,
    },
  };
  return {
    observations: [asset],
    partitions: extractors.flatMap(({ kinds }) =>
      kinds.map((kind) => ({
        kind,
        container: id,
        containerName: name,
        ...(estate !== undefined && { estate }),
        complete: false,
        seen: 0,
        cause: why.unobserved,
        why: why.why,
      })),
    ),
    problems: [{ code: 'left-out', cause: why.unobserved, message: `${name}: ${why.why}`, asset: id }],
  };
}

async function extracted(
  extractor: NamedExtractor,
  look: Look,
  tree: Tree,
  context: ExtractContext,
): Promise<Extraction> {
  const { id: container, name: containerName } = context.repository;
  const missing = (kind: string, why: Unobserved): Partition => ({
    kind,
    container,
    containerName,
    complete: false,
    seen: 0,
    cause: why.unobserved,
    why: why.why,
  });
  try {
    const found = await look.extract(extractor, context);
    if (tree.incomplete === undefined) return found;
    const why = tree.incomplete;
    const stated = new Set(found.partitions.map(({ kind }) => kind));
    return {
      ...found,
      attributes: {
        ...Object.fromEntries(extractor.attributes.map((name) => [name, why])),
        ...Object.fromEntries(
          Object.entries(found.attributes).map(([name, statement]) => [
            name,
            extractor.weighsGaps ? statement : weakened(statement, why),
          ]),
        ),
      },
      partitions: [
        ...found.partitions.map((partition) =>
          partition.complete
            ? { ...partition, complete: false, cause: why.unobserved, why: why.why }
            : partition,
        ),
        ...extractor.kinds.filter((kind) => !stated.has(kind)).map((kind) => missing(kind, why)),
      ],
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    const detail = `${extractor.name}: ${error instanceof Error ? error.message : String(error)}`;
    const why = unobserved('extractor-failed', detail);
    return {
      attributes: Object.fromEntries(extractor.attributes.map((name) => [name, why])),
      observations: [],
      partitions: extractor.kinds.map((kind) => missing(kind, why)),
      problems: [{ ...problem('extractor-failed', containerName, detail), asset: container }],
    };
  }
}

/** What a statement about a whole repository is worth when part of it was not seen: a list may hold more, the rest is open. */
function weakened(statement: Statement, why: Unobserved): Statement {
  if ('unobserved' in statement) return statement;
  if ('value' in statement && Array.isArray(statement.value))
    return { ...statement, complete: false, why: why.why };
  return why;
}

/** Nothing is emitted twice: of two assets with one id the first stays, and the clash is a problem. */
function distinct(
  observations: readonly Observation[],
  name: string,
  problems: readonly Problem[],
): { observations: Observation[]; problems: Problem[] } {
  const byId = new Map<string, Observation>();
  const clashes: Problem[] = [];
  for (const observation of observations) {
    if (byId.has(observation.id)) {
      const detail = `two assets have the id ${observation.id}`;
      clashes.push({ ...problem('extractor-failed', name, detail), asset: observation.id });
    } else byId.set(observation.id, observation);
  }
  return { observations: [...byId.values()], problems: [...problems, ...clashes] };
}
