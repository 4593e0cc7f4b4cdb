/**
 * A seeded sample of what was decided and judged, with all that an outsider needs to derive it again: entries of the
 * audit log with their digests, and observations with the way from each to the root of its collection's manifest.
 *
 * Nobody chooses what is drawn. Of each sort those `n` are taken whose SHA-256 of the seed, a newline and their key is the
 * least, so whoever has the exported log draws the same from it. docs/audit/verify-sample.mjs checks a sample by itself.
 */
import { hash } from 'node:crypto';
import { AUDIT_START, type AuditRow } from '@macadam/adapters/decisions/audit';
import { type StandingVerdict, sampledVerdicts } from '@macadam/adapters/facts/history/sampled';
import {
  inclusion,
  leafDigest,
  observationText,
  type SignedManifest,
  type Step,
} from '@macadam/adapters/facts/manifest';
import type { Stores } from '@macadam/adapters/facts/open';
import type { Recorded } from '@macadam/adapters/facts/port';

export interface SampleRequest {
  readonly seed: string;
  /** Of each sort at most. */
  readonly n: number;
  readonly log: AsyncIterable<AuditRow>;
  /** Null: the facts cannot be had, and the sample says so. */
  readonly stores: Pick<Stores, 'facts' | 'driver'> | null;
  /** Definitions of standards by id, so that a verdict can be judged again. */
  readonly definitions: ReadonlyMap<string, unknown>;
}

export interface AuditSample {
  readonly format: 'macadam.audit-sample/1';
  readonly seed: string;
  readonly n: number;
  /** The whole log that it was drawn from: the number and digest of its newest entry. */
  readonly log: { readonly entries: number; readonly digest: string };
  readonly drawn: readonly Drawn[];
  readonly manifests: readonly SignedManifest[];
}

export interface Drawn {
  readonly sort: 'decision' | 'exception' | 'closure' | 'verdict';
  /** What the draw is by. */
  readonly key: string;
  readonly entry: AuditRow | null;
  readonly verdict: StandingVerdict | null;
  /** Of a verdict. Null where this release no longer has the standard. */
  readonly definition: unknown;
  readonly observations: readonly Shown[];
  /** What could not be shown, and why; empty where nothing is missing. */
  readonly missing: string;
}

/** One observation with its way to the root of the manifest whose collection has that digest. */
interface Shown {
  readonly observation: Recorded['observation'];
  readonly collection: string;
  readonly steps: readonly Step[];
}

type Candidate = Pick<Drawn, 'sort' | 'key' | 'entry' | 'verdict'> & {
  readonly asset: string | null;
  /** Only what this collection said counts as its evidence. */
  readonly collection: string | null;
};

export const rankOf = (seed: string, key: string): string => hash('sha256', `${seed}\n${key}`);

export async function drawSample(request: SampleRequest): Promise<AuditSample> {
  const { seed, n, stores, definitions } = request;
  const { candidates, log } = await drawnFromLog(request);
  const verdicts = stores ? await sampledVerdicts(stores.driver, seed, n) : [];
  const all: Candidate[] = [
    ...candidates,
    ...verdicts.map(({ key, ...verdict }) => ({
      sort: 'verdict' as const,
      key,
      entry: null,
      verdict,
      asset: verdict.asset,
      collection: null,
    })),
  ];
  const recorded = new Map<Candidate, readonly Recorded[]>();
  for (const one of all)
    if (one.asset !== null && stores) recorded.set(one, await evidenceOf(stores, one, one.asset));
  const ways = stores ? await waysOf(stores, [...recorded.values()].flat()) : new Map();
  const named = new Set(all.flatMap(({ collection }) => collection ?? []));
  for (const { collection } of [...recorded.values()].flat()) named.add(collection);
  const manifests = stores ? await stores.facts.manifests() : [];
  return {
    format: 'macadam.audit-sample/1',
    seed,
    n,
    log,
    drawn: all.map((one): Drawn => {
      const observations = (recorded.get(one) ?? []).flatMap(({ observation, collection }): Shown[] => {
        const steps = ways.get(leafOf(observation));
        return steps ? [{ observation, collection, steps }] : [];
      });
      const { sort, key, entry, verdict } = one;
      const definition = verdict ? (definitions.get(verdict.standard) ?? null) : null;
      return {
        sort,
        key,
        entry,
        verdict,
        definition,
        observations,
        missing: missing(one, observations, stores),
      };
    }),
    manifests: manifests.filter(({ manifest }) => named.has(manifest.digest)),
  };
}

