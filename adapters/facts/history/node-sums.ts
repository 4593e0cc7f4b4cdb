/**
 * Sums over the rows of some teams. Weeks are summed by the engine when they are written, and what was learned late lies beside them with
 * its moments, so that only the days at both ends are read by day.
 */
import { type Moment, seconds } from './record.ts';
import { LATE_KNOWN, LATE_SIGN, LATE_VALID, verdictDelta, WEEK } from './table.ts';
import type { Where } from './written.ts';

const WEEK_SECONDS = 7 * 86_400;
/** 1970 began on a Thursday. */
const FIRST_MONDAY = 4 * 86_400;
const mondayOf = (at: number): number =>
  Math.floor((at - FIRST_MONDAY) / WEEK_SECONDS) * WEEK_SECONDS + FIRST_MONDAY;
const dateOf = (at: number): string => new Date(at * 1000).toISOString().slice(0, 10);

/** Nothing was told before. */
export const NEVER = 'toUInt32(0) AS told, toUInt8(0) AS back';

const EARLIER = `${LATE_VALID} <= fromUnixTimestamp({fromValid:Int64})`;
const SINCE = `${EARLIER} AND ${LATE_KNOWN} > {fromKnown:UInt64}`;
const LEARNED = `if(${SINCE}, toUnixTimestamp(${LATE_VALID}), 0) AS told,
  toUInt8(${SINCE} AND ${LATE_SIGN} = if(side = 'new', -1, 1)) AS back`;

const WEEKS = "preferred_optimize_projection_name = 'weeks_of_team'";
const DAYS = "preferred_optimize_projection_name = 'days_of_team'";

/**
 * Days from a Monday to the week of a row. A comparison of both would say the same, and the engine would work out for each granule of the
 * table, and of projections that are not read, what it says there: of the time that one team takes, more than half.
 */
const daysFrom = (monday: 'weeksBefore' | 'weeksAfter'): string =>
  `dateDiff('day', {${monday}:Date}, ${WEEK})`;

interface Part {
  readonly moved: string;
  readonly stands?: string;
  readonly what?: string;
}

export interface NodeSumsInput {
  /** Null: nothing is asked but what stands at the later moment. */
  readonly from: Moment | null;
  readonly to: Moment;
  readonly written: readonly Moment[];
  readonly columns: string;
  readonly condition: string;
  /** What stands at the later moment is asked, too: `stood`. */
  readonly standing: boolean;
}

/**
 * SQL of sums by columns, more than one of the same columns at times. `stood`: of rows up to the later moment; `count`: of those alone that
 * were not so at the earlier one, without openings. `told`: of what was before the earlier moment and learned since, the instant that it is
 * of, in seconds; else 0. `back`: it was taken back. Null where a tick up to one of the moments was not known at it: nobody asks so by a
 * date, and then weeks say too much.
 */
export function nodeSums({ from, to, written, columns, condition, standing }: NodeSumsInput): Where | null {
  const overtaken = ({ valid, known }: Moment) =>
    written.some((tick) => tick.valid <= valid && tick.known > known);
  if (overtaken(to) || (from !== null && overtaken(from))) return null;
  const weeksAfter = from === null ? 0 : mondayOf(seconds(from.valid)) + WEEK_SECONDS;
  const weeksBefore = mondayOf(seconds(to.valid) + 1);
  /** Rows of a part; `moved`: those that were not so at the earlier moment. */
  const part = (projection: string, rows: string, { moved, stands = '1', what = NEVER }: Part) => {
    const changed = from === null ? '0' : `step != 'opening' AND (${moved})`;
    const [sums, keys] = standing
      ? [
          `toUInt8(${stands}) AS stands, toUInt8(${changed}) AS moved, sum(sign) * stands AS stood, sum(sign) * moved AS count`,
          ', stands, moved',
        ]
      : ['sum(sign) AS count', ''];
    // The engine would plan each of its projections to see which is the smallest: for a hundred teams that takes longer than to read.
    return `SELECT ${columns}, ${what}, ${sums} FROM ${verdictDelta.name}
      WHERE (${rows})${standing ? '' : ` AND ${changed}`}${condition}
      GROUP BY ${columns}, told, back${keys} HAVING sum(sign) != 0
      SETTINGS ${projection}`;
  };
  // What was learned on time is of no instant in the sums of weeks, so that it was no less known at the earlier moment.
  const weeks = part(
    WEEKS,
    `(on_time = 1 AND ${daysFrom('weeksBefore')} < 0${standing ? '' : ` AND ${daysFrom('weeksAfter')} >= 0`})
        OR (on_time = 0 AND ${LATE_VALID} <= fromUnixTimestamp({valid:Int64}) AND ${LATE_KNOWN} <= {known:UInt64})`,
    {
      moved: `(on_time = 1 AND ${daysFrom('weeksAfter')} >= 0) OR NOT (${EARLIER} AND ${LATE_KNOWN} <= {fromKnown:UInt64})`,
      ...(from !== null && { what: LEARNED }),
    },
  );
  const after = 'valid > fromUnixTimestamp({fromValid:Int64})';
  const atEnd = "valid >= toDateTime({weeksBefore:Date}, 'UTC')";
  const atStart = from === null ? '' : ` OR (${after} AND valid < toDateTime({weeksAfter:Date}, 'UTC'))`;
  const days = part(
    DAYS,
    `on_time = 1 AND valid <= fromUnixTimestamp({valid:Int64}) AND (${atEnd}${atStart})`,
    { moved: after, stands: atEnd },
  );
  return {
    sql: `${weeks} UNION ALL ${days}`,
    parameters: {
      valid: seconds(to.valid),
      known: to.known,
      ...(from && { fromValid: seconds(from.valid), fromKnown: from.known }),
      weeksAfter: dateOf(weeksAfter),
      weeksBefore: dateOf(weeksBefore),
    },
  };
}
