import { sql, type Updateable } from 'kysely';
import type { ExceptionRecord, Permissions, StandardRecord } from '../permissions.ts';
import { DecisionsError } from '../port.ts';
import { found } from './found.ts';
import { PAGE, type Schema, type Session } from './schema.ts';

export function permissions({ db, at, by, enter }: Session): Permissions {
  const exception = async (id: string) =>
    (await db.selectFrom('macadam.exception').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;

  /** Of two who answer at once, the second waits here and then sees that it is answered. */
  const asked = async (id: string) =>
    found(
      await db
        .selectFrom('macadam.exception')
        .selectAll()
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst(),
      `exception ${id}`,
    );

  async function answer(
    { id }: ExceptionRecord,
    set: Updateable<Schema['macadam.exception']>,
  ): Promise<ExceptionRecord> {
    return db
      .updateTable('macadam.exception')
      .set(set)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  const waiting = (record: ExceptionRecord) => {
    if (record.approvedAt !== null || record.refusedAt !== null)
      throw new DecisionsError('conflict', `exception ${record.id} was answered already`);
  };

  return {
    request: async (request) => {
      const {
        id,
        standard,
        division,
        selectors,
        reason,
        until,
        compensating = null,
        renews = null,
      } = request;
      const given = { standard, selectors: [...selectors], reason, until, compensating, renews };
      enter('exception.request', id, division, given);
      return db
        .insertInto('macadam.exception')
        .values({ id, division, ...given })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    approve: async (id, assets, proof = undefined) => {
      const record = await asked(id);
      enter('exception.approve', id, record.division, { assets, proof });
      waiting(record);
      if (assets.length === 0)
        throw new DecisionsError('refused', 'its selectors mean no asset; there is nothing to except', {
          field: 'assets',
          fix: 'refuse it, and have it asked for anew',
        });
      const approved = await answer(record, { approvedAt: at, approvedBy: by, proof: proof ?? null });
      await sql`insert into macadam.exception_asset (exception, division, asset, accepted)
        select ${id}, ${record.division}, * from unnest(${assets.map(({ asset }) => asset)}::text[],
          ${assets.map(({ accepted }) => accepted)}::text[])`.execute(db);
      return approved;
    },
    refuse: async (id) => {
      const record = await asked(id);
      enter('exception.refuse', id, record.division);
      waiting(record);
      return answer(record, { refusedAt: at, refusedBy: by });
    },
    end: async (id, reason) => {
      const record = await asked(id);
      enter('exception.end', id, record.division, { reason });
      if (record.endedAt !== null) throw new DecisionsError('conflict', `exception ${id} was ended already`);
      return answer(record, { endedAt: at, endedBy: by, endReason: reason });
    },
    exception,
    exceptedAssets: (id, { after = '', limit = PAGE } = {}) =>
      db
        .selectFrom('macadam.exceptionAsset')
        .selectAll()
        .where('exception', '=', id)
        .where('asset', '>', after)
        .orderBy('asset')
        .limit(limit)
        .execute(),
    exceptions: ({ standard, inForceOn, waiting: unanswered, after = '', limit = PAGE } = {}) => {
      let query = db
        .selectFrom('macadam.exception')
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit);
      if (standard !== undefined) query = query.where('standard', '=', standard);
      if (inForceOn !== undefined)
        query = query
          .where('approvedAt', 'is not', null)
          .where('endedAt', 'is', null)
          .where('until', '>=', inForceOn);
      if (unanswered !== undefined)
        query = query.where((eb) => {
          const none = eb.and([eb('approvedAt', 'is', null), eb('refusedAt', 'is', null)]);
          return unanswered ? none : eb.not(none);
        });
      return query.execute();
    },
    granted: async ({ standard, ids, after, assets: named } = {}) => {
      const { rows } = await sql<
        ExceptionRecord & { readonly assets: string[]; readonly accepted: (string | null)[] }
      >`select exception.*, assets, accepted from macadam.exception, lateral (select array_agg(asset order by asset) as assets,
          array_agg(accepted order by asset) as accepted from macadam.exception_asset where exception_asset.exception = exception.id) held
        where approved_at is not null and (${standard ?? null}::text is null or standard = ${standard ?? null})
          and (${ids ?? null}::text[] is null or id = any (${ids ?? null}::text[]))
          and (${named ?? null}::text[] is null or exists (select from macadam.exception_asset one
            where one.exception = exception.id and one.asset = any (${named ?? null}::text[])))
          and (${after ?? null}::timestamptz is null or (coalesce(ended_at, 'infinity') > ${after ?? null}::timestamptz
            and until >= (${after ?? null}::timestamptz at time zone 'UTC')::date)) order by id`.execute(db);
      return rows.map(({ assets, accepted, ...exception }) => ({
        exception,
        assets: (assets ?? []).map((asset, at) => ({ asset, accepted: accepted[at] ?? null })),
      }));
    },

    proposeStandard: async ({ standard, digest, definition, rollout, fromAt }) => {
      enter('standard.propose', standard, undefined, { digest, rollout, fromAt });
      return db
        .insertInto('macadam.standardVersion')
        .values({ standard, digest, definition, rollout: JSON.stringify(rollout), fromAt })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    approveStandard: async (number) => {
      const version = found(
        await db
          .selectFrom('macadam.standardVersion')
          .selectAll()
          .where('number', '=', number)
          .forUpdate()
          .executeTakeFirst(),
        `version ${number} of a standard`,
      );
      enter('standard.approve', version.standard, undefined, { number, digest: version.digest });
      if (version.approvedAt !== null)
        throw new DecisionsError('conflict', `version ${number} was approved already`);
      return db
        .updateTable('macadam.standardVersion')
        .set({ approvedAt: at, approvedBy: by })
        .where('number', '=', number)
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    standardsInForce: (time) =>
      db
        .selectFrom('macadam.standardVersion')
        .selectAll()
        .distinctOn('standard')
        .where('approvedAt', 'is not', null)
        .where('fromAt', '<=', time)
        .orderBy('standard')
        .orderBy('fromAt', 'desc')
        .orderBy('number', 'desc')
        .execute() satisfies Promise<readonly StandardRecord[]>,
  };
}
