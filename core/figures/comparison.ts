/**
 * What changed since an earlier scan. A change is a pair: where an asset stood under a standard, and where it stands. Each
 * pair has one cause, and the pairs of a standard add up to the change of its figures. Nothing is called fixed but what
 * was looked at now, under the same definition, and passes.
 */
import { z } from 'zod';
import { matchedEstates } from './earlier-estates.ts';
import type { Listing, Remembered } from './listing.ts';
import type { Finding, Scan } from './scan.ts';

/** `absent`: no such asset was seen. `not-judged`: the scan did not judge the standard. */
export type ComparedState =
  | 'pass'
  | 'fail'
  | 'excepted'
  | 'unknown'
  | 'not-applicable'
  | 'absent'
  | 'not-judged';

/** The closed list of causes, in the order in which they are shown. */
export const CHANGE_CAUSES = [
  'fixed',
  'regressed',
  'added',
  'left',
  'became-unknown',
  'became-known',
  'not-looked-at',
  'newly-judged',
  'tightened',
  'relaxed',
  'out-of-scope',
  'into-scope',
  'excepted',
  'exception-ended',
] as const;
export type ChangeCause = (typeof CHANGE_CAUSES)[number];

export interface ComparedChange {
  readonly standard: string;
  readonly asset: { readonly id: string; readonly name: string };
  readonly fingerprint: string;
  readonly from: ComparedState;
  readonly to: ComparedState;
  readonly cause: ChangeCause;
  /** Why it is this cause, where the two states do not show it. */
  readonly why?: string;
}

export interface Comparison {
  /** `collectedAt` of the earlier scan. */
  readonly since: string;
  /** Every pair that is not the same, by standard and asset. */
  readonly changes: readonly ComparedChange[];
  /** How many changes have each cause. */
  readonly counts: Readonly<Record<ChangeCause, number>>;
  /** Fingerprints of what fails now and did not fail then, where nobody changed the definition. */
  readonly new: readonly string[];
  /** Fingerprints of what fails in both. */
  readonly stillFailing: readonly string[];
  /** Standards that are judged by another definition than then. */
  readonly redefined: readonly string[];
  /** How estates with other ids than then were matched, each in a sentence; left out where all have the same. */
  readonly notes?: readonly string[];
}

const ids = z.array(z.string());

/** What a comparison reads of an earlier scan, which comes from a file that anybody may have changed. */
export const earlierSchema = z.object({
  collectedAt: z.iso.datetime(),
  standards: z.array(z.object({ id: z.string(), definition: z.string() })),
  notJudged: z.array(z.object({ standard: z.string(), why: z.string() })),
  findings: z.array(
    z.object({
      fingerprint: z.string(),
      standard: z.string(),
      verdict: z.enum(['fail', 'unknown']),
      asset: z.object({ id: z.string(), name: z.string() }),
      exception: z.object({}).optional(),
    }),
  ),
  remembered: z.object({
    settled: z.array(z.object({ standard: z.string(), pass: ids, notApplicable: ids })),
    listings: z.array(
      z.object({
        kind: z.string(),
        container: z.string(),
        estate: z.string().optional(),
        format: z.string().optional(),
        complete: z.boolean(),
        assets: ids,
      }),
    ),
  }),
});

/** An earlier scan as it stands in a file. */
export type EarlierScan = z.infer<typeof earlierSchema>;

type Findings = readonly Pick<Finding, 'fingerprint' | 'verdict'>[];

/** One side of a comparison, ready to be asked. */
interface Side {
  /** Standard → digest of its definition. */
  readonly definitions: ReadonlyMap<string, string>;
  /** Standard → why the scan did not judge it, though its catalogue had it. */
  readonly notJudged: ReadonlyMap<string, string>;
  readonly states: ReadonlyMap<string, ReadonlyMap<string, ComparedState>>;
  readonly names: ReadonlyMap<string, string>;
  /** Asset → where it was listed. */
  readonly listingOf: ReadonlyMap<string, Listing>;
  readonly containers: ReadonlyMap<string, readonly Listing[]>;
  /** Standard and asset → what a finding says. */
  readonly messages: ReadonlyMap<string, string>;
}

