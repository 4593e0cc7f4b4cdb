/**
 * The history set at a time: for every asset and tick what its facts say under the clock of the tick and under that of
 * the next, and from one tick to another the same moves as `core/tick.ts` finds, as rows of the history. Every asset
 * stands for itself, so they are made a part at a time, and memory stays the same whatever the size.
 */
import type { CompiledStandard } from '@macadam/core/compiled-standard';
import type { Kind } from '@macadam/core/kind';
import { CAUSES } from '@macadam/core/observation';
import { verdictDelta } from '../facts/history/table.ts';
import { NOBODY } from '../facts/history/tick.ts';
import { quoted } from '../facts/layout.ts';
import { CODE, STEP } from '../facts/sql/pass.ts';
import { RANK } from '../facts/sql/value.ts';
import type { Calendar } from './calendar.ts';
import { type Columns, NO_TEAM, rowColumns, teamName } from './columns.ts';
import { codesOf } from './judged.ts';
import type { Model } from './model.ts';
import { text } from './terms.ts';
import { adding, isLate, listed, lives, type Range, sighted } from './view.ts';

export interface Moves {
  readonly kind: Kind;
  readonly model: Model;
  readonly standards: readonly CompiledStandard[];
  readonly calendar: Calendar;
  /** By tick: the batch that was known then. */
  readonly known: readonly number[];
  /** By tick: the epoch that its changes belong to. */
  readonly epochs: readonly number[];
}

/** States as the history's enum counts them. */
const O = 0;
const STATES = { [CODE.fail]: 2, [CODE.pass]: 1, [CODE.unknown]: 4, [CODE.na]: O };
const CLOCK = 2;
const EVIDENCE = 3;
const REASSIGNED = 4;

/** An `INSERT … SELECT` of the history of some assets of a kind. */
export function insertMoves(moves: Moves, range: Range): string {
  const names = verdictDelta.columns.map(({ name }) => quoted(name)).join(', ');
  return `INSERT INTO ${verdictDelta.name} (${names})\n${rows(moves, range)} SETTINGS max_block_size = 16384`;
}

