/** Everything of one organisation or user, in the order: who it is, what it lists, each repository, how many there are now. */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Observation, Partition, Problem, Unobserved } from '@macadam/core/facts/observation';
import type { Connector } from '../../connector/connector.ts';
import { type Journal, openJournal } from '../../connector/journal.ts';
import { type NoAnswer, unobservedBy } from '../../connector/outcome.ts';
import { inParallel } from '../../connector/pool.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import { excluder, leftOut } from '../exclusion.ts';
import type { CollectRequest, Progress } from '../port.ts';
import type { Access } from './access.ts';
import { type Account, type ListedRepository, readAccount } from './account.ts';
import { attestationsIn } from './attestations.ts';
import { blindSpots } from './blind-spot.ts';
import { organisationBypasses } from './bypasses.ts';
import { type Credential, holderOf } from './credential.ts';
import { type BranchHead, readHeads } from './history.ts';
import type { Host } from './host.ts';
import { collectInTurn, collectTold, spendingOf } from './in-turn.ts';
import type { Listed } from './listing.ts';
import { organisationCredentials } from './organisation-credentials.ts';
import { type PeopleInput, peopleOf } from './people.ts';
import { enumerate, estateOf, partitionOf } from './population.ts';
import { collectRepository, type HostRun } from './repository.ts';
import { repositoryAdmins } from './repository-admins.ts';
import { runnerMemory } from './runners.ts';
import { unasked } from './unasked.ts';
import { organisationVulnerabilities } from './vulnerability-alerts.ts';

/** The host asks for few requests at a time; git fetches beside them. */
const AT_ONCE = 4;
/** How long what an interrupted run learned is taken over. */
const RESUME_MS = 60 * 60_000;

export interface AccountRequest {
  readonly request: CollectRequest;
  readonly host: Host;
  readonly access: Access;
  /** This host's part of the cache folder. */
  readonly cache: string;
  readonly target: string;
  /** Of the collection. */
  readonly startedAt: Date;
}

interface Said {
  readonly partitions: readonly Partition[];
  readonly problems: readonly Problem[];
}

