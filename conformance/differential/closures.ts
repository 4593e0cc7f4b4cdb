/** The first compiler, through the same door that gates and scans use. */
import { merge } from '@macadam/core/asset';
import { evaluate } from '@macadam/core/evaluate';
import type { Engine } from './case.ts';
import { NOW } from './kinds.ts';

const clock = { asOf: new Date(NOW), real: new Date(NOW) };

export const closures: Engine = {
  name: 'closures',
  judge: async (kind, standards, observations) => {
    const assets = [...Map.groupBy(observations, ({ id }) => id).values()].map((own) => merge(kind, own));
    return standards.map((standard) =>
      assets.map((asset) => {
        const { verdict, reason, causes } = evaluate(standard, asset, clock);
        return { verdict, reason, path: verdict === 'unknown' ? (causes[0]?.path ?? '') : '' };
      }),
    );
  },
};
