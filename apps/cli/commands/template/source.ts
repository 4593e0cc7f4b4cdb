/** A source that reads a JSON file, with its contract test: replace the reading, keep the honesty. */
export function sourceFiles(name: string): Record<string, string> {
  const folder = `adapters/sources/${name}`;
  return {
    [`${folder}/source.ts`]: `/** Repositories that a JSON file lists: \`[{"name": "…"}]\`. Replace the reading by asking the real thing. */
import { readFile } from 'node:fs/promises';
import { assetId, type Collection, type Observation, type Problem } from '@macadam/core/facts/observation';
import type { CollectRequest, Source } from '../port.ts';

async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
): Promise<Collection> {
  request.signal?.throwIfAborted();
  if (request.targets.length === 0) throw new TypeError('name a file to read');
  const startedAt = request.now().toISOString();
  const problems: Problem[] = [];
  let seen = 0;
  for (const target of request.targets) {
    try {
      const names = JSON.parse(await readFile(target, 'utf8')).map((one: { name: unknown }) =>
        String(one.name),
      );
      for (const path of new Set<string>(names)) {
        emit({
          kind: 'repository',
          id: assetId('repository', ['${name}', path]),
          name: path,
          source: '${name}',
          observedAt: startedAt,
          receivedAt: startedAt,
          assurance: 'attested',
          attributes: { host: { value: '${name}' }, path: { value: path } },
        });
        seen += 1;
      }
    } catch (error) {
      problems.push({
        code: 'target-missing',
        cause: 'failed',
        message: \`\${target} could not be read: \${(error as Error).message}\`,
        remedy: 'name a file that holds a JSON list of objects with a name',
      });
    }
  }
  const complete = problems.length === 0;
  const why = complete ? {} : { cause: 'failed' as const, why: 'a file could not be read' };
  const container = request.targets.join(', ');
  return {
    source: '${name}',
    startedAt,
    finishedAt: request.now().toISOString(),
    status: complete ? 'complete' : seen > 0 ? 'incomplete' : 'failed',
    partitions: [{ kind: 'repository', container, containerName: container, complete, seen, ...why }],
    problems,
  };
}

export const source: Source = {
  id: '${name}',
  description: 'Repositories that a JSON file lists.',
  target: 'FILE',
  options: [],
  collect,
};
`,
    [`${folder}/source.test.ts`]: `import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Observation } from '@macadam/core/facts/observation';
import { sourceContract } from '@macadam/testing/sources/contract';
import { source } from './source.ts';

const request = (target: string) => ({
  targets: [target],
  options: {},
  view: 'head' as const,
  excludes: [],
  parameters: {},
  cacheDirectory: tmpdir(),
  environment: {},
  now: () => new Date('2026-11-01T00:00:00Z'),
});

function listed(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'source-')), 'list.json');
  writeFileSync(file, '[{"name": "a"}, {"name": "b"}]');
  return file;
}

sourceContract('${name}', async () => ({ source, request: request(listed()) }));

test('it lists what the file lists', async () => {
  const file = listed();
  const seen: Observation[] = [];
  const collection = await source.collect(
    request(file),
    (one) => seen.push(one),
    () => {},
  );
  assert.deepEqual(
    seen.map(({ name }) => name),
    ['a', 'b'],
  );
  assert.equal(collection.status, 'complete');
});

test('what cannot be read is a problem and an incomplete partition, never an empty success', async () => {
  const collection = await source.collect(
    request('/nowhere.json'),
    () => assert.fail('nothing to emit'),
    () => {},
  );
  assert.equal(collection.status, 'failed');
  assert.equal(collection.problems[0]?.code, 'target-missing');
  assert.equal(collection.partitions[0]?.complete, false);
});
`,
  };
}
