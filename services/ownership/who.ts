/** Whom to call, from the stores: keys by the index, assets and owners as they are now. */

import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { assetRows } from '@macadam/adapters/facts/asset-rows';
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { quoted } from '@macadam/adapters/facts/clickhouse/table';
import { tableOf } from '@macadam/adapters/facts/layout';
import type { Asset } from '@macadam/core/facts/asset';
import { assetId } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import type { OrgTree } from '@macadam/core/org/org';
import type { OwnerContext, OwnerRule } from '@macadam/core/org/owner';
import { companyOf, identifiersOf, keysOf, who } from '@macadam/core/org/who';
import { type OwnerStores, storedAnswers } from './answers.ts';
import { type Owners, ownersOf, relatedKinds } from './owners.ts';
import type { OwnerSettings } from './rules.ts';
import { FEW, findKeys } from './who-index.ts';
import { type Reached, reached } from './who-reached.ts';

/** Assets that are shown of many. */
const MOST = 20;

export interface WhoSources {
  readonly stores: Pick<OwnerStores, 'driver' | 'kinds'>;
  readonly tree: OrgTree;
  readonly settings: OwnerSettings;
  readonly now: Date;
}

/** Of any division: at night nobody asks whose an asset is before they know whose it is. */
export async function whoIn(tx: DecisionTransaction, text: string, sources: WhoSources): Promise<Reached> {
  const { stores, tree } = sources;
  const { driver, kinds } = stores;
  const keys = keysOf(text);
  const index = await findKeys(driver, keys, MOST);
  for (const key of keys) {
    const known = index.get(key);
    if (!known) continue;
    const assets = await assetsById(driver, kinds, known.assets);
    // The index is as old as the last pass: what has lost the identifier since is not meant.
    const held = [...assets.values()].filter((asset) => identifiersOf(asset).includes(key));
    if (held.length === 0) continue;
    const owners = await ownersNear(tx, held, sources);
    const count = known.count - (known.assets.length - held.length);
    const answers = who(text, (one) => (one === key ? held.map(({ id }) => id).sort() : undefined), {
      tree,
      assetOf: (id) => assets.get(id),
      ownerOf: (id) => {
        const asset = assets.get(id);
        return asset && owners.answerOf(asset);
      },
      runbookOf: (kind) => kinds.get(kind)?.runbook ?? null,
      company: companyOf(tree),
    });
    return reached(text, { ...answers, count }, tree.people);
  }
  return reached(text, { key: null, count: 0, answers: [] }, tree.people);
}

const DEEPEST = 8;

/** Owners of a few assets, with no more read than they need: what relations lead to, and what was decided of those. */
export async function ownersNear(
  tx: DecisionTransaction,
  assets: readonly Asset[],
  { stores: { driver, kinds }, tree, settings, now }: WhoSources,
): Promise<Owners> {
  const targets = relatedKinds(settings.rules, kinds);
  const near = new Map(assets.map((asset) => [asset.id, asset]));
  for (let depth = 0, edge = assets; depth < DEEPEST && edge.length > 0; depth += 1) {
    const ids = edge.flatMap((asset) => pointedTo(asset, settings.rules, targets));
    const wanted = [...new Set(ids)].filter((id) => !near.has(id));
    edge = [...(await assetsById(driver, kinds, wanted)).values()];
    for (const asset of edge) near.set(asset.id, asset);
  }
  const ids = [...near.keys()];
  const decided = new Map<string, { readonly owner: string; readonly by: string; readonly at: string }>();
  for (const { asset, act, team, decidedBy, decidedAt } of await tx.organisation.ownersSettled(ids))
    if (act !== 'release') decided.set(asset, { owner: team, by: decidedBy, at: decidedAt });
  const kept = await storedAnswers(driver, ids);
  return ownersOf({
    tree,
    settings,
    decided: decided satisfies OwnerContext['decided'],
    related: near,
    kept,
    now,
  });
}

function pointedTo(asset: Asset, rules: readonly OwnerRule[], targets: readonly string[]): readonly string[] {
  return rules.flatMap((rule) => {
    const held = rule.by === 'relation' ? asset.attributes.get(rule.attribute)?.statement : undefined;
    if (!held || !('value' in held)) return [];
    const texts = (Array.isArray(held.value) ? held.value : [held.value]).filter(
      (one): one is string => typeof one === 'string',
    );
    return texts.flatMap((text) => [text, ...targets.map((kind) => assetId(kind, [text]))]);
  });
}

/** Existing assets of some ids; what there is not is left out. With `attributes` they have these alone, and are read the sooner. */
export async function assetsById(
  driver: Driver,
  kinds: ReadonlyMap<string, Kind>,
  ids: readonly string[],
  attributes?: readonly string[],
): Promise<ReadonlyMap<string, Asset>> {
  const found = new Map<string, Asset>();
  const byKind = Map.groupBy(ids, (id) => id.slice(0, Math.max(0, id.indexOf('/'))));
  for (const [name, own] of byKind) {
    const kind = kinds.get(name);
    for (let at = 0; kind && at < own.length; at += 100) {
      const rows = await assetRows(driver, kind, {
        from: `FROM ${quoted(tableOf(kind))}
         WHERE \`@id\` IN {some:Array(String)} ORDER BY \`@id\`, \`@known\` DESC LIMIT 1 BY \`@id\` ${FEW}`,
        parameters: { some: own.slice(at, at + 100) },
        ...(attributes && { attributes }),
      });
      for (const { asset } of rows) found.set(asset.id, asset);
    }
  }
  return found;
}
