/** Accounts of AWS, read only: what is asked, and of what. What the answers mean, the reader of saved ones says. */

import { setTimeout } from 'node:timers/promises';
import type { Collection, Observation, Problem } from '@macadam/core/facts/observation';
import { anotherAccount, openAccount, sdkMissing } from '../../connector/aws/account.ts';
import { keyFor } from '../../connector/aws/credential.ts';
import {
  type About,
  type AwsSession,
  installedModule,
  type LoadModule,
  missingPackages,
} from '../../connector/aws/sdk.ts';
import { inParallel } from '../../connector/pool.ts';
import { isRecord, type Json, recordsIn } from '../../imports/directories/answer.ts';
import { tenantId } from '../../imports/directories/aws/account.ts';
import { type AwsAnswer, errorIn, gapIn, regionsIn } from '../../imports/directories/aws/answers.ts';
import { type AwsFound, readFound } from '../../imports/directories/aws/read.ts';
import { type CredentialReport, isPerson, reportIn } from '../../imports/directories/aws/report.ts';
import { listingGap } from '../../imports/directories/listing.ts';
import { collectEach } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { withEnvironment } from '../stated-environment.ts';
import { askFlows } from './flows.ts';
import { askActivity, askDumps, askOrganisation, askPrefixLists, askReachability } from './starts.ts';

const AT_ONCE = 8;

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  return collectWith(installedModule, request, { emit, report });
}

export interface Listeners {
  readonly emit: (observation: Observation) => void;
  readonly report: (progress: Progress) => void;
}

/** `load` finds the packages of the SDK. */
export async function collectWith(
  load: LoadModule,
  request: CollectRequest,
  { emit, report }: Listeners,
): Promise<Collection> {
  const { options } = request;
  const accounts = accountsIn(request.targets);
  const own = new Set(accounts.map(tenantId));
  // What lies in an account serves what the account serves; other accounts of the organisation may serve others.
  const send = withEnvironment(options.environment, emit, ({ kind, id }) => kind !== 'tenant' || own.has(id));
  const missing = missingPackages(load);
  const asked = {
    source: 'aws',
    request,
    targets: missing.length > 0 ? [] : accounts,
    nameOf: (account: string) => account,
    query: accounts.join(' '),
    problems: missing.length > 0 ? [sdkMissing(missing)] : [],
    emit: send,
    report,
  };
  return collectEach(asked, async (account, collected) => {
    const read = await accountRead(load, request, account);
    if ('batch' in read) collected.read(read.batch);
    else collected.unread(read);
  });
}

function accountsIn(targets: readonly string[]): readonly string[] {
  if (targets.length === 0) throw new TypeError('the aws source needs the id of an account, 12 digits');
  const wrong = targets.find((target) => !/^\d{12}$/.test(target));
  if (wrong !== undefined)
    throw new TypeError(
      `${JSON.stringify(wrong)} is not the id of an AWS account; it has 12 digits, as \`aws sts get-caller-identity\` shows`,
    );
  return [...new Set(targets)];
}

interface AccountRead {
  readonly batch: { readonly observations: readonly Observation[]; readonly collection: Collection };
}

async function accountRead(
  load: LoadModule,
  request: CollectRequest,
  account: string,
): Promise<AccountRead | Problem> {
  const { options, targets, now, signal } = request;
  const alone = targets.length === 1 || options.role !== undefined;
  if (options.identity !== undefined && options.identity !== 'machine')
    throw new TypeError(`--aws-identity: \`${options.identity}\` is not \`machine\``);
  if (options.flows !== undefined && options.flows !== 'read')
    throw new TypeError(`--aws-flows: \`${options.flows}\` is not \`read\``);
  const { url, role, home = 'us-east-1' } = options;
  const key =
    keyFor(account, alone, request.environment) ?? (options.identity === undefined ? undefined : null);
  const opened = await openAccount({ load, account, key, role, home, url, signal });
  if ('code' in opened) return opened;
  const { session, identity } = opened;
  try {
    const found = await foundIn(session, { identity, request, account });
    const startedAt = now();
    const read = readFound(
      { folder: account, files: [], subject: `aws/${account}`, takenAt: startedAt, receivedAt: startedAt },
      found,
    );
    return 'batch' in read ? read : anotherAccount(account, identity);
  } finally {
    opened.close();
  }
}

