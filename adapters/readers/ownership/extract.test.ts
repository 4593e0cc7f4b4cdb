import assert from 'node:assert/strict';
import test from 'node:test';
import type { Statement, Value } from '@macadam/core/facts/observation';
import { PLACES_BY_GLOBS } from '@macadam/testing/readers/places';
import { memoryTree, type Tree } from '../tree.ts';
import { extractOwnership, readOwnership } from './extract.ts';

const context = (org?: unknown) => ({
  repository: { id: 'repository/file/shop', name: 'shop' },
  source: 'git',
  now: new Date('2026-11-01T00:00:00Z'),
  parameters: org === undefined ? {} : { org },
  places: PLACES_BY_GLOBS,
});

const extract = (files: Record<string, string>, org?: unknown) =>
  extractOwnership(memoryTree(files), context(org));

function codeowners(statement: Statement | undefined): Record<string, Value | undefined> {
  assert.ok(statement !== undefined && 'value' in statement, JSON.stringify(statement));
  return statement.value as Record<string, Value | undefined>;
}

test('the first file in the host’s order counts, and only that', async () => {
  const both = await extract({
    CODEOWNERS: '* @root',
    '.github/CODEOWNERS': '* @hidden',
    'docs/CODEOWNERS': '* @docs',
  });
  assert.equal(codeowners(both.attributes.codeowners).path, '.github/CODEOWNERS');
  assert.deepEqual(both.attributes.owners, { value: ['@hidden'], complete: true });
  const none = await extract({ 'src/CODEOWNERS': '* @ada' });
  assert.deepEqual(none.attributes.codeowners, { absent: true });
  assert.deepEqual(none.attributes.owners, { value: [], complete: true });
});

test('coverage names up to ten paths without an owner', async () => {
  const files: Record<string, string> = { CODEOWNERS: '/src/ @ada\n/src/gen/\n' };
  for (let index = 0; index < 20; index++) files[`other/${index}`] = '';
  files['src/gen/a'] = '';
  const value = codeowners((await extract(files)).attributes.codeowners);
  assert.equal(value.covers_all, false);
  assert.equal((value.uncovered as unknown[]).length, 10);
  assert.equal((value.uncovered as unknown[])[0], 'CODEOWNERS');
  const whole = codeowners((await extract({ CODEOWNERS: '* @ada\n', a: '' })).attributes.codeowners);
  assert.deepEqual([whole.covers_all, whole.uncovered], [true, []]);
});

test('without an org file nobody is said to be active', async () => {
  const value = codeowners((await extract({ CODEOWNERS: '* @ada @renovate[bot]\n' })).attributes.codeowners);
  const [ada, bot] = value.owners as readonly Record<string, Value>[];
  assert.deepEqual(ada?.state, {
    unobserved: 'unobserved',
    why: 'nothing here says who works in the organisation; name an org file in macadam.yaml, or scan with --github',
  });
  assert.equal(bot?.state, 'bot');
});

test('an org file says who is active, has left, is a machine or is not there', async () => {
  const org = {
    people: [
      { login: 'Ada', email: 'ada@example.com' },
      { login: 'bo', state: 'left' },
      { login: 'ci', state: 'bot' },
    ],
    teams: [
      { name: 'acme/core', members: ['ada', 'bo'] },
      { name: 'acme/gone', members: ['bo'] },
      { name: 'acme/machines', members: ['bo', 'ci'] },
      { name: 'open' },
    ],
  };
  const owners =
    '@ada @bo @ci @eve ADA@example.com x@example.com @acme/core @acme/gone @acme/machines @acme/open @acme/no';
  const value = codeowners(
    (await extract({ CODEOWNERS: `# x\n* ${owners}\n* @ADA\n` }, org)).attributes.codeowners,
  );
  const states = (value.owners as readonly Record<string, Value>[]).map((each) => [each.name, each.state]);
  assert.deepEqual(Object.fromEntries(states), {
    '@ada': 'active',
    '@bo': 'left',
    '@ci': 'bot',
    '@eve': 'missing',
    'ADA@example.com': 'active',
    'x@example.com': 'missing',
    '@acme/core': 'active',
    '@acme/gone': 'left',
    '@acme/machines': 'bot',
    '@acme/open': 'active',
    '@acme/no': 'missing',
  });
  assert.deepEqual((value.owners as readonly Value[])[0], {
    name: '@ada',
    path: 'CODEOWNERS',
    line: 2,
    kind: 'user',
    state: 'active',
  });
});

