/** A model's attributes as the columns of its kind's table (`adapters/facts/layout.ts`), computed by the engine. */

import { FIELD, STATE } from '@macadam/adapters/facts/columns';
import { type AttributePlace, columnsOf, layoutOf, type Place } from '@macadam/adapters/facts/layout';
import { quotedText as text } from '@macadam/adapters/facts/sql/text';
import { ASSURANCES, CAUSES } from '@macadam/core/facts/observation';
import type { AttributeDefinition, Kind } from '@macadam/core/kinds/kind';
import type { Calendar } from './calendar.ts';
import { EACH, type Model, type Said } from './model.ts';
import { DIVISIONS, REORGANISED, reorganisedAt, teamsIn } from './organisation.ts';
import { SEEN, SEEN_AT, termsOf } from './terms.ts';

export type Columns = readonly (readonly [name: string, sql: string])[];

/**
 * Everything of a row but `@known`, over the columns of `life.ts`. `whole`: also what nothing but the row itself shows
 * (why something is unobserved, a value that stands where nobody looked), which a judgement never reads.
 */
export function rowColumns(kind: Kind, model: Model, calendar: Calendar, whole: boolean): Columns {
  const terms = termsOf(calendar, kind.kind);
  const modelled: Readonly<Record<string, Said>> = {
    owners: `if(\`@team\` = ${NO_TEAM}, CAST([], 'Array(String)'), [${teamName('`@team`')}])`,
    ...model.attributes(terms),
  };
  // Nobody but an approval sets some, and no source of this company gives one: facts would lose what the history judged by.
  const said = Object.fromEntries(
    Object.entries(modelled).filter(([name]) => kind.attributes[name]?.set_by !== 'approval'),
  );
  const columns = new Map<string, string>();
  const whys: Record<number, [string, string][]> = { 0: [], 1: [], 2: [] };
  for (const place of layoutOf(kind)) {
    const number = !Object.hasOwn(said, place.name) ? 0 : model.aside?.includes(place.name) ? 2 : 1;
    whys[number]?.push([place.path, whyUnobserved(place.definition)]);
    const one = said[place.name];
    const own = one === undefined ? unsaid(place) : attribute({ place, said: one, number, model, whole });
    const at = seenAt(calendar);
    for (const [name, sql] of own) {
      columns.set(name, sql.replaceAll(SEEN_AT, at).replaceAll(SEEN, `\`@seen${number}\``));
    }
  }
  // As the model says it, whatever a source has seen: who something is does not hang on who looked.
  const key = kind.key
    .map((name) => {
      const one = said[name];
      if (typeof one !== 'string')
        throw new TypeError(`${kind.kind}: a model has to say \`${name}\` by an expression`);
      const sql = one.replaceAll(SEEN_AT, seenAt(calendar)).replaceAll(SEEN, '`@seen1`');
      return `, '/', ifNull(CAST(${sql}, 'Nullable(String)'), '')`;
    })
    .join('');
  columns.set('@id', `concat(${text(kind.kind)}${key})`);
  columns.set('@name', `concat('simulated ${kind.kind.replaceAll('-', ' ')} ', toString(nr))`);
  columns.set('@path', "CAST(NULL, 'Nullable(String)')");
  columns.set('@line', "CAST(NULL, 'Nullable(Int64)')");
  columns.set('@outside', 'toUInt8(0)');
  columns.set('@held', "''");
  columns.set('@whys', whole ? whysOf(whys) : 'map()');
  return columnsOf(kind).map(({ name }) => [name, columns.get(name) ?? 'NULL'] as const);
}

/** Nanoseconds of the tick at which a source saw the asset last. */
function seenAt(calendar: Calendar): string {
  const first = BigInt(calendar.tickAt(0).getTime()) * 1_000_000n;
  const step = BigInt(calendar.size.every) * 86_400_000_000_000n;
  return `(toInt64(${first}) + toInt64(${step}) * ${SEEN})`;
}

/** Stands for no team at all. */
export const NO_TEAM = 65_535;

/**
 * The number of its team: a thousand times the division's and the team's own. Where teams are merged, the one that goes
 * on. Nobody's are a few, and whatever has an owner that no source has said.
 */
