/**
 * What an inventory says of one container image: which digest it is about, and its packages. CycloneDX 1.2 to 1.7 and SPDX 2.2, 2.3 and 3.0,
 * as JSON. A document that says neither whose parts it lists nor by which digest is none here.
 */
import type { PackageURL } from 'packageurl-js';
import { z } from 'zod';
import { purlIn } from '../purl.ts';

export interface ImageInventory {
  /** `sha256:` and hex: of the image, and of its parts for single machines where the document names them as the image. */
  readonly digests: readonly string[];
  /** Each once. */
  readonly packages: readonly PackageURL[];
  /** Packages without a package URL that can be read: nothing can be looked up of them. */
  readonly unnamed: number;
}

/** Null: no inventory. `wrong`: one that says too little, and what. */
export function inventoryIn(json: unknown): ImageInventory | { readonly wrong: string } | null {
  const cyclone = cycloneSchema.safeParse(json);
  if (cyclone.success) return cycloneInventory(cyclone.data);
  const spdx2 = spdx2Schema.safeParse(json);
  if (spdx2.success) return spdx2Inventory(spdx2.data);
  const spdx3 = spdx3Schema.safeParse(json);
  if (spdx3.success) return spdx3Inventory(spdx3.data);
  return null;
}

const componentSchema = z.looseObject({
  type: z.string(),
  name: z.string().default(''),
  version: z.string().optional(),
  purl: z.string().optional(),
  hashes: z.array(z.looseObject({ alg: z.string(), content: z.string() })).default([]),
  get components() {
    return z.array(componentSchema).default([]);
  },
});
type Component = z.infer<typeof componentSchema>;
const cycloneSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  metadata: z.looseObject({ component: componentSchema.optional() }).default({}),
  components: z.array(componentSchema).default([]),
});

/** Of an operating system and of files there are no package URLs that anything could be looked up by. */
const PACKAGES: ReadonlySet<string> = new Set(['library', 'framework', 'application', 'platform']);

function cycloneInventory({ metadata: { component: about }, components }: z.infer<typeof cycloneSchema>) {
  if (about === undefined) return { wrong: 'does not say what it is about (`metadata.component`)' };
  const hashes = about.hashes.flatMap(({ alg, content }) => (alg === 'SHA-256' ? [`sha256:${content}`] : []));
  const digests = digestsIn([about.version, about.name, about.purl, ...hashes]);
  const flat = (all: readonly Component[]): readonly Component[] =>
    all.flatMap((one) => [one, ...flat(one.components)]);
  const parts = flat(components).filter(({ type }) => PACKAGES.has(type));
  return inventoryOf(
    digests,
    parts.map(({ purl }) => purl),
  );
}

const spdx2Schema = z.looseObject({
  spdxVersion: z.string().regex(/^SPDX-2\.[23]$/),
  documentDescribes: z.array(z.string()).default([]),
  packages: z
    .array(
      z.looseObject({
        SPDXID: z.string(),
        name: z.string(),
        versionInfo: z.string().optional(),
        checksums: z.array(z.looseObject({ algorithm: z.string(), checksumValue: z.string() })).default([]),
        externalRefs: z
          .array(z.looseObject({ referenceType: z.string(), referenceLocator: z.string() }))
          .default([]),
      }),
    )
    .default([]),
  relationships: z
    .array(
      z.looseObject({
        spdxElementId: z.string(),
        relationshipType: z.string(),
        relatedSpdxElement: z.string(),
      }),
    )
    .default([]),
});

function spdx2Inventory({ documentDescribes, packages, relationships }: z.infer<typeof spdx2Schema>) {
  const described = new Set([
    ...documentDescribes,
    ...relationships.flatMap(({ spdxElementId, relationshipType, relatedSpdxElement }) =>
      spdxElementId === 'SPDXRef-DOCUMENT' && relationshipType === 'DESCRIBES' ? [relatedSpdxElement] : [],
    ),
  ]);
  const purlOf = (one: (typeof packages)[number]) =>
    one.externalRefs.find(({ referenceType }) => referenceType === 'purl')?.referenceLocator;
  const about = packages.filter(({ SPDXID }) => described.has(SPDXID));
  if (about.length === 0) return { wrong: 'does not say what it is about (`DESCRIBES`)' };
  const digests = digestsIn(
    about.flatMap((one) => [
      one.versionInfo,
      one.name,
      purlOf(one),
      ...one.checksums.flatMap(({ algorithm, checksumValue }) =>
        algorithm === 'SHA256' ? [`sha256:${checksumValue}`] : [],
      ),
    ]),
  );
  return inventoryOf(digests, packages.filter(({ SPDXID }) => !described.has(SPDXID)).map(purlOf));
}

