/**
 * One standard, one asset, one verdict. Never throws: what cannot be decided is `unknown` with every cause. Evidence is
 * aged once, here, for scope, check and reasons alike: what is older than allowed is unobserved before logic runs.
 */

import { type Around, type Bindings, elements } from '../cel/compile.ts';
import { MAX_STEPS } from '../cel/cost.ts';
import { fieldsOf, isRecord } from '../cel/runtime/equality.ts';
import { limited } from '../cel/runtime/steps.ts';
import { timestampOfDate } from '../cel/runtime/time.ts';
import { type CauseAt, type Data, Unknown, unknown } from '../cel/runtime/value.ts';
import type { Asset } from '../facts/asset.ts';
import { type Assurance, CAUSES, type Cause, type Location } from '../facts/observation.ts';
import type { Related } from '../facts/related.ts';
import { type PreparedAsset, rowsOf, stale } from '../facts/row.ts';
import { type Evidence, gravest, type HeldReason, type Severity, type VerdictName } from '../figures/scan.ts';
import type { Kind } from '../kinds/kind.ts';
import { ascending } from '../text/order.ts';
import { fill } from '../text/template.ts';
import { type Budget, NO_BUDGET } from './budget.ts';
import type { CompiledReason, CompiledStandard } from './compiled-standard.ts';
import { assuranceOf, restsOn } from './evidence.ts';

/** Two clocks: `asOf` may lie in the future ("who would fail on 1 March") while evidence keeps its real age. */
export interface Clock {
  readonly asOf: Date;
  readonly real: Date;
}

export interface Verdict {
  readonly standard: string;
  readonly asset: Asset;
  readonly verdict: VerdictName;
  /** A reason of the standard, a cause for `unknown`, `meets` for a pass, `out-of-scope` for not applicable. */
  readonly reason: string;
  readonly message: string;
  /** Of a fail for several reasons: each that holds, the verdict's own first. */
  readonly reasons?: readonly HeldReason[];
  /** For a fail that of the gravest reason that holds, else that of the standard. */
  readonly severity: Severity;
  readonly assurance: Assurance | null;
  readonly evidence: readonly Evidence[];
  readonly location: Location | null;
  /** Of an unknown: every cause, first the one that is shown. */
  readonly causes: readonly CauseAt[];
}

/** What is decided, without the words: `pass`, `not-applicable`, the number of the reason of a fail, or all causes. */
export type Decided = 'pass' | 'not-applicable' | number | Unknown;

/** One standard at one time, ready to judge prepared assets of its kind. It allocates nothing for a definite verdict. */
export interface StandardJudge {
  readonly decide: (row: PreparedAsset) => Decided;
  readonly judge: (row: PreparedAsset) => Verdict;
  readonly bindings: (row: PreparedAsset) => Bindings;
  readonly around: Around;
}

/**
 * `related` finds other assets; without it an expression that looks across a relation is unknown. What takes too long, of one asset or
 * of all by the `budget`, is unknown as well, by the fault of the standard.
 */
export function judgeOf(
  standard: CompiledStandard,
  clock: Clock,
  related?: Related,
  budget: Budget = NO_BUDGET,
): StandardJudge {
  const { where, check, reasons, paramValues } = standard;
  const around = aroundOf(standard, clock, related);
  const now = timestampOfDate(clock.asOf);
  const bindings = (row: PreparedAsset): Bindings => ({ asset: row, params: paramValues, now });
  const held = { asset: null as PreparedAsset | null, params: paramValues, now };
  const decided = (): Decided => {
    const scope = where.run(held, around);
    if (scope === false) return 'not-applicable';
    // An undecided scope is in scope and unknown: its causes come before the check's, and a fail would be a guess.
    if (scope instanceof Unknown) return scope;
    const result = check.run(held, around);
    if (result === true) return 'pass';
    if (result instanceof Unknown) return result;
    for (let index = 0; index < reasons.length; index++) {
      if (reasons[index]?.when.run(held, around) === true) return index;
    }
    return NO_REASON;
  };
  const counted = (): Decided => limited(MAX_STEPS, decided, ELEMENTS_SPENT);
  const decide = (row: PreparedAsset): Decided => {
    if (budget.spent()) return BUDGET_SPENT;
    held.asset = row;
    return budget.on(counted);
  };
  const judge = (row: PreparedAsset): Verdict => {
    const decision = decide(row);
    const tell = () => told({ standard, row, decision, bindings: bindings(row), around });
    const late = (): Verdict => undecided(standard, row['@asset'], ELEMENTS_SPENT.causes);
    return decision === BUDGET_SPENT ? tell() : budget.on(() => limited(MAX_STEPS, tell, null) ?? late());
  };
  return { decide, judge, bindings, around };
}

