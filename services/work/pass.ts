/**
 * One pass over one standard: what the decisions hold of it, what a tick saw, `reconcile` of both, and the difference
 * back. It happens in one transaction that holds the standard's name, so several processes may try at once, and one that
 * dies has done nothing. Only what the pass can change is read; `pass-laws.test.ts` holds that against reading all.
 */

import type { FailingRecord, FailingWanted } from '@macadam/adapters/decisions/failing';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Moment } from '@macadam/adapters/facts/history/record';
import type { State } from '@macadam/core/figures/accounting';
import { type Exception, endOf } from '@macadam/core/verdicts/exception';
import { opensWork, type Rollout, stepFor } from '@macadam/core/verdicts/rollout';
import { type DepartureReason, WORK_POLICY } from '@macadam/core/work/batch';
import {
  type FailingAsset,
  type ReconcileInput,
  reconcile,
  type StandardWork,
  type WorkEvent,
  type WorkStanding,
} from '@macadam/core/work/reconcile';
import { type AcceptedOptions, acceptedValues, begins } from './accepted.ts';
import { batchFrom, failingFrom } from './batch.ts';
import { exceptionsInForce } from './exceptions.ts';
import type { WorkTeams } from './teams.ts';

/** Where an asset stood at a tick. Of one that failed and is unknown, `since` says so. */
export interface SeenStanding {
  readonly asset: string;
  readonly name?: string;
  readonly state: State;
  readonly gone?: boolean;
  readonly team: string | null;
  readonly by: string;
  readonly since?: string;
}

/** What a tick saw of one standard. */
export interface Sight {
  readonly moment: Moment;
  /** The tick before: only who has taken that one in may go on from the changes. */
  readonly after: Moment | null;
  readonly changes: () => Promise<readonly SeenStanding[]>;
  /** Everything that ever failed, for whoever has not; also told which assets are held to be failing. */
  readonly whole: (held: readonly FailingRecord[]) => Promise<readonly SeenStanding[]>;
}

export interface PassOptions {
  readonly standard: ReconcileInput['standard'];
  /** Null: nothing new was seen, and only time has passed. */
  readonly sight: Sight | null;
  readonly teams: WorkTeams;
  readonly judge: AcceptedOptions['judge'];
  /** Those that are no decisions of the store: of an estate's file. */
  readonly exceptions?: readonly Exception[];
  /** Where the standard takes its steps by ring: what fails opens work for those alone whose ring warns by now. */
  readonly rollout?: Rollout;
  /** Assets whose owner was decided anew. */
  readonly touched?: readonly string[];
}

export interface Passed {
  readonly events: readonly WorkEvent[];
  /** `ahead`: a later tick was taken in already. `changes`, `whole`: what was read. `again`: nothing new was seen. `idle`: see `idle.ts`. */
  readonly from: 'ahead' | 'changes' | 'whole' | 'again' | 'idle';
}

export const subjectOfStandard = (standard: string): string => `standard/${standard}`;

