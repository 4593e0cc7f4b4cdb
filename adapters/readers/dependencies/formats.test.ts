import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SAMPLES } from '@macadam/testing/readers/samples';
import { runs } from '@macadam/testing/runs';
import fc from 'fast-check';
import type { FileReading, Package } from './format.ts';
import { FORMATS, formatOf } from './formats.ts';
import { dependabotCovers, renovateCovers } from './update-config.ts';

function read(path: string, text: string, beside: Readonly<Record<string, string>> = {}): FileReading {
  const format = formatOf(path);
  assert.ok(format, `no format for ${path}`);
  return format.parse(text, path, new Map(Object.entries(beside)));
}

const say = (found: Package): string =>
  [
    found.name,
    found.origin === 'path' && found.version === undefined && found.requirement === undefined
      ? undefined
      : found.version,
    typeof found.integrity === 'object' ? found.integrity.why : found.integrity,
    found.requirement,
    found.origin,
    found.direct ? 'direct' : undefined,
    found.development ? 'development' : undefined,
    found.line === undefined ? undefined : `:${found.line}`,
    found.needs ? `needs ${found.needs.join(' ')}` : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(' ');

describe('a format', () => {
  for (const { path, text, beside, says } of SAMPLES) {
    test(`lists what ${path} says`, () => {
      const { packages, problems } = read(path, text, beside);
      assert.deepEqual(packages.map(say), says);
      assert.deepEqual(problems, []);
    });

    test(`reads ${path} with the line ends of Windows`, () => {
      const { packages } = read(path, text.replaceAll('\n', '\r\n'), beside);
      assert.deepEqual(packages.map(say), says);
    });
  }

  test('has an id of its own', () => {
    assert.equal(new Set(FORMATS.map(({ id }) => id)).size, FORMATS.length);
  });
});

test('a format that is not read says so where the file declares something, and only there', () => {
  const declared: Readonly<Record<string, readonly [declares: string, declaresNothing: string]>> = {
    'Project.toml': ['name = "a"\n[deps]\nTOML = "x"\n', 'name = "a"\n'],
    DESCRIPTION: ['Package: a\nImports:\n    cli\n', 'Imports: the list of what we import\n'],
    'MODULE.bazel': ['module(name = "a")\nbazel_dep(name = "b", version = "1")\n', 'module(name = "a")\n'],
    WORKSPACE: ['http_archive(name = "a")\n', 'workspace(name = "a")\n'],
    'charts/a/Chart.yaml': ['name: a\ndependencies:\n  - name: b\n', 'name: a\ndependencies: []\n'],
    'requirements.yaml': ['dependencies:\n  - name: b\n', 'dependencies: []\n'],
    'galaxy.yml': ['name: a\ndependencies:\n  b.c: ">=1"\n', 'name: a\ndependencies: {}\n'],
    'requirements.yml': ['- src: a.b\n', '- description: b\n'],
    'project/plugins.sbt': ['addSbtPlugin("a" % "b" % "1")\n', 'logLevel := Level.Warn\n'],
  };
  for (const [path, [declares, nothing]] of Object.entries(declared)) {
    assert.equal(read(path, declares).problems.length, 1, path);
    assert.equal(read(path, nothing).problems.length, 0, path);
  }
});

test('a requirement of pyproject.toml stands where it is written, not where a keyword or an earlier one has its name', () => {
  const text = `[project]
name = "p"
keywords = [
  "Jinja2",
]
dependencies = [
  "Jinja2>=2.7",
  "numpy>=1.26; python_version < '3.14'",
  "numpy>=2.3; python_version >= '3.14'",
  "black @ {root:uri}/../black",
]
`;
  assert.deepEqual(read('pyproject.toml', text).packages.map(say), [
    'jinja2 >=2.7 registry direct :7',
    'numpy >=1.26 registry direct :8',
    'numpy >=2.3 registry direct :9',
    'black @ {root:uri}/../black path direct :10',
  ]);
});

describe('hostile text', () => {
  const samples = SAMPLES.map(({ path, text }) => ({ path, text }));

  test('never makes a format throw, however a valid file is mangled', () => {
    const mangled = fc.record({
      sample: fc.constantFrom(...samples),
      cuts: fc.array(
        fc.record({
          at: fc.double({ min: 0, max: 1, noNaN: true }),
          drop: fc.nat(40),
          put: fc.string({ maxLength: 12 }),
        }),
        {
          maxLength: 4,
        },
      ),
    });
    fc.assert(
      fc.property(mangled, ({ sample, cuts }) => {
        let text = sample.text;
        for (const { at, drop, put } of cuts) {
          const start = Math.floor(at * text.length);
          text = text.slice(0, start) + put + text.slice(start + drop);
        }
        const { packages, problems } = read(sample.path, text);
        for (const { name } of packages) assert.equal(typeof name, 'string');
        for (const { message } of problems) assert.match(message, /^[^\n]+$/);
      }),
      { numRuns: runs(1500) },
    );
  });

  test('never makes a format throw, whatever it is', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      "'",
      '\n',
      '  ',
      '- ',
      '=',
      '@',
      '__proto__',
      '[[package]]\n',
      'name',
      '<',
      '>',
      '&a',
      '*a',
      '!!x',
      '|',
      '\0',
      '//',
      '#',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 60 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...samples), text, ({ path }, source) => {
        read(path, source);
      }),
      { numRuns: runs(1500) },
    );
  });

  for (const path of [
    'package.json',
    'package-lock.json',
    'pnpm-lock.yaml',
    'yarn.lock',
    'poetry.lock',
    'go.mod',
    'Cargo.lock',
    'gradle.lockfile',
    'Gemfile.lock',
    'requirements.txt',
    'src/App.csproj',
  ]) {
    test(`of an unfinished merge in ${path} is a problem`, () => {
      const sample = samples.find((one) => one.path === path);
      const { packages, problems } = read(path, `<<<<<<< HEAD\n${sample?.text}=======\n>>>>>>> other\n`);
      assert.deepEqual(packages, []);
      assert.equal(problems[0]?.message, 'holds the markers of an unfinished merge');
    });
  }

  test('keys of prototypes are names like any other', () => {
    const names = read('package.json', '{"dependencies":{"__proto__":"1","constructor":"2","toString":"3"}}');
    assert.deepEqual(names.packages.map(say), [
      '__proto__ 1 registry direct :1',
      'constructor 2 registry direct :1',
      'toString 3 registry direct :1',
    ]);
    assert.equal(
      read('package-lock.json', '{"lockfileVersion":3,"packages":{"__proto__":{"version":"1"}}}').packages
        .length,
      0,
    );
    assert.equal(Object.hasOwn(Object.prototype, 'version'), false);
  });

  test('a key that stands twice is a problem, with its line', () => {
    const text =
      '{"lockfileVersion":3,"packages":{\n"node_modules/a":{"version":"1"},\n"node_modules/a":{"version":"2"}}}';
    assert.deepEqual(read('package-lock.json', text).problems, [
      {
        code: 'key-twice',
        message: 'states `node_modules/a` twice, and readers differ on which one counts',
        remedy: 'let its package manager write it again',
        line: 3,
      },
    ]);
    assert.match(
      read('pnpm-lock.yaml', 'lockfileVersion: 9\npackages:\n  a: {}\n  a: {}\n').problems[0]?.message ?? '',
      /is not valid YAML: .*unique/,
    );
  });

  test('a YAML bomb is refused', () => {
    let bomb = 'lockfileVersion: 9\na0: &a0 [x,x]\n';
    for (let at = 1; at < 40; at += 1) bomb += `a${at}: &a${at} [*a${at - 1},*a${at - 1}]\n`;
    assert.equal(
      read('pnpm-lock.yaml', bomb).problems[0]?.message,
      'is not valid YAML: its aliases or its nesting unfold without end',
    );
  });

  test('long lines and deep nesting are no trap', () => {
    const wide = ' '.repeat(300_000);
    for (const { path } of samples) {
      read(path, `a${wide}b${wide}\n[${wide}x\n"${wide}`);
      read(path, '['.repeat(20_000));
      read(path, '{"a":'.repeat(20_000));
    }
  });

  test('a version of a lockfile that is not known is a problem with a remedy', () => {
    const [npm] = read('package-lock.json', '{"lockfileVersion":9}').problems;
    assert.equal(npm?.message, 'has lockfileVersion 9, which is not read');
    assert.equal(npm?.remedy, 'write it again with npm 7 or later (version 2 or 3)');
    assert.equal(
      read('pnpm-lock.yaml', "lockfileVersion: '12.0'\n").problems[0]?.message,
      'has lockfileVersion 12.0, which is not read',
    );
  });

  test('never makes the configuration of an update tool throw', () => {
    const pieces = fc.constantFrom(
      'version: 2\n',
      'updates:\n',
      '  - package-ecosystem: npm\n',
      '    directory: /',
      '*',
      '{',
      '}',
      '[',
      ']',
      "'",
      '"',
      ',',
      ':',
      '//',
      '/*',
      '\n',
      'a',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (all) => {
        for (const covers of [dependabotCovers(all.join('')), renovateCovers(all.join(''))]) {
          if (typeof covers === 'function') covers('npm', '/', 'package.json');
          else assert.match(covers.why, /; [a-z]/);
        }
      }),
      { numRuns: runs(1500) },
    );
  });
});
