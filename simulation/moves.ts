/**
 * The history set at a time: for every asset and tick what its facts say under the clock of the tick and under that of
 * the next, and from one tick to another the same moves as `core/figures/tick.ts` finds, as rows of the history. Every asset
 * stands for itself, so they are made a part at a time, and memory stays the same whatever the size.
 */

import { verdictDelta } from '@macadam/adapters/facts/history/table';
import { NOBODY } from '@macadam/adapters/facts/history/tick';
import { quoted } from '@macadam/adapters/facts/layout';
import { CODE, STEP } from '@macadam/adapters/facts/sql/pass';
import { RANK } from '@macadam/adapters/facts/sql/value';
import { CAUSES } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Calendar } from './calendar.ts';
import { type Columns, NO_TEAM, rowColumns, teamName } from './columns.ts';
import { codesOf } from './judged.ts';
import type { Model } from './model.ts';
import { text } from './terms.ts';
import { adding, BRIEFLY, isLate, listed, lives, type Range, sighted } from './view.ts';

/** A kind of which everything is judged. */
export interface Judged {
  readonly kind: Kind;
  readonly model: Model;
  readonly standards: readonly CompiledStandard[];
  readonly calendar: Calendar;
}

export interface Moves {
  /** Of all kinds; a row of `judged` names one by its place here, from 1. */
  readonly standards: readonly CompiledStandard[];
  readonly calendar: Calendar;
  /** By tick: the batch that was known then. */
  readonly known: readonly number[];
  /** By tick: the epoch that its changes belong to. */
  readonly epochs: readonly number[];
}

/**
 * What each standard says of each asset, as lists by tick, between judging and moving: what makes moves of it is the
 * same for all kinds, and the engine takes longer to read such a query than to run it over a small company.
 * `here`, `team`, `now`: whether it is there, its team, and the code at the clock of the tick. `whole…`: the same with
 * what came too late for the tick; `wholeNext`: at the clock of the next tick.
 */
export const judgedTable = {
  name: 'simulated_judged',
  create: `CREATE TABLE simulated_judged (asset UInt64, standard UInt8, here Array(UInt8), team Array(UInt16), now Array(UInt32),
    islate Array(UInt8), whole Array(UInt8), wholeTeam Array(UInt16), wholeNow Array(UInt32), wholeNext Array(UInt32)) ENGINE = Memory`,
} as const;

/** States as the history's enum counts them. */
const O = 0;
const STATES = { [CODE.fail]: 2, [CODE.pass]: 1, [CODE.unknown]: 4, [CODE.na]: O };
const CLOCK = 2;
const EVIDENCE = 3;
const REASSIGNED = 4;

/** An `INSERT … SELECT` of what is judged of some assets of a kind, whose standards begin at a place among all. */
export function insertJudged(judged: Judged, range: Range, place: number): string {
  const { kind, model, standards, calendar } = judged;
  const keys = rowColumns(kind, model, calendar, false).filter(
    ([name]) => name === '@id' || kind.key.includes(name),
  );
  const late = lateTicksOf(judged).length > 0;
  const each = (of: (index: number) => string) => `[${standards.map((_, index) => of(index)).join()}]`;
  const whole = late ? 'w' : '';
  const joined: Columns = [
    ['standard', each((index) => `toUInt8(${place + index})`)],
    ['now', each((index) => `n${index}`)],
    ['wholeNow', each((index) => `${whole}n${index}`)],
    ['wholeNext', each((index) => `${whole}c${index}`)],
  ];
  const columns: Columns = [
    ['asset', 'reinterpretAsUInt64(reverse(substring(SHA256(`@id`), 1, 8)))'],
    ...['standard', 'here', 'team', 'now'].map((name) => [name, name] as const),
    ['islate', late ? 'islate' : 'arrayWithConstant(length(here), toUInt8(0))'],
    ['whole', late ? 'whole' : 'here'],
    ['wholeTeam', late ? 'wteam' : 'team'],
    ...['wholeNow', 'wholeNext'].map((name) => [name, name] as const),
  ];
  return `INSERT INTO ${judgedTable.name} (${columns.map(([name]) => name).join(', ')})
    SELECT ${columns.map(([, sql]) => sql).join(', ')} FROM (${adding(keys, listsOf(judged, range))}) ARRAY JOIN ${listed(joined)} ${BRIEFLY}`;
}

