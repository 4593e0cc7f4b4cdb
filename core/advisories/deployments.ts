/** When a flaw stopped putting customers at risk, by what was seen to be deployed: never by a date that somebody typed. Pure. */

export const DEPLOY_EVENTS = ['deployed', 'upgraded', 'published', 'rolledback', 'removed'] as const;
type DeployEventType = (typeof DEPLOY_EVENTS)[number];

export interface DeployEvent {
  readonly type: DeployEventType;
  readonly service: string;
  readonly environment: string;
  /** What runs there since; null where the event does not say it. */
  readonly artifact: string | null;
  /** RFC 3339. */
  readonly at: string;
}

/** Where a case puts somebody at risk, and which artifacts have the fix. */
export interface PlaceAtRisk {
  readonly service: string;
  readonly environment: string;
  /** None: nothing is named that fixes it. */
  readonly fixedBy: readonly string[];
}

type Mitigation =
  /** Since when every place runs a fix, or runs nothing; RFC 3339. */
  | { readonly state: 'mitigated'; readonly at: string }
  | { readonly state: 'at-risk' }
  /** What is not known, and after `; ` what to do. */
  | { readonly state: 'unknown'; readonly why: string };

const DIGEST = /sha(?:256|384|512):[0-9a-f]{64,128}/i;

/** What an artifact is compared by: its digest, in whatever it stands (a purl writes the colon as `%3A`), else the whole text. */
function artifactKey(text: string): string {
  const plain = text.replaceAll(/%3a/gi, ':');
  return DIGEST.exec(plain)?.[0].toLowerCase() ?? plain;
}

const placeName = ({ service, environment }: Pick<PlaceAtRisk, 'service' | 'environment'>): string =>
  `\`${service}\` in \`${environment}\``;

const placeKey = ({ service, environment }: Pick<PlaceAtRisk, 'service' | 'environment'>): string =>
  JSON.stringify([service, environment]);

/** Events by place, oldest first. */
export function eventsByPlace(events: readonly DeployEvent[]): ReadonlyMap<string, readonly DeployEvent[]> {
  const found = new Map<string, DeployEvent[]>();
  for (const event of events) {
    const own = found.get(placeKey(event)) ?? [];
    found.set(placeKey(event), own);
    own.push(event);
  }
  for (const own of found.values()) own.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return found;
}

/**
 * One place. What comes after a fix is taken to have it, unless it is rolled back or is what ran there before: a case names
 * the first fixed artifact and not every later one.
 */
function mitigationAt(place: PlaceAtRisk, events: readonly DeployEvent[]): Mitigation {
  if (events.length === 0)
    return {
      state: 'unknown',
      why: `no deploy event is about ${placeName(place)}; have its deployments recorded, or correct the name`,
    };
  const fixes = new Set(place.fixedBy.map(artifactKey));
  const unfixed = new Set<string>();
  let since: string | null = null;
  let wasFixed = false;
  for (const [index, event] of events.entries()) {
    const next = events[index + 1];
    if (next !== undefined && next.type !== event.type && Date.parse(next.at) === Date.parse(event.at))
      return {
        state: 'unknown',
        why: `two events about ${placeName(place)} have the same time, ${event.at}; record their order`,
      };
    if (event.type === 'removed') {
      since ??= event.at;
      continue;
    }
    if (event.artifact === null)
      return {
        state: 'unknown',
        why: `the event of ${event.at} about ${placeName(place)} does not say which artifact runs since; have it recorded`,
      };
    const artifact = artifactKey(event.artifact);
    if (fixes.has(artifact)) {
      wasFixed = true;
      since ??= event.at;
    } else if (!wasFixed || event.type === 'rolledback' || unfixed.has(artifact)) {
      unfixed.add(artifact);
      since = null;
    }
  }
  return since === null ? { state: 'at-risk' } : { state: 'mitigated', at: since };
}

/** The whole case: at risk where one place is, else unknown where one is, else since the last place was fixed. */
export function mitigationOf(
  places: readonly PlaceAtRisk[],
  events: ReadonlyMap<string, readonly DeployEvent[]>,
): Mitigation {
  const found = places.map((place) => mitigationAt(place, events.get(placeKey(place)) ?? []));
  if (found.some(({ state }) => state === 'at-risk')) return { state: 'at-risk' };
  const unknown = found.find(({ state }) => state === 'unknown');
  if (unknown !== undefined) return unknown;
  const times = found.flatMap((one) => (one.state === 'mitigated' ? [one.at] : []));
  const last = times.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
  return last === undefined
    ? { state: 'unknown', why: 'the case names no place; say which services and environments it concerns' }
    : { state: 'mitigated', at: last };
}
