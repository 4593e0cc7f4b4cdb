/** cel-go's encoders extension. */
import { rowsOf, type Signature } from '../signature.ts';
import { BYTES, STRING } from '../type.ts';

const { plain } = rowsOf('encoders');

export const ENCODERS: readonly Signature[] = [
  plain('base64_decode_string', 'base64.decode', [STRING], BYTES),
  plain('base64_encode_bytes', 'base64.encode', [BYTES], STRING),
];