export function teamNumber(calendar: Calendar, kind: string): string {
  const { dice } = termsOf(calendar, 'owner');
  const owned = termsOf(calendar, kind).chance('owned', 0.96);
  const sizes = DIVISIONS.map((_, index) => teamsIn(calendar.size, index));
  // Some teams have ten times what others have.
  const draw = `pow(${dice('team')} % 1000003 / 1000003, 2)`;
  const number = `toUInt16(floor(${draw} * [${sizes.join()}][\`@division\` + 1]))`;
  const merged = `\`@division\` IN (${REORGANISED.join()}) AND ${number} % 5 = 1 AND ${SEEN} >= ${reorganisedAt(calendar.ticks)}`;
  const team = `toUInt16(\`@division\` * 1000 + ${number} - if(${merged}, 1, 0))`;
  return `if(${SEEN} >= 0 AND ${owned}, ${team}, toUInt16(${NO_TEAM}))`.replaceAll(SEEN, '`@seen1`');
}

/** The name of a team by its number. */
export function teamName(number: string): string {
  const names = `[${DIVISIONS.map(({ id }) => text(id)).join()}]`;
  return `concat(${names}[intDiv(${number}, 1000) + 1], '-', leftPad(toString(${number} % 1000), 3, '0'))`;
}

const whyUnobserved = ({ remedy }: AttributeDefinition) =>
  `no source of this run looks at it${remedy ? `; ${remedy}` : ''}`;

function whysOf(whys: Readonly<Record<number, readonly (readonly [string, string])[]>>): string {
  const some = (number: number) => {
    const entries = whys[number] ?? [];
    return `CAST((${`[${entries.map(([path]) => text(path)).join()}]`}, ${`[${entries.map(([, why]) => text(why)).join()}]`}), 'Map(String, String)')`;
  };
  const none = "CAST(map(), 'Map(String, String)')";
  const parts = [some(0)];
  for (const number of [1, 2]) {
    if (whys[number]?.length) parts.push(`if(\`@seen${number}\` >= 0, ${none}, ${some(number)})`);
  }
  return `mapConcat(${parts.join(', ')})`;
}

function unsaid(place: AttributePlace): Columns {
  return [
    [`${place.column}@at`, 'toInt64(0)'],
    [`${place.column}@cause`, `toUInt8(${CAUSES.indexOf('unobserved') + 1})`],
    [`${place.column}@source`, "''"],
    [`${place.column}@assurance`, 'toUInt8(0)'],
    ...(place.shape === 'scalar' ? [] : ([[`${place.column}@state`, `toUInt8(${STATE.none})`]] as const)),
    ...empty(place, false),
  ];
}

/** What stands in the columns of values where there is none. */
function empty(place: Place, inside: boolean): [string, string][] {
  const own = valueColumn(place, inside) ? [[place.column, zero(place, inside)] as [string, string]] : [];
  return [
    ...own,
    ...place.fields.flatMap((field) => {
      const array = inside || place.shape === 'records';
      const state: [string, string] = [
        `${field.column}@state`,
        array ? "CAST([], 'Array(UInt8)')" : `toUInt8(${FIELD.absent})`,
      ];
      return [state, ...empty(field, array)];
    }),
  ];
}

interface AttributeInput {
  readonly place: AttributePlace;
  readonly said: Said;
  readonly number: number;
  readonly model: Model;
  readonly whole: boolean;
}

