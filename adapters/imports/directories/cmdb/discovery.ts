/** What discovery saw on the network, beside the inventory: a line in the inventory says of itself that it is recorded, and nobody asks what is not. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import {
  type ExportRequest,
  type ExportScope,
  type Listed,
  type Mistakes,
  observationOf,
} from '../export.ts';
import { refused, rowsOf } from '../mapping.ts';
import { type Item, unobserved } from '../statement.ts';
import { column, environment, environmentOf } from './cells.ts';
import { DISCOVERED } from './description.ts';

export const discovery = z.strictObject({
  serial: column,
  site: column.optional(),
  environment: environment.optional(),
});
export type Discovery = z.infer<typeof discovery>;

/** By their serial numbers; null where nothing was compared. */
export type Discovered = ReadonlyMap<string, Item> | null;

export function discoveredIn(
  request: ExportRequest,
  given: Discovery | undefined,
): { readonly discovered: Discovered } | Mistakes {
  if (given === undefined) return { discovered: null };
  const table = rowsOf(request, DISCOVERED, [given.serial, given.site, given.environment?.column]);
  if ('mistakes' in table) return table;
  const found = new Map<string, Item>();
  for (const item of table.rows) {
    const serial = item.record[given.serial];
    // What has no number cannot be looked for in the inventory, and may be just what is not in it.
    if (typeof serial !== 'string')
      return refused(
        request.folder,
        `has a row without \`${given.serial}\` (${item.file}); find out which device it is`,
      );
    found.set(serial, item);
  }
  return { discovered: found };
}

export function recordedOf(serial: string, discovered: Discovered): Statement {
  if (discovered === null)
    return unobserved(
      `nobody compared the inventory with what is on the network; save what discovery saw as ${DISCOVERED}`,
    );
  return discovered.has(serial)
    ? { value: true, assurance: 'effective' }
    : unobserved(`discovery did not see it; find it, or take it out of the inventory`);
}

/** The list of the inventory, with what discovery alone saw, and as many as discovery counts. */
export function withDiscovered(
  scope: ExportScope,
  listed: Listed,
  discovered: Discovered,
  given: Discovery | undefined,
): Listed {
  if (discovered === null || given === undefined) return listed;
  const known = new Set(
    listed.observations.map(({ attributes: { serial } }) =>
      serial !== undefined && 'value' in serial ? serial.value : null,
    ),
  );
  const others = [...discovered].flatMap(([serial, item]): readonly Observation[] => {
    if (known.has(serial)) return [];
    const site = given.site === undefined ? undefined : item.record[given.site];
    return [
      observationOf(scope, {
        kind: 'network-device',
        key: [scope.directory, serial],
        name: serial,
        assurance: 'effective',
        attributes: {
          inventory: { value: scope.directory },
          serial: { value: serial },
          recorded: { value: false },
          environment: environmentOf(item, given.environment),
          ...(typeof site === 'string' ? { site: { value: site } } : {}),
        },
      }),
    ];
  });
  return {
    ...listed,
    observations: [...listed.observations, ...others],
    total: { id: 'discovery', count: discovered.size },
  };
}
