/** The definitions by which the newest tick judged: what goes on judging where a file does not load any more. */
import type { LastGoodDefinition } from '@macadam/core/verdicts/definition';
import type { Driver } from '../clickhouse/driver.ts';
import { keptDefinitions } from './definitions.ts';
import { ticks } from './log.ts';

/** By standard; a standard that the newest tick did not judge has none. */
export async function lastGoodDefinitions(
  driver: Driver,
  standards: readonly string[],
): Promise<ReadonlyMap<string, LastGoodDefinition>> {
  const written = await ticks(driver);
  const newest = written.at(-1);
  if (newest === undefined || standards.length === 0) return new Map();
  const digests = new Map(
    standards.flatMap((id) => {
      const digest = newest.definitions[id];
      return digest === undefined ? [] : [[id, digest] as const];
    }),
  );
  const kept = await keptDefinitions(driver, digests.values());
  return new Map(
    [...digests].flatMap(([id, digest]) => {
      const definition = kept.get(digest);
      if (definition === undefined) return [];
      const before = written.findLastIndex(({ definitions }) => definitions[id] !== digest);
      const since = (written[before + 1] ?? newest).valid;
      return [[id, { ...definition, since }] as const];
    }),
  );
}