/** In a transaction that sees every division. */
export async function pass(tx: DecisionTransaction, options: PassOptions): Promise<Passed> {
  const { standard, sight, teams } = options;
  await tx.exclusive(`work ${standard.id}`);
  const head = await tx.failing.pass(subjectOfStandard(standard.id));
  const from = readingOf(head, sight);
  const moment = sight?.moment ?? (head && { valid: new Date(head.valid), known: head.known });
  if (!moment || from === 'ahead') return { events: [], from: 'ahead' };
  const now = new Date(tx.at);
  const exceptions = [
    ...(options.exceptions ?? []).filter((one) => one.standard === standard.id),
    ...(await exceptionsInForce(tx, { standard: standard.id, after: moment.valid.toISOString() })),
  ];
  const homes = await tx.failing.teams(standard.id);
  if (sight) await rehome(tx, standard.id, homes, teams);
  const changes = sight && from === 'changes' ? await sight.changes() : [];
  // Excepted since the last tick, and not of its own: what is there now was accepted then, or is not.
  const fresh = new Set(
    from === 'changes' && head
      ? exceptions.filter((one) => begins(one) >= new Date(head.valid)).map(({ id, reason }) => id ?? reason)
      : [],
  );
  const wanted = wantedBy(options, {
    homes,
    from,
    changes,
    exceptions,
    fresh,
    now,
    since: head?.at ?? null,
  });
  const held = await tx.failing.wanted(standard.id, wanted);
  const seen = sight && from === 'whole' ? await sight.whole(held) : changes;
  const batches = await tx.work.hold([...new Set(held.flatMap(({ batch }) => batch ?? []))]);
  const owners = [...new Set([...held, ...seen].flatMap(({ team, asset }) => teams.of(team, asset) ?? []))];
  const before: StandardWork = {
    standard: standard.id,
    known: head?.known ?? 0,
    opened: head?.opened ?? 0,
    at: new Date(head ? head.at : 0).toISOString(),
    lastOpened: await tx.work.lastOpened(standard.id, owners),
    failing: new Map(held.map((one) => [one.asset, failingFrom(one)])),
    open: new Map(batches.map((one) => [one.batch.id, batchFrom(one)])),
  };
  const standings = await standingsOf(seen, held, options, {
    exceptions,
    tick: moment.valid,
    now,
    previous: from === 'changes' && head ? new Date(head.valid) : moment.valid,
  });
  const input: ReconcileInput = {
    standard: { ...standard, ...opensByRing(options.rollout, teams, now) },
    standings,
    returned: head ? await returnedIn(tx, standard.id, held, standings) : new Map<string, string>(),
    exceptions,
    policy: WORK_POLICY,
    now,
    known: moment.known,
  };
  const { work, events } = reconcile(before, input);
  const changed = await store({ tx, before, after: work, events, members: { teams, held } });
  if (changed || from === 'whole' || from === 'changes')
    await tx.failing.recordPass(
      {
        subject: subjectOfStandard(standard.id),
        valid: moment.valid.toISOString(),
        known: moment.known,
        opened: work.opened,
      },
      { from, valid: moment.valid.toISOString(), known: moment.known, seen: seen.length },
    );
  return { events, from };
}

function opensByRing(
  rollout: Rollout | undefined,
  teams: WorkTeams,
  now: Date,
): Pick<ReconcileInput['standard'], 'opensFor'> {
  if (rollout?.rings === undefined) return {};
  return {
    opensFor: ({ id, name }, owner) =>
      opensWork(stepFor(rollout, { id, name, owners: teams.above(owner) }, now)),
  };
}

/** What waits for a batch, or begins to, and was gone when it was last to be done. */
async function returnedIn(
  tx: DecisionTransaction,
  standard: string,
  held: readonly FailingRecord[],
  standings: readonly WorkStanding[],
): Promise<ReadonlyMap<string, string>> {
  const known = new Set(held.flatMap(({ asset, batch }) => (batch === null ? [] : [asset])));
  const waiting = standings.flatMap(({ asset, verdict }) =>
    verdict === 'F' && !known.has(asset) ? [asset] : [],
  );
  return tx.work.goneDue(standard, [...new Set(waiting)]);
}

function readingOf(head: { readonly valid: string } | null, sight: Sight | null): Passed['from'] {
  if (!sight) return head ? 'again' : 'ahead';
  if (!head) return 'whole';
  const [taken, moment] = [Date.parse(head.valid), sight.moment.valid.getTime()];
  if (taken === moment) return 'again';
  if (taken > moment) return 'ahead';
  return sight.after?.valid.getTime() === taken ? 'changes' : 'whole';
}

interface Read {
  readonly from: Passed['from'];
  readonly changes: readonly SeenStanding[];
  readonly exceptions: readonly Exception[];
  readonly fresh: ReadonlySet<string>;
  readonly homes: readonly { readonly team: string }[];
  readonly now: Date;
  /** Of the last pass. */
  readonly since: string | null;
}

