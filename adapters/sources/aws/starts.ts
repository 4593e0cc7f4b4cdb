/** What an account is asked about that shows what a team set up: tags, schedules, analyses, grants, and the changes that a trail delivered. */

import type { About } from '../../connector/aws/sdk.ts';
import { inParallel } from '../../connector/pool.ts';
import { type Json, recordsIn } from '../../imports/directories/answer.ts';
import { closesAccounts, subjectOfSchedule } from '../../imports/directories/aws/account.ts';
import { recordsChangesAlone } from '../../imports/directories/aws/activity.ts';
import { type AwsAnswer, errorIn } from '../../imports/directories/aws/answers.ts';
import { holdsDumps } from '../../imports/directories/aws/dumps.ts';
import { OLDEST_ANALYSIS_MS } from '../../imports/directories/aws/reachability.ts';

const AT_ONCE = 8;

/** What asks, and where everything that was answered is kept. */
export interface Asking {
  readonly ask: (path: string, about?: About) => Promise<AwsAnswer>;
  /** The same, for an answer that is a part of one. */
  readonly look: (path: string, about?: About) => Promise<AwsAnswer>;
  readonly answers: AwsAnswer[];
  readonly account: string;
  readonly regions: readonly string[];
  readonly now: Date;
}

const texts = (value: unknown): readonly string[] =>
  typeof value === 'string' && value !== '' ? [value] : [];

const recordsOf = (answers: readonly AwsAnswer[], path: string, field: string) =>
  answers
    .filter(({ operation }) => operation.path === path)
    .flatMap(({ region, body }) => recordsIn(body[field]).map((record) => ({ region, record })));

/** Only the management account of an organisation closes accounts and reads the tags of each. */
export async function askOrganisation({ ask, answers, regions }: Asking): Promise<void> {
  const accounts = recordsOf(answers, 'organizations/list-accounts', 'Accounts').flatMap(({ record }) =>
    texts(record.Id),
  );
  await inParallel(accounts, AT_ONCE, async (ResourceId) => {
    await ask('organizations/list-tags-for-resource', { subject: ResourceId, input: { ResourceId } });
  });
  await inParallel(regions, AT_ONCE, async (region) => {
    const listed = await ask('scheduler/list-schedules', { region });
    for (const record of recordsIn(listed.body.Schedules).filter(closesAccounts)) {
      const { Name, GroupName } = record;
      const group = texts(GroupName).length === 0 ? {} : { GroupName };
      await ask('scheduler/get-schedule', {
        region,
        subject: subjectOfSchedule(record),
        input: { Name, ...group },
      });
    }
  });
}

/** What lists of prefixes stand for, of those that a rule or a route names. */
export async function askPrefixLists({ ask, answers }: Asking): Promise<void> {
  const named = [
    ...recordsOf(answers, 'ec2/describe-security-group-rules', 'SecurityGroupRules').map(
      ({ region, record }) => ({ region, ids: texts(record.PrefixListId) }),
    ),
    ...recordsOf(answers, 'ec2/describe-route-tables', 'RouteTables').map(({ region, record }) => ({
      region,
      ids: recordsIn(record.Routes).flatMap((route) => texts(route.DestinationPrefixListId)),
    })),
  ];
  const lists = new Map(
    named.flatMap(({ region, ids }) =>
      region === null ? [] : ids.map((id) => [`${region} ${id}`, { region, id }] as const),
    ),
  );
  await inParallel([...lists.values()], AT_ONCE, async ({ region, id }) => {
    await ask('ec2/get-managed-prefix-list-entries', {
      region,
      subject: id,
      input: { PrefixListId: id },
    });
  });
}

/** Findings are asked for of the newest analysis of each scope, where it is not too old to say anything. */
export async function askReachability({ ask, regions, now }: Asking): Promise<void> {
  await inParallel(regions, AT_ONCE, async (region) => {
    const listed = await ask('ec2/describe-network-insights-access-scope-analyses', { region });
    const ended = recordsIn(listed.body.NetworkInsightsAccessScopeAnalyses)
      .filter(({ Status, EndDate }) => Status === 'succeeded' && !Number.isNaN(Date.parse(String(EndDate))))
      .toSorted((one, other) => Date.parse(String(other.EndDate)) - Date.parse(String(one.EndDate)));
    const newest = new Map<string, Json>();
    for (const analysis of ended)
      for (const scope of texts(analysis.NetworkInsightsAccessScopeId))
        if (!newest.has(scope)) newest.set(scope, analysis);
    for (const [scope, analysis] of newest) {
      await ask('ec2/get-network-insights-access-scope-content', {
        region,
        subject: scope,
        input: { NetworkInsightsAccessScopeId: scope },
      });
      if (now.getTime() - Date.parse(String(analysis.EndDate)) > OLDEST_ANALYSIS_MS) continue;
      for (const id of texts(analysis.NetworkInsightsAccessScopeAnalysisId))
        await ask('ec2/get-network-insights-access-scope-analysis-findings', {
          region,
          subject: id,
          input: { NetworkInsightsAccessScopeAnalysisId: id },
        });
    }
  });
}

