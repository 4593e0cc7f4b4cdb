/** The main job: ask the sources, merge what they say, judge it by the catalogue, and say what to do first. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { emission } from '@macadam/adapters/connector/emission';
import { PLACES_DIGEST } from '@macadam/adapters/readers/places/globs';
import type { Report } from '@macadam/adapters/report-formats/port';
import { leftOut } from '@macadam/adapters/sources/exclusion';
import type { CollectRequest, Progress, Source } from '@macadam/adapters/sources/port';
import { assetsOf } from '@macadam/core/facts/asset';
import { arrivals } from '@macadam/core/facts/enumeration';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { compare, type EarlierScan } from '@macadam/core/figures/comparison';
import { remembered } from '@macadam/core/figures/listing';
import {
  containersOf,
  fingerprint,
  foundAsset,
  ownerOf,
  type Picture,
  picture,
} from '@macadam/core/figures/picture';
import { actions, type BlindSpot, blindSpots } from '@macadam/core/figures/priorities';
import type { Finding, NotJudged } from '@macadam/core/figures/scan';
import { describeMistake, type Mistake } from '@macadam/core/text/document';
import { didYouMean } from '@macadam/core/text/suggestion';
import { type Exception, idleExceptions } from '@macadam/core/verdicts/exception';
import { mappingsOf } from '../catalogue/framework.ts';
import { type Catalogue, type CatalogueStandard, loadCatalogue } from '../catalogue/load.ts';
import { estateMistakes, inEstate } from './mistakes.ts';
import { exclusionsOf, type ReadEstate, readEstate } from './read.ts';

/** What one source is asked. */
export interface Ask {
  readonly source: Source;
  readonly targets: readonly string[];
  readonly options: CollectRequest['options'];
}

