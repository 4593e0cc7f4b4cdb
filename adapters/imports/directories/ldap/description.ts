/** What a directory by LDAP (OpenLDAP, Active Directory) tells of our kinds, by which attribute, and what it does not. */
import { APPROVED, type Endpoint, from, type SourceDescription } from '../description.ts';

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
const ENVIRONMENT = from(
  [BASE],
  'only where you state it (`--ldap-environment`): a directory does not say what it serves',
);
const DIRECTORY = from([BASE], 'id of the base entry');
const OBJECT = from([ACCOUNTS], '`objectGUID`, else `entryUUID`');

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
      owners: NOT_TEAM,
      account: from([ACCOUNTS], '`employeeType`, where it is employee, contractor, guest or shared'),
      enabled: from(
        [STATE],
        '`userAccountControl` (Active Directory), `nsAccountLock` (389), or `pwdAccountLockedTime` beside a `pwdChangedTime` or `pwdLastSuccess` that can be seen (OpenLDAP)',
      ),
      break_glass: APPROVED,
      methods: from(
        [STATE, KEYS],
        'the password and keys; the list may always hold more, since what asks for a second factor keeps it elsewhere',
      ),
      weak_sign_in_blocked: from(
        [STATE],
        'no, where an account has a password: the directory took one from Macadam just now',
      ),
      weak_sign_ins: 'a directory keeps the last sign-in, and not by which method',
      recovery_path: 'how an account is recovered is not in a directory',
      last_recovery: 'how an account is recovered is not in a directory',
    },
    application: {
      directory: DIRECTORY,
      client_id: from([ACCOUNTS], '`objectGUID`, else `entryUUID`, of accounts of programs'),
      tenant: 'a directory is not a tenant of a cloud',
      environment: ENVIRONMENT,
      owners: NOT_TEAM,
      owner_accounts: 'a directory keeps no owners of accounts that are answered for',
      emergency_contact: 'a directory keeps no contact that somebody answered',
      enabled: from([STATE], 'as of people'),
      break_glass: APPROVED,
      created_at: from([ACCOUNTS], '`whenCreated`, else `createTimestamp`'),
      last_used_at: from(
        [USE],
        '`lastLogonTimestamp` (up to 14 days late), `pwdLastSuccess` or `authTimestamp`; the oldest of the directory shows how far they reach',
      ),
      credentials: from(
        [STATE],
        'the password with its age, or one that the directory makes and changes (gMSA); the list may hold more',
      ),
      trusts: 'a directory of LDAP takes nobody else’s word',
      entrances: 'which issuers it trusts is not read',
      machines: 'which issuers it trusts is not read',
      client_libraries: 'its code is in no directory; lockfiles say it (`token-clients`)',
      multi_tenant: from([BASE], 'never: an account belongs to one directory'),
      consent: from([BASE], '`own_tenant`: an account belongs to one directory'),
      instances_locked: 'there are no instances elsewhere',
      privileges: 'what a program may do is where it signs in',
    },
    'privileged-group': {
      directory: DIRECTORY,
      group_id: from([GROUPS], '`objectGUID`, else `entryUUID`'),
      environment: ENVIRONMENT,
      owners: NOT_TEAM,
      grants: 'what membership gives is where somebody signs in',
      members: from([GROUPS], 'direct members: people, programs and groups; since when is not told'),
      decisions: 'a directory keeps no reviews',
      review: 'a directory keeps no reviews',
    },
  },
  limits: [
    'Which groups hold power is said by `adminCount` in Active Directory, and elsewhere by `--ldap-privileged FILTER`; groups inside of these are privileged too.',
    'Which accounts stand for programs is said by their class (`applicationProcess`, `account` with `simpleSecurityObject`, managed service accounts) or a `servicePrincipalName`, or by `--ldap-services FILTER`.',
    'OpenLDAP keeps since when a password is there (`pwdChangedTime`) only under a policy that limits its age, and the last sign-in only with `lastbind`.',
    'Computers are not taken: device management says more of them.',
    'A member that lies outside of the base, or that the account may not see, is a member of unknown kind.',
  ],
};
