/** The standards of the catalogue on made repositories, by closures and by SQL: every verdict must be one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ordinaryRepository } from '../bench/estate.ts';
import { bothEngines } from '../both-engines.ts';
import type { Suite } from '../suite.ts';

const REPOSITORIES = 10;

export const suite: Suite = {
  name: 'both-engines',
  proves: 'closures and SQL give one verdict, for one reason, on every asset of ten repositories',
  vectors: [],
  load: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'macadam-engines-'));
    try {
      for (let n = 0; n < REPOSITORIES; n++) ordinaryRepository(join(folder, `repository-${n}`), n);
      const held = await bothEngines(folder);
      return held.map(({ standard, refused, differences }) => ({
        id: standard,
        run: () => (refused ? `SQL refuses it: ${refused}` : (differences[0] ?? null)),
      }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
