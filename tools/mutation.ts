/**
 * Mutants of a TypeScript module: the same text with one small thing broken, of the kinds that people break by mistake.
 * Pure. It works on tokens, because TypeScript 7 gives no tree; what does not parse, or differs in types only, is no
 * mutant. The kinds are those that the literature found to predict real faults (relational, logical, arithmetic,
 * constant and statement replacement), and one of our own: a verdict that turns into another.
 */
import { stripTypeScriptTypes } from 'node:module';
import { codeOnly, withoutComments } from './repository.ts';

export interface Mutant {
  readonly line: number;
  readonly before: string;
  readonly after: string;
  readonly text: string;
}

type Change = string | ((found: string) => string);
type Rule = readonly [pattern: RegExp, ...changes: Change[]];

const IN_CODE: readonly Rule[] = [
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ >= /g, ' > ', ' < '],
  [/ <= /g, ' < ', ' > '],
  [/ > /g, ' >= ', ' <= '],
  [/ < /g, ' <= ', ' >= '],
  [/ &&(?=\s)/g, ' ||'],
  [/ \|\|(?=\s)/g, ' &&'],
  [/ \?\?(?=\s)/g, ' &&'],
  [/ \+(?=\s)/g, ' -'],
  [/ -(?=\s)/g, ' +'],
  [/ \*(?=\s)/g, ' /'],
  [/ \/(?=\s)/g, ' *'],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/\.every\(/g, '.some('],
  [/\.some\(/g, '.every('],
  [/\bMath\.min\(/g, 'Math.max('],
  [/\bMath\.max\(/g, 'Math.min('],
  [/(?<=[\s([,:?=-])0(?=[\s)\],;:])/g, '1'],
  [/(?<=[\s([,:?=-])1(?=[\s)\],;:])/g, '0'],
  [/(?<=[\s(])!(?=[\w(])/g, ''],
  [/(?<=\bif )\(.*\)(?= (?:return|continue|break)\b)/g, (condition) => `(!${condition})`, '(false)'],
  [/(?<=^\s*)(?:[\w.]+\.(?:push|set|add|delete)\(.*\)|\w[\w.]* [+-]?= .*);$/gm, ';'],
];
/** These stand in strings, so they are sought where only comments are blanked out. */
const VERDICTS: readonly Rule[] = [
  [/'pass'/g, "'fail'", "'unknown'"],
  [/'fail'/g, "'pass'", "'unknown'"],
  [/'unknown'/g, "'pass'", "'fail'"],
  [/'not-applicable'/g, "'pass'"],
];

function stripped(text: string): string | null {
  try {
    // Types turn into blanks; how many says nothing.
    return stripTypeScriptTypes(text).replaceAll(/\s+/g, ' ');
  } catch {
    return null;
  }
}

export function mutants(text: string): Mutant[] {
  const original = stripped(text);
  const found: Mutant[] = [];
  for (const [searched, rules] of [
    [codeOnly(text), IN_CODE],
    [withoutComments(text), VERDICTS],
  ] as const)
    for (const [pattern, ...changes] of rules)
      for (const match of searched.matchAll(pattern))
        for (const change of changes) {
          const end = match.index + match[0].length;
          const replacement = typeof change === 'string' ? change : change(text.slice(match.index, end));
          const mutated = text.slice(0, match.index) + replacement + text.slice(end);
          const javascript = stripped(mutated);
          if (javascript === null || javascript === original) continue;
          const line = text.slice(0, end).split('\n').length;
          const lineOf = (whole: string) => whole.split('\n')[line - 1]?.trim() ?? '';
          found.push({ line, before: lineOf(text), after: lineOf(mutated), text: mutated });
        }
  return found.sort((a, b) => a.line - b.line);
}
