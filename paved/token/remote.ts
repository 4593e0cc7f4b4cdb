/** Asking an issuer over HTTP, with every bound that keeps a slow or hostile answer from becoming ours. */
import { type JsonObject, parseObject } from './json.ts';
import { ConfigurationError } from './refusal.ts';

export interface JsonAnswer {
  readonly body: JsonObject;
  /** `max-age` of its Cache-Control, in seconds; null when it has none. */
  readonly maxAge: number | null;
}

export type FetchJson = (url: string) => Promise<JsonAnswer>;

const LARGEST = 262_144;
const PATIENCE_MS = 5_000;

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export const isThisMachine = ({ hostname }: URL): boolean => LOOPBACK.has(hostname);

/** A URL of https, or of http to this machine itself. Throws ConfigurationError. */
export function secureUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSecure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isThisMachine(url));
  if (url === null || !isSecure) throw new ConfigurationError(`${name}: ${text} is no https address`);
  if (url.username !== '' || url.password !== '')
    throw new ConfigurationError(`${name}: an address must hold no password`);
  return url;
}

/** `fetch failed` says nothing; why it did stands in the cause. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== ''
    ? `${error.message}: ${error.cause.message}`
    : error.message;
}

async function readBody(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST) throw new TypeError(`the answer has more than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A JSON object from an address: no redirect is followed, 256 KiB and 5 seconds at most. Throws otherwise. */
export async function fetchJson(
  url: string,
  { fetch: ask, ...init }: RequestInit & { readonly fetch: typeof fetch },
): Promise<JsonAnswer> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const headers = { accept: 'application/json', ...init.headers };
  const response = await ask(url, { ...init, headers, redirect: 'error', signal });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new TypeError(`the answer has status ${response.status}`);
  }
  const body = parseObject(await readBody(response));
  if (body === null) throw new TypeError('the answer is no JSON object');
  const maxAge = /(?:^|[\s,])max-age=(\d{1,9})(?=$|[\s,])/i.exec(response.headers.get('cache-control') ?? '');
  return { body, maxAge: maxAge === null ? null : Number(maxAge[1]) };
}