function missing(
  { asset, collection, entry }: Candidate,
  observations: readonly Shown[],
  stores: SampleRequest['stores'],
): string {
  if (asset === null || observations.length > 0) return '';
  if (!stores) return 'the facts were not at hand';
  if (entry && collection === null) return 'it closed without an observation of its own';
  return 'no observation of it is kept one by one';
}

async function evidenceOf(
  { facts }: Pick<Stores, 'facts'>,
  { collection }: Candidate,
  asset: string,
): Promise<readonly Recorded[]> {
  const all = await facts.observations(asset).catch(() => []);
  return collection === null ? all : all.filter((one) => one.collection === collection);
}

const leafOf = (observation: Recorded['observation']) => leafDigest(observationText(observation));

/** A collection's leaves may be many, so they are read once for all of it. */
async function waysOf(
  { facts }: Pick<Stores, 'facts'>,
  recorded: readonly Recorded[],
): Promise<ReadonlyMap<string, readonly Step[]>> {
  const ways = new Map<string, readonly Step[]>();
  for (const [collection, own] of Map.groupBy(recorded, (one) => one.collection)) {
    const leaves = await facts.leaves(collection);
    for (const { observation } of own) {
      const steps = inclusion(leaves, leafOf(observation));
      if (steps) ways.set(leafOf(observation), steps);
    }
  }
  return ways;
}

/** Reads the log once, and keeps of each sort no more than is drawn. */
async function drawnFromLog({
  seed,
  n,
  log,
}: SampleRequest): Promise<{ readonly candidates: readonly Candidate[]; readonly log: AuditSample['log'] }> {
  const kept = { decision: lottery(seed, n), exception: lottery(seed, n), closure: lottery(seed, n) };
  let newest = { entries: 0, digest: AUDIT_START };
  for await (const entry of log) {
    newest = { entries: entry.number, digest: entry.digest };
    for (const one of candidatesOf(entry)) kept[one.sort].offer(one);
  }
  const candidates = [kept.decision, kept.exception, kept.closure].flatMap((one) => one.drawn());
  return { candidates, log: newest };
}

type OfLog = Candidate & { readonly sort: 'decision' | 'exception' | 'closure' };

function candidatesOf(entry: AuditRow): readonly OfLog[] {
  const { action, outcome, detail } = JSON.parse(entry.content) as {
    readonly action: string;
    readonly outcome: string;
    readonly detail?: unknown;
  };
  const key = String(entry.number);
  const plain = { key, entry, verdict: null, asset: null, collection: null };
  if (outcome === 'done' && action === 'exception.approve')
    return [
      { sort: 'decision', ...plain },
      { sort: 'exception', ...plain },
    ];
  if (outcome !== 'done' || action !== 'batch.leave' || !Array.isArray(detail))
    return [{ sort: 'decision', ...plain }];
  const left = (detail as readonly { readonly asset: string; readonly observation?: string | null }[]).map(
    ({ asset, observation }): OfLog => {
      // `digest of the collection#asset`
      const collection = observation?.includes('#') ? observation.slice(0, observation.indexOf('#')) : null;
      return { sort: 'closure', ...plain, key: `${key}\n${asset}`, asset, collection };
    },
  );
  return [{ sort: 'decision', ...plain }, ...left];
}

/** The `n` of least rank among all that are offered. */
function lottery(seed: string, n: number): { offer(one: OfLog): void; drawn(): readonly Candidate[] } {
  let best: { readonly rank: string; readonly one: OfLog }[] = [];
  return {
    offer: (one) => {
      const rank = rankOf(seed, one.key);
      const last = best.at(-1);
      if (best.length >= n && last && rank >= last.rank) return;
      best = [...best, { rank, one }].sort((a, b) => (a.rank < b.rank ? -1 : 1)).slice(0, n);
    },
    drawn: () => best.map(({ one }) => one),
  };
}
