/**
 * An exception lets named assets fail one standard until a day that is stated. It is laid over a verdict and never
 * changes it: an excepted failure is a failure, shown beside. Gate, scan, command line, server and fix all ask here, so
 * that an exception begins and ends everywhere at the same instant.
 */
import { z } from 'zod';
import { canonical } from '../text/canonical.ts';
import { ascending } from '../text/order.ts';

/** The longest that anything may be excepted without somebody approving it again. */
export const MAX_DAYS = 180;

export const exceptionSchema = z.strictObject({
  standard: z.string().regex(/^[a-z][a-z0-9-]*$/, 'the id of a standard'),
  /** Names or ids of assets; `*` stands for any characters. Only what was asked, where `accepted` says what it meant. */
  assets: z.array(z.string().min(1)).min(1),
  reason: z.string().min(10, 'at least ten characters that an auditor can follow'),
  approver: z.string().min(2),
  /** Last day on which it holds, UTC. */
  until: z.iso.date('a date such as 2027-03-01'),
  id: z.string().min(1).optional(),
  requester: z.string().min(2).optional(),
  /** What makes the failure bearable until then. */
  compensating: z.string().min(10).optional(),
  /** Where an auditor finds the record of the decision. */
  proof: z.string().min(1).optional(),
  /** It holds from here on. */
  approved_at: z.iso.datetime({ offset: true }).optional(),
  /** It was ended early. */
  ended_at: z.iso.datetime({ offset: true }).optional(),
  /** Ids of the assets that the selectors meant at approval, each with the value that was accepted (null: any). */
  accepted: z.record(z.string(), z.string().nullable()).optional(),
  /** Id of the exception that this one follows. */
  renews: z.string().min(1).optional(),
});

export type Exception = z.infer<typeof exceptionSchema>;

/** An asset that may be excepted. `value` is asked only where an exception accepted a certain one. */
export interface ExceptedAsset {
  readonly id: string;
  readonly name: string;
  readonly value?: () => string;
}

/** Whoever states one in the estate's own file answers for it alone: nobody asked, and nobody else approved. */
export const isSelfAttested = ({ requester }: Exception): boolean => requester === undefined;

/** Why an exception does or does not let an asset fail. `drifted`: what was accepted is no longer what is there. */
export type ExceptionHold = 'holds' | 'early' | 'over' | 'elsewhere' | 'drifted';

const DAY = 86_400_000;

/** The instant at which it ends, by itself: the end of its last day, UTC, or earlier where somebody ended it. */
export function endOf(exception: Exception): Date {
  const last = Date.parse(`${exception.until}T00:00:00Z`) + DAY;
  return new Date(exception.ended_at === undefined ? last : Math.min(last, Date.parse(exception.ended_at)));
}

/** Whether it runs at an instant, whatever it is about. */
export const runsAt = (exception: Exception, at: Date): boolean =>
  at < endOf(exception) &&
  (exception.approved_at === undefined || at.getTime() >= Date.parse(exception.approved_at));

/** Why an exception cannot be accepted on a day; null when it can. */
export function exceptionMistake(exception: Exception, now: Date): string | null {
  const from = exception.approved_at === undefined ? now : new Date(exception.approved_at);
  const latest = latestDay(from);
  return exception.until > latest
    ? `an exception ends after at most ${MAX_DAYS} days: the latest date is ${latest}`
    : null;
}

/** The last day that an exception approved at an instant may name. */
export function latestDay(approvedAt: Date): string {
  return new Date(approvedAt.getTime() + MAX_DAYS * DAY).toISOString().slice(0, 10);
}

/** What is accepted of a failure: another reason, message or place at fault is another value; moved lines are not. */
export function acceptedValue(failure: {
  readonly reason: string;
  readonly message: string;
  readonly evidence: readonly { readonly text: string }[];
}): string {
  return canonical([failure.reason, failure.message, failure.evidence.map(({ text }) => text).sort()]);
}

/** Whether an exception of the asset's standard lets it fail at an instant, and if not why. */
export function holdOf(exception: Exception, asset: ExceptedAsset, at: Date): ExceptionHold {
  const { accepted } = exception;
  const meant = accepted
    ? Object.hasOwn(accepted, asset.id)
    : exception.assets.some((selector) => selects(selector, asset.id) || selects(selector, asset.name));
  if (!meant) return 'elsewhere';
  if (!runsAt(exception, at)) return at >= endOf(exception) ? 'over' : 'early';
  const value = accepted?.[asset.id] ?? null;
  // Whoever cannot say what is there cannot say that it is what was accepted.
  return value === null || asset.value?.() === value ? 'holds' : 'drifted';
}

