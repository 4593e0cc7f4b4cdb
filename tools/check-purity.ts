/**
 * Core touches nothing: no file, socket, clock, random number or environment; and what is not an app prints nothing.
 * Why: the same facts must give the same verdicts today, in a replay and in another engine.
 */
import {
  codeOnly,
  finish,
  isSource,
  isTest,
  matches,
  type Offence,
  type Rule,
  type SourceFile,
} from './repository.ts';

const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(/g, 'a clock; take `now` as an argument'],
  [/\bMath\.random\(|\brandom(UUID|Bytes|Int)\(/g, 'randomness; take what is random as an argument'],
  [
    /\bprocess\.|\bfetch\(|\bset(Timeout|Interval)\(/g,
    'the world outside; take what it gives as an argument',
  ],
];
const QUIET = ['core', 'adapters', 'services', 'simulation', 'paved', 'standards'];

export function checkPurity(files: readonly SourceFile[]): Offence[] {
  return files
    .filter((file) => isSource(file) && !isTest(file))
    .flatMap(({ path, text }) => {
      const layer = path.split('/')[0] ?? '';
      const code = codeOnly(text);
      const say = (pattern: RegExp, what: string) =>
        matches(code, pattern).map(({ line }) => ({ path, line, what }));
      return [
        ...(layer === 'core'
          ? IMPURE.flatMap(([pattern, what]): Offence[] => say(pattern, `core uses ${what}`))
          : []),
        ...(QUIET.includes(layer)
          ? say(/\bconsole\.\w/g, 'prints by itself; return it, and let the app print')
          : []),
      ];
    });
}

export const rule: Rule = {
  name: 'purity',
  offences: (files) => checkPurity(files),
};

if (import.meta.main) finish(rule);
