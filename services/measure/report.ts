/** What is known of an estate, judged: the picture, what to do first, and what stands beside it. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Report } from '@macadam/adapters/report-formats/port';
import { type Exclusion, leftOut, leftOutOf } from '@macadam/adapters/sources/exclusion';
import type { Asset } from '@macadam/core/facts/asset';
import type { Collection } from '@macadam/core/facts/observation';
import { compare, type EarlierScan } from '@macadam/core/figures/comparison';
import { type RememberInput, remembered } from '@macadam/core/figures/listing';
import {
  containersOf,
  fingerprint,
  foundAsset,
  ownerOf,
  type Picture,
  type PictureInput,
  picture,
} from '@macadam/core/figures/picture';
import { actions, type BlindSpot, blindSpots } from '@macadam/core/figures/priorities';
import type { Finding, LeftOut, NotJudged } from '@macadam/core/figures/scan';
import { describeFileDiagnostic, type FileDiagnostic } from '@macadam/core/text/diagnostic';
import { leavesOutAt } from '@macadam/core/verdicts/central-exclusion';
import { idleExceptions } from '@macadam/core/verdicts/exception';
import { mappingsOf } from '../catalogue/framework.ts';
import type { Catalogue, CatalogueStandard } from '../catalogue/load.ts';
import type { Definitions } from './definitions.ts';
import { inEstate } from './mistakes.ts';
import { exclusionsOf, sharedDigest } from './read.ts';

export interface ReportRequest extends Definitions {
  /** Ids that were named: they are judged although nobody looked for their kind. */
  readonly named: readonly string[];
  /** What is known: the assets, who listed them, and what follows from that. */
  readonly facts: Pick<
    PictureInput,
    'assets' | 'collections' | 'arrived' | 'enumerated' | 'counted' | 'unnamed'
  >;
  readonly exceptions: PictureInput['exceptions'];
  readonly clock: PictureInput['clock'];
  readonly baseline?: EarlierScan;
  /** What one run collected; left out of what the store knows, which no later scan is compared with. */
  readonly collected?: RememberInput['collected'];
  readonly engine: string;
  readonly title: string;
  /** Folders as the person who asked wrote them. */
  readonly folders: readonly string[];
}

export interface Reported {
  readonly report: Report;
  readonly picture: Picture;
  /** What macadam.yaml says to no effect: shown, and no reason for another exit code. */
  readonly notices: readonly FileDiagnostic[];
}

export function reportOf(request: ReportRequest): Reported {
  const { estate, catalogue, asked, facts, clock } = request;
  const looked = lookedFor(facts.collections, facts.assets);
  const within = ({ id, definition }: CatalogueStandard) =>
    looked.size === 0 || looked.has(definition.scope.kind) || request.named.includes(id);
  const selected = asked.filter(within);
  const standards = selected.map(({ compiled }) => compiled);
  const result = picture({
    // Unlike `performance`, this loads nothing.
    monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
    ...facts,
    engine: request.engine,
    catalogue: catalogue.digest,
    standards,
    shared: sharedDigest(estate, clock.real),
    notJudged: notJudged(catalogue, selected, asked),
    lastGood: selected.flatMap(({ id, lastGood }) =>
      lastGood === undefined
        ? []
        : [
            {
              standard: id,
              since: lastGood.since.toISOString(),
              mistakes: lastGood.mistakes.map(describeFileDiagnostic),
            },
          ],
    ),
    exceptions: request.exceptions,
    commitments: estate.estate.targets,
    clock,
  });
  const kept = remembered({
    verdicts: result.verdicts,
    collected: request.collected ?? [],
    kinds: judgedKinds(selected, catalogue),
    arrived: facts.arrived ?? new Map(),
  });
  const containers = containersOf(facts.assets);
  const containerOf = (asset: Finding['asset']) => asset.container ?? asset.name;
  const fixable = new Set(selected.filter(({ fix }) => fix).map(({ id }) => id));
  const central = leftOutCentrally(exclusionsOf(estate, clock.real), facts.collections, result);
  const report: Report = {
    scan: { ...result.scan, ...(central.length > 0 && { leftOut: central }) },
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
      const place = where(containerOf(finding.asset), request.folders);
      return `macadam fix${place} --standard ${finding.standard}${options}`;
    }),
    blindSpots: [
      ...notLoaded(catalogue),
      ...blindSpots(result),
      ...notListed(result, selected, catalogue),
      ...elsewhere(asked.filter((standard) => !within(standard))),
      ...excluded(exclusionsOf(estate, clock.real), facts.collections),
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
  const byKind = Map.groupBy(facts.assets, ({ kind }) => kind);
  const judged = (standard: string) => {
    const kind = kindOf.get(standard);
    return kind === undefined ? undefined : (byKind.get(kind) ?? []);
  };
  const ended = estate.estate.central_excludes.flatMap((one, index) =>
    leavesOutAt(one, clock.real)
      ? []
      : inEstate(
          estate,
          ['central_excludes', index],
          `ended on ${one.until}: what it left out is measured again; take it out`,
        ),
  );
  const idle = idleExceptions(estate.estate.exceptions, judged, clock.asOf).map(({ path, reason }) =>
    inEstate(estate, ['exceptions', ...path], reason),
  );
  return { report, picture: result, notices: [...idle, ...ended] };
}

