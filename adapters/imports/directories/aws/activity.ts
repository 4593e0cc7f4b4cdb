/** When something was last changed in an account: the newest file that a trail of the organisation, which records changes alone, delivered of it. */

import type { Statement } from '@macadam/core/facts/observation';
import { type Json, recordsIn } from '../answer.ts';
import { unobservedBy } from '../listing.ts';
import { timestamp, unobserved } from '../statement.ts';
import type { AwsAnswers } from './answers.ts';
import { textsIn } from './policy.ts';

const QUIET_MS = 30 * 24 * 3_600_000;
/** A file of events, with the account that it is of. */
const FILE = /(?:^|\/)AWSLogs\/(?:o-[a-z0-9]+\/)?(\d{12})\/CloudTrail\//;
const HOW =
  'record the changes of all accounts by one trail of the organisation, with `ReadWriteType` of `WriteOnly`, and save what it delivered';

/** Whoever only looks, as this measurement does, is no use of an account: a trail that records reading as well shows nothing. */
export function recordsChangesAlone({ EventSelectors, AdvancedEventSelectors }: Json): boolean {
  const basic = recordsIn(EventSelectors).map(({ ReadWriteType }) => ReadWriteType === 'WriteOnly');
  const advanced = recordsIn(AdvancedEventSelectors).map(({ FieldSelectors }) =>
    recordsIn(FieldSelectors).some(
      ({ Field, Equals }) => Field === 'readOnly' && textsIn(Equals).every((one) => one === 'false'),
    ),
  );
  const all = [...basic, ...advanced];
  return all.length > 0 && all.every((one) => one);
}

/** Undefined where nobody saved what a trail records. */
export function lastActiveOf(account: string, answers: AwsAnswers, takenAt: number): Statement | undefined {
  if (!answers.has('cloudtrail/get-event-selectors')) return undefined;
  const { items, gaps } = answers.list('cloudtrail/describe-trails', 'trailList');
  for (const { record } of items) {
    if (record.IsOrganizationTrail !== true || record.IsMultiRegionTrail !== true) continue;
    const selectors = answers.about('cloudtrail/get-event-selectors', String(record.TrailARN));
    if ('why' in selectors) return unobservedBy(selectors);
    if (!('body' in selectors) || !recordsChangesAlone(selectors.body)) continue;
    const status = answers.about('cloudtrail/get-trail-status', String(record.TrailARN));
    if ('why' in status) return unobservedBy(status);
    const since = 'body' in status ? Date.parse(String(status.body.StartLoggingTime)) : Number.NaN;
    if (!(since <= takenAt))
      return unobserved('the trail does not say since when it records; save its status');
    const delivered = answers.about('s3/list-objects-v2', `${String(record.S3BucketName)}/${account}`);
    if ('why' in delivered) return unobservedBy(delivered);
    // Digests of the files lie beside them, and come every hour whether something happened or not.
    const times = recordsIn('body' in delivered ? delivered.body.Contents : []).flatMap(
      ({ Key, LastModified }) =>
        FILE.exec(String(Key))?.[1] === account &&
        typeof LastModified === 'string' &&
        timestamp(LastModified) !== null
          ? [LastModified]
          : [],
    );
    const [newest] = times.toSorted((one, other) => Date.parse(other) - Date.parse(one));
    if (newest === undefined)
      return unobserved('the trail delivered no change of it, and its bills are not read; look at them');
    // What runs by itself changes nothing and is billed all the same.
    if (takenAt - Date.parse(newest) > QUIET_MS)
      return unobserved(
        `nothing was changed in it since ${newest}, and its bills are not read; look at them`,
      );
    return { value: newest, window: `${Math.floor((takenAt - since) / 3_600_000)}h` };
  }
  const [gap] = gaps;
  return gap === undefined
    ? unobserved(`no trail of the organisation records changes alone; ${HOW}`)
    : unobservedBy(gap);
}
