/**
 * The history of verdicts, as changes: a change takes the old row back (sign −1) and gives the new one (+1), each with
 * when it was true (`valid`, the tick) and when we learned it (`known`, a sealed batch). What held at any pair of both
 * is a sum of signs, what happened between two pairs is a difference of sums, and late truth is two more rows.
 *
 * An epoch opens with one row an asset, so that a sum never reads further back than its epoch.
 */
import type { Table } from '../clickhouse/table.ts';

const STATES = "Enum8('O' = 0, 'P' = 1, 'F' = 2, 'X' = 3, 'U' = 4)";

/** Their numbers are what is stored, and no order: that is `turn`. */
const STEPS =
  "Enum8('opening' = 0, 'definition' = 1, 'clock' = 2, 'evidence' = 3, 'reassigned' = 4, 'exception' = 5)";

/** The place of a row in the path of its tick. Rows of before steps were put in another order have 0, and the order of their numbers. */
export const IN_TURN = 'if(turn = 0, CAST(step AS Int8), toInt8(turn))';

const KEYS = 'standard, epoch, valid, known';
const MOVE = 'step, `from`, `to`, gone, side';
const TEAM_DAYS = `team, valid, known, on_time, standard, epoch, state, ${MOVE}`;
const REOPENED = "step = 'opening' AND epoch > 1";

/**
 * Which rows sum up whatever the epoch: the first opening and every change. Later openings only say the same again, so
 * that a sum need not begin at the first; where sums of many standards are wanted at once, that is the better end.
 */
export const FROM_THE_FIRST = `NOT (${REOPENED})`;

/**
 * Weeks in the sums by team. What was learned at the tick that it happened at is in the sum of its week: nothing that was learned then is
 * asked for without it. What was learned late keeps the moments of both, so that any pair of them can be asked for.
 */
export const WEEK = 'toMonday(valid)';
export const LATE_VALID = "if(on_time = 1, toDateTime(0, 'UTC'), valid)";
export const LATE_KNOWN = 'if(on_time = 1, toUInt64(0), known)';
/** What was given is told from what was taken back: a sum of both would hide one behind the other. */
export const LATE_SIGN = 'if(on_time = 1, toInt8(0), sign)';
const TEAM_WEEKS = `on_time, team, ${WEEK} AS week, ${LATE_VALID} AS late_valid, ${LATE_KNOWN} AS late_known, ${LATE_SIGN} AS late_sign, standard, epoch, state, ${MOVE}`;

/** Which side of which move a row is. */
const SIDE = [
  { name: 'reason', type: 'LowCardinality(String)' },
  { name: 'step', type: STEPS },
  { name: 'from', type: STATES },
  { name: 'to', type: STATES },
  { name: 'gone', type: 'UInt8' },
  { name: 'side', type: "Enum8('old' = 0, 'new' = 1)" },
] as const;

