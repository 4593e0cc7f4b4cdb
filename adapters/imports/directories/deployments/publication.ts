/** What was published of a case: its CVE record, and whether an advisory in CSAF stands beside it. */
import { csafFaults } from '@macadam/core/advisories/csaf-tests';
import type { Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { type ExportFile, jsonOf } from '../answer.ts';
import { timestamp, unobserved } from '../statement.ts';
import { ADVISORIES, RECORDS } from './description.ts';

const recordSchema = z.object({
  cveMetadata: z.object({
    cveId: z.string().regex(/^CVE-\d{4}-\d{4,}$/),
    state: z.string(),
    datePublished: z.string().optional(),
  }),
  containers: z.object({
    cna: z.object({
      problemTypes: z
        .array(z.object({ descriptions: z.array(z.object({ cweId: z.string().optional() })) }))
        .default([]),
      affected: z
        .array(z.object({ cpes: z.array(z.string()).default([]), packageURL: z.string().optional() }))
        .default([]),
    }),
  }),
});
const advisorySchema = z.object({
  document: z.object({
    csaf_version: z.string(),
    tracking: z.object({ status: z.enum(['draft', 'interim', 'final']) }),
  }),
  vulnerabilities: z.array(z.object({ cve: z.string().optional() })).default([]),
});

export interface Published {
  /** By the id of the CVE; a file that cannot be read gives the reason under its name. */
  readonly records: ReadonlyMap<string, z.infer<typeof recordSchema>>;
  /** CVEs that a finished advisory is about. */
  readonly advised: ReadonlySet<string>;
  readonly unread: readonly string[];
}

const isIn = (folder: string, { path }: ExportFile) =>
  path.startsWith(`${folder}/`) && path.endsWith('.json');

/** Whether a file is one of those that are read here. */
export const isPublication = (file: ExportFile): boolean => isIn(RECORDS, file) || isIn(ADVISORIES, file);

const jsonIn = (file: ExportFile): unknown => {
  const read = jsonOf(file);
  return 'json' in read ? read.json : null;
};

export function publishedIn(files: readonly ExportFile[]): Published {
  const records = new Map<string, z.infer<typeof recordSchema>>();
  const advised = new Set<string>();
  const unread: string[] = [];
  for (const file of files) {
    if (isIn(RECORDS, file)) {
      const read = recordSchema.safeParse(jsonIn(file));
      if (read.success) records.set(read.data.cveMetadata.cveId, read.data);
      else unread.push(`${file.path} is no CVE record: \`${read.error.issues[0]?.path.join('.') ?? ''}\``);
    }
    if (isIn(ADVISORIES, file)) {
      const json = jsonIn(file);
      const read = advisorySchema.safeParse(json);
      const [fault] = csafFaults(json);
      if (!read.success)
        unread.push(`${file.path} is no advisory of CSAF: \`${read.error.issues[0]?.path.join('.') ?? ''}\``);
      // Whoever reads it by machine refuses it.
      else if (fault !== undefined)
        unread.push(
          `${file.path} breaks the test ${fault.test} of CSAF at \`${fault.path}\`: ${fault.reason}`,
        );
      else if (read.data.document.tracking.status === 'final')
        for (const { cve } of read.data.vulnerabilities) if (cve !== undefined) advised.add(cve);
    }
  }
  return { records, advised, unread };
}

/** `ids`: what the rows of the case name as its CVE. */
export function publicationOf(ids: readonly string[], { records, advised }: Published): Statement {
  const [id] = ids;
  if (id === undefined) return { absent: true };
  if (ids.length > 1)
    return unobserved(`its rows name ${ids.length} CVEs; make a case of each, or name one of them`);
  const record = records.get(id);
  if (record === undefined)
    return unobserved(`no record of ${id} was saved; save it as ${RECORDS}/${id.slice(0, 40)}.json`);
  const { cveMetadata: metadata, containers } = record;
  if (metadata.state !== 'PUBLISHED') return { absent: true };
  // Older records leave the zone out, and mean UTC.
  const date = metadata.datePublished ?? '';
  const at = timestamp(date) ?? timestamp(`${date}Z`);
  const weaknesses = containers.cna.problemTypes.flatMap(({ descriptions }) =>
    descriptions.flatMap(({ cweId }) => cweId ?? []),
  );
  const products = containers.cna.affected.flatMap(({ cpes, packageURL }) =>
    packageURL === undefined ? cpes : [...cpes, packageURL],
  );
  return {
    value: {
      cve: id,
      published_at: at ?? unobserved(`the record of ${id} does not say when it was published; save it again`),
      weakness: weaknesses[0],
      products: [...new Set(products)],
      machine_readable: advised.has(id),
    },
  };
}