function rows(moves: Moves, range: Range): string {
  const { kind, model, standards, calendar, known, epochs } = moves;
  const written = adding(movesOf(), adding(standing(standards), changesOf(moves, range)));
  const keys = rowColumns(kind, model, calendar, false).filter(
    ([name]) => name === '@id' || kind.key.includes(name),
  );
  const byTick = (values: readonly number[], type: string) => `CAST([${values.join()}], 'Array(${type})')[tick + 1]`;
  const start = calendar.tickAt(0).getTime() / 1000;
  const step = calendar.size.every * 86_400;
  const columns: Readonly<Record<string, string>> = {
    standard: `[${standards.map(({ definition }) => text(definition.id)).join()}][standard]`,
    epoch: byTick(epochs, 'UInt32'),
    valid: `toDateTime(${start} + ${step} * tick, 'UTC')`,
    known: `if(telling = ${AS_PUBLISHED}, ${byTick(known, 'UInt64')}, ${byTick(known.slice(1), 'UInt64')})`,
    team: `multiIf(move.1 = ${NO_TEAM}, '${NOBODY}', move.1 = ${NOWHERE}, '', ${teamName('move.1')})`,
    asset: 'reinterpretAsUInt64(reverse(substring(SHA256(`@id`), 1, 8)))',
    state: 'move.2',
    reason: 'move.3',
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
  return `SELECT ${list.join(', ')} FROM (${adding(keys, written)}) ARRAY JOIN moves AS move`;
}

/** What each tick wrote; and what the tick after it wrote of assets whose facts had come too late, both ways. */
const AS_PUBLISHED = 0;
const TAKEN_BACK = 1;
const PUT_RIGHT = 2;
/** Stands for the team of what stood nowhere. */
const NOWHERE = 65_534;

/** One row for each asset, tick and standard where something changed: `nr`, `tick`, `telling`, `standard`, codes and teams. */
function changesOf(moves: Moves, range: Range): string {
  const { standards, calendar } = moves;
  const late = lateTicksOf(moves);
  const entries = standards.map((_, index) => {
    const [old, clocked, now] = [`wn${index}`, `wc${index}`, `n${index}`];
    const told = (telling: number, after: string, view: string, ticks: string) =>
      `arrayMap(t -> (toUInt8(${index + 1}), t, toUInt8(${telling}), ${at(old, 't - 1')}, ${at(clocked, 't - 1')}, ${after}[t + 1],
        toUInt8(t > 0 AND whole[t] > 0), ${view}[t + 1], wteam[t], ${view === 'here' ? 'team' : 'wteam'}[t + 1]), ${ticks})`;
    const moved = `t -> ${at(old, 't - 1')} != ${at(clocked, 't - 1')} OR ${at(clocked, 't - 1')} != ${now}[t + 1]
      OR t > 0 AND wteam[t] != team[t + 1] AND ${now}[t + 1] != ${CODE.na}`;
    const parts = [told(AS_PUBLISHED, now, 'here', `arrayFilter(${moved}, ticks)`)];
    if (late.length > 0) {
      const ticks = 'arrayFilter(t -> islate[t + 1] > 0, ticks)';
      parts.push(told(TAKEN_BACK, now, 'here', ticks), told(PUT_RIGHT, old, 'whole', ticks));
    }
    return parts.join(', ');
  });
  const names = ['standard', 'tick', 'telling', 'p', 'c', 'e', 'was', 'here', 'team0', 'team1'];
  const ticks = `CAST(range(${calendar.ticks + 1}), 'Array(Int16)')`;
  const changes = `SELECT nr, \`@division\`, arrayConcat(${entries.join(', ')}) AS changes FROM (${adding([['ticks', ticks]], whole(moves, range))})`;
  return `SELECT nr, ${names.map((name, index) => `change.${index + 1} AS ${name}`).join(', ')}
    FROM (${changes}) ARRAY JOIN changes AS change`;
}

/** Of a list by tick; before the first there is nothing. */
const at = (list: string, tick: string): string =>
  `if(${tick} < 0, toUInt32(${CODE.na}), ${list}[${tick} + 1])`;

/** The lists of `listsOf`, and those of them that hold what came late too: `wn0`, `wc0`, `whole`, `wteam`. */
function whole(moves: Moves, range: Range): string {
  const late = lateTicksOf(moves).length > 0;
  const over = (name: string, plain: string, own: string): [string, string] => [
    name,
    late ? `arrayMap((l, mine, other) -> if(l > 0, mine, other), islate, ${own}, ${plain})` : plain,
  ];
  const columns: Columns = [
    over('whole', 'here', 'islate'),
    over('wteam', 'team', 'lteam'),
    ...moves.standards.flatMap((_, index) => [
      over(`wn${index}`, `n${index}`, `ln${index}`),
      over(`wc${index}`, `c${index}`, `lc${index}`),
    ]),
  ];
  return adding(columns, listsOf(moves, range));
}

/**
 * One row an asset, each column a list by tick: whether it is there, its team, and by standard the code at the clock of
 * the tick (`n0`) and of the next (`c0`). Of ticks that were late, a second list of each says what was so in truth.
 */
function listsOf(moves: Moves, range: Range): string {
  const { standards, calendar } = moves;
  const late = lateTicksOf(moves).length > 0;
  const list = (none: string, value: string, telling: number) =>
    `groupArrayInsertAtIf(${none}, ${calendar.ticks + 1})(${value}, toUInt32(tick), telling = ${telling})`;
  const na = `toUInt32(${CODE.na})`;
  const lists = (telling: number, prefix: string): Columns => [
    [telling === 0 ? 'here' : 'islate', list('toUInt8(0)', 'toUInt8(1)', telling)],
    [`${prefix}team`, list(`toUInt16(${NO_TEAM})`, '`@team`', telling)],
    ...standards.flatMap((_, index) => [
      [`${prefix}n${index}`, list(na, `code${index}`, telling)] as const,
      [`${prefix}c${index}`, list(na, `next${index}`, telling)] as const,
    ]),
  ];
  const columns = [...lists(0, ''), ...(late ? lists(1, 'l') : [])];
  return `SELECT nr, any(\`@division\`) AS \`@division\`, ${listed(columns)} FROM (${codes(moves, range)}) GROUP BY nr`;
}

/** One row an asset and tick at which it is there. */
function codes(moves: Moves, range: Range): string {
  const { kind, model, standards, calendar } = moves;
  const ticks = Array.from({ length: calendar.ticks + 1 }, (_, tick) => tick);
  const late = lateTicksOf(moves);
  const everybody = lives(model, calendar, ticks, range, late);
  const seen = sighted(model, calendar, { tick: 'tick', whole: 'telling = 1' }, everybody);
  const numbers = model.sources.map((_, index) => index + 1);
  const rows = `${seen} WHERE \`@exists\` AND (telling = 0 OR ${numbers.map(isLate).join(' OR ')})`;
  const attributes = rowColumns(kind, model, calendar, false).filter(([name]) => !/^@/.test(name));
  const columns: Columns = [
    ...codesOf(kind, standards, calendar, 0).map((code, index) => [`code${index}`, `toUInt32(${code})`] as const),
    ...codesOf(kind, standards, calendar, 1).map((code, index) => [`next${index}`, `toUInt32(${code})`] as const),
  ];
  return `SELECT nr, tick, telling, \`@division\`, \`@team\`, ${listed(columns)} FROM (${adding(attributes, rows)})`;
}

function lateTicksOf({ model, calendar }: Moves): readonly number[] {
  const ticks = model.sources.flatMap((source) =>
    (calendar.troubles.get(source) ?? []).flatMap((one) => (one?.is === 'late' ? [one.from] : [])),
  );
  return [...new Set(ticks)].sort((a, b) => a - b);
}

/** States and reasons before (`0`), under the new clock (`c`) and now (`1`); teams as a path of `core/accounting.ts` has them. */
function standing(standards: readonly CompiledStandard[]): Columns {
  const state = (code: string) =>
    `toInt8([${[0, 1, 2, 3].map((one) => STATES[one as keyof typeof STATES]).join()}][${code} % ${STEP} + 1])`;
  const fails = `[${standards.map(({ reasons }) => `[${reasons.map(({ definition }) => text(definition.id)).join()}]`).join()}]`;
  const causes = `[${CAUSES.map(text).join()}]`;
  const reason = (code: string) =>
    `multiIf(${code} % ${STEP} = ${CODE.na}, '', ${code} % ${STEP} = ${CODE.pass}, 'meets',
      ${code} % ${STEP} = ${CODE.fail}, ${fails}[standard][intDiv(${code}, ${STEP}) + 1],
      ${causes}[${CAUSES.length + 1} - intDiv(intDiv(${code}, ${STEP}), ${RANK})])`;
  return [
    ['state0', state('p')],
    ['statec', state('c')],
    ['state1', state('e')],
    ['reason0', reason('p')],
    ['reasonc', reason('c')],
    ['reason1', reason('e')],
    ['teama', `multiIf(here > 0, team1, state0 = ${O}, toUInt16(${NOWHERE}), team0)`],
    ['teamb', `if(state0 = ${O}, teama, team0)`],
  ];
}

/** The rows of every move, in the order of the steps: team, state, reason, step, from, to, gone, side, sign. */
function movesOf(): Columns {
  const move = (
    when: string,
    { step, from, to, teams, reasons, gone = '0' }: Readonly<{
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
      ...{ step: CLOCK, from: 'state0', to: 'statec' },
      ...{ teams: ['teamb', 'teamb'], reasons: ['reason0', 'reasonc'] },
    }),
    ...move('state1 != statec', {
      ...{ step: EVIDENCE, from: 'statec', to: 'state1', gone: 'here = 0' },
      ...{ teams: ['teamb', 'teamb'], reasons: ['said', 'reason1'] },
    }),
    ...move(`teamb != teama AND state1 != ${O}`, {
      ...{ step: REASSIGNED, from: 'state1', to: 'state1' },
      ...{ teams: ['teamb', 'teama'], reasons: ['if(state1 != statec, reason1, said)', 'reason1'] },
    }),
    // The same verdict for another reason.
    ...move(`state1 = statec AND teamb = teama AND said != reason1 AND state1 != ${O}`, {
      ...{ step: EVIDENCE, from: 'state1', to: 'state1' },
      ...{ teams: ['teama', 'teama'], reasons: ['said', 'reason1'] },
    }),
  ];
  return [
    ['said', 'if(statec != state0, reasonc, reason0)'],
    ['moves', `arrayConcat(${parts.join(',\n    ')})`],
  ];
}
