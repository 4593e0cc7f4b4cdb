/** Clusters of Kubernetes by their API, read only. What the answers mean, the reader of saved ones says. */
import type { Collection, Observation, Partition, Problem } from '@macadam/core/facts/observation';
import { type Connector, connect } from '../../connector/connector.ts';
import { isAnswer, type RequestOutcome } from '../../connector/outcome.ts';
import { inParallel } from '../../connector/pool.ts';
import { askedAnswer, isRecord, recordIn, type SavedAnswer } from '../../imports/directories/answer.ts';
import { ENDPOINTS, PLACES } from '../../imports/directories/kubernetes/description.ts';
import { KUBERNETES } from '../../imports/directories/kubernetes/dialect.ts';
import { readKubernetes } from '../../imports/directories/kubernetes/read.ts';
import { askedFolder } from '../../imports/directories/reading.ts';
import { type KnownImages, knownImagesIn, NO_IMAGES } from '../../imports/images/known.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { withEnvironment } from '../stated-environment.ts';
import { clusterAt, tokenFor, variableFor } from './credential.ts';

const AT_ONCE = 3;
const PAGE = 500;
const MOST_PAGES = 20_000;
/** A page's token lives for minutes only: then the list is read from its beginning, at most this often. */
const BEGINNINGS = 3;

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  const { now, options } = request;
  const clusters = clustersOf(request.targets);
  const send = withEnvironment(options.environment, emit, () => true);
  const known = options.inventories === undefined ? NO_IMAGES : knownImages(options.inventories);
  const startedAt = now().toISOString();
  const partitions: Partition[] = [];
  const problems: Problem[] = known.unused.map(unusedFile);
  let seen = 0;
  for (const [index, url] of clusters.entries()) {
    report({ name: url, done: index, total: clusters.length });
    request.signal?.throwIfAborted();
    const token = tokenFor(url, clusters.length, request.environment);
    if (token === undefined) {
      problems.push(credentialMissing(url));
      continue;
    }
    const answers = await answersOf(connectorTo(url, token, request));
    const at = new Date(startedAt);
    const read = readKubernetes(
      { folder: url, files: [], subject: null, takenAt: at, receivedAt: now() },
      askedFolder(KUBERNETES, answers),
      known,
    );
    if ('mistakes' in read) {
      problems.push(clusterUnknown(url, answers));
      continue;
    }
    for (const observation of read.batch.observations) send(observation);
    seen += read.batch.observations.length;
    partitions.push(...read.batch.collection.partitions);
    problems.push(...read.batch.collection.problems);
  }
  const whole = problems.length === 0 && partitions.every(({ complete }) => complete);
  return {
    source: 'kubernetes',
    query: clusters.join(' '),
    startedAt,
    finishedAt: now().toISOString(),
    status: whole ? 'complete' : seen === 0 ? 'failed' : 'incomplete',
    partitions,
    problems,
  };
}

/** Throws where the folder cannot be read: whoever named it wants what is in it. */
function knownImages(folder: string): KnownImages {
  try {
    return knownImagesIn(folder);
  } catch (error) {
    throw new TypeError(`the folder of inventories cannot be read: ${(error as Error).message}`);
  }
}

const unusedFile = ({ file, why }: KnownImages['unused'][number]): Problem => ({
  code: 'inventory-unused',
  cause: 'incomplete',
  message: `${file} ${why}`,
});

function clustersOf(targets: readonly string[]): readonly string[] {
  if (targets.length === 0) throw new TypeError('the kubernetes source needs the address of a cluster');
  return [...new Set(targets.map(clusterAt))];
}

const connectorTo = (url: string, token: string, { now, signal }: CollectRequest): Connector =>
  connect({
    baseUrl: url,
    authorization: `Bearer ${token}`,
    headers: { accept: 'application/json', 'user-agent': 'macadam' },
    now: () => now().getTime(),
    ...(signal === undefined ? {} : { signal }),
  });

const credentialMissing = (url: string): Problem => ({
  code: 'credential-missing',
  cause: 'forbidden',
  message: `there is no token for the cluster ${url}, so nothing of it was read`,
  remedy: `set ${variableFor(url)}`,
});

