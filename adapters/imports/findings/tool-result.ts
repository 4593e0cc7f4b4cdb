/** Another tool's results as observations: attested at most, whatever the tool calls them. */
import { assetId, type Observation, type Statement, type Value } from '@macadam/core/facts/observation';
import type { ParsedFile } from './batch.ts';

export interface ToolResult {
  readonly tool: string;
  readonly toolVersion?: string | undefined;
  readonly rule: string;
  readonly subject: string;
  readonly fingerprint?: string | undefined;
  /** The fingerprint is the tool's own name of one finding: what bears it again says something newer of the same. */
  readonly identified?: boolean;
  readonly outcome: 'pass' | 'fail' | 'review' | 'open' | 'not-applicable' | 'informational';
  readonly suppressed: boolean;
  readonly severity?: 'critical' | 'high' | 'medium' | 'low' | 'informational' | undefined;
  readonly message?: string | undefined;
  readonly path?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** RFC 3339; left out where the tool does not say. */
  readonly takenAt?: string | undefined;
}

const known = (value: Value | undefined): Statement =>
  value === undefined || value === '' ? { absent: true } : { value };

/**
 * One observation for each result. Results that nothing tells apart are numbered in their order, unless they are of one
 * identified finding: then they are what was seen of it one after the other.
 */
export function observationsOf(
  results: readonly ToolResult[],
  source: string,
  { receivedAt, takenAt, file }: ParsedFile,
): Observation[] {
  const seen = new Map<string, number>();
  return results.map((result) => {
    const { tool, rule, subject } = result;
    const base = placeOf(result);
    const key = [tool, rule, subject, base].join('\n');
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    const place = times === 1 || result.identified ? base : `${base}#${times}`;
    const at = result.takenAt ?? takenAt.at.toISOString();
    const why = `${file} does not say when its results were taken; give it by \`--taken-at\``;
    const stated = result.takenAt !== undefined || takenAt.stated;
    return {
      kind: 'tool-result',
      id: assetId('tool-result', [tool, rule, subject, place]),
      name: `${rule} on ${subject}${result.path === undefined ? '' : `, ${result.path}`}`,
      source,
      observedAt: at,
      receivedAt: receivedAt.toISOString(),
      assurance: 'attested',
      attributes: {
        tool: { value: tool },
        rule: { value: rule },
        subject: { value: subject },
        place: { value: place },
        tool_version: known(result.toolVersion),
        outcome: { value: result.outcome },
        suppressed: { value: result.suppressed },
        severity: known(result.severity),
        message: known(result.message?.slice(0, LONGEST)),
        path: known(result.path),
        line: known(result.line),
        taken_at: stated ? { value: at } : { unobserved: 'unobserved', why },
      },
      ...(result.path !== undefined && {
        location: { path: result.path, ...(result.line !== undefined && { line: result.line }) },
      }),
    };
  });
}

/** Characters of a message that are kept: some tools put whole files into it. */
const LONGEST = 2000;

function placeOf({ fingerprint, path, line, column }: ToolResult): string {
  if (fingerprint !== undefined) return fingerprint;
  return path === undefined ? '-' : [path, line, column].filter((part) => part !== undefined).join(':');
}

/** A tool's name as the id of a source. */
export function sourceOf(tool: string): string {
  return (
    tool
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '') || 'tool'
  );
}
