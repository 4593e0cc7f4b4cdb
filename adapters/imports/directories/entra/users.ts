/** Accounts of people, and what they can prove themselves with. */

import type { Statement, Unobserved, Value } from '@macadam/core/facts/observation';
import { isRecord, type Json, textIn } from '../answer.ts';
import type { ExportScope, Listed } from '../export.ts';
import { gapOf, isWhole } from '../listing.ts';
import { listedById } from '../reading.ts';
import { idOf, type SavedLists } from '../saved-lists.ts';
import {
  flagOf,
  type Item,
  inner,
  listOf,
  recordsOf,
  required,
  textOf,
  timeOf,
  unexpected,
  unobserved,
} from '../statement.ts';

export const REGISTRATION = '/reports/authenticationMethods/userRegistrationDetails';
const METHODS = '/users/{id}/authentication/methods';

export function usersOf(scope: ExportScope, lists: SavedLists): Listed {
  const users = lists.list('/users');
  const registrations = lists.list(REGISTRATION);
  const report = registrations.items;
  const registered = new Map(report.map((item) => [item.record.id, item] as const));
  const certificates = certificatesIn(lists);
  // Where nobody saved the list of accounts, the report of registrations holds accounts all the same.
  const accounts = users.items.length > 0 || isWhole(users) ? users.items : report;
  const open = accounts === report ? registrations.gaps.filter(({ cause }) => cause === 'failed') : [];
  const listed = listedById(
    scope,
    { kind: 'user', listing: { ...users, items: accounts, gaps: [...users.gaps, ...open] } },
    (item, id) => ({
      name: nameOf(item.record, id),
      attributes: {
        directory: { value: scope.directory },
        object_id: { value: id },
        account: accountOf(item),
        enabled: flagOf(item, 'accountEnabled'),
        methods: methodsOf(id, registered.get(id), lists, certificates),
      },
    }),
  );
  return {
    ...listed,
    total: users.total === null ? null : { id: 'graph:/users/$count', count: users.total },
  };
}

export function nameOf(record: Json, id: string): string {
  const names = [record.userPrincipalName, record.displayName, record.appDisplayName];
  return names.map(textIn).find((name) => name !== null) ?? id;
}

/** Only what the directory says plainly: a member may be an employee, a contractor, or a mailbox that ten people share. */
function accountOf(item: Item): Statement {
  const { userType, employeeType } = item.record;
  if (typeof userType === 'string' && userType.toLowerCase() === 'guest') return { value: 'guest' };
  const stated = typeof employeeType === 'string' ? employeeType.trim().toLowerCase() : '';
  if (stated === 'employee' || stated === 'contractor') return { value: stated };
  if (stated !== '')
    return unobserved(
      `\`employeeType\` in ${item.file} is \`${String(employeeType)}\`, which is neither Employee nor Contractor; send what it is from a directory of people`,
    );
  return unobserved(
    'the directory does not say whether it is an employee, a contractor or shared; send it from a directory of people',
  );
}

/** Null: the policy does not let anybody sign in with a certificate. Else why a list of methods may lack one. */
function certificatesIn(lists: SavedLists): Unobserved | null {
  const policy = lists.list('/policies/authenticationMethodsPolicy');
  const [item] = policy.items;
  if (item === undefined) return gapOf(policy);
  const methods = recordsOf(item, 'authenticationMethodConfigurations');
  if ('unobserved' in methods) return methods;
  const certificate = methods.find(
    (one): one is Json => isRecord(one) && /^x509Certificate$/i.test(String(one.id)),
  );
  if (certificate === undefined)
    return unobserved(
      `the policy in ${item.file} does not say whether certificates are accepted; save it again`,
    );
  if (certificate.state === 'disabled') return null;
  return unobserved(
    'the directory accepts certificates, and no list shows who has one; disable them, or collect them from who issues them',
  );
}

function methodsOf(
  id: string,
  registered: Item | undefined,
  lists: SavedLists,
  certificates: Unobserved | null,
): Statement {
  const own = lists.of(METHODS, id);
  if (own.items.length > 0) {
    const value = own.items.map(ownMethod).filter((one) => one !== null);
    const gap = isWhole(own) ? certificates : gapOf(own);
    return listOf(value, gap?.why);
  }
  if (isWhole(own) && certificates === null) return { value: [], complete: true };
  const report = lists.list(REGISTRATION);
  if (registered === undefined) return report.items.length > 0 || isWhole(own) ? gapOf(own) : gapOf(report);
  const names = recordsOf(registered, 'methodsRegistered');
  if ('unobserved' in names) return names;
  const value = names
    .filter((name) => name !== 'securityQuestion')
    .map((name) => registeredMethod(registered, name));
  return {
    value,
    complete: false,
    why: 'the report of registrations shows neither passwords nor certificates; save the methods of the account',
  };
}

