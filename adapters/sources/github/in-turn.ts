/**
 * An account of which a store keeps what was read before: everything is listed, what changed or is old is read, and of each other repository the list itself says
 * something new. What was not read keeps its earlier evidence, as old as it is. And single repositories, as somebody told of them.
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  assetId,
  type Contents,
  type Observation,
  type Partition,
  type Problem,
  type Unobserved,
} from '@macadam/core/facts/observation';
import { z } from 'zod';
import { compact } from '../../compact.ts';
import type { Connector, ConnectorRequest } from '../../connector/connector.ts';
import { isAnswer, type RequestOutcome } from '../../connector/outcome.ts';
import { inParallel } from '../../connector/pool.ts';
import type { Reading } from '../../readers/read.ts';
import { leftOut } from '../exclusion.ts';
import type { EarlierRead, Progress } from '../port.ts';
import {
  type Account,
  type ListedRepository,
  readAccount,
  repositoryPages,
  repositorySchema,
} from './account.ts';
import { type BlindSpots, blindSpots, blindSpotsSchema, type KeptBlindSpots } from './blind-spot.ts';
import { readHeads } from './history.ts';
import { listProblems, partitionOf, total } from './population.ts';
import { collectRepository, type HostRun } from './repository.ts';
import { hasFailed, listedFacts } from './settings.ts';
import { type Due, dueOf, type Queue, queueOf } from './turn.ts';
import { unasked } from './unasked.ts';

/** The host asks for few requests at a time; git fetches beside them. */
const AT_ONCE = 4;
/** Repositories whose heads are asked for together. */
const HEADS = 100;
/** Those that are held to be read in one run. */
const MOST_HELD = 5_000;
/** So long one run reads, so that what somebody tells meanwhile does not wait for long. What is left is read by the next. */
const LONGEST_MS = 3 * 60_000;
/** This part of the host's hourly limit is left to whoever else asks as the same, and to the next list. */
const SPARED = 0.2;

export interface InTurn {
  readonly run: HostRun;
  readonly account: Account;
  readonly own: boolean;
  /** Of whoever asks. */
  readonly login: string | undefined;
  readonly startedAt: Date;
  /** When each was read last, by the id of its asset. */
  readonly earlier: ReadonlyMap<string, EarlierRead>;
  /** Told of each that is listed and not left out. */
  readonly each: (repository: ListedRepository) => void;
  readonly emit: (observation: Observation) => void;
  readonly report: (progress: Progress) => void;
}

export interface ReadInTurn {
  readonly partitions: readonly Partition[];
  readonly problems: readonly Problem[];
  readonly seen: number;
}

/** Tells how much of the host's limit, or that of the run, is left. */
export interface Spending {
  readonly connector: Connector;
  /** Whether so little is left that nothing more should be begun. */
  readonly isLow: () => boolean;
  /** Whether something was refused for it. */
  readonly isSpent: () => boolean;
}

export function spendingOf(inner: Connector): Spending {
  let low = false;
  let spent = false;
  const note = (outcome: RequestOutcome): void => {
    if (outcome.outcome === 'rate-limited') spent = true;
    if (!isAnswer(outcome)) return;
    const left = Number(outcome.headers.get('x-ratelimit-remaining') ?? Number.NaN);
    const limit = Number(outcome.headers.get('x-ratelimit-limit') ?? Number.NaN);
    if (left < SPARED * limit) low = true;
  };
  return {
    connector: {
      ...inner,
      request: async (asked: ConnectorRequest) => {
        const outcome = await inner.request(asked);
        note(outcome);
        return outcome;
      },
    },
    isLow: () => low || spent,
    isSpent: () => spent,
  };
}

