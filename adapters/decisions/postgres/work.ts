import { type RawBuilder, type SqlBool, sql, type Updateable } from 'kysely';
import { DecisionsError } from '../port.ts';
import type { BatchRecord, DisputeRecord, HeldBatch, PausedMember, Work } from '../work.ts';
import { overdueAt } from './clock.ts';
import { found } from './found.ts';
import { PAGE, type Schema, type Session } from './schema.ts';

export function work(session: Session): Work {
  const { db, at, by, enter } = session;
  const divisionOf = async (batch: string) =>
    found(
      await db.selectFrom('macadam.batch').select('division').where('id', '=', batch).executeTakeFirst(),
      `batch ${batch}`,
    ).division;

  /** One statement's worth of change to one batch that must be open, and of the version that the caller saw. */
  async function change(
    id: string,
    action: string,
    set: Updateable<Schema['macadam.batch']>,
    version?: number,
  ): Promise<BatchRecord> {
    enter(action, id, await divisionOf(id), set);
    let query = db.updateTable('macadam.batch').set(set).where('id', '=', id);
    if (version !== undefined) query = query.where('version', '=', version);
    const changed = await query.returningAll().executeTakeFirst();
    if (changed === undefined)
      throw new DecisionsError('conflict', `batch ${id} is no longer at version ${version}; read it again`);
    return changed;
  }

  const members = () =>
    db
      .selectFrom('macadam.batchMember')
      .select(['batch', 'asset', 'standard', 'division', 'failingSince'])
      .select(['leftAt', 'leftAs', 'observation', 'leftFor']);

  async function disputesOf(batches: readonly string[]): Promise<readonly DisputeRecord[]> {
    const { rows } = await sql<DisputeRecord>`select dispute.*, array(select asset
        from macadam.batch_dispute_asset where dispute = dispute.number order by asset) as assets
      from macadam.batch_dispute dispute where batch = any (${batches}) order by number`.execute(db);
    return rows;
  }

  async function pausesOf(
    batches: readonly string[],
  ): Promise<readonly (PausedMember & { readonly batch: string })[]> {
    const { rows } = await sql<PausedMember & { batch: string }>`select member.batch, member.asset,
        failing.excepted as exception, failing.excepted_until as until, failing.due_from
      from macadam.batch_member member join macadam.failing_asset failing
        on failing.standard = member.standard and failing.asset = member.failing
      where member.batch = any (${batches}) and failing.due_from is not null
      order by member.asset collate "C"`.execute(db);
    return rows;
  }

  async function whole(ids: readonly string[], lock: RawBuilder<unknown>): Promise<readonly HeldBatch[]> {
    if (ids.length === 0) return [];
    // In one order, so that two who hold several never wait for each other.
    const { rows } = await sql<BatchRecord>`select * from macadam.batch where id = any (${ids})
        order by id ${lock}`.execute(db);
    const left = await sql<{ batch: string; remaining: string[] }>`select batch,
          array_agg(asset order by asset collate "C") as remaining
        from macadam.batch_member where batch = any (${ids}) and left_at is null group by batch`.execute(db);
    const remaining = new Map(left.rows.map((row) => [row.batch, row.remaining]));
    const disputes = Map.groupBy(await disputesOf(ids), ({ batch }) => batch);
    const pauses = Map.groupBy(await pausesOf(ids), ({ batch }) => batch);
    return rows.map((batch) => ({
      batch,
      remaining: remaining.get(batch.id) ?? [],
      disputes: disputes.get(batch.id) ?? [],
      pauses: (pauses.get(batch.id) ?? []).map(({ asset, exception, until, dueFrom }) => ({
        asset,
        exception,
        until,
        dueFrom,
      })),
    }));
  }

  return {
    open: (batches) => openBatches(session, batches),
    leave: (leaving) => leaveBatches(session, leaving),

    batch: async (id) =>
      (await db.selectFrom('macadam.batch').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    batches: ({ team, teams, standard, open, overdue = false, after = '', limit = PAGE } = {}) => {
      let query = db
        .selectFrom('macadam.batch as batch')
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit);
      if (team !== undefined) query = query.where('team', '=', team);
      if (teams !== undefined) query = query.where(sql<SqlBool>`team = any (${teams})`);
      if (overdue) query = query.where('closedAt', 'is', null).where(overdueAt(sql`${at}::timestamptz`));
      if (standard !== undefined) query = query.where('standard', '=', standard);
      if (open !== undefined) query = query.where('closedAt', open ? 'is' : 'is not', null);
      return query.execute();
    },
    teams: async () => {
      const { rows } = await sql<{
        team: string;
      }>`select distinct team from macadam.batch order by team`.execute(db);
      return rows.map(({ team }) => team);
    },
    members: (batch, { after = '', limit = PAGE } = {}) =>
      members().where('batch', '=', batch).where('asset', '>', after).orderBy('asset').limit(limit).execute(),

    claim: (id, claimed, version) =>
      change(id, claimed ? 'batch.claim' : 'batch.unclaim', { claimedBy: claimed ? by : null }, version),
    snooze: (id, until, version) => change(id, 'batch.snooze', { snoozedUntil: until }, version),
    comment: async (batch, text) => {
      const division = await divisionOf(batch);
      enter('batch.comment', batch, division, { text });
      return db
        .insertInto('macadam.batchComment')
        .values({ batch, division, text })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    comments: (batch, { after = 0, limit = PAGE } = {}) =>
      db
        .selectFrom('macadam.batchComment')
        .selectAll()
        .where('batch', '=', batch)
        .where('number', '>', after)
        .orderBy('number')
        .limit(limit)
        .execute(),
    dispute: async (batch, { assets, reason, untilOn }) => {
      const division = await divisionOf(batch);
      const named = [...new Set(assets)].sort();
      enter('batch.dispute', batch, division, { assets: named, reason, untilOn });
      if (named.length === 0)
        throw new DecisionsError('refused', 'it names no asset; name those whose verdict is false', {
          field: 'assets',
          fix: 'name those whose verdict is false',
        });
      const made = await db
        .insertInto('macadam.batchDispute')
        .values({ batch, division, reason, untilOn, outcome: null, endedAt: null, endedBy: null })
        .returningAll()
        .executeTakeFirstOrThrow();
      await sql`insert into macadam.batch_dispute_asset (dispute, batch, asset, division)
        select ${made.number}, ${batch}, *, ${division} from unnest(${named}::text[])`.execute(db);
      return { ...made, assets: named };
    },
    settleDispute: async (number, outcome, reason) => {
      const { batch, division } = found(
        await db
          .selectFrom('macadam.batchDispute')
          .select(['batch', 'division'])
          .where('number', '=', number)
          .executeTakeFirst(),
        `dispute ${number}`,
      );
      enter('batch.settle-dispute', batch, division, { number, outcome, reason });
      const settled = await db
        .updateTable('macadam.batchDispute')
        .set({ outcome, endedAt: at, endedBy: by, endReason: reason ?? null })
        .where('number', '=', number)
        .where('endedAt', 'is', null)
        .returning('number')
        .executeTakeFirst();
      if (settled === undefined)
        throw new DecisionsError('conflict', `dispute ${number} was settled already`);
    },
    disputes: (batch) => disputesOf([batch]),

    hold: (ids) => whole(ids, sql`for update`),
    view: (ids) => whole(ids, sql``),
    rehome: async (standard, homes) => {
      const places = sql`unnest(${[...homes.keys()]}::text[], ${[...homes.values()]}::text[]) home (team, division)`;
      const moved = await sql<{ id: string }>`update macadam.batch set division = home.division from ${places}
        where standard = ${standard} and closed_at is null and batch.team = home.team
          and batch.division <> home.division returning id`.execute(db);
      const assets = await sql<{ asset: string }>`update macadam.failing_asset failing
        set division = home.division from ${places} where standard = ${standard} and failing.team = home.team
          and failing.division <> home.division returning asset`.execute(db);
      if (moved.rows.length + assets.rows.length > 0)
        enter('work.rehome', standard, undefined, {
          batches: moved.rows.map(({ id }) => id),
          assets: assets.rows.length,
        });
    },
    lastOpened: async (standard, teams) => {
      const { rows } = await sql<{ team: string; at: string | null }>`select team, (select max(opened_at)
          from macadam.batch where standard = ${standard} and batch.team = asked.team and of = 'failures') as at
        from unnest(${teams}::text[]) asked (team)`.execute(db);
      return new Map(rows.flatMap(({ team, at: opened }) => (opened === null ? [] : [[team, opened]])));
    },
    goneDue: async (standard, assets) => {
      if (assets.length === 0) return new Map();
      const { rows } = await sql<{
        asset: string;
        leftAs: string;
        dueOn: string;
      }>`select distinct on (member.asset)
          member.asset, member.left_as, batch.due_on
        from macadam.batch_member member join macadam.batch on batch.id = member.batch
        where member.standard = ${standard} and member.asset = any (${assets}::text[]) and member.left_at is not null
        order by member.asset, member.left_at desc`.execute(db);
      return new Map(rows.flatMap(({ asset, leftAs, dueOn }) => (leftAs === 'gone' ? [[asset, dueOn]] : [])));
    },
  };
}

/** Lists travel as one array a column, so that a hundred thousand rows are one statement. */
async function openBatches({ db, enter }: Session, batches: Parameters<Work['open']>[0]): Promise<void> {
  if (batches.length === 0) return;
  for (const { id, standard, team, division, dueOn, of, members } of batches)
    enter('batch.open', id, division, {
      standard,
      team,
      dueOn,
      of,
      assets: members.map(({ asset }) => asset),
    });
  const column = (of: (batch: (typeof batches)[number]) => string) => batches.map(of);
  await sql`insert into macadam.batch (id, standard, team, division, of, due_on)
    select * from unnest(${column(({ id }) => id)}::text[], ${column(({ standard }) => standard)}::text[],
      ${column(({ team }) => team)}::text[], ${column(({ division }) => division)}::text[],
      ${column(({ of = 'failures' }) => of)}::text[], ${column(({ dueOn }) => dueOn)}::date[])`.execute(db);
  const members = batches.flatMap((batch) => batch.members.map((member) => ({ batch, member })));
  await sql`insert into macadam.failing_asset (standard, asset, name, team, division, since)
    select batch.standard, member.asset, member.asset, batch.team, batch.division, member.since
    from unnest(${members.map(({ batch }) => batch.id)}::text[], ${members.map(({ member }) => member.asset)}::text[],
      ${members.map(({ member }) => member.failingSince)}::timestamptz[]) member (batch, asset, since)
    join macadam.batch on batch.id = member.batch on conflict do nothing`.execute(db);
  await sql`insert into macadam.batch_member (batch, asset, failing_since, standard, division)
    select member.*, batch.standard, batch.division from unnest(${members.map(({ batch }) => batch.id)}::text[],
      ${members.map(({ member }) => member.asset)}::text[],
      ${members.map(({ member }) => member.failingSince)}::timestamptz[]) member (batch, asset, since)
    join macadam.batch on batch.id = member.batch`.execute(db);
}

async function leaveBatches(
  { db, at, by, enter }: Session,
  leaving: Parameters<Work['leave']>[0],
): Promise<readonly string[]> {
  if (leaving.length === 0) return [];
  const ids = [...new Set(leaving.map(({ batch }) => batch))];
  const batches = new Map(
    (
      await db
        .selectFrom('macadam.batch')
        .select(['id', 'division'])
        .where((eb) => eb('id', '=', eb.fn.any(eb.val(ids))))
        .forUpdate()
        .execute()
    ).map((batch) => [batch.id, batch.division]),
  );
  const byBatch = Map.groupBy(leaving, ({ batch }) => batch);
  for (const [batch, members] of byBatch)
    enter(
      'batch.leave',
      batch,
      found(batches.get(batch), `batch ${batch}`),
      members.map(({ asset, as, observation, for: to }) => ({ asset, as, observation, for: to })),
    );
  const { rows } = await sql<{ batch: string }>`update macadam.batch_member as member
    set left_at = ${at}, left_as = gone.reason, observation = gone.observation, left_for = gone.successor
    from unnest(${leaving.map(({ batch }) => batch)}::text[], ${leaving.map(({ asset }) => asset)}::text[],
      ${leaving.map((one) => one.as)}::text[], ${leaving.map(({ observation }) => observation ?? null)}::text[],
      ${leaving.map((one) => one.for ?? null)}::text[]) gone (batch, asset, reason, observation, successor)
    where member.batch = gone.batch and member.asset = gone.asset returning member.batch`.execute(db);
  if (rows.length !== leaving.length)
    throw new DecisionsError(
      'missing',
      `${leaving.length - rows.length} of those that leave are no members, or twice`,
    );
  const well = leaving.filter(({ as }) => as !== 'reassigned');
  await sql`delete from macadam.failing_asset failing
    using unnest(${well.map(({ batch }) => batch)}::text[], ${well.map(({ asset }) => asset)}::text[]) gone (batch, asset)
    join macadam.batch on batch.id = gone.batch
    where failing.standard = batch.standard and failing.asset = gone.asset`.execute(db);
  const closed = await sql<{ id: string }>`update macadam.batch set closed_at = ${at}, closed_by = ${by}
    where id = any (${ids}) and closed_at is null and not exists
      (select from macadam.batch_member where batch = batch.id and left_at is null) returning id`.execute(db);
  const gone = closed.rows.map(({ id }) => id).sort();
  for (const id of gone) enter('batch.close', id, batches.get(id));
  return gone;
}
