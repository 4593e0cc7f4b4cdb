import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import type { Statement } from '@macadam/core/facts/observation';
import { findSecrets } from '@macadam/secrets';
import { PLACES_BY_GLOBS } from '@macadam/testing/readers/places';
import { type ExtractContext, memoryTree, type Tree } from '../tree.ts';
import { distinctSecrets, type SecretFact } from './distinct.ts';
import { extractSecrets } from './extract.ts';
import { secretsInText } from './scan.ts';

// Put together at run time, so that no scanner finds it here.
const token = `glp${'at'}-${'x9Kd'}${'Wq3Zt7Lm'}${'Rb2Vn5Hc'}`;
const context: ExtractContext = {
  repository: { id: 'repository/file/r', name: 'r' },
  source: 'git',
  now: new Date('2026-11-01T00:00:00Z'),
  parameters: {},
  places: PLACES_BY_GLOBS,
};

/** The distinct secrets of texts, by path. */
const secretsInTexts = (files: Readonly<Record<string, string>>): readonly SecretFact[] =>
  distinctSecrets(
    Object.keys(files)
      .sort()
      .map((path) => ({ path, secrets: secretsInText(files[path] ?? '', path).secrets })),
    PLACES_BY_GLOBS,
  );

/** A tree that gives bytes, and the ids of its objects. */
function tree(files: Readonly<Record<string, Uint8Array | string>>, change: Partial<Tree> = {}): Tree {
  const bytes = (path: string) => {
    const content = files[path] ?? '';
    return typeof content === 'string' ? new TextEncoder().encode(content) : content;
  };
  const held = memoryTree(Object.fromEntries(Object.keys(files).map((path) => [path, ''])));
  return { ...held, bytes: async (path) => bytes(path), ...change };
}

function secretsOf(statement: Statement | undefined): { facts: SecretFact[]; complete: boolean | undefined } {
  assert.ok(statement !== undefined && 'value' in statement);
  return { facts: statement.value as SecretFact[], complete: statement.complete };
}

test('a secret has its place, its detector and a preview, and nothing else of it', async () => {
  const { attributes, problems } = await extractSecrets(
    tree({ 'a/b.env': `X=1\nT=${token}\n`, 'c.md': '# c\n' }),
    context,
  );
  const { facts, complete } = secretsOf(attributes.secrets);
  const [match] = findSecrets(`T=${token}`);
  assert.deepEqual(facts, [
    {
      digest: match?.fingerprint,
      detector: 'gitlab-token',
      preview: 'glp… (26 characters)',
      confidence: 'high',
      checked: false,
      state: 'open',
      place: 'product',
      path: 'a/b.env',
      line: 2,
      places: 1,
      where: 'a/b.env:2',
    },
  ]);
  assert.equal(complete, true);
  assert.deepEqual(problems, []);
  assert.deepEqual(attributes.secrets_searched, { value: { files: 2, binary: 0, unread: 0 } });
  assert.ok(!JSON.stringify(attributes).includes(token.slice(6)));
});

test('a value is one element wherever it stands, at its gravest place', () => {
  const other = token.replace('x9Kd', 'Kd9x');
  const facts = secretsInTexts({
    'test/a.py': `${token}\n${token}`,
    'src/a.py': `\n${token}`,
    'README.md': token,
    'test/b.py': other,
  });
  assert.deepEqual(
    facts.map(({ place, path, line, places, where }) => ({ place, path, line, places, where })),
    [
      {
        place: 'product',
        path: 'src/a.py',
        line: 2,
        places: 4,
        where: 'src/a.py:2, README.md:1, test/a.py:1, test/a.py:2',
      },
      { place: 'test', path: 'test/b.py', line: 1, places: 1, where: 'test/b.py:1' },
    ],
  );
  const many = secretsInTexts({ 'test/a.py': `${token}\n`.repeat(9) });
  assert.deepEqual(
    many.map(({ places, where }) => [places, where]),
    [[9, 'test/a.py:1, test/a.py:2, test/a.py:3, test/a.py:4 and 5 more']],
  );
});

test('what a line says of itself: documentation and tests in files of the product', () => {
  const places = (files: Record<string, string>) => secretsInTexts(files).map(({ place }) => place);
  assert.deepEqual(places({ 'src/a.ts': `/**\n * ${token}\n */` }), ['docs']);
  assert.deepEqual(places({ 'src/a.rs': `#[cfg(test)]\nmod tests {\n  let t = "${token}";` }), ['test']);
  assert.deepEqual(places({ 'test/a.ts': `/**\n * ${token}\n */` }), ['test']);
  assert.deepEqual(places({ 'src/a.ts': `// ${token}` }), ['product']);
});

test('where the part that a file plays is not known, it may be the product and is', async () => {
  const places = { of: () => ({ unobserved: 'failed', why: 'a container file is damaged' }) as const };
  const { attributes } = await extractSecrets(tree({ 'test/a': token }), { ...context, places });
  assert.deepEqual(
    secretsOf(attributes.secrets).facts.map(({ place }) => place),
    ['product'],
  );
});

test('an allowance counts where it stands, and comes with its reason; what others pass over has none', () => {
  const allowed = `${token} # macadam:allow-secret of the sandbox`;
  const ignored = `${token} # gitleaks:allow`;
  const states = (files: Record<string, string>) =>
    secretsInTexts(files).map((fact) => [fact.state, fact.allowed ?? fact.ignored_by, fact.where]);
  assert.deepEqual(states({ a: allowed }), [['allowed', 'of the sandbox', 'a:1']]);
  assert.deepEqual(states({ a: ignored }), [['unexplained', 'gitleaks:allow', 'a:1']]);
  assert.deepEqual(states({ a: allowed, b: ignored }), [['unexplained', 'gitleaks:allow', 'b:1']]);
  assert.deepEqual(states({ a: allowed, b: ignored, c: token }), [['open', undefined, 'c:1']]);
});

