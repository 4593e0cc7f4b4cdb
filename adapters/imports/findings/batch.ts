/** What a file of another tool becomes: collections with their observations, or every mistake that refuses it. */

import type { Collection, Observation } from '@macadam/core/facts/observation';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';
import { written } from '@macadam/core/text/unfit';
import { z } from 'zod';

export interface Batch {
  readonly collection: Collection;
  readonly observations: readonly Observation[];
}

/** `notes`: what a reader of the summary should know, such as what was left out. */
export type Read =
  | { readonly batches: readonly Batch[]; readonly notes: readonly string[] }
  | { readonly mistakes: readonly FileDiagnostic[] };

export interface ParsedFile {
  readonly text: string;
  /** What mistakes call it. */
  readonly file: string;
  /** What it is about, where it does not say so itself. */
  readonly subject: string;
  readonly receivedAt: Date;
  /** When it was true, where it does not say so itself. */
  readonly takenAt: { readonly at: Date; readonly stated: boolean };
}

/** Beyond this a mistake is placed in its document by its field alone: finding the line reads it all again. */
const PLACED = 4_000_000;

/** A mistake in a JSON document, on the line of its field. */
export function mistakeIn(
  { text, file }: ParsedFile,
  path: readonly (string | number)[],
  reason: string,
): FileDiagnostic {
  const document = text.length > PLACED ? null : readDocument(text, file, z.unknown());
  const line = document && 'value' in document ? document.lineOf(path) : 1;
  return { file, line, column: 1, field: path.join('.'), reason };
}

/** The document's JSON, or why it is none. */
export function jsonOf(
  paper: ParsedFile,
): { readonly json: unknown } | { readonly mistakes: readonly FileDiagnostic[] } {
  try {
    return { json: JSON.parse(paper.text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    // The engine's message does not always say where; a YAML reader stumbles over the same place.
    const { text, file } = paper;
    const looked = text.length > PLACED ? null : readDocument(text, file, z.unknown());
    const [at] = looked && 'mistakes' in looked ? looked.mistakes : [];
    const said = (error as Error).message.replace(/ \(line.*|, .*is not valid JSON$/s, '');
    const reason = `is not JSON (${said}); write it again, whole`;
    return { mistakes: [{ file, line: at?.line ?? 1, column: at?.column ?? 1, field: '', reason }] };
  }
}

/** Every issue of a schema as a mistake; at most a hundred. */
export function issuesIn(
  paper: ParsedFile,
  error: z.ZodError,
  below: readonly (string | number)[] = [],
): FileDiagnostic[] {
  return error.issues.slice(0, 100).map((issue) => {
    const path = [...below, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
    return mistakeIn(paper, path, written(issue));
  });
}
