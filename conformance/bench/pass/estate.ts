/** Applications made up in the engine, a column at a time: most of them known, some stale, unobserved or partly seen. */
import { columnsOf, createTable, quoted, tableOf } from '@macadam/adapters/facts/layout';
import type { Kind } from '@macadam/core/kinds/kind';

export const NOW = new Date('2026-11-01T00:00:00Z');
const NANOS = BigInt(NOW.getTime()) * 1_000_000n;

/** Texts become numbers that lie far apart. */
const seed = (salt: string) =>
  [...salt].reduce((sum, sign) => (sum * 131 + sign.charCodeAt(0)) % 1_000_003, 7) * 100_000_007;

/** A number from 0 below `below`, another for each row and `salt`. */
const pick = (salt: string, below: number) => `(intHash64(number + ${seed(salt)}) % ${below})`;
const ago = (salt: string, days: number) => `toInt64(${NANOS} - ${pick(salt, days * 86_400)} * 1000000000)`;
const one = (salt: string, of: readonly string[]) =>
  `[${of.map((word) => `'${word}'`).join(', ')}][${pick(salt, of.length)} + 1]`;
/** Per element: from an index `i` below the number of elements. */
const each = (salt: string, most: number, body: (at: string) => string) =>
  `arrayMap(i -> ${body(`intHash64(number * 8 + i + ${seed(salt)})`)}, range(${pick(`${salt.split('/')[0]} size`, most + 1)}))`;

