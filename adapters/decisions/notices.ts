/** Notices about incidents, with who approved, who got them and how that is known. Part of the port. */
import type { Audience, NoticeTemplate, Receipt } from '@macadam/core/advisories/incident-notices';

export interface Notices {
  /** Rejects with `refused` for a text that is too long. */
  draft(notice: NoticeDraft): Promise<NoticeRecord>;
  /** Rejects with `refused` for whoever drafted it, `conflict` where it is approved, `missing` where there is none. */
  approve(id: string): Promise<void>;
  /** Rejects with `refused` before it is approved, and for a recipient who has it. */
  send(
    id: string,
    recipients: readonly { readonly recipient: string; readonly digest: string }[],
  ): Promise<void>;
  /** What a mail server says of recipients; those that the notice does not have are `refused`. */
  record(
    id: string,
    receipts: readonly { readonly recipient: string; readonly how: Receipt }[],
  ): Promise<void>;
  notice(id: string): Promise<NoticeRecord | null>;
  /** Of an incident, oldest first; of every incident where none is named. */
  notices(incident?: string): Promise<readonly NoticeRecord[]>;
  /** By recipient. */
  recipients(id: string): Promise<readonly RecipientRecord[]>;
  /** The notice behind the key of a link, by its digest. */
  linked(digest: string): Promise<{ readonly recipient: string; readonly notice: NoticeRecord } | null>;
}

export interface NoticeDraft {
  readonly id: string;
  /** Id of the asset that is the incident. */
  readonly incident: string;
  readonly audience: Audience;
  readonly template: NoticeTemplate;
  readonly text: string;
}

export interface NoticeRecord extends NoticeDraft {
  readonly draftedAt: string;
  readonly draftedBy: string;
  readonly approvedAt: string | null;
  readonly approvedBy: string | null;
  /** When the first recipient was sent it. */
  readonly sentAt: string | null;
}

export interface RecipientRecord {
  readonly recipient: string;
  readonly sentAt: string;
  /** The strongest that is known: opened, then the newest word of a mail server; null: nothing is. */
  readonly receipt: Receipt | null;
  readonly receivedAt: string | null;
}
