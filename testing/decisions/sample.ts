/** Who acts in tests, and on what. */
import assert from 'node:assert/strict';
import {
  type DecisionPrincipal,
  type Decisions,
  DecisionsError,
  type DecisionTransaction,
} from '@macadam/adapters/decisions/port';

export const system: DecisionPrincipal = { id: 'system', divisions: 'all' };
export const north: DecisionPrincipal = { id: 'nora', divisions: ['north'] };
export const south: DecisionPrincipal = { id: 'saul', divisions: ['south'] };
/** Of the same division as `north`. */
export const other: DecisionPrincipal = { id: 'nils', divisions: ['north'] };

export const DAY = 86_400_000;
/** The day that comes so many days after today. */
export const day = (after: number): string => new Date(Date.now() + after * DAY).toISOString().slice(0, 10);
export const digest = (letter: string): string => letter.repeat(64);

/** `transaction`, with less to write. */
export const as =
  (decisions: Decisions) =>
  <T>(principal: DecisionPrincipal, work: (tx: DecisionTransaction) => Promise<T>, at?: Date): Promise<T> =>
    decisions.transaction(principal, work, at ? { at } : {});

export const batch = (id: string, assets: readonly string[], division = 'north') => ({
  id,
  standard: 'devices-are-patched',
  team: `${division}-team`,
  division,
  dueOn: day(14),
  members: assets.map((asset) => ({ asset, failingSince: new Date(Date.now() - DAY).toISOString() })),
});

export const request = (id: string, division = 'north') => ({
  id,
  standard: 'devices-are-patched',
  division,
  selectors: ['device:*'],
  reason: 'the vendor has no fix yet',
  until: day(30),
});

/** The rejection's fault, and its text against a pattern. */
export async function rejects(
  work: Promise<unknown>,
  fault: DecisionsError['fault'],
  says: RegExp,
): Promise<DecisionsError> {
  const error = await work.then(
    () => assert.fail(`it was accepted, and should say ${says}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DecisionsError, `${error}`);
  assert.equal(error.fault, fault, error.message);
  assert.match(error.message, says);
  return error;
}
