/** The keys of one issuer, by id: fixed ones, or those that it publishes, asked for seldom enough and often enough. */
import { type Algorithm, isAlgorithm } from './algorithms.ts';
import { importKey, type Jwk, type VerificationKey } from './key.ts';
import { ConfigurationError, requireKnown } from './refusal.ts';
import { type FetchJson, fetchJson, isThisMachine, secureUrl, wordsOf } from './remote.ts';

export interface KeySource {
  /** The key of that id for that algorithm: `unknown` when the issuer has none, `unavailable` when nobody can say now. No input or output. */
  readonly find: (
    id: string | undefined,
    algorithm: Algorithm,
    nowMs: number,
  ) => VerificationKey | 'unknown' | 'unavailable';
  /** Asks the issuer again where that may change what `find` answers; resolves in any case. */
  readonly refresh: (nowMs: number) => Promise<void>;
  /** From now on no token of this key is accepted by this process, whatever the issuer publishes. */
  readonly revoke: (id: string) => void;
  /** What of the last key set is not used, and why, a line each; for the log of the service. */
  readonly problems: () => readonly string[];
}

const MOST_KEYS = 100;

/** By algorithm, then by id; the id of a key without one is ''. Joining both to one name would make a text for every token. */
type KeysByName = ReadonlyMap<Algorithm, ReadonlyMap<string, VerificationKey>>;

interface ReadKeys {
  readonly keys: KeysByName;
  readonly problems: readonly string[];
}

const findIn = (keys: KeysByName, algorithm: Algorithm, id: string | undefined) =>
  keys.get(algorithm)?.get(id ?? '') ?? 'unknown';

/** Algorithms that a JWK may be for: its own, else all that are of its type and curve. */
function candidates(jwk: Jwk, algorithms: readonly Algorithm[]): readonly Algorithm[] {
  return algorithms.filter((algorithm) => importKey(jwk, algorithm).ok);
}

/** Keys that are none for these algorithms are left out and said; so are two keys of one id, because one of them is somebody else's. */
export function readKeySet(jwks: readonly unknown[], algorithms: readonly Algorithm[]): ReadKeys {
  const keys = new Map(algorithms.map((algorithm) => [algorithm, new Map<string, VerificationKey>()]));
  const problems: string[] = [];
  const twice = new Map<string, () => void>();
  if (jwks.length > MOST_KEYS) problems.push(`of ${jwks.length} keys only the first ${MOST_KEYS} are used`);
  for (const [index, value] of jwks.slice(0, MOST_KEYS).entries()) {
    if (value === null || typeof value !== 'object') {
      problems.push(`key ${index + 1}: it is no JWK, which is an object with kty`);
      continue;
    }
    const jwk = value as Jwk;
    const fitting = candidates(jwk, algorithms);
    if (fitting.length === 0) problems.push(`key ${index + 1}: ${whyNot(jwk, algorithms)}`);
    for (const algorithm of fitting) {
      const imported = importKey(jwk, algorithm);
      if (!imported.ok) continue;
      const { id = '' } = imported.key;
      const own = keys.get(algorithm);
      if (own?.has(id)) twice.set(`${algorithm} ${id}`, () => void own.delete(id));
      own?.set(id, imported.key);
    }
  }
  for (const [name, leaveOut] of twice) {
    leaveOut();
    problems.push(`two keys for ${name}: neither is used`);
  }
  return { keys, problems };
}

function whyNot(jwk: Jwk, algorithms: readonly Algorithm[]): string {
  const whys = algorithms.map((algorithm) => {
    const imported = importKey(jwk, algorithm);
    return imported.ok ? '' : imported.why;
  });
  return [...new Set(whys)].join('; ');
}

function requireAlgorithms(algorithms: readonly Algorithm[]): void {
  if (!Array.isArray(algorithms) || algorithms.length === 0)
    throw new ConfigurationError('algorithms: name at least one, such as ES256');
  for (const algorithm of algorithms)
    if (!isAlgorithm(algorithm))
      throw new ConfigurationError(`algorithms: ${algorithm} is not one that an access token may have`);
}

/** Keys that the service carries with it. Throws ConfigurationError where one cannot be used. */
export function fixedKeys(jwks: readonly Jwk[], algorithms: readonly Algorithm[]): KeySource {
  requireAlgorithms(algorithms);
  if (!Array.isArray(jwks))
    throw new ConfigurationError('keys: give a list of JWKs; of a key set its `keys`');
  const { keys, problems } = readKeySet(jwks, algorithms);
  if (problems.length > 0 || jwks.length === 0)
    throw new ConfigurationError(`keys: ${problems.join('. ') || 'there is none'}`);
  const revoked = new Set<string>();
  return {
    find: (id, algorithm) => (revoked.has(id ?? '') ? 'unknown' : findIn(keys, algorithm, id)),
    refresh: async () => {},
    revoke: (id) => void revoked.add(id),
    problems: () => [],
  };
}

