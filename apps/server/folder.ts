/** What is asked when one folder of git repositories is measured by the whole catalogue. */
import { join, resolve } from 'node:path';
import { discoverSources } from '@macadam/adapters/discover';
import type { Source } from '@macadam/adapters/sources/port';
import type { Ask, MeasureRequest } from '@macadam/services/measure/measure';
import manifest from './package.json' with { type: 'json' };

/** The folder of this repository: its catalogue, and the first estate that must obey it. */
export const HERE = join(import.meta.dirname, '../..');

/** What is measured, as it was typed. */
export interface TypedEstate {
  /** Folder of git repositories; null: none is measured. */
  readonly folder: string | null;
  /** Of other sources, by id. */
  readonly others: readonly TypedSource[];
}

export interface TypedSource {
  readonly source: string;
  readonly targets: readonly string[];
  readonly options: Readonly<Record<string, string | undefined>>;
}

export type EstateRequest = Omit<MeasureRequest, 'progress' | 'exceptions'>;

/** Rejects for a source that there is none of. */
export async function estateRequest({
  estate,
  title,
  cache,
  signal,
}: {
  readonly estate: TypedEstate;
  readonly title: string;
  readonly cache: string;
  readonly signal?: AbortSignal;
}): Promise<EstateRequest> {
  const sources = await discoverSources();
  const asks: Ask[] = [];
  if (estate.folder !== null)
    asks.push({ source: sourceIn(sources, 'git'), targets: [estate.folder], options: {} });
  for (const { source, targets, options } of estate.others)
    asks.push({ name: source, source: sourceIn(sources, source), targets, options });
  return {
    asks,
    view: 'head',
    estateFolder: estate.folder ?? '.',
    catalogueRoots: [HERE],
    standards: [],
    pillars: [],
    engine: ENGINE,
    title,
    cacheDirectory: resolve(cache),
    environment: process.env,
    now: () => new Date(),
    signal,
  };
}

function sourceIn(sources: readonly Source[], id: string): Source {
  const found = sources.find((one) => one.id === id);
  if (found === undefined) throw new TypeError(`there is no source \`${id}\``);
  return found;
}

export const ENGINE = `macadam ${manifest.version}`;
