import assert from 'node:assert/strict';
import test from 'node:test';
import { hostedAt, lineLink } from './host-link.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

test('each host is asked for a line in its own form', () => {
  const cases: readonly (readonly [remote: string, link: string])[] = [
    ['https://github.com/acme/shop.git', `https://github.com/acme/shop/blob/${COMMIT}/a%20b/c%23.ts#L12`],
    ['git@github.com:acme/shop.git', `https://github.com/acme/shop/blob/${COMMIT}/a%20b/c%23.ts#L12`],
    [
      'ssh://git@ssh.github.com:443/acme/shop',
      `https://github.com/acme/shop/blob/${COMMIT}/a%20b/c%23.ts#L12`,
    ],
    [
      'https://github.example.com/acme/shop',
      `https://github.example.com/acme/shop/blob/${COMMIT}/a%20b/c%23.ts#L12`,
    ],
    ['https://acme.ghe.com/acme/shop', `https://acme.ghe.com/acme/shop/blob/${COMMIT}/a%20b/c%23.ts#L12`],
    [
      'git@gitlab.com:acme/group/shop.git',
      `https://gitlab.com/acme/group/shop/-/blob/${COMMIT}/a%20b/c%23.ts#L12`,
    ],
    [
      'ssh://git@gitlab.example.com:2222/acme/shop.git',
      `https://gitlab.example.com/acme/shop/-/blob/${COMMIT}/a%20b/c%23.ts#L12`,
    ],
    [
      'https://gitlab.example.com:8443/acme/shop.git',
      `https://gitlab.example.com:8443/acme/shop/-/blob/${COMMIT}/a%20b/c%23.ts#L12`,
    ],
    [
      'git@bitbucket.org:acme/shop.git',
      `https://bitbucket.org/acme/shop/src/${COMMIT}/a%20b/c%23.ts#lines-12`,
    ],
    [
      'https://bitbucket.example.com/scm/pay/shop.git',
      `https://bitbucket.example.com/projects/PAY/repos/shop/browse/a%20b/c%23.ts?at=${COMMIT}#12`,
    ],
    [
      'ssh://git@bitbucket.example.com:7999/~ann/shop.git',
      `https://bitbucket.example.com/users/ann/repos/shop/browse/a%20b/c%23.ts?at=${COMMIT}#12`,
    ],
    [
      'https://codeberg.org/acme/shop',
      `https://codeberg.org/acme/shop/src/commit/${COMMIT}/a%20b/c%23.ts#L12`,
    ],
    [
      'http://gitea.example.com:3000/acme/shop.git',
      `http://gitea.example.com:3000/acme/shop/src/commit/${COMMIT}/a%20b/c%23.ts#L12`,
    ],
    [
      'git@forgejo.example.com:acme/shop.git',
      `https://forgejo.example.com/acme/shop/src/commit/${COMMIT}/a%20b/c%23.ts#L12`,
    ],
  ];
  for (const [remote, link] of cases) {
    const hosted = hostedAt(remote);
    assert.ok(hosted, remote);
    assert.equal(lineLink({ ...hosted, commit: COMMIT }, { path: 'a b/c#.ts', line: 12 }), link, remote);
  }
});

test('Azure DevOps is one host however its remotes are written', () => {
  const remotes = [
    'https://dev.azure.com/acme/Web%20Shop/_git/shop',
    'https://acme@dev.azure.com/acme/Web%20Shop/_git/shop',
    'git@ssh.dev.azure.com:v3/acme/Web%20Shop/shop',
    'https://acme.visualstudio.com/DefaultCollection/Web%20Shop/_git/shop',
    'acme@vs-ssh.visualstudio.com:v3/acme/Web%20Shop/shop',
  ];
  for (const remote of remotes)
    assert.equal(hostedAt(remote)?.address, 'https://dev.azure.com/acme/Web%20Shop/_git/shop', remote);
  const address = 'https://dev.azure.com/acme/shop/_git/shop';
  assert.equal(hostedAt('https://dev.azure.com/acme/_git/shop')?.address, address);
  assert.equal(
    lineLink({ host: 'azure-devops', address, commit: COMMIT }, { path: 'a b.yml', line: 3 }),
    `${address}?path=%2Fa%20b.yml&version=GC${COMMIT}&line=3&lineEnd=4&lineStartColumn=1&lineEndColumn=1`,
  );
});

