/**
 * Who might own what nobody owns: for the queue in which people decide. A suggestion counts for nothing until somebody
 * takes it; it is no input of any rule.
 */

import { ascending } from '../text/order.ts';
import { suggestionFor } from '../text/suggestion.ts';
import { type OwnerContext, unitOf } from './owner.ts';

/** What hints at an owner. */
export interface OwnerHints {
  /** People, as the history writes them, with their commits of late. */
  readonly committers: readonly { readonly person: string; readonly commits: number }[];
  /** Owners of what stands in the same container, with how much of it. */
  readonly neighbours: readonly { readonly owner: string; readonly assets: number }[];
  /** Values of tags, whatever their keys. */
  readonly tags: readonly string[];
}

export interface OwnerSuggestion {
  readonly owner: string;
  readonly because: 'committers' | 'neighbours' | 'tags';
  /** Lower case, no final period. */
  readonly reason: string;
  /** Which share of the hints of its sort point there; the best come first. */
  readonly share: number;
}

export function suggestions(
  hints: OwnerHints,
  context: Pick<OwnerContext, 'tree' | 'aliases'>,
): readonly OwnerSuggestion[] {
  const votes = (of: readonly (readonly [string | null, number])[]) => {
    const sums = new Map<string, number>();
    const total = of.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [owner, weight] of of) if (owner !== null) sums.set(owner, (sums.get(owner) ?? 0) + weight);
    return [...sums].map(([owner, count]) => ({ owner, count, total, share: total > 0 ? count / total : 0 }));
  };
  const { units } = context.tree;
  const spelled = (tag: string) => unitOf(tag, context) ?? suggestionFor(tag.toLowerCase(), units.keys());
  const found: OwnerSuggestion[] = [
    ...votes(hints.committers.map(({ person, commits }) => [unitOf(person, context), commits] as const)).map(
      ({ owner, count, total, share }) => ({
        owner,
        share,
        because: 'committers' as const,
        reason: `${count} of ${total} commits are by its people`,
      }),
    ),
    ...votes(hints.neighbours.map(({ owner, assets }) => [unitOf(owner, context), assets] as const)).map(
      ({ owner, count, total, share }) => ({
        owner,
        share,
        because: 'neighbours' as const,
        reason: `it owns ${count} of ${total} assets beside it`,
      }),
    ),
    ...hints.tags.flatMap((tag) => {
      const owner = spelled(tag);
      const share = 1 / hints.tags.length;
      return owner === null
        ? []
        : { owner, share, because: 'tags' as const, reason: `it is tagged \`${tag}\`` };
    }),
  ];
  return found.sort(
    (a, b) => b.share - a.share || ascending(`${a.owner} ${a.because}`, `${b.owner} ${b.because}`),
  );
}
