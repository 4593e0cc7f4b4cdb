/**
 * What is known of images beside the cluster that runs them, from one folder of files: inventories, records of vulnerabilities as they are exported
 * (osv.dev), and builds as `macadam build verify` writes them. All of it is joined by the digest; nobody is asked.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { affectedBy, type OsvAffected } from '@macadam/core/advisories/osv';
import type { Statement, Unobserved, Value } from '@macadam/core/facts/observation';
import type { PackageURL } from 'packageurl-js';
import { z } from 'zod';
import { compact } from '../../compact.ts';
import { type ImageInventory, inventoryIn } from './inventory.ts';

export interface KnownImages {
  /** `builds`, `packages` and `vulnerabilities` of the image of a digest. */
  readonly of: (digest: string) => Readonly<Record<'builds' | 'packages' | 'vulnerabilities', Statement>>;
  /** Files that could not be used, and why. */
  readonly unused: readonly { readonly file: string; readonly why: string }[];
}

/** Nobody gave a folder. */
export const NO_IMAGES: KnownImages = known([]);

export interface KnownFile {
  readonly name: string;
  readonly text: string;
}

export function knownImagesIn(folder: string): KnownImages {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(?:json|ndjson|jsonl)$/.test(name),
  );
  return known(names.toSorted().map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') })));
}

