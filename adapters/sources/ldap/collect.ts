/** Directories by LDAP, read only. */
import type { Collection, Observation, Problem } from '@macadam/core/facts/observation';
import { all, dnKey, isOf, type LdapEntry } from '../../imports/directories/ldap/entry.ts';
import { type LdapFound, readLdap } from '../../imports/directories/ldap/read.ts';
import type { ListingGap } from '../../imports/directories/listing.ts';
import { collectTargets } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { withEnvironment } from '../stated-environment.ts';
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
  const startedAt = now().toISOString();
  const collected = collectTargets({
    source: 'ldap',
    query: directories.map(({ url }) => url).join(' '),
    startedAt,
    emit: withEnvironment(options.environment, emit),
  });
  for (const [index, address] of directories.entries()) {
    report({ name: address.url, done: index, total: directories.length });
    request.signal?.throwIfAborted();
    const account = accountFor(address, directories.length, request.environment);
    if (account === undefined) {
      collected.unread(credentialMissing(address));
      continue;
    }
    const directory = new Directory(address, request.signal);
    try {
      const refused = await directory.login(account);
      if (refused !== null) {
        collected.unread(loginRefused(address, refused));
        continue;
      }
      const found = await foundIn(directory, address, filters);
      const read = readLdap(found, { takenAt: startedAt, receivedAt: now().toISOString() });
      if (read === null) {
        collected.unread(notTold(address));
        continue;
      }
      collected.read(read);
    } finally {
      await directory.close();
    }
  }
  return collected.collection(now());
}

function directoriesOf(targets: readonly string[]): readonly LdapAddress[] {
  if (targets.length === 0) throw new TypeError('the ldap source needs the address of a directory');
  return [...new Map(targets.map((target) => [target, directoryAt(target)] as const)).values()];
}

function credentialMissing(address: LdapAddress): Problem {
  const { dn, password } = variablesFor(address);
  return {
    code: 'credential-missing',
    cause: 'forbidden',
    message: `there is no account for the directory ${address.url}, so nothing of it was read`,
    remedy: `set ${dn} and ${password} to an account that may read it`,
  };
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
      : 'look whether the address is right, and whether the directory answers from here',
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

async function foundIn(directory: Directory, address: LdapAddress, filters: Filters): Promise<LdapFound> {
  const base = await directory.search('(objectClass=*)', 'base');
  const accounts = await directory.search(ACCOUNTS);
  const groups = await directory.search(GROUPS);
  const services = filters.services === null ? null : await directory.search(filters.services);
  const privileged = filters.privileged === null ? null : await directory.search(filters.privileged);
  const isActiveDirectory = base.entries.some((entry) => entry.values.has('objectguid'));
  return {
    name: address.url,
    base: base.entries[0] ?? null,
    accounts: accounts.entries,
    groups: groups.entries,
    services: namesOf(services?.entries ?? accounts.entries.filter(isService)),
    privileged: privilegedNames(privileged, groups, isActiveDirectory),
    gaps: {
      accounts: [
        ...gapsOf('accounts', accounts),
        ...(services === null ? [] : gapsOf('accounts of programs', services)),
      ],
      groups: [
        ...gapsOf('groups', groups),
        ...(privileged === null ? [] : gapsOf('privileged groups', privileged)),
      ],
    },
    takesPasswords: true,
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

function gapsOf(what: string, { failure }: Searched): readonly ListingGap[] {
  if (failure === null) return [];
  const causes = { forbidden: 'forbidden', cut: 'incomplete', missing: 'failed', failed: 'failed' } as const;
  const remedies = {
    forbidden: 'let the account read the whole subtree',
    cut: 'let the account read as many entries as there are, and name each server',
    missing: 'correct the base in the address',
    failed: 'scan again',
  };
  return [
    {
      code:
        failure.kind === 'cut'
          ? 'list-cut'
          : failure.kind === 'forbidden'
            ? 'permission-missing'
            : 'search-failed',
      cause: causes[failure.kind],
      why: `the ${what} could not be listed to the end: ${failure.message}; ${remedies[failure.kind]}`,
    },
  ];
}
