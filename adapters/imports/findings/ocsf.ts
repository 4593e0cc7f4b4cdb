/**
 * OCSF finding events (schema.ocsf.io, category 2): a JSON array, one object, or one a line. A compliance finding's
 * status says pass or fail; every other finding is a fail until somebody resolved it or its tool says that it passed, and may be suppressed.
 */
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { z } from 'zod';
import { counted } from '../../report-formats/figures.ts';
import { type Batch, issuesIn, jsonOf, type ParsedFile, type Read } from './batch.ts';
import { observationsOf, sourceOf, type ToolResult } from './tool-result.ts';
import { writtenTimeSchema, zoneBetween } from './written-time.ts';

const text = z.string().optional().catch(undefined);
const about = z.looseObject({
  uid: text,
  title: text,
  types: z.array(z.string()).optional().catch(undefined),
});

const eventSchema = z
  .looseObject({
    class_uid: z.int('expected the number of a class, such as 2003'),
    time: z.number().optional(),
    time_dt: writtenTimeSchema.optional(),
    metadata: z.looseObject({
      event_code: text,
      product: z.looseObject({ name: text, vendor_name: text, version: text }),
    }),
    severity_id: z.int().optional(),
    message: text,
    status_id: z.int().optional(),
    status_code: text,
    finding_info: about.optional(),
    /** As versions before 1.1 call it. */
    finding: about.optional(),
    compliance: z.looseObject({ control: text, status_id: z.int().optional(), status: text }).optional(),
    resources: z.array(z.looseObject({ uid: text, name: text })).optional(),
    resource: z.looseObject({ uid: text, name: text }).optional(),
  })
  .superRefine((event, context) => {
    const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (Math.floor(event.class_uid / 1000) !== 2)
      issue(['class_uid'], `class ${event.class_uid} is no finding; give events of category 2`);
    if (event.time === undefined && event.time_dt === undefined)
      issue(['time'], 'it does not say when; give milliseconds since 1970');
    else if (timeOf(event) === null)
      issue(['time'], `${event.time} is not a time of the years 1 to 9999; give milliseconds since 1970`);
    if (!event.metadata.product.name && !event.metadata.product.vendor_name)
      issue(['metadata', 'product', 'name'], 'it does not say which tool found it; give its name');
    if (ruleOf(event) === undefined)
      issue(['finding_info', 'uid'], 'it does not say by which rule; give `compliance.control`, or a uid');
  });
type Event = z.infer<typeof eventSchema>;

const SEVERITIES = [undefined, 'informational', 'low', 'medium', 'high', 'critical', 'critical'] as const;

export function readOcsfPaper(paper: ParsedFile): Read {
  const parsed = eventsOf(paper);
  if ('mistakes' in parsed) return parsed;
  const mistakes: FileDiagnostic[] = [];
  const events: Event[] = [];
  for (const { json, line, path } of parsed.events) {
    const event = eventSchema.safeParse(json);
    if (event.success) events.push(event.data);
    else if (line === null) mistakes.push(...issuesIn(paper, event.error, path));
    else
      for (const { message, path: field } of event.error.issues)
        mistakes.push({ file: paper.file, line, column: 1, field: field.join('.'), reason: message });
  }
  if (mistakes.length > 0) return { mistakes: mistakes.slice(0, 100) };
  const byTool = Map.groupBy(events, toolOf);
  return { batches: [...byTool].map(([tool, own]) => batchOf(tool, own, paper)), notes: zoneNotes(events) };
}

interface Given {
  readonly json: unknown;
  /** Null in a document that is one piece of JSON. */
  readonly line: number | null;
  readonly path: readonly number[];
}

function eventsOf(
  paper: ParsedFile,
): { readonly events: readonly Given[] } | { readonly mistakes: readonly FileDiagnostic[] } {
  const whole = jsonOf(paper);
  if ('json' in whole) {
    const { json } = whole;
    if (Array.isArray(json))
      return { events: json.map((one, index) => ({ json: one, line: null, path: [index] })) };
    return { events: [{ json, line: null, path: [] }] };
  }
  const lines = paper.text.split('\n');
  const first = lines.find((line) => line.trim() !== '') ?? '';
  if (first.trimStart().startsWith('[') || lines.filter((line) => line.trim() !== '').length < 2)
    return whole;
  const mistakes: FileDiagnostic[] = [];
  const events = lines.flatMap((line, index): Given[] => {
    if (line.trim() === '') return [];
    const one = jsonOf({ ...paper, text: line });
    if ('json' in one) return [{ json: one.json, line: index + 1, path: [] }];
    mistakes.push(...one.mistakes.map((mistake) => ({ ...mistake, line: index + 1 })));
    return [];
  });
  return mistakes.length > 0 ? { mistakes } : { events };
}

const toolOf = ({ metadata: { product } }: Event) => product.name || product.vendor_name || '';

