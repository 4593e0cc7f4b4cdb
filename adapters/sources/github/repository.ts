/** One repository of a host: its settings, its files through git, and what the host knows of its owners and commits. */

import { join } from 'node:path';
import {
  assetId,
  isUnobserved,
  type Observation,
  type Problem,
  type Statement,
  type Unobserved,
} from '@macadam/core/facts/observation';
import { codeDigest } from '../../cache/code.ts';
import { compact } from '../../compact.ts';
import type { Connector } from '../../connector/connector.ts';
import type { Journal } from '../../connector/journal.ts';
import { isAnswer } from '../../connector/outcome.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import { openRepository, type Repository, unreadableTree } from '../../readers/git/repository.ts';
import { heldRepository } from '../../readers/held.ts';
import { openMemory } from '../../readers/memory/memory.ts';
import { type Reading, readRepository } from '../../readers/read.ts';
import { memoryTree } from '../../readers/tree.ts';
import { type Exclusion, leftOut } from '../exclusion.ts';
import { type Mirrored, mirror } from '../mirror.ts';
import type { CollectRequest } from '../port.ts';
import { type ListedRepository, repositorySchema } from './account.ts';
import { type OrganisationBypasses, readPushBypasses } from './bypasses.ts';
import { readDeployKeys } from './deploy-keys.ts';
import { noEnvironments, readEnvironments } from './environments.ts';
import { type BranchHead, commitMemory, withVerification } from './history.ts';
import { type Host, isCloud } from './host.ts';
import type { Listed } from './listing.ts';
import { type UserMemory, withOwnerStates } from './owners.ts';
import { readRuleBypasses } from './rule-bypasses.ts';
import type { RunnerMemory } from './runners.ts';
import { withRuns } from './runs.ts';
import { hasFailed, listedFacts, type RulesetMemory, readProtection } from './settings.ts';
import { type OrganisationVulnerabilities, readVulnerabilities } from './vulnerability-alerts.ts';

export interface HostRun {
  readonly request: CollectRequest;
  readonly host: Host;
  readonly connector: Connector;
  /** Whether anybody is asked as somebody. */
  readonly isKnown: boolean;
  /** As git is given it, good for now. */
  readonly token: () => Promise<string | undefined>;
  readonly journal: Journal;
  /** The account, as its partition of repositories names it. */
  readonly estate: string;
  /** This host's part of the cache folder. */
  readonly cache: string;
  /** Folder of bare repositories. */
  readonly mirrors: string;
  readonly rulesets: RulesetMemory;
  readonly bypasses: OrganisationBypasses;
  readonly vulnerabilities: OrganisationVulnerabilities;
  readonly users: UserMemory;
  readonly runners: RunnerMemory;
  readonly excluded: (path: string) => Exclusion | undefined;
}

type Facts = Record<string, Statement>;

