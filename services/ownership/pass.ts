/** One pass over the two stores: who owns every asset by the rules in force, and under what it is found. */
import { hash } from 'node:crypto';
import type { DecisionPrincipal, Decisions } from '@macadam/adapters/decisions/port';
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { goneTable } from '@macadam/adapters/facts/clickhouse/tables';
import { quoted, tableOf } from '@macadam/adapters/facts/layout';
import type { Asset } from '@macadam/core/facts/asset';
import { MS_OF_DAY } from '@macadam/core/work/batch';
import { keptAnswers, type OwnerPass, type OwnerStores, passOwners, prepareAnswers } from './answers.ts';
import { makeListing } from './listing.ts';
import { orgTree } from './log.ts';
import { decidedOwners, type Owners, ownersOf, relatedAssets, relatedKinds } from './owners.ts';
import { ownerSettings } from './rules.ts';
import { indexPass, prepareIndex } from './who-index.ts';

/** Whose an asset is, is seen across divisions: at night nobody asks whose it is before they know. */
export const LOOK_UP: DecisionPrincipal = { id: 'machine:who', divisions: 'all' };

export interface StoresPassed extends OwnerPass {
  /** For whoever needs owners of the same moment: the tick. */
  readonly owners: Owners;
  readonly indexed: number;
}

/** What a pass went over, for the next one of the same store in this process. */
interface LastPass {
  /** Digest of what people said: organisation of the day, rules, decisions. */
  readonly said: string;
  /** The batch that the facts held. */
  readonly known: number;
  readonly related: ReadonlyMap<string, Asset>;
  /** Digest of what rules read of those. */
  readonly lead: string;
}

const lastPasses = new WeakMap<Driver, LastPass>();

/**
 * What is settled in the facts is what it goes over. Not two at once on one store. All of it once a day, when people said something
 * else, and when an asset that a rule's relation leads to says something else; else only assets that changed since the last one.
 */
export async function passOver(stores: OwnerStores, decisions: Decisions, now: Date): Promise<StoresPassed> {
  const { driver, facts, kinds } = stores;
  await prepareAnswers(driver);
  await prepareIndex(driver);
  const known = await facts.settled();
  const read = await decisions.transaction(
    LOOK_UP,
    async (tx) => ({
      tree: await orgTree(tx, tx.at.slice(0, 10)),
      settings: await ownerSettings(tx),
      decided: await decidedOwners(tx),
    }),
    { readOnly: true },
  );
  const { settings } = read;
  const said = digestOf([read, now.toISOString().slice(0, 10), [...kinds.keys()]]);
  const last = lastPasses.get(driver) ?? null;
  const same = last !== null && last.said === said && last.known <= known;
  const leads = relatedKinds(settings.rules, kinds);
  const isAsBefore = same && !(await isChanged(stores, leads, last.known));
  lastPasses.delete(driver);
  const related = isAsBefore ? last.related : await relatedAssets(facts, settings.rules, kinds);
  const lead = leadOf(related, now, settings.confirmFor);
  const since = same && last.lead === lead ? last.known : null;
  const before = ownersOf({ ...read, related, kept: await keptAnswers(driver), now });
  const done = (kept: StoresPassed['kept']) => {
    lastPasses.set(driver, { said, known, related, lead });
    return ownersOf({ ...read, related, kept, now });
  };
  if (since !== null && since === known)
    return {
      assets: 0,
      written: 0,
      gone: 0,
      indexed: 0,
      kept: new Map(),
      owners: done(await keptAnswers(driver)),
    };
  const index = await indexPass(driver, since);
  const passed = await passOwners(stores, before, index, since);
  const { indexed } = await index.done();
  // The first pass of a process knows nothing of what one before it left undone.
  if (since === null || passed.written > 0 || passed.gone > 0 || indexed > 0) await makeListing(driver);
  // Answers of assets that did not change are kept as they were.
  const kept = since === null ? passed.kept : await keptAnswers(driver);
  return { ...passed, indexed, owners: done(kept) };
}

/**
 * What an owner may follow from, of assets that rules lead to. They are seen again at every look; that alone changes no owner, unless it
 * confirms what nothing confirmed any more.
 */
const leadOf = (related: ReadonlyMap<string, Asset>, now: Date, confirmFor: number): string =>
  digestOf(
    [...related.values()].map(({ id, name, location, attributes }) => [
      id,
      name,
      location?.path,
      [...attributes].map(([attribute, { statement, observedAt }]) => [
        attribute,
        statement,
        observedAt !== null && now.getTime() - Date.parse(observedAt) <= confirmFor * MS_OF_DAY,
      ]),
    ]),
  );

/** Whether any asset of these kinds is another one, or gone, since a batch. */
async function isChanged({ driver }: OwnerStores, kinds: readonly string[], since: number): Promise<boolean> {
  for (const kind of kinds) {
    const [row] = await driver.query<{ changed: string }>(
      `SELECT (SELECT count() FROM ${quoted(tableOf({ kind }))} WHERE \`@known\` > {since:UInt64})
         + (SELECT count() FROM ${goneTable.name} WHERE kind = {kind:String} AND batch > {since:UInt64}) AS changed`,
      { kind, since },
    );
    if (Number(row?.changed) > 0) return true;
  }
  return false;
}

/** Maps and lists alike, each in its own order. */
const digestOf = (said: unknown): string =>
  hash(
    'sha256',
    JSON.stringify(said, (_, value: unknown) => (value instanceof Map ? [...value] : value)),
  );