export interface MeasureRequest {
  readonly asks: readonly Ask[];
  readonly view: CollectRequest['view'];
  /** Folder whose macadam.yaml is obeyed. No file inside a measured repository of an estate is. */
  readonly estateFolder: string;
  readonly catalogueRoots: readonly string[];
  /** Ids; empty means all. */
  readonly standards: readonly string[];
  readonly pillars: readonly string[];
  readonly asOf?: Date;
  /** That were approved elsewhere, beside those of macadam.yaml. */
  readonly exceptions?: readonly Exception[];
  readonly baseline?: EarlierScan;
  readonly engine: string;
  readonly title: string;
  readonly cacheDirectory: string;
  readonly environment: CollectRequest['environment'];
  readonly now: () => Date;
  readonly progress: (source: string, progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface Measured {
  readonly report: Report;
  readonly picture: Picture;
  readonly catalogue: Catalogue;
  readonly estate: ReadEstate;
  /** What was collected, for whoever keeps history. */
  readonly collected: readonly Gathered[];
  /** Standards and kinds that did not load: shown, and never a reason to stop the others. */
  readonly warnings: readonly Mistake[];
  /** What macadam.yaml says to no effect: shown, and no reason for another exit code. */
  readonly notices: readonly Mistake[];
}

/** One collection with all that it saw. */
export interface Gathered {
  readonly collection: Collection;
  readonly observations: readonly Observation[];
}

/** Measures, or says what is wrong with the request or with macadam.yaml. */
export async function measure(
  request: MeasureRequest,
): Promise<Measured | { readonly mistakes: readonly Mistake[] }> {
  const real = request.now();
  const estate = readEstate(request.estateFolder, real);
  if ('mistakes' in estate) return estate;
  const roots = [
    ...request.catalogueRoots,
    ...estate.estate.catalogue.map((name) => join(estate.folder, name)),
  ];
  const catalogue = loadCatalogue(roots, estate.estate.parameters, request.cacheDirectory);
  const mistakes = [...estateMistakes(estate, catalogue), ...selectionMistakes(request, catalogue)];
  if (mistakes.length > 0) return { mistakes: [...catalogue.mistakes, ...mistakes] };
  const asked = catalogue.standards.filter(
    ({ id, definition }) =>
      (request.standards.length === 0 || request.standards.includes(id)) &&
      (request.pillars.length === 0 || request.pillars.includes(definition.pillar)),
  );

  const collected: Gathered[] = [];
  for (const ask of request.asks) collected.push(await collect(ask, request, estate, catalogue));
  const observations = collected.flatMap((one) => one.observations);
  const collections = collected.map(({ collection }) => collection);
  const assets = assetsOf(catalogue.kinds, observations);
  const looked = lookedFor(collections, observations);
  const within = ({ id, definition }: CatalogueStandard) =>
    looked.size === 0 || looked.has(definition.scope.kind) || request.standards.includes(id);
  const selected = asked.filter(within);
  const standards = selected.map(({ compiled }) => compiled);
  const arrived = new Map(collected.flatMap((one) => [...arrivals(one.collection, one.observations)]));
  const result = picture({
    engine: request.engine,
    catalogue: catalogue.digest,
    standards,
    assets,
    collections,
    arrived,
    shared: PLACES_DIGEST,
    notJudged: notJudged(catalogue, selected, asked),
    exceptions: [...estate.estate.exceptions, ...(request.exceptions ?? [])],
    clock: { real, asOf: request.asOf ?? real },
  });
  const kinds = judgedKinds(selected, catalogue);
  const kept = remembered({ verdicts: result.verdicts, collected, kinds, arrived });
  const containers = containersOf(assets);
  const containerOf = (asset: Finding['asset']) => asset.container ?? asset.name;
  const fixable = new Set(selected.filter(({ fix }) => fix).map(({ id }) => id));
  const report: Report = {
    scan: result.scan,
    standards: new Map(
      selected.map((standard) => [
        standard.id,
        {
          id: standard.id,
          statement: standard.definition.statement,
          why: standard.definition.why,
          guidance: standard.readme,
          severity: standard.definition.severity,
          fixable: fixable.has(standard.id),
          mappings: mappingsOf(catalogue.frameworks, standard.id),
        },
      ]),
    ),
    actions: actions(result, standards, containerOf, (finding) => {
      const reason = selected
        .find(({ id }) => id === finding.standard)
        ?.definition.reasons.find(({ id }) => id === finding.reason);
      if (!reason?.fix || !fixable.has(finding.standard)) return `macadam explain ${finding.standard}`;
      const options = reason.fix === true ? '' : ` ${reason.fix}`;
      const place = where(containerOf(finding.asset), request);
      return `macadam fix${place} --standard ${finding.standard}${options}`;
    }),
    blindSpots: [
      ...blindSpots(result),
      ...notListed(result, selected, catalogue),
      ...elsewhere(asked.filter((standard) => !within(standard))),
      ...excluded(estate, collections),
    ],
    comparison: request.baseline
      ? compare(request.baseline, { scan: result.scan, remembered: kept }, fingerprint)
      : null,
    remembered: kept,
    settled: result.verdicts.flatMap(({ standard, asset, verdict }) => {
      if (verdict !== 'pass' && verdict !== 'not-applicable') return [];
      return [{ standard, asset: foundAsset(asset, containers), verdict, owner: ownerOf(asset) }];
    }),
    title: request.title,
  };
  const kindOf = new Map(selected.map(({ id, definition }) => [id, definition.scope.kind]));
  const byKind = Map.groupBy(assets, ({ kind }) => kind);
  const judged = (standard: string) => {
    const kind = kindOf.get(standard);
    return kind === undefined ? undefined : (byKind.get(kind) ?? []);
  };
  const notices = idleExceptions(estate.estate.exceptions, judged, request.asOf ?? real).map(
    ({ path, reason }) => inEstate(estate, ['exceptions', ...path], reason),
  );
  return { report, picture: result, catalogue, estate, collected, warnings: catalogue.mistakes, notices };
}

/** Kinds that standards are about, and those of the containers that hold them. */
function judgedKinds(standards: readonly CatalogueStandard[], { kinds }: Catalogue): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { definition } of standards)
    for (let at: string | undefined = definition.scope.kind; at !== undefined && !found.has(at); ) {
      found.add(at);
      at = kinds.get(at)?.contained_in;
    }
  return found;
}

/** Every standard of the catalogue that this run does not judge by, with the reason. */
function notJudged(
  catalogue: Catalogue,
  selected: readonly CatalogueStandard[],
  asked: readonly CatalogueStandard[],
): NotJudged[] {
  const judged = new Set(selected.map(({ id }) => id));
  const wanted = new Set(asked.map(({ id }) => id));
  const loaded = new Set(catalogue.standards.map(({ id }) => id));
  const left = catalogue.standards
    .filter(({ id }) => !judged.has(id))
    .map(({ id, definition }) => ({
      standard: id,
      why: wanted.has(id)
        ? `no source of the run looks for the kind \`${definition.scope.kind}\``
        : 'the run was not asked for it',
    }));
  const broken = Map.groupBy(catalogue.mistakes, ({ file }) => basename(dirname(file)));
  const unloaded = catalogue.unloaded
    .filter((id) => !loaded.has(id))
    .map((id) => ({
      standard: id,
      why: 'its definition did not load',
      mistakes: (broken.get(id) ?? []).map(describeMistake),
    }));
  return [...left, ...unloaded].sort((a, b) => (a.standard < b.standard ? -1 : 1));
}

/** Kinds that this run looked for, whether it found any or not. */
function lookedFor(
  collections: readonly Collection[],
  observations: readonly Observation[],
): ReadonlySet<string> {
  const claimed = collections.flatMap(({ partitions }) => partitions);
  return new Set([...claimed, ...observations].map(({ kind }) => kind));
}

