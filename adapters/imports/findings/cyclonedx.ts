/**
 * CycloneDX 1.2 to 1.7 as JSON (cyclonedx.org/docs): each library or framework that has a package URL is a dependency,
 * attested by whoever made the document. What a document leaves out is unobserved: it is a list of parts, not a lockfile.
 */
import { basename } from 'node:path';
import { assetId, type Observation, type Statement, type Unobserved } from '@macadam/core/facts/observation';
import { PackageURL } from 'packageurl-js';
import { z } from 'zod';
import { purlIn } from '../purl.ts';
import { issuesIn, jsonOf, type ParsedFile, type Read } from './batch.ts';
import { sourceOf } from './tool-result.ts';
import { writtenTimeSchema } from './written-time.ts';

const properties = z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]);

const componentSchema = z.looseObject({
  type: z.string('expected what it is, such as library'),
  'bom-ref': z.string().optional(),
  name: z.string(),
  group: z.string().optional(),
  version: z.string().optional(),
  purl: z.string().optional(),
  scope: z.enum(['required', 'optional', 'excluded']).optional(),
  hashes: z.array(z.looseObject({ alg: z.string(), content: z.string() })).default([]),
  properties,
  externalReferences: z.array(z.looseObject({ type: z.string(), url: z.string() })).default([]),
  get components() {
    return z.array(componentSchema).default([]);
  },
});
type Component = z.infer<typeof componentSchema>;

const named = z.looseObject({ name: z.string().optional(), version: z.string().optional() });

const documentSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX', 'it is no CycloneDX document'),
  specVersion: z
    .string()
    .regex(/^1\.[2-7]$/, 'versions 1.2 to 1.7 are understood; convert it with the tool that made it'),
  serialNumber: z.string().optional(),
  metadata: z
    .looseObject({
      timestamp: writtenTimeSchema.optional(),
      component: componentSchema.optional(),
      tools: z.union([z.array(named), z.looseObject({ components: z.array(named).default([]) })]).optional(),
    })
    .default({}),
  components: z.array(componentSchema).default([]),
  dependencies: z
    .array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) }))
    .default([]),
});
type Document = z.infer<typeof documentSchema>;

/** As the kind `dependency` spells them. */
const ECOSYSTEMS: Readonly<Record<string, string>> = {
  pypi: 'pip',
  golang: 'gomod',
  gem: 'bundler',
  maven: 'maven',
};

export function readCycloneDxPaper(paper: ParsedFile): Read {
  const parsed = jsonOf(paper);
  if ('mistakes' in parsed) return parsed;
  const read = documentSchema.safeParse(parsed.json);
  if (!read.success) return { mistakes: issuesIn(paper, read.error) };
  const document = read.data;
  const source = sourceOf(toolOf(document) ?? 'cyclonedx');
  const all = flattened(document.components);
  const parts = all.filter(({ purl }) => purlIn(purl) !== null);
  const at = document.metadata.timestamp?.at ?? paper.takenAt.at.toISOString();
  const about = aboutOf(document, paper);
  const seen = new Map<string, Observation>();
  for (const part of parts) {
    const one = observationOf(part, document, { ...about, source, at, received: paper.receivedAt });
    if (!seen.has(one.id)) seen.set(one.id, one);
  }
  const left = all.length - parts.length;
  const notes =
    left > 0 ? [`${left} components have no package URL that can be read, and are no dependencies here`] : [];
  if (document.metadata.timestamp === undefined && !paper.takenAt.stated)
    notes.push(`${paper.file} does not say when it was made; give it by \`--taken-at\``);
  if (document.metadata.timestamp?.zoned === false)
    notes.push('`metadata.timestamp` has no time zone; it was read as UTC');
  const collection = {
    source,
    query: [paper.file, document.serialNumber].filter(Boolean).join(' '),
    startedAt: at,
    finishedAt: at,
    status: 'complete' as const,
    partitions: [],
    problems: [],
  };
  return { batches: [{ collection, observations: [...seen.values()] }], notes };
}

