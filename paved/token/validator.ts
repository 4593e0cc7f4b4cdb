/** Decides whether an access token is one, for this service, now. */
import { type AcceptedReport, createAcceptedLog } from './accepted.ts';
import { type AdoptionReport, createCounters } from './adoption.ts';
import { type Algorithm, isAlgorithm } from './algorithms.ts';
import {
  type Binding,
  type BindingRules,
  checkBinding,
  type Presented,
  type TokenUse,
  useOnce,
} from './binding.ts';
import { type ClaimRules, type Claims, checkClaims } from './claims.ts';
import { checkSignature, type JwsHeader, type JwsParts, JwsReader, readPayload, signedOf } from './jws.ts';
import type { VerificationKey } from './key.ts';
import type { KeySource } from './key-set.ts';
import { ConfigurationError, type RefusedToken, refuse, requireKnown, requireMethods } from './refusal.ts';
import { type ReplayStore, replayMemory } from './replay.ts';

export interface ValidatorOptions {
  /** `iss` of the tokens, to the letter. */
  readonly issuer: string;
  /** What this service is called in `aud`; several where it has several names. */
  readonly audience: string | readonly string[];
  /** How tokens may be signed. What a token says of itself only has to agree. */
  readonly algorithms: readonly Algorithm[];
  readonly keys: KeySource;
  /** What this service calls itself in reports of its own use. */
  readonly service: string;
  /** `typ` of the tokens: `at+jwt` (RFC 9068) by default. Name `JWT` for an issuer that has not come so far; identity tokens are refused then too. */
  readonly type?: 'at+jwt' | 'JWT';
  /** Seconds that clocks may differ: 0 to 300, 30 by default. */
  readonly skew?: number;
  /** Seconds from `iat` to `exp` at most; any by default. */
  readonly longestLife?: number;
  /** Claims that must be there besides iss, aud and exp. */
  readonly requiredClaims?: readonly string[];
  /** Characters of a token at most: 256 to 65536, 8192 by default. */
  readonly longestToken?: number;
  /** `as-issued` (default): a token that is bound needs its key. `required`: one that is not bound is refused. */
  readonly binding?: 'as-issued' | 'required';
  /** Algorithms of DPoP proofs; ES256 and EdDSA by default. */
  readonly proofAlgorithms?: readonly Algorithm[];
  /** Seconds that a DPoP proof may be old: 1 to 600, 60 by default. */
  readonly proofAge?: number;
  /** Accept each token once, by its jti; for tokens of one request. */
  readonly once?: boolean;
  /** Remembers proofs, and tokens where `once` is set; in memory by default. */
  readonly replay?: ReplayStore;
  /** Remember the digest of each accepted token for `takeAccepted`, so that it can be looked up at the issuer. */
  readonly lookUp?: boolean;
  /** Milliseconds since 1970; the machine's clock by default. */
  readonly clock?: () => number;
}

export interface AcceptedToken {
  readonly ok: true;
  readonly claims: Claims;
  readonly binding: Binding;
}

export interface TokenValidator {
  /** Never throws and never rejects on what a token or a proof holds. Claims can be had after `ok` was looked at only. */
  readonly validate: (token: string, presented?: Presented) => Promise<AcceptedToken | RefusedToken>;
  /** What was validated since the last call; send it on every minute or so. */
  readonly takeReport: () => AdoptionReport;
  /** Which tokens were accepted since the last call; send it on every second. Null unless `lookUp` is set. */
  readonly takeAccepted: () => AcceptedReport | null;
}

const NOTHING: Presented = {};

const KNOWN =
  'issuer audience algorithms keys service type skew longestLife requiredClaims longestToken binding proofAlgorithms ' +
  'proofAge once replay lookUp clock';

function requireRange(name: string, value: number, least: number, most: number): number {
  if (!(Number.isFinite(value) && value >= least && value <= most))
    throw new ConfigurationError(`${name}: ${value} is not of ${least} to ${most}`);
  return value;
}

function requireText(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new ConfigurationError(`${name}: is missing`);
  return value;
}

function requireTexts(name: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new ConfigurationError(`${name}: is no list of texts`);
  return value.map((one) => requireText(name, one));
}

function requireAlgorithms(name: string, algorithms: readonly Algorithm[]): readonly Algorithm[] {
  if (!Array.isArray(algorithms) || algorithms.length === 0)
    throw new ConfigurationError(`${name}: name at least one, such as ES256`);
  for (const algorithm of algorithms)
    if (!isAlgorithm(algorithm))
      throw new ConfigurationError(`${name}: ${algorithm} is not one that may be used; ES256 is`);
  return [...algorithms];
}

function requireChoice<T extends string>(name: string, value: T, among: readonly T[]): T {
  if (!among.includes(value)) throw new ConfigurationError(`${name}: ${value} is not ${among.join(' or ')}`);
  return value;
}

function claimRules(options: ValidatorOptions): ClaimRules {
  const { audience } = options;
  const audiences = requireTexts('audience', typeof audience === 'string' ? [audience] : audience);
  if (audiences.length === 0) throw new ConfigurationError('audience: is missing');
  const required = requireTexts('requiredClaims', options.requiredClaims ?? []);
  return {
    issuer: requireText('issuer', options.issuer),
    audiences,
    required: options.once ? [...required, 'jti'] : required,
    skew: requireRange('skew', options.skew ?? 30, 0, 300),
    longestLife:
      options.longestLife === undefined
        ? null
        : requireRange('longestLife', options.longestLife, 1, 31_536_000),
  };
}

