/**
 * The laws of the catalogue, held against every folder in the same way: a part that is missing breaks a law, and is
 * left out only by a line in `omits` that says why.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { heldRepository } from '@macadam/adapters/readers/held';
import { memoryTree } from '@macadam/adapters/readers/tree';
import { measuredBy } from '@macadam/core/figures/measured';
import type { Kind } from '@macadam/core/kinds/kind';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { judgeOf, rowOf, type Verdict } from '@macadam/core/verdicts/evaluate';
import { exactVersion } from '@macadam/core/verdicts/fix';
import { compiledFor, type Example, judge } from './example.ts';
import { readExamples, reasonsWithoutExample } from './examples.ts';
import { fix } from './fix.ts';
import { gatePath, readGate } from './gate.ts';
import type { CatalogueStandard } from './load.ts';
import { startBroken } from './start.ts';

export interface LawResult {
  readonly standard: string;
  readonly law: string;
  /** Null when it holds; otherwise what breaks it and how to mend that. */
  readonly broken: string | null;
}

const HEADINGS = ['Avoid', 'Prefer', 'Why', 'Exceptions', 'Fix', 'Measured by'];

/** Every law over one standard, in one go. */
export async function laws(
  standard: CatalogueStandard,
  kinds: ReadonlyMap<string, Kind>,
): Promise<LawResult[]> {
  // One in a single file has no parts that could be missing: that it loads and compiles is all that it promises.
  if (isSingleFile(standard)) return [{ standard: standard.id, law: 'it loads', broken: null }];
  const results: LawResult[] = [];
  const law = (name: string, broken: string | null) =>
    results.push({ standard: standard.id, law: name, broken });
  law('README', readmeBroken(standard));
  law('stay', stayBroken(standard));
  law('get', getBroken(standard));
  const seen = new Set<string>();
  const estates: Example['collection'][] = [{}];
  const examples = readExamples(standard);
  for (const { name, example, mistakes } of examples) {
    if (mistakes.length > 0) law(name, mistakes.map(describeFileDiagnostic).join('\n'));
    if (!example) continue;
    seen.add(example.expect.verdict);
    if (example.expect.verdict === 'pass') estates.push(example.collection);
    law(name, await exampleBroken(standard, example, kinds));
    if (example.fixable) law(`${name} fixed`, await fixBroken(standard, example, kinds));
  }
  const unseen = reasonsWithoutExample(standard, examples);
  law('reasons', unseen.length > 0 ? `no example fails as ${unseen.join(', ')}; add one to examples/` : null);
  law('measure', withoutMeasure(standard, examples));
  law('start', await startBroken(standard, kinds, estates));
  const lacking = ['pass', 'fail', 'unknown'].filter((verdict) => !seen.has(verdict));
  law('examples', lacking.length > 0 ? `examples/ has none that is expected to ${lacking.join(', ')}` : null);
  return results;
}

/** Whether a standard is one file, and no folder with parts. */
const isSingleFile = ({ file, folder }: CatalogueStandard): boolean => file !== join(folder, 'standard.yaml');

async function exampleBroken(
  standard: CatalogueStandard,
  example: Example,
  kinds: ReadonlyMap<string, Kind>,
): Promise<string | null> {
  const verdict = await judge(standard, example, kinds);
  if (typeof verdict === 'string') return verdict;
  const { expect } = example;
  if (verdict.verdict !== expect.verdict || verdict.reason !== expect.reason) {
    return `expected ${expect.verdict} (${expect.reason}), got ${verdict.verdict} (${verdict.reason}): ${verdict.message}`;
  }
  const lines = verdict.evidence.flatMap(({ location }) => location?.line ?? []);
  return expect.at && expect.at.join() !== lines.join()
    ? `expected evidence on lines ${expect.at.join(', ')}, got ${lines.join(', ') || 'none'}`
    : measureBroken(standard, example, verdict);
}

