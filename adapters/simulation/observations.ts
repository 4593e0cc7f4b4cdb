/** What sources observe at ticks, as any source would say it: the engine's rows, read back as assets. */
import type { Kind } from '@macadam/core/kind';
import type { Known, Observation, Statement } from '@macadam/core/observation';
import type { Driver } from '../facts/clickhouse/driver.ts';
import { assetOf, type Row } from '../facts/columns.ts';
import { quoted } from '../facts/layout.ts';
import type { Calendar } from './calendar.ts';
import { rowColumns } from './columns.ts';
import type { Model } from './model.ts';
import { DIVISIONS } from './organisation.ts';
import type { SourceName } from './source.ts';
import { adding, isLate, lives, sighted } from './view.ts';

export interface Seen {
  readonly observation: Observation;
  readonly tick: number;
  /** It arrives after its tick. */
  readonly late: boolean;
}

/** Everything that is said of one kind at some ticks. */
export async function observe(
  driver: Driver,
  kind: Kind,
  model: Model,
  calendar: Calendar,
  ticks: readonly number[],
): Promise<readonly Seen[]> {
  const numbers = model.sources.map((_, index) => index + 1);
  const seen = sighted(model, calendar, { tick: 'tick', whole: 'true' }, lives(model, calendar, ticks));
  const columns = rowColumns(kind, model, calendar, true);
  const names = [
    ...[...columns.map(([name]) => name), '@division'].map(quoted),
    'tick',
    ...numbers.flatMap((number) => [
      `\`@seen${number}\` = tick AS \`@says${number}\``,
      `${isLate(number)} AS \`@late${number}\``,
    ]),
  ];
  const some = `${seen} WHERE ${numbers.map((number) => `\`@seen${number}\` = tick`).join(' OR ')}`;
  const rows = await driver.query<Row>(
    `SELECT ${names.join(', ')} FROM (${adding(columns, some)}) ORDER BY tick, nr`,
  );
  return rows.flatMap((row) =>
    model.sources.flatMap((source, index) =>
      Number(row[`@says${index + 1}`]) === 1
        ? [said(kind, calendar, row, source, Number(row[`@late${index + 1}`]) === 1)]
        : [],
    ),
  );
}

function said(kind: Kind, calendar: Calendar, row: Row, source: SourceName, late: boolean): Seen {
  const tick = Number(row.tick);
  const observedAt = calendar.tickAt(tick).toISOString();
  const asset = assetOf(kind, row);
  const attributes: Record<string, Statement> = {};
  for (const [name, held] of asset.attributes) {
    if (held.source !== source || !held.assurance) continue;
    const { window } = kind.attributes[name] ?? {};
    const statement = held.statement as Known;
    attributes[name] = { ...statement, assurance: held.assurance, ...(window && { window }) };
  }
  const observation: Observation = {
    ...{ kind: kind.kind, id: asset.id, name: asset.name, source, observedAt, attributes },
    receivedAt: observedAt,
    assurance: 'configured',
    container: DIVISIONS[Number(row['@division'])]?.id ?? '',
  };
  return { observation, tick, late };
}