/** Lists all, and reads in turn; `listed` is the list. `spending` is of the run's connector. */
export async function collectInTurn(
  asked: InTurn,
  spending: Spending,
): Promise<ReadInTurn & { readonly listed: Partition }> {
  const { run, account, emit, startedAt, earlier, each } = asked;
  const { request, host } = run;
  const failing = new Set(await keptBefore(run, FAILED));
  const spots = blindSpots(await keptBefore(run, UNSEEN));
  const queue = queueOf(MOST_HELD);
  const ids = new Set<number>();
  const odd: string[] = [];
  const said: Reading[] = [];
  let since = startedAt.getTime();
  let unread = 0;
  let waiting = 0;
  let stopped: Parameters<typeof listProblems>[2];
  const pass = (due: Due): void => {
    waiting += 1;
    if (due.reason === 'never' || (due.reason === 'told' && due.readAt === 0)) unread += 1;
    else since = Math.min(since, due.readAt);
    emit(saidByList(run, due.repository, due.readAt === 0));
  };
  const list = async (): Promise<void> => {
    stopped = undefined;
    for await (const page of repositoryPages({ connector: run.connector, account, own: asked.own })) {
      odd.push(...page.odd);
      stopped = page.stopped;
      const told = request.told?.();
      for (const repository of page.repositories) {
        if (ids.has(repository.id)) continue;
        ids.add(repository.id);
        const exclusion = run.excluded(repository.full_name.split('/')[1] ?? '');
        if (exclusion !== undefined) {
          const reading = unasked(run, repository, leftOut(exclusion));
          for (const observation of reading.observations) emit(observation);
          said.push({ ...reading, observations: [] });
          continue;
        }
        each(repository);
        const before = earlier.get(assetId('repository', [host.name, String(repository.id)]));
        const due = dueOf(repository, {
          earlier: before,
          told: told?.get(repository.full_name.toLowerCase()),
          toldAll: told?.get(`${account.login.toLowerCase()}/*`),
          failed: failing.has(repository.id),
          now: request.now(),
        });
        if (due !== null) for (const late of queue.add(due)) pass(late);
        else {
          since = Math.min(since, before?.at ?? since);
          const one = saidByList(run, repository, false);
          spots.listed(repository.id, one.attributes);
          emit(one);
        }
      }
      asked.report({ name: account.login, done: ids.size, total: total(account) });
    }
  };
  await list();
  // A repository that is deleted while pages are read moves another one from a page that is still to come to one that was read already.
  if (stopped === undefined && ids.size !== total(account)) await list();
  const later = await readAccount(run.connector, account.login, asked.login);
  const read = await readQueue(asked, spending, queue, { spots, failing });
  for (const due of queue.rest()) pass(due);
  for (const due of read.unread) pass(due);
  if (stopped === undefined) spots.retain(ids);
  await keep(run, FAILED, [...failing]);
  await keep(run, UNSEEN, spots.kept());
  const problems = listProblems(account, odd, stopped);
  const contents: Contents = {
    since: new Date(since).toISOString(),
    unread,
    waiting,
    ...(waiting > 0 && spending.isLow() && { limited: true }),
  };
  const partition = partitionOf({
    host,
    before: account,
    after: 'outcome' in later ? account : later,
    found: compact({ listed: ids.size, problems, stopped }),
    own: asked.own,
  });
  return {
    listed: partition,
    partitions: [{ ...partition, contents }, ...[...said, ...read.said].flatMap((one) => one.partitions)],
    problems: [
      ...problems,
      ...[...said, ...read.said].flatMap((one) => one.problems),
      ...spots.problems(ids.size),
    ],
    seen: ids.size,
  };
}

interface ReadQueue {
  /** Without their observations, which were emitted. */
  readonly said: readonly Reading[];
  /** Those that were begun when a limit was reached. */
  readonly unread: readonly Due[];
}

/** The most urgent first, until the time or the limit is spent. */
async function readQueue(
  { run, emit, report, account }: InTurn,
  spending: Spending,
  queue: Queue,
  { spots, failing }: { readonly spots: BlindSpots; readonly failing: Set<number> },
): Promise<ReadQueue> {
  const { request } = run;
  const until = request.now().getTime() + LONGEST_MS;
  const said: Reading[] = [];
  const unread: Due[] = [];
  let done = 0;
  const isOver = () => spending.isLow() || request.now().getTime() >= until;
  while (!isOver()) {
    const some: Due[] = [];
    for (let one = queue.next(); one !== undefined; one = queue.next()) {
      some.push(one);
      if (some.length === HEADS) break;
    }
    if (some.length === 0) break;
    const heads = await headsOf(
      run,
      some.map(({ repository }) => repository),
    );
    await inParallel(some, AT_ONCE, async (due) => {
      if (isOver()) {
        unread.push(due);
        return;
      }
      const { repository } = due;
      const reading = await collectRepository(run, repository, heads.get(repository.node_id));
      // What the limit cut off is no reading: its earlier one stands until the next.
      if (spending.isSpent()) {
        unread.push(due);
        return;
      }
      if (reading === null) {
        // It was listed, and gone before it was read: the next list says so.
        emit(saidByList(run, repository, due.readAt === 0));
        return;
      }
      for (const observation of reading.observations) emit(observation);
      spots.read(repository.id, reading.observations[0]?.attributes ?? {});
      if (isFailed(reading)) failing.add(repository.id);
      else failing.delete(repository.id);
      said.push({ ...reading, observations: [] });
      done += 1;
      report({ name: repository.full_name, done, total: Math.max(done, total(account)) });
    });
  }
  return { said, unread };
}

