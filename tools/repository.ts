/** What every rule in tools/ reads and how it complains: the files of the repository, and offences with file and line. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';

export interface SourceFile {
  /** Relative to the root, `/`-separated. */
  readonly path: string;
  readonly text: string;
}

export interface Offence {
  readonly path: string;
  readonly line?: number;
  /** What is wrong and what to do instead. */
  readonly what: string;
}

/** What a package.json says, as far as tools read it. */
export interface Manifest {
  readonly private?: boolean;
  readonly name?: string;
  readonly version?: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Path → why it is let be. A ledger may only shrink: an entry that nothing needs any more is itself an offence. */
export type ReasonLedger = Readonly<Record<string, string>>;

export const root: string = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));

const SKIPPED = /(^|\/)(node_modules|dist|\.git|\.macadam)\//;
const BINARY = /\.(png|jpe?g|gif|webp|ico|woff2?|gz|zip|tgz|bin|pack|idx|pdf)$/;

function paths(at: string): string[] {
  const git = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: at,
  });
  const listed = git.status === 0 ? git.stdout.toString().split('\0') : [];
  // A downloaded archive has no git; then everything that is there counts.
  return listed.length > 1
    ? listed
    : globSync('**', { cwd: at, exclude: (path) => SKIPPED.test(`${path}/`) });
}

/** Paths of all files that are ours; what is installed or built is left out. */
export function repositoryPaths(at: string = root): string[] {
  return [...new Set(paths(at))]
    .filter((path) => path !== '' && !SKIPPED.test(path))
    .filter((path) => existsSync(join(at, path)) && statSync(join(at, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

/** All of them that are text. */
export function repositoryFiles(at: string = root): SourceFile[] {
  return repositoryPaths(at)
    .filter((path) => !BINARY.test(path))
    .map((path) => ({ path, text: readFileSync(join(at, path), 'utf8') }));
}

/** Code that people here write: no templates for others (start/), no examples. */
export function isSource({ path }: SourceFile): boolean {
  return /\.(ts|mjs|js)$/.test(path) && !/(^|\/)(start|examples|fixtures)\//.test(path);
}

export function isTest({ path }: SourceFile): boolean {
  return /\.test\.ts$/.test(path);
}

/** What only tests use: they themselves, contracts of ports, generators: what imports a test library, at any remove. */
export function testFiles(files: readonly SourceFile[]): Set<string> {
  const found = new Set(files.filter(isTest).map(({ path }) => path));
  const imported = files.filter(isSource).map(({ path, text }) => ({
    path,
    from: imports(text).map(({ specifier }) =>
      specifier.startsWith('.') ? target(path, specifier) : specifier,
    ),
  }));
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { path, from } of imported)
      if (
        from.some(
          (one) => /^(node:test|node:assert|fast-check|@macadam\/testing)(\/|$)/.test(one) || found.has(one),
        )
      )
        found.add(path);
  }
  return found;
}

export function readLedger<T>(name: string): T {
  const path = join(root, 'tools/ledgers', `${name}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : ({} as T);
}

/** Every match of a global pattern, with its line. */
export function matches(
  text: string,
  pattern: RegExp,
): { readonly line: number; readonly match: RegExpMatchArray }[] {
  let line = 1;
  let next = text.indexOf('\n');
  return [...text.matchAll(pattern)].map((match) => {
    const begins = match.index + (match[0].match(/^\s*/)?.[0].length ?? 0);
    for (; next >= 0 && next < begins; next = text.indexOf('\n', next + 1)) line += 1;
    return { line, match };
  });
}

interface Import {
  /** As written. */
  readonly specifier: string;
  /** Whether only types are taken. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/** What a module imports. */
export const imports: (text: string) => readonly Import[] = once((text) => {
  const statement = /^[ \t]*(?:import|export)\s+(type\s)?(?:[\w$*\s{},]*?from\s*)?['"]([^'"\n]+)['"]/gm;
  const dynamic = /\bimport()\(\s*['"]([^'"\n]+)['"]\s*\)/g;
  const source = withoutComments(text);
  const code = codeOnly(text);
  const isCode = ({ index = 0, 0: whole }: RegExpMatchArray) =>
    /^(import|export)/.test(code.slice(index, index + whole.length).trim());
  return [statement, dynamic].flatMap((pattern) =>
    matches(source, pattern)
      .filter(({ match }) => isCode(match))
      .map(({ line, match }) => ({
        specifier: match[2] ?? '',
        typeOnly: /^type/.test(match[1] ?? ''),
        line,
      })),
  );
});

const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=[=(,:[!&|?{};]\s*|\breturn\s+)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;
const blank = (token: string) => token.replaceAll(/[^\n]/g, ' ');
/** The quotes stay, so that `f('x')` does not look like `f()`. */
const hollow = (token: string) =>
  /^\/[/*]/.test(token) ? blank(token) : `${token[0]}${blank(token.slice(1, -1))}${token.at(-1)}`;

/** Each text is asked about by many rules, and finding its comments and strings takes longer than most of them. */
function once<T>(derive: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text) ?? derive(text);
    known.set(text, found);
    return found;
  };
}

/** The same text, lines and columns kept, with comments blanked out. */
export const withoutComments: (text: string) => string = once((text) =>
  text.replace(TOKEN, (token) => (/^\/[/*]/.test(token) ? blank(token) : token)),
);

/** The same text, lines and columns kept, with comments blanked out, and strings and regular expressions emptied. */
export const codeOnly: (text: string) => string = once((text) => text.replace(TOKEN, hollow));

/** Where a relative specifier of a file points, relative to the root. */
export function target(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

const AT_ROOT = new Set([
  'adapters',
  'conformance',
  'core',
  'services',
  'simulation',
  'standards',
  'testing',
  'tools',
]);

/** Where a specifier of a file points, relative to the root; empty where that is not ours. Without an ending where it names none. */
export function importedPath(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return target(from, specifier);
  const [, name = '', rest = ''] = /^@macadam\/([^/]+)(.*)$/.exec(specifier) ?? [];
  if (name === '') return '';
  if (AT_ROOT.has(name)) return `${name}${rest}`;
  return name === 'server' ? `apps/${name}${rest}` : `paved/${name}${rest}`;
}

/** A rule of the house, of which every `check-<name>.ts` exports one as `rule`. */
export interface Rule {
  readonly name: string;
  /** What breaks it, of the files of the repository. */
  readonly offences: (files: readonly SourceFile[]) => readonly Offence[];
}

/** What people read of a rule: its offences, and a last line. */
export function describeRule(name: string, offences: readonly Offence[]): string {
  const lines = offences.map(
    ({ path, line, what }) => `${path}${line === undefined ? '' : `:${line}`}: ${what}`,
  );
  const last = offences.length === 0 ? `${name}: kept` : `${name}: broken ${offences.length} times`;
  return [...lines, last].join('\n');
}

/** Prints what breaks a rule and sets the exit code. */
export function finish({ name, offences }: Rule): void {
  const found = offences(repositoryFiles());
  console.log(describeRule(name, found));
  process.exitCode = found.length === 0 ? 0 : 1;
}