/** An `INSERT … SELECT` of the history of everything that was judged. */
export function insertMoves(moves: Moves): string {
  const names = verdictDelta.columns.map(({ name }) => quoted(name)).join(', ');
  return `INSERT INTO ${verdictDelta.name} (${names})\n${rows(moves)} ${BRIEFLY}`;
}

function rows({ standards, calendar, known, epochs }: Moves): string {
  const written = adding(movesOf(), adding(standing(), CHANGES));
  const byTick = (values: readonly number[], type: string) =>
    `CAST([${values.join()}], 'Array(${type})')[tick + 1]`;
  const start = calendar.tickAt(0).getTime() / 1000;
  const step = calendar.size.every * 86_400;
  const columns: Readonly<Record<string, string>> = {
    standard: `[${standards.map(({ definition }) => text(definition.id)).join()}][standard]`,
    epoch: byTick(epochs, 'UInt32'),
    valid: `toDateTime(${start} + ${step} * tick, 'UTC')`,
    known: `if(telling = ${AS_PUBLISHED}, ${byTick(known, 'UInt64')}, ${byTick(known.slice(1), 'UInt64')})`,
    team: `multiIf(move.1 = ${NO_TEAM}, '${NOBODY}', move.1 = ${NOWHERE}, '', ${teamName('move.1')})`,
    asset: 'asset',
    state: 'move.2',
    reason: reasonName(standards),
    step: 'move.4',
    from: 'move.5',
    to: 'move.6',
    gone: 'move.7',
    side: 'move.8',
    sign: `if(telling = ${TAKEN_BACK}, -move.9, move.9)`,
  };
  const list = verdictDelta.columns.map(({ name, type }) =>
    /^Enum/.test(type) ? `CAST(${columns[name]}, ${text(type)})` : `${columns[name]}`,
  );
  return `SELECT ${list.join(', ')} FROM (${written}) ARRAY JOIN moves AS move`;
}

/** What each tick wrote; and what the tick after it wrote of assets whose facts had come too late, both ways. */
const AS_PUBLISHED = 0;
const TAKEN_BACK = 1;
const PUT_RIGHT = 2;
/** Stands for the team of what stood nowhere. */
const NOWHERE = 65_534;

// What was so at the tick before is one place further on.
const shifted = (list: string, none: string) => `arrayPushFront(arrayPopBack(${list}), ${none})`;
const NA = `toUInt32(${CODE.na})`;
const BESIDE = [
  'arrayEnumerate(here)',
  shifted('wholeNow', NA),
  shifted('wholeNext', NA),
  'now',
  'wholeNow',
  shifted('whole', 'toUInt8(0)'),
  'here',
  'whole',
  shifted('wholeTeam', `toUInt16(${NO_TEAM})`),
  'team',
  'wholeTeam',
  'islate',
].join(', ');
const TICKED = `SELECT asset, standard, toInt16(at.1 - 1) AS tick, at.2 AS p, at.3 AS c, at.4 AS published, at.5 AS right, at.6 AS was,
    at.7 AS here0, at.8 AS here2, at.9 AS team0, at.10 AS team3, at.11 AS team2, at.12 AS late
  FROM ${judgedTable.name}
  ARRAY JOIN arrayFilter(at -> at.2 != at.3 OR at.3 != at.4 OR at.4 != at.5 OR at.9 != at.10, arrayZip(${BESIDE})) AS at`;
