/** After a tick: whose fault it is that something cannot be told. One item for whoever has to look better. */

import type { FaultRecord } from '@macadam/adapters/decisions/faults';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Moment } from '@macadam/adapters/facts/history/record';
import type { UntoldCount } from '@macadam/adapters/facts/history/unknown';
import type { Facts } from '@macadam/adapters/facts/port';
import { WORK_POLICY } from '@macadam/core/work/batch';
import { type FaultItem, type FaultSubject, faultsOf, reconcileFaults } from '@macadam/core/work/fault';
import type { WorkTeams } from './teams.ts';

export interface FaultOptions {
  readonly moment: Moment;
  readonly untold: () => Promise<readonly UntoldCount[]>;
  readonly facts: Pick<Facts, 'collections'>;
  /** The team that runs a source, or answers for a standard; null: nobody is known to. */
  readonly ownerOf: (subject: FaultSubject) => string | null;
  /** What a standard says, by digest; null for one that is not in force. */
  readonly definitionOf: (standard: string) => string | null;
  readonly teams: WorkTeams;
}

export const FAULTS = 'faults';

/** In a transaction that sees every division. Gives how many items were opened and closed. */
export async function passFaults(
  tx: DecisionTransaction,
  options: FaultOptions,
): Promise<{ readonly opened: number; readonly closed: number }> {
  const { moment, teams, ownerOf } = options;
  await tx.exclusive(`work ${FAULTS}`);
  const head = await tx.failing.pass(FAULTS);
  if (head && Date.parse(head.valid) >= moment.valid.getTime()) return { opened: 0, closed: 0 };
  const records: FaultRecord[] = [];
  for (let page = await tx.faults.faults({ open: true, limit: PAGE }); page.length > 0; ) {
    records.push(...page);
    page = await tx.faults.faults({ open: true, limit: PAGE, after: page.at(-1)?.id ?? '' });
  }
  const items = records.map(itemFrom);
  const owner = (subject: FaultSubject) => teams.of(ownerOf(subject), subject.id);
  const heard = await heardFrom(options, records);
  const { work, events } = reconcileFaults(
    {
      at: new Date(head?.at ?? 0).toISOString(),
      known: head?.known ?? 0,
      opened: head?.opened ?? 0,
      open: new Map(items.map((item) => [keyOf(item.subject), item])),
    },
    {
      tallies: faultsOf(await options.untold(), owner),
      heardFrom: heard,
      policy: WORK_POLICY,
      now: new Date(tx.at),
      known: moment.known,
    },
  );
  const closed = events.flatMap(({ event, item }) => (event === 'fault-closed' ? [item] : []));
  const opened = events.flatMap(({ event, item }) => (event === 'fault-opened' ? [item] : []));
  await tx.faults.close(closed.map(({ id, by }) => ({ id, observation: by ?? '' })));
  await tx.faults.change(
    [...work.open.values()]
      .filter((item) => items.some((before) => before.id === item.id && otherwise(before, item)))
      .map(({ id, owner: team, causes }) => ({
        id,
        team,
        division: teams.division(team),
        causes: counts(causes),
      })),
  );
  await tx.faults.open(
    opened.map(({ id, subject, owner: team, causes, due }) => ({
      id,
      subjectOf: subject.of,
      subject: subject.id,
      team,
      division: teams.division(team),
      causes: counts(causes),
      dueOn: due,
    })),
  );
  await tx.failing.recordPass(
    { subject: FAULTS, valid: moment.valid.toISOString(), known: moment.known, opened: work.opened },
    { opened: opened.length, closed: closed.length },
  );
  return { opened: opened.length, closed: closed.length };
}

const PAGE = 1000;
const keyOf = ({ of, id }: FaultSubject) => `${of}/${id}`;
const counts = (causes: FaultItem['causes']): Record<string, number> => ({ ...causes });
const otherwise = (before: FaultItem, after: FaultItem) =>
  before.owner !== after.owner || JSON.stringify(before.causes) !== JSON.stringify(after.causes);

const itemFrom = (record: FaultRecord): FaultItem => ({
  id: record.id,
  subject: { of: record.subjectOf, id: record.subject },
  owner: record.team,
  causes: record.causes,
  openedAt: record.openedAt,
  due: record.dueOn,
  closedAt: null,
  by: null,
});

/** What a subject said since its item opened: silence closes nothing. */
async function heardFrom(
  { facts, moment, definitionOf }: FaultOptions,
  records: readonly FaultRecord[],
): Promise<(subject: FaultSubject) => string | null> {
  const said = new Map<string, string>();
  for (const { subjectOf, subject, openedAt } of records) {
    if (subjectOf === 'standard') {
      said.set(keyOf({ of: 'standard', id: subject }), definitionOf(subject) ?? 'withdrawn');
      continue;
    }
    const collections = await facts.collections({ source: subject, known: moment.known });
    const newest = collections.findLast(
      ({ retracted, collection }) => !retracted && Date.parse(collection.finishedAt) > Date.parse(openedAt),
    );
    if (newest) said.set(keyOf({ of: 'source', id: subject }), newest.digest);
  }
  return (subject) => said.get(keyOf(subject)) ?? null;
}
