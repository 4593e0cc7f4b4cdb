/**
 * Files that declare dependencies in a way that is not read: code that a build tool runs, or formats that are not
 * worth it yet. Passing over them in silence would make the rest look like everything.
 */
import { compact } from '../../../compact.ts';
import { type DependencyFormat, type FileReading, MEBIBYTE } from '../format.ts';

interface Row {
  readonly id: string;
  readonly name: RegExp;
  readonly family: string;
  readonly ecosystem: string;
  readonly role: 'manifest' | 'lock';
  /** The file counts only when it matches: a build file may declare nothing. */
  readonly declares?: RegExp;
  readonly locks?: RegExp;
  readonly binary?: boolean;
  readonly message: string;
  readonly remedy: string;
}

const RESOLVED = 'its dependencies are known only to the tool that runs it';
const NOT_READ = 'this format is not read yet';

const ROWS: readonly Row[] = [
  {
    id: 'gradle-build',
    name: /^build\.gradle(\.kts)?$/,
    family: 'maven',
    ecosystem: 'gradle',
    role: 'manifest',
    declares:
      /\b(api|implementation|compile|compileOnly|runtimeOnly|testImplementation|classpath|kapt|ksp|annotationProcessor)\b(?:\s*\(\s*|(?=\s* )\s+)['"(a-z]/,
    message: RESOLVED,
    remedy: 'switch on dependency locking and commit gradle.lockfile (`gradle dependencies --write-locks`)',
  },
  {
    id: 'maven-pom',
    name: /^pom\.xml$/,
    family: 'maven',
    ecosystem: 'maven',
    role: 'manifest',
    declares: /<(dependency|plugin|parent)>/,
    message: 'Maven has no lockfile, and what the dependencies need is decided when it is built',
    remedy: 'give a CycloneDX document of the build to Macadam, or lock with a plugin',
  },
  {
    id: 'gemfile',
    name: /^(Gemfile|gems\.rb)$/,
    family: 'gem',
    ecosystem: 'bundler',
    role: 'manifest',
    declares: /^[ \t]*(gem|gemspec)\b/m,
    message: RESOLVED,
    remedy: 'commit Gemfile.lock (`bundle lock --add-checksums`)',
  },
  {
    id: 'bun-lockb',
    name: /^bun\.lockb$/,
    family: 'npm',
    ecosystem: 'npm',
    role: 'lock',
    locks: /^package\.json$/,
    binary: true,
    message: 'this binary format of bun 1.1 and earlier is not read',
    remedy: 'write bun.lock with `bun install --save-text-lockfile`',
  },
  {
    id: 'setup-py',
    name: /^setup\.(py|cfg)$/,
    family: 'pypi',
    ecosystem: 'pip',
    role: 'manifest',
    declares: /\b(install_requires|extras_require|tests_require)\b/,
    message: 'its dependencies are computed by code that runs when it is installed',
    remedy: 'list them under `project.dependencies` in pyproject.toml and lock them',
  },
  {
    id: 'conda-environment',
    name: /^environment\.ya?ml$/,
    family: 'conda',
    ecosystem: 'conda',
    role: 'manifest',
    declares: /^dependencies:/m,
    message: NOT_READ,
    remedy: 'lock with pip or uv',
  },
  {
    id: 'swift-package',
    name: /^(Package\.swift|Package\.resolved)$/,
    family: 'swift',
    ecosystem: 'swift',
    role: 'manifest',
    declares: /\.package\s*\(\s*(name|url)|"(identity|package)"/,
    message: NOT_READ,
    remedy: 'give a CycloneDX document of the build',
  },
  {
    id: 'cocoapods',
    name: /^(Podfile|Cartfile)$/,
    family: 'swift',
    ecosystem: 'cocoapods',
    role: 'manifest',
    declares: /^[ \t]*(pod|github|git|binary)\b/m,
    message: NOT_READ,
    remedy: 'give a CycloneDX document of the build',
  },
  {
    id: 'mix',
    name: /^mix\.exs$/,
    family: 'hex',
    ecosystem: 'mix',
    role: 'manifest',
    declares: /\{:\w+\s*,/,
    message: NOT_READ,
    remedy: 'give a CycloneDX document of the build',
  },
  {
    id: 'pubspec',
    name: /^pubspec\.yaml$/,
    family: 'pub',
    ecosystem: 'pub',
    role: 'manifest',
    declares: /^(dev_)?dependencies:/m,
    message: NOT_READ,
    remedy: 'give a CycloneDX document of the build',
  },
  {
    id: 'sbt',
    name: /^(build|plugins)\.sbt$/,
    family: 'maven',
    ecosystem: 'sbt',
    role: 'manifest',
    declares: /libraryDependencies|addSbtPlugin/,
    message: RESOLVED,
    remedy: 'give a CycloneDX document of the build',
  },
  {
    id: 'conan',
    name: /^(conanfile\.(txt|py)|vcpkg\.json)$/,
    family: 'cpp',
    ecosystem: 'vcpkg',
    role: 'manifest',
    declares: /requires|"dependencies"/,
    message: NOT_READ,
    remedy: 'give a CycloneDX document of the build',
  },
  {
    id: 'haskell',
    name: /^(stack\.yaml|cabal\.project|.+\.cabal)$/,
    family: 'haskell',
    ecosystem: 'haskell',
    role: 'manifest',
    declares: /build-depends|^resolver:|^packages:/m,
    message: NOT_READ,
    remedy: 'give a CycloneDX document of the build',
  },
  {
    id: 'julia-project',
    name: /^(Julia)?Project\.toml$/,
    family: 'julia',
    ecosystem: 'julia',
    role: 'manifest',
    declares: /^\[(deps|weakdeps|extras)\]/m,
    message: NOT_READ,
    remedy: 'give a CycloneDX document of the build',
  },
  {
    id: 'r-description',
    name: /^DESCRIPTION$/,
    family: 'cran',
    ecosystem: 'cran',
    role: 'manifest',
    declares: /^Package:[\s\S]*^(Imports|Depends|LinkingTo):/m,
    message: NOT_READ,
    remedy: 'give a CycloneDX document of the build',
  },
  {
    id: 'bazel',
    name: /^(MODULE\.bazel|WORKSPACE(\.bazel|\.bzlmod)?)$/,
    family: 'bazel',
    ecosystem: 'bazel',
    role: 'manifest',
    declares: /^\s*(bazel_dep|http_archive|git_repository)\s*\(/m,
    message: NOT_READ,
    remedy: 'give a CycloneDX document of the build',
  },
  {
    id: 'helm-chart',
    name: /^(Chart\.ya?ml|requirements\.yaml)$/,
    family: 'helm',
    ecosystem: 'helm',
    role: 'manifest',
    declares: /^dependencies:\s*\n\s*-/m,
    message: NOT_READ,
    remedy: 'give a CycloneDX document of the build',
  },
  {
    id: 'ansible-galaxy',
    name: /^(galaxy\.ya?ml|requirements\.yml)$/,
    family: 'ansible',
    ecosystem: 'ansible',
    role: 'manifest',
    declares: /^dependencies:\s*\n\s+\S|^(collections|roles):|^- (src|name):/m,
    message: NOT_READ,
    remedy: 'give a CycloneDX document of the build',
  },
  {
    id: 'nix-flake',
    name: /^flake\.nix$/,
    family: 'nix',
    ecosystem: 'nix',
    role: 'manifest',
    declares: /\binputs\b/,
    message: RESOLVED,
    remedy: 'commit flake.lock (`nix flake lock`)',
  },
];

export const RECOGNISED: readonly DependencyFormat[] = ROWS.map(
  ({ id, name, family, ecosystem, role, declares, locks, binary, message, remedy }): DependencyFormat =>
    compact<DependencyFormat>({
      id,
      family,
      ecosystem,
      role,
      matches: (_, own) => name.test(own),
      locks,
      ...(binary === true && { binary }),
      limit: 2 * MEBIBYTE,
      parse: (text): FileReading => ({
        packages: [],
        problems:
          declares === undefined || declares.test(text) ? [{ code: `${id}-not-read`, message, remedy }] : [],
      }),
    }),
);
