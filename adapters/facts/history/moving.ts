/** From what was judged to what moved: assets that say the same as before are left, the rest is held against where it stood. */

import { hash } from 'node:crypto';
import { CAUSES } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Driver, Parameters } from '../clickhouse/driver.ts';
import { CODE } from '../sql/pass.ts';
import { NOT_JUDGED, quotedText, reasonOf, texts, verdictOf } from './codes.ts';
import { type MovingRow, writeFewMoves } from './few-moves.ts';
import { insertMoves, STATE } from './moves.ts';
import { type Epoch, type Moment, seconds } from './record.ts';
import {
  judgement,
  tickCorrected,
  tickDue,
  tickExcepted,
  tickJudged,
  tickMoving,
  verdictAsset,
  verdictDelta,
} from './table.ts';
import { epochsAt } from './written.ts';

export interface MovingOptions {
  readonly driver: Driver;
  readonly kind: Kind;
  /** All standards of the kind, in the order of their codes. */
  readonly standards: readonly CompiledStandard[];
  readonly moment: Moment;
  /** The last tick, as it is known now. */
  readonly previous: Moment | null;
  /** Epochs that the rows of this tick belong to, by standard. */
  readonly epochs: ReadonlyMap<string, number>;
  /** All that were opened. */
  readonly opened: readonly Epoch[];
  /** What was judged of these assets before says nothing: a definition is another one. */
  readonly anew: boolean;
  /** An exception calls an asset of the kind. */
  readonly isCalled: boolean;
  /** This tick corrected the past of some. */
  readonly isCorrected: boolean;
  /** How many were judged at most is few: each is taken along its path by itself. */
  readonly few: boolean;
}

const SETTINGS = 'SETTINGS join_use_nulls = 0, optimize_aggregation_in_order = 1';

/** What is due and has no row any more is out of every scope. */
export async function noteGone({ driver, kind, standards }: MovingOptions): Promise<void> {
  const none = `arrayWithConstant(${standards.length}, toUInt16(${CODE.na}))`;
  await driver.command(
    `INSERT INTO ${tickJudged.name} (kind, asset, step, id, here, codes)
     SELECT DISTINCT {kind:String}, reinterpretAsUInt64(reverse(substring(SHA256(id), 1, 8))), 'clock', id, 0, ${none}
     FROM ${tickDue.name} WHERE kind = {kind:String} AND id NOT IN (
       SELECT id FROM ${tickJudged.name} WHERE kind = {kind:String} AND step = 'clock' AND here = 1)`,
    { kind: kind.kind },
  );
}

/** One row an asset of what its steps say: `clock`, `evidence` where it says otherwise, `definition` where one is another. */
const together = (kind: Kind, standards: number): string => {
  const of = (step: string) => `minForEachIf(codes, step = ${quotedText(step)})`;
  const none = `arrayWithConstant(${standards}, toUInt16(${NOT_JUDGED}))`;
  return `SELECT asset, max(id) AS id, max(here) AS here, max(team) AS team, min(due) AS due,
      ${of('clock')} AS clock, ${of('evidence')} AS early, ${of('definition')} AS old,
      if(empty(early), clock, arrayMap((e, c) -> if(e = ${NOT_JUDGED}, c, e), early, clock)) AS evidence,
      if(empty(old), ${none}, old) AS definition
    FROM (SELECT asset, step, id, here, team, if(step = 'clock', due, ${2n ** 63n - 1n}) AS due, codes FROM ${tickJudged.name}
      WHERE kind = ${quotedText(kind.kind)})
    GROUP BY asset`;
};

/** SQL of the digest of codes: of each standard's name and what it says, whatever their order. */
const digested = (codes: string, standards: readonly CompiledStandard[]): string =>
  `arraySum(arrayMap((code, name) -> if(code = ${CODE.na}, toUInt64(0), sipHash64(name, code)), ${codes}, ${texts(standards.map(({ definition }) => definition.id))}))`;

/** A digest of what codes of these standards mean, whatever else is defined of them: never 0. */
function meaning(standards: readonly CompiledStandard[]): string {
  const places = standards.map(({ definition, reasons }) => [
    definition.id,
    ...reasons.map((reason) => reason.definition.id),
  ]);
  return (BigInt(`0x${hash('sha256', JSON.stringify([places, CAUSES])).slice(0, 16)}`) | 1n).toString();
}

