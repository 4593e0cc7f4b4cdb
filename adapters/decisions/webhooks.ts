/** Addresses that are told what was decided: part of the port. */
import type { PageOf } from './port.ts';

export interface Webhooks {
  /** Makes one or replaces what is known of it. `version`: rejects with `conflict` if it is another by now. */
  put(webhook: NewWebhook, version?: number): Promise<WebhookRecord>;
  /** A new secret, which counts as shown; for so long both sign. */
  rotate(id: string, previousUntil: string): Promise<WebhookRecord>;
  /** That its secret is shown, which happens once a secret. Rejects with `conflict` where it was shown already. */
  reveal(id: string): Promise<WebhookRecord>;
  /** Nothing is sent any more until it is put again; what waits for it stays. */
  disable(id: string, because: string): Promise<void>;
  webhook(id: string): Promise<WebhookRecord | null>;
  /** In order of id. */
  webhooks(page?: PageOf<string>): Promise<readonly WebhookRecord[]>;

  failure(webhook: string): Promise<WebhookFailure | null>;
  /** Of those that are failing. */
  failures(webhooks: readonly string[]): Promise<readonly WebhookFailure[]>;
  /** One more; `since` is kept from the first. */
  failing(webhook: string, problem: string, retryAt: string): Promise<WebhookFailure>;
  working(webhook: string): Promise<void>;
}

export type NewWebhook = Pick<WebhookRecord, 'id' | 'url' | 'events' | 'division' | 'active'>;

export interface WebhookRecord {
  readonly id: string;
  readonly url: string;
  /** Actions of the log: `batch.open`, `batch.*`, `*`. */
  readonly events: readonly string[];
  /** Empty: of the whole company. */
  readonly division: string;
  readonly secretVersion: number;
  /** The newest secret that somebody was shown; null: none was. */
  readonly shownVersion: number | null;
  /** Until then deliveries are signed with the secret before, too. */
  readonly previousUntil: string | null;
  readonly active: boolean;
  readonly disabledBecause: string | null;
  readonly version: number;
  readonly changedAt: string;
}

export interface WebhookFailure {
  readonly webhook: string;
  readonly since: string;
  readonly failures: number;
  readonly retryAt: string;
  readonly problem: string;
}
