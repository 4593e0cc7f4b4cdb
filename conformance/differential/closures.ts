/** The first compiler, through the same door that gates and scans use. */
import { type Asset, merge } from '@macadam/core/facts/asset';
import type { Observation } from '@macadam/core/facts/observation';
import { relatedIn } from '@macadam/core/facts/related';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { type Engine, observationOf } from './case.ts';
import { NOW, type World } from './kinds.ts';

const clock = { asOf: new Date(NOW), real: new Date(NOW) };

/** The assets that observations are of, in their order. */
export function assetsOf({ kinds }: World, observations: readonly Observation[]): Asset[] {
  return [...Map.groupBy(observations, ({ id }) => id).values()].flatMap((own) => {
    const kind = kinds.get(own[0]?.kind ?? '');
    return kind ? [merge(kind, own)] : [];
  });
}

export function othersOf(world: World): Asset[] {
  const other = world.kinds.get('other');
  return other
    ? assetsOf(
        world,
        world.others.flatMap((one) => observationOf(other, one)),
      )
    : [];
}

/** Since when the other kind is listed to its end, for every engine. */
export const wholeOf = ({ listed }: World): ReadonlyMap<string, number> =>
  new Map(listed === null ? [] : [['other', Date.parse(listed)]]);

export const closures: Engine = {
  name: 'closures',
  judge: async (world, standards, observations) => {
    const assets = assetsOf(world, observations);
    const others = othersOf(world);
    const related = relatedIn(world.kinds, [...assets, ...others], wholeOf(world));
    return standards.map((standard) =>
      assets.map((asset) => {
        const { verdict, reason, causes } = evaluate(standard, asset, clock, related);
        return { verdict, reason, path: verdict === 'unknown' ? (causes[0]?.path ?? '') : '' };
      }),
    );
  },
};
