/**
 * Why a figure moved. Between two dates every figure's change is the sum of a closed list of causes, each a list of
 * assets. A tick is a path of five steps in a fixed order, and cells are summed over paths, not over endpoints, so that
 * they add up over time and over groups whatever happened in between.
 */

import type { ContainersListed } from '../facts/enumeration.ts';

/** No such asset or not applicable · pass · fail · excepted failure · unknown. */
export type State = 'O' | 'P' | 'F' | 'X' | 'U';

/** In this order within a tick: evidence before the clock, so that what was renewed in time never shows as lost and revealed. */
export const STEPS = ['definition', 'evidence', 'clock', 'reassigned', 'exception'] as const;
export type TickStep = (typeof STEPS)[number];

/** One step of one asset under one standard. In the first three steps `F` is F or X: the overlay never changes a verdict. */
export interface Move {
  readonly standard: string;
  readonly asset: string;
  readonly step: TickStep;
  readonly from: State;
  readonly to: State;
  /** Team before and after; they differ in the step `reassigned` only. */
  readonly team: string;
  readonly toTeam: string;
  /** The asset is gone, as against out of scope. Only of moves to O. */
  readonly gone: boolean;
}

/** Where an asset stands under a standard: its verdict, whether an exception is in force, whose it is. */
export interface Status {
  readonly verdict: 'O' | 'P' | 'F' | 'U';
  readonly excepted: boolean;
  readonly team: string;
  /** Of O: no such asset any more. */
  readonly gone: boolean;
}

export const stateOf = ({ verdict, excepted }: Status): State =>
  verdict === 'F' && excepted ? 'X' : verdict;

/** What the tick found after each of its first three steps: the verdict under new definitions, then the new evidence, then the new clock. */
export interface Tick {
  readonly definition: Status['verdict'];
  readonly evidence: Status['verdict'];
  readonly after: Status;
}

/** The path of one asset through one tick; steps that change nothing are left out. */
export function path(standard: string, asset: string, before: Status, tick: Tick): Move[] {
  const moves: Move[] = [];
  let { verdict } = before;
  const judged: readonly (readonly [TickStep, Status['verdict']])[] = [
    ['definition', tick.definition],
    ['evidence', tick.evidence],
    ['clock', tick.after.verdict],
  ];
  const base = { standard, asset };
  for (const [step, next] of judged) {
    if (next === verdict) continue;
    const gone = next === 'O' && step === 'evidence' && tick.after.gone;
    const [from, to] = [state(verdict, before.excepted), state(next, before.excepted)];
    moves.push({ ...base, step, from, to, team: before.team, toTeam: before.team, gone });
    verdict = next;
  }
  const held = state(verdict, before.excepted);
  if (before.team !== tick.after.team && verdict !== 'O') {
    const teams = { team: before.team, toTeam: tick.after.team };
    moves.push({ ...base, step: 'reassigned', from: held, to: held, ...teams, gone: false });
  }
  const last = stateOf(tick.after);
  if (held !== last) {
    const teams = { team: tick.after.team, toTeam: tick.after.team };
    moves.push({ ...base, step: 'exception', from: held, to: last, ...teams, gone: false });
  }
  return moves;
}

const state = (verdict: Status['verdict'], excepted: boolean): State =>
  verdict === 'F' && excepted ? 'X' : verdict;

/** The closed list of causes. `tightened` and `relaxed` are what a changed definition did: nobody's fixing. */
export const CELLS = [
  'entered-pass',
  'entered-fail',
  'entered-unknown',
  'gone-pass',
  'gone-fail',
  'gone-unknown',
  'out-of-scope-pass',
  'out-of-scope-fail',
  'out-of-scope-unknown',
  'fixed',
  'regressed',
  'lost-pass',
  'lost-fail',
  'revealed-pass',
  'revealed-fail',
  'reassigned-in',
  'reassigned-out',
  'granted',
  'ended',
  'covered',
  'uncovered',
] as const;
export type AccountCell = (typeof CELLS)[number];

/** One line of an account: what a cell, under which step, did to a group. */
export interface AccountEntry {
  readonly cell: AccountCell;
  readonly step: TickStep;
  readonly team: string;
  /** The figure's change: for `reassigned-*` the state says which figure. */
  readonly state: State;
  readonly standard: string;
  readonly asset: string;
}

const NAMES = { P: 'pass', F: 'fail', U: 'unknown' } as const;
const plain = (state: State): 'O' | 'P' | 'F' | 'U' => (state === 'X' ? 'F' : state);

