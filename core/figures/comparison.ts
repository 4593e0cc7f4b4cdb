/** What changed since an earlier scan, by fingerprint: the same standard on the same asset. */
import { z } from 'zod';
import type { Scan } from './scan.ts';

export interface Comparison {
  /** `collectedAt` of the earlier scan. */
  readonly since: string;
  readonly new: readonly string[];
  readonly fixed: readonly {
    readonly fingerprint: string;
    readonly standard: string;
    readonly asset: string;
  }[];
  readonly stillFailing: readonly string[];
  readonly becameUnknown: readonly string[];
}

/** What a comparison reads of an earlier scan, which comes from a file that anybody may have changed. */
export const earlierSchema = z.object({
  collectedAt: z.iso.datetime(),
  standards: z.array(z.object({ id: z.string() })),
  findings: z.array(
    z.object({
      fingerprint: z.string(),
      standard: z.string(),
      verdict: z.enum(['fail', 'unknown']),
      asset: z.object({ name: z.string() }),
    }),
  ),
});

/**
 * Compares by the standards that both scans judged: a standard that only one of them knows is a change of the
 * definition, and nobody's fixing. What failed and is unknown now became unknown; it was not fixed.
 */
export function compare(earlier: Scan, now: Scan): Comparison {
  const judged = new Set(now.standards.map(({ id }) => id));
  const was = new Map(earlier.findings.map((finding) => [finding.fingerprint, finding]));
  const is = new Map(now.findings.map((finding) => [finding.fingerprint, finding]));
  const failing = now.findings
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ fingerprint }) => fingerprint);
  const failed = earlier.findings.filter(
    ({ verdict, standard }) => verdict === 'fail' && judged.has(standard),
  );
  return {
    since: earlier.collectedAt,
    new: failing.filter((fingerprint) => was.get(fingerprint)?.verdict !== 'fail'),
    fixed: failed
      .filter(({ fingerprint }) => !is.has(fingerprint))
      .map(({ fingerprint, standard, asset }) => ({ fingerprint, standard, asset: asset.name })),
    stillFailing: failing.filter((fingerprint) => was.get(fingerprint)?.verdict === 'fail'),
    becameUnknown: now.findings
      .filter(
        ({ verdict, fingerprint }) => verdict === 'unknown' && was.get(fingerprint)?.verdict !== 'unknown',
      )
      .map(({ fingerprint }) => fingerprint),
  };
}
