/** What stands in what, through the store and its ticks: contents go with their container, formats and estates apart. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Collection, Observation, Partition } from '@macadam/core/facts/observation';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { standardSchema } from '@macadam/core/verdicts/standard';
import { openStores, type Stores } from '../open.ts';
import { enumeratedAt, enumeratedIn } from './around.ts';
import { pastOf } from './retrospect.ts';

const kindOf = (kind: string, more: object): Kind =>
  kindSchema.parse({
    kind,
    description: 'A thing for tests.',
    key: ['name'],
    fresh_for: '30d',
    attributes: { bound: { type: 'bool', description: 'Whether it is bound.' } },
    ...more,
  });
const named = { name: { type: 'string', immutable: true, description: 'What it is called.' } };
const SHELF = kindOf('shelf', { attributes: named });
const BOOK = kindOf('book', {
  contained_in: 'shelf',
  attributes: { ...named, bound: { type: 'bool', description: 'Whether it is bound.' } },
});
const kinds = new Map([
  ['shelf', SHELF],
  ['book', BOOK],
]);

function standard() {
  const definition = standardSchema.parse({
    id: 'books-bound',
    pillar: 'engineering',
    title: 'Books are bound',
    check: 'asset.bound',
    scope: { kind: 'book' },
    statement: 'Every book has a binding.',
    why: 'Loose leaves are lost.',
    origin: { report: 'none', lesson: 'Leaves were lost.' },
    reasons: [{ id: 'loose', when: 'true', say: 'it is loose' }],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  });
  const compiled = compileStandard(definition, BOOK, { file: 'books-bound', lineOf: () => 1 });
  if ('mistakes' in compiled) throw new TypeError(compiled.mistakes[0]?.reason);
  return compiled;
}
const RULE = standard();

const at = (day: number, hour = 0) => new Date(Date.UTC(2026, 4, 1 + day, hour));

/** Books of a shelf, as `name` or `name.format`; null where the shelf could be seen and not read. */
type Shelves = Readonly<Record<string, readonly string[]>>;

interface Look {
  readonly estate?: string;
  readonly shelves: Shelves;
  /** `shelf.format` that could not be read. */
  readonly unread?: readonly string[];
}

/** One look at one estate, which is its own witness, as a folder of repositories is. */
function looked(when: Date, { estate = 'library', shelves, unread = [] }: Look): [Collection, Observation[]] {
  const time = when.toISOString();
  const observations: Observation[] = [];
  const partitions: Partition[] = [];
  const observed = (kind: string, name: string, more: Partial<Observation>) =>
    observations.push({
      kind,
      id: `${kind}/${name}`,
      name,
      source: 'librarian',
      observedAt: time,
      receivedAt: time,
      assurance: 'effective',
      attributes: { name: { value: name }, ...(kind === 'book' && { bound: { value: true } }) },
      ...more,
    });
  const names = Object.keys(shelves);
  for (const shelf of names) observed('shelf', shelf, { container: estate });
  partitions.push({
    kind: 'shelf',
    container: estate,
    containerName: estate,
    complete: true,
    seen: names.length,
    witness: { id: 'folder', count: names.length },
  });
  for (const [shelf, books] of Object.entries(shelves)) {
    const container = `shelf/${shelf}`;
    const formats = unread.filter((one) => one.startsWith(`${shelf}.`)).map((one) => one.split('.')[1] ?? '');
    const apart = new Map(formats.map((format) => [format, 0]));
    let seen = 0;
    for (const book of books) {
      const [name = '', format] = book.split('.');
      observed('book', name, { container, estate, ...(format && { format }) });
      if (format && apart.has(format)) apart.set(format, (apart.get(format) ?? 0) + 1);
      else seen += 1;
    }
    const base = { kind: 'book', container, containerName: shelf, estate };
    partitions.push({ ...base, complete: true, seen, witness: { id: 'tree', count: seen } });
    for (const [format, count] of apart)
      partitions.push({
        ...base,
        format,
        complete: false,
        seen: count,
        cause: 'failed',
        why: `a ${format} is torn`,
      });
  }
  const collection: Collection = {
    source: 'librarian',
    startedAt: time,
    finishedAt: time,
    status: 'complete',
    partitions,
    problems: [],
  };
  return [collection, observations];
}

interface World extends Stores {
  /** Looks, and no more: what is there is known without a tick. */
  readonly look: (day: number, what: Look) => Promise<void>;
  /** Looks, ticks, and gives what moved. */
  readonly see: (day: number, what: Look) => Promise<readonly string[]>;
  readonly books: () => Promise<readonly string[]>;
  /** How many of the shelves were listed whole at the newest tick, or one before it. */
  readonly listed: (before?: number) => Promise<string>;
}