/** What the example's asset adds to the measure of its standard. */
function measureBroken(standard: CatalogueStandard, example: Example, verdict: Verdict): string | null {
  const { amount, pending, seconds } = example.expect;
  if (amount === undefined && pending === undefined && seconds === undefined) return null;
  const compiled = compiledFor(standard, example);
  if (typeof compiled === 'string') return compiled;
  const now = new Date(example.now);
  const measured = measuredBy(compiled, judgeOf(compiled, { asOf: now, real: now }), {
    rows: [rowOf(compiled.kind, verdict.asset)],
    verdicts: [verdict],
    unlisted: 0,
  });
  if (measured === null) return 'its standard counts assets: take `amount`, `pending` and `seconds` out';
  const { pass, fail, unknown, blindPass, blindFail, blindUnknown } = measured.tally;
  const counted = blindPass + blindFail + blindUnknown > 0 ? null : pass + fail + unknown;
  const found = { amount: counted, pending: measured.pending === 1, seconds: measured.medianSeconds };
  const wrong = Object.entries({ amount, pending, seconds }).find(
    ([name, expected]) => expected !== undefined && expected !== found[name as keyof typeof found],
  );
  return wrong === undefined
    ? null
    : `expected ${wrong[0]} ${wrong[1]}, got ${found[wrong[0] as keyof typeof found]}`;
}

/** Whether no example says what a standard counts that counts something else than assets. */
function withoutMeasure(
  { definition }: CatalogueStandard,
  examples: ReturnType<typeof readExamples>,
): string | null {
  const { kind } = definition.measure;
  const says = examples.some(({ example }) =>
    kind === 'weighted' ? example?.expect.amount !== undefined : example?.expect.seconds !== undefined,
  );
  if (says || (kind !== 'weighted' && kind !== 'duration')) return null;
  return `no example says what it counts; add \`${kind === 'weighted' ? 'amount' : 'seconds'}\` to one of examples/`;
}

/** A fix makes a fixable failure pass, and changes nothing more when it is applied to its own result. */
async function fixBroken(
  standard: CatalogueStandard,
  example: Example,
  kinds: ReadonlyMap<string, Kind>,
): Promise<string | null> {
  if (!example.files) return 'only an example made of files can be fixable';
  if (!standard.fix) return 'it says `fixable`, and there is no get/fix.ts';
  const compiled = compiledFor(standard, example);
  if (typeof compiled === 'string') return compiled;
  const apply = (texts: Readonly<Record<string, string>>) =>
    fix({
      tree: memoryTree(texts),
      repository: heldRepository(memoryTree(texts)),
      name: 'example',
      standards: [{ ...standard, compiled }],
      kinds,
      now: new Date(example.now),
      parameters: example.collection,
      resolve: (repository, ref) => example.resolve[`${repository}@${ref}`],
      versionOf: (repository, commit) =>
        exactVersion(
          Object.entries(example.resolve)
            .filter(([name, named]) => name.startsWith(`${repository}@`) && named === commit)
            .map(([name]) => name.slice(repository.length + 1)),
        ),
    });
  const once = await apply(example.files);
  const after = { ...example.files, ...Object.fromEntries(once.files) };
  const verdict = await judge(standard, { ...example, files: after }, kinds);
  if (typeof verdict === 'string') return `after the fix: ${verdict}`;
  if (verdict.verdict !== 'pass')
    return `after the fix it is ${verdict.verdict} (${verdict.reason}): ${verdict.message}`;
  const twice = await apply(after);
  return twice.files.size > 0 ? `applied twice it changes ${[...twice.files.keys()].join(', ')} again` : null;
}

export function readmeBroken({ readme, definition }: CatalogueStandard): string | null {
  const missing = HEADINGS.filter((heading) => !readme.includes(`\n## ${heading}\n`));
  if (missing.length > 0) return `README.md lacks the headings ${missing.join(', ')}`;
  const words = [...definition.reasons.map(({ id }) => id), ...Object.keys(definition.params)];
  const unsaid = words.filter((word) => !readme.includes(`\`${word}\``));
  return unsaid.length > 0 ? `README.md does not mention \`${unsaid.join('`, `')}\`` : null;
}

export function stayBroken({ folder, definition }: CatalogueStandard): string | null {
  const document = readGate(folder);
  if (definition.omits.stay)
    return existsSync(gatePath(folder)) ? 'stay/ exists, and `omits` says it does not' : null;
  if (document === null)
    return 'there is no stay/gate.yaml; say where its gate runs, or in `omits` why it has none';
  if ('mistakes' in document) return document.mistakes.map(describeFileDiagnostic).join('\n');
  return document.value.on_unknown === definition.rollout.on_unknown
    ? null
    : `stay/gate.yaml and standard.yaml differ about on_unknown`;
}

export function getBroken({ folder, fix: path, definition }: CatalogueStandard): string | null {
  const runbook = existsSync(join(folder, 'get', 'runbook.md'));
  if (definition.omits.get) return path || runbook ? 'get/ exists, and `omits` says it does not' : null;
  return path || runbook ? null : 'there is neither get/fix.ts nor get/runbook.md';
}
