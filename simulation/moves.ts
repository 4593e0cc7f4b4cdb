/**
 * The history set at a time: for every asset and tick what its facts say under the clock of the tick before and under its
 * own, as lists by tick. From one tick to another the moves are those that the store's own tick writes (`history/moves.ts`).
 * Every asset stands for itself, so they are made a part at a time, and memory stays the same whatever the size.
 */

import { quotedText, reasonOf, shortened, texts, verdictOf } from '@macadam/adapters/facts/history/codes';
import { insertMoves as inserted, STATE } from '@macadam/adapters/facts/history/moves';
import { NOBODY } from '@macadam/adapters/facts/history/teams';
import { CODE } from '@macadam/adapters/facts/sql/pass';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Calendar } from './calendar.ts';
import { type Columns, NO_TEAM, rowColumns, teamName } from './columns.ts';
import { codesOf } from './judged.ts';
import type { Model } from './model.ts';
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
 * `here`, `team`, `now`: whether it is there, its team, and the code at the clock of the tick; `early`: at the clock of the tick
 * before. `whole…`: the same with what came too late for the tick.
 */
export const judgedTable = {
  name: 'simulated_judged',
  create: `CREATE TABLE simulated_judged (asset UInt64, standard UInt8, here Array(UInt8), team Array(UInt16), now Array(UInt16), early Array(UInt16),
    islate Array(UInt8), whole Array(UInt8), wholeTeam Array(UInt16), wholeNow Array(UInt16), wholeEarly Array(UInt16)) ENGINE = Memory`,
} as const;

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
    ['early', each((index) => `c${index}`)],
    ['wholeNow', each((index) => `${whole}n${index}`)],
    ['wholeEarly', each((index) => `${whole}c${index}`)],
  ];
  const columns: Columns = [
    ['asset', 'reinterpretAsUInt64(reverse(substring(SHA256(`@id`), 1, 8)))'],
    ...['standard', 'here', 'team', 'now', 'early'].map((name) => [name, name] as const),
    ['islate', late ? 'islate' : 'arrayWithConstant(length(here), toUInt8(0))'],
    ['whole', late ? 'whole' : 'here'],
    ['wholeTeam', late ? 'wteam' : 'team'],
    ...['wholeNow', 'wholeEarly'].map((name) => [name, name] as const),
  ];
  return `INSERT INTO ${judgedTable.name} (${columns.map(([name]) => name).join(', ')})
    SELECT ${columns.map(([, sql]) => sql).join(', ')} FROM (${adding(keys, listsOf(judged, range))}) ARRAY JOIN ${listed(joined)} ${BRIEFLY}`;
}

/** An `INSERT … SELECT` of the history of everything that was judged. */
export const insertMoves = (moves: Moves): string => inserted(told(moves), BRIEFLY);

/** What `history/moves.ts` asks of an asset and a standard, at every tick where anything changed. */
function told({ standards, calendar, known, epochs }: Moves): string {
  const byTick = (values: readonly number[], type: string) =>
    `CAST([${values.join()}], 'Array(${type})')[tick + 1]`;
  const start = calendar.tickAt(0).getTime() / 1000;
  const step = calendar.size.every * 86_400;
  const reason = (code: string) => reasonOf(standards, code, 'place');
  const team = (number: string) => `if(${number} = ${NO_TEAM}, ${quotedText(NOBODY)}, ${teamName(number)})`;
  const columns: Columns = [
    ['standard', `${texts(standards.map(({ definition }) => definition.id))}[place]`],
    ['epoch', byTick(epochs, 'UInt32')],
    ['valid', `toDateTime(${start} + ${step} * tick, 'UTC')`],
    [
      'known',
      `if(telling = ${AS_PUBLISHED}, ${byTick(known, 'UInt64')}, ${byTick(known.slice(1), 'UInt64')})`,
    ],
    ['flip', `toInt8(if(telling = ${TAKEN_BACK}, -1, 1))`],
    ['on_time', `toUInt8(telling = ${AS_PUBLISHED})`],
    ['v0', verdictOf('p')],
    ['r0', reason('p')],
    ['ve', verdictOf('e')],
    ['re', reason('e')],
    ['vc', verdictOf('c')],
    ['rc', reason('c')],
    ['team1', `if(here > 0, ${team('now')}, ${team('then')})`],
    ['team0', `if(v0 = ${STATE.O}, team1, ${team('then')})`],
    ['gone', 'toUInt8(here = 0)'],
  ];
  return `SELECT asset, ${listed(columns)}, v0 AS vd, r0 AS rd, toUInt8(0) AS x0, toUInt8(0) AS x1 FROM (${TOLD})`;
}

/** What each tick wrote; and what the tick after it wrote of assets whose facts had come too late, both ways. */
const AS_PUBLISHED = 0;
const TAKEN_BACK = 1;
const PUT_RIGHT = 2;

