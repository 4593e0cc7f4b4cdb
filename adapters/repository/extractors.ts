/** What is learned from the files of a repository. Each row is independent: one that fails costs only what it gives. */
import { extractPipelines } from './pipelines/extract.ts';
import type { Extractor } from './tree.ts';

export interface NamedExtractor {
  readonly name: string;
  readonly extract: Extractor;
  /** Attributes of the repository, and kinds of asset, that only this extractor states. */
  readonly attributes: readonly string[];
  readonly kinds: readonly string[];
}

export const EXTRACTORS: readonly NamedExtractor[] = [
  { name: 'pipelines', extract: extractPipelines, attributes: [], kinds: ['pipeline'] },
];
