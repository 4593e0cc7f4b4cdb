/** What is left of a work item, where it lies, and why each asset fails by now. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { judgeOf, rowOf } from '@macadam/core/verdicts/evaluate';
import { assetsById } from '@macadam/services/ownership/who';
import { evidenceIn } from '@macadam/services/work/evidence';
import type { ServerParts } from '../../http/route.ts';
import type { WorkPause, WorkPlace } from './item.ts';

export interface PlacesAsked {
  readonly batch: string;
  readonly standard: string;
  readonly assets: readonly string[];
  /** Asset → its own last day. */
  readonly stopped: ReadonlyMap<string, string>;
  readonly pauses: ReadonlyMap<string, WorkPause>;
  readonly now: Date;
}

/** Without stores of facts the assets alone. */
export async function placesLeft(
  parts: ServerParts,
  tx: DecisionTransaction,
  asked: PlacesAsked,
): Promise<readonly WorkPlace[]> {
  const { batch, assets, stopped, pauses } = asked;
  const since = await sinceOf(tx, batch, assets);
  const reasons = await reasonsNow(parts, asked);
  const kind = parts.site()?.standards.get(asked.standard)?.definition.scope.kind;
  const driver = parts.site()?.stores?.driver;
  const lying = driver && kind !== undefined ? await evidenceIn(driver).places(kind, assets) : new Map();
  const shown = assets.map((id) => ({
    id,
    failingSince: since.get(id) ?? '',
    reason: reasons.get(id) ?? null,
    due: stopped.get(id) ?? null,
    pause: pauses.get(id) ?? null,
  }));
  // What lies in no file is a place of its own, as the route says: nobody mends it by mending another.
  const groups = Map.groupBy(shown, ({ id }) => {
    const { repository, path = '' } = lying.get(id) ?? { repository: '', path: id };
    return JSON.stringify([repository, path]);
  });
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, own]) => {
      const [repository, path] = JSON.parse(key) as [string, string];
      return { repository, path, assets: own };
    });
}

/** Members are kept in order of asset, so a few pages hold a page of what is left. */
async function sinceOf(tx: DecisionTransaction, batch: string, assets: readonly string[]) {
  const since = new Map<string, string>();
  const [first, last] = [assets[0], assets.at(-1)];
  if (first === undefined || last === undefined) return since;
  for (let after = '', done = false; !done; ) {
    const members = await tx.work.members(batch, { after, limit: 1000 });
    for (const { asset, failingSince } of members) since.set(asset, failingSince);
    after = members.at(-1)?.asset ?? '';
    done = members.length < 1000 || after >= last;
  }
  return since;
}

async function reasonsNow(
  parts: ServerParts,
  { standard: id, assets, now }: PlacesAsked,
): Promise<ReadonlyMap<string, string>> {
  const site = parts.site();
  const standard = site?.standards.get(id);
  const reasons = new Map<string, string>();
  if (!site?.stores || !standard) return reasons;
  const { compiled } = standard;
  const judge = judgeOf(compiled, { real: now, asOf: now }, site.related);
  for (const [asset, held] of await assetsById(site.stores.driver, site.stores.kinds, assets)) {
    const { verdict, message } = judge.judge(rowOf(compiled.kind, held));
    const said = verdict === 'fail' ? message : verdict === 'unknown' ? `unknown now: ${message}` : SETTLED;
    reasons.set(asset, said);
  }
  return reasons;
}

const SETTLED = 'it no longer fails; the next scan takes it off this list';
