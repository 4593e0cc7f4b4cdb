/** What must exist and has no name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kind } from '../kinds/kind.ts';
import {
  containersListed,
  type Enumerated,
  newestEnumerations,
  ofExisting,
  wholeKinds,
} from './enumeration.ts';
import type { Partition } from './observation.ts';
import { unnamed as unnamedOf } from './population.ts';

test('what a witness counts beyond what arrived is unnamed, and nothing else is', () => {
  const unnamed = (one: Partition, named = one.seen) => unnamedOf(one, named);
  const partition = { kind: 'thing', container: 'c', containerName: 'c', seen: 3 };
  assert.equal(unnamed({ ...partition, complete: true }).length, 0);
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 3 } }).length, 0);
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 5 } }).length, 2);
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 2 } }).length, 0);
  // What an unfinished list hides, nobody counts.
  assert.equal(unnamed({ ...partition, complete: false }).length, 0);
  assert.equal(unnamed({ ...partition, complete: false, witness: { id: 'w', count: 7 } }).length, 4);
  // What the source saw and did not arrive has no name either; what is known by name from before has one.
  assert.equal(unnamed({ ...partition, complete: true }, 1).length, 2);
  assert.equal(
    unnamed({ ...partition, complete: true }, 1)[0]?.why,
    'the source says that it saw 3, and 1 arrived',
  );
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 2 } }, 1).length, 2);
  assert.equal(unnamed({ ...partition, complete: false, witness: { id: 'w', count: 7 } }, 9).length, 0);
  const [one] = unnamed({ ...partition, complete: true, witness: { id: 'w', count: 4 } });
  assert.deepEqual([one?.cause, one?.why], ['incomplete', 'w counts 4, 3 were seen']);
  assert.equal(one?.remedy, null);
  const told = { ...partition, complete: false, witness: { id: 'w', count: 4 }, remedy: 'ask again' };
  assert.equal(unnamed(told)[0]?.remedy, 'ask again');
  const apart = { ...partition, complete: true, witness: { id: 'w', count: 4 } };
  const ids = [apart, { ...apart, estate: 'e' }, { ...apart, format: 'f' }].map(
    (each) => unnamed(each)[0]?.id,
  );
  assert.equal(new Set(ids).size, 3, 'of two partitions of one container each has its own');
});

test('what lists a container that is gone counts none', () => {
  const kinds = new Map<string, Kind>(
    [{ kind: 'box' }, { kind: 'thing', contained_in: 'box' }].map((one) => [one.kind, one as Kind]),
  );
  const of = (kind: string, container: string): Enumerated => ({
    source: 's',
    partition: { kind, container, containerName: container, complete: true, seen: 1 },
    at: 0,
    completeness: { complete: true } as Enumerated['completeness'],
  });
  const all = [of('thing', 'box/a'), of('thing', 'box/b'), of('box', 'estate')];
  assert.deepEqual(ofExisting(all, [{ id: 'box/a', kind: 'box' }], kinds), [all[0], all[2]]);
});

test('a list of what hides is whole only where a second witness counts as many', () => {
  const list = (confirmed: boolean, container: string): Enumerated => ({
    source: 's',
    partition: { kind: 'token', container, containerName: container, complete: true, seen: 3 },
    at: 1,
    completeness: { complete: true, confirmed },
  });
  const kind = { kind: 'token' } as Kind;
  const listed = (one: Kind, lists: readonly Enumerated[]) =>
    containersListed('token', lists, new Map([['token', one]]));
  const lists = [list(true, 'north'), list(false, 'south')];
  assert.deepEqual(listed(kind, lists), { whole: 2, total: 2 });
  assert.deepEqual(listed({ kind: 'token', population: 'witnessed' } as Kind, lists), { whole: 1, total: 2 });
});

test('containers that are read in turn count from when each was read, and those that were never read are not whole', () => {
  const kinds = new Map<string, Kind>(
    [{ kind: 'box' }, { kind: 'thing', contained_in: 'box' }].map((one) => [one.kind, one as Kind]),
  );
  const day = (number: number) => Date.parse(`2026-11-0${number}T00:00:00Z`);
  const listed = (partition: Partition, at: number): Enumerated => ({
    source: 's',
    partition,
    at,
    completeness: { complete: true, confirmed: true },
  });
  const inside = (box: string, at: number) =>
    listed(
      {
        kind: 'thing',
        container: `box/${box}`,
        containerName: box,
        estate: 'e',
        complete: true,
        seen: 1,
      },
      at,
    );
  const estate = (contents?: Partition['contents']) =>
    listed(
      {
        kind: 'box',
        container: 'e',
        containerName: 'e',
        complete: true,
        seen: 3,
        ...(contents && { contents }),
      },
      day(5),
    );
  const said = (contents?: Partition['contents']) => {
    const newest = newestEnumerations([inside('a', day(2)), inside('b', day(4)), estate(contents)]);
    return [containersListed('thing', newest, kinds), wholeKinds(newest, kinds).get('thing')];
  };
  const since = (number: number) => new Date(day(number)).toISOString();
  assert.deepEqual(said({ since: since(2), unread: 0, waiting: 1 }), [{ whole: 2, total: 2 }, day(2)]);
  assert.deepEqual(said({ since: since(2), unread: 1, waiting: 1 }), [{ whole: 2, total: 3 }, undefined]);
  assert.deepEqual(said({ since: since(3), unread: 0, waiting: 1 })[0], { whole: 1, total: 1 });
  // Without that word whatever was not read with the list says nothing.
  assert.deepEqual(said(), [null, undefined]);
});