/** Grants are asked for where a bucket says that it holds dumps: of others nothing rests on them. */
export async function askDumps({ ask, answers, regions, account }: Asking): Promise<void> {
  const buckets = recordsOf(answers, 's3/list-buckets', 'Buckets').flatMap(({ record }) =>
    texts(record.Name),
  );
  let isAnyForDumps = false;
  await inParallel(buckets, AT_ONCE, async (Bucket) => {
    const tagging = await ask('s3/get-bucket-tagging', { subject: Bucket, input: { Bucket } });
    if (holdsDumps(tagging.body)) isAnyForDumps = true;
  });
  if (!isAnyForDumps) return;
  await inParallel(regions, AT_ONCE, async (region) => {
    await ask('s3control/list-access-grants', { region, input: { AccountId: account } });
  });
}

/** What each trail records; and of one that records the changes of the whole organisation, the newest files of each account. */
export async function askActivity(asking: Asking): Promise<void> {
  const { ask, answers } = asking;
  const trails = new Map(
    recordsOf(answers, 'cloudtrail/describe-trails', 'trailList').flatMap((one) =>
      texts(one.record.TrailARN).map((arn) => [arn, one] as const),
    ),
  );
  const organisations = recordsIn(
    answers
      .filter(({ operation }) => operation.path === 'organizations/describe-organization')
      .map(({ body }) => body.Organization),
  ).flatMap(({ Id }) => texts(Id));
  const accounts = recordsOf(answers, 'organizations/list-accounts', 'Accounts').flatMap(({ record }) =>
    texts(record.Id),
  );
  for (const [arn, { region, record }] of trails) {
    const home = typeof record.HomeRegion === 'string' ? record.HomeRegion : region;
    const selectors = await ask('cloudtrail/get-event-selectors', {
      subject: arn,
      input: { TrailName: arn },
      ...(home === null ? {} : { region: home }),
    });
    if (record.IsOrganizationTrail !== true || record.IsMultiRegionTrail !== true) continue;
    if (!recordsChangesAlone(selectors.body)) continue;
    const [Bucket] = texts(record.S3BucketName);
    const [organisation] = organisations;
    if (Bucket === undefined || organisation === undefined) continue;
    const folder = [...texts(record.S3KeyPrefix), 'AWSLogs', organisation].join('/');
    await inParallel(accounts, AT_ONCE, async (account) => {
      await askDelivered(asking, { Bucket, account, folder: `${folder}/${account}/CloudTrail/` });
    });
  }
}

interface Delivered {
  readonly Bucket: string;
  readonly account: string;
  /** Of its files, below which each region has a folder of each day. */
  readonly folder: string;
}

/** The files of the newest day of this month or the last in which there are any: a trail writes hundreds a day, and the newest is asked for. */
async function askDelivered({ look, answers, now }: Asking, { Bucket, account, folder }: Delivered) {
  const subject = `${Bucket}/${account}`;
  const list = (Prefix: string, more: object = { Delimiter: '/' }) =>
    look('s3/list-objects-v2', { subject, input: { Bucket, Prefix, ...more } });
  const keep = (answer: AwsAnswer) => void answers.push(answer);
  const within = await list(folder);
  if (errorIn(within.body) !== null) return keep(within);
  const days: string[] = [];
  for (const region of foldersIn(within))
    for (const month of monthsUntil(now)) {
      const listed = await list(`${region}${month}/`);
      if (errorIn(listed.body) !== null) return keep(listed);
      const [newest] = foldersIn(listed).toSorted().toReversed();
      if (newest === undefined) continue;
      days.push(newest);
      break;
    }
  const dayOf = (place: string) => /\d{4}\/\d\d\/\d\d\/$/.exec(place)?.[0] ?? '';
  const [last] = days.map(dayOf).toSorted().toReversed();
  const files: unknown[] = [];
  for (const place of days.filter((one) => dayOf(one) === last)) {
    const listed = await list(place, {});
    if (errorIn(listed.body) !== null) return keep(listed);
    files.push(...recordsIn(listed.body.Contents));
  }
  keep({ ...within, body: { Contents: files } });
}

const foldersIn = ({ body }: AwsAnswer): readonly string[] =>
  recordsIn(body.CommonPrefixes).flatMap(({ Prefix }) => texts(Prefix));

/** `2026/11` and the month before. */
function monthsUntil(now: Date): readonly string[] {
  const month = (back: number) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7);
  return [0, 1].map((back) => month(back).replace('-', '/'));
}
