import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bareOf, blob, git, rawTree, working } from '@macadam/testing/readers/built-repository';
import { AWKWARD } from '@macadam/testing/readers/hostile-repositories';
import { type OpenRequest, openRepository, type Repository } from './repository.ts';

let root = '';
let estate = '';
let outside = '';
before(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'macadam-git-test-')));
  estate = join(root, 'estate');
  outside = join(root, 'outside');
  mkdirSync(estate);
  mkdirSync(outside);
});
after(() => rmSync(root, { recursive: true, force: true }));

async function opened<T>(
  folder: string,
  use: (repository: Repository) => Promise<T>,
  more: Partial<OpenRequest> = {},
): Promise<T> {
  const scratch = join(root, 'scratch');
  const repository = await openRepository({
    path: folder,
    name: 'it',
    within: [estate],
    scratch,
    searchPath: process.env.PATH,
    ...more,
  });
  try {
    return await use(repository);
  } finally {
    await repository.close();
    assert.deepEqual(existsSync(scratch) ? readdirSync(scratch) : [], [], 'the scratch folder is left empty');
  }
}

const codes = (repository: Repository) => repository.problems().map(({ code }) => code);

describe('every awkward repository is read as far as it goes, and says what is lost', () => {
  for (const [name, awkward] of Object.entries(AWKWARD)) {
    test(name, async () => {
      const folder = join(estate, name);
      awkward.build(folder, outside);
      await opened(
        folder,
        async (repository) => {
          const tree = await repository.tree('head');
          assert.equal(tree.incomplete?.unobserved, awkward.incomplete);
          if (awkward.entries !== undefined) assert.equal(tree.entries.length, awkward.entries);
          for (const [path, expected] of Object.entries(awkward.reads ?? {})) {
            const found = await tree.read(path);
            if (typeof expected === 'string') assert.equal(found, expected);
            else {
              assert.ok(typeof found !== 'string', `${path} must not be read`);
              assert.equal(found.unobserved, expected.cause);
              assert.match(found.why, expected.why);
            }
          }
          assert.deepEqual(codes(repository), awkward.codes);
          for (const problem of repository.problems()) {
            assert.match(problem.message, /^it: /);
            assert.ok(problem.remedy);
            assert.doesNotMatch(problem.message, /\p{Cc}/u);
          }
        },
        { limits: { entries: 20_000 } },
      );
      assert.equal(existsSync(join(outside, 'canary')), false, 'nothing of the repository was run');
    });
  }
});

