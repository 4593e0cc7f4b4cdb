/**
 * How an exception comes into force: somebody asks, somebody else approves, and what the selectors meant at that moment
 * is written down with the value that was accepted. Nothing is backdated, and a renewal is approved like the first.
 */

import type { RequestDiagnostic } from '../text/diagnostic.ts';
import { ascending } from '../text/order.ts';
import {
  type Exception,
  endOf,
  exceptionSchema,
  latestDay,
  MAX_DAYS,
  selects,
} from '../verdicts/exception.ts';

/** What somebody asks for. */
export interface ExceptionRequest {
  readonly id: string;
  readonly standard: string;
  readonly assets: readonly string[];
  readonly reason: string;
  readonly compensating: string;
  readonly requester: string;
  readonly until: string;
  readonly proof: string;
  readonly renews?: string;
}

/** An asset in scope of the standard at approval. `value` is what is accepted of it (`acceptedValue`); null accepts any. */
export interface AcceptableAsset {
  readonly id: string;
  readonly name: string;
  readonly value: string | null;
}

export interface Approval {
  readonly approver: string;
  readonly at: Date;
  readonly assets: Iterable<AcceptableAsset>;
  /** Every exception that was ever approved. */
  readonly earlier: readonly Exception[];
}

export function approve(
  request: ExceptionRequest,
  { approver, at, assets, earlier }: Approval,
): { readonly exception: Exception } | { readonly refusals: readonly RequestDiagnostic[] } {
  const refusals: RequestDiagnostic[] = [];
  const refuse = (field: string, reason: string, fix: string) => refusals.push({ field, reason, fix });
  const accepted: Record<string, string | null> = {};
  for (const { id, name, value } of assets)
    if (request.assets.some((selector) => selects(selector, id) || selects(selector, name)))
      accepted[id] = value;
  if (approver === request.requester)
    refuse('approver', `${approver} asked for it`, 'have somebody else approve it');
  if (Object.keys(accepted).length === 0)
    refuse('assets', 'no asset of the standard is selected', 'name assets that it judges, by id or name');
  const latest = latestDay(at);
  if (request.until > latest)
    refuse('until', `it ends more than ${MAX_DAYS} days after its approval`, `end it on ${latest} or before`);
  if (request.until < at.toISOString().slice(0, 10))
    refuse('until', 'it would have ended before it was approved', 'name today or a later day');
  if (earlier.some(({ id }) => id === request.id))
    refuse('id', 'it is approved already', 'leave it, or renew it where it has to last longer');
  refusals.push(...renewalRefusals(request, earlier));
  const { renews, ...rest } = request;
  const parsed = exceptionSchema.safeParse({
    ...rest,
    ...(renews !== undefined && { renews }),
    approver,
    approved_at: at.toISOString(),
    accepted,
  });
  if (parsed.success) return refusals.length > 0 ? { refusals } : { exception: parsed.data };
  const told = parsed.error.issues.map(({ path, message }) => ({
    field: path.map(String).join('.'),
    reason: message.replace(/^Invalid input: /, ''),
    fix: 'give it as an exception needs it',
  }));
  return { refusals: [...refusals, ...told] };
}

function renewalRefusals(request: ExceptionRequest, earlier: readonly Exception[]): RequestDiagnostic[] {
  if (request.renews === undefined) return [];
  const before = earlier.find(({ id }) => id === request.renews);
  if (!before || before.standard !== request.standard) {
    const reason = `there is no exception ${request.renews} of ${request.standard}`;
    return [{ field: 'renews', reason, fix: 'name the exception that it follows, or leave it out' }];
  }
  return request.until > before.until
    ? []
    : [{ field: 'until', reason: `${before.id} lasts until ${before.until}`, fix: 'name a later day' }];
}

/** People are told this many days before an exception ends. */
const NOTICE_DAYS: readonly number[] = [30, 7, 1];

export interface ExceptionNotice {
  readonly exception: Exception;
  /** When it is due to be told. */
  readonly at: Date;
  readonly endsAt: Date;
}

/**
 * What is due to be told after one instant and up to another; consecutive spans tell everything once. Nothing is told of
 * one that was ended by hand or renewed.
 */
export function noticesOf(exceptions: readonly Exception[], after: Date, upTo: Date): ExceptionNotice[] {
  const followed = new Set(exceptions.flatMap(({ renews }) => renews ?? []));
  return exceptions
    .filter((one) => one.ended_at === undefined && !(one.id !== undefined && followed.has(one.id)))
    .flatMap((exception) => {
      const endsAt = endOf(exception);
      const from =
        exception.approved_at === undefined ? Number.NEGATIVE_INFINITY : Date.parse(exception.approved_at);
      const instants = NOTICE_DAYS.map((days) => Math.max(endsAt.getTime() - days * 86_400_000, from));
      return [...new Set(instants)]
        .filter((at) => at > after.getTime() && at <= upTo.getTime())
        .map((at) => ({ exception, at: new Date(at), endsAt }));
    })
    .sort((a, b) => a.at.getTime() - b.at.getTime() || ascending(a.exception.id ?? '', b.exception.id ?? ''));
}
