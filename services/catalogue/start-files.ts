/** What stands in a `start/`: its description and its files, and the answers of its source with the files in their places. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isRecord } from '@macadam/adapters/facts/line';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';
import { parse } from 'yaml';
import { z } from 'zod';
import { EXPORT_FORMATS } from '../ingest/export.ts';
import { files } from './examples.ts';
import { TRIALS } from './start-trials.ts';

const DESCRIPTION = 'start.yaml';

const startSchema = z.strictObject({
  describe: z.string().min(10).max(300),
  /** The commands that give the files beside to where they work. */
  apply: z.string().min(10),
  /** `repository`, `github`, a format of `macadam ingest`, or one of the trials, where no saved answer shows what the files do. */
  source: z.enum(['repository', 'github', 'posted-texts', ...EXPORT_FORMATS, ...Object.keys(TRIALS)]),
  /** The directory's own id, where no answer has it. */
  subject: z.string().optional(),
  /** Name of the one that is meant, where the answers tell of several. */
  asset: z.string().optional(),
  params: z.record(z.string(), z.unknown()).default({}),
  /** Saved answers by file, once it is applied. `$start: FILE` or `FILE#/pointer` stands for what is beside. */
  answers: z.record(z.string(), z.unknown()).default({}),
  /** What other sources say of the same asset, written as in examples. */
  beside: z.record(z.string(), z.unknown()).default({}),
});

export type Start = z.infer<typeof startSchema>;
export type Texts = Readonly<Record<string, string>>;

export function startIn(
  folder: string,
): { readonly start: Start | null; readonly texts: Texts } | { readonly broken: string } {
  const all = Object.fromEntries(
    files(folder).map((path) => [relative(folder, path), readFileSync(path, 'utf8')]),
  );
  const { [DESCRIPTION]: description, ...texts } = all;
  if (description === undefined) return { start: null, texts };
  const document = readDocument(description, join('start', DESCRIPTION), startSchema);
  if ('mistakes' in document) return { broken: document.mistakes.map(describeFileDiagnostic).join('\n') };
  return { start: document.value, texts };
}

/** Answers by file; what is given by a file of `start/` alone is left out where `texts` is null. */
export const answersIn = (start: Start, texts: Texts | null): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(start.answers).flatMap(([file, body]) => {
      const placed = placedIn(body, texts);
      return placed === undefined ? [] : [[file, placed]];
    }),
  );

/** An answer with the files of `start/` in their places; undefined where a file is all of it and is not applied. */
function placedIn(answer: unknown, texts: Texts | null): unknown {
  if (Array.isArray(answer))
    return answer.map((one) => placedIn(one, texts)).filter((one) => one !== undefined);
  if (!isRecord(answer)) return answer;
  const { $start: named, ...host } = answer;
  const around = Object.fromEntries(
    Object.entries(host).flatMap(([key, value]) => {
      const placed = placedIn(value, texts);
      return placed === undefined ? [] : [[key, placed]];
    }),
  );
  if (typeof named !== 'string') return around;
  if (texts === null) return undefined;
  const [file = '', pointer = ''] = named.split('#');
  const found = pointedAt(contentsOf(file, texts), pointer);
  return isRecord(found) ? { ...found, ...around } : found;
}

export function contentsOf(file: string, texts: Texts): unknown {
  const { [file]: text = '' } = texts;
  return /\.(json|ya?ml)$/.test(file) ? parse(text) : text;
}

export function pointedAt(value: unknown, pointer: string): unknown {
  let found = value;
  for (const key of pointer.split('/').slice(1))
    found = isRecord(found) || Array.isArray(found) ? Reflect.get(found, key) : undefined;
  return found;
}
