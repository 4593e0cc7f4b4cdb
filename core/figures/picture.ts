/** The whole picture of one run: every standard over every asset, with the one arithmetic. Pure and deterministic. */
import { hash } from 'node:crypto';
import type { Asset } from '../facts/asset.ts';
import {
  type ContainersListed,
  claimed,
  containersListed,
  type Enumerated,
  enumerations,
  newestEnumerations,
  wholeKinds,
} from '../facts/enumeration.ts';
import type { Collection, Partition } from '../facts/observation.ts';
import { hasPlace, placeOf } from '../facts/place.ts';
import { type Unnamed, unnamed } from '../facts/population.ts';
import { type Related, relatedIn } from '../facts/related.ts';
import type { PreparedAsset } from '../facts/row.ts';
import { ascending } from '../text/order.ts';
import { budgets, NO_BUDGET } from '../verdicts/budget.ts';
import type { CompiledStandard } from '../verdicts/compiled-standard.ts';
import { definitionDigest } from '../verdicts/definition.ts';
import { type Clock, judgeOf, rowOf, type Verdict } from '../verdicts/evaluate.ts';
import {
  acceptedValue,
  type Exception,
  exceptionsOf,
  isSelfAttested,
  type StandardExceptions,
} from '../verdicts/exception.ts';
import { labelOf } from '../verdicts/standard.ts';
import { CODE_HOSTS, type CodeAddress, lineLink } from './host-link.ts';
import { type Measured, measureFigures } from './measure.ts';
import { measuredBy } from './measured.ts';
import type {
  Evidence,
  Finding,
  FoundAsset,
  LastGoodStandard,
  NotJudged,
  NotListed,
  Scan,
  ScanPlace,
  ScanSource,
  ScanStandard,
} from './scan.ts';
import { share, type Tally } from './share.ts';
import { commitmentOf, type OwnCommitments, statusOf } from './target.ts';

export interface PictureInput {
  readonly engine: string;
  readonly catalogue: string;
  readonly standards: readonly CompiledStandard[];
  /** Milliseconds that pass, for what a standard may take; left out: as long as it likes. */
  readonly monotonicMs?: () => number;
  readonly assets: readonly Asset[];
  readonly collections: readonly Collection[];
  /** How many assets of each partition arrived; of those that are not here, as many as were seen. */
  readonly arrived?: ReadonlyMap<Partition, number>;
  /** How whole each partition is listed, as somebody judged it among its neighbours. Left out: by these collections alone. */
  readonly enumerated?: readonly Enumerated[];
  /** Those of them that count containers, where others may be of what is gone. Left out: all. */
  readonly counted?: readonly Enumerated[];
  /** Assets of a standard that must exist and have no name. Left out: by these collections alone. */
  readonly unnamed?: (standard: string) => readonly Unnamed[];
  readonly exceptions: readonly Exception[];
  /** What the company promises of standards, where that is not as they state it. */
  readonly commitments?: OwnCommitments;
  readonly clock: Clock;
  /** Digest of what is part of every definition besides the standard and its kind: places, central exclusions. */
  readonly shared?: string;
  /** Standards of the catalogue that are not among `standards`. */
  readonly notJudged?: readonly NotJudged[];
  /** Those among `standards` whose files do not load. */
  readonly lastGood?: readonly LastGoodStandard[];
}

export interface Picture {
  readonly scan: Scan;
  /** Every verdict, passes and not-applicable ones too, in the order of standards and assets. */
  readonly verdicts: readonly Verdict[];
  /** Finding → the verdict behind it; unnamed assets have none. */
  readonly verdictOf: ReadonlyMap<Finding, Verdict>;
  /** Finds the assets at the other end of a relation, for whoever judges or explains further. */
  readonly related: Related;
  readonly clock: Clock;
}

