/**
 * A review: what leaders saw and decided at one moment, frozen. It carries the facts, definitions and earlier figures that it
 * rests on, so that whoever has its file derives every figure again without the store it came from. Pure.
 */
import type { Asset } from '../facts/asset.ts';
import { type Enumerated, ofExisting } from '../facts/enumeration.ts';
import type { Cause, Collection, Value } from '../facts/observation.ts';
import type { Unnamed } from '../facts/population.ts';
import type { Kind } from '../kinds/kind.ts';
import type { AttendedSeat } from '../org/council.ts';
import { type CompiledStandard, compileStandard } from '../verdicts/compiled-standard.ts';
import { definitionDigest } from '../verdicts/definition.ts';
import type { Exception } from '../verdicts/exception.ts';
import type { Standard } from '../verdicts/standard.ts';
import type { AccountEntry, Figures } from './accounting.ts';
import type { AgendaItem } from './agenda.ts';
import type { ObservedStep } from './forecast.ts';
import { type CohortMember, cohortTally, type Measured } from './measure.ts';
import type { MissReason } from './missed.ts';
import { type Picture, picture } from './picture.ts';
import type { ScanStandard } from './scan.ts';
import type { Tally } from './share.ts';
import { progressOf, type StandardForecast, type StandardProgress } from './standard-progress.ts';
import type { OwnCommitments } from './target.ts';

/** What a review says of itself. Times are RFC 3339. */
export interface ReviewHead {
  readonly format: 'macadam.review/1';
  /** Counts from 1. */
  readonly number: number;
  readonly title: string;
  /** Release of the product that computed it. */
  readonly engine: string;
  /** The moment that its figures are of, and the sealed batch of facts that was known then. */
  readonly at: string;
  readonly known: number;
  readonly frozenAt: string;
  readonly frozenBy: string;
  /** Digest over the words of the catalogue. */
  readonly catalogue: string;
  /** Digest of what is part of every definition: places, central exclusions. */
  readonly shared: string;
  readonly previous: ReviewReference | null;
  /** Whether all of it is made up. */
  readonly simulated: boolean;
  /** Whether the history keeps how whole containers were listed: that of a simulated company does not. */
  readonly listings: boolean;
}

/** An earlier review: `digest` is its seal's. */
export interface ReviewReference {
  readonly number: number;
  readonly digest: string;
  readonly at: string;
}

export interface ReviewAction {
  /** `3.1`: the first that review 3 agreed on; it keeps this in the reviews after it. */
  readonly id: string;
  readonly what: string;
  readonly owner: string;
  /** A day. */
  readonly due: string;
  /** What became of it by this review; what is not open stands in no later one. */
  readonly state: 'open' | 'done' | 'dropped';
}

export interface ReviewDecision {
  readonly question: string;
  /** What was decided; null: it was asked and is open. */
  readonly decided: string | null;
  readonly by: string | null;
}

/** What was said and agreed; nothing of it is derived. */
export interface ReviewMinutes {
  readonly attendance: readonly { readonly person: string; readonly present: boolean }[];
  readonly decisions: readonly ReviewDecision[];
  readonly actions: readonly ReviewAction[];
  /** Exceptions that waited for somebody's decision, and those that were approved since the last review. */
  readonly exceptions: {
    readonly asked: readonly { readonly id: string; readonly standard: string; readonly until: string }[];
    readonly approved: readonly { readonly id: string; readonly standard: string; readonly until: string }[];
  };
  /** Who is accountable for what, and whether they were there. Left out by releases of before. */
  readonly council?: readonly AttendedSeat[];
  /** Targets whose day passed, with the reason that was given since the last review. Left out by releases of before. */
  readonly misses?: readonly {
    readonly standard: string;
    readonly due: string;
    readonly reason: MissReason;
    readonly note: string | null;
    readonly saidBy: string;
  }[];
  /** What it was about when it was frozen. Left out by releases of before. */
  readonly agenda?: readonly AgendaItem[];
  /** Which program it is of, and the unit that the program is of; null: a person froze it by a title of their own. */
  readonly program?: { readonly title: string; readonly unit: string | null } | null;
}

