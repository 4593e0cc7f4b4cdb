/** Directories by LDAP, read only. */
import type { Collection, Observation, Problem } from '@macadam/core/facts/observation';
import type { ExportScope } from '../../imports/directories/export.ts';
import { all, dnKey, first, isOf, type LdapEntry } from '../../imports/directories/ldap/entry.ts';
import {
  accountsReader,
  directoryOf,
  type LdapFound,
  memberNames,
  readLdap,
} from '../../imports/directories/ldap/read.ts';
import { type ListingGap, listingGap } from '../../imports/directories/listing.ts';
import { collectEach } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { withEnvironment } from '../stated-environment.ts';
import { credentialMissing } from '../token.ts';
import { accountFor, directoryAt, type LdapAddress, variablesFor } from './credential.ts';
import { checkedFilter, Directory, type LdapFailure, type Searched } from './directory.ts';

const ACCOUNTS =
  '(|(objectClass=person)(objectClass=posixAccount)(objectClass=account)(objectClass=applicationProcess)(objectClass=msDS-GroupManagedServiceAccount))';
const GROUPS =
  '(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=groupOfMembers)(objectClass=posixGroup)(objectClass=group))';

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  const { now, options } = request;
  const directories = directoriesOf(request.targets);
  const filters = {
    privileged:
      options.privileged === undefined ? null : checkedFilter('--ldap-privileged', options.privileged),
    services: options.services === undefined ? null : checkedFilter('--ldap-services', options.services),
  };
  const asked = {
    source: 'ldap',
    request,
    targets: directories,
    nameOf: ({ url }: LdapAddress) => url,
    emit: withEnvironment(options.environment, emit),
    report,
  };
  return collectEach(asked, async (address, collected) => {
    const account = accountFor(address, directories.length, request.environment);
    if (account === undefined) {
      const { dn, password } = variablesFor(address);
      return collected.unread(
        credentialMissing(
          `account for the directory ${address.url}`,
          `set ${dn} and ${password} to an account that may read it`,
        ),
      );
    }
    const directory = new Directory(address, request.signal);
    try {
      const refused = await directory.login(account);
      if (refused !== null) return collected.unread(loginRefused(address, refused));
      const times = { takenAt: collected.startedAt, receivedAt: now().toISOString() };
      const base = await directory.search('(objectClass=*)', 'base');
      const scope = directoryOf(base.entries[0] ?? null, address.url, times);
      if (scope === null) return collected.unread(notTold(address));
      const found = await foundIn({ directory, base, filters, scope, passOn: collected.passOn });
      collected.read(readLdap(scope, found));
    } finally {
      await directory.close();
    }
  });
}

function directoriesOf(targets: readonly string[]): readonly LdapAddress[] {
  if (targets.length === 0) throw new TypeError('the ldap source needs the address of a directory');
  return [...new Map(targets.map((target) => [target, directoryAt(target)] as const)).values()];
}

function loginRefused(address: LdapAddress, { kind, message }: LdapFailure): Problem {
  const { dn, password } = variablesFor(address);
  const isRefused = kind === 'forbidden';
  return {
    code: isRefused ? 'credential-refused' : 'directory-unreachable',
    cause: isRefused ? 'forbidden' : 'failed',
    message: `the directory ${address.url} does not let us in: ${message}`,
    remedy: isRefused
      ? `look at ${dn} and ${password}`
      : 'check whether the address is right, and whether the directory answers from here',
  };
}

const notTold = (address: LdapAddress): Problem => ({
  code: 'directory-unknown',
  cause: 'forbidden',
  message: `the base entry ${address.base} shows no \`entryUUID\` and no \`objectGUID\`, so nobody can say which directory ${address.url} is`,
  remedy: 'let the account read the base entry with its operational attributes, or correct the address',
});

interface Filters {
  readonly privileged: string | null;
  readonly services: string | null;
}

interface Looking {
  readonly directory: Directory;
  readonly base: Searched;
  readonly filters: Filters;
  readonly scope: ExportScope;
  readonly passOn: (observations: readonly Observation[]) => void;
}

