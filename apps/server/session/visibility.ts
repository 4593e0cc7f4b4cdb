/** What of the facts a caller sees: the assets of divisions in which the policy lets them read. Figures are everybody's. */
import { authorise, principalFor } from '@macadam/adapters/authorisation/authorise';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { currentTree } from '@macadam/services/ownership/log';
import { teamsOf } from '@macadam/services/work/teams';
import { owned } from '../api/owners.ts';
import type { Call } from '../http/route.ts';
import { siteOf } from '../server-context.ts';

export type Looking = Pick<Call, 'caller' | 'now' | 'parts' | 'permit'>;

/**
 * Teams whose assets the caller sees, by what each is called in the history; null: all there are, and what is nobody's or of no
 * division besides.
 */
export async function teamsSeen(
  { caller, parts }: Looking,
  tx: DecisionTransaction,
): Promise<readonly string[] | null> {
  const { divisions } = principalFor(caller, 'Fact::read');
  if (divisions === 'all') return null;
  const tree = await currentTree(parts.decisions, tx);
  const { division } = teamsOf(tree);
  return [...tree.units.keys(), ...tree.merged.keys()].filter((team) => divisions.includes(division(team)));
}

/** Demands that the caller may read what belongs to a team. A list without it would say that there is nothing. */
export async function permitTeam(
  { parts, permit }: Looking,
  tx: DecisionTransaction,
  team: string,
): Promise<void> {
  const { division } = teamsOf(await currentTree(parts.decisions, tx));
  permit('Fact::read', { id: team, division: division(team), team });
}

/**
 * Demands that the caller may read an asset, if there is one: of whoever owns it now, or had it when somebody last looked. `lived`: its
 * life, where that was read already.
 */
export async function permitAsset(
  { caller, now, parts, permit }: Looking,
  tx: DecisionTransaction,
  id: string,
  lived?: readonly { readonly team: string }[],
): Promise<void> {
  const { assets, owners } = await owned(parts, tx, [id], now);
  const asset = assets.get(id);
  const owner = asset ? owners.answerOf(asset).owner : null;
  const last = (lived ?? (await siteOf(parts).past.life(id))).at(-1)?.team ?? null;
  if (asset === undefined && last === null) return;
  const { division } = teamsOf(owners.tree);
  const of = (team: string | null) => ({ id, division: division(team), ...(team !== null && { team }) });
  if (!authorise(caller, 'Fact::read', of(last)).allowed) permit('Fact::read', of(owner));
}
