/** Flow records of the last fourteen days, from the buckets into which flow logs deliver: each file is read, joined and let go of. */
import type { AwsSession } from '../../connector/aws/sdk.ts';
import { inParallel } from '../../connector/pool.ts';
import { isRecord, type Json } from '../../imports/directories/answer.ts';
import { type AwsAnswer, AwsAnswers, errorIn, gapIn } from '../../imports/directories/aws/answers.ts';
import {
  type Bucket,
  FlowCoverage,
  type FlowLog,
  flowLogsIn,
  listedAs,
} from '../../imports/directories/aws/flow-logs.ts';
import { flowFileName } from '../../imports/directories/aws/flow-records.ts';
import { networkOf } from '../../imports/directories/aws/network.ts';
import { operationAt } from '../../imports/directories/aws/operations.ts';
import { FlowSenders } from '../../imports/directories/aws/senders.ts';
import type { Asking } from './starts.ts';

/** Each is held whole, packed and unpacked. */
const AT_ONCE = 4;
const DAY_MS = 24 * 3_600_000;
/** One more than are asked about, at each end: a file may be of the day after its records. */
const DAYS = 16;

export interface FlowAsking extends Asking {
  readonly session: AwsSession;
  readonly leftOut: string | null;
}

export async function askFlows(asking: FlowAsking): Promise<FlowSenders> {
  const { ask, answers, regions, now, leftOut, session } = asking;
  await inParallel(regions, AT_ONCE, async (region) => {
    await ask('ec2/describe-flow-logs', { region });
  });
  const files: FlowFile[] = [];
  for (const log of flowLogsIn(new AwsAnswers(answers, leftOut))) files.push(...(await listed(asking, log)));
  const senders = new FlowSenders(networkOf(new AwsAnswers(answers, leftOut)), now);
  await inParallel(files, AT_ONCE, async (file) => {
    const bytes = await bytesOf(session, file);
    if (typeof bytes === 'string') senders.lacks(file.log, bytes);
    else senders.take({ path: file.Key, bytes });
  });
  return senders;
}

interface FlowFile {
  readonly log: string;
  readonly Bucket: string;
  readonly Key: string;
}

/** The files of a log that are of the time that is asked about. */
async function listed(asking: FlowAsking, { id, region, bucket }: FlowLog): Promise<readonly FlowFile[]> {
  const { look, answers, now, leftOut } = asking;
  if (!('name' in bucket) || region === null) return [];
  const found: Json[] = [];
  let last: AwsAnswer | null = null;
  for (const Prefix of foldersOf(bucket, asking, region)) {
    last = await look('s3/list-objects-v2', {
      subject: listedAs(bucket.name, id),
      input: { Bucket: bucket.name, Prefix },
    });
    if (gapIn(last) !== null) {
      answers.push(last);
      return [];
    }
    if (Array.isArray(last.body.Contents)) found.push(...last.body.Contents.filter(isRecord));
  }
  if (last !== null) answers.push({ ...last, body: { Contents: found } });
  const coverage = new FlowCoverage(new AwsAnswers([], leftOut), now);
  return found.flatMap(({ Key }): readonly FlowFile[] => {
    const name = flowFileName(String(Key));
    return name?.log === id && coverage.isAsked(name.at)
      ? [{ log: id, Bucket: bucket.name, Key: String(Key) }]
      : [];
  });
}

/** One for each day, as AWS names them. */
function foldersOf({ folder, isHive }: Bucket, { account, now }: Asking, region: string): readonly string[] {
  return Array.from({ length: DAYS }, (_, back) => {
    const day = new Date(now.getTime() - back * DAY_MS).toISOString().slice(0, 10);
    const [year, month, date] = day.split('-');
    return isHive
      ? `${folder}AWSLogs/aws-account-id=${account}/aws-service=vpcflowlogs/aws-region=${region}/year=${year}/month=${month}/day=${date}/`
      : `${folder}AWSLogs/${account}/vpcflowlogs/${region}/${year}/${month}/${date}/`;
  });
}

/** The bytes of a file; or why they could not be had. */
async function bytesOf(session: AwsSession, { Bucket, Key }: FlowFile): Promise<Uint8Array | string> {
  const answer = await session.send('s3', 'GetObjectCommand', { Bucket, Key });
  const operation = operationAt('s3-get-object');
  if (operation === null) throw new RangeError('there is no request s3/get-object');
  if (errorIn(answer) !== null) {
    const asked = { file: Key, operation, region: null, about: `${Bucket}/${Key}`, body: answer };
    return gapIn(asked)?.why ?? `${Key} could not be read; measure again`;
  }
  const { Body: body } = answer;
  if (!isStream(body)) return `${Bucket}/${Key} came without its bytes; measure again`;
  try {
    return await body.transformToByteArray();
  } catch (error) {
    return `${Bucket}/${Key} broke off (${error instanceof Error ? error.message : String(error)}); measure again`;
  }
}

const isStream = (value: unknown): value is { readonly transformToByteArray: () => Promise<Uint8Array> } =>
  typeof value === 'object' &&
  value !== null &&
  'transformToByteArray' in value &&
  typeof value.transformToByteArray === 'function';
