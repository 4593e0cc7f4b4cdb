/** Lists of an API, asked for page by page, as the answers that a reader of saved ones takes. */
import type { Connector } from '../connector/connector.ts';
import { type Answer, isAnswer, type NoAnswer, PAGING_LOOP, statusOf } from '../connector/outcome.ts';
import { resultsInOrder } from '../connector/pool.ts';
import { askedAnswer, isRecord, type SavedAnswer } from '../imports/directories/answer.ts';
import type { Api } from '../imports/directories/api.ts';
import { type SavedLists, savedLists } from '../imports/directories/saved-lists.ts';

const MOST_PAGES = 20_000;

export interface AskedApi {
  readonly api: Api;
  /** The host of a path, and the path as it is sent there. */
  readonly connectorFor: (path: string) => Connector;
  /** The page that follows, as a path or a full address; null where none does. */
  readonly next: (path: string, answer: Answer) => string | null;
  /** What goes further of a body: values of secrets do not. */
  readonly kept: (body: unknown) => unknown;
  /** The error body of this API for what the host refused. */
  readonly errorBody: (message: string, status: number) => unknown;
}

export interface AskedLists {
  /** Asks for these lists at the same time, and gives all that was read until now. */
  readonly ask: (paths: readonly string[]) => Promise<SavedLists>;
  readonly answers: () => readonly SavedAnswer[];
  /** The pages of one list, which are not among `answers`. */
  readonly pages: (path: string) => AsyncGenerator<SavedAnswer, void>;
  /** Asks for these lists at the same time, and gives them alone; they are not among `answers`. */
  readonly apart: (paths: readonly string[]) => Promise<readonly SavedAnswer[]>;
  /** Puts an answer among the others. */
  readonly add: (answer: SavedAnswer) => void;
}

/** Rejects only when the run is aborted. `atOnce` requests are under way at most. */
export function askedLists(asked: AskedApi, atOnce: number): AskedLists {
  const answers: SavedAnswer[] = [];
  const apart = async (paths: readonly string[]): Promise<readonly SavedAnswer[]> =>
    (await resultsInOrder(paths, atOnce, (path) => Array.fromAsync(pagesOf(asked, path)))).flat();
  return {
    answers: () => answers,
    pages: (path) => pagesOf(asked, path),
    apart,
    add: (answer) => {
      answers.push(answer);
    },
    ask: async (paths) => {
      answers.push(...(await apart(paths)));
      return savedLists(asked.api, answers);
    },
  };
}

async function* pagesOf(asked: AskedApi, first: string): AsyncGenerator<SavedAnswer, void> {
  const connector = asked.connectorFor(first);
  const seen = new Set<string>();
  let path: string | null = first;
  while (path !== null) {
    if (seen.has(path) || seen.size === MOST_PAGES) {
      yield refusedAnswer(asked, connector, path, PAGING_LOOP);
      return;
    }
    seen.add(path);
    // Hosts limit each part of their API by itself.
    const outcome = await connector.request({ path, bucket: first.split(/[/?]/).at(3) ?? 'core' });
    if (!isAnswer(outcome)) {
      yield refusedAnswer(asked, connector, path, outcome);
      return;
    }
    yield {
      ...placed(asked.api, connector, path),
      status: outcome.status,
      headers: { link: outcome.headers.get('link') ?? '' },
      body: asked.kept(outcome.body),
    };
    path = asked.next(path, outcome);
  }
}

function placed(api: Api, { origin }: Connector, path: string): Omit<SavedAnswer, 'status' | 'body'> {
  const place = api.answers.addressOf(path);
  return {
    ...askedAnswer(place?.address ?? path, place?.query ?? ''),
    host: new URL(origin).host.toLowerCase(),
  };
}

function refusedAnswer(
  { api, errorBody }: AskedApi,
  connector: Connector,
  path: string,
  outcome: NoAnswer,
): SavedAnswer {
  const status = statusOf(outcome);
  return { ...placed(api, connector, path), status, body: errorBody(outcome.message, status) };
}

/** What is read of an answer: the fields of these names, at any depth. Everything else stays behind. */
export function fieldsAlone(names: ReadonlySet<string>): (body: unknown) => unknown {
  const kept = (body: unknown): unknown => {
    if (Array.isArray(body)) return body.map(kept);
    if (!isRecord(body)) return body;
    return Object.fromEntries(
      Object.entries(body).flatMap(([name, value]) => (names.has(name) ? [[name, kept(value)]] : [])),
    );
  };
  return kept;
}
