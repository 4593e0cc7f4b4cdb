/** Every row of ARCHITECTURE's table of what one folder adds: all of them in a copy of the repository, held to the whole check, found, and gone again. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CommandLine } from '@macadam/testing/command-line';
import { COMPILER_MEMORY, compiler } from './compiler.ts';

const root = join(import.meta.dirname, '..');
const copy = mkdtempSync(join(tmpdir(), 'macadam-rows-'));
after(() => rmSync(copy, { recursive: true, force: true }));

// Where the variable is there, be it empty, `node --test` takes itself for called by a test, and runs nothing.
const { NODE_TEST_CONTEXT: _, ...env } = process.env;
const SAID = { encoding: 'utf8', cwd: copy, env: { ...env, ...COMPILER_MEMORY } } as const;
const node = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, SAID);
  return { status, text: stdout + stderr };
};
/** That of the copy: one process, which looks at its folders anew at each command. */
let commandLine: CommandLine;
const macadam = (...args: readonly string[]) => {
  const { status, stdout, stderr } = commandLine.run({ args, cwd: copy, env });
  return { status, text: stdout + stderr };
};

/** What no verb of the command line makes: as little as each port asks for. */
const WRITTEN: Readonly<Record<string, string>> = {
  'adapters/report-formats/tally/format.ts': `import type { Format } from '../port.ts';

/** How many findings there are. */
export const format: Format = {
  id: 'tally',
  description: 'How many findings there are.',
  mediaType: 'text/plain',
  render: ({ scan }) => \`\${scan.findings.length} findings\\n\`,
};
`,
  'apps/server/api/lamps.ts': `/** Lamps: a noun that tests add. */
import { z } from 'zod';
import { route } from '../http/route.ts';

export const routes = [
  route({
    method: 'GET',
    path: '/api/lamps',
    summary: 'List the lamps',
    action: 'Figure::read',
    of: 'anywhere',
    answer: z.object({ lamps: z.array(z.string()) }),
    does: async () => ({ lamps: [] }),
  }),
];
`,
  'adapters/trackers/paper/tracker.ts': `/** Slips of paper: they take everything and say nothing. */
import type { Tracker, TrackerKind } from '../port.ts';

const tracker: Tracker = {
  find: async () => ({ done: [] }),
  create: async () => ({ fault: 'refused', problem: 'the drawer is full' }),
  read: async () => ({ done: null }),
  change: async () => ({ done: null }),
  comment: async () => ({ done: null }),
  comments: async () => ({ done: [] }),
  changes: async () => ({ done: [] }),
};

export const trackerKind: TrackerKind = {
  id: 'paper',
  description: 'Slips of paper',
  project: 'the drawer',
  credential: 'none',
  objections: () => [],
  open: () => tracker,
};
`,
  'paved/lamps/package.json': `{
  "name": "@macadam/lamps",
  "version": "0.1.0",
  "description": "Lamps, for a test.",
  "license": "Apache-2.0",
  "type": "module",
  "exports": {
    ".": "./index.ts"
  }
}
`,
  'paved/lamps/index.ts': `/** Whether a lamp is on. */
export const isOn = (lamp: string): boolean => lamp === 'on';
`,
  'conformance/suites/lamps.ts': `/** Lamps are on or off, and nothing else. */
import type { Suite } from '../suite.ts';

export const suite: Suite = {
  name: 'lamps',
  proves: 'a lamp is on or off',
  vectors: [],
  load: async () => [{ id: 'on', run: () => null }],
};
`,
  'tools/check-lamps.ts': `/** No file is called lamp: there is light enough. */
import { finish, type Offence, type Rule, type SourceFile } from './repository.ts';

export const checkLamps = (files: readonly SourceFile[]): Offence[] =>
  files.flatMap(({ path }) => (path.endsWith('/lamp.ts') ? [{ path, what: 'is a lamp; take it away' }] : []));

export const rule: Rule = { name: 'lamps', offences: (files) => checkLamps(files) };

if (import.meta.main) finish(rule);
`,
};

/** Folders and files that were added, and nothing else was. */
const ADDED = [
  ...Object.keys(WRITTEN),
  'kinds/spare-lamp.yaml',
  'standards/engineering/lamps-are-so',
  'adapters/sources/lampshop',
];

