/** Texts for the tests of the formats, and what each says. */

const SHA = 'a1b2c3d4e5'.repeat(4);
const HASH = `sha512-${'A'.repeat(86)}==`;

/** A valid text for every format that lists something, and what it says, one line a package. */
export const SAMPLES: readonly {
  readonly path: string;
  readonly text: string;
  readonly beside?: Readonly<Record<string, string>>;
  readonly says: readonly string[];
}[] = [
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
  {
    path: 'pyproject.toml',
    text: `[project]
name = "a"
dependencies = [
  "Django>=4 ; python_version > '3'",
  "forked @ git+https://github.com/o/r@${SHA}",
]
[project.optional-dependencies]
x = ["a[y]", "extra_one==1.0"]
[dependency-groups]
dev = ["pytest", {include-group = "x"}]
[tool.poetry.group.docs.dependencies]
sphinx = { version = "^7", optional = true }
python = "^3.12"
`,
    says: [
      'django >=4 registry direct :4',
      `forked @ git+https://github.com/o/r@${SHA} git direct :5`,
      'extra-one ==1.0 registry direct :8',
      'pytest * registry direct development :10',
      'sphinx ^7 registry direct development :12',
    ],
  },
  {
    path: 'requirements.txt',
    text: `# pinned
--index-url https://pypi.example/simple
Django==4.2.1 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
requests[socks]>=2 ; python_version < "3.9"  # why
loose
capped
-e git+https://github.com/o/r.git@${SHA}#egg=thing
./local
-c constraints.txt
`,
    beside: { 'constraints.txt': 'capped==9.0\n' },
    says: [
      'django 4.2.1 sha256:aa ==4.2.1 registry direct :3',
      'requests >=2 registry direct :6',
      'loose * registry direct :7',
      'capped 9.0 * registry direct :8',
      `thing ${SHA} ${SHA} git+https://github.com/o/r.git@${SHA}#egg=thing git direct :9`,
      'local ./local path direct :10',
    ],
  },
  {
    path: 'poetry.lock',
    text: `[[package]]
name = "Left_Pad"
version = "1.0"
groups = ["dev"]
files = [{file = "x.whl", hash = "sha256:aa"}]

[[package]]
name = "forked"
version = "2.0"
groups = ["main", "dev"]
files = []
[package.source]
type = "git"
url = "https://github.com/o/r"
resolved_reference = "${SHA}"
`,
    says: ['left-pad 1.0 sha256:aa registry development :1', `forked 2.0 ${SHA} git :7`],
  },
  {
    path: 'uv.lock',
    text: `version = 1
[[package]]
name = "app"
source = { editable = "." }
dependencies = [{ name = "left" }]
[package.dev-dependencies]
dev = [{ name = "tool" }]

[[package]]
name = "left"
version = "1.0"
source = { registry = "https://pypi.example/simple" }
wheels = [{ url = "x", hash = "sha256:aa" }]
dependencies = [{ name = "deep" }]

[[package]]
name = "deep"
version = "2.0"
source = { git = "https://github.com/o/r?rev=main#${SHA}" }

[[package]]
name = "tool"
version = "3.0"
source = { registry = "https://pypi.example/simple" }
`,
    says: [
      'app path :2 needs left@1.0',
      'left 1.0 sha256:aa registry direct :9 needs deep@2.0',
      `deep 2.0 ${SHA} git :16`,
      'tool 3.0 registry direct development :21',
    ],
  },
  {
    path: 'pdm.lock',
    text: `[[package]]
name = "left"
version = "1.0"
groups = ["default"]
files = [{file = "x", hash = "sha256:aa"}]
`,
    says: ['left 1.0 sha256:aa registry :1'],
  },
  {
    path: 'pylock.toml',
    text: `lock-version = '1.0'
[[packages]]
name = 'left'
version = '1.0'
[[packages.wheels]]
url = 'x'
hashes = {sha256 = 'aa'}
`,
    says: ['left 1.0 sha256:aa registry :2'],
  },
  {
    path: 'Pipfile',
    text: '[packages]\nDjango = ">=4"\n[dev-packages]\npytest = "*"\n[requires]\npython_version = "3"\n',
    says: ['django >=4 registry direct :2', 'pytest * registry direct development :4'],
  },
  {
    path: 'Pipfile.lock',
    text: `{ "_meta": {}, "default": {
  "django": { "version": "==4.2", "hashes": ["sha256:aa"] },
  "forked": { "git": "https://github.com/o/r", "ref": "${SHA}" } },
  "develop": {
  "pytest": { "version": "==8.0" } } }`,
    says: [
      'django 4.2 sha256:aa registry :2',
      `forked ${SHA} ${SHA} git :3`,
      'pytest 8.0 registry development :5',
    ],
  },
  {
    path: 'go.mod',
    text: `module example.org/a

go 1.24

require example.org/one v1.0.0
require (
	example.org/two v0.0.0-20250101000000-abcdefabcdef // indirect
	example.org/three v3.0.0
	example.org/local v0.0.0
	example.org/five v1.0.0
)
replace example.org/local => ../local
replace example.org/five => example.org/fork v1.0.1
exclude example.org/bad v1.0.0
tool example.org/three/cmd/x
`,
    beside: {
      'go.sum': `example.org/one v1.0.0 h1:aa=
example.org/one v1.0.0/go.mod h1:bb=
example.org/two v0.0.0-20250101000000-abcdefabcdef/go.mod h1:cc=
example.org/fork v1.0.1 h1:dd=
`,
    },
    says: [
      'example.org/one v1.0.0 h1:aa= registry direct :5',
      'example.org/two v0.0.0-20250101000000-abcdefabcdef go.mod h1:cc= registry :7',
      'example.org/three v3.0.0 registry direct :8',
      '../local example.org/local v0.0.0 path direct :9',
      'example.org/fork v1.0.1 h1:dd= example.org/five v1.0.0 registry direct :10',
    ],
  },
  {
    path: 'Cargo.toml',
    text: `[package]
name = "a"
[dependencies]
left = "1"
local = { path = "../local" }
shared = { workspace = true }
[dev-dependencies]
tool = { git = "https://github.com/o/r", rev = "${SHA}" }
[target.'cfg(unix)'.dependencies]
libc = { version = "0.2" }
`,
    beside: {},
    says: [
      'left 1 registry direct :4',
      'local * path direct :5',
      'shared * registry direct :6',
      `tool ${SHA} git direct development :8`,
      'libc 0.2 registry direct :10',
    ],
  },
  {
    path: 'Cargo.lock',
    text: `version = 4

[[package]]
name = "a"
version = "0.1.0"
dependencies = ["left 2.0.0"]

[[package]]
name = "left"
version = "1.0.0"
source = "registry+https://github.com/example/index"
checksum = "aa"

[[package]]
name = "left"
version = "2.0.0"
source = "git+https://github.com/o/r?rev=x#${SHA}"
`,
    says: [
      'a 0.1.0 path :3 needs left@2.0.0',
      'left 1.0.0 aa registry :8',
      `left 2.0.0 ${SHA} git direct :14`,
    ],
  },
  {
    path: 'src/App.csproj',
    text: `<Project>
  <!-- <PackageReference Include="Commented" Version="1" /> -->
  <ItemGroup>
    <PackageReference Include="One" Version="1.0.0" />
    <PackageReference Include="Two">
      <Version>2.*</Version>
      <PrivateAssets>all</PrivateAssets>
    </PackageReference>
    <PackageReference Include="Three" />
  </ItemGroup>
</Project>`,
    beside: {
      'Directory.Packages.props': '<Project><PackageVersion Include="three" Version="[3.0.0]" /></Project>',
    },
    says: [
      'One 1.0.0 registry direct :4',
      'Two 2.* registry direct development :5',
      'Three [3.0.0] registry direct :9',
    ],
  },
  {
    path: 'packages.lock.json',
    text: `{ "version": 1, "dependencies": { "net8.0": {
  "One": { "type": "Direct", "requested": "[1.0.0, )", "resolved": "1.0.0", "contentHash": "aa==" },
  "Deep": { "type": "Transitive", "resolved": "2.0.0", "contentHash": "bb==" },
  "mine": { "type": "Project" } } } }`,
    says: ['One 1.0.0 aa== [1.0.0, ) registry direct :2', 'Deep 2.0.0 bb== registry :3', 'mine path :4'],
  },
  {
    path: 'gradle.lockfile',
    text: `# This is a Gradle generated file for dependency locking.
com.example:one:1.0=compileClasspath,runtimeClasspath
com.example:two:2.0=testRuntimeClasspath
empty=annotationProcessor
`,
    beside: {
      'gradle/verification-metadata.xml':
        '<c><component group="com.example" name="one" version="1.0"><artifact name="one.jar"><sha256 value="aa" origin="x"/></artifact></component></c>',
    },
    says: ['com.example:one 1.0 sha256:aa registry :2', 'com.example:two 2.0 registry development :3'],
  },
  {
    path: 'Gemfile.lock',
    text: `GIT
  remote: https://github.com/o/r
  revision: ${SHA}
  specs:
    forked (1.0)

GEM
  remote: https://gems.example/
  specs:
    rails (7.0.1)
      deep (>= 1)
    deep (1.5)

DEPENDENCIES
  forked!
  rails (~> 7.0)

CHECKSUMS
  rails (7.0.1) sha256=aa
`,
    says: [
      `forked 1.0 ${SHA} * git direct :5`,
      'rails 7.0.1 sha256:aa ~> 7.0 registry direct :10',
      'deep 1.5 registry :12',
    ],
  },
  {
    path: 'composer.json',
    text: '{ "require": {\n "php": ">=8",\n "o/one": "^1" },\n "require-dev": {\n "o/two": "*" } }',
    says: ['o/one ^1 registry direct :3', 'o/two * registry direct development :5'],
  },
  {
    path: 'composer.lock',
    text: JSON.stringify(
      {
        packages: [{ name: 'o/one', version: '1.0', dist: { type: 'zip', reference: SHA, shasum: '' } }],
        'packages-dev': [],
      },
      null,
      4,
    ),
    says: [`o/one 1.0 ${SHA} registry :4`],
  },
];
