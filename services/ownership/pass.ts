/** One pass over the two stores: who owns every asset by the rules in force, and under what it is found. */
import type { DecisionPrincipal, Decisions } from '@macadam/adapters/decisions/port';
import { keptAnswers, type OwnerPass, type OwnerStores, passOwners, prepareAnswers } from './answers.ts';
import { orgTree } from './log.ts';
import { decidedOwners, type Owners, ownersOf, relatedAssets } from './owners.ts';
import { ownerSettings } from './rules.ts';
import { indexPass, prepareIndex } from './who-index.ts';

/** Whose an asset is, is seen across divisions: at night nobody asks whose it is before they know. */
export const LOOK_UP: DecisionPrincipal = { id: 'machine:who', divisions: 'all' };

export interface StoresPassed extends OwnerPass {
  /** For whoever needs owners of the same moment: the tick. */
  readonly owners: Owners;
  readonly indexed: number;
}

/** What is settled in the facts is what it goes over. Not two at once on one store. */
export async function passOver(stores: OwnerStores, decisions: Decisions, now: Date): Promise<StoresPassed> {
  const { driver, facts, kinds } = stores;
  await prepareAnswers(driver);
  await prepareIndex(driver);
  await facts.settled();
  const read = await decisions.transaction(
    LOOK_UP,
    async (tx) => ({
      tree: await orgTree(tx, tx.at.slice(0, 10)),
      settings: await ownerSettings(tx),
      decided: await decidedOwners(tx),
    }),
    { readOnly: true },
  );
  const related = await relatedAssets(facts, read.settings.rules, kinds);
  const before = ownersOf({ ...read, related, kept: await keptAnswers(driver), now });
  const index = await indexPass(driver);
  const passed = await passOwners(stores, before, index);
  const { indexed } = await index.done();
  return { ...passed, indexed, owners: ownersOf({ ...read, related, kept: passed.kept, now }) };
}
