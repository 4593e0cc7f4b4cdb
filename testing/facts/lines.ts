/** What a file of observations gave, as tests write and compare it. */
import type { LineMistake } from '@macadam/adapters/facts/line';
import type { Observation } from '@macadam/core/facts/observation';

/** The observation that a text was written of. */
export const observationRead = (text: Uint8Array, receivedAt: string): Observation => ({
  ...(JSON.parse(Buffer.from(text).toString()) as Omit<Observation, 'receivedAt'>),
  receivedAt,
});

export const describeLine = (file: string, { line, field, reason }: LineMistake): string =>
  `${file}:${line}: ${field === '' ? '' : `\`${field}\`: `}${reason}`;
