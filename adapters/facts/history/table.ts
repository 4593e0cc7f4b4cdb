/**
 * The history of verdicts, as changes: a change takes the old row back (sign −1) and gives the new one (+1), each with
 * when it was true (`valid`, the tick) and when we learned it (`known`, a sealed batch). What held at any pair of both
 * is a sum of signs, what happened between two pairs is a difference of sums, and late truth is two more rows.
 *
 * An epoch opens with one row an asset, so that a sum never reads further back than its epoch.
 */
import type { Table } from '../clickhouse/table.ts';

const STATES = "Enum8('O' = 0, 'P' = 1, 'F' = 2, 'X' = 3, 'U' = 4)";

const STEPS =
  "Enum8('opening' = 0, 'definition' = 1, 'clock' = 2, 'evidence' = 3, 'reassigned' = 4, 'exception' = 5)";

const KEYS = 'standard, epoch, valid, known';
const MOVE = 'step, `from`, `to`, gone, side';
const REOPENED = "step = 'opening' AND epoch > 1";

/**
 * Which rows sum up whatever the epoch: the first opening and every change. Later openings only say the same again, so
 * that a sum need not begin at the first; where sums of many standards are wanted at once, that is the better end.
 */
export const FROM_THE_FIRST = `NOT (${REOPENED})`;

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
  ],
  orderBy: ['standard', 'epoch', 'valid', 'known', 'team', 'asset'],
  shardBy: 'cityHash64(asset)',
  // The same rows without the asset, summed by the engine: not a second arithmetic.
  projections: {
    // What stands, without what moved: three times fewer rows, and that is what most questions ask.
    standing: `SELECT ${KEYS}, team, state, sum(sign) GROUP BY ${KEYS}, team, state`,
    by_standard: `SELECT ${KEYS}, state, ${MOVE}, sum(sign) GROUP BY ${KEYS}, state, ${MOVE}`,
    // One team's share of every standard lies together.
    of_team: `SELECT team, ${KEYS}, state, ${MOVE}, sum(sign) GROUP BY team, ${KEYS}, state, ${MOVE}`,
    // Every team over all standards, whose epochs differ: see `FROM_THE_FIRST`.
    overall: `SELECT valid, known, ${REOPENED} AS reopened, team, state, sum(sign) GROUP BY valid, known, reopened, team, state`,
    by_asset: 'SELECT * ORDER BY asset, standard, valid, known',
  },
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
  shardBy: 'cityHash64(standard)',
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
  shardBy: 'cityHash64(standard)',
};

export const verdictAsset: Table = {
  name: 'verdict_asset',
  description: 'The id behind the number by which an asset stands in the history.',
  columns: [
    { name: 'asset', type: 'UInt64' },
    { name: 'id', type: 'String', codec: 'ZSTD(1)' },
  ],
  orderBy: ['asset'],
  shardBy: 'asset',
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
  ],
  orderBy: ['valid', 'known'],
  shardBy: 'known',
};

export const HISTORY: readonly Table[] = [verdictDelta, verdictUnnamed, verdictEpoch, verdictAsset, tickLog];
