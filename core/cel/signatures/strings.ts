/** cel-go's strings extension. Positions and lengths count code points. */
import { rowsOf, type Signature } from '../signature.ts';
import { DYN, INT, listOf, STRING } from '../type.ts';

const { plain, method } = rowsOf('strings');
const texts = listOf(STRING);

export const STRINGS: readonly Signature[] = [
  method('string_char_at_int', 'charAt', [STRING, INT], STRING),
  method('string_index_of_string', 'indexOf', [STRING, STRING], INT),
  method('string_index_of_string_int', 'indexOf', [STRING, STRING, INT], INT),
  method('string_last_index_of_string', 'lastIndexOf', [STRING, STRING], INT),
  method('string_last_index_of_string_int', 'lastIndexOf', [STRING, STRING, INT], INT),
  method('list_join', 'join', [texts], STRING),
  method('list_join_string', 'join', [texts, STRING], STRING),
  method('string_lower_ascii', 'lowerAscii', [STRING], STRING),
  method('string_upper_ascii', 'upperAscii', [STRING], STRING),
  method('string_replace_string_string', 'replace', [STRING, STRING, STRING], STRING),
  method('string_replace_string_string_int', 'replace', [STRING, STRING, STRING, INT], STRING),
  method('string_split_string', 'split', [STRING, STRING], texts),
  method('string_split_string_int', 'split', [STRING, STRING, INT], texts),
  method('string_substring_int', 'substring', [STRING, INT], STRING),
  method('string_substring_int_int', 'substring', [STRING, INT, INT], STRING),
  method('string_trim', 'trim', [STRING], STRING),
  method('string_reverse', 'reverse', [STRING], STRING),
  method('string_format', 'format', [STRING, listOf(DYN)], STRING),
  plain('strings_quote', 'strings.quote', [STRING], STRING),
];
