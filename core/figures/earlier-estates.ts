/**
 * An earlier scan of an estate that states another id now, or states one for the first time: its repositories and all that is in them
 * got other ids by that. They are matched where exactly one estate fits; else it is said that they are not.
 */
import type { EarlierScan } from './comparison.ts';
import type { Listing } from './listing.ts';

/** Repositories of one estate, as a scan listed them. */
interface ListedEstate {
  readonly name: string;
  /** With what their ids begin. */
  readonly prefix: string;
  /** The rest of their ids. */
  readonly paths: ReadonlySet<string>;
}

export interface MatchedEstates {
  /** With the ids that its assets have now. */
  readonly earlier: EarlierScan;
  /** What was matched, and what could not be, each in a sentence. */
  readonly notes: readonly string[];
}

/** Repositories of folders: `repository/file/…`, or `repository/file:ID/…` where an id is stated. */
const PREFIX = /^repository\/file(?::[^/]+)?\//;

export function matchedEstates(
  earlier: EarlierScan,
  listings: readonly Listing[],
  fingerprint: (standard: string, asset: string) => string,
): MatchedEstates {
  const [before, now] = [estatesIn(earlier.remembered.listings), estatesIn(listings)];
  const without = (all: readonly ListedEstate[], others: readonly ListedEstate[]) =>
    all.filter(({ name }) => !others.some((other) => other.name === name));
  const lost = without(before, now);
  const fresh = without(now, before);
  if (lost.length === 0 || fresh.length === 0) return { earlier, notes: [] };
  const notes: string[] = [];
  let renamed = earlier;
  for (const one of lost) {
    const fitting = fresh.filter((other) => fits(one, other));
    const [found] = fitting;
    const alone = lost.filter((other) => found !== undefined && fits(other, found)).length === 1;
    // A folder of another name has the same ids.
    if (fresh.some(({ prefix }) => prefix === one.prefix)) continue;
    if (found === undefined || fitting.length > 1 || !alone) {
      const names = fresh.map(({ name }) => `\`${name}\``).join(', ');
      notes.push(
        `The earlier scan was of the estate \`${one.name}\`, and this one is of ${names}: which of them it is cannot be told, so nothing of it is compared. Write the earlier scan again.`,
      );
      continue;
    }
    renamed = withIds(renamed, { from: one, to: found, fingerprint });
    notes.push(
      `The estate \`${found.name}\` was \`${one.name}\` in the earlier scan: its assets have other ids since, and were matched by their paths.`,
    );
  }
  return { earlier: renamed, notes };
}

function estatesIn(listings: readonly Pick<Listing, 'kind' | 'container' | 'assets'>[]): ListedEstate[] {
  return listings.flatMap(({ kind, container, assets }): ListedEstate[] => {
    const prefixes = new Set(assets.map((id) => PREFIX.exec(id)?.[0]));
    const [prefix] = prefixes;
    // A server gives ids of several kinds within one estate; those it remembers itself.
    if (kind !== 'repository' || prefix === undefined || prefixes.size > 1) return [];
    return [{ name: container, prefix, paths: new Set(assets.map((id) => id.slice(prefix.length))) }];
  });
}

/** At least half of its repositories lie at the same paths. */
function fits(before: ListedEstate, now: ListedEstate): boolean {
  const same = [...before.paths].filter((path) => now.paths.has(path)).length;
  return same > 0 && 2 * same >= before.paths.size;
}

interface Renaming {
  readonly from: ListedEstate;
  readonly to: ListedEstate;
  readonly fingerprint: (standard: string, asset: string) => string;
}

function withIds(earlier: EarlierScan, { from, to, fingerprint }: Renaming): EarlierScan {
  /** The id of a repository, and what stands behind it; undefined where none of the estate's begins so. */
  const known = (text: string): string | undefined => {
    if (!text.startsWith(from.prefix)) return undefined;
    const rest = text.slice(from.prefix.length);
    for (let end = rest.length; end > 0; end = rest.lastIndexOf('/', end - 1))
      if (from.paths.has(rest.slice(0, end))) return `${to.prefix}${rest}`;
    return undefined;
  };
  /** What is contained begins with its own kind, and goes on with the id of what holds it. */
  const renamed = (id: string): string => {
    const inside = id.indexOf('/') + 1;
    const held = known(id.slice(inside));
    return known(id) ?? (held === undefined ? id : `${id.slice(0, inside)}${held}`);
  };
  const estate = (name: string): string => (name === from.name ? to.name : name);
  return {
    ...earlier,
    findings: earlier.findings.map((finding) => {
      const id = renamed(finding.asset.id);
      if (id === finding.asset.id) return finding;
      return { ...finding, asset: { ...finding.asset, id }, fingerprint: fingerprint(finding.standard, id) };
    }),
    remembered: {
      settled: earlier.remembered.settled.map((one) => ({
        ...one,
        pass: one.pass.map(renamed),
        notApplicable: one.notApplicable.map(renamed),
      })),
      listings: earlier.remembered.listings.map((one) => ({
        ...one,
        container: one.kind === 'repository' ? estate(one.container) : renamed(one.container),
        ...(one.estate !== undefined && { estate: estate(one.estate) }),
        assets: one.assets.map(renamed),
      })),
    },
  };
}
