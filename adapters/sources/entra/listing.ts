/** A list of Microsoft Graph, page by page, as the answers that a reader of saved ones takes. */
import type { Connector } from '../../connector/connector.ts';
import { isAnswer, PAGING_LOOP, type RequestOutcome, statusOf } from '../../connector/outcome.ts';
import { askedAnswer, isRecord, type SavedAnswer, textIn } from '../../imports/directories/answer.ts';
import { GRAPH } from '../../imports/directories/entra/dialect.ts';

/** A page token lives for a while only: then the list is read from its beginning, at most this often. */
const BEGINNINGS = 3;
const MOST_PAGES = 20_000;

/** What takes the pages of a list, and lets go of them where the list is read from its beginning. */
export interface Pages {
  readonly add: (page: SavedAnswer) => void;
  readonly clear: () => void;
}

/** `path` begins with the version: `/v1.0/users?$select=id`. Rejects only when the run is aborted. */
export async function answersOf(connector: Connector, path: string): Promise<readonly SavedAnswer[]> {
  const answers: SavedAnswer[] = [];
  const clear = () => {
    answers.length = 0;
  };
  await readPages(connector, path, { add: (page) => answers.push(page), clear });
  return answers;
}

/** The same, page by page into what takes them. */
export async function readPages(connector: Connector, path: string, into: Pages): Promise<void> {
  for (let beginning = 1; ; beginning += 1) {
    into.clear();
    const isExpired = await readOnce(connector, path, into);
    if (!isExpired || beginning === BEGINNINGS) return;
  }
}

/** Whether the host no longer takes the address of the next page. */
async function readOnce(connector: Connector, first: string, into: Pages): Promise<boolean> {
  const seen = new Set<string>();
  let path: string | null = first;
  while (path !== null) {
    if (seen.has(path) || seen.size === MOST_PAGES) {
      into.add(answerOf(path, PAGING_LOOP));
      return false;
    }
    seen.add(path);
    const outcome: RequestOutcome = await connector.request({ path });
    into.add(answerOf(path, outcome));
    if (isExpired(outcome)) return true;
    const next: unknown =
      isAnswer(outcome) && isRecord(outcome.body) ? outcome.body['@odata.nextLink'] : undefined;
    path = textIn(next);
  }
  return false;
}

/** Graph takes as many requests as one. */
export const BATCH = 20;

/**
 * Many short lists by one request for each twenty. What is in one is answered by itself: a list that goes on, and one that has to wait, is
 * asked for alone, where waiting and pages are known.
 */
export async function batchedAnswers(
  connector: Connector,
  paths: readonly string[],
): Promise<readonly SavedAnswer[]> {
  const outcome = await connector.request({
    method: 'POST',
    path: '/v1.0/$batch',
    json: {
      requests: paths.map((path, index) => ({
        id: String(index),
        method: 'GET',
        url: path.replace(/^\/v1\.0/, ''),
      })),
    },
    // All in it only reads.
    repeatable: true,
  });
  const given = isAnswer(outcome) ? responsesIn(outcome.body) : new Map<string, Response>();
  const answers: SavedAnswer[] = [];
  for (const [index, path] of paths.entries()) {
    const told = given.get(String(index));
    const read = told === undefined ? null : outcomeOf(told);
    answers.push(...(read === null ? await answersOf(connector, path) : [answerOf(path, read)]));
  }
  return answers;
}

interface Response {
  readonly status: number;
  readonly body: unknown;
}

function responsesIn(body: unknown): ReadonlyMap<string, Response> {
  const responses = isRecord(body) && Array.isArray(body.responses) ? body.responses.filter(isRecord) : [];
  return new Map(
    responses.flatMap(({ id, status, body: own }) =>
      typeof id === 'string' && typeof status === 'number' ? [[id, { status, body: own }] as const] : [],
    ),
  );
}

const NO_HEADERS = new Headers();

/** Null for what has to be asked for alone. */
function outcomeOf({ status, body }: Response): RequestOutcome | null {
  if (status === 200 && isRecord(body) && (body['@odata.nextLink'] ?? null) === null)
    return { outcome: 'ok', status, headers: NO_HEADERS, body };
  const error = isRecord(body) && isRecord(body.error) ? body.error : {};
  const said = [error.code, error.message].filter((one) => typeof one === 'string' && one !== '');
  const message = said.join(': ').slice(0, 200) || `status ${status}`;
  return status === 401 || status === 403 ? { outcome: 'forbidden', status, message } : null;
}

const isExpired = (outcome: RequestOutcome): boolean =>
  outcome.outcome === 'failed' && /Directory_ExpiredPageToken|expired/i.test(outcome.message);

function answerOf(path: string, outcome: RequestOutcome): SavedAnswer {
  const asked = GRAPH.answers.addressOf(path);
  const answer = askedAnswer(asked?.address ?? path, asked?.query ?? '');
  if (isAnswer(outcome)) return { ...answer, status: outcome.status, body: outcome.body };
  const error = { code: outcome.outcome, message: outcome.message };
  return { ...answer, status: statusOf(outcome), body: { error } };
}
