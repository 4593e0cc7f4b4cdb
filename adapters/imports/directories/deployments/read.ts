/** Cases of a tracker joined with CDEvents of deployments: a clock ends by what was deployed, never by a typed date. */
import {
  DEPLOY_EVENTS,
  type DeployEvent,
  eventsByPlace,
  mitigationOf,
  type PlaceAtRisk,
} from '@macadam/core/advisories/deployments';
import type { Observation, Statement, Unobserved } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { documentsOf, type ExportFile } from '../answer.ts';
import { type ExportRead, type ExportRequest, type ExportScope, observationOf } from '../export.ts';
import { type ListingGap, listingGap } from '../listing.ts';
import { emptyCell, fileOf, MAPPING, mappedIn, refused, rowsOf, unusedIn } from '../mapping.ts';
import { readOf } from '../reading.ts';
import { type Item, timestamp, unobserved } from '../statement.ts';
import { dayIn, filledIn, nothingUnder } from '../table.ts';
import { CASES, EVENTS } from './description.ts';
import { isPublication, type Published, publicationOf, publishedIn } from './publication.ts';

const KIND = 'vulnerability-case';
const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
const STATES = ['triage', 'open', 'mitigated', 'rejected'] as const;
const column = z.string().min(1);
const values = z.array(z.string()).readonly();
const mappingSchema = z.strictObject({
  tracker: column,
  cases: z.strictObject({
    id: column,
    team: column.optional(),
    reported_at: column,
    severity: z.strictObject({ column, critical: values, high: values, medium: values, low: values }),
    state: z.strictObject({ column, triage: values, open: values, mitigated: values, rejected: values }),
    service: column,
    environment: column,
    fixed_by: column,
    mitigated_at: column.optional(),
    miss_reason: column.optional(),
    cve: column.optional(),
  }),
});
type Mapping = z.infer<typeof mappingSchema>;

export function readDeployments(request: ExportRequest): ExportRead {
  const read = mappedIn(request, 'deployments', mappingSchema, ({ tracker }) => tracker);
  if ('mistakes' in read) return read;
  const { mapping, scope } = read;
  const { severity, state, ...plain } = mapping.cases;
  const table = rowsOf(request, CASES, [...Object.values(plain), severity.column, state.column]);
  if ('mistakes' in table) return table;
  const log = fileOf(request, EVENTS);
  if (log === undefined) return refused(request.folder, `holds no ${EVENTS}; save it under that name`);
  const gaps: ListingGap[] = [];
  const rows = rowsByCase(mapping, table.rows, gaps);
  const deployed = eventsIn(log, request.takenAt);
  const published = publishedIn(request.files);
  for (const why of published.unread)
    gaps.push(listingGap('publication-unread', 'failed', `${why}; save it again`));
  const observations = [...rows].map(([id, own]) =>
    caseOf(scope, mapping, { id, rows: own, deployed, published }),
  );
  const others = request.files.filter((file) => !isPublication(file));
  return readOf({
    scope,
    listed: [{ kind: KIND, observations, gaps }],
    notes: [
      ...('why' in deployed ? [`no case is known to be mitigated: ${deployed.why}`] : []),
      ...unusedIn(others, CASES, EVENTS, MAPPING),
    ],
  });
}

function rowsByCase(
  { cases }: Mapping,
  rows: readonly Item[],
  gaps: ListingGap[],
): ReadonlyMap<string, readonly Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of rows) {
    const id = item.record[cases.id];
    if (typeof id !== 'string') {
      gaps.push(emptyCell(item, cases.id));
      continue;
    }
    const own = found.get(id) ?? [];
    found.set(id, own);
    own.push(item);
  }
  return found;
}

type Deployed = { readonly events: ReadonlyMap<string, readonly DeployEvent[]> } | { readonly why: string };