export async function collectAccount(
  asked: AccountRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Said & { readonly seen: number }> {
  const { request, host, access, cache, target } = asked;
  const { connector, credential, principal } = access;
  report({ name: target, done: 0 });
  const account = await readAccount(connector, target, principal.login);
  if ('outcome' in account) return { ...unlisted(target, account, credential), seen: 0 };

  const own = account.login.toLowerCase() === principal.login?.toLowerCase();
  const opened = { account, own, emit, report };
  if (request.alone !== undefined) return readTold(asked, opened, request.alone);
  if (request.earlier !== undefined) return readInTurn(asked, opened);

  const owner = JSON.stringify([host.name, holderOf(credential), 1]);
  const path = join(cache, 'journal', `${target.toLowerCase()}.jsonl`);
  const journal = await openJournal(path, owner, request.now(), RESUME_MS);
  const enumeration = await enumerate({ connector, account, own, now: request.now, journal });
  const run = await runOf(asked, account, {
    connector,
    journal,
    ...(await toldAtOnce(asked, account, connector)),
  });
  const all = [...enumeration.repositories.values()];
  const exclusionOf = ({ full_name }: ListedRepository) => run.excluded(full_name.split('/')[1] ?? '');
  const repositories = all.filter((repository) => exclusionOf(repository) === undefined);
  const ids = repositories.map(({ node_id }) => node_id);
  // GraphQL answers nobody without a token; every repository is then fetched to know its head.
  const heads =
    credential === undefined
      ? new Map<string, BranchHead | null>()
      : await readHeads(connector, host.graphql, ids);
  const people = peopleAsked(asked, account, connector);
  const lists = [
    ...(await listsOf(people)),
    ...(await repositoryAdmins(
      people,
      repositories,
      unlistedIn(enumeration.stopped, all.length, repositories.length),
    )),
  ];
  for (const { observations } of lists) for (const observation of observations) emit(observation);
  const spots = blindSpots();
  let done = 0;
  let gone = 0;
  // Kept by place, so that two runs say the same in the same order.
  const said: Said[] = [];
  await inParallel(repositories, AT_ONCE, async (repository, place) => {
    report({ name: repository.full_name, done, total: repositories.length });
    const reading = await collectRepository(run, repository, heads.get(repository.node_id));
    if (reading === null) {
      gone++;
      said[place] = { partitions: [], problems: [vanished(repository.full_name)] };
    } else {
      for (const observation of reading.observations) emit(observation);
      spots.read(repository.id, reading.observations[0]?.attributes ?? {});
      said[place] = reading;
    }
    report({ name: repository.full_name, done: ++done, total: repositories.length });
  });
  for (const repository of all) {
    const exclusion = exclusionOf(repository);
    if (exclusion === undefined) continue;
    const reading = unasked(run, repository, leftOut(exclusion));
    for (const observation of reading.observations) emit(observation);
    said.push(reading);
  }
  const seen = all.length - gone;
  const later = await readAccount(connector, target, principal.login);
  const partition = partitionOf({
    host,
    before: account,
    after: 'outcome' in later ? account : later,
    found: { ...enumeration, listed: enumeration.repositories.size - gone },
    own,
  });
  request.attestations?.(
    attestationsIn({ connector, account, unseen: unseenIn(partition), signal: request.signal }),
  );
  // What a limit or a fault left out is continued by the next run.
  if (enumeration.stopped === undefined && !spots.failed()) await journal.finish();
  return {
    partitions: [
      partition,
      ...lists.map((each) => each.partition),
      ...said.flatMap((each) => each.partitions),
    ],
    problems: [...enumeration.problems, ...said.flatMap((each) => each.problems), ...spots.problems(seen)],
    seen,
  };
}

/** Why there may be repositories of which nobody was asked. */
function unlistedIn(stopped: NoAnswer | undefined, all: number, asked: number): Unobserved | undefined {
  if (stopped !== undefined) return unobservedBy(stopped, 'its repositories', PERMISSIONS.metadata);
  if (asked === all) return undefined;
  return { unobserved: 'unobserved', why: `${all - asked} repositories are left out` };
}

function unseenIn({ complete, why = 'not all of its repositories are known' }: Partition): Unobserved | null {
  return complete ? null : { unobserved: 'incomplete', why };
}

interface Opened {
  readonly account: Account;
  /** Whether it is whoever asks. */
  readonly own: boolean;
  readonly emit: (observation: Observation) => void;
  readonly report: (progress: Progress) => void;
}

/** Nothing is taken over from a run that was interrupted: what it had read is kept, or is read in its turn. */
const NO_JOURNAL: Journal = {
  resumed: 0,
  get: () => undefined,
  put: async () => {},
  finish: async () => {},
};

/** What the organisation tells of all repositories at once, to who is somebody. */
async function toldAtOnce(
  { access: { credential } }: AccountRequest,
  account: Account,
  connector: Connector,
): Promise<Pick<HostRun, 'bypasses' | 'vulnerabilities'>> {
  if (credential === undefined) return { bypasses: undefined, vulnerabilities: undefined };
  return {
    bypasses: await organisationBypasses(connector, account),
    vulnerabilities: await organisationVulnerabilities(connector, account),
  };
}

async function runOf(
  { request, host, access, cache }: AccountRequest,
  account: Account,
  given: Pick<HostRun, 'connector' | 'journal' | 'bypasses' | 'vulnerabilities'>,
): Promise<HostRun> {
  return {
    request,
    host,
    isKnown: access.credential !== undefined,
    token: access.token,
    estate: estateOf(host, account),
    mirrors: await realpath(join(cache, 'repositories')),
    rulesets: new Map(),
    cache,
    users: new Map(),
    runners: runnerMemory(account.type === 'organisation' ? account.login : undefined),
    excluded: excluder(request.excludes),
    ...given,
  };
}

const peopleAsked = (
  { request, host, access: { credential, principal } }: AccountRequest,
  account: Account,
  connector: Connector,
): PeopleInput => ({ connector, host, account, credential, principal, at: request.now().toISOString() });

/** What is listed of the account itself: who opens it, and who may see it. */
async function listsOf(people: PeopleInput): Promise<readonly Listed[]> {
  const { connector, host, account, credential, at } = people;
  return [
    ...(await organisationCredentials({ connector, host: host.name, account, credential, at })),
    ...(await peopleOf(people)),
  ];
}

/** Two questions for a hundred repositories: asked less often than their list. */
const ADMINS_MS = 20 * 3_600_000;
/** After a list that was not whole: whoever has granted the permission should not wait a day to see it. */
const UNKNOWN_ADMINS_MS = 3_600_000;

async function readInTurn(asked: AccountRequest, opened: Opened): Promise<Said & { readonly seen: number }> {
  const { account, emit } = opened;
  const { access, startedAt, request } = asked;
  const spending = spendingOf(access.connector);
  const { connector } = spending;
  const run = await runOf(asked, account, {
    connector,
    journal: NO_JOURNAL,
    ...(await toldAtOnce(asked, account, connector)),
  });
  const earlier = (await request.earlier?.('github', run.estate)) ?? new Map();
  const people = peopleAsked(asked, account, connector);
  const lists = [...(await listsOf(people))];
  const { login } = access.principal;
  const admins = earlier.get(`${run.estate} repository`);
  const asksAdmins = startedAt.getTime() - (admins?.at ?? 0) >= (admins?.any ? ADMINS_MS : UNKNOWN_ADMINS_MS);
  const repositories: ListedRepository[] = [];
  const each = ({ id, node_id, full_name }: ListedRepository): void => {
    if (asksAdmins) repositories.push({ id, node_id, full_name });
  };
  const read = await collectInTurn({ ...opened, run, login, startedAt, earlier, each }, spending);
  if (asksAdmins) {
    const unlisted = unseenIn(read.listed) ?? unlistedIn(undefined, read.seen, repositories.length);
    lists.push(...(await repositoryAdmins(people, repositories, unlisted)));
  }
  for (const { observations } of lists) for (const observation of observations) emit(observation);
  request.attestations?.(
    attestationsIn({ connector, account, unseen: unseenIn(read.listed), signal: request.signal }),
  );
  const { partitions, problems, seen } = read;
  return { partitions: [...partitions, ...lists.map((one) => one.partition)], problems, seen };
}

/** Single repositories, and the lists of the account where its own name stands among them. */
async function readTold(
  asked: AccountRequest,
  opened: Opened,
  names: readonly string[],
): Promise<Said & { readonly seen: number }> {
  const { account, emit } = opened;
  const { connector } = asked.access;
  const prefix = `${account.login.toLowerCase()}/`;
  const run = await runOf(asked, account, {
    connector,
    journal: NO_JOURNAL,
    bypasses: undefined,
    vulnerabilities: undefined,
  });
  const isToldOfPeople = names.some((name) => `${name.toLowerCase()}/` === prefix);
  const lists = isToldOfPeople ? await listsOf(peopleAsked(asked, account, connector)) : [];
  for (const { observations } of lists) for (const observation of observations) emit(observation);
  const read = await collectTold(
    { ...opened, run },
    names.filter((name) => name.toLowerCase().startsWith(prefix)),
  );
  return { ...read, partitions: [...read.partitions, ...lists.map((each) => each.partition)] };
}

function vanished(name: string): Problem {
  const message = `${name} was listed, and gone before it was read`;
  return { code: 'repository-vanished', cause: 'incomplete', message, remedy: 'scan again' };
}

/** The account itself could not be read: one partition of which nothing is known. */
function unlisted(target: string, refusal: NoAnswer, credential: Credential | undefined): Said {
  const hidden = refusal.outcome === 'forbidden' || refusal.outcome === 'not-found';
  const cause = hidden ? 'forbidden' : 'failed';
  const message =
    refusal.outcome === 'not-found'
      ? `no organisation or user \`${target}\` is visible`
      : `\`${target}\` could not be read: ${refusal.message}`;
  const rights =
    credential === undefined ? 'give a token that may see it' : "the token's rights (single sign-on too)";
  const remedy = hidden ? `check the name, and ${rights}` : 'scan again';
  const partition = {
    kind: 'repository',
    container: target,
    containerName: target,
    complete: false,
    seen: 0,
  };
  return {
    partitions: [{ ...partition, cause, why: message, remedy }],
    problems: [{ code: 'target-unreadable', cause, message, remedy }],
  };
}

/** An app that is not installed on an account sees nothing of it. */
export function notInstalled(target: string, refusal: NoAnswer): Said {
  const { partitions } = unlisted(target, refusal, undefined);
  const hidden = refusal.outcome === 'forbidden' || refusal.outcome === 'not-found';
  const why =
    refusal.outcome === 'not-found'
      ? `the app is not installed on \`${target}\``
      : `the app got no token for \`${target}\`: ${refusal.message}`;
  const remedy = hidden ? 'install it there, and check `--github-app` and GITHUB_APP_KEY' : 'scan again';
  return {
    partitions: partitions.map((one) => ({ ...one, why, remedy })),
    problems: [{ code: 'app-not-installed', cause: hidden ? 'forbidden' : 'failed', message: why, remedy }],
  };
}
