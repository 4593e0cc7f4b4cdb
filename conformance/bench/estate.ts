/** Repositories made for measuring: the same for everybody, from a seed. */
import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A. Author',
  GIT_AUTHOR_EMAIL: 'author@example.org',
  GIT_COMMITTER_NAME: 'A. Author',
  GIT_COMMITTER_EMAIL: 'author@example.org',
};

export function git(cwd: string, ...args: string[]): void {
  const { status, stderr } = spawnSync('git', args, { cwd, env: ENVIRONMENT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
}

/** Deterministic numbers (mulberry32), so that every run measures the same bytes. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS =
  'account batch cache detail event field graph header index journal key ledger merge node order page'.split(
    ' ',
  );

function source(next: () => number, lines: number): string {
  const word = () => WORDS[Math.floor(next() * WORDS.length)];
  return Array.from(
    { length: lines },
    (_, n) => `export const ${word()}${n} = ${word()}('${word()}', ${n});`,
  ).join('\n');
}

const WORKFLOW = `on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 24 }
      - run: npm ci
      - run: npm test -- --title "\${{ github.event.pull_request.title }}"
`;

/** An ordinary repository: 200 files of code, two workflows, a lockfile of 150 packages, owners, 8 commits. */
export function ordinaryRepository(folder: string, seed: number): void {
  const next = numbers(seed);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (let n = 0; n < 200; n++)
    write(`src/part-${n % 12}/file-${n}.ts`, source(next, 40 + Math.floor(next() * 120)));
  write('.github/workflows/ci.yml', WORKFLOW);
  write('.github/workflows/release.yml', WORKFLOW.replace('[push, pull_request]', 'push'));
  write('.github/CODEOWNERS', '* @example/team\n/src/part-1/ @example/other\n');
  write(
    '.github/dependabot.yml',
    'version: 2\nupdates:\n  - package-ecosystem: npm\n    directory: /\n    schedule: { interval: weekly }\n',
  );
  const names = Array.from({ length: 150 }, (_, n) => `package-${seed}-${n}`);
  const dependencies = Object.fromEntries(names.map((name) => [name, '^1.0.0']));
  write('package.json', JSON.stringify({ name: `example-${seed}`, version: '1.0.0', dependencies }, null, 2));
  const locked = names.map((name) => [
    `node_modules/${name}`,
    { version: '1.0.1', integrity: `sha512-${hash('sha512', name, 'base64')}` },
  ]);
  const packages = { '': { dependencies }, ...Object.fromEntries(locked) };
  write(
    'package-lock.json',
    JSON.stringify({ name: `example-${seed}`, lockfileVersion: 3, packages }, null, 2),
  );
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'add', '.');
  git(folder, 'commit', '-qm', 'Begin');
  for (let n = 0; n < 7; n++) {
    write(`src/part-0/file-0.ts`, source(next, 60));
    git(folder, 'commit', '-qam', `Change ${n}`);
  }
  git(folder, 'gc', '-q');
}

/** A repository of so many megabytes that do not compress, in files of 8 MB. */
export function largeRepository(folder: string, megabytes: number): void {
  const next = numbers(7);
  mkdirSync(join(folder, 'data'), { recursive: true });
  git(folder, 'init', '-q', '-b', 'main');
  for (let n = 0; n < megabytes / 8; n++) {
    const words = Uint32Array.from({ length: 2 ** 21 }, () => next() * 2 ** 32);
    writeFileSync(join(folder, 'data', `part-${n}.bin`), words);
  }
  git(folder, '-c', 'core.compression=0', 'add', '.');
  git(folder, 'commit', '-qm', 'Begin');
}
