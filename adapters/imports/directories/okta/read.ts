/** Answers of Okta's management API about one organisation, as one collection. */

import type { Statement, Value } from '@macadam/core/facts/observation';
import type { Json } from '../answer.ts';
import { goneOn } from '../by-page.ts';
import type { ExportRead, ExportRequest, ExportScope, Listed } from '../export.ts';
import { gapOf, isWhole, lackingIds } from '../listing.ts';
import { listedById, readOf, type SavedFolder, savedFolder, scopeOf } from '../reading.ts';
import { idOf, type SavedLists, withoutId } from '../saved-lists.ts';
import {
  type Item,
  inner,
  listOf,
  meaningOf,
  required,
  seenOf,
  textOf,
  timeOf,
  unexpected,
  unobserved,
  within,
} from '../statement.ts';
import { OKTA } from './dialect.ts';
import { rolesOf } from './roles.ts';

const PARENTS = [
  { path: '/users/{id}/authenticator-enrollments', parent: '/users' },
  { path: '/users/{id}/factors', parent: '/users' },
  { path: '/apps/{id}/credentials/secrets', parent: '/apps' },
  { path: '/apps/{id}/credentials/jwks', parent: '/apps' },
];

/** Ways of applications that only sign people in. */
const SIGNS_IN: ReadonlySet<unknown> = new Set([
  'AUTO_LOGIN',
  'BASIC_AUTH',
  'BOOKMARK',
  'BROWSER_PLUGIN',
  'SAML_1_1',
  'SAML_2_0',
  'SECURE_PASSWORD_STORE',
  'WS_FEDERATION',
]);

/** Whether an application obtains tokens of its own. */
export const isClient = (record: Json): boolean => record.signOnMode === 'OPENID_CONNECT';

/** Which organisation the answers are of. */
export function organisationIn(request: ExportRequest, lists: SavedLists): ReturnType<typeof scopeOf> {
  const organisations = lists.list('/org').items.flatMap(({ record }) => {
    const id = idOf(record);
    return id === null ? [] : [{ id, name: String(record.companyName ?? record.subdomain ?? id) }];
  });
  const missing = `does not say of which organisation it is; save GET /api/v1/org as ${request.folder}/org.json, or give its id by \`--subject\``;
  return scopeOf('okta', request, organisations, missing);
}

/** Of accounts that went on by themselves, page by page, the answers hold skeletons: `accounts` says how many there were. */
export function readOkta(
  request: ExportRequest,
  saved: SavedFolder = savedFolder(request, OKTA),
  accounts?: number,
): ExportRead {
  const { lists } = saved;
  const named = organisationIn(request, lists);
  if ('mistakes' in named) return named;
  const { scope } = named;
  const others = lists.list('/apps').items.filter(({ record }) => SIGNS_IN.has(record.signOnMode)).length;
  const users = usersOf(scope, lists);
  const listed = [
    accounts === undefined ? users : goneOn(users, accounts),
    clientsOf(scope, lists),
    ...rolesOf(scope, lists),
    devicesOf(scope, lists),
  ];
  const notes = others > 0 ? [`${others} applications obtain no tokens of their own, and are not taken`] : [];
  return readOf({ scope, saved, listed, parents: PARENTS, notes });
}

export const usersOf = (scope: ExportScope, lists: SavedLists): Listed =>
  listedById(scope, { kind: 'user', listing: lists.list('/users') }, (item, id) => {
    const profile = within(item, 'profile');
    const { login } = profile.record;
    return {
      name: typeof login === 'string' ? login : id,
      attributes: {
        directory: { value: scope.directory },
        object_id: { value: id },
        account: accountOf(profile),
        enabled: meaningOf(item, 'status', CAN_SIGN_IN, KNOWN_STATUS),
        methods: methodsOf(id, lists),
        weak_sign_ins: signInsOf(item, scope),
      },
    };
  });

