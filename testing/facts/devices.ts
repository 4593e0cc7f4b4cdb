/** Devices of a small network, and collections of them: what the tests of the facts store are told. */

import type { Facts, FactsOptions } from '@macadam/adapters/facts/port';
import { assetId, type Collection, type Observation, type Statement } from '@macadam/core/facts/observation';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { canonical } from '@macadam/core/text/canonical';

export const device: Kind = kindSchema.parse({
  kind: 'device',
  description: 'A thing on a network, for tests.',
  key: ['model'],
  fresh_for: '7d',
  settle: '1h',
  attributes: {
    model: { type: 'string', description: 'What it says that it is.' },
    ports: { type: 'list', of: 'int', description: 'Ports that answer on it.' },
    retired_at: { type: 'timestamp', optional: true, description: 'When it was taken out of use.' },
  },
});

export const NOW = new Date('2026-11-01T12:00:00Z');
export const kinds: ReadonlyMap<string, Kind> = new Map([[device.kind, device]]);
export const options = (over: Partial<FactsOptions> = {}): FactsOptions => ({
  kinds,
  now: () => NOW,
  ...over,
});

/** Minute `at` of the tests' day. */
export const minute = (at: number): string => new Date(Date.UTC(2026, 10, 1, 0, at)).toISOString();

export interface Given {
  readonly source?: string;
  readonly started: number;
  /** Serial number → attributes; a bare name stands for a model of that name. */
  readonly saw: Readonly<Record<string, string | Readonly<Record<string, Statement>>>>;
  readonly complete?: boolean;
  readonly witness?: number | undefined;
  readonly container?: string;
  readonly observed?: number;
  readonly received?: number;
}

export const idOf = (serial: string): string => assetId('device', [serial]);

/** A collection of devices, as a source would make it. */
export function given(what: Given): readonly [Collection, readonly Observation[]] {
  const { source = 'lan', started, saw, complete = true, witness, container = 'site' } = what;
  const observations = Object.entries(saw).map(
    ([serial, said]): Observation => ({
      kind: 'device',
      id: idOf(serial),
      name: serial,
      source,
      observedAt: minute(what.observed ?? started),
      receivedAt: minute(what.received ?? started + 1),
      assurance: 'configured',
      container,
      attributes: typeof said === 'string' ? { model: { value: said } } : said,
    }),
  );
  const partition = {
    kind: 'device',
    container,
    containerName: container,
    complete,
    seen: observations.length,
    ...(witness !== undefined && { witness: { id: 'dhcp', count: witness } }),
    ...(!complete && { cause: 'incomplete' as const, why: 'the switch did not answer' }),
  };
  const collection: Collection = {
    source,
    startedAt: minute(started),
    finishedAt: minute(started + 1),
    status: complete ? 'complete' : 'incomplete',
    partitions: [partition],
    problems: [],
  };
  return [collection, observations];
}

export const give = (facts: Facts, what: Given) => {
  const [collection, observations] = given(what);
  return facts.append(collection, observations, NOW);
};

/** All that the store says of today, as one text. */
export async function picture(facts: Facts): Promise<string> {
  await facts.settled();
  const lines: string[] = [];
  for await (const asset of facts.assets('device'))
    lines.push(canonical({ ...asset, attributes: [...asset.attributes] }));
  return lines.join('\n');
}