/** `at+jwt` and `application/at+jwt` are one type (RFC 7515 §4.1.9); a token of `JWT` may leave it out. */
function isType(typ: string | undefined, type: 'at+jwt' | 'JWT'): boolean {
  if (typ === undefined) return type === 'JWT';
  if (typ === type) return true;
  const short = typ.toLowerCase().replace(/^application\//, '');
  return short === 'at+jwt' || (type === 'JWT' && short === 'jwt');
}

/** Throws ConfigurationError for a setting that is missing, unknown or out of its bounds. */
export function createValidator(options: ValidatorOptions): TokenValidator {
  requireKnown(options, KNOWN);
  const algorithms = new Set<string>(requireAlgorithms('algorithms', options.algorithms));
  const rules = claimRules(options);
  const type = requireChoice('type', options.type ?? 'at+jwt', ['at+jwt', 'JWT']);
  const bindingMode = requireChoice('binding', options.binding ?? 'as-issued', ['as-issued', 'required']);
  const { keys, once = false, replay = replayMemory(), clock = Date.now } = options;
  requireMethods('keys', keys, 'find refresh revoke problems', 'give publishedKeys(…) or fixedKeys(…)');
  requireMethods('replay', replay, 'use', 'give replayMemory() or what has its `use`');
  if (typeof clock !== 'function') throw new ConfigurationError('clock: is no function of milliseconds');
  const bindingRules: BindingRules = {
    algorithms: requireAlgorithms('proofAlgorithms', options.proofAlgorithms ?? ['ES256', 'EdDSA']),
    proofAge: requireRange('proofAge', options.proofAge ?? 60, 1, 600),
    skew: rules.skew,
    replay,
  };
  const reader = new JwsReader(
    requireRange('longestToken', options.longestToken ?? 8192, 256, 65_536),
    ({ alg, typ }: JwsHeader) => {
      if (!algorithms.has(alg))
        return refuse('algorithm-not-allowed', `alg is not ${[...algorithms].join(' or ')}`);
      return isType(typ, type) ? null : refuse('type-not-allowed', `typ is not ${type}`);
    },
  );
  const counters = createCounters(requireText('service', options.service), rules.issuer, clock());

  const accepted = options.lookUp ? createAcceptedLog(options.service, rules.issuer, clock()) : null;

  function findKey({ read: { header } }: JwsParts, nowMs: number): VerificationKey | RefusedToken {
    const found = keys.find(header.kid, header.alg as Algorithm, nowMs);
    if (found === 'unknown')
      return refuse('key-unknown', 'the issuer has no key of that id for that algorithm');
    return found === 'unavailable' ? refuse('keys-unavailable', keys.problems().join('. ')) : found;
  }

  function checkSigned(parts: JwsParts, key: VerificationKey, nowMs: number) {
    const wrong = checkSignature(parts, key);
    if (wrong !== null) return wrong;
    reader.remember(parts);
    const payload = readPayload(parts);
    return payload.ok ? checkClaims(payload.members, rules, nowMs / 1000) : payload;
  }

  async function checkUse(claims: Claims, use: TokenUse) {
    const bound = await checkBinding(claims, use, bindingRules);
    if (!bound.ok) return bound;
    if (bindingMode === 'required' && bound.binding === 'none')
      return refuse('binding-missing', 'it is bound to no key, and only bound tokens are accepted');
    if (!once) return bound;
    const until = (claims.exp + rules.skew) * 1000;
    return (await useOnce(replay, `token ${claims.iss} ${claims.jti}`, until, use.nowMs)) ?? bound;
  }

  function count(result: AcceptedToken | RefusedToken, parts: JwsParts | RefusedToken) {
    if (!result.ok) counters.refuse(result.reason);
    else if (parts.ok) {
      const { alg, kid } = parts.read.header;
      counters.accept(alg, kid);
      accepted?.add(signedOf(parts), kid);
    }
    return result;
  }

  /** All that needs no waiting: most tokens are bearer tokens by a known key, and a promise costs as much as reading their claims. */
  function decide(
    parts: JwsParts,
    key: VerificationKey,
    use: TokenUse,
  ): AcceptedToken | RefusedToken | Promise<AcceptedToken | RefusedToken> {
    const signed = checkSigned(parts, key, use.nowMs);
    if (!signed.ok) return signed;
    const { claims } = signed;
    const isPlain = claims.cnf === undefined && use.presented.scheme !== 'DPoP';
    if (isPlain && !once && bindingMode === 'as-issued') return { ok: true, claims, binding: 'none' };
    return checkUse(claims, use).then((used) =>
      used.ok ? { ok: true, claims, binding: used.binding } : used,
    );
  }

  /** A key that is not known may be one that the issuer has since. */
  async function askAgain(parts: JwsParts, use: TokenUse) {
    await keys.refresh(use.nowMs);
    const key = findKey(parts, use.nowMs);
    return 'reason' in key ? key : decide(parts, key, use);
  }

  return {
    // Not `async`, which would make everybody wait as the few do that something has to be asked for.
    validate(token, presented = NOTHING) {
      const nowMs = clock();
      const parts = reader.read(token);
      if (!parts.ok) return Promise.resolve(count(parts, parts));
      const key = findKey(parts, nowMs);
      const use = { token, presented, nowMs };
      const result = 'reason' in key ? askAgain(parts, use) : decide(parts, key, use);
      return result instanceof Promise
        ? result.then((later) => count(later, parts))
        : Promise.resolve(count(result, parts));
    },
    takeReport: () => counters.take(clock()),
    takeAccepted: () => accepted?.take(clock()) ?? null,
  };
}
