/** A `mapping.json` that says what the columns of tables mean, as the company writes it, and the tables that it describes. */
import type { Statement } from '@macadam/core/facts/observation';
import type { z } from 'zod';
import type { ExportFile } from './answer.ts';
import type { ExportRequest, ExportScope, Mistakes } from './export.ts';
import { type ListingGap, listingGap } from './listing.ts';
import { scopeOf } from './reading.ts';
import { type Item, unobserved } from './statement.ts';
import { nothingUnder, tableOf } from './table.ts';

export const MAPPING = 'mapping.json';

export const refused = (file: string, reason: string): Mistakes => ({ mistakes: [{ file, reason }] });

/**
 * The mapping, with the directory that it names; or why there is none, and what to do. `source` is the page of docs/sources/ that
 * describes it.
 */
export function mappedIn<S extends z.ZodType>(
  request: ExportRequest,
  source: string,
  schema: S,
  directoryIn: (mapping: z.output<S>) => string,
): { readonly mapping: z.output<S>; readonly scope: ExportScope } | Mistakes {
  const described = `docs/sources/${source}.md says what it holds`;
  const file = fileOf(request, MAPPING);
  if (file === undefined) return refused(request.folder, `holds no ${MAPPING}; ${described}`);
  let json: unknown;
  try {
    json = JSON.parse(
      Buffer.from(file.bytes)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    );
  } catch {
    return refused(request.folder, `has a ${MAPPING} that is not whole JSON; write it again`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refused(
      request.folder,
      `has a ${MAPPING} with a mistake at \`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? ''}; ${described}`,
    );
  }
  const mapping = parsed.data;
  const directory = directoryIn(mapping);
  const named = scopeOf(source, request, [{ id: directory, name: directory }], '');
  return 'mistakes' in named ? named : { mapping, scope: named.scope };
}

export const fileOf = ({ files }: ExportRequest, path: string): ExportFile | undefined =>
  files.find((file) => file.path === path);

/** The rows of a table that has these columns; or why it cannot be read by its mapping. */
export function rowsOf(
  request: ExportRequest,
  path: string,
  named: readonly (string | undefined)[],
): { readonly rows: readonly Item[] } | Mistakes {
  const file = fileOf(request, path);
  if (file === undefined) return refused(request.folder, `holds no ${path}; save the table under that name`);
  const table = tableOf(file);
  if ('why' in table) return refused(path, table.why);
  const missing = columnMissing(path, table.columns, named);
  return missing === null ? { rows: table.rows } : refused(request.folder, missing);
}

/** Why a table cannot be read by its mapping: the first column that it does not have. Null where all are there. */
export function columnMissing(
  table: string,
  columns: readonly string[],
  named: readonly (string | undefined)[],
): string | null {
  const missing = named.find((column) => column !== undefined && !columns.includes(column));
  return missing === undefined
    ? null
    : `${MAPPING} names the column \`${missing}\`, and ${table} has ${columns.join(', ')}; correct the mapping`;
}

/** What is said of files that no reader asked for; `used` in the order in which people know them. */
export function unusedIn(files: readonly ExportFile[], ...used: readonly string[]): readonly string[] {
  const read = `${used.slice(0, -1).join(', ')} and ${used.at(-1)}`;
  return files
    .filter(({ path }) => !used.includes(path))
    .map(({ path }) => `${path} is not used: only ${read} are read`);
}

/** Rows by what they are of, one each: one that does not say it, and a second one, keep the list from being whole. */
export function rowsBy(
  rows: readonly Item[],
  /** What tells rows apart, together. */
  columns: readonly string[],
  /** What is said of a second row. */
  twice: (id: string, item: Item) => string,
): { readonly items: ReadonlyMap<string, Item>; readonly gaps: ListingGap[] } {
  const items = new Map<string, Item>();
  const gaps: ListingGap[] = [];
  for (const item of rows) {
    const empty = columns.find((column) => typeof item.record[column] !== 'string');
    const id = columns.map((column) => item.record[column]).join(', ');
    if (empty !== undefined) gaps.push(emptyCell(item, empty));
    else if (items.has(id)) gaps.push(listingGap('answers-disagree', 'disputed', twice(id, item)));
    else items.set(id, item);
  }
  return { items, gaps };
}

export const emptyCell = (item: Item, column: string): ListingGap =>
  listingGap('id-missing', 'incomplete', nothingUnder(item, column));

export interface Meaning {
  readonly value: string | boolean;
  /** What a cell holds that means it. */
  readonly names: readonly string[] | undefined;
}

export const yesOrNo = (given: {
  readonly yes?: readonly string[] | undefined;
  readonly no?: readonly string[] | undefined;
}): readonly Meaning[] => [
  { value: true, names: given.yes },
  { value: false, names: given.no },
];

export const oneOf = <const Name extends string>(
  given: Readonly<Partial<Record<Name, readonly string[] | undefined>>>,
  values: readonly Name[],
): readonly Meaning[] => values.map((value) => ({ value, names: given[value] }));

/** What the mapping says that a cell means. `under`: where it says so. */
export function meantBy(item: Item, column: string, meanings: readonly Meaning[], under: string): Statement {
  const cell = item.record[column];
  if (typeof cell !== 'string') return unobserved(nothingUnder(item, column));
  const [found, ...others] = meanings.filter(({ names }) => names?.includes(cell));
  return found !== undefined && others.length === 0
    ? { value: found.value }
    : unobserved(
        `${MAPPING} does not say plainly what \`${cell.slice(0, 40)}\` under \`${column}\` means; name it once under \`${under}\``,
      );
}