function flattened(components: readonly Component[]): Component[] {
  return components.flatMap((one) => [one, ...flattened(one.components)]);
}

function toolOf({ metadata: { tools } }: Document): string | undefined {
  return (Array.isArray(tools) ? tools : tools?.components)?.[0]?.name;
}

interface About {
  /** What stands for the repository in the ids. */
  readonly container: string;
  readonly repository: Statement;
  readonly file: string;
}

/** Whose parts these are: the repository that the document names, or the one that was given. */
function aboutOf({ metadata: { component } }: Document, { subject, file }: ParsedFile): About {
  const url = component?.externalReferences.find(({ type }) => type === 'vcs')?.url;
  const named =
    url === undefined ? null : /^(?:\w+:\/\/)?(?:[^@/]+@)?([\w.-]+)[/:](.+?)(?:\.git)?\/?$/.exec(url);
  const id = named ? assetId('repository', [named[1] ?? '', named[2] ?? '']) : subject;
  const why = `${file} does not name its repository; give its id by \`--subject\``;
  const repository: Statement = id.startsWith('repository/')
    ? { value: id }
    : { unobserved: 'unobserved', why };
  return { container: id, repository, file: basename(file) };
}

interface Around extends About {
  readonly source: string;
  readonly at: string;
  readonly received: Date;
}

function observationOf(part: Component, document: Document, around: Around): Observation {
  const purl = purlIn(part.purl);
  const type = purl?.type ?? '';
  const version = part.version ?? purl?.version ?? undefined;
  const bare = new PackageURL(
    type,
    purl?.namespace,
    purl?.name ?? part.name,
    undefined,
    undefined,
    undefined,
  ).toString();
  const property = (name: string) => part.properties.find((one) => one.name === name)?.value;
  const [path = around.file, line] = (property('macadam:file') ?? around.file).split(/:(?=\d+$)/);
  const specifier = version ?? property('macadam:requirement') ?? '*';
  const name = [purl?.namespace, purl?.name].filter(Boolean).join(type === 'maven' ? ':' : '/');
  const hash = part.hashes[0];
  const integrity = hash
    ? `${hash.alg.toLowerCase().replace('-', '')}:${hash.content}`
    : property('macadam:integrity');
  return {
    kind: 'dependency',
    id: assetId('dependency', [around.container, bare, specifier]),
    name: `${name}@${specifier}`,
    source: around.source,
    container: around.container,
    observedAt: around.at,
    receivedAt: around.received.toISOString(),
    assurance: 'attested',
    attributes: {
      repository: around.repository,
      file: { value: path },
      package: { value: bare },
      specifier: { value: specifier },
      name: { value: name },
      ecosystem: { value: ECOSYSTEMS[type] ?? type },
      version: version === undefined ? unsaid('the version') : { value: version },
      purl: version === undefined ? { absent: true } : { value: part.purl ?? '' },
      integrity: integrity === undefined ? unsaid('what pins its content') : { value: integrity },
      direct: directOf(part, document),
      development: developmentOf(part),
      ...(line !== undefined && { line: { value: Number(line) } }),
    },
  };
}

const unsaid = (what: string): Unobserved => ({
  unobserved: 'unobserved',
  why: `the document does not say ${what}; make it with a tool that does`,
});

function directOf(part: Component, { dependencies, metadata }: Document): Statement {
  const root = dependencies.find(({ ref }) => ref === metadata.component?.['bom-ref']);
  const ref = part['bom-ref'];
  if (!root || ref === undefined) return unsaid('what the project asks for itself');
  return { value: root.dependsOn.includes(ref) };
}

/** https://cyclonedx.org/docs/1.6/json/#components_items_scope: what is excluded is not part of what runs. */
function developmentOf({ scope, properties: own }: Component): Statement {
  if (own.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true'))
    return { value: true };
  if (scope === undefined || scope === 'optional') return unsaid('what serves only development');
  return { value: scope === 'excluded' };
}
