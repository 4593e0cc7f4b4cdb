/** An authority for timestamps over HTTP (RFC 3161): it is sent a digest, and never what the digest is of. */
import { hash, randomBytes } from 'node:crypto';
import {
  TimestampError,
  timestampIn,
  timestampRequest,
  verifiedTimestamp,
} from '@macadam/core/figures/timestamp';

export interface TimestampAuthority {
  readonly url: string;
  /** Certificates that its own has to be issued by, PEM. */
  readonly trusted: readonly string[];
}

const TIMEOUT_MS = 10_000;
/** A timestamp with its certificates is a few thousand bytes. */
const LARGEST = 64 * 1024;

/** A timestamp of these bytes, by a certificate that is trusted. Rejects with `TimestampError`. */
export async function timestampOf(
  { url, trusted }: TimestampAuthority,
  bytes: Buffer,
  random: (size: number) => Buffer = randomBytes,
): Promise<Buffer> {
  const nonce = random(8);
  const request = timestampRequest(hash('sha256', bytes, 'buffer'), nonce);
  const token = timestampIn(await answerOf(url, request), nonce);
  const { authority, trusted: isTrusted } = verifiedTimestamp(token, bytes, trusted);
  if (!isTrusted) throw new TimestampError(`nobody who is trusted vouches for ${authority}`);
  return token;
}

async function answerOf(url: string, request: Buffer): Promise<Buffer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
      body: new Uint8Array(request),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new TimestampError(`it answered ${response.status}`);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body ?? []) {
      parts.push(part);
      size += part.length;
      if (size > LARGEST) throw new TimestampError('it answered more than a timestamp');
    }
    return Buffer.concat(parts);
  } catch (error) {
    if (error instanceof TimestampError) throw error;
    const { cause, message } = error as Error & { readonly cause?: { readonly code?: string } };
    throw new TimestampError(`it could not be reached (${cause?.code ?? message})`);
  }
}
