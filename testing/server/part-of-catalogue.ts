/** Some kinds and standards of the catalogue, for what is the same for all: a store of two kinds takes a third of one of all. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { HERE } from '../../apps/server/folder.ts';

export interface CatalogueParts {
  readonly kinds: readonly string[];
  /** By pillar and id, as their folders are called. */
  readonly standards: readonly string[];
}

/** Copies them into a folder, which is a catalogue then. */
export function partOfCatalogue(place: string, { kinds, standards }: CatalogueParts): string {
  for (const part of [
    ...kinds.map((kind) => `kinds/${kind}.yaml`),
    ...standards.map((standard) => `standards/${standard}`),
  ])
    cpSync(join(HERE, part), join(place, part), { recursive: true });
  return place;
}

/** The smallest that a folder of repositories is measured by. */
export const PIPELINES: CatalogueParts = {
  kinds: ['repository', 'pipeline'],
  standards: ['engineering/pipeline-uses-pinned'],
};