export function known(files: Iterable<KnownFile>): KnownImages {
  const inventories = new Map<string, ImageInventory[]>();
  const builds = new Map<string, Set<string>>();
  const records = new Map<string, Placed[]>();
  const unused: { file: string; why: string }[] = [];
  const readInto = (name: string, text: string): string | null => {
    try {
      return name.endsWith('.json') ? documentInto(text, inventories, records) : linesInto(text, builds);
    } catch (error) {
      // One that is nested as deep as nobody writes.
      return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
  for (const { name, text } of files) {
    const why = readInto(name, text);
    if (why !== null) unused.push({ file: name, why });
  }
  return {
    unused,
    of: (digest) => {
      const found = inventories.get(digest) ?? [];
      const packages = new Map(found.flatMap((one) => one.packages.map((each) => [each.toString(), each])));
      const unread =
        unused.length === 0
          ? null
          : `${unused.length} of its files could not be used, and each may be about this image; ${unused[0]?.file} is the first`;
      const unnamed = found.reduce((sum, one) => sum + one.unnamed, 0);
      const noInventory = inventories.size === 0 ? unsaid('no inventory of an image is in the folder') : null;
      return {
        builds: buildsOf(digest, builds, unread),
        packages:
          noInventory ??
          (found.length > 0 ? { value: packages.size } : unread === null ? { absent: true } : unsaid(unread)),
        vulnerabilities:
          noInventory ??
          (found.length === 0
            ? unsaid('no inventory names its digest, so nobody knows what is in it')
            : vulnerabilitiesOf([...packages.values()], { unnamed, unread }, records)),
      };
    },
  };
}

const unsaid = (why: string): Unobserved => ({ unobserved: 'unobserved', why });

/** Without a line about the digest nobody has asked; a line that shows no build is an answer. */
function buildsOf(
  digest: string,
  builds: ReadonlyMap<string, ReadonlySet<string>>,
  unread: string | null,
): Statement {
  const found = builds.get(digest);
  if (found === undefined)
    return unsaid(
      'nobody has asked for its provenance; name a policy in macadam.yaml (`builds`) and measure `--github ORG` beside the cluster, or put the lines of `macadam build verify --running PODS --out FILE` into the folder',
    );
  const value = [...found].toSorted();
  return unread === null
    ? { value, complete: true, assurance: 'effective' }
    : { value, complete: false, why: unread, assurance: 'effective' };
}

const lineSchema = z.looseObject({
  kind: z.literal('build'),
  id: z.string(),
  attributes: z.looseObject({
    image_digests: z.looseObject({ value: z.array(z.string()).default([]) }).optional(),
    provenance: z
      .looseObject({
        value: z.looseObject({ verified: z.boolean().optional() }).optional(),
        absent: z.boolean().optional(),
      })
      .optional(),
  }),
});

function linesInto(text: string, builds: Map<string, Set<string>>): string | null {
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const json = jsonIn(line);
    if (json === undefined) return `line ${index + 1} is not JSON; write it again, whole`;
    const read = lineSchema.safeParse(json);
    if (!read.success) continue;
    const { id, attributes } = read.data;
    const { provenance, image_digests: digests } = attributes;
    const isShown = provenance?.value?.verified === true;
    if (!isShown && provenance?.absent !== true) continue;
    for (const digest of digests?.value ?? []) {
      const found = builds.get(digest) ?? new Set();
      builds.set(digest, found);
      if (isShown) found.add(id);
    }
  }
  return null;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

const osvSchema = z.looseObject({
  id: z.string(),
  modified: z.string(),
  published: z.iso.datetime({ offset: true }).optional(),
  withdrawn: z.string().optional(),
  aliases: z.array(z.string()).nullish(),
  database_specific: z.looseObject({ severity: z.unknown() }).nullish(),
  affected: z.array(
    z.looseObject({
      package: z.looseObject({ ecosystem: z.string(), name: z.string() }).optional(),
      versions: z.array(z.string()).nullish(),
      ranges: z
        .array(
          z.looseObject({
            type: z.string(),
            events: z.array(
              z.looseObject({
                introduced: z.string().optional(),
                fixed: z.string().optional(),
                last_affected: z.string().optional(),
                limit: z.string().optional(),
              }),
            ),
          }),
        )
        .nullish(),
    }),
  ),
});
type Osv = z.infer<typeof osvSchema>;

interface Placed {
  readonly record: Osv;
  readonly affected: OsvAffected;
}

function documentInto(
  text: string,
  inventories: Map<string, ImageInventory[]>,
  records: Map<string, Placed[]>,
): string | null {
  const json = jsonIn(text);
  if (json === undefined) return 'is not JSON; write it again, whole';
  const osv = osvSchema.safeParse(json);
  if (osv.success) {
    recordInto(osv.data, records);
    return null;
  }
  const inventory = inventoryIn(json);
  if (inventory === null) return 'is no inventory (CycloneDX, SPDX), and no record of a vulnerability (OSV)';
  if ('wrong' in inventory) return inventory.wrong;
  for (const digest of inventory.digests)
    inventories.set(digest, [...(inventories.get(digest) ?? []), inventory]);
  return null;
}

function recordInto(record: Osv, records: Map<string, Placed[]>): void {
  if (record.withdrawn !== undefined) return;
  for (const { package: named, versions, ranges } of record.affected) {
    const type = named === undefined ? undefined : TYPES[named.ecosystem.split(':')[0] ?? ''];
    if (named === undefined || type === undefined) continue;
    const key = keyOf(type, named.name);
    const placed = records.get(key) ?? [];
    records.set(key, placed);
    placed.push({ record, affected: { versions: versions ?? [], ranges: ranges ?? [] } });
  }
}

/** Ecosystems of records, as package URLs call them, with the namespace where that is a part of it. */
const TYPES: Readonly<Record<string, string>> = {
  npm: 'npm',
  PyPI: 'pypi',
  Go: 'golang',
  'crates.io': 'cargo',
  Maven: 'maven',
  NuGet: 'nuget',
  RubyGems: 'gem',
  Packagist: 'composer',
  Hex: 'hex',
  Pub: 'pub',
  Debian: 'deb/debian',
  Ubuntu: 'deb/ubuntu',
  Alpine: 'apk/alpine',
};

/** PyPI takes several spellings for one name, NuGet and Packagist either case. */
function keyOf(type: string, name: string): string {
  if (type === 'pypi') return `${type} ${name.toLowerCase().replaceAll(/[-_.]+/g, '-')}`;
  return `${type} ${type === 'nuget' || type === 'composer' ? name.toLowerCase() : name}`;
}

function placeOf(purl: PackageURL): { readonly type: string; readonly key: string } {
  const { type, namespace, name, qualifiers } = purl;
  if (type === 'deb' || type === 'apk') {
    // Records name what was packaged, and an inventory what was installed of it.
    const [source = name] = String(qualifiers?.upstream ?? name).split('@');
    return { type: `${type}/${namespace}`, key: keyOf(`${type}/${namespace}`, source) };
  }
  const joined = namespace ? `${namespace}${type === 'maven' ? ':' : '/'}${name}` : name;
  return { type, key: keyOf(type, joined) };
}

const SEVERITIES: Readonly<Record<string, string>> = {
  CRITICAL: 'critical',
  HIGH: 'high',
  MODERATE: 'medium',
  MEDIUM: 'medium',
  LOW: 'low',
};

function vulnerabilitiesOf(
  packages: readonly PackageURL[],
  { unnamed, unread }: { readonly unnamed: number; readonly unread: string | null },
  records: ReadonlyMap<string, readonly Placed[]>,
): Statement {
  if (records.size === 0)
    return unsaid('no record of a vulnerability is in the folder; put an export of osv.dev there');
  const types = new Set([...records.keys()].map((key) => key.split(' ', 1)[0]));
  const found = new Map<string, Value>();
  const open = new Set<string>();
  if (unread !== null) open.add(unread);
  if (unnamed > 0) open.add(`${unnamed} parts have no package URL`);
  for (const purl of packages) {
    const { type, key } = placeOf(purl);
    if (!types.has(type)) {
      open.add(`there are no records for \`${type}\``);
      continue;
    }
    for (const { record, affected } of records.get(key) ?? []) {
      const answer = purl.version ? affectedBy(purl.version, affected) : ({ affected: 'undecided' } as const);
      if (answer.affected === 'undecided')
        open.add(
          `whether ${record.id} is about ${purl.name} ${purl.version ?? 'without a version'} is not known`,
        );
      if (answer.affected !== true) continue;
      const one = vulnerability(record, purl, answer.fixedIn);
      if (!found.has(one.key)) found.set(one.key, one);
    }
  }
  const value = [...found.values()];
  if (open.size === 0) return { value, complete: true };
  const [first = ''] = open;
  return { value, complete: false, why: open.size === 1 ? first : `${first}, and ${open.size - 1} more` };
}

function vulnerability(record: Osv, purl: PackageURL, fixedIn: string | null) {
  const cve = [record.id, ...(record.aliases ?? [])].find((one) => /^CVE-\d{4}-\d{4,}$/.test(one));
  const id = cve ?? record.id;
  const severity = SEVERITIES[String(record.database_specific?.severity ?? '').toUpperCase()];
  const text = purl.toString();
  return compact({
    key: `${id} ${text}`,
    id,
    package: text,
    ...(fixedIn === null ? {} : { fixed_in: fixedIn }),
    severity,
    published_at: record.published,
    reachable: unsaid('an inventory lists what is there, and not what is called'),
  });
}
