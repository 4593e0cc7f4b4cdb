/** Rows for people: one line each, in columns that fit the terminal; whole where nobody looks at a terminal. */
import { styleText } from 'node:util';
import { clip, columns, fit, visible } from '@macadam/adapters/report-formats/text';
import { EXIT } from '../exit.ts';
import { type Listed, type Query, type ServerOptions, serverFor } from '../server.ts';
import { deliverAnswer, UsageError } from '../terminal.ts';

export interface ListingOptions extends ServerOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly limit?: string;
}

export interface Column<T> {
  readonly title: string;
  readonly of: (row: T) => string;
}

/** How many rows a person is shown who does not say. */
const SHOWN = 100;

/** Prints a list of the server: every row as CSV or JSON, else the first ones as a table. */
export async function printList<T>({
  path,
  query,
  options,
  columns: shown,
  what,
}: {
  readonly path: string;
  readonly query: Query;
  readonly options: ListingOptions;
  readonly columns: readonly Column<T>[];
  readonly what: string;
}): Promise<number> {
  const server = serverFor(options);
  if (options.csv && options.json) throw new UsageError('--csv and --json exclude each other: choose one');
  if (options.csv) {
    if (options.limit !== undefined) throw new UsageError('--csv gives every row; leave out --limit');
    for await (const part of server.csv(path, query)) await written(part);
    return EXIT.ok;
  }
  const most = mostOf(options);
  const listed = await server.list<T>(path, query, most);
  deliverAnswer(options, listed, tableText(listed, shown, what, process.stdout.columns));
  return EXIT.ok;
}

function mostOf({ limit, json }: ListingOptions): number {
  if (limit === undefined) return json ? Number.POSITIVE_INFINITY : SHOWN;
  const most = Number(limit);
  if (Number.isSafeInteger(most) && most > 0) return most;
  throw new UsageError(`--limit: \`${visible(limit)}\` is not a number of rows; give one from 1`);
}

const written = (part: Uint8Array) =>
  new Promise<void>((resolve, reject) =>
    process.stdout.write(part, (error) => (error ? reject(error) : resolve())),
  );

/** `width`: columns of the terminal; left out: nothing is cut. */
export function tableText<T>(
  { items, more }: Listed<T>,
  shown: readonly Column<T>[],
  what: string,
  width?: number,
): string {
  if (items.length === 0) return `no ${what}`;
  const rows = [
    shown.map(({ title }) => title),
    ...items.map((row) => shown.map(({ of }) => visible(of(row)))),
  ];
  const widths = shown.map((_, at) => Math.max(...rows.map((cells) => columns(cells[at] ?? ''))));
  const [head = '', ...lines] = rows.map((cells) => {
    const line = cells
      .map((text, at) => fit(text, widths[at] ?? 0))
      .join('  ')
      .trimEnd();
    return width === undefined ? line : clip(line, width);
  });
  const rest = more ? [`the first ${items.length}; --limit shows more, --csv and --json all`] : [];
  return [styleText('bold', head), ...lines, ...rest].join('\n');
}

/** Lines of one record: a name, and what it is. */
export function recordText(title: string, rows: readonly (readonly [name: string, said: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, said]) => `  ${name.padEnd(width)}  ${visible(said)}`);
  return [styleText('bold', visible(title)), ...lines].join('\n');
}

/** A day, and how far away it is. */
export function dayText(day: string, today: string): string {
  const days = Math.round((Date.parse(day) - Date.parse(today)) / 86_400_000);
  if (Number.isNaN(days)) return day;
  if (days === 0) return `${day}, today`;
  return days > 0 ? `${day}, in ${counted(days, 'day')}` : `${day}, ${counted(-days, 'day')} ago`;
}

export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** As the server counts days. */
export const utcToday = (): string => new Date().toISOString().slice(0, 10);