interface SideInput {
  readonly standards: readonly { readonly id: string; readonly definition: string }[];
  readonly notJudged: readonly { readonly standard: string; readonly why: string }[];
  readonly findings: readonly {
    readonly standard: string;
    readonly verdict: 'fail' | 'unknown';
    readonly asset: { readonly id: string; readonly name: string };
    readonly message?: string;
    readonly exception?: unknown;
  }[];
  readonly remembered: {
    readonly settled: EarlierScan['remembered']['settled'] | Remembered['settled'];
    readonly listings: readonly Listing[];
  };
}

function sideOf({ standards, notJudged, findings, remembered }: SideInput): Side {
  const states = new Map(standards.map(({ id }) => [id, new Map<string, ComparedState>()]));
  const names = new Map<string, string>();
  const messages = new Map<string, string>();
  for (const { standard, pass, notApplicable } of remembered.settled) {
    const own = states.get(standard);
    for (const id of pass) own?.set(id, 'pass');
    for (const id of notApplicable) own?.set(id, 'not-applicable');
  }
  for (const { standard, verdict, asset, message, exception } of findings) {
    names.set(asset.id, asset.name);
    if (message !== undefined) messages.set(`${standard}\n${asset.id}`, message);
    states.get(standard)?.set(asset.id, verdict === 'fail' && exception ? 'excepted' : verdict);
  }
  return {
    definitions: new Map(standards.map(({ id, definition }) => [id, definition])),
    notJudged: new Map(notJudged.map(({ standard, why }) => [standard, why])),
    states,
    names,
    messages,
    containers: containersIn(remembered.listings),
    listingOf: new Map(remembered.listings.flatMap((one) => one.assets.map((id) => [id, one] as const))),
  };
}

/** `fingerprint` names a standard and an asset as findings do. */
export function compare(
  written: EarlierScan,
  now: { readonly scan: Scan; readonly remembered: Remembered },
  fingerprint: (standard: string, asset: string) => string,
): Comparison {
  const { earlier, notes } = matchedEstates(written, now.remembered.listings, fingerprint);
  const was = sideOf(earlier as SideInput);
  const is = sideOf({ ...now.scan, remembered: now.remembered });
  const changes: ComparedChange[] = [];
  const redefined: string[] = [];
  for (const standard of [...new Set([...was.states.keys(), ...is.states.keys()])].sort()) {
    const [before, after] = [was.states.get(standard), is.states.get(standard)];
    const changed = was.definitions.get(standard) !== is.definitions.get(standard);
    if (before && after && changed) redefined.push(standard);
    for (const id of new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])) {
      const from = before === undefined ? 'not-judged' : (before.get(id) ?? 'absent');
      const to = after === undefined ? 'not-judged' : (after.get(id) ?? 'absent');
      if (from === to) continue;
      const cause = causeOf({ standard, id, from, to, changed, was, is });
      const name = is.names.get(id) ?? was.names.get(id) ?? id;
      changes.push({
        standard,
        asset: { id, name },
        fingerprint: fingerprint(standard, id),
        from,
        to,
        ...cause,
      });
    }
  }
  const failing = (side: Findings) =>
    side.filter(({ verdict }) => verdict === 'fail').map((one) => one.fingerprint);
  const failed = new Set(failing(earlier.findings));
  return {
    since: earlier.collectedAt,
    changes,
    counts: countsOf(changes),
    new: changes
      .filter(({ to, cause }) => to === 'fail' && NEW_FAILURES.has(cause))
      .map((change) => change.fingerprint),
    stillFailing: failing(now.scan.findings).filter((one) => failed.has(one)),
    redefined,
    ...(notes.length > 0 && { notes }),
  };
}

/** Causes by which somebody, or the world, made something fail. */
const NEW_FAILURES: ReadonlySet<ChangeCause> = new Set(['regressed', 'added', 'became-known', 'into-scope']);

function countsOf(changes: readonly ComparedChange[]): Comparison['counts'] {
  const counts = Object.fromEntries(CHANGE_CAUSES.map((cause) => [cause, 0])) as Record<ChangeCause, number>;
  for (const { cause } of changes) counts[cause] += 1;
  return counts;
}