test('a document is asked for as text, and a file without a line as a whole', () => {
  const github = { host: 'github', address: 'https://github.com/acme/shop', commit: COMMIT } as const;
  assert.equal(
    lineLink(github, { path: 'README.md', line: 2 }),
    `${github.address}/blob/${COMMIT}/README.md?plain=1#L2`,
  );
  assert.equal(lineLink(github, { path: 'README.md' }), `${github.address}/blob/${COMMIT}/README.md`);
});

test('credentials of a remote never become part of a link', () => {
  for (const remote of [
    'https://user:hunter2@github.com/acme/shop.git',
    'https://ghp_token@github.com/acme/shop',
    'ssh://hunter2@github.com/acme/shop',
    'https://github.com/acme/shop?token=hunter2#hunter2',
  ])
    assert.equal(hostedAt(remote)?.address, 'https://github.com/acme/shop', remote);
});

test('a folder, an unknown host and what only looks like an address get no link', () => {
  for (const remote of [
    '',
    '/srv/git/github.com/acme/shop.git',
    './shop.git',
    '../github.com/acme/shop',
    'file:///srv/github.com/acme/shop.git',
    'file://github.com/acme/shop.git',
    'C:\\git\\shop',
    'C:/git/acme/shop.git',
    'c:acme/shop',
    'github:acme/shop',
    'build-server:acme/shop.git',
    'git@git.example.com:acme/shop.git',
    'https://git.example.com/acme/shop',
    'https://notgithubatall.example.com/acme/shop',
    'javascript:alert(1)//github.com/acme/shop',
    'javascript://github.com/acme/shop%0aalert(1)',
    'data:text/html,github.com/acme/shop',
    'https://github.com/acme',
    'https://github.com/acme/..',
    'https://github.com/acme/%2e%2e%2fadmin',
    'https://github.com/acme/a%0ab',
    'https://github.com/acme/%zz',
    'https://dev.azure.com/acme/shop',
    `https://github.com/acme/${'a'.repeat(3000)}`,
  ])
    assert.equal(hostedAt(remote), null, remote);
});

test('an address or a commit that is none makes no link', () => {
  const at = { path: 'a', line: 1 };
  assert.equal(lineLink({ host: 'github', address: 'javascript:alert(1)', commit: COMMIT }, at), null);
  assert.equal(lineLink({ host: 'github', address: 'https://github.com/a/b', commit: 'main' }, at), null);
});

test('a company says what its own host is', () => {
  const named = { 'git.example.com': 'gitlab' } as const;
  assert.deepEqual(hostedAt('ssh://git@git.example.com/acme/shop.git', named), {
    host: 'gitlab',
    address: 'https://git.example.com/acme/shop',
  });
  const azure = { 'tfs.example.com': 'azure-devops', 'code.example.com': 'bitbucket-server' } as const;
  assert.deepEqual(hostedAt('https://tfs.example.com/Main/shop/_git/shop', azure), {
    host: 'azure-devops',
    address: 'https://tfs.example.com/Main/shop/_git/shop',
  });
  assert.equal(hostedAt('https://tfs.example.com/Main/shop', azure), null);
  assert.equal(
    hostedAt('ssh://git@code.example.com:7999/pay/shop.git', azure)?.address,
    'https://code.example.com/projects/PAY/repos/shop',
  );
  assert.equal(hostedAt('https://constructor.example.com/acme/shop', named), null);
});
