/**
 * The same thirty standards in SQL, as a person writes them who knows the tables and what is unknown: first what takes an
 * asset out of scope, then what makes it fail whatever else is not known, then what is not known; else it passes. Not one NULL
 * is computed with. The two engines differ in lists and in little else.
 */

/** How an engine asks for elements of lists that lie side by side, beside `AND`, `OR`, `NOT` and `CASE`. */
export interface Dialect {
  /** Whether an element holds a condition; it is written over the fields' names, their values or states. */
  readonly some: (list: string, fields: readonly string[], condition: string) => string;
  readonly holds: (list: string, text: string) => string;
  readonly hole: (list: string) => string;
  readonly size: (list: string) => string;
  readonly starts: (column: string, text: string) => string;
  readonly length: (column: string) => string;
}

const name = (field: string) => field.replace('@', '_');

export const CLICKHOUSE: Dialect = {
  some: (list, fields, condition) =>
    `arrayExists((${fields.map(name).join(', ')}) -> ${condition}, ${fields.map((field) => `"${list}/${field}"`).join(', ')})`,
  holds: (list, text) => `has("${list}", '${text}')`,
  hole: (list) => `has("${list}", NULL)`,
  size: (list) => `length("${list}")`,
  starts: (column, text) => `startsWith(assumeNotNull("${column}"), '${text}')`,
  length: (column) => `lengthUTF8(assumeNotNull("${column}"))`,
};

export const DUCKDB: Dialect = {
  some: (list, fields, condition) => {
    const zipped =
      fields.length === 1
        ? `"${list}/${fields[0]}"`
        : `list_zip(${fields.map((field) => `"${list}/${field}"`).join(', ')})`;
    const body = fields.reduce(
      (text, field, index) =>
        text.replaceAll(
          new RegExp(`\\b${name(field)}\\b`, 'g'),
          fields.length === 1 ? 'x' : `x[${index + 1}]`,
        ),
      condition,
    );
    return `len(list_filter(${zipped}, lambda x: ${body})) > 0`;
  },
  holds: (list, text) => `list_contains("${list}", '${text}')`,
  hole: (list) => `list_count("${list}") < len("${list}")`,
  size: (list) => `len("${list}")`,
  starts: (column, text) => `starts_with("${column}", '${text}')`,
  length: (column) => `length("${column}")`,
};

export const FAIL = 0;
export const PASS = 1;
export const UNKNOWN = 2;
export const OUT = 3;
type Step = readonly [condition: string, verdict: number];

const DAY = 86_400n * 1_000_000_000n;
const HOUR = DAY / 24n;

