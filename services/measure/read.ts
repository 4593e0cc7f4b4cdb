/** Reads macadam.yaml of an estate, and the files that it names. Every mistake has a line, a field and a fix. */
import { hash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { orgSchema } from '@macadam/adapters/readers/ownership/org';
import { PLACES_DIGEST } from '@macadam/adapters/readers/places/globs';
import type { Exclusion } from '@macadam/adapters/sources/exclusion';
import { type KnownExploited, readKnownExploited } from '@macadam/core/figures/known-exploited';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';
import { centralExclusionMistake, leavesOutAt, type People } from '@macadam/core/verdicts/central-exclusion';
import { EMPTY_ESTATE, type Estate, estateSchema } from '@macadam/core/verdicts/estate';
import { exceptionMistake } from '@macadam/core/verdicts/exception';

export const ESTATE_FILE = 'macadam.yaml';

export interface ReadEstate {
  readonly estate: Estate;
  /** Where the file stands, or would stand. */
  readonly folder: string;
  readonly file: string;
  readonly lineOf: (path: readonly (string | number)[]) => number;
  /** What extractors are told: `collection`, with files read, and the organisation. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Null where no file says which vulnerabilities are known to be exploited. */
  readonly exploited: KnownExploited | null;
  /** Text of the policy by which builds are verified; null where none is named. */
  readonly buildPolicy: string | null;
}

/** The estate's own words, or an empty estate where there is no macadam.yaml. */
export function readEstate(
  folder: string,
  now: Date,
): ReadEstate | { readonly mistakes: readonly FileDiagnostic[] } {
  const file = join(folder, ESTATE_FILE);
  if (!existsSync(file)) {
    return {
      estate: EMPTY_ESTATE,
      folder,
      file,
      lineOf: () => 1,
      parameters: {},
      exploited: null,
      buildPolicy: null,
    };
  }
  const written = textOf(file);
  if (typeof written !== 'string') {
    return { mistakes: [{ file, line: 1, column: 1, field: '', reason: written.reason }] };
  }
  const document = readDocument(written || '{}', file, estateSchema);
  if ('mistakes' in document) return document;
  const { value: estate, lineOf } = document;
  const mistakes: FileDiagnostic[] = [];
  const mistake = (path: readonly (string | number)[], reason: string) =>
    mistakes.push({ file, line: lineOf(path), column: 1, field: path.join('.'), reason });
  for (const [index, exception] of estate.exceptions.entries()) {
    const reason = exceptionMistake(exception, now);
    if (reason) mistake(['exceptions', index, 'until'], reason);
  }
  const text = (path: readonly (string | number)[], name: string | undefined): string | undefined => {
    if (name === undefined) return undefined;
    const full = resolve(folder, name);
    if (!existsSync(full)) {
      mistake(path, `there is no file \`${name}\` beside ${ESTATE_FILE}`);
      return undefined;
    }
    const found = textOf(full);
    if (typeof found === 'string') return found;
    mistake(path, `\`${name}\` ${found.reason}`);
    return undefined;
  };
  for (const [index, name] of estate.catalogue.entries()) {
    if (!isFolder(resolve(folder, name)))
      mistake(
        ['catalogue', index],
        `there is no folder \`${name}\`; create it, as \`macadam new standard NAME\` does`,
      );
  }
  const allowedSigners = text(['collection', 'allowed_signers'], estate.collection.allowed_signers);
  const buildPolicy = text(['builds', 'policy'], estate.builds?.policy) ?? null;
  const exploited = exploitedIn(estate, text);
  if (exploited !== null && 'fault' in exploited)
    mistake(['known_exploited', 'catalogue'], `\`${estate.known_exploited?.catalogue}\` ${exploited.fault}`);
  const org = text(['org'], estate.org);
  const people =
    org === undefined ? undefined : readDocument(org || '{}', orgFile(folder, estate), orgSchema);
  if (people && 'mistakes' in people) mistakes.push(...people.mistakes);
  const here = people && 'value' in people ? (people.value.people ?? null) : null;
  const working = here?.filter(({ state }) => state === 'active').map((one) => one.login) ?? null;
  for (const { path, reason } of centralMistakes(estate, { folder, people: working, now }))
    mistake(path, reason);
  if (mistakes.length > 0) return { mistakes };
  return {
    estate,
    exploited: exploited === null || 'fault' in exploited ? null : exploited,
    buildPolicy,
    folder,
    file,
    lineOf,
    parameters: {
      ...estate.collection,
      ...(allowedSigners !== undefined && { allowed_signers: allowedSigners }),
      ...(people && 'value' in people && { org: people.value }),
    },
  };
}

/** Null where none is configured, or its file is not there. */
function exploitedIn(
  { known_exploited: files }: Estate,
  text: (path: readonly string[], name: string | undefined) => string | undefined,
): ReturnType<typeof readKnownExploited> | null {
  const catalogue = text(['known_exploited', 'catalogue'], files?.catalogue);
  const techniques = text(['known_exploited', 'techniques'], files?.techniques);
  return catalogue === undefined ? null : readKnownExploited(catalogue, techniques ?? null);
}

/**
 * Each line that leaves something out at an instant with where it stands, which everything that it covers names. What was approved
 * for the company comes first: it says more of what both cover.
 */
export function exclusionsOf({ estate, lineOf }: ReadEstate, at: Date): Exclusion[] {
  const central = estate.central_excludes.flatMap((one, index) =>
    leavesOutAt(one, at)
      ? one.paths.map((pattern, place) => ({
          pattern,
          stated: `${ESTATE_FILE}:${lineOf(['central_excludes', index, 'paths', place])}`,
          central: one,
        }))
      : [],
  );
  const own = estate.excludes.map((pattern, index) => ({
    pattern,
    stated: `${ESTATE_FILE}:${lineOf(['excludes', index])}`,
  }));
  return [...central, ...own];
}

/** Digest of what is part of every definition besides the standard and its kind: places, and what is left out centrally. */
export function sharedDigest({ estate }: ReadEstate, at: Date): string {
  const central = estate.central_excludes.filter((one) => leavesOutAt(one, at));
  return central.length === 0 ? PLACES_DIGEST : hash('sha256', JSON.stringify([PLACES_DIGEST, central]));
}

interface CentralRequest {
  readonly folder: string;
  readonly people: People;
  readonly now: Date;
}

/** What is wrong with what is left out centrally. What is over is no mistake: it ended by itself. */
function centralMistakes({ central_excludes: all }: Estate, { folder, people, now }: CentralRequest) {
  if (all.length > 0 && existsSync(join(folder, '.git')))
    return [
      {
        path: ['central_excludes'],
        reason: `this file lies in a repository, which cannot approve for the company; put it beside the repositories, or write \`excludes\``,
      },
    ];
  return all.flatMap((one, index) => {
    const wrong = leavesOutAt(one, now) ? centralExclusionMistake(one, people, now) : null;
    return wrong ? [{ path: ['central_excludes', index, wrong.field], reason: wrong.reason }] : [];
  });
}

/** Catalogue folders that macadam.yaml names, whether they are there or not; none where it cannot be read. */
export function namedCatalogues(folder: string): readonly string[] {
  const written = textOf(join(folder, ESTATE_FILE));
  if (typeof written !== 'string') return [];
  const document = readDocument(written || '{}', ESTATE_FILE, estateSchema);
  return 'value' in document ? document.value.catalogue.map((name) => resolve(folder, name)) : [];
}

const orgFile = (folder: string, { org = '' }: Estate) => join(folder, org);

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** More than any person writes; what is larger is something else. */
const MAX_BYTES = 8_000_000;

/**
 * The text of a file that exists, or why it cannot be had and what to do. A repository that is measured by itself is
 * a stranger's: its macadam.yaml may be a link to a device without an end.
 */
function textOf(path: string): string | { readonly reason: string } {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return { reason: 'is a folder; put a file there' };
  if (!found?.isFile()) return { reason: 'is not a plain file; put a file there' };
  if (found.size > MAX_BYTES) return { reason: `is larger than ${MAX_BYTES} bytes; make it smaller` };
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return { reason: `cannot be read (${(error as NodeJS.ErrnoException).code}); make it readable` };
  }
}