async function opened(work: (world: World) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'macadam-containers-'));
  const stores = await openStores(directory, { kinds, now: () => at(300) });
  const look = async (day: number, what: Look) => {
    await stores.facts.append(...looked(at(day), what), at(day));
  };
  const see = async (day: number, what: Look) => {
    await look(day, what);
    return ticked(stores, at(day, 1));
  };
  const books = async () => {
    await stores.facts.settled();
    const found: string[] = [];
    for await (const { name } of stores.facts.assets('book')) found.push(name);
    return found;
  };
  const listed = async (before = 0) => {
    const moment = (await stores.history.ticks()).at(-1 - before);
    const { whole, total } = (moment && (await stores.history.containers(moment)).get('books-bound')) ?? {};
    return `${whole} of ${total}`;
  };
  try {
    await work({ ...stores, look, see, books, listed });
  } finally {
    await stores.close();
    rmSync(directory, { recursive: true });
  }
}

/** Ticks, and says by cell what is otherwise than at the tick before. */
async function ticked({ facts, history }: Stores, when: Date): Promise<readonly string[]> {
  const tick = { facts, kinds, standards: [RULE], exceptions: [], at: when };
  const { moment, previous } = await history.tick(tick);
  const cells = previous === null ? [] : await history.account(previous, moment);
  return cells.map(({ cell, count }) => `${cell} ${count}`).sort();
}

test('a tree is its own witness: whatever is not in it is gone in the same tick, however much', () =>
  opened(async ({ look, see, books }) => {
    const many = Array.from({ length: 40 }, (_, index) => `b${index + 10}`);
    await see(0, { shelves: { a: many, b: ['x'] } });
    assert.equal((await books()).length, 41);
    assert.deepEqual(await see(1, { shelves: { a: many.slice(0, 2), b: ['x'] } }), ['gone-pass 38']);
    assert.deepEqual(await books(), ['b10', 'b11', 'x']);
    await look(2, { shelves: { a: [], b: ['x'] } });
    assert.deepEqual(await books(), ['x'], 'the last ones too');
  }));

test('where nothing is in scope, the containers that might hold something were listed all the same', () =>
  opened(async ({ see, history }) => {
    await see(0, { shelves: { a: [], b: [] } });
    const past = pastOf(history);
    const between = await past.between({});
    assert.ok(between !== null && !('fault' in between));
    const listed = { pass: 0, fail: 0, unknown: 0, excepted: 0, containers: { whole: 2, total: 2 } };
    assert.deepEqual(await past.figures(between, RULE.definition.id), listed);
    const [went] = await past.standards(between, RULE.definition.id);
    assert.deepEqual(went?.figures, listed);
    assert.equal((await past.figuresOfAll(between)).size, 0);
  }));

test('a container that is gone takes its contents with it in the same tick, and brings nothing back by itself', () =>
  opened(async ({ see, books, facts }) => {
    await see(0, { shelves: { a: ['one', 'two'], b: ['three'], c: [] } });
    assert.deepEqual(await see(1, { shelves: { b: ['three'], c: [] } }), ['gone-pass 2']);
    assert.deepEqual(await books(), ['three']);
    const back = { a: ['two', 'four'], b: ['three'], c: [] };
    assert.deepEqual(await see(2, { shelves: back }), ['entered-pass 2']);
    assert.deepEqual(
      (await facts.existence('book/two')).map(({ from, to }) => [from, to]),
      [
        [BigInt(at(0).getTime()) * 1_000_000n, BigInt(at(1).getTime()) * 1_000_000n],
        [BigInt(at(2).getTime()) * 1_000_000n, null],
      ],
    );
    await facts.retireAsset('shelf/b', 'it was burnt', at(3));
    assert.deepEqual(await books(), ['four', 'two'], 'however it is known that the container is gone');
  }));

test('a file that could not be read costs its own format, until it is read again', () =>
  opened(async ({ see, books, listed }) => {
    await see(0, { shelves: { a: ['one.map', 'two.map', 'three.novel', 'four.novel'], b: ['five'] } });
    assert.equal(await listed(), '2 of 2');
    const torn = { shelves: { a: ['three.novel'], b: ['five'] }, unread: ['a.map'] };
    assert.deepEqual(await see(1, torn), ['gone-pass 1']);
    assert.deepEqual(
      await books(),
      ['five', 'one', 'three', 'two'],
      'maps that were seen before are still there',
    );
    assert.equal(await listed(), '1 of 2', 'and one shelf was not listed whole');
    const last = await see(2, { shelves: { a: ['three.novel', 'two.map'], b: ['five'] } });
    assert.deepEqual(last, ['gone-pass 1']);
    assert.deepEqual(await books(), ['five', 'three', 'two']);
    assert.equal(await listed(), '2 of 2');
    assert.equal(await listed(1), '1 of 2', 'what was so is kept');
    await see(3, { shelves: { b: ['five'] } });
    assert.equal(await listed(), '1 of 1', 'a container that is gone is none');
  }));

