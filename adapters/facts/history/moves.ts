/**
 * The path of an asset through a tick as rows of the history, set at a time: the same moves as `core/figures/accounting.ts` and
 * `core/figures/tick.ts` find for one asset, by one expression over where it stood and what each step says.
 */
import { quotedText } from '../sql/text.ts';
import { verdictDelta } from './table.ts';

/**
 * What a row has to say of an asset and a standard. Verdicts are `O`, `P`, `F` or `U` by the numbers of the history's states;
 * where the definition did not change, `vd` and `rd` are `v0` and `r0`.
 */
export const MOVE_COLUMNS = [
  'standard',
  'epoch',
  'valid',
  'known',
  'asset',
  // The verdict and its reason before the tick, and after the steps definition, evidence and clock.
  'v0',
  'r0',
  'vd',
  'rd',
  've',
  're',
  'vc',
  'rc',
  // Whether an exception was in force before, and is now.
  'x0',
  'x1',
  // Whose it was, and is; of what stood nowhere, and of what is gone, both are the same.
  'team0',
  'team1',
  'gone',
  // −1 to take back what the rows say.
  'flip',
  // Whether this is learned at the tick that it happened at.
  'on_time',
] as const;

export const STATE = { O: 0, P: 1, F: 2, X: 3, U: 4 } as const;
const STEP = { definition: 1, clock: 2, evidence: 3, reassigned: 4, exception: 5 } as const;
const TURN: Readonly<Record<keyof typeof STEP, number>> = {
  definition: 1,
  evidence: 2,
  clock: 3,
  reassigned: 4,
  exception: 5,
};

interface MoveText {
  /** SQL of whether it is one. */
  readonly when: string;
  readonly step: keyof typeof STEP;
  readonly from: string;
  readonly to: string;
  readonly fromTeam: string;
  readonly toTeam: string;
  readonly fromReason: string;
  readonly toReason: string;
  readonly gone?: string;
}

const excepted = (verdict: string, overlay: string) =>
  `if(${verdict} = ${STATE.F} AND ${overlay} = 1, toInt8(${STATE.X}), ${verdict})`;

/** Names over `MOVE_COLUMNS`, each on those before it. */
const NAMED: readonly (readonly [name: string, sql: string])[] = [
  ['s0', excepted('v0', 'x0')],
  ['sd', excepted('vd', 'x0')],
  ['se', excepted('ve', 'x0')],
  ['sc', excepted('vc', 'x0')],
  ['s1', excepted('vc', 'x1')],
  // The reason that is left after each step.
  ['left_d', 'if(vd != v0, rd, r0)'],
  ['left_e', 'if(ve != vd, re, left_d)'],
  ['left_c', 'if(vc != ve, rc, left_e)'],
  ['handed', `team0 != team1 AND vc != ${STATE.O}`],
  ['left_h', 'if(handed, rc, left_c)'],
  // The same verdict for another reason: a record, and of no figure.
  ['renamed', `left_h != rc AND s1 = sc AND vc != ${STATE.O}`],
];

const MOVES: readonly MoveText[] = [
  {
    when: 'vd != v0',
    step: 'definition',
    from: 's0',
    to: 'sd',
    fromTeam: 'team0',
    toTeam: 'team0',
    fromReason: 'r0',
    toReason: 'rd',
  },
  {
    when: 've != vd',
    step: 'evidence',
    from: 'sd',
    to: 'se',
    fromTeam: 'team0',
    toTeam: 'team0',
    fromReason: 'left_d',
    toReason: 're',
    gone: `gone = 1 AND ve = ${STATE.O}`,
  },
  {
    when: 'vc != ve',
    step: 'clock',
    from: 'se',
    to: 'sc',
    fromTeam: 'team0',
    toTeam: 'team0',
    fromReason: 'left_e',
    toReason: 'rc',
  },
  {
    when: 'handed',
    step: 'reassigned',
    from: 'sc',
    to: 'sc',
    fromTeam: 'team0',
    toTeam: 'team1',
    fromReason: 'left_c',
    toReason: 'rc',
  },
  {
    when: 's1 != sc',
    step: 'exception',
    from: 'sc',
    to: 's1',
    fromTeam: 'team1',
    toTeam: 'team1',
    fromReason: 'left_h',
    toReason: 'rc',
  },
  ...(['definition', 'evidence', 'clock'] as const).map(
    (step): MoveText => ({
      when: `renamed AND ${renamedIn(step)}`,
      step,
      from: 's1',
      to: 's1',
      fromTeam: 'team1',
      toTeam: 'team1',
      fromReason: 'left_h',
      toReason: 'rc',
    }),
  ),
];