/** Reads what somebody told of, and lists nothing: that one is not there any more is for the next list to say. */
export async function collectTold(
  asked: Pick<InTurn, 'run' | 'account' | 'emit' | 'report'>,
  names: readonly string[],
): Promise<ReadInTurn> {
  const { run, account, emit, report } = asked;
  const found: ListedRepository[] = [];
  const problems: Problem[] = [];
  for (const name of new Set(names.map((one) => one.toLowerCase()))) {
    if (!repositorySchema.shape.full_name.safeParse(name).success) continue;
    const outcome = await run.connector.request({ path: `/repos/${name}` });
    if (outcome.outcome === 'not-found') continue;
    const repository = isAnswer(outcome) ? repositorySchema.safeParse(outcome.body).data : undefined;
    const message = `${name} could not be read again: ${isAnswer(outcome) ? 'the answer is no repository' : outcome.message}`;
    if (repository === undefined)
      problems.push({ code: 'repository-unread', cause: 'failed', message, remedy: 'scan again' });
    // A name may lead to what belongs to somebody else by now.
    else if (repository.full_name.split('/')[0]?.toLowerCase() === account.login.toLowerCase())
      found.push(repository);
  }
  const repositories = found.filter(
    ({ full_name }) => run.excluded(full_name.split('/')[1] ?? '') === undefined,
  );
  const heads = await headsOf(run, repositories);
  const spots = blindSpots(await keptBefore(run, UNSEEN));
  const said: Reading[] = [];
  await inParallel(repositories, AT_ONCE, async (repository) => {
    const reading = await collectRepository(run, repository, heads.get(repository.node_id));
    if (reading === null) return;
    for (const observation of reading.observations) emit(observation);
    spots.read(repository.id, reading.observations[0]?.attributes ?? {});
    said.push({ ...reading, observations: [] });
    report({ name: repository.full_name, done: said.length, total: repositories.length });
  });
  await keep(run, UNSEEN, spots.kept());
  return {
    partitions: said.flatMap((one) => one.partitions),
    problems: [...problems, ...said.flatMap((one) => one.problems)],
    seen: said.length,
  };
}

const headsOf = async (
  { connector, host, isKnown }: HostRun,
  repositories: readonly ListedRepository[],
): ReturnType<typeof readHeads> =>
  isKnown
    ? readHeads(
        connector,
        host.graphql,
        repositories.map(({ node_id }) => node_id),
      )
    : new Map();

const UNREAD: Unobserved = {
  unobserved: 'unobserved',
  why: 'it was listed and not read yet: repositories are read in turn, as far as the host’s limit allows; wait for its turn, or ask as an app, whose limit is higher',
};

/** What the list says of a repository that is not read now. Of one that never was, everything else says why it is not known. */
function saidByList(run: HostRun, repository: ListedRepository, isNew: boolean): Observation {
  const { host, estate, request } = run;
  const time = request.now().toISOString();
  const path = String(repository.id);
  // A reading says nothing of bypasses where no rule can be passed, nor of vulnerabilities where there is no commit, and a reason that was given
  // once stays until something is said.
  const {
    rule_bypasses: _,
    vulnerability_alerts: __,
    ...rest
  } = isNew ? { ...unasked(run, repository, UNREAD).observations[0]?.attributes } : {};
  return {
    kind: 'repository',
    id: assetId('repository', [host.name, path]),
    name: repository.full_name,
    source: 'github',
    observedAt: time,
    receivedAt: time,
    assurance: 'configured',
    container: estate,
    attributes: {
      ...rest,
      host: { value: host.name },
      path: { value: path },
      ...listedFacts(repository),
      hosted_at: { value: { host: 'github', address: `${host.web}/${repository.full_name}` } },
    },
  };
}

/** Whether asking again may tell more. */
const isFailed = ({ observations, partitions, problems }: Reading): boolean =>
  [...partitions, ...problems].some(({ cause }) => cause === 'failed') ||
  observations.some(({ attributes }) => Object.values(attributes).some(hasFailed));

/** What runs leave for each other, of one account. Where a file is lost, repositories tell it again in their turn. */
interface Kept<Value> {
  readonly folder: string;
  readonly schema: z.ZodType<Value>;
}
/** Numbers of repositories whose last reading failed in a part. */
const FAILED: Kept<readonly number[]> = { folder: 'failed', schema: z.array(z.int()).catch([]) };
/** What could not be seen of each when it was read last. */
const UNSEEN: Kept<KeptBlindSpots> = { folder: 'unseen', schema: blindSpotsSchema.catch([]) };

const keptFile = ({ cache, estate }: HostRun, folder: string): string =>
  join(cache, folder, `${estate.split('/').at(-1)?.toLowerCase()}.json`);

async function keptBefore<Value>(run: HostRun, { folder, schema }: Kept<Value>): Promise<Value> {
  try {
    return schema.parse(JSON.parse(await readFile(keptFile(run, folder), 'utf8')));
  } catch {
    return schema.parse(undefined);
  }
}

async function keep<Value>(run: HostRun, { folder }: Kept<Value>, value: Value): Promise<void> {
  const file = keptFile(run, folder);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, JSON.stringify(value), { mode: 0o600 });
}
