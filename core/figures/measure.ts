/**
 * What a standard's figure counts, where that is not assets alone. Every measure comes to three amounts (met, not met, not known)
 * and one interval; what has no amount that is known widens it. Pure.
 */
import { z } from 'zod';
import { type AccountEntry, CELLS, entriesOf, type Move, type State } from './accounting.ts';

export const measureSchema = z.discriminatedUnion('kind', [
  /** Of assets. */
  z.strictObject({ kind: z.literal('share') }),
  /** Of an amount that each asset has. */
  z.strictObject({
    kind: z.literal('weighted'),
    /** CEL over the asset: a whole number that is not negative. */
    by: z.string().min(1),
    /** What is counted, in the plural: `tokens a day`. */
    unit: z.string().min(2).max(40),
  }),
  /** Of those that failed at a day, or whose verdict nobody knew then: how many are gone while failing, or pass. */
  z.strictObject({
    kind: z.literal('elimination'),
    since: z.iso.date({ error: 'not a date: write it as 2027-03-01' }),
    unit: z.string().min(2).max(40),
  }),
  /** Of cases: how many ended in time. Those that are open and not yet due are pending, outside the share. */
  z.strictObject({
    kind: z.literal('duration'),
    /** CEL over the asset: how long a case in scope took, or has taken so far. */
    took: z.string().min(1),
    /** CEL over the asset: whether a case outside the scope is open and not yet due. */
    pending: z.string().min(1),
    unit: z.string().min(2).max(40),
  }),
]);
export type Measure = z.infer<typeof measureSchema>;
export type MeasureKind = Measure['kind'];

/** Amounts by verdict, and how many assets of each verdict have an amount that nobody knows. */
export interface MeasureTally {
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly blindPass: number;
  readonly blindFail: number;
  readonly blindUnknown: number;
}

export const NO_AMOUNTS: MeasureTally = {
  pass: 0,
  fail: 0,
  unknown: 0,
  blindPass: 0,
  blindFail: 0,
  blindUnknown: 0,
};

/** All of some groups together. */
export function tallySum(all: Iterable<MeasureTally>): MeasureTally {
  const sum = { ...NO_AMOUNTS } as { -readonly [Name in keyof MeasureTally]: number };
  for (const tally of all)
    for (const name of Object.keys(sum) as (keyof MeasureTally)[]) sum[name] += tally[name];
  return sum;
}

/** What is left of amounts without others. */
export function tallyLess(all: MeasureTally, less: MeasureTally): MeasureTally {
  const rest = { ...all } as { -readonly [Name in keyof MeasureTally]: number };
  for (const name of Object.keys(rest) as (keyof MeasureTally)[]) rest[name] -= less[name];
  return rest;
}

export interface MeasureShare {
  /** All that is known of. */
  readonly amount: number;
  /** Null where nothing is counted, which is never 100 %. */
  readonly atLeast: number | null;
  readonly atMost: number | null;
  /** Of the amount: at least so much of it is decided. */
  readonly measured: number | null;
}

/**
 * The interval of a measure. What is blind may be any amount: it takes away all that is at least met unless it passes, and all
 * that is at most missed unless it fails.
 */
export function measureShare(tally: MeasureTally): MeasureShare {
  const { pass, fail, unknown, blindPass, blindFail, blindUnknown } = tally;
  const amount = pass + fail + unknown;
  const blind = blindPass + blindFail + blindUnknown;
  if (amount === 0) {
    if (blind === 0) return { amount, atLeast: null, atMost: null, measured: null };
    return {
      amount,
      atLeast: blindFail + blindUnknown > 0 ? 0 : 1,
      atMost: blindPass + blindUnknown > 0 ? 1 : 0,
      measured: blindUnknown > 0 ? 0 : 1,
    };
  }
  return {
    amount,
    atLeast: blindFail + blindUnknown > 0 ? 0 : pass / amount,
    atMost: blindPass + blindUnknown > 0 ? 1 : (pass + unknown) / amount,
    measured: blindUnknown > 0 ? 0 : (pass + fail) / amount,
  };
}

export type CountedVerdict = 'pass' | 'fail' | 'unknown';
const BLIND = { pass: 'blindPass', fail: 'blindFail', unknown: 'blindUnknown' } as const;

/** Adds one asset in scope; `amount` null: nobody knows it. */
export function withAmount(
  tally: MeasureTally,
  verdict: CountedVerdict,
  amount: number | null,
): MeasureTally {
  const name = amount === null ? BLIND[verdict] : verdict;
  return { ...tally, [name]: tally[name] + (amount ?? 1) };
}

/**
 * `reweighed`: the same verdict, with another amount. `corrected`: what was learned late of an earlier look, or is counted for the
 * first time; nobody did it in this tick. `taken`: the day of the cohort, before which nobody is of it.
 */
