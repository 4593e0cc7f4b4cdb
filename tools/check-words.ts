/**
 * The project speaks of itself alone. Why: a reader years from now wants to know what the code does and why, not on
 * whose machine or with which tools it was written; and a lockfile that names a host installs from nowhere else.
 * The patterns are written so that none matches this file.
 */
import { spawnSync } from 'node:child_process';
import { finish, matches, type Offence, type Rule, root, type SourceFile } from './repository.ts';

const WORDS: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:coding|autonomous|[A]I|L[L]M)[ -]agent[s]?\b|\bsub-?agent[s]?\b/gi,
    'speaks of who wrote it; say what it does',
  ],
  [
    /\bLLM[s]?\b|\blanguage[ ]model[s]?\b|\bChat[G]PT\b|\bClau[d]e\b/gi,
    'speaks of tools of its making; leave it out',
  ],
  [/\b(?:system|user|my|your)[ ]prompt[s]?\b|\bAI[-]generated\b/gi, 'speaks of its making; leave it out'],
  [
    /\b(?:this|previous|earlier|next|last)[ ]session\b/gi,
    'speaks of a sitting; say what changed in the product',
  ],
  [/\bas[ ](?:instructed|briefed)\b|\bthe[ ]maintainer\b/gi, 'speaks to a person; give the reason itself'],
  [/(?<![\w./-])\/(?:work|root|tmp\/wt)\//g, 'a path of one machine; make it relative'],
  [/(?<![\w./-])\/home\/(?!runner\b|user\b)\w+/g, 'a path of one machine; make it relative'],
];
const LOCK_HOST = /"resolved": "https?:[^"]*"/g;
/** Material of others lies beside the repository on some machines; only conformance may look for it. */
const BESIDE = /\.\.\/shared\b/g;

export function checkWords(files: readonly SourceFile[]): Offence[] {
  return files.flatMap(({ path, text }): Offence[] => {
    const say = (pattern: RegExp, what: string): Offence[] =>
      matches(text, pattern).map(({ line, match }) => ({ path, line, what: `\`${match[0]}\` ${what}` }));
    if (/(^|\/)package-lock\.json$/.test(path))
      return say(LOCK_HOST, 'names a host; install with omit-lockfile-registry-resolved=true');
    // A list that others keep calls things as they do.
    if (path === 'core/advisories/cwe.json') return [];
    const beside = /^(conformance|tools)\//.test(path) ? [] : say(BESIDE, 'lies outside the repository');
    return [...WORDS.flatMap(([pattern, what]) => say(pattern, what)), ...beside];
  });
}

/** Commit messages, under the same rule; none where there is no history. */
function messages(): SourceFile[] {
  const log = spawnSync('git', ['log', '--format=%h%x00%B%x01'], { cwd: root, encoding: 'utf8' });
  if (log.status !== 0) return [];
  return log.stdout
    .split('\u0001')
    .map((entry) => entry.trim().split('\0'))
    .filter(([id]) => id !== undefined && id !== '')
    .map(([id, text = '']) => ({ path: `commit ${id}`, text }));
}

export const rule: Rule = {
  name: 'words',
  offences: (files) => checkWords([...files, ...messages()]),
};

if (import.meta.main) finish(rule);