export function evaluate(standard: CompiledStandard, asset: Asset, clock: Clock, related?: Related): Verdict {
  return judgeOf(standard, clock, related).judge(rowOf(standard.kind, asset));
}

/** The decision alone, for a gate that has the asset at hand. */
export function decide(standard: CompiledStandard, row: PreparedAsset, clock: Clock): Decided {
  return judgeOf(standard, clock).decide(row);
}

const MAKERS = new WeakMap<Kind, (asset: Asset) => PreparedAsset>();

/** The asset as expressions see it; good for every standard of its kind at any time. */
export function rowOf(kind: Kind, asset: Asset): PreparedAsset {
  let make = MAKERS.get(kind);
  if (!make) {
    make = rowsOf(kind);
    MAKERS.set(kind, make);
  }
  return make(asset);
}

/** Only a standard whose last reason is not `true` could get here, and such a standard does not load. */
const NO_REASON = unknown('undefined', 'reasons', 'no reason of the standard holds');

/** One list is longer than its kind says, or several are. */
const ELEMENTS_SPENT = unknown(
  'undefined',
  '',
  `it took too long: a standard goes through ${MAX_STEPS.toLocaleString('en')} elements for one asset at most`,
);

const BUDGET_SPENT = unknown(
  'undefined',
  '',
  'it took too long: the time that this standard has in one run is used up; make its expression cheaper',
);

/** Age is measured at the time asked for, or in reality where that lies in the future. */
function aroundOf({ maxAges, kind }: CompiledStandard, clock: Clock, related: Related | undefined): Around {
  const measuredAt = Math.min(clock.asOf.getTime(), clock.real.getTime());
  const cutoffs = Object.fromEntries(
    Object.entries(maxAges).map(([name, { milliseconds }]) => [name, measuredAt - milliseconds]),
  );
  const old = (row: PreparedAsset, name: string): Unknown =>
    stale(row, name, maxAges[(row['@asset'] ?? { kind: kind.kind }).kind]?.text);
  const aged = (row: PreparedAsset, name: string): Data | undefined =>
    (row[`${name}@`] as number) < (cutoffs[row['@asset'].kind] ?? Number.NEGATIVE_INFINITY)
      ? old(row, name)
      : row[name];
  return {
    cutoffs,
    stale: (asset, name) => old(asset as PreparedAsset, name),
    related: (asset, relation) =>
      related?.(asset as PreparedAsset, relation, aged, cutoffs) ??
      unknown('unobserved', `related(${relation})`, 'other assets are not at hand'),
  };
}

interface ToldInput {
  readonly standard: CompiledStandard;
  readonly row: PreparedAsset;
  readonly decision: Decided;
  readonly bindings: Bindings;
  readonly around: Around;
}

/** A decision in words, with its evidence. */
function told({ standard, row, decision, bindings, around }: ToldInput): Verdict {
  const asset = row['@asset'];
  if (decision === 'not-applicable') {
    return verdict({
      standard,
      asset,
      name: 'not-applicable',
      reason: 'out-of-scope',
      message: 'outside the scope of the standard',
    });
  }
  if (decision === 'pass') {
    const rests = { assurance: assuranceOf(standard, row, around), evidence: restsOn(standard, row, around) };
    return {
      ...verdict({ standard, asset, name: 'pass', reason: 'meets', message: 'meets the standard' }),
      ...rests,
    };
  }
  if (decision instanceof Unknown) return undecided(standard, asset, decision.causes);
  const reason = standard.reasons[decision];
  return reason
    ? failed({ standard, row, reason, bindings, around })
    : undecided(standard, asset, NO_REASON.causes);
}

interface FailedInput {
  readonly standard: CompiledStandard;
  readonly row: PreparedAsset;
  readonly reason: CompiledReason;
  readonly bindings: Bindings;
  readonly around: Around;
}

/**
 * A fail has one reason, the first that holds; the message and the evidence name every other one that holds as well, so
 * that whoever mends the first is not told of the next only then.
 */
function failed({ standard, row, reason, bindings, around }: FailedInput): Verdict {
  const asset = row['@asset'];
  const shown = new Set<Data>();
  const first = explained({ reason, asset, bindings, around, shown });
  const others = standard.reasons
    .filter((other) => other !== reason && holdsBeside(other, bindings, around))
    .map((other) => explained({ reason: other, asset, bindings, around, shown }))
    .filter(({ evidence }) => evidence.length > 0);
  const decided = reason.at && first.evidence.length > 0 ? first.evidence : restsOn(standard, row, around);
  const holding = [{ ...first, evidence: decided }, ...others];
  const evidence =
    others.length === 0
      ? decided
      : holding.flatMap((one) => one.evidence.map((item): Evidence => ({ ...item, reason: one.id })));
  const message = holding.map((one) => one.message).join('; also ');
  return {
    ...verdict({ standard, asset, name: 'fail', reason: first.id, message }),
    ...(others.length > 0 && {
      reasons: holding.map(({ id, message: said }): HeldReason => ({ id, message: said })),
    }),
    severity: gravest(holding.map(({ severity }) => severity ?? standard.definition.severity)),
    assurance: assuranceOf(standard, row, around),
    evidence,
    location: evidence.find((one) => one.location)?.location ?? asset.location ?? null,
  };
}