interface Pair {
  readonly standard: string;
  readonly id: string;
  readonly from: ComparedState;
  readonly to: ComparedState;
  /** Whether the standard is judged by another definition now. */
  readonly changed: boolean;
  readonly was: Side;
  readonly is: Side;
}

type Cause = Pick<ComparedChange, 'cause' | 'why'>;

function causeOf(pair: Pair): Cause {
  const { standard, from, to, was, is } = pair;
  if (to === 'not-judged') {
    const why = is.notJudged.get(standard);
    if (why !== undefined) return { cause: 'not-looked-at', why };
    return { cause: 'relaxed', why: 'the catalogue has no such standard any more' };
  }
  if (from === 'not-judged') {
    const why = was.notJudged.get(standard);
    if (why !== undefined) return { cause: 'became-known', why: `the earlier scan did not judge it: ${why}` };
    return { cause: 'newly-judged', why: 'the catalogue of the earlier scan had no such standard' };
  }
  if (to === 'absent') return goneFrom(pair);
  if (from === 'absent') return { cause: isUnnamed(pair.id) || !wasListed(pair) ? 'became-known' : 'added' };
  if (from === 'fail' && to === 'excepted') return { cause: 'excepted' };
  if (from === 'excepted' && to === 'fail') return { cause: 'exception-ended' };
  if (to === 'unknown') {
    const why = is.messages.get(`${standard}\n${pair.id}`);
    return why === undefined ? { cause: 'became-unknown' } : { cause: 'became-unknown', why };
  }
  if (pair.changed) return redefinedCause(pair);
  if (to === 'not-applicable') return { cause: 'out-of-scope' };
  if (from === 'not-applicable') return { cause: 'into-scope' };
  if (from === 'unknown') return { cause: 'became-known' };
  return { cause: to === 'pass' ? 'fixed' : 'regressed' };
}

/** Whoever changed the definition changed this; nobody fixed or broke it. */
function redefinedCause({ to }: Pair): Cause {
  const why = 'the definition of the standard changed';
  return { cause: to === 'pass' || to === 'not-applicable' ? 'relaxed' : 'tightened', why };
}

/** An asset that must exist and has no name. */
const isUnnamed = (id: string): boolean => /\/unlisted-\d+$/.test(id);

/** Whether the earlier scan had looked where the asset is, so that it would have seen it. */
function wasListed({ id, was, is }: Pair): boolean {
  const listing = is.listingOf.get(id);
  if (listing === undefined) return false;
  return listed(was.containers, listing) === true;
}

/** An asset that this scan did not see: it is gone only where its container was listed whole, or is gone itself. */
function goneFrom({ id, was, is }: Pair): Cause {
  if (isUnnamed(id)) return { cause: 'became-known' };
  const seen = new Set<string>();
  for (let at: string | undefined = id; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const listing: Listing | undefined = was.listingOf.get(at);
    if (listing === undefined) break;
    const whole = listed(is.containers, listing);
    if (whole === true) return { cause: 'left', why: `${listing.container} was listed whole without it` };
    if (whole === false) return { cause: 'not-looked-at', why: `${listing.container} was not listed whole` };
    // Nobody listed the container at all: perhaps it is gone itself.
    at = listing.container;
  }
  return { cause: 'not-looked-at', why: 'nothing that could hold it was looked at' };
}

/** Listings by what they list. */
function containersIn(listings: readonly Listing[]): ReadonlyMap<string, readonly Listing[]> {
  return Map.groupBy(listings, ({ kind, container }) => JSON.stringify([kind, container]));
}

/** Whether the same container, and format, was listed whole; undefined where it was not listed at all. */
function listed(
  containers: ReadonlyMap<string, readonly Listing[]>,
  { kind, container, estate, format }: Listing,
): boolean | undefined {
  const all = containers.get(JSON.stringify([kind, container])) ?? [];
  const own = all.filter((one) => one.estate === estate);
  const candidates = own.length > 0 ? own : all;
  if (candidates.length === 0) return undefined;
  const exact = candidates.filter((one) => one.format === format);
  const chosen = exact.length > 0 ? exact : candidates.filter((one) => one.format === undefined);
  return chosen.length > 0 && chosen.every(({ complete }) => complete);
}
