/** Clusters of Kubernetes by their API, read only. What the answers mean, the reader of saved ones says. */
import type { Collection, Observation, Problem } from '@macadam/core/facts/observation';
import type { Connector } from '../../connector/connector.ts';
import { isAnswer, PAGING_LOOP, type RequestOutcome, statusOf } from '../../connector/outcome.ts';
import { inParallel } from '../../connector/pool.ts';
import { askedAnswer, isRecord, recordIn, type SavedAnswer } from '../../imports/directories/answer.ts';
import { ENDPOINTS, PLACES } from '../../imports/directories/kubernetes/description.ts';
import { KUBERNETES } from '../../imports/directories/kubernetes/dialect.ts';
import { readKubernetes } from '../../imports/directories/kubernetes/read.ts';
import { askedFolder } from '../../imports/directories/reading.ts';
import { type KnownImages, knownImagesIn, NO_IMAGES } from '../../imports/images/known.ts';
import { collectEach, connectTo } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { withEnvironment } from '../stated-environment.ts';
import { credentialMissing, tokenOf, variableOf } from '../token.ts';
import { clusterAt, nameOf } from './credential.ts';

const AT_ONCE = 3;
const TOKEN = 'KUBERNETES_TOKEN';
const PAGE = 500;
const MOST_PAGES = 20_000;
/** A page's token lives for minutes only: then the list is read from its beginning, at most this often. */
const BEGINNINGS = 3;

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  const { options } = request;
  const clusters = clustersOf(request.targets);
  const known = options.inventories === undefined ? NO_IMAGES : knownImages(options.inventories);
  const asked = {
    source: 'kubernetes',
    request,
    targets: clusters,
    nameOf: (url: string) => url,
    problems: known.unused.map(unusedFile),
    emit: withEnvironment(options.environment, emit, () => true),
    report,
  };
  return collectEach(asked, async (url, collected) => {
    const token = tokenOf(TOKEN, nameOf(url), clusters.length, request.environment);
    if (token === undefined)
      return collected.unread(
        credentialMissing(`token for the cluster ${url}`, `set ${variableOf(TOKEN, nameOf(url))}`),
      );
    const answers = await answersOf(connectTo(url, `Bearer ${token}`, request));
    const read = readKubernetes(collected.asked(url, null), askedFolder(KUBERNETES, answers), known);
    if ('batch' in read) collected.read(read.batch);
    else collected.unread(clusterUnknown(url, answers));
  });
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
  return { answers: [...answers, answerOf(address, '', PAGING_LOOP)], expired: false };
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
  const body = { kind: 'Status', status: 'Failure', message: outcome.message };
  const isRefused = outcome.outcome === 'forbidden';
  return {
    ...answer,
    status: statusOf(outcome),
    body: isRefused ? { ...body, reason: 'Forbidden' } : body,
  };
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
