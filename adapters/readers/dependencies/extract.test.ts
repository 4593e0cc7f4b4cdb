import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isUnobserved, type Observation } from '@macadam/core/facts/observation';
import { PLACES_BY_GLOBS } from '@macadam/testing/readers/places';
import { type Extraction, memoryTree, type Tree } from '../tree.ts';
import { extractDependencies } from './extract.ts';

const SHA = 'a1b2c3d4e5'.repeat(4);

const extract = (
  files: Readonly<Record<string, string>>,
  parameters: Readonly<Record<string, unknown>> = {},
  change: (tree: Tree) => Tree = (tree) => tree,
): Promise<Extraction> =>
  extractDependencies(change(memoryTree(files)), {
    repository: { id: 'repository/file/a', name: 'a' },
    source: 'git',
    now: new Date('2026-11-01T00:00:00Z'),
    parameters,
    places: PLACES_BY_GLOBS,
  });

/** One attribute as text: its value, `absent`, or the cause why it is not known. */
function say({ attributes }: Observation, name: string): string {
  const statement = attributes[name];
  assert.ok(statement, `no statement about ${name}`);
  if ('value' in statement) return String(statement.value);
  return isUnobserved(statement) ? statement.unobserved : 'absent';
}

const ofKind = ({ observations }: Extraction, kind: string): Observation[] =>
  observations.filter((found) => found.kind === kind);

const list = (extraction: Extraction): string[] =>
  ofKind(extraction, 'dependency').map(
    (found) => `${say(found, 'file')} ${found.name} ${say(found, 'version')} ${say(found, 'integrity')}`,
  );

const partitions = ({ partitions: all }: Extraction) => all.filter(({ kind }) => kind === 'dependency');

/** Each manifest with what of it is not pinned, `…` where there may be more. */
function manifests(extraction: Extraction): string[] {
  return ofKind(extraction, 'manifest').map(({ location, attributes }) => {
    const { unpinned, dependencies } = attributes;
    assert.ok(unpinned && 'value' in unpinned && Array.isArray(unpinned.value));
    const missing = unpinned.value.map((one) => ` ${one.name}@${one.specifier}:${one.missing}`).join('');
    const asked = dependencies && 'value' in dependencies ? dependencies.value : '?';
    return `${location?.path} ${asked}${missing}${unpinned.complete === false ? ' …' : ''}`;
  });
}

function targets({ attributes }: Extraction): string[] {
  const statement = attributes.update_targets;
  assert.ok(statement && 'value' in statement && Array.isArray(statement.value));
  return statement.value.map((target) => {
    const by = target.updated_by;
    return `${target.key} ${target.path}:${target.line} ${isUnobserved(by) ? by.why : (by ?? 'nothing')}`;
  });
}

const LOCK = `{ "lockfileVersion": 3, "packages": {
  "": { "dependencies": { "left": "^1" } },
  "web": { "dependencies": { "right": "^2" } },
  "node_modules/left": { "version": "1.0.0", "integrity": "sha512-a" },
  "node_modules/right": { "version": "2.0.0", "integrity": "sha512-b" } } }`;
const ROOT = '{ "name": "root", "workspaces": ["web"], "dependencies": { "left": "^1" } }';
const WEB = '{ "name": "web", "dependencies": { "right": "^2", "root": "*" } }';

