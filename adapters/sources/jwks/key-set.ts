/** A published key set (RFC 7517), key by key: what each is known by, and what nobody can say of it. */
import { hash } from 'node:crypto';
import { isLoopback } from '../../connector/connector.ts';
import { isRecord, type Json } from '../../imports/directories/answer.ts';

/** Members that make the thumbprint of a public key, in the order of RFC 7638 and RFC 8037. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['e', 'kty', 'n'],
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
};
/** Members of a private part, and of a secret key. */
const PRIVATE: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

export interface PublishedKey {
  readonly id: string;
  /** RFC 7638, with SHA-256; or why there is none. */
  readonly thumbprint: { readonly value: string } | { readonly why: string };
  /** Whether what nobody else may have stands beside it. */
  readonly showsPrivate: boolean;
}

export interface KeySet {
  readonly keys: readonly PublishedKey[];
  /** Of keys that cannot be told from one another. */
  readonly withoutId: number;
}

/**
 * What is wrong with the address that an issuer names for its key set, or null. Without https anybody may change it, but for an issuer on this
 * machine; and one elsewhere has nothing to ask for on this machine.
 */
export function addressFault(issuer: URL, keySet: URL): string | null {
  if (isLoopback(issuer)) return keySet.protocol === 'https:' || isLoopback(keySet) ? null : NOT_HTTPS;
  if (keySet.protocol !== 'https:') return NOT_HTTPS;
  return isLoopback(keySet) ? 'its address is on the machine that measures' : null;
}

const NOT_HTTPS = 'its address is not https, so anybody may change it';

/** Null for what is no key set. */
export function keySetIn(body: unknown): KeySet | null {
  if (!isRecord(body) || !Array.isArray(body.keys) || !body.keys.every(isRecord)) return null;
  const records: readonly Json[] = body.keys;
  const named = records.filter(({ kid }) => typeof kid === 'string' && kid !== '');
  const byId = Map.groupBy(named, ({ kid }) => String(kid));
  return {
    keys: [...byId].map(([id, all]) => ({
      id,
      thumbprint: thumbprintOf(all),
      showsPrivate: all.some((key) => PRIVATE.some((member) => key[member] !== undefined)),
    })),
    withoutId: records.length - named.length,
  };
}

/** Some list a key once for each use of it; two different ones under one id are known of neither. */
function thumbprintOf(keys: readonly Json[]): PublishedKey['thumbprint'] {
  const found = keys.map(thumbprint);
  const [first, ...others] = found;
  if (first === undefined) return { why: 'the key set holds none' };
  const other = others.find((one) => JSON.stringify(one) !== JSON.stringify(first));
  return other === undefined ? first : { why: 'the key set holds two different keys under this id' };
}

function thumbprint(key: Json): PublishedKey['thumbprint'] {
  const members = Object.hasOwn(MEMBERS, String(key.kty)) ? (MEMBERS[String(key.kty)] ?? []) : [];
  if (members.length === 0)
    return { why: `it is of type ${JSON.stringify(key.kty) ?? 'none'}, of which no public key is known` };
  const lacking = members.find((member) => typeof key[member] !== 'string' || key[member] === '');
  if (lacking !== undefined) return { why: `it has no \`${lacking}\`` };
  const text = JSON.stringify(Object.fromEntries(members.map((member) => [member, key[member]])));
  return { value: hash('sha256', text, 'base64url') };
}
