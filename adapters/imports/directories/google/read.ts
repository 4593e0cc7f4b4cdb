/** Answers of Google Workspace about one customer, as one collection. */

import type { Statement } from '@macadam/core/facts/observation';
import { textIn } from '../answer.ts';
import {
  type ExportRead,
  type ExportRequest,
  type ExportScope,
  type Listed,
  observationOf,
} from '../export.ts';
import { type Listing, listingGap } from '../listing.ts';
import { listedById, readOf, type SavedFolder, savedFolder, scopeOf } from '../reading.ts';
import type { SavedLists } from '../saved-lists.ts';
import { flagOf, type Item, meaningOf, textOf, timeOf, unexpected, unobserved } from '../statement.ts';
import { GOOGLE } from './dialect.ts';
import { rolesOf } from './roles.ts';

export function readGoogle(
  request: ExportRequest,
  saved: SavedFolder = savedFolder(request, GOOGLE),
): ExportRead {
  const { lists } = saved;
  const users = lists.list('/users');
  const customers = users.items.flatMap(({ record: { customerId } }) =>
    typeof customerId === 'string' && customerId !== '' ? [{ id: customerId, name: customerId }] : [],
  );
  const missing =
    'does not say of which customer it is; save the list of users, or give the `customerId` by `--subject`';
  const named = scopeOf('google', request, customers, missing);
  if ('mistakes' in named) return named;
  const { scope } = named;
  const listed = [usersOf(scope, users), ...rolesOf(scope, lists, users), devicesOf(scope, lists)];
  return readOf({ scope, saved, listed });
}

const usersOf = (scope: ExportScope, users: Listing): Listed =>
  listedById(scope, { kind: 'user', listing: users }, (item, id) => ({
    name: textIn(item.record.primaryEmail) ?? id,
    attributes: {
      directory: { value: scope.directory },
      object_id: { value: id },
      enabled: enabledOf(item),
      weak_sign_ins: signInsOf(item, scope),
    },
  }));

function enabledOf(item: Item): Statement {
  const [suspended, archived] = [flagOf(item, 'suspended'), flagOf(item, 'archived')];
  for (const one of [suspended, archived]) if ('value' in one && one.value) return { value: false };
  if (!('value' in suspended)) return suspended;
  return 'value' in archived ? { value: true } : archived;
}

const PLATFORMS: Readonly<Record<string, string>> = {
  ANDROID: 'android',
  IOS: 'ios',
  WINDOWS: 'windows',
  MAC_OS: 'macos',
  LINUX: 'linux',
  CHROME_OS: 'other',
  GOOGLE_SYNC: 'other',
};

const WEEK_MS = 7 * 86_400_000;
/** What the directory writes where nobody ever signed in. */
const NEVER = '1970-01-01T00:00:00.000Z';

/** The account says when it last signed in, and not how: that nobody did is known by that alone. */
function signInsOf(item: Item, scope: ExportScope): Statement {
  const last = timeOf(item, 'lastLoginTime');
  if ('unobserved' in last) return last;
  if ('absent' in last) return unexpected(item, 'lastLoginTime', null, 'a time');
  const isRecent = last.value !== NEVER && Date.parse(last.value) > Date.parse(scope.takenAt) - WEEK_MS;
  return isRecent
    ? unobserved(
        'it signed in during the last seven days, and the account does not say by which method; collect sign-ins from what it signed in to',
      )
    : { value: [], complete: true, window: '168h', assurance: 'effective' };
}

function devicesOf(scope: ExportScope, lists: SavedLists): Listed {
  const devices = lists.list('/devices');
  const gaps = [...devices.gaps];
  const observations = devices.items.flatMap((item) => {
    const id = /^devices\/([^/]+)$/.exec(String(item.record.name))?.[1];
    if (id === undefined) {
      gaps.push(
        listingGap('id-missing', 'incomplete', `a device in ${item.file} has no \`name\`; ask for it`),
      );
      return [];
    }
    const hostname = textOf(item, 'hostname');
    return [
      observationOf(scope, {
        kind: 'device',
        key: [scope.directory, id],
        name: 'value' in hostname ? hostname.value : id,
        attributes: {
          directory: { value: scope.directory },
          device_id: { value: id },
          hostname:
            'value' in hostname ? hostname : unobserved(`the device in ${item.file} has no \`hostname\``),
          platform: meaningOf(item, 'deviceType', PLATFORMS, 'a type that this version knows'),
        },
      }),
    ];
  });
  return { kind: 'device', observations, gaps };
}
