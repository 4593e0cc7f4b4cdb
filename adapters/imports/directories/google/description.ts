/** What Google Workspace tells of our kinds, by which request and scope, and what it does not. */
import type { Endpoint, SourceDescription } from '../description.ts';

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

export const UNUSED: SourceDescription['unused'] = [
  { path: '/users/{id}/tokens', why: 'applications that a person let in are registered elsewhere' },
  { path: '/groups', why: 'which groups give power is not told' },
  { path: '/groups/{id}/memberships', why: 'which groups give power is not told' },
  { path: '/devices/{id}/deviceUsers', why: ELSEWHERE },
  { path: '/activity/users/{id}/applications/{id}', why: ELSEWHERE },
];

const NOT_TEAM =
  'the directory knows people, and an owner is a team: state it in the organisation (`org.yaml`)';
const NOT_ENVIRONMENT = 'the directory does not say what it serves';
const APPROVED = 'set by an approval in Macadam, never by a source';
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
      directory: { from: ['/users'], how: '`customerId`' },
      object_id: { from: ['/users'], how: '`id`' },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      account: { not: 'whether it is of an employee, a contractor or shared is not told' },
      enabled: { from: ['/users'], how: 'neither `suspended` nor `archived`' },
      break_glass: { not: APPROVED },
      methods: { not: 'the directory says only that some second step is enrolled, not which' },
      weak_sign_in_blocked: { not: 'that a second step is enforced does not say which step' },
      weak_sign_ins: {
        from: ['/users'],
        how: '`lastLoginTime`: none where it lies more than seven days back; the account does not say by which method somebody signed in, and the log is not read yet',
      },
      recovery_path: { not: 'how an account would be recovered is not told' },
      last_recovery: { not: 'the log has to be read with its window; it is not read yet' },
    },
    'privileged-assignment': {
      resource: { from: ['/users'], how: 'the customer, and the organisational unit where the role has one' },
      principal: {
        from: [ROLES, '/users'],
        how: '`assignedTo`; the account itself for super administrators',
      },
      role: {
        from: ['/customer/{id}/roles', '/users'],
        how: '`roleName`, else its id; `Super Admin` by `isAdmin`',
      },
      principal_kind: { from: [ROLES, '/users'], how: '`assigneeType`; `person` for super administrators' },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      break_glass: { not: APPROVED },
      holders: { from: ['/groups/{id}/members'], how: 'members of the group; empty for an account' },
      mode: {
        from: [ROLES, '/users'],
        how: '`standing`: a role that is assigned is in force without asking',
      },
      granted_through: { not: 'whether a broker made it is not told' },
      starts_at: { not: 'since when is not told' },
      ends_at: { not: 'whether a broker will end it is not told' },
      last_used_at: { not: 'the log does not say which role an action needed' },
    },
    'privileged-group': {
      directory: { from: ['/users'], how: '`customerId`' },
      group_id: { from: [ROLES], how: '`assignedTo`, where it is a group' },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      grants: { from: [ROLES, '/customer/{id}/roles'], how: '`roleName`, else its id' },
      members: {
        from: ['/groups/{id}/members'],
        how: '`type` says what a member is; since when is not told',
      },
      decisions: { not: 'the directory knows no reviews of groups' },
      review: { not: 'the directory knows no reviews of groups' },
    },
    device: {
      directory: { from: ['/users'], how: '`customerId`, or what was stated' },
      device_id: { from: ['/devices'], how: 'the id in its `name`' },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      hostname: { from: ['/devices'], how: '`hostname`' },
      platform: { from: ['/devices'], how: '`deviceType`' },
      profile: { not: 'which profile a device has is not told' },
      compliant: { not: 'the list does not hold an evaluation' },
      evaluated_at: { not: 'the list does not hold an evaluation' },
      broken_rules: { not: 'the list does not hold an evaluation' },
      reached_production_at: { not: 'it takes the sign-in log of production' },
    },
  },
  unused: UNUSED,
  limits: [
    'Delegated administrators are seen by their assignments only: `isDelegatedAdmin` alone does not say which role.',
  ],
};
