/** What osquery found, as its shell prints it or its log keeps it: whole results of a query on a host, and never what changed since. */
import { utf8Text } from '../../../facts/utf8.ts';
import { type ExportFile, isRecord } from '../answer.ts';

export interface QueryResult {
  /** As osquery calls the host; null where the shell printed rows alone. */
  readonly host: string | null;
  /** As whoever scheduled it calls the query; null where nothing says so. */
  readonly query: string | null;
  /** In seconds since 1970; null where nothing says so. */
  readonly at: number | null;
  readonly rows: readonly unknown[];
}

export function resultsIn(
  file: ExportFile,
): { readonly results: readonly QueryResult[] } | { readonly why: string } {
  const text = utf8Text(Buffer.from(file.bytes));
  if (typeof text !== 'string') return { why: 'is not UTF-8; save it as UTF-8' };
  const parsed = jsonIn(text);
  if (parsed === null) return { why: 'is neither JSON nor lines of JSON; save it again' };
  if (parsed.length === 1 && Array.isArray(parsed[0]))
    return { results: [{ host: null, query: null, at: null, rows: parsed[0] }] };
  const results: QueryResult[] = [];
  for (const line of parsed) {
    const result = snapshotIn(line);
    if ('why' in result) return result;
    results.push(result);
  }
  return { results };
}

function jsonIn(text: string): readonly unknown[] | null {
  const parts = /^\s*\[/.test(text) ? [text] : text.split('\n').filter((line) => line.trim() !== '');
  try {
    return parts.map((part): unknown => JSON.parse(part));
  } catch {
    return null;
  }
}

function snapshotIn(line: unknown): QueryResult | { readonly why: string } {
  if (!isRecord(line)) return { why: 'holds a line that is no record; save the results again' };
  const { snapshot, hostIdentifier, unixTime, name } = line;
  if (!Array.isArray(snapshot))
    return {
      why: 'holds what changed and not what there is; let the query be logged with `"snapshot": true`',
    };
  const at = typeof unixTime === 'number' || typeof unixTime === 'string' ? Number(unixTime) : Number.NaN;
  return typeof hostIdentifier === 'string' && hostIdentifier !== '' && Number.isSafeInteger(at) && at > 0
    ? { host: hostIdentifier, query: typeof name === 'string' ? name : null, at, rows: snapshot }
    : { why: 'holds a result without `hostIdentifier` or `unixTime`; save it again' };
}
