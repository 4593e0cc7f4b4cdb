/**
 * Every row of the decisions as text, at one moment, and back into an empty store. A row is what PostgreSQL itself writes
 * for a composite value, so nothing is lost on the way: no type of a column is known here.
 */
import { DecisionsError } from '../port.ts';
import type { OwnerSession } from './visit.ts';

export interface DecisionsShape {
  /** Migrations that ran, in order. */
  readonly migrations: readonly { readonly name: string; readonly digest: string }[];
  /** Columns that are not computed, in order, by table. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** Where counters stand. */
  readonly sequences: Readonly<Record<string, { readonly value: number; readonly called: boolean }>>;
}

const PAGE = 2000;
const name = (text: string) => `"${text.replaceAll('"', '""')}"`;
const at = (table: string) => `macadam.${name(table)}`;

/** The session must be of one moment (`repeatable read`). */
export async function shapeOf(session: OwnerSession): Promise<DecisionsShape> {
  const { rows: migrations } = await session.query(
    'select name, digest from macadam.migration order by name',
  );
  const { rows: columns } = await session.query<{ table: string; column: string }>(
    `select c.relname as table, a.attname as column from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'macadam'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
       and not a.attisdropped and a.attgenerated = '' order by c.relname, a.attnum`,
  );
  const { rows: names } = await session.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'macadam'::regnamespace and relkind = 'S' order by 1`,
  );
  const sequences: Record<string, { value: number; called: boolean }> = {};
  for (const { name: sequence } of names) {
    const { rows } = await session.query(`select last_value, is_called from ${at(sequence)}`);
    sequences[sequence] = { value: rows[0].last_value, called: rows[0].is_called };
  }
  const byTable = Map.groupBy(columns, ({ table }) => table);
  const tables = [...byTable].map(([table, own]) => [table, own.map(({ column }) => column)]);
  return { migrations, tables: Object.fromEntries(tables), sequences };
}

/** All rows of a table, so many at a time. In a transaction. */
export async function* rowsIn(session: OwnerSession, table: string): AsyncGenerator<readonly string[]> {
  await session.query(
    `declare copied no scroll cursor for select "the row"::text as row from ${at(table)} "the row"`,
  );
  for (;;) {
    const { rows } = await session.query<{ row: string }>(`fetch ${PAGE} from copied`);
    if (rows.length > 0) yield rows.map(({ row }) => row);
    if (rows.length < PAGE) break;
  }
  await session.query('close copied');
}

/**
 * Replaces everything in a store whose migrations are those of the shape, as one transaction of the session's owner. The rules
 * that watch how rows change are off meanwhile, for these rows have passed them, and so are those that older rows need not
 * keep (`not valid`); references are checked again at the end. `then` changes what was put back, in the same transaction, where
 * the rules that watch are on again; what they put off it has to let them see.
 */
export async function replaceRows<T>(
  session: OwnerSession,
  shape: DecisionsShape,
  rows: AsyncIterable<{ readonly table: string; readonly rows: readonly string[] }>,
  then: () => Promise<T>,
): Promise<T> {
  await session.query('begin');
  try {
    const found = await shapeOf(session);
    const differs = Object.keys({ ...found.tables, ...shape.tables }).find(
      (table) => String(found.tables[table]) !== String(shape.tables[table]),
    );
    if (differs !== undefined)
      throw new DecisionsError('damaged', `table ${differs} has other columns here than in the backup`);
    const { rows: references } = await session.query<{ table: string; name: string; text: string }>(
      `select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as text from pg_constraint
       where connamespace = 'macadam'::regnamespace and conparentid = 0
         and (contype = 'f' or contype = 'c' and not convalidated) order by 1, 2`,
    );
    for (const one of references)
      await session.query(`alter table ${one.table} drop constraint ${name(one.name)}`);
    const tables = Object.keys(shape.tables);
    for (const table of tables) {
      await session.query(`alter table ${at(table)} disable trigger user`);
      await session.query(`delete from ${at(table)}`);
    }
    for await (const { table, rows: texts } of rows) {
      const columns = (shape.tables[table] ?? []).map(name);
      await session.query(
        `insert into ${at(table)} (${columns}) overriding system value
         select ${columns.map((column) => `(one.row).${column}`)}
         from (select text::${at(table)} as row from unnest($1::text[]) text offset 0) one`,
        [texts],
      );
    }
    for (const table of tables) await session.query(`alter table ${at(table)} enable trigger user`);
    for (const [sequence, { value, called }] of Object.entries(shape.sequences))
      await session.query('select setval($1::regclass, $2, $3)', [at(sequence), value, called]);
    const given = await then();
    for (const { table, name: own, text } of references)
      await session.query(`alter table ${table} add constraint ${name(own)} ${text}`);
    await session.query('commit');
    return given;
  } catch (error) {
    await session.query('rollback').catch(() => {});
    throw error;
  }
}