export function picture(input: PictureInput): Picture {
  const byKind = Map.groupBy(input.assets, ({ kind }) => kind);
  const listed = input.collections.flatMap(({ partitions }) => partitions);
  const arrived = new Map(listed.map((one) => [one, input.arrived?.get(one) ?? one.seen]));
  const hidden = Map.groupBy(
    input.collections.flatMap((collection) =>
      collection.partitions.flatMap((one) => unnamed(claimed(collection, one), arrived.get(one) ?? 0)),
    ),
    ({ kind }) => kind,
  );
  const containers = containersOf(input.assets);
  const addresses = addressesOf(input.assets);
  const kinds = new Map(input.standards.flatMap(({ kinds: known }) => [...(known ?? [])]));
  const newest =
    input.enumerated ??
    newestEnumerations(input.collections.flatMap((collection) => enumerations(collection, arrived)));
  const related = relatedIn(kinds, input.assets, wholeKinds(newest, kinds));
  const rows = new Map<string, readonly PreparedAsset[]>();
  const verdicts: Verdict[] = [];
  const findings: Finding[] = [];
  const verdictOf = new Map<Finding, Verdict>();
  const budget = input.monotonicMs ? budgets(input.monotonicMs) : () => NO_BUDGET;
  const standards = input.standards
    .toSorted((a, b) => ascending(a.definition.id, b.definition.id))
    .map((standard) => {
      const { kind } = standard.definition.scope;
      const prepared = rows.get(kind) ?? (byKind.get(kind) ?? []).map((asset) => rowOf(standard.kind, asset));
      rows.set(kind, prepared);
      const judging = judgeOf(standard, input.clock, related, budget());
      const own = prepared.map(judging.judge);
      const unlisted = input.unnamed ? input.unnamed(standard.definition.id) : (hidden.get(kind) ?? []);
      const exceptions = exceptionsOf(input.exceptions, standard.definition.id);
      const ownFindings = own.flatMap((verdict) => {
        const found = finding(verdict, exceptions, input.clock.asOf, { containers, addresses });
        if (found) verdictOf.set(found, verdict);
        return found ?? [];
      });
      verdicts.push(...own);
      findings.push(...ownFindings, ...unlisted.map((one) => unlistedFinding(standard, one)));
      return figures(standard, {
        verdicts: own,
        findings: ownFindings,
        unlisted,
        containers: containersListed(kind, input.counted ?? newest, kinds),
        shared: input.shared,
        commitments: input.commitments ?? {},
        measured: measuredBy(standard, judging, { rows: prepared, verdicts: own, unlisted: unlisted.length }),
        at: input.clock.asOf,
      });
    });
  const scan: Scan = {
    schema: 'macadam.scan/1',
    engine: input.engine,
    catalogue: input.catalogue,
    collectedAt: input.clock.real.toISOString(),
    asOf: input.clock.asOf.toISOString(),
    sources: input.collections.map(scanSource),
    assets: Object.fromEntries(
      [...byKind].sort(([a], [b]) => ascending(a, b)).map(([kind, list]) => [kind, list.length]),
    ),
    standards,
    notJudged: input.notJudged ?? [],
    ...(input.lastGood && input.lastGood.length > 0 && { lastGood: input.lastGood }),
    notListed: newest.flatMap(notListed),
    findings,
  };
  return { scan, verdicts, verdictOf, related, clock: input.clock };
}

/** The same standard on the same asset, whatever its lines and reasons: what a baseline compares by. */
export function fingerprint(standard: string, asset: string): string {
  return hash('sha256', `${standard}\n${asset}`).slice(0, 32);
}

/** What one standard came to. */
interface Judged {
  readonly verdicts: readonly Verdict[];
  readonly findings: readonly Finding[];
  readonly unlisted: readonly Unnamed[];
  readonly containers: ContainersListed | null;
  readonly shared: string | undefined;
  readonly commitments: OwnCommitments;
  readonly measured: Measured | null;
  readonly at: Date;
}

/** A partition that is not whole, as a scan says it. */
function notListed({ partition, completeness }: Enumerated): NotListed[] {
  if (completeness.complete) return [];
  const { kind, container, containerName, format, cause, why, remedy } = partition;
  return [
    {
      kind,
      container,
      name: containerName,
      ...(format !== undefined && { format }),
      cause: cause ?? 'incomplete',
      why: why ?? completeness.why,
      remedy: remedy ?? null,
    },
  ];
}

function figures(
  standard: CompiledStandard,
  { verdicts, findings, unlisted, containers, shared, commitments, measured, at }: Judged,
): ScanStandard {
  const count = (name: Verdict['verdict']) => verdicts.filter(({ verdict }) => verdict === name).length;
  const tally: Tally = {
    pass: count('pass'),
    fail: count('fail'),
    unknown: count('unknown') + unlisted.length,
    notApplicable: count('not-applicable'),
    excepted: findings.filter(({ exception }) => exception).length,
  };
  const { id, pillar, title, severity } = standard.definition;
  const { scope, ...shares } = share(tally);
  const { target, accountable } = commitmentOf(standard.definition, commitments);
  const measure = measureFigures(standard.definition.measure, measured);
  const { status, cause } = statusOf({ ...(measure ?? shares), containers, target, at, forecast: null });
  const places = placeFigures(standard, verdicts, findings, unlisted);
  const short = containers !== null && containers.whole < containers.total;
  const nobodyLooks = verdicts.every(({ verdict, causes }) => verdict !== 'unknown' || outOfReach(causes));
  return {
    id,
    pillar,
    title,
    label: labelOf(standard.definition),
    severity,
    accountable,
    target,
    status,
    measure,
    statusCause: cause,
    definition: definitionDigest(standard, shared),
    scope,
    pass: tally.pass,
    fail: tally.fail,
    unknown: tally.unknown,
    notApplicable: tally.notApplicable,
    ...shares,
    excepted: tally.excepted,
    ...(places && { places }),
    containers,
    outOfReach: !short && tally.unknown > 0 && tally.pass + tally.fail + unlisted.length === 0 && nobodyLooks,
  };
}