/** Each standard's steps, in the order of `applications()`; what passes all of them, passes. */
function steps(d: Dialect, now: bigint): readonly (readonly Step[])[] {
  const before = (hours: bigint) => now - hours * HOUR;
  const lost = (attribute: string, days: bigint) => `"${attribute}@at" < ${now - days * DAY}`;
  const known = (attribute: string, days: bigint) => `"${attribute}@at" >= ${now - days * DAY}`;
  const partial = (list: string) => `"${list}@state" = 1`;
  const either = (...conditions: readonly string[]) => conditions.map((one) => `(${one})`).join(' OR ');
  const both = (...conditions: readonly string[]) => conditions.map((one) => `(${one})`).join(' AND ');
  /** A fold that one element decides, with an attribute that is 7 days old at most. */
  const decided = (list: string, condition: string) => both(known(list, 7n), condition);
  const unsure = (list: string, ...holes: readonly string[]) =>
    either(lost(list, 7n), partial(list), ...holes);
  const disabled = (days: bigint): readonly Step[] => [
    [lost('enabled', days), UNKNOWN],
    ['NOT enabled', OUT],
  ];
  // What an approval sets stands until another takes it back: it does not age.
  const approved = `"break_glass@at" <> 0 AND break_glass`;
  const inside = (list: readonly string[], days: bigint): readonly Step[] => [
    [lost('environment', days), UNKNOWN],
    [
      list.length === 1
        ? `environment <> '${list[0]}'`
        : `environment NOT IN (${list.map((one) => `'${one}'`).join(', ')})`,
      OUT,
    ],
  ];
  const secret = d.holds('credentials/kind', 'secret');
  const kindHole = d.hole('credentials/kind');
  const noContact = `"emergency_contact@state" = 3`;
  const unconfirmed = (hours: bigint) => `"emergency_contact/confirmed_at" < ${before(hours)}`;
  const confirmedHole = `"emergency_contact/confirmed_at@state" >= 2`;
  const contactLost = lost('emergency_contact', 30n);
  const contactFails = (hours: bigint) =>
    both(
      known('emergency_contact', 30n),
      either(noContact, both(`"emergency_contact/confirmed_at@state" = 1`, unconfirmed(hours))),
    );
  return [
    [
      ...disabled(30n),
      [
        either(
          both(known('owners', 30n), `"owners@state" <> 1`, `${d.size('owners')} = 0`),
          contactFails(4320n),
        ),
        FAIL,
      ],
      [either(lost('owners', 30n), partial('owners'), contactLost, confirmedHole), UNKNOWN],
    ],
    [
      [approved, OUT],
      [lost('last_used_at', 7n), UNKNOWN],
      [`last_used_at < ${before(2160n)}`, FAIL],
      ['last_used_at IS NOT NULL', PASS],
      ['"created_at@at" = 0', UNKNOWN],
      [`created_at < ${before(720n)}`, FAIL],
    ],
    [
      [
        either(
          both(known('enabled', 7n), 'NOT enabled'),
          both(known('multi_tenant', 7n), 'NOT multi_tenant'),
        ),
        OUT,
      ],
      [either(lost('enabled', 7n), lost('multi_tenant', 7n)), UNKNOWN],
      [
        either(
          both(known('consent', 7n), `consent = 'any_tenant'`),
          decided('credentials', secret),
          both(known('instances_locked', 7n), 'NOT instances_locked'),
          decided(
            'privileges',
            d.some(
              'privileges',
              ['across_tenants', 'reviewed_at', 'reviewed_at@state'],
              `across_tenants AND (reviewed_at_state = 0 OR reviewed_at < ${before(8760n)})`,
            ),
          ),
        ),
        FAIL,
      ],
      [
        either(
          lost('consent', 7n),
          unsure('credentials', kindHole),
          lost('instances_locked', 7n),
          unsure(
            'privileges',
            d.some(
              'privileges',
              ['across_tenants', 'reviewed_at', 'reviewed_at@state'],
              `across_tenants IS NULL AND NOT (reviewed_at_state = 1 AND reviewed_at >= ${before(8760n)}) OR across_tenants AND reviewed_at_state >= 2`,
            ),
          ),
        ),
        UNKNOWN,
      ],
    ],
    [
      ...disabled(7n),
      [lost('credentials', 7n), UNKNOWN],
      [secret, FAIL],
      [either(partial('credentials'), kindHole), UNKNOWN],
    ],
    [
      [lost('credentials', 7n), UNKNOWN],
      [
        d.some(
          'credentials',
          ['kind', 'expires_at@state'],
          `expires_at_state = 0 AND kind IN ('secret', 'certificate')`,
        ),
        FAIL,
      ],
      [
        either(
          partial('credentials'),
          d.some(
            'credentials',
            ['kind', 'expires_at@state'],
            `expires_at_state <> 1 AND (kind IS NULL OR expires_at_state >= 2 AND kind IN ('secret', 'certificate'))`,
          ),
        ),
        UNKNOWN,
      ],
    ],
    [
      ...disabled(7n),
      [lost('credentials', 7n), UNKNOWN],
      [d.some('credentials', ['expires_at', 'added_at'], `expires_at - added_at > ${4320n * HOUR}`), FAIL],
      [
        either(
          partial('credentials'),
          d.some(
            'credentials',
            ['expires_at@state', 'added_at'],
            'expires_at_state >= 2 OR expires_at_state = 1 AND added_at IS NULL',
          ),
        ),
        UNKNOWN,
      ],
    ],
    [
      [lost('credentials', 7n), UNKNOWN],
      [d.some('credentials', ['expires_at'], `expires_at <= ${now}`), FAIL],
      [
        either(partial('credentials'), d.some('credentials', ['expires_at@state'], 'expires_at_state >= 2')),
        UNKNOWN,
      ],
    ],
    [
      ...inside(['production'], 7n),
      [lost('credentials', 7n), UNKNOWN],
      [d.some('credentials', ['expires_at'], `expires_at <= ${now + 720n * HOUR}`), FAIL],
      [
        either(partial('credentials'), d.some('credentials', ['expires_at@state'], 'expires_at_state >= 2')),
        UNKNOWN,
      ],
    ],
    [
      [either(lost('credentials', 7n), partial('credentials')), UNKNOWN],
      [`${d.size('credentials/id@state')} > 2`, FAIL],
    ],
    [
      ...disabled(7n),
      [lost('credentials', 7n), UNKNOWN],
      [
        d.some('credentials', ['kind', 'added_at'], `kind <> 'managed' AND added_at < ${before(8760n)}`),
        FAIL,
      ],
      [
        either(
          partial('credentials'),
          d.some(
            'credentials',
            ['kind', 'added_at'],
            `kind IS NULL AND (added_at IS NULL OR added_at < ${before(8760n)}) OR added_at IS NULL AND kind <> 'managed'`,
          ),
        ),
        UNKNOWN,
      ],
    ],
    [
      [
        either(
          both(known('enabled', 7n), 'NOT enabled'),
          both(known('environment', 7n), `environment NOT IN ('production', 'government')`),
        ),
        OUT,
      ],
      [either(lost('enabled', 7n), lost('environment', 7n), lost('credentials', 7n)), UNKNOWN],
      [either(d.holds('credentials/kind', 'managed'), d.holds('credentials/kind', 'federated')), PASS],
      [either(partial('credentials'), kindHole), UNKNOWN],
      ['true', FAIL],
    ],
    [
      [either(lost('owners', 30n), partial('owners')), UNKNOWN],
      [`${d.size('owners')} < 2`, FAIL],
    ],
    [
      [lost('owners', 30n), UNKNOWN],
      [d.holds('owners', 'unassigned'), FAIL],
      [partial('owners'), UNKNOWN],
    ],
    [
      [contactLost, UNKNOWN],
      [noContact, FAIL],
    ],
    [
      ...inside(['production', 'government'], 30n),
      [contactLost, UNKNOWN],
      [noContact, FAIL],
      [confirmedHole, UNKNOWN],
      [unconfirmed(2160n), FAIL],
    ],
    [
      [contactLost, UNKNOWN],
      [noContact, PASS],
      ['"emergency_contact/reach@state" >= 2', UNKNOWN],
      [`NOT ${d.starts('emergency_contact/reach', 'rota-')}`, FAIL],
    ],
    [
      [lost('multi_tenant', 7n), UNKNOWN],
      ['NOT multi_tenant', OUT],
      [lost('consent', 7n), UNKNOWN],
      [`consent <> 'own_tenant'`, FAIL],
    ],
    [
      [
        either(
          both(known('multi_tenant', 7n), 'NOT multi_tenant'),
          both(known('consent', 7n), `consent <> 'any_tenant'`),
        ),
        PASS,
      ],
      [either(lost('multi_tenant', 7n), lost('consent', 7n)), UNKNOWN],
      ['true', FAIL],
    ],
    [
      [
        either(
          both(known('multi_tenant', 7n), 'NOT multi_tenant'),
          both(known('instances_locked', 7n), 'instances_locked'),
        ),
        PASS,
      ],
      [either(lost('multi_tenant', 7n), lost('instances_locked', 7n)), UNKNOWN],
      ['true', FAIL],
    ],
    [
      ...disabled(7n),
      [lost('privileges', 7n), UNKNOWN],
      [
        d.some(
          'privileges',
          ['reviewed_at', 'reviewed_at@state'],
          `reviewed_at_state = 0 OR reviewed_at < ${before(4320n)}`,
        ),
        FAIL,
      ],
      [
        either(partial('privileges'), d.some('privileges', ['reviewed_at@state'], 'reviewed_at_state >= 2')),
        UNKNOWN,
      ],
    ],
    [
      [lost('privileges', 7n), UNKNOWN],
      [
        either(
          ...['Directory.ReadWrite.All', 'Mail.ReadWrite.All', 'Role.Assign.All'].map((one) =>
            d.holds('privileges/permission', one),
          ),
        ),
        FAIL,
      ],
      [either(partial('privileges'), d.hole('privileges/permission')), UNKNOWN],
    ],
    [
      [lost('privileges', 7n), UNKNOWN],
      [d.some('privileges', ['permission'], `permission LIKE '%.ReadWrite.All'`), FAIL],
      [either(partial('privileges'), d.hole('privileges/permission')), UNKNOWN],
    ],
    [
      [either(lost('privileges', 7n), partial('privileges')), UNKNOWN],
      [`${d.size('privileges/id@state')} > 3`, FAIL],
    ],
    [
      [lost('privileges', 7n), UNKNOWN],
      [d.holds('privileges/across_tenants', 'true').replace("'true'", 'true'), FAIL],
      [either(partial('privileges'), d.hole('privileges/across_tenants')), UNKNOWN],
    ],
    [
      ...inside(['government'], 7n),
      [
        either(
          both(known('enabled', 7n), 'NOT enabled'),
          both(known('multi_tenant', 7n), 'multi_tenant'),
          decided('credentials', either(secret, d.holds('credentials/kind', 'federated'))),
        ),
        FAIL,
      ],
      [either(lost('enabled', 7n), lost('multi_tenant', 7n), unsure('credentials', kindHole)), UNKNOWN],
    ],
    [
      [lost('enabled', 7n), UNKNOWN],
      ['enabled', OUT],
      [either(approved, both('"created_at@at" <> 0', `created_at >= ${before(8760n)}`)), PASS],
      ['"created_at@at" = 0', UNKNOWN],
      ['true', FAIL],
    ],
    [
      [`NOT (${approved})`, OUT],
      [lost('last_used_at', 1n), UNKNOWN],
      [`last_used_at > ${before(168n)}`, FAIL],
    ],
    [
      ...inside(['development', 'test'], 7n),
      [
        either(
          both(known('multi_tenant', 7n), 'multi_tenant'),
          both(known('privileges', 7n), `"privileges@state" <> 1`, `${d.size('privileges/id@state')} > 0`),
        ),
        FAIL,
      ],
      [either(lost('multi_tenant', 7n), unsure('privileges')), UNKNOWN],
    ],
    [
      [
        either(
          both(known('environment', 1n), `environment <> 'production'`),
          both(known('enabled', 1n), 'NOT enabled'),
        ),
        OUT,
      ],
      [either(lost('environment', 1n), lost('enabled', 1n), lost('last_used_at', 1n)), UNKNOWN],
      [`last_used_at < ${before(720n)}`, FAIL],
      ['last_used_at IS NOT NULL', PASS],
      ['"created_at@at" = 0', UNKNOWN],
      [`created_at < ${before(720n)}`, FAIL],
    ],
    [
      [
        either(
          both('"directory@at" <> 0', `directory NOT IN ('main', 'partners', 'labs')`),
          both('"client_id@at" <> 0', `${d.length('client_id')} <> 36`),
        ),
        FAIL,
      ],
      [either('"directory@at" = 0', '"client_id@at" = 0'), UNKNOWN],
    ],
  ];
}

/** Columns `s0` … with the verdicts' codes. */
export function verdicts(
  dialect: Dialect,
  now: Date,
  write: (steps: readonly Step[]) => string,
): readonly string[] {
  return steps(dialect, BigInt(now.getTime()) * 1_000_000n).map((own, at) => `${write(own)} AS s${at}`);
}

export const multiIf = (own: readonly Step[]): string =>
  `multiIf(${own.map(([condition, verdict]) => `${condition}, ${verdict}`).join(', ')}, ${PASS})`;

export const caseWhen = (own: readonly Step[]): string =>
  `CASE ${own.map(([condition, verdict]) => `WHEN ${condition} THEN ${verdict}`).join(' ')} ELSE ${PASS} END::UTINYINT`;
