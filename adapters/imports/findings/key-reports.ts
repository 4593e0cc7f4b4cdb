/** Which keys of an issuer sign and since when, as `@macadam/keys` says of its ring: one JSON object a line, of `macadam.key-ring/1`. The newest of an issuer counts. */

import { assetId, type Observation } from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { ParsedFile, Read } from './batch.ts';
import { reportsIn } from './lines.ts';
import { lineInstant, lineName } from './token-lines.ts';

const SOURCE = 'key-reports';

const reportSchema = z.object({
  schema: z.literal('macadam.key-ring/1'),
  library: z.object({ name: z.literal('@macadam/keys'), version: lineName }),
  issuer: lineName,
  at: lineInstant,
  keys: z
    .array(
      z.object({
        id: lineName,
        state: z.enum(['pending', 'active', 'retiring', 'retired', 'compromised']),
        publishedAt: lineInstant,
        activatedAt: lineInstant.nullable(),
      }),
    )
    .max(100_000),
});
type Report = z.infer<typeof reportSchema>;

const timeOf = (milliseconds: number) => new Date(milliseconds).toISOString();

function observationsOf({ issuer, at, keys }: Report, receivedAt: string): readonly Observation[] {
  return keys.map(({ id, state, publishedAt, activatedAt }) => ({
    kind: 'signing-key',
    id: assetId('signing-key', [issuer, id]),
    name: `${id} of ${issuer}`,
    source: SOURCE,
    observedAt: timeOf(at),
    receivedAt,
    assurance: 'attested',
    attributes: {
      issuer: { value: issuer },
      key_id: { value: id },
      // What was taken out at once nobody trusts.
      state: { value: state === 'compromised' ? 'retired' : state },
      published_at: { value: timeOf(publishedAt) },
      activated_at: activatedAt === null ? { absent: true } : { value: timeOf(activatedAt) },
      // The ring makes each next key and puts it in force itself, and has no call by which a person could.
      rotation: { value: 'automatic' },
    },
  }));
}

export function readKeyReports(paper: ParsedFile): Read {
  const read = reportsIn(paper, reportSchema);
  if ('mistakes' in read) return read;
  const newest = new Map<string, Report>();
  for (const report of read.reports)
    if ((newest.get(report.issuer)?.at ?? -1) <= report.at) newest.set(report.issuer, report);
  const receivedAt = paper.receivedAt.toISOString();
  const times = [...newest.values()].map(({ at }) => at);
  const collection = {
    source: SOURCE,
    query: paper.file,
    startedAt: timeOf(Math.min(...times)),
    finishedAt: timeOf(Math.max(...times)),
    status: 'complete' as const,
    partitions: [],
    problems: [],
  };
  const observations = [...newest.values()].flatMap((report) => observationsOf(report, receivedAt));
  return { batches: [{ collection, observations }], notes: [] };
}
