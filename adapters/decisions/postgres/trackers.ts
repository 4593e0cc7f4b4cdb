import { sql } from 'kysely';
import { DecisionsError } from '../port.ts';
import type { Trackers } from '../trackers.ts';
import { found } from './found.ts';
import { PAGE, type Session } from './schema.ts';

export function trackers({ db, at, enter }: Session): Trackers {
  const tracker = async (id: string) =>
    (await db.selectFrom('macadam.tracker').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
  return {
    put: async ({ id, kind, options, ...rest }, version) => {
      const given = { ...rest, options: JSON.stringify(options), changedAt: at };
      enter('tracker.put', id, rest.division, { kind, options, ...rest });
      const before = await tracker(id);
      if (before === null)
        return db
          .insertInto('macadam.tracker')
          .values({ id, kind, ...given })
          .returningAll()
          .executeTakeFirstOrThrow();
      if (before.kind !== kind)
        throw new DecisionsError('refused', `tracker ${id} is of kind ${before.kind} for life`, {
          field: 'kind',
          fix: 'make another tracker',
        });
      let query = db
        .updateTable('macadam.tracker')
        .set((eb) => ({ ...given, version: eb('version', '+', 1) }))
        .where('id', '=', id);
      if (version !== undefined) query = query.where('version', '=', version);
      const changed = await query.returningAll().executeTakeFirst();
      if (changed === undefined)
        throw new DecisionsError(
          'conflict',
          `tracker ${id} is no longer at version ${version}; read it again`,
        );
      return changed;
    },
    tracker,
    trackers: ({ after = '', limit = PAGE } = {}) =>
      db
        .selectFrom('macadam.tracker')
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute(),
    trackerOf: async (team, division) =>
      (await db
        .selectFrom('macadam.tracker')
        .selectAll()
        .where('active', '=', true)
        .where('division', 'in', [division, ''])
        .where('team', 'in', [team, ''])
        .orderBy('team', 'desc')
        .orderBy('division', 'desc')
        .limit(1)
        .executeTakeFirst()) ?? null,

    issue: async (batch) =>
      (await db.selectFrom('macadam.issue').selectAll().where('batch', '=', batch).executeTakeFirst()) ??
      null,
    issueOf: async (of, { key, marker }) =>
      (await db
        .selectFrom('macadam.issue')
        .selectAll()
        .where('tracker', '=', of)
        .where((eb) => eb.or([eb('key', '=', key), ...(marker === null ? [] : [eb('marker', '=', marker)])]))
        .orderBy((eb) => eb('key', '=', key), 'desc')
        .limit(1)
        .executeTakeFirst()) ?? null,
    putIssue: async ({ batch, division, ...rest }) => {
      await db
        .insertInto('macadam.issue')
        .values({ batch, division, ...rest })
        .onConflict((conflict) => conflict.column('batch').doUpdateSet(rest))
        .execute();
    },
    ask: async (batch, division, look) => {
      // One that nobody has taken yet says it all, and is not taken before this is over.
      const waiting = look
        ? undefined
        : await db
            .selectFrom('macadam.outbox')
            .select('number')
            .where('destination', '=', 'tracker')
            .where('subject', '=', batch)
            .where('deliveredAt', 'is', null)
            .where('attempts', '=', 0)
            .limit(1)
            .forUpdate()
            .skipLocked()
            .executeTakeFirst();
      if (waiting) return;
      await db
        .insertInto('macadam.outbox')
        .values({
          destination: 'tracker',
          division,
          subject: batch,
          body: JSON.stringify({ batch, look }),
          problem: null,
          deliveredAt: null,
        })
        .execute();
    },
    commentIn: async ({ batch, division, tracker: of }, remote, text) => {
      // Another process that is reading the same waits here, and finds it done.
      await sql`select pg_advisory_xact_lock(hashtextextended(${`macadam:comment:${of}:${remote}`}, 0))`.execute(
        db,
      );
      const before = await db
        .selectFrom('macadam.issueComment')
        .select('comment')
        .where('tracker', '=', of)
        .where('remote', '=', remote)
        .executeTakeFirst();
      if (before) return null;
      enter('batch.comment', batch, division, { text, remote: `${of}/${remote}` });
      const comment = await db
        .insertInto('macadam.batchComment')
        .values({ batch, division, text })
        .returningAll()
        .executeTakeFirstOrThrow();
      await db
        .insertInto('macadam.issueComment')
        .values({ tracker: of, remote, division, comment: comment.number })
        .execute();
      return comment;
    },
    commentsRead: async (batch, until) => {
      await db
        .updateTable('macadam.issue')
        .set({ commentsUntil: until })
        .where('batch', '=', batch)
        .where('commentsUntil', '<', until)
        .execute();
    },

    startPoll: async (of, seconds) => {
      const { rows } = await sql<{
        cursor: string | null;
      }>`insert into macadam.tracker_poll (tracker, leased_until)
        values (${of}, ${at}::timestamptz + make_interval(secs => ${seconds}))
        on conflict (tracker) do update set leased_until = excluded.leased_until
        where tracker_poll.leased_until <= ${at} returning cursor`.execute(db);
      return rows[0] ?? null;
    },
    endPoll: async (of, { cursor, problem, nextAt }) => {
      const ended = await db
        .updateTable('macadam.trackerPoll')
        .set({ leasedUntil: nextAt, problem, ...(cursor === null ? {} : { cursor }) })
        .where('tracker', '=', of)
        .returning('tracker')
        .executeTakeFirst();
      found(ended, `poll of ${of}`);
    },
  };
}
