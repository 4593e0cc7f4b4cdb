/** The second compiler: rows of a kind's table in the embedded engine. What the columns cannot hold, closures judge. */
import { rowOf } from '@macadam/adapters/facts/columns';
import { tableOf } from '@macadam/adapters/facts/layout';
import { judge } from '@macadam/adapters/facts/sql/judging';
import type { Asset } from '@macadam/core/facts/asset';
import type { Kind } from '@macadam/core/kinds/kind';
import { openTrial } from '@macadam/testing/facts/sql-trial';
import type { Engine, Outcome } from './case.ts';
import { assetsOf, closures, othersOf, wholeOf } from './closures.ts';
import { NOW } from './kinds.ts';

const clock = { asOf: new Date(NOW), real: new Date(NOW) };

export async function openSql(): Promise<Engine> {
  const trial = await openTrial();
  let left = 0;
  const fill = (kind: Kind, assets: readonly Asset[]) =>
    trial.fill(
      kind,
      tableOf(kind),
      assets.map((asset) => rowOf(kind, asset)),
    );
  return {
    name: 'sql',
    left: () => left,
    judge: async (world, standards, observations) => {
      const { kind, kinds } = world;
      const assets = assetsOf(world, observations);
      await fill(kind, assets);
      const other = kinds.get('other');
      if (other) await fill(other, othersOf(world));
      const judged = await judge({
        database: trial,
        kind,
        standards,
        clock,
        options: { whole: wholeOf(world) },
      });
      const alone = await closures.judge(world, standards, observations);
      return standards.map((standard, at) => {
        if (judged.refused.has(standard)) return null;
        const verdicts = judged.verdicts.get(standard);
        return assets.flatMap(({ id }, of): Outcome[] => {
          const found = verdicts?.get(id);
          if (found) return [{ ...found, reason: found.reason ?? '', path: found.path ?? '' }];
          left++;
          const outcome = alone[at]?.[of];
          return outcome ? [outcome] : [];
        });
      });
    },
  };
}
