/**
 * `start/` of a standard: what a new asset begins with. Files of a repository are read as a repository; what is given to a directory, a
 * cloud or a code host is put into the answers that `start/start.yaml` says it would show, and read by the reader of that source.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readPostedTexts } from '@macadam/adapters/imports/posted-texts/read';
import { type Asset, assetsOf } from '@macadam/core/facts/asset';
import { ingest } from '@macadam/core/facts/ingest';
import type { Observation } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { readExport } from '../ingest/export.ts';
import { askedBy, assetsIn, compiledFor, type Example, statement } from './example.ts';
import type { CatalogueStandard } from './load.ts';
import { answersIn, contentsOf, pointedAt, type Start, startIn, type Texts } from './start-files.ts';
import { TRIALS } from './start-trials.ts';

/** When it is judged: evidence that is made up here is as old as that. */
const AT = '2026-11-01T00:00:00Z';

/**
 * Why what `start/` makes does not pass the standard's own check, in an estate that says nothing of itself or in that of an example that passes,
 * where a new repository alone cannot hold all that is asked (who works here, for one). Null when it passes.
 */
export async function startBroken(
  standard: CatalogueStandard,
  kinds: ReadonlyMap<string, Kind>,
  estates: readonly Example['collection'][],
): Promise<string | null> {
  const folder = join(standard.folder, 'start');
  if (standard.definition.omits.start)
    return existsSync(folder) ? 'start/ exists, and `omits` says it does not' : null;
  if (!existsSync(folder))
    return 'there is no start/; add a template, or say in `omits` why there can be none';
  const read = startIn(folder);
  if ('broken' in read) return read.broken;
  const { start, texts } = read;
  if (start !== null && start.source !== 'repository')
    return await appliedBroken(standard, kinds, start, texts);
  const compiled = compiledFor(standard, { params: start?.params ?? {} });
  if (typeof compiled === 'string') return compiled;
  const broken: (string | null)[] = [];
  for (const estate of estates) {
    const asked = { ...estate, ...askedBy(standard) };
    const found = judgedBroken(compiled, await assetsIn(texts, kinds, new Date(AT), asked));
    if (found === null) return null;
    broken.push(found);
  }
  return broken[0] ?? null;
}

async function appliedBroken(
  standard: CatalogueStandard,
  kinds: ReadonlyMap<string, Kind>,
  start: Start,
  texts: Texts,
): Promise<string | null> {
  const compiled = compiledFor(standard, start);
  if (typeof compiled === 'string') return compiled;
  const said = `${JSON.stringify(start.answers)} ${start.apply}`;
  const unused = Object.keys(texts).find((path) => !said.includes(path));
  if (unused !== undefined)
    return `start/start.yaml does not say what becomes of ${unused}; name it in \`apply\``;
  const named = [...JSON.stringify(start.answers).matchAll(/"\$start":"([^"#]*)(#[^"]*)?"/g)];
  const missing = named.find(([, file = '']) => !Object.hasOwn(texts, file));
  if (missing !== undefined)
    return `start/start.yaml names \`${missing[1]}\`, which is not there; correct the name`;
  const lost = named.find(
    ([, file = '', pointer = '']) => pointedAt(contentsOf(file, texts), pointer) === undefined,
  );
  if (lost !== undefined)
    return `start/start.yaml: \`${lost[2]}\` points at nothing in ${lost[1]}; correct it`;
  const made = await assetsFrom(compiled, kinds, start, texts);
  if (typeof made === 'string') return made;
  const broken = judgedBroken(compiled, made);
  if (broken !== null) return broken;
  const without = await assetsFrom(compiled, kinds, start, null);
  return typeof without === 'string' || judgedBroken(compiled, without) !== null
    ? null
    : 'what start/ stands in passes without it as well, so nothing shows that it does anything';
}

/** Null where every asset in scope passes, and there is one. */
function judgedBroken(compiled: CompiledStandard, assets: readonly Asset[]): string | null {
  const now = new Date(AT);
  const verdicts = assets
    .filter(({ kind }) => kind === compiled.kind.kind)
    .map((asset) => evaluate(compiled, asset, { asOf: now, real: now }));
  const wrong = verdicts.find(({ verdict }) => verdict === 'fail' || verdict === 'unknown');
  if (wrong)
    return `start/ makes ${wrong.asset.name}, which is ${wrong.verdict} (${wrong.reason}): ${wrong.message}`;
  return verdicts.some(({ verdict }) => verdict === 'pass')
    ? null
    : 'start/ makes nothing that the standard judges';
}

/** What the source would tell with the files in their places; without them where `texts` is null. Text says why it cannot be read. */
async function assetsFrom(
  compiled: CompiledStandard,
  kinds: ReadonlyMap<string, Kind>,
  start: Start,
  texts: Texts | null,
): Promise<readonly Asset[] | string> {
  const observations = await observed(start, answersIn(start, texts));
  if (typeof observations === 'string') return observations;
  const others = observations
    .filter(({ kind }) => kind === compiled.kind.kind)
    .map((one) => saidBeside(one, start.beside));
  const taken = [...observations, ...others].flatMap((one) => ingest(kinds, one).observation ?? []);
  return assetsOf(kinds, taken).filter(({ name }) => start.asset === undefined || name === start.asset);
}

/** What is set up wrongly says so itself, and is no start. */
async function observed(
  start: Start,
  answers: Readonly<Record<string, unknown>>,
): Promise<readonly Observation[] | string> {
  const { [start.source]: trial } = TRIALS;
  if (trial === undefined)
    return start.source === 'github' ? await hosted(answers) : exported(start, answers);
  try {
    return await trial(answers, new Date(AT));
  } catch (error) {
    return `what start/ sets up does not run: ${error instanceof Error ? error.message : error}`;
  }
}

/** The source is loaded when it is asked for, since an installation may have taken it away. */
async function hosted(answers: Readonly<Record<string, unknown>>): Promise<readonly Observation[]> {
  const { repositoryByAnswers } = await import('@macadam/adapters/sources/github/repository-answers');
  return repositoryByAnswers(answers, AT);
}

function exported(start: Start, answers: Readonly<Record<string, unknown>>): readonly Observation[] | string {
  const request = {
    folder: 'start',
    files: Object.entries(answers).map(([path, body]) => ({
      path,
      bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    })),
    subject: start.subject ?? null,
    takenAt: new Date(AT),
    receivedAt: new Date(AT),
  };
  const read = start.source === 'posted-texts' ? readPostedTexts(request) : readExport(start.source, request);
  return 'mistakes' in read
    ? read.mistakes.map(({ file, reason }) => `${file} ${reason}`).join('\n')
    : read.batch.observations;
}

function saidBeside(one: Observation, beside: Start['beside']): Observation {
  const attributes = Object.fromEntries(
    Object.entries(beside).map(([name, value]) => [name, statement(value)]),
  );
  return { ...one, source: 'other sources', attributes };
}
