/** One line of a file of observations, read by hand: what is wrong with it is said by field, with what to write instead. */
import { parseTimestamp } from '@macadam/core/cel/runtime/time';
import { APPROVALS, ASSURANCES, type Collection, type Observation } from '@macadam/core/facts/observation';
import { diagnoseForm } from '@macadam/core/kinds/diagnose';
import { didYouMean } from '@macadam/core/text/suggestion';
import { strayReason, utf8Text } from './utf8.ts';

/** What is wrong with one line, and what to do. */
export interface LineMistake {
  readonly line: number;
  /** `attributes.model.value`; empty for the line as a whole. */
  readonly field: string;
  readonly reason: string;
}

export interface Line {
  readonly number: number;
  /** UTF-8. Null: longer than any line may be. */
  readonly bytes: Buffer | null;
}

/** Longer than any observation that a person or a source writes, in characters. */
export const LONGEST = 16 << 20;

/** What comes from outside never speaks as the approvals: else whoever may send facts could approve for himself. */
export const APPROVALS_RESERVED = `is \`${APPROVALS}\`, and approvals are given in Macadam, never sent; name the source that looked`;

/** How far a clock elsewhere may run ahead of ours, as for observations (`core/facts/ingest.ts`). */
const AHEAD = 5 * 60_000;

/** Whether a collection began, or ended, later than now: what it saw counts from then on, and nothing could take it back. */
export const isYetToCome = (at: string, receivedAt: Date): boolean =>
  Date.parse(at) > receivedAt.getTime() + AHEAD;

type Say = (mistake: LineMistake) => unknown;
type Json = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The JSON of a line; undefined after a mistake. */
export function parsed({ number: line, bytes }: Line, say: Say): unknown {
  const text = bytes && utf8Text(bytes);
  if (text !== null && typeof text !== 'string') {
    say({ line, field: '', reason: strayReason(text) });
    return undefined;
  }
  if (text === null || text.length > LONGEST) {
    say({ line, field: '', reason: `is longer than ${LONGEST} characters; write one observation a line` });
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(line === 1 ? text.replace(/^\uFEFF/, '') : text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say({ line, field: '', reason: `is not JSON (${reason}); write one object a line` });
    return undefined;
  }
  const reason = unfit(value, 0);
  if (reason === null) return value;
  say({ line, field: '', reason });
  return undefined;
}

/** Deeper than any observation; what reads values later may recurse. */
const DEEPEST = 64;

function unfit(value: unknown, depth: number): string | null {
  if (typeof value === 'number')
    return Number.isFinite(value) ? null : 'has a number that is too large for a double; give it as text';
  if (typeof value !== 'object' || value === null) return null;
  if (depth === DEEPEST) return `is nested deeper than ${DEEPEST} levels; give what is inside as attributes`;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    const reason = unfit(item, depth + 1);
    if (reason !== null) return reason;
  }
  return null;
}

const FIELDS = [
  'kind',
  'id',
  'name',
  'source',
  'observedAt',
  'receivedAt',
  'assurance',
  'attributes',
  'location',
  'container',
  'estate',
  'format',
];

interface ObservationFromInput {
  readonly record: unknown;
  readonly line: number;
  readonly collection: Collection | null;
  readonly receivedAt: string;
  readonly mistake: Say;
}

/**
 * An observation with what the file leaves out filled in, or null after a mistake. When it was received is ours alone to
 * say: a file that could state it would date itself back, or pass for true what is yet to come.
 */
export function observationFrom({
  record,
  line,
  collection,
  receivedAt,
  mistake,
}: ObservationFromInput): Observation | null {
  let sound = true;
  const say = (field: string, reason: string) => {
    sound = false;
    mistake({ line, field, reason });
  };
  if (!isRecord(record)) {
    say('', 'is not an object; write {"kind": …, "id": …, "attributes": {…}}');
    return null;
  }
  for (const name of Object.keys(record))
    if (!FIELDS.includes(name)) say(name, `there is no such field${didYouMean(name, FIELDS)}`);
  const whole: Json = { source: collection?.source, ...record, receivedAt };
  for (const name of ['kind', 'id', 'name', 'source'] as const) textual(whole[name], name, say);
  if (whole.source === APPROVALS) say('source', APPROVALS_RESERVED);
  timed(record.observedAt, 'observedAt', say);
  if (Object.hasOwn(record, 'receivedAt')) timed(record.receivedAt, 'receivedAt', say);
  const { assurance, attributes, location } = record;
  if (!(ASSURANCES as readonly unknown[]).includes(assurance))
    say('assurance', `is ${shown(assurance)}; give one of ${ASSURANCES.join(', ')}`);
  for (const name of ['container', 'estate', 'format'] as const)
    if (record[name] !== undefined) textual(record[name], name, say);
  if (location !== undefined && !(isRecord(location) && typeof location.path === 'string'))
    say('location', 'has no path; give {"path": "…", "line": 1}');
  if (
    typeof whole.id === 'string' &&
    typeof record.kind === 'string' &&
    !whole.id.startsWith(`${record.kind}/`)
  )
    say('id', `does not begin with its kind; give \`${record.kind}/…\``);
  if (isRecord(attributes)) {
    for (const [name, statement] of Object.entries(attributes)) {
      if (!isRecord(statement)) {
        const forms = '{"value": …}, {"absent": true} or {"unobserved": …, "why": …}';
        say(`attributes.${name}`, `is ${shown(statement)}; give ${forms}`);
        continue;
      }
      for (const { path, reason } of diagnoseForm(statement))
        say(['attributes', name, ...path].join('.'), reason);
      if (hasNull(statement.value))
        say(`attributes.${name}`, 'has a null inside; leave the key out, or give {"absent": true}');
    }
  } else say('attributes', `is ${shown(attributes)}; give an object, which may be empty`);
  return sound ? (whole as unknown as Observation) : null;
}

