/** Certificates that an account of AWS keeps: in Certificate Manager, and those of servers in IAM. Never a key. */
import { isRecord } from '../answer.ts';
import type { HeldCertificate, Inventory } from '../certificates/inventory.ts';
import { type ListingGap, listingGap } from '../listing.ts';
import { type AwsAnswers, type AwsList, lacking } from './answers.ts';

/** States of which nothing was issued yet, or ever. */
export const NOT_ISSUED: ReadonlySet<unknown> = new Set([
  'PENDING_VALIDATION',
  'FAILED',
  'VALIDATION_TIMED_OUT',
]);
export const ISSUED: ReadonlySet<unknown> = new Set(['ISSUED', 'INACTIVE', 'EXPIRED', 'REVOKED']);

export function certificatesOf(answers: AwsAnswers): Inventory {
  const managed = ofManager(answers);
  const servers = ofServers(answers);
  return {
    certificates: [...managed.certificates, ...servers.certificates],
    described: [],
    keys: [],
    gaps: [...managed.gaps, ...servers.gaps],
  };
}

interface Found {
  readonly certificates: readonly HeldCertificate[];
  readonly gaps: readonly ListingGap[];
}

const arnOf = (value: unknown): string | null =>
  typeof value === 'string' && value.startsWith('arn:') ? value : null;

function ofManager(answers: AwsAnswers): Found {
  const path = 'acm/list-certificates';
  const listed = lacking(answers.list(path, 'CertificateSummaryList'), {
    what: 'by `CertificateArn` and `Status` which certificate they are, and whether it was issued',
    says: ({ CertificateArn, Status }) =>
      arnOf(CertificateArn) !== null && (NOT_ISSUED.has(Status) || ISSUED.has(Status)),
  });
  const certificates: HeldCertificate[] = [];
  const gaps: ListingGap[] = [...listed.gaps, ...narrowed(answers, listed)];
  for (const { record } of listed.items) {
    const arn = arnOf(record.CertificateArn);
    if (arn === null || NOT_ISSUED.has(record.Status)) continue;
    const answer = answers.about('acm/get-certificate', arn);
    if ('why' in answer) gaps.push(answer);
    else if ('body' in answer && typeof answer.body.Certificate === 'string')
      certificates.push({
        place: arn,
        certificate: answer.body.Certificate,
        holdsKey: true,
        isRevoked: record.Status === 'REVOKED',
      });
    else gaps.push(noCertificate(arn, 'Certificate'));
  }
  return { certificates, gaps };
}

const noCertificate = (arn: string, field: string): ListingGap =>
  listingGap('answer-misshapen', 'failed', `the answer about ${arn} has no \`${field}\`; save it again`);

/** Of the types of key that are listed where nobody asks for all. */
const USUAL: ReadonlySet<unknown> = new Set(['RSA_1024', 'RSA_2048']);

/** Unless it is asked for every type of key, Certificate Manager leaves out most of them. */
function narrowed(answers: AwsAnswers, listed: AwsList): readonly ListingGap[] {
  const path = 'acm/list-certificates';
  const isSaid = answers.of(path).every(({ about }) => about === ALL_KEY_TYPES);
  const isShown = listed.items.some(
    ({ record: { KeyAlgorithm: type } }) => typeof type === 'string' && !USUAL.has(type),
  );
  if (isSaid || isShown || answers.of(path).length === 0) return [];
  return [
    listingGap(
      'list-narrowed',
      'incomplete',
      `${path} may leave out all keys but those of RSA with 2048 bits; ask with \`--includes keyTypes=…\` of every type, and save it as acm-list-certificates/${ALL_KEY_TYPES}.json`,
    ),
  ];
}

/** As whoever asked for all of them calls the answer. */
export const ALL_KEY_TYPES = 'all-key-types';

function ofServers(answers: AwsAnswers): Found {
  const listed = lacking(answers.list('iam/list-server-certificates', 'ServerCertificateMetadataList'), {
    what: 'by `Arn` and `ServerCertificateName` which certificate they are',
    says: ({ Arn, ServerCertificateName: name }) => arnOf(Arn) !== null && typeof name === 'string',
  });
  const certificates: HeldCertificate[] = [];
  const gaps: ListingGap[] = [...listed.gaps];
  for (const { record } of listed.items) {
    const arn = arnOf(record.Arn);
    if (arn === null || typeof record.ServerCertificateName !== 'string') continue;
    const answer = answers.about('iam/get-server-certificate', record.ServerCertificateName);
    if ('why' in answer) {
      gaps.push(answer);
      continue;
    }
    const told = 'body' in answer ? answer.body.ServerCertificate : null;
    const certificate = isRecord(told) ? told.CertificateBody : undefined;
    if (typeof certificate === 'string')
      certificates.push({ place: arn, certificate, holdsKey: true, isRevoked: false });
    else gaps.push(noCertificate(arn, 'CertificateBody'));
  }
  return { certificates, gaps };
}
