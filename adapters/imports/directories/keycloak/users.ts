/** Accounts of a realm, with everything that they can prove themselves with. */

import type { Statement, Value } from '@macadam/core/facts/observation';
import { isRecord, textIn } from '../answer.ts';
import type { ExportScope, Listed } from '../export.ts';
import { gapOf, isWhole } from '../listing.ts';
import { listedById } from '../reading.ts';
import type { SavedLists } from '../saved-lists.ts';
import { flagOf, type Item, inner, listOf, seenOf, textOf, unexpected, unobserved } from '../statement.ts';
import { eventLog, signInsOf } from './events.ts';
import { weakSignInBlocked } from './flows.ts';

export function usersOf(scope: ExportScope, lists: SavedLists): Listed {
  const users = lists.list('/users');
  const blocked = weakSignInBlocked(lists);
  const log = eventLog(lists, scope.takenAt);
  const listed = listedById(scope, { kind: 'user', listing: users }, (item, id) => {
    const { createdTimestamp: created, username } = item.record;
    return {
      name: textIn(username) ?? id,
      attributes: {
        directory: { value: scope.directory },
        object_id: { value: id },
        account: accountOf(item),
        enabled: flagOf(item, 'enabled'),
        methods: methodsOf(id, item, lists),
        weak_sign_in_blocked: blocked,
        weak_sign_ins: signInsOf(id, typeof created === 'number' ? created : null, lists, log),
      },
    };
  });
  return { ...listed, total: users.total === null ? null : { id: 'users/count', count: users.total } };
}

const ACCOUNTS: ReadonlySet<string> = new Set(['employee', 'contractor', 'guest', 'shared']);

function accountOf({ record: { attributes } }: Item): Statement {
  const stated = isRecord(attributes) ? attributes.employeeType : undefined;
  const [first] = Array.isArray(stated) ? stated : [];
  const account = typeof first === 'string' ? first.trim().toLowerCase() : '';
  return ACCOUNTS.has(account)
    ? { value: account }
    : unobserved(
        'the realm does not say whether it is an employee, a contractor, a guest or shared; give it the attribute `employeeType`, or send it from a directory of people',
      );
}

interface Method {
  readonly type: string;
  readonly resistant: boolean;
}

const METHODS: Readonly<Record<string, Method | undefined>> = {
  password: { type: 'password', resistant: false },
  otp: { type: 'totp', resistant: false },
  webauthn: { type: 'security_key', resistant: true },
  'webauthn-passwordless': { type: 'passkey', resistant: true },
  'recovery-authn-codes': { type: 'one_time_pass', resistant: false },
};

function methodsOf(id: string, user: Item, lists: SavedLists): Statement {
  const credentials = lists.of('/users/{id}/credentials', id);
  const value = credentials.items.map((item): Value => {
    const type = textOf(item, 'type');
    const method = 'value' in type ? METHODS[type.value] : undefined;
    const unknown =
      'value' in type ? unexpected(item, 'type', type.value, 'a method that this version knows') : type;
    return {
      id: inner(textOf(item, 'id')),
      type: method?.type ?? unknown,
      phishing_resistant: method?.resistant ?? unknown,
      registered_at: registeredAt(item),
    };
  });
  return isWhole(credentials) ? listOf(value, openBecause(user, lists)) : seenOf(value, credentials.gaps);
}

function registeredAt(item: Item): Value {
  const { createdDate } = item.record;
  if (typeof createdDate !== 'number' || !Number.isSafeInteger(createdDate) || createdDate <= 0)
    return unobserved(`a credential in ${item.file} does not say since when it is there`);
  return Number.isNaN(new Date(createdDate).getTime())
    ? unexpected(item, 'createdDate', createdDate, 'a time')
    : new Date(createdDate).toISOString();
}

/** Why an account may be able to prove itself with more than the realm holds; null where it cannot. */
function openBecause({ record }: Item, lists: SavedLists): string | null {
  const { federationLink } = record;
  if (typeof federationLink === 'string' && federationLink !== '')
    return 'the account is kept in another directory, which may hold more; measure that one too';
  const providers = lists.list('/identity-provider/instances');
  if (!isWhole(providers)) return gapOf(providers).why;
  return providers.items.some(({ record: one }) => one.enabled !== false)
    ? 'people also sign in through another provider, which may hold more; measure that one too'
    : null;
}
