/** Buckets of crash dumps, known by a tag: who can read them, where their policy leaves reading to S3 Access Grants alone. */
import type { Observation, Statement, Value } from '@macadam/core/facts/observation';
import { isRecord, type Json, recordsIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type ListingGap, listingGap, unobservedBy } from '../listing.ts';
import { unobserved } from '../statement.ts';
import { type AwsAnswers, lacking } from './answers.ts';
import { readersLeftOut, statementsIn, trustIn } from './policy.ts';

/** `holds: crash-dumps` on a bucket says what it is for. */
export function dumpStoresOf(scope: ExportScope, answers: AwsAnswers): Listed {
  const { items, gaps } = answers.list('s3/list-buckets', 'Buckets');
  const observations = items.flatMap(({ record: { Name: name } }): readonly Observation[] => {
    if (typeof name !== 'string') return [];
    const tagging = answers.about('s3/get-bucket-tagging', name);
    if (!('body' in tagging) || !holdsDumps(tagging.body)) return [];
    const id = `arn:aws:s3:::${name}`;
    return [
      observationOf(scope, {
        kind: 'dump-store',
        key: ['aws', id],
        name,
        attributes: {
          cloud: { value: 'aws' },
          store_id: { value: id },
          // As of every credential in it.
          boundary: { value: scope.directory },
          readers: readersOf(name, answers),
        },
      }),
    ];
  });
  // Of a bucket without saved tags nobody knows what it is for.
  const unread = items.flatMap(({ record }) => {
    const tagging = answers.about('s3/get-bucket-tagging', String(record.Name));
    if ('why' in tagging) return [tagging];
    return 'absent' in tagging || areTags(tagging.body.TagSet) ? [] : [noTags(tagging.file)];
  });
  return { kind: 'dump-store', observations, gaps: [...gaps, ...unread.slice(0, 1)] };
}

export const holdsDumps = ({ TagSet }: Json): boolean =>
  recordsIn(TagSet).find(({ Key }) => String(Key).toLowerCase() === 'holds')?.Value === 'crash-dumps';

const areTags = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((one) => isRecord(one) && typeof one.Key === 'string' && typeof one.Value === 'string');

const noTags = (file: string): ListingGap =>
  listingGap(
    'answer-misshapen',
    'failed',
    `${file} holds no list of tags, each with \`Key\` and \`Value\`; save it again`,
  );

const isOfGrantsAlone = ({ accounts, everybody, services, issuers, open }: ReturnType<typeof trustIn>) =>
  accounts.size === 0 &&
  !everybody &&
  open === null &&
  issuers.length === 0 &&
  services.length > 0 &&
  services.every((one) => one === 'access-grants.s3.amazonaws.com');

/** A grant may be of more than one bucket: `s3://*` is of all. */
function reaches(granted: string, bucket: string): boolean {
  const prefix = granted.replace(/\*$/, '');
  const own = `s3://${bucket}/`;
  return prefix.startsWith(own) || (granted.endsWith('*') && own.startsWith(prefix));
}

const PERMISSIONS: ReadonlySet<unknown> = new Set(['READ', 'WRITE', 'READWRITE']);

const isGrant = ({ GrantScope, Permission, Grantee }: Json): boolean =>
  typeof GrantScope === 'string' &&
  PERMISSIONS.has(Permission) &&
  isRecord(Grantee) &&
  typeof Grantee.GranteeIdentifier === 'string';

/** A grant for one object gives credentials for hours; one for more of the bucket stands. A role is of the boundary of its account; of people in a directory AWS does not say it. */
function readersOf(bucket: string, answers: AwsAnswers): Statement {
  const policy = answers.about('s3/get-bucket-policy', bucket);
  if ('why' in policy) return unobservedBy(policy);
  const open = unobserved(
    `the policy of ${bucket} leaves reading to policies elsewhere, which are not worked out; deny \`s3:GetObject*\` to all but the role of its Access Grants`,
  );
  const statements = 'body' in policy ? statementsIn(policy.body.Policy) : null;
  const leftOut = statements === null ? null : readersLeftOut(statements, bucket);
  if (leftOut === null) return open;
  const roles = answers.list('iam/get-account-authorization-details', 'RoleDetailList');
  const isBroker = (arn: string) => {
    const role = roles.items.find(({ record }) => record.Arn === arn)?.record;
    const trust = statementsIn(role?.AssumeRolePolicyDocument);
    return trust !== null && isOfGrantsAlone(trustIn(trust));
  };
  const other = leftOut.find((arn) => !isBroker(arn));
  if (other !== undefined)
    return unobserved(
      `${other} may read ${bucket}, and it is not shown that S3 Access Grants alone becomes it; let its trust policy name access-grants.s3.amazonaws.com and nobody else`,
    );
  const grants = lacking(answers.list('s3control/list-access-grants', 'AccessGrantsList'), {
    what: 'by `GrantScope`, `Permission` and `Grantee` who may read what',
    says: isGrant,
  });
  const [gap] = grants.gaps;
  if (gap !== undefined) return unobservedBy(gap);
  const readers = grants.items.flatMap(({ record }): readonly Value[] => {
    const { GrantScope: granted, Permission: permission, Grantee: grantee } = record;
    if (typeof granted !== 'string' || !reaches(granted, bucket) || permission === 'WRITE') return [];
    const who = isRecord(grantee) ? String(grantee.GranteeIdentifier) : 'unknown';
    const account = /^arn:[\w-]+:iam::(\d{12}):/.exec(who)?.[1];
    return [
      {
        principal: who,
        through: granted.endsWith('*') ? 'standing' : 'broker',
        boundary:
          account === undefined
            ? unobserved(`to which boundary ${who} belongs AWS does not say`)
            : `aws/${account}`,
      },
    ];
  });
  return { value: readers, complete: true };
}
