/**
 * What moved of few assets, found one by one: to plan the statement that does it for all takes the engine longer than to read where they
 * stood and to take each along its path by `core/figures/tick.ts`.
 */
import type { State } from '@macadam/core/figures/accounting';
import { changesAlong, type Judged } from '@macadam/core/figures/tick';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Parameters } from '../clickhouse/driver.ts';
import { CODE } from '../sql/pass.ts';
import { judgedOf, NOT_JUDGED } from './codes.ts';
import type { MovingOptions } from './moving.ts';
import { insertRows, type Row, rowsOfNumber } from './record.ts';
import { tickExcepted } from './table.ts';

/** An asset that may stand otherwise, with the codes of its standards after each step. */
export interface MovingRow {
  /** Its number. */
  readonly asset: string;
  readonly here: number;
  readonly team: string;
  readonly definition: readonly number[];
  readonly evidence: readonly number[];
  readonly clock: readonly number[];
  /** Where it stood, and whose it was, where `same` is 1; else the history is asked. */
  readonly stood: readonly number[];
  readonly before: string;
  readonly same: number;
  /** 1: it may be new to the history. */
  readonly fresh: number;
}

/** How an asset stood under a standard at the last tick. */
interface Stood {
  readonly asset: string;
  readonly standard: string;
  readonly team: string;
  readonly state: State;
  readonly reason: string;
}

interface Excepted {
  readonly asset: string;
  readonly standard: string;
  readonly before: number;
  readonly after: number;
}

const keyOf = ({ asset, standard }: Pick<Stood, 'asset' | 'standard'>) => `${asset} ${standard}`;
const byKey = <Of extends Pick<Stood, 'asset' | 'standard'>>(rows: readonly Of[]): ReadonlyMap<string, Of> =>
  new Map(rows.map((row) => [keyOf(row), row]));

const EXCEPTED = `SELECT asset, standard, max(before) AS before, max(after) AS after FROM ${tickExcepted.name} GROUP BY asset, standard`;

/** Writes the rows of everything that moved of these. `before`: a SELECT of where they stood; null: there was no tick. */
export async function writeFewMoves(
  { driver, standards, moment, epochs, isCalled }: MovingOptions,
  moving: readonly MovingRow[],
  before: { readonly sql: string; readonly parameters: Parameters } | null,
): Promise<void> {
  const isAsked = before !== null && moving.some(({ same }) => same === 0);
  const stood = byKey(isAsked ? await driver.query<Stood>(before.sql, before.parameters) : []);
  const excepted = byKey(isCalled ? await driver.query<Excepted>(EXCEPTED) : []);
  const rows: Row[] = [];
  for (const one of moving)
    for (const [place, standard] of standards.entries()) {
      const { id } = standard.definition;
      const key = keyOf({ asset: one.asset, standard: id });
      const held = one.same === 1 ? toldBy(one, place, standard) : stood.get(key);
      for (const change of changesFor({ one, place, standard, stood: held, excepted: excepted.get(key) }))
        rows.push(...rowsOfNumber(change, { epoch: epochs.get(id) ?? 1, moment, onTime: 1 }));
    }
  await insertRows(driver, rows);
}

/** Where an asset stood, by its codes; undefined: nowhere. */
function toldBy({ asset, stood, before }: MovingRow, place: number, standard: CompiledStandard) {
  const { verdict, reason } = judgedOf(standard, stood[place] ?? CODE.na);
  return verdict === 'O'
    ? undefined
    : { asset, standard: standard.definition.id, team: before, state: verdict, reason };
}

interface ChangesForInput {
  readonly one: MovingRow;
  readonly place: number;
  readonly standard: CompiledStandard;
  /** Where it stood otherwise than nowhere. */
  readonly stood: Stood | undefined;
  readonly excepted: Excepted | undefined;
}

function changesFor({ one, place, standard, stood, excepted }: ChangesForInput) {
  const said = (codes: readonly number[]): Judged | null => {
    const code = codes[place] ?? NOT_JUDGED;
    return code === NOT_JUDGED ? null : judgedOf(standard, code);
  };
  const [evidence, clock] = [said(one.evidence), said(one.clock)];
  if (evidence === null || clock === null)
    throw new RangeError(`asset ${one.asset} was not judged by ${standard.definition.id}`);
  const state = stood?.state ?? 'O';
  const reason = stood?.reason ?? '';
  const team = one.here === 1 ? one.team : (stood?.team ?? '');
  return changesAlong({
    standard: standard.definition.id,
    asset: one.asset,
    start: {
      state,
      reason,
      team: state === 'O' ? team : (stood?.team ?? team),
      // What was not failing shows no exception, so whether one was in force is asked anew.
      excepted: stood?.state === 'X' || (stood?.state !== 'F' && excepted?.before === 1),
    },
    steps: {
      definition: said(one.definition) ?? { verdict: state === 'X' ? 'F' : state, reason },
      evidence,
      clock,
    },
    after: { team, excepted: excepted?.after === 1, gone: one.here === 0 },
  });
}