/** Without the namespaces nobody knows which cluster it is, and an id that comes and goes with a right would count everything twice. */
function clusterUnknown(url: string, answers: readonly SavedAnswer[]): Problem {
  const [spaces] = answers.filter(({ address }) => address === '/namespaces');
  const said =
    isRecord(spaces?.body) && typeof spaces.body.message === 'string' ? `: ${spaces.body.message}` : '';
  const isRefused = spaces !== undefined && [401, 403].includes(spaces.status);
  return {
    code: 'cluster-unknown',
    cause: isRefused ? 'forbidden' : 'failed',
    message: `${url} does not show its namespace kube-system, so nobody knows which cluster it is${said}`,
    remedy: isRefused ? 'grant list namespaces' : 'check whether the cluster answers from here',
  };
}

async function answersOf(connector: Connector): Promise<readonly SavedAnswer[]> {
  const answers: SavedAnswer[] = [];
  await inParallel(ENDPOINTS, AT_ONCE, async ({ path }) => {
    for (let beginning = 1; ; beginning += 1) {
      const read = await pagesOf(connector, path);
      if (read.expired && beginning < BEGINNINGS) continue;
      answers.push(...read.answers);
      return;
    }
  });
  return answers;
}

interface PagesRead {
  readonly answers: readonly SavedAnswer[];
  readonly expired: boolean;
}

async function pagesOf(connector: Connector, address: string): Promise<PagesRead> {
  const answers: SavedAnswer[] = [];
  const seen = new Set<string>();
  let token = '';
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = queryOf(address, token);
    const outcome = await connector.request({ path: `${PLACES[address]}?${query}` });
    answers.push(answerOf(address, query, outcome));
    if (!isAnswer(outcome)) return { answers, expired: token !== '' && isExpired(outcome) };
    const metadata = isRecord(outcome.body) && isRecord(outcome.body.metadata) ? outcome.body.metadata : {};
    const next = metadata.continue;
    if (typeof next !== 'string' || next === '') return { answers, expired: false };
    if (seen.has(next)) break;
    seen.add(next);
    token = next;
  }
  const loop = {
    outcome: 'failed',
    code: 'paging-loop',
    message: 'its pages lead back to one another',
  } as const;
  return { answers: [...answers, answerOf(address, '', loop)], expired: false };
}

const isExpired = (outcome: RequestOutcome): boolean =>
  (outcome.outcome === 'failed' || outcome.outcome === 'not-found') &&
  (outcome.status === 410 || /expired/i.test(outcome.message));

function queryOf(address: string, token: string): string {
  const parameters = new URLSearchParams({ limit: String(PAGE) });
  // Other secrets hold what nobody here needs to see.
  if (address === '/secrets') parameters.set('fieldSelector', 'type=kubernetes.io/service-account-token');
  if (token !== '') parameters.set('continue', token);
  return parameters.toString();
}

function answerOf(address: string, query: string, outcome: RequestOutcome): SavedAnswer {
  const answer = askedAnswer(address, query);
  if (isAnswer(outcome)) return { ...answer, status: outcome.status, body: withoutValues(outcome.body) };
  const refused = outcome.outcome === 'forbidden';
  const status = refused ? outcome.status : outcome.outcome === 'not-found' ? 404 : 503;
  const body = { kind: 'Status', status: 'Failure', message: outcome.message };
  return { ...answer, status, body: refused ? { ...body, reason: 'Forbidden' } : body };
}

/** A secret's values go no further than this, and neither does the copy that `kubectl apply` keeps of them. */
function withoutValues(body: unknown): unknown {
  if (!isRecord(body) || body.kind !== 'SecretList' || !Array.isArray(body.items)) return body;
  return { ...body, items: body.items.filter(isRecord).map(withoutData) };
}

function withoutData(secret: Readonly<Record<string, unknown>>): unknown {
  const { metadata, type } = secret;
  const { uid, name, namespace, creationTimestamp, annotations } = recordIn(metadata);
  const kept = isRecord(annotations)
    ? Object.fromEntries(
        Object.entries(annotations).filter(([key]) => key.startsWith('kubernetes.io/service-account')),
      )
    : {};
  return { type, metadata: { uid, name, namespace, creationTimestamp, annotations: kept } };
}
