import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Observation, Unobserved } from '@macadam/core/facts/observation';
import { heldRepository } from './held.ts';
import { EXTRACTORS, type Reading, readRepository } from './read.ts';
import { type Extraction, memoryTree, type NamedExtractor, type Tree } from './tree.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const LOST = { unobserved: 'failed', why: 'a tree is missing; run `git fsck`' } as const;

function read(
  tree: Tree,
  extractors: readonly NamedExtractor[],
  leftOut?: (path: string) => Unobserved | undefined,
): Promise<Reading> {
  return readRepository(heldRepository(tree), {
    host: 'file',
    path: 'it',
    name: 'it',
    source: 'git',
    view: 'head',
    now: NOW,
    parameters: {},
    extractors,
    ...(leftOut ? { leftOut } : {}),
  });
}

function found(path: string): Observation {
  const time = NOW.toISOString();
  return {
    kind: 'pipeline',
    id: `pipeline/file/it/${path}`,
    name: path,
    source: 'git',
    observedAt: time,
    receivedAt: time,
    assurance: 'configured',
    attributes: {},
    location: { path },
  };
}

const nothing: Extraction = { attributes: {}, observations: [], partitions: [], problems: [] };

/** Says everything as if it had seen everything. */
const sure: NamedExtractor = {
  name: 'sure',
  attributes: ['update_targets', 'update_config', 'codeowners'],
  kinds: ['pipeline', 'dependency'],
  extract: async (_, { repository }) => ({
    ...nothing,
    attributes: {
      update_targets: { value: [], complete: true },
      update_config: { absent: true },
    },
    observations: [found('ci.yml')],
    partitions: [
      { kind: 'pipeline', container: repository.id, containerName: repository.name, complete: true, seen: 1 },
    ],
  }),
};

const broken: NamedExtractor = {
  name: 'broken',
  attributes: ['secrets'],
  kinds: ['dependency'],
  extract: async () => {
    throw new RangeError('off by one');
  },
};

describe('an extractor that throws', () => {
  test('costs only what it gives: its attributes, its kinds, and one problem', async () => {
    const reading = await read(memoryTree({ 'ci.yml': '' }), [broken, sure]);
    const [repository] = reading.observations;
    const why = 'reading it came upon a mistake in Macadam (broken: off by one); report the message as a bug';
    assert.deepEqual(repository?.attributes.secrets, { unobserved: 'failed', why });
    assert.deepEqual(repository?.attributes.update_config, { absent: true });
    assert.deepEqual(
      reading.partitions.map(({ kind, complete, cause }) => [kind, complete, cause]),
      [
        ['dependency', false, 'failed'],
        ['pipeline', true, undefined],
      ],
    );
    assert.deepEqual(
      reading.problems.filter(({ code }) => code === 'extractor-failed').map(({ asset }) => asset),
      ['repository/file/it'],
    );
  });
});

describe('a tree that was not listed whole', () => {
  const tree = { ...memoryTree({ 'ci.yml': '' }), incomplete: LOST };

  test('leaves lists partial, everything else unobserved, and no kind complete, whatever an extractor claims', async () => {
    const reading = await read(tree, [sure]);
    const attributes = reading.observations[0]?.attributes ?? {};
    assert.deepEqual(attributes.update_targets, { value: [], complete: false, why: LOST.why });
    assert.deepEqual(attributes.update_config, LOST);
    assert.deepEqual(attributes.codeowners, LOST);
    assert.deepEqual(
      reading.partitions.map(({ kind, complete, cause, why, seen }) => [kind, complete, cause, why, seen]),
      [
        ['pipeline', false, 'failed', LOST.why, 1],
        ['dependency', false, 'failed', LOST.why, 0],
      ],
    );
  });

  test('is weighed by the extractors that say that they do', async () => {
    const reading = await read(tree, [{ ...sure, weighsGaps: true }]);
    assert.deepEqual(reading.observations[0]?.attributes.update_config, { absent: true });
    assert.equal(
      reading.partitions.every(({ complete }) => !complete),
      true,
    );
  });

  test('does not name owners by a file that may not be the one that counts', async () => {
    const reading = await read({ ...memoryTree({ 'docs/CODEOWNERS': '* @acme/a' }), incomplete: LOST }, [
      sure,
    ]);
    assert.deepEqual(reading.observations[1]?.attributes.owners, LOST);
  });
});

test('assets get the owners of the place where they stand', async () => {
  const reading = await read(memoryTree({ CODEOWNERS: '* @acme/a\nci.yml @acme/b\n', 'ci.yml': '' }), [sure]);
  assert.deepEqual(reading.observations[1]?.attributes.owners, { value: ['@acme/b'], complete: true });
});

test('of two assets with one id the first stays, and the clash is a problem', async () => {
  const twice: NamedExtractor = {
    ...sure,
    extract: async () => ({ ...nothing, observations: [found('a'), { ...found('a'), name: 'other' }] }),
  };
  const reading = await read(memoryTree({ a: '' }), [twice]);
  assert.deepEqual(
    reading.observations.map(({ name }) => name),
    ['it', 'a'],
  );
  assert.match(reading.problems.at(-1)?.message ?? '', /two assets have the id pipeline\/file\/it\/a/);
});

describe('what is left out', () => {
  const why = {
    unobserved: 'incomplete',
    why: '`vendor` is left out by macadam.yaml:2; take it out',
  } as const;
  const leftOut = (path: string) => (path.startsWith('vendor/') ? why : undefined);
  const files = { a: 'a', 'vendor/x': 'x', 'vendor/y': 'y' };

  test('is there and cannot be read, and one problem says so for all of its files', async () => {
    const seen: unknown[] = [];
    const lister: NamedExtractor = {
      ...sure,
      extract: async (tree) => {
        for (const { path } of tree.entries) seen.push([path, tree.has(path), await tree.read(path)]);
        const problem = {
          code: 'x',
          cause: 'incomplete',
          message: 'x',
          location: { path: 'vendor/x' },
        } as const;
        return { ...nothing, problems: [problem] };
      },
    };
    const reading = await read(memoryTree(files), [lister], leftOut);
    assert.deepEqual(seen, [
      ['a', true, 'a'],
      ['vendor/x', true, why],
      ['vendor/y', true, why],
    ]);
    assert.deepEqual(
      reading.problems.map(({ code, message }) => [code, message]),
      [['left-out', `it: 2 files were not looked at: ${why.why}`]],
    );
  });

  test('makes what the real extractors say unknown, and empties no scope', async () => {
    const tree = memoryTree({
      '.github/workflows/a.yml': 'on: push\n',
      CODEOWNERS: '* @acme/a',
      'package.json': '{"dependencies":{"a":"1"}}',
    });
    const reading = await read(tree, EXTRACTORS, () => why);
    const [repository, ...others] = reading.observations;
    const { codeowners, secrets } = repository?.attributes ?? {};
    assert.deepEqual(codeowners, why);
    assert.ok(
      secrets && 'value' in secrets && secrets.complete === false && secrets.why?.includes('macadam.yaml:2'),
    );
    assert.deepEqual(
      others.map(({ kind, attributes }) => [kind, attributes.uses ?? attributes.dependencies]),
      [
        ['pipeline', why],
        ['manifest', why],
      ],
    );
    assert.ok(reading.partitions.some(({ kind, complete }) => kind === 'dependency' && !complete));
  });
});
