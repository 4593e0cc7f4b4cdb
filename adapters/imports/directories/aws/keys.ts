/** Keys of KMS that sign: what KMS knows of where they were made and live. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { isRecord, type Json, textIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type ListingGap, listingGap } from '../listing.ts';
import { required, timeOf, unobserved } from '../statement.ts';
import type { AwsAnswers } from './answers.ts';

const SIGNS: ReadonlySet<unknown> = new Set(['SIGN_VERIFY', 'GENERATE_VERIFY_MAC']);
/** What a key is for that signs nothing. */
const OTHERS: ReadonlySet<unknown> = new Set(['ENCRYPT_DECRYPT', 'KEY_AGREEMENT']);

export function keysOf(scope: ExportScope, answers: AwsAnswers): Listed {
  const { items, gaps } = answers.list('kms/list-keys', 'Keys');
  const observations: Observation[] = [];
  const unread: ListingGap[] = [];
  for (const { record } of items) {
    const id = record.KeyId;
    if (typeof id !== 'string') {
      const why = 'some keys have no `KeyId`; save kms/list-keys again';
      unread.push(listingGap('id-missing', 'incomplete', why));
      continue;
    }
    const answer = answers.about('kms/describe-key', id);
    if ('why' in answer) unread.push(answer);
    if (!('body' in answer)) continue;
    const { KeyMetadata: metadata } = answer.body;
    if (!isRecord(metadata)) {
      const why = `${answer.file} has no \`KeyMetadata\`; save it again`;
      unread.push(listingGap('answer-misshapen', 'failed', why));
    } else if (typeof metadata.Arn !== 'string') {
      const why = `\`KeyMetadata\` in ${answer.file} has no \`Arn\`; save it again`;
      unread.push(listingGap('id-missing', 'incomplete', why));
    } else if (SIGNS.has(metadata.KeyUsage)) observations.push(keyOf(scope, metadata, answer.file));
    else if (!OTHERS.has(metadata.KeyUsage)) {
      const why = `\`KeyUsage\` in ${answer.file} is ${JSON.stringify(metadata.KeyUsage) ?? 'missing'}, which is not known here, so nobody knows whether it signs; look at the answer`;
      unread.push(listingGap('answer-misshapen', 'failed', why));
    }
  }
  return { kind: 'signing-key', observations, gaps: [...gaps, ...distinct(unread)] };
}

/** One for each reason: a permission that is missing is missing of every key. */
function distinct(gaps: readonly ListingGap[]): readonly ListingGap[] {
  const byReason = Map.groupBy(gaps, ({ code, cause }) => `${code}\n${cause}`);
  return [...byReason.values()].flatMap((all) => all.slice(0, 1));
}

function keyOf(scope: ExportScope, metadata: Json, file: string): Observation {
  const { Arn, Origin } = metadata;
  const id = String(Arn);
  const item = { record: metadata, file };
  return observationOf(scope, {
    kind: 'signing-key',
    key: [scope.directory, id],
    name: textIn(metadata.Description) ?? id,
    attributes: {
      issuer: { value: scope.directory },
      key_id: { value: id },
      created_at: required(timeOf(item, 'CreationDate'), 'KMS does not say when it was made'),
      storage: storageOf(Origin, file),
      // KMS has no operation that gives out the private part, wrapped or not.
      exportable: { value: false },
      made_in_hardware: madeOf(Origin, file),
    },
  });
}

const strange = (origin: unknown, file: string): Statement =>
  unobserved(`\`Origin\` in ${file} is ${JSON.stringify(origin) ?? 'missing'}, which is not known here`);

function storageOf(origin: unknown, file: string): Statement {
  if (origin === 'EXTERNAL_KEY_STORE')
    return unobserved(
      'the key lives in a store outside of AWS, which KMS knows nothing of; collect that store',
    );
  return ['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM'].includes(String(origin))
    ? { value: 'hsm' }
    : strange(origin, file);
}

function madeOf(origin: unknown, file: string): Statement {
  if (origin === 'EXTERNAL') return { value: false };
  if (origin === 'AWS_KMS' || origin === 'AWS_CLOUDHSM') return { value: true };
  if (origin === 'EXTERNAL_KEY_STORE') return storageOf(origin, file);
  return strange(origin, file);
}
