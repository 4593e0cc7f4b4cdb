/** The span of history that an address asks for, in the words of HTTP where there is none. */
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import { HttpProblem } from './http/problem.ts';

/** Null: nothing was scanned yet. Throws 400 for what is no span, and 404 for one before anything was known. */
export async function spanOf(
  past: Retrospect,
  asked: Parameters<Retrospect['between']>[0],
  /** What the address calls the later of the two. */
  to: 'to' | 'at' = 'to',
): Promise<Between | null> {
  const span = await past.between(asked);
  if (span === null || !('fault' in span)) return span;
  const { fault, ...objection } = span;
  const { reason } = objection;
  const field = objection.field === 'to' ? to : objection.field;
  throw new HttpProblem(fault === 'before' ? 404 : 400, `${field}: ${reason}`, [
    { ...objection, field: `query.${field}` },
  ]);
}

/** As `spanOf`, of what cannot be answered before anything was scanned: then it throws 503. */
export async function scannedSpan(...asked: Parameters<typeof spanOf>): Promise<Between> {
  const span = await spanOf(...asked);
  if (span === null) throw nothingScanned();
  return span;
}

export const nothingScanned = (): HttpProblem =>
  new HttpProblem(503, 'nothing was scanned yet', [], { 'retry-after': '2' });
