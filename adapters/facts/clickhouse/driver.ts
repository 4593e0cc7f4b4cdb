/**
 * What the facts store needs of an engine, and no more: ask, insert, command. Two drivers fulfil it, chDB in this
 * process and a ClickHouse server by URL; every line of SQL above it is the same for both.
 *
 * - SQL names tables without a database: the driver stands in the one it was opened with.
 * - Parameters are bound by the engine, as `{name:Type}` in the SQL; nothing is ever spliced into the text.
 * - Integers of 64 bits and more come back as strings, so that none loses a digit; NaN and infinities as strings.
 * - Every rejection is an `EngineError`.
 */

/** A list is one bound `Array(T)`; keep it short (a server gets parameters in its URL), and join with a table instead. */
export type Parameter = string | number | bigint | boolean | null | readonly Parameter[];
export type Parameters = Readonly<Record<string, Parameter>>;

export interface Insertion {
  readonly table: string;
  readonly columns: readonly string[];
  /**
   * `RowBinary` is the fastest by far (see `rows.ts`); `TabSeparated` and `JSONCompactEachRow` are text, a row a line,
   * and the last takes any type.
   */
  readonly format: 'RowBinary' | 'TabSeparated' | 'JSONCompactEachRow';
  readonly rows: Uint8Array;
  /** A second insert with the same token into the same table changes nothing, also after a crash. */
  readonly token: string;
}

export interface Driver {
  /** What people should be told was opened: a directory, or a URL without credentials. */
  readonly place: string;
  readonly database: string;
  /** The rows of a SELECT, each an object by column name. */
  query<Row extends object>(sql: string, parameters?: Parameters): Promise<readonly Row[]>;
  /** All rows, or none; durable (written and synced) when it resolves. No rows: nothing is done. */
  insert(insertion: Insertion): Promise<void>;
  /** Anything that returns nothing: DDL, DELETE, `INSERT … SELECT`. */
  command(sql: string, parameters?: Parameters): Promise<void>;
  /**
   * The same engine for what may take long and nobody waits for: what is asked here is waited for by nothing that is asked of the driver itself.
   * It sees what that one wrote, and the other way round; it is closed with it.
   */
  readonly background: Driver;
  /** Waits for what is running. A closed driver refuses everything. */
  close(): Promise<void>;
}

/** What the engine said. `code` is ClickHouse's number (`system.errors`), or 0 where the engine was not reached. */
export class EngineError extends Error {
  readonly code: number;
  constructor(message: string, code: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    this.code = code;
  }
}

/** Settings that both drivers put on every statement, so that one SQL has one meaning. */
export const SETTINGS = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_denormals: 1,
  // A column of text that is given an array holds the array as it was written.
  input_format_json_read_arrays_as_strings: 1,
  // `LEFT JOIN` gives NULL, not a type's zero value, where nothing matched.
  join_use_nulls: 1,
  // Reads follow writes: a mutation is done when its statement returns.
  mutations_sync: '2',
  // Rows of volatile tables are marked as deleted at once; of others the parts are written anew.
  enable_lightweight_update: 1,
  lightweight_delete_mode: 'lightweight_update',
  // Comparisons that follow from others help nothing here, and looking for them is a third of planning what a tick writes.
  optimize_and_compare_chain: 0,
  // One statement judges every standard of a kind: a catalogue is larger than what people type.
  max_query_size: '67108864',
  max_ast_elements: '2000000',
  max_expanded_ast_elements: '10000000',
} as const;
