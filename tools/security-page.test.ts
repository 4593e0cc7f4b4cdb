/** `docs/security.md` names what the code does: a list that nobody holds against it is true on the day it is written. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BOUNDS } from '@macadam/core/text/bounds';
import { repositoryFiles } from './repository.ts';

const page = readFileSync(new URL('../docs/security.md', import.meta.url), 'utf8');
const PRODUCT = /^(core|adapters|services|simulation|apps)\/.*\.ts$/;
const product = repositoryFiles().filter(
  ({ path }) => PRODUCT.test(path) && !/\.test\.ts$|\/fake|\/template\//.test(path),
);

test('the page of security names every function of cryptography that the product uses, and all of them are Node’s', () => {
  const used = new Set<string>();
  for (const { text } of product)
    for (const [, names = ''] of text.matchAll(/import (?:type )?\{([^}]*)\} from 'node:crypto'/g))
      for (const name of names.split(',')) used.add(name.replace(/\btype\b/, '').trim());
  assert.ok(used.size > 5);
  const unnamed = [...used].filter((name) => name !== '' && !page.includes(`\`${name}\``));
  assert.deepEqual(unnamed, []);
  const others = product.filter(({ text }) =>
    /from '[^'.]*(crypt|noble|jose|sodium|forge|bcrypt|argon|sha\d)[^']*'/.test(
      text.replaceAll("'node:crypto'", ''),
    ),
  );
  assert.deepEqual(
    others.map(({ path }) => path),
    [],
  );
});

const OUTWARD =
  /[^.\w](fetch|spawn|spawnSync|execFile|execFileSync)\(|createTransport\(|new pg\.(Pool|Client)\(|createClient\(|from '(node:https?|node:tls|ldapts)'/;

test('the page of security names every file that talks to something else', () => {
  const outward = product
    .filter(({ path, text }) => OUTWARD.test(text) && !/^apps\/server\/(http|pages)\//.test(path))
    .map(({ path }) => path);
  assert.ok(outward.length > 5);
  assert.deepEqual(
    outward.filter((path) => !page.includes(`\`${path}\``)),
    [],
  );
});

test('no way out goes by itself where an answer leads', () => {
  // A page of ours asks its own server, by a path. Requests of `node:http` follow nothing.
  const asked = product.flatMap(({ path, text }) =>
    [...text.matchAll(/\bfetch\((?!'\/|\))/g)].map(({ index }) => ({
      path,
      call: text.slice(index, index + 400),
    })),
  );
  assert.ok(asked.length >= 2);
  assert.deepEqual(
    asked.filter(({ call }) => !/redirect: '(manual|error)'/.test(call)),
    [],
  );
});

test('the page of security says how large what is taken in may be', () => {
  assert.ok(page.includes(`up to ${BOUNDS.lines / 2 ** 30} GB`));
  assert.ok(page.includes(`up to ${BOUNDS.document / 2 ** 20} MB`));
});

/** Fixed, or made of a number or of the id of a standard, in which letters, digits and dashes stand. */
const NAMES = [
  /^"[a-z-]+\.[a-z]+"/,
  /^"review-\$\{params\.number\}\.ndjson"/,
  /^"\$\{name\}"/,
  /^"\$\{standard\.id\}\.patch"/,
];
const OF_STANDARD = 'const name = `${' + 'row.work.standard}.patch`';

test('no file that is downloaded has a name with a text of strangers in it', () => {
  const named = product.filter(({ text }) => /filename=/.test(text));
  assert.ok(named.length >= 3);
  for (const { path, text } of named)
    for (const [, name = ''] of text.matchAll(/filename=(.*)/g)) {
      assert.ok(
        NAMES.some((one) => one.test(name)),
        `${path}: ${name}`,
      );
      assert.ok(!name.includes('{name}') || text.includes(OF_STANDARD), path);
    }
});

test('no page of ours keeps anything in the browser beside the cookies of the server', () => {
  const keeping = product.filter(({ text }) =>
    /\b(localStorage|sessionStorage|indexedDB|document\.cookie|caches\.open|serviceWorker)\b/.test(text),
  );
  assert.deepEqual(
    keeping.map(({ path }) => path),
    [],
  );
});

test('logs are written where the page says, and nowhere else', () => {
  const holding = (pattern: RegExp) =>
    product.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
  const terminal = holding(
    /(?<![.\w])console\.(log|info|warn|error|debug)\(|(?<![.\w])process\.(stderr|stdout)\.write\(|(?<![.\w])(fs\.)?writeSync\(\s*(STDERR|[12]\b)|from 'node:(dgram|repl)'/,
  ).filter((path) => !path.startsWith('apps/cli/'));
  // The last tells whoever typed an option what is wrong with it, before there is a server; `startup` shows progress at a terminal.
  assert.deepEqual(terminal, [
    'apps/server/life/heartbeat-watcher.ts',
    'apps/server/main.ts',
    'apps/server/options.ts',
    'apps/server/startup.ts',
  ]);
  const appending = holding(/\bappendFile(Sync)?\(/);
  assert.ok(appending.length > 0);
  for (const path of appending) assert.ok(page.includes(`\`${path}\``), `${path} appends to a file`);
});
