/**
 * An exception lets named assets fail one standard until a day that is stated. It is laid over a verdict and never
 * changes it: an excepted failure is a failure, shown beside.
 */
import { z } from 'zod';
import { ascending } from './order.ts';

/** The longest that anything may be excepted without somebody approving it again. */
export const MAX_DAYS = 180;

export const exceptionSchema = z.strictObject({
  standard: z.string().regex(/^[a-z][a-z0-9-]*$/, 'the id of a standard'),
  /** Names or ids of assets; `*` stands for any characters. */
  assets: z.array(z.string().min(1)).min(1),
  reason: z.string().min(10, 'at least ten characters that an auditor can follow'),
  approver: z.string().min(2),
  /** Last day on which it holds, UTC. */
  until: z.iso.date('a date such as 2027-03-01'),
});

export type Exception = z.infer<typeof exceptionSchema>;

const DAY = 86_400_000;

/** The instant at which it ends, by itself: the end of its last day, UTC. */
export function endOf(exception: Exception): Date {
  return new Date(Date.parse(`${exception.until}T00:00:00Z`) + DAY);
}

/** Why an exception cannot be accepted on a day; null when it can. */
export function exceptionMistake(exception: Exception, now: Date): string | null {
  const latest = new Date(now.getTime() + MAX_DAYS * DAY).toISOString().slice(0, 10);
  return exception.until > latest
    ? `an exception ends after at most ${MAX_DAYS} days: the latest date is ${latest}`
    : null;
}

/** The exception that is in force for an asset at an instant; of several, the one that ends last. */
export function exceptionFor(
  exceptions: readonly Exception[],
  standard: string,
  asset: { readonly id: string; readonly name: string },
  at: Date,
): Exception | null {
  return (
    exceptions
      .filter(
        (exception) =>
          exception.standard === standard &&
          at < endOf(exception) &&
          exception.assets.some((selector) => selects(selector, asset.id) || selects(selector, asset.name)),
      )
      .sort((a, b) => ascending(b.until, a.until) || ascending(a.reason, b.reason))[0] ?? null
  );
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