const elementSchema = z.looseObject({
  type: z.string().optional(),
  '@type': z.string().optional(),
  spdxId: z.string().optional(),
  '@id': z.string().optional(),
  name: z.string().optional(),
  software_packageVersion: z.string().optional(),
  software_packageUrl: z.string().optional(),
  rootElement: z.array(z.string()).default([]),
  verifiedUsing: z
    .array(z.looseObject({ algorithm: z.string().optional(), hashValue: z.string().optional() }))
    .default([]),
  externalIdentifier: z
    .array(
      z.looseObject({ externalIdentifierType: z.string().optional(), identifier: z.string().optional() }),
    )
    .default([]),
});
type Element = z.infer<typeof elementSchema>;
const spdx3Schema = z.looseObject({
  '@context': z.string().regex(/^https:\/\/spdx\.org\/rdf\/3\./),
  '@graph': z.array(elementSchema),
});

function spdx3Inventory({ '@graph': graph }: z.infer<typeof spdx3Schema>) {
  const typeOf = (one: Element) => one.type ?? one['@type'] ?? '';
  const idOf = (one: Element) => one.spdxId ?? one['@id'] ?? '';
  const purlOf = (one: Element) =>
    one.software_packageUrl ??
    one.externalIdentifier.find(({ externalIdentifierType }) =>
      /^packageUrl$/i.test(externalIdentifierType ?? ''),
    )?.identifier;
  const roots = new Set(
    graph
      .filter((one) => /^(?:software_Sbom|SpdxDocument|Bom|Bundle)$/.test(typeOf(one)))
      .flatMap(({ rootElement }) => rootElement),
  );
  const packages = graph.filter((one) => typeOf(one) === 'software_Package');
  const about = graph.filter(
    (one) => roots.has(idOf(one)) && /^software_(?:Package|File)$/.test(typeOf(one)),
  );
  if (about.length === 0) return { wrong: 'does not say what it is about (`rootElement`)' };
  const digests = digestsIn(
    about.flatMap((one) => [
      one.software_packageVersion,
      one.name,
      purlOf(one),
      ...one.verifiedUsing.flatMap(({ algorithm, hashValue }) =>
        algorithm === 'sha256' && hashValue !== undefined ? [`sha256:${hashValue}`] : [],
      ),
    ]),
  );
  return inventoryOf(digests, packages.filter((one) => !roots.has(idOf(one))).map(purlOf));
}

/** In a reference (`registry/name@sha256:…`), in a package URL (`…?digest=sha256%3A…`, `…@sha256:…`), or alone. */
function digestsIn(texts: readonly (string | undefined)[]): readonly string[] {
  const found = texts.flatMap((text) =>
    [...(text ?? '').replaceAll(/%3A/gi, ':').matchAll(/sha256:([0-9a-f]{64})(?![0-9a-f])/gi)].map(
      ([digest]) => digest.toLowerCase(),
    ),
  );
  return [...new Set(found)];
}

function inventoryOf(
  digests: readonly string[],
  purls: readonly (string | undefined)[],
): ImageInventory | { readonly wrong: string } {
  if (digests.length === 0)
    return {
      wrong:
        'does not say by its digest which image it is about; let the tool that makes it read the image from its registry',
    };
  const packages = new Map<string, PackageURL>();
  let unnamed = 0;
  for (const text of purls) {
    const purl = purlIn(text);
    if (purl === null) unnamed += 1;
    else packages.set(purl.toString(), purl);
  }
  return { digests, packages: [...packages.values()], unnamed };
}