describe('the index and the files', () => {
  test('nothing of an armed repository runs in any view, and its worktree setting is not obeyed', async () => {
    const folder = join(estate, 'armed');
    for (const view of ['index', 'worktree'] as const) {
      await opened(folder, async (repository) => {
        const tree = await repository.tree(view);
        assert.deepEqual(
          tree.entries.map(({ path }) => path),
          ['.gitattributes', 'a.txt', 'sub/b.txt'],
        );
        assert.equal(await tree.read('a.txt'), 'a\n');
        assert.deepEqual(codes(repository), []);
      });
    }
    assert.equal(existsSync(join(outside, 'canary')), false);
  });

  test('each view shows its own content; ignored files are left out', async () => {
    const folder = join(estate, 'views');
    working(folder, { 'a.txt': 'committed', '.gitignore': 'ignored\n', 'gone.txt': 'x' });
    writeFileSync(join(folder, 'a.txt'), 'staged');
    git(folder, ['add', 'a.txt']);
    writeFileSync(join(folder, 'a.txt'), 'on disk');
    writeFileSync(join(folder, 'ignored'), '');
    writeFileSync(join(folder, 'untracked'), 'new');
    rmSync(join(folder, 'gone.txt'));
    await opened(folder, async (repository) => {
      const read = async (view: 'head' | 'index' | 'worktree') => {
        const tree = await repository.tree(view);
        return [tree.entries.map(({ path }) => path).join(' '), await tree.read('a.txt')];
      };
      assert.deepEqual(await read('head'), ['.gitignore a.txt gone.txt', 'committed']);
      assert.deepEqual(await read('index'), ['.gitignore a.txt gone.txt', 'staged']);
      assert.deepEqual(await read('worktree'), ['.gitignore a.txt untracked', 'on disk']);
    });
  });

  test('on disk neither links, nor folders that became links, nor pipes lead anywhere', async () => {
    const folder = join(estate, 'disk');
    working(folder, { 'sub/b.txt': 'b', pipe: 'p', 'own.txt': 'own' });
    rmSync(join(folder, 'sub'), { recursive: true });
    mkdirSync(join(outside, 'sub'));
    writeFileSync(join(outside, 'sub/b.txt'), 'from outside');
    symlinkSync(join(outside, 'sub'), join(folder, 'sub'));
    symlinkSync(join(outside, 'sub/b.txt'), join(folder, 'away'));
    symlinkSync('own.txt', join(folder, 'near'));
    rmSync(join(folder, 'pipe'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await opened(folder, async (repository) => {
      const tree = await repository.tree('worktree');
      assert.deepEqual(
        tree.entries.map(({ path }) => path),
        ['away', 'near', 'own.txt', 'sub'],
      );
      assert.equal(tree.has('away'), false);
      assert.deepEqual(await tree.read('near'), 'own');
      assert.match(JSON.stringify(await tree.read('sub')), /not followed/);
      assert.equal(tree.incomplete?.unobserved, 'failed');
      assert.match(tree.incomplete?.why ?? '', /files could not be listed \("pipe"\)/);
      assert.deepEqual(codes(repository).sort(), ['symlink-outside', 'worktree-unreadable']);
    });
  });

  test('a sparse checkout is whole: what it leaves off the disk is read from the index', async () => {
    const folder = join(estate, 'sparse');
    working(folder, { 'a.txt': 'a', 'deep/b.txt': 'b' });
    git(folder, ['sparse-checkout', 'set', '--no-cone', '/a.txt']);
    assert.equal(existsSync(join(folder, 'deep/b.txt')), false);
    await opened(folder, async (repository) => {
      const tree = await repository.tree('worktree');
      assert.equal(await tree.read('deep/b.txt'), 'b');
      assert.equal(tree.incomplete, undefined);
    });
  });

  test('a split index is read whole', async () => {
    const folder = join(estate, 'split');
    working(folder);
    git(folder, ['update-index', '--split-index']);
    await opened(folder, async (repository) => {
      assert.equal((await repository.tree('index')).entries.length, 2);
      assert.deepEqual(codes(repository), []);
    });
  });

  test('a damaged index, a conflict and a bare repository are problems', async () => {
    const damaged = join(estate, 'damaged-index');
    working(damaged);
    writeFileSync(join(damaged, '.git/index'), 'DIRC garbage');
    await opened(damaged, async (repository) => {
      assert.match((await repository.tree('index')).incomplete?.why ?? '', /its index cannot be read/);
      assert.deepEqual(codes(repository), ['index-invalid']);
    });
    const conflict = join(estate, 'conflict');
    working(conflict);
    const oid = blob(conflict, 'ours');
    git(conflict, ['update-index', '--index-info'], `0 ${'0'.repeat(40)}\ta.txt\n100644 ${oid} 2\ta.txt\n`);
    await opened(conflict, async (repository) => {
      const tree = await repository.tree('index');
      assert.match(tree.incomplete?.why ?? '', /unresolved conflicts \("a.txt"\)/);
      assert.deepEqual(
        tree.entries.map(({ path }) => path),
        ['sub/b.txt'],
      );
    });
    await opened(join(estate, 'bare.git'), async (repository) => {
      assert.equal((await repository.tree('worktree')).incomplete?.unobserved, 'unobserved');
      assert.deepEqual(codes(repository), ['worktree-missing']);
    });
  });
});

/** A `git` that is older than `cat-file --batch-command`; it keeps a record of how it was called. */
function olderGit(): { searchPath: string; calls: () => string[] } {
  const bin = mkdtempSync(join(root, 'older-'));
  const record = join(bin, 'calls');
  const real = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh
echo "$*" >> ${record}
case "$*" in *--batch-command*) echo 'error: unknown option' >&2; exit 129;; esac
exec ${real} "$@"
`;
  writeFileSync(join(bin, 'git'), script, { mode: 0o755 });
  return { searchPath: bin, calls: () => readFileSync(record, 'utf8').trim().split('\n') };
}

describe('a git older than 2.36', () => {
  test('tells the same of every awkward repository, and is found out once', async () => {
    const { searchPath, calls } = olderGit();
    const seen = async (folder: string, more: Partial<OpenRequest>) =>
      opened(
        folder,
        async (repository) => {
          const tree = await repository.tree('head');
          return { entries: tree.entries, incomplete: tree.incomplete, codes: codes(repository) };
        },
        { ...more, limits: { entries: 20_000, ...more.limits } },
      );
    const direct = 0;
    for (const name of Object.keys(AWKWARD)) {
      const folder = join(estate, name);
      const older = await seen(folder, { searchPath, limits: { direct } });
      assert.deepEqual(older, await seen(folder, { limits: { direct } }), name);
      assert.deepEqual(older, await seen(folder, {}), `${name}, without git`);
    }
    assert.equal(calls().filter((call) => call.includes('--batch-command')).length, 1);
  });

  test('is asked first for sizes, where the index is looked at, and first by several at once', async () => {
    const { searchPath, calls } = olderGit();
    const view = (name: string) =>
      opened(
        join(estate, 'armed'),
        async (repository) => {
          const { entries } = await repository.tree('index');
          return [name, ...entries.map(({ size }) => size)];
        },
        { searchPath, scratch: join(root, `scratch-${name}`), limits: { direct: 0 } },
      );
    assert.deepEqual(await Promise.all(['one', 'two'].map(view)), [
      ['one', 28, 2, 2],
      ['two', 28, 2, 2],
    ]);
    assert.equal(calls().filter((call) => call.includes('--batch-check')).length, 2);
  });
});

test('one process answers for sizes and for contents', async () => {
  const bin = mkdtempSync(join(root, 'counted-'));
  const real = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  writeFileSync(join(bin, 'git'), `#!/bin/sh\necho "$*" >> ${bin}/calls\nexec ${real} "$@"\n`, {
    mode: 0o755,
  });
  await opened(
    join(estate, 'plain'),
    async (repository) => {
      const tree = await repository.tree('head');
      assert.deepEqual(
        tree.entries.map(({ size }) => size),
        [2, 2],
      );
      assert.equal(await tree.read('a.txt'), 'a\n');
    },
    { searchPath: bin, limits: { direct: 0 } },
  );
  assert.equal(readFileSync(join(bin, 'calls'), 'utf8'), '--no-pager cat-file --batch-command\n');
});

