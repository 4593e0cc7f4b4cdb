/** The whole audit log as it stands at one moment, for whoever verifies or copies it. */
import type { AuditRow } from '../audit.ts';
import type { AuditAnchor } from '../port.ts';
import type { OwnerSession } from './visit.ts';

const PAGE = 5000;

/** The session's transaction must see one moment: `repeatable read`. Constant memory. */
export async function* logRows(session: OwnerSession): AsyncGenerator<AuditRow> {
  for (let after = 0; ; ) {
    const { rows } = await session.query<AuditRow>(
      `select number, at, previous, content, content_digest as "contentDigest", digest
       from macadam.audit where number > $1 order by number limit ${PAGE}`,
      [after],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.number;
  }
}

/** What the store itself says is the newest entry. */
export async function logHead(session: OwnerSession): Promise<AuditAnchor> {
  const { rows } = await session.query<AuditAnchor>('select number, digest from macadam.audit_head');
  return rows[0] ?? { number: 0, digest: '' };
}

/** Everything that is asked meanwhile is of the moment at which this began. */
export async function atOneMoment<T>(session: OwnerSession, body: () => Promise<T>): Promise<T> {
  await session.query('begin isolation level repeatable read read only');
  try {
    return await body();
  } finally {
    await session.query('rollback');
  }
}
