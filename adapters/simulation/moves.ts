/**
 * The history set at a time: for every asset and tick what the facts of the tick before say under the old clock and the
 * new one, and what those of this tick say, and of that the same moves as `core/tick.ts` finds, as rows of the
 * history. Nothing is kept in between, and every asset stands for itself, so that memory stays the same whatever the size.
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
import { type Columns, rowColumns } from './columns.ts';
import { codesOf } from './judged.ts';
import type { Knowing } from './life.ts';
import type { Model } from './model.ts';
import { text } from './terms.ts';
import { adding, isLate, listed, lives, sighted } from './view.ts';

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

/**
 * `as published`: what each tick wrote. `taken back` and `put right`: what the tick after wrote anew of assets whose
 * facts had come too late.
 */
export type Telling = 'as published' | 'taken back' | 'put right';

/** States as the history's enum counts them. */
const O = 0;
const STATES = { [CODE.fail]: 2, [CODE.pass]: 1, [CODE.unknown]: 4, [CODE.na]: O };
const CLOCK = 2;
const EVIDENCE = 3;
const REASSIGNED = 4;

/** An `INSERT … SELECT` of a kind's history. */
export function insertMoves(moves: Moves, telling: Telling): string {
  const names = verdictDelta.columns.map(({ name }) => quoted(name)).join(', ');
  return `INSERT INTO ${verdictDelta.name} (${names})\n${rows(moves, telling)}`;
}

function rows({ kind, model, standards, calendar, known, epochs }: Moves, telling: Telling): string {
  const ticks = Array.from({ length: calendar.ticks + 1 }, (_, tick) => tick);
  const knowing: Knowing = telling === 'put right' ? 'whole' : 'published';
  const late = telling !== 'as published';
  const lifeNames = `nr, tick, ${lifeList(model)}`;
  // Only those that were late, at the tick at which they were.
  const everybody = lives(model, calendar, late ? lateTicksOf(model, calendar) : ticks);
  const numbers = model.sources.map((_, index) => index + 1);
  const some = late ? `SELECT * FROM (${everybody}) WHERE ${numbers.map(isLate).join(' OR ')}` : everybody;

  const attributes = rowColumns(kind, model, calendar, false).filter(([name]) => !/^@/.test(name));
  const before = adding(attributes, sighted(model, { tick: 'tick - 1', knowing: 'whole' }, some));
  const old = codesOf(kind, standards, calendar, -1);
  const clocked = codesOf(kind, standards, calendar, 0);
  const out = (exists: string, code: string) => `if(${exists}, toUInt32(${code}), toUInt32(${CODE.na}))`;
  const first: Columns = [
    ['was', '`@exists`'],
    ['team0', TEAM],
    ...old.map((code, index) => [`p${index}`, out('`@exists`', code)] as const),
    ...clocked.map((code, index) => [`c${index}`, out('`@exists`', code)] as const),
  ];
  const half = `SELECT ${lifeNames}, ${listed(first)} FROM (${before})`;

  const after = adding(attributes, sighted(model, { tick: 'tick', knowing }, half));
  const second: Columns = [
    ['here', '`@exists`'],
    ['team1', TEAM],
    ...clocked.map((code, index) => [`e${index}`, out('`@exists`', code)] as const),
  ];
  const sides = standards.flatMap((_, index) => [`p${index}`, `c${index}`]).join(', ');
  const judged = `SELECT ${lifeNames}, was, team0, ${sides}, ${listed(second)} FROM (${after})`;

  const all = standards
    .map((_, index) => `tuple(toUInt8(${index + 1}), p${index}, c${index}, e${index})`)
    .join(', ');
  const moved = `s -> s.2 != s.3 OR s.3 != s.4 OR team0 != team1 AND s.4 != ${CODE.na}`;
  const changed = `SELECT nr, tick, was, here, team0, team1, change.1 AS standard, change.2 AS p, change.3 AS c, change.4 AS e
    FROM (${judged}) ARRAY JOIN arrayFilter(${moved}, [${all}]) AS change WHERE was OR here`;

  const written = adding(movesOf(), adding(standing(standards), changed));
  const byTick = (values: readonly number[], type: string) =>
    `CAST([${values.join()}], 'Array(${type})')[tick + 1]`;
  const learned = late ? [...known.slice(1), known.at(-1) ?? 0] : known;
  const start = calendar.tickAt(0).getTime() / 1000;
  const step = calendar.size.every * 86_400;
  const sign = telling === 'taken back' ? '-move.9' : 'move.9';
  const ids = `[${standards.map(({ definition }) => text(definition.id)).join()}]`;
  const id = new Map(rowColumns(kind, model, calendar, false)).get('@id') ?? '';
  const keys = attributes.filter(([name]) => kind.key.includes(name));
  const numbered = `SELECT *, ${idNumber(id, keys)} AS asset FROM (${written})`;
  const columns: Readonly<Record<string, string>> = {
    standard: `${ids}[standard]`,
    epoch: byTick(epochs, 'UInt32'),
    valid: `toDateTime(${start} + ${step} * tick, 'UTC')`,
    known: byTick(learned, 'UInt64'),
    team: 'move.1',
    asset: 'asset',
    state: 'move.2',
    reason: 'move.3',
    step: 'move.4',
    from: 'move.5',
    to: 'move.6',
    gone: 'move.7',
    side: 'move.8',
    sign,
  };
  const list = verdictDelta.columns.map(({ name, type }) =>
    /^Enum/.test(type) ? `CAST(${columns[name]}, ${text(type)})` : `${columns[name]}`,
  );
  return `SELECT ${list.join(', ')} FROM (${numbered}) ARRAY JOIN moves AS move SETTINGS max_block_size = 16384`;
}

const TEAM = `if(\`owners@at\` = 0 OR empty(owners), '${NOBODY}', owners[1])`;

/** The number of an asset in the history, as `assetNumber` has it. */
function idNumber(id: string, keys: Columns): string {
  const own = keys.reduce((sql, [name, value]) => sql.replaceAll(quoted(name), () => `(${value})`), id);
  return `reinterpretAsUInt64(reverse(substring(SHA256(${own}), 1, 8)))`;
}

function lifeList(model: Model): string {
  const troubles = model.sources.flatMap((_, index) =>
    ['trouble', 'from', 'to', 'hides'].map((name) => `@${name}${index + 1}`),
  );
  return ['@division', '@leaving', 'born_in', '@born_at', 'opens_in', '@gone', '@back', ...troubles]
    .map(quoted)
    .join(', ');
}

function lateTicksOf(model: Model, calendar: Calendar): readonly number[] {
  const ticks = model.sources.flatMap((source) =>
    (calendar.troubles.get(source) ?? []).flatMap((one) => (one?.is === 'late' ? [one.from] : [])),
  );
  return [...new Set(ticks)].sort((a, b) => a - b);
}

/** Whether anything of a kind is ever late. */
export const everLate = (model: Model, calendar: Calendar): boolean => lateTicksOf(model, calendar).length > 0;

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
    ['teama', `if(here, team1, if(state0 = ${O}, '', team0))`],
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
      ...{ step: EVIDENCE, from: 'statec', to: 'state1', gone: 'NOT here' },
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
