/** Answers of Keycloak's admin API about one realm, as one collection. Pure: the same answers give the same observations. */
import { goneOn } from '../by-page.ts';
import type { ExportRead, ExportRequest } from '../export.ts';
import { readOf, type SavedFolder, savedFolder, scopeOf } from '../reading.ts';
import type { SavedLists } from '../saved-lists.ts';
import { clientsOf } from './clients.ts';
import { KEYCLOAK } from './dialect.ts';
import { rolesOf } from './roles.ts';
import { usersOf } from './users.ts';

const PARENTS = [{ path: '/users/{id}/credentials', parent: '/users' }];

/** Which realm the answers are of. */
export function realmIn(request: ExportRequest, lists: SavedLists): ReturnType<typeof scopeOf> {
  const issuers = lists.list('/openid-configuration').items.flatMap(({ record: { issuer } }) => {
    if (typeof issuer !== 'string' || issuer === '') return [];
    return [{ id: issuer, name: issuer.replace(/^.*\/realms\//, '') }];
  });
  const missing = `does not say of which realm it is; save https://HOST/realms/REALM/.well-known/openid-configuration as ${request.folder}/openid-configuration.json, or give the issuer by \`--subject\``;
  return scopeOf('keycloak', request, issuers, missing);
}

/** Of accounts that went on by themselves, page by page, the answers hold skeletons: `accounts` says how many there were. */
export function readKeycloak(
  request: ExportRequest,
  saved: SavedFolder = savedFolder(request, KEYCLOAK),
  accounts?: number,
): ExportRead {
  const { lists } = saved;
  const named = realmIn(request, lists);
  if ('mistakes' in named) return named;
  const { scope } = named;
  const clients = clientsOf(scope, lists);
  const users = usersOf(scope, lists);
  const notes =
    clients.checking > 0 ? [`${clients.checking} clients only check tokens, and are not taken`] : [];
  return readOf({
    scope,
    saved,
    listed: [
      accounts === undefined ? users : goneOn(users, accounts),
      clients.listed,
      ...rolesOf(scope, lists),
    ],
    parents: PARENTS,
    notes,
  });
}
