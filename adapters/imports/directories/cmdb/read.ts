/** Tables of an inventory, with what their columns mean, as one collection. */
import type { Observation } from '@macadam/core/facts/observation';
import type { ExportFile } from '../answer.ts';
import {
  type ExportRead,
  type ExportRequest,
  type ExportScope,
  type Listed,
  observationOf,
} from '../export.ts';
import type { ListingGap } from '../listing.ts';
import { columnMissing, MAPPING, mappingIn } from '../mapping.ts';
import { readOf, scopeOf } from '../reading.ts';
import { EMPTY_LISTS } from '../saved-lists.ts';
import { tableOf } from '../table.ts';
import { DISCOVERED } from './description.ts';
import { discoveredIn, withDiscovered } from './discovery.ts';
import { mappingSchema, type Table, tablesOf } from './tables.ts';

export function readCmdb(request: ExportRequest): ExportRead {
  const refused = (reason: string) => ({ mistakes: [{ file: request.folder, reason }] });
  const read = mappingIn(request.files, mappingSchema, 'cmdb');
  if ('reason' in read) return refused(read.reason);
  const { mapping } = read;
  const asked = mapping.network_devices?.discovered;
  const seen = discoveredIn(request.files, asked);
  if ('why' in seen) return refused(seen.why);
  const { discovered } = seen;
  const tables = tablesOf(mapping, discovered);
  if (tables.length === 0)
    return refused(`has a ${MAPPING} that describes no table; docs/sources/cmdb.md says what it holds`);
  const named = scopeOf('cmdb', request, [{ id: mapping.catalogue, name: mapping.catalogue }], '');
  if ('mistakes' in named) return named;
  const listed: Listed[] = [];
  for (const table of tables) {
    const file = request.files.find(({ path }) => path === table.file);
    if (file === undefined) return refused(`holds no ${table.file}; save the table under that name`);
    const one = listedIn(named.scope, table, file);
    if ('why' in one)
      return { mistakes: [{ file: one.isMapping ? request.folder : file.path, reason: one.why }] };
    listed.push(table.kind === 'network-device' ? withDiscovered(named.scope, one, discovered, asked) : one);
  }
  const used = [MAPPING, ...(asked === undefined ? [] : [DISCOVERED]), ...tables.map(({ file }) => file)];
  const others = request.files.filter(({ path }) => !used.includes(path));
  return readOf({
    scope: named.scope,
    saved: { lists: EMPTY_LISTS, answers: [], unread: [] },
    listed,
    parents: [],
    notes: others.map(({ path }) => `${path} is not used: only ${used.toSorted().join(', ')} are read`),
  });
}

function listedIn(
  scope: ExportScope,
  table: Table,
  file: ExportFile,
): Listed | { readonly why: string; readonly isMapping: boolean } {
  const read = tableOf(file);
  if ('why' in read) return { why: read.why, isMapping: false };
  const missing = columnMissing(table.file, read.columns, table.columns);
  if (missing !== null) return { why: missing, isMapping: true };
  const gaps: ListingGap[] = [];
  const found = new Map<string, Observation>();
  for (const item of read.rows) {
    const parts = table.key.map((name) => item.record[name]);
    const key = parts.filter((part) => typeof part === 'string');
    const empty = table.key[parts.findIndex((part) => typeof part !== 'string')];
    const id = key.join(', ');
    if (empty !== undefined) {
      const why = `the row in ${item.file} has nothing under \`${empty}\`; fill it in`;
      gaps.push({ code: 'id-missing', cause: 'incomplete', why });
    } else if (found.has(id)) {
      const why = `${id} is in ${item.file} once more; keep one row for each ${table.kind}`;
      gaps.push({ code: 'answers-disagree', cause: 'disputed', why });
    } else {
      const called = table.name === undefined ? undefined : item.record[table.name];
      // Somebody wrote it down; no system enforces it.
      const observation = observationOf(scope, {
        kind: table.kind,
        key: table.isOwn ? [scope.directory, ...key] : key,
        name: typeof called === 'string' ? called : id,
        attributes: table.attributes(item, key, read.rows),
        assurance: 'attested',
      });
      found.set(id, observation);
    }
  }
  return { kind: table.kind, observations: [...found.values()], gaps };
}
