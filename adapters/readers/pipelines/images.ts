/** Container images that jobs name, on platforms where a variable may stand in the name. */
import { compact } from '../../compact.ts';
import type { Scalar } from './document.ts';
import type { Placed } from './facts.ts';
import { imageOf } from './github/uses.ts';

/** `text` is the image with every variable that the file defines put in; undefined where something else decides it. */
export function imageUse(scalar: Scalar, text: string | undefined, job?: string): Placed {
  const place = { line: scalar.line, col: scalar.col };
  const { path: _, ...reference } = imageOf(text ?? scalar.text);
  return compact({
    key: `${place.line}:${place.col}`,
    ref: scalar.text.trim(),
    ...reference,
    ...(text === undefined
      ? {
          pinned: {
            unobserved: 'unobserved',
            why: 'the image is decided while the pipeline runs; name it in the file, with its digest',
          },
        }
      : {}),
    ...place,
    job,
    comment: scalar.comment,
  });
}
