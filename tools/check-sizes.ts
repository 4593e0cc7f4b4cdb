/**
 * Files stay small: 95 of 100 at most 300 lines, none above 500; an app's main.ts at most 150. Why: size is no design, but
 * the largest files tell what a codebase could not take apart; the median tells nothing, so none is asked for. Tables of data are exempt by
 * tools/ledgers/sizes.json (path → {lines, reason}), which may only shrink.
 */
import {
  finish,
  isSource,
  isTest,
  type Offence,
  readLedger,
  repositoryFiles,
  type SourceFile,
} from './repository.ts';

const P95 = 300;
const MAX = 500;
const MAIN = 150;
/** Below this many files a quantile says nothing. */
const ENOUGH = 40;

export type SizeLedger = Readonly<Record<string, { readonly lines: number; readonly reason: string }>>;

const lines = (text: string) => text.trimEnd().split('\n').length;

export function checkSizes(files: readonly SourceFile[], ledger: SizeLedger): Offence[] {
  const sources = files.filter(isSource);
  const found: Offence[] = [];
  for (const { path, text } of sources) {
    const size = lines(text);
    const entry = ledger[path];
    const limit = /^apps\/[^/]+\/main\.ts$/.test(path) ? MAIN : MAX;
    if (entry === undefined && size > limit)
      found.push({
        path,
        line: limit,
        what: `${size} lines, at most ${limit}; take it apart along its concepts`,
      });
    if (entry !== undefined && size > entry.lines)
      found.push({
        path,
        what: `${size} lines, ${entry.lines} in tools/ledgers/sizes.json; a ledger may only shrink`,
      });
    if (entry !== undefined && size <= limit)
      found.push({ path, what: 'is small enough now; take it out of tools/ledgers/sizes.json' });
  }
  for (const path of Object.keys(ledger).filter((path) => !sources.some((file) => file.path === path)))
    found.push({ path, what: 'does not exist; take it out of tools/ledgers/sizes.json' });
  const plain = sources.filter((file) => !isTest(file) && ledger[file.path] === undefined);
  const sizes = plain.map(({ text }) => lines(text)).sort((a, b) => a - b);
  const quantile = (share: number) => sizes[Math.ceil(sizes.length * share) - 1] ?? 0;
  if (sizes.length >= ENOUGH)
    if (quantile(0.95) > P95)
      found.push({
        path: '.',
        what: `the 95th percentile of source files is ${quantile(0.95)} lines, at most ${P95}`,
      });
  return found;
}

if (import.meta.main) finish('sizes', checkSizes(repositoryFiles(), readLedger<SizeLedger>('sizes')));
