import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isUnobserved } from '@macadam/core/facts/observation';
import { memoryTree } from '../tree.ts';
import { PLACE_RULES } from './globs.ts';
import { placeByGlobs } from './match.ts';
import { readPlaces } from './places.ts';

const expected: Readonly<Record<string, string>> = {
  'package.json': 'product',
  'src/server.ts': 'product',
  'latest/app.py': 'product',
  'apps/api/src/cloud-tests/service.ts': 'product',
  'attestation/main.go': 'product',
  'test/package.json': 'test',
  'packages/a/__tests__/x.json': 'test',
  'TESTS/data.yaml': 'test',
  'tools/tests_azure/conftest.py': 'test',
  'pkg/server_test.go': 'test',
  'src/app.spec.ts': 'test',
  'internal/testdata/go.mod': 'test',
  'bench/package.json': 'test',
  'akka-http-tests/src/main/resources/keys/root.key': 'test',
  'charts/exporter/ci/tls-values.yaml': 'test',
  'ci/production-values.yaml': 'product',
  'config/dev.exs': 'test',
  'config/runtime.exs': 'product',
  'examples/api/package.json': 'example',
  'playground/alias/package.json': 'example',
  'packages/create-app/template-vue/package.json': 'example',
  '.env.example': 'example',
  'docs/package.json': 'docs',
  'README.md': 'docs',
  'test/README.md': 'test',
  'vendor/github.com/x/y/go.mod': 'vendored',
  'test/vendor/a.js': 'vendored',
  'dist/index.js': 'generated',
  'api/v1/service.pb.go': 'generated',
};

test('the published globs give every path one place', () => {
  for (const [path, place] of Object.entries(expected)) assert.equal(placeByGlobs(path), place, path);
});

test('the page shows the globs as they are', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/places.md'), 'utf8');
  for (const { place, globs } of PLACE_RULES) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${place} `)) ?? '';
    assert.deepEqual(
      [...row.matchAll(/`([^`]+)`/g)].map(([, glob]) => glob),
      globs,
      `the row of ${place} in docs/places.md`,
    );
  }
});

async function placeIn(files: Readonly<Record<string, string>>, path: string): Promise<unknown> {
  return (await readPlaces(memoryTree({ [path]: '', ...files }))).of(path);
}

const workflow = (job: string): Readonly<Record<string, string>> => ({
  '.github/workflows/w.yml': `on: push\njobs:\n  it:\n    runs-on: x\n${job}`,
});