const EXCEPTED = `asset IN (SELECT asset FROM ${tickExcepted.name})`;
const NO_CODES = "CAST([], 'Array(UInt16)')";

/** A SELECT of what may stand otherwise, in the columns of `tick_moving`, and `fresh` after them where they are few. */
function movingText({ kind, standards, previous, anew, few, isCalled, isCorrected }: MovingOptions): string {
  const compared = !anew && previous !== null;
  // What was judged of it is not where it stands.
  const unlike = [
    ...(isCalled ? [EXCEPTED] : []),
    ...(isCorrected ? [`asset IN (SELECT asset FROM ${tickCorrected.name})`] : []),
  ];
  const otherwise = ['here = 0', 'digested_early != digest', 'team != before', 'judged = 0', ...unlike].join(
    ' OR ',
  );
  const before = `(SELECT asset AS judged, argMax(digest, valid) AS digest, argMax(team, valid) AS before,
      argMax(if(judged_by = ${meaning(standards)}, codes, ${NO_CODES}), valid) AS codes FROM ${judgement.name}
    WHERE ${judgedBefore(kind)} GROUP BY asset)`;
  const told = ['notEmpty(codes)', ...unlike.map((one) => `NOT ${one}`)].join(' AND ');
  const [standing, fresh] = compared
    ? [
        `multiIf(NOT (${otherwise}), evidence, ${told}, codes, ${NO_CODES}) AS stood, notEmpty(stood) AS same, before`,
        'judged = 0',
      ]
    : [`${NO_CODES} AS stood, 0 AS same, '' AS before`, '1'];
  return `SELECT ${quotedText(kind.kind)} AS kind, asset, here, team, definition, evidence, clock, ${standing}${few ? `, ${fresh} AS fresh` : ''} FROM (
       SELECT *, ${digested('clock', standards)} AS digested, ${digested('evidence', standards)} AS digested_early FROM (${together(kind, standards.length)})
     ) AS told ${compared ? `LEFT JOIN ${before} AS judgement ON asset = judged WHERE digested != digest OR ${otherwise}` : ''} ${SETTINGS}`;
}

/** SQL of a condition on `judgement`: of an asset that this tick judges. */
const judgedBefore = (kind: Kind): string => {
  const own = `kind = ${quotedText(kind.kind)}`;
  return `${own} AND asset IN (SELECT asset FROM ${tickJudged.name} WHERE ${own})`;
};

/** Writes what moved, and what stands of every asset that was judged. */
export async function writeMoving(options: MovingOptions): Promise<void> {
  if (options.few) {
    const moving = await options.driver.query<MovingRow>(movingText(options));
    await keepJudged(
      options,
      moving.some(({ fresh, here }) => fresh === 1 && here === 1),
    );
    if (moving.length > 0) await writeFewMoves(options, moving, stoodOf(options));
    return;
  }
  const moving = await findMoving(options);
  await keepJudged(options, true);
  if (moving > 0) await writeMoves(options, moving);
}

/** Finds what may stand otherwise, and gives how many may. */
async function findMoving(options: MovingOptions): Promise<number> {
  const { driver, kind } = options;
  await driver.command(
    `INSERT INTO ${tickMoving.name} (kind, asset, here, team, definition, evidence, clock, stood, same, before) ${movingText(options)}`,
  );
  const [row] = await driver.query<{ rows: string; unjudged: string }>(
    `SELECT count() AS rows, countIf(has(clock, ${NOT_JUDGED})) AS unjudged FROM ${tickMoving.name} WHERE kind = {kind:String}`,
    { kind: kind.kind },
  );
  if (Number(row?.unjudged) > 0)
    throw new RangeError(`${row?.unjudged} assets of kind ${kind.kind} were not judged by every standard`);
  return Number(row?.rows ?? 0);
}

