/** A list of Microsoft Graph, page by page, as the answers that a reader of saved ones takes. */
import type { Connector } from '../../connector/connector.ts';
import { isAnswer, type NoAnswer, type RequestOutcome } from '../../connector/outcome.ts';
import { askedAnswer, isRecord, type SavedAnswer } from '../../imports/directories/answer.ts';
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
      const loop: NoAnswer = {
        outcome: 'failed',
        code: 'paging-loop',
        message: 'its pages lead back to one another',
      };
      into.add(answerOf(path, loop));
      return false;
    }
    seen.add(path);
    const outcome: RequestOutcome = await connector.request({ path });
    into.add(answerOf(path, outcome));
    if (isExpired(outcome)) return true;
    const next: unknown =
      isAnswer(outcome) && isRecord(outcome.body) ? outcome.body['@odata.nextLink'] : undefined;
    path = typeof next === 'string' && next !== '' ? next : null;
  }
  return false;
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
