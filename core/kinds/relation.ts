/** Relations between kinds: which kind one leads to, and what is wrong with it once all kinds are known. */

import type { Diagnostic } from '../text/diagnostic.ts';
import { didYouMean } from '../text/suggestion.ts';
import type { Kind } from './kind.ts';

export interface RelationDiagnostic extends Diagnostic {
  /** The kind whose file it stands in. */
  readonly kind: string;
}

/** Every relation that leads nowhere. Kinds that a relation needs but that did not load are mistakes of their own. */
export function relationMistakes(kinds: ReadonlyMap<string, Kind>): readonly RelationDiagnostic[] {
  return [...kinds.values()].flatMap((kind) =>
    Object.entries(kind.relations).flatMap(([name, { to, from, by }]) => {
      const other = to ?? from ?? '';
      const mistake = (field: string, reason: string): RelationDiagnostic[] => [
        { kind: kind.kind, path: ['relations', name, field], reason },
      ];
      const found = kinds.get(other);
      if (!found) {
        return mistake(
          to === undefined ? 'from' : 'to',
          `there is no kind \`${other}\`${didYouMean(other, kinds.keys())}`,
        );
      }
      if (from === undefined || by === undefined) return [];
      const back = Object.hasOwn(found.relations, by) ? found.relations[by] : undefined;
      if (!back) {
        const hint = didYouMean(by, Object.keys(found.relations));
        return mistake('by', `\`${from}\` has no relation \`${by}\`${hint}`);
      }
      if (back.to !== kind.kind)
        return mistake('by', `\`${by}\` of \`${from}\` does not lead to \`${kind.kind}\``);
      return back.by === undefined
        ? mistake('by', `\`${by}\` of \`${from}\` says no \`by\`: nothing holds the reference`)
        : [];
    }),
  );
}

export interface Relation {
  readonly name: string;
  readonly other: Kind;
  /** The attribute that holds the reference: this kind's own, or, `inverse`, the other kind's. */
  readonly by: string;
  readonly inverse: boolean;
}

/** The relations that can be looked across. */
export function relationsOf(kind: Kind, kinds: ReadonlyMap<string, Kind>): readonly Relation[] {
  return Object.entries(kind.relations).flatMap(([name, { to, from, by }]): readonly Relation[] => {
    const other = kinds.get(to ?? from ?? '');
    if (!other || by === undefined) return [];
    if (to !== undefined) return [{ name, other, by, inverse: false }];
    const holder = other.relations[by]?.by;
    return holder === undefined ? [] : [{ name, other, by: holder, inverse: true }];
  });
}