interface Scene {
  readonly identity: AwsAnswer;
  readonly request: CollectRequest;
  readonly account: string;
}

async function foundIn(session: AwsSession, { identity, request, account }: Scene): Promise<AwsFound> {
  const answers: AwsAnswer[] = [identity];
  const ask = async (path: string, about?: About): Promise<AwsAnswer> => {
    const answer = await session.ask(path, about);
    answers.push(answer);
    return answer;
  };
  const report = await credentialReport(session, request.signal);
  await inParallel(secondStepsOf(report), AT_ONCE, async (name) => {
    await ask('iam/list-mfa-devices', { subject: name, input: { UserName: name } });
  });
  await ask('iam/get-account-authorization-details');
  await ask('iam/get-account-summary');
  const organisation = await ask('organizations/describe-organization');
  const isManaging = managesItself(organisation.body, account);
  if (isManaging) await ask('organizations/list-accounts');
  const regions = await ask('ec2/describe-regions');
  const { regions: wanted, home = 'us-east-1' } = request.options;
  const chosen = chosenRegions(regions, wanted, home);
  await inParallel(chosen.regions, AT_ONCE, async (region) => {
    for (const path of REGIONAL) await ask(path, { region });
  });
  await bucketsAndTrails(ask, answers);
  const look = (path: string, about?: About) => session.ask(path, about);
  const asking = { ask, look, answers, account, regions: chosen.regions, now: request.now() };
  if (isManaging) await askOrganisation(asking);
  await askPrefixLists(asking);
  await askReachability(asking);
  await askDumps(asking);
  await askActivity(asking);
  await inParallel(keysIn(answers), AT_ONCE, async ({ region, id }) => {
    await ask('kms/describe-key', { region, subject: id, input: { KeyId: id } });
  });
  const { leftOut } = chosen;
  const found = { answers, report, unread: [], leftOut };
  return request.options.flows === undefined
    ? found
    : { ...found, senders: await askFlows({ ...asking, session, leftOut }) };
}

const REGIONAL = [
  'ec2/describe-subnets',
  'ec2/describe-route-tables',
  'ec2/describe-network-interfaces',
  'ec2/describe-security-group-rules',
  'ec2/describe-network-acls',
  'ec2/describe-managed-prefix-lists',
  'ec2/describe-instances',
  'kms/list-keys',
  'cloudtrail/describe-trails',
] as const;

const managesItself = ({ Organization }: Json, account: string): boolean =>
  isRecord(Organization) && Organization.MasterAccountId === account;

function chosenRegions(
  answer: AwsAnswer,
  wanted: string | undefined,
  home: string,
): { readonly regions: readonly string[]; readonly leftOut: string | null } {
  const known = gapIn(answer) === null ? regionsIn([answer.body]) : [];
  // Where nobody says which there are, one of them is asked, and the lists say that others are missing.
  if (wanted === undefined) return { regions: known.length === 0 ? [home] : known, leftOut: null };
  const named = wanted.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
  const strange = named.find((one) => known.length > 0 && !known.includes(one));
  if (strange !== undefined)
    throw new TypeError(
      `--aws-regions: the account has no region \`${strange}\`; it has ${known.join(', ')}`,
    );
  return { regions: named, leftOut: 'let --aws-regions name it too, or leave that out' };
}

