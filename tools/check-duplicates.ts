/**
 * No passage of code stands in two places. Why: of two copies one is mended and the other is not. What two files need
 * is a noun one layer down. Packages in paved/ are published alone and may repeat what others have, and what a scaffold
 * begins as stands in its template as well.
 */
import { finish, isSource, isTest, type Offence, type Rule, type SourceFile } from './repository.ts';

/** So many telling lines in a row are no coincidence. */
const PASSAGE = 14;

const APART = /^(paved|apps\/cli\/commands\/template)\//;

interface Line {
  readonly text: string;
  readonly line: number;
}

/** Lines that tell something: no imports, braces, comments. */
function telling(text: string): Line[] {
  return text
    .replaceAll(/^import [\s\S]*?;$/gm, (statement) => statement.replaceAll(/[^\n]/g, ''))
    .split('\n')
    .map((line, at) => ({ text: line.trim(), line: at + 1 }))
    .filter(({ text: line }) => /\w/.test(line) && !/^(\/\/|\/?\*)/.test(line));
}

export function checkDuplicates(files: readonly SourceFile[]): Offence[] {
  const found: Offence[] = [];
  const first = new Map<string, string>();
  for (const file of files.filter((one) => isSource(one) && !isTest(one) && !APART.test(one.path))) {
    const lines = telling(file.text);
    let quietUntil = 0;
    for (let at = 0; at + PASSAGE <= lines.length; at++) {
      const passage = lines.slice(at, at + PASSAGE);
      const key = passage.map(({ text }) => text).join('\n');
      const line = passage[0]?.line ?? 1;
      const other = first.get(key);
      if (other === undefined) first.set(key, `${file.path}:${line}`);
      else if (at >= quietUntil) {
        found.push({
          path: file.path,
          line,
          what: `the same ${PASSAGE} lines stand at ${other}; give them one home`,
        });
        quietUntil = at + PASSAGE;
      }
    }
  }
  return found;
}

export const rule: Rule = {
  name: 'duplicates',
  offences: (files) => checkDuplicates(files),
};

if (import.meta.main) finish(rule);
