/**
 * No literal is spread into a literal. Why: `...{ a, b }` and `...[a, b]` only put several properties on one line; a reader
 * has to look twice to see that nothing is copied. Write the properties where they belong.
 */
import {
  finish,
  isSource,
  matches,
  type Offence,
  type Rule,
  type SourceFile,
  withoutComments,
} from './repository.ts';

const LITERAL = /\.\.\.\{\s*[\w'"[]/g;

export function checkSpreads(files: readonly SourceFile[]): Offence[] {
  return files.filter(isSource).flatMap(({ path, text }) =>
    matches(withoutComments(text), LITERAL).map(({ line, match }) => ({
      path,
      line,
      what: `\`${match[0]}…\` spreads a literal; write its parts where they belong`,
    })),
  );
}

export const rule: Rule = {
  name: 'spreads',
  offences: (files) => checkSpreads(files),
};

if (import.meta.main) finish(rule);
