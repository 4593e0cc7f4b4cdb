/** Every format that is read. To add one, add its file to formats/ and its name here; nothing else knows them. */
import { baseName, type DependencyFormat } from './format.ts';
import { bunLock } from './formats/bun-lock.ts';
import { cargoLock, cargoToml } from './formats/cargo.ts';
import { composerJson, composerLock } from './formats/composer.ts';
import { containerFile } from './formats/container-file.ts';
import { denoJson, denoLock } from './formats/deno.ts';
import { flakeLock } from './formats/flake-lock.ts';
import { gemfileLock } from './formats/gemfile-lock.ts';
import { goMod } from './formats/go-mod.ts';
import { gradleLock } from './formats/gradle-lock.ts';
import { mavenInstall } from './formats/maven-install.ts';
import { dotnetProject, packagesConfig, packagesLock } from './formats/nuget.ts';
import { packageJson } from './formats/package-json.ts';
import { packageLock } from './formats/package-lock.ts';
import { pipfile, pipfileLock } from './formats/pipfile.ts';
import { pnpmLock } from './formats/pnpm-lock.ts';
import { pyprojectToml } from './formats/pyproject-toml.ts';
import { pdmLock, poetryLock, pylock, uvLock } from './formats/python-locks.ts';
import { RECOGNISED } from './formats/recognised.ts';
import { requirementsTxt } from './formats/requirements-txt.ts';
import { yarnLock } from './formats/yarn-lock.ts';

export const FORMATS: readonly DependencyFormat[] = [
  packageJson,
  packageLock,
  pnpmLock,
  yarnLock,
  pyprojectToml,
  requirementsTxt,
  poetryLock,
  uvLock,
  pdmLock,
  pylock,
  pipfile,
  pipfileLock,
  goMod,
  cargoToml,
  cargoLock,
  dotnetProject,
  packagesConfig,
  packagesLock,
  gradleLock,
  gemfileLock,
  composerJson,
  composerLock,
  bunLock,
  denoJson,
  denoLock,
  flakeLock,
  mavenInstall,
  containerFile,
  ...RECOGNISED,
];

/** The format of a file, or undefined when it is none that declares dependencies. */
export function formatOf(path: string): DependencyFormat | undefined {
  const name = baseName(path);
  return FORMATS.find((format) => format.matches(path, name));
}