const TOLD = `SELECT asset, standard, tick, telling, p, c, was, team0, if(telling = ${PUT_RIGHT}, here2, here0) AS here,
    if(telling = ${PUT_RIGHT}, team2, team3) AS team1, if(telling = ${PUT_RIGHT}, right, published) AS e
  FROM (${TICKED}) ARRAY JOIN if(late > 0, [${AS_PUBLISHED}, ${TAKEN_BACK}, ${PUT_RIGHT}], [${AS_PUBLISHED}]) AS telling`;
/** One row for each asset, tick and standard where something changed. */
const CHANGES = `SELECT * FROM (${TOLD}) WHERE p != c OR c != e OR team0 != team1 AND e % ${STEP} != ${CODE.na}`;

/**
 * One row an asset, each column a list by tick: whether it is there, its team, and by standard the code at the clock of
 * the tick (`n0`) and of the next (`c0`). Where something came late, a second list of each (`w…`) says what was so.
 */
function listsOf(moves: Judged, range: Range): string {
  const { standards, calendar } = moves;
  const late = lateTicksOf(moves).length > 0;
  const list = (none: string, value: string, which: string, ahead = 0) =>
    `groupArrayInsertAtIf(${none}, ${calendar.ticks + 1})(${value}, toUInt32(tick), ahead = ${ahead} AND (${which}))`;
  const na = `toUInt32(${CODE.na})`;
  const lists = (which: string, prefix: string): Columns => [
    [prefix ? 'whole' : 'here', list('toUInt8(0)', 'toUInt8(1)', which)],
    [`${prefix}team`, list(`toUInt16(${NO_TEAM})`, '`@team`', which)],
    ...standards.flatMap((_, index) => [
      [`${prefix}n${index}`, list(na, `code${index}`, which)] as const,
      [`${prefix}c${index}`, list(na, `code${index}`, which, 1)] as const,
    ]),
  ];
  const columns: Columns = [
    ...lists('telling = 0', ''),
    ...(late
      ? [
          ...lists('telling = 1 OR NOT late', 'w'),
          ['islate', list('toUInt8(0)', 'toUInt8(1)', 'telling = 1')] as const,
        ]
      : []),
  ];
  return `SELECT nr, ${listed(columns)} FROM (${codes(moves, range)}) GROUP BY nr`;
}

/** Two rows an asset and tick at which it is there. */
function codes(moves: Judged, range: Range): string {
  const { kind, model, standards, calendar } = moves;
  const ticks = Array.from({ length: calendar.ticks + 1 }, (_, tick) => tick);
  const late = lateTicksOf(moves);
  const everybody = lives(model, calendar, ticks, range, late);
  const seen = sighted(model, calendar, { tick: 'tick', whole: 'telling = 1' }, everybody);
  const numbers = model.sources.map((_, index) => index + 1);
  const isLateNow = numbers.map(isLate).join(' OR ');
  const rows = `${adding([['late', isLateNow]], seen)} WHERE \`@exists\` AND (telling = 0 OR late)`;
  const attributes = rowColumns(kind, model, calendar, false).filter(([name]) => !/^@/.test(name));
  // The facts of a tick are judged at its clock and at the next: the same expressions over each row twice.
  const twice = `SELECT *, ahead FROM (${adding(attributes, rows)}) ARRAY JOIN [0, 1] AS ahead`;
  const columns: Columns = codesOf(kind, standards, calendar).map(
    (code, index) => [`code${index}`, `toUInt32(${code})`] as const,
  );
  return `SELECT nr, tick, ahead, telling, late, \`@team\`, ${listed(columns)} FROM (${twice})`;
}

function lateTicksOf({ model, calendar }: Judged): readonly number[] {
  const ticks = model.sources.flatMap((source) =>
    (calendar.troubles.get(source) ?? []).flatMap((one) => (one?.is === 'late' ? [one.from] : [])),
  );
  return [...new Set(ticks)].sort((a, b) => a - b);
}

