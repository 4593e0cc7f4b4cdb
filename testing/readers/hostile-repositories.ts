/**
 * Awkward and hostile repositories, built for tests: each row makes one in a folder and says what must be noticed.
 * Everything is made with git's own plumbing, so that the files are what git would leave behind.
 */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Cause } from '@macadam/core/facts/observation';
import { bareOf, blob, git, objectPath, rawTree, text, working } from './built-repository.ts';

export interface Awkward {
  /** Makes the repository at `folder`; `outside` is a folder beside the estate. */
  readonly build: (folder: string, outside: string) => void;
  /** Codes of the problems that must be recorded, no more and no fewer. */
  readonly codes: readonly string[];
  /** The cause for which the tree of HEAD is incomplete; left out where it is whole. */
  readonly incomplete?: Cause;
  /** Path → text that must be read, or the cause for which it is not. */
  readonly reads?: Readonly<Record<string, string | { cause: Cause; why: RegExp }>>;
  /** Number of entries of HEAD. */
  readonly entries?: number;
}

const failed = (why: RegExp) => ({ cause: 'failed' as const, why });

/** As git writes them. */
function addSettings(file: string, settings: readonly (readonly [key: string, value: string])[]): void {
  for (const [key, value] of settings) {
    const [, section, subsection, name] = /^(\w+)(?:\.(.+))?\.([\w-]+)$/.exec(key) ?? [];
    const heading = subsection === undefined ? section : `${section} "${subsection}"`;
    appendFileSync(file, `[${heading}]\n\t${name} = "${value.replaceAll(/[\\"]/g, '\\$&')}"\n`);
  }
}