/** The last reason holds of every failure, so without a list of elements it says nothing of its own beside another. */
function holdsBeside({ definition, when, at }: CompiledReason, bindings: Bindings, around: Around): boolean {
  return (at !== null || definition.when !== 'true') && when.run(bindings, around) === true;
}

interface Explained {
  readonly id: string;
  /** The reason's own; undefined where it has the standard's. */
  readonly severity: Severity | undefined;
  readonly message: string;
  readonly evidence: readonly Evidence[];
}

interface ExplainedInput {
  readonly reason: CompiledReason;
  readonly asset: Asset;
  readonly bindings: Bindings;
  readonly around: Around;
  readonly shown: Set<Data>;
}

/** What one reason says, with its elements; an element that an earlier reason named, and is in `shown`, is named once. */
function explained({
  reason: { definition, at },
  asset,
  bindings,
  around,
  shown,
}: ExplainedInput): Explained {
  const { id } = definition;
  const items = at
    ? elements(at, bindings, around)
        .filter((it) => typeof it !== 'object' || !shown.has(it))
        .toSorted(byPlace)
    : [];
  for (const it of items) shown.add(it);
  const message = fill(definition.say, { ...bindings, count: items.length, total: totalOf(items) });
  const evidence = at
    ? items.map((it) => point(definition.point ?? '{it}', it, bindings, asset))
    : [{ text: message }];
  return { id, severity: definition.severity, message, evidence };
}

/** The sum of each whole number of the elements, by the name of its field. */
function totalOf(items: readonly Data[]): Record<string, Data> {
  const sums: Record<string, number> = {};
  for (const it of items) {
    if (!isRecord(it)) continue;
    for (const name of fieldsOf(it)) {
      const value = it[name];
      if (typeof value === 'number') sums[name] = (sums[name] ?? 0) + value;
    }
  }
  return sums;
}

/** One element at fault: where it stands is its own `path` and `line`, else the asset's. */
function point(text: string, it: Data, bindings: Bindings, asset: Asset): Evidence {
  const field = (name: string): Data | undefined =>
    isRecord(it) && Object.hasOwn(it, name) ? it[name] : undefined;
  const ownPath = field('path');
  const line = field('line');
  const path = typeof ownPath === 'string' ? ownPath : asset.location?.path;
  const shown = fill(text, { ...bindings, it });
  if (path === undefined) return { text: shown };
  const known = typeof line === 'number' && line > 0;
  return { text: shown, location: known ? { path, line } : { path } };
}

/** As people read: the asset's own file first, each from its first line on. Elements come by their keys, whoever saw them. */
function byPlace(a: Data, b: Data): number {
  const text = (it: Data) => (isRecord(it) && typeof it.path === 'string' ? it.path : '');
  const number = (it: Data) => (isRecord(it) && typeof it.line === 'number' && it.line > 0 ? it.line : LAST);
  return ascending(text(a), text(b)) || ascending(number(a), number(b));
}

const LAST = Number.POSITIVE_INFINITY;

function undecided(standard: CompiledStandard, asset: Asset, causes: readonly CauseAt[]): Verdict {
  const ordered = causes.toSorted(
    (a, b) =>
      CAUSES.indexOf(a.cause) - CAUSES.indexOf(b.cause) ||
      ascending(a.path, b.path) ||
      ascending(a.why, b.why),
  );
  const first = ordered[0];
  const reason: Cause = first?.cause ?? 'unobserved';
  const message = first ? `${first.path}: ${first.why}` : 'nobody looked';
  const evidence = ordered.map(({ path, cause, why }) => ({ text: `${path} is ${cause}: ${why}` }));
  return { ...verdict({ standard, asset, name: 'unknown', reason, message }), evidence, causes: ordered };
}

interface VerdictInput {
  readonly standard: CompiledStandard;
  readonly asset: Asset;
  readonly name: VerdictName;
  readonly reason: string;
  readonly message: string;
}

function verdict({ standard, asset, name, reason, message }: VerdictInput): Verdict {
  return {
    standard: standard.definition.id,
    asset,
    verdict: name,
    reason,
    message,
    severity: standard.definition.severity,
    assurance: null,
    evidence: [],
    location: asset.location ?? null,
    causes: [],
  };
}
