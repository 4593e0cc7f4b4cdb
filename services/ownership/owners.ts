/**
 * Owners of assets, by the rules in force over what the facts say. History, work and look-ups all ask here, so that
 * they name the same team.
 */

import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { NOBODY } from '@macadam/adapters/facts/history/teams';
import type { Facts } from '@macadam/adapters/facts/port';
import type { Asset } from '@macadam/core/facts/asset';
import { assetId } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import type { OrgTree } from '@macadam/core/org/org';
import { type OwnerAnswer, type OwnerContext, type OwnerRule, owning } from '@macadam/core/org/owner';
import type { OwnerSettings } from './rules.ts';

export interface Owners {
  readonly tree: OrgTree;
  readonly settings: OwnerSettings;
  readonly context: OwnerContext;
  /** With its chain. `before` is the last answer, which holds where a rule that decided then cannot be asked. */
  readonly answerOf: (asset: Asset, before?: OwnerAnswer | null) => OwnerAnswer;
  /** Id of the unit, or `nobody`. */
  readonly teamOf: (asset: Asset) => string;
}

export interface OwnerSources {
  readonly tree: OrgTree;
  readonly settings: OwnerSettings;
  readonly decided: OwnerContext['decided'];
  /** Assets that relations of the rules lead to, by id; see `relatedAssets`. */
  readonly related: ReadonlyMap<string, Asset>;
  /** Answers that only the last one before them explains, by asset. */
  readonly kept?: ReadonlyMap<string, OwnerAnswer>;
  readonly now: Date;
}

export function ownersOf({ tree, settings, decided, related, kept, now }: OwnerSources): Owners {
  const targets = targetsOf(settings.rules, related);
  const context: OwnerContext = {
    tree,
    decided,
    now,
    rules: settings.rules,
    aliases: settings.aliases,
    confirmFor: settings.confirmFor,
    // An attribute holds an id, or the key where that is one value.
    assetOf: (text) =>
      related.get(text) ?? targets.map((kind) => related.get(assetId(kind, [text]))).find(Boolean),
  };
  const teams = new WeakMap<Asset, string>();
  const answerOf = (asset: Asset, before: OwnerAnswer | null = kept?.get(asset.id) ?? null) =>
    owning(asset, context, before);
  const teamOf = (asset: Asset) => {
    const known = teams.get(asset);
    if (known !== undefined) return known;
    const team = answerOf(asset).owner ?? NOBODY;
    teams.set(asset, team);
    return team;
  };
  return { tree, settings, context, answerOf, teamOf };
}

const targetsOf = (rules: readonly OwnerRule[], related: ReadonlyMap<string, Asset>) =>
  rules.some(({ by }) => by === 'relation')
    ? [...new Set([...related.values()].map(({ kind }) => kind))].sort()
    : [];

/** Kinds that a relation of the rules leads to: those of a relation by that attribute, and one of its own name. */
export function relatedKinds(
  rules: readonly OwnerRule[],
  kinds: ReadonlyMap<string, Kind>,
): readonly string[] {
  const attributes = new Set(rules.flatMap((rule) => (rule.by === 'relation' ? rule.attribute : [])));
  const named = [...kinds.values()].flatMap(({ relations }) =>
    Object.values(relations).flatMap(({ to, by }) =>
      to !== undefined && by !== undefined && attributes.has(by) ? to : [],
    ),
  );
  const own = [...attributes].map((name) => name.replaceAll('_', '-')).filter((name) => kinds.has(name));
  return [...new Set([...named, ...own])].sort();
}

/** Assets that relations lead to, with no more of them than the rules read. */
export async function relatedAssets(
  facts: Facts,
  rules: readonly OwnerRule[],
  kinds: ReadonlyMap<string, Kind>,
): Promise<ReadonlyMap<string, Asset>> {
  const read = new Set(rules.flatMap((rule) => ('attribute' in rule ? rule.attribute : [])));
  const assets = new Map<string, Asset>();
  for (const kind of relatedKinds(rules, kinds))
    for await (const asset of facts.assets(kind)) {
      const attributes = new Map([...asset.attributes].filter(([name]) => read.has(name)));
      assets.set(asset.id, { ...asset, attributes });
    }
  return assets;
}

/** What people decided of assets and did not release, by asset. */
export async function decidedOwners(tx: DecisionTransaction): Promise<OwnerContext['decided']> {
  const decided = new Map<string, { readonly owner: string; readonly by: string; readonly at: string }>();
  const limit = 10_000;
  for (let after = ''; ; ) {
    const page = await tx.organisation.ownersDecided({ after, limit });
    for (const { asset, act, team, decidedBy, decidedAt } of page)
      if (act !== 'release') decided.set(asset, { owner: team, by: decidedBy, at: decidedAt });
    const last = page.at(-1);
    if (!last || page.length < limit) return decided;
    after = last.asset;
  }
}
