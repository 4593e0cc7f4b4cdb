/** What a source collects, for its own test to look into. */
import assert from 'node:assert/strict';
import type { CollectRequest, Source } from '@macadam/adapters/sources/port';
import type { Collection, Observation, Statement } from '@macadam/core/facts/observation';

export interface SourceRun {
  readonly collection: Collection;
  readonly observations: readonly Observation[];
}

export async function collectedFrom(source: Source, request: CollectRequest): Promise<SourceRun> {
  const observations: Observation[] = [];
  const collection = await source.collect(
    request,
    (one) => observations.push(one),
    () => {},
  );
  return { collection, observations };
}

/** What it says of one attribute of an asset; fails where the asset is not among them. */
export function statementOf({ observations }: SourceRun, id: string, name: string): Statement | undefined {
  const found = observations.find((one) => one.id === id);
  assert.ok(found, `${id} is among ${observations.map((one) => one.id).join(', ')}`);
  return found.attributes[name];
}
