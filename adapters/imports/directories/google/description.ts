/** What Google Workspace tells of our kinds, by which request and scope, and what it does not. */
import { APPROVED, type Endpoint, from, type SourceDescription } from '../description.ts';

export const ENDPOINTS: readonly Endpoint[] = [
  {
    path: '/users',
    permission: 'admin.directory.user.readonly',
    gives: 'accounts, and which of them are super administrators',
  },
  {
    path: '/customer/{id}/roles',
    permission: 'admin.directory.rolemanagement.readonly',
    gives: 'names of roles',
  },
  {
    path: '/customer/{id}/roleassignments',
    permission: 'admin.directory.rolemanagement.readonly',
    gives: 'who holds which role',
  },
  {
    path: '/groups/{id}/members',
    permission: 'admin.directory.group.member.readonly',
    gives: 'who is in a group that holds a role',
  },
  { path: '/devices', permission: 'cloud-identity.devices.readonly', gives: 'devices that people work at' },
];

const ELSEWHERE = 'no attribute of a kind comes from it';

export const UNUSED: Readonly<Record<string, string>> = {
  '/users/{id}/tokens': 'applications that a person let in are registered elsewhere',
  '/groups': 'which groups give power is not told',
  '/groups/{id}/memberships': 'which groups give power is not told',
  '/devices/{id}/deviceUsers': ELSEWHERE,
  '/activity/users/{id}/applications/{id}': ELSEWHERE,
};

const NOT_TEAM =
  'the directory knows people, and an owner is a team: state it in the organisation (`org.yaml`)';
const NOT_ENVIRONMENT = 'the directory does not say what it serves';
const ROLES = '/customer/{id}/roleassignments';

export const googleDescription: SourceDescription = {
  id: 'google',
  title: 'Google Workspace',
  intro:
    '`macadam scan --google C01abc23d` reads a customer of Google Workspace by the Admin SDK and Cloud Identity, with the access token in `GOOGLE_TOKEN`; it only reads. `macadam ingest --format google DIR` reads answers that an administrator saved, and needs no credential.',
  saving: [
    'One answer a file. The body as Google gives it, in a file named by the path below one folder: `users.json`, `users-2.json` for its second page, `customer/my_customer/roleassignments.json`, `devices.json`. Or the whole exchange, in a file of any name: `{"request": {"line": "GET https://admin.googleapis.com/admin/directory/v1/users?customer=my_customer"}, "status": 200, "headers": {}, "body": {}}`.',
    'The directory is the `customerId` of its accounts; where none was saved, give it by `--subject`.',
  ],
  endpoints: ENDPOINTS,
  kinds: {
    user: {
      directory: from(['/users'], '`customerId`'),
      object_id: from(['/users'], '`id`'),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      account: 'whether it is of an employee, a contractor or shared is not told',
      enabled: from(['/users'], 'neither `suspended` nor `archived`'),
      break_glass: APPROVED,
      methods: 'the directory says only that some second step is enrolled, not which',
      weak_sign_in_blocked: 'that a second step is enforced does not say which step',
      weak_sign_ins: from(
        ['/users'],
        '`lastLoginTime`: none where it lies more than seven days back; the account does not say by which method somebody signed in, and the log is not read yet',
      ),
      recovery_path: 'how an account would be recovered is not told',
      last_recovery: 'the log has to be read with its window; it is not read yet',
    },
    'privileged-assignment': {
      resource: from(['/users'], 'the customer, and the organisational unit where the role has one'),
      principal: from([ROLES, '/users'], '`assignedTo`; the account itself for super administrators'),
      role: from(['/customer/{id}/roles', '/users'], '`roleName`, else its id; `Super Admin` by `isAdmin`'),
      principal_kind: from([ROLES, '/users'], '`assigneeType`; `person` for super administrators'),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      break_glass: APPROVED,
      holders: from(['/groups/{id}/members'], 'members of the group; empty for an account'),
      mode: from([ROLES, '/users'], '`standing`: a role that is assigned is in force without asking'),
      granted_through: 'whether a broker made it is not told',
      starts_at: 'since when is not told',
      ends_at: 'whether a broker will end it is not told',
      last_used_at: 'the log does not say which role an action needed',
    },
    'privileged-group': {
      directory: from(['/users'], '`customerId`'),
      group_id: from([ROLES], '`assignedTo`, where it is a group'),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      grants: from([ROLES, '/customer/{id}/roles'], '`roleName`, else its id'),
      members: from(['/groups/{id}/members'], '`type` says what a member is; since when is not told'),
      decisions: 'the directory knows no reviews of groups',
      review: 'the directory knows no reviews of groups',
    },
    device: {
      directory: from(['/users'], '`customerId`, or what was stated'),
      device_id: from(['/devices'], 'the id in its `name`'),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      hostname: from(['/devices'], '`hostname`'),
      platform: from(['/devices'], '`deviceType`'),
      profile: 'which profile a device has is not told',
      compliant: 'the list does not hold an evaluation',
      evaluated_at: 'the list does not hold an evaluation',
      broken_rules: 'the list does not hold an evaluation',
      reached_production_at: 'it takes the sign-in log of production',
    },
  },
  unused: UNUSED,
  limits: [
    'Delegated administrators are seen by their assignments only: `isDelegatedAdmin` alone does not say which role.',
  ],
};
