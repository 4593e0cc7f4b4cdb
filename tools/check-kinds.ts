/**
 * Kinds change without losing what was observed: against the last release (or a revision that is given), what is only
 * added is free, and what would read old observations differently has a stated migration. Why: stores that are out
 * there refuse to open with anything else, which is better learned here.
 *
 *     node tools/check-kinds.ts [ROOT [REVISION]]
 */
import { spawnSync } from 'node:child_process';
import { kindChange } from '@macadam/core/kinds/change';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { readDocument } from '@macadam/core/text/document';
import { z } from 'zod';
import { finish, type Offence, type Rule, root, type SourceFile } from './repository.ts';

const isKind = ({ path }: SourceFile) => /^kinds\/[^/]+\.yaml$/.test(path);

/** Laws that are younger than a release do not hold of it. */
const asReleased = z.strictObject(kindSchema.shape);

export function checkKinds(before: readonly SourceFile[], after: readonly SourceFile[]): Offence[] {
  const now = new Map(after.filter(isKind).map((file) => [file.path, file.text]));
  return before.filter(isKind).flatMap(({ path, text }): Offence[] => {
    const present = now.get(path);
    // Without a kind what was observed of it is kept, and read by nobody.
    if (present === undefined) return [];
    const old = readDocument(text, path, asReleased);
    const next = readDocument(present, path, kindSchema);
    // A mistake of today is said where the catalogue is loaded.
    if ('mistakes' in next) return [];
    if ('mistakes' in old)
      return [
        { path, what: `its released definition cannot be read any more: ${old.mistakes[0]?.reason ?? ''}` },
      ];
    const change = kindChange(old.value as Kind, next.value);
    if (change.change !== 'refused') return [];
    return change.mistakes.map((mistake) => ({
      path,
      line: next.lineOf(mistake.path),
      what: mistake.reason,
    }));
  });
}

/** The newest tag of a release that the present commit has behind it. */
function lastRelease(at: string): string | null {
  const git = spawnSync('git', ['describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*'], {
    cwd: at,
    encoding: 'utf8',
  });
  return git.status === 0 ? git.stdout.trim() : null;
}

function kindsAt(at: string, revision: string): SourceFile[] {
  const git = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync('git', args, { cwd: at, encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.trim()}`);
    return stdout;
  };
  const paths = git('ls-tree', '-r', '-z', '--name-only', revision, 'kinds/').split('\0');
  return paths
    .filter((path) => path !== '')
    .map((path) => ({ path, text: git('show', `${revision}:${path}`) }));
}

export const rule: Rule = {
  name: 'kinds',
  offences: (files) => {
    const revision = process.argv[3] ?? lastRelease(root);
    return revision === null ? [] : checkKinds(kindsAt(root, revision), files);
  },
};

if (import.meta.main) finish(rule);