/** What stands of every asset that was judged, and the id of every number that is new to the history; `mayBeNew`: some are. */
async function keepJudged(
  { driver, kind, standards, moment, isCalled }: MovingOptions,
  mayBeNew: boolean,
): Promise<void> {
  if (mayBeNew)
    await driver.command(
      `INSERT INTO ${verdictAsset.name} (asset, id) SETTINGS insert_deduplicate = 0
       SELECT asset, max(id) FROM ${tickJudged.name} WHERE kind = {kind:String} AND here = 1
         AND asset NOT IN (SELECT asset FROM ${judgement.name} WHERE ${judgedBefore(kind)}) GROUP BY asset`,
      { kind: kind.kind },
    );
  const by = isCalled ? `if(${EXCEPTED}, 0, ${meaning(standards)})` : meaning(standards);
  await driver.command(
    `INSERT INTO ${judgement.name} (kind, asset, id, team, digest, codes, judged_by, due, valid) SETTINGS insert_deduplicate = 0
     SELECT ${quotedText(kind.kind)}, asset, id, team, ${digested('clock', standards)}, clock, ${by}, due, fromUnixTimestamp({valid:Int64})
     FROM (${together(kind, standards.length)}) WHERE here = 1`,
    { valid: seconds(moment.valid) },
  );
}

/** Pairs of assets and standards that are held against where they stood at once: some hundred megabytes. */
const PAIRS = 2_000_000;

/** Writes the rows of everything that moved. */
async function writeMoves(options: MovingOptions, moving: number): Promise<void> {
  const { driver, standards } = options;
  const parts = Math.max(1, Math.ceil((moving * standards.length) / PAIRS));
  const step = 2n ** 64n / BigInt(parts);
  for (let part = 0n; part < parts; part += 1n) {
    const from = part * step;
    const to = part === BigInt(parts) - 1n ? 2n ** 64n - 1n : from + step - 1n;
    const range = parts === 1 ? '' : ` AND asset BETWEEN ${from} AND ${to}`;
    const { sql, parameters } = movedFrom(options, range);
    await driver.command(insertMoves(sql, 'SETTINGS join_use_nulls = 0, insert_deduplicate = 0'), parameters);
  }
}

/**
 * Where assets stood under the standards of their kind at the last tick, a row each; null where there was none. `among`: SQL of more
 * conditions; all that were judged where it is left out.
 */
function stoodOf(
  { kind, standards, previous, opened }: MovingOptions,
  among = ` AND asset IN (SELECT asset FROM ${tickJudged.name} WHERE kind = ${quotedText(kind.kind)})`,
): { readonly sql: string; readonly parameters: Parameters } | null {
  if (previous === null) return null;
  const ids = standards.map(({ definition }) => definition.id);
  const epoch = epochsAt(opened, previous, ids);
  return {
    sql: `SELECT asset, standard, team, state, reason FROM ${verdictDelta.name}
      WHERE valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}${epoch.sql}
        AND standard IN (${ids.map(quotedText).join(', ')})${among}
      GROUP BY asset, standard, team, state, reason HAVING sum(sign) = 1`,
    parameters: { valid: seconds(previous.valid), known: previous.known, ...epoch.parameters },
  };
}

