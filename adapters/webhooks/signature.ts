/**
 * Signatures by the Standard Webhooks specification (version 1, symmetric): HMAC-SHA256 over `id.timestamp.body`. The
 * secret of an endpoint is derived from the server's key (HKDF, RFC 5869) and stands nowhere: not in the store, nor in a
 * backup of it.
 */
import { createHmac, hkdfSync } from 'node:crypto';

const BYTES = 32;

/** The secret of one endpoint in one version, as its receiver keeps it: `whsec_` and base64. */
export function webhookSecret(key: string, id: string, version: number): string {
  const derived = hkdfSync('sha256', key, '', `macadam webhook\n${id}\n${version}`, BYTES);
  return `whsec_${Buffer.from(derived).toString('base64')}`;
}

export interface SignedMessage {
  readonly id: string;
  /** Seconds since 1970, of this attempt. */
  readonly timestamp: number;
  readonly body: string;
}

/** The three headers; one signature for each secret, so that receivers change theirs in their own time. */
export function signatureHeaders(
  { id, timestamp, body }: SignedMessage,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const sign = (secret: string) =>
    `v1,${createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
      .update(`${id}.${timestamp}.${body}`)
      .digest('base64')}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets.map(sign).join(' '),
  };
}