export interface PublishedKeysOptions {
  /** The issuer, whose metadata names its key set (OpenID Connect Discovery, RFC 8414). Give this or `url`. */
  readonly issuer?: string;
  /** Address of the key set itself. */
  readonly url?: string;
  readonly algorithms: readonly Algorithm[];
  /** Seconds after which a key that left the set is refused at the latest: 30 to 3600, 300 by default. A shorter `max-age` of the issuer's answer wins. */
  readonly revokedWithin?: number;
  /** Seconds that the last known keys are used on while the issuer does not answer: 0 to 86400, 3600 by default. */
  readonly outageTolerance?: number;
  /** Seconds between two questions that unknown ids or failures may cause: 1 to 300, 10 by default. */
  readonly cooldown?: number;
  /** Instead of Node's own `fetch`, for a proxy. */
  readonly fetch?: typeof fetch;
}

const SECOND = 1000;

function requireSeconds(name: string, value: number, least: number, most: number): number {
  if (!(Number.isFinite(value) && value >= least && value <= most))
    throw new ConfigurationError(`${name}: ${value} is not of ${least} to ${most} seconds`);
  return value * SECOND;
}

/**
 * Where the key set stands: as given, else as the issuer's metadata says, which must be that issuer's. Only an issuer on this machine has its keys there: of one
 * elsewhere it would be anybody's keys who can listen here.
 */
async function locate(
  { issuer = '', url }: Pick<PublishedKeysOptions, 'issuer' | 'url'>,
  get: FetchJson,
): Promise<string> {
  if (url !== undefined) return url;
  const { body } = await get(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (body.issuer !== issuer) throw new TypeError('the metadata is of another issuer');
  const named = secureUrl('jwks_uri', String(body.jwks_uri));
  if (isThisMachine(named) && !isThisMachine(new URL(issuer)))
    throw new TypeError(`jwks_uri: ${named.href} is on this machine, and the issuer is not`);
  return named.href;
}

/**
 * The keys that an issuer publishes. They are asked for at their first use, anew before `revokedWithin` is over, and when a token names an id that is not
 * among them, then at most once in `cooldown`. Nothing in a token decides where they are looked for.
 */
export function publishedKeys(options: PublishedKeysOptions): KeySource {
  requireKnown(options, 'issuer url algorithms revokedWithin outageTolerance cooldown fetch');
  const { algorithms } = options;
  requireAlgorithms(algorithms);
  if ((options.issuer === undefined) === (options.url === undefined))
    throw new ConfigurationError('keys: give either issuer or url');
  secureUrl('keys', options.url ?? options.issuer ?? '');
  const revokedWithin = requireSeconds('revokedWithin', options.revokedWithin ?? 300, 30, 3600);
  const outageTolerance = requireSeconds('outageTolerance', options.outageTolerance ?? 3600, 0, 86_400);
  const cooldown = requireSeconds('cooldown', options.cooldown ?? 10, 1, 300);
  const get: FetchJson = (url) => fetchJson(url, { fetch: options.fetch ?? fetch });
  const revoked = new Set<string>();
  let keys: KeysByName | null = null;
  let problems: readonly string[] = [];
  let askedAt = Number.NEGATIVE_INFINITY;
  let knownAt = Number.NEGATIVE_INFINITY;
  let freshFor = 0;
  let running: Promise<void> | null = null;

  // A clock that was set back makes an age negative; then nobody knows how old the keys are.
  const within = (since: number, span: number, nowMs: number) => nowMs >= since && nowMs - since < span;

  async function ask(nowMs: number): Promise<void> {
    askedAt = nowMs;
    try {
      const { body, maxAge } = await get(await locate(options, get));
      if (!Array.isArray(body.keys)) throw new TypeError('the answer is no key set');
      ({ keys, problems } = readKeySet(body.keys, algorithms));
      knownAt = nowMs;
      freshFor = Math.min(revokedWithin, Math.max((maxAge ?? Number.POSITIVE_INFINITY) * SECOND, cooldown));
    } catch (error) {
      problems = [`the keys could not be asked for: ${wordsOf(error)}`];
    }
  }

  return {
    find(id, algorithm, nowMs) {
      if (revoked.has(id ?? '')) return 'unknown';
      const isFresh = within(knownAt, freshFor, nowMs);
      // While the issuer was just asked in vain, what was last known holds for as long as the service chose.
      const isTolerated =
        askedAt > knownAt &&
        within(askedAt, cooldown, nowMs) &&
        within(knownAt, freshFor + outageTolerance, nowMs);
      if (keys === null || !(isFresh || isTolerated)) return 'unavailable';
      return findIn(keys, algorithm, id);
    },
    async refresh(nowMs) {
      if (running === null && within(askedAt, cooldown, nowMs)) return;
      running ??= ask(nowMs).finally(() => {
        running = null;
      });
      await running;
    },
    revoke: (id) => void revoked.add(id),
    problems: () => problems,
  };
}
