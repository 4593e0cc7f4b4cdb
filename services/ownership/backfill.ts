/** Assets that nobody owns, each with whom the facts point to, and what people decide about owners, many at once. */

import type { OwnerRecord } from '@macadam/adapters/decisions/organisation';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import type { Asset } from '@macadam/core/facts/asset';
import { divisionOf, type OrgTree } from '@macadam/core/org/org';
import type { OwnerAnswer } from '@macadam/core/org/owner';
import { type OwnerHints, type OwnerSuggestion, suggestions } from '@macadam/core/org/suggestion';
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import type { OwnerStores } from './answers.ts';
import { listedAsset, newestListing } from './listing.ts';
import type { Owners } from './owners.ts';
import { assetsById } from './who.ts';

export interface Unowned {
  readonly asset: Pick<Asset, 'id' | 'kind' | 'name'>;
  /** How each rule fared, so that the missing tag or file can be mended instead. */
  readonly answer: OwnerAnswer;
  readonly suggestions: readonly OwnerSuggestion[];
}

export interface BackfillFilter {
  readonly kind?: string;
  /** Ids that begin with it. */
  readonly prefix?: string;
  readonly after?: string;
  /** Default 50. */
  readonly limit?: number;
}

/** A page of the queue, by id: as of the last pass, without what has an owner or is gone since. */
export async function backfill(
  { driver, kinds }: OwnerStores,
  { kind = '', prefix = '', after = '', limit = 50 }: BackfillFilter,
  ownersFor: (assets: readonly Asset[]) => Promise<Owners>,
): Promise<{ readonly unowned: readonly Unowned[]; readonly next: string | null }> {
  const rows = await driver.query<{ asset: string }>(
    `SELECT DISTINCT asset FROM owner_answer WHERE state = 'nobody' AND asset > {after:String}
       AND startsWith(asset, {prefix:String}) AND ({kind:String} = '' OR kind = {kind:String})
     ORDER BY asset LIMIT {limit:UInt32}`,
    { kind, prefix, after, limit },
  );
  const assets = await assetsById(
    driver,
    kinds,
    rows.map(({ asset }) => asset),
  );
  const owners = await ownersFor([...assets.values()]);
  const beside = neighboursIn(driver, await newestListing(driver));
  const unowned: Unowned[] = [];
  for (const { asset: id } of rows) {
    const asset = assets.get(id);
    const answer = asset && owners.answerOf(asset);
    if (!asset || answer?.owner !== null) continue;
    const hints = { ...hintsIn(asset), neighbours: await beside(id) };
    unowned.push({
      asset: { id, kind: asset.kind, name: asset.name },
      answer,
      suggestions: suggestions(hints, owners.context),
    });
  }
  return { unowned, next: rows.length < limit ? null : (rows.at(-1)?.asset ?? null) };
}

/**
 * Owners of what stands beside an asset: below the same folder of its id, or the nearest one above where anything is owned. `listing`: the
 * newest, null where there is none.
 */
function neighboursIn(
  driver: Driver,
  listing: number | null,
): (asset: string) => Promise<OwnerHints['neighbours']> {
  const known = new Map<string, OwnerHints['neighbours']>();
  return async (asset) => {
    for (let end = asset.lastIndexOf('/'); end > 0; end = asset.lastIndexOf('/', end - 1)) {
      const folder = asset.slice(0, end + 1);
      const found = known.get(folder) ?? (await owned(driver, folder, listing));
      known.set(folder, found);
      if (found.length > 0) return found;
    }
    return [];
  };
}

async function owned(
  driver: Driver,
  folder: string,
  listing: number | null,
): Promise<OwnerHints['neighbours']> {
  const first = 'GROUP BY owner ORDER BY assets DESC, owner LIMIT 20';
  const kind = folder.slice(0, -1);
  // Every id begins with its kind: the first folder is all of it, and the listing keeps counts of that.
  const rows =
    listing !== null && !kind.includes('/')
      ? await driver.query<{ owner: string; assets: string }>(
          `SELECT owner, count() AS assets FROM ${listedAsset.name} WHERE listing = {listing:UInt64} AND kind = {kind:String} AND owner != '' ${first}`,
          { listing, kind },
        )
      : // `0` follows `/`, so that the range is all that begins with the folder.
        await driver.query<{ owner: string; assets: string }>(
          `SELECT owner, count() AS assets FROM owner_answer WHERE asset >= {folder:String} AND asset < {end:String} AND owner != '' ${first}`,
          { folder, end: `${kind}0` },
        );
  return rows.map(({ owner, assets }) => ({ owner, assets: Number(assets) }));
}

