/** Pages and what they are made of, smaller on the way: they repeat themselves. Answers for programs go as they are. */
import { gzipSync } from 'node:zlib';
import type { FastifyRequest } from 'fastify';

/** Below this it costs more than it saves, in bytes. */
const WORTH = 4096;
const KINDS = /^(text\/(html|css|javascript)|image\/svg)/;

/**
 * `body` as it is sent, with the headers that say so. Nothing of a page is a secret of the reader that a stranger's text could stand
 * beside (BREACH): the session is in a cookie, and no form carries a token.
 */
export function compressed(
  request: Pick<FastifyRequest, 'headers'>,
  type: string,
  body: string | Buffer,
): { readonly body: string | Buffer; readonly headers: Readonly<Record<string, string>> } {
  if (!KINDS.test(type) || Buffer.byteLength(body) < WORTH) return { body, headers: {} };
  const vary = { vary: 'accept-encoding' };
  const accepts = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(
    String(request.headers['accept-encoding'] ?? ''),
  );
  if (!accepts) return { body, headers: vary };
  return { body: gzipSync(body, { level: 5 }), headers: { ...vary, 'content-encoding': 'gzip' } };
}
