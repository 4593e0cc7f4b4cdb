/**
 * No test is switched off. Why: a skipped test looks like a passing one, and nobody comes back to it. What truly must be
 * (a platform that lacks something) stands in tools/ledgers/skips.json (path → reason), which may only shrink.
 */
import {
  codeOnly,
  finish,
  isTest,
  matches,
  type Offence,
  type ReasonLedger,
  type Rule,
  readLedger,
  type SourceFile,
} from './repository.ts';

const OFF =
  /\b(?:test|it|describe|suite|t|context)\s*\.\s*(skip|todo|only)\b|[{,]\s*(skip|todo|only)\s*[:,}]/g;

export function checkSkips(files: readonly SourceFile[], ledger: ReasonLedger): Offence[] {
  const tests = files.filter(isTest);
  const found = tests.flatMap(({ path, text }): Offence[] => {
    const off = matches(codeOnly(text), OFF);
    if (ledger[path] === undefined)
      return off.map(({ line, match }) => ({
        path,
        line,
        what: `\`${match[1] ?? match[2]}\`; mend the test, delete it, or give the reason in tools/ledgers/skips.json`,
      }));
    return off.length > 0
      ? []
      : [{ path, what: 'switches nothing off; take it out of tools/ledgers/skips.json' }];
  });
  const gone = Object.keys(ledger).filter((path) => !tests.some((file) => file.path === path));
  return [
    ...found,
    ...gone.map((path) => ({ path, what: 'is no test; take it out of tools/ledgers/skips.json' })),
  ];
}

export const rule: Rule = {
  name: 'skips',
  offences: (files) => checkSkips(files, readLedger<ReasonLedger>('skips')),
};

if (import.meta.main) finish(rule);
