/**
 * The tree of a CEL expression as its author wrote it: macros kept as macros, every node with its place in the text.
 * `all` and `exists` absorb an unknown, and a plain fold would not say which one it is.
 */

/**
 * Where a mistake in the node is to be shown: an operator's sign, the name of a field (of `has` too), function or
 * macro, an opening bracket, else the first character.
 */
export interface Position {
  /** Counted from 1; columns in code points. */
  readonly line: number;
  readonly column: number;
}

export type Macro =
  | 'all'
  | 'exists'
  | 'exists_one'
  | 'map'
  | 'filter'
  | 'transformList'
  | 'transformMap'
  | 'transformMapEntry'
  | 'bind'
  | 'optMap'
  | 'optFlatMap';

export type Literal =
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int' | 'uint'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bytes'; readonly value: Uint8Array };

export type Node = { readonly at: Position } & (
  | ({ readonly node: 'literal' } & Literal)
  /** `absolute`: written with a leading dot. */
  | { readonly node: 'name'; readonly name: string; readonly absolute?: boolean }
  /** `optional`: written `.?`. */
  | { readonly node: 'select'; readonly of: Node; readonly field: string; readonly optional?: boolean }
  | { readonly node: 'has'; readonly of: Node; readonly field: string }
  | {
      readonly node: 'call';
      /** Operators as the specification names them: `_&&_`, `_[_]`, `_[?_]`, `@in`, `-_`. */
      readonly function: string;
      /** The receiver of a method comes first. */
      readonly arguments: readonly Node[];
      readonly method: boolean;
    }
  /** `optional` holds the indexes of the elements written with `?`. */
  | { readonly node: 'list'; readonly items: readonly Node[]; readonly optional?: readonly number[] }
  | {
      readonly node: 'map';
      readonly entries: readonly { readonly key: Node; readonly value: Node; readonly optional?: boolean }[];
    }
  | {
      readonly node: 'macro';
      readonly macro: Macro;
      /** What is folded; for `bind` the value, for `optMap` the optional. */
      readonly over: Node;
      readonly variable: string;
      /** The two-variable forms: `variable` is the index or key, `second` the element or value. */
      readonly second?: string;
      /** The predicate, or what each element becomes. */
      readonly body: Node;
      /** `map(x, p, t)` and the transforms: which elements are kept. */
      readonly where?: Node;
    }
);

export interface CelMistake {
  readonly at: Position;
  readonly reason: string;
}
