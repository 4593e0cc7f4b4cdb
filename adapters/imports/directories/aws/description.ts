/** What the credential report of an AWS account tells of our kinds, and what it does not. */
import type { SourceDescription } from '../description.ts';

export const REPORT = 'credential-report.csv';

const NOT_TEAM = 'the report knows users, and an owner is a team: state it in the organisation (`org.yaml`)';
const NOT_ENVIRONMENT = 'the report does not say what the account serves';
const APPROVED = 'set by an approval in Macadam, never by a source';

export const awsDescription: SourceDescription = {
  id: 'aws',
  title: 'AWS: credential report',
  intro:
    'Reads the credential report of IAM that an administrator saved: `macadam ingest --format aws DIR`. Nothing is sent to AWS, and no credential is needed here. The report has no values of keys, and no ids of them.',
  saving: [
    '`aws iam generate-credential-report`, then `aws iam get-credential-report --query Content --output text | base64 -d > credential-report.csv`, into a folder of its own for each account. Every file that ends in .csv is read as a report. The account is in the ARNs.',
  ],
  endpoints: [
    {
      path: REPORT,
      permission: 'iam:GenerateCredentialReport, iam:GetCredentialReport',
      gives: 'users, their passwords, second steps, access keys and certificates',
    },
  ],
  kinds: {
    user: {
      directory: { from: [REPORT], how: '`aws/` and the account' },
      object_id: { from: [REPORT], how: '`arn`: the report does not have the id that never comes back' },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      account: { not: 'whether it is of an employee, a contractor or shared is not told' },
      enabled: { from: [REPORT], how: 'true: users without a password are taken for applications' },
      break_glass: { not: APPROVED },
      methods: {
        from: [REPORT],
        how: 'the password, and a second step whose type is not told; whole where none is on',
      },
      weak_sign_in_blocked: { not: 'policies that demand a second step are not in the report' },
      weak_sign_ins: { not: 'the trail has to be read with its window; it is not read yet' },
      recovery_path: { not: 'how it would be recovered is not told' },
      last_recovery: { not: 'how it was recovered is not told' },
    },
    application: {
      directory: { from: [REPORT], how: '`aws/` and the account' },
      client_id: { from: [REPORT], how: '`arn`, of users without a password' },
      tenant: { not: 'the report does not have the organisation of the account' },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      owner_accounts: { not: 'a user of IAM has no owner' },
      emergency_contact: { not: 'IAM keeps no contact that somebody answered' },
      enabled: { from: [REPORT], how: 'whether a key or certificate is active' },
      break_glass: { not: APPROVED },
      created_at: { from: [REPORT], how: '`user_creation_time`' },
      last_used_at: {
        from: [REPORT],
        how: 'the newest use of the keys that it has, as far back as the newest of them was made: a key that is replaced takes its use away; a certificate has none',
      },
      credentials: {
        from: [REPORT],
        how: 'active access keys (`secret`) and certificates; keys of an AWS user never expire',
      },
      multi_tenant: { not: 'which other accounts trust it is in their policies' },
      consent: { not: 'which other accounts trust it is in their policies' },
      instances_locked: { not: 'there are no instances elsewhere' },
      privileges: { not: 'policies are not in the report' },
    },
    credential: {
      store: { from: [REPORT], how: '`aws/` and the account' },
      credential_id: { from: [REPORT], how: 'the ARN and the slot: a key that is replaced keeps the slot' },
      type: { from: [REPORT], how: '`secret` for keys' },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      thumbprint: { from: [REPORT], how: 'absent: a key is no certificate' },
      state: { from: [REPORT], how: '`active`; a key that is off opens nothing, and is `revoked`' },
      issued_at: { from: [REPORT], how: '`access_key_N_last_rotated`' },
      expires_at: { from: [REPORT], how: 'absent: access keys never expire' },
      boundary: { from: [REPORT], how: 'the account' },
      registrations: { not: 'which systems accept it is in policies' },
      uses: { not: 'the report says when, and not from where' },
    },
  },
  unused: [],
  limits: [
    'Other answers of AWS (accounts, roles, trails, keys of KMS, resources) are not read yet.',
    'The report is up to four hours old when AWS gives it.',
  ],
};
