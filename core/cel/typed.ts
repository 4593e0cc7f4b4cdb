/**
 * The typed tree: what the checker makes of an expression, and the one thing that both compilers read. Every name is
 * resolved, every call carries the id of its overload (ids as in the CEL specification: `add_int64`, `less_timestamp` …),
 * every node its type and its place in the text.
 */
import type { Position } from './tree.ts';
import type { Type } from './type.ts';

export type Fold =
  | 'all'
  | 'exists'
  | 'exists_one'
  | 'filter'
  | 'map'
  | 'transformList'
  | 'transformMap'
  | 'transformMapEntry';

export type Typed = { readonly at: Position; readonly type: Type } & (
  | {
      readonly node: 'literal';
      /** By `type`: an int is a bigint, a uint too, a double a number, bytes a `Uint8Array`. */
      readonly value: string | bigint | number | boolean | null | Uint8Array;
    }
  /** A type as a value: `int`, `type(x) == list`. */
  | { readonly node: 'type'; readonly of: Type }
  /** `binding` is null for a name of the scope (`asset`, `params`, `now`), else the number of the macro's variable, unique in the tree. */
  | { readonly node: 'variable'; readonly name: string; readonly binding: number | null }
  /** `x.f`, or `x.?f` when `optional`; `of` is a record, a map, an optional of one, or dyn. */
  | { readonly node: 'select'; readonly of: Typed; readonly field: string; readonly optional: boolean }
  | { readonly node: 'has'; readonly of: Typed; readonly field: string }
  | {
      readonly node: 'call';
      /** As the parser names it: `_&&_`, `_==_`, `@in`, `_[_]`, `_[?_]`, `_?_:_`, `size`, `math.greatest` … */
      readonly function: string;
      /** Null where the operands' types are known only when it runs (dyn). */
      readonly overload: string | null;
      /** Where `overload` is null: the ids of all rows that the operands may turn out to fit. */
      readonly candidates?: readonly string[];
      readonly arguments: readonly Typed[];
    }
  | {
      readonly node: 'list';
      readonly items: readonly { readonly value: Typed; readonly optional: boolean }[];
    }
  | {
      readonly node: 'map';
      readonly entries: readonly { readonly key: Typed; readonly value: Typed; readonly optional: boolean }[];
    }
  | {
      readonly node: 'fold';
      readonly fold: Fold;
      readonly over: Typed;
      /** Numbers of the variables: the element, or with a second variable index (key) and element (value). */
      readonly bindings: readonly [number] | readonly [number, number];
      readonly where: Typed | null;
      readonly body: Typed;
    }
  /** `cel.bind(name, value, body)`: `optMap` and `optFlatMap` become this as well. */
  | { readonly node: 'bind'; readonly binding: number; readonly value: Typed; readonly body: Typed }
  /** `related("relation")`: a list of records of the other kind. */
  | { readonly node: 'related'; readonly relation: string }
);

/** The nodes directly inside one, in the order in which they are written. */
export function partsOf(node: Typed): readonly Typed[] {
  switch (node.node) {
    case 'select':
    case 'has':
      return [node.of];
    case 'call':
      return node.arguments;
    case 'list':
      return node.items.map(({ value }) => value);
    case 'map':
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case 'fold':
      return [node.over, ...(node.where ? [node.where] : []), node.body];
    case 'bind':
      return [node.value, node.body];
    default:
      return [];
  }
}