test('a partial org file leaves strangers unobserved, a broken one everybody', async () => {
  const partial = codeowners(
    (await extract({ CODEOWNERS: '* @eve' }, { people: [], complete: false })).attributes.codeowners,
  );
  assert.match(JSON.stringify(partial.owners), /does not say who `@eve` is/);
  const broken = await extract({ CODEOWNERS: '* @eve' }, { people: [{ login: 'eve', state: 'retired' }] });
  assert.match(JSON.stringify(codeowners(broken.attributes.codeowners).owners), /people\.0\.state/);
  assert.equal(broken.problems[0]?.code, 'org-invalid');
});

test('teams of the org file own what CODEOWNERS leaves open', async () => {
  const org = { teams: [{ name: 'acme/shop', repositories: ['shop'] }] };
  assert.deepEqual((await extract({ a: '' }, org)).attributes.owners, {
    value: ['@acme/shop'],
    complete: true,
  });
  const ownership = await readOwnership(memoryTree({ CODEOWNERS: '/a @ada' }), context(org));
  assert.deepEqual(ownership.ownersOf('a'), { value: ['@ada'], complete: true });
  assert.deepEqual(ownership.ownersOf('b'), { value: ['@acme/shop'], complete: true });
});

test('a tree that could not be listed whole decides only what cannot change', async () => {
  const incomplete = { unobserved: 'failed', why: 'object 12ab is missing: fetch it again' } as const;
  const partial = (files: Record<string, string>): Tree => ({ ...memoryTree(files), incomplete });
  const run = (files: Record<string, string>) => extractOwnership(partial(files), context());
  assert.deepEqual((await run({ a: '' })).attributes.codeowners, incomplete);
  assert.deepEqual(
    (await run({ CODEOWNERS: '* @ada' })).attributes.codeowners,
    incomplete,
    '.github/ may hold another',
  );
  const path = '.github/CODEOWNERS';
  const covers = async (text: string) =>
    codeowners((await run({ [path]: text })).attributes.codeowners).covers_all;
  assert.equal(await covers('* @ada'), true);
  assert.equal(await covers('* @ada\n/gen'), incomplete);
  assert.equal(await covers('/.github/ @ada'), incomplete);
  assert.equal(await covers('/other @ada'), false);
});

test('a file that cannot be read, or is a link, is unobserved with a reason', async () => {
  const because = { unobserved: 'failed', why: 'object is missing' } as const;
  const tree: Tree = { ...memoryTree({ CODEOWNERS: '' }), read: async () => because };
  const unread = await extractOwnership(tree, context());
  assert.deepEqual([unread.attributes.codeowners, unread.attributes.owners], [because, because]);
  assert.equal(unread.problems[0]?.code, 'codeowners-unreadable');
  const link: Tree = { ...memoryTree({}), entries: [{ path: 'CODEOWNERS', type: 'symlink' }] };
  assert.match(
    JSON.stringify((await extractOwnership(link, context())).attributes.codeowners),
    /symbolic link/,
  );
});

test('a file over 3 MB owns nothing, as the host does not load it', async () => {
  const tree: Tree = {
    ...memoryTree({ CODEOWNERS: '* @ada' }),
    entries: [{ path: 'CODEOWNERS', type: 'file', size: 3 * 1024 * 1024 + 1 }],
  };
  const value = codeowners((await extractOwnership(tree, context())).attributes.codeowners);
  assert.deepEqual([value.covers_all, value.owners], [false, []]);
  assert.match(JSON.stringify(value.errors), /larger than 3 MB/);
});
