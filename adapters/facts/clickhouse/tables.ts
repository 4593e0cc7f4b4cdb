/** The tables of the facts store. Times are nanoseconds since 1970 (Int64), digests hexadecimal. */
import type { Kind } from '@macadam/core/kinds/kind';
import { columnsOf, tableOf } from '../layout.ts';
import { quoted, type Table } from './table.ts';

export const observationTable: Table = {
  name: 'observation',
  description: 'What one collection saw of one asset',
  columns: [
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'asset', type: 'String' },
    { name: 'source', type: 'LowCardinality(String)' },
    { name: 'container', type: 'LowCardinality(String)' },
    { name: 'observed_at', type: 'Int64', codec: 'Delta, ZSTD(1)' },
    // The later of its observation and the start of its collection: from when it says that the asset exists.
    { name: 'seen_at', type: 'Int64', codec: 'Delta, ZSTD(1)' },
    { name: 'received_at', type: 'Int64', codec: 'Delta, ZSTD(1)' },
    // The batch is the collection: the same content is never taken twice.
    { name: 'batch', type: 'UInt64', codec: 'Delta, ZSTD(1)' },
    // The observation's canonical text, of which its digest is taken.
    { name: 'body', type: 'String', codec: 'ZSTD(1)' },
    { name: 'estate', type: 'LowCardinality(String)' },
    { name: 'format', type: 'LowCardinality(String)' },
    { name: 'evidence', type: 'String', alias: `lower(hex(SHA256(concat(char(0), body))))` },
    { name: 'name', type: 'String', alias: `JSONExtractString(body, 'name')` },
    { name: 'assurance', type: 'String', alias: `JSONExtractString(body, 'assurance')` },
    { name: 'attributes', type: 'String', alias: `JSONExtractRaw(body, 'attributes')` },
  ],
  orderBy: ['kind', 'asset', 'source', 'observed_at'],
};

/** A batch exists when its row here does: this insert is what makes everything else of it visible. */
export const batchTable: Table = {
  name: 'batch',
  description: 'One thing that was recorded, in the order in which it became known',
  columns: [
    { name: 'number', type: 'UInt64' },
    // collection, retract, confirm, retire-source, retire-asset, forget
    { name: 'event', type: 'LowCardinality(String)' },
    // The digest of a collection, the id of a source or of an asset.
    { name: 'subject', type: 'String' },
    { name: 'source', type: 'LowCardinality(String)' },
    // When it was true: the start of a collection, the time of a retirement.
    { name: 'at', type: 'Int64' },
    { name: 'sealed_at', type: 'Int64' },
    { name: 'observations', type: 'UInt64' },
    { name: 'quarantined', type: 'UInt64' },
    { name: 'reason', type: 'String' },
    // The signed manifest of a collection, as JSON.
    { name: 'body', type: 'String', codec: 'ZSTD(3)' },
  ],
  orderBy: ['number'],
};

export const partitionTable: Table = {
  name: 'partition',
  description: 'What one collection claims about one partition of its source',
  columns: [
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'source', type: 'LowCardinality(String)' },
    { name: 'container', type: 'String' },
    { name: 'started_at', type: 'Int64' },
    { name: 'collection', type: 'LowCardinality(String)' },
    { name: 'batch', type: 'UInt64' },
    { name: 'claimed', type: 'UInt8' },
    { name: 'seen', type: 'UInt64' },
    { name: 'delivered', type: 'UInt64' },
    { name: 'witness', type: 'Nullable(UInt64)' },
    { name: 'estate', type: 'LowCardinality(String)' },
    { name: 'format', type: 'LowCardinality(String)' },
  ],
  orderBy: ['kind', 'source', 'container', 'started_at'],
};

export const quarantineTable: Table = {
  name: 'quarantine',
  description: 'An observation that was set aside, and why',
  columns: [
    { name: 'batch', type: 'UInt64' },
    { name: 'received_at', type: 'Int64' },
    { name: 'why', type: 'LowCardinality(String)' },
    { name: 'body', type: 'String', codec: 'ZSTD(1)' },
  ],
  orderBy: ['batch'],
};

/** How complete old runs were, written down before the observations that show it are forgotten. */
export const completenessTable: Table = {
  name: 'completeness',
  description: 'How complete one partition of one collection was, when its observations were forgotten',
  columns: [
    { name: 'collection', type: 'String' },
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'container', type: 'String' },
    { name: 'batch', type: 'UInt64' },
    { name: 'complete', type: 'UInt8' },
    { name: 'confirmed', type: 'UInt8' },
    { name: 'why', type: 'String' },
    // Observations of it were forgotten, so that what it does not list says nothing any more.
    { name: 'forgotten', type: 'UInt8' },
    { name: 'estate', type: 'LowCardinality(String)' },
    { name: 'format', type: 'LowCardinality(String)' },
  ],
  orderBy: ['collection', 'kind', 'container'],
};

/** What observations were made under: an observation is of the newest version that was in force before its batch. */
export const definitionTable: Table = {
  name: 'definition',
  description: 'A kind as it was defined from one batch on',
  columns: [
    { name: 'kind', type: 'LowCardinality(String)' },
    // The definition counts for batches after this one.
    { name: 'after', type: 'UInt64' },
    { name: 'number', type: 'UInt64' },
    { name: 'version', type: 'UInt64' },
    { name: 'body', type: 'String', codec: 'ZSTD(3)' },
  ],
  orderBy: ['kind', 'number'],
};

/** Assets of batches that are not settled yet, and of some that are. It can be made again from the observations. */
export const affectedTable: Table = {
  temporary: true,
  name: 'affected',
  description: 'An asset that a batch may have changed',
  columns: [
    { name: 'batch', type: 'UInt64' },
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'asset', type: 'String' },
  ],
  orderBy: ['kind', 'asset'],
};

/** Assets that ceased to exist, and at which batch: a tick that counts that batch tells of them and takes them away. */
export const goneTable: Table = {
  name: 'gone',
  description: 'An asset that existed and is no more since a batch',
  columns: affectedTable.columns,
  orderBy: ['kind', 'asset'],
};

/** What is being forgotten; empty at other times, or left from a crash and of no meaning. */
export const doomedTable: Table = {
  temporary: true,
  name: 'doomed',
  description: 'Observations of an asset that are about to be forgotten',
  columns: affectedTable.columns,
  orderBy: ['kind', 'asset', 'batch'],
};

export const settledTable: Table = {
  name: 'settled',
  description: 'Up to which batch the merged assets are',
  columns: [
    { name: 'number', type: 'UInt64' },
    // Digest of each kind's definition that the merged assets follow, as JSON.
    { name: 'kinds', type: 'String' },
  ],
  orderBy: ['number'],
};

/** The merged assets of a kind that exist now, one row each; `@known` is the batch that gave the row. */
export const assetTable = (kind: Kind): Table => ({
  volatile: true,
  name: tableOf(kind),
  description: `An asset of kind ${kind.kind} as of the last settled batch`,
  columns: [...columnsOf(kind).map(({ name, type }) => ({ name, type })), { name: '@known', type: 'UInt64' }],
  orderBy: [quoted('@id')],
  // Those that are due at a tick, or changed, lie anywhere: a few of a hundred thousand, and whole rows are long texts.
  granularity: 512,
});

/** What cannot be made again: it is checked when the store is opened. */
export const KEPT: readonly Table[] = [
  observationTable,
  batchTable,
  partitionTable,
  quarantineTable,
  completenessTable,
  definitionTable,
];
export const DERIVED: readonly Table[] = [affectedTable, goneTable, doomedTable, settledTable];
