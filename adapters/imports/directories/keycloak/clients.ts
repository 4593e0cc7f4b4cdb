/** Clients of a realm that can obtain tokens. Values of secrets are never read. */

import type { Statement, Unobserved, Value } from '@macadam/core/facts/observation';
import { isRecord, recordsIn, textIn } from '../answer.ts';
import type { ExportScope, Listed } from '../export.ts';
import { gapOf, isWhole } from '../listing.ts';
import { listedById } from '../reading.ts';
import { idOf, type SavedLists, withoutId } from '../saved-lists.ts';
import { flagOf, type Item, inner, textOf, unexpected, unobserved } from '../statement.ts';
import { eventLog, lastUseOf } from './events.ts';

export interface Clients {
  readonly listed: Listed;
  /** How many only check tokens. */
  readonly checking: number;
}

export function clientsOf(scope: ExportScope, lists: SavedLists): Clients {
  const clients = lists.list('/clients');
  const log = eventLog(lists, scope.takenAt);
  const own = clients.items.filter(({ record }) => record.bearerOnly !== true);
  const listed = listedById(
    scope,
    { kind: 'application', listing: { ...clients, items: own } },
    (item, id) => {
      const { clientId } = item.record;
      return {
        name: textIn(clientId) ?? id,
        attributes: {
          directory: { value: scope.directory },
          client_id: { value: id },
          enabled: flagOf(item, 'enabled'),
          credentials: credentialsOf(item),
          // Events name a client by what it calls itself.
          last_used_at:
            typeof clientId === 'string'
              ? lastUseOf(clientId, lists, log)
              : unobserved(`a client in ${item.file} has no \`clientId\`; ask for it`),
          multi_tenant: { value: false },
          consent: { value: 'own_tenant' },
          privileges: privilegesOf(id, item, lists),
        },
      };
    },
  );
  return {
    listed: { ...listed, gaps: [...clients.gaps, ...withoutId(clients.items, '/clients')] },
    checking: clients.items.length - own.length,
  };
}

function credentialsOf(item: Item): Statement {
  const isPublic = flagOf(item, 'publicClient');
  if (!('value' in isPublic)) return isPublic;
  if (isPublic.value) return { value: [], complete: true };
  const by = textOf(item, 'clientAuthenticatorType');
  if (!('value' in by)) return by;
  switch (by.value) {
    case 'client-secret':
    case 'client-secret-jwt':
      return isRecord(item.record.attributes)
        ? { value: secretsOf(item.record.attributes), complete: true }
        : unobserved(`\`attributes\` is not among the fields saved in ${item.file}; ask for it`);
    case 'client-jwt':
    case 'client-x509':
      return {
        value: [{ id: by.value, kind: 'certificate', added_at: NO_TIME }],
        complete: false,
        why: 'which keys it proves itself with stands at the client, and not in the realm',
      };
    case 'federated-jwt':
      return { value: [{ id: by.value, kind: 'federated', added_at: NO_TIME }], complete: true };
    default:
      return unexpected(item, 'clientAuthenticatorType', by.value, 'a way that this version knows');
  }
}

const NO_TIME: Unobserved = unobserved('the realm does not keep since when');

/** Seconds since 1970, in a text; 0 and nothing are "none". */
function secondsIn(
  attributes: Readonly<Record<string, unknown>>,
  name: string,
): string | undefined | Unobserved {
  const stated = attributes[name];
  if (stated === undefined || stated === null || stated === '' || String(stated) === '0') return undefined;
  if (!/^\d{1,11}$/.test(String(stated)))
    return unobserved(`\`${name}\` of the client is not a time; look at it`);
  return new Date(Number(stated) * 1000).toISOString();
}

function secretsOf(attributes: Readonly<Record<string, unknown>>): readonly Value[] {
  const secret = {
    id: 'secret',
    kind: 'secret',
    expires_at: secondsIn(attributes, 'client.secret.expiration.time'),
    added_at: secondsIn(attributes, 'client.secret.creation.time') ?? NO_TIME,
  };
  // The one before works on for a while.
  if (attributes['client.secret.rotated'] === undefined) return [secret];
  const rotated = {
    id: 'secret-rotated',
    kind: 'secret',
    expires_at: secondsIn(attributes, 'client.secret.rotated.expiration.time'),
    added_at: secondsIn(attributes, 'client.secret.rotated.creation.time') ?? NO_TIME,
  };
  return [secret, rotated];
}

/** Roles that every account has, and that open only what is its own. */
const isUsual = (role: string): boolean =>
  role.startsWith('default-roles-') || role === 'offline_access' || role === 'uma_authorization';

function privilegesOf(id: string, item: Item, lists: SavedLists): Statement {
  const acts = flagOf(item, 'serviceAccountsEnabled');
  if (!('value' in acts)) return acts;
  if (!acts.value) return { value: [], complete: true };
  const standing = lists.of('/clients/{id}/service-account-user', id);
  const [account] = standing.items;
  const user = account === undefined ? null : idOf(account.record);
  if (user === null) return gapOf(standing);
  const mappings = lists.of('/users/{id}/role-mappings', user);
  if (!isWhole(mappings)) return gapOf(mappings);
  const [held] = mappings.items;
  const found: Value[] = [];
  const take = (roles: unknown, of: string): void => {
    for (const role of recordsIn(roles)) {
      const one: Item = { record: role, file: mappings.address };
      const name = textOf(one, 'name');
      if ('value' in name && of === '' && isUsual(name.value)) continue;
      found.push({
        id: inner(textOf(one, 'id')),
        permission: 'value' in name ? `${of}${name.value}` : name,
        across_tenants: false,
        reviewed_at: unobserved('the realm does not say that a reviewer approved it'),
      });
    }
  };
  // Where an account has no role of a part, that part is left out.
  const { realmMappings = [], clientMappings = {} } = held?.record ?? {};
  const ofClients = isRecord(clientMappings) ? Object.entries(clientMappings) : null;
  if (ofClients === null || !Array.isArray(realmMappings))
    return unobserved(`the roles in ${mappings.address} are not written as lists; look at the answer`);
  take(realmMappings, '');
  for (const [client, mapping] of ofClients) {
    if (client === 'account') continue;
    if (!isRecord(mapping) || !Array.isArray(mapping.mappings))
      return unobserved(`the roles of ${client} in ${mappings.address} are no list; look at the answer`);
    take(mapping.mappings, `${client}: `);
  }
  return { value: found, complete: true };
}
