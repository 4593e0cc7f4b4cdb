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

function linesOnce(lines: readonly Line[]): Set<string> {
  const seen = new Set<string>();
  const once = new Set<string>();
  for (const { text } of lines) {
    if (seen.has(text)) once.delete(text);
    else once.add(text);
    seen.add(text);
  }
  return once;
}

export function checkDuplicates(files: readonly SourceFile[]): Offence[] {
  const found: Offence[] = [];
  const first = new Map<string, string>();
  const told = files
    .filter((one) => isSource(one) && !isTest(one) && !APART.test(one.path))
    .map((file) => ({ file, lines: telling(file.text) }));
  const once = linesOnce(told.flatMap(({ lines }) => lines));
  for (const { file, lines } of told) {
    let quietUntil = 0;
    let alike = 0;
    for (let at = 0; at + PASSAGE <= lines.length; at++) {
      // No passage with a line that stands in one place alone stands in two; to look for those that are left is a tenth of the work.
      while (alike < at + PASSAGE && !once.has(lines[alike]?.text ?? '')) alike += 1;
      if (alike < at + PASSAGE) {
        at = alike;
        alike += 1;
        continue;
      }
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