export const AMOUNT_CELLS = [
  ...CELLS.filter((cell) => !['granted', 'ended', 'covered', 'uncovered'].includes(cell)),
  'reweighed',
  'corrected',
  'taken',
] as const;
export type MeasureCell = AccountEntry['cell'] | 'reweighed' | 'corrected' | 'taken';

/** One line of an account of amounts. */
export interface MeasureEntry {
  readonly cell: MeasureCell;
  readonly step: Move['step'];
  readonly team: string;
  /** Of the verdict before and after; null on a side where the asset is not in scope. */
  readonly from: CountedVerdict | null;
  readonly to: CountedVerdict | null;
  /** Null: it is blind. */
  readonly before: number | null;
  readonly after: number | null;
}

/** An asset in scope, as amounts count it. */
export interface WeighedAsset {
  readonly verdict: CountedVerdict;
  readonly team: string;
  /** Null: nobody knows it. */
  readonly amount: number | null;
}

const VERDICTS: Readonly<Record<State, CountedVerdict | null>> = {
  O: null,
  P: 'pass',
  F: 'fail',
  X: 'fail',
  U: 'unknown',
};

/**
 * Why the amounts of groups changed along one asset's path through a tick, from what was held of it to what is so now; null where it
 * is not in scope. The amount changes first, with the verdict as it was, so that no cause has two of them: what was weighed anew is
 * nobody's fixing. What enters enters with its new amount, and what leaves leaves with its old one. Whatever the path says, the
 * entries sum to the difference: where it does not begin at what was held, or does not end at what is so, the rest is `corrected`.
 */
export function measureEntries(
  held: WeighedAsset | null,
  path: readonly Move[],
  now: WeighedAsset | null,
): readonly MeasureEntry[] {
  const entries: MeasureEntry[] = [];
  let stands = held;
  const goTo = (next: WeighedAsset | null, cell: MeasureCell, step: Move['step']) => {
    const [from, to] = [stands, next];
    stands = next;
    if (from !== null && to !== null && from.team === to.team) {
      const verdicts = { from: from.verdict, to: to.verdict };
      entries.push({ cell, step, team: to.team, ...verdicts, before: from.amount, after: to.amount });
      return;
    }
    const out = cell === 'reassigned-in' ? 'reassigned-out' : cell;
    const { amount: before = null } = from ?? {};
    const { amount: after = null } = to ?? {};
    if (from !== null)
      entries.push({ cell: out, step, team: from.team, from: from.verdict, to: null, before, after: null });
    if (to !== null)
      entries.push({ cell, step, team: to.team, from: null, to: to.verdict, before: null, after });
  };
  const weighedAnew = () => {
    if (stands !== null && now !== null && stands.amount !== now.amount)
      goTo({ verdict: stands.verdict, team: stands.team, amount: now.amount }, 'reweighed', 'evidence');
  };
  if (!path.some(({ to }) => to === 'O')) weighedAnew();
  const amount = stands === null ? (now?.amount ?? null) : stands.amount;
  const as = (state: State, team: string): WeighedAsset | null => {
    const verdict = VERDICTS[state];
    return verdict === null ? null : { verdict, team, amount };
  };
  for (const move of path) {
    const before = as(move.from, move.team);
    if (!standsAs(stands, before)) goTo(before, 'corrected', 'evidence');
    const cell = cellOf(move);
    if (cell !== null) goTo(as(move.to, move.toTeam), cell, move.step);
  }
  if (!standsAs(stands, now))
    goTo(now && { verdict: now.verdict, team: now.team, amount }, 'corrected', 'evidence');
  weighedAnew();
  return entries;
}

const standsAs = (a: WeighedAsset | null, b: WeighedAsset | null): boolean =>
  a?.verdict === b?.verdict && a?.team === b?.team;

/** Null for what changes no amount: an exception, or the same verdict for another reason. */
function cellOf(move: Move): MeasureCell | null {
  if (move.step === 'reassigned') return 'reassigned-in';
  if (move.step === 'exception') return null;
  return entriesOf(move)[0]?.cell ?? null;
}

/** The change of a group's amounts that its entries explain. */
export function measureChange(entries: Iterable<MeasureEntry>): MeasureTally {
  const sum = { ...NO_AMOUNTS } as { -readonly [Name in keyof MeasureTally]: number };
  const add = (verdict: CountedVerdict | null, amount: number | null, sign: 1 | -1) => {
    if (verdict === null) return;
    sum[amount === null ? BLIND[verdict] : verdict] += sign * (amount ?? 1);
  };
  for (const { from, to, before, after } of entries) {
    add(from, before, -1);
    add(to, after, 1);
  }
  return sum;
}

/** Where an asset stands in a cohort: not of it, still there, eliminated, or nobody can tell. */
export type CohortState = 'outside' | 'remaining' | 'eliminated' | 'open';

/** How an asset stood on the day that the cohort was taken, and how it stands. `gone`, of O: it is no more. */
export interface CohortMember {
  readonly began: State;
  readonly stands: State;
  readonly gone: boolean;
  /** Of O: the last state before it left. */
  readonly last: State;
}