function accountOf({ record: { userType } }: Item): Statement {
  const stated = typeof userType === 'string' ? userType.trim().toLowerCase() : '';
  if (stated === 'employee' || stated === 'contractor') return { value: stated };
  return unobserved(
    'the directory does not say whether it is an employee, a contractor or shared; send it from a directory of people',
  );
}

const SECRET_STATES: ReadonlySet<unknown> = new Set(['ACTIVE', 'INACTIVE']);
/** Of a factor that is not in use. */
const ENDED: ReadonlySet<unknown> = new Set([
  'INACTIVE',
  'DISABLED',
  'EXPIRED',
  'NOT_SETUP',
  'PENDING_ACTIVATION',
]);

const KNOWN_STATUS = 'a status that this version knows';
const CAN_SIGN_IN: Readonly<Record<string, boolean>> = {
  ACTIVE: true,
  PROVISIONED: true,
  RECOVERY: true,
  LOCKED_OUT: true,
  PASSWORD_EXPIRED: true,
  STAGED: false,
  SUSPENDED: false,
  DEPROVISIONED: false,
};

const WEEK_MS = 7 * 86_400_000;

/** The account says when it last signed in, and not how: that nobody did is known by that alone. */
function signInsOf(item: Item, scope: ExportScope): Statement {
  const last = timeOf(item, 'lastLogin');
  if ('unobserved' in last) return last;
  if ('value' in last && Date.parse(last.value) > Date.parse(scope.takenAt) - WEEK_MS)
    return unobserved(
      'it signed in during the last seven days, and the account does not say by which method; collect sign-ins from what it signed in to',
    );
  return { value: [], complete: true, window: '168h', assurance: 'effective' };
}

interface Method {
  readonly type: string | null;
  readonly resistant: boolean | null;
}

/** By the key of an authenticator, or the type of a factor. Null: the name alone does not tell. */
const METHODS: Readonly<Record<string, Method | undefined>> = {
  okta_password: { type: 'password', resistant: false },
  password: { type: 'password', resistant: false },
  okta_email: { type: 'email', resistant: false },
  email: { type: 'email', resistant: false },
  phone_number: { type: null, resistant: false },
  sms: { type: 'sms', resistant: false },
  call: { type: 'voice', resistant: false },
  google_otp: { type: 'totp', resistant: false },
  symantec_vip: { type: 'totp', resistant: false },
  rsa_token: { type: 'totp', resistant: false },
  yubikey_token: { type: 'totp', resistant: false },
  'token:software:totp': { type: 'totp', resistant: false },
  'token:hotp': { type: 'totp', resistant: false },
  'token:hardware': { type: 'totp', resistant: false },
  token: { type: 'totp', resistant: false },
  push: { type: 'app_push', resistant: false },
  okta_verify: { type: null, resistant: null },
  signed_nonce: { type: 'platform_key', resistant: true },
  webauthn: { type: 'passkey', resistant: true },
  u2f: { type: 'security_key', resistant: true },
  smart_card_idp: { type: 'smart_card', resistant: true },
  tac: { type: 'one_time_pass', resistant: false },
};

function methodsOf(id: string, lists: SavedLists): Statement {
  const enrolled = lists.of('/users/{id}/authenticator-enrollments', id);
  const factors = lists.of('/users/{id}/factors', id);
  const from = enrolled.items.length > 0 || isWhole(enrolled) ? enrolled : factors;
  if (from.items.length === 0 && !isWhole(from))
    return gapOf(from === factors && factors.items.length === 0 ? enrolled : from);
  const active = from.items.filter(({ record }) => !ENDED.has(record.status));
  const odd = active.find(({ record }) => record.status !== 'ACTIVE');
  const value = active
    .filter(({ record }) => record.key !== 'security_question' && record.factorType !== 'question')
    .map(methodOf);
  if (from === enrolled && isWhole(from) && odd === undefined) return { value, complete: true };
  const why =
    odd !== undefined
      ? unexpected(odd, 'status', odd.record.status, KNOWN_STATUS).why
      : from === enrolled
        ? gapOf(from).why
        : 'factors do not show the password; save /users/{id}/authenticator-enrollments';
  return { value, complete: false, why };
}

