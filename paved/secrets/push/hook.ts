/**
 * The hooks as they are written into a repository. Git lists and reads the objects while the search is starting; both
 * say when they are done, so that one that was killed is not taken for one that found nothing.
 */
import { BATCH_FORMAT, END } from './objects.ts';
import type { PresencePolicy } from './presence.ts';
import { ALL_NAMED, type Policy } from './receive.ts';

/** The line by which a hook is known as ours. */
export const MARK = '# Written by macadam-secrets: install again to change it.';

export interface Program {
  /** Absolute paths of Node and of the file that it runs. */
  readonly node: string;
  readonly file: string;
  /** Where compiled code is kept, so that the next start is short. */
  readonly cache: string;
}

/** `earlier`: a hook that stood there before, which runs after ours. */
export function preReceive(program: Program, policy: Policy, earlier: string | null): string {
  const options = [
    '--repository',
    policy.repository,
    '--log',
    policy.log,
    '--bypass',
    policy.bypass,
    '--on-failure',
    policy.onFailure,
    ...presenceOptions(policy.presence),
  ];
  const ours = `"$program" pre-receive ${options.map(quoted).join(' ')}`;
  return `#!/bin/sh
# Refuses a push that holds a secret.
${MARK}
${settings(program)}
GIT_NO_REPLACE_OBJECTS=1
GIT_NO_LAZY_FETCH=1
export NODE_COMPILE_CACHE GIT_NO_REPLACE_OBJECTS GIT_NO_LAZY_FETCH
updates=$(cat)
tips() {
  printf '%s\\n' "$updates" | while read -r before after reference; do
    case $after in *[!0]*) printf '%s\\n' "$after" ;; esac
  done
}
brought() {
  [ -z "$GIT_QUARANTINE_PATH" ] || GIT_OBJECT_DIRECTORY=$GIT_QUARANTINE_PATH GIT_ALTERNATE_OBJECT_DIRECTORIES='' \\
    git cat-file --batch-all-objects --unordered --batch-check='%(objectname)'
}
{
  printf '%s\\n\\n' "$updates"
  { tips | git rev-list --objects --stdin --not --all && printf '%s\\n' ${quoted(END)}; } |
    git cat-file --buffer --batch=${quoted(BATCH_FORMAT)}
  brought && printf '%s\\n' ${ALL_NAMED}
} | "$node" ${ours}${earlier === null ? '\n' : ` || exit\nprintf '%s\\n' "$updates" | ${quoted(earlier)} "$@"\n`}`;
}

function presenceOptions(presence: PresencePolicy | undefined): string[] {
  if (presence === undefined) return [];
  return ['--allowed-signers', presence.allowedSigners, ...presence.bots.flatMap((bot) => ['--bot', bot])];
}

export function preCommit(program: Program, earlier: string | null): string {
  return `#!/bin/sh
# Refuses a commit that holds a secret.
${MARK}
${settings(program)}
export NODE_COMPILE_CACHE
"$node" "$program" pre-commit${earlier === null ? '\n' : ` || exit\n${quoted(earlier)} "$@"\n`}`;
}

function settings({ node, file, cache }: Program): string {
  return `node=${quoted(node)}\nprogram=${quoted(file)}\nNODE_COMPILE_CACHE=${quoted(cache)}`;
}

/** As one word of a shell, whatever it holds. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