/** The figures by place, for kinds whose assets have one. What could not be listed has no known place. */
function placeFigures(
  { kind }: CompiledStandard,
  verdicts: readonly Verdict[],
  findings: readonly Finding[],
  unlisted: readonly Unnamed[],
): readonly ScanPlace[] | null {
  if (!hasPlace(kind)) return null;
  const excepted = new Set(findings.filter(({ exception }) => exception).map(({ asset }) => asset.id));
  const tallies = new Map<string | null, Record<keyof Tally, number>>();
  const tallyOf = (place: string | null) => {
    const known = tallies.get(place) ?? { pass: 0, fail: 0, unknown: 0, notApplicable: 0, excepted: 0 };
    tallies.set(place, known);
    return known;
  };
  for (const { asset, verdict } of verdicts) {
    const tally = tallyOf(placeOf(asset));
    tally[verdict === 'not-applicable' ? 'notApplicable' : verdict] += 1;
    if (verdict === 'fail' && excepted.has(asset.id)) tally.excepted += 1;
  }
  if (unlisted.length > 0) tallyOf(null).unknown += unlisted.length;
  const rank = (place: string | null) => (place === 'product' ? 0 : place === null ? 2 : 1);
  return [...tallies]
    .sort(([a], [b]) => rank(a) - rank(b) || ascending(a ?? '', b ?? ''))
    .map(([place, tally]) => ({ place, ...tally, ...share(tally) }));
}

/** Whether no source of the run looks at what was missing, so that nothing went wrong and nothing was judged. */
const outOfReach = (causes: Verdict['causes']) => causes.every(({ cause }) => cause === 'unobserved');

/** Whether something that this run looked for may not be known at all: a standard about it is not met. */
export const somethingNotListed = ({ scan }: Picture): boolean =>
  scan.standards.some(({ containers }) => containers !== null && containers.whole < containers.total);

/** Findings that a source of this run could have judged and did not: they set the exit code where nothing fails. */
export function couldHaveJudged({ scan, verdictOf }: Picture): Finding[] {
  return scan.findings.filter((found) => {
    const causes = verdictOf.get(found)?.causes;
    return found.verdict === 'unknown' && !(causes && outOfReach(causes));
  });
}

/** Asset → the name of the repository that its attribute `repository` points to. */
export function containersOf(assets: readonly Asset[]): ReadonlyMap<string, { readonly container: string }> {
  const names = new Map(assets.map(({ id, name }) => [id, name]));
  return new Map(
    assets.flatMap((asset) => {
      const repository = repositoryOf(asset);
      const name = repository === null ? undefined : names.get(repository);
      return name === undefined ? [] : [[asset.id, { container: name }] as const];
    }),
  );
}

/** Asset → where the files of its repository are shown as they were judged; nothing of those that are shown nowhere. */
export function addressesOf(assets: readonly Asset[]): ReadonlyMap<string, CodeAddress> {
  const own = new Map(
    assets.flatMap((asset) => {
      const address = addressOf(asset);
      return address === null ? [] : [[asset.id, address] as const];
    }),
  );
  if (own.size === 0) return own;
  return new Map(
    assets.flatMap((asset) => {
      const address = own.get(repositoryOf(asset) ?? asset.id);
      return address === undefined ? [] : [[asset.id, address] as const];
    }),
  );
}

/** Where a repository is shown as it was judged. */
export function addressOf({ attributes }: Asset): CodeAddress | null {
  const hosted = attributes.get('hosted_at')?.statement;
  const head = attributes.get('head')?.statement;
  if (!hosted || !('value' in hosted) || !head || !('value' in head)) return null;
  const { host, address } = hosted.value as { host?: unknown; address?: unknown };
  const known = CODE_HOSTS.find((one) => one === host);
  if (known === undefined || typeof address !== 'string') return null;
  return { host: known, address, commit: String(head.value) };
}