function methodOf(item: Item): Value {
  const name = String(item.record.key ?? item.record.factorType ?? item.record.type);
  const known = METHODS[name];
  const why =
    known === undefined
      ? `\`${name}\` is a method that this version does not know; update Macadam`
      : `\`${name}\` alone does not say which of its methods are used; look at the factors of the account`;
  const added = required(timeOf(item, 'created'), 'the directory keeps no time of it');
  return {
    id: inner(textOf(item, 'id')),
    type: known?.type ?? unobserved(why),
    phishing_resistant: known?.resistant ?? unobserved(why),
    registered_at: inner(added),
  };
}

function clientsOf(scope: ExportScope, lists: SavedLists): Listed {
  const apps = lists.list('/apps');
  const clients = apps.items.filter(({ record }) => isClient(record));
  const listed = listedById(
    scope,
    { kind: 'application', listing: { ...apps, items: clients } },
    (item, id) => ({
      name: typeof item.record.label === 'string' ? item.record.label : id,
      attributes: {
        directory: { value: scope.directory },
        client_id: { value: id },
        enabled: meaningOf(item, 'status', { ACTIVE: true, INACTIVE: false, DELETED: false }, KNOWN_STATUS),
        created_at: required(timeOf(item, 'created'), 'the directory keeps no time of it'),
        credentials: credentialsOf(id, lists),
      },
    }),
  );
  const odd = apps.items.filter(({ record }) => !isClient(record) && !SIGNS_IN.has(record.signOnMode));
  const gaps = lackingIds(
    odd.length,
    `applications in ${odd[0]?.file} do not say by a \`signOnMode\` that this version knows whether they obtain tokens; save them again`,
  );
  return { ...listed, gaps: [...apps.gaps, ...withoutId(apps.items, '/apps'), ...gaps] };
}

function credentialsOf(id: string, lists: SavedLists): Statement {
  const secrets = lists.of('/apps/{id}/credentials/secrets', id);
  const keys = lists.of('/apps/{id}/credentials/jwks', id);
  const credential = (item: Item, kind: string, field: string): Value => ({
    id: inner(textOf(item, field)),
    kind,
    added_at: inner(required(timeOf(item, 'created'), 'the directory keeps no time of it')),
  });
  const active = ({ record }: Item): boolean => record.status !== 'INACTIVE';
  const odd = [...secrets.items, ...keys.items].find(({ record }) => !SECRET_STATES.has(record.status));
  const value = [
    ...secrets.items.filter(active).map((item) => credential(item, 'secret', 'id')),
    ...keys.items
      .filter(active)
      .map((item) => credential(item, 'certificate', item.record.id === undefined ? 'kid' : 'id')),
  ];
  const gaps = [...secrets.gaps, ...keys.gaps];
  if (gaps.length === 0 && odd !== undefined)
    return listOf(value, unexpected(odd, 'status', odd.record.status, KNOWN_STATUS).why);
  return seenOf(value, gaps);
}

const PLATFORMS = {
  WINDOWS: 'windows',
  MACOS: 'macos',
  IOS: 'ios',
  ANDROID: 'android',
  CHROMEOS: 'other',
} as const;

const devicesOf = (scope: ExportScope, lists: SavedLists): Listed =>
  listedById(scope, { kind: 'device', listing: lists.list('/devices') }, (item, id) => {
    const profile = within(item, 'profile');
    const { displayName } = profile.record;
    return {
      name: typeof displayName === 'string' ? displayName : id,
      attributes: {
        directory: { value: scope.directory },
        device_id: { value: id },
        platform: meaningOf(profile, 'platform', PLATFORMS, 'a platform that this version knows'),
      },
    };
  });
