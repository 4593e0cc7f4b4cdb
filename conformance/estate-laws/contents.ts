/** A file of the truth as bytes on disk. A manifest is two files where it is locked. */
import { crc32 } from 'node:zlib';
import type { File } from './truth.ts';

const COMMIT = '11bd71901bbe5b1630ceea73d27597364c9af683';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A classic GitHub token: 30 characters and six that check them (base 62 of their CRC-32). Opens nothing. */
export function token(number: number): string {
  let body = '';
  let state = number + 1;
  for (let at = 0; at < 30; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    body += BASE62[(state >>> 16) % 62];
  }
  let sum = crc32(body);
  let check = '';
  for (let at = 0; at < 6; at++) {
    check = `${BASE62[sum % 62]}${check}`;
    sum = Math.floor(sum / 62);
  }
  return `ghp_${body}${check}`;
}

/** What a stranger types into the title of a pull request. */
const EXPRESSION = ['$', '{{ github.event.pull_request.title }}'].join('');

function workflow(pinned: boolean, rights: string, injected: boolean): string {
  const event = injected ? 'pull_request_target' : 'push';
  const script = injected ? `echo "${EXPRESSION}"` : 'echo hello';
  return `on: ${event}
permissions: ${rights}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/setup-node@${pinned ? COMMIT : 'v4'}
      - run: ${script}
`;
}

const MANIFEST = JSON.stringify(
  { name: 'part', version: '1.0.0', private: true, dependencies: { 'left-pad': '^1.3.0' } },
  null,
  2,
);
const INTEGRITY =
  'sha512-XI5MPzVNApjAyhQzphX8BkmKsKUxD4LdyK24iZeQGinBN9yTQT3bFlCBy/aVx2HrNcqQGsdot8ghrjyrvMCoEA==';
const LOCK = JSON.stringify(
  {
    name: 'part',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'part', version: '1.0.0', dependencies: { 'left-pad': '^1.3.0' } },
      'node_modules/left-pad': { version: '1.3.0', integrity: INTEGRITY },
    },
  },
  null,
  2,
);
const UPDATES = `version: 2
updates:
  - package-ecosystem: npm
    directories: ["/**"]
    schedule: { interval: weekly }
  - package-ecosystem: github-actions
    directory: /
    schedule: { interval: weekly }
`;

/** Path → text of every file that this one is on disk. */
export function contentsOf(path: string, file: File): ReadonlyMap<string, string> {
  switch (file.is) {
    case 'workflow': {
      const rights = file.token === 'none' ? '{}' : 'write-all';
      return new Map([[path, workflow(file.pinned, rights, file.injected)]]);
    }
    case 'manifest': {
      const files = new Map([[path, MANIFEST]]);
      if (file.locked) files.set(path.replace('package.json', 'package-lock.json'), LOCK);
      return files;
    }
    case 'secret':
      return new Map([[path, `export const TOKEN = '${token(file.number)}';\n`]]);
    case 'updates':
      return new Map([[path, UPDATES]]);
    case 'codeowners':
      return new Map([[path, '* @acme/everybody\n']]);
    case 'plain':
      return new Map([[path, `${file.words}\n`]]);
  }
}