/** Id of the repository that an asset stands in, by its attribute `repository`; null where it has none. */
export function repositoryOf({ attributes }: Asset): string | null {
  const held = attributes.get('repository')?.statement;
  return held && 'value' in held ? String(held.value) : null;
}

/** The evidence of a verdict with links to its places. */
export function linked(
  { evidence, location }: Pick<Verdict, 'evidence' | 'location'>,
  address: CodeAddress | undefined,
): Pick<Finding, 'evidence' | 'location' | 'link'> {
  if (address === undefined) return { evidence, location };
  const link = location && lineLink(address, location);
  return {
    evidence: evidence.map((one): Evidence => {
      const own = one.location && lineLink(address, one.location);
      return own ? { ...one, link: own } : one;
    }),
    location,
    ...(link !== null && { link }),
  };
}

/** An asset as outputs name it. */
export function foundAsset(asset: Asset, containers: ReturnType<typeof containersOf>): FoundAsset {
  const { id, kind, name } = asset;
  const place = placeOf(asset);
  return { id, kind, name, ...containers.get(id), ...(place !== null && { place }) };
}

/** What a finding says of where its asset stands. */
interface Around {
  readonly containers: ReturnType<typeof containersOf>;
  readonly addresses: ReadonlyMap<string, CodeAddress>;
}

function finding(
  verdict: Verdict,
  exceptions: StandardExceptions,
  at: Date,
  { containers, addresses }: Around,
): Finding | null {
  if (verdict.verdict !== 'fail' && verdict.verdict !== 'unknown') return null;
  const { asset, standard } = verdict;
  const failing = verdict.verdict === 'fail';
  const subject = { id: asset.id, name: asset.name, value: () => acceptedValue(verdict) };
  const exception = failing ? exceptions.inForce(subject, at) : null;
  const drifted = failing ? exceptions.drifted(subject, at) : null;
  return {
    standard,
    asset: foundAsset(asset, containers),
    verdict: verdict.verdict,
    severity: verdict.severity,
    reason: verdict.reason,
    message: drifted
      ? `${verdict.message}; it is no longer what was excepted until ${drifted.until}`
      : verdict.message,
    ...(verdict.reasons && { reasons: verdict.reasons }),
    assurance: verdict.assurance,
    owner: ownerOf(asset),
    ...linked(verdict, addresses.get(asset.id)),
    fingerprint: fingerprint(standard, asset.id),
    ...(exception && {
      exception: {
        reason: exception.reason,
        approver: exception.approver,
        until: exception.until,
        ...(isSelfAttested(exception) && { selfAttested: true as const }),
      },
    }),
  };
}

function unlistedFinding({ definition }: CompiledStandard, one: Unnamed): Finding {
  return {
    standard: definition.id,
    asset: { id: one.id, kind: one.kind, name: one.name },
    verdict: 'unknown',
    severity: definition.severity,
    reason: one.cause,
    message: one.why,
    assurance: null,
    owner: null,
    evidence: one.remedy ? [{ text: one.remedy }] : [],
    location: null,
    fingerprint: fingerprint(definition.id, one.id),
  };
}

/** Every kind that can be owned has an attribute `owners`; no known owner is null, never a guess. */
export function ownerOf(asset: Asset): string | null {
  const statement = asset.attributes.get('owners')?.statement;
  if (!statement || !('value' in statement) || !Array.isArray(statement.value)) return null;
  const names = statement.value.filter((name) => typeof name === 'string');
  return names.length > 0 ? names.join(', ') : null;
}

function scanSource(collection: Collection): ScanSource {
  return {
    id: collection.source,
    status: collection.status,
    complete: collection.status === 'complete',
    witness: witnessOf(collection.partitions),
    problems: collection.problems,
    ...(collection.oldClones !== undefined && { oldClones: collection.oldClones }),
  };
}

/** Who else says how many there are of what a source lists first, and what that comes to in all its partitions. */
function witnessOf(partitions: readonly Partition[]): ScanSource['witness'] {
  const [outermost] = partitions;
  const first = partitions.find(({ kind, witness }) => kind === outermost?.kind && witness);
  if (!first?.witness) return null;
  const { id } = first.witness;
  const alike = partitions.flatMap(({ kind, witness }) =>
    kind === first.kind && witness?.id === id ? witness.count : [],
  );
  return { id, count: alike.reduce((sum, count) => sum + count, 0) };
}
