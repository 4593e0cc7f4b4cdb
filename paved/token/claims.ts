/** What a signed payload must say before it is an access token for this service, now. */
import type { JsonObject } from './json.ts';
import { type RefusedToken, refuse } from './refusal.ts';

/** Claims of an access token that was accepted (RFC 9068, RFC 7519). Times are seconds since 1970. */
export interface Claims {
  readonly iss: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly sub?: string;
  readonly client_id?: string;
  readonly jti?: string;
  readonly scope?: string;
  readonly [claim: string]: unknown;
}

export interface ClaimRules {
  readonly issuer: string;
  /** Any of these must be among the token's. */
  readonly audiences: readonly string[];
  /** Names that must be there, besides iss, aud and exp. */
  readonly required: readonly string[];
  /** Seconds by which the clocks of issuer and service may differ. */
  readonly skew: number;
  /** Seconds from iat to exp at most; null when any is. */
  readonly longestLife: number | null;
}

/** Seconds of the year 5138. What is more was written in milliseconds, as clocks of JavaScript have them, and would hold for ever. */
const LATEST = 1e11;

const isTime = (value: unknown) =>
  value === undefined || (typeof value === 'number' && Math.abs(value) < LATEST);
const isText = (value: unknown) => value === undefined || typeof value === 'string';

function isAudience(value: unknown): value is string | readonly string[] {
  if (typeof value === 'string') return true;
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}

/** Types that are not as they must be: so that nobody compares a text with a number. */
function shapeFault(payload: JsonObject): RefusedToken | null {
  // Written out rather than looped over: so Node knows each member by its place.
  const { exp, nbf, iat, iss, sub, client_id, jti, scope } = payload;
  if (!isTime(exp) || !isTime(nbf) || !isTime(iat))
    return refuse('claim-malformed', 'exp, nbf or iat is no number of seconds');
  if (!isText(iss) || !isText(sub) || !isText(client_id) || !isText(jti) || !isText(scope))
    return refuse('claim-malformed', 'iss, sub, client_id, jti or scope is no text');
  if (iss === undefined) return refuse('claim-missing', 'iss is missing');
  if (exp === undefined) return refuse('claim-missing', 'exp is missing');
  if (payload.aud === undefined) return refuse('claim-missing', 'aud is missing');
  if (!isAudience(payload.aud)) return refuse('claim-malformed', 'aud is no text or list of texts');
  return null;
}

/** Most services have one name, which is compared quicker than it is looked up: a text that JSON made has no hash yet. */
function isForUs(aud: Claims['aud'], audiences: readonly string[]): boolean {
  return typeof aud === 'string' ? audiences.includes(aud) : aud.some((one) => audiences.includes(one));
}

/** Why a token with these times is none now, or null. */
function timeFault(
  { exp, nbf, iat }: Claims,
  { skew, longestLife }: ClaimRules,
  now: number,
): RefusedToken | null {
  if (now >= exp + skew) return refuse('expired', `exp has passed, ${skew} s of skew allowed`);
  if (nbf !== undefined && now < nbf - skew)
    return refuse('not-yet-valid', `nbf lies ahead, ${skew} s of skew allowed`);
  if (iat !== undefined && now < iat - skew)
    return refuse('not-yet-valid', `iat lies ahead, ${skew} s of skew allowed`);
  if (longestLife === null) return null;
  if (iat === undefined) return refuse('claim-missing', 'iat is missing, and longestLife is set');
  return exp - iat > longestLife
    ? refuse('lifetime-too-long', `exp is more than ${longestLife} s after iat`)
    : null;
}

/** Claims that hold, or why they do not. `now` in seconds since 1970. */
export function checkClaims(
  payload: JsonObject,
  rules: ClaimRules,
  now: number,
): { readonly ok: true; readonly claims: Claims } | RefusedToken {
  const shape = shapeFault(payload);
  if (shape !== null) return shape;
  const claims = payload as Claims;
  if (claims.iss !== rules.issuer) return refuse('issuer-wrong', `iss is not ${rules.issuer}`);
  if (!isForUs(claims.aud, rules.audiences))
    return refuse('audience-wrong', `aud does not name ${rules.audiences.join(' or ')}`);
  const time = timeFault(claims, rules, now);
  if (time !== null) return time;
  const { nonce, at_hash, c_hash, events } = payload;
  if (nonce !== undefined || at_hash !== undefined || c_hash !== undefined || events !== undefined)
    return refuse(
      'identity-token',
      'it has the marks of an identity or logout token, which is no access token',
    );
  for (const name of rules.required)
    if (payload[name] === undefined) return refuse('claim-missing', `${name} is missing`);
  return { ok: true, claims };
}
