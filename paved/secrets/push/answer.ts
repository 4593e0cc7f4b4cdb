/** What people are told: the rule, the file, the line and the commit, and what to do. A secret is never shown whole. */
import type { Bypass } from './bypass.ts';
import type { WithoutPresence } from './presence.ts';
import type { Place } from './search.ts';

/** A finding as it is shown. */
export interface Seen {
  readonly rule: string;
  readonly title: string;
  readonly preview: string;
  readonly fingerprint: string;
  readonly place: Place;
  readonly path: string;
  /** 0: not in a line. */
  readonly line: number;
  /** Null: in no commit yet, or in none. */
  readonly commit: string | null;
  readonly ignoredBy: string | null;
}

const secrets = (count: number): string => (count === 1 ? '1 secret' : `${count} secrets`);

export function answerRefused(
  seen: readonly Seen[],
  count: number,
  policy: 'reason' | 'never',
  asked: Bypass | null,
): string {
  return lines([
    `macadam: push refused: it holds ${secrets(count)}.`,
    '',
    ...findings(seen, count),
    'What to do:',
    '  - Take it out: `git commit --amend` for the last commit, `git rebase -i COMMIT^` for an older one. Push again.',
    '  - If it was used anywhere, rotate it at its issuer: it has left your machine.',
    '  - If it opens nothing, write `macadam:allow-secret REASON` in a comment on its line.',
    ...bypassLines(policy, asked),
  ]);
}

function bypassLines(policy: 'reason' | 'never', asked: Bypass | null): string[] {
  if (policy === 'never')
    return asked === null
      ? []
      : ['  - This server lets no push through for a reason: `macadam.bypass` was ignored.'];
  if (asked?.mistake) return [`  - ${asked.mistake}`];
  return [
    '  - If it must go in as it is: `git push -o "macadam.bypass=REASON"`. That is recorded and reviewed.',
  ];
}

export function answerBypassed(count: number, reason: string): string {
  return lines([
    `macadam: this push holds ${secrets(count)} and was let through, for the reason "${visible(reason)}".`,
    'That was recorded. Rotate what was pushed: it is in every clone from now on.',
  ]);
}

export function answerUnrecorded(count: number, why: string): string {
  return lines([
    `macadam: push refused: it holds ${secrets(count)}. A reason was given, but ${visible(why)}`,
    'What nobody can look up later is not let through. Show this to whoever runs the server.',
  ]);
}

export function answerWithoutPresence(seen: readonly WithoutPresence[], count: number): string {
  const commits = seen.flatMap(({ commit, committer, why }) => [
    `  commit ${commit}${committer === '' ? '' : ` by ${visible(committer)}`}`,
    `      ${visible(why)}`,
  ]);
  return lines([
    `macadam: push refused: ${count === 1 ? '1 commit does' : `${count} commits do`} not show that a person was there.`,
    '',
    ...commits,
    ...(count > seen.length ? [`  and ${count - seen.length} more`] : []),
    '',
    'What to do:',
    '  - Sign with your hardware key and touch it: `git config gpg.format ssh`, `git config commit.gpgSign true`, then',
    '    `git commit --amend --no-edit` for the last commit, `git rebase --exec "git commit --amend --no-edit" COMMIT^` for older ones.',
    '  - A new key is entered into the allowed signers of the server by whoever keeps them.',
  ]);
}

export function answerFailed(why: string, onFailure: 'refuse' | 'accept'): string {
  return lines([
    `macadam: this push could not be searched for secrets: ${visible(why)}`,
    onFailure === 'accept'
      ? 'It was accepted unseen, as the policy of this server says.'
      : 'It was refused, as nobody knows what it holds. Push again; if that does not help, show this to whoever runs the server.',
  ]);
}

export function answerStaged(seen: readonly Seen[], count: number): string {
  return lines([
    `macadam: commit refused: it holds ${secrets(count)}.`,
    '',
    ...findings(seen, count),
    'What to do:',
    '  - Take it out, `git add` the file and commit again.',
    '  - If it was used anywhere but on your machine, rotate it at its issuer.',
    '  - If it opens nothing, write `macadam:allow-secret REASON` in a comment on its line.',
  ]);
}

function findings(seen: readonly Seen[], count: number): string[] {
  const told = seen.flatMap(({ rule, title, preview, place, path, line, commit, ignoredBy }) => [
    `  ${where(place, path, line)}`,
    `      ${title}: ${visible(preview)}  [${rule}]`,
    ...(commit === null ? [] : [`      commit ${commit}`]),
    ...(ignoredBy === null
      ? []
      : [`      \`${visible(ignoredBy)}\` gives no reason, so it is not enough here`]),
    '',
  ]);
  return count > seen.length ? [...told, `  and ${count - seen.length} more`, ''] : told;
}

function where(place: Place, path: string, line: number): string {
  const at = line > 0 ? `:${line}` : '';
  if (place === 'file') return `${visible(path)}${at}`;
  if (place === 'commit message') return `commit message${at === '' ? '' : `, line ${line} of the commit`}`;
  return path === '' ? place : `${place} \`${visible(path)}\`${at}`;
}

/** Nothing that a push says may move the reader's cursor or colour the terminal. */
const visible = (text: string): string => text.replaceAll(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/gu, '?').slice(0, 300);

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;
