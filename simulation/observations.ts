/** What sources observe at ticks, as any source would say it: the engine's rows, read back as assets. */

import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { assetOf, type Row } from '@macadam/adapters/facts/columns';
import { quoted } from '@macadam/adapters/facts/layout';
import type { Known, Observation, Statement } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import type { Calendar } from './calendar.ts';
import { rowColumns } from './columns.ts';
import type { Model } from './model.ts';
import { DIVISIONS } from './organisation.ts';
import type { SourceName } from './source.ts';
import { adding, BRIEFLY, isLate, lives, sighted } from './view.ts';

export interface Seen {
  readonly observation: Observation;
  readonly tick: number;
  /** It arrives after its tick. */
  readonly late: boolean;
}

interface ObserveInput {
  readonly driver: Driver;
  readonly kind: Kind;
  readonly model: Model;
  readonly calendar: Calendar;
  readonly ticks: readonly number[];
  readonly newest: boolean;
}

/**
 * Everything that is said of one kind at some ticks; with `newest`, of every asset that is there at each of them the
 * newest observation that each source has, whenever that was.
 */
export async function observe({
  driver,
  kind,
  model,
  calendar,
  ticks,
  newest,
}: ObserveInput): Promise<readonly Seen[]> {
  const numbers = model.sources.map((_, index) => index + 1);
  const says = (number: number) => (newest ? 'true' : `\`@seen${number}\` = tick`);
  const seen = sighted(model, calendar, { tick: 'tick', whole: 'true' }, lives({ model, calendar, ticks }));
  const columns = rowColumns(kind, model, calendar, true);
  const names = [
    ...[...columns.map(([name]) => name), '@division'].map(quoted),
    'tick',
    ...numbers.flatMap((number) => [
      `if(${says(number)}, \`@seen${number}\`, -1) AS \`@says${number}\``,
      `${isLate(number)} AND NOT ${newest} AS \`@late${number}\``,
    ]),
  ];
  const some = `${seen} WHERE ${newest ? '`@exists`' : numbers.map(says).join(' OR ')}`;
  const rows = await driver.query<Row>(
    `SELECT ${names.join(', ')} FROM (${adding(columns, some)}) ORDER BY tick, nr ${BRIEFLY}`,
  );
  return rows.flatMap((row) =>
    model.sources.flatMap((source, index) => {
      const tick = Number(row[`@says${index + 1}`]);
      const late = Number(row[`@late${index + 1}`]) === 1;
      return tick < 0 ? [] : [{ observation: said({ kind, calendar, row, source, tick }), tick, late }];
    }),
  );
}

interface SaidInput {
  readonly kind: Kind;
  readonly calendar: Calendar;
  readonly row: Row;
  readonly source: SourceName;
  readonly tick: number;
}

function said({ kind, calendar, row, source, tick }: SaidInput): Observation {
  const observedAt = calendar.tickAt(tick).toISOString();
  const asset = assetOf(kind, row);
  const attributes: Record<string, Statement> = {};
  for (const [name, held] of asset.attributes) {
    if (held.source !== source || !held.assurance) continue;
    const { window } = kind.attributes[name] ?? {};
    const statement = held.statement as Known;
    attributes[name] = { ...statement, assurance: held.assurance, ...(window && { window }) };
  }
  return {
    kind: kind.kind,
    id: asset.id,
    name: asset.name,
    source,
    observedAt,
    attributes,
    receivedAt: observedAt,
    assurance: 'configured',
    container: DIVISIONS[Number(row['@division'])]?.id ?? '',
  };
}
