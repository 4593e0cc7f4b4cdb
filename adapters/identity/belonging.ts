/** Where a person belongs today, by the organisation and by what they answer for. */
import { EVERYBODY, type OrgTree } from '@macadam/core/org/org';
import type { DecisionTransaction } from '../decisions/port.ts';
import type { Belonging } from './identify.ts';

export interface BelongingOptions {
  /** The organisation of today. */
  readonly tree: (tx: DecisionTransaction) => Promise<OrgTree>;
  readonly standards: () => Iterable<{ readonly id: string; readonly pillar: string; readonly kind: string }>;
}

/**
 * Who is accountable for a pillar or a kind throughout the company owns its standards; a division's own deputy does not. While
 * nobody has said who works here, whoever comes in speaks for every team that sources name: there is nobody else who could.
 */
export const belongingBy =
  ({ tree, standards }: BelongingOptions): Belonging =>
  async (tx, person) => {
    const { people, units, accountabilities } = await tree(tx);
    const functions = [...accountabilities.values()]
      .filter((one) => one.person === person && one.for.unit === undefined)
      .map((one) => one.for)
      .filter(({ pillar, kind }) => pillar !== undefined || kind !== undefined);
    const owned = [...standards()].filter((standard) =>
      functions.some(
        ({ pillar = standard.pillar, kind = standard.kind }) =>
          pillar === standard.pillar && kind === standard.kind,
      ),
    );
    return {
      teams:
        units.size === 0
          ? [...new Set([EVERYBODY, ...(await tx.work.teams())])].sort()
          : [...(people.get(person)?.units ?? [])].sort(),
      standards: owned.map(({ id }) => id).sort(),
    };
  };
