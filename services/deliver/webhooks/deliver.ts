/**
 * Tells endpoints what was decided: at least once, and in order for each subject. The messages are written by the store
 * itself as it logs (`announce` in migration 0030), so an endpoint is told of what happened and of nothing else.
 */
import type { Decisions } from '@macadam/adapters/decisions/port';
import type { WebhookRecord } from '@macadam/adapters/decisions/webhooks';
import {
  DELIVERIES,
  type DeliveryOutcome,
  type Lane,
  type Pace,
  retryAt,
} from '@macadam/adapters/delivery/lane';
import type { AddressRules } from '@macadam/adapters/webhooks/address';
import { send } from '@macadam/adapters/webhooks/send';
import { signatureHeaders, webhookSecret } from '@macadam/adapters/webhooks/signature';

export interface Telling extends Pace, AddressRules {
  /** The server's key, of 32 characters or more: every endpoint's secret follows from it. */
  readonly key: string;
  /** Days of failing after which an endpoint is disabled. Default 5. */
  readonly patienceDays?: number;
  readonly timeoutMs?: number;
}

interface WebhookMessage {
  readonly webhook: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const MOST_BYTES = 64 * 1024;
const LONGEST_S = 6 * 3600;
const PATIENCE_DAYS = 5;
/** What waits for an endpoint that was disabled is looked at again so much later. */
const DISABLED_S = 86_400;
const DAY_MS = 86_400_000;

export function webhookLane(decisions: Decisions, telling: Telling): Lane {
  return {
    destination: 'webhook',
    seconds: 60,
    width: 8,
    deliver: async ({ number, body }, signal) => {
      const message = body as WebhookMessage;
      const [webhook, failure] = await decisions.transaction(
        DELIVERIES,
        async (tx) =>
          [await tx.webhooks.webhook(message.webhook), await tx.webhooks.failure(message.webhook)] as const,
        { readOnly: true },
      );
      const now = telling.now().getTime();
      if (webhook === null) return {};
      if (!webhook.active) return { problem: 'the endpoint is disabled', retryAt: now + DISABLED_S * 1000 };
      // One message at a time finds out whether it works again; the others wait for that.
      const again = failure === null ? 0 : Date.parse(failure.retryAt);
      if (failure && again > now) return { problem: failure.problem, retryAt: again };
      const text = textOf(message);
      const headers = signatureHeaders(
        { id: `msg_${number}`, timestamp: Math.floor(now / 1000), body: text },
        secretsOf(webhook, telling.key, now),
      );
      const outcome = await send(webhook.url, headers, text, { ...telling, signal });
      if (!('problem' in outcome))
        return failure === null ? {} : { record: (tx) => tx.webhooks.working(webhook.id) };
      return failed({
        webhook,
        answer: outcome,
        failures: failure?.failures ?? 0,
        telling,
        now,
        since: failure?.since,
      });
    },
  };
}

interface FailedInput {
  readonly webhook: WebhookRecord;
  readonly answer: { readonly problem: string; readonly status?: number; readonly retryAfterS?: number };
  readonly failures: number;
  readonly telling: Telling;
  readonly now: number;
  readonly since: string | undefined;
}

function failed({
  webhook: { id },
  answer: { problem, status, retryAfterS = 0 },
  failures,
  telling,
  now,
  since,
}: FailedInput): DeliveryOutcome {
  const next = Math.max(now + retryAfterS * 1000, retryAt(failures + 1, telling, LONGEST_S));
  const days = telling.patienceDays ?? PATIENCE_DAYS;
  const over = since !== undefined && now - Date.parse(since) >= days * DAY_MS;
  return {
    problem,
    retryAt: next,
    record: async (tx) => {
      await tx.webhooks.failing(id, problem, new Date(next).toISOString());
      if (status === 410)
        return tx.webhooks.disable(id, 'it answered 410: it does not want to be told any more');
      if (over) await tx.webhooks.disable(id, `it failed for ${days} days; the last time ${problem}`);
    },
  };
}

/** The secret in force, and for a while the one before. */
function secretsOf({ id, secretVersion, previousUntil }: WebhookRecord, key: string, now: number): string[] {
  const both = previousUntil !== null && Date.parse(previousUntil) > now && secretVersion > 1;
  return [secretVersion, ...(both ? [secretVersion - 1] : [])].map((version) =>
    webhookSecret(key, id, version),
  );
}

/** What would be too long for a receiver is left out, and said to be: the log has it. */
function textOf({ type, timestamp, data }: WebhookMessage): string {
  const whole = JSON.stringify({ type, timestamp, data });
  if (Buffer.byteLength(whole) <= MOST_BYTES) return whole;
  const { detail: _, ...rest } = data;
  return JSON.stringify({ type, timestamp, data: { ...rest, detailOmitted: true } });
}
