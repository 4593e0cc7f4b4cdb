/** Where a finding stands, for readers who see several repositories at once. */
import type { Finding, Scan } from '@macadam/core/figures/scan';

/**
 * Name of the repository that an asset stands in, or null when neither its name nor its id tells. Assets in a
 * repository are called after it, or carry its id and their path in theirs.
 */
export function containerOf({ asset, location }: Pick<Finding, 'asset' | 'location'>): string | null {
  if (asset.kind === 'repository') return asset.name;
  if (location === null) return null;
  const tail = `/${location.path}`;
  if (asset.name.endsWith(tail)) return asset.name.slice(0, -tail.length);
  // `<kind>/repository/<host>/<path of the repository>/<path of the file>…`
  const within = /^[^/]+\/repository\/[^/]+\/(.*)$/s.exec(decoded(asset.id))?.[1];
  const end = within?.indexOf(tail) ?? -1;
  return end > 0 ? (within?.slice(0, end) ?? null) : null;
}

export function hasSeveralRepositories({ assets }: Pick<Scan, 'assets'>): boolean {
  return (assets.repository ?? 0) > 1;
}

/** `path:line`, as editors and terminals open it. */
export function pathAndLine({ path, line }: { readonly path: string; readonly line?: number }): string {
  return line === undefined ? path : `${path}:${line}`;
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
