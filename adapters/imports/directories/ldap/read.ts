/** Entries of one directory as one collection. Pure: the same entries give the same observations. */
import type { Collection, Observation, Statement, Value } from '@macadam/core/facts/observation';
import { collectionOf, type ExportScope, type Listed, observationOf } from '../export.ts';
import { type ListingGap, listingGap, onceEach } from '../listing.ts';
import { unobserved } from '../statement.ts';
import { all, dnKey, first, idOfEntry, isOf, type LdapEntry, timeOfEntry } from './entry.ts';

/** What was found of a directory, and what stopped each search before its end. */
export interface LdapFound {
  readonly accounts: AccountsFound;
  /** Those that hold power with their members. */
  readonly groups: readonly LdapEntry[];
  /** Names (`dnKey`) of groups that hold power; null where nobody said which. */
  readonly privileged: ReadonlySet<string> | null;
  readonly gaps: { readonly accounts: readonly ListingGap[]; readonly groups: readonly ListingGap[] };
}

/** What stays of the accounts, of which those of people went on page by page. */
export interface AccountsFound {
  readonly people: number;
  /** That stand for programs. */
  readonly programs: readonly LdapEntry[];
  /** That somebody asked about, as a member of a group. */
  readonly named: readonly LdapEntry[];
  readonly withoutId: number;
  readonly firstWithoutId: string | null;
  /** The last sign-in that is longest ago, in milliseconds since 1970; null where none shows one. */
  readonly oldestUse: number | null;
}

export interface AccountsWanted {
  readonly isProgram: (entry: LdapEntry) => boolean;
  readonly isNamed: (entry: LdapEntry) => boolean;
  /** Whether the directory took a password from us. */
  readonly takesPasswords: boolean;
}

export interface AccountsReader {
  /** Observations of the people on a page. */
  readonly take: (page: readonly LdapEntry[]) => readonly Observation[];
  readonly found: () => AccountsFound;
}

/** Null where the base entry does not say which directory it is. `name`: as it was named, for messages. */
export function directoryOf(
  base: LdapEntry | null,
  name: string,
  times: { readonly takenAt: string; readonly receivedAt: string },
): ExportScope | null {
  const directory = base === null ? null : idOfEntry(base);
  return directory === null ? null : { source: 'ldap', directory, directoryName: name, ...times };
}

export function accountsReader(scope: ExportScope, wanted: AccountsWanted): AccountsReader {
  const programs: LdapEntry[] = [];
  const named: LdapEntry[] = [];
  let people = 0;
  let withoutId = 0;
  let firstWithoutId: string | null = null;
  let oldestUse: number | null = null;
  const take = (entry: LdapEntry): Observation | null => {
    const used = useOf(entry);
    if (used !== null) oldestUse = Math.min(oldestUse ?? Number.POSITIVE_INFINITY, Date.parse(used));
    if (wanted.isNamed(entry)) named.push(entry);
    const id = idOfEntry(entry);
    if (id === null) {
      withoutId += 1;
      firstWithoutId ??= entry.dn;
    }
    const isProgram = wanted.isProgram(entry);
    if (isProgram) programs.push(entry);
    if (id === null || isProgram || isOf(entry, 'computer')) return null;
    people += 1;
    return userOf(scope, entry, id, wanted.takesPasswords);
  };
  return {
    take: (page) => page.map(take).filter((one) => one !== null),
    found: () => ({ people, programs, named, withoutId, firstWithoutId, oldestUse }),
  };
}

/** Everything but the people, who are only counted here. */
export function readLdap(
  scope: ExportScope,
  found: LdapFound,
): { readonly observations: readonly Observation[]; readonly collection: Collection } {
  const { accounts } = found;
  const reach = reachOf(accounts, scope);
  const gaps: ListingGap[] = [...found.gaps.accounts];
  if (accounts.withoutId > 0)
    gaps.push(
      listingGap(
        'id-missing',
        'forbidden',
        `${accounts.withoutId} accounts show no \`entryUUID\` and no \`objectGUID\`, the first of them ${accounts.firstWithoutId}; let the account read it`,
      ),
    );
  const applications = accounts.programs.flatMap((entry) => {
    const id = idOfEntry(entry);
    return id === null ? [] : [applicationOf(scope, entry, id, reach)];
  });
  const listed: Listed[] = [
    { kind: 'user', observations: [], seen: accounts.people, gaps },
    { kind: 'application', observations: applications, gaps },
    groupsOf(scope, found),
  ];
  const collection = collectionOf(scope, listed, [], scope.directoryName);
  return { observations: listed.flatMap(({ observations }) => observations), collection };
}

function nameOf(entry: LdapEntry): string {
  for (const name of ['samaccountname', 'uid', 'cn', 'displayname']) {
    const found = first(entry, name);
    if (found !== null && found !== '') return found;
  }
  return entry.dn;
}

