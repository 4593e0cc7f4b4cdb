/** Opaque tokens: the issuer is asked about each (RFC 7662). No answer is remembered, so that revoking one works at once. */
import { type AdoptionReport, createCounters } from './adoption.ts';
import type { Algorithm } from './algorithms.ts';
import { type BindingRules, checkBinding, type Presented } from './binding.ts';
import { type ClaimRules, checkClaims } from './claims.ts';
import { ConfigurationError, type RefusedToken, refuse, requireKnown } from './refusal.ts';
import { fetchJson, secureUrl, wordsOf } from './remote.ts';
import { type ReplayStore, replayMemory } from './replay.ts';
import type { AcceptedToken, TokenValidator } from './validator.ts';

export interface IntrospectionOptions {
  /** The issuer's introspection endpoint. */
  readonly endpoint: string;
  /** Its issuer, held against `iss` of the answer where that has one. */
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
  /** Asked for at each question, so that it can be changed without a restart. */
  readonly clientSecret: () => string | Promise<string>;
  readonly service: string;
  /** Seconds that clocks may differ: 0 to 300, 30 by default. */
  readonly skew?: number;
  readonly proofAlgorithms?: readonly Algorithm[];
  readonly replay?: ReplayStore;
  readonly fetch?: typeof fetch;
  readonly clock?: () => number;
}

const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');

/** Throws ConfigurationError for a setting that is missing or out of its bounds. */
export function createIntrospector(options: IntrospectionOptions): TokenValidator {
  requireKnown(
    options,
    'endpoint issuer audience clientId clientSecret service skew proofAlgorithms replay fetch clock',
  );
  if (typeof options.clientSecret !== 'function')
    throw new ConfigurationError('clientSecret: give a function that returns it');
  const endpoint = secureUrl('endpoint', options.endpoint).href;
  const { issuer, audience, clientId, service, skew = 30, clock = Date.now } = options;
  for (const [name, value] of Object.entries({ issuer, audience, clientId, service }))
    if (typeof value !== 'string' || value === '') throw new ConfigurationError(`${name}: is missing`);
  if (!(skew >= 0 && skew <= 300)) throw new ConfigurationError(`skew: ${skew} is not of 0 to 300`);
  const rules: ClaimRules = {
    issuer,
    audiences: [audience],
    required: [],
    skew,
    longestLife: null,
  };
  const bindingRules: BindingRules = {
    algorithms: options.proofAlgorithms ?? ['ES256', 'EdDSA'],
    proofAge: 60,
    skew,
    replay: options.replay ?? replayMemory(),
  };
  const counters = createCounters(service, issuer, clock());

  async function ask(token: string) {
    const secret = await options.clientSecret();
    // The parts are form-encoded before they are joined (RFC 6749 §2.3.1), so that an id may hold a colon.
    const credentials = Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64');
    return fetchJson(endpoint, {
      fetch: options.fetch ?? fetch,
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
    });
  }

  async function decide(token: string, presented: Presented): Promise<AcceptedToken | RefusedToken> {
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(token))
      return refuse('malformed', 'the token is not of 1 to 8192 visible characters');
    let answer: Record<string, unknown>;
    try {
      answer = (await ask(token)).body;
    } catch (error) {
      return refuse('introspection-unavailable', `the issuer could not be asked: ${wordsOf(error)}`);
    }
    // `active` is a boolean; "false" and 1 are no yes.
    if (answer.active !== true) return refuse('inactive', 'the issuer says that it is not active');
    const nowMs = clock();
    const checked = checkClaims({ iss: issuer, ...answer }, rules, nowMs / 1000);
    if (!checked.ok) return checked;
    const bound = await checkBinding(checked.claims, { token, presented, nowMs }, bindingRules);
    return bound.ok ? { ok: true, claims: checked.claims, binding: bound.binding } : bound;
  }

  return {
    async validate(token, presented = {}) {
      const result = await decide(token, presented);
      if (result.ok) counters.accept('introspection', undefined);
      else counters.refuse(result.reason);
      return result;
    },
    takeReport: (): AdoptionReport => counters.take(clock()),
    // The issuer vouched for each of them itself.
    takeAccepted: () => null,
  };
}