const VALUES: Readonly<Record<string, string>> = {
  '@id': `concat('application:', leftPad(toString(number), 10, '0'))`,
  '@name': `concat('application ', toString(number))`,
  directory: one('directory', ['main', 'partners', 'labs', 'main', 'main', 'bought']),
  client_id: `concat(toString(generateUUIDv4(number)), if(${pick('client', 50)} = 0, 'x', ''))`,
  tenant: `concat('tenant:', toString(${pick('tenant', 5000)}))`,
  environment: one('environment', [
    'production',
    'production',
    'government',
    'productivity',
    'development',
    'test',
  ]),
  owners: `arrayMap(i -> if(intHash64(number * 8 + i) % 40 = 0, 'unassigned', concat('team-', toString(intHash64(number * 8 + i) % 2000))), range(${pick('owners', 4)}))`,
  'emergency_contact/reach': `if(${pick('reach', 4)} = 0, 'somebody', concat('rota-', toString(${pick('rota', 900)})))`,
  'emergency_contact/confirmed_at': ago('confirmed', 250),
  enabled: `${pick('enabled', 7)} > 0`,
  break_glass: `${pick('glass', 30)} = 0`,
  created_at: ago('created', 1500),
  last_used_at: `if(${pick('used', 5)} = 0, NULL, ${ago('last', 150)})`,
  'credentials/id': each('credentials/id', 3, (at) => `toString(${at} % 1000000)`),
  'credentials/kind': each(
    'credentials/kind',
    3,
    (at) =>
      `if(${at} % 300 = 0, NULL, ['secret', 'certificate', 'federated', 'managed', 'managed', 'managed'][${at} % 6 + 1])`,
  ),
  'credentials/expires_at': each(
    'credentials/expires_at',
    3,
    (at) =>
      `if(${at} % 4 = 0 OR ${at} % 301 = 0, NULL, toInt64(${NANOS} + (toInt64(${at} % 400) - 40) * 86400000000000))`,
  ),
  'credentials/expires_at@state': each(
    'credentials/expires_at',
    3,
    (at) => `toUInt8(if(${at} % 4 = 0, 0, if(${at} % 301 = 0, 4, 1)))`,
  ),
  'credentials/added_at': each(
    'credentials/added_at',
    3,
    (at) => `if(${at} % 303 = 0, NULL, toInt64(${NANOS} - toInt64(${at} % 500) * 86400000000000))`,
  ),
  'owner_accounts/id': each('owner_accounts/id', 2, (at) => `concat('user/', toString(${at} % 1000000))`),
  'owner_accounts/enabled': each(
    'owner_accounts/enabled',
    2,
    (at) => `if(${at} % 311 = 0, NULL, ${at} % 12 > 0)`,
  ),
  'trusts/id': each('trusts/id', 2, (at) => `toString(${at} % 1000000)`),
  'trusts/issuer': each('trusts/issuer', 2, (at) => `if(${at} % 313 = 0, NULL, 'issuer.example')`),
  'trusts/subject': each('trusts/subject', 2, (at) => `if(${at} % 313 = 0, NULL, 'repo:acme/*')`),
  'trusts/from': each(
    'trusts/from',
    2,
    (at) =>
      `if(${at} % 313 = 0, NULL, ['environment', 'environment', 'branch', 'workload', 'any_change', 'anyone'][${at} % 19 % 6 + 1])`,
  ),
  'entrances/id': each('entrances/id', 2, (at) => `toString(${at} % 1000000)`),
  'entrances/environment': each(
    'entrances/environment',
    2,
    (at) => `if(${at} % 317 = 0, NULL, 'acme/shop: production')`,
  ),
  'entrances/changes': each(
    'entrances/changes',
    2,
    (at) =>
      `if(${at} % 317 = 0, NULL, ['protected_branches', 'protected_branches', 'named_branches', 'any_change', 'unmade'][${at} % 23 % 5 + 1])`,
  ),
  'entrances/approved': each('entrances/approved', 2, (at) => `if(${at} % 317 = 0, NULL, ${at} % 3 = 0)`),
  'entrances/self_approval': each(
    'entrances/self_approval',
    2,
    (at) => `if(${at} % 317 = 0, NULL, ${at} % 5 = 0)`,
  ),
  'machines/id': each('machines/id', 1, (at) => `toString(${at} % 1000000)`),
  'machines/name': each('machines/name', 1, (at) => `if(${at} % 319 = 0, NULL, 'runner')`),
  'machines/environment': each(
    'machines/environment',
    1,
    (at) => `if(${at} % 319 = 0, NULL, 'acme/shop: production')`,
  ),
  'machines/kept': each('machines/kept', 1, (at) => `if(${at} % 319 = 0, NULL, ${at} % 4 = 0)`),
  'machines/takes': each(
    'machines/takes',
    1,
    (at) => `if(${at} % 319 = 0, NULL, ['named_workflows', 'any_change'][${at} % 29 % 2 + 1])`,
  ),
  'machines/open_to': each('machines/open_to', 1, (at) => `if(${at} % 319 = 0, NULL, 'acme/shop')`),
  'machines/job': each('machines/job', 1, (at) => `if(${at} % 319 = 0, NULL, 'deploy')`),
  'client_libraries/id': each('client_libraries/id', 2, (at) => `toString(${at} % 1000000)`),
  'client_libraries/package': each(
    'client_libraries/package',
    2,
    (at) => `if(${at} % 323 = 0, NULL, ['pkg:npm/%40azure/msal-node', 'pkg:pypi/msal'][${at} % 31 % 2 + 1])`,
  ),
  'client_libraries/version': each(
    'client_libraries/version',
    2,
    (at) => `if(${at} % 7 = 0 OR ${at} % 325 = 0, NULL, '2.16.2')`,
  ),
  'client_libraries/version@state': each(
    'client_libraries/version',
    2,
    (at) => `toUInt8(if(${at} % 7 = 0, 0, if(${at} % 325 = 0, 3, 1)))`,
  ),
  'client_libraries/direct': each(
    'client_libraries/direct',
    2,
    (at) => `if(${at} % 323 = 0, NULL, ${at} % 2 = 0)`,
  ),
  multi_tenant: `${pick('multi', 6)} = 0`,
  consent: one('consent', ['own_tenant', 'own_tenant', 'listed_tenants', 'any_tenant']),
  instances_locked: `${pick('locked', 5)} > 0`,
  'privileges/id': each('privileges/id', 4, (at) => `toString(${at} % 1000000)`),
  'privileges/permission': each(
    'privileges/permission',
    4,
    (at) =>
      `if(${at} % 299 = 0, NULL, ['Directory.ReadWrite.All', 'Mail.Read', 'Files.Read.All', 'User.Read.All', 'Sites.ReadWrite.All', 'Role.Assign.All', 'Audit.Read', 'Mail.Send'][${at} % 17 % 8 + 1])`,
  ),
  'privileges/across_tenants': each(
    'privileges/across_tenants',
    4,
    (at) => `if(${at} % 305 = 0, NULL, ${at} % 9 = 0)`,
  ),
  'privileges/reviewed_at': each(
    'privileges/reviewed_at',
    4,
    (at) =>
      `if(${at} % 8 = 0 OR ${at} % 307 = 0, NULL, toInt64(${NANOS} - toInt64(${at} % 300) * 86400000000000))`,
  ),
  'privileges/reviewed_at@state': each(
    'privileges/reviewed_at',
    4,
    (at) => `toUInt8(if(${at} % 8 = 0, 0, if(${at} % 307 = 0, 3, 1)))`,
  ),
};

