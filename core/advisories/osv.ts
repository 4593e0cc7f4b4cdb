/** Whether a record of the Open Source Vulnerability format (ossf.github.io/osv-schema) is about a package in one version. */

export interface OsvEvent {
  readonly introduced?: string | undefined;
  readonly fixed?: string | undefined;
  readonly last_affected?: string | undefined;
  readonly limit?: string | undefined;
}

export interface OsvAffected {
  readonly versions: readonly string[];
  readonly ranges: readonly { readonly type: string; readonly events: readonly OsvEvent[] }[];
}

/** `undecided`: it has a range whose order is its ecosystem's own, and does not name the version. */
export type OsvAnswer =
  | { readonly affected: true; readonly fixedIn: string | null }
  | { readonly affected: false }
  | { readonly affected: 'undecided' };

export function affectedBy(version: string, { versions, ranges }: OsvAffected): OsvAnswer {
  const ordered = ranges.filter(({ type }) => type === 'SEMVER');
  const hits = ordered.map(({ events }) => inRange(version, events));
  const hit = hits.find((one) => one.affected === true);
  if (hit !== undefined) return hit;
  if (versions.includes(version)) return { affected: true, fixedIn: fixNamed(ranges) };
  // A list of versions is whole beside ranges that cannot be worked out; commits say nothing of a version.
  const isOpen =
    hits.some((one) => one.affected === 'undecided') ||
    (versions.length === 0 && ranges.some(({ type }) => type === 'ECOSYSTEM'));
  return { affected: isOpen ? 'undecided' : false };
}

/** Of a range in the ecosystem's own order the fix is named where there is one alone. */
function fixNamed(ranges: OsvAffected['ranges']): string | null {
  const fixes = ranges
    .filter(({ type }) => type !== 'GIT')
    .flatMap(({ events }) => events.flatMap(({ fixed }) => (fixed === undefined ? [] : [fixed])));
  return fixes.length === 1 ? (fixes[0] ?? null) : null;
}

function inRange(text: string, events: readonly OsvEvent[]): OsvAnswer {
  const version = semver(text);
  if (version === null) return { affected: 'undecided' };
  const placed: { readonly at: Semver | null; readonly event: OsvEvent }[] = [];
  for (const event of events) {
    const said = event.introduced ?? event.fixed ?? event.last_affected ?? event.limit ?? '';
    const at = event.introduced === '0' ? null : semver(said);
    if (at === null && event.introduced !== '0') return { affected: 'undecided' };
    placed.push({ at, event });
  }
  const order = (one: Semver | null, other: Semver | null) =>
    one === null || other === null ? (one === null ? (other === null ? 0 : -1) : 1) : compared(one, other);
  placed.sort((a, b) => order(a.at, b.at));
  const limits = placed.filter(({ event }) => event.limit !== undefined && event.limit !== '*');
  if (limits.length > 0 && limits.every(({ at }) => order(version, at) >= 0)) return { affected: false };
  let affected = false;
  for (const { at, event } of placed) {
    const beyond = order(version, at);
    if (event.introduced !== undefined && beyond >= 0) affected = true;
    else if (event.fixed !== undefined && beyond >= 0) affected = false;
    else if (event.last_affected !== undefined && beyond > 0) affected = false;
  }
  if (!affected) return { affected: false };
  const next = placed.find(({ at, event }) => event.fixed !== undefined && order(version, at) < 0);
  return { affected: true, fixedIn: next?.event.fixed ?? null };
}

/** Numbers of the version, and its parts before release. */
interface Semver {
  readonly numbers: readonly bigint[];
  readonly before: readonly string[];
}

/** Go writes a `v` before it. */
const SEMVER = /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** A longer one was made to take long. */
const LONGEST = 256;

function semver(text: string): Semver | null {
  if (text.length > LONGEST) return null;
  const [, major, minor, patch, before] = SEMVER.exec(text) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return null;
  return {
    numbers: [major, minor, patch].map(BigInt),
    before: before === undefined ? [] : before.split('.'),
  };
}

/** By semver.org 2.0.0, clause 11. */
function compared(one: Semver, other: Semver): number {
  for (const [at, number] of one.numbers.entries()) {
    const against = other.numbers[at] ?? 0n;
    if (number !== against) return number < against ? -1 : 1;
  }
  if (one.before.length === 0 || other.before.length === 0)
    return Number(one.before.length === 0) - Number(other.before.length === 0);
  for (const [at, part] of one.before.entries()) {
    const against = other.before[at];
    if (against === undefined) return 1;
    const order = comparedParts(part, against);
    if (order !== 0) return order;
  }
  return one.before.length - other.before.length;
}

function comparedParts(one: string, other: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(one), /^\d+$/.test(other)];
  if (isNumber && isOther) return BigInt(one) === BigInt(other) ? 0 : BigInt(one) < BigInt(other) ? -1 : 1;
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return one === other ? 0 : one < other ? -1 : 1;
}