interface MethodType {
  readonly type: string | null;
  readonly resistant: boolean;
}

const method = (type: string | null, resistant = false): MethodType => ({ type, resistant });

/** By the names of the report, in lower case. A mobile phone takes messages and calls, so it is of neither type alone. */
const REGISTERED: Readonly<Record<string, MethodType>> = {
  mobilephone: method(null),
  alternatemobilephone: method('voice'),
  officephone: method('voice'),
  email: method('email'),
  softwareonetimepasscode: method('totp'),
  hardwareonetimepasscode: method('totp'),
  temporaryaccesspass: method('one_time_pass'),
  microsoftauthenticatorpush: method('app_push'),
  microsoftauthenticatorpasswordless: method('app_push'),
  fido2securitykey: method('security_key', true),
  windowshelloforbusiness: method('platform_key', true),
  macossecureenclavekey: method('platform_key', true),
  passkeydevicebound: method('passkey', true),
  passkeydeviceboundauthenticator: method('passkey', true),
  passkeydeviceboundwindowshello: method('passkey', true),
  passkeysynced: method('passkey', true),
};

function registeredMethod(item: Item, name: unknown): Value {
  if (typeof name !== 'string') return unexpected(item, 'methodsRegistered', name, 'a name');
  const known = Object.hasOwn(REGISTERED, name.toLowerCase()) ? REGISTERED[name.toLowerCase()] : undefined;
  return {
    id: name,
    ...typed(known, name),
    registered_at: unobserved('the report of registrations has no times; save the methods of the account'),
  };
}

function typed(
  known: MethodType | undefined,
  name: string,
): { readonly type: Value; readonly phishing_resistant: Value } {
  if (known === undefined) {
    const why = `\`${name}\` is a method that this version does not know; update Macadam`;
    return { type: unobserved(why), phishing_resistant: unobserved(why) };
  }
  return {
    type: known.type ?? unobserved('the directory does not say whether it is for messages or for calls'),
    phishing_resistant: known.resistant,
  };
}

/** By the type that Graph gives each method of an account, without `#microsoft.graph.` and `AuthenticationMethod`. */
const OWN: Readonly<Record<string, MethodType>> = {
  password: method('password'),
  email: method('email'),
  softwareoath: method('totp'),
  hardwareoath: method('totp'),
  temporaryaccesspass: method('one_time_pass'),
  microsoftauthenticator: method('app_push'),
  passwordlessmicrosoftauthenticator: method('app_push'),
  fido2: method('security_key', true),
  windowshelloforbusiness: method('platform_key', true),
  platformcredential: method('platform_key', true),
  x509certificate: method('smart_card', true),
};

/** Null for what nobody signs in with. */
function ownMethod(item: Item): Value | null {
  const { record } = item;
  const stated = record['@odata.type'] ?? record['odata.type'];
  if (typeof stated !== 'string') {
    const why = unobserved(`a method in ${item.file} does not say what it is; ask without \`$select\``);
    const own = idOf(record) ?? unobserved(`a method in ${item.file} has no \`id\`; save it again`);
    return { id: own, type: why, phishing_resistant: why, registered_at: why };
  }
  const name = stated
    .replace(/^#?microsoft\.graph\./i, '')
    .replace(/AuthenticationMethod$/i, '')
    .toLowerCase();
  const known = Object.hasOwn(OWN, name) ? OWN[name] : phoneOf(name, record);
  const id = required(textOf(item, 'id'), 'it has none');
  const at =
    record.createdDateTime === undefined ? timeOf(item, 'creationDateTime') : timeOf(item, 'createdDateTime');
  const when = required(at, 'the directory keeps no time of it');
  return { id: inner(id), ...typed(known, stated), registered_at: inner(when) };
}

function phoneOf(name: string, record: Json): MethodType | undefined {
  if (name !== 'phone') return undefined;
  const kind = record.phoneType ?? record.authenticationPhoneType;
  return method(kind === 'office' || kind === 'alternateMobile' ? 'voice' : null);
}
