/**
 * What is excepted at this moment, beside what a look found to be: exceptions begin and end by themselves, and between
 * two looks. Of those of the store, those that the caller may read; and those that the estate's own file states.
 */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { type Exception, type ExceptionHold, exceptionsOf, holdOf } from '@macadam/core/verdicts/exception';
import { assetsById } from '@macadam/services/ownership/who';
import { exceptionFrom } from '@macadam/services/work/exceptions';
import { judgeIn } from '@macadam/services/work/judge';
import type { ServerContext } from './pages/history/pages.ts';

/** An exception that names an asset, and whether it is in force. */
export interface NamedException {
  /** Null: it stands in the estate's file. */
  readonly id: string | null;
  readonly standard: string;
  readonly until: string;
  readonly inForce: boolean;
  /** Until when it holds, or why it does not. */
  readonly why: string;
}

export interface Permitted {
  /** The exception that is in force, by asset. */
  readonly inForce: (standard: string, assets: readonly string[]) => Promise<ReadonlyMap<string, Exception>>;
  /** All that were ever approved for it, those in force first. */
  readonly ofAsset: (asset: {
    readonly id: string;
    readonly name: string;
  }) => Promise<readonly NamedException[]>;
}

/** Null where the assets themselves cannot be asked. */
export function permittedIn(tx: DecisionTransaction, site: ServerContext, now: Date): Permitted | null {
  const { stores, exceptions: stated = [] } = site;
  // As of the store's own time, at which it was approved and ended; `now` is that of the facts.
  const at = new Date(tx.at);
  if (stores === undefined) return null;
  const standards = [...site.standards.values()].map(({ compiled }) => compiled);
  const judge = judgeIn({
    driver: stores.driver,
    facts: stores.facts,
    kinds: stores.kinds,
    standards,
    now: () => now,
  });
  /** Values are asked of those alone of which a certain one was accepted. */
  const valuesOf = async (standard: string, assets: readonly string[], granted: readonly Exception[]) => {
    const asked = assets.filter((id) => granted.some(({ accepted }) => (accepted?.[id] ?? null) !== null));
    const values = asked.length > 0 ? await judge(standard, asked) : new Map<string, string>();
    return (id: string) => () => values.get(id) ?? '';
  };
  return {
    inForce: async (standard, assets) => {
      const own = stated.filter((one) => one.standard === standard);
      const filter = { standard, after: tx.at, assets };
      const granted = (await tx.permissions.granted(filter)).map(exceptionFrom);
      const found = new Map<string, Exception>();
      if (own.length + granted.length === 0) return found;
      // Only the file names assets by what they are called.
      const known = own.length > 0 ? await assetsById(stores.driver, stores.kinds, assets) : new Map();
      const valueIn = await valuesOf(standard, assets, granted);
      const { inForce } = exceptionsOf([...granted, ...own], standard);
      for (const id of assets) {
        const held = inForce({ id, name: known.get(id)?.name ?? id, value: valueIn(id) }, at);
        if (held) found.set(id, held);
      }
      return found;
    },
    ofAsset: async ({ id, name }) => {
      const granted = (await tx.permissions.granted({ assets: [id] })).map(exceptionFrom);
      const named: NamedException[] = [];
      for (const one of [...granted, ...stated]) {
        const value = (await valuesOf(one.standard, [id], [one]))(id);
        const hold = holdOf(one, { id, name, value }, at);
        if (hold !== 'elsewhere') named.push(namedBy(one, hold));
      }
      return named.sort(
        (a, b) =>
          Number(b.inForce) - Number(a.inForce) || (a.until < b.until ? 1 : a.until > b.until ? -1 : 0),
      );
    },
  };
}

function namedBy(one: Exception, hold: Exclude<ExceptionHold, 'elsewhere'>): NamedException {
  const { id = null, standard, until, ended_at: ended, approved_at: from } = one;
  const why = {
    holds: `it holds until the end of ${until}`,
    early: `it holds from ${from} on`,
    over: ended === undefined ? `its last day, ${until}, is over` : `it was ended at ${ended}`,
    drifted: 'what is wrong with the asset is no longer what was accepted',
  };
  return { id, standard, until, inForce: hold === 'holds', why: why[hold] };
}
