/** One look at a tree by the parts of the reader, each of which is asked again only where what it looked at has changed. */
import type { Unobserved } from '@macadam/core/facts/observation';
import { canonical } from '@macadam/core/text/canonical';
import { type Places, placesOf } from '../places/places.ts';
import type { References } from '../places/references.ts';
import type { ExtractContext, Extraction, NamedExtractor, Remember, Tree } from '../tree.ts';
import type { Memory } from './memory.ts';
import { type Learned, learned, tracedTree } from './traced.ts';

export interface Look {
  readonly places: Places;
  /** What an extractor makes of the tree; rejects as it does. */
  readonly extract: (extractor: NamedExtractor, context: ExtractContext) => Promise<Extraction>;
  /** Keeps what was learned for the next look, given all that was extracted. */
  readonly close: (extractions: readonly Extraction[]) => void;
}

/** `leftOut`: why a path is not looked at. */
export async function lookAt(
  tree: Tree,
  memory: Memory,
  leftOut: (path: string) => Unobserved | undefined = () => undefined,
): Promise<Look> {
  const traced = tracedTree(tree, leftOut);
  const all: Learned<unknown>[] = [];
  const remembered = async <T>(name: string, dependencies: string, compute: (tree: Tree) => Promise<T>) => {
    const found = await learned(memory, traced, { name, dependencies, compute });
    all.push(found);
    return found.value;
  };
  const { referred, unread } = await remembered('references', '', async (seen) =>
    listed(await (await import('../places/references.ts')).readReferences(seen)),
  );
  const places = placesOf(new Set(referred), unread ?? tree.incomplete);
  return {
    places,
    extract: async (extractor, context) => {
      // Of many files, what each holds is remembered one by one.
      if (extractor.byFile === true) return extractor.extract(tree, context);
      const { repository, source, parameters } = context;
      const dependencies = canonical([repository, source, parameters, referred, unread]);
      const remember: Remember = (name, compute) => remembered(name, '', compute);
      const found = await remembered(`extractor ${extractor.name}`, dependencies, async (seen) =>
        withoutTime(await extractor.extract(seen, { ...context, remember }), context),
      );
      return withTime(found, context);
    },
    close: (extractions) => {
      const mayBeKept = withoutSecrets(extractions);
      for (const { paths, keep } of all) if (mayBeKept(paths)) keep();
      memory.close();
    },
  };
}

interface ListedReferences {
  readonly referred: readonly string[];
  readonly unread: References['unread'];
}

const listed = ({ referred, unread }: References): ListedReferences => ({
  referred: [...referred].sort(),
  unread,
});

/**
 * What is learned from a file may quote it; so nothing stays of a file in which a secret was found, or none was looked for.
 */
function withoutSecrets(extractions: readonly Extraction[]): (paths: readonly string[] | null) => boolean {
  const searched = extractions.find(({ confidential }) => confidential !== undefined);
  if (searched === undefined) return () => false;
  const closed = new Set(searched.confidential);
  return (paths) => paths !== null && !paths.some((path) => closed.has(path));
}

/** An observation that was made now is made at the next look again; one that has a time of its own keeps it. */
function withoutTime(extraction: Extraction, context: ExtractContext): Extraction {
  return withTimes(extraction, context.now.toISOString(), NOW);
}

const withTime = (extraction: Extraction, context: ExtractContext): Extraction =>
  withTimes(extraction, NOW, context.now.toISOString());

/** Stands for the time of the look. */
const NOW = 'now';

function withTimes(extraction: Extraction, from: string, to: string): Extraction {
  const time = (text: string) => (text === from ? to : text);
  return {
    attributes: extraction.attributes,
    observations: extraction.observations.map((observation) => ({
      ...observation,
      observedAt: time(observation.observedAt),
      receivedAt: time(observation.receivedAt),
    })),
    partitions: extraction.partitions,
    problems: extraction.problems,
  };
}
