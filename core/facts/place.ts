/** The part that something plays in its repository. Which path has which is said by published globs (docs/places.md). */

import type { Kind } from '../kinds/kind.ts';
import type { Asset } from './asset.ts';

/** Words of the attribute `place` of kinds that are contained in a repository. */
export const PLACES = ['product', 'test', 'example', 'docs', 'vendored', 'generated'] as const;
export type PlaceName = (typeof PLACES)[number];

/** Whether assets of a kind have a place. Another kind may use the word for something else. */
export function hasPlace(kind: Kind): boolean {
  return kind.attributes.place?.type === `enum(${PLACES.join(', ')})`;
}

/** Null where its kind has none or nobody knows. */
export function placeOf(asset: Asset): PlaceName | null {
  const statement = asset.attributes.get('place')?.statement;
  if (!statement || !('value' in statement)) return null;
  return PLACES.find((place) => place === statement.value) ?? null;
}
