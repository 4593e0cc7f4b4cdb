/** An answer for the one who holds the phone: the same from the server, the stores and an export. */
import type { OrgTree } from '@macadam/core/org/org';
import { lookedUnder, type WhoAnswer } from '@macadam/core/org/who';

/** What of an answer a person needs: the same from the server, the stores and an export. */
export interface Reached {
  /** As what the text was taken; null for nothing. */
  readonly key: string | null;
  readonly count: number;
  readonly found: readonly ReachedAsset[];
  /** As what it was looked up, where nothing was found: without port, path and whatever else a log adds. */
  readonly looked: readonly string[];
}

export interface ReachedAsset extends Omit<WhoAnswer, 'accountable'> {
  /** The nearest first: of several the first is the deputy CISO. */
  readonly accountable: readonly {
    readonly person: string;
    readonly name: string;
    readonly email: string | null;
    readonly for: WhoAnswer['accountable'][number]['for'];
  }[];
}

/** People's names beside their ids. */
export function reached(
  text: string,
  answers: { readonly key: string | null; readonly count: number; readonly answers: readonly WhoAnswer[] },
  people: OrgTree['people'],
): Reached {
  const found = answers.answers.map((one) => ({
    ...one,
    accountable: one.accountable.map(({ person, for: covers }) => ({
      person,
      name: people.get(person)?.name ?? person,
      email: people.get(person)?.email ?? null,
      for: covers,
    })),
  }));
  return { key: answers.key, count: answers.count, found, looked: found.length > 0 ? [] : lookedUnder(text) };
}
