/** Texts for the tests of the formats, and what each says. */
import { NPM_SAMPLES, type Sample } from './npm-samples.ts';

const SHA = 'a1b2c3d4e5'.repeat(4);

/** A valid text for every format that lists something, and what it says, one line a package. */
export const SAMPLES: readonly Sample[] = [
  ...NPM_SAMPLES,
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
