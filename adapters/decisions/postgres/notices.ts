import type { Receipt } from '@macadam/core/advisories/incident-notices';
import { sql } from 'kysely';
import type { NoticeRecord, Notices, RecipientRecord } from '../notices.ts';
import { DecisionsError } from '../port.ts';
import type { Session } from './schema.ts';

const NOTICE = sql`select n.id, n.incident, n.audience, n.template, n.text, n.drafted_at as "draftedAt", n.drafted_by as "draftedBy",
  a.approved_at as "approvedAt", a.approved_by as "approvedBy",
  (select min(sent_at) from macadam.notice_recipient r where r.notice = n.id) as "sentAt"
  from macadam.notice n left join macadam.notice_approval a on a.notice = n.id`;

export function notices({ db, enter }: Session): Notices {
  const notice = async (id: string): Promise<NoticeRecord | null> => {
    const { rows } = await sql<NoticeRecord>`${NOTICE} where n.id = ${id}`.execute(db);
    return rows[0] ?? null;
  };
  return {
    notice,
    draft: async (draft) => {
      const { id, incident, audience, template, text } = draft;
      enter('notice.draft', id, undefined, { incident, audience, template, text });
      await sql`insert into macadam.notice (id, incident, audience, template, text)
        values (${id}, ${incident}, ${audience}, ${template}, ${text})`.execute(db);
      const made = await notice(id);
      if (made === null) throw new DecisionsError('missing', `there is no notice \`${id}\``);
      return made;
    },
    approve: async (id) => {
      enter('notice.approve', id);
      const { rows } = await sql`insert into macadam.notice_approval (notice, drafted_by)
        select id, drafted_by from macadam.notice where id = ${id}
        on conflict (notice) do nothing returning notice`.execute(db);
      if (rows.length > 0) return;
      if ((await notice(id)) === null) throw new DecisionsError('missing', `there is no notice \`${id}\``);
      throw new DecisionsError('conflict', 'it is approved already');
    },
    send: async (id, recipients) => {
      enter('notice.send', id, undefined, { recipients: recipients.map(({ recipient }) => recipient) });
      await sql`insert into macadam.notice_recipient (notice, recipient, digest)
        select ${id}, * from unnest(${recipients.map(({ recipient }) => recipient)}::text[],
          ${recipients.map(({ digest }) => digest)}::text[])`.execute(db);
    },
    record: async (id, receipts) => {
      enter('notice.receipt', id, undefined, { receipts });
      await sql`insert into macadam.notice_receipt (notice, recipient, how)
        select ${id}, * from unnest(${receipts.map(({ recipient }) => recipient)}::text[],
          ${receipts.map(({ how }) => how)}::text[]) on conflict do nothing`.execute(db);
    },
    notices: async (incident) => {
      const { rows } = await sql<NoticeRecord>`${NOTICE}
        where ${incident ?? null}::text is null or n.incident = ${incident ?? null} order by n.drafted_at, n.id`.execute(
        db,
      );
      return rows;
    },
    recipients: async (id) => {
      const { rows } = await sql<
        Omit<RecipientRecord, 'receipt'> & { readonly receipt: Receipt | null }
      >`select r.recipient, r.sent_at as "sentAt", known.how as receipt, known.received_at as "receivedAt"
        from macadam.notice_recipient r left join lateral (
          select how, received_at from macadam.notice_receipt g where g.notice = r.notice and g.recipient = r.recipient
          order by how = 'opened' desc, received_at desc, how limit 1) known on true
        where r.notice = ${id} order by r.recipient collate "C"`.execute(db);
      return rows;
    },
    linked: async (digest) => {
      const { rows } = await sql<{
        readonly notice: string;
        readonly recipient: string;
      }>`select notice, recipient
        from macadam.notice_recipient where digest = ${digest}`.execute(db);
      const [found] = rows;
      const linked = found && (await notice(found.notice));
      return found && linked ? { recipient: found.recipient, notice: linked } : null;
    },
  };
}
