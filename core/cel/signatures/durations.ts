/** Durations from whole numbers, so that a parameter in days needs no text: Macadam's own, ids in the manner of CEL's. */
import { rowsOf, type Signature } from '../signature.ts';
import { DURATION, INT } from '../type.ts';

const { plain } = rowsOf('durations');

export const DURATIONS: readonly Signature[] = [
  plain('days_int64', 'days', [INT], DURATION),
  plain('hours_int64', 'hours', [INT], DURATION),
];