describe('a path that a build or deployment refers to is product, whatever its folder', () => {
  test('a container file copies it', async () => {
    assert.equal(
      await placeIn({ Dockerfile: 'FROM x\nCOPY test/app /app\n' }, 'test/app/package.json'),
      'product',
    );
    assert.equal(
      await placeIn({ 'svc/Dockerfile': 'FROM x\nCOPY ["examples/a", "/app"]\n' }, 'svc/examples/a/go.mod'),
      'product',
    );
  });

  test('a job that deploys works in it, builds it or passes it on', async () => {
    const jobs = [
      '    steps:\n      - run: npx wrangler deploy\n        working-directory: examples/api\n',
      '    steps:\n      - run: |\n          cd examples/api\n          npx wrangler deploy\n',
      '    steps:\n      - run: docker build -t x examples/api && docker push x\n',
      '    steps:\n      - uses: docker/build-push-action@v6\n        with: { context: ./examples/api, push: true }\n',
      '    environment: production\n    defaults: { run: { working-directory: examples/api } }\n    steps:\n      - run: ./deploy.sh\n',
    ];
    for (const job of jobs)
      assert.equal(await placeIn(workflow(job), 'examples/api/package.json'), 'product', job);
  });

  test('where a job of another platform went says nothing of the next one, nor does what is installed', async () => {
    const jobs = 'test:\n  script:\n    - cd examples/api\n    - ./check\nlint:\n  script:\n';
    const place = (line: string) =>
      placeIn({ '.gitlab-ci.yml': `${jobs}    - ${line}\n` }, 'examples/api/go.mod');
    assert.equal(await place('rsync site/ host:/srv'), 'example');
    assert.equal(await place('rsync examples/api/ host:/srv'), 'product');
    assert.equal(
      await placeIn(
        { Makefile: 'a:\n\tcd examples/api; apt-get install -y rsync git\n' },
        'examples/api/go.mod',
      ),
      'example',
    );
    assert.equal(
      await placeIn({ Makefile: 'a:\n\tcd examples/api; rsync . host:/srv\n' }, 'examples/api/go.mod'),
      'product',
    );
  });

  test('a hosting platform, an action or a package publishes it', async () => {
    assert.equal(
      await placeIn({ 'netlify.toml': '[build]\nbase = "docs"\n' }, 'docs/package.json'),
      'product',
    );
    assert.equal(
      await placeIn(
        { 'action.yml': 'name: x\nruns: { using: node24, main: dist/index.js }\n' },
        'dist/index.js',
      ),
      'product',
    );
    assert.equal(await placeIn({ 'package.json': '{"files":["dist"]}' }, 'dist/a.js'), 'product');
  });

  test('and what that one refers to is, too', async () => {
    const files = {
      ...workflow('    steps:\n      - run: docker build -f test/image/Dockerfile . && docker push x\n'),
      'test/image/Dockerfile': 'FROM x\nCOPY test/app /app\n',
    };
    assert.equal(await placeIn(files, 'test/app/package.json'), 'product');
  });

  test('a test inside of it is still a test', async () => {
    const files = { Dockerfile: 'FROM x\nCOPY examples/a /app\n' };
    assert.equal(await placeIn(files, 'examples/a/src/main.go'), 'product');
    assert.equal(await placeIn(files, 'examples/a/test/go.mod'), 'test');
  });
});

describe('it stays what it is', () => {
  test('where a job only tests it', async () => {
    const jobs = [
      '    steps:\n      - run: cd test/e2e && npm ci && npm test\n',
      '    steps:\n      - run: npm test\n        working-directory: test/e2e\n',
      '    steps:\n      - run: docker build --target test . && docker push x\n',
      '    environment: production\n    steps:\n      - run: pytest test/e2e\n      - run: npm publish\n',
    ];
    for (const job of jobs) assert.equal(await placeIn(workflow(job), 'test/e2e/package.json'), 'test', job);
  });

  test('where everything is copied, where a test stage copies it, and where a test refers to it', async () => {
    const files = [
      { Dockerfile: 'FROM x\nCOPY . .\n' },
      { Dockerfile: 'FROM x AS test\nCOPY test test\nFROM x\nCOPY src src\n' },
      { 'test/Dockerfile': 'FROM x\nCOPY test/e2e /app\n' },
    ];
    for (const each of files)
      assert.equal(await placeIn(each as Readonly<Record<string, string>>, 'test/e2e/package.json'), 'test');
  });
});

test('a program that is called `test` names no folder of that name', async () => {
  const files = { Procfile: 'web: test -f dist/a.yaml && ./run ./deploy/test/cmp\n' };
  assert.equal(await placeIn(files, 'test/fixtures/server.key'), 'test');
  assert.equal(await placeIn(files, 'deploy/test/cmp/server.key'), 'product');
});

test('where a file that may refer to it could not be read, it may be product: only what is product anyway is known', async () => {
  const tree = memoryTree({ Dockerfile: '', 'test/package.json': '', 'src/a.ts': '' });
  const lost = { unobserved: 'failed', why: 'the object is missing; run `git fsck`' } as const;
  const places = await readPlaces({ ...tree, read: async (path) => (path === 'Dockerfile' ? lost : '') });
  assert.equal(places.of('src/a.ts'), 'product');
  const place = places.of('test/package.json');
  assert.ok(isUnobserved(place));
  assert.match(place.why, /^Dockerfile may say what is built: the object is missing/);
});
