/** The distinct values of many files: where each stands, the gravest place first. It loads no detector. */

import { isUnobserved } from '@macadam/core/facts/observation';
import type { PlaceName as Place } from '@macadam/core/facts/place';
import type { Setting } from '@macadam/secrets/files';
import { compact } from '../../compact.ts';
import type { Places } from '../places/places.ts';
import type { Sighting } from './scan.ts';

/** One distinct value, wherever it stands: an element of the attribute `secrets` of a repository. */
export type SecretFact = {
  /** Digest of the value: the same in every file, whichever detector saw it. */
  readonly digest: string;
  /** Of several detectors the surest. */
  readonly detector: string;
  readonly preview: string;
  readonly confidence: 'high' | 'medium' | 'low';
  readonly checked: boolean;
  readonly state: 'open' | 'allowed' | 'unexplained';
  /** The gravest of the places where it stands. */
  readonly place: Place;
  /** The first occurrence there. */
  readonly path: string;
  readonly line: number;
  /** How often it stands in the repository, and where, in words: the first few of them. */
  readonly places: number;
  readonly where: string;
  /** RFC 3339, where the value says itself until when it is good. */
  readonly expires_at?: string;
  /** The reason of an allowance beside every occurrence. */
  readonly allowed?: string;
  /** What another scanner was told to pass over it by, beside every occurrence that is not allowed. */
  readonly ignored_by?: string;
};

/** One file with what it holds. */
export interface FileWithSecrets {
  readonly path: string;
  readonly secrets: readonly Sighting[];
}

/** A sighting with its file and the part that it plays. */
interface Occurrence extends Sighting {
  readonly path: string;
  readonly place: Place;
}

/** Gravest first: what is shipped, what others wrote, what shows, what tests. */
const GRAVITY: readonly Place[] = ['product', 'generated', 'vendored', 'example', 'docs', 'test'];
const SURE: Readonly<Record<SecretFact['confidence'], number>> = { high: 2, medium: 1, low: 0 };

/** The distinct values of files, the gravest place first, then by path and line. */
export function distinctSecrets(files: readonly FileWithSecrets[], places: Places): SecretFact[] {
  const byDigest = new Map<string, Occurrence[]>();
  for (const { path, secrets } of files) {
    for (const sighting of secrets) {
      const occurrence: Occurrence = { ...sighting, path, place: placeIn(places, path, sighting.setting) };
      const others = byDigest.get(sighting.digest);
      if (others === undefined) byDigest.set(sighting.digest, [occurrence]);
      else others.push(occurrence);
    }
  }
  return [...byDigest.values()]
    .map(factOf)
    .sort((a, b) => gravity(a.place) - gravity(b.place) || byPosition(a, b) || compare(a.digest, b.digest));
}

/**
 * Where the reader could not tell, it may be product, and is. A line of documentation, or of a test inside a file of the
 * product, is what it says.
 */
function placeIn(places: Places, path: string, setting: Setting | undefined): Place {
  const place = places.of(path);
  if (isUnobserved(place)) return 'product';
  if (place !== 'product' || setting === undefined) return place;
  return setting === 'documentation' ? 'docs' : 'test';
}

/** Occurrences that somebody let be count only where there is no other: an allowance in one file allows nothing in the next. */
function factOf(all: readonly Occurrence[]): SecretFact {
  const open = all.filter(({ allowed, ignoredBy }) => allowed === undefined && ignoredBy === undefined);
  const ignored = all.filter(({ ignoredBy }) => ignoredBy !== undefined);
  const counted = open.length > 0 ? open : ignored.length > 0 ? ignored : all;
  const ordered = counted.toSorted((a, b) => gravity(a.place) - gravity(b.place) || byPosition(a, b));
  const first = ordered[0] as Occurrence;
  const surest = counted.reduce((a, b) => (SURE[b.confidence] > SURE[a.confidence] ? b : a));
  return compact({
    digest: first.digest,
    detector: surest.detector,
    preview: surest.preview,
    confidence: surest.confidence,
    checked: counted.some(({ checked }) => checked),
    state: open.length > 0 ? 'open' : ignored.length > 0 ? 'unexplained' : 'allowed',
    place: first.place,
    path: first.path,
    line: first.line,
    places: ordered.length,
    where: whereOf(ordered),
    expires_at: first.expires,
    allowed: first.allowed,
    ignored_by: first.ignoredBy,
  });
}

/** Places that are written out. */
const WRITTEN = 4;

function whereOf(ordered: readonly Occurrence[]): string {
  const written = ordered.slice(0, WRITTEN).map(({ path, line }) => `${path}:${line}`);
  const more = ordered.length - written.length;
  return more > 0 ? `${written.join(', ')} and ${more} more` : written.join(', ');
}

const gravity = (place: Place): number => GRAVITY.indexOf(place);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function byPosition(a: { path: string; line: number }, b: { path: string; line: number }): number {
  return compare(a.path, b.path) || a.line - b.line;
}
