/** What one source observes at one tick, as any source would say it: the engine's rows, read back as assets. */
import type { Kind } from '@macadam/core/kind';
import type { Known, Observation, Statement } from '@macadam/core/observation';
import type { Driver } from '../facts/clickhouse/driver.ts';
import { assetOf, type Row } from '../facts/columns.ts';
import type { Calendar } from './calendar.ts';
import { rowColumns } from './columns.ts';
import type { Model } from './model.ts';
import { DIVISIONS } from './organisation.ts';
import type { SourceName } from './source.ts';
import { adding, isLate, lives, sighted } from './view.ts';

export interface Seen {
  readonly observation: Observation;
  readonly late: boolean;
}

/** Everything that a source says of one kind at a tick, what it says too late included. */
export async function observe(
  driver: Driver,
  kind: Kind,
  model: Model,
  calendar: Calendar,
  source: SourceName,
  tick: number,
): Promise<readonly Seen[]> {
  const number = model.sources.findIndex((one) => one === source) + 1;
  const seen = sighted(model, calendar, { tick: 'tick', whole: 'true' }, lives(model, calendar, [tick]));
  const columns = rowColumns(kind, model, calendar, true);
  const names = [...columns.map(([name]) => `\`${name}\``), '`@division`', `${isLate(number)} AS \`@late\``];
  const rows = await driver.query<Row>(
    `SELECT ${names.join(', ')} FROM (${adding(columns, `${seen} WHERE \`@seen${number}\` = tick`)}) ORDER BY nr`,
  );
  const observedAt = calendar.seenAt(source, tick).toISOString();
  return rows.map((row) => {
    const asset = assetOf(kind, row);
    const attributes: Record<string, Statement> = {};
    for (const [name, held] of asset.attributes) {
      if (held.source !== source || !held.assurance) continue;
      const { window } = kind.attributes[name] ?? {};
      const statement = held.statement as Known;
      attributes[name] = { ...statement, assurance: held.assurance, ...(window && { window }) };
    }
    const late = Number(row['@late']) === 1;
    const observation: Observation = {
      ...{ kind: kind.kind, id: asset.id, name: asset.name, source, observedAt, attributes },
      receivedAt: observedAt,
      assurance: 'configured',
      container: DIVISIONS[Number(row['@division'])]?.id ?? '',
    };
    return { observation, late };
  });
}