/** `head` is null for a repository without commits, undefined when the host did not tell. Null: it is gone meanwhile. */
export async function collectRepository(
  run: HostRun,
  listed: ListedRepository,
  head: BranchHead | null | undefined,
): Promise<Reading | null> {
  const { host, request } = run;
  let repository = listed;
  const branch = head?.branch ?? repository.default_branch ?? 'main';
  let mirrored = head === null ? undefined : await fetchInto(run, repository, branch, head?.commit);
  if (mirrored !== undefined && mirrored.outcome !== 'ok') {
    // Gone, renamed, or empty: the host's own page of it tells, asked for whole.
    const outcome = await run.connector.request({
      path: `/repos/${repository.full_name}`,
      conditional: false,
    });
    if (outcome.outcome === 'not-found') return null;
    const now = isAnswer(outcome) ? repositorySchema.safeParse(outcome.body).data : undefined;
    if (now !== undefined && now.full_name !== repository.full_name) {
      repository = { ...repository, ...now };
      mirrored = await fetchInto(run, repository, branch, head?.commit);
    }
  }
  const { facts, at } = await hostFacts(run, repository, branch, head);
  const key: [string, string] = [host.name, String(repository.id)];
  const opened = await open(run, repository, mirrored);
  try {
    const reading = await readRepository(opened.repository, {
      host: key[0],
      path: key[1],
      name: repository.full_name,
      source: 'github',
      estate: run.estate,
      view: 'head',
      now: request.now(),
      parameters: request.parameters,
      unasked: request.unasked ?? [],
      memory: openMemory(request.cacheDirectory, `github ${host.name} ${repository.id}`, codeDigest()),
      attributes: {
        ...facts,
        ...(head === null ? {} : { default_branch: { value: branch } }),
        ...opened.attributes,
        hosted_at: { value: { host: 'github', address: `${host.web}/${repository.full_name}` } },
      },
      leftOut: (path) => {
        const exclusion = run.excluded(`${repository.full_name.split('/')[1]}/${path}`);
        return exclusion && leftOut(exclusion);
      },
    });
    const [asset, ...rest] = reading.observations;
    if (asset === undefined) return reading;
    const attributes = await completed(run, repository, asset.attributes, mirrored);
    // Facts of an interrupted run are as old as they are.
    const [observedAt = at] = [at, asset.observedAt].sort();
    const lists = [
      ...(await deployKeysOf(run, repository)),
      ...(await environmentsOf(run, repository, head, pipelinesIn(rest, opened.unread))),
    ];
    return {
      ...reading,
      observations: [
        { ...asset, attributes, observedAt },
        ...(await withRuns(run.connector, repository.full_name, rest)),
        ...lists.flatMap((one) => one.observations),
      ],
      partitions: [...reading.partitions, ...lists.map((one) => one.partition)],
      problems: [...opened.problems, ...reading.problems].map((problem) => ({
        asset: assetId('repository', key),
        ...problem,
      })),
    };
  } finally {
    await opened.repository.close();
  }
}

/** Only an administrator sees them; for anybody else the question would cost a request a repository and answer nothing. */
async function deployKeysOf(
  { connector, host, request }: HostRun,
  { id, full_name, permissions }: ListedRepository,
): Promise<readonly Listed[]> {
  if (permissions?.admin !== true) return [];
  const at = request.now().toISOString();
  return [await readDeployKeys({ connector, host: host.name, id, fullName: full_name, at })];
}

/**
 * Nothing runs in an archived repository, or in one without commits. Most have no environments, which the host says of a hundred of them at
 * once.
 */
async function environmentsOf(
  { connector, host, request, isKnown, runners }: HostRun,
  { id, full_name, archived, private: isPrivate, visibility }: ListedRepository,
  head: BranchHead | null | undefined,
  pipelines: readonly Observation[] | Unobserved,
): Promise<readonly Listed[]> {
  if (!isKnown || archived === true || head === null) return [];
  const asked = {
    connector,
    host: host.name,
    id,
    fullName: full_name,
    at: request.now().toISOString(),
    runners,
    isPublic: visibility === 'public' || isPrivate === false,
    pipelines,
  };
  return [head?.environments === 0 ? noEnvironments(asked) : await readEnvironments(asked)];
}

const pipelinesIn = (
  observations: readonly Observation[],
  unread: Unobserved | undefined,
): readonly Observation[] | Unobserved => unread ?? observations.filter(({ kind }) => kind === 'pipeline');

async function fetchInto(
  run: HostRun,
  { id, full_name }: ListedRepository,
  branch: string,
  commit?: string,
): Promise<Mirrored> {
  const { request, host } = run;
  const token = await run.token();
  return mirror(
    compact({
      directory: join(run.mirrors, `${id}.git`),
      url: `${host.web}/${full_name}.git`,
      branch,
      scratch: join(request.cacheDirectory, 'scratch'),
      environment: request.environment,
      commit,
      token,
      signal: request.signal,
    }),
  );
}