// What was so at the tick before is one place further on.
const shifted = (list: string, none: string) => `arrayPushFront(arrayPopBack(${list}), ${none})`;
const NA = `toUInt16(${CODE.na})`;
const BESIDE = [
  'arrayEnumerate(here)',
  shifted('wholeNow', NA),
  'early',
  'now',
  'wholeEarly',
  'wholeNow',
  'here',
  'whole',
  shifted('wholeTeam', `toUInt16(${NO_TEAM})`),
  'team',
  'wholeTeam',
  'islate',
].join(', ');
// Before the first tick there is no clock at which its facts could be judged.
const TICKED = `SELECT asset, standard AS place, toInt16(at.1 - 1) AS tick, at.2 AS p, if(tick = 0, at.4, at.3) AS e0, at.4 AS c0,
    if(tick = 0, at.6, at.5) AS e2, at.6 AS c2, at.7 AS here0, at.8 AS here2, at.9 AS then, at.10 AS team0, at.11 AS team2, at.12 AS late
  FROM ${judgedTable.name}
  ARRAY JOIN arrayFilter(at -> at.2 != at.3 OR at.3 != at.4 OR at.4 != at.6 OR at.3 != at.5 OR at.9 != at.10, arrayZip(${BESIDE})) AS at`;
/** One row for each asset, tick and standard where something changed, and three where that was learned late. */
const TOLD = `SELECT asset, place, tick, telling, p, then, if(telling = ${PUT_RIGHT}, here2, here0) AS here,
    if(telling = ${PUT_RIGHT}, team2, team0) AS now, if(telling = ${PUT_RIGHT}, e2, e0) AS e, if(telling = ${PUT_RIGHT}, c2, c0) AS c
  FROM (${TICKED}) ARRAY JOIN if(late > 0, [${AS_PUBLISHED}, ${TAKEN_BACK}, ${PUT_RIGHT}], [${AS_PUBLISHED}]) AS telling`;

/**
 * One row an asset, each column a list by tick: whether it is there, its team, and by standard the code at the clock of
 * the tick (`n0`) and of the one before (`c0`). Where something came late, a second list of each (`w…`) says what was so.
 */
function listsOf(moves: Judged, range: Range): string {
  const { standards, calendar } = moves;
  const late = lateTicksOf(moves).length > 0;
  const list = (none: string, value: string, which: string, ahead = 0) =>
    `groupArrayInsertAtIf(${none}, ${calendar.ticks + 1})(${value}, toUInt32(tick), ahead = ${ahead} AND (${which}))`;
  const na = `toUInt16(${CODE.na})`;
  const lists = (which: string, prefix: string): Columns => [
    [prefix ? 'whole' : 'here', list('toUInt8(0)', 'toUInt8(1)', which)],
    [`${prefix}team`, list(`toUInt16(${NO_TEAM})`, '`@team`', which)],
    ...standards.flatMap((_, index) => [
      [`${prefix}n${index}`, list(na, `code${index}`, which)] as const,
      [`${prefix}c${index}`, list(na, `code${index}`, which, -1)] as const,
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
  const everybody = lives({ model, calendar, ticks, range, again: late });
  const seen = sighted(model, calendar, { tick: 'tick', whole: 'telling = 1' }, everybody);
  const numbers = model.sources.map((_, index) => index + 1);
  const isLateNow = numbers.map(isLate).join(' OR ');
  const rows = `${adding([['late', isLateNow]], seen)} WHERE \`@exists\` AND (telling = 0 OR late)`;
  const attributes = rowColumns(kind, model, calendar, false).filter(([name]) => !/^@/.test(name));
  // The facts of a tick are judged at its clock and at the one before: the same expressions over each row twice.
  const twice = `SELECT *, ahead FROM (${adding(attributes, rows)}) ARRAY JOIN [0, -1] AS ahead`;
  const { named, codes } = codesOf(kind, standards, calendar);
  // Each stands in the next one several times: a query that had them in one piece would take seconds to be read.
  const columns: Columns = [
    ...named.map(({ name, sql }) => [name, sql] as const),
    ...codes.map((code, index) => [`number${index}`, code] as const),
    ...codes.map((_, index) => [`code${index}`, shortened(`number${index}`)] as const),
  ];
  const shown = codes.map((_, index) => `code${index}`).join(', ');
  return `SELECT nr, tick, ahead, telling, late, \`@team\`, ${shown} FROM (${adding(columns, twice)})`;
}

function lateTicksOf({ model, calendar }: Judged): readonly number[] {
  const ticks = model.sources.flatMap((source) =>
    (calendar.troubles.get(source) ?? []).flatMap((one) => (one?.is === 'late' ? [one.from] : [])),
  );
  return [...new Set(ticks)].sort((a, b) => a - b);
}
