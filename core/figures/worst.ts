/** Which failures are shown first where not all are: the gravest, and what is shipped before what tests it. Pure. */
import type { Location } from '../facts/observation.ts';
import { ascending } from '../text/order.ts';
import { type CodeLines, type Finding, SEVERITIES } from './scan.ts';

/** One place to go to. */
export interface FailingPlace {
  readonly finding: Finding;
  /** What the finding says of this place; its message where it names none. */
  readonly text: string;
  readonly location: Location | null;
  readonly link?: string;
  readonly code?: CodeLines;
}

const ORDER = ['product', 'generated', 'vendored', 'example', 'docs', 'test'];

/** What has no known place may be product, and comes with it. */
const placeRank = ({ asset }: Finding): number => Math.max(0, ORDER.indexOf(asset.place ?? 'product'));

/** Failures that no exception covers, gravest first; then product before tests and documents; then by name and place. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return findings
    .filter(({ verdict, exception }) => verdict === 'fail' && exception === undefined)
    .toSorted(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        placeRank(a) - placeRank(b) ||
        ascending(a.asset.name, b.asset.name) ||
        ascending(a.asset.id, b.asset.id),
    );
}

/**
 * The worst places of failures of one standard, at most `most`: first one place of each failure, then, where that is not
 * enough, further places of the first ones.
 */
export function worstPlaces(findings: readonly Finding[], most: number): FailingPlace[] {
  const places = worstFirst(findings).slice(0, most).map(placesOf);
  const longest = Math.max(0, ...places.map(({ length }) => length));
  return Array.from({ length: longest }, (_, round) => places.flatMap((own) => own.slice(round, round + 1)))
    .flat()
    .slice(0, most);
}

/** Every place of one failure, its own first. */
function placesOf(finding: Finding): FailingPlace[] {
  const { location, message, evidence } = finding;
  const located = evidence.filter((one) => one.location !== undefined);
  const first = located.findIndex(
    (one) => one.location?.path === location?.path && one.location?.line === location?.line,
  );
  const ordered = first > 0 ? [...located.slice(first, first + 1), ...located.toSpliced(first, 1)] : located;
  if (first < 0) {
    const own = {
      finding,
      text: message,
      location,
      ...(finding.link !== undefined && { link: finding.link }),
      ...(finding.code && { code: finding.code }),
    };
    return [own, ...ordered.map((one) => placeOf(finding, one))];
  }
  return ordered.map((one) => placeOf(finding, one));
}

function placeOf(
  finding: Finding,
  { text, location, link, code }: Finding['evidence'][number],
): FailingPlace {
  return {
    finding,
    text,
    location: location ?? null,
    ...(link !== undefined && { link }),
    ...(code && { code }),
  };
}