const hasNull = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.values(value as object).some(hasNull));

const COLLECTION = [
  'source',
  'principal',
  'rights',
  'query',
  'part',
  'startedAt',
  'finishedAt',
  'status',
  'partitions',
  'problems',
];

/** A collection record, or null after a mistake. */
export function collectionFrom(
  record: unknown,
  line: number,
  receivedAt: string,
  mistake: Say,
): Collection | null {
  let sound = true;
  const say = (field: string, reason: string) => {
    sound = false;
    mistake({ line, field: `collection${field === '' ? '' : `.${field}`}`, reason });
  };
  if (!isRecord(record)) {
    say('', 'is not an object; give {"source": …, "startedAt": …, "finishedAt": …, "status": "complete"}');
    return null;
  }
  for (const name of Object.keys(record))
    if (!COLLECTION.includes(name)) say(name, `there is no such field${didYouMean(name, COLLECTION)}`);
  textual(record.source, 'source', say);
  if (record.source === APPROVALS) say('source', APPROVALS_RESERVED);
  for (const name of ['startedAt', 'finishedAt']) {
    const value = record[name];
    if (timed(value, name, say) && isYetToCome(String(value), new Date(receivedAt)))
      say(name, `is ${value}, which is yet to come; set the clock right, and give when it was`);
  }
  const { status, partitions = [], problems = [] } = record;
  if (status !== 'complete' && status !== 'incomplete' && status !== 'failed')
    say('status', `is ${shown(status)}; give one of complete, incomplete, failed`);
  if (record.part !== undefined && typeof record.part !== 'boolean') say('part', 'is neither true nor false');
  if (!Array.isArray(problems)) say('problems', 'is not a list');
  if (Array.isArray(partitions)) {
    for (const [index, one] of partitions.entries()) {
      const at = `partitions[${index}]`;
      if (!isRecord(one)) {
        say(at, `is ${shown(one)}; give an object`);
        continue;
      }
      for (const name of ['kind', 'container', 'containerName']) textual(one[name], `${at}.${name}`, say);
      for (const name of ['estate', 'format'])
        if (one[name] !== undefined) textual(one[name], `${at}.${name}`, say);
      if (typeof one.complete !== 'boolean') say(`${at}.complete`, 'is neither true nor false');
      count(one.seen, `${at}.seen`, say);
      const { witness } = one;
      if (witness !== undefined) {
        if (!isRecord(witness)) say(`${at}.witness`, 'is not an object; give {"id": "…", "count": 1}');
        else {
          textual(witness.id, `${at}.witness.id`, say);
          count(witness.count, `${at}.witness.count`, say);
        }
      }
      const { contents } = one;
      if (contents !== undefined) {
        if (!isRecord(contents))
          say(
            `${at}.contents`,
            'is not an object; give {"since": "2026-01-02T03:04:05Z", "unread": 0, "waiting": 0}',
          );
        else {
          timed(contents.since, `${at}.contents.since`, say);
          count(contents.unread, `${at}.contents.unread`, say);
          count(contents.waiting, `${at}.contents.waiting`, say);
          if (contents.limited !== undefined && typeof contents.limited !== 'boolean')
            say(`${at}.contents.limited`, 'is neither true nor false');
        }
      }
      if (one.complete === false && (one.cause === undefined || one.why === undefined))
        say(at, 'is incomplete and does not say why; give `cause` and `why`');
    }
  } else say('partitions', 'is not a list');
  return sound ? ({ ...record, partitions, problems } as unknown as Collection) : null;
}

/** A file of observations alone: it claims nothing, so that nothing can be gone by it. */
export function impliedCollection(head: unknown, receivedAt: string): Collection | null {
  if (!isRecord(head) || typeof head.source !== 'string' || head.source === '') return null;
  const { observedAt } = head;
  const stated = typeof observedAt === 'string' && parseTimestamp(observedAt) ? observedAt : receivedAt;
  const at = Date.parse(stated) > Date.parse(receivedAt) ? receivedAt : stated;
  return {
    source: head.source,
    startedAt: at,
    finishedAt: at,
    status: 'complete',
    partitions: [],
    problems: [],
  };
}

function textual(value: unknown, field: string, say: (field: string, reason: string) => void): void {
  if (typeof value !== 'string' || value === '') say(field, `is ${shown(value)}; give text`);
  else if (!value.isWellFormed()) say(field, 'has half a character in it; give whole ones');
}

function timed(value: unknown, field: string, say: (field: string, reason: string) => void): boolean {
  const sound = typeof value === 'string' && parseTimestamp(value) !== null;
  if (!sound) say(field, `is ${shown(value)}; give a time such as 2026-11-01T08:30:00Z`);
  return sound;
}

function count(value: unknown, field: string, say: (field: string, reason: string) => void): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0)
    say(field, `is ${shown(value)}; give a number of assets`);
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}