/** What this pass can change: what was seen, what waits for its turn, and what exceptions and new owners reach. */
function wantedBy(
  { standard, teams, touched = [] }: PassOptions,
  { from, changes, exceptions, fresh, homes, now, since }: Read,
): FailingWanted {
  const inForce = exceptions.filter((one) => endOf(one) > now && begins(one) <= now);
  // A selector with a star may mean anything that fails.
  const all =
    from === 'whole' || inForce.some((one) => !one.accepted && one.assets.some((name) => name.includes('*')));
  if (all) return { assets: [], all };
  // One that ends later takes over what another one excepts.
  const granted = inForce.flatMap((one) =>
    since !== null && begins(one) >= new Date(since) ? Object.keys(one.accepted ?? {}) : [],
  );
  return {
    assets: [...changes.map(({ asset }) => asset), ...touched, ...granted],
    waiting: standard.opens,
    exceptedBeside: inForce.map(({ id, reason }) => id ?? reason).filter((id) => !fresh.has(id)),
    named: [
      ...new Set(inForce.flatMap(({ accepted, assets }) => (accepted ? Object.keys(accepted) : assets))),
    ],
    teams: homes.flatMap(({ team }) => (teams.of(team, '') === team ? [] : [team])),
  };
}

async function standingsOf(
  seen: readonly SeenStanding[],
  held: readonly FailingRecord[],
  { teams, judge, standard }: PassOptions,
  asked: Pick<AcceptedOptions, 'exceptions' | 'tick' | 'previous' | 'now'>,
): Promise<WorkStanding[]> {
  const heldNames = new Map(held.map(({ asset, name }) => [asset, name]));
  const nameOf = ({ asset, name }: SeenStanding) => name ?? heldNames.get(asset) ?? asset;
  const told = new Set(seen.map(({ asset }) => asset));
  const rest = held.filter(({ asset, unknown }) => !unknown && !told.has(asset));
  const failures = [
    ...seen.flatMap((one) =>
      one.state === 'F' || one.state === 'X'
        ? [{ asset: one.asset, name: nameOf(one), state: one.state, told: true }]
        : [],
    ),
    ...rest.map(({ asset, name, excepted }) => ({
      asset,
      name,
      state: excepted === null ? ('F' as const) : ('X' as const),
      told: false,
    })),
  ];
  const values = await acceptedValues(failures, { ...asked, standard: standard.id, judge });
  const standings: WorkStanding[] = [];
  const say = (one: Omit<SeenStanding, 'state'>, verdict: WorkStanding['verdict'], value?: string) =>
    standings.push({
      asset: one.asset,
      name: nameOf({ ...one, state: 'F' }),
      verdict,
      by: one.by,
      owner: teams.of(one.team, one.asset),
      gone: one.gone ?? false,
      ...(one.since !== undefined && { since: one.since }),
      ...(value !== undefined && { value }),
    });
  for (const one of seen) {
    if (one.state === 'F' || one.state === 'X') say(one, 'F', values.get(one.asset));
    else if (one.state === 'U') {
      // It failed before nobody could tell any more.
      if (one.since !== undefined && !heldNames.has(one.asset)) say(one, 'F');
      say(one, 'U');
    } else say(one, one.state);
  }
  for (const one of held) {
    if (told.has(one.asset)) continue;
    const { asset, name, team, since, observation } = one;
    const same = { asset, name, team, since, by: observation ?? '' };
    if (one.unknown) say(same, 'U');
    else say(same, 'F', values.get(asset));
  }
  return standings;
}

/** Work of teams that are in another division by now goes there. */
async function rehome(
  tx: DecisionTransaction,
  standard: string,
  homes: readonly { readonly team: string; readonly division: string }[],
  teams: WorkTeams,
): Promise<void> {
  const moved = homes.filter(({ team, division }) => division !== teams.division(team));
  if (moved.length > 0)
    await tx.work.rehome(standard, new Map(moved.map(({ team }) => [team, teams.division(team)])));
}

interface StoreInput {
  readonly tx: DecisionTransaction;
  readonly before: StandardWork;
  readonly after: StandardWork;
  readonly events: readonly WorkEvent[];
  readonly members: { readonly teams: WorkTeams; readonly held: readonly FailingRecord[] };
}