/** Whether nobody looked, or too long ago. */
const unobserved = (attribute: string) => `${pick(`${attribute} gap`, 33)} = 0`;

function madeUp(name: string, type: string, kind: Kind): string {
  const [, attribute = '', field = '', about = ''] = /^([^@/]*)(?:\/([^@]*))?(?:@(.*))?$/.exec(name) ?? [];
  const known = VALUES[name];
  const missing = kind.attributes[attribute] ? unobserved(attribute) : '0';
  const list = kind.attributes[attribute]?.type === 'list';
  const nothing = type.startsWith('Array') ? '[]' : type.includes('Nullable') ? 'NULL' : '0';
  const absent = `${pick(`${attribute} none`, 12)} = 0`;
  if (attribute === '' || name.startsWith('@'))
    return known ?? (type.startsWith('Nullable') ? 'NULL' : `defaultValueOfTypeName('${type}')`);
  if (about === 'at' && field === '') return `if(${missing}, 0, ${ago(`${attribute} at`, 9)})`;
  if (about === 'cause') return `if(${missing}, 1 + ${pick(`${attribute} cause`, 5)}, 0)`;
  if (about === 'source') return `if(${missing}, '', 'directory')`;
  if (about === 'assurance') return `if(${missing}, 0, 2)`;
  if (about === 'state' && field === '') {
    const there = list ? `if(${pick(`${attribute} part`, 40)} = 0, 1, 2)` : `if(${absent}, 3, 2)`;
    return `if(${missing}, 0, ${there})`;
  }
  const gone = list ? missing : field === '' ? missing : `(${missing} OR ${absent})`;
  // A record's field that is not observed has no value.
  const hole = `${pick(`${attribute}/${field} hole`, 60)} = 0`;
  if (known !== undefined)
    return `if(${gone}${!list && field !== '' ? ` OR ${hole}` : ''}, ${nothing}, ${known})`;
  if (about !== 'state') throw new Error(`nothing is made up for ${name}`);
  if (!list) return `if(${gone}, 0, if(${hole}, 3, 1))`;
  // The state of an element's field that is not optional: there, or not observed where it is NULL.
  const values = VALUES[`${attribute}/${field}`] ?? '[]';
  return `if(${gone}, [], arrayMap(v -> if(isNull(v), 4, 1), ${values}))`;
}

/** Statements that make the table and fill it: a million rows are made up, and the others are those under other ids. */
export function statements(kind: Kind, rows: number): readonly string[] {
  const table = quoted(tableOf(kind));
  const all = columnsOf(kind);
  const made = all.map(({ name, type }) => `CAST(${madeUp(name, type, kind)}, '${type}') AS ${quoted(name)}`);
  const first = Math.min(rows, 1_000_000);
  const step = 250_000;
  const ranges = Array.from(
    { length: Math.ceil(first / step) },
    (_, at) => `numbers(${at * step}, ${Math.min(step, first - at * step)})`,
  );
  const copied = all.map(({ name }) =>
    name === '@id'
      ? `concat('application:', leftPad(toString(toUInt64(substring(made."@id", 13)) + OFFSET), 10, '0')) AS "@id"`
      : quoted(name),
  );
  const copies = Array.from({ length: Math.floor(rows / first) - 1 }, (_, at) => (at + 1) * first);
  return [
    `DROP TABLE IF EXISTS ${table}`,
    createTable(kind),
    ...ranges.map((range) => `INSERT INTO ${table} SELECT ${made.join(', ')} FROM ${range}`),
    ...copies.map(
      (offset) =>
        `INSERT INTO ${table} SELECT ${copied.join(', ').replace('OFFSET', String(offset))} FROM ${table} AS made WHERE made."@id" < 'application:${String(first).padStart(10, '0')}'`,
    ),
  ];
}
