/** One asset: what holds and how we know, its parts, what changed, whom to call, who owns it and what it touches. */
import { principalFor } from '@macadam/adapters/authorisation/authorise';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Asset } from '@macadam/core/facts/asset';
import { addressOf } from '@macadam/core/figures/picture';
import type { VerdictName } from '@macadam/core/figures/scan';
import { judgeOf, rowOf } from '@macadam/core/verdicts/evaluate';
import { partsOf, touchedBy } from '@macadam/services/assets/around';
import { passMade } from '@macadam/services/ownership/answers';
import { currentTree } from '@macadam/services/ownership/log';
import { assetsById } from '@macadam/services/ownership/who';
import { type Sighting, sightingsOf } from '@macadam/services/work/sightings';
import { permittedIn } from '../../active-exceptions.ts';
import { reachedBy } from '../../api/who.ts';
import { anAsset } from '../../http/bounds.ts';
import { HttpProblem } from '../../http/problem.ts';
import type { RawAnswer } from '../../http/route.ts';
import { siteOf } from '../../server-context.ts';
import { permitAsset } from '../../session/visibility.ts';
import { explainedWithPlaces, type ServerContext } from '../history/pages.ts';
import { namesIn, shownPage, standingPage, type Visit } from '../page.ts';
import { commitSaid } from '../work/detail-page.ts';
import { openWork } from '../work/open-work.ts';
import { type AssetPage, assetBody, type PartTable, type VerdictLine } from './asset.ts';
import { stretchesOf } from './strip.ts';
import { labelOf } from './title.ts';

/** Of each kind of part, that are named and judged; and of what it touches. */
const MOST_PARTS = 12;
const MOST_TOUCHED = 6;
const MOST_CHANGES = 40;

export const assetItem = shownPage({
  path: '/assets/:id',
  summary: 'Show what is known of an asset',
  action: 'Fact::read',
  of: 'anywhere',
  params: { id: anAsset },
  does: (call, tx) => page(call, call.params.id, tx),
});

async function page(call: Visit, id: string, tx: DecisionTransaction): Promise<RawAnswer> {
  const site = siteOf(call.parts);
  const asset = await site.facts.asset(id);
  const lived = await site.past.life(id);
  if (asset === null && lived.length === 0)
    throw new HttpProblem(404, `there is no asset \`${id}\``, [
      { field: 'id', reason: 'nothing that was collected has it', fix: 'search for it at /assets' },
    ]);
  await permitAsset(call, tx, id, lived);
  const parts = asset === null ? [] : await partTables(site, asset, call.now);
  const verdicts = asset === null ? [] : await verdictLines({ call, tx, site, asset, lived });
  const shown: AssetPage = {
    id,
    asset,
    verdicts,
    parts,
    changes: lived
      .toReversed()
      .slice(0, MOST_CHANGES)
      .map((one) => ({ ...one, label: labelOf(site, one.standard) })),
    allChanges: lived.length,
    touched: asset && site.stores ? await touchedBy(asset, site.stores, MOST_TOUCHED) : [],
    repository: await repositoryName(site, asset),
    reached: await reachedHere(call, tx, site, id),
    exceptions: await exceptionsNamed(call, tx, site, asset),
    now: site.judgedAt ?? call.now,
    today: tx.at.slice(0, 10),
  };
  const { heading, lead, trail, acts, body } = assetBody(shown);
  return standingPage(call, {
    section: 'assets',
    heading,
    title: asset?.name ?? id,
    when: lead,
    trail,
    acts,
    body,
  });
}

interface VerdictLinesInput {
  readonly call: Visit;
  readonly tx: DecisionTransaction;
  readonly site: ServerContext;
  readonly asset: Asset;
  readonly lived: Awaited<ReturnType<ServerContext['past']['life']>>;
}

/** By each standard that applies. */
async function verdictLines({
  call,
  tx,
  site,
  asset,
  lived,
}: VerdictLinesInput): Promise<readonly VerdictLine[]> {
  const explained = await explainedWithPlaces(site, asset);
  const sightings = site.stores ? await sightingsOf(site.stores.driver, asset.kind, [asset.id]) : new Map();
  const seen: readonly Sighting[] = sightings.get(asset.id) ?? [];
  const repository = await repositoryOf(site, asset);
  const work = await openWorkOf(
    tx,
    asset.id,
    explained.map(({ id: standard }) => standard),
  );
  const now = site.judgedAt ?? call.now;
  return explained
    .filter(({ judged }) => judged.verdict !== 'not-applicable')
    .map((one): VerdictLine => {
      const own = lived.filter(({ standard }) => standard === one.id);
      const source = one.judged.evidence.find((evidence) => evidence.source !== undefined)?.source;
      const sighting = seen.find((each) => each.source === source) ?? seen[0];
      const commit = repository && commitSaid(repository);
      return {
        ...verdictLine(site, one),
        evidence: sighting ? { ...sighting, ...(commit && { what: commit }) } : null,
        stretches: stretchesOf(own, now),
        since: own.findLast(({ from, to }) => from !== to)?.valid ?? null,
        work: work.get(one.id) ?? null,
      };
    });
}

