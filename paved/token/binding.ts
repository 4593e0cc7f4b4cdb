/** Tokens that are worth nothing without a key: DPoP (RFC 9449) and client certificates (RFC 8705). */
import { createHash } from 'node:crypto';
import { type Algorithm, isAlgorithm } from './algorithms.ts';
import { decodeBase64url } from './base64url.ts';
import type { Claims } from './claims.ts';
import { parseObject } from './json.ts';
import { checkSignature, type JwsParts, JwsReader, payloadOf } from './jws.ts';
import { importKey, type Jwk, jwkThumbprint } from './key.ts';
import { type RefusedToken, refuse } from './refusal.ts';
import type { ReplayStore } from './replay.ts';

/** What came with a token, as the service itself knows it. */
export interface Presented {
  /** How the token was presented; `Bearer` by default. A token bound to a key by DPoP is refused as bearer. */
  readonly scheme?: 'Bearer' | 'DPoP';
  /** The DPoP header. */
  readonly proof?: string;
  /** Method of the request. */
  readonly method?: string;
  /** The whole address as the client wrote it; from configuration, never from a Host header. */
  readonly url?: string;
  /** The client's certificate in DER, where TLS verified that it holds the key. */
  readonly certificate?: Buffer;
}

/** One token, as it came, at a time in milliseconds since 1970. */
export interface TokenUse {
  readonly token: string;
  readonly presented: Presented;
  readonly nowMs: number;
}

export interface BindingRules {
  readonly algorithms: readonly Algorithm[];
  /** Seconds that a proof may be old. */
  readonly proofAge: number;
  readonly skew: number;
  readonly replay: ReplayStore;
}

/** How an accepted token was bound. */
export type Binding = 'none' | 'dpop' | 'certificate';

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('base64url');
const proofReader = new JwsReader(8192);

/** Address without query and fragment, spelled in one way (RFC 9449 §4.3 with RFC 3986 §6.2). */
function targetOf(text: unknown): string | null {
  if (typeof text !== 'string' || !URL.canParse(text)) return null;
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}

/** The key that a proof carries; here alone a key comes from a header, and counts only by the thumbprint that the issuer signed. */
function proofKey({ read: { header, members } }: JwsParts, { algorithms }: BindingRules) {
  if (header.typ !== 'dpop+jwt') return refuse('proof-malformed', 'typ of the proof is not dpop+jwt');
  if (!isAlgorithm(header.alg) || !algorithms.includes(header.alg))
    return refuse('proof-malformed', `alg of the proof is not ${algorithms.join(' or ')}`);
  const jwk = members.jwk;
  if (jwk === null || typeof jwk !== 'object') return refuse('proof-malformed', 'the proof has no jwk');
  const imported = importKey(jwk as Jwk, header.alg);
  if (!imported.ok) return refuse('proof-malformed', `jwk of the proof: ${imported.why}`);
  return { ok: true, key: imported.key, thumbprint: jwkThumbprint(jwk as Jwk) } as const;
}

async function checkProof(
  { token, presented, nowMs }: TokenUse,
  thumbprint: unknown,
  rules: BindingRules,
): Promise<RefusedToken | null> {
  const parts = proofReader.read(presented.proof);
  if (!parts.ok) return refuse('proof-malformed', `the DPoP proof: ${parts.detail}`);
  const found = proofKey(parts, rules);
  if (!found.ok) return found;
  if (found.thumbprint !== thumbprint) return refuse('binding-wrong', 'the proof is of another key');
  const payload = decodeBase64url(payloadOf(parts));
  const claims = payload === null ? null : parseObject(payload);
  if (claims === null) return refuse('proof-malformed', 'the payload of the proof is no JSON object');
  if (checkSignature(parts, found.key) !== null)
    return refuse('proof-wrong', 'the signature of the proof is not of its key');
  const target = targetOf(presented.url);
  if (target === null) return refuse('proof-wrong', 'the service did not say its own address; set origin');
  if (claims.htm !== presented.method) return refuse('proof-wrong', 'htm is another method');
  if (targetOf(claims.htu) !== target) return refuse('proof-wrong', `htu is not ${target}`);
  if (claims.ath !== sha256(token)) return refuse('proof-wrong', 'ath is of another token');
  const { iat, jti } = claims;
  const now = nowMs / 1000;
  if (typeof iat !== 'number' || !(iat > now - rules.proofAge - rules.skew && iat < now + rules.skew))
    return refuse('proof-wrong', `iat is not of the last ${rules.proofAge} s`);
  if (typeof jti !== 'string' || jti === '') return refuse('proof-malformed', 'the proof has no jti');
  const until = nowMs + (rules.proofAge + 2 * rules.skew) * 1000;
  return useOnce(rules.replay, `proof ${found.thumbprint} ${sha256(jti)}`, until, nowMs);
}

/** Null at the first use. A store that is full or down refuses: what may be a replay is none that was excluded. */
export async function useOnce(
  store: ReplayStore,
  id: string,
  untilMs: number,
  nowMs: number,
): Promise<RefusedToken | null> {
  const answer = await store.use(id, untilMs, nowMs).catch(() => 'full' as const);
  if (answer === 'first') return null;
  return answer === 'again'
    ? refuse('replayed', 'it was used before')
    : refuse('replay-unknown', 'the replay store cannot say whether it was used before');
}

/** How the token is bound and was shown to be, or why not. What a token says of its binding always holds, whatever is configured. */
export async function checkBinding(
  claims: Claims,
  use: TokenUse,
  rules: BindingRules,
): Promise<{ readonly ok: true; readonly binding: Binding } | RefusedToken> {
  const { presented } = use;
  const isDpop = presented.scheme === 'DPoP';
  if (claims.cnf === undefined)
    return isDpop
      ? refuse('binding-missing', 'it was presented by DPoP and is bound to no key')
      : { ok: true, binding: 'none' };
  const confirmation = (claims.cnf !== null && typeof claims.cnf === 'object' ? claims.cnf : {}) as Record<
    string,
    unknown
  >;
  const { jkt, 'x5t#S256': certificate } = confirmation;
  if (jkt === undefined && certificate === undefined)
    return refuse('binding-wrong', 'cnf names a way to confirm that is not known here');
  if (certificate !== undefined) {
    if (presented.certificate === undefined)
      return refuse('binding-missing', 'it is bound to a certificate, and none came with it');
    if (sha256(presented.certificate) !== certificate)
      return refuse('binding-wrong', 'it is bound to another certificate');
  }
  if (jkt === undefined)
    return isDpop
      ? refuse('binding-missing', 'it was presented by DPoP and is bound to no key')
      : { ok: true, binding: 'certificate' };
  if (!isDpop || presented.proof === undefined)
    return refuse('binding-missing', 'it is bound to a key, and no DPoP proof came with it');
  const fault = await checkProof(use, jkt, rules);
  return fault ?? { ok: true, binding: 'dpop' };
}
