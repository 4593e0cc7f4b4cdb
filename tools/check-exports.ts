/**
 * A module lists by name what it offers, and a type has one home. Why: `export *` and index files hide where a thing
 * lives and need a script to see that none is missing; a type that is declared twice drifts apart. The words of core and
 * of the ports mean one thing everywhere; the parts behind a port know nothing of each other and have words of their
 * own, and so have the packages in paved/, which are published alone.
 */
import { dirname } from 'node:path';
import {
  finish,
  isSource,
  isTest,
  matches,
  type Offence,
  type Rule,
  type SourceFile,
  withoutComments,
} from './repository.ts';

const TYPE = /^export (?:declare )?(?:abstract )?(?:interface|type|class|enum) (\w+)/gm;
const isVocabulary = (path: string) => /^core\/[^/]+$|\/port\.ts$/.test(path);
/** Where a type's name is its own: all apps together, else the folder, three deep at most. */
function space(path: string): string {
  if (isVocabulary(path)) return '';
  if (path.startsWith('paved/')) return path.split('/').slice(0, 2).join('/');
  return path.startsWith('apps/') ? 'apps' : dirname(path).split('/').slice(0, 3).join('/');
}

/** node:test takes the default export of a reporter, and nothing else. */
const TAKEN_BY_DEFAULT: ReadonlySet<string> = new Set(['tools/test-results.ts']);

export function checkExports(files: readonly SourceFile[]): Offence[] {
  const found: Offence[] = [];
  const homes = new Map<string, string>();
  const packages = new Set(
    files.filter(({ path }) => /(^|\/)package\.json$/.test(path)).map(({ path }) => dirname(path)),
  );
  const words = files
    .filter(isSource)
    .sort((a, b) => Number(isVocabulary(b.path)) - Number(isVocabulary(a.path)));
  for (const file of words) {
    const { path } = file;
    const code = withoutComments(file.text);
    const say = (pattern: RegExp, what: string) =>
      found.push(...matches(code, pattern).map(({ line }) => ({ path, line, what })));
    say(/^export \*/gm, '`export *`; list the names');
    if (!TAKEN_BY_DEFAULT.has(path))
      say(/^export default\b|^export \{[^}]*\bas default\b/gm, 'a default export; give it its name');
    if (/(^|\/)index\.(ts|js|mjs)$/.test(path) && !packages.has(dirname(path)))
      found.push({ path, what: 'an index file below the root of a package; import the file that has it' });
    if (isTest(file)) continue;
    for (const { line, match } of matches(code, TYPE)) {
      const [own, general] = [`${space(path)} ${match[1]}`, ` ${match[1]}`];
      const home = homes.get(own) ?? (path.startsWith('paved/') ? undefined : homes.get(general));
      if (home !== undefined && !home.startsWith(`${path}:`))
        found.push({
          path,
          line,
          what: `type \`${match[1]}\` is declared in ${home} too; import it, or name what differs`,
        });
      homes.set(own, home ?? `${path}:${line}`);
    }
  }
  return found;
}

export const rule: Rule = {
  name: 'exports',
  offences: (files) => checkExports(files),
};

if (import.meta.main) finish(rule);
