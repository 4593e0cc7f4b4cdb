/** One delivery: a POST to the address that was looked at, without redirects, within bounds of time and size. */
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { type AddressRules, addressFor } from './address.ts';

export type SendOutcome =
  | { readonly status: number }
  | { readonly problem: string; readonly status?: number; readonly retryAfterS?: number };

export interface Sending extends AddressRules {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 15_000;

/** 2xx is success; anything else, redirects included, is not. What the receiver says besides is not read. */
export async function send(
  address: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  { timeoutMs = TIMEOUT_MS, signal, ...rules }: Sending,
): Promise<SendOutcome> {
  const url = new URL(address);
  const to = await addressFor(url, rules);
  if ('problem' in to) return to;
  const limits = [AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])];
  return new Promise((resolve) => {
    const outgoing = (url.protocol === 'https:' ? secure : plain)(
      url,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'macadam',
          ...headers,
        },
        signal: AbortSignal.any(limits),
        // A connection of its own each time: one that is kept would outlive what was looked at.
        agent: false,
        lookup: (_, options, found) => {
          if (options.all) found(null, [to]);
          else found(null, to.address, to.family);
        },
      },
      (response) => {
        const { statusCode: status = 0 } = response;
        response.destroy();
        if (status >= 200 && status < 300) return resolve({ status });
        const seconds = Number(response.headers['retry-after']);
        resolve({
          problem: `it answered ${status}`,
          status,
          ...(seconds > 0 && { retryAfterS: Math.min(seconds, 86_400) }),
        });
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const late = error.name === 'AbortError' || error.name === 'TimeoutError';
      resolve({
        problem: late ? 'it did not answer in time' : `the connection failed (${error.code ?? error.name})`,
      });
    });
    outgoing.end(body);
  });
}