/** Facts that the host's API gives, or that an interrupted run has had from it. */
async function hostFacts(
  run: HostRun,
  repository: ListedRepository,
  branch: string,
  head: BranchHead | null | undefined,
): Promise<{ facts: Facts; at: string }> {
  const known = run.journal.get(`facts:${repository.id}:${branch}`);
  if (known !== undefined) return { facts: known.value as Facts, at: known.at };
  const at = run.request.now().toISOString();
  let listed = repository;
  if (repository.permissions?.admin === true && !repository.security_and_analysis) {
    const outcome = await run.connector.request({ path: `/repos/${repository.full_name}` });
    const whole = isAnswer(outcome) ? repositorySchema.safeParse(outcome.body).data : undefined;
    if (whole !== undefined) listed = { ...repository, ...whole };
  }
  const rules = await readProtection(run.connector, repository, branch, run.rulesets);
  const rule_bypasses = await readRuleBypasses({
    connector: run.connector,
    graphql: run.host.graphql,
    repository,
    branch,
    rules,
  });
  const facts: Facts = {
    ...listedFacts(listed),
    default_branch_protection: rules.protection,
    ...(rule_bypasses && { rule_bypasses }),
    // Without a commit there is nothing to look at.
    ...(run.isKnown && head !== null
      ? await readVulnerabilities({
          connector: run.connector,
          found: run.vulnerabilities,
          looks: head?.looks,
          repository,
        })
      : {}),
  };
  const { push_protection: push } = facts;
  if (push !== undefined && 'value' in push && push.value === true)
    facts.push_bypasses =
      run.bypasses?.(repository.id) ?? (await readPushBypasses(run.connector, repository.full_name));
  if (!Object.values(facts).some(hasFailed))
    await run.journal.put(`facts:${repository.id}:${branch}`, facts, at);
  return { facts, at };
}

interface Opened {
  readonly repository: Repository;
  readonly attributes: Facts;
  readonly problems: readonly Problem[];
  /** Why its files are not known. */
  readonly unread?: Unobserved;
}

async function open(
  run: HostRun,
  { full_name }: ListedRepository,
  mirrored: Mirrored | undefined,
): Promise<Opened> {
  const absent = {
    head: { absent: true },
    default_branch: { absent: true },
    commits: { value: [], complete: true },
  } as const;
  if (mirrored === undefined)
    return { repository: heldRepository(memoryTree({})), attributes: absent, problems: [] };
  if (mirrored.outcome === 'ok') {
    const repository = await openRepository({
      path: mirrored.directory,
      name: full_name,
      within: [run.mirrors],
      scratch: join(run.request.cacheDirectory, 'scratch'),
      searchPath: run.request.environment.PATH,
      signal: run.request.signal,
    });
    return { repository, attributes: {}, problems: [] };
  }
  const refused = mirrored.outcome !== 'failed';
  const remedy = refused ? `give the token ${PERMISSIONS.contents}` : 'scan again';
  const message = `the files of ${full_name} could not be fetched: ${mirrored.message}`;
  const why: Unobserved = {
    unobserved: refused ? 'forbidden' : 'failed',
    why: `its files could not be fetched: ${mirrored.message}; ${remedy}`,
  };
  const problem: Problem = { code: 'fetch-failed', cause: why.unobserved, message, remedy };
  return {
    repository: heldRepository(unreadableTree(why)),
    attributes: { head: why },
    problems: [problem],
    unread: why,
  };
}

/** Adds what the host knows about owners and commits to what the files said. */
async function completed(
  run: HostRun,
  { id, full_name }: ListedRepository,
  attributes: Readonly<Record<string, Statement>>,
  mirrored: Mirrored | undefined,
): Promise<Readonly<Record<string, Statement>>> {
  if (mirrored?.outcome !== 'ok') return attributes;
  const codeowners = await withOwnerStates({
    codeowners: attributes.codeowners,
    connector: run.connector,
    repository: full_name,
    commit: mirrored.commit,
    memory: run.users,
  });
  const commits =
    !run.isKnown || isUnobserved(attributes.commits)
      ? attributes.commits
      : await withVerification({
          commits: attributes.commits,
          connector: run.connector,
          address: run.host.graphql,
          repository: full_name,
          memory: commitMemory(join(run.cache, 'commits', `${id}.json`), isCloud(run.host)),
        });
  return compact({
    ...attributes,
    codeowners,
    commits,
  });
}
