/**
 * Any bytes as a file of observations: batches that are taken or refused with lines and reasons, never a throw; what is
 * taken has the form that the store relies on; and it does not matter how the bytes were cut on their way.
 */

import { ingestNdjson } from '@macadam/adapters/facts/ndjson';
import { type Appended, type Facts, FactsError, type WrittenObservation } from '@macadam/adapters/facts/port';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { canonical } from '@macadam/core/text/canonical';
import { describeLine, observationRead } from '@macadam/testing/facts/lines';
import type { Target } from '../target.ts';

const RECEIVED = new Date('2026-11-01T12:00:00Z');

const collection = (source: string, more: object = {}) => ({
  collection: {
    source,
    startedAt: '2026-11-01T00:00:00Z',
    finishedAt: '2026-11-01T00:01:00Z',
    status: 'complete',
    ...more,
  },
});
const observation = (more: object = {}) => ({
  kind: 'device',
  id: 'device/one',
  name: 'one',
  source: 'lan',
  observedAt: '2026-11-01T00:00:00Z',
  assurance: 'configured',
  attributes: { model: { value: 'é\u2028' }, ports: { value: [1, { a: 2.5 }], complete: false } },
  ...more,
});
const partition = {
  kind: 'device',
  container: 'c',
  containerName: 'c',
  complete: false,
  seen: 1,
  cause: 'forbidden',
  why: 'x',
  witness: { id: 'w', count: 2 },
};
const file = (...lines: readonly object[]) => lines.map((line) => JSON.stringify(line)).join('\n');

/** Refuses, as the store may in the middle of a batch, what is called `two`. */
function store() {
  const taken: string[] = [];
  const append = async (
    { source, startedAt, partitions, problems }: Collection,
    observations: Iterable<Observation> | AsyncIterable<Observation | WrittenObservation>,
  ): Promise<Appended> => {
    const texts = [source, startedAt, canonical(partitions), canonical(problems)];
    for await (const each of observations) {
      const one = 'text' in each ? observationRead(each.text, each.receivedAt) : each;
      for (const text of [one.kind, one.id, one.name, one.source, one.observedAt, one.receivedAt])
        if (typeof text !== 'string' || !text.isWellFormed()) throw new Error(`no text: ${canonical(one)}`);
      if (one.source !== source) throw new FactsError('invalid', `of another source: ${canonical(one)}`);
      if (one.name === 'two') throw new FactsError('invalid', 'nothing may be called two');
      texts.push(canonical(one));
      if (canonical(JSON.parse(canonical(one))) !== texts.at(-1)) throw new Error('it does not read back');
    }
    taken.push(texts.join('\n'));
    return { observations: texts.length } as Appended;
  };
  return { taken, facts: { append } as unknown as Facts };
}

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size: number): Promise<string> {
  const { taken, facts } = store();
  const { appended, refused } = await ingestNdjson(facts, cut(bytes, size), RECEIVED);
  if (appended.length !== taken.length) throw new Error('it tells of batches that the store did not take');
  let line = 0;
  for (const { firstLine, lastLine, mistakes, more } of refused) {
    if (mistakes.length === 0 || (more > 0 && mistakes.length < 100))
      throw new Error('refused without a reason');
    if (firstLine <= line || lastLine < firstLine)
      throw new Error(`lines ${firstLine} to ${lastLine} after ${line}`);
    line = lastLine;
    for (const mistake of mistakes)
      if (describeLine('f', mistake).length > 2000) throw new Error('a mistake that nobody can read');
  }
  return JSON.stringify([taken, refused]);
}

export const target: Target = {
  waits: true,
  seeds: () => [
    file(
      collection('lan', { partitions: [partition], problems: [] }),
      observation(),
      observation({ name: 'two' }),
    ),
    file(
      observation({ location: { path: 'a', line: 1 }, container: 'c', receivedAt: '2026-11-01T00:00:00Z' }),
      observation({ source: 'agent', attributes: { model: { absent: true } } }),
      observation({
        attributes: { model: { unobserved: 'stale', why: 'x', assurance: 'tested', window: '1h' } },
      }),
    ),
    `\uFEFF${file(observation())}\r\n\n{"kind": \n`,
    JSON.stringify(observation()).replace('2.5', '1e999'),
    JSON.stringify(observation()).replace('model', '__proto__'),
  ],
  words: [
    '{"collection":',
    '"source":',
    '"attributes":',
    '"value":',
    '"absent":true',
    '"unobserved":"failed"',
    '"why":""',
    '"complete":',
    '"partitions":[',
    '"witness":',
    '"seen":',
    '"__proto__":',
    'null',
    '1e999',
    '\\ud800',
    '\\u0000',
    '\uFEFF',
    '\n',
    '\r\n',
    '[[[[[[[[',
    '{"a":{"a":{"a":',
  ],
  fuzz: async (_, bytes) => {
    const whole = await read(bytes, Math.max(1, bytes.length));
    const pieces = await read(bytes, 1 + ((bytes[0] ?? 0) % 7));
    if (whole !== pieces) throw new Error(`cut into pieces it says ${pieces}, and whole ${whole}`);
  },
};
