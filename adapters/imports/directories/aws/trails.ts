/** The trail of an account as a source of logs: when it delivered last, and how long what it delivered is kept. */

import type { Statement } from '@macadam/core/facts/observation';
import { isRecord, type Json } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { onceEach, unobservedBy } from '../listing.ts';
import { timestamp, unobserved } from '../statement.ts';
import { tenantId } from './account.ts';
import type { AwsAnswers, AwsItem } from './answers.ts';

/** Everybody who has an account should send what happens in it, whether there is a trail or not. */
export function trailsOf(scope: ExportScope, account: string, answers: AwsAnswers): Listed {
  const { items, gaps } = answers.list('cloudtrail/describe-trails', 'trailList');
  const asset = tenantId(account);
  // A trail of all regions is shown in each of them.
  const trails = onceEach(items, (item) => String(item.record.TrailARN));
  const attributes: Record<string, Statement> = {
    asset: { value: asset },
    stream: { value: 'audit' },
    asset_kind: { value: 'tenant' },
    ...kept(trails, answers),
  };
  const [gap] = gaps;
  const best = trails.length === 0 && gap !== undefined ? unobservedBy(gap) : null;
  const observation = observationOf(scope, {
    kind: 'log-source',
    key: [asset, 'audit'],
    name: `audit of ${account}`,
    attributes: {
      ...attributes,
      ...(best !== null && { retention: best, retention_locked: best }),
      last_event_at: best ?? newestOf(trails, answers),
    },
  });
  return { kind: 'log-source', observations: [observation], gaps };
}

/** That it delivered to a bucket shows that it runs; whether that bucket is the central store, AWS does not know. */
function newestOf(trails: readonly AwsItem[], answers: AwsAnswers): Statement {
  if (trails.length === 0) return unobserved('the account has no trail, so nothing is delivered; make one');
  const times: string[] = [];
  for (const { record } of trails) {
    const answer = answers.about('cloudtrail/get-trail-status', String(record.TrailARN));
    if ('why' in answer) return unobservedBy(answer);
    const at = 'body' in answer ? answer.body.LatestDeliveryTime : undefined;
    const time = typeof at === 'string' ? timestamp(at) : null;
    if (time !== null) times.push(time);
  }
  const [newest] = times.toSorted((a, b) => Date.parse(b) - Date.parse(a));
  return newest === undefined
    ? unobserved('no trail of the account says when it delivered; check whether one is running')
    : { value: newest, window: '168h', assurance: 'configured' };
}

/** How long the bucket keeps it: the shortest of its trails, since any of them may be the one that is read. */
function kept(trails: readonly AwsItem[], answers: AwsAnswers): Record<string, Statement> {
  const [trail, ...others] = trails;
  if (trail === undefined) return {};
  if (others.length > 0) {
    const why = unobserved(`the account has ${trails.length} trails, and which of them is read is not known`);
    return { retention: why, retention_locked: why };
  }
  const bucket = trail.record.S3BucketName;
  if (typeof bucket !== 'string') {
    const why = unobserved(`\`S3BucketName\` is not among the fields saved in ${trail.file}; ask for it`);
    return { retention: why, retention_locked: why };
  }
  return { retention: retentionOf(bucket, answers), retention_locked: lockedOf(bucket, answers) };
}

function retentionOf(bucket: string, answers: AwsAnswers): Statement {
  const answer = answers.about('s3/get-bucket-lifecycle-configuration', bucket);
  if ('why' in answer) return unobservedBy(answer);
  if ('absent' in answer) return keptForEver(bucket);
  const rules = (Array.isArray(answer.body.Rules) ? answer.body.Rules : []).filter(isRecord);
  const days = rules.filter(reachesTrail).flatMap(({ Expiration }) => {
    const after = isRecord(Expiration) ? Expiration.Days : undefined;
    return after === undefined ? [] : [after];
  });
  const odd = days.find((one) => !isDays(one));
  if (odd !== undefined)
    return unobserved(`a rule of ${bucket} deletes after ${JSON.stringify(odd)} days; look at the answer`);
  return days.length === 0 ? keptForEver(bucket) : { value: `${Math.min(...days.filter(isDays)) * 24}h` };
}

/** S3 takes whole days. */
const isDays = (days: unknown): days is number =>
  typeof days === 'number' && Number.isSafeInteger(days) && days > 0 && days <= 2 ** 31;

/** There is no number for it, and a made-up one would be shown as if somebody had set it. */
const keptForEver = (bucket: string): Statement =>
  unobserved(`${bucket} has no rule that deletes, and no number of days that it keeps; set one`);

/** A rule without a prefix is of the whole bucket; trails lie below AWSLogs, or below a prefix of their own before it. */
function reachesTrail({ Status, Filter, Prefix }: Json): boolean {
  if (Status !== 'Enabled') return false;
  const and = isRecord(Filter) && isRecord(Filter.And) ? Filter.And : null;
  const prefix = Prefix ?? and?.Prefix ?? (isRecord(Filter) ? Filter.Prefix : undefined);
  return prefix === undefined || prefix === '' || String(prefix).includes('AWSLogs');
}

const MODES: ReadonlySet<unknown> = new Set(['COMPLIANCE', 'GOVERNANCE']);

function lockedOf(bucket: string, answers: AwsAnswers): Statement {
  const answer = answers.about('s3/get-object-lock-configuration', bucket);
  if ('why' in answer) return unobservedBy(answer);
  if ('absent' in answer) return { value: false };
  const { ObjectLockConfiguration: lock } = answer.body;
  const unread = unobserved(`${answer.file} does not say how ${bucket} is locked; save it again`);
  if (!isRecord(lock)) return unread;
  // A bucket may have locks without one that every object gets.
  if (lock.Rule === undefined) return { value: false };
  const held = isRecord(lock.Rule) ? lock.Rule.DefaultRetention : undefined;
  if (!isRecord(held) || !MODES.has(held.Mode)) return unread;
  // In the other mode whoever holds one permission can take the lock off.
  return { value: held.Mode === 'COMPLIANCE' };
}