describe('dependencies', () => {
  test('are taken from the lockfile, for the members of its workspace, too', async () => {
    const found = await extract({ 'package.json': ROOT, 'web/package.json': WEB, 'package-lock.json': LOCK });
    assert.deepEqual(list(found), [
      'package-lock.json left@1.0.0 1.0.0 sha512-a',
      'package-lock.json right@2.0.0 2.0.0 sha512-b',
    ]);
    const [left] = found.observations;
    assert.equal(left?.id, 'dependency/repository/file/a/pkg:npm/left/1.0.0');
    assert.deepEqual(manifests(found), ['package.json 1', 'web/package.json 1']);
    assert.deepEqual(left?.location, { path: 'package-lock.json', line: 4 });
    assert.equal(left && say(left, 'purl'), 'pkg:npm/left@1.0.0');
    assert.equal(left && say(left, 'requirement'), '^1');
    assert.deepEqual(found.partitions, [
      { kind: 'dependency', container: 'repository/file/a', containerName: 'a', seen: 2, complete: true },
      { kind: 'manifest', container: 'repository/file/a', containerName: 'a', seen: 2, complete: true },
    ]);
  });

  test('that a manifest asks for and no lockfile pins have no version', async () => {
    const found = await extract({
      'package.json': ROOT,
      'other/package.json': WEB,
      'package-lock.json': LOCK,
    });
    assert.deepEqual(list(found).slice(0, 1), ['other/package.json right@^2 absent absent']);
    assert.deepEqual(found.observations[0]?.location, { path: 'other/package.json', line: 1 });
  });

  test('that were added after the lockfile was written have no version', async () => {
    const root = '{ "dependencies": { "left": "^1",\n "late": "^9" } }';
    assert.deepEqual(list(await extract({ 'package.json': root, 'package-lock.json': LOCK })), [
      'package-lock.json left@1.0.0 1.0.0 sha512-a',
      'package-lock.json right@2.0.0 2.0.0 sha512-b',
      'package.json late@^9 absent absent',
    ]);
  });

  test('whose lockfile cannot be understood may be pinned: the version is not known', async () => {
    const found = await extract({ 'package.json': ROOT, 'package-lock.json': '{ "lockfileVersion": 3,' });
    assert.deepEqual(list(found), ['package.json left@^1 failed failed']);
    const version = found.observations[0]?.attributes.version;
    assert.equal(
      isUnobserved(version) && version.why,
      'package-lock.json is not valid JSON; let its package manager write it again',
    );
    assert.deepEqual(
      partitions(found).map(({ format, complete, seen, why }) => ({ format, complete, seen, why })),
      [
        { format: undefined, complete: true, seen: 1, why: undefined },
        {
          format: 'package-lock',
          complete: false,
          seen: 0,
          why: 'package-lock.json is not valid JSON',
        },
      ],
      'a damaged file costs its own format, and no other',
    );
    assert.equal(found.problems[0]?.location?.path, 'package-lock.json');
  });

  test('of a file that the tree could not give are not known, with its cause', async () => {
    const found = await extract({ 'package.json': ROOT, 'package-lock.json': LOCK }, {}, (tree) => ({
      ...tree,
      read: async (path, limit) =>
        path === 'package-lock.json'
          ? { unobserved: 'incomplete', why: 'the object is missing' }
          : tree.read(path, limit),
    }));
    assert.deepEqual(list(found), ['package.json left@^1 incomplete incomplete']);
    assert.equal(found.partitions[1]?.cause, 'incomplete');
    assert.equal(
      found.problems[0]?.message,
      'package-lock.json could not be read, so its dependencies are not known: the object is missing',
    );
  });

  test('that nothing seen pins are not known where the tree was not listed whole', async () => {
    const incomplete = { unobserved: 'incomplete', why: 'a tree object is missing' } as const;
    const found = await extract(
      {
        'package.json': ROOT,
        'go.mod': 'module example.org/a\n\ngo 1.24\n\nrequire example.org/c v1.0.0\n',
        'Pipfile.lock': '{ "default": { "left": { "version": "==1.0" } } }',
      },
      {},
      (tree) => ({ ...tree, incomplete }),
    );
    assert.deepEqual(list(found), [
      'Pipfile.lock left@1.0 1.0 absent',
      'go.mod example.org/c@v1.0.0 v1.0.0 incomplete',
      'package.json left@^1 incomplete incomplete',
    ]);
    assert.deepEqual(targets(found), [
      'gomod:/ go.mod:5 a tree object is missing',
      'npm:/ package.json:1 a tree object is missing',
    ]);
    assert.deepEqual(found.attributes.update_config, incomplete);
  });

  test('of a build that is code cannot be listed, and that is said', async () => {
    const found = await extract({ 'build.gradle.kts': 'dependencies {\n  implementation("a:b:1")\n}\n' });
    assert.deepEqual(list(found), []);
    assert.deepEqual(manifests(found), ['build.gradle.kts ? …']);
    const repository = { kind: 'dependency', container: 'repository/file/a', containerName: 'a' };
    assert.deepEqual(partitions(found), [
      { ...repository, seen: 0, complete: true },
      {
        ...repository,
        format: 'gradle-build',
        seen: 0,
        complete: false,
        cause: 'unobserved',
        why: 'build.gradle.kts declares dependencies, but its dependencies are known only to the tool that runs it',
        remedy:
          'switch on dependency locking and commit gradle.lockfile (`gradle dependencies --write-locks`)',
      },
    ]);
    const locked = await extract({
      'build.gradle.kts': 'dependencies {\n  implementation("a:b:1")\n}\n',
      'gradle.lockfile': 'a:b:1=runtimeClasspath\n',
    });
    assert.equal(locked.partitions[0]?.complete, true);
    assert.deepEqual(list(locked), ['gradle.lockfile a:b@1 1 absent']);
  });

  test('in other people’s folders and in fixtures are nobody’s, and a fixture is a manifest all the same', async () => {
    const files = {
      'node_modules/x/package.json': ROOT,
      'vendor/y/Cargo.toml': '[dependencies]\na = "1"\n',
      'test/fixtures/one/package.json': ROOT,
      'test/fixtures/two/package.json': ROOT,
    };
    const found = await extract(files);
    assert.deepEqual(list(found), []);
    assert.deepEqual(targets(found), []);
    assert.deepEqual(found.attributes.manifests_left_out, {
      value: [
        { directory: 'node_modules', reason: 'vendored', files: 1 },
        { directory: 'test/fixtures', reason: 'fixture', files: 2 },
        { directory: 'vendor', reason: 'vendored', files: 1 },
      ],
      complete: true,
    });
    assert.deepEqual(manifests(found), [
      'test/fixtures/one/package.json 1 left@^1:version',
      'test/fixtures/two/package.json 1 left@^1:version',
    ]);
  });

  test('of included files are read, and a missing one is a problem', async () => {
    const found = await extract({
      'requirements.txt': '-r base.txt\n-r gone.txt\n',
      'base.txt': 'left==1.0\n',
    });
    assert.deepEqual(list(found), ['base.txt left@1.0 1.0 absent']);
    assert.equal(
      found.problems[0]?.message,
      'requirements.txt takes more requirements from gone.txt, which does not exist',
    );
  });

  test('that pip-compile pinned are not asked for twice', async () => {
    const found = await extract({
      'requirements.in': 'left\n',
      'requirements.txt': 'left==1.0 --hash=sha256:a\ndeep==2.0 --hash=sha256:b\n',
    });
    assert.deepEqual(list(found), [
      'requirements.txt left@1.0 1.0 sha256:a',
      'requirements.txt deep@2.0 2.0 sha256:b',
    ]);
    assert.deepEqual(
      ofKind(found, 'dependency').map((one) => say(one, 'direct')),
      ['true', 'false'],
    );
  });

  test('stated twice in one file are one, as sure as the weaker statement', async () => {
    const found = await extract({
      'package-lock.json': `{ "lockfileVersion": 3, "packages": {
        "node_modules/a": { "version": "1.0.0", "integrity": "sha512-a", "dev": true },
        "node_modules/b/node_modules/a": { "version": "1.0.0" } } }`,
    });
    assert.deepEqual(list(found), ['package-lock.json a@1.0.0 1.0.0 absent']);
    assert.equal(found.observations[0] && say(found.observations[0], 'development'), 'false');
  });

  test('of Go are hashed by go.sum; of a workspace sibling there are none', async () => {
    const found = await extract({
      'go.mod':
        'module example.org/a\n\ngo 1.24\n\nrequire (\n\texample.org/b v1.0.0\n\texample.org/c v1.0.0\n)\n',
      'go.sum': 'example.org/c v1.0.0 h1:x=\n',
      'b/go.mod': 'module example.org/b\n\ngo 1.24\n',
    });
    assert.deepEqual(list(found), ['go.mod example.org/c@v1.0.0 v1.0.0 h1:x=']);
  });
});

