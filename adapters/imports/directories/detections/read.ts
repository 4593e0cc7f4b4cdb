/** Rules in Sigma joined with the attacks that were carried out and the alerts that came: a rule is proved by an alert, never by its own word. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { utf8Text } from '../../../facts/utf8.ts';
import { documentsOf, type ExportFile, isRecord, type Json } from '../answer.ts';
import { type ExportRead, type ExportRequest, type ExportScope, observationOf } from '../export.ts';
import { type ListingGap, listingGap } from '../listing.ts';
import { fileOf, refused } from '../mapping.ts';
import { readOf, scopeOf } from '../reading.ts';
import { timestamp, unobserved } from '../statement.ts';
import { ALERTS, ATTACKS } from './description.ts';

const ruleSchema = z.object({
  id: z.string().min(1),
  title: z.string().min(1),
  status: z.string().optional(),
  tags: z.array(z.string()).default([]),
  simulation: z.array(z.object({ atomic_guid: z.string().optional() })).default([]),
});
type Rule = z.infer<typeof ruleSchema>;

const attackSchema = z.object({
  'attire-version': z.string(),
  procedures: z.array(
    z.object({
      'procedure-id': z.object({ id: z.string() }),
      steps: z.array(z.object({ 'time-start': z.string() })).min(1),
    }),
  ),
});
const DETECTION_FINDING = 2004;
const alertSchema = z.object({
  class_uid: z.literal(DETECTION_FINDING),
  time: z.int().min(0),
  finding_info: z.object({ analytic: z.object({ uid: z.string().min(1) }) }),
});

/** Milliseconds since 1970, by what they are of. */
type Times = ReadonlyMap<string, readonly number[]>;

const HOUR = 3_600_000;
/** An alert later than this after an attack is of something else. */
const LATEST = 24 * HOUR;

export function readDetections(request: ExportRequest): ExportRead {
  const named = scopeOf(
    'detections',
    request,
    [],
    'does not say whose rules they are; name the catalogue by `--subject`, such as `--subject github.com/acme/detections`',
  );
  if ('mistakes' in named) return named;
  const { scope } = named;
  const [attacks, alerts] = [fileOf(request, ATTACKS), fileOf(request, ALERTS)];
  const rules = request.files.filter(({ path }) => /^rules\/.*\.ya?ml$/.test(path));
  if (rules.length === 0 || attacks === undefined || alerts === undefined) {
    const missing = rules.length === 0 ? 'rules' : attacks === undefined ? ATTACKS : ALERTS;
    return refused(request.folder, `holds no ${missing}; docs/sources/detections.md says what it holds`);
  }
  const carried = timesIn(attacks, attackTimes);
  if (typeof carried === 'string') return refused(ATTACKS, carried);
  const raised = timesIn(alerts, alertTimes);
  if (typeof raised === 'string') return refused(ALERTS, raised);
  const gaps: ListingGap[] = [];
  const found = new Map<string, Observation>();
  for (const file of rules)
    for (const rule of rulesIn(file, gaps)) {
      if (found.has(rule.id))
        gaps.push(
          listingGap(
            'answers-disagree',
            'disputed',
            `the rule ${rule.id} is in ${file.path} once more; give each an id of its own`,
          ),
        );
      else found.set(rule.id, detectionOf(scope, rule, proofOf(rule, carried, raised, request.takenAt)));
    }
  const used = new Set([...rules, attacks, alerts]);
  return readOf({
    scope,
    listed: [{ kind: 'detection', observations: [...found.values()], gaps }],
    notes: request.files
      .filter((file) => !used.has(file))
      .map(({ path }) => `${path} is not used: only rules/, ${ATTACKS} and ${ALERTS} are read`),
  });
}

function rulesIn(file: ExportFile, gaps: ListingGap[]): readonly Rule[] {
  const unread = (why: string) =>
    gaps.push(listingGap('rule-unread', 'failed', `${file.path} ${why}; fix it`));
  const text = utf8Text(Buffer.from(file.bytes));
  if (typeof text !== 'string') {
    unread('is not UTF-8');
    return [];
  }
  return parseAllDocuments(text).flatMap((document) => {
    const read = document.errors.length > 0 ? null : ruleSchema.safeParse(document.toJS());
    if (read?.success) return [read.data];
    unread(
      read === null
        ? 'is not whole YAML'
        : `is no rule of Sigma: \`${read.error.issues[0]?.path.join('.') ?? ''}\` ${read.error.issues[0]?.message ?? ''}`,
    );
    return [];
  });
}