export const verdictDelta: Table = {
  name: 'verdict_delta',
  description: 'One side of one change of one asset under one standard.',
  columns: [
    { name: 'standard', type: 'LowCardinality(String)' },
    { name: 'epoch', type: 'UInt32' },
    { name: 'valid', type: "DateTime('UTC')", codec: 'Delta, ZSTD(1)' },
    { name: 'known', type: 'UInt64', codec: 'Delta, ZSTD(1)' },
    { name: 'team', type: 'LowCardinality(String)' },
    { name: 'asset', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'state', type: STATES },
    ...SIDE,
    { name: 'sign', type: 'Int8' },
    { name: 'turn', type: 'UInt8' },
    // Learned at the tick that it happened at; 0 where it was learned late, or an earlier release wrote it and nobody can say.
    { name: 'on_time', type: 'UInt8' },
  ],
  orderBy: ['standard', 'epoch', 'valid', 'known', 'team', 'asset'],
  // The same rows without the asset, summed by the engine: not a second arithmetic.
  projections: {
    // What stands, without what moved: three times fewer rows, and that is what most questions ask.
    standing: `SELECT ${KEYS}, team, state, sum(sign) GROUP BY ${KEYS}, team, state`,
    by_standard: `SELECT ${KEYS}, state, ${MOVE}, sum(sign) GROUP BY ${KEYS}, state, ${MOVE}`,
    // A team's weeks lie together, with all standards: any two dates are some weeks and the days at both ends.
    weeks_of_team: `SELECT ${TEAM_WEEKS}, sum(sign) GROUP BY ${TEAM_WEEKS.replaceAll(/ AS \w+/g, '')}`,
    days_of_team: `SELECT ${TEAM_DAYS}, sum(sign) GROUP BY ${TEAM_DAYS}`,
    // Every team over all standards, whose epochs differ: see `FROM_THE_FIRST`.
    overall: `SELECT valid, known, ${REOPENED} AS reopened, team, state, sum(sign) GROUP BY valid, known, reopened, team, state`,
    of_asset: 'SELECT * ORDER BY asset, standard, valid, known',
  },
  // A tick asks for some hundred assets whose numbers lie nowhere near each other, and each has some hundred rows; the hundred teams of a unit
  // lie nowhere near each other either. The engine compares numbers of granules and not of rows: if those of days were as small as those
  // of weeks, it would take the table itself for the smaller one.
  projectionGranularity: { of_asset: 512, weeks_of_team: 1024, days_of_team: 2048 },
};

export const verdictUnnamed: Table = {
  name: 'verdict_unnamed',
  description:
    'One side of one change of how many assets that must exist and have no name a partition hides from a standard.',
  columns: [
    { name: 'standard', type: 'LowCardinality(String)' },
    { name: 'valid', type: "DateTime('UTC')", codec: 'Delta, ZSTD(1)' },
    { name: 'known', type: 'UInt64', codec: 'Delta, ZSTD(1)' },
    { name: 'source', type: 'LowCardinality(String)' },
    { name: 'container', type: 'String' },
    ...SIDE,
    // So many at once, where a named asset has a row of its own: positive for the new side, negative for the old.
    { name: 'change', type: 'Int64' },
  ],
  orderBy: ['standard', 'valid', 'known', 'source', 'container'],
};

export const verdictEpoch: Table = {
  name: 'verdict_epoch',
  description: 'Where the sums of a standard begin: the tick and the batch of an epoch’s opening.',
  columns: [
    { name: 'standard', type: 'LowCardinality(String)' },
    { name: 'epoch', type: 'UInt32' },
    { name: 'valid', type: "DateTime('UTC')" },
    { name: 'known', type: 'UInt64' },
  ],
  orderBy: ['standard', 'epoch'],
};

export const verdictAsset: Table = {
  name: 'verdict_asset',
  description: 'The id behind the number by which an asset stands in the history.',
  columns: [
    { name: 'asset', type: 'UInt64' },
    { name: 'id', type: 'String', codec: 'ZSTD(1)' },
  ],
  orderBy: ['asset'],
  // Numbers are digests: those of one list lie nowhere near each other.
  granularity: 256,
};

export const tickLog: Table = {
  name: 'tick',
  description: 'A tick that was written whole: its moment, and the digest of every definition in force.',
  columns: [
    { name: 'valid', type: "DateTime('UTC')" },
    { name: 'known', type: 'UInt64' },
    { name: 'definitions', type: 'Map(String, String)' },
    // Of standards that look at other assets: when the clock alone may change what they see there, in nanoseconds.
    { name: 'around', type: 'Map(String, Int64)' },
    // How many rows it wrote of each standard.
    { name: 'written', type: 'Map(String, UInt64)' },
    // The newest pass of answers to whose an asset is that it knew; 0 where sources name owners.
    { name: 'answered', type: 'UInt64' },
  ],
  orderBy: ['valid', 'known'],
};

export const tickBegun: Table = {
  name: 'tick_begun',
  description: 'A tick that was begun: where it never came to be written, what it left has to be taken back.',
  columns: [{ name: 'valid', type: "DateTime('UTC')" }],
  orderBy: ['valid'],
};

