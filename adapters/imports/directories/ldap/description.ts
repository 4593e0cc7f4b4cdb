/** What a directory by LDAP (OpenLDAP, Active Directory) tells of our kinds, by which attribute, and what it does not. */
import type { Endpoint, SourceDescription } from '../description.ts';

/** An entry shows what its reader may see and no more, without a word: so each attribute that is read is asked for by name. */
const READ = 'read of the attributes below, on the whole subtree';

export const ENDPOINTS: readonly Endpoint[] = [
  { path: 'the root of the server', permission: 'nothing', gives: 'which server it is' },
  {
    path: 'the base entry: entryUUID, objectGUID',
    permission: READ,
    gives: 'the id of the directory',
  },
  {
    path: 'accounts: objectClass, entryUUID, objectGUID, uid, cn, sAMAccountName, employeeType',
    permission: READ,
    gives: 'accounts of people and of programs',
  },
  {
    path: 'accounts: userAccountControl, nsAccountLock, pwdAccountLockedTime, pwdChangedTime, pwdLastSet',
    permission: `${READ}, operational attributes too`,
    gives: 'whether an account can sign in, and since when it has its password',
  },
  {
    path: 'accounts: lastLogonTimestamp, authTimestamp, pwdLastSuccess',
    permission: `${READ}, operational attributes too`,
    gives: 'when an account signed in last',
  },
  {
    path: 'accounts: msDS-KeyCredentialLink',
    permission: READ,
    gives: 'keys that an account signs in with (Windows Hello, FIDO2)',
  },
  {
    path: 'groups: member, uniqueMember, memberUid, adminCount',
    permission: READ,
    gives: 'groups, with the groups inside of them',
  },
];

const [, BASE, ACCOUNTS, STATE, USE, KEYS, GROUPS] = ENDPOINTS.map(({ path }) => path) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];

const NOT_TEAM =
  'the directory knows people, and an owner is a team: state it in the organisation (`org.yaml`)';
const APPROVED = 'set by an approval in Macadam, never by a source';
const ENVIRONMENT = {
  from: [BASE],
  how: 'only where you state it (`--ldap-environment`): a directory does not say what it serves',
};
const DIRECTORY = { from: [BASE], how: 'id of the base entry' };
const OBJECT = { from: [ACCOUNTS], how: '`objectGUID`, else `entryUUID`' };

export const ldapDescription: SourceDescription = {
  id: 'ldap',
  title: 'LDAP (OpenLDAP, Active Directory)',
  intro:
    'Asks a directory by LDAP (`macadam scan --ldap ldaps://ldap.example.com/dc=example,dc=com`, or `npm start -- --ldap …`), read only. The account is in `LDAP_BIND_DN` and `LDAP_BIND_PASSWORD`. Passwords are never asked for. To another machine it is `ldaps://`, or `ldap://` that begins TLS before anything else.',
  saving: [
    'Nothing is read from files yet: a directory is asked.',
    'A directory does not say what it does not show. An attribute that an entry lacks is unknown, and never "none": the account needs to read what is listed below on every entry, and where a part of the tree is closed to it, what is in there is not counted.',
  ],
  endpoints: ENDPOINTS,
  kinds: {
    user: {
      directory: DIRECTORY,
      object_id: OBJECT,
      environment: ENVIRONMENT,
      owners: { not: NOT_TEAM },
      account: {
        from: [ACCOUNTS],
        how: '`employeeType`, where it is employee, contractor, guest or shared',
      },
      enabled: {
        from: [STATE],
        how: '`userAccountControl` (Active Directory), `nsAccountLock` (389), or `pwdAccountLockedTime` beside a `pwdChangedTime` or `pwdLastSuccess` that can be seen (OpenLDAP)',
      },
      break_glass: { not: APPROVED },
      methods: {
        from: [STATE, KEYS],
        how: 'the password and keys; the list may always hold more, since what asks for a second factor keeps it elsewhere',
      },
      weak_sign_in_blocked: {
        from: [STATE],
        how: 'no, where an account has a password: the directory took one from Macadam just now',
      },
      weak_sign_ins: { not: 'a directory keeps the last sign-in, and not by which method' },
      recovery_path: { not: 'how an account is recovered is not in a directory' },
      last_recovery: { not: 'how an account is recovered is not in a directory' },
    },
    application: {
      directory: DIRECTORY,
      client_id: { from: [ACCOUNTS], how: '`objectGUID`, else `entryUUID`, of accounts of programs' },
      tenant: { not: 'a directory is not a tenant of a cloud' },
      environment: ENVIRONMENT,
      owners: { not: NOT_TEAM },
      owner_accounts: { not: 'a directory keeps no owners of accounts that are answered for' },
      emergency_contact: { not: 'a directory keeps no contact that somebody answered' },
      enabled: { from: [STATE], how: 'as of people' },
      break_glass: { not: APPROVED },
      created_at: { from: [ACCOUNTS], how: '`whenCreated`, else `createTimestamp`' },
      last_used_at: {
        from: [USE],
        how: '`lastLogonTimestamp` (up to 14 days late), `pwdLastSuccess` or `authTimestamp`; the oldest of the directory shows how far they reach',
      },
      credentials: {
        from: [STATE],
        how: 'the password with its age, or one that the directory makes and changes (gMSA); the list may hold more',
      },
      trusts: { not: 'a directory of LDAP takes nobody else’s word' },
      entrances: { not: 'which issuers it trusts is not read' },
      machines: { not: 'which issuers it trusts is not read' },
      client_libraries: { not: 'its code is in no directory; lockfiles say it (`token-clients`)' },
      multi_tenant: { from: [BASE], how: 'never: an account belongs to one directory' },
      consent: { from: [BASE], how: '`own_tenant`: an account belongs to one directory' },
      instances_locked: { not: 'there are no instances elsewhere' },
      privileges: { not: 'what a program may do is where it signs in' },
    },
    'privileged-group': {
      directory: DIRECTORY,
      group_id: { from: [GROUPS], how: '`objectGUID`, else `entryUUID`' },
      environment: ENVIRONMENT,
      owners: { not: NOT_TEAM },
      grants: { not: 'what membership gives is where somebody signs in' },
      members: {
        from: [GROUPS],
        how: 'direct members: people, programs and groups; since when is not told',
      },
      decisions: { not: 'a directory keeps no reviews' },
      review: { not: 'a directory keeps no reviews' },
    },
  },
  unused: [],
  limits: [
    'Which groups hold power is said by `adminCount` in Active Directory, and elsewhere by `--ldap-privileged FILTER`; groups inside of these are privileged too.',
    'Which accounts stand for programs is said by their class (`applicationProcess`, `account` with `simpleSecurityObject`, managed service accounts) or a `servicePrincipalName`, or by `--ldap-services FILTER`.',
    'OpenLDAP keeps since when a password is there (`pwdChangedTime`) only under a policy that limits its age, and the last sign-in only with `lastbind`.',
    'Computers are not taken: device management says more of them.',
    'A member that lies outside of the base, or that the account may not see, is a member of unknown kind.',
  ],
};
