/**
 * Credentials that a restore would bring back to life: what was revoked, ended or used after the backup was made is in force
 * in it. Nothing tells which, so all end.
 */

import type { OwnerSession } from '@macadam/adapters/decisions/postgres/visit';
import { canonical } from '@macadam/core/text/canonical';

/** How many were in force in the backup, and are no longer. */
export interface EndedCredentials {
  readonly sessions: number;
  readonly tokens: number;
  readonly links: number;
}

/** Who does it, in the log. */
const RESTORE = 'machine:restore';

const NOW = 'macadam.clock()';
/** By table; a backup of an older release has not all of them. */
const ENDINGS = {
  session: `set ended_at = ${NOW} where ended_at is null`,
  api_token: `set revoked_at = ${NOW}, revoked_by = '${RESTORE}' where revoked_at is null`,
  login_link: `set used_at = ${NOW}, used_by = '${RESTORE}' where used_at is null`,
} as const;

/**
 * In the transaction that puts them back, with its entry in the log. `tables`: those that there are. Rejects where the store
 * refuses it.
 */
export async function endCredentials(
  session: OwnerSession,
  tables: ReadonlySet<string>,
  madeAt: string,
): Promise<EndedCredentials> {
  await session.query("select set_config('macadam.principal', $1, true)", [RESTORE]);
  const ended: Record<string, number> = {};
  for (const [table, change] of Object.entries(ENDINGS)) {
    if (!tables.has(table)) continue;
    const { rowCount } = await session.query(`update macadam.${table} ${change} and expires_at > ${NOW}`);
    ended[table] = rowCount ?? 0;
  }
  // What was begun with a provider before cannot be ended here.
  if (tables.has('login_pending')) await session.query('delete from macadam.login_pending');
  const { session: sessions = 0, api_token: tokens = 0, login_link: links = 0 } = ended;
  const counts = { sessions, tokens, links };
  const entry = { action: 'backup.restore', subject: '', detail: { madeAt, ended: counts } };
  await session.query('select macadam.audit_append($1)', [
    [canonical({ outcome: 'done', ...entry, principal: RESTORE })],
  ]);
  await session.query('set constraints all immediate');
  return counts;
}
