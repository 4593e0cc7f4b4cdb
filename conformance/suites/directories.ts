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
import { mutationsOf, type Outcome, silentChange } from '@macadam/testing/directories/faults';
import type { SavedExchange } from '@macadam/testing/directories/worlds';
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
    ...files.map(
      (file): Case => ({
        id: `${format} ${basename(file.path, '.json')} with a fault`,
        run: () => withFaults(format, [exchangeOf(file)], 0),
      }),
    ),
    { id: `${format} all together`, run: () => together(format, files) },
    { id: `${format} expectations`, run: () => (lost.length === 0 ? null : `no answer ${lost.join(', ')}`) },
  ];
}

interface Read {
  readonly batch: Batch;
  readonly notes: readonly string[];
}

function readSaved(format: string, files: readonly ExportFile[], subject: string | null): Read | string {
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
  const stating = readSaved(format, [file], null);
  const result = typeof stating === 'string' ? readSaved(format, [file], DIRECTORY) : stating;
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

/** Every fault of one answer, one at a time, beside the others. */
function withFaults(
  format: string,
  answers: readonly (SavedExchange | null)[],
  index: number,
): string | null {
  const files = answers.map((one, at) => fileOf(String(at), one));
  const read = (some: readonly ExportFile[]): Outcome | null =>
    outcomeOf(readSaved(format, some, null)) ?? outcomeOf(readSaved(format, some, DIRECTORY));
  const before = read(files);
  const exchange = answers[index];
  if (before === null || exchange == null) return null;
  for (const { said, kind, exchange: changed } of mutationsOf(format, { ...exchange })) {
    const own = read(files.with(index, fileOf(String(index), changed)));
    // What names the directory may be gone: then nothing is taken, or by the name that was stated.
    if (own === null || own.directory !== before.directory) continue;
    const misfit = own.observations.flatMap(misfitsOf)[0];
    const silent = misfit ?? silentChange(before, own, kind);
    if (silent !== null) return `${exchange.request?.line ?? ''} ${said}: ${silent}`;
  }
  return null;
}

const fileOf = (name: string, exchange: unknown): ExportFile => ({
  path: `${name}.json`,
  bytes: Buffer.from(JSON.stringify(exchange)),
});

const exchangeOf = ({ bytes }: ExportFile): SavedExchange | null => {
  const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return typeof json === 'object' && json !== null && 'body' in json ? (json as SavedExchange) : null;
};

function outcomeOf(result: Read | string): Outcome | null {
  if (typeof result === 'string') return null;
  const { observations, collection } = result.batch;
  return {
    directory: collection.partitions[0]?.container ?? '',
    observations,
    said: [
      ...collection.problems.map(({ code, message }) => `${code} ${message}`),
      ...collection.partitions.map(({ kind, complete, why = '' }) => `${kind} ${complete} ${why}`),
    ],
  };
}

function together(format: string, files: readonly ExportFile[]): string | null {
  const result = readSaved(format, files, null);
  if (typeof result === 'string') return result;
  const misfit = result.batch.observations.flatMap(misfitsOf)[0];
  if (misfit !== undefined) return misfit;
  const ids = result.batch.observations.map(({ id }) => id);
  return new Set(ids).size === ids.length ? null : 'an asset is there twice';
}
