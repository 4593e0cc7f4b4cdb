/**
 * Finds tokens that services accepted and their issuer never made: accepted tokens joined with the issuer's own log while both come in, in any order. Nothing
 * that a token says of itself is used, because a forger wrote it. Pure: times come in, in milliseconds since 1970.
 */
import { DigestSet, readDigest } from './digest-set.ts';

/** What an issuer says that it made from `from` to `to`: all of it. */
export interface IssuedTokens {
  readonly issuer: string;
  readonly from: number;
  readonly to: number;
  /** Milliseconds that the longest-lived of its tokens lives. */
  readonly longestLife: number;
  /** SHA-256 of what was signed, in base64url. */
  readonly tokens: readonly string[];
}

export interface AcceptedTokens {
  readonly service: string;
  readonly issuer: string;
  readonly from: number;
  readonly to: number;
  /** By the id of the key that verified them. */
  readonly tokens: Readonly<Record<string, readonly string[]>>;
  /** Accepted and not listed. */
  readonly dropped: number;
}

export interface JoinSettings {
  /** Digests of issued tokens that are remembered, of all issuers together; each takes about 32 bytes. */
  readonly mostIssued: number;
  /** Accepted tokens that wait for the issuer's word. */
  readonly mostWaiting: number;
  /** How much the clocks of an issuer and a service may differ, in milliseconds. */
  readonly skew: number;
  /** After so long without the issuer's word nobody can tell any more, in milliseconds. */
  readonly patience: number;
}

/** A token that the issuer, whose log of that time is whole, did not make. */
export interface ForgedToken {
  readonly issuer: string;
  readonly service: string;
  readonly key: string;
  readonly token: string;
  /** The service accepted it before this. */
  readonly acceptedBy: number;
  readonly foundAt: number;
}

/** Why nobody can say of an accepted token whether its issuer made it. */
export type Silence = 'issuer-silent' | 'log-incomplete' | 'too-many-waiting' | 'not-reported';

/** Counts of accepted tokens of one service and issuer. */
export interface JoinTally {
  readonly service: string;
  readonly issuer: string;
  readonly from: number;
  readonly to: number;
  readonly explained: number;
  readonly forged: number;
  readonly waiting: number;
  readonly cannotTell: Readonly<Record<Silence, number>>;
}

interface Span {
  from: number;
  to: number;
}

interface Bucket extends Span {
  readonly digests: DigestSet;
}

interface IssuerState {
  longestLife: number;
  /** Stretches of which all of its log is known, in order, apart from each other. */
  covered: Span[];
  buckets: Bucket[];
}

interface WaitingToken {
  readonly service: string;
  readonly issuer: string;
  readonly key: string;
  readonly token: string;
  readonly from: number;
  readonly to: number;
}

interface Counts extends Span {
  readonly service: string;
  readonly issuer: string;
  explained: number;
  forged: number;
  waiting: number;
  readonly cannotTell: Record<Silence, number>;
}

/** Buckets in the life of a token: so much of it is remembered longer than needed. */
const BUCKETS_IN_LIFE = 8;

/** `spans` with one more, those that touch made one. */
function cover(spans: readonly Span[], added: Span): Span[] {
  const apart = spans.filter(({ from, to }) => to < added.from || from > added.to);
  const touching = spans.filter(({ from, to }) => !(to < added.from || from > added.to));
  const whole = {
    from: Math.min(added.from, ...touching.map(({ from }) => from)),
    to: Math.max(added.to, ...touching.map(({ to }) => to)),
  };
  return [...apart, whole].toSorted((one, other) => one.from - other.from);
}

export interface IssuanceJoin {
  readonly issued: (report: IssuedTokens) => void;
  /** Returns how many texts of the report are no digests; they count as not reported. */
  readonly accepted: (report: AcceptedTokens) => number;
  /** Forged tokens that were found since the last call. Call it after every report, and every second in any case. */
  readonly advance: (now: number) => readonly ForgedToken[];
  /** Counts since the last call; what still waits is counted again in the next. */
  readonly take: () => readonly JoinTally[];
  /** Bytes of the tables, for who watches over memory. */
  readonly bytes: () => number;
}

