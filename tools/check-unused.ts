/**
 * A function or value is exported for somebody: for another file of the product, or for a test of what the file itself uses. Why: what
 * only tests call is read, kept and counted as if the product did it; it lies in testing/. What packages in paved/ export is for others. What is let be
 * stands in tools/ledgers/unused.json (`path name` → reason), which may only shrink.
 */
import {
  finish,
  isSource,
  matches,
  type Offence,
  type ReasonLedger,
  type Rule,
  readLedger,
  type SourceFile,
  withoutComments,
} from './repository.ts';
import { purposeOf } from './size.ts';

const VALUE = /^export (?:async )?(?:function\*?|const|let|class) (\w+)/gm;
/** Found by its name, and not imported: what a folder or another program takes up. */
const FOUND_BY_NAME = /^(paved|standards)\/|(^|\/)(source|format|tracker)\.ts$|^apps\/server\/api\//;

export function checkUnused(files: readonly SourceFile[], ledger: ReasonLedger): Offence[] {
  const code = new Map(files.filter(isSource).map((file) => [file.path, withoutComments(file.text)]));
  const users = new Map<string, Set<string>>();
  for (const text of code.values())
    for (const [, name = ''] of text.matchAll(VALUE)) users.set(name, new Set());
  for (const [path, text] of code)
    for (const [name] of text.matchAll(/[A-Za-z_$][\w$]*/g)) users.get(name)?.add(path);
  const needed = new Set<string>();
  const found = [...code].flatMap(([path, text]): Offence[] => {
    if (purposeOf(path) !== 'product' || FOUND_BY_NAME.test(path)) return [];
    return matches(text, VALUE).flatMap(({ line, match: [, name = ''] }): Offence[] => {
      const others = [...(users.get(name) ?? [])].filter((user) => user !== path);
      const isUsed = others.some((user) => ['product', 'tools'].includes(purposeOf(user)));
      const isUsedHere = text.split(new RegExp(`\\b${name}\\b`)).length > 2;
      if (isUsed || (isUsedHere && others.length > 0)) return [];
      if (ledger[`${path} ${name}`] !== undefined) {
        needed.add(`${path} ${name}`);
        return [];
      }
      const what =
        others.length === 0
          ? `nobody imports \`${name}\`; drop \`export\`, or delete it`
          : `only tests use \`${name}\` (${others[0]}); move it to testing/, or delete it`;
      return [{ path, line, what }];
    });
  });
  const gone = Object.keys(ledger).filter((entry) => !needed.has(entry));
  return [
    ...found,
    ...gone.map((entry) => ({
      path: entry.split(' ')[0] ?? entry,
      what: `\`${entry.split(' ')[1]}\` needs no entry any more; take it out of tools/ledgers/unused.json`,
    })),
  ];
}

export const rule: Rule = {
  name: 'unused',
  offences: (files) => checkUnused(files, readLedger<ReasonLedger>('unused')),
};

if (import.meta.main) finish(rule);
