/** The second compiler: rows of a kind's table in the embedded engine. What the columns cannot hold, closures judge. */
import { rowOf } from '@macadam/adapters/facts/columns';
import { judge } from '@macadam/adapters/facts/sql/judging';
import { openTrial } from '@macadam/adapters/facts/sql/trial';
import { merge } from '@macadam/core/asset';
import type { Engine, Outcome } from './case.ts';
import { closures } from './closures.ts';
import { NOW } from './kinds.ts';

const clock = { asOf: new Date(NOW), real: new Date(NOW) };

export async function openSql(): Promise<Engine> {
  const trial = await openTrial();
  return {
    name: 'sql',
    judge: async (kind, standards, observations) => {
      const assets = [...Map.groupBy(observations, ({ id }) => id)].map(([id, own]) => ({
        id,
        own,
        row: rowOf(kind, merge(kind, own)),
      }));
      await trial.fill(
        kind,
        'kind_thing',
        assets.map(({ row }) => row),
      );
      const { verdicts, refused } = await judge(trial, kind, standards, clock, { table: 'kind_thing' });
      return Promise.all(
        standards.map(async (standard) => {
          if (refused.has(standard)) return null;
          const judged = verdicts.get(standard);
          const outcomes: Outcome[] = [];
          for (const { id, own } of assets) {
            const found = judged?.get(id);
            if (found) {
              const path = found.verdict === 'unknown' ? (found.path ?? '') : '';
              outcomes.push({ verdict: found.verdict, reason: found.reason ?? '', path });
              continue;
            }
            const [alone] = await closures.judge(kind, [standard], own);
            const [outcome] = alone ?? [];
            if (outcome) outcomes.push(outcome);
          }
          return outcomes;
        }),
      );
    },
  };
}
