/** Tables of others (CSV): rows by the names of their columns. */
import { utf8Text } from '../../facts/utf8.ts';
import { csvRows } from '../organisation/csv.ts';
import type { ExportFile } from './answer.ts';
import type { Item } from './statement.ts';

/** Rows as records of texts, in which an empty cell is left out; or why the file is no table. */
export function tableOf({
  path,
  bytes,
}: ExportFile):
  | { readonly columns: readonly string[]; readonly rows: readonly Item[] }
  | { readonly why: string } {
  const text = utf8Text(Buffer.from(bytes));
  if (typeof text !== 'string') return { why: 'is not UTF-8; save it as UTF-8' };
  const rows = csvRows(text);
  if ('openedAt' in rows)
    return { why: `has a quote in line ${rows.openedAt} that does not end; save it again` };
  const [head, ...rest] = rows;
  if (head === undefined) return { why: 'is empty; save it again' };
  const columns = head.cells;
  const items = rest.map(
    ({ line, cells }): Item => ({
      record: Object.fromEntries(
        columns.flatMap((name, index) => {
          const cell = cells[index] ?? '';
          return name === '' || cell === '' ? [] : [[name, cell] as const];
        }),
      ),
      file: `${path}:${line}`,
    }),
  );
  return { columns, rows: items };
}