/** The exception that is in force for an asset at an instant; of several, the one that ends last. */
export function exceptionFor(
  exceptions: readonly Exception[],
  standard: string,
  asset: ExceptedAsset,
  at: Date,
): Exception | null {
  return lastOf({ exceptions, hold: 'holds', standard, asset, at });
}

/** The exception that would be in force had the asset not changed since it was approved; null where one is in force. */
export function driftedFrom(
  exceptions: readonly Exception[],
  standard: string,
  asset: ExceptedAsset,
  at: Date,
): Exception | null {
  const held = exceptionFor(exceptions, standard, asset, at);
  return held === null ? lastOf({ exceptions, hold: 'drifted', standard, asset, at }) : null;
}

interface LastOfInput {
  readonly exceptions: readonly Exception[];
  readonly hold: ExceptionHold;
  readonly standard: string;
  readonly asset: ExceptedAsset;
  readonly at: Date;
}

function lastOf({ exceptions, hold, standard, asset, at }: LastOfInput): Exception | null {
  let last: Exception | null = null;
  for (const exception of exceptions) {
    if (exception.standard !== standard || holdOf(exception, asset, at) !== hold) continue;
    if (last === null || order(exception, last) < 0) last = exception;
  }
  return last;
}

/** What ends last comes first; the rest only makes the choice the same in any order. */
function order(a: Exception, b: Exception): number {
  const later = endOf(b).getTime() - endOf(a).getTime();
  return later || ascending(canonical([a.reason, a]), canonical([b.reason, b]));
}

/** The exceptions of one standard. */
export interface StandardExceptions {
  /** As `exceptionFor`. */
  readonly inForce: (asset: ExceptedAsset, at: Date) => Exception | null;
  /** As `driftedFrom`. */
  readonly drifted: (asset: ExceptedAsset, at: Date) => Exception | null;
}

/** The same answers, found in constant time where exceptions name assets. */
export function exceptionsOf(exceptions: readonly Exception[], standard: string): StandardExceptions {
  const wide: Exception[] = [];
  const named = new Map<string, Exception[]>();
  for (const exception of exceptions) {
    if (exception.standard !== standard) continue;
    const names = exception.accepted ? Object.keys(exception.accepted) : exception.assets;
    if (!exception.accepted && names.some((name) => name.includes('*'))) wide.push(exception);
    else
      for (const name of new Set(names)) {
        const own = named.get(name);
        if (own) own.push(exception);
        else named.set(name, [exception]);
      }
  }
  const candidates = ({ id, name }: ExceptedAsset): readonly Exception[] => {
    const own = named.get(id);
    const called = name === id ? undefined : named.get(name);
    return own || called ? [...wide, ...(own ?? []), ...(called ?? [])] : wide;
  };
  return {
    inForce: (asset, at) => exceptionFor(candidates(asset), standard, asset, at),
    drifted: (asset, at) => driftedFrom(candidates(asset), standard, asset, at),
  };
}

/** Something of an exception that has no effect, by its path in the list. */
export interface Idle {
  readonly path: readonly (string | number)[];
  readonly reason: string;
}

/**
 * What people believe to be excepted and is not: exceptions that have ended, and selectors that nothing of this run
 * answers to. `judged` gives the assets that a standard was held against, or undefined when it was left out of the run.
 */
export function idleExceptions(
  exceptions: readonly Exception[],
  judged: (standard: string) => readonly { readonly id: string; readonly name: string }[] | undefined,
  at: Date,
): Idle[] {
  return exceptions.flatMap((exception, index): Idle[] => {
    if (at >= endOf(exception)) {
      const reason = `the exception ended on ${exception.until} and covers nothing any more; take it out, or have it approved anew`;
      return [{ path: [index, 'until'], reason }];
    }
    const assets = judged(exception.standard);
    if (assets === undefined) return [];
    return exception.assets.flatMap((selector, place) =>
      assets.some(({ id, name }) => selects(selector, id) || selects(selector, name))
        ? []
        : [
            {
              path: [index, 'assets', place],
              reason: `no asset that ${exception.standard} looks at in this run is called \`${selector}\`, so nothing is excepted by it; correct the name, or take it out`,
            },
          ],
    );
  });
}

/** `*` stands for any characters. Linear in the text: each literal part is found once, left to right. */
export function selects(selector: string, text: string): boolean {
  const parts = selector.split('*');
  const first = parts[0] ?? '';
  if (parts.length === 1) return selector === text;
  const last = parts.at(-1) ?? '';
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let position = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return position <= text.length - last.length;
}