/** Counts of one team. */
export type TeamCounts = Omit<Tally, 'notApplicable'>;

/** Every figure of one standard in a review. */
export interface ReviewFigure
  extends Omit<ScanStandard, 'id' | 'scope' | 'notApplicable' | 'places' | 'outOfReach'> {
  readonly standard: string;
  /** How many of the unknown were counted and never named. */
  readonly unnamed: number;
  readonly forecast: ReviewForecast | null;
  readonly teams: Readonly<Record<string, TeamCounts>>;
  /** What changed since the previous review; null in the first. */
  readonly since: TeamCounts | null;
}

export interface ReviewForecast {
  readonly weeks: number;
  readonly outcome: StandardForecast['outcome']['kind'];
  /** Days. */
  readonly likely: string | null;
  readonly cautious: string | null;
  readonly chance: number | null;
  readonly why: string | null;
  readonly atRisk: boolean | null;
}

/** Why figures moved since the previous review: one cell of the account, with its assets. */
export interface ReviewCell extends Pick<AccountEntry, 'cell' | 'step' | 'state' | 'standard'> {
  readonly count: number;
  /** How many of them were never named, so that no list has them. */
  readonly unnamed: number;
  /** How many were taken back by what was learned late. */
  readonly takenBack: number;
}

/** The assets behind all cells of one name and step. */
export interface ReviewCellAssets extends Pick<AccountEntry, 'cell' | 'step' | 'standard'> {
  readonly assets: readonly string[];
}

export interface UnnamedCount {
  readonly standard: string;
  readonly kind: string;
  readonly cause: Cause;
  readonly count: number;
}

/** What a review rests on. */
export interface ReviewFacts {
  readonly kinds: readonly Kind[];
  readonly standards: readonly {
    readonly standard: Standard;
    readonly params: Readonly<Record<string, Value>>;
  }[];
  readonly commitments: OwnCommitments;
  readonly exceptions: readonly Exception[];
  readonly collections: readonly Collection[];
  readonly enumerated: readonly Enumerated[];
  readonly unnamed: readonly UnnamedCount[];
  readonly assets: readonly Asset[];
  /** Asset → its team. */
  readonly teams: ReadonlyMap<string, string>;
  /** Team → its division. */
  readonly divisions: ReadonlyMap<string, string>;
  /** Standard → what each week before did to it, oldest first. */
  readonly weeks: ReadonlyMap<string, readonly ObservedStep[]>;
  /** Figures of the previous review, by standard. */
  readonly before: ReadonlyMap<string, TeamCounts>;
  /** Of eliminations: whoever was failing, or unknown, on their day. */
  readonly cohorts: readonly ReviewCohortMember[];
  readonly cells: readonly ReviewCell[];
  readonly cellAssets: readonly ReviewCellAssets[];
  /** The newest manifest of each source: what came, by its digest. */
  readonly payloads: readonly ReviewPayload[];
}

/** `stands` is where it stood in the history; the verdict of what exists is derived again. */
export interface ReviewCohortMember extends CohortMember {
  readonly standard: string;
  readonly asset: string;
}

export interface ReviewPayload {
  readonly source: string;
  readonly sequence: number;
  /** Of the manifest, which is chained to those before it. */
  readonly manifest: string;
  /** Of the collection by content. */
  readonly collection: string;
  /** Merkle root over its observations. */
  readonly root: string;
}

export interface Review {
  readonly head: ReviewHead;
  readonly minutes: ReviewMinutes;
  readonly figures: readonly ReviewFigure[];
  readonly facts: ReviewFacts;
}

const NONE: TeamCounts = { pass: 0, fail: 0, unknown: 0, excepted: 0 };

export interface FigureInput {
  readonly progress: StandardProgress;
  readonly definition: Standard;
  readonly digest: string;
  readonly teams: ReadonlyMap<string, TeamCounts>;
  /** Null: there is no previous review. */
  readonly before: ReadonlyMap<string, TeamCounts> | null;
}

