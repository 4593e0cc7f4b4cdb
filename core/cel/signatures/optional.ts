/** Optional values: cel-go's `OptionalTypes`, version 0. `.?f` is no row: it is a select node. */
import { rowsOf, type Signature } from '../signature.ts';
import { BOOL, INT, listOf, mapOf, optionalOf, parameter } from '../type.ts';

const { plain, method } = rowsOf('optional');
const A = parameter('A');
const B = parameter('B');
const list = listOf(A);
const map = mapOf(A, B);

export const OPTIONAL: readonly Signature[] = [
  plain('optional_of', 'optional.of', [A], optionalOf(A)),
  plain('optional_ofNonZeroValue', 'optional.ofNonZeroValue', [A], optionalOf(A)),
  plain('optional_none', 'optional.none', [], optionalOf(A)),
  method('optional_value', 'value', [optionalOf(A)], A),
  method('optional_hasValue', 'hasValue', [optionalOf(A)], BOOL),
  method('optional_or_optional', 'or', [optionalOf(A), optionalOf(A)], optionalOf(A)),
  method('optional_orValue_value', 'orValue', [optionalOf(A), A], A),
  plain('optional_list_index_int', '_[_]', [optionalOf(list), INT], optionalOf(A)),
  plain('optional_map_index_value', '_[_]', [optionalOf(map), A], optionalOf(B)),
  plain('list_optindex_optional_int', '_[?_]', [list, INT], optionalOf(A)),
  plain('optional_list_optindex_optional_int', '_[?_]', [optionalOf(list), INT], optionalOf(A)),
  plain('map_optindex_optional_value', '_[?_]', [map, A], optionalOf(B)),
  plain('optional_map_optindex_optional_value', '_[?_]', [optionalOf(map), A], optionalOf(B)),
];