export function createIssuanceJoin(settings: JoinSettings): IssuanceJoin {
  const { mostIssued, mostWaiting, skew, patience } = settings;
  const issuers = new Map<string, IssuerState>();
  const counts = new Map<string, Counts>();
  let waiting: WaitingToken[] = [];
  let remembered = 0;
  let hasNews = false;
  const words = new Uint32Array(4);

  function stateOf(issuer: string): IssuerState {
    const known = issuers.get(issuer);
    if (known !== undefined) return known;
    const state: IssuerState = { longestLife: 0, covered: [], buckets: [] };
    issuers.set(issuer, state);
    return state;
  }

  function countsOf({ service, issuer, from, to }: AcceptedTokens | WaitingToken): Counts {
    const name = JSON.stringify([service, issuer]);
    const known = counts.get(name);
    if (known !== undefined) {
      known.from = Math.min(known.from, from);
      known.to = Math.max(known.to, to);
      return known;
    }
    const cannotTell = { 'issuer-silent': 0, 'log-incomplete': 0, 'too-many-waiting': 0, 'not-reported': 0 };
    const made: Counts = { service, issuer, from, to, explained: 0, forged: 0, waiting: 0, cannotTell };
    counts.set(name, made);
    return made;
  }

  function forget(state: IssuerState): void {
    const [oldest] = state.buckets;
    if (oldest === undefined) return;
    state.buckets = state.buckets.slice(1);
    remembered -= oldest.digests.size;
    const from = oldest.to;
    state.covered = state.covered
      .filter(({ to }) => to > from)
      .map((span) => ({ from: Math.max(span.from, from), to: span.to }));
  }

  function bucketFor(state: IssuerState, { from, to }: IssuedTokens): Bucket {
    const span = Math.max(1, state.longestLife / BUCKETS_IN_LIFE);
    const newest = state.buckets.at(-1);
    if (newest !== undefined && to - newest.from <= span) {
      newest.to = Math.max(newest.to, to);
      newest.from = Math.min(newest.from, from);
      return newest;
    }
    const made = { from, to, digests: new DigestSet() };
    state.buckets = [...state.buckets, made].toSorted((one, other) => one.to - other.to);
    return made;
  }

  const isIssued = ({ buckets }: IssuerState, token: string) =>
    readDigest(token, words) && buckets.some(({ digests }) => digests.has(words));

  /** Whether the issuer's log is known for as long as a token can have lived that was accepted then. */
  function isCovered(state: IssuerState, { from, to }: Span): boolean {
    const first = from - state.longestLife - skew;
    // What was made in the very last millisecond may still be missing, and of a report that was forgotten the first is.
    return state.covered.some((span) => span.from < first && span.to > to + skew);
  }

  function silenceOf(state: IssuerState | undefined, { to }: Span): Silence {
    const through = state?.covered.at(-1)?.to ?? Number.NEGATIVE_INFINITY;
    return through <= to + skew ? 'issuer-silent' : 'log-incomplete';
  }

  function review(token: WaitingToken, now: number, found: ForgedToken[]): boolean {
    const { issuer, service, key, to } = token;
    const state = issuers.get(issuer);
    if (state !== undefined && isIssued(state, token.token)) {
      countsOf(token).explained++;
      return false;
    }
    if (state !== undefined && isCovered(state, token)) {
      countsOf(token).forged++;
      found.push({ issuer, service, key, token: token.token, acceptedBy: to, foundAt: now });
      return false;
    }
    if (now - to <= patience) return true;
    countsOf(token).cannotTell[silenceOf(state, token)]++;
    return false;
  }

  return {
    issued(report) {
      const state = stateOf(report.issuer);
      state.longestLife = Math.max(state.longestLife, report.longestLife);
      const bucket = bucketFor(state, report);
      for (const token of report.tokens)
        if (readDigest(token, words) && bucket.digests.add(words)) remembered++;
      state.covered = cover(state.covered, { from: report.from, to: report.to });
      const through = state.covered.at(-1)?.to ?? report.to;
      // Nothing that waits or will come can be as old as this.
      const needed = through - state.longestLife - 2 * skew - patience;
      while (state.buckets.length > 1 && (state.buckets[0]?.to ?? needed) < needed) forget(state);
      while (remembered > mostIssued && state.buckets.length > 0) forget(state);
      hasNews = true;
    },
    accepted(report) {
      const own = countsOf(report);
      const { service, issuer, from, to } = report;
      own.cannotTell['not-reported'] += report.dropped;
      let strange = 0;
      const state = issuers.get(issuer);
      for (const [key, tokens] of Object.entries(report.tokens))
        for (const token of tokens) {
          if (!readDigest(token, words)) strange++;
          else if (state?.buckets.some(({ digests }) => digests.has(words))) own.explained++;
          else if (waiting.length >= mostWaiting) own.cannotTell['too-many-waiting']++;
          else waiting.push({ service, issuer, key, token, from, to });
        }
      own.cannotTell['not-reported'] += strange;
      hasNews = true;
      return strange;
    },
    advance(now) {
      const [oldest] = waiting;
      if (oldest === undefined || !(hasNews || now - oldest.to > patience)) return [];
      hasNews = false;
      const found: ForgedToken[] = [];
      waiting = waiting.filter((token) => review(token, now, found));
      return found;
    },
    take() {
      for (const token of waiting) countsOf(token).waiting++;
      const taken = [...counts.values()].map((own): JoinTally => ({ ...own }));
      counts.clear();
      return taken;
    },
    bytes: () =>
      [...issuers.values()]
        .flatMap(({ buckets }) => buckets)
        .reduce((sum, { digests }) => sum + digests.bytes, 0),
  };
}
