/** What is learned from the files of a repository. Each row is independent: one that fails costs only what it gives. */

import { extractDependencies } from './dependencies/extract.ts';
import { extractFiles } from './files/extract.ts';
import { extractOwnership } from './ownership/extract.ts';
import { extractPipelines } from './pipelines/extract.ts';
import { extractSecrets } from './secrets/extract.ts';
import type { Extractor } from './tree.ts';

export interface NamedExtractor {
  readonly name: string;
  readonly extract: Extractor;
  /** Attributes of the repository, and kinds of asset, that only this extractor states. */
  readonly attributes: readonly string[];
  readonly kinds: readonly string[];
  /** It weighs itself what a tree that was not listed whole may hide; of the others only lists are kept, as partial. */
  readonly weighsGaps?: boolean;
  /** It remembers by itself what each file holds; the others are remembered as a whole, with all that they looked at. */
  readonly byFile?: boolean;
}

export const EXTRACTORS: readonly NamedExtractor[] = [
  {
    name: 'ownership',
    extract: extractOwnership,
    attributes: ['codeowners', 'owners'],
    kinds: [],
    weighsGaps: true,
  },
  { name: 'pipelines', extract: extractPipelines, attributes: [], kinds: ['pipeline'] },
  {
    name: 'dependencies',
    extract: extractDependencies,
    attributes: ['update_targets', 'update_config', 'manifests_left_out'],
    kinds: ['dependency', 'manifest'],
    weighsGaps: true,
  },
  { name: 'files', extract: extractFiles, attributes: ['files'], kinds: [], weighsGaps: true },
  {
    name: 'secrets',
    extract: extractSecrets,
    attributes: ['secrets', 'secrets_searched'],
    kinds: [],
    byFile: true,
  },
];
