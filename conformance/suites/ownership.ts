/**
 * CODEOWNERS patterns against path verdicts that another implementation's authors wrote: every `ownership/*.json`
 * of the shape `[{name, pattern, paths: {path: matches}}]`, bare or under `tests` or `patterns`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compilePatterns } from '@macadam/adapters/repository/ownership/pattern';
import { z } from 'zod';
import type { Case, Suite } from '../suite.ts';

const group = z.object({
  name: z.string().optional(),
  pattern: z.string(),
  paths: z.record(z.string(), z.boolean()),
});
const groups = z.array(group);
const file = z.union([
  groups,
  z.object({ tests: groups }).transform((each) => each.tests),
  z.object({ patterns: groups }).transform((each) => each.patterns),
]);

export const suite: Suite = {
  name: 'ownership',
  proves: 'CODEOWNERS patterns match the paths that the host matches',
  vectors: ['ownership'],
  load: async (vectors) => {
    const folder = join(vectors, 'ownership');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
    const cases: Case[] = [];
    for (const name of names) {
      const parsed = file.parse(JSON.parse(await readFile(join(folder, name), 'utf8')));
      for (const [index, { pattern, paths }] of parsed.entries()) {
        const match = compilePatterns([pattern]);
        for (const [path, expected] of Object.entries(paths)) {
          cases.push({
            id: `${name} ${index} ${pattern} ${path}`,
            run: () =>
              (match(path) === 0) === expected ? null : `expected ${expected ? 'a match' : 'no match'}`,
          });
        }
      }
    }
    return cases;
  },
};
