/** What was asked of one AWS account, saved or just now, as one collection. */
import { type ExportFile, jsonOf } from '../answer.ts';
import type { ExportRead, ExportRequest, Listed } from '../export.ts';
import { type ListingGap, listingGap } from '../listing.ts';
import { noLists, readOf, scopeOf } from '../reading.ts';
import type { Item } from '../statement.ts';
import { accountsOf } from './account.ts';
import { type AwsAnswer, AwsAnswers, answerIn, errorIn } from './answers.ts';
import { connectionsOf } from './connections.ts';
import { dumpStoresOf } from './dumps.ts';
import { isFlowFile } from './flow-records.ts';
import { keysOf } from './keys.ts';
import { networkOf, subnetsOf } from './network.ts';
import { accountIn, type CredentialReport, identitiesOf, reportIn } from './report.ts';
import { resourcesOf } from './resources.ts';
import { rolesOf } from './roles.ts';
import { FlowSenders } from './senders.ts';
import { trailsOf } from './trails.ts';

export interface AwsFound {
  readonly answers: readonly AwsAnswer[];
  /** The credential report; null where none was asked for. */
  readonly report: CredentialReport | null;
  readonly unread: readonly { readonly file: string; readonly why: string }[];
  /** Why some regions were not asked; null where all were. */
  readonly leftOut: string | null;
  /** What flow records show; left out where nobody asked for them. */
  readonly senders?: FlowSenders;
}

export function readAws(request: ExportRequest): ExportRead {
  const rows: Item[] = [];
  const answers: AwsAnswer[] = [];
  const unread: { file: string; why: string }[] = [];
  const flows = request.files.filter(({ path }) => isFlowFile(path));
  for (const file of request.files) {
    if (isFlowFile(file.path)) continue;
    const read = /\.csv$/i.test(file.path) ? reportIn(file) : answerOf(file);
    if ('why' in read) unread.push({ file: file.path, why: read.why });
    else if ('rows' in read) rows.push(...read.rows);
    else answers.push(read);
  }
  const isAsked = flows.length > 0 || answers.some(({ operation }) => operation.path === FLOW_LOGS);
  const senders = isAsked ? new FlowSenders(networkOf(new AwsAnswers(answers)), request.takenAt) : null;
  const unused = flows.flatMap((file) => {
    const why = senders?.take(file) ?? null;
    return why === null ? [] : [`${file.path} ${why}`];
  });
  const read = readFound(request, {
    answers,
    report: rows.length > 0 || answers.length === 0 ? { rows, gaps: [] } : null,
    unread,
    leftOut: null,
    ...(senders === null ? {} : { senders }),
  });
  return 'batch' in read ? { ...read, notes: [...read.notes, ...unused] } : read;
}

const FLOW_LOGS = 'ec2/describe-flow-logs';

function answerOf(file: ExportFile): AwsAnswer | { readonly why: string } {
  const parsed = jsonOf(file);
  if ('why' in parsed) return parsed;
  return answerIn(file, parsed.json);
}

const MISSING =
  'does not say of which account it is; save the credential report, whose ARNs do, or sts/get-caller-identity';

/** One account; `request.subject` has to agree with what the answers say. */
export function readFound(
  request: ExportRequest,
  { answers, report, unread, leftOut, senders }: AwsFound,
): ExportRead {
  const known = new AwsAnswers(answers, leftOut);
  const accounts = [
    ...new Set([...accountsIn(known), ...(report?.rows ?? []).flatMap((row) => accountIn(row) ?? [])]),
  ];
  const named = scopeOf(
    'aws',
    request,
    accounts.map((id) => ({ id: `aws/${id}`, name: id })),
    MISSING,
  );
  if ('mistakes' in named) return named;
  const { scope } = named;
  const account = scope.directory.replace(/^aws\//, '');
  const has = (path: string): boolean => known.has(path);
  const listed: Listed[] = [
    ...(report === null ? [] : identitiesOf(scope, withRows(report), { account, answers: known })),
    ...(has('iam/get-account-authorization-details') ? [rolesOf(scope, account, known)] : []),
    ...(has('organizations/list-accounts') || has('sts/get-caller-identity')
      ? [accountsOf(scope, account, known)]
      : []),
    ...(has('ec2/describe-subnets')
      ? [subnetsOf(scope, { network: networkOf(known), senders: senders ?? null })]
      : []),
    ...(has('ec2/describe-route-tables') ? [connectionsOf(scope, known)] : []),
    ...resourcesOf(scope, known),
    ...(has('s3/list-buckets') && has('s3/get-bucket-tagging') ? [dumpStoresOf(scope, known)] : []),
    ...(has('kms/list-keys') ? [keysOf(scope, known)] : []),
    ...(has('cloudtrail/describe-trails') ? [trailsOf(scope, account, known)] : []),
  ];
  return readOf({ scope, listed, saved: noLists(unread) });
}

function withRows(report: CredentialReport): CredentialReport {
  if (report.rows.length > 0 || report.gaps.length > 0) return report;
  const none: ListingGap = listingGap(
    'list-not-saved',
    'unobserved',
    `no credential report was saved; ${MISSING}`,
  );
  return { rows: [], gaps: [none] };
}

function accountsIn(answers: AwsAnswers): readonly string[] {
  return answers
    .of('sts/get-caller-identity')
    .filter(({ body }) => errorIn(body) === null)
    .flatMap(({ body: { Account } }) => (/^\d{12}$/.test(String(Account)) ? [String(Account)] : []));
}
