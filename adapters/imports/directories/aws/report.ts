/** The credential report of one AWS account: its users, as people or applications, and their keys. */
import type { Observation, Statement, Value } from '@macadam/core/facts/observation';
import type { ExportFile } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type ListingGap, listingGap } from '../listing.ts';
import { type Item, timestamp, unexpected, unobserved } from '../statement.ts';
import { tableOf } from '../table.ts';
import { tenantId } from './account.ts';
import type { AwsAnswers } from './answers.ts';
import { methodsIn } from './roles.ts';

/** What the report writes where there is nothing to tell. */
const NOTHING = new Set(['N/A', 'not_supported', 'no_information']);

/** Of a file that is no report, why it is none. */
export function reportIn(file: ExportFile): { readonly rows: readonly Item[] } | { readonly why: string } {
  const table = tableOf(file);
  if ('why' in table) return table;
  return table.columns.includes('arn') && table.columns.includes('user')
    ? { rows: table.rows }
    : { why: 'is no credential report: it has no columns `user` and `arn`; save it again' };
}

/** The account of a row; null where it names none. */
export const accountIn = ({ record: { arn } }: Item): string | null =>
  /^arn:[a-z-]+:iam::(\d{12}):/.exec(String(arn))?.[1] ?? null;

export interface CredentialReport {
  readonly rows: readonly Item[];
  /** What keeps it from being whole; none of a report that was read. */
  readonly gaps: readonly ListingGap[];
}

/** Users and applications of an account, with their keys. */
export function identitiesOf(
  scope: ExportScope,
  report: CredentialReport,
  { account, answers }: { readonly account: string; readonly answers: AwsAnswers },
): readonly Listed[] {
  const { rows } = report;
  const gaps = [...report.gaps];
  for (const { file } of rows.filter(({ record: { arn } }) => typeof arn !== 'string'))
    gaps.push(
      listingGap('id-missing', 'incomplete', `the row in ${file} has no \`arn\`; save the report again`),
    );
  const sound = [
    ...new Map(
      rows.flatMap((item) => (typeof item.record.arn === 'string' ? [[item.record.arn, item] as const] : [])),
    ).values(),
  ];
  const unclear = sound.filter(
    (item) => !['true', 'false', ...NOTHING].includes(String(item.record.password_enabled)),
  );
  const either = unclear.map((item) => odd(item, 'password_enabled', 'whether it is a person'));
  const keys = sound.flatMap(unreadSlots);
  const people = sound.filter(isPerson);
  const workloads = sound.filter((item) => !isPerson(item));
  return [
    {
      kind: 'user',
      observations: people.map((item) => userOf(scope, item, answers)),
      gaps: [...gaps, ...either],
    },
    {
      kind: 'application',
      observations: workloads.map((item) => applicationOf(scope, item, tenantId(account))),
      gaps: [...gaps, ...either],
    },
    {
      kind: 'credential',
      observations: sound.flatMap((item) => keysOf(scope, item)),
      gaps: [...gaps, ...keys],
    },
  ];
}

function odd(item: Item, column: string, what: string): ListingGap {
  return listingGap(
    'answer-misshapen',
    'failed',
    `\`${column}\` of ${nameOf(item)} in ${item.file} does not say ${what}; save the report again`,
  );
}

/** Slots of which nobody can say whether they hold a key. */
const unreadSlots = (item: Item): readonly ListingGap[] =>
  SLOTS.flatMap((slot) => {
    const active = flag(item, `${slot}_active`);
    if ('unobserved' in active) return [odd(item, `${slot}_active`, 'whether there is a key')];
    return !active.value && 'unobserved' in time(item, `${slot}_last_rotated`)
      ? [odd(item, `${slot}_last_rotated`, 'whether there ever was a key')]
      : [];
  });

/** Whoever has a password signs in; the root user has one whatever the report says of it. */
export const isPerson = ({ record }: Item): boolean =>
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

function userOf(scope: ExportScope, item: Item, answers: AwsAnswers): Observation {
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
  const methods: Statement =
    'value' in second
      ? second.value
        ? secondSteps(known, nameOf(item), answers)
        : { value: known, complete: true }
      : second;
  return observationOf(scope, {
    kind: 'user',
    key: [scope.directory, idOf(item)],
    name: nameOf(item),
    attributes: {
      directory: { value: scope.directory },
      object_id: { value: idOf(item) },
      enabled: item.record.user === '<root_account>' ? { value: true } : password,
      methods,
    },
  });
}

/** The report says that there is a second step; of which type it is, the list of devices says. */
function secondSteps(known: readonly Value[], user: string, answers: AwsAnswers): Statement {
  const asked = answers.has('iam/list-mfa-devices') ? answers.about('iam/list-mfa-devices', user) : null;
  if (asked !== null && 'body' in asked) {
    const { methods, unread } = methodsIn(asked.body, asked.file);
    if (unread === 0 && methods.length > 0) return { value: [...known, ...methods], complete: true };
  }
  const why =
    asked !== null && 'why' in asked
      ? asked.why
      : 'the report does not say of which type the second step is; list the devices of the user';
  const unknown = {
    unobserved: asked !== null && 'cause' in asked ? asked.cause : ('unobserved' as const),
    why,
  };
  const step = { id: 'second-step', type: unknown, phishing_resistant: unknown, registered_at: unknown };
  return {
    value: [...known, step],
    complete: false,
    why: 'a user may have several second steps; list the devices of the user',
  };
}

const SLOTS = ['access_key_1', 'access_key_2'] as const;
const CERTIFICATES = ['cert_1', 'cert_2'] as const;

function applicationOf(scope: ExportScope, item: Item, tenant: string): Observation {
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
  return observationOf(scope, {
    kind: 'application',
    key: [scope.directory, idOf(item)],
    name: nameOf(item),
    attributes: {
      directory: { value: scope.directory },
      client_id: { value: idOf(item) },
      tenant: { value: tenant },
      enabled: unknown ?? { value: on.length > 0 },
      created_at: 'absent' in created ? unobserved('the report does not say when it was made') : created,
      last_used_at: lastUse(scope, item),
      credentials: unknown ?? { value: credentials.map(withoutUndefined), complete: true },
      trusts: { value: [], complete: true },
    },
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
    return [
      observationOf(scope, {
        kind: 'credential',
        key: [scope.directory, id],
        name: `${nameOf(item)}, ${slot}`,
        attributes: {
          store: { value: scope.directory },
          credential_id: { value: id },
          type: { value: 'secret' },
          thumbprint: { absent: true },
          state: 'value' in active ? { value: active.value ? 'active' : 'revoked' } : active,
          issued_at: 'absent' in rotated ? unobserved('the report does not say when it was made') : rotated,
          expires_at: { absent: true },
          boundary: { value: scope.directory },
        },
      }),
    ];
  });
}
