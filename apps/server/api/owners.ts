/** Owners of assets: whose each is and why, the rules, and the queue of what nobody owns. */

import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Asset } from '@macadam/core/facts/asset';
import { divisionOf } from '@macadam/core/org/org';
import { BOUNDS } from '@macadam/core/text/bounds';
import { ownership, prepareAnswers } from '@macadam/services/ownership/answers';
import {
  backfill,
  decideOwners,
  OWNERS,
  type OwnerMove,
  type Unowned,
} from '@macadam/services/ownership/backfill';
import { currentTree } from '@macadam/services/ownership/log';
import type { Owners } from '@macadam/services/ownership/owners';
import { LOOK_UP } from '@macadam/services/ownership/pass';
import {
  earlierSettings,
  ownerSettings,
  ownerSettingsSchema,
  setOwnerSettings,
} from '@macadam/services/ownership/rules';
import { assetsById, ownersNear } from '@macadam/services/ownership/who';
import { z } from 'zod';
import { anAsset, anId, assets } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Call, list, route, type ServerParts } from '../http/route.ts';
import { ownedStores, passedStores } from '../server-context.ts';
import { ownerAnswer } from './who.ts';

const company = () => ({ id: '', division: '' });
const count = z.int();
const settings = z.object({
  version: count,
  rules: z.array(z.looseObject({ id: z.string(), by: z.string() })),
  aliases: z.record(z.string(), z.string()),
  confirmFor: count.describe('For how many days a statement confirms an owner'),
});

/** Assets and whose they are, of any division. */
export async function owned(
  parts: ServerParts,
  tx: DecisionTransaction,
  ids: readonly string[],
  now: Date,
): Promise<{ readonly assets: ReadonlyMap<string, Asset>; readonly owners: Owners }> {
  const stores = ownedStores(parts);
  await prepareAnswers(stores.driver);
  const assets = await assetsById(stores.driver, stores.kinds, ids);
  const tree = await currentTree(parts.decisions, tx);
  const sources = { stores, now, tree, settings: await ownerSettings(tx) };
  return { assets, owners: await ownersNear(tx, [...assets.values()], sources) };
}

const shownSettings = async (tx: DecisionTransaction, version?: number) => {
  const found = version === undefined ? await ownerSettings(tx) : await earlierSettings(tx, version);
  if (found === null) throw new HttpProblem(404, `there is no version ${version} of these rules`);
  const { aliases, rules, ...rest } = found;
  return { ...rest, rules, aliases: Object.fromEntries(aliases) };
};

/**
 * Whom the policy asks about: the team that takes them, and whoever has each now. So what nobody owns is free for who may take
 * it, and everything else needs somebody who may decide for both; without that it is handed over.
 */
function* asked(
  ids: readonly string[],
  assets: ReadonlyMap<string, Asset>,
  owners: Owners,
  given: string | null,
): Iterable<{ readonly id: string; readonly division: string; readonly team: string }> {
  const teams = new Set<string>();
  for (const id of ids) {
    const asset = assets.get(id);
    const owner = asset ? owners.answerOf(asset).owner : null;
    for (const team of [given ?? owner ?? '', owner ?? given ?? '']) {
      if (teams.has(team)) continue;
      teams.add(team);
      yield { id, team, division: divisionOf(owners.tree, team) ?? '' };
    }
  }
}

interface UnownedInInput {
  readonly parts: ServerParts;
  readonly asking: DecisionTransaction;
  readonly filter: { readonly kind?: string | undefined; readonly prefix?: string | undefined };
  readonly now: Date;
  readonly page: { readonly after: string | undefined; readonly limit: number };
}

/** A page of what nobody owns; what has got an owner since the last pass is passed over, and makes no page shorter. */
export async function unownedIn({
  parts,
  asking,
  filter: { kind, prefix },
  now,
  page: { after, limit },
}: UnownedInInput): Promise<readonly Unowned[]> {
  const stores = await passedStores(parts);
  return asking.readAs(LOOK_UP, async (tx) => {
    const tree = await currentTree(parts.decisions, tx);
    const settings = await ownerSettings(tx);
    const ownersFor = (assets: readonly Asset[]) => ownersNear(tx, assets, { stores, now, tree, settings });
    const unowned: Unowned[] = [];
    for (let next: string | null = after ?? ''; next !== null && unowned.length < limit; ) {
      const filter = { ...(kind && { kind }), ...(prefix && { prefix }), after: next, limit };
      const page = await backfill(stores, filter, ownersFor);
      unowned.push(...page.unowned);
      next = page.next;
    }
    return unowned.slice(0, limit);
  });
}

export interface OwnersAsked {
  readonly assets: readonly string[];
  readonly act: OwnerMove;
  readonly reason: string;
}