/** What the finding was judged by, as far as producers agree: the control, the check's code, its type, its own id. */
function ruleOf(event: Event): string | undefined {
  const info = event.finding_info ?? event.finding;
  return (
    event.compliance?.control || event.metadata.event_code || info?.types?.[0] || info?.title || info?.uid
  );
}

/** https://schema.ocsf.io/classes/vulnerability_finding: of a finding, 3 Suppressed and 4 Resolved. */
const [SUPPRESSED, RESOLVED] = [3, 4];

const COMPLIANCE_FINDING = 2003;

function outcomeOf(event: Event): ToolResult['outcome'] {
  const { compliance, status_code: code } = event;
  if (compliance === undefined) return detected(event);
  const said = (compliance.status ?? code ?? '').toLowerCase();
  // https://schema.ocsf.io/objects/compliance: 1 Pass, 2 Warning (it could not be decided), 3 Fail.
  if (compliance.status_id === 1 || (compliance.status_id === undefined && /^pass/.test(said))) return 'pass';
  if (compliance.status_id === 3 || (compliance.status_id === undefined && /^fail/.test(said))) return 'fail';
  return 'open';
}

/** Prowler gives all of its checks as detections, and says by the code what came of each. */
function detected({
  class_uid: kind,
  status_id: status,
  status_code: code = '',
}: Event): ToolResult['outcome'] {
  if (status === RESOLVED) return 'pass';
  // What is to be complied with, and how far it is, would stand in the part that is missing.
  if (kind === COMPLIANCE_FINDING || /^manual$/i.test(code)) return 'open';
  return /^pass(?:ed)?$/i.test(code) ? 'pass' : 'fail';
}

function batchOf(tool: string, events: readonly Event[], paper: ParsedFile): Batch {
  const source = sourceOf(tool);
  const results = events.flatMap((event) => {
    const info = event.finding_info ?? event.finding;
    const resources = event.resources ?? (event.resource ? [event.resource] : []);
    const subjects = resources.flatMap(({ uid, name }) => uid || name || []);
    return (subjects.length > 0 ? subjects : [paper.subject]).map(
      (subject): ToolResult => ({
        tool,
        toolVersion: event.metadata.product.version,
        rule: ruleOf(event) ?? '-',
        subject,
        fingerprint: info?.uid,
        identified: info?.uid !== undefined,
        outcome: outcomeOf(event),
        suppressed: event.status_id === SUPPRESSED,
        severity: SEVERITIES[event.severity_id ?? 0],
        message: event.message ?? info?.title,
        takenAt: timeOf(event)?.at,
      }),
    );
  });
  const times = events
    .flatMap((event) => timeOf(event)?.at ?? [])
    .sort((a, b) => Date.parse(a) - Date.parse(b));
  const fallback = paper.takenAt.at.toISOString();
  return {
    collection: {
      source,
      query: paper.file,
      startedAt: times[0] ?? fallback,
      finishedAt: times.at(-1) ?? fallback,
      status: 'complete',
      partitions: [],
      problems: [],
    },
    observations: observationsOf(results, source, paper),
  };
}

interface EventTime {
  /** RFC 3339. */
  readonly at: string;
  /** How the zone of a `time_dt` without one was found; null where it needed none. */
  readonly zone: string | null;
}

/**
 * When an event happened. `time_dt` is more exact than `time`, and some producers write it as local time without its
 * zone; `time` counts from 1970 and has none, so where both are there they tell the zone. Null: of no year that can be written.
 */
function timeOf({ time, time_dt: written }: Pick<Event, 'time' | 'time_dt'>): EventTime | null {
  const instant = time === undefined ? null : countedTime(time);
  if (written === undefined) return instant === null ? null : { at: instant.toISOString(), zone: null };
  if (written.zoned) return { at: written.at, zone: null };
  if (instant === null) return { at: written.at, zone: 'read as UTC, since nothing else says when it was' };
  const zone = zoneBetween(written, instant.getTime());
  return zone === null
    ? { at: instant.toISOString(), zone: 'left out for `time`, which no time zone makes the same' }
    : { at: `${written.at.slice(0, -1)}${zone}`, zone: `read as ${zone}, by \`time\` of the same event` };
}

/** `time` is milliseconds since 1970; some producers write seconds. Null: of no year that can be written. */
function countedTime(time: number): Date | null {
  const at = time < 100_000_000_000 ? time * 1000 : time;
  return at >= FIRST && at <= LAST ? new Date(at) : null;
}
const [FIRST, LAST] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59Z')];

/** One note for each way in which the zones of times without one were found. */
function zoneNotes(events: readonly Event[]): string[] {
  const ways = Map.groupBy(events, (event) => timeOf(event)?.zone ?? null);
  return [...ways].flatMap(([zone, own]) =>
    zone === null ? [] : [`\`time_dt\` of ${counted(own.length, 'event')} has no time zone; it was ${zone}`],
  );
}