/** A verdict with its places, without what the stores remember of it. */
export function verdictLine(
  site: Pick<ServerContext, 'standards'>,
  { id, judged, message, text, finding }: Awaited<ReturnType<typeof explainedWithPlaces>>[number],
): VerdictLine {
  return {
    id,
    label: labelOf(site, id),
    verdict: judged.verdict,
    severity: judged.severity,
    message: judged.verdict === 'pass' ? '' : message,
    finding,
    explanation: text,
    evidence: null,
    stretches: [],
    since: null,
    work: null,
  };
}

/** Standard → the open work item that has the asset, and by when it is due there. */
async function openWorkOf(
  tx: DecisionTransaction,
  asset: string,
  standards: readonly string[],
): Promise<ReadonlyMap<string, NonNullable<VerdictLine['work']>>> {
  const found = new Map<string, NonNullable<VerdictLine['work']>>();
  const ids = await tx.listing.openOf(asset, standards);
  for (const held of await tx.work.view(ids)) {
    const own = openWork(held, new Map(), tx.at).left.find(({ id }) => id === asset);
    if (own)
      found.set(held.batch.standard, { id: held.batch.id, due: own.due, exceptedUntil: own.exceptedUntil });
  }
  return found;
}

async function partTables(site: ServerContext, asset: Asset, now: Date): Promise<readonly PartTable[]> {
  if (!site.stores) return [];
  const { driver, kinds } = site.stores;
  const real = site.judgedAt ?? now;
  const tables: PartTable[] = [];
  for (const { kind, count, first } of await partsOf(asset, site.stores, MOST_PARTS)) {
    const standards = [...site.standards.values()].filter(({ definition }) => definition.scope.kind === kind);
    const judges = standards.map(({ compiled }) => judgeOf(compiled, { real, asOf: real }, site.related));
    const held = await assetsById(
      driver,
      kinds,
      first.map(({ id }) => id),
    );
    tables.push({
      kind,
      count,
      standards: standards.map(({ id }) => ({ id, label: labelOf(site, id) })),
      rows: [...held.values()].map((part) => ({
        id: part.id,
        name: part.name,
        verdicts: standards.map(
          ({ compiled }, index): VerdictName | null =>
            judges[index]?.judge(rowOf(compiled.kind, part)).verdict ?? null,
        ),
      })),
    });
  }
  return tables;
}

/** The repository that it stands in, or that it is. */
async function repositoryOf(site: ServerContext, asset: Asset): Promise<Asset | null> {
  if (asset.kind === 'repository') return asset;
  const held = asset.attributes.get('repository')?.statement;
  return held && 'value' in held ? site.facts.asset(String(held.value)) : null;
}

async function repositoryName(site: ServerContext, asset: Asset | null): Promise<AssetPage['repository']> {
  const repository = asset && (await repositoryOf(site, asset));
  if (!repository) return null;
  const address = addressOf(repository);
  return {
    id: repository.id,
    name: repository.name,
    link: address?.address ?? null,
    own: repository.id === asset.id,
  };
}

/** Whom to call; null where nobody has gone over the owners yet, or the reader may not ask. */
async function reachedHere(
  call: Visit,
  tx: DecisionTransaction,
  { stores }: ServerContext,
  id: string,
): Promise<AssetPage['reached']> {
  if (!stores || !(await passMade(stores.driver))) return null;
  if (principalFor(call.caller, 'Owner::read').divisions.length === 0) return null;
  const { found } = await reachedBy(call.parts, tx, id, call.now);
  const one = found.find(({ asset }) => asset.id === id);
  if (!one) return null;
  const { person } = namesIn(await currentTree(call.parts.decisions, tx));
  return { ...one, says: one.owner?.chain.find(({ outcome }) => outcome === 'decides')?.why ?? null, person };
}

async function exceptionsNamed(
  call: Visit,
  tx: DecisionTransaction,
  site: ServerContext,
  asset: Asset | null,
): Promise<AssetPage['exceptions']> {
  const named = asset ? await permittedIn(tx, site, call.now)?.ofAsset(asset) : [];
  return (named ?? []).map((one) => ({ ...one, label: labelOf(site, one.standard) }));
}
