/**
 * What stands around a value and says that it is no secret, or that it is one of documentation or of a test. All of it
 * looks at a bounded stretch, except where a match has been found already.
 */

/** Digests of lock files, by the name of the file: managers of packages all call them alike. */
const LOCK_FILE =
  /(?:^|\/)(?:[^/]*[.-]lock(?:file)?(?:\.\w+)?|[^/]*-lock\.(?:json|ya?ml)|npm-shrinkwrap\.json|go(?:\.work)?\.sum|Package\.resolved|packages\.lock\.json|maven_install\.json|verification-metadata\.xml|[^/]*\.lock\.hcl|gradle\.lockfile|Manifest\.toml|cabal\.project\.freeze)$/;

/** True for a file that lists what a build takes in, with its digests. */
export function isLockFile(path: string | undefined): boolean {
  return path !== undefined && LOCK_FILE.test(path);
}

/** What stands in front of a digest: `sha256:`, `sha512-`, `integrity="`, `h1:`. */
const BEHIND_DIGEST =
  /(?:\bsha-?(?:1|2|224|256|384|512)|\bmd5|\bblake2[bs]?|\bh1|integrity|digest|checksum(?:\/[\w.-]{1,16})?|hashe?s?|fingerprint|thumbprint|etag|revision|commit)["'`]?\]?\s{0,2}(?:[-:=]|=>|\()\s{0,2}["'`]?$/i;
const DIGEST = /^(?:sha(?:1|224|256|384|512)|md5)[-:_]/i;

export function isDigest(text: string, start: number, secret: string): boolean {
  return DIGEST.test(secret) || BEHIND_DIGEST.test(text.slice(Math.max(0, start - 28), start));
}

/** Encoded bytes run on for so long before a match that it is a part of them which has the form by chance. */
const LONG_RUN = 80;

export function isInsideEncoded(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - LONG_RUN), start);
  return (
    before.length === LONG_RUN && /^[A-Za-z0-9+/]+$/.test(before) && /\d/.test(before) && /[A-Z]/.test(before)
  );
}

/** Blanks, quotes, angle brackets and `=`. */
const APART = new Set([...' \t\r\n"\'`<>='].map((char) => char.charCodeAt(0)));

/** What stands without a blank, a quote or `=` before `start`, at most 160 characters: an address or a resource's name begins there. */
export function runBefore(text: string, start: number): string {
  let from = start;
  for (const stop = Math.max(0, start - 160); from > stop && !APART.has(text.charCodeAt(from - 1)); ) from--;
  return text.slice(from, start);
}

/** Keys that are made to be shipped to everybody, by what their issuers put in front of them. */
const PUBLISHABLE =
  /^(?:pk[._](?!(?:prod|test)_[A-Z0-9]{28}$|[a-z0-9]{34,}$|\d{6,9}_[A-Z0-9]{32}$)|phc_|NRJS-|sb_publishable_|UA-\d{4,10}-\d{1,4}$|GTM-[A-Z0-9]{5,8}$|G-[A-Z0-9]{10}$|AW-\d{9,11}$)/;
const SEARCH_ONLY = /algolia|docsearch/i;
const SEARCH_FIELD = /index_?name|app(?:lication)?_?id|search/i;

/** True for a value that is published by design where it stands: publishable keys, and search keys beside their index. */
export function isPublishable(text: string, start: number, secret: string): boolean {
  if (PUBLISHABLE.test(secret) || (/^(?:live|test)_/.test(secret) && text.slice(start - 3, start) === 'pk_'))
    return true;
  if (!/^[0-9a-f]{32}$/.test(secret)) return false;
  const around = text.slice(Math.max(0, start - 300), start + 300);
  if (!SEARCH_ONLY.test(around) || !SEARCH_FIELD.test(around)) return false;
  return !/admin|write|secret|private/i.test(text.slice(Math.max(0, start - 40), start));
}

/** Where the secret stands, as far as its own file says more than its path. */
export type Setting = 'documentation' | 'test';

/** Whether the line that begins at `lineStart` was commented out, so that no program reads it. */
export function isCommentedOut(text: string, lineStart: number): boolean {
  return /^[ \t]*(?:\/\/|#(?![!\w])|<!--|--[ \t]|;|REM[ \t])/.test(text.slice(lineStart, lineStart + 120));
}

const RUST_TEST = '#[cfg(test)]';

/** A heading of the text that a command prints for `--help`. */
const USAGE = /^([ \t]*)(?:USAGE|EXAMPLES?|Usage|Examples?):[ \t]*$/gm;
const HEADING = /^[ \t]*[A-Z][A-Za-z ]{0,30}:[ \t]*$/;
/** What ends such a text in Go, JavaScript and Python. */
const TEXT_ENDS = /`|"""|'''/;
/** So far before a value a heading is looked for. */
const USAGE_REACH = 3_000;
const FOR_EXAMPLE = /\b(?:e\.g\.|for example|for instance),?:?\s*["'`]?$/i;

/** Whether the value at `start` is shown to whoever asks a command for its usage, or called an example by the words in front of it. */
function isShown(text: string, start: number): boolean {
  if (FOR_EXAMPLE.test(text.slice(Math.max(0, start - 20), start))) return true;
  const before = text.slice(Math.max(0, start - USAGE_REACH), start);
  const heading = [...before.matchAll(USAGE)].at(-1);
  if (heading === undefined) return false;
  const below = before.slice(heading.index);
  const indent = heading[1]?.length ?? 0;
  // What is no deeper than the heading is not below it: the end of a here-document, and the program behind it.
  const isBelow = (line: string): boolean =>
    line.trim() === '' || HEADING.test(line) || line.length - line.trimStart().length > indent;
  return !TEXT_ENDS.test(below) && below.split('\n').slice(1).every(isBelow);
}

/** Names of the texts in which a module of Ansible documents itself. */
const OF_A_MODULE = /^(?:DOCUMENTATION|EXAMPLES|RETURN)[ \t]*=[ \t]*r?('''|""")/gm;
/** Longer than such texts are. */
const MODULE_REACH = 30_000;

function isOfAModule(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - MODULE_REACH), start);
  const opened = [...before.matchAll(OF_A_MODULE)].at(-1);
  return opened !== undefined && !before.slice(opened.index + opened[0].length).includes(opened[1] ?? '');
}

/** Whether the value at `start`, in the line that begins at `lineStart`, is documentation (of an interface, or a session shown in it) or a test. */
export function settingOf(
  text: string,
  start: number,
  lineStart: number,
  path: string | undefined,
): Setting | undefined {
  const line = text.slice(lineStart, lineStart + 200).trimStart();
  if (/^(?:\/\/[/!]|>>> |\.\.\. |#')/.test(line)) return 'documentation';
  if (line.startsWith('*')) {
    const opened = text.lastIndexOf('/*', lineStart);
    if (text.startsWith('/**', opened) && text.lastIndexOf('*/', lineStart) < opened) return 'documentation';
  }
  if (isShown(text, start) || (path?.endsWith('.py') && isOfAModule(text, start))) return 'documentation';
  if (path?.endsWith('.rs')) {
    const mark = text.lastIndexOf(RUST_TEST, lineStart);
    if (
      mark !== -1 &&
      /^\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))? )?mod\b/.test(
        text.slice(mark + RUST_TEST.length, mark + 200),
      )
    )
      return 'test';
  }
  return undefined;
}