export const AWKWARD: Readonly<Record<string, Awkward>> = {
  plain: { build: (f) => working(f), codes: [], entries: 2, reads: { 'sub/b.txt': 'b\n' } },
  'bare.git': {
    build: (f, outside) => {
      working(join(outside, 'plain'));
      git(outside, ['clone', '-q', '--bare', join(outside, 'plain'), f]);
    },
    codes: [],
    entries: 2,
    reads: { 'a.txt': 'a\n' },
  },
  linked: {
    build: (f) => {
      working(`${f}-main`);
      git(`${f}-main`, ['worktree', 'add', '-q', f]);
    },
    codes: [],
    entries: 2,
    reads: { 'a.txt': 'a\n' },
  },
  'packed-refs': {
    build: (f) => {
      working(f);
      git(f, ['pack-refs', '--all']);
      git(f, ['gc', '-q']);
    },
    codes: [],
    reads: { 'a.txt': 'a\n' },
  },
  sha256: {
    build: (f) => working(f, { 'a.txt': 'a\n' }, ['--object-format=sha256']),
    codes: [],
    entries: 1,
    reads: { 'a.txt': 'a\n' },
  },
  empty: {
    build: (f) => {
      mkdirSync(f);
      git(f, ['init', '-q']);
    },
    codes: [],
    entries: 0,
  },
  detached: {
    build: (f) => {
      working(f);
      git(f, ['checkout', '-q', '--detach']);
    },
    codes: ['head-detached'],
    reads: { 'a.txt': 'a\n' },
  },
  'head-missing': {
    build: (f) => {
      working(f);
      git(f, ['symbolic-ref', 'HEAD', 'refs/heads/gone']);
    },
    codes: ['head-missing'],
    incomplete: 'failed',
  },
  'head-garbage': {
    build: (f) => {
      working(f);
      writeFileSync(join(f, '.git/HEAD'), 'ref: ../../../etc/passwd\n');
    },
    codes: ['head-invalid'],
    incomplete: 'failed',
  },
  'head-loop': {
    build: (f) => {
      working(f);
      writeFileSync(join(f, '.git/refs/heads/main'), 'ref: refs/heads/main\n');
    },
    codes: ['head-invalid'],
    incomplete: 'failed',
  },
  'missing-blob': {
    build: (f) => {
      working(f);
      rmSync(objectPath(f, text(f, ['rev-parse', 'HEAD:a.txt'])));
    },
    codes: ['object-missing'],
    entries: 2,
    reads: { 'a.txt': failed(/objects are missing or damaged .*a\.txt/), 'sub/b.txt': 'b\n' },
  },
  'missing-tree': {
    build: (f) => {
      working(f);
      rmSync(objectPath(f, text(f, ['rev-parse', 'HEAD:sub'])));
    },
    codes: ['object-missing'],
    incomplete: 'failed',
    entries: 1,
    reads: { 'a.txt': 'a\n' },
  },
  'missing-commit': {
    build: (f) => {
      working(f);
      rmSync(objectPath(f, text(f, ['rev-parse', 'HEAD'])));
    },
    codes: ['object-missing'],
    incomplete: 'failed',
    entries: 0,
  },
  'truncated-blob': {
    build: (f) => {
      working(f, { 'a.txt': 'a'.repeat(100_000), 'b.txt': 'b\n', 'c.txt': 'c\n' });
      truncateSync(objectPath(f, text(f, ['rev-parse', 'HEAD:a.txt'])), 60);
    },
    codes: [],
    reads: { 'a.txt': failed(/objects are corrupt/), 'b.txt': 'b\n', 'c.txt': 'c\n' },
  },
  'truncated-tree': {
    build: (f) => {
      working(f);
      truncateSync(objectPath(f, text(f, ['rev-parse', 'HEAD:sub'])), 10);
    },
    codes: ['object-missing'],
    incomplete: 'failed',
    reads: { 'a.txt': 'a\n' },
  },
  'swapped-blob': {
    build: (f) => {
      working(f, { 'a.txt': 'a\n', 'b.txt': 'b\n' });
      const [a, b] = ['a', 'b'].map((name) => objectPath(f, text(f, ['rev-parse', `HEAD:${name}.txt`])));
      writeFileSync(a ?? '', readFileSync(b ?? ''));
    },
    codes: [],
    reads: { 'a.txt': failed(/is not what its id says/), 'b.txt': 'b\n' },
  },
  'corrupt-pack': {
    build: (f) => {
      working(f);
      git(f, ['gc', '-q']);
      const folder = join(f, '.git/objects/pack');
      const pack = join(folder, readdirSync(folder).find((name) => name.endsWith('.pack')) ?? '');
      chmodSync(pack, 0o644);
      const content = readFileSync(pack);
      content.fill(0xff, 12, content.length - 20);
      writeFileSync(pack, content);
    },
    codes: ['object-missing'],
    incomplete: 'failed',
    entries: 0,
  },
  'truncated-pack': {
    build: (f) => {
      working(f);
      git(f, ['gc', '-q']);
      const folder = join(f, '.git/objects/pack');
      const pack = join(folder, readdirSync(folder).find((name) => name.endsWith('.pack')) ?? '');
      chmodSync(pack, 0o644);
      truncateSync(pack, 40);
    },
    codes: ['object-missing'],
    incomplete: 'failed',
    entries: 0,
  },
  huge: {
    build: (f) => {
      mkdirSync(f);
      writeFileSync(join(f, 'zeros'), '');
      // More than is read without git, too.
      truncateSync(join(f, 'zeros'), 9 * 2 ** 20);
      working(f, { 'a.txt': 'a\n' });
    },
    codes: [],
    reads: {
      zeros: { cause: 'incomplete', why: /has 9437184 bytes, more than the 5242880/ },
      'a.txt': 'a\n',
    },
  },
  'odd-paths': {
    build: (f) =>
      bareOf(f, (dir) => {
        const oid = blob(dir, 'x\n');
        return rawTree(dir, [
          ['100644', '\u001b[31mred', oid],
          ['100644', Buffer.from([0x61, 0xfe]), oid],
          ['100644', Buffer.from([0x61, 0xff]), oid],
          ['100644', 'new\nline', oid],
          ['100644', 'quote"\'', oid],
          ['100644', 'README', oid],
          ['100644', 'readme', oid],
        ]);
      }),
    codes: ['path-not-utf8'],
    entries: 7,
    reads: {
      'new\nline': 'x\n',
      '\u001b[31mred': 'x\n',
      README: 'x\n',
      readme: 'x\n',
      'a\ufffd': 'x\n',
      'a\ufffd\ufffd': 'x\n',
    },
  },
  'unsafe-paths': {
    build: (f) =>
      bareOf(f, (dir) => {
        const oid = blob(dir, 'x\n');
        const inner = rawTree(dir, [['100755', 'hook', oid]]);
        return rawTree(dir, [
          ['40000', '..', inner],
          ['40000', '.GIT', inner],
          ['100644', 'a/../../b', oid],
          ['100644', 'fine', oid],
          ['100644', 'fine', oid],
        ]);
      }),
    codes: ['path-unsafe'],
    incomplete: 'failed',
    entries: 1,
    reads: { fine: 'x\n' },
  },
  bomb: {
    build: (f) =>
      bareOf(f, (dir) => {
        let [mode, oid] = ['100644', blob(dir, 'x\n')];
        for (let level = 0; level < 12; level++) {
          const items = Array.from({ length: 10 }, (_, n) => [mode, `f${n}`, oid] as const);
          [mode, oid] = ['40000', rawTree(dir, items)];
        }
        return oid;
      }),
    codes: ['tree-too-large'],
    incomplete: 'incomplete',
  },
  'bad-text': {
    build: (f) =>
      bareOf(f, (dir) =>
        rawTree(dir, [
          ['100644', 'latin1', blob(dir, Buffer.from([0x61, 0xe4, 0x0a]))],
          ['100644', 'marked', blob(dir, '\ufeffx')],
        ]),
      ),
    codes: [],
    reads: { latin1: failed(/not valid UTF-8/), marked: 'x' },
  },
  links: {
    build: (f) => {
      mkdirSync(f);
      symlinkSync('/etc/passwd', join(f, 'absolute'));
      symlinkSync('../../../../etc/passwd', join(f, 'relative'));
      symlinkSync('loop', join(f, 'loop'));
      symlinkSync('sub/b.txt', join(f, 'inside'));
      symlinkSync('../outside', join(f, 'chain'));
      working(f);
    },
    codes: ['symlink-outside'],
    reads: {
      absolute: { cause: 'unobserved', why: /lead out of the repository and are not followed/ },
      relative: { cause: 'unobserved', why: /lead out of the repository/ },
      loop: failed(/leads to no file/),
      inside: 'b\n',
    },
  },
  submodule: {
    build: (f) => {
      working(f);
      git(f, ['update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},module`]);
      git(f, ['commit', '-qm', 'two']);
    },
    codes: [],
    entries: 3,
    reads: { module: { cause: 'unobserved', why: /is a submodule/ } },
  },
  shallow: {
    build: (f, outside) => {
      const origin = join(outside, 'deep');
      working(origin);
      git(origin, ['commit', '-q', '--allow-empty', '-m', 'two']);
      git(outside, ['clone', '-q', '--depth', '1', `file://${origin}`, f]);
    },
    codes: [],
    reads: { 'a.txt': 'a\n' },
  },
  partial: {
    build: (f, outside) => {
      const origin = join(outside, 'origin');
      working(origin);
      git(origin, ['config', 'uploadpack.allowFilter', 'true']);
      git(outside, ['clone', '-q', '--no-checkout', '--filter=blob:none', `file://${origin}`, f]);
      // If anything fetched what is missing, this would run.
      git(f, ['config', 'protocol.ext.allow', 'always']);
      git(f, ['config', 'remote.origin.url', `ext::sh -c "touch ${outside}/canary"`]);
    },
    codes: ['object-not-fetched'],
    entries: 2,
    reads: { 'a.txt': { cause: 'unobserved', why: /partial clone left objects out .* clone it whole/ } },
  },
  armed: {
    build: (f, outside) => {
      working(f, { 'a.txt': 'a\n', '.gitattributes': '* filter=arm diff=arm ident\n', 'sub/b.txt': 'b\n' });
      const run = `sh -c 'touch ${outside}/canary; cat'`;
      addSettings(join(f, '.git/config'), [
        ['core.fsmonitor', run],
        ['core.pager', run],
        ['core.sshCommand', run],
        ['core.askPass', run],
        ['core.hooksPath', `${f}/hooks`],
        ['core.worktree', '/etc'],
        ['core.untrackedCache', 'true'],
        ['pager.ls-files', run],
        ['filter.arm.clean', run],
        ['filter.arm.smudge', run],
        ['filter.arm.process', run],
        ['diff.arm.textconv', run],
        ['diff.external', run],
        ['alias.ls-files', `!${run}`],
        ['credential.helper', `!${run}`],
        ['include.path', join(outside, 'included')],
        ['extensions.partialClone', 'origin'],
        ['remote.origin.url', `ext::${run}`],
        ['remote.origin.uploadpack', run],
        ['protocol.ext.allow', 'always'],
      ]);
      mkdirSync(join(f, '.git/hooks'), { recursive: true });
      for (const hook of [
        'post-index-change',
        'fsmonitor-watchman',
        'post-checkout',
        'reference-transaction',
      ]) {
        writeFileSync(join(f, '.git/hooks', hook), `#!/bin/sh\ntouch ${outside}/canary\n`, { mode: 0o755 });
      }
    },
    codes: [],
    entries: 3,
    reads: { 'a.txt': 'a\n' },
  },
  replaced: {
    build: (f) => {
      working(f);
      git(f, ['replace', text(f, ['rev-parse', 'HEAD:a.txt']), blob(f, 'replaced\n')]);
    },
    codes: [],
    reads: { 'a.txt': 'a\n' },
  },
  'alternates-outside': {
    build: (f, outside) => {
      working(join(outside, 'private'));
      git(outside, ['clone', '-q', '--shared', join(outside, 'private'), f]);
    },
    codes: ['alternates-outside', 'object-missing'],
    incomplete: 'failed',
    entries: 0,
  },
  'alternates-inside': {
    build: (f) => {
      working(`${f}-lender`);
      git(dirname(f), ['clone', '-q', '--shared', `${f}-lender`, f]);
    },
    codes: [],
    reads: { 'a.txt': 'a\n' },
  },
  'gitdir-outside': {
    build: (f, outside) => {
      working(join(outside, 'other'));
      mkdirSync(f);
      writeFileSync(join(f, '.git'), `gitdir: ${join(outside, 'other', '.git')}\n`);
    },
    codes: ['gitdir-outside'],
    incomplete: 'forbidden',
  },
  'gitdir-link-outside': {
    build: (f, outside) => {
      working(join(outside, 'third'));
      mkdirSync(f);
      symlinkSync(join(outside, 'third', '.git'), join(f, '.git'));
    },
    codes: ['gitdir-outside'],
    incomplete: 'forbidden',
  },
  'commondir-outside': {
    build: (f, outside) => {
      working(join(outside, 'fourth'));
      working(f);
      writeFileSync(join(f, '.git/commondir'), `${join(outside, 'fourth', '.git')}\n`);
    },
    codes: ['gitdir-outside'],
    incomplete: 'forbidden',
  },
  'objects-outside': {
    build: (f, outside) => {
      working(f);
      renameSync(join(f, '.git/objects'), join(outside, 'moved-objects'));
      symlinkSync(join(outside, 'moved-objects'), join(f, '.git/objects'));
    },
    codes: ['alternates-outside', 'object-missing'],
    incomplete: 'failed',
  },
  'git-file-garbage': {
    build: (f) => {
      mkdirSync(f);
      writeFileSync(join(f, '.git'), 'nothing of the sort\n');
    },
    codes: ['repository-invalid'],
    incomplete: 'failed',
  },
  'git-folder-empty': {
    build: (f) => mkdirSync(join(f, '.git'), { recursive: true }),
    codes: ['repository-invalid'],
    incomplete: 'failed',
  },
  'git-fifo': {
    build: (f) => {
      mkdirSync(f);
      execFileSync('mkfifo', [join(f, '.git')]);
    },
    codes: ['repository-invalid'],
    incomplete: 'failed',
  },
  'head-fifo': {
    build: (f) => {
      working(f);
      rmSync(join(f, '.git/HEAD'));
      execFileSync('mkfifo', [join(f, '.git/HEAD')]);
    },
    codes: ['repository-invalid'],
    incomplete: 'failed',
  },
  'object-fifo': {
    build: (f) => {
      working(f);
      const path = objectPath(f, text(f, ['rev-parse', 'HEAD:a.txt']));
      rmSync(path);
      execFileSync('mkfifo', [path]);
    },
    codes: ['object-unsafe', 'object-missing'],
    reads: { 'a.txt': failed(/objects are missing or damaged/), 'sub/b.txt': 'b\n' },
  },
  'looks-bare': {
    build: (f) => {
      for (const name of ['objects', 'refs']) mkdirSync(join(f, name), { recursive: true });
      writeFileSync(join(f, 'HEAD'), 'the head of a department\n');
    },
    codes: ['head-invalid'],
    incomplete: 'failed',
  },
  reftable: {
    build: (f) => {
      working(f);
      git(f, ['config', 'extensions.refStorage', 'reftable']);
    },
    codes: ['format-unsupported'],
    incomplete: 'failed',
  },
};
