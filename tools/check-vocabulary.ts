/**
 * One name for one thing, and the one that the field uses. Why: whoever comes from another tool finds a thing by the name that it has there, and
 * a word that was given up comes back with the next copy of an old line. What still has an old name stands in
 * tools/ledgers/vocabulary.json (path → the name), which may only shrink.
 */
import {
  finish,
  isSource,
  isTest,
  matches,
  type Offence,
  type ReasonLedger,
  type Rule,
  readLedger,
  type SourceFile,
  withoutComments,
} from './repository.ts';

/** Old → what to call it; of a file its whole name, or a part between dashes that begins it. */
const FILES: Readonly<Record<string, string>> = {
  looked: 'readiness',
  sight: 'visibility',
  seeing: 'observed',
  beside: 'background',
  opening: 'startup',
  waiting: 'progress-page',
  past: 'history',
  span: 'time-range',
  copies: 'backup',
  visitor: 'demo-login',
  told: 'described',
  heard: 'collected',
  hold: 'lock',
  misfit: 'diagnostic',
  objection: 'diagnostic',
  agreement: 'merge',
  ground: 'evidence-source',
  basis: 'evidence',
  nearest: 'suggestion',
  settle: 'materialise',
  forget: 'expire',
  unnamed: 'uncounted',
  rehome: 'reassign',
  'sealed-map': 'signed-index',
  'line-scan': 'ndjson',
  scene: 'fixture',
  trial: 'test-database',
  awkward: 'hostile-repositories',
};

const TYPES: Readonly<Record<string, string>> = {
  Site: 'ServerContext',
  Shown: 'AppState',
  Stood: 'PreviousStatus',
  Standing: 'Status',
  Misfit: 'Diagnostic',
  Objection: 'Diagnostic',
  Mistake: 'Diagnostic',
  Refusal: 'Diagnostic',
  Fault: 'Diagnostic',
  Agreement: 'Merge',
  Word: 'Assertion',
  Ground: 'EvidenceSource',
  Basis: 'Evidence',
  Paper: 'ParsedFile',
};

/** Of what a file offers to others by a name. */
const VALUES: Readonly<Record<string, string>> = {
  looked: 'readiness',
  told: 'described',
  heard: 'collected',
  hold: 'lock',
  telling: 'retained',
  nearest: 'suggestion',
  strange: 'unknownName',
  misfit: 'diagnostic',
  objection: 'diagnostic',
  rehome: 'reassign',
};

/** Of texts that people read: none of these is anywhere, so nothing has to be let be. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/\bit is no (?:time|day)\b/g, 'not a time, not a date: write 2026-08-01T10:00:00Z'],
  [/\bits clock was stopped\b/g, 'deadline paused'],
  [/\blost pass\b/g, 'was passing'],
  [/\b(?:newest|last|first|new|next|earlier|this|that|the|each) look\b/g, 'the newest scan; to check again'],
  [/\bname a team that there is\b/g, 'unknown team `x`; did you mean `y`?'],
  [/\bof late\b(?!\))/g, 'recently'],
  [/\b[Ll]ook whether\b/g, 'check whether'],
  [/\b(?:un)?mend(?:s|ed|ing)?\b/gi, 'fix'],
];
/** Providers are called as they call themselves; a fixture's standards are nobody's texts. */
const NAMES_OF_OTHERS = /^(paved\/secrets\/detectors|testing\/server)\//;
/** What to do about a failure stands alone on the page of a work item, so it leads on from no other, and says what to do first. */
const LEADING_ON =
  /^\| `[^|]*` *\|(?: (?:critical|high|medium|low) *\|)? (?:The|A|An|It|Its|Same|Another|Neither|Nobody|Nothing|Cannot|Over|Unused|Used)\b[^|]*/gm;

const DECLARED = /^export (?:interface|type|class) (\w+)\b/gm;
const OFFERED = /^export (?:async )?(?:function\*?|const|let) (\w+)\b/gm;

/** What an exported value with an old name is called instead; null for any other. */
function valueName(name: string): string | null {
  if (/^demand[A-Z]/.test(name)) return name.replace('demand', 'require');
  return Object.hasOwn(VALUES, name) ? (VALUES[name] ?? null) : null;
}

function oldNames(
  file: SourceFile,
): { readonly name: string; readonly use: string; readonly line?: number }[] {
  const stem = file.path.split('/').at(-1)?.split('.')[0] ?? '';
  const word = Object.keys(FILES).find((one) => stem === one || stem.startsWith(`${one}-`));
  const types = matches(withoutComments(file.text), DECLARED).flatMap(({ line, match: [, name = ''] }) =>
    Object.hasOwn(TYPES, name) ? [{ name, use: TYPES[name] ?? '', line }] : [],
  );
  const values = matches(withoutComments(file.text), OFFERED).flatMap(({ line, match: [, name = ''] }) => {
    const use = valueName(name);
    return use === null ? [] : [{ name, use, line }];
  });
  return [...(word === undefined ? [] : [{ name: word, use: FILES[word] ?? '' }]), ...types, ...values];
}

export function checkVocabulary(files: readonly SourceFile[], ledger: ReasonLedger): Offence[] {
  // A suite that breaks things on purpose has faults, and calls them so.
  const product = files.filter(
    (file) => isSource(file) && !isTest(file) && !/^(tools|conformance)\//.test(file.path),
  );
  const found = product.flatMap((file): Offence[] => {
    const { path } = file;
    const old = oldNames(file);
    const kept = new Set(ledger[path]?.split(', '));
    const gone = [...kept].filter((name) => !old.some((one) => one.name === name));
    return [
      ...old
        .filter(({ name }) => !kept.has(name))
        .map(({ name, use, line }) => ({
          path,
          ...(line !== undefined && { line }),
          what: `\`${name}\` is an old name; call it ${use}`,
        })),
      ...gone.map((name) => ({
        path,
        what: `is called \`${name}\` no more; take that out of tools/ledgers/vocabulary.json`,
      })),
      ...(NAMES_OF_OTHERS.test(path) ? [] : PHRASES).flatMap(([pattern, use]) =>
        matches(withoutComments(file.text), pattern).map(({ line, match }) => ({
          path,
          line,
          what: `\`${match[0]}\` is hard to read; write: ${use}`,
        })),
      ),
    ];
  });
  const catalogue = files.filter(({ path }) => /^(standards|kinds|frameworks)\/.*\.(yaml|md)$/.test(path));
  const said = catalogue.flatMap((file): Offence[] => [
    ...PHRASES.flatMap(([pattern, use]) =>
      matches(file.text, pattern).map(({ line, match }) => ({
        path: file.path,
        line,
        what: `\`${match[0]}\` is hard to read; write: ${use}`,
      })),
    ),
    ...matches(/\n## Fix\n/.test(file.text) ? file.text : '', LEADING_ON).map(({ line, match }) => ({
      path: file.path,
      line,
      what: `\`${match[0].split('|').at(-1)?.trim()}\` does not begin with what to do`,
    })),
  ]);
  const gone = Object.keys(ledger).filter((path) => !product.some((file) => file.path === path));
  return [
    ...found,
    ...said,
    ...gone.map((path) => ({ path, what: 'is not there; take it out of tools/ledgers/vocabulary.json' })),
  ];
}

export const rule: Rule = {
  name: 'vocabulary',
  offences: (files) => checkVocabulary(files, readLedger<ReasonLedger>('vocabulary')),
};

if (import.meta.main) finish(rule);
