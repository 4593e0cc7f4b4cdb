/**
 * What is there of a failure that an exception may have accepted. The tick has judged that already: what it found
 * excepted (X) was what was accepted, what it found failing (F) was not. Only where several exceptions could have been
 * meant, the asset itself has to be looked at.
 */
import type { State } from '@macadam/core/figures/accounting';
import { type Exception, endOf, selects } from '@macadam/core/verdicts/exception';

export interface AcceptedOptions {
  readonly exceptions: readonly Exception[];
  readonly standard: string;
  /** Of the tick that told the states, and of the one that was taken in before it. */
  readonly tick: Date;
  readonly previous: Date;
  readonly now: Date;
  /** The values of failing assets as they are now. */
  readonly judge: (standard: string, assets: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

export interface StandingFailure {
  readonly asset: string;
  readonly name: string;
  readonly state: Extract<State, 'F' | 'X'>;
  /** False: the tick said nothing new of it, and `state` is how it stood before. */
  readonly told: boolean;
}

/** Asset → value; what is not in it has none that an exception asks for, or has another one. */
export async function acceptedValues(
  failures: Iterable<StandingFailure>,
  { exceptions, standard, tick, previous, now, judge }: AcceptedOptions,
): Promise<ReadonlyMap<string, string>> {
  const near = exceptions.filter(
    (one) => one.standard === standard && endOf(one) > tick && begins(one) <= now,
  );
  const values = new Map<string, string>();
  const unclear: string[] = [];
  if (near.every(({ accepted }) => accepted === undefined)) return values;
  const candidatesOf = index(near);
  for (const { asset, name, state, told } of failures) {
    const [first, ...others] = candidatesOf(asset, name);
    if (!first) continue;
    const value = first.accepted?.[asset] ?? null;
    const began = begins(first);
    // Approved between both ticks, and nothing new since: as excepted as before, or as failing.
    const unsure = !told && value !== null && began >= previous && began < tick;
    if (others.length > 0 || unsure) unclear.push(asset);
    // It was read when it was approved, which was after the tick.
    else if (value !== null && (state === 'X' || began >= tick)) values.set(asset, value);
  }
  if (unclear.length > 0)
    for (const [asset, value] of await judge(standard, unclear)) values.set(asset, value);
  return values;
}

/** When an exception came into force; one without a time always was. */
export const begins = ({ approved_at: at }: Exception): Date =>
  new Date(at === undefined ? 0 : Date.parse(at));

function index(exceptions: readonly Exception[]) {
  const byAsset = new Map<string, Exception[]>();
  const wide = exceptions.filter(({ accepted }) => accepted === undefined);
  for (const one of exceptions)
    for (const asset of Object.keys(one.accepted ?? {})) {
      const own = byAsset.get(asset);
      if (own) own.push(one);
      else byAsset.set(asset, [one]);
    }
  return (asset: string, name: string): readonly Exception[] => [
    ...(byAsset.get(asset) ?? []),
    ...wide.filter(({ assets }) => assets.some((one) => selects(one, asset) || selects(one, name))),
  ];
}