export const judgement: Table = {
  name: 'judgement',
  description:
    'What was judged of an asset at the last tick that had to, and until when the clock alone changes none of it.',
  columns: [
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'asset', type: 'UInt64', codec: 'ZSTD(1)' },
    { name: 'id', type: 'String', codec: 'ZSTD(1)' },
    { name: 'team', type: 'LowCardinality(String)' },
    // Of its verdicts and their reasons, by standard.
    { name: 'digest', type: 'UInt64' },
    // The same, by the places that `judged_by` is a digest of.
    { name: 'codes', type: 'Array(UInt16)' },
    // 0 where an exception was over any of it, or an earlier release wrote it: then codes do not say where it stands.
    { name: 'judged_by', type: 'UInt64', codec: 'ZSTD(1)' },
    // Nanoseconds since 1970.
    { name: 'due', type: 'Int64', codec: 'ZSTD(1)' },
    { name: 'valid', type: "DateTime('UTC')" },
  ],
  orderBy: ['kind', 'asset'],
  volatile: true,
};

export const verdictDefinition: Table = {
  name: 'verdict_definition',
  description: 'A definition that was in force at a tick, or a kind that one of them names, by digest.',
  columns: [
    { name: 'digest', type: 'String' },
    { name: 'body', type: 'String', codec: 'ZSTD(3)' },
  ],
  orderBy: ['digest'],
};

export const verdictException: Table = {
  name: 'verdict_exception',
  description: 'An exception that a tick was the first to know, or the first to know no more.',
  columns: [
    { name: 'valid', type: "DateTime('UTC')" },
    { name: 'digest', type: 'String' },
    { name: 'body', type: 'String', codec: 'ZSTD(3)' },
    { name: 'sign', type: 'Int8' },
  ],
  orderBy: ['valid', 'digest'],
};

/** What a tick is working on; of no meaning when none is. */
export const tickDue: Table = {
  temporary: true,
  repeating: true,
  name: 'tick_due',
  description: 'An asset that the tick has to judge.',
  columns: [
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'id', type: 'String' },
  ],
  orderBy: ['kind', 'id'],
};

export const tickTouched: Table = {
  ...tickDue,
  name: 'tick_touched',
  description: 'An asset of which something was said since the last tick.',
};

/** Assets whose past is otherwise by now, so that what was judged of them at the last tick says nothing. */
export const tickCorrected: Table = {
  temporary: true,
  repeating: true,
  name: 'tick_corrected',
  description: 'An asset whose past this tick corrected.',
  columns: [{ name: 'asset', type: 'UInt64' }],
  orderBy: ['asset'],
};

export const tickJudged: Table = {
  temporary: true,
  repeating: true,
  name: 'tick_judged',
  description:
    'What standards say of an asset in one step of a tick, by their place among those of the kind.',
  columns: [
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'asset', type: 'UInt64' },
    { name: 'step', type: STEPS },
    { name: 'id', type: 'String' },
    { name: 'here', type: 'UInt8' },
    { name: 'team', type: 'LowCardinality(String)' },
    { name: 'due', type: 'Int64' },
    // An instant of it lies between the two clocks.
    { name: 'crossed', type: 'UInt8' },
    { name: 'codes', type: 'Array(UInt16)' },
    // Queries that did not come to their end leave some rows behind.
    { name: 'attempt', type: 'UInt32' },
  ],
  orderBy: ['kind', 'asset'],
};

export const tickMoving: Table = {
  temporary: true,
  repeating: true,
  name: 'tick_moving',
  description:
    'An asset that may stand otherwise than at the last tick, with what its standards say in each step.',
  columns: [
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'asset', type: 'UInt64' },
    { name: 'here', type: 'UInt8' },
    { name: 'team', type: 'LowCardinality(String)' },
    { name: 'definition', type: 'Array(UInt16)' },
    { name: 'evidence', type: 'Array(UInt16)' },
    { name: 'clock', type: 'Array(UInt16)' },
    // The same standards judged it last, so that `stood` is where it stood; else the history is asked.
    { name: 'same', type: 'UInt8' },
    { name: 'stood', type: 'Array(UInt16)' },
    // Whose it was.
    { name: 'before', type: 'LowCardinality(String)' },
  ],
  orderBy: ['kind', 'asset'],
};