/** Kinds that somebody looked for, whether there are any or not. */
function lookedFor(collections: readonly Collection[], assets: readonly Asset[]): ReadonlySet<string> {
  const claimed = collections.flatMap(({ partitions }) => partitions);
  return new Set([...claimed, ...assets].map(({ kind }) => kind));
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
  const unloaded = [...catalogue.unloaded]
    .filter(([id]) => !loaded.has(id))
    .map(([id, mistakes]) => ({
      standard: id,
      why: 'its definition did not load',
      mistakes: mistakes.map(describeFileDiagnostic),
    }));
  return [...left, ...unloaded].sort((a, b) => (a.standard < b.standard ? -1 : 1));
}

/** Standards whose files do not load: judged by their last good version, or not at all. */
function notLoaded({ standards, unloaded, unloadedKinds, mistakes }: Catalogue): BlindSpot[] {
  const sinceOf = new Map(standards.map(({ id, lastGood }) => [id, lastGood?.since]));
  const spots = [...unloaded].map(([id, [first]]): BlindSpot => {
    const since = sinceOf.get(id);
    const judged =
      since === undefined
        ? 'it is not judged, so nothing is known of it'
        : `its version of ${since.toISOString()} goes on judging`;
    return {
      what: `Standard ${id}`,
      standards: [id],
      assets: 0,
      why: `its definition does not load, and ${judged}`,
      remedy: first === undefined ? 'correct its file' : `correct ${describeFileDiagnostic(first)}`,
    };
  });
  return [...unloadedKinds.map((name) => kindNotLoaded(name, mistakes)), ...spots];
}

function kindNotLoaded(name: string, mistakes: readonly FileDiagnostic[]): BlindSpot {
  const first = mistakes.find(
    ({ file }) => file.endsWith(`/kinds/${name}.yaml`) || file === `kinds/${name}.yaml`,
  );
  return {
    what: `Kind ${name}`,
    standards: [],
    assets: 0,
    why: 'its definition does not load; as far as a history knows it, its last good version is used',
    remedy: first === undefined ? 'correct its file' : `correct ${describeFileDiagnostic(first)}`,
  };
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
function excluded(exclusions: readonly Exclusion[], collections: readonly Collection[]): BlindSpot[] {
  const problems = collections.flatMap(({ problems: all }) => all.filter(({ code }) => code === 'left-out'));
  return exclusions.map((exclusion) => {
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

/** What is left out for the company, each line that states it with how much it covers. */
function leftOutCentrally(
  exclusions: readonly Exclusion[],
  collections: readonly Collection[],
  { scan, verdictOf }: Picture,
): LeftOut[] {
  const problems = collections.flatMap(({ problems: all }) => all.filter(({ code }) => code === 'left-out'));
  return exclusions.flatMap((exclusion): LeftOut[] => {
    const { central, pattern, stated } = exclusion;
    if (central === undefined) return [];
    const { why } = leftOut(exclusion);
    const files = problems.reduce((sum, { message }) => {
      const told = leftOutOf(message);
      return told?.why === why ? sum + told.files : sum;
    }, 0);
    const hidden = scan.findings.filter((found) =>
      verdictOf.get(found)?.causes.some((cause) => cause.why.includes(why)),
    );
    const { owner, approver, reason, until } = central;
    return [{ pattern, stated, owner, approver, reason, until, files, unknown: hidden.length }];
  });
}

/** The path of a container as the person who asked would write it, with a space before it; empty for the current folder. */
function where(container: string, targets: readonly string[]): string {
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
