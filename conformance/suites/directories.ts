/**
 * Answers that vendors document, each saved as a file and read alone, and all of one vendor read together: nothing is thrown, every
 * observation fits its kind, and no answer is passed over without a word. What some of them become stands in `directories/`, read by eye
 * from the answers.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ExportFile } from '@macadam/adapters/imports/directories/answer';
import type { Batch } from '@macadam/adapters/imports/findings/batch';
import { ingest } from '@macadam/core/facts/ingest';
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { diagnose } from '@macadam/core/kinds/diagnose';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { readExport } from '@macadam/services/ingest/export';
import { z } from 'zod';
import type { Case, Suite } from '../suite.ts';
import { gitlabCases } from './directories/gitlab-answers.ts';
import { googleCases } from './directories/google-requests.ts';
import { requestCases } from './directories/graph-requests.ts';
import { oktaCases } from './directories/okta-requests.ts';

const expectation = z.strictObject({
  /** Asset → attribute → value; `?` is unobserved, `absent` is absent. */
  assets: z.record(z.string(), z.record(z.string(), z.unknown())),
  /** Codes of all problems, without those of lists that were not saved. */
  problems: z.array(z.string()),
  unused: z.boolean().optional(),
});
type Expectation = z.infer<typeof expectation>;

const { kinds } = loadCatalogue([join(import.meta.dirname, '../..')]);
const DIRECTORY = 'TENANT';

/** Export format → folder of its answers below the vectors. */
const FOLDERS: Readonly<Record<string, string>> = {
  entra: 'graph/examples',
  okta: 'okta/examples',
  google: 'google/examples',
  gitlab: 'gitlab/examples',
};

export const suite: Suite = {
  name: 'directories',
  proves: 'answers that vendors of directories document become observations, and what is not read says so',
  vectors: Object.values(FOLDERS).map((folder) => `directories/${folder}/*.json`),
  load: async (vectors) => [
    ...Object.entries(FOLDERS).flatMap(([format, folder]) =>
      casesOf(format, join(vectors, 'directories', folder)),
    ),
    ...requestCases(vectors),
    ...oktaCases(vectors),
    ...gitlabCases(vectors, misfitsOf),
    ...googleCases(vectors),
  ],
};

function casesOf(format: string, folder: string): Case[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((path): ExportFile => ({ path, bytes: readFileSync(join(folder, path)) }));
  const stated = join(import.meta.dirname, 'directories', `${format}.json`);
  const expected = z.record(z.string(), expectation).parse(JSON.parse(readFileSync(stated, 'utf8')));
  const names = new Set(files.map(({ path }) => basename(path, '.json')));
  const each = files.map((file): Case => {
    const name = basename(file.path, '.json');
    return { id: `${format} ${name}`, run: () => alone(format, file, expected[name]) };
  });
  const lost = Object.keys(expected).filter((name) => !names.has(name));
  return [
    ...each,
    { id: `${format} all together`, run: () => together(format, files) },
    { id: `${format} expectations`, run: () => (lost.length === 0 ? null : `no answer ${lost.join(', ')}`) },
  ];
}

interface Read {
  readonly batch: Batch;
  readonly notes: readonly string[];
}

function read(format: string, files: readonly ExportFile[], subject: string | null): Read | string {
  const result = readExport(format, {
    folder: 'saved',
    files,
    subject,
    takenAt: new Date('2026-11-01T00:00:00Z'),
    receivedAt: new Date('2026-11-02T00:00:00Z'),
  });
  return 'batch' in result ? result : result.mistakes.map(({ reason }) => reason).join('; ');
}

function alone(format: string, file: ExportFile, expected: Expectation | undefined): string | null {
  // An answer that says of which directory it is must not be told another.
  const stating = read(format, [file], null);
  const result = typeof stating === 'string' ? read(format, [file], DIRECTORY) : stating;
  if (typeof result === 'string') return result;
  const { observations, collection } = result.batch;
  const misfit = observations.flatMap(misfitsOf)[0];
  if (misfit !== undefined) return misfit;
  const problems = [...new Set(collection.problems.map(({ code }) => code))].filter(
    (code) => code !== 'list-not-saved',
  );
  const whole = collection.partitions.some(({ complete }) => complete);
  if (
    observations.length === 0 &&
    problems.length === 0 &&
    result.notes.length === 0 &&
    !isAccounted(result, whole)
  )
    return 'it is passed over without a word';
  return expected === undefined ? null : differenceOf(result, problems, expected);
}

/** A count of a list is kept beside the list, and what only serves assets of other answers has none of its own. */
const isAccounted = ({ batch }: Read, whole: boolean): boolean =>
  whole || batch.collection.partitions.some(({ witness, complete }) => witness !== undefined || !complete);

function misfitsOf(observation: Observation): string[] {
  const kind = kinds.get(observation.kind);
  if (kind === undefined) return [`there is no kind ${observation.kind}`];
  return [
    ...diagnose(kind, observation.attributes).map((one) => `${observation.id}: ${JSON.stringify(one)}`),
    ...ingest(kinds, observation).problems.map(({ message }) => message),
  ];
}

function differenceOf(
  { batch, notes }: Read,
  problems: readonly string[],
  expected: Expectation,
): string | null {
  const ids = batch.observations.map(({ id }) => decodeURI(id)).toSorted();
  const wanted = Object.keys(expected.assets).toSorted();
  if (ids.join() !== wanted.join())
    return `assets are ${ids.join(', ') || 'none'}, not ${wanted.join(', ') || 'none'}`;
  for (const one of batch.observations)
    for (const [path, value] of Object.entries(expected.assets[decodeURI(one.id)] ?? {})) {
      const found = JSON.stringify(shownOf(one, path));
      if (found !== JSON.stringify(value))
        return `${path} of ${one.id} is ${found}, not ${JSON.stringify(value)}`;
    }
  const codes = problems.toSorted().join();
  if (codes !== expected.problems.toSorted().join())
    return `problems are ${codes}, not ${expected.problems.join()}`;
  const unused = notes.some((note) => note.includes(' is not used: '));
  return unused === (expected.unused ?? false) ? null : `unused is ${unused}`;
}

/** `methods.type` is that field of every element, `methods complete` whether the list is whole. */
function shownOf({ attributes }: Observation, path: string): unknown {
  const [name = '', field] = path.replace(/ complete$/, '').split('.');
  const statement: Statement = attributes[name] ?? { unobserved: 'unobserved', why: '' };
  if (path.endsWith(' complete')) return 'complete' in statement ? statement.complete : '?';
  const value = 'value' in statement ? statement.value : 'absent' in statement ? 'absent' : '?';
  if (field === undefined || !Array.isArray(value)) return value;
  return value.map((element: Readonly<Record<string, unknown>>) => {
    const inside = element[field];
    return typeof inside === 'object' && inside !== null && 'unobserved' in inside ? '?' : inside;
  });
}

function together(format: string, files: readonly ExportFile[]): string | null {
  const result = read(format, files, null);
  if (typeof result === 'string') return result;
  const misfit = result.batch.observations.flatMap(misfitsOf)[0];
  if (misfit !== undefined) return misfit;
  const ids = result.batch.observations.map(({ id }) => id);
  return new Set(ids).size === ids.length ? null : 'an asset is there twice';
}