const hidden = (what: string, attributes: string): Statement =>
  unobserved(`the entry does not show ${what} (${attributes}); let the account read it`);

const DISABLED = 0x2;
const NEVER_EXPIRES = 0x10000;

/** Flags of Active Directory; null where the entry does not show them. */
function flagsOf(entry: LdapEntry): number | null {
  const text = first(entry, 'useraccountcontrol');
  return text !== null && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

const STATE: readonly string[] = ['pwdchangedtime', 'pwdlastsuccess'];

function enabledOf(entry: LdapEntry): Statement {
  const flags = flagsOf(entry);
  if (flags !== null) return { value: (flags & DISABLED) === 0 };
  const locked = first(entry, 'nsaccountlock');
  if (locked !== null) return { value: locked.toLowerCase() !== 'true' };
  // The first of all times: locked until somebody unlocks it. Other times end by themselves.
  const since = first(entry, 'pwdaccountlockedtime');
  if (since !== null) return { value: !since.startsWith('000001010000') };
  // What its password policy keeps can be seen, and no lock is among it.
  if (STATE.some((name) => first(entry, name) !== null)) return { value: true };
  return hidden(
    'whether it can sign in',
    'userAccountControl, or pwdAccountLockedTime beside pwdChangedTime or pwdLastSuccess',
  );
}

const ACCOUNTS: ReadonlySet<string> = new Set(['employee', 'contractor', 'guest', 'shared']);

function accountOf(entry: LdapEntry): Statement {
  const stated = (first(entry, 'employeetype') ?? '').trim().toLowerCase();
  return ACCOUNTS.has(stated)
    ? { value: stated }
    : unobserved(
        'the directory does not say whether it is an employee, a contractor, a guest or shared; fill in `employeeType`, or send it from a directory of people',
      );
}

/** Since when an account has its password; null where the entry does not show that it has one. */
const passwordSince = (entry: LdapEntry): string | null =>
  timeOfEntry(entry, 'pwdchangedtime') ?? timeOfEntry(entry, 'pwdlastset');

function methodsOf(entry: LdapEntry): Statement {
  const since = passwordSince(entry);
  const value: Value[] = [];
  if (since !== null)
    value.push({ id: 'password', type: 'password', phishing_resistant: false, registered_at: since });
  for (const [index] of all(entry, 'msds-keycredentiallink').entries())
    value.push({
      id: `key ${index + 1}`,
      type: 'platform_key',
      phishing_resistant: true,
      registered_at: unobserved('the directory keeps it inside of the key, which is not read'),
    });
  return {
    value,
    complete: false,
    why: 'what asks for a second factor keeps it elsewhere; measure that too',
  };
}

function userOf(scope: ExportScope, entry: LdapEntry, id: string, takesPasswords: boolean): Observation {
  return observationOf(scope, {
    kind: 'user',
    key: [scope.directory, id],
    name: nameOf(entry),
    attributes: {
      directory: { value: scope.directory },
      object_id: { value: id },
      account: accountOf(entry),
      enabled: enabledOf(entry),
      methods: methodsOf(entry),
      weak_sign_in_blocked:
        takesPasswords && passwordSince(entry) !== null
          ? { value: false, assurance: 'effective' }
          : hidden('whether it has a password', 'pwdChangedTime, pwdLastSet'),
    },
  });
}

/** Names of what keeps the last sign-in, the surest first. */
const USES: readonly string[] = ['pwdlastsuccess', 'authtimestamp', 'lastlogontimestamp'];
const HOUR_MS = 3_600_000;

const useOf = (entry: LdapEntry): string | null =>
  USES.map((name) => timeOfEntry(entry, name))
    .filter((time) => time !== null)
    .toSorted()
    .at(-1) ?? null;

/** How far back the last sign-ins of a directory reach, as a duration: as far as its oldest one, which nothing newer replaced. */
function reachOf({ oldestUse }: AccountsFound, { takenAt }: ExportScope): string {
  const at = Date.parse(takenAt);
  return `${Math.max(0, Math.floor((at - Math.min(at, oldestUse ?? at)) / HOUR_MS))}h`;
}

const isManaged = (entry: LdapEntry): boolean =>
  isOf(entry, 'msds-groupmanagedserviceaccount') || isOf(entry, 'msds-managedserviceaccount');

function credentialsOf(entry: LdapEntry): Statement {
  const since = passwordSince(entry);
  if (isManaged(entry))
    return {
      value: [
        {
          id: 'password',
          kind: 'managed',
          added_at: since ?? unobserved('the entry does not show since when'),
          expires_at: unobserved('the directory changes it by itself'),
        },
      ],
      complete: true,
    };
  if (since === null) return hidden('whether it has a password', 'pwdChangedTime, pwdLastSet');
  const flags = flagsOf(entry);
  const expires =
    flags !== null && (flags & NEVER_EXPIRES) !== 0
      ? undefined
      : unobserved('when a password ends is a policy, which is not read');
  return {
    value: [{ id: 'password', kind: 'secret', added_at: since, expires_at: expires }],
    complete: false,
    why: 'certificates and keys that stand for it are kept where it signs in',
  };
}

function applicationOf(scope: ExportScope, entry: LdapEntry, id: string, reach: string): Observation {
  const used = useOf(entry);
  const created = timeOfEntry(entry, 'whencreated') ?? timeOfEntry(entry, 'createtimestamp');
  const key = [scope.directory, id];
  return observationOf(scope, {
    kind: 'application',
    key,
    name: nameOf(entry),
    attributes: {
      directory: { value: scope.directory },
      client_id: { value: id },
      enabled: enabledOf(entry),
      created_at: created === null ? hidden('when it was made', 'createTimestamp') : { value: created },
      last_used_at:
        used === null
          ? hidden('when it signed in last', 'lastLogonTimestamp, pwdLastSuccess, authTimestamp')
          : { value: used, window: reach },
      credentials: credentialsOf(entry),
      multi_tenant: { value: false },
      consent: { value: 'own_tenant' },
    },
  });
}

function groupsOf(scope: ExportScope, found: LdapFound): Listed {
  const groups = new Map(found.groups.map((entry) => [dnKey(entry.dn), entry] as const));
  const gaps: ListingGap[] = [...found.gaps.groups];
  if (found.privileged === null)
    gaps.push(
      listingGap(
        'privileged-unknown',
        'unobserved',
        'the directory does not say which groups hold power; name them by `--ldap-privileged FILTER`',
      ),
    );
  // Whoever is in a group inside of one has its power too. A group that contains itself ends here.
  const power = new Set<string>();
  const take = (dn: string): void => {
    const entry = groups.get(dn);
    if (entry === undefined || power.has(dn)) return;
    power.add(dn);
    for (const member of memberNames(entry)) take(dnKey(member));
  };
  for (const dn of found.privileged ?? []) take(dn);
  const { named, programs } = found.accounts;
  const accounts = new Map(named.map((entry) => [dnKey(entry.dn), entry] as const));
  const names = new Map(named.map((entry) => [first(entry, 'uid') ?? '', entry] as const));
  const services = new Set(programs.map(({ dn }) => dnKey(dn)));
  const observations = [...power].flatMap((dn) => {
    const entry = groups.get(dn);
    const id = entry === undefined ? null : idOfEntry(entry);
    if (entry === undefined) return [];
    if (id === null) {
      gaps.push(
        listingGap(
          'id-missing',
          'forbidden',
          `the group ${entry.dn} shows no \`entryUUID\`; let the account read it`,
        ),
      );
      return [];
    }
    const members = membersOf(entry, { groups, accounts, names, services });
    const attributes = { directory: { value: scope.directory }, group_id: { value: id }, members };
    const key = [scope.directory, id];
    return [observationOf(scope, { kind: 'privileged-group', key, name: nameOf(entry), attributes })];
  });
  return { kind: 'privileged-group', observations, gaps };
}

/** Of whoever a group names in full. */
export const memberNames = (group: LdapEntry): readonly string[] =>
  all(group, 'member').concat(all(group, 'uniquemember'));

interface Known {
  readonly groups: ReadonlyMap<string, LdapEntry>;
  readonly accounts: ReadonlyMap<string, LdapEntry>;
  /** By `uid`, as `memberUid` has it. */
  readonly names: ReadonlyMap<string, LdapEntry>;
  readonly services: ReadonlySet<string>;
}

function membersOf(group: LdapEntry, { groups, accounts, names, services }: Known): Statement {
  const since = unobserved('the directory does not keep since when');
  const value: Value[] = [];
  const byName = (dn: string, shown: string): void => {
    const inner = groups.get(dn);
    const account = accounts.get(dn);
    const entry = inner ?? account;
    const kind: Value =
      inner !== undefined
        ? 'group'
        : account !== undefined
          ? services.has(dn)
            ? 'workload'
            : 'person'
          : unobserved(`${shown} is not among the entries that the account may see; let it read them`);
    value.push({ id: (entry === undefined ? null : idOfEntry(entry)) ?? dn, kind, since });
  };
  // A group that must have a member, and has none, names itself.
  const listed = memberNames(group);
  for (const member of listed) if (dnKey(member) !== dnKey(group.dn)) byName(dnKey(member), member);
  for (const uid of all(group, 'memberuid')) {
    const entry = names.get(uid);
    byName(entry === undefined ? uid : dnKey(entry.dn), uid);
  }
  const distinct = onceEach(value, (one) => (one as { id: string }).id);
  if (group.partial.size > 0)
    return {
      value: distinct,
      complete: false,
      why: 'the directory gave only a part of the members; scan again',
    };
  if (distinct.length === 0 && listed.length === 0)
    return hidden('its members', 'member, uniqueMember, memberUid');
  return { value: distinct, complete: true };
}