/** What an asset's own attributes hint at: who committed to it, and how it is tagged. */
function hintsIn(asset: Asset): Omit<OwnerHints, 'neighbours'> {
  const known = (name: string): unknown => {
    const statement = asset.attributes.get(name)?.statement;
    return statement && 'value' in statement ? statement.value : undefined;
  };
  const commits = known('commits');
  const people = new Map<string, number>();
  for (const commit of Array.isArray(commits) ? commits : []) {
    const person = isRecord(commit) && typeof commit.committer === 'string' ? commit.committer : null;
    if (person !== null) people.set(person, (people.get(person) ?? 0) + 1);
  }
  return {
    committers: [...people].map(([person, count]) => ({ person, commits: count })),
    tags: wordsOf(known('tags')),
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function wordsOf(tags: unknown): readonly string[] {
  if (typeof tags === 'string') return [tags.slice(tags.indexOf('=') + 1)];
  if (Array.isArray(tags)) return tags.flatMap(wordsOf);
  if (!isRecord(tags)) return [];
  return typeof tags.value === 'string' ? [tags.value] : Object.values(tags).flatMap(wordsOf);
}

/** Taken by `exclusive` before it is asked whose something is in order to decide it. */
export const OWNERS = 'owners decided';

export type OwnerMove =
  /** The team owns them from now on, whatever the rules after the first say. */
  | { readonly move: 'assign'; readonly team: string }
  /** Who owns them now does, and somebody has said so today. */
  | { readonly move: 'confirm' }
  /** What was decided counts no more; the other rules are asked again. */
  | { readonly move: 'release' };

export interface OwnersDecided {
  readonly decided: readonly OwnerRecord[];
  /** Why not, by asset; then nothing is decided of any. */
  readonly objections: readonly RequestDiagnostic[];
}

interface DecideOwnersInput {
  readonly tx: DecisionTransaction;
  readonly tree: OrgTree;
  readonly assets: readonly string[];
  readonly move: OwnerMove & { readonly reason: string };
  readonly current: (asset: string) => OwnerAnswer | null;
}

/** One act about many assets. `current` is the answer for each now; an asset without one is not there. */
export async function decideOwners({
  tx,
  tree,
  assets,
  move: { reason, ...act },
  current,
}: DecideOwnersInput): Promise<OwnersDecided> {
  const objections: RequestDiagnostic[] = [];
  const object = (field: string, why: string, fix: string) => objections.push({ field, reason: why, fix });
  if (reason.trim() === '') object('reason', 'it is empty', 'say in a sentence why');
  const given = act.move === 'assign' ? divisionOf(tree, act.team) : null;
  if (act.move === 'assign' && given === null)
    object('team', `there is no unit \`${act.team}\` today`, 'name one by its id');
  if (assets.length === 0) object('assets', 'it names none', 'name at least one');
  const decisions = [...new Set(assets)].flatMap((asset) => {
    const answer = current(asset);
    const owner = answer?.owner ?? null;
    const team = act.move === 'assign' ? act.team : owner;
    if (answer === null) object(`assets.${asset}`, 'there is no such asset', 'correct its id');
    else if (team === null) object(`assets.${asset}`, 'nobody owns it', 'assign it to a team');
    else if (act.move === 'release' && answer.chain[0]?.by !== undefined && !isDecided(answer))
      object(`assets.${asset}`, 'nobody decided its owner: a rule names it', 'change what the rule reads');
    else {
      const division = given ?? divisionOf(tree, team) ?? team;
      const previousDivision = owner === null ? division : (divisionOf(tree, owner) ?? division);
      return {
        asset,
        act: act.move,
        team,
        previousTeam: owner,
        division,
        previousDivision,
        reason: reason.trim(),
      };
    }
    return [];
  });
  if (objections.length > 0) return { decided: [], objections };
  return { decided: await tx.organisation.decideOwners(decisions), objections: [] };
}

const isDecided = ({ chain }: OwnerAnswer) =>
  chain.some(({ by, outcome }) => by === 'explicit' && outcome === 'decides');
