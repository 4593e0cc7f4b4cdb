import { sql, type Updateable } from 'kysely';
import { DecisionsError } from '../port.ts';
import type { WebhookFailure, WebhookRecord, Webhooks } from '../webhooks.ts';
import { found } from './found.ts';
import { PAGE, type Schema, type Session } from './schema.ts';

export function webhooks({ db, at, enter }: Session): Webhooks {
  const webhook = async (id: string) =>
    (await db.selectFrom('macadam.webhook').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
  const change = async (
    id: string,
    set: Updateable<Schema['macadam.webhook']>,
    version?: number,
  ): Promise<WebhookRecord> => {
    let query = db
      .updateTable('macadam.webhook')
      .set((eb) => ({ ...set, changedAt: at, version: eb('version', '+', 1) }))
      .where('id', '=', id);
    if (version !== undefined) query = query.where('version', '=', version);
    const changed = await query.returningAll().executeTakeFirst();
    if (changed === undefined)
      throw new DecisionsError('conflict', `webhook ${id} is no longer at version ${version}; read it again`);
    return changed;
  };
  const working = async (id: string) => {
    await db.deleteFrom('macadam.webhookFailure').where('webhook', '=', id).execute();
  };
  return {
    put: async ({ id, url, events, division, active }, version) => {
      enter('webhook.put', id, division, { url, events, active });
      const given = { url, events, division, active, disabledBecause: null };
      if ((await webhook(id)) !== null) {
        const changed = await change(id, given, version);
        // Whoever puts it has mended it; the first message will tell.
        if (active) await working(id);
        return changed;
      }
      return db
        .insertInto('macadam.webhook')
        .values({ id, ...given, previousUntil: null, shownVersion: null })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    rotate: async (id, previousUntil) => {
      const { division, secretVersion } = found((await webhook(id)) ?? undefined, `webhook ${id}`);
      enter('webhook.rotate', id, division, { previousUntil });
      return change(id, { secretVersion: secretVersion + 1, shownVersion: secretVersion + 1, previousUntil });
    },
    reveal: async (id) => {
      const { division, secretVersion } = found((await webhook(id)) ?? undefined, `webhook ${id}`);
      enter('webhook.reveal', id, division, { version: secretVersion });
      // Of two who ask at once one gets it. It is no change of the settings, so the version stays.
      const shown = await db
        .updateTable('macadam.webhook')
        .set({ shownVersion: secretVersion })
        .where('id', '=', id)
        .where('secretVersion', '=', secretVersion)
        .where((eb) => eb.or([eb('shownVersion', 'is', null), eb('shownVersion', '<', secretVersion)]))
        .returningAll()
        .executeTakeFirst();
      if (!shown)
        throw new DecisionsError('conflict', `the secret of ${id} was shown already; give it a new one`, {
          fix: 'ask for a rotation: for a day both secrets sign',
        });
      return shown;
    },
    disable: async (id, because) => {
      const { division } = found((await webhook(id)) ?? undefined, `webhook ${id}`);
      enter('webhook.disable', id, division, { because });
      await change(id, { active: false, disabledBecause: because });
    },
    webhook,
    webhooks: ({ after = '', limit = PAGE } = {}) =>
      db
        .selectFrom('macadam.webhook')
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute(),

    failure: async (id) =>
      (await db
        .selectFrom('macadam.webhookFailure')
        .selectAll()
        .where('webhook', '=', id)
        .executeTakeFirst()) ?? null,
    failures: async (ids) =>
      ids.length === 0
        ? []
        : db.selectFrom('macadam.webhookFailure').selectAll().where('webhook', 'in', ids).execute(),
    failing: async (id, problem, retryAt) => {
      const { rows } = await sql<WebhookFailure>`insert into macadam.webhook_failure
        (webhook, since, failures, retry_at, problem) values (${id}, ${at}, 1, ${retryAt}, ${problem})
        on conflict (webhook) do update set failures = webhook_failure.failures + 1, retry_at = excluded.retry_at,
          problem = excluded.problem returning *`.execute(db);
      return found(rows[0], `webhook ${id}`);
    },
    working,
  };
}