describe('manifests', () => {
  test('are one each, with everything that no lockfile pins', async () => {
    const found = await extract({
      'package.json': '{ "dependencies": { "left": "^1",\n "late": "^9", "also": "*" } }',
      'package-lock.json': LOCK,
      'other/package.json': WEB,
    });
    assert.deepEqual(manifests(found), [
      'other/package.json 2 right@^2:version root@*:version',
      'package.json 3 late@^9:version also@*:version',
    ]);
  });

  test('beside a lockfile answer for what is wrong with it, once for all members of a workspace', async () => {
    const lock = LOCK.replace(', "integrity": "sha512-b"', '');
    const found = await extract({ 'package.json': ROOT, 'web/package.json': WEB, 'package-lock.json': lock });
    assert.deepEqual(manifests(found), ['package.json 1 right@2.0.0:integrity', 'web/package.json 1']);
    const [root] = ofKind(found, 'manifest');
    const { unpinned } = root?.attributes ?? {};
    assert.ok(unpinned && 'value' in unpinned && Array.isArray(unpinned.value));
    assert.deepEqual(
      unpinned.value.map(({ path, line }) => [path, line]),
      [['package-lock.json', 5]],
    );
  });

  test('whose lockfile is damaged, or that are damaged themselves, are there and not known', async () => {
    const found = await extract({ 'package.json': ROOT, 'package-lock.json': '{', 'web/package.json': '{' });
    assert.deepEqual(manifests(found), ['package.json 1 …', 'web/package.json ? …']);
  });

  test('a lockfile without a manifest is one itself', async () => {
    const pinned =
      '{ "artifacts": { "a:b": { "shasums": { "jar": "aa" }, "version": "1" }, "a:c": { "version": "2" } } }';
    const found = await extract({ 'maven_install.json': pinned });
    assert.deepEqual(manifests(found), ['maven_install.json 2 a:c@2:integrity']);
  });

  test('that a workspace leaves out are not locked by its lockfile', async () => {
    const found = await extract({
      'pnpm-workspace.yaml': "packages: ['*', '!out']\n",
      'pnpm-lock.yaml':
        "lockfileVersion: '9.0'\nimporters:\n  in:\n    dependencies:\n      left:\n        specifier: ^1\n        version: 1.0.0\npackages:\n  left@1.0.0:\n    resolution: {integrity: sha512-a}\nsnapshots:\n  left@1.0.0: {}\n",
      'in/package.json': '{ "dependencies": { "left": "^1" } }',
      'out/package.json': '{ "dependencies": { "left": "^1" } }',
    });
    assert.deepEqual(manifests(found), ['in/package.json 1', 'out/package.json 1 left@^1:version']);
  });

  test('a project of the same name elsewhere is no sibling', async () => {
    const found = await extract({
      'package.json': '{ "dependencies": { "left": "^1" } }',
      'test/fixtures/left/package.json': '{ "name": "left" }',
    });
    assert.deepEqual(manifests(found), [
      'package.json 1 left@^1:version',
      'test/fixtures/left/package.json 0',
    ]);
  });

  test('of container files ask for images, which a tag does not pin', async () => {
    const digest = `sha256:${'0a'.repeat(32)}`;
    const text = `ARG TAG=13\nARG WHAT\nFROM debian:$TAG AS base\nFROM base\nFROM --platform=x ghcr.io/a/b@${digest}\nFROM scratch\nFROM \${WHAT}\n`;
    const found = await extract({ Dockerfile: text });
    assert.deepEqual(manifests(found), ['Dockerfile 3 debian@13:version …']);
    assert.deepEqual(list(found), [
      `Dockerfile debian@13 absent absent`,
      `Dockerfile ghcr.io/a/b@${digest} ${digest} ${digest}`,
      `Dockerfile \${WHAT}@* incomplete incomplete`,
    ]);
  });
});

