/** Bare repositories for tests that play on an estate: real ones where a run of all tests has some, else what is made here. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { git, working } from './built-repository.ts';

/** Name of the variable with the folder of archives that a run of all tests found beside the repository; unset where there are none. */
export const REAL_ESTATE = 'MACADAM_TEST_ESTATE';

/** Two actions by names that can be moved, as two workflows of a repository use them. */
const workflow = (job: string) => `on: push
permissions: {}
jobs:
  ${job}:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: { persist-credentials: false }
      - uses: actions/setup-go@v5
`;
const WORKFLOWS = {
  '.github/workflows/ci.yml': workflow('test'),
  '.github/workflows/release.yml': workflow('release'),
};
/**
 * Of two teams. A team gets work by a standard once a week: what a stricter one adds must be of the second, which has none by then.
 */
const MADE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  one: { 'README.md': 'One\n', ...WORKFLOWS },
  two: { 'README.md': 'Two\n', ...WORKFLOWS },
  three: { 'README.md': 'Three\n' },
  four: { 'README.md': 'Four\n', 'SECURITY.md': 'Write to security@macadam.example\n' },
};

export interface BareEstate {
  /** Names of what the first team has, and of what the second has. */
  readonly teams: readonly [readonly string[], readonly string[]];
  /** One of the first team in which actions are used by a name. */
  readonly unpinned: string;
  /** Names that CODEOWNERS has for the second team, and its organisation has not. */
  readonly second: readonly string[];
}

/** Fills a folder with bare repositories. */
export function bareEstate(folder: string): BareEstate {
  mkdirSync(folder, { recursive: true });
  const archives = process.env[REAL_ESTATE];
  if (archives !== undefined) {
    for (const name of readdirSync(archives).filter((one) => one.endsWith('.tar.xz')))
      execFileSync('tar', ['-xJf', join(archives, name), '--no-same-owner', '-C', folder]);
    return {
      teams: [bare('codeowners', 'hono'), bare('cosign', 'fastify', 'jose')],
      unpinned: 'codeowners.git',
      second: ['@sigstore/cosign-codeowners', '@sigstore/dep-maintainers'],
    };
  }
  for (const [name, files] of Object.entries(MADE)) {
    const at = join(folder, `${name}.made`);
    working(at, files);
    git(folder, ['clone', '-q', '--bare', at, join(folder, `${name}.git`)]);
    rmSync(at, { recursive: true });
  }
  return {
    teams: [bare('one', 'three'), bare('two', 'four')],
    unpinned: 'one.git',
    second: [],
  };
}

/** Their folders, which is what they are called. */
const bare = (...names: readonly string[]): readonly string[] => names.map((name) => `${name}.git`);

/** Commits of actions, as somebody would look them up: what they were called on the day that they were pinned. */
const PINS: Readonly<Record<string, string>> = {
  'actions/checkout@v4': 'actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2',
  'actions/setup-go@v5': 'actions/setup-go@d35c59abb061a4a6fb18e82ac0862c26744d6ab5 # v5.5.0',
};
/** The text of a workflow in which every action that is known here is named by its commit. */
export const pinned = (text: string): string =>
  text
    .split('\n')
    .map((line) => {
      const name = Object.keys(PINS).find((one) => line.endsWith(`uses: ${one}`));
      return name === undefined ? line : line.replace(name, PINS[name] ?? name);
    })
    .join('\n');