/** Groups first: then it is known of which accounts more has to stay than what they say themselves. */
async function foundIn({ directory, base, filters, scope, passOn }: Looking): Promise<LdapFound> {
  const listed = await directory.search(GROUPS);
  const services = filters.services === null ? null : await directory.search(filters.services);
  const asked = filters.privileged === null ? null : await directory.search(filters.privileged);
  const isActiveDirectory = base.entries.some((entry) => entry.values.has('objectguid'));
  const privileged = privilegedNames(asked, listed, isActiveDirectory);
  const { groups, failures } = await withMembers(directory, listed.entries, privileged);
  const programs = services === null ? null : namesOf(services.entries);
  const members = membersIn(groups);
  const reader = accountsReader(scope, {
    isProgram: (entry) => (programs === null ? isService(entry) : programs.has(dnKey(entry.dn))),
    isNamed: (entry) => members.names.has(dnKey(entry.dn)) || members.uids.has(first(entry, 'uid') ?? ''),
    takesPasswords: true,
  });
  const failure = await directory.pages(ACCOUNTS, (page) => passOn(reader.take(page)));
  return {
    accounts: reader.found(),
    groups,
    privileged,
    gaps: {
      accounts: [
        ...gapsOf('accounts', failure),
        ...(services === null ? [] : gapsOf('accounts of programs', services.failure)),
      ],
      groups: [
        ...gapsOf('groups', listed.failure),
        ...(asked === null ? [] : gapsOf('privileged groups', asked.failure)),
        ...failures.flatMap((one) => gapsOf('members of a privileged group', one)),
      ],
    },
  };
}

/** Groups that hold power with their members, and the others as they are. */
async function withMembers(
  directory: Directory,
  entries: readonly LdapEntry[],
  privileged: ReadonlySet<string> | null,
): Promise<{ readonly groups: readonly LdapEntry[]; readonly failures: readonly LdapFailure[] }> {
  const groups = new Map(entries.map((entry) => [dnKey(entry.dn), entry] as const));
  const failures: LdapFailure[] = [];
  const taken = new Set<string>();
  const open = [...(privileged ?? [])];
  // Whoever is in a group inside of one has its power too.
  for (let dn = open.pop(); dn !== undefined; dn = open.pop()) {
    const known = groups.get(dn);
    if (known === undefined || taken.has(dn)) continue;
    taken.add(dn);
    const { entries: found, failure } = await directory.group(known.dn);
    if (failure !== null) failures.push(failure);
    const [whole] = found;
    if (whole === undefined) continue;
    groups.set(dn, whole);
    for (const member of memberNames(whole)) open.push(dnKey(member));
  }
  return { groups: [...groups.values()], failures };
}

function membersIn(groups: readonly LdapEntry[]): {
  readonly names: ReadonlySet<string>;
  readonly uids: ReadonlySet<string>;
} {
  return {
    names: new Set(groups.flatMap((group) => memberNames(group).map(dnKey))),
    uids: new Set(groups.flatMap((group) => all(group, 'memberuid'))),
  };
}

const namesOf = (entries: readonly LdapEntry[]): ReadonlySet<string> =>
  new Set(entries.map(({ dn }) => dnKey(dn)));

function isService(entry: LdapEntry): boolean {
  const isManaged =
    isOf(entry, 'msds-groupmanagedserviceaccount') || isOf(entry, 'msds-managedserviceaccount');
  // Every computer has names of services, and is none; a managed account is kept as one.
  if (isManaged || isOf(entry, 'computer')) return isManaged;
  const isPlain = isOf(entry, 'account') && isOf(entry, 'simplesecurityobject');
  return isPlain || isOf(entry, 'applicationprocess') || all(entry, 'serviceprincipalname').length > 0;
}

function privilegedNames(
  asked: Searched | null,
  groups: Searched,
  isActiveDirectory: boolean,
): ReadonlySet<string> | null {
  if (asked !== null) return namesOf(asked.entries);
  if (!isActiveDirectory) return null;
  return namesOf(groups.entries.filter((entry) => all(entry, 'admincount').includes('1')));
}

function gapsOf(what: string, failure: LdapFailure | null): readonly ListingGap[] {
  if (failure === null) return [];
  const causes = { forbidden: 'forbidden', cut: 'incomplete', missing: 'failed', failed: 'failed' } as const;
  const remedies = {
    forbidden: 'let the account read the whole subtree',
    cut: 'let the account read as many entries as there are, and name each server',
    missing: 'correct the base in the address',
    failed: 'scan again',
  };
  return [
    listingGap(
      failure.kind === 'cut'
        ? 'list-cut'
        : failure.kind === 'forbidden'
          ? 'permission-missing'
          : 'search-failed',
      causes[failure.kind],
      `the ${what} could not be listed to the end: ${failure.message}; ${remedies[failure.kind]}`,
    ),
  ];
}