/** Asks whether the caller may, of each team that takes or loses something; then decides all of them or none. Gives how many. */
export async function decidedBy(
  { parts, permit, now }: Pick<Call, 'parts' | 'permit' | 'now'>,
  tx: DecisionTransaction,
  { assets: ids, act, reason }: OwnersAsked,
): Promise<number> {
  await tx.exclusive(OWNERS);
  const { assets, owners } = await owned(parts, tx, ids, now);
  for (const resource of asked(ids, assets, owners, act.move === 'assign' ? act.team : null))
    permit('Owner::decide', resource);
  const { decided, objections } = await decideOwners({
    tx,
    tree: owners.tree,
    assets: ids,
    move: { ...act, reason },
    current: (id) => {
      const asset = assets.get(id);
      return asset ? owners.answerOf(asset) : null;
    },
  });
  if (objections.length > 0)
    throw new HttpProblem(422, objections.map((one) => one.reason).join('; '), objections);
  return decided.length;
}

const move = z.discriminatedUnion('move', [
  z.strictObject({ move: z.literal('assign'), team: anId }),
  z.strictObject({ move: z.literal('confirm') }),
  z.strictObject({ move: z.literal('release') }),
]);

export const routes = [
  route({
    method: 'GET',
    path: '/api/assets/:id/owner',
    summary: 'Say whose an asset is, and by which rules',
    action: 'Owner::read',
    of: 'anywhere',
    params: { id: anAsset },
    answer: ownerAnswer,
    does: async ({ parts, params: { id }, now }, tx) => {
      const { assets, owners } = await owned(parts, tx, [id], now);
      const asset = assets.get(id);
      if (!asset) throw new HttpProblem(404, `there is no asset \`${id}\``);
      const answer = owners.answerOf(asset);
      return answer;
    },
  }),
  route({
    method: 'GET',
    path: '/api/owners',
    summary: 'Count owned and unowned assets of every kind',
    action: 'Owner::read',
    of: 'anywhere',
    answer: z.object({
      kinds: z.array(z.object({ kind: z.string(), confirmed: count, unconfirmed: count, nobody: count })),
    }),
    does: async ({ parts }) => ({ kinds: [...(await ownership((await passedStores(parts)).driver))] }),
  }),
  list({
    path: '/api/owners/unowned',
    summary: 'List what nobody owns, with whom the facts point to',
    action: 'Owner::read',
    of: 'anywhere',
    holds: 'search',
    query: {
      kind: anId.optional(),
      prefix: z.string().max(BOUNDS.assetId).optional().describe('Ids that begin with it'),
    },
    row: z.object({
      id: z.string(),
      kind: z.string(),
      name: z.string(),
      suggestions: z.array(
        z.object({
          owner: z.string(),
          because: z.enum(['committers', 'neighbours', 'tags']),
          reason: z.string(),
          share: z.number(),
        }),
      ),
      chain: ownerAnswer.shape.chain,
    }),
    sorts: ['id'],
    key: ({ id }) => id,
    rows: async ({ parts, query, now }, tx, page) => {
      const unowned = await unownedIn({ parts, asking: tx, filter: query, now, page });
      return unowned.map(({ asset, answer, suggestions }) => ({
        id: asset.id,
        kind: asset.kind,
        name: asset.name,
        suggestions,
        chain: answer.chain,
      }));
    },
  }),
  route({
    method: 'POST',
    path: '/api/owners/decisions',
    summary: 'Assign, confirm or release owners of many assets',
    // Whose they are is known only once they are read; each team is asked about then.
    action: 'Owner::read',
    of: 'anywhere',
    body: z.strictObject({
      assets,
      act: move,
      reason: z.string().trim().min(1).max(1000),
    }),
    answer: z.object({ decided: count }),
    does: async (call, tx) => ({ decided: await decidedBy(call, tx, call.body) }),
  }),
  route({
    method: 'GET',
    path: '/api/owners/rules',
    summary: 'Show how owners are decided',
    action: 'Owner::read',
    of: 'anywhere',
    query: { version: z.coerce.number().int().positive().optional() },
    answer: settings,
    does: ({ query: { version } }, tx) => shownSettings(tx, version),
  }),
  route({
    method: 'PUT',
    path: '/api/owners/rules',
    summary: 'Set how owners are decided from now on',
    action: 'Organisation::change',
    of: company,
    body: ownerSettingsSchema.extend({ reason: z.string().min(10).max(1000) }),
    answer: settings,
    versioned: (_, tx) => shownSettings(tx),
    does: async ({ parts, body: { reason, ...given } }, tx) => {
      const set = await setOwnerSettings(tx, given, reason, await currentTree(parts.decisions, tx));
      if ('objections' in set)
        throw new HttpProblem(422, set.objections.map((one) => one.reason).join('; '), set.objections);
      return shownSettings(tx);
    },
  }),
];
