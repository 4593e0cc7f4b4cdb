/**
 * Rows of stores that were written before observations named their container. What contains an asset stood in its attribute of that
 * name; without it the asset could neither leave with its container nor be found missing there.
 */
import type { Kind } from '@macadam/core/kinds/kind';
import { tableOf } from '../layout.ts';
import type { Driver } from './driver.ts';
import { quoted } from './table.ts';
import { completenessTable, observationTable, partitionTable } from './tables.ts';

/**
 * Fills container and estate where they are missing and known. The merged assets of the kinds that this concerns are dropped
 * first, so that they are made again also after a crash.
 */
export async function fillContainers(driver: Driver, kinds: ReadonlyMap<string, Kind>): Promise<void> {
  for (const kind of kinds.values()) {
    const { contained_in: holder } = kind;
    if (holder === undefined) continue;
    const names = { kind: kind.kind, holder };
    const lacking = await lackingRows(driver, names);
    if (lacking.containers + lacking.estates === 0) continue;
    await driver.command(`DROP TABLE IF EXISTS ${quoted(tableOf(kind))} SYNC`);
    if (lacking.containers > 0)
      await driver.command(
        `ALTER TABLE ${observationTable.name} UPDATE container = ${HOLDER_ID} WHERE ${WITHOUT_CONTAINER}`,
        names,
      );
    await fillEstates(driver, names);
  }
}

interface Names {
  readonly kind: string;
  readonly holder: string;
  readonly [name: string]: string;
}

const HOLDER_ID = `JSONExtractString(body, 'attributes', {holder:String}, 'value')`;
const WITHOUT_CONTAINER = `kind = {kind:String} AND container = '' AND ${HOLDER_ID} != ''`;
/** Containers that their own source saw in an estate. */
const placed = (where: string) =>
  `SELECT source, asset FROM ${observationTable.name} WHERE kind = {holder:String} AND ${where}`;

async function lackingRows(
  driver: Driver,
  names: Names,
): Promise<{ readonly containers: number; readonly estates: number }> {
  const [row] = await driver.query<{ containers: string; estates: string }>(
    `SELECT countIf(container = '' AND ${HOLDER_ID} != '') AS containers,
       countIf(container != '' AND (source, toString(container)) IN (${placed(`container != ''`)})) AS estates
     FROM ${observationTable.name} WHERE kind = {kind:String} AND estate = ''`,
    names,
  );
  return { containers: Number(row?.containers ?? 0), estates: Number(row?.estates ?? 0) };
}

/** The estate in which a container was seen is the one in which its contents were. */
async function fillEstates(driver: Driver, names: Names): Promise<void> {
  const estates = await driver.query<{ estate: string }>(
    `SELECT DISTINCT toString(container) AS estate FROM ${observationTable.name}
     WHERE kind = {holder:String} AND container != '' ORDER BY estate`,
    names,
  );
  for (const { estate } of estates) {
    const given = { ...names, estate };
    const held = placed('container = {estate:String}');
    await driver.command(
      `ALTER TABLE ${observationTable.name} UPDATE estate = {estate:String}
       WHERE kind = {kind:String} AND estate = '' AND (source, toString(container)) IN (${held})`,
      given,
    );
    await driver.command(
      `ALTER TABLE ${partitionTable.name} UPDATE estate = {estate:String}
       WHERE kind = {kind:String} AND estate = '' AND (source, container) IN (${held})`,
      given,
    );
    await driver.command(
      `ALTER TABLE ${completenessTable.name} UPDATE estate = {estate:String}
       WHERE kind = {kind:String} AND estate = '' AND container IN (SELECT asset FROM (${held}))`,
      given,
    );
  }
}