function attribute({ place, said, number, model, whole }: AttributeInput): Columns {
  const { column, shape, definition } = place;
  const observed = `\`@seen${number}\` >= 0`;
  const source = model.sources[number - 1] ?? model.sources[0];
  const assurance = Math.max(ASSURANCES.indexOf(definition.assurance), ASSURANCES.indexOf('configured')) + 1;
  const values = valuesOf(place, said);
  const blank = new Map(empty(place, false));
  const shown = whole
    ? values.map(([name, sql]) => [name, `if(${observed}, ${sql}, ${blank.get(name) ?? 'NULL'})`] as const)
    : values;
  const there = typeof said === 'object' && 'there' in said && said.there ? said.there : 'true';
  const state: Columns =
    shape === 'scalar'
      ? []
      : [
          [
            `${column}@state`,
            `toUInt8(multiIf(NOT (${observed}), ${STATE.none}, ${there}, ${STATE.complete}, ${STATE.absent}))`,
          ],
        ];
  return [
    [`${column}@at`, `if(${observed}, ${SEEN_AT}, toInt64(0))`],
    [`${column}@cause`, `toUInt8(if(${observed}, 0, ${CAUSES.indexOf('unobserved') + 1}))`],
    [`${column}@source`, `if(${observed}, ${text(source)}, '')`],
    [`${column}@assurance`, `toUInt8(if(${observed}, ${assurance}, 0))`],
    ...state,
    ...shown,
  ];
}

function valuesOf(place: Place, said: Said): Columns {
  const { column, shape, fields } = place;
  if (typeof said === 'string') {
    if (shape !== 'scalar' && shape !== 'list')
      throw new TypeError(`${column} is a ${shape}, and no expression`);
    return [[column, `CAST(${said}, ${text(valueColumn(place, false) ?? '')})`]];
  }
  if ('each' in said) {
    if (shape !== 'records') throw new TypeError(`${column} is a ${shape}, and has no elements`);
    const lists = (sql: string) => `arrayMap(${EACH} -> ${sql}, range(toUInt32(${said.size})))`;
    return fields.flatMap((field) => {
      // What may be missing and is not said is missing.
      const value = said.each[field.name] ?? (field.optional ? 'NULL' : undefined);
      const type = valueColumn(field, true);
      if (value === undefined || !type) throw new TypeError(`${field.path}: a model has to say it`);
      const inner = type.slice('Array('.length, -1);
      const state = field.optional
        ? `if(isNull(${value}), ${FIELD.absent}, ${FIELD.value})`
        : String(FIELD.value);
      return [
        [field.column, `CAST(${lists(`CAST(${value}, ${text(inner)})`)}, ${text(type)})`],
        [`${field.column}@state`, `CAST(${lists(state)}, 'Array(UInt8)')`],
      ] as const;
    });
  }
  if (shape !== 'record') throw new TypeError(`${column} is a ${shape}, and has no fields`);
  const there = said.there ?? 'true';
  return fields.flatMap((field) => {
    const value = said.fields[field.name];
    if (value === undefined) throw new TypeError(`${field.path}: a model has to say it`);
    const present =
      field.optional && typeof value === 'string' ? `(${there}) AND isNotNull(${value})` : there;
    const blank = new Map(empty(field, false));
    const own = valuesOf(field, value).map(
      ([name, sql]) => [name, `if(${there}, ${sql}, ${blank.get(name) ?? 'NULL'})`] as const,
    );
    return [
      ...own,
      [`${field.column}@state`, `toUInt8(if(${present}, ${FIELD.value}, ${FIELD.absent}))`] as const,
    ];
  });
}

/** ClickHouse's type of a column of values; an enum is text here, which costs an expression less. */
function valueColumn(place: Place, inside: boolean): string | null {
  const { shape, type } = place;
  const plain = (name: string) =>
    ({ bool: 'Bool', int: 'Int64', timestamp: 'Int64', duration: 'Int64', double: 'Float64' })[name] ??
    'String';
  const wrap = (text: string) => (inside ? `Array(${text})` : text);
  if (shape === 'scalar') return wrap(`Nullable(${plain(type.name)})`);
  if (shape === 'list' && type.name === 'list') return wrap(`Array(${plain(type.of.name)})`);
  if (shape === 'map' && type.name === 'map') return `Map(String, ${plain(type.of.name)})`;
  if (shape === 'map' || shape === 'opaque')
    throw new TypeError(`${place.path}: a ${shape} cannot be simulated`);
  return null;
}

function zero(place: Place, inside: boolean): string {
  const type = valueColumn(place, inside) ?? '';
  if (place.shape === 'map') return `CAST(map(), ${text(type)})`;
  return inside || place.shape === 'list' ? `CAST([], ${text(type)})` : `CAST(NULL, ${text(type)})`;
}
