/**
 * Traps that other codebases fell into and that a compiler does not see: inheritance where data would do, decorators,
 * globals that are written to, silenced type errors. Why: each hides from the reader where behaviour comes from.
 */
import {
  codeOnly,
  finish,
  isSource,
  matches,
  type Offence,
  type Rule,
  type SourceFile,
  withoutComments,
} from './repository.ts';

const TRAPS: readonly (readonly [RegExp, string])[] = [
  [
    /\bclass\s+\w*\s*extends\s+(?!\w*Error\b)\w+/g,
    'extends something that is no Error; vary by data or a function',
  ],
  [/^\s*@[A-Za-z]\w*(\(|\s*$)/gm, 'a decorator; call the function where one can see it'],
  [/\bglobalThis\b/g, 'globalThis; pass the value down'],
];
const SILENCED = /@ts-(ignore|nocheck|expect-error)/g;

function onlyComments(text: string): string {
  const rest = withoutComments(text);
  return text.replaceAll(/[^\n]/g, (letter, at: number) => (rest[at] === letter ? ' ' : letter));
}

export function checkTraps(files: readonly SourceFile[]): Offence[] {
  return files.filter(isSource).flatMap(({ path, text }) => {
    const code = codeOnly(text);
    // What is nowhere in the text need not be looked for in its comments, which takes longer than all the rest.
    const comments = text.search(SILENCED) < 0 ? '' : onlyComments(text);
    return [
      ...TRAPS.flatMap(([pattern, what]) => matches(code, pattern).map(({ line }) => ({ path, line, what }))),
      ...matches(comments, SILENCED).map(({ line, match }) => ({
        path,
        line,
        what: `${match[0]} silences the compiler; mend what it found`,
      })),
    ];
  });
}

export const rule: Rule = {
  name: 'traps',
  offences: (files) => checkTraps(files),
};

if (import.meta.main) finish(rule);