test('the files of other scanners are read at the root of the tree', async () => {
  const text = `\nt = "${token}"\n`;
  const files = { 'a.py': text, 'b.py': text, '.gitleaksignore': 'a.py:gitlab-pat:2\n' };
  const one = await extractSecrets(memoryTree(files), context);
  assert.deepEqual(
    secretsOf(one.attributes.secrets).facts.map(({ state, where }) => [state, where]),
    [['open', 'b.py:2']],
  );
  const { 'b.py': _, ...rest } = files;
  const two = await extractSecrets(memoryTree(rest), context);
  assert.deepEqual(
    secretsOf(two.attributes.secrets).facts.map(({ state, ignored_by }) => [state, ignored_by]),
    [['unexplained', '.gitleaksignore']],
  );
});

test('equal objects differ where their names say that one is a lock file', async () => {
  const digest = createHash('sha256').update('lock').digest('hex');
  const entries = ['a/pnpm-lock.yaml', 'a/settings.yaml'].map((path) => ({
    path,
    type: 'file' as const,
    oid: 'same',
  }));
  const bytes = async () => new TextEncoder().encode(`api_token: ${digest}\n`);
  const { attributes } = await extractSecrets({ ...tree({}), entries, bytes }, context);
  assert.deepEqual(
    secretsOf(attributes.secrets).facts.map(({ where }) => where),
    ['a/settings.yaml:1'],
  );
});

test('binary files are counted; UTF-16 and bytes that are no UTF-8 are searched', async () => {
  const utf16 = new Uint8Array([
    0xff,
    0xfe,
    ...new Uint8Array(new Uint16Array([...token].map((char) => char.charCodeAt(0))).buffer),
  ]);
  const latin = new Uint8Array([0xe4, 0x20, ...new TextEncoder().encode(token)]);
  const { attributes } = await extractSecrets(
    tree({ 'image.png': new Uint8Array([1, 0, ...new TextEncoder().encode(token)]), latin, utf16 }),
    context,
  );
  const { facts, complete } = secretsOf(attributes.secrets);
  assert.deepEqual(
    facts.map(({ where }) => where),
    ['latin:1, utf16:1'],
  );
  assert.equal(complete, true);
  assert.deepEqual(attributes.secrets_searched, { value: { files: 2, binary: 1, unread: 0 } });
});

test('a file that cannot be read makes the list partial, with a problem that says why', async () => {
  const broken = tree({ bad: '', good: token }, {});
  const { attributes, problems } = await extractSecrets(
    {
      ...broken,
      bytes: async (path) =>
        path === 'bad'
          ? { unobserved: 'failed', why: 'its object is missing; fetch it' }
          : broken.bytes(path),
    },
    context,
  );
  const { facts, complete } = secretsOf(attributes.secrets);
  assert.equal(complete, false);
  assert.equal(facts.length, 1);
  assert.deepEqual(
    problems.map(({ code, cause, message, location }) => ({ code, cause, message, path: location?.path })),
    [
      {
        code: 'secrets-not-searched',
        cause: 'failed',
        message: 'no secrets were looked for in a file: its object is missing; fetch it',
        path: 'bad',
      },
    ],
  );
});

test('thousands of files that cannot be read are a hundred problems and one more', async () => {
  const files = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`f${index}`, '']));
  const { problems } = await extractSecrets(
    tree(files, { bytes: async () => ({ unobserved: 'failed', why: 'gone' }) }),
    context,
  );
  assert.equal(problems.length, 101);
  assert.equal(
    problems.at(-1)?.message,
    'no secrets were looked for in 900 more files that could not be read',
  );
});

test('equal objects are read once, links and submodules never', async () => {
  const read: string[] = [];
  const entries = [
    ...Array.from({ length: 40 }, (_, index) => ({
      path: `${index + 100}`,
      type: 'file' as const,
      size: 400_000,
      oid: 'same',
    })),
    { path: 'link', type: 'symlink' as const },
    { path: 'module', type: 'submodule' as const },
  ];
  const { attributes } = await extractSecrets(
    {
      ...tree({}),
      entries,
      bytes: async (path) => {
        read.push(path);
        return new TextEncoder().encode(token);
      },
    },
    context,
  );
  assert.equal(secretsOf(attributes.secrets).facts[0]?.places, 40);
  assert.ok(read.length <= 20, `read ${read.length} times`);
  assert.ok(!read.includes('link') && !read.includes('module'));
});

test('an incomplete tree, and a history that is asked for, leave the list partial', async () => {
  const incomplete = await extractSecrets(
    tree({ a: '' }, { incomplete: { unobserved: 'failed', why: 'x' } }),
    context,
  );
  assert.equal(secretsOf(incomplete.attributes.secrets).complete, false);
  const history = await extractSecrets(tree({ a: '' }), {
    ...context,
    parameters: { secrets_history: true },
  });
  assert.equal(secretsOf(history.attributes.secrets).complete, false);
  assert.deepEqual(
    history.problems.map(({ code }) => code),
    ['history-not-searched'],
  );
});

test('a file with more secrets than are listed says so', async () => {
  const { attributes, problems } = await extractSecrets(tree({ dump: `${token}\n`.repeat(1_200) }), context);
  const { facts, complete } = secretsOf(attributes.secrets);
  assert.deepEqual([facts[0]?.places, complete], [1_000, false]);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['secrets-cut'],
  );
});