/** What cannot be read may be the very attack or alert that decides, so nothing is taken then. */
function timesIn(
  file: ExportFile,
  read: (record: Json) => readonly (readonly [string, number])[] | string,
): Times | string {
  const records = documentsOf(file);
  if ('why' in records) return records.why;
  const times = new Map<string, number[]>();
  for (const [index, record] of records.entries()) {
    const found = isRecord(record) ? read(record) : 'is not a record';
    if (typeof found === 'string') return `number ${index + 1} ${found}; save it again`;
    for (const [id, at] of found) times.set(id, [...(times.get(id) ?? []), at]);
  }
  return times;
}

function attackTimes(record: Json): readonly (readonly [string, number])[] | string {
  const read = attackSchema.safeParse(record);
  if (!read.success) return `is no log of ATTiRe: \`${read.error.issues[0]?.path.join('.') ?? ''}\``;
  const found: (readonly [string, number])[] = [];
  for (const { 'procedure-id': procedure, steps } of read.data.procedures) {
    const wrong = steps.find((step) => timestamp(step['time-start']) === null);
    if (wrong !== undefined)
      return `has the time \`${wrong['time-start'].slice(0, 40)}\`, which is not RFC 3339`;
    found.push([
      procedure.id.toLowerCase(),
      Math.min(...steps.map((step) => Date.parse(step['time-start']))),
    ]);
  }
  return found;
}

/** Other events of OCSF may stand between them. */
function alertTimes(record: Json): readonly (readonly [string, number])[] | string {
  if (record.class_uid !== DETECTION_FINDING) return [];
  const read = alertSchema.safeParse(record);
  if (!read.success) return `is no Detection Finding: \`${read.error.issues[0]?.path.join('.') ?? ''}\``;
  return [[read.data.finding_info.analytic.uid, read.data.time]];
}

function proofOf({ id, simulation }: Rule, carried: Times, raised: Times, takenAt: Date): Statement {
  const own = simulation.flatMap(({ atomic_guid: guid }) =>
    guid === undefined ? [] : (carried.get(guid.toLowerCase()) ?? []),
  );
  // Of one that was just carried out the alert may still come.
  const attacks = own.filter((at) => takenAt.getTime() - at >= HOUR);
  if (simulation.every(({ atomic_guid: guid }) => guid === undefined))
    return unobserved(
      'the rule names no attack that sets it off, so nobody can tell which was its own; add `simulation` with an `atomic_guid`',
    );
  if (own.length === 0) return { absent: true, assurance: 'tested' };
  if (attacks.length === 0)
    return unobserved(
      'it was attacked for the first time within the last hour, and the alert may still come; take the export again then',
    );
  const at = Math.max(...attacks);
  const [alert] = (raised.get(id) ?? [])
    .filter((time) => time >= at && time - at <= LATEST)
    .toSorted((one, other) => one - other);
  const value = { at: new Date(at).toISOString(), method: 'live_attack', fired: alert !== undefined };
  return {
    value: alert === undefined ? value : { ...value, latency: `${(alert - at) / 1000}s` },
    assurance: 'tested',
  };
}

const TECHNIQUE = /^attack\.(t\d{4}(?:\.\d{3})?)$/i;
const ENDED: ReadonlySet<string | undefined> = new Set(['deprecated', 'unsupported']);

function detectionOf(scope: ExportScope, rule: Rule, proof: Statement): Observation {
  const techniques = rule.tags.flatMap((tag) => TECHNIQUE.exec(tag)?.[1]?.toUpperCase() ?? []);
  return observationOf(scope, {
    kind: 'detection',
    key: [scope.directory, rule.id],
    name: rule.title,
    attributes: {
      catalogue: { value: scope.directory },
      detection_id: { value: rule.id },
      enabled: { value: !ENDED.has(rule.status) },
      techniques: { value: [...new Set(techniques)], complete: true },
      proof,
    },
  });
}
