/** The instants of `core/verdicts/expiry.ts` as SQL over the columns of a kind. */

import type { Kind } from '@macadam/core/kinds/kind';
import { type InstantTerm, SLACK } from '@macadam/core/verdicts/expiry';
import { type AttributePlace, layoutOf, type Place, quoted } from '../layout.ts';

const LATEST = 2n ** 63n - 1n;
const FIRST = -(2n ** 63n);

/** Later than every tick. */
export const NEVER: bigint = LATEST;

export interface InstantTexts {
  /** The first instant from a time on (nanoseconds), allowing for the slack; `NEVER` for none. */
  readonly next: (from: bigint) => string;
  /** Whether one lies between two times. */
  readonly between: (from: bigint, to: bigint) => string;
}

/** Null where a term stands in no column, so that only what closures read can say when. */
export function instantTexts(kind: Kind, terms: readonly InstantTerm[]): InstantTexts | null {
  const scalars: string[] = [];
  const arrays: string[] = [];
  for (const term of terms) {
    if (term.of === 'constant') {
      // Beyond these no tick will ever be.
      if (term.at > FIRST && term.at < LATEST) scalars.push(`toInt64(${term.at})`);
    } else if (term.of === 'observed') {
      const at = quoted(`${term.attribute}@at`);
      scalars.push(`if(${at} = 0, toInt64(${NEVER}), ${shifted(at, term.shift)})`);
    } else {
      const place = placeAt(kind, term.path);
      if (place === null) return null;
      const column = quoted(place.column);
      if (place.many)
        arrays.push(
          `arrayMap(t -> ${shifted('t', term.shift)}, arrayFilter(t -> isNotNull(t), ${column})::Array(Int64))`,
        );
      else scalars.push(`ifNull(${shifted(column, term.shift)}, toInt64(${NEVER}))`);
    }
  }
  const all = `arrayConcat([toInt64(${NEVER})${scalars.map((one) => `, ${one}`).join('')}]${arrays.map((one) => `, ${one}`).join('')})`;
  return {
    next: (from) => `arrayMin(arrayFilter(t -> t >= ${from - SLACK}, ${all}))`,
    between: (from, to) => `arrayExists(t -> t >= ${from - SLACK} AND t <= ${to + SLACK}, ${all})`,
  };
}

/** Ends where the numbers do, in place of beginning anew on the other side. */
function shifted(column: string, shift: bigint): string {
  if (shift === 0n) return column;
  const [over, end] = shift > 0n ? [`> ${LATEST - shift}`, LATEST] : [`< ${FIRST - shift}`, FIRST];
  return `if(${column} ${over}, toInt64(${end}), toInt64(${column} + ${shift}))`;
}

interface Timed {
  readonly column: string;
  /** It is the column of a list. */
  readonly many: boolean;
}

function placeAt(kind: Kind, path: string): Timed | null {
  const [first = '', ...steps] = path.split('.').map((step) => step.replace(/\[\]$/, ''));
  let place: AttributePlace | Place | undefined = layoutOf(kind).find(({ name }) => name === first);
  let many = false;
  for (const step of steps) {
    if (place?.shape === 'records') many = true;
    else if (place?.shape !== 'record') return null;
    place = place.fields.find(({ name }) => name === step);
  }
  if (place?.shape === 'list' && !many) return { column: place.column, many: true };
  return place?.shape === 'scalar' ? { column: place.column, many } : null;
}
