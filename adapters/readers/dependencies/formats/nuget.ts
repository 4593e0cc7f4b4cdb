/** .NET: PackageReference in project files (with central versions), packages.config, and packages.lock.json. */
import { compact } from '../../../compact.ts';
import {
  type Beside,
  type DependencyFormat,
  entries,
  type FileReading,
  failed,
  field,
  folder,
  foldersUp,
  join,
  MEBIBYTE,
  named,
  type Package,
  text,
} from '../format.ts';
import { conflict, jsonLines, parseJson, twiceProblems } from '../text.ts';
import { elements } from '../xml.ts';

const child = (inside: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`, 'i').exec(inside)?.[1]?.trim() || undefined;

function parseProject(source: string, path: string, beside: Beside): FileReading {
  const unfinished = conflict(source);
  if (unfinished) return failed(unfinished);
  if (!source.includes('<')) return failed({ code: 'xml-invalid', message: 'is not XML' });
  const central = new Map<string, string>();
  for (const up of foldersUp(folder(path))) {
    const props = beside.get(join(up, 'Directory.Packages.props') ?? '');
    if (typeof props !== 'string') continue;
    for (const { attributes } of elements(props, 'PackageVersion')) {
      const name = attributes.get('include')?.toLowerCase();
      const version = attributes.get('version');
      if (name !== undefined && version !== undefined && !central.has(name)) central.set(name, version);
    }
    break;
  }
  const packages = [
    ...elements(source, 'PackageReference'),
    ...elements(source, 'GlobalPackageReference'),
  ].flatMap(({ attributes, inside, line }): Package[] => {
    const name = attributes.get('include');
    if (name === undefined || name === '') return [];
    const asked =
      attributes.get('version') ??
      child(inside, 'Version') ??
      attributes.get('versionoverride') ??
      central.get(name.toLowerCase());
    const assets = attributes.get('privateassets') ?? child(inside, 'PrivateAssets');
    return [
      compact<Package>({
        type: 'nuget',
        name,
        requirement: asked || '*',
        direct: true,
        development: assets?.toLowerCase() === 'all',
        origin: 'registry',
        line,
      }),
    ];
  });
  return { packages, problems: [] };
}

/** The older list: exact versions, everything that is installed, no hashes. */
function parsePackagesConfig(source: string): FileReading {
  const unfinished = conflict(source);
  if (unfinished) return failed(unfinished);
  if (!source.includes('<')) return failed({ code: 'xml-invalid', message: 'is not XML' });
  const packages = elements(source, 'package').flatMap(({ attributes, line }): Package[] => {
    const name = attributes.get('id');
    if (name === undefined) return [];
    return [
      compact<Package>({
        type: 'nuget',
        name,
        version: attributes.get('version'),
        development: attributes.get('developmentdependency') === 'true',
        origin: 'registry',
        line,
      }),
    ];
  });
  return { packages, problems: [] };
}

function parsePackagesLock(source: string): FileReading {
  const parsed = parseJson(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const { lines, twice } = jsonLines(source, 3);
  const packages: Package[] = [];
  for (const [framework, group] of entries(field(parsed.value, 'dependencies'))) {
    for (const [name, entry] of entries(group)) {
      const type = text(field(entry, 'type'));
      packages.push(
        compact<Package>({
          type: 'nuget',
          name,
          version: text(field(entry, 'resolved')),
          integrity: text(field(entry, 'contentHash')),
          requirement: text(field(entry, 'requested')),
          direct: type === 'Direct',
          origin: type === 'Project' ? 'path' : 'registry',
          line: lines.get(`dependencies\0${framework}\0${name}`),
        }),
      );
    }
  }
  return { packages, problems: twiceProblems(twice) };
}

export const dotnetProject: DependencyFormat = {
  id: 'dotnet-project',
  family: 'nuget',
  ecosystem: 'nuget',
  role: 'manifest',
  matches: (_, name) => /\.(cs|fs|vb)proj$|^Directory\.(Build|Packages)\.(props|targets)$/i.test(name),
  limit: 2 * MEBIBYTE,
  beside: (path) => foldersUp(folder(path)).flatMap((up) => join(up, 'Directory.Packages.props') ?? []),
  parse: parseProject,
};

export const packagesConfig: DependencyFormat = {
  id: 'packages-config',
  family: 'nuget',
  ecosystem: 'nuget',
  role: 'both',
  matches: (_, name) => name.toLowerCase() === 'packages.config',
  limit: 2 * MEBIBYTE,
  parse: parsePackagesConfig,
};

export const packagesLock: DependencyFormat = {
  id: 'packages-lock',
  family: 'nuget',
  ecosystem: 'nuget',
  role: 'lock',
  matches: named('packages.lock.json'),
  locks: /\.(cs|fs|vb)proj$/,
  limit: 16 * MEBIBYTE,
  parse: parsePackagesLock,
};
