import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readCycloneDx } from '@macadam/testing/readers/cyclonedx';
import { PLACES_BY_GLOBS } from '@macadam/testing/readers/places';
import { memoryTree } from '../tree.ts';
import { inventory } from './extract.ts';
import { sbom } from './sbom.ts';

const FILES = {
  'package.json': '{ "dependencies": { "@s/left": "^1", "late": "^9" }, "devDependencies": { "tool": "1" } }',
  'package-lock.json': JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': { dependencies: { '@s/left': '^1' }, devDependencies: { tool: '1' } },
      'node_modules/@s/left': {
        version: '1.0.0',
        integrity: `sha512-${'A'.repeat(86)}==`,
        dependencies: { deep: '*' },
      },
      'node_modules/deep': { version: '2.0.0' },
      'node_modules/tool': { version: '1.0.0', dev: true },
    },
  }),
  'build.gradle': "dependencies {\n  implementation 'a:b:1'\n}\n",
};

async function document(files: Readonly<Record<string, string>>): Promise<string> {
  const context = {
    repository: { id: 'repository/file/a', name: 'a' },
    source: 'git',
    now: new Date(0),
    parameters: {},
    places: PLACES_BY_GLOBS,
  };
  const { dependencies, problems } = await inventory(memoryTree(files), context);
  return sbom(dependencies, {
    name: 'a',
    version: 'a1b2',
    serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
    timestamp: new Date('2026-11-01T00:00:00Z'),
    toolVersion: '0.1.0',
    problems,
  });
}

describe('an SBOM', () => {
  test('lists packages, what they need and what it does not know', async () => {
    const bom = JSON.parse(await document(FILES));
    assert.equal(bom.specVersion, '1.6');
    assert.equal(bom.metadata.timestamp, '2026-11-01T00:00:00.000Z');
    assert.deepEqual(
      bom.components.map(({ 'bom-ref': ref, scope, hashes }: Record<string, unknown>) => [
        ref,
        scope,
        hashes,
      ]),
      [
        ['pkg:npm/%40s/left@1.0.0', 'required', [{ alg: 'SHA-512', content: '0'.repeat(128) }]],
        ['pkg:npm/deep@2.0.0', 'required', undefined],
        ['pkg:npm/late#package.json#^9', 'required', undefined],
        ['pkg:npm/tool@1.0.0', 'excluded', undefined],
      ],
    );
    assert.deepEqual(
      bom.dependencies.filter(({ dependsOn }: { dependsOn?: string[] }) => dependsOn),
      [
        { ref: 'pkg:npm/%40s/left@1.0.0', dependsOn: ['pkg:npm/deep@2.0.0'] },
        {
          ref: 'repository',
          dependsOn: ['pkg:npm/%40s/left@1.0.0', 'pkg:npm/late#package.json#^9', 'pkg:npm/tool@1.0.0'],
        },
      ],
    );
    assert.deepEqual(bom.metadata.component.properties, [
      {
        name: 'macadam:incomplete',
        value:
          'build.gradle declares dependencies, but its dependencies are known only to the tool that runs it',
      },
    ]);
  });

  test('is the same text for the same dependencies, and can be read again', async () => {
    const text = await document(FILES);
    assert.equal(await document(FILES), text);
    const read = await readCycloneDx(text);
    assert.ok('components' in read);
    assert.deepEqual(
      read.components.map(({ group, name, version }) => [group, name, version]),
      [
        ['@s', 'left', '1.0.0'],
        [undefined, 'deep', '2.0.0'],
        [undefined, 'late', undefined],
        [undefined, 'tool', '1.0.0'],
      ],
    );
  });
});

describe('a CycloneDX document is refused', () => {
  const bom = (change: object): string =>
    JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [], ...change });
  const nested = (depth: number): string => {
    const opening = '{"type":"library","name":"a","components":['.repeat(depth);
    return `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[${opening}${']}'.repeat(depth)}]}`;
  };
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['that is not JSON', '{', '', 'is not valid JSON'],
    ['that is another format', '{"bomFormat":"SPDX"}', '/bomFormat', 'must be `CycloneDX`'],
    [
      'of an unknown version',
      bom({ specVersion: '9' }),
      '/specVersion',
      'must be one of 1.2, 1.3, 1.4, 1.5, 1.6, 1.7',
    ],
    ['without a name', bom({ components: [{ type: 'library' }] }), '/components/0/name', 'is required'],
    [
      'with a field that is not known',
      bom({ colour: 'red' }),
      '/colour',
      'is not a field that the schema knows',
    ],
    [
      'with one component twice',
      bom({
        components: [
          { type: 'library', name: 'a' },
          { name: 'a', type: 'library' },
        ],
      }),
      '/components',
      'must not hold the same item twice',
    ],
    ['that is nested too deeply', nested(20_000), '', 'is nested too deeply'],
  ];
  for (const [name, text, field, reason] of cases) {
    test(name, async () => {
      assert.deepEqual(await readCycloneDx(text), { problem: { field, reason } });
    });
  }
});
