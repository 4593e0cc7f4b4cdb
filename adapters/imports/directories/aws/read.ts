/** The credential report of one AWS account, as one collection. */
import type { Observation, Statement, Value } from '@macadam/core/facts/observation';
import {
  type ExportRead,
  type ExportRequest,
  type ExportScope,
  type Listed,
  observationOf,
} from '../export.ts';
import type { ListingGap } from '../listing.ts';
import { readOf, scopeOf } from '../reading.ts';
import { EMPTY_LISTS } from '../saved-lists.ts';
import { type Item, timestamp, unexpected, unobserved } from '../statement.ts';
import { tableOf } from '../table.ts';

/** What the report writes where there is nothing to tell. */
const NOTHING = new Set(['N/A', 'not_supported', 'no_information']);

export function readAws(request: ExportRequest): ExportRead {
  const rows: Item[] = [];
  const unread: { file: string; why: string }[] = [];
  for (const file of request.files) {
    const table = /\.csv$/i.test(file.path)
      ? tableOf(file)
      : { why: 'is no credential report; save it as .csv' };
    if ('why' in table) unread.push({ file: file.path, why: table.why });
    else if (table.columns.includes('arn') && table.columns.includes('user')) rows.push(...table.rows);
    else
      unread.push({
        file: file.path,
        why: 'is no credential report: it has no columns `user` and `arn`; save it again',
      });
  }
  const accounts = rows.flatMap(({ record: { arn } }) => {
    const id = /^arn:[a-z-]+:iam::(\d{12}):/.exec(String(arn))?.[1];
    return id === undefined ? [] : [{ id: `aws/${id}`, name: id }];
  });
  const missing = 'does not say of which account it is; save the credential report, whose ARNs do';
  const named = scopeOf('aws', request, accounts, missing);
  if ('mistakes' in named) return named;
  const { scope } = named;
  const gaps: ListingGap[] =
    rows.length > 0
      ? []
      : [{ code: 'list-not-saved', cause: 'unobserved', why: `no credential report was saved; ${missing}` }];
  const without = rows.filter(({ record: { arn } }) => typeof arn !== 'string');
  for (const { file } of without)
    gaps.push({
      code: 'id-missing',
      cause: 'incomplete',
      why: `the row in ${file} has no \`arn\`; save the report again`,
    });
  const sound = [
    ...new Map(
      rows.flatMap((item) => (typeof item.record.arn === 'string' ? [[item.record.arn, item] as const] : [])),
    ).values(),
  ];
  const people = sound.filter(isPerson);
  const workloads = sound.filter((item) => !isPerson(item));
  const listed: Listed[] = [
    { kind: 'user', observations: people.map((item) => userOf(scope, item)), gaps },
    { kind: 'application', observations: workloads.map((item) => applicationOf(scope, item)), gaps },
    { kind: 'credential', observations: sound.flatMap((item) => keysOf(scope, item)), gaps },
  ];
  return readOf({
    scope,
    saved: { lists: EMPTY_LISTS, answers: [], unread },
    listed,
    parents: [],
    notes: [],
  });
}

/** Whoever has a password signs in; the root user has one whatever the report says of it. */
const isPerson = ({ record }: Item): boolean =>
  record.password_enabled === 'true' ||
  record.user === '<root_account>' ||
  !['true', 'false'].includes(String(record.password_enabled));

const idOf = ({ record }: Item): string => String(record.arn);
const nameOf = ({ record }: Item): string =>
  typeof record.user === 'string' ? record.user : String(record.arn);

function flag(
  item: Item,
  column: string,
): { readonly value: boolean } | Extract<Statement, { unobserved: unknown }> {
  const value = item.record[column];
  if (value === 'true' || value === 'false') return { value: value === 'true' };
  return unexpected(item, column, value, 'true or false');
}

/** Absent for what the report says was never. */
function time(item: Item, column: string): Statement {
  const value = item.record[column];
  if (value === undefined) return unobserved(`\`${column}\` is not in ${item.file}; save the report again`);
  if (NOTHING.has(String(value))) return { absent: true };
  const at = timestamp(String(value));
  return at === null ? unexpected(item, column, value, 'a time as RFC 3339 writes it') : { value: at };
}

const inside = (statement: Statement, why: string): Value =>
  'value' in statement ? statement.value : 'absent' in statement ? unobserved(why) : statement;