const cdevent = z.object({
  context: z.object({ id: z.string(), source: z.string(), type: z.string(), timestamp: z.string() }),
  subject: z.object({
    id: z.string().min(1),
    content: z.object({
      environment: z.object({ id: z.string().min(1) }),
      artifactId: z.string().min(1).optional(),
    }),
  }),
});

/** `dev.cdevents.service.deployed.0.2.0`: of which version it is, changes nothing that is read here. */
const SERVICE_EVENT = /^dev\.cdevents\.service\.([a-z]+)\./;

/** Each event once, or the first thing that cannot be read: it may be the event that took a fix back. */
function eventsIn(file: ExportFile, takenAt: Date): Deployed {
  const read = documentsOf(file);
  if ('why' in read)
    return {
      why:
        read.line === null
          ? `${EVENTS} ${read.why}`
          : `line ${read.line} of ${EVENTS} is no whole JSON; save it again`,
    };
  const events = new Map<string, DeployEvent>();
  for (const [index, json] of read.entries()) {
    const place = `${EVENTS}, event ${index + 1},`;
    const kind = z.object({ context: z.object({ type: z.string() }) }).safeParse(json);
    if (!kind.success) return { why: `${place} is no CDEvent; take it out, or save it again` };
    const [, verb = ''] = SERVICE_EVENT.exec(kind.data.context.type) ?? [];
    if (verb === '') continue;
    const type = DEPLOY_EVENTS.find((one) => one === verb);
    if (type === undefined)
      return { why: `${place} has the type \`${kind.data.context.type}\`, which is not read; take it out` };
    const parsed = cdevent.safeParse(json);
    if (!parsed.success)
      return {
        why: `${place} lacks \`${parsed.error.issues[0]?.path.join('.') ?? ''}\`; save it again as CDEvents writes it`,
      };
    const { context, subject } = parsed.data;
    const at = timestamp(context.timestamp);
    if (at === null)
      return { why: `${place} has the time \`${context.timestamp.slice(0, 40)}\`; write it as RFC 3339` };
    if (Date.parse(at) > takenAt.getTime())
      return { why: `${place} is of ${at}, which is after the export was taken; correct its time` };
    events.set(JSON.stringify([context.source, context.id]), {
      type,
      service: subject.id,
      environment: subject.content.environment.id,
      artifact: subject.content.artifactId ?? null,
      at,
    });
  }
  return { events: eventsByPlace([...events.values()]) };
}

interface Case {
  readonly id: string;
  readonly rows: readonly Item[];
  readonly deployed: Deployed;
  readonly published: Published;
}

function caseOf(scope: ExportScope, mapping: Mapping, found: Case): Observation {
  const { cases } = mapping;
  const { id, rows } = found;
  const teams = cases.team === undefined ? [] : textsIn(rows, cases.team);
  const state = one(rows, cases.state, STATES);
  const stated =
    cases.mitigated_at === undefined ? { absent: true as const } : latest(rows, cases.mitigated_at);
  return observationOf(scope, {
    kind: KIND,
    key: [scope.directory, id],
    name: id,
    attributes: {
      tracker: { value: scope.directory },
      case_id: { value: id },
      owners:
        teams.length > 0
          ? { value: teams }
          : unobserved(`${CASES} names no team that has to mitigate ${id}; fill it in`),
      severity: one(rows, cases.severity, SEVERITIES),
      state,
      reported_at: reportedAt(rows, cases.reported_at),
      mitigated_at: mitigatedAt(mapping, found, { state, stated }),
      mitigation_stated_at: stated,
      miss_reason:
        cases.miss_reason === undefined
          ? unobserved(`${MAPPING} names no column of reasons; add \`miss_reason\``)
          : missReason(rows, cases.miss_reason),
      publication:
        cases.cve === undefined
          ? unobserved(`${MAPPING} names no column of CVE ids; add \`cve\``)
          : publicationOf(textsIn(rows, cases.cve), found.published),
    },
    assurance: 'attested',
  });
}

