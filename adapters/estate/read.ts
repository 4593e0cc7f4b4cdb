/** Reads macadam.yaml of an estate, and the files that it names. Every mistake has a line, a field and a fix. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Mistake, readDocument } from '@macadam/core/document';
import { EMPTY_ESTATE, type Estate, estateSchema } from '@macadam/core/estate';
import { exceptionMistake } from '@macadam/core/exception';
import { parse } from 'yaml';

export const ESTATE_FILE = 'macadam.yaml';

export interface ReadEstate {
  readonly estate: Estate;
  /** Where the file stands, or would stand. */
  readonly folder: string;
  readonly file: string;
  readonly lineOf: (path: readonly (string | number)[]) => number;
  /** What extractors are told: `collection`, with files read, and the organisation. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The estate's own words, or an empty estate where there is no macadam.yaml. */
export function readEstate(
  folder: string,
  now: Date,
): ReadEstate | { readonly mistakes: readonly Mistake[] } {
  const file = join(folder, ESTATE_FILE);
  if (!existsSync(file)) {
    return { estate: EMPTY_ESTATE, folder, file, lineOf: () => 1, parameters: {} };
  }
  const document = readDocument(readFileSync(file, 'utf8') || '{}', file, estateSchema);
  if ('mistakes' in document) return document;
  const { value: estate, lineOf } = document;
  const mistakes: Mistake[] = [];
  const mistake = (path: readonly (string | number)[], reason: string) =>
    mistakes.push({ file, line: lineOf(path), column: 1, field: path.join('.'), reason });
  for (const [index, exception] of estate.exceptions.entries()) {
    const reason = exceptionMistake(exception, now);
    if (reason) mistake(['exceptions', index, 'until'], reason);
  }
  const text = (path: readonly (string | number)[], name: string | undefined): string | undefined => {
    if (name === undefined) return undefined;
    const full = resolve(folder, name);
    if (existsSync(full)) return readFileSync(full, 'utf8');
    mistake(path, `there is no file \`${name}\` beside ${ESTATE_FILE}`);
    return undefined;
  };
  for (const [index, name] of estate.catalogue.entries()) {
    if (!existsSync(resolve(folder, name))) mistake(['catalogue', index], `there is no folder \`${name}\``);
  }
  const allowedSigners = text(['collection', 'allowed_signers'], estate.collection.allowed_signers);
  const org = text(['org'], estate.org);
  if (mistakes.length > 0) return { mistakes };
  return {
    estate,
    folder,
    file,
    lineOf,
    parameters: {
      ...estate.collection,
      ...(allowedSigners !== undefined && { allowed_signers: allowedSigners }),
      ...(org !== undefined && { org: parse(org, { maxAliasCount: 0 }) }),
    },
  };
}
