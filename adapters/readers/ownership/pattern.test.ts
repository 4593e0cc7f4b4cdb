import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { compilePatterns } from './pattern.ts';

const matches = (pattern: string, path: string): boolean => compilePatterns([pattern])(path) === 0;

/** Pattern, paths that match, paths that do not; `·` stands for a space in a path. */
const table: readonly (readonly [string, string, string])[] = [
  ['foo', 'foo foo/bar bar/foo bar/foo/baz foo/', 'bar foobar bar/foobar xfoo'],
  ['/foo', 'foo foo/bar', 'bar/foo foobar'],
  ['foo/', 'foo/bar bar/foo/baz foo/', 'foo bar/foo'],
  ['/foo/', 'foo/bar foo/bar/baz', 'foo bar/foo/baz'],
  ['foo/bar', 'foo/bar foo/bar/baz', 'foo baz/foo/bar foo/barbaz'],
  ['/foo/*', 'foo/bar foo/a.b', 'foo foo/bar/baz foo/ bar/foo/baz'],
  ['docs/*', 'docs/readme.md', 'docs/build/app.md docs x/docs/readme.md'],
  ['*', 'foo foo/bar foo/bar/baz', ''],
  ['/*', 'foo', 'foo/bar'],
  ['**', 'foo foo/bar', ''],
  ['/**', 'foo foo/bar', ''],
  ['*.js', 'a.js x/a.js .js a.js/b', 'a.jsx js a.js.map'],
  ['f*', 'foo foo/bar bar/foo', 'bar'],
  ['/f*o/', 'fo/a foo/a', 'foo bar/foo/a'],
  ['fo?', 'foo fox/y bar/foo', 'fo fooo fo/'],
  ['**/foo', 'foo bar/foo a/b/foo foo/x', 'foobar'],
  ['**/foo/bar', 'foo/bar x/foo/bar x/foo/bar/y', 'foo/x/bar'],
  ['foo/**', 'foo/bar foo/bar/baz', 'foo x/foo/bar'],
  ['a/**/b', 'a/b a/x/b a/x/y/b a/b/z', 'ab a/xb x/a/b a/bz'],
  ['a/**/b/**/c', 'a/b/c a/x/b/y/z/c', 'a/c a/c/b'],
  ['/a/**/*', 'a/b a/b/c/d', 'a b/a'],
  ['*/foo', 'bar/foo bar/foo/x', 'foo a/b/foo'],
  ['apps/*/src/', 'apps/x/src/a', 'apps/src/a apps/x/y/src/a'],
  ['\\#foo', '#foo x/#foo', 'foo \\#foo'],
  ['foo\\ bar', 'foo·bar x/foo·bar', 'foo foo\\·bar'],
  ['a\\*b', 'a*b', 'axb'],
  ['/', '', 'foo foo/bar /'],
  ['[ab]', '[ab]', 'a b'],
  ['a***b', '', 'axb a***b'],
  ['ŸŸ?', 'ŸŸ😀', 'ŸŸ'],
];

for (const [pattern, yes, no] of table) {
  test(`\`${pattern}\` matches what GitHub says it does`, () => {
    const paths = (text: string) =>
      text.split(' ').flatMap((path) => (path === '' ? [] : [path.replaceAll('·', ' ')]));
    for (const path of paths(yes)) assert.equal(matches(pattern, path), true, `should match ${path}`);
    for (const path of paths(no)) assert.equal(matches(pattern, path), false, `should not match ${path}`);
  });
}

test('the last pattern that matches wins, whatever kind it is', () => {
  const rule = compilePatterns(['*', '*.js', '/src/', '**/gen/', '/src/*/keep.js', 'nothing']);
  assert.equal(rule('README.md'), 0);
  assert.equal(rule('lib/a.js'), 1);
  assert.equal(rule('src/a.js'), 2);
  assert.equal(rule('src/gen/a.js'), 3);
  assert.equal(rule('src/gen/keep.js'), 4);
  assert.equal(rule('src/gen/deep/keep.js'), 3);
});

test('a set of patterns says the same as its patterns one by one', () => {
  const name = fc.constantFrom('a', 'b', 'ab', 'c.js', 'x');
  const segment = fc.constantFrom('a', 'b', 'ab', '*', '**', '*.js', 'a*', '?', 'x');
  const pattern = fc
    .tuple(fc.boolean(), fc.array(segment, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([anchored, segments, below]) => `${anchored ? '/' : ''}${segments.join('/')}${below ? '/' : ''}`);
  const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 6 }), fc.array(path, { minLength: 1 }), (patterns, paths) => {
      const together = compilePatterns(patterns);
      for (const one of paths) {
        assert.equal(
          together(one),
          patterns.findLastIndex((each) => matches(each, one)),
          one,
        );
      }
    }),
  );
});

test('git check-ignore agrees wherever the two formats mean the same', () => {
  // Left out: a final `*` segment (CODEOWNERS stops at direct children there), and `**/` at the end of a pattern.
  const directory = mkdtempSync(join(tmpdir(), 'macadam-pattern-'));
  const git = (args: readonly string[], input = '') =>
    spawnSync('git', ['-c', 'core.excludesFile=', ...args], { cwd: directory, input, encoding: 'utf8' });
  git(['init', '-q']);
  const word = fc.constantFrom('a', 'b', 'ab', 'ba', 'aab', 'a.js', 'b.js');
  const glob = fc.constantFrom('a*', '*b', '*.js', '?', 'a?', '*a*', 'a*b', '*a*b*', '\\a', '?*?');
  const middle = fc.oneof(word, glob, fc.constantFrom('*', '**'));
  const pattern = fc
    .tuple(
      fc.boolean(),
      fc.array(middle, { maxLength: 3 }),
      fc.oneof(word, glob),
      fc.constantFrom('', '/', '/**'),
    )
    .map(([anchored, before, last, after]) => `${anchored ? '/' : ''}${[...before, last].join('/')}${after}`);
  const path = fc.array(word, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));
  try {
    fc.assert(
      fc.property(
        fc.array(pattern, { minLength: 1, maxLength: 4 }),
        fc.uniqueArray(path, { minLength: 20, maxLength: 60 }),
        (patterns, paths) => {
          writeFileSync(join(directory, '.git/info/exclude'), `${patterns.join('\n')}\n`);
          const judged = git(['check-ignore', '--no-index', '-z', '--stdin'], paths.join('\0'));
          assert.ok(judged.status === 0 || judged.status === 1, judged.stderr);
          const ignored = new Set(judged.stdout.split('\0').filter((line) => line !== ''));
          const rule = compilePatterns(patterns);
          assert.deepEqual(
            paths.filter((each) => rule(each) >= 0),
            paths.filter((each) => ignored.has(each)),
          );
        },
      ),
      { numRuns: 150 },
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('no pattern backtracks, no depth overflows', () => {
  const nasty = compilePatterns([
    `/${'a*'.repeat(500)}b`,
    `/${'**/a/'.repeat(300)}b`,
    `${'?*'.repeat(300)}z`,
  ]);
  assert.equal(nasty('a'.repeat(5_000)), -1);
  assert.equal(nasty(`${'a/'.repeat(1_000)}c`), -1);
  assert.equal(nasty(`${'a/'.repeat(1_000)}b`), 1);
  assert.equal(compilePatterns(['x'])(`${'d/'.repeat(20_000)}x`), 0);
});