async function bucketsAndTrails(
  ask: (path: string, about?: About) => Promise<AwsAnswer>,
  answers: readonly AwsAnswer[],
): Promise<void> {
  const buckets = textsOf((await ask('s3/list-buckets')).body.Buckets, 'Name');
  await inParallel(buckets, AT_ONCE, async (Bucket) => {
    await ask('s3/get-bucket-policy', { subject: Bucket, input: { Bucket } });
  });
  const trails = answers
    .filter(({ operation }) => operation.path === 'cloudtrail/describe-trails')
    .flatMap(({ region, body: { trailList } }) => recordsIn(trailList).map((trail) => ({ region, trail })));
  const byArn = new Map(trails.map((one) => [String(one.trail.TrailARN), one] as const));
  for (const [arn, { region, trail }] of byArn) {
    const home = typeof trail.HomeRegion === 'string' ? trail.HomeRegion : region;
    await ask('cloudtrail/get-trail-status', {
      subject: arn,
      input: { Name: arn },
      ...(home === null ? {} : { region: home }),
    });
  }
  for (const Bucket of new Set([...byArn.values()].flatMap(({ trail }) => texts(trail.S3BucketName)))) {
    await ask('s3/get-bucket-lifecycle-configuration', { subject: Bucket, input: { Bucket } });
    await ask('s3/get-object-lock-configuration', { subject: Bucket, input: { Bucket } });
  }
}

const texts = (value: unknown): readonly string[] => (typeof value === 'string' ? [value] : []);

const textsOf = (list: unknown, field: string): readonly string[] =>
  recordsIn(list).flatMap((one) => texts(one[field]));

const keysIn = (answers: readonly AwsAnswer[]): readonly { readonly region: string; readonly id: string }[] =>
  answers
    .filter(({ operation }) => operation.path === 'kms/list-keys')
    .flatMap(({ region, body }) =>
      region === null ? [] : textsOf(body.Keys, 'KeyId').map((id) => ({ region, id })),
    );

/** Whoever has a second step of which the report does not say the type. */
const secondStepsOf = ({ rows }: CredentialReport): readonly string[] =>
  rows.flatMap((item) =>
    isPerson(item) && item.record.mfa_active === 'true' && item.record.user !== '<root_account>'
      ? texts(item.record.user)
      : [],
  );

const REPORT_TRIES = 60;
const REPORT_WAIT_MS = 2_000;

/** AWS writes it when it is asked to, which takes it some seconds. */
async function credentialReport(
  session: AwsSession,
  signal: AbortSignal | undefined,
): Promise<CredentialReport> {
  for (let tries = 0; ; tries += 1) {
    const state = await session.send('iam', 'GenerateCredentialReportCommand', {});
    if ('Error' in state) return refusedReport(state);
    if (state.State === 'COMPLETE') break;
    if (tries === REPORT_TRIES)
      return unwritten('AWS did not finish the credential report in two minutes; measure again');
    await setTimeout(REPORT_WAIT_MS, undefined, signal === undefined ? {} : { signal });
  }
  const answer = await session.send('iam', 'GetCredentialReportCommand', {});
  if ('Error' in answer) return refusedReport(answer);
  const { Content: content } = answer;
  if (!(content instanceof Uint8Array)) return unwritten('AWS gave no credential report; measure again');
  const read = reportIn({ path: 'the credential report', bytes: content });
  return 'rows' in read ? { rows: read.rows, gaps: [] } : unwritten(`the credential report ${read.why}`);
}

const unwritten = (why: string): CredentialReport => ({
  rows: [],
  gaps: [listingGap('report-missing', 'failed', why)],
});

const FORBIDDEN = /AccessDenied|NotAuthorized/i;

function refusedReport(body: Json): CredentialReport {
  const { code, message } = errorIn(body) ?? { code: 'Error', message: '' };
  if (!FORBIDDEN.test(code)) return unwritten(`the credential report: ${code}: ${message}; measure again`);
  const why = `the credential report may not be asked for (${code}: ${message}); grant iam:GenerateCredentialReport, iam:GetCredentialReport`;
  return { rows: [], gaps: [listingGap('permission-missing', 'forbidden', why)] };
}
