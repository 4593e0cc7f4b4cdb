/** Container images that jobs name, on platforms where a variable may stand in the name. */
import { compact } from '../../compact.ts';
import { keyAt, type Scalar } from './document.ts';
import { DECIDED_LATER, type Placed } from './facts.ts';
import { imageOf } from './github/uses.ts';

/** `text` is the image with every variable that the file defines put in; undefined where something else decides it. */
export function imageUse(scalar: Scalar, text: string | undefined, job?: string): Placed {
  const { path: _, ...reference } = imageOf(text ?? scalar.text);
  return compact({
    key: keyAt(scalar),
    ref: scalar.text.trim(),
    ...reference,
    ...(text === undefined ? { pinned: DECIDED_LATER } : {}),
    line: scalar.line,
    col: scalar.col,
    job,
    comment: scalar.comment,
  });
}
