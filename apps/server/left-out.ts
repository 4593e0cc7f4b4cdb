/** What was left out for the company when an estate was last looked at before a moment: as the collections of then say it. */
import { leftOutOf } from '@macadam/adapters/sources/exclusion';
import type { Collection } from '@macadam/core/facts/observation';
import type { ServerContext } from './pages/history/pages.ts';

export interface LeftOutThen {
  /** Until when, by whom, why, and where that is stated. */
  readonly said: string;
  /** Files that were not looked at. */
  readonly files: number;
}

const CENTRAL = 'left out until ';

/** What a collection is of: a later one of the same replaces it, and one of another estate stands beside it. */
function estatesOf({ source, partitions }: Collection): string {
  const containers = partitions.filter(({ kind }) => kind === 'repository').map(({ container }) => container);
  return JSON.stringify([source, ...containers.sort()]);
}

const isInTurn = ({ part, partitions }: Collection): boolean =>
  part === true || partitions.some(({ contents }) => contents !== undefined);

interface Told {
  readonly known: number;
  readonly at: number;
  readonly then: Promise<readonly LeftOutThen[]>;
}
/** The front page asks it each time, of all collections that listed anything: nothing that the store says at a batch changes. */
const told = new WeakMap<ServerContext['facts'], Told>();

export async function leftOutAt(
  { facts }: Pick<ServerContext, 'facts'>,
  at: Date,
): Promise<readonly LeftOutThen[]> {
  const known = await facts.newest();
  const last = told.get(facts);
  if (last?.known === known && last.at === at.getTime()) return last.then;
  const then = toldOf(facts, at);
  told.set(facts, { known, at: at.getTime(), then });
  then.catch(() => told.delete(facts));
  return then;
}

async function toldOf(facts: ServerContext['facts'], at: Date): Promise<readonly LeftOutThen[]> {
  const newest = new Map<string, string[]>();
  for (const { collection, retracted } of await facts.collections({ listing: true })) {
    if (retracted || Date.parse(collection.startedAt) > at.getTime()) continue;
    const said = collection.problems.filter(({ code }) => code === 'left-out');
    if (!isInTurn(collection)) {
      newest.set(
        estatesOf(collection),
        said.map(({ message }) => message),
      );
      continue;
    }
    // What was not read again stays as it was said when it was read.
    newest.delete(estatesOf(collection));
    const read = new Set(collection.partitions.map(({ container }) => container));
    for (const container of read)
      newest.set(
        JSON.stringify([collection.source, 'in turn', container]),
        said.filter(({ asset }) => asset === container).map(({ message }) => message),
      );
  }
  const files = new Map<string, number>();
  for (const message of [...newest.values()].flat()) {
    const told = leftOutOf(message);
    if (!told?.why.startsWith(CENTRAL)) continue;
    const [said = told.why] = told.why.split(', so nobody looked');
    files.set(said, (files.get(said) ?? 0) + told.files);
  }
  return [...files]
    .map(([said, number]) => ({ said, files: number }))
    .sort((a, b) => (a.said < b.said ? -1 : 1));
}
