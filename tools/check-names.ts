/**
 * Files are kebab-case nouns, and words that name nothing are banned. Why: a file called by its concept has one
 * address; one called "utils" collects what nobody wanted to name, and grows for ever.
 */
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

const EMPTY = ['service', 'manager', 'helper', 'util', 'handler'].flatMap((word) => [word, `${word}s`]);
const BANNED = [...EMPTY, 'common', 'shared', 'lib', 'impl', 'misc'];
const WORD = new RegExp(`(^|-)(${BANNED.join('|')})$`);
const SYMBOL =
  /^export (?:async )?(?:function|const|class|interface|type) (\w+(?:Service|Manager|Helper|Util|Handler|Impl)s?)\b/gm;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
/** Names that tools and customs prescribe. */
const CUSTOM = /^(\..+|[A-Z]+(\.md)?|Dockerfile|Containerfile(\.containerignore)?)$/;
/** Content rather than our own naming: what a new repository starts with, pictures, what an estate calls its things. */
const FOREIGN = /(^|\/)(start|fixtures)\/|^\.(github|ci)\/|^kinds\/|^simulation\/models\//;

export function checkNames(files: readonly SourceFile[]): Offence[] {
  return files.flatMap((file): Offence[] => {
    const { path, text } = file;
    if (FOREIGN.test(path)) return [];
    const found: Offence[] = [];
    // The room of the use cases has the field's name for them, and its parts have names of their own.
    for (const segment of path.replace(/^services\//, '').split('/')) {
      const stem = segment.split('.')[0] ?? '';
      if (!KEBAB.test(segment) && !CUSTOM.test(segment))
        found.push({ path, what: `\`${segment}\` is not kebab-case; rename it` });
      if (WORD.test(stem)) found.push({ path, what: `\`${stem}\` names no concept; call it what it holds` });
    }
    if (isSource(file) && !isTest(file))
      for (const { line, match } of matches(withoutComments(text), SYMBOL))
        found.push({ path, line, what: `\`${match[1]}\` names no concept; call it what it is or does` });
    return found;
  });
}

export const rule: Rule = {
  name: 'names',
  offences: (files) => checkNames(files),
};

if (import.meta.main) finish(rule);
