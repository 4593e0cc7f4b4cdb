import { placeByGlobs } from '@macadam/adapters/readers/places/match';
import type { Places } from '@macadam/adapters/readers/places/places';

/** By the globs alone, for one text without a repository around it. */
export const PLACES_BY_GLOBS: Places = { of: placeByGlobs };