describe('limits', () => {
  test('a git that hangs is ended, and that is a problem', async () => {
    const bin = join(root, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'git'), '#!/bin/sh\nexec /bin/sleep 600\n', { mode: 0o755 });
    const more = { searchPath: bin, limits: { idle: 100, listing: 100, direct: 0 } };
    for (const [view, code] of [
      ['head', 'git-timeout'],
      ['index', 'git-timeout'],
    ] as const) {
      await opened(
        join(estate, 'plain'),
        async (repository) => {
          const tree = await repository.tree(view);
          assert.equal(tree.incomplete?.unobserved, 'failed');
          assert.ok(codes(repository).includes(code), codes(repository).join());
        },
        more,
      );
    }
  });

  test('without git what it has to read is unobserved, and the remedy is to install it', async () => {
    await opened(
      join(estate, 'plain'),
      async (repository) => {
        assert.match(
          (await repository.tree('head')).incomplete?.why ?? '',
          /git was not found .*install git/,
        );
      },
      { searchPath: join(root, 'no-such-folder'), limits: { direct: 0 } },
    );
  });

  test('a hundred thousand files are listed whole', async () => {
    const folder = join(estate, 'many');
    bareOf(folder, (dir) => {
      const oid = blob(dir, 'x\n');
      const files = Array.from(
        { length: 1000 },
        (_, n) => ['100644', `f${String(n).padStart(4, '0')}`, oid] as const,
      );
      const inner = rawTree(dir, files);
      return rawTree(
        dir,
        Array.from({ length: 100 }, (_, n) => ['40000', `d${String(n).padStart(3, '0')}`, inner] as const),
      );
    });
    await opened(folder, async (repository) => {
      const tree = await repository.tree('head');
      assert.equal(tree.entries.length, 100_000);
      assert.equal(tree.incomplete, undefined);
      assert.equal(await tree.read('d099/f0999'), 'x\n');
    });
  });

  test('an aborted signal rejects, and leaves no child and no folder behind', async () => {
    const abort = new AbortController();
    await opened(
      join(estate, 'plain'),
      async (repository) => {
        const tree = await repository.tree('head');
        abort.abort(new Error('enough'));
        await assert.rejects(tree.read('a.txt'), /enough/);
      },
      { signal: abort.signal },
    );
  });
});

test('what may not be read is forbidden, not absent', async () => {
  const folder = join(estate, 'forbidden');
  working(folder);
  chmodSync(join(folder, '.git/objects'), 0o000);
  chmodSync(root, 0o755);
  // Permission bits do not bind root, so the question is asked as nobody.
  const script = join(root, 'ask.mjs');
  const module = new URL('./repository.ts', import.meta.url).href;
  writeFileSync(
    script,
    `
    import { openRepository } from ${JSON.stringify(module)};
    const repository = await openRepository({ path: ${JSON.stringify(folder)}, name: 'it', within: [${JSON.stringify(estate)}],
      scratch: process.argv[2], searchPath: process.env.PATH });
    const tree = await repository.tree('head');
    console.log(JSON.stringify([tree.incomplete?.unobserved, repository.problems().map(({ code }) => code)]));
    await repository.close();
  `,
  );
  const scratch = join(root, 'scratch-nobody');
  mkdirSync(scratch);
  chmodSync(scratch, 0o777);
  const asNobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const output = execFileSync(process.execPath, [script, scratch], {
    ...asNobody,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  chmodSync(join(folder, '.git/objects'), 0o755);
  assert.deepEqual(JSON.parse(output), ['forbidden', ['permission-missing']]);
});
