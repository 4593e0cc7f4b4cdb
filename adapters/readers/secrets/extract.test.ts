import assert from 'node:assert/strict';
import test from 'node:test';
import type { Statement } from '@macadam/core/facts/observation';
import { findSecrets } from '@macadam/secrets';
import { PLACES_BY_GLOBS } from '../places/places.ts';
import { type ExtractContext, memoryTree, type Tree } from '../tree.ts';
import { extractSecrets } from './extract.ts';
import { type SecretFact, secretsInTexts } from './scan.ts';

// Put together at run time, so that no scanner finds it here.
const token = `glp${'at'}-${'x9Kd'}${'Wq3Zt7Lm'}${'Rb2Vn5Hc'}`;
const context: ExtractContext = {
  repository: { id: 'repository/file/r', name: 'r' },
  source: 'git',
  now: new Date('2026-11-01T00:00:00Z'),
  parameters: {},
  places: PLACES_BY_GLOBS,
};

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
      key: `${match?.fingerprint}@a/b.env`,
      digest: match?.fingerprint,
      path: 'a/b.env',
      line: 2,
      detector: 'gitlab-token',
      preview: 'glp… (26 characters)',
      confidence: 'high',
      checked: false,
      history: false,
    },
  ]);
  assert.equal(complete, true);
  assert.deepEqual(problems, []);
  assert.deepEqual(attributes.secrets_searched, { value: { files: 2, binary: 0, unread: 0 } });
  assert.ok(!JSON.stringify(attributes).includes(token.slice(6)));
});

test('the same secret at three places is three elements of one digest', () => {
  const facts = secretsInTexts({ a: `${token}\n${token}`, b: token });
  assert.equal(new Set(facts.map(({ key }) => key)).size, 3);
  assert.equal(new Set(facts.map(({ digest }) => digest)).size, 1);
});

test('an allowance comes with its reason', () => {
  assert.deepEqual(
    secretsInTexts({ a: `${token} # macadam:allow-secret of the sandbox` }).map(({ allowed }) => allowed),
    ['of the sandbox'],
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
    facts.map(({ path }) => path),
    ['latin', 'utf16'],
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
  assert.equal(secretsOf(attributes.secrets).facts.length, 40);
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
  assert.deepEqual([facts.length, complete], [1_000, false]);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['secrets-cut'],
  );
});