/**
 * What failed on the day is of the cohort; what nobody knew then is of it as soon as it is found failing, and leaves it when it is
 * found passing. Gone while failing, or passing: eliminated. Gone while nobody knew, or unknown: open. What left the scope left
 * the cohort, because the definition or its own nature changed and nothing was eliminated.
 */
export function cohortState({ began, stands, gone, last }: CohortMember): CohortState {
  const failed = began === 'F' || began === 'X';
  if (!failed && began !== 'U') return 'outside';
  if (stands === 'F' || stands === 'X') return 'remaining';
  if (stands === 'U') return 'open';
  if (stands === 'P') return failed ? 'eliminated' : 'outside';
  if (!gone) return 'outside';
  if (last === 'F' || last === 'X') return 'eliminated';
  if (last === 'P') return failed ? 'eliminated' : 'outside';
  return 'open';
}

const COHORT: Readonly<Record<Exclude<CohortState, 'outside'>, CountedVerdict>> = {
  eliminated: 'pass',
  remaining: 'fail',
  open: 'unknown',
};

/** The amounts of a cohort: `pass` are eliminated, `fail` remain. */
export function cohortTally(members: Iterable<CohortMember & { readonly count?: number }>): MeasureTally {
  let tally = NO_AMOUNTS;
  for (const { count = 1, ...member } of members) {
    const state = cohortState(member);
    if (state !== 'outside') tally = withAmount(tally, COHORT[state], count);
  }
  return tally;
}

/** One line of an account of a cohort: why an asset stands in it otherwise than before. */
export interface CohortEntry {
  readonly cell: AccountEntry['cell'];
  readonly step: Move['step'];
  readonly team: string;
  readonly from: CohortState;
  readonly to: CohortState;
}

/**
 * Why a cohort changed along one asset's path through a tick that is not before its day. A handover takes an asset from one team's
 * cohort to the other's as it stands.
 */
export function cohortEntries(
  held: CohortMember & { readonly team: string },
  path: readonly Move[],
): readonly CohortEntry[] {
  const entries: CohortEntry[] = [];
  let member: CohortMember = held;
  let { team } = held;
  for (const move of path) {
    const { step } = move;
    const before = cohortState(member);
    const next = step === 'reassigned' ? move.toTeam : move.team;
    // What was gone, and comes back to another team, is handed over by that.
    if (next !== team && before !== 'outside') {
      entries.push({ cell: 'reassigned-out', step, team, from: before, to: 'outside' });
      entries.push({ cell: 'reassigned-in', step, team: next, from: 'outside', to: before });
    }
    team = next;
    if (step === 'reassigned') continue;
    const left = move.to === 'O';
    member = {
      began: held.began,
      stands: move.to,
      gone: left && move.gone,
      last: left ? move.from : move.to,
    };
    const after = cohortState(member);
    const [entry] = entriesOf(move);
    // What an exception covers stands in the cohort as before.
    if (entry === undefined || before === after) continue;
    entries.push({ cell: entry.cell, step, team, from: before, to: after });
  }
  return entries;
}

/** The change of a group's cohort that its entries explain. */
export function cohortChange(entries: Iterable<Pick<CohortEntry, 'from' | 'to'>>): MeasureTally {
  const sum = { ...NO_AMOUNTS } as { -readonly [Name in keyof MeasureTally]: number };
  for (const { from, to } of entries) {
    if (from !== 'outside') sum[COHORT[from]] -= 1;
    if (to !== 'outside') sum[COHORT[to]] += 1;
  }
  return sum;
}

/** What a measure comes to at a moment. */
export interface MeasureFigures extends MeasureShare {
  readonly kind: Exclude<MeasureKind, 'share'>;
  readonly unit: string;
  readonly tally: MeasureTally;
  /** Of `duration`: cases that are open and not yet due. */
  readonly pending: number | null;
  /** Of `duration`: what the middle case took, or has taken so far, in seconds; null where nobody knows of any. */
  readonly medianSeconds: number | null;
}

/** What was counted, before the interval is made of it. */
export interface Measured {
  readonly tally: MeasureTally;
  readonly pending: number | null;
  readonly medianSeconds: number | null;
}

/** Null for a share of assets, which the counts say. `measured` null: what it takes was not looked at, so nothing is known. */
export function measureFigures(measure: Measure, measured: Measured | null): MeasureFigures | null {
  if (measure.kind === 'share') return null;
  const { kind, unit } = measure;
  if (measured === null) {
    const nothing = { amount: 0, atLeast: 0, atMost: 1, measured: 0 };
    return { kind, unit, tally: NO_AMOUNTS, ...nothing, pending: null, medianSeconds: null };
  }
  return { kind, unit, ...measured, ...measureShare(measured.tally) };
}

/** Of an even number the lower of both in the middle; null of none. */
export function median(numbers: readonly number[]): number | null {
  return numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? null;
}
