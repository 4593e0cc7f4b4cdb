/**
 * The log of the organisation, in the store. Whoever records holds its name until the transaction ends, so that what was
 * asked of the whole log is still so when the events are written.
 */

import type { Decisions, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { type OrgEvent, type OrgRefusal, type OrgTree, record, treeAt } from '@macadam/core/org/org';
import { eventOfRow, rowOfEvent } from './event.ts';

/** Taken by `exclusive` before the log is asked and written. */
export const ORGANISATION = 'organisation';

/** The log in the order in which it was written; `known` is a time up to which. */
export async function orgEvents(tx: DecisionTransaction, known?: string): Promise<readonly OrgEvent[]> {
  const rows = await tx.organisation.events(known === undefined ? {} : { known });
  return rows.toSorted((a, b) => a.number - b.number).flatMap((row) => eventOfRow(row) ?? []);
}

/** The tree of a day, as it is known now or was known at a time. */
export async function orgTree(tx: DecisionTransaction, day: string, known?: string): Promise<OrgTree> {
  return treeAt(await orgEvents(tx, known), day);
}

export type OrgRecorded =
  | { readonly events: readonly OrgEvent[] }
  /** Why not; then nothing is written. `at` is the place among the events that were given, or before them (below 0) in the log. */
  | { readonly refusals: readonly OrgRefusal[] };

/** Records events as one act, unless one of them cannot be or makes another impossible. `source` says where they are from. */
export async function recordEvents(
  tx: DecisionTransaction,
  events: readonly OrgEvent[],
  source: string,
): Promise<OrgRecorded> {
  await tx.exclusive(ORGANISATION);
  const log = await orgEvents(tx);
  const recorded = record(log, events);
  if ('refusals' in recorded) {
    return { refusals: recorded.refusals.map((one) => ({ ...one, at: one.at - log.length })) };
  }
  if (events.length > 0) await tx.organisation.recordEvents(events.map(rowOfEvent), source);
  return { events };
}

const trees = new WeakMap<Decisions, { readonly key: string; readonly tree: OrgTree }>();

/** The tree of today of a store, made again only when its log has grown or the day has changed. */
export async function currentTree(decisions: Decisions, tx: DecisionTransaction): Promise<OrgTree> {
  const day = tx.at.slice(0, 10);
  const key = `${day} ${await tx.organisation.newestEvent()}`;
  const held = trees.get(decisions);
  if (held?.key === key) return held.tree;
  const tree = await orgTree(tx, day);
  trees.set(decisions, { key, tree });
  return tree;
}
