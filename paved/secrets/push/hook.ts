/**
 * The hooks as they are written into a repository. Git lists and reads the objects while the search is starting; both
 * say when they are done, so that one that was killed is not taken for one that found nothing.
 */
import { BATCH_FORMAT, END } from './objects.ts';
import { FILES, WHOLE } from './parcel.ts';
import { wordsOf } from './policy.ts';
import { ACCEPTED, ALL_NAMED, type Policy, REFUSED } from './receive.ts';
import { VERSION } from './version.ts';

/** The line by which a hook is known as ours. */
export const MARK = '# Written by macadam-secrets: install again to change it.';

export interface Program {
  /** Absolute paths of Node and of the file that it runs. */
  readonly node: string;
  readonly file: string;
  /** Where compiled code is kept, so that the next start is short. */
  readonly cache: string;
}

/** Who is asked before the hook searches itself: a process of this machine by its socket, or one of another machine. */
export type Asked = { readonly socket: string } | AskedElsewhere;

export interface AskedElsewhere {
  /** Address, `https://…`. */
  readonly service: string;
  /** File of the head of a request that holds the token, see `tokens.ts`. */
  readonly token: string;
  /** File of the certificates that vouch for it; null: those that this machine trusts. */
  readonly authority: string | null;
}

/** `earlier`: a hook that stood there before, which runs after ours. */
export function preReceive(
  program: Program,
  policy: Policy,
  { earlier = null, asked = null }: { readonly earlier?: string | null; readonly asked?: Asked | null },
): string {
  const words = wordsOf(policy).map(quoted).join(' ');
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
search() {
  {
    printf '%s\\n\\n' "$updates"
    { tips | git rev-list --objects --stdin --not --all && printf '%s\\n' ${quoted(END)}; } |
      git cat-file --buffer --batch=${quoted(BATCH_FORMAT)}
    brought && printf '%s\\n' ${ALL_NAMED}
  } | "$node" "$program" pre-receive ${words}
}
${asked === null ? 'search' : 'socket' in asked ? askFirst(asked.socket, words) : askElsewhere(asked)}${earlier === null ? '\n' : ` || exit\nprintf '%s\\n' "$updates" | ${quoted(earlier)} "$@"\n`}`;
}

/** Of a search that hangs: one that works on a large push is waited for. */
const MOST_SECONDS = 300;
/** Of a machine that is gone. */
const CONNECT_SECONDS = 5;

/**
 * An answer counts where it came whole, ends as one does, and is of a socket that this user owns: in a folder that others write to, one of theirs could stand there.
 * A hook that gets none searches itself: that a process is gone lets nothing in.
 * `curl` reads no settings and no proxy of whoever runs it.
 */
function askFirst(socket: string, words: string): string {
  const ending = (verdict: string) => quoted(`\n${verdict}`);
  return `resident=${quoted(socket)}
ask() {
  {
    printf '%s\\0' ${words} '' "$PWD"
    env -0
    printf '\\0%s\\n' "$updates"
  } | curl -q --silent --fail --noproxy '*' --max-time ${MOST_SECONDS} --unix-socket "$resident" \\
    --data-binary @- http://resident/
}
decided() {
  { [ -S "$resident" ] && [ -O "$resident" ] && answer=$(ask); } || return
  case $answer in
    *${ending(ACCEPTED)}) verdict=0 answer=\${answer%${ending(ACCEPTED)}} ;;
    *${ending(REFUSED)}) verdict=1 answer=\${answer%${ending(REFUSED)}} ;;
    *) return 1 ;;
  esac
  printf '%s' "$answer" >&2
}
if decided; then (exit "$verdict"); else search; fi`;
}

/**
 * The service can say of a push that it is clean, and nothing else that counts. It is sent what is updated, what git lists, and the files of the
 * quarantine, each part with a mark behind it, so that what was cut off is not taken for what is whole.
 */
function askElsewhere({ service, token, authority }: AskedElsewhere): string {
  const trusted = authority === null ? '' : ` --cacert ${quoted(authority)}`;
  return `parcel() {
  printf '%s\\n\\n' "$updates"
  tips | git rev-list --objects --stdin --not --all && printf '%s\\n' ${quoted(END)} || return
  if [ -n "$GIT_QUARANTINE_PATH" ]; then
    printf '%s\\n' ${FILES}
    tar -cf - -C "$GIT_QUARANTINE_PATH" . || return
  fi
  printf '%s\\n' ${WHOLE}
}
ask() {
  parcel | curl -q --silent --fail --noproxy '*' --proto '=https' --connect-timeout ${CONNECT_SECONDS} --max-time ${MOST_SECONDS}${trusted} \\
    --header @${quoted(token)} --header ${quoted(`macadam-version: ${VERSION}`)} --header 'expect:' --upload-file - ${quoted(service)}
}
decided() { answer=$(ask) && [ "$answer" = ${ACCEPTED} ]; }
if decided; then (exit 0); else search; fi`;
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
