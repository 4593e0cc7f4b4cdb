/** Tables of an inventory, with what their columns mean, as one collection. */
import {
  type ExportRead,
  type ExportRequest,
  type ExportScope,
  type Listed,
  observationOf,
} from '../export.ts';
import { MAPPING, mappedIn, refused, rowsBy, rowsOf, unusedIn } from '../mapping.ts';
import { readOf } from '../reading.ts';
import type { Item } from '../statement.ts';
import { DISCOVERED } from './description.ts';
import { discoveredIn, withDiscovered } from './discovery.ts';
import { mappingSchema, type Table, tablesOf } from './tables.ts';

export function readCmdb(request: ExportRequest): ExportRead {
  const read = mappedIn(request, 'cmdb', mappingSchema, ({ catalogue }) => catalogue);
  if ('mistakes' in read) return read;
  const { mapping, scope } = read;
  const asked = mapping.network_devices?.discovered;
  const seen = discoveredIn(request, asked);
  if ('mistakes' in seen) return seen;
  const { discovered } = seen;
  const tables = tablesOf(mapping, discovered);
  if (tables.length === 0)
    return refused(
      request.folder,
      `has a ${MAPPING} that describes no table; docs/sources/cmdb.md says what it holds`,
    );
  const listed: Listed[] = [];
  for (const table of tables) {
    const found = rowsOf(request, table.file, table.columns);
    if ('mistakes' in found) return found;
    const one = listedIn(scope, table, found.rows);
    listed.push(table.kind === 'network-device' ? withDiscovered(scope, one, discovered, asked) : one);
  }
  const used = [MAPPING, ...(asked === undefined ? [] : [DISCOVERED]), ...tables.map(({ file }) => file)];
  return readOf({ scope, listed, notes: unusedIn(request.files, ...used.toSorted()) });
}

function listedIn(scope: ExportScope, table: Table, rows: readonly Item[]): Listed {
  const { items, gaps } = rowsBy(
    rows,
    table.key,
    (id, { file }) => `${id} is in ${file} once more; keep one row for each ${table.kind}`,
  );
  const observations = [...items].map(([id, item]) => {
    const key = table.key.map((name) => String(item.record[name]));
    const called = table.name === undefined ? undefined : item.record[table.name];
    // Somebody wrote it down; no system enforces it.
    return observationOf(scope, {
      kind: table.kind,
      key: table.isOwn ? [scope.directory, ...key] : key,
      name: typeof called === 'string' ? called : id,
      attributes: table.attributes(item, key, rows),
      assurance: 'attested',
    });
  });
  return { kind: table.kind, observations, gaps };
}
