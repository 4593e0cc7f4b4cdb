/** RecordedAnswer answers of AWS: one file an answer, named `service.Operation_N.json` in the order in which they came. */
import { Timestamp } from '@macadam/core/cel/runtime/value';
import { stemsOf } from './words.ts';

export type Json = Readonly<Record<string, unknown>>;
export type Recording = Readonly<Record<string, { readonly status_code: number; readonly data: Json }>>;

export interface Answer {
  /** Letters and digits only. */
  readonly service: string;
  readonly operation: string;
  /** What the operation reads, as stems of words; a plural list and a single description have the same. */
  readonly noun: readonly string[];
  readonly isRead: boolean;
  /** Its name is in the singular: it describes one thing, whatever lists that has. */
  readonly isOne: boolean;
  readonly isTags: boolean;
  readonly order: number;
  readonly failed: boolean;
  readonly data: Json;
}

export function answersOf(recording: Recording): Answer[] {
  const answers = Object.entries(recording).flatMap(([file, { status_code, data }]) => {
    const match = /^(.*)\.([A-Z]\w*?)_(\d+)\.json$/.exec(file);
    if (match === null) return [];
    const [, service = '', operation = '', order = '0'] = match;
    const verb = /^(BatchGet|BatchDescribe|List|Describe|Get|Search|Select)/.exec(operation)?.[0] ?? '';
    const noun = stemsOf(operation.slice(verb.length)).filter((word) => !BESIDE.has(word));
    return [
      {
        service: service.replace(/^(api|controlplane)\./, '').replaceAll(/[^a-z0-9]/g, ''),
        operation,
        noun,
        isRead: verb !== '',
        isOne:
          ['Describe', 'Get'].includes(verb) &&
          !/s(By|As|For)?(?![a-z])/.test(operation.replaceAll(/(ss|us)(?![a-z])/g, '')),
        isTags: service === 'tagging' || (verb !== '' && (noun[0] === 'tag' || noun.at(-1) === 'tagging')),
        order: Number(order),
        failed: status_code >= 400,
        data: plain(withoutEnvelope(data)) as Json,
      },
    ];
  });
  return answers.sort((a, b) => a.order - b.order);
}

/** Words of operations that say how, not what: `SearchProductsAsAdmin`, `ListTargetsByRule`, `GetDomainDetail`. */
const BESIDE = new Set(['a', 'as', 'admin', 'by', 'for', 'of', 'detail', 'all']);

const ENVELOPE = new Set(['ResponseMetadata', 'RequestId', 'NextToken', 'nextToken', 'Marker', 'NextMarker']);

function withoutEnvelope(data: Json): Json {
  const rest = Object.entries(data).filter(([key]) => !ENVELOPE.has(key));
  // QuickSight repeats the status of HTTP in its answers.
  return Object.fromEntries(rest.filter(([key, value]) => key !== 'Status' || typeof value !== 'number'));
}

/** Times are recorded as `{__class__: "datetime", year …}`, in UTC. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Readonly<Record<string, number | string>>;
  if (record.__class__ !== 'datetime')
    return Object.fromEntries(Object.entries(record).map(([key, each]) => [key, plain(each)]));
  const part = (name: string) => Number(record[name] ?? 0);
  const date = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return new Timestamp(date / 1000, part('microsecond') * 1000);
}

export function isRecord(value: unknown): value is Json {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Timestamp)
  );
}
