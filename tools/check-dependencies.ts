/**
 * Every dependency of a published package is on record in docs/decisions with its licence and a reason, none brings
 * a Node of its own, and none of them is types alone. Why: whoever installs us installs all of them, and has a Node already.
 */
import { finish, type Manifest, type Offence, type Rule, type SourceFile } from './repository.ts';

const LICENCE = /\b(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|MPL-2\.0|Unlicense)\b/;

/** Manifests of the repository's own packages: not those of templates and examples. */
export function manifests(
  files: readonly SourceFile[],
): { path: string; folder: string; manifest: Manifest }[] {
  return files
    .filter(
      ({ path }) => /(^|\/)package\.json$/.test(path) && !/(^|\/)(start|fixtures|examples)\//.test(path),
    )
    .map(({ path, text }) => ({
      path,
      folder: path.replace(/\/?package\.json$/, ''),
      manifest: JSON.parse(text) as Manifest,
    }));
}

export function checkDependencies(files: readonly SourceFile[]): Offence[] {
  const packages = manifests(files);
  const ours = packages.map(({ manifest }) => manifest.name);
  const record = files
    .filter(({ path }) => path.startsWith('docs/decisions/'))
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => LICENCE.test(line));
  return packages
    .filter(({ manifest }) => manifest.private !== true && manifest.name !== undefined)
    .flatMap(({ path, manifest }) =>
      Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).flatMap(
        (name): Offence[] => {
          if (name.startsWith('@types/'))
            return [
              {
                path,
                what: `${name} is needed for building alone; move it to devDependencies of the workspace`,
              },
            ];
          if (/^node(-|$)/.test(name))
            return [{ path, what: `depends on ${name}; people bring their own Node` }];
          if (ours.includes(name) || record.some((line) => line.includes(`\`${name}\``))) return [];
          return [
            {
              path,
              what: `${name} is not on record; write \`${name}\`, its licence and why in docs/decisions/`,
            },
          ];
        },
      ),
    );
}

/** What package-lock.json says of a package. */
interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly resolved?: string;
}

/**
 * Every package of the lockfile has a digest, so that nobody can put another in its place under the same name; and what is ours comes from
 * here: a package of that name in a registry is never asked for.
 */
export function checkLock(files: readonly SourceFile[]): Offence[] {
  const lock = files.find(({ path }) => path === 'package-lock.json');
  if (lock === undefined) return [];
  const path = lock.path;
  const { packages } = JSON.parse(lock.text) as { readonly packages: Readonly<Record<string, Locked>> };
  const folders = new Map(manifests(files).map(({ folder, manifest }) => [manifest.name, folder]));
  return Object.entries(packages).flatMap(([at, locked]): Offence[] => {
    const [, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(at) ?? [];
    // A folder of this repository.
    if (name === undefined) return [];
    const own = folders.get(name);
    if (own !== undefined || name.startsWith('@macadam/'))
      return locked.link === true && locked.resolved === own
        ? []
        : [{ path, what: `${at} is ours and does not come from here; link it to its folder` }];
    return /^sha512-/.test(locked.integrity ?? '')
      ? []
      : [{ path, what: `${at} has no SHA-512 of what it holds; install it anew` }];
  });
}

export const rule: Rule = {
  name: 'dependencies',
  offences: (files) => [...checkDependencies(files), ...checkLock(files)],
};

if (import.meta.main) finish(rule);
