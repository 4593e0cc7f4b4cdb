/** What to do first, and what the picture cannot see: both are lists of findings, grouped as people would act on them. */
import type { CompiledStandard } from '../verdicts/compiled-standard.ts';
import type { Picture } from './picture.ts';
import type { Evidence, Finding, Severity } from './scan.ts';

/** A group of failures that one person mends in one go: one standard in one container. */
export interface NextStep {
  readonly standard: string;
  readonly title: string;
  readonly severity: Severity;
  readonly owner: string | null;
  /** The repository or other container, and the first place to go to in it. */
  readonly where: string;
  readonly place: string;
  readonly failures: number;
  readonly first: Evidence | null;
  /** The command that mends it, or explains it where no fix can be written. */
  readonly command: string;
}

/** Something that this picture cannot see, and how to let it see. */
export interface BlindSpot {
  readonly what: string;
  readonly standards: readonly string[];
  readonly assets: number;
  /** Fingerprints of the findings behind it: `assets` counts their assets. */
  readonly findings?: readonly string[];
  readonly why: string;
  readonly remedy: string | null;
}

const RANK: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/** Most severe first, then the most failures, then the least of a person's time, then by name. */
export function actions(
  { scan }: Picture,
  standards: readonly CompiledStandard[],
  containerOf: (asset: Finding['asset']) => string,
  commandFor: (finding: Finding) => string,
): NextStep[] {
  const byId = new Map(standards.map((standard) => [standard.definition.id, standard.definition]));
  const failing = scan.findings.filter(({ verdict, exception }) => verdict === 'fail' && !exception);
  const groups = Map.groupBy(failing, (found) => `${found.standard}\n${containerOf(found.asset)}`);
  const minutes = (id: string) => byId.get(id)?.toil.owner_minutes ?? 0;
  return [...groups.values()]
    .flatMap((group): NextStep[] => {
      const finding = group.toSorted((a, b) => RANK[a.severity] - RANK[b.severity])[0];
      const standard = finding && byId.get(finding.standard);
      if (!standard) return [];
      const where = containerOf(finding.asset);
      return [
        {
          standard: standard.id,
          title: standard.title,
          severity: finding.severity,
          owner: finding.owner,
          where,
          place: placeOf(finding, where),
          failures: group.length,
          first: finding.evidence[0] ?? null,
          command: commandFor(finding),
        },
      ];
    })
    .sort(
      (a, b) =>
        RANK[a.severity] - RANK[b.severity] ||
        b.failures - a.failures ||
        minutes(a.standard) - minutes(b.standard) ||
        (a.where < b.where ? -1 : a.where > b.where ? 1 : a.standard < b.standard ? -1 : 1),
    );
}

function placeOf({ location }: Finding, where: string): string {
  if (!location) return where;
  return location.line === undefined ? location.path : `${location.path}:${location.line}`;
}

/** Unknowns by what is missing: one line for one thing that somebody can open, not one for every asset behind it. */
export function blindSpots({ scan, verdictOf }: Picture): BlindSpot[] {
  const spots = new Map<
    string,
    {
      what: string;
      standards: Set<string>;
      assets: Set<string>;
      findings: string[];
      why: string;
      remedy: string | null;
    }
  >();
  for (const finding of scan.findings) {
    if (finding.verdict !== 'unknown') continue;
    const cause = verdictOf.get(finding)?.causes[0];
    const what = cause
      ? cause.path.replace(/^asset\./, `${finding.asset.kind}.`)
      : `every ${finding.asset.kind}`;
    const [why, remedy] = splitRemedy(
      cause?.why ?? finding.message,
      cause ? null : finding.evidence[0]?.text,
    );
    const key = `${what}\n${why}\n${remedy}`;
    const spot = spots.get(key) ?? {
      what,
      standards: new Set(),
      assets: new Set(),
      findings: [],
      why,
      remedy,
    };
    spot.standards.add(finding.standard);
    spot.assets.add(finding.asset.id);
    spot.findings.push(finding.fingerprint);
    spots.set(key, spot);
  }
  return [...spots.values()]
    .map((spot) => ({ ...spot, standards: [...spot.standards].sort(), assets: spot.assets.size }))
    .sort(
      (a, b) => b.assets - a.assets || b.standards.length - a.standards.length || (a.what < b.what ? -1 : 1),
    );
}

/** A `why` ends in its remedy, after a semicolon, wherever there is one. */
function splitRemedy(why: string, remedy: string | null | undefined): [string, string | null] {
  if (remedy) return [why, remedy];
  const end = why.indexOf('; ');
  return end < 0 ? [why, null] : [why.slice(0, end), why.slice(end + 2)];
}
