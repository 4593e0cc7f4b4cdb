/**
 * package-lock.json and npm-shrinkwrap.json, versions 1 to 3.
 * Format: https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
 */
import { compact } from '../../../compact.ts';
import {
  type AskedNames,
  commitOf,
  type DependencyFormat,
  entries,
  type FileReading,
  failed,
  field,
  MEBIBYTE,
  named,
  type Package,
  text,
} from '../format.ts';
import { jsonLines, parseJson, twiceProblems } from '../text.ts';
import { npmOrigin } from './package-json.ts';

const MODULES = 'node_modules/';
const ASKED = ['dependencies', 'optionalDependencies', 'devDependencies', 'peerDependencies'] as const;

function parsePackageLock(source: string): FileReading {
  const parsed = parseJson(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const version = field(parsed.value, 'lockfileVersion');
  if (field(parsed.value, 'packages') !== undefined) return byPath(source, parsed.value);
  if (version === 1 || (version === undefined && field(parsed.value, 'dependencies') !== undefined)) {
    return nested(source, parsed.value);
  }
  // npm writes no `dependencies` at all for a project without any.
  if (version === undefined && text(field(parsed.value, 'name')) !== undefined)
    return { packages: [], problems: [] };
  return failed({
    code: 'lockfile-version-unknown',
    message: `has lockfileVersion ${JSON.stringify(version)?.slice(0, 20) ?? 'none'}, which is not read`,
    remedy: 'write it again with npm 7 or later (version 2 or 3)',
  });
}

/** Versions 2 and 3: one flat map, from the place in node_modules to the package. */
function byPath(source: string, lock: unknown): FileReading {
  const { lines, twice } = jsonLines(source, 2);
  const places = new Map(entries(field(lock, 'packages')));
  const members: string[] = [];
  const asked = new Map<string, string>();
  const askedBy: AskedNames[] = [];
  for (const [place, entry] of places) {
    if (place.includes(MODULES)) continue;
    members.push(place);
    const names = new Set<string>();
    for (const section of ASKED) {
      for (const [name, range] of entries(field(entry, section))) {
        names.add(name);
        const found = resolve(places, place, name);
        if (found !== undefined && typeof range === 'string') asked.set(found, range);
      }
    }
    askedBy.push({ member: place, names: [...names] });
  }
  const packages: Package[] = [];
  for (const [place, entry] of places) {
    const at = place.lastIndexOf(MODULES);
    if (at < 0) continue;
    const name = text(field(entry, 'name')) ?? place.slice(at + MODULES.length);
    const resolved = text(field(entry, 'resolved'));
    const link = field(entry, 'link') === true;
    const origin = link
      ? 'path'
      : resolved === undefined
        ? 'registry'
        : npmOrigin(tarballIsRegistry(resolved));
    const commit = origin === 'git' ? commitOf(resolved) : undefined;
    packages.push(
      compact<Package>({
        type: 'npm',
        name,
        version: text(field(entry, 'version')) ?? commit,
        integrity: text(field(entry, 'integrity')) ?? commit ?? bundle(places, place, entry),
        requirement: asked.get(place),
        direct: asked.has(place),
        development: field(entry, 'dev') === true,
        origin,
        line: lines.get(`packages\0${place}`),
        needs: needs(places, place, entry),
      }),
    );
  }
  return { packages, problems: twiceProblems(twice), members, asked: askedBy };
}

/** npm writes registry tarballs as plain https URLs; only their path tells them from other downloads. */
function tarballIsRegistry(resolved: string): string {
  return /^https?:.*\/-\/[^/]+\.tgz(?:[?#]|$)/.test(resolved) ? '*' : resolved;
}

/** Node's own resolution: the nearest node_modules, going up. */
function resolve(places: ReadonlyMap<string, unknown>, from: string, name: string): string | undefined {
  for (let base = from; ; ) {
    const place = base === '' ? `${MODULES}${name}` : `${base}/${MODULES}${name}`;
    if (places.has(place)) return place;
    if (base === '') return undefined;
    const modules = base.lastIndexOf(`/${MODULES}`);
    const slash = base.startsWith(MODULES) || modules >= 0 ? modules : base.lastIndexOf('/');
    base = slash < 0 ? '' : base.slice(0, slash);
  }
}

function needs(places: ReadonlyMap<string, unknown>, place: string, entry: unknown): string[] | undefined {
  const found: string[] = [];
  for (const section of ['dependencies', 'optionalDependencies'] as const) {
    for (const [name] of entries(field(entry, section))) {
      const at = resolve(places, place, name);
      const other = at === undefined ? undefined : places.get(at);
      const version = text(field(other, 'version'));
      if (version !== undefined) found.push(`${text(field(other, 'name')) ?? name}@${version}`);
    }
  }
  return found.length > 0 ? found : undefined;
}

/** A bundled package comes inside the tarball of the one above it, whose hash pins both. */
function bundle(places: ReadonlyMap<string, unknown>, place: string, entry: unknown): string | undefined {
  if (field(entry, 'inBundle') !== true) return undefined;
  for (let at = place; ; ) {
    const slash = at.lastIndexOf(`/${MODULES}`);
    if (slash < 0) return undefined;
    at = at.slice(0, slash);
    const parent = places.get(at);
    if (field(parent, 'inBundle') !== true) return text(field(parent, 'integrity'));
  }
}

/** Version 1: the tree itself. It does not say what the project asks for; package.json does. */
function nested(source: string, lock: unknown): FileReading {
  const { lines, twice } = jsonLines(source, 7);
  const packages: Package[] = [];
  const open: { readonly path: string; readonly tree: unknown }[] = [
    { path: 'dependencies', tree: field(lock, 'dependencies') },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const [name, entry] of entries(next.tree)) {
      const path = `${next.path}\0${name}`;
      const version = text(field(entry, 'version'));
      const origin = version === undefined ? 'registry' : npmOrigin(version);
      const commit = origin === 'git' ? commitOf(version) : undefined;
      packages.push(
        compact<Package>({
          type: 'npm',
          name,
          version: origin === 'git' ? commit : version,
          integrity: text(field(entry, 'integrity')) ?? commit,
          development: field(entry, 'dev') === true,
          origin: version?.startsWith('npm:') ? 'registry' : origin,
          line: lines.get(path),
        }),
      );
      if (field(entry, 'dependencies') !== undefined) {
        open.push({ path: `${path}\0dependencies`, tree: field(entry, 'dependencies') });
      }
    }
  }
  return { packages: packages.map(alias), problems: twiceProblems(twice) };
}

/** `npm:real@1.2.3` as a version: another package under this name. */
function alias(found: Package): Package {
  const match = /^npm:((?:@[^@/]+\/)?[^@]+)@(.+)$/.exec(found.version ?? '');
  return match?.[1] && match[2] ? { ...found, name: match[1], version: match[2] } : found;
}

export const packageLock: DependencyFormat = {
  id: 'package-lock',
  family: 'npm',
  ecosystem: 'npm',
  role: 'lock',
  matches: named('package-lock.json', 'npm-shrinkwrap.json'),
  locks: /^package\.json$/,
  limit: 64 * MEBIBYTE,
  parse: parsePackageLock,
};