describe('update targets', () => {
  const tree = {
    'package.json': ROOT,
    'package-lock.json': LOCK,
    'web/package.json': WEB,
    'tools/go.mod': 'module a\n\ngo 1.24\n\nrequire example.org/c v1.0.0\n',
    'py/pyproject.toml': '[project]\nname = "p"\ndependencies = ["left"]\n',
    'py/uv.lock': 'version = 1\n[[package]]\nname = "left"\nversion = "1"\nsource = { registry = "r" }\n',
    '.github/workflows/ci.yml': `on: push\njobs:\n  a:\n    steps:\n      - uses: o/r@${SHA}\n`,
    'image/Dockerfile': 'FROM scratch AS base\nFROM debian:13\nFROM base\n',
    'empty/Dockerfile': 'FROM scratch\n',
  };

  test('are one a project, one for the workflows and one an image', async () => {
    const found = await extract(tree);
    assert.deepEqual(targets(found), [
      'docker:/image image/Dockerfile:2 nothing',
      'github-actions:/ .github/workflows/ci.yml:5 nothing',
      'gomod:/tools tools/go.mod:5 nothing',
      'npm:/ package.json:1 nothing',
      'uv:/py py/pyproject.toml:3 nothing',
    ]);
    assert.deepEqual(found.attributes.update_config, { absent: true });
  });

  test('say which part they play: product, where one of their files is', async () => {
    const found = await extract({
      'package.json': '{ "dependencies": { "left": "^1" } }',
      'test/bundler/package.json': '{ "dependencies": { "left": "^1" } }',
      'examples/a/go.mod': 'module a\n\nrequire example.org/c v1.0.0\n',
      'examples/Dockerfile': 'FROM debian:13\n',
      // One workspace: its first file in order is a test, and it is product for its root.
      'ws/package.json': '{ "workspaces": ["*"], "dependencies": { "right": "^2" } }',
      'ws/__tests__/package.json': '{ "name": "t", "dependencies": { "left": "^1" } }',
      'ws/package-lock.json': `{ "lockfileVersion": 3, "packages": { "": { "dependencies": { "right": "^2" } },
        "__tests__": { "dependencies": { "left": "^1" } } } }`,
    });
    const { update_targets: statement } = found.attributes;
    assert.ok(statement && 'value' in statement && Array.isArray(statement.value));
    assert.deepEqual(
      statement.value.map(({ key, path, place }) => `${key} ${path} ${place}`),
      [
        'docker:/examples examples/Dockerfile example',
        'gomod:/examples/a examples/a/go.mod example',
        'npm:/ package.json product',
        'npm:/test/bundler test/bundler/package.json test',
        'npm:/ws ws/package.json product',
      ],
    );
  });

  test('are kept current by what Dependabot is told', async () => {
    const found = await extract({
      ...tree,
      '.github/dependabot.yml': `version: 2
updates:
  - package-ecosystem: npm
    directory: /
    schedule: { interval: weekly }
  - package-ecosystem: docker
    directories: ["/im*", "**/other"]
    schedule: { interval: weekly }
  - package-ecosystem: gomod
    directory: /tools/
    open-pull-requests-limit: 0
    schedule: { interval: weekly }
`,
    });
    assert.deepEqual(
      targets(found).map((line) => line.replace(/ .* /, ' ')),
      [
        'docker:/image dependabot',
        'github-actions:/ nothing',
        'gomod:/tools nothing',
        'npm:/ dependabot',
        'uv:/py nothing',
      ],
    );
    assert.deepEqual(found.attributes.update_config, { value: '.github/dependabot.yml' });
  });

  test('are not known to be kept current by a configuration that cannot be understood', async () => {
    for (const [text, why] of [
      ['version: 1\n', 'the Dependabot configuration is not of version 2; write `version: 2`'],
      ['version: 2\n', 'the Dependabot configuration has no list `updates`; add one'],
      ['version: [\n', /^the Dependabot configuration is not valid YAML: .*; fix it$/],
    ] as const) {
      const found = await extract({ 'package.json': ROOT, '.github/dependabot.yml': text });
      const line = targets(found)[0]?.replace('npm:/ package.json:1 ', '') ?? '';
      if (typeof why === 'string') assert.equal(line, why);
      else assert.match(line, why);
    }
  });

  test('are kept current by Renovate, as far as its configuration goes', async () => {
    const by = async (path: string, config: string): Promise<string> =>
      targets(
        await extract({
          'examples/package.json': '{"dependencies":{"a":"1"}}',
          'package.json': '{"dependencies":{"a":"1"}}',
          'image/Dockerfile': 'FROM debian\n',
          [path]: config,
        }),
      )
        .map((line) => line.split(' ').at(-1))
        .join(' ');
    assert.equal(await by('renovate.json', '{}'), 'renovate renovate renovate');
    assert.equal(
      await by('renovate.json', '{"extends":["config:recommended"]}'),
      'renovate renovate nothing',
    );
    assert.equal(await by('.renovaterc', '{"enabledManagers":["npm"]}'), 'nothing renovate renovate');
    assert.equal(
      await by('.github/renovate.json5', "// why\n{enabled:false, /* x */ note: 'a // b',}"),
      'nothing nothing nothing',
    );
    assert.equal(
      await by('renovate.json5', "{npm:{enabled:false}, ignorePaths:['image/**'],}"),
      'nothing nothing nothing',
    );
    assert.equal(await by('renovate.json', '{'), 'it it it');
    const rules = (...list: readonly object[]) => JSON.stringify({ packageRules: list });
    for (const [config, expected] of [
      [rules({ matchManagers: ['npm'], enabled: false }), 'renovate nothing nothing'],
      [rules({ matchPackageNames: ['*'], enabled: false }), 'nothing nothing nothing'],
      [rules({ matchPackageNames: ['left'], enabled: false }), 'renovate renovate renovate'],
      [rules({ matchUpdateTypes: ['major'], enabled: false }), 'renovate renovate renovate'],
      [rules({ extends: ['monorepo:left'], enabled: false }), 'renovate renovate renovate'],
      [rules({ matchUpdateTypes: ['major', 'minor', 'patch'], enabled: false }), 'nothing nothing nothing'],
      [rules({ matchFileNames: ['examples/**'], enabled: false }), 'renovate renovate nothing'],
      [
        rules(
          { matchManagers: ['npm'], enabled: false },
          { matchFileNames: ['package.json'], enabled: true },
        ),
        'renovate renovate nothing',
      ],
    ] as const)
      assert.equal(await by('renovate.json', config), expected, config);
  });

  test('are not kept current by an entry that ignores everything or leaves the path out', async () => {
    const by = async (more: string): Promise<string> => {
      const text = `version: 2\nupdates:\n  - package-ecosystem: npm\n    directories: [/, /web]\n    schedule: { interval: weekly }\n${more}`;
      const found = await extract({
        'package.json': '{"dependencies":{"a":"1"}}',
        'web/package.json': '{"dependencies":{"a":"1"}}',
        '.github/dependabot.yml': text,
      });
      return targets(found)
        .map((line) => line.split(' ').at(-1))
        .join(' ');
    };
    const ignored = (rule: string) => by(`    ignore:\n      - ${rule}\n`);
    assert.equal(await by(''), 'dependabot dependabot');
    assert.equal(await ignored('dependency-name: "*"'), 'nothing nothing');
    assert.equal(await ignored('{ dependency-name: "*", versions: [">= 0"] }'), 'nothing nothing');
    assert.equal(await ignored('{ dependency-name: "*", versions: ["2.x"] }'), 'dependabot dependabot');
    assert.equal(await ignored('dependency-name: left'), 'dependabot dependabot');
    assert.equal(
      await ignored('{ dependency-name: "*", update-types: ["version-update:semver-major"] }'),
      'dependabot dependabot',
    );
    assert.equal(await by('    exclude-paths: ["web/**"]\n'), 'dependabot nothing');
  });

  test('of Dependabot say what each entry waits for, groups and runs', async () => {
    const found = await extract({
      '.github/dependabot.yml': `version: 2
updates:
  - package-ecosystem: npm
    directory: /
    cooldown: { default-days: 7 }
    groups: { all: { patterns: ["*"] } }
  - directory: /
    package-ecosystem: bundler
    insecure-external-code-execution: allow
`,
    });
    assert.deepEqual(found.attributes.update_entries, {
      value: [
        {
          key: '3:npm',
          ecosystem: 'npm',
          cooldown_days: 7,
          runs_code: false,
          grouped: true,
          line: 3,
          cooldown_line: 5,
        },
        {
          key: '8:bundler',
          ecosystem: 'bundler',
          runs_code: true,
          grouped: false,
          line: 8,
          runs_code_line: 9,
        },
      ],
      complete: true,
    });
  });

  test('of package.json may name Renovate, too', async () => {
    const found = await extract({ 'package.json': '{"dependencies":{"a":"1"},"renovate":{}}' });
    assert.deepEqual(targets(found), ['npm:/ package.json:1 renovate']);
    assert.deepEqual(found.attributes.update_config, { value: 'package.json' });
  });
});