/** Writes what is otherwise than before, and nothing else. Gives whether anything was. */
async function store({ tx, before, after, events, members: { teams, held } }: StoreInput): Promise<boolean> {
  const opened = events.flatMap((one) => (one.event === 'opened' ? [one.batch] : []));
  const leaving = events.flatMap((one) => (one.event === 'left' ? [one] : []));
  const closing = events.flatMap((one) => (one.event === 'closed' ? [one.batch.id] : [])).sort();
  const closed = await tx.work.leave(
    leaving.map(({ batch, departure: { asset, why, by } }) => ({
      batch,
      asset,
      as: departureOf(why),
      ...(why === 'reassigned' ? { for: by } : { observation: by }),
    })),
  );
  if (closed.join('\n') !== closing.join('\n'))
    throw new Error(`batches that should have closed: ${closing}; that did: ${closed}`);
  enterClocks(tx, before, events, teams);
  const records = new Map(held.map((one) => [one.asset, one]));
  const put = [...after.failing].filter(([asset, one]) => differs(before.failing.get(asset), one));
  await tx.failing.put(
    before.standard,
    put.map(([asset, one]) => ({
      asset,
      name: one.name,
      team: one.owner,
      // What nobody owns at the moment stays where it was seen.
      division: one.owner === null ? (records.get(asset)?.division ?? '') : teams.division(one.owner),
      since: one.since,
      observation: one.by === '' ? null : one.by,
      unknown: one.unknown,
      value: one.value,
      excepted: one.excepted,
      exceptedUntil: one.exceptedUntil,
      dueFrom: one.dueFrom,
      handedOverAt: one.handedOverAt,
    })),
  );
  const gone = [...before.failing].flatMap(([asset, { batch }]) =>
    after.failing.has(asset) || batch !== null ? [] : [asset],
  );
  await tx.failing.forget(before.standard, gone);
  await tx.work.open(
    opened.map(({ id, standard, owner, of, due, members }) => ({
      id,
      standard,
      team: owner,
      division: teams.division(owner),
      of,
      dueOn: due,
      members: members.map((asset) => ({ asset, failingSince: after.failing.get(asset)?.since ?? after.at })),
    })),
  );
  return put.length + gone.length + leaving.length + opened.length > 0;
}

/** Whose clock stands still from here on, and whose runs again, into the log: whoever is told of a batch hears of it. */
function enterClocks(
  tx: DecisionTransaction,
  before: StandardWork,
  events: readonly WorkEvent[],
  teams: WorkTeams,
): void {
  const clocks = events.flatMap((one) =>
    one.event === 'paused' || one.event === 'failing-again' ? [one] : [],
  );
  for (const [batch, all] of Map.groupBy(clocks, (one) => one.batch)) {
    if (batch === null) continue;
    const division = teams.division(before.open.get(batch)?.owner ?? null);
    const paused = all.flatMap((one) =>
      one.event === 'paused' ? [{ asset: one.asset, exception: one.exception, until: one.until }] : [],
    );
    const resumed = all.flatMap((one) =>
      one.event === 'failing-again' ? [{ asset: one.asset, exception: one.exception, why: one.why }] : [],
    );
    if (paused.length > 0) tx.audit({ action: 'batch.pause', subject: batch, division, detail: paused });
    if (resumed.length > 0) tx.audit({ action: 'batch.resume', subject: batch, division, detail: resumed });
  }
}

/** Reconcile takes nobody out of a batch for an exception. */
function departureOf(why: DepartureReason): Exclude<DepartureReason, 'excepted'> {
  if (why === 'excepted') throw new Error('an exception pauses a member, and does not take it out');
  return why;
}

const SAID = [
  'name',
  'owner',
  'since',
  'by',
  'unknown',
  'value',
  'excepted',
  'exceptedUntil',
  'dueFrom',
  'handedOverAt',
] as const;
const differs = (before: FailingAsset | undefined, after: FailingAsset): boolean =>
  before === undefined || SAID.some((key) => before[key] !== after[key]);