/** States and reasons before (`0`), under the new clock (`c`) and now (`1`); teams as a path of `core/figures/accounting.ts` has them. */
function standing(): Columns {
  const state = (code: string) =>
    `toInt8([${[0, 1, 2, 3].map((one) => STATES[one as keyof typeof STATES]).join()}][${code} % ${STEP} + 1])`;
  // Of an unknown the path is left out: two of one cause are one reason.
  const reason = (code: string) =>
    `if(${code} % ${STEP} = ${CODE.unknown}, toUInt32(intDiv(${code}, ${STEP * RANK}) * ${STEP} + ${CODE.unknown}), ${code})`;
  return [
    ['state0', state('p')],
    ['statec', state('c')],
    ['state1', state('e')],
    ['reason0', reason('p')],
    ['reasonc', reason('c')],
    ['reason1', reason('e')],
    ['teama', `multiIf(here > 0, team1, p % ${STEP} = ${CODE.na}, toUInt16(${NOWHERE}), team0)`],
    ['teamb', `multiIf(p % ${STEP} != ${CODE.na}, team0, here > 0, team1, toUInt16(${NOWHERE}))`],
  ];
}

/** What `reason` of a move is called. */
function reasonName(standards: readonly CompiledStandard[]): string {
  const fails = `[${standards.map(({ reasons }) => `[${reasons.map(({ definition }) => text(definition.id)).join()}]`).join()}]`;
  const [verdict, detail] = [`move.3 % ${STEP}`, `intDiv(move.3, ${STEP})`];
  return `multiIf(${verdict} = ${CODE.na}, '', ${verdict} = ${CODE.pass}, 'meets',
      ${verdict} = ${CODE.fail}, ${fails}[standard][${detail} + 1], [${CAUSES.map(text).join()}][${CAUSES.length + 1} - ${detail}])`;
}

/** The rows of every move, in the order of the steps: team, state, reason, step, from, to, gone, side, sign. */
function movesOf(): Columns {
  const move = (
    when: string,
    {
      step,
      from,
      to,
      teams,
      reasons,
      gone = '0',
    }: Readonly<{
      step: number;
      from: string;
      to: string;
      teams: readonly [string, string];
      reasons: readonly [string, string];
      gone?: string;
    }>,
  ) => {
    const about = `toInt8(${step}), ${from}, ${to}, toUInt8(${gone})`;
    return [
      `if((${when}) AND ${from} != ${O}, [tuple(${teams[0]}, ${from}, ${reasons[0]}, ${about}, toInt8(0), toInt8(-1))], [])`,
      `if((${when}) AND ${to} != ${O}, [tuple(${teams[1]}, ${to}, ${reasons[1]}, ${about}, toInt8(1), toInt8(1))], [])`,
    ];
  };
  const parts = [
    ...move('statec != state0', {
      step: CLOCK,
      from: 'state0',
      to: 'statec',
      teams: ['teamb', 'teamb'],
      reasons: ['reason0', 'reasonc'],
    }),
    ...move('state1 != statec', {
      step: EVIDENCE,
      from: 'statec',
      to: 'state1',
      gone: 'here = 0',
      teams: ['teamb', 'teamb'],
      reasons: ['said', 'reason1'],
    }),
    ...move(`teamb != teama AND state1 != ${O}`, {
      step: REASSIGNED,
      from: 'state1',
      to: 'state1',
      teams: ['teamb', 'teama'],
      reasons: ['if(state1 != statec, reason1, said)', 'reason1'],
    }),
    // The same verdict for another reason.
    ...move(`state1 = statec AND teamb = teama AND said != reason1 AND state1 != ${O}`, {
      step: EVIDENCE,
      from: 'state1',
      to: 'state1',
      teams: ['teama', 'teama'],
      reasons: ['said', 'reason1'],
    }),
  ];
  return [
    ['said', 'if(statec != state0, reasonc, reason0)'],
    ['moves', `arrayConcat(${parts.join(',\n    ')})`],
  ];
}
