/** What the decisions hold, asked of PostgreSQL itself beside the server. */
import { type AuditVerdict, verifyAudit } from '@macadam/adapters/decisions/audit';
import { atOneMoment, logHead, logRows } from '@macadam/adapters/decisions/postgres/log';
import type { OwnerSession } from '@macadam/adapters/decisions/postgres/visit';

/** What one work leaves: a batch, three members, a comment, an exception, a message, and an entry for each of the first two and fourth. */
const PIECES = 7 + 3;

export interface Found {
  /** Works that are there with all that belongs to them; of them, those that are claimed. */
  readonly whole: ReadonlySet<string>;
  readonly claimed: ReadonlySet<string>;
  /** What is there in part, or twice. */
  readonly torn: readonly string[];
}

/** Works whose ids begin so. */
export async function worksOf(session: OwnerSession, prefix: string): Promise<Found> {
  const { rows } = await session.query<{ id: string; pieces: number; claimed: boolean }>(
    `with piece (id, claimed) as (
       select id, claimed_by is not null from macadam.batch where id like $1
       union all select batch, false from macadam.batch_member where batch like $1
       union all select batch, false from macadam.batch_comment where batch like $1
       union all select id, false from macadam.exception where id like $1
       union all select subject, false from macadam.outbox where subject like $1
       union all select subject, false from macadam.audit where subject like $1
         and action in ('batch.open', 'batch.comment', 'exception.request') and outcome = 'done')
     select id, count(*) as pieces, bool_or(claimed) as claimed from piece group by id`,
    [`${prefix}%`],
  );
  const whole = rows.filter(({ pieces }) => pieces === PIECES);
  return {
    whole: new Set(whole.map(({ id }) => id)),
    claimed: new Set(whole.filter(({ claimed }) => claimed).map(({ id }) => id)),
    torn: rows
      .filter(({ pieces }) => pieces !== PIECES)
      .map(({ id, pieces }) => `${id}: ${pieces} of ${PIECES}`),
  };
}

export const logOf = (session: OwnerSession): Promise<AuditVerdict> =>
  atOneMoment(session, async () => {
    const { number, digest } = await logHead(session);
    return verifyAudit(logRows(session), number > 0 ? new Map([[number, digest]]) : undefined);
  });

/** Batches of the facts that the log says were taken in. */
export async function loggedBatches(session: OwnerSession): Promise<ReadonlySet<number>> {
  const { rows } = await session.query<{ batch: number }>(
    `select (one ->> 'batch')::int as batch from macadam.audit,
     jsonb_array_elements(content::jsonb -> 'detail' -> 'batches') one where content::jsonb ->> 'action' = 'fact.ingest'`,
    [],
  );
  return new Set(rows.map(({ batch }) => batch));
}
