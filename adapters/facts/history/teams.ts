/** Whose an asset is, for a whole kind at once and for one asset. */
import type { Asset } from '@macadam/core/facts/asset';
import { ownerOf } from '@macadam/core/figures/picture';
import type { Kind } from '@macadam/core/kinds/kind';
import type { Driver } from '../clickhouse/driver.ts';
import { STATE } from '../columns.ts';
import { layoutOf, quoted } from '../layout.ts';
import { quotedText } from './codes.ts';

/** Who has nobody's name on it is a group of its own. */
export const NOBODY = 'nobody';

export interface Teams {
  readonly of: (asset: Asset) => string;
  /** A table of answers (`asset`, `kind`, `owner`, the newest by `pass`, which rises), which says the same; null: sources name owners. */
  readonly answers: string | null;
}

/** Whom the sources name as owners. */
export const NAMED: Teams = { of: (asset) => ownerOf(asset) ?? NOBODY, answers: null };

/** SQL of whom the sources name, over the columns of the kind. */
export function namedOwner(kind: Kind): string {
  const place = layoutOf(kind).find(({ name }) => name === 'owners');
  if (place?.shape !== 'list' || place.type.name !== 'list' || place.type.of.name !== 'string')
    return quotedText(NOBODY);
  const [owners, state] = [quoted('owners'), quoted('owners@state')];
  return `if(${state} IN (${STATE.partial}, ${STATE.complete}) AND notEmpty(${owners}), arrayStringConcat(${owners}, ', '), ${quotedText(NOBODY)})`;
}

/** The newest pass of the answers; 0 where there are none. */
export async function newestAnswers(driver: Driver, { answers }: Teams): Promise<number> {
  if (answers === null) return 0;
  const [row] = await driver.query<{ pass: string }>(`SELECT max(pass) AS pass FROM ${quoted(answers)}`);
  return Number(row?.pass ?? 0);
}

/** SQL of the answers for a kind, one row an asset; `among`: a condition on the answers that count. */
export const answersFor = (table: string, kind: string, among = ''): string =>
  `(SELECT asset AS \`@owned\`, if(argMax(owner, pass) = '', ${quotedText(NOBODY)}, argMax(owner, pass)) AS \`@owner\`
    FROM ${quoted(table)} WHERE kind = ${quotedText(kind)}${among && ` AND ${among}`} GROUP BY asset)`;
