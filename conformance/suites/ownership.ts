/**
 * CODEOWNERS patterns against path verdicts that another implementation's authors wrote: every `ownership/*.json`
 * of the shape `[{name, pattern, paths: {path: matches}}]`, bare or as a member of an object.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compilePatterns } from '@macadam/adapters/readers/ownership/pattern';
import { z } from 'zod';
import type { Case, Suite } from '../suite.ts';

const group = z.object({
  name: z.string().optional(),
  pattern: z.string(),
  paths: z.record(z.string(), z.boolean()),
});
const groups = z.array(group);
/** The list itself, or one member of an object that is such a list, whatever its name. */
const file = z.union([
  groups,
  z.record(z.string(), z.unknown()).transform((wrapper, context) => {
    const found = Object.values(wrapper)
      .map((value) => groups.safeParse(value))
      .find(({ success }) => success);
    if (found?.success) return found.data;
    context.addIssue({ code: 'custom', message: 'holds no list of patterns with paths' });
    return z.NEVER;
  }),
]);

export const suite: Suite = {
  name: 'ownership',
  proves: 'CODEOWNERS patterns match the paths that the host matches',
  vectors: ['ownership/*.json'],
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
