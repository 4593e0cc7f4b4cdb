/** What our reader says of the files of one case. */
import { extractPipelines } from '@macadam/adapters/readers/pipelines/extract';
import { memoryTree } from '@macadam/adapters/readers/tree';
import { isUnobserved, type Problem, type Statement } from '@macadam/core/facts/observation';
import { PLACES_BY_GLOBS } from '@macadam/testing/readers/places';

/** One element of a list of the kind `pipeline`; a field that is unobserved reads as undefined. */
export type Element = Readonly<Record<string, string | number | boolean | undefined>>;

export interface PipelineFacts {
  readonly path: string;
  readonly text: string;
  /** Elements of a list; empty when it was not observed. */
  readonly list: (name: string) => readonly Element[];
  readonly attribute: (name: string) => Statement | undefined;
  readonly problems: readonly Problem[];
}

export async function pipelineFacts(
  files: Readonly<Record<string, string>>,
): Promise<readonly PipelineFacts[]> {
  const { observations, problems } = await extractPipelines(memoryTree(files), {
    repository: { id: 'repository/file/case', name: 'case' },
    source: 'conformance',
    now: new Date('2026-11-01T00:00:00Z'),
    parameters: {},
    places: PLACES_BY_GLOBS,
  });
  return observations.map(({ attributes, location, id }) => {
    const path = location?.path ?? '';
    return {
      path,
      text: files[path] ?? '',
      attribute: (name) => attributes[name],
      list: (name) => {
        const statement = attributes[name];
        if (statement === undefined || !('value' in statement) || !Array.isArray(statement.value)) return [];
        return statement.value.map((element) =>
          Object.fromEntries(
            Object.entries(element as object).map(([key, value]) => [
              key,
              isUnobserved(value) ? undefined : value,
            ]),
          ),
        );
      },
      problems: problems.filter(({ asset }) => asset === id),
    };
  });
}

/** Null when two sets of lines are equal; otherwise what differs. */
export function lineDifference(
  what: string,
  ours: readonly number[],
  theirs: readonly number[],
): string | null {
  const [a, b] = [new Set(ours), new Set(theirs)];
  const more = [...a.difference(b)].sort((x, y) => x - y);
  const less = [...b.difference(a)].sort((x, y) => x - y);
  if (more.length === 0 && less.length === 0) return null;
  return [
    more.length === 0 ? '' : `${what}: we alone find line ${more.join(', ')}`,
    less.length === 0 ? '' : `${what}: only they find line ${less.join(', ')}`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}
