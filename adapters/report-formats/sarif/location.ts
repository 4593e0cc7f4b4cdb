/** Locations as code hosts load them: a URI relative to the root of the repository, and a line. */
import type { Location } from '@macadam/core/facts/observation';

/** The base that code hosts resolve against a checkout. */
export const ROOT = '%SRCROOT%';

/**
 * Path of a result that no file stands for. A code host refuses a result without a location, so it gets this one;
 * a reader of ours takes it for none.
 */
export const NOWHERE = 'no-file-is-concerned';

/** A path below the root as a relative URI: every character that a URI gives a meaning to is encoded. */
export function relativeUri(path: string): string {
  const segments = path.toWellFormed().split('/');
  const named = segments.filter((segment) => segment !== '' && segment !== '.');
  // A segment of dots would climb when it is resolved, encoded or not: it cannot stand in a git tree either.
  return named
    .map((segment) => (segment === '..' ? '…' : segment))
    .map(encodeURIComponent)
    .join('/');
}

export interface PhysicalLocation {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string; readonly uriBaseId: string };
    readonly region: { readonly startLine: number };
  };
}

/** `container` is put in front where one report speaks of several repositories. */
export function physicalLocation(location: Location | null, container: string | null): PhysicalLocation {
  const path = location === null ? NOWHERE : location.path;
  const uri = relativeUri(container === null ? path : `${container}/${path}`);
  return {
    physicalLocation: {
      artifactLocation: { uri: uri === '' ? NOWHERE : uri, uriBaseId: ROOT },
      region: { startLine: location?.line ?? 1 },
    },
  };
}
