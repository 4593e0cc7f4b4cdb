/**
 * Whole assets out of a kind's table, by the text of their rows where all have one: to plan a wide row takes the engine ten times as
 * long as to read it.
 */
import type { Asset } from '@macadam/core/facts/asset';
import type { Kind } from '@macadam/core/kinds/kind';
import type { Driver, Parameters } from './clickhouse/driver.ts';
import { assetOf, columnNames, heldAsset, partOf, type Row } from './columns.ts';
import { quoted } from './layout.ts';

export interface AssetRow {
  /** As the table has it. */
  readonly id: string;
  readonly asset: Asset;
  /** With what the SELECT asks for beside. */
  readonly row: Row;
}

/** What assets are read from: their text, or all of their columns. */
const TEXT = '`@id`, `@held`';
/** Naming two hundred columns takes the engine longer than reading them. */
const WHOLE_ROW = '* EXCEPT `@known`';

export interface RowsAsked {
  /** The SELECT over rows of the kind, from its `FROM` on. */
  readonly from: string;
  readonly parameters?: Parameters;
  /** SQL of a column to be given beside. */
  readonly beside?: string;
  /** Assets have these attributes alone. Hold the list: what is worked out for it is kept by it. */
  readonly attributes?: readonly string[];
}

/** Assets of the rows that a SELECT finds. */
export async function assetRows(
  driver: Driver,
  kind: Kind,
  { from, parameters, beside, attributes }: RowsAsked,
): Promise<readonly AssetRow[]> {
  const read = (columns: string) =>
    driver.query<Row>(`SELECT ${columns}${beside === undefined ? '' : `, ${beside}`} ${from}`, parameters);
  const texts = await read(TEXT);
  const found: AssetRow[] = [];
  for (const row of texts) {
    const asset = heldAsset(kind, String(row['@held']), attributes);
    // Both readings are of one moment each, so that what is read again is all of it.
    if (asset === null) return byColumns();
    found.push({ id: String(row['@id']), asset, row });
  }
  return found;

  async function byColumns(): Promise<readonly AssetRow[]> {
    const part = attributes ? partOf(kind, attributes) : kind;
    const columns = attributes ? columnNames(part).map(quoted).join(', ') : WHOLE_ROW;
    const rows = await read(columns);
    return rows.map((row) => ({ id: String(row['@id']), asset: assetOf(part, row), row }));
  }
}