/** What could not be listed whole: no finding tells of what may be in it, since nobody knows that there is anything. */
function notListed(
  { scan }: Picture,
  standards: readonly CatalogueStandard[],
  { kinds }: Catalogue,
): BlindSpot[] {
  return scan.notListed.map(({ kind, name, format, why, remedy }) => {
    const about = standards.filter(({ definition }) => mayStandIn(kinds, definition.scope.kind, kind));
    const what = `${kind} assets of ${name}${format === undefined ? '' : ` in ${format}`}`;
    return { what, standards: about.map(({ id }) => id), assets: 0, why, remedy };
  });
}

/** Whether assets of a kind are of this kind, or may stand in one of it. */
function mayStandIn(kinds: Catalogue['kinds'], of: string, kind: string): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = of; at !== undefined && !seen.has(at); ) {
    if (at === kind) return true;
    seen.add(at);
    at = kinds.get(at)?.contained_in;
  }
  return false;
}

/** Standards about kinds that nobody looked for have no row: "nothing in scope" would say that somebody had. */
function elsewhere(standards: readonly CatalogueStandard[]): BlindSpot[] {
  if (standards.length === 0) return [];
  const kinds = new Set(standards.map(({ definition }) => definition.scope.kind));
  return [
    {
      what: `What other standards are about (${standards.length}): ${[...kinds].sort().join(', ')}`,
      standards: [],
      assets: 0,
      why: 'no source of this run looks for them',
      remedy: 'run a source that sees such assets; `macadam catalogue` lists the standards',
    },
  ];
}

/** What the estate asks not to look at is a blind spot like any other, and is shown as one, also where it covers nothing. */
function excluded(read: ReadEstate, collections: readonly Collection[]): BlindSpot[] {
  const problems = collections.flatMap(({ problems: all }) => all.filter(({ code }) => code === 'left-out'));
  return exclusionsOf(read).map((exclusion) => {
    const { why } = leftOut(exclusion);
    const covered = problems.filter(({ message }) => message.includes(why));
    const [cause = why, remedy = null] = why.split('; ');
    return {
      what: exclusion.pattern,
      standards: [],
      assets: new Set(covered.map(({ asset }) => asset)).size,
      why: covered.length > 0 ? cause : `${exclusion.stated} leaves it out; there is nothing of that name`,
      remedy,
    };
  });
}

/** The path of a container as the person who asked would write it, with a space before it; empty for the current folder. */
function where(container: string, request: MeasureRequest): string {
  const targets = request.asks.find(({ source }) => source.id === 'git')?.targets ?? ['.'];
  const path = targets.length > 1 ? pathOf(container, targets) : pathBelow(targets[0] ?? '.', container);
  if (path === '.') return '';
  const named = path.startsWith('-') ? `./${path}` : path;
  return ` ${/^[\w./@-]+$/.test(named) ? named : `'${named.replaceAll("'", String.raw`'\''`)}'`}`;
}

function pathBelow(target: string, container: string): string {
  const inside = join(target, container);
  return existsSync(inside) ? inside : target;
}

/** Of several targets, the names of their folders, or their whole paths where those are the same, stand before. */
function pathOf(container: string, targets: readonly string[]): string {
  for (const target of targets) {
    const whole = resolve(target);
    if (container === whole.slice(1) || container === basename(whole)) return target;
    const prefix = [whole.slice(1), basename(whole)].find((start) => container.startsWith(`${start}/`));
    if (prefix !== undefined) return pathBelow(target, container.slice(prefix.length + 1));
  }
  return targets[0] ?? '.';
}

async function collect(
  ask: Ask,
  request: MeasureRequest,
  estate: ReadEstate,
  catalogue: Catalogue,
): Promise<Gathered> {
  const { emit, observations, problems } = emission(catalogue.kinds);
  const collection = await ask.source.collect(
    {
      targets: ask.targets,
      options: ask.options,
      view: request.view,
      excludes: exclusionsOf(estate),
      parameters: estate.parameters,
      cacheDirectory: request.cacheDirectory,
      environment: request.environment,
      now: request.now,
      ...(request.signal && { signal: request.signal }),
    },
    emit,
    (progress) => request.progress(ask.source.id, progress),
  );
  return {
    collection: { ...collection, problems: [...collection.problems, ...problems()] },
    observations,
  };
}

function selectionMistakes(request: MeasureRequest, { standards }: Catalogue): Mistake[] {
  const mistake = (field: string, reason: string): Mistake => ({
    file: 'command line',
    line: 1,
    column: 1,
    field,
    reason,
  });
  const ids = standards.map(({ id }) => id);
  const pillars = [...new Set(standards.map(({ definition }) => definition.pillar))];
  const unknown = (field: string, what: string, given: readonly string[], known: readonly string[]) =>
    given
      .filter((id) => !known.includes(id))
      .map((id) =>
        mistake(
          field,
          `there is no ${what} \`${id}\`${didYouMean(id, known) || `; there are ${known.join(', ')}`}`,
        ),
      );
  return [
    ...unknown('--standard', 'standard', request.standards, ids),
    ...unknown('--pillar', 'pillar', request.pillars, pillars),
  ];
}