export const tickExcepted: Table = {
  temporary: true,
  repeating: true,
  name: 'tick_excepted',
  description: 'An asset that an exception lets fail a standard, at the clock before or at that of the tick.',
  columns: [
    { name: 'standard', type: 'LowCardinality(String)' },
    { name: 'asset', type: 'UInt64' },
    { name: 'before', type: 'UInt8' },
    { name: 'after', type: 'UInt8' },
  ],
  orderBy: ['standard', 'asset'],
};

export const tickSelector: Table = {
  temporary: true,
  repeating: true,
  name: 'tick_selector',
  description: 'What an exception calls an asset.',
  columns: [
    { name: 'standard', type: 'LowCardinality(String)' },
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'selector', type: 'String' },
    // Names count as well as ids.
    { name: 'named', type: 'UInt8' },
    { name: 'before', type: 'UInt8' },
    { name: 'after', type: 'UInt8' },
    // Something about the exception is new, so that what it names has to be judged.
    { name: 'stirred', type: 'UInt8' },
  ],
  orderBy: ['kind', 'selector'],
};

export const SCRATCH: readonly Table[] = [
  tickDue,
  tickTouched,
  tickCorrected,
  tickJudged,
  tickMoving,
  tickExcepted,
  tickSelector,
];

export const containersTable: Table = {
  name: 'containers_listed',
  description:
    'Of the containers that may hold the assets of a standard, how many were listed whole at a tick, and how many there were.',
  columns: [
    { name: 'standard', type: 'LowCardinality(String)' },
    { name: 'valid', type: "DateTime('UTC')" },
    { name: 'known', type: 'UInt64' },
    { name: 'whole', type: 'UInt64' },
    { name: 'total', type: 'UInt64' },
  ],
  orderBy: ['standard', 'valid', 'known'],
};

export const measureTable: Table = {
  name: 'measured',
  description: 'What the measure of a standard came to at a tick, where that is not a share of assets.',
  columns: [
    { name: 'standard', type: 'LowCardinality(String)' },
    { name: 'valid', type: "DateTime('UTC')" },
    { name: 'known', type: 'UInt64' },
    // As JSON: amounts by verdict, and what is counted beside them.
    { name: 'body', type: 'String' },
  ],
  orderBy: ['standard', 'valid', 'known'],
};

export const amountDelta: Table = {
  name: 'amount_delta',
  description:
    'One side of one change of the amount that an asset has under a standard that weighs its assets.',
  columns: [
    { name: 'standard', type: 'LowCardinality(String)' },
    { name: 'valid', type: "DateTime('UTC')", codec: 'Delta, ZSTD(1)' },
    { name: 'known', type: 'UInt64', codec: 'Delta, ZSTD(1)' },
    { name: 'team', type: 'LowCardinality(String)' },
    { name: 'asset', type: 'UInt64', codec: 'ZSTD(1)' },
    // The place of the change among those of the asset in this tick.
    { name: 'turn', type: 'UInt8' },
    { name: 'cell', type: 'LowCardinality(String)' },
    { name: 'step', type: 'LowCardinality(String)' },
    { name: 'verdict', type: 'LowCardinality(String)' },
    // Null: nobody knows it.
    { name: 'amount', type: 'Nullable(Int64)' },
    { name: 'side', type: "Enum8('old' = 0, 'new' = 1)" },
    { name: 'sign', type: 'Int8' },
  ],
  orderBy: ['standard', 'valid', 'known', 'team', 'asset'],
};

export const HISTORY: readonly Table[] = [
  verdictDelta,
  verdictUnnamed,
  verdictEpoch,
  verdictAsset,
  tickLog,
  tickBegun,
  judgement,
  verdictDefinition,
  verdictException,
  ...SCRATCH,
  containersTable,
  measureTable,
  amountDelta,
];
