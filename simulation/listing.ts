/** What each source claims to have listed at each tick: its collection, with partitions, witnesses and troubles. */

import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import type { Collection, Partition } from '@macadam/core/facts/observation';
import type { Calendar, Trouble } from './calendar.ts';
import type { Model } from './model.ts';
import { DIVISIONS } from './organisation.ts';
import { SOURCES, type SourceName } from './source.ts';
import { BRIEFLY, lives, sighted } from './view.ts';

/** By kind, tick, source and division: how many assets there are, and how many the source saw in time. */
export type Counts = ReadonlyMap<string, { readonly there: number; readonly seen: number }>;

const key = (kind: string, tick: number, source: string, division: number) =>
  `${kind} ${tick} ${source} ${division}`;

/** Whether the collection of a source for a tick is kept. */
export type Kept = (source: SourceName, tick: number) => boolean;

export async function countSeen(
  driver: Driver,
  models: readonly Model[],
  calendar: Calendar,
  kept: Kept,
): Promise<Counts> {
  const counts = new Map<string, { there: number; seen: number }>();
  const every = Array.from({ length: calendar.ticks + 1 }, (_, tick) => tick);
  for (const model of models) {
    const ticks = every.filter((tick) => model.sources.some((source) => kept(source, tick)));
    const own = model.sources.map((_, index) => index + 1);
    const there = '`@until` = tick AND tick >= `@low`';
    const rows = await driver.query<Record<string, string>>(
      `SELECT tick, \`@division\` AS division, countIf(${there}) AS there,
        ${own.map((number) => `countIf(${there} AND \`@seen${number}\` = tick) AS seen${number}`).join(', ')}
       FROM (${sighted(model, calendar, { tick: 'tick', whole: 'false' }, lives({ model, calendar, ticks }))})
       GROUP BY tick, division ${BRIEFLY}`,
    );
    for (const row of rows) {
      for (const [index, source] of model.sources.entries()) {
        const seen = Number(row[`seen${index + 1}`]);
        counts.set(key(model.kind, Number(row.tick), source, Number(row.division)), {
          there: Number(row.there),
          seen,
        });
      }
    }
  }
  return counts;
}

/** Who is late with a part of a tick. */
export const isLateAt = ({ troubles }: Calendar, source: SourceName, tick: number): boolean =>
  (troubles.get(source) ?? []).some((trouble) => trouble?.is === 'late' && trouble.from === tick);

const MINUTE = 60_000;

interface CollectionOfInput {
  readonly source: SourceName;
  readonly tick: number;
  readonly models: readonly Model[];
  readonly calendar: Calendar;
  readonly counts: Counts;
}

export function collectionOf({ source, tick, models, calendar, counts }: CollectionOfInput): Collection {
  const started = calendar.tickAt(tick);
  const partitions = models
    .filter(({ sources }) => sources.some((one) => one === source))
    .flatMap(({ kind }) =>
      DIVISIONS.map((division, index) => {
        const found = counts.get(key(kind, tick, source, index)) ?? { there: 0, seen: 0 };
        const trouble = calendar.troubles.get(source)?.[index] ?? null;
        const now = trouble && tick >= trouble.from && tick < trouble.to ? trouble : null;
        const place = { kind, container: division.id, containerName: division.name };
        return { ...place, ...claim(now, found, source) };
      }),
    );
  return {
    source,
    startedAt: started.toISOString(),
    finishedAt: new Date(started.getTime() + 5 * MINUTE).toISOString(),
    status: partitions.every(({ complete }) => complete) ? 'complete' : 'incomplete',
    partitions,
    problems: [],
  };
}

function claim(
  trouble: Trouble | null,
  { there, seen }: { readonly there: number; readonly seen: number },
  source: SourceName,
): Pick<Partition, 'complete' | 'seen' | 'witness' | 'cause' | 'why' | 'remedy'> {
  const witness = { id: 'simulated-register', count: there };
  if (!trouble) return { complete: true, seen, witness };
  if (trouble.is === 'outage') {
    const why = `${source} does not answer for this division`;
    return {
      complete: false,
      seen,
      witness,
      cause: 'failed',
      why,
      remedy: 'fix the source, and collect again',
    };
  }
  if (trouble.is === 'late') {
    const why = 'a part of the division had not sent its data in time';
    return { complete: false, seen, witness, cause: 'incomplete', why };
  }
  // It says that this is all. Only the register knows better.
  return { complete: true, seen, witness: { ...witness, count: Math.max(there, seen + 1) } };
}

const DELAY = 30 * 60 * MINUTE;

/** What arrives thirty hours after its tick. It lists nothing: it only says what was seen. */
export function lateCollection(source: SourceName, tick: number, calendar: Calendar): Collection {
  const seen = calendar.tickAt(tick).getTime();
  return {
    source,
    startedAt: new Date(seen).toISOString(),
    finishedAt: new Date(seen + DELAY).toISOString(),
    status: 'complete',
    partitions: [],
    problems: [],
  };
}

/** Ticks after which something arrives late. */
export const lateTicks = (calendar: Calendar): ReadonlySet<number> =>
  new Set(
    SOURCES.flatMap((source) =>
      (calendar.troubles.get(source) ?? []).flatMap((one) => (one?.is === 'late' ? [one.from] : [])),
    ),
  );
