import { sql } from 'kysely';
import type { Delivery, MessageRecord } from '../delivery.ts';
import { DecisionsError } from '../port.ts';
import { found } from './found.ts';
import type { Session } from './schema.ts';

export function delivery({ db, at }: Session): Delivery {
  const answered = async (number: number, set: { readonly [column: string]: unknown }) =>
    found(
      await db
        .updateTable('macadam.outbox')
        .set(set)
        .where('number', '=', number)
        .where('deliveredAt', 'is', null)
        .returning('number')
        .executeTakeFirst(),
      `message ${number} that is still to be delivered`,
    );
  /** The answer that a key has, if it was used for this request. */
  const answeredBefore = async (key: string, request: string) => {
    const before = await db
      .selectFrom('macadam.idempotency')
      .select(['request', 'answer'])
      .where('key', '=', key)
      .where('principal', '=', sql<string>`macadam.principal()`)
      .executeTakeFirst();
    if (before && before.request !== request)
      throw new DecisionsError('conflict', `the key ${key} was used for another request; use a new one`, {
        field: 'Idempotency-Key',
        fix: 'use a new one for each request',
      });
    return before ? { answer: before.answer } : null;
  };
  return {
    answered: answeredBefore,
    claimKey: async (key, request) => {
      for (;;) {
        const fresh = await db
          .insertInto('macadam.idempotency')
          .values({ key, request })
          .onConflict((conflict) => conflict.doNothing())
          .returning('key')
          .executeTakeFirst();
        if (fresh) return { fresh: true, answer: null };
        const before = await answeredBefore(key, request);
        if (before) return { fresh: false, answer: before.answer };
        // It was forgotten between the two questions, so it can be claimed now.
      }
    },
    answer: async (key, answer) => {
      await db
        .updateTable('macadam.idempotency')
        .set({ answer: JSON.stringify(answer) })
        .where('key', '=', key)
        .where('principal', '=', sql<string>`macadam.principal()`)
        .execute();
    },
    forgetKeys: async (before) => {
      const gone = await db
        .deleteFrom('macadam.idempotency')
        .where('claimedAt', '<', before)
        .executeTakeFirst();
      return Number(gone.numDeletedRows);
    },

    post: async ({ destination, division, subject, body }) => {
      await db
        .insertInto('macadam.outbox')
        .values({
          destination,
          division,
          subject,
          body: JSON.stringify(body),
          problem: null,
          deliveredAt: null,
        })
        .execute();
    },
    takeMessages: async (destination, limit, seconds) => {
      const { rows } = await sql<MessageRecord>`with due as (
          select number from macadam.outbox message
          where destination = ${destination} and delivered_at is null and due_at <= ${at} and not exists (
            select from macadam.outbox earlier where earlier.destination = message.destination
              and earlier.subject = message.subject and earlier.number < message.number
              and earlier.delivered_at is null)
          order by number limit ${limit} for update skip locked)
        update macadam.outbox set attempts = attempts + 1,
          due_at = ${at}::timestamptz + make_interval(secs => ${seconds})
        from due where outbox.number = due.number returning outbox.*`.execute(db);
      return rows.toSorted((a, b) => a.number - b.number);
    },
    delivered: async (number) => {
      await answered(number, { deliveredAt: at, problem: null });
    },
    failed: async (number, problem, retryAt) => {
      await answered(number, { problem, dueAt: retryAt });
    },
  };
}