test('losing more than half of the containers waits for a person, however often it is looked', () =>
  opened(async ({ see, books, listed, facts, ...stores }) => {
    const shelves: Shelves = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`s${index}`, [`b${index}`]]),
    );
    const some = (count: number): Shelves => Object.fromEntries(Object.entries(shelves).slice(0, count));
    await see(0, { shelves });
    assert.deepEqual(await see(1, { shelves: some(5) }), ['gone-pass 5'], 'half is no more than half');
    assert.equal((await books()).length, 5);
    assert.deepEqual(await see(2, { shelves: some(2) }), []);
    assert.equal(await listed(), '2 of 5', 'those that were not seen are not listed');
    assert.deepEqual(await see(3, { shelves: {} }), [], 'a folder that is not mounted empties nothing');
    assert.deepEqual(await see(4, { shelves: {} }), [], 'nor when it is looked at again');
    assert.equal((await books()).length, 5);
    assert.equal(await listed(), '0 of 5');
    const doubted = (await facts.collections()).at(-1);
    assert.ok(doubted?.completeness[0] && !doubted.completeness[0].complete);
    assert.match(doubted.completeness[0].why, /5 of 5 are missing since the last scan/);
    assert.deepEqual(await see(5, { shelves: some(4) }), ['gone-pass 1'], 'it is mounted again');
    await see(6, { shelves: {} });
    const empty = (await facts.collections()).at(-1);
    assert.ok(empty);
    await facts.confirm(empty.digest, 'the library was closed', at(7));
    // It is late truth: they were gone when nobody was there to say so.
    assert.deepEqual(await ticked({ ...stores, facts }, at(7, 1)), ['gone-pass 4']);
    assert.deepEqual(await books(), []);
    await see(8, { shelves: some(3) });
    assert.deepEqual(
      await see(9, { shelves: some(2) }),
      ['gone-pass 1'],
      'what was confirmed is the baseline',
    );
  }));

test('one of a single container may go by itself, and one of two', () =>
  opened(async ({ look, books }) => {
    await look(0, { shelves: { a: ['one'], b: ['two'] } });
    await look(1, { shelves: { a: ['one'] } });
    assert.deepEqual(await books(), ['one']);
    await look(2, { shelves: {} });
    assert.deepEqual(await books(), []);
  }));

test('two estates that hold one container never speak for each other', () =>
  opened(async ({ look, books }) => {
    await look(0, { shelves: { a: ['one', 'two'], b: ['three'] } });
    await look(1, { estate: 'branch', shelves: { a: ['one'] } });
    assert.deepEqual(await books(), ['one', 'three', 'two'], 'the branch has an older copy of the shelf');
    await look(2, { shelves: { b: ['three'] } });
    assert.deepEqual(await books(), ['one', 'three'], 'what only the library had of it went with it');
    await look(3, { estate: 'branch', shelves: {} });
    assert.deepEqual(await books(), ['three']);
  }));

test('what was listed is read once for all times between which nothing began or was retired', () =>
  opened(async ({ facts }) => {
    for (const [day, shelves] of [
      [1, { a: ['one'] }],
      [3, { a: ['one'], b: ['two'] }],
    ] as const)
      await facts.append(...looked(at(day), { shelves }), at(day));
    const { batch: known } = await facts.retireSource('librarian', 'she is gone', at(5));
    let asked = 0;
    const counted: Pick<typeof facts, 'collections'> = {
      collections: (filter) => {
        asked += 1;
        return facts.collections(filter);
      },
    };
    const all = await facts.collections({ known, listing: true });
    const reads: number[] = [];
    for (const when of [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(2)]) {
      asked = 0;
      assert.deepEqual(await enumeratedAt(counted, when, known), enumeratedIn(all, when));
      reads.push(asked);
    }
    assert.deepEqual(reads, [1, 1, 0, 1, 0, 1, 0, 1]);
    const early = await enumeratedAt(counted, at(6), known - 1);
    assert.equal(early.length, 3, 'at the batch before, nobody was gone');
  }));