/** A standard as a review says it. */
export function reviewFigure({ progress, definition, digest, teams, before }: FigureInput): ReviewFigure {
  const { figures, shares, status, cause, target, accountable, label, standard } = progress;
  const { pass, fail, unknown, excepted, unnamed = 0, containers } = figures;
  const earlier = before?.get(standard) ?? NONE;
  return {
    standard,
    label,
    title: definition.title,
    pillar: definition.pillar,
    severity: definition.severity,
    accountable,
    target,
    status,
    statusCause: cause,
    definition: digest,
    pass,
    fail,
    unknown,
    excepted,
    unnamed,
    containers: containers && containers.total > 0 ? containers : null,
    atLeast: shares.atLeast,
    atMost: shares.atMost,
    measured: shares.measured,
    adjustedAtLeast: shares.adjustedAtLeast,
    measure: progress.measure,
    forecast: progress.forecast && forecastIn(progress.forecast),
    teams: Object.fromEntries([...teams].sort(([a], [b]) => (a < b ? -1 : 1))),
    since: before && {
      pass: pass - earlier.pass,
      fail: fail - earlier.fail,
      unknown: unknown - earlier.unknown,
      excepted: excepted - earlier.excepted,
    },
  };
}

function forecastIn({ outcome, weeks, atRisk }: StandardForecast): ReviewForecast {
  const day = (date: Date | null) => date?.toISOString().slice(0, 10) ?? null;
  const expected = outcome.kind === 'expected' ? outcome : null;
  return {
    weeks,
    outcome: outcome.kind,
    likely: day(expected?.likely ?? null),
    cautious: day(expected?.cautious ?? null),
    chance: outcome.kind === 'never' ? outcome.chance : null,
    why: outcome.kind === 'cannot-tell' ? outcome.why : null,
    atRisk,
  };
}

/** Every figure of a review, derived from the facts in it and from nothing else. Throws `TypeError` where one cannot be. */
export function derivedFigures({ head, facts }: Pick<Review, 'head' | 'facts'>): readonly ReviewFigure[] {
  const kinds = new Map(facts.kinds.map((kind) => [kind.kind, kind]));
  const compiled = facts.standards.map((one) => compiledIn(one, kinds));
  const at = new Date(head.at);
  const found = pictureOf(facts, compiled, { head, at });
  const teams = teamCounts(found, facts.teams);
  const unnamed = Map.groupBy(facts.unnamed, ({ standard }) => standard);
  const cohorts = new Map(
    compiled.flatMap(({ definition: { id, measure } }) =>
      measure.kind === 'elimination'
        ? [[id, facts.cohorts.filter(({ standard }) => standard === id)] as const]
        : [],
    ),
  );
  const byId = new Map(found.scan.standards.map((one) => [one.id, one]));
  return compiled
    .map((standard) => {
      const { definition } = standard;
      const own = byId.get(definition.id);
      if (own === undefined) throw new TypeError(`nothing was derived of \`${definition.id}\``);
      const hidden = (unnamed.get(definition.id) ?? []).reduce((sum, { count }) => sum + count, 0);
      const progress = progressOf({
        definition,
        commitments: facts.commitments,
        at,
        figures: figuresOf(head.listings ? own : { ...own, containers: null }, hidden),
        steps: facts.weeks.get(definition.id) ?? [],
        measured: cohorts.has(definition.id)
          ? cohortMeasured(cohorts.get(definition.id) ?? [], found)
          : measuredIn(own, hidden),
      });
      return reviewFigure({
        progress,
        definition,
        digest: definitionDigest(standard, head.shared),
        teams: teams.get(definition.id) ?? new Map(),
        before: head.previous && facts.before,
      });
    })
    .sort((a, b) => (a.standard < b.standard ? -1 : 1));
}

const LETTERS = { pass: 'P', fail: 'F', unknown: 'U', 'not-applicable': 'O' } as const;

/** A cohort as the facts of today say it; of what is no more, the history is believed. */
function cohortMeasured(members: readonly ReviewCohortMember[], { verdicts }: Picture): Measured {
  const standing = new Map(
    verdicts.map(({ standard, asset, verdict }) => [`${standard}\n${asset.id}`, LETTERS[verdict]] as const),
  );
  const tally = cohortTally(
    members.map(({ standard, asset, began, stands, gone, last }) => {
      const derived = standing.get(`${standard}\n${asset}`);
      return derived === undefined
        ? { began, stands, gone, last }
        : { began, stands: derived, gone: false, last };
    }),
  );
  return { tally, pending: null, medianSeconds: null };
}

