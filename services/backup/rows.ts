/** Rows of decisions out of the parts of a backup: a line each, which may go on in the next part of its table. */
import { BackupError, type Part } from './archive.ts';

export interface RowLines {
  /** The table whose rows a part has; null of a part with anything else. Rows that end in it. Throws `BackupError`. */
  take(part: Part): { readonly table: string; readonly rows: readonly string[] } | null;
  /** Throws `BackupError` where a row has begun and not ended. */
  end(): void;
}

export function rowLines(path: string): RowLines {
  let table = '';
  let begun: Uint8Array[] = [];
  const end = () => {
    if (begun.length > 0) throw new BackupError(`${path} is damaged: a row of ${table} breaks off`);
  };
  return {
    take: ({ name, bytes }) => {
      const [, own] = /^decisions\/([^/]+)\//.exec(name) ?? [];
      if (own !== table) end();
      if (own === undefined) return null;
      table = own;
      const last = bytes.lastIndexOf(10);
      if (last < 0) {
        begun.push(bytes);
        return { table, rows: [] };
      }
      const text = Buffer.concat([...begun, bytes.subarray(0, last)]).toString('utf8');
      begun = last + 1 < bytes.length ? [bytes.subarray(last + 1)] : [];
      return { table, rows: text.split('\n').map((line) => rowIn(line, path, name)) };
    },
    end,
  };
}

function rowIn(line: string, path: string, name: string): string {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (cause) {
    throw new BackupError(`${path} is damaged: ${name} has a line that is not a row`, { cause });
  }
  if (typeof row === 'string') return row;
  throw new BackupError(`${path} is damaged: ${name} has a line that is not a row`);
}
