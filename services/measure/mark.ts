/** What a measurement would be of, in short: the sources' own marks, and the files in which an estate defines what is asked. */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SourceMark } from '@macadam/adapters/sources/port';
import type { Ask } from './measure.ts';
import { ESTATE_FILE, readEstate } from './read.ts';

export interface EstateMark extends Omit<SourceMark, 'of'> {
  /** `5 repositories`; null where no source can be asked for a mark. */
  readonly of: string | null;
}

export interface MarkRequest {
  readonly asks: readonly Ask[];
  readonly estateFolder: string;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
}

export async function markOfEstate({ asks, estateFolder, now, signal }: MarkRequest): Promise<EstateMark> {
  const digest = createHash('sha256');
  const read = readEstate(estateFolder, now());
  // A file with a mistake is one that somebody is at: what it says counts once it can be read.
  const estate = 'mistakes' in read ? null : read.estate;
  const files = [ESTATE_FILE, ...(estate?.org === undefined ? [] : [estate.org])];
  for (const file of files) digest.update(`${stampOf(resolve(estateFolder, file))}\n`);
  for (const folder of estate?.catalogue ?? [])
    digest.update(`${stampsBelow(resolve(estateFolder, folder)).join('\n')}\n`);
  let watched = 0;
  const of: string[] = [];
  let problem: string | null = null;
  for (const { source, targets } of asks) {
    if (source.mark === undefined) continue;
    const mark = await source.mark({ targets, ...(signal && { signal }) });
    digest.update(`${source.id} ${mark.digest}\n`);
    watched += mark.watched;
    of.push(mark.of);
    problem ??= mark.problem;
  }
  return { digest: digest.digest('hex'), watched, of: of.length === 0 ? null : of.join(' and '), problem };
}

/** A catalogue of one's own has tens of files; what has more is something else, and is looked at in part. */
const MOST_FILES = 20_000;

function stampsBelow(folder: string): string[] {
  const stamps: string[] = [];
  const folders = [folder];
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    try {
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        const inside = join(path, entry.name);
        if (entry.isDirectory()) folders.push(inside);
        else if (stamps.length < MOST_FILES) stamps.push(stampOf(inside));
      }
    } catch {
      stamps.push(`${path} -`);
    }
    if (stamps.length >= MOST_FILES) break;
  }
  return stamps.sort();
}

function stampOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return `${path} ${found === undefined ? '-' : `${found.mtimeNs} ${found.size} ${found.ino}`}`;
}