/** As the history has it: without what has no name, which is added to both in one place. */
function measuredIn({ measure }: ScanStandard, unnamed: number): Measured | null {
  if (measure === null) return null;
  const { kind, tally, pending, medianSeconds } = measure;
  const name = kind === 'weighted' ? 'blindUnknown' : 'unknown';
  return { tally: { ...tally, [name]: tally[name] - unnamed }, pending, medianSeconds };
}

const figuresOf = (
  { pass, fail, unknown, excepted, containers }: ScanStandard,
  unnamed: number,
): Figures => ({
  pass,
  fail,
  unknown,
  excepted,
  ...(containers && containers.total > 0 && { containers }),
  ...(unnamed > 0 && { unnamed }),
});

function compiledIn(
  { standard, params }: ReviewFacts['standards'][number],
  kinds: ReadonlyMap<string, Kind>,
): CompiledStandard {
  const kind = kinds.get(standard.scope.kind);
  if (kind === undefined)
    throw new TypeError(`\`${standard.id}\` is about a kind that the review does not hold`);
  const compiled = compileStandard(standard, kind, {
    file: 'the review',
    lineOf: () => 1,
    overrides: params,
    kinds,
  });
  if (!('mistakes' in compiled)) return compiled;
  throw new TypeError(`\`${standard.id}\` does not compile: ${compiled.mistakes[0]?.reason ?? ''}`);
}

function pictureOf(
  facts: ReviewFacts,
  standards: readonly CompiledStandard[],
  { head, at }: { readonly head: ReviewHead; readonly at: Date },
): Picture {
  const unnamed = Map.groupBy(facts.unnamed, ({ standard }) => standard);
  return picture({
    engine: head.engine,
    catalogue: head.catalogue,
    standards,
    assets: facts.assets,
    collections: facts.collections,
    enumerated: facts.enumerated,
    counted: ofExisting(
      facts.enumerated,
      facts.assets,
      new Map(facts.kinds.map((kind) => [kind.kind, kind])),
    ),
    unnamed: (standard) => (unnamed.get(standard) ?? []).flatMap(placeholders),
    exceptions: facts.exceptions,
    commitments: facts.commitments,
    clock: { real: at, asOf: at },
    shared: head.shared,
  });
}

/** They are counted and have no names. */
function placeholders({ kind, cause, count }: UnnamedCount): Unnamed[] {
  return Array.from({ length: count }, (_, index) => ({
    kind,
    id: `${kind}/unlisted-${cause}-${index + 1}`,
    name: `a ${kind} that could not be listed`,
    cause,
    why: 'it was counted and not listed',
    remedy: null,
  }));
}

const VERDICTS = { pass: 'pass', fail: 'fail', unknown: 'unknown' } as const;

/** Standard → team → counts; what nobody has is of the team with the empty name. */
function teamCounts(
  { verdicts, verdictOf }: Picture,
  teams: ReadonlyMap<string, string>,
): ReadonlyMap<string, ReadonlyMap<string, TeamCounts>> {
  const excepted = new Set(
    [...verdictOf].flatMap(([finding, verdict]) => (finding.exception === undefined ? [] : [verdict])),
  );
  const found = new Map<string, Map<string, TeamCounts>>();
  for (const verdict of verdicts) {
    if (verdict.verdict === 'not-applicable') continue;
    const team = teams.get(verdict.asset.id) ?? '';
    const own = found.get(verdict.standard) ?? new Map<string, TeamCounts>();
    found.set(verdict.standard, own);
    const counts = own.get(team) ?? NONE;
    const name = VERDICTS[verdict.verdict];
    own.set(team, {
      ...counts,
      [name]: counts[name] + 1,
      excepted: counts.excepted + (excepted.has(verdict) ? 1 : 0),
    });
  }
  return found;
}