function movedFrom(options: MovingOptions, range: string) {
  const { kind, standards, moment, epochs } = options;
  const ids = standards.map(({ definition }) => definition.id);
  const name = quotedText(kind.kind);
  const numbers = `[${ids.map((id) => epochs.get(id) ?? 1).join(', ')}]`;
  const reason = (code: string) => reasonOf(standards, code, 'place');
  const steps = `SELECT asset, here, team, before, same, place, s, d, e, c FROM ${tickMoving.name}
    ARRAY JOIN arrayEnumerate(clock) AS place, if(same = 1, stood, clock) AS s, definition AS d, evidence AS e, clock AS c
    WHERE kind = ${name}${range} AND (same = 0 OR s != e OR e != c OR team != before)`;
  const before = stoodOf(
    options,
    `${range} AND asset IN (SELECT asset FROM ${tickMoving.name} WHERE kind = ${name} AND same = 0${range})`,
  );
  const stood =
    before === null
      ? "SELECT toUInt64(0) AS asset, '' AS standard, '' AS team, CAST('O', 'String') AS state, '' AS reason WHERE false"
      : `SELECT asset, toString(standard) AS standard, any(toString(team)) AS team, any(toString(state)) AS state, any(toString(reason)) AS reason
         FROM (${before.sql}) GROUP BY asset, standard`;
  const excepted = `SELECT asset, toString(standard) AS standard, max(before) AS before, max(after) AS after FROM ${tickExcepted.name} GROUP BY asset, standard`;
  const plain = `multiIf(stood.state = 'X', ${STATE.F}, stood.state = '', ${STATE.O}, CAST(CAST(stood.state, 'Enum8(\\'O\\' = 0, \\'P\\' = 1, \\'F\\' = 2, \\'X\\' = 3, \\'U\\' = 4)'), 'Int8'))`;
  const sql = `SELECT moved.standard AS standard, ${numbers}[place] AS epoch, fromUnixTimestamp(${seconds(moment.valid)}) AS valid,
      toUInt64(${moment.known}) AS known, moved.asset AS asset, toInt8(1) AS flip, toUInt8(1) AS on_time,
      toInt8(if(same = 1, ${verdictOf('s')}, ${plain})) AS v0, if(same = 1, ${reason('s')}, stood.reason) AS r0,
      if(d = ${NOT_JUDGED}, v0, ${verdictOf('d')}) AS vd, if(d = ${NOT_JUDGED}, r0, ${reason('d')}) AS rd,
      ${verdictOf('e')} AS ve, ${reason('e')} AS re, ${verdictOf('c')} AS vc, ${reason('c')} AS rc,
      toUInt8(stood.state = 'X' OR (stood.state != 'F' AND excepted.before = 1)) AS x0, toUInt8(excepted.after = 1) AS x1,
      if(same = 1, toString(moved.before), stood.team) AS held, if(moved.here = 1, toString(moved.team), held) AS team1,
      if(v0 = ${STATE.O}, team1, held) AS team0,
      toUInt8(moved.here = 0) AS gone
    FROM (SELECT *, ${texts(ids)}[place] AS standard FROM (${steps})) AS moved
    LEFT JOIN (${stood}) AS stood ON stood.asset = moved.asset AND stood.standard = moved.standard
    LEFT JOIN (${excepted}) AS excepted ON excepted.asset = moved.asset AND excepted.standard = moved.standard`;
  return { sql, parameters: before?.parameters ?? {} };
}

/** Everything that stood under standards leaves by definition: all of it, or what is of another kind than what was judged. */
export async function withdraw(
  driver: Driver,
  standards: readonly string[],
  {
    moment,
    previous,
    epochs,
    opened,
    but = null,
  }: Pick<MovingOptions, 'moment' | 'epochs' | 'opened'> & {
    readonly previous: Moment;
    readonly but?: string | null;
  },
): Promise<void> {
  if (standards.length === 0) return;
  const epoch = epochsAt(opened, previous, standards);
  const kept =
    but === null
      ? ''
      : ` AND asset NOT IN (SELECT asset FROM ${tickJudged.name} WHERE kind = ${quotedText(but)})`;
  const numbers = `transform(toString(standard), ${texts(standards)}, [${standards.map((id) => epochs.get(id) ?? 1).join(', ')}], 1)`;
  const stood = `SELECT standard, asset, team, state, reason FROM ${verdictDelta.name}
    WHERE valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}${epoch.sql}
      AND standard IN (${standards.map(quotedText).join(', ')})${kept}
    GROUP BY standard, asset, team, state, reason HAVING sum(sign) = 1`;
  const sql = `SELECT standard, toUInt32(${numbers}) AS epoch, fromUnixTimestamp(${seconds(moment.valid)}) AS valid,
      toUInt64(${moment.known}) AS known, asset, toInt8(1) AS flip, toUInt8(1) AS on_time,
      toInt8(if(state = 'X', ${STATE.F}, CAST(state, 'Int8'))) AS v0, toString(reason) AS r0,
      toInt8(${STATE.O}) AS vd, '' AS rd, vd AS ve, '' AS re, vd AS vc, '' AS rc,
      toUInt8(state = 'X') AS x0, toUInt8(0) AS x1, toString(team) AS team0, team0 AS team1, toUInt8(0) AS gone
    FROM (${stood})`;
  await driver.command(insertMoves(sql, 'SETTINGS insert_deduplicate = 0'), {
    valid: seconds(previous.valid),
    known: previous.known,
    ...epoch.parameters,
  });
}