before(async () => {
  const left = new Set(['node_modules', '.git', 'dist']);
  for (const part of readdirSync(root))
    if (!left.has(part))
      cpSync(join(root, part), join(copy, part), {
        recursive: true,
        filter: (path) => !/(^|\/)node_modules(\/|$)/.test(path.slice(root.length)),
      });
  // The workspace's own packages come from the copy, everything else from here.
  const modules = join(copy, 'node_modules');
  cpSync(join(root, 'node_modules', '@macadam'), join(modules, '@macadam'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '@macadam') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  for (const [path, text] of Object.entries(WRITTEN)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  }
  const own: typeof import('@macadam/testing/command-line') = await import(
    join(copy, 'testing/command-line.ts')
  );
  commandLine = own.startCommandLine();
  for (const [what, name] of [
    ['kind', 'spare-lamp'],
    ['standard', 'lamps-are-so'],
    ['source', 'lampshop'],
  ] as const) {
    const made = macadam('new', what, name);
    assert.equal(made.status, 0, made.text);
  }
});

test('the table has nine rows, and each is among what is added', () => {
  const [, table = ''] = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split(/^## To add X.*$/m);
  const rows = [...table.matchAll(/^\| [^|]+ \| `([^`]+)`/gm)].map(([, path = '']) => path);
  assert.equal(rows.length, 9);
  for (const row of rows) {
    const form = new RegExp(
      `^${row
        .replaceAll('.', '\\.')
        .replaceAll(/<[a-z]+>/g, '[a-z-]+')
        .replace(/\/$/, '')}`,
    );
    assert.ok(
      ADDED.some((path) => form.test(path) || form.test(`${path}/source.ts`)),
      row,
    );
  }
});

test('what is added passes the formatter, the types and every rule', () => {
  const paths = ADDED.filter((path) => !/\.(yaml|md)$/.test(path));
  const formatted = spawnSync(
    join(copy, 'node_modules/@biomejs/biome/bin/biome'),
    ['ci', '--colors=off', ...ADDED],
    SAID,
  );
  assert.equal(formatted.status, 0, (formatted.stdout + formatted.stderr).slice(0, 3000));
  const config = JSON.parse(readFileSync(join(copy, 'tsconfig.json'), 'utf8'));
  // Declarations of packages without types are nowhere imported.
  const include = [...paths, 'adapters/**/*.d.ts'];
  writeFileSync(join(copy, 'tsconfig.added.json'), JSON.stringify({ ...config, include }));
  const typed = node(...compiler(copy, '-p', 'tsconfig.added.json'));
  rmSync(join(copy, 'tsconfig.added.json'));
  assert.equal(typed.status, 0, typed.text);
  const kept = node('tools/rules.ts');
  assert.equal(kept.status, 0, kept.text);
  assert.match(kept.text, /^lamps: kept$/m);
});

test('what is added is found by its folder', () => {
  const help = macadam('scan', '--help').text;
  assert.match(help, /tally/);
  assert.match(help, /--lampshop/);
  assert.match(macadam('catalogue').text, /lamps-are-so/);
  const laws = macadam('test', 'lamps-are-so');
  assert.equal(laws.status, 0, laws.text);
  const contract = node(
    '--test',
    '--test-isolation=none',
    'adapters/sources/lampshop/source.test.ts',
    'services/catalogue/framework.test.ts',
  );
  assert.equal(contract.status, 0, contract.text);
  assert.match(contract.text, /lampshop keeps the contract of a source/);
  writeFileSync(
    join(copy, 'found.ts'),
    `import { discoverTrackers } from '@macadam/adapters/trackers/kinds';
import { discoverRoutes } from './apps/server/http/discover.ts';
console.log([...(await discoverTrackers()).keys()].join(), (await discoverRoutes()).map(({ path }) => path).join());
`,
  );
  const found = node('found.ts');
  rmSync(join(copy, 'found.ts'));
  assert.match(found.text, /paper/);
  assert.match(found.text, /\/api\/lamps/);
  const suite = node('conformance/main.ts', '--suite', 'lamps');
  assert.match(suite.text, /lamps/);
  assert.equal(suite.status, 0, suite.text);
});

test('what is taken away leaves nothing behind, whether it was added or is ours', () => {
  for (const path of ADDED) rmSync(join(copy, path), { recursive: true });
  rmSync(join(copy, 'paved/lamps'), { recursive: true });
  for (const folder of ['adapters/report-formats/tally', 'adapters/trackers/paper'])
    rmSync(join(copy, folder), { recursive: true });
  // Any standard and any source of ours can be removed as well.
  const [first = ''] = readdirSync(join(copy, 'standards/engineering'));
  rmSync(join(copy, 'standards/engineering', first), { recursive: true });
  rmSync(join(copy, 'adapters/sources/github'), { recursive: true });
  const without = macadam('catalogue');
  assert.equal(without.status, 0, without.text);
  assert.doesNotMatch(without.text, /lamp/);
  assert.doesNotMatch(without.text, new RegExp(`^ {2}${first} `, 'm'));
  const help = macadam('scan', '--help');
  assert.equal(help.status, 0, help.text);
  assert.doesNotMatch(help.text, /tally|lampshop|--github/);
});
