/** Reads and answers from an export: nothing else is needed, no store and no server. */
import type { Accountability, OrgPerson, OrgTree, OrgUnit } from '@macadam/core/org/org';
import type { OwnerAnswer } from '@macadam/core/org/owner';
import { who } from '@macadam/core/org/who';
import { openSealedMap } from './signed-index.ts';
import { type Reached, reached } from './who-reached.ts';

export const WHO_SCHEMA = 'macadam.who/1';

/**
 * Keys of the map: `asset:ID` → `FiledAsset`, `for:` → all accountabilities, `key:KEY` → `[count, ids]`, `person:ID` → name and
 * e-mail of accountable people, `runbook:KIND` → text, `unit:ID` → the unit. In this order, which is that of their letters.
 */
export type FiledAsset = readonly [
  name: string,
  owner: string | null,
  state: OwnerAnswer['state'],
  confirmedAt: string | null,
  rule: string | null,
];
export type FiledKey = readonly [count: number, assets: readonly string[]];

export interface WhoFile {
  /** When it was made; whoever shows an answer shows this, too. */
  readonly madeAt: string;
  readonly who: (text: string) => Reached;
  readonly close: () => void;
}

/** Throws `SealError` for a file that is not whole or not signed by the key. */
export function openWhoFile(file: string, publicKey: string): WhoFile {
  const { head, get, close } = openSealedMap(file, WHO_SCHEMA, publicKey);
  const assetOf = (id: string) => get(`asset:${id}`) as FiledAsset | undefined;
  const ownerOf = (id: string): OwnerAnswer | undefined => {
    const filed = assetOf(id);
    if (!filed) return undefined;
    const [, owner, state, confirmedAt, rule] = filed;
    return { asset: id, owner, state, confirmedAt, rule, chain: [] };
  };
  const unit = (id: string) => get(`unit:${id}`) as OrgUnit | undefined;
  const units = reading(unit);
  const accountable = (get('for:') ?? []) as readonly Accountability[];
  const tree: OrgTree = {
    day: String(head.day ?? ''),
    units,
    merged: new Map(),
    people: reading((id) => {
      const filed = get(`person:${id}`) as readonly [string, string | null] | undefined;
      return filed && { id, name: filed[0], email: filed[1], units: new Set<string>() };
    }) satisfies ReadonlyMap<string, OrgPerson>,
    accountabilities: new Map(accountable.map((one) => [one.id, one])),
  };
  return {
    madeAt: String(head.madeAt ?? ''),
    who: (text) => {
      let count = 0;
      const find = (key: string) => {
        const filed = get(`key:${key}`) as FiledKey | undefined;
        if (filed) count = filed[0];
        return filed?.[1];
      };
      const answers = who(text, find, {
        tree,
        ownerOf,
        assetOf: (id) => {
          const filed = assetOf(id);
          return filed && { id, kind: id.slice(0, Math.max(0, id.indexOf('/'))), name: filed[0] };
        },
        runbookOf: (kind) => (get(`runbook:${kind}`) as string | undefined) ?? null,
        // Exports of before this was known do not say.
        company: typeof head.company === 'string' ? head.company : null,
      });
      return reached(text, { ...answers, count: answers.key === null ? 0 : count }, tree.people);
    },
    close,
  };
}

/** A map of which only `get` is ever asked. */
function reading<T>(get: (id: string) => T | undefined): ReadonlyMap<string, T> {
  const held = new Map<string, T>();
  return Object.assign(held, {
    get: (id: string) => {
      const known = Map.prototype.get.call(held, id) as T | undefined;
      const found = known ?? get(id);
      if (found !== undefined) held.set(id, found);
      return found;
    },
  });
}
