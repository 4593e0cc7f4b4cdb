/**
 * Answers of an API that somebody saved, each in a JSON file. A file holds the body alone, and its path below the folder says which list it
 * is (`users.json`, `users-2.json`, `groups/ID/members.json`), or it holds the whole exchange: `{request: {line}, status, headers, body}`.
 */
import { utf8Text } from '../../facts/utf8.ts';

export type Json = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A record, or an empty one in place of what is none. */
export const recordIn = (value: unknown): Json => (isRecord(value) ? value : {});

/** A text that says something; null for every other value. */
export const textIn = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

/** The records of a list; none of what is no list. */
export const recordsIn = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

/** One file of an export, with its path below the folder in `/`. */
export interface ExportFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** How it is known what an answer answers, surest first: the request itself, the path of the file, or a hint in the body. */
export type AddressFrom = 'request' | 'file' | 'body';

export interface SavedAnswer {
  /** Path below the folder. */
  readonly file: string;
  /** Path of the request below the API's root and version, ids and all: `/groups/ID/members`. */
  readonly address: string;
  readonly addressFrom: AddressFrom;
  /** Query of the request; null where the request was not saved. */
  readonly query: string | null;
  /** 200 where it was not saved and the body is no error. */
  readonly status: number;
  readonly body: unknown;
  /** Names in lower case; empty where they were not saved. */
  readonly headers: Readonly<Record<string, string>>;
  /** Host that was asked; null where the request was not saved. */
  readonly host: string | null;
  /** Whether somebody cut the answer short, by its own mark. */
  readonly truncated: boolean;
}

/** What stands beside the status and the body of an answer that was asked for just now, and saved nowhere. */
export function askedAnswer(address: string, query: string): Omit<SavedAnswer, 'status' | 'body'> {
  return {
    file: `the answer of GET ${address}`,
    address,
    addressFrom: 'request',
    query,
    headers: {},
    host: null,
    truncated: false,
  };
}

/** A file that could not be read, or of which nobody can say what it answers. */
export interface UnreadFile {
  readonly file: string;
  readonly why: string;
}

export interface AnswerDialect {
  /** The address of a request line or a full URL, without host and version; null where it is none of this API. */
  readonly addressOf: (line: string) => { readonly address: string; readonly query: string } | null;
  /** The address that a body states of itself; null where it states none. */
  readonly addressIn: (body: unknown) => string | null;
  /** The address that a file's path stands for; null where none. */
  readonly addressOfFile: (path: string) => string | null;
  /** Whether a body is an error of this API. */
  readonly isError: (body: unknown) => boolean;
}

/** What a file holds. A JSON array may hold several whole exchanges. */
export function answersIn(
  file: ExportFile,
  dialect: AnswerDialect,
): { readonly answers: readonly SavedAnswer[]; readonly unread: readonly UnreadFile[] } {
  const parsed = jsonOf(file);
  if ('why' in parsed) return { answers: [], unread: [parsed] };
  const { json } = parsed;
  const exchanges = Array.isArray(json) && json.length > 0 && json.every(isExchange) ? json : [json];
  const answers: SavedAnswer[] = [];
  const unread: UnreadFile[] = [];
  for (const exchange of exchanges) {
    const answer = isExchange(exchange)
      ? answerOfExchange(file.path, exchange, dialect)
      : answerOfBody(file.path, exchange, dialect);
    if ('why' in answer) unread.push(answer);
    else answers.push(answer);
  }
  return { answers, unread };
}

/** The JSON of one file, with or without a byte order mark. */
export function jsonOf({ path, bytes }: ExportFile): { readonly json: unknown } | UnreadFile {
  const text = utf8Text(Buffer.from(bytes));
  if (typeof text !== 'string') return { file: path, why: 'is not UTF-8; save it as UTF-8' };
  return (
    parsedIn(text.replace(/^\uFEFF/, '')) ?? {
      file: path,
      why: 'is not whole JSON; save the answer again',
    }
  );
}

/** What a file holds: a list of documents, or one, or one a line. `line`: where it is no JSON. */
export function documentsOf({
  bytes,
}: ExportFile): readonly unknown[] | { readonly why: string; readonly line: number | null } {
  const text = utf8Text(Buffer.from(bytes));
  if (typeof text !== 'string') return { why: 'is not UTF-8; save it as UTF-8', line: null };
  const parsed = parsedIn(text.replace(/^\uFEFF/, ''));
  if (parsed !== null) return Array.isArray(parsed.json) ? parsed.json : [parsed.json];
  const documents: unknown[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const one = parsedIn(line);
    if (one === null)
      return { why: `is not whole JSON in line ${index + 1}; save it again`, line: index + 1 };
    documents.push(one.json);
  }
  return documents;
}

function parsedIn(text: string): { readonly json: unknown } | null {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return null;
  }
}

const isExchange = (json: unknown): json is Json =>
  isRecord(json) &&
  Object.hasOwn(json, 'body') &&
  (isRecord(json.request) || typeof json.status === 'number');

function answerOfExchange(file: string, exchange: Json, dialect: AnswerDialect): SavedAnswer | UnreadFile {
  const line = isRecord(exchange.request) ? exchange.request.line : undefined;
  const asked = typeof line === 'string' ? dialect.addressOf(line) : null;
  const place = asked === null ? placeOf(file, exchange.body, dialect) : null;
  if (asked === null && place === null) return { file, why: NO_ADDRESS };
  return {
    file,
    address: asked?.address ?? place?.address ?? '',
    addressFrom: asked === null ? (place?.addressFrom ?? 'body') : 'request',
    query: asked?.query ?? null,
    status: typeof exchange.status === 'number' ? exchange.status : statusOf(exchange.body, dialect),
    body: exchange.body,
    headers: headersOf(exchange.headers),
    host: typeof line === 'string' ? (/https?:\/\/([^/\s?]+)/i.exec(line)?.[1]?.toLowerCase() ?? null) : null,
    truncated: exchange.truncated === true,
  };
}

function headersOf(headers: unknown): Readonly<Record<string, string>> {
  if (!isRecord(headers)) return {};
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const),
  );
}

const NO_ADDRESS =
  'does not say which request it answers; name the file by the path of the request, as `users.json` or `groups/ID/members.json`';

function answerOfBody(file: string, body: unknown, dialect: AnswerDialect): SavedAnswer | UnreadFile {
  const place = placeOf(file, body, dialect);
  if (place === null) return { file, why: NO_ADDRESS };
  const { address, addressFrom } = place;
  return {
    file,
    address,
    addressFrom,
    query: null,
    status: statusOf(body, dialect),
    body,
    headers: {},
    host: null,
    truncated: false,
  };
}

function placeOf(
  file: string,
  body: unknown,
  dialect: AnswerDialect,
): Pick<SavedAnswer, 'address' | 'addressFrom'> | null {
  const named = dialect.addressOfFile(file);
  if (named !== null) return { address: named, addressFrom: 'file' };
  const stated = dialect.addressIn(body);
  return stated === null ? null : { address: stated, addressFrom: 'body' };
}

const statusOf = (body: unknown, dialect: AnswerDialect): number => (dialect.isError(body) ? 400 : 200);
