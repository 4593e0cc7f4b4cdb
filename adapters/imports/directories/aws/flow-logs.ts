/** Which flow logs there are, where they deliver, and for which hours their records are all here. */
import { isRecord, type Json, recordIn } from '../answer.ts';
import type { AwsAnswers } from './answers.ts';
import { type FlowLine, flowFileName } from './flow-records.ts';

const HOUR_MS = 3_600_000;
/** What the kind of a subnet asks for. */
const WINDOW_HOURS = 336;
/** AWS delivers within some ten minutes. */
const DELIVERED_MS = HOUR_MS;

export interface Bucket {
  readonly name: string;
  /** With its `/`, or empty. */
  readonly folder: string;
  /** Whether its folders are named `year=2026`. */
  readonly isHive: boolean;
}

/** A flow log that is on and records what was let through. */
export interface FlowLog {
  readonly id: string;
  readonly region: string | null;
  /** Of what: a network, a subnet or an interface. */
  readonly resource: string;
  readonly bucket: Bucket | { readonly why: string };
}

const LETS_THROUGH: ReadonlySet<unknown> = new Set(['ALL', 'ACCEPT']);

export function flowLogsIn(answers: AwsAnswers): readonly FlowLog[] {
  return answers.list('ec2/describe-flow-logs', 'FlowLogs').items.flatMap(({ record, region }) => {
    const { FlowLogId: id, ResourceId: resource, FlowLogStatus: status, TrafficType: traffic } = record;
    if (typeof id !== 'string' || typeof resource !== 'string') return [];
    if (status !== 'ACTIVE' || !LETS_THROUGH.has(traffic)) return [];
    return [{ id, resource, region, bucket: bucketOf(id, record) }];
  });
}

function bucketOf(id: string, record: Json): FlowLog['bucket'] {
  const options = recordIn(record.DestinationOptions);
  if (record.LogDestinationType !== 's3')
    return {
      why: `${id} delivers to ${JSON.stringify(record.LogDestinationType) ?? 'somewhere'}, which is not read; let a log deliver to a bucket`,
    };
  if (options.FileFormat !== undefined && options.FileFormat !== 'plain-text')
    return {
      why: `${id} delivers files of ${JSON.stringify(options.FileFormat)}, which are not read; let a log deliver plain text`,
    };
  const arn = String(record.LogDestination);
  const [, name, folder = ''] = /^arn:[\w-]+:s3:::([^/]+)(?:\/(.*))?$/.exec(arn) ?? [];
  if (name === undefined) return { why: `\`LogDestination\` of ${id} names no bucket; look at the answer` };
  return {
    name,
    folder: folder === '' || folder.endsWith('/') ? folder : `${folder}/`,
    isHive: options.HiveCompatiblePartitions === true,
  };
}

/** As which its files are listed: `s3-list-objects-v2/BUCKET/fl-….json`. */
export const listedAs = (bucket: string, log: string): string => `${bucket}/${log}`;

/** The last fourteen days, and of which interface there are records of which hour. */
export class FlowCoverage {
  readonly window = `${WINDOW_HOURS}h`;
  readonly #answers: AwsAnswers;
  readonly #first: number;
  readonly #hours = new Map<string, Uint8Array>();
  readonly #files = new Set<string>();

  constructor(answers: AwsAnswers, takenAt: Date) {
    this.#answers = answers;
    this.#first = Math.floor((takenAt.getTime() - DELIVERED_MS) / HOUR_MS) - WINDOW_HOURS;
  }

  /** Whether something of that time counts. */
  isAsked(at: number): boolean {
    return at >= this.#first * HOUR_MS;
  }

  taken(path: string): void {
    this.#files.add(nameIn(path));
  }

  seen({ interfaceId, start, end }: FlowLine): void {
    const hours = this.#hours.get(interfaceId) ?? new Uint8Array(WINDOW_HOURS);
    this.#hours.set(interfaceId, hours);
    for (const at of [start, end]) {
      const hour = Math.floor(at / 3600) - this.#first;
      if (hour >= 0 && hour < WINDOW_HOURS) hours[hour] = 1;
    }
  }

  /** Why not all files of a log are here; null where they are. */
  missing({ id, bucket }: FlowLog): string | null {
    if ('why' in bucket) return bucket.why;
    const listed = this.#answers.about('s3/list-objects-v2', listedAs(bucket.name, id));
    if ('why' in listed) return listed.why;
    const contents = 'body' in listed ? listed.body.Contents : null;
    if (!Array.isArray(contents) || !contents.every((one) => isRecord(one) && typeof one.Key === 'string'))
      return `the list of files of ${id} has no \`Key\` of each; save s3/list-objects-v2 again`;
    const names = contents.filter(isRecord).flatMap(({ Key }) => {
      const name = flowFileName(String(Key));
      return name?.log === id && this.isAsked(name.at) ? [nameIn(String(Key))] : [];
    });
    const lacking = names.filter((name) => !this.#files.has(name));
    if (names.length === 0)
      return `the bucket ${bucket.name} lists no file of ${id}; look at what it delivers`;
    return lacking.length === 0
      ? null
      : `${lacking.length} of ${names.length} files of ${id} are not here, such as ${lacking[0]}; save them too`;
  }

  /** Since when and how long an interface that is there since `begin` has no records; null where it has some of every hour. */
  silence(interfaceId: string, begin: number): string | null {
    const hours = this.#hours.get(interfaceId);
    const from = Math.max(0, Math.ceil(begin / HOUR_MS) - this.#first);
    const silent: number[] = [];
    for (let hour = from; hour < WINDOW_HOURS; hour += 1) if (hours?.[hour] !== 1) silent.push(hour);
    const [first] = silent;
    if (first === undefined) return null;
    const since = new Date((this.#first + first) * HOUR_MS).toISOString();
    return `${silent.length} hours have no record of ${interfaceId}, the first at ${since}: the log was off or delivered nothing; look at it`;
  }
}

const nameIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
