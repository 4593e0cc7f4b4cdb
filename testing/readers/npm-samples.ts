/** Texts for the tests of npm's formats, and what each says, one line a package. */

const SHA = 'a1b2c3d4e5'.repeat(4);
const HASH = `sha512-${'A'.repeat(86)}==`;

export interface Sample {
  readonly path: string;
  readonly text: string;
  readonly beside?: Readonly<Record<string, string>>;
  readonly says: readonly string[];
}

export const NPM_SAMPLES: readonly Sample[] = [
  {
    path: 'package.json',
    text: `{ "name": "a",
  "dependencies": {
    "left": "^1.0.0",
    "aliased": "npm:@real/name@~2",
    "local": "file:../local",
    "forked": "github:o/r#${SHA}",
    "short": "o/r",
    "archive": "https://example.org/x.tgz"
  },
  "devDependencies": { "right": "" }
}`,
    says: [
      'left ^1.0.0 registry direct :3',
      '@real/name ~2 registry direct :4',
      'local file:../local path direct :5',
      `forked github:o/r#${SHA} git direct :6`,
      'short o/r git direct :7',
      'archive https://example.org/x.tgz url direct :8',
      'right * registry direct development :10',
    ],
  },
  {
    path: 'package-lock.json',
    text: JSON.stringify(
      {
        name: 'a',
        lockfileVersion: 3,
        packages: {
          '': { dependencies: { left: '^1.0.0', __proto__x: '*' }, workspaces: ['web'] },
          web: { version: '1.0.0', devDependencies: { right: '~3' } },
          'node_modules/left': { version: '1.2.3', integrity: HASH, dependencies: { deep: '*' } },
          'node_modules/left/node_modules/@s/deep': { version: '2.0.0', integrity: HASH, dev: true },
          'node_modules/deep': { name: 'really', version: '4.0.0', inBundle: true },
          'node_modules/git': { version: '1.0.0', resolved: `git+ssh://git@github.com/o/r.git#${SHA}` },
          'node_modules/web': { resolved: 'web', link: true },
          'web/node_modules/right': {
            version: '3.0.0',
            resolved: 'https://r.example/right/-/right-3.0.0.tgz',
          },
        },
      },
      null,
      1,
    ),
    says: [
      `left 1.2.3 ${HASH} ^1.0.0 registry direct :20 needs really@4.0.0`,
      `@s/deep 2.0.0 ${HASH} registry development :27`,
      'really 4.0.0 registry :32',
      `git 1.0.0 ${SHA} git :37`,
      'web path :41',
      'right 3.0.0 ~3 registry direct :45',
    ],
  },
  {
    path: 'npm-shrinkwrap.json',
    text: `{ "lockfileVersion": 1, "dependencies": {
      "a": { "version": "1.0.0", "integrity": "sha1-x", "dependencies": {
        "b": { "version": "npm:@real/b@2.0.0", "dev": true } } },
      "c": { "version": "github:o/c#${SHA}" } } }`,
    says: ['a 1.0.0 sha1-x registry :2', `c ${SHA} ${SHA} git :4`, '@real/b 2.0.0 registry development :3'],
  },
  {
    path: 'pnpm-lock.yaml',
    text: `lockfileVersion: '9.0'

importers:
  .:
    dependencies:
      left:
        specifier: ^1.0.0
        version: 1.2.3(right@2.0.0)
      local:
        specifier: workspace:*
        version: link:web
    devDependencies:
      right:
        specifier: ~2
        version: 2.0.0
  web: {}

packages:
  '@s/deep@1.10.0':
    resolution: {integrity: ${HASH}}
    deprecated: |-
      no more
  forked@https://codeload.github.com/o/r/tar.gz/${SHA}:
    resolution: {tarball: https://codeload.github.com/o/r/tar.gz/${SHA}}
    version: 5.0.0
  left@1.2.3:
    resolution: {integrity: ${HASH}}
  right@2.0.0:
    resolution: {integrity: ${HASH}}

snapshots:
  '@s/deep@1.10.0': {}
  forked@https://codeload.github.com/o/r/tar.gz/${SHA}: {}
  left@1.2.3(right@2.0.0):
    dependencies:
      '@s/deep': 1.10.0
  right@2.0.0: {}
`,
    says: [
      `@s/deep 1.10.0 ${HASH} registry :19`,
      `forked 5.0.0 ${SHA} git development :23`,
      `left 1.2.3 ${HASH} ^1.0.0 registry direct :26 needs @s/deep@1.10.0`,
      `right 2.0.0 ${HASH} ~2 registry direct development :28`,
    ],
  },
  {
    path: 'old/pnpm-lock.yaml',
    text: `lockfileVersion: 5.4
specifiers:
  '@s/left': ^1.0.0
dependencies:
  '@s/left': 1.0.0_right@2.0.0
packages:
  /@s/left/1.0.0_right@2.0.0:
    resolution: {integrity: ${HASH}}
    dev: false
`,
    says: [`@s/left 1.0.0 ${HASH} ^1.0.0 registry direct :7`],
  },
  {
    path: 'six/pnpm-lock.yaml',
    text: `lockfileVersion: '6.0'
devDependencies:
  left:
    specifier: ^1.0.0
    version: 1.0.0(right@2.0.0)
packages:
  /left@1.0.0(right@2.0.0):
    resolution: {integrity: ${HASH}}
    dev: true
`,
    says: [`left 1.0.0 ${HASH} ^1.0.0 registry direct development :7`],
  },
  {
    path: 'yarn.lock',
    text: `# yarn lockfile v1


"@s/left@^1.0.0", "@s/left@^1.1.0":
  version "1.2.0"
  resolved "https://r.example/left.tgz#${SHA}"
  integrity ${HASH}
  dependencies:
    right "^1"

right@^1:
  version "1.0.0"
  resolved "https://r.example/right.tgz#${SHA}"

"forked@github:o/r":
  version "0.0.0"
  resolved "https://codeload.github.com/o/r/tar.gz/${SHA}"
`,
    says: [
      `@s/left 1.2.0 ${HASH} ^1.0.0 registry :4`,
      `right 1.0.0 sha1:${SHA} ^1 registry :11`,
      `forked 0.0.0 ${SHA} github:o/r git :15`,
    ],
  },
  {
    path: 'berry/yarn.lock',
    text: `# This file is generated by running "yarn install" inside your project.

__metadata:
  version: 8

"@s/left@npm:^1.0.0, @s/left@npm:^1.1.0":
  version: 1.2.0
  resolution: "@s/left@npm:1.2.0"
  checksum: 10c0/abc
  languageName: node
  linkType: hard

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    "@s/left": "npm:^1.0.0"
  languageName: unknown
  linkType: soft
`,
    says: ['@s/left 1.2.0 10c0/abc ^1.0.0 registry direct :6', 'app 0.0.0-use.local path :13'],
  },
];