/** The step in which the reason came to be what it is. */
function renamedIn(step: 'definition' | 'evidence' | 'clock'): string {
  if (step === 'clock') return 'rc != re';
  return step === 'evidence' ? '(rc = re AND re != rd)' : '(rc = re AND re = rd)';
}

/** What the move at the place `move` says, counted from 1. */
const ofMove = (text: (move: MoveText) => string | number): string => `[${MOVES.map(text).join(', ')}][move]`;

/** What each move is, one name after the other. */
const MOVED: Readonly<Record<string, string>> = {
  from_state: ofMove(({ from }) => from),
  to_state: ofMove(({ to }) => to),
  from_team: ofMove(({ fromTeam }) => fromTeam),
  to_team: ofMove(({ toTeam }) => toTeam),
  from_reason: ofMove(({ fromReason }) => fromReason),
  to_reason: ofMove(({ toReason }) => toReason),
  gone_now: ofMove(({ gone = '0' }) => gone),
  step: ofMove(({ step }) => STEP[step]),
  turn: ofMove(({ step }) => TURN[step]),
};

const ofSide = (what: string): string => `if(side = 0, from_${what}, to_${what})`;

const VALUES: Readonly<Record<string, string>> = {
  standard: 'standard',
  epoch: 'epoch',
  valid: 'valid',
  known: 'known',
  team: ofSide('team'),
  asset: 'asset',
  state: ofSide('state'),
  reason: ofSide('reason'),
  step: 'step',
  from: 'from_state',
  to: 'to_state',
  gone: 'gone_now',
  side: 'side',
  sign: 'toInt8(flip * if(side = 0, -1, 1))',
  turn: 'turn',
  on_time: 'on_time',
};

/**
 * A SELECT of rows of the history over one of `MOVE_COLUMNS`: the places of the moves that happened, what each says, and its two sides;
 * O is not kept. One array of rows for each side of each move took the engine twice as long to plan and four times as long to fill
 * (docs/decisions/0124-fewer-words-for-the-engine.md).
 */
export function movesOf(from: string): string {
  const named = NAMED.map(([name, sql]) => `${sql} AS ${name}`).join(', ');
  const places = MOVES.map((_, index) => index + 1).join(', ');
  const happened = MOVES.map(({ when }) => when).join(', ');
  const moved = Object.entries(MOVED).map(([name, sql]) => `${sql} AS ${name}`);
  const columns = verdictDelta.columns.map(({ name, type }) => {
    const value = VALUES[name] ?? 'NULL';
    return type.startsWith('Enum') ? `CAST(${value}, ${quotedText(type)})` : value;
  });
  return `SELECT ${columns.join(', ')} FROM (
    SELECT standard, epoch, valid, known, asset, flip, on_time, ${moved.join(',\n      ')}
    FROM (SELECT *, ${named} FROM (${from}))
    ARRAY JOIN arrayFilter((place, happened) -> happened, [${places}], [${happened}]) AS move
  ) ARRAY JOIN [0, 1] AS side WHERE ${ofSide('state')} != ${STATE.O}`;
}

/** Inserts the rows of `movesOf`; `settings` follow the query. */
export function insertMoves(from: string, settings = ''): string {
  const names = verdictDelta.columns.map(({ name }) => `\`${name}\``).join(', ');
  return `INSERT INTO ${verdictDelta.name} (${names})\n${movesOf(from)} ${settings}`;
}