const textsIn = (rows: readonly Item[], name: string): readonly string[] => [
  ...new Set(rows.flatMap(({ record }) => (typeof record[name] === 'string' ? [record[name]] : []))),
];

const missReason = (rows: readonly Item[], name: string): Statement => {
  const texts = textsIn(rows, name);
  return texts.length === 0 ? { absent: true } : { value: texts.join(', ') };
};

/** What all rows of a case say alike, by the values that the mapping names. */
function one<const Name extends string>(
  rows: readonly Item[],
  given: { readonly column: string } & Readonly<Record<Name, readonly string[]>>,
  names: readonly Name[],
): Statement {
  const said = textsIn(rows, given.column);
  const file = rows[0]?.file ?? CASES;
  if (said.length === 0) return unobserved(nothingUnder({ record: {}, file }, given.column));
  const meant = names.filter((name) => said.some((text) => given[name].includes(text)));
  const [found] = meant;
  return found !== undefined && meant.length === 1 && said.every((text) => given[found].includes(text))
    ? { value: found }
    : unobserved(
        `\`${said.join('`, `').slice(0, 60)}\` under \`${given.column}\` from ${file} on does not have one plain meaning; make the rows alike, and name the value once in ${MAPPING}`,
      );
}

/** The times of all rows, the earliest first; or why one of them cannot be told. */
function timesIn(rows: readonly Item[], read: (row: Item) => Statement): readonly string[] | Unobserved {
  const times: string[] = [];
  for (const at of rows.map(read)) {
    if ('unobserved' in at) return at;
    if ('value' in at) times.push(String(at.value));
  }
  return times.toSorted((a, b) => Date.parse(a) - Date.parse(b));
}

/** The earliest of its rows: each knows when somebody first told. */
function reportedAt(rows: readonly Item[], name: string): Statement {
  const times = timesIn(rows, (row) => filledIn(dayIn(row, name, 'start'), row, name));
  if ('unobserved' in times) return times;
  const [earliest] = times;
  return earliest === undefined ? { absent: true } : { value: earliest };
}

function latest(rows: readonly Item[], name: string): Statement {
  const times = timesIn(rows, (row) => dayIn(row, name, 'end'));
  if ('unobserved' in times) return times;
  const last = times.at(-1);
  return last === undefined ? { absent: true } : { value: last };
}

function mitigatedAt(
  { cases }: Mapping,
  { rows, deployed }: Case,
  { state, stated }: { readonly state: Statement; readonly stated: Statement },
): Statement {
  const typed = 'value' in stated ? ` (somebody typed ${String(stated.value)}, which ends no clock)` : '';
  const unknown = (why: string): Statement => {
    const [what = why, remedy = 'look at the files'] = why.split('; ');
    return unobserved(`${what}${typed}; ${remedy}`);
  };
  const places: PlaceAtRisk[] = [];
  for (const { record, file } of rows) {
    const [service, environment] = [record[cases.service], record[cases.environment]];
    if (typeof service !== 'string' || typeof environment !== 'string')
      return unknown(
        `the row in ${file} does not say which service in which environment is at risk; fill it in`,
      );
    const fixedBy = String(record[cases.fixed_by] ?? '')
      .split(/[\s,]+/)
      .filter((text) => text !== '');
    places.push({ service, environment, fixedBy });
  }
  const nothingFixes = places.every(({ fixedBy }) => fixedBy.length === 0);
  const goesOn = 'value' in state && (state.value === 'triage' || state.value === 'open');
  // By its own word it goes on, and nothing exists that could have been deployed: nobody has to look.
  if (nothingFixes && goesOn && typed === '') return { absent: true, assurance: 'effective' };
  if ('why' in deployed) return unknown(deployed.why);
  const found = mitigationOf(places, deployed.events);
  if (found.state === 'unknown') return unknown(found.why);
  return found.state === 'at-risk'
    ? { absent: true, assurance: 'effective' }
    : { value: found.at, assurance: 'effective' };
}
