/** When members of a batch are due, in SQL: the same as `dueOf` of core reckons. */
import { type RawBuilder, type SqlBool, sql } from 'kysely';

export const dayOf = (instant: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(${instant} at time zone 'UTC')::date`;

/**
 * Every member of `batch` with its own last day: a dispute stops the clock for some days, and after an exception it is due
 * some days later at the earliest. `here`: it has not left; `paused`: an exception allows its failure.
 */
export const clocks = (now: RawBuilder<unknown>) => sql`select member.left_at is null as here,
    dispute.number is not null and dispute.outcome is null as disputed,
    failing.excepted is not null as paused,
    greatest(failing.due_from, batch.due_on
      + coalesce(least(dispute.until_on - (dispute.opened_at at time zone 'UTC')::date, greatest(0, ceil(
        extract(epoch from (case when dispute.outcome in ('rejected', 'expired') then dispute.ended_at else ${now} end)
          - dispute.opened_at) / 86400)::int)), 0)) as due
  from macadam.batch_member member
    left join macadam.failing_asset failing on failing.standard = member.standard and failing.asset = member.failing
    left join macadam.batch_dispute_asset held on held.batch = member.batch and held.asset = member.asset
    left join macadam.batch_dispute dispute on dispute.number = held.dispute
  where member.batch = batch.id`;

/** Whether `batch` has members whose last day is over. Nobody's is before the batch's, so they are looked at only where that is over. */
export const overdueAt = (now: RawBuilder<unknown>): RawBuilder<SqlBool> =>
  sql<SqlBool>`(batch.due_on < ${dayOf(now)} and exists
    (select from (${clocks(now)}) clock where here and due < ${dayOf(now)}))`;
