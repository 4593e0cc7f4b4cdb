/** Texts, ids and lists of a request, each with its bound: a schema of a route is made of these. `bounds.test.ts` finds one that has none. */
import { BOUNDS, isShortId } from '@macadam/core/text/bounds';
import { z } from 'zod';

const longest = `it is longer than ${BOUNDS.assetId} bytes; name an asset by its own id`;

/** Of a person, team, standard, exception, division … */
export const anId: z.ZodString = z.string().min(1).max(BOUNDS.id);
/** As `anId`, where empty says something. */
export const idOrNone: z.ZodString = z.string().max(BOUNDS.id);
export const anAsset = z.string().min(1).max(BOUNDS.assetId).refine(isShortId, longest);
/** A moment of the past: RFC 3339, or a day. */
export const aMoment = z.union([z.iso.datetime({ offset: true }), z.iso.date()]).optional();
/** What people write for people. */
export const aText: z.ZodString = z.string().min(1).max(BOUNDS.text);
export const assets = z.array(anAsset).min(1).max(BOUNDS.items);

/** Of an exception: ids of assets, or patterns of them. */
export const selectors = z.array(anAsset).min(1).max(BOUNDS.selectors);

/**
 * A body whose form another protocol gives: each list in it has so many items at most, and each text so many characters, as many as
 * texts of ours where the protocol needs no more. What it means is read by whoever speaks the protocol.
 */
export const bounded = (items: number, characters: number = BOUNDS.text): z.ZodType =>
  z
    .unknown()
    .superRefine((value, context) => {
      const wrong = beyond(value, { items, characters }, []);
      if (wrong) context.addIssue({ code: 'custom', path: [...wrong.path], message: wrong.message });
    })
    .meta({ bounded: true });

interface Beyond {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

interface Most {
  readonly items: number;
  readonly characters: number;
}

function beyond(value: unknown, most: Most, path: readonly (string | number)[]): Beyond | null {
  if (typeof value === 'string')
    return value.length <= most.characters
      ? null
      : { path, message: `it has more than ${most.characters} characters; give a shorter text` };
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(value);
  if (entries.length > most.items)
    return { path, message: `it has more than ${most.items} items; give fewer at once` };
  for (const [name, one] of entries) {
    const at = [...path, Array.isArray(value) ? Number(name) : name.slice(0, 100)];
    if (name.length > BOUNDS.text) return { path: at, message: 'its name is too long; give a shorter one' };
    const found = beyond(one, most, at);
    if (found) return found;
  }
  return null;
}