/** The cells that a move belongs to: one of the verdict's, and where an exception is in force one of the overlay's. */
export function entriesOf(move: Move): AccountEntry[] {
  const { step, team, toTeam, standard, asset } = move;
  const entry = (cell: AccountCell, state: State, of = team): AccountEntry => ({
    cell,
    step,
    team: of,
    state,
    standard,
    asset,
  });
  if (step === 'reassigned') {
    return [entry('reassigned-out', move.from), entry('reassigned-in', move.to, toTeam)];
  }
  if (step === 'exception') return [entry(move.to === 'X' ? 'granted' : 'ended', move.to)];
  const [from, to] = [plain(move.from), plain(move.to)];
  // The same verdict for another reason: worth a record, not a cell.
  if (from === to) return [];
  const overlay =
    move.to === 'X' ? [entry('covered', 'X')] : move.from === 'X' ? [entry('uncovered', 'X')] : [];
  if (from === 'O') return to === 'O' ? [] : [entry(`entered-${NAMES[to]}`, to), ...overlay];
  if (to === 'O') return [entry(`${move.gone ? 'gone' : 'out-of-scope'}-${NAMES[from]}`, from), ...overlay];
  if (to === 'U') return [entry(from === 'P' ? 'lost-pass' : 'lost-fail', from), ...overlay];
  if (from === 'U') return [entry(to === 'P' ? 'revealed-pass' : 'revealed-fail', to), ...overlay];
  return [entry(to === 'P' ? 'fixed' : 'regressed', to), ...overlay];
}

export interface Figures {
  readonly pass: number;
  /** Excepted failures are failures. */
  readonly fail: number;
  readonly unknown: number;
  readonly excepted: number;
  /** Containers that may hold such assets, and how many were listed whole: of whole standards. Left out where it is not known. */
  readonly containers?: ContainersListed;
  /** How many of the unknown were counted and never named: of whole standards, never of a team. Left out for none. */
  readonly unnamed?: number;
}

/** What each cell adds to pass, fail, unknown and excepted. Reassignments add by the state they carry. */
const EFFECTS: Readonly<Record<Exclude<AccountCell, 'reassigned-in' | 'reassigned-out'>, readonly number[]>> =
  {
    'entered-pass': [1, 0, 0, 0],
    'entered-fail': [0, 1, 0, 0],
    'entered-unknown': [0, 0, 1, 0],
    'gone-pass': [-1, 0, 0, 0],
    'gone-fail': [0, -1, 0, 0],
    'gone-unknown': [0, 0, -1, 0],
    'out-of-scope-pass': [-1, 0, 0, 0],
    'out-of-scope-fail': [0, -1, 0, 0],
    'out-of-scope-unknown': [0, 0, -1, 0],
    fixed: [1, -1, 0, 0],
    regressed: [-1, 1, 0, 0],
    'lost-pass': [-1, 0, 1, 0],
    'lost-fail': [0, -1, 1, 0],
    'revealed-pass': [1, 0, -1, 0],
    'revealed-fail': [0, 1, -1, 0],
    granted: [0, 0, 0, 1],
    ended: [0, 0, 0, -1],
    covered: [0, 0, 0, 1],
    uncovered: [0, 0, 0, -1],
  };

const OF_STATE: Readonly<Record<State, readonly number[]>> = {
  O: [0, 0, 0, 0],
  P: [1, 0, 0, 0],
  F: [0, 1, 0, 0],
  X: [0, 1, 0, 1],
  U: [0, 0, 1, 0],
};

/** The change of a group's figures that its entries explain. */
export function change(entries: Iterable<Pick<AccountEntry, 'cell' | 'state'>>): Figures {
  const sum = [0, 0, 0, 0];
  for (const { cell, state } of entries) {
    const sign = cell === 'reassigned-out' ? -1 : 1;
    const effect = cell === 'reassigned-in' || cell === 'reassigned-out' ? OF_STATE[state] : EFFECTS[cell];
    for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + sign * (effect[at] ?? 0);
  }
  const [pass = 0, fail = 0, unknown = 0, excepted = 0] = sum;
  return { pass, fail, unknown, excepted };
}

/** The figures of a group at one time. */
export function figures(states: Iterable<State>): Figures {
  const sum = { pass: 0, fail: 0, unknown: 0, excepted: 0 };
  for (const one of states) {
    if (one === 'P') sum.pass++;
    else if (one === 'U') sum.unknown++;
    else if (one === 'F' || one === 'X') sum.fail++;
    if (one === 'X') sum.excepted++;
  }
  return sum;
}

/** How a cell is told to people; a changed definition is never anybody's fixing. */
export function described({ cell, step }: Pick<AccountEntry, 'cell' | 'step'>): string {
  if (step !== 'definition') return cell;
  const worse: readonly AccountCell[] = [
    'regressed',
    'entered-fail',
    'entered-unknown',
    'lost-pass',
    'revealed-fail',
    'covered',
  ];
  return worse.includes(cell) ? 'tightened' : 'relaxed';
}
