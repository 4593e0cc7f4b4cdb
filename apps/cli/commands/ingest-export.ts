/** A folder of saved answers of a directory, read into a file of observations, which is then taken in like any other. */
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ExportFile } from '@macadam/adapters/imports/directories/answer';
import { BOUNDS } from '@macadam/core/text/bounds';
import { linesOf, readExport } from '@macadam/services/ingest/export';
import { UsageError } from '../terminal.ts';

export interface ExportedObservations {
  /** A file of observations by line. */
  readonly path: string;
  readonly notes: readonly string[];
  readonly remove: () => void;
}

export interface ExportOptions {
  readonly format: string;
  readonly subject: string | null;
  /** When the answers were saved; null takes the time of the oldest file. */
  readonly takenAt: Date | null;
  readonly receivedAt: Date;
}

/** Texts that people shared, which are searched for secrets: the detectors are loaded for them alone. */
export const POSTED_TEXTS = 'posted-texts';

/** Files of an export, by how their names end. */
const ANSWERS = { pattern: /\.(json|csv)$/i, words: '.json or .csv' };
/** Config delivers its snapshots packed. */
const SNAPSHOTS = { pattern: /\.json(\.gz)?$/i, words: '.json or .json.gz' };
/** Flow records lie beside the answers. */
const FLOWS = { pattern: /\.(json|csv|log|log\.gz)$/i, words: '.json, .csv, .log or .log.gz' };
/** Rules stand among them as they are deployed. */
const RULES = { pattern: /\.(json|csv|ya?ml)$/i, words: '.json, .csv, .yml or .yaml' };
/** Lockfiles keep their names, and lie beside what they need. */
const LOCKFILES = {
  pattern:
    /\.(json|jsonc|lock|lockb|lockfile|toml|txt|mod|sum|work|ya?ml|csproj|props|xml|gradle)$|(^|\/)Pipfile$/i,
  words: 'what lockfiles and manifests are called',
};
const ENDS: Readonly<Record<string, typeof ANSWERS | undefined>> = {
  detections: RULES,
  aws: FLOWS,
  'vpc-flow-logs': FLOWS,
  'token-clients': LOCKFILES,
  'aws-config': SNAPSHOTS,
};
const TEXTS = {
  pattern: /\.(json|csv|tsv|txt|md|html?|docx|xlsx|pptx)$/i,
  words: '.json, .csv, .tsv, .txt, .md, .html, .docx, .xlsx or .pptx',
};

/** Throws a UsageError that names every mistake of the export. */
export async function exportedObservations(
  path: string,
  options: ExportOptions,
): Promise<ExportedObservations> {
  const isPosted = options.format === POSTED_TEXTS;
  const ends = isPosted ? TEXTS : (ENDS[options.format] ?? ANSWERS);
  const { files, skipped, oldest } = filesIn(path, ends);
  if (files.length === 0)
    throw new UsageError(
      `\`${path}\` holds no ${isPosted ? 'texts' : 'saved answers'}; save them as files that end in ${ends.words}`,
    );
  const request = {
    folder: path,
    files,
    subject: options.subject,
    takenAt: options.takenAt ?? oldest,
    receivedAt: options.receivedAt,
  };
  const read = isPosted
    ? (await import('@macadam/adapters/imports/posted-texts/read')).readPostedTexts(request)
    : readExport(options.format, request);
  if ('mistakes' in read)
    throw new UsageError(read.mistakes.map(({ file, reason }) => `\`${file}\` ${reason}`).join('\n'));
  const folder = mkdtempSync(join(tmpdir(), 'macadam-export-'));
  const file = join(folder, 'observations.ndjson');
  await pipeline(Readable.from(linesOf(read.batch)), createWriteStream(file, { mode: 0o600 }));
  const { problems } = read.batch.collection;
  return {
    path: file,
    notes: [
      ...problems.map(({ message, remedy }) => (remedy === undefined ? message : `${message}; ${remedy}`)),
      ...read.notes,
      ...skipped,
    ],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface Found {
  readonly files: readonly ExportFile[];
  /** What is left alone, and why. */
  readonly skipped: readonly string[];
  readonly oldest: Date;
}

/** Written once and kept, as records of flows are: how old they are says nothing of when the rest was saved. */
const KEPT = /^(mapping\.json|(rules|cve|csaf)\/.*|.*\.log(\.gz)?)$/i;

function filesIn(path: string, ends: typeof ANSWERS): Found {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`there is no folder \`${path}\``);
  if (!found.isDirectory()) return { files: [read(path, basename(path))], skipped: [], oldest: found.mtime };
  const files: ExportFile[] = [];
  const skipped: string[] = [];
  let oldest = new Date();
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const full = join(entry.parentPath, entry.name);
    const name = relative(path, full).split(sep).join('/');
    if (entry.isDirectory()) continue;
    if (!entry.isFile() || !ends.pattern.test(name)) {
      skipped.push(`${name} is not used: only files that end in ${ends.words} are read`);
      continue;
    }
    const { mtime } = statSync(full);
    if (mtime < oldest && !KEPT.test(name)) oldest = mtime;
    files.push(read(full, name));
  }
  return { files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)), skipped, oldest };
}

function read(full: string, path: string): ExportFile {
  const { size } = statSync(full);
  if (size > BOUNDS.document)
    throw new UsageError(
      `\`${full}\` is larger than ${BOUNDS.document} bytes; save its pages as files of their own`,
    );
  // Read when it is asked for, and not kept: a large directory is thousands of files.
  return {
    path,
    get bytes() {
      return readFileSync(full);
    },
  };
}
