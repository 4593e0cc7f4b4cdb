/** What a file is, by its content: its first line, and where that is not enough its first fields. */
import { isRecord } from '../../facts/line.ts';

export const FORMATS = ['ndjson', 'sarif', 'ocsf', 'cyclonedx', 'token-reports', 'key-reports'] as const;
export type IntakeFormat = (typeof FORMATS)[number];

/** `head` is the beginning of the text, long enough for a line of observations. Null where nothing fits. */
export function recognised(head: string): IntakeFormat | null {
  const text = head.replace(/^\uFEFF/, '').trimStart();
  const line = text.split('\n', 1)[0] ?? '';
  try {
    const record: unknown = JSON.parse(line);
    const first = Array.isArray(record) ? record[0] : record;
    if (isRecord(first)) {
      if (/^macadam\.(token-(adoption|issuance|join)|forged-token)\//.test(String(first.schema)))
        return 'token-reports';
      if (/^macadam\.key-ring\//.test(String(first.schema))) return 'key-reports';
      const format = ofFields(new Set(Object.keys(first)));
      if (format) return format;
    }
  } catch {
    // A document over several lines.
  }
  const fields = new Set([...text.matchAll(/"(\$?\w+)"\s*:/g)].map(([, name = '']) => name));
  if (/"\$schema"\s*:\s*"[^"]*sarif/.test(text)) return 'sarif';
  return ofFields(fields);
}

function ofFields(names: ReadonlySet<string>): IntakeFormat | null {
  if (names.has('bomFormat')) return 'cyclonedx';
  if (names.has('class_uid')) return 'ocsf';
  if (names.has('runs') || (names.has('tool') && names.has('driver'))) return 'sarif';
  if (names.has('collection') || (names.has('kind') && names.has('attributes'))) return 'ndjson';
  return null;
}
