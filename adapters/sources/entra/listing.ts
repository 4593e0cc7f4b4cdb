/** A list of Microsoft Graph, page by page, as the answers that a reader of saved ones takes. */
import type { Connector } from '../../connector/connector.ts';
import { isAnswer, type NoAnswer, type RequestOutcome } from '../../connector/outcome.ts';
import { askedAnswer, isRecord, type SavedAnswer } from '../../imports/directories/answer.ts';
import { GRAPH } from '../../imports/directories/entra/dialect.ts';

/** A page token lives for a while only: then the list is read from its beginning, at most this often. */
const BEGINNINGS = 3;
const MOST_PAGES = 20_000;

/** `path` begins with the version: `/v1.0/users?$select=id`. Rejects only when the run is aborted. */
export async function answersOf(connector: Connector, path: string): Promise<readonly SavedAnswer[]> {
  for (let beginning = 1; ; beginning += 1) {
    const read = await pagesOf(connector, path);
    if (!read.expired || beginning === BEGINNINGS) return read.answers;
  }
}

interface PagesRead {
  readonly answers: readonly SavedAnswer[];
  /** The host no longer takes the address of the next page. */
  readonly expired: boolean;
}

async function pagesOf(connector: Connector, first: string): Promise<PagesRead> {
  const answers: SavedAnswer[] = [];
  const seen = new Set<string>();
  let path: string | null = first;
  while (path !== null) {
    if (seen.has(path) || seen.size === MOST_PAGES) {
      const loop: NoAnswer = {
        outcome: 'failed',
        code: 'paging-loop',
        message: 'its pages lead back to one another',
      };
      return { answers: [...answers, answerOf(path, loop)], expired: false };
    }
    seen.add(path);
    const outcome: RequestOutcome = await connector.request({ path });
    if (isExpired(outcome)) return { answers: [...answers, answerOf(path, outcome)], expired: true };
    answers.push(answerOf(path, outcome));
    const next: unknown =
      isAnswer(outcome) && isRecord(outcome.body) ? outcome.body['@odata.nextLink'] : undefined;
    path = typeof next === 'string' && next !== '' ? next : null;
  }
  return { answers, expired: false };
}

const isExpired = (outcome: RequestOutcome): boolean =>
  outcome.outcome === 'failed' && /Directory_ExpiredPageToken|expired/i.test(outcome.message);

function answerOf(path: string, outcome: RequestOutcome): SavedAnswer {
  const asked = GRAPH.answers.addressOf(path);
  const answer = askedAnswer(asked?.address ?? path, asked?.query ?? '');
  if (isAnswer(outcome)) return { ...answer, status: outcome.status, body: outcome.body };
  const error = { code: outcome.outcome, message: outcome.message };
  const refused = outcome.outcome === 'forbidden';
  const status = refused ? outcome.status : outcome.outcome === 'not-found' ? 404 : 503;
  return { ...answer, status, body: { error } };
}