function userOf(scope: ExportScope, item: Item): Observation {
  const password = flag(item, 'password_enabled');
  const second = flag(item, 'mfa_active');
  const known: Value[] = [];
  if (!('value' in password) || password.value)
    known.push({
      id: 'password',
      type: 'password',
      phishing_resistant: false,
      registered_at: inside(time(item, 'password_last_changed'), 'the report does not say when it was set'),
    });
  const why = 'the report does not say of which type the second step is; list the devices of the user';
  if ('value' in second && second.value)
    known.push({
      id: 'second-step',
      type: unobserved(why),
      phishing_resistant: unobserved(why),
      registered_at: unobserved(why),
    });
  const methods: Statement =
    'value' in second
      ? second.value
        ? {
            value: known,
            complete: false,
            why: 'a user may have several second steps; list the devices of the user',
          }
        : { value: known, complete: true }
      : second;
  const attributes: Record<string, Statement> = {
    directory: { value: scope.directory },
    object_id: { value: idOf(item) },
    enabled: item.record.user === '<root_account>' ? { value: true } : password,
    methods,
  };
  return observationOf(scope, {
    kind: 'user',
    key: [scope.directory, idOf(item)],
    name: nameOf(item),
    attributes,
  });
}

const SLOTS = ['access_key_1', 'access_key_2'] as const;
const CERTIFICATES = ['cert_1', 'cert_2'] as const;

function applicationOf(scope: ExportScope, item: Item): Observation {
  const active = [...SLOTS, ...CERTIFICATES].map((slot) => ({ slot, state: flag(item, `${slot}_active`) }));
  const unknown = active.find(({ state }) => 'unobserved' in state)?.state;
  const on = active.filter(({ state }) => 'value' in state && state.value);
  const credentials = on.map(
    ({ slot }): Value => ({
      id: slot,
      kind: slot.startsWith('cert') ? 'certificate' : 'secret',
      expires_at: slot.startsWith('cert')
        ? unobserved('the report does not say when a certificate ends')
        : undefined,
      added_at: inside(time(item, `${slot}_last_rotated`), 'the report does not say when it was made'),
    }),
  );
  const created = time(item, 'user_creation_time');
  const attributes: Record<string, Statement> = {
    directory: { value: scope.directory },
    client_id: { value: idOf(item) },
    enabled: unknown ?? { value: on.length > 0 },
    created_at: 'absent' in created ? unobserved('the report does not say when it was made') : created,
    last_used_at: lastUse(scope, item),
    credentials: unknown ?? { value: credentials.map(withoutUndefined), complete: true },
  };
  return observationOf(scope, {
    kind: 'application',
    key: [scope.directory, idOf(item)],
    name: nameOf(item),
    attributes,
  });
}

const withoutUndefined = (value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Value;

/** A key keeps its last use as long as it is there, and a key that was replaced took its own away: nobody sees further back than that. */
function lastUse(scope: ExportScope, item: Item): Statement {
  const times = SLOTS.map((slot) => time(item, `${slot}_last_used_date`));
  const rotations = SLOTS.map((slot) => time(item, `${slot}_last_rotated`));
  const unreadable = [...times, ...rotations].find((one) => 'unobserved' in one);
  if (unreadable !== undefined) return unreadable;
  if (CERTIFICATES.some((slot) => item.record[`${slot}_active`] !== 'false'))
    return unobserved('it has a certificate, of which the report keeps no last use; collect the trail');
  const [newest] = newestFirst(times);
  const [replaced] = newestFirst(rotations);
  if (replaced === undefined)
    return unobserved('it has no key, and the report does not say of earlier ones; collect the trail');
  const hours = Math.max(0, Math.floor((Date.parse(scope.takenAt) - Date.parse(replaced)) / 3_600_000));
  return newest === undefined
    ? { absent: true, window: `${hours}h` }
    : { value: newest, window: `${hours}h` };
}

const newestFirst = (times: readonly Statement[]): readonly string[] =>
  times
    .flatMap((one) => ('value' in one ? [String(one.value)] : []))
    .toSorted((a, b) => Date.parse(b) - Date.parse(a));

function keysOf(scope: ExportScope, item: Item): readonly Observation[] {
  return SLOTS.flatMap((slot) => {
    const active = flag(item, `${slot}_active`);
    const rotated = time(item, `${slot}_last_rotated`);
    // A slot that is off and was never filled holds no key.
    if ('value' in active && !active.value && 'absent' in rotated) return [];
    const id = `${idOf(item)}/${slot}`;
    const attributes: Record<string, Statement> = {
      store: { value: scope.directory },
      credential_id: { value: id },
      type: { value: 'secret' },
      thumbprint: { absent: true },
      state: 'value' in active ? { value: active.value ? 'active' : 'revoked' } : active,
      issued_at: 'absent' in rotated ? unobserved('the report does not say when it was made') : rotated,
      expires_at: { absent: true },
      boundary: { value: scope.directory },
    };
    return [
      observationOf(scope, {
        kind: 'credential',
        key: [scope.directory, id],
        name: `${nameOf(item)}, ${slot}`,
        attributes,
      }),
    ];
  });
}
