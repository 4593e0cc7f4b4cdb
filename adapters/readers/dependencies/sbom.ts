/**
 * The dependencies of a repository as a CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/), made by the
 * project's own library. The same dependencies and meta give the same text, byte for byte.
 */

import type { Models } from '@cyclonedx/cyclonedx-library';
import type { Problem } from '@macadam/core/facts/observation';
import { compact } from '../../compact.ts';
import { type Dependency, purlOf, specifier } from './assets.ts';

export interface SbomMeta {
  /** What the document is about: the repository's name, and the commit that was read. */
  readonly name: string;
  readonly version?: string;
  /** `urn:uuid:…`. */
  readonly serialNumber: string;
  readonly timestamp: Date;
  /** Version of Macadam. */
  readonly toolVersion: string;
  /** Why it may not list everything; said in the document, so that nobody takes it for whole. */
  readonly problems: readonly Problem[];
}

/** Ecosystems whose lockfile gives the hash of the one archive that is downloaded, as CycloneDX means it. */
const ARCHIVE_HASHED = new Set(['npm', 'cargo', 'gem', 'maven']);
const ALGORITHMS = new Map([
  ['sha1', { name: 'SHA-1', digits: 40 }],
  ['sha256', { name: 'SHA-256', digits: 64 }],
  ['sha384', { name: 'SHA-384', digits: 96 }],
  ['sha512', { name: 'SHA-512', digits: 128 }],
]);

export async function sbom(dependencies: readonly Dependency[], meta: SbomMeta): Promise<string> {
  // Half a second of loading that only this command should pay for.
  const { Enums, Models, Serialize, Spec } = await import('@cyclonedx/cyclonedx-library');
  const root = new Models.Component(
    Enums.ComponentType.Application,
    meta.name,
    compact({
      bomRef: 'repository',
      version: meta.version,
    }),
  );
  const bom = new Models.Bom({ serialNumber: meta.serialNumber, version: 1 });
  bom.metadata.component = root;
  bom.metadata.timestamp = meta.timestamp;
  bom.metadata.tools.components.add(
    new Models.Component(Enums.ComponentType.Application, 'macadam', { version: meta.toolVersion }),
  );
  for (const { message } of meta.problems)
    root.properties.add(new Models.Property('macadam:incomplete', message));

  const components = new Map<string, Models.Component>();
  /** `file\0name@version`: what a package needs stands in the same file. */
  const inFile = new Map<string, Models.Component>();
  for (const dependency of dependencies) {
    const { package: found, file } = dependency;
    const ref = refOf(dependency);
    const component =
      components.get(ref) ?? new Models.Component(Enums.ComponentType.Library, ...named(dependency, ref));
    components.set(ref, component);
    inFile.set(`${file.path}\0${found.name}@${found.version}`, component);
    describe(component, dependency, (name, value) =>
      component.properties.add(new Models.Property(name, value)),
    );
    // What serves development alone is documented, and not part of what runs. One use that runs outweighs.
    if (found.development !== true) component.scope = Enums.ComponentScope.Required;
    else component.scope ??= Enums.ComponentScope.Excluded;
    if (found.direct !== false) root.dependencies.add(component.bomRef);
    bom.components.add(component);
  }
  for (const { package: found, file } of dependencies) {
    const component = inFile.get(`${file.path}\0${found.name}@${found.version}`);
    for (const need of found.needs ?? []) {
      const other = inFile.get(`${file.path}\0${need}`);
      if (other !== undefined && other !== component) component?.dependencies.add(other.bomRef);
    }
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function refOf({ package: found, file }: Dependency): string {
  const base = purlOf(found, found.version) ?? `${found.type}:${found.name}@${specifier(found)}`;
  // Without a version two requirements on one package are two entries, each of its own file.
  return found.version === undefined ? `${base}#${file.path}#${specifier(found)}` : base;
}

function named(
  { package: found }: Dependency,
  ref: string,
): [string, { bomRef: string; group?: string; version?: string; purl?: string }] {
  const separator = found.type === 'maven' ? ':' : '/';
  const cut = found.type === 'golang' ? -1 : found.name.lastIndexOf(separator);
  const purl = purlOf(found, found.version);
  return [
    found.name.slice(cut + 1) || found.name,
    compact({
      bomRef: ref,
      ...(cut > 0 ? { group: found.name.slice(0, cut) } : {}),
      version: found.version,
      purl,
    }),
  ];
}

function describe(
  component: Models.Component,
  { package: found, file }: Dependency,
  property: (name: string, value: string) => void,
): void {
  property('macadam:file', found.line === undefined ? file.path : `${file.path}:${found.line}`);
  if (found.requirement !== undefined) property('macadam:requirement', found.requirement);
  const integrity = typeof found.integrity === 'string' ? found.integrity : undefined;
  if (integrity === undefined) return;
  const hashes = ARCHIVE_HASHED.has(found.type) && found.origin !== 'git' ? archiveHashes(integrity) : [];
  for (const [algorithm, hex] of hashes) component.hashes.set(algorithm, hex);
  if (hashes.length === 0) property('macadam:integrity', integrity);
}

type HashEntry = Parameters<Models.HashDictionary['set']>;

/** Hashes in hexadecimal: from subresource integrity (`sha512-<base64>`), `sha256:<hex>` or 64 bare digits. */
function archiveHashes(integrity: string): HashEntry[] {
  return integrity.split(/\s+/).flatMap((one): HashEntry[] => {
    const match = /^(?:(sha\d+)([-:]))?([\w+/=]+)$/.exec(one);
    if (!match) return [];
    const [, algorithm = 'sha256', separator, digest = ''] = match;
    const known = ALGORITHMS.get(algorithm);
    const hex = (separator === '-' ? Buffer.from(digest, 'base64').toString('hex') : digest).toLowerCase();
    return known !== undefined && hex.length === known.digits && /^[0-9a-f]+$/.test(hex)
      ? [[known.name as HashEntry[0], hex]]
      : [];
  });
}
