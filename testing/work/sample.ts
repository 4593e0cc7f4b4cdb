/** A small world whose ticks are played, for tests: what assets are under one standard, and what a tick tells of them. */

import type { DecisionPrincipal } from '@macadam/adapters/decisions/port';
import type { Moment } from '@macadam/adapters/facts/history/record';
import type { State } from '@macadam/core/figures/accounting';
import { type Exception, exceptionFor } from '@macadam/core/verdicts/exception';
import type { WorkStanding } from '@macadam/core/work/reconcile';
import type { SeenStanding, Sight } from '@macadam/services/work/pass';
import type { WorkTeams } from '@macadam/services/work/teams';

export const ann: DecisionPrincipal = { id: 'ann', divisions: ['north'] };
export const ben: DecisionPrincipal = { id: 'ben', divisions: ['north'] };
export const cy: DecisionPrincipal = { id: 'cy', divisions: 'all' };

/** Teams `n…` are of the north, `s…` of the south; `merged` ones have an heir. */
export const playedTeams = (merged: ReadonlyMap<string, string> = new Map()): WorkTeams => ({
  of: (team) => (team === null ? null : (merged.get(team) ?? team)),
  division: (team) => (team === null ? '' : team.startsWith('s') ? 'south' : 'north'),
  above: (team) => [team, team.startsWith('s') ? 'south' : 'north'],
});

export interface PlayedAsset {
  readonly verdict: WorkStanding['verdict'];
  readonly gone: boolean;
  readonly owner: string | null;
  readonly value: string;
}

interface Ticked {
  readonly moment: Moment;
  readonly stood: ReadonlyMap<string, SeenStanding>;
}

export interface World {
  readonly standard: string;
  readonly assets: Map<string, PlayedAsset>;
  /** What the last tick found; null before the first. */
  last(): Ticked | null;
  /** Judges what is there. */
  tick(at: Date, exceptions: readonly Exception[]): Sight;
  /** As `reconcile` takes them: of everything, as of the last tick. */
  standings(): readonly WorkStanding[];
  /** Values as of the last tick. */
  judge(standard: string, assets: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export function playedWorld(standard: string): World {
  const assets = new Map<string, PlayedAsset>();
  const values = new Map<string, string>();
  let last: Ticked | null = null;
  let known = 0;

  const stateOf = (
    id: string,
    { verdict, value }: PlayedAsset,
    at: Date,
    exceptions: readonly Exception[],
  ): State =>
    verdict === 'F' && exceptionFor(exceptions, standard, { id, name: `the ${id}`, value: () => value }, at)
      ? 'X'
      : verdict;

  return {
    standard,
    assets,
    last: () => last,
    tick: (at, exceptions) => {
      known += 1;
      const before = last;
      const stood = new Map<string, SeenStanding>();
      for (const [asset, one] of assets) {
        const state = stateOf(asset, one, at, exceptions);
        const was = before?.stood.get(asset);
        const fails = state === 'F' || state === 'X';
        const since =
          fails || state === 'U' ? (was?.since ?? (fails ? at.toISOString() : undefined)) : undefined;
        const same = was && was.state === state && was.team === one.owner;
        stood.set(
          asset,
          same
            ? was
            : {
                asset,
                name: `the ${asset}`,
                state,
                gone: one.gone,
                team: one.owner,
                by: `collection-${known}#${asset}`,
                ...(since !== undefined && { since }),
              },
        );
        values.set(asset, one.value);
      }
      last = { moment: { valid: at, known }, stood };
      const changed = [...stood.values()].filter((one) => before?.stood.get(one.asset) !== one);
      // What was unknown before this tick, and failed before that, is said to be unknown alone.
      const changes = changed.map((one): SeenStanding => {
        const { since, ...rest } = one;
        return one.state === 'U' ? rest : { ...rest, ...(since !== undefined && { since }) };
      });
      return {
        moment: last.moment,
        after: before?.moment ?? null,
        changes: async () => changes,
        whole: async (held) => {
          const ids = new Set(held.map(({ asset }) => asset));
          return [...stood.values()].filter((one) => one.since !== undefined || ids.has(one.asset));
        },
      };
    },
    standings: () =>
      [...(last?.stood.values() ?? [])].flatMap((one): WorkStanding[] => {
        const { asset, state, team, by, since, gone = false } = one;
        const same = {
          asset,
          name: `the ${asset}`,
          owner: team,
          by,
          gone,
          ...(since !== undefined && { since }),
        };
        if (state === 'F' || state === 'X')
          return [{ ...same, verdict: 'F', value: values.get(asset) ?? '' }];
        return [{ ...same, verdict: state }];
      }),
    judge: async (_, ids) => new Map(ids.map((asset) => [asset, values.get(asset) ?? ''])),
  };
}
