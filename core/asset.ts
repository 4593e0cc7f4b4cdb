/**
 * An asset is what all observations of it say together. Per attribute each source's newest statement counts (a set,
 * when it says two things at one time); the value is the authority's where the kind names one, else the newest
 * unless sources disagree. It is a join: order, duplicates and grouping of arrivals do not matter.
 */
import { canonical } from './canonical.ts';
import { parseDurationWithDays } from './cel/runtime/time.ts';
import { instant } from './instant.ts';
import type { AttributeDefinition, Kind } from './kind.ts';
import {
  APPROVALS,
  ASSURANCES,
  type Assurance,
  isUnobserved,
  type Known,
  type Location,
  type Observation,
  type Statement,
  strongestCause,
  type Unobserved,
  type Value,
} from './observation.ts';
import { ascending } from './order.ts';

/** What is held true of one attribute, and on whose word. */
export interface Attribute {
  readonly statement: Statement;
  /** Null where nobody made a statement. */
  readonly source: string | null;
  readonly observedAt: string | null;
  /** When we learned it first; null also where a store keeps that beside the attribute. */
  readonly receivedAt: string | null;
  readonly assurance: Assurance | null;
}

export interface Asset {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly location?: Location;
  /** One for each attribute of the kind. */
  readonly attributes: ReadonlyMap<string, Attribute>;
}

interface Claim {
  readonly statement: Exclude<Statement, Unobserved>;
  readonly source: string;
  readonly observedAt: string;
  readonly receivedAt: string;
  readonly time: bigint;
  readonly assurance: Assurance;
}

/** Merges all observations of one asset. Throws `TypeError` for none. */
export function merge(kind: Kind, observations: readonly Observation[]): Asset {
  const newest =
    observations.length === 1
      ? observations[0]
      : observations.toSorted(
          (a, b) =>
            ascending(timeOf(b.observedAt), timeOf(a.observedAt)) || ascending(canonical(a), canonical(b)),
        )[0];
  if (!newest) throw new TypeError('an asset needs at least one observation');
  const attributes = new Map<string, Attribute>();
  for (const [name, definition] of Object.entries(kind.attributes)) {
    attributes.set(name, mergeAttribute(name, definition, kind, observations));
  }
  const located = { id: newest.id, kind: newest.kind, name: newest.name, attributes };
  return newest.location ? { ...located, location: newest.location } : located;
}

/** Assets of every kind that is known, by id in order; observations of an unknown kind are left to the caller. */
export function assetsOf(kinds: ReadonlyMap<string, Kind>, observations: Iterable<Observation>): Asset[] {
  const byId = new Map<string, Observation[]>();
  for (const observation of observations) {
    if (!kinds.has(observation.kind)) continue;
    const group = byId.get(observation.id);
    if (group) group.push(observation);
    else byId.set(observation.id, [observation]);
  }
  return [...byId]
    .sort(([a], [b]) => ascending(a, b))
    .flatMap(([, group]) => {
      const kind = kinds.get(group[0]?.kind ?? '');
      return kind ? [merge(kind, group)] : [];
    });
}

function mergeAttribute(
  name: string,
  definition: AttributeDefinition,
  kind: Kind,
  observations: readonly Observation[],
): Attribute {
  const claims: Claim[] = [];
  const gaps: Unobserved[] = [];
  for (const observation of observations) {
    const statement = observation.attributes[name];
    if (statement === undefined) continue;
    if (isUnobserved(statement)) gaps.push(statement);
    else {
      const claim = toClaim(statement, observation);
      const weak = weakness(claim, definition);
      if (weak) gaps.push(weak);
      else claims.push(claim);
    }
  }
  // An owner who could state what only an approval sets could approve for himself.
  const authority = definition.set_by === 'approval' ? APPROVALS : definition.authority;
  const heard = authority === undefined ? claims : claims.filter(({ source }) => source === authority);
  const settled = heard.length === 0 ? gap(gaps, definition) : settle(heard, definition, kind);
  return 'source' in settled
    ? settled
    : { statement: settled, source: null, observedAt: null, receivedAt: null, assurance: null };
}

function toClaim(statement: Claim['statement'], observation: Observation): Claim {
  const { source, observedAt, receivedAt } = observation;
  const time = timeOf(observedAt);
  return {
    statement,
    source,
    observedAt,
    receivedAt,
    time,
    assurance: statement.assurance ?? observation.assurance,
  };
}

/** A weaker assurance or a shorter window than the kind asks for is no statement; it is shown, and enters no merge. */
function weakness(claim: Claim, definition: AttributeDefinition): Unobserved | null {
  if (ASSURANCES.indexOf(claim.assurance) < ASSURANCES.indexOf(definition.assurance)) {
    return {
      unobserved: 'unobserved',
      why: `${claim.source} only knows it as ${claim.assurance}, ${definition.assurance} is asked for`,
    };
  }
  if (definition.window === undefined) return null;
  const nanos = (text: string | undefined) => nanosOf(parseDurationWithDays(text ?? ''));
  if (nanos(claim.statement.window) < nanos(definition.window)) {
    return {
      unobserved: 'unobserved',
      why: `${claim.source} looked back ${claim.statement.window ?? 'no stated time'}, ${definition.window} is asked for`,
    };
  }
  return null;
}

/** Nobody made a statement: the strongest of the causes given, else that nobody looked. */
function gap(gaps: readonly Unobserved[], definition: AttributeDefinition): Unobserved {
  const cause = strongestCause(gaps.map(({ unobserved }) => unobserved));
  const why = gaps
    .filter(({ unobserved }) => unobserved === cause)
    .map((one) => one.why)
    .sort()[0];
  const remedy = definition.remedy ? `; ${definition.remedy}` : '';
  return { unobserved: cause, why: why ?? `no source of this run looks at it${remedy}` };
}

function settle(
  claims: readonly Claim[],
  definition: AttributeDefinition,
  kind: Kind,
): Attribute | Unobserved {
  const [only] = claims;
  // Almost every attribute has one statement; there is nothing to weigh, only time to save.
  if (only && claims.length === 1 && !isPartial(only)) return attribute(only.statement, only, only.assurance);
  const latest = [...Map.groupBy(claims, ({ source }) => source).values()].map((own) => newestOf(own));
  const split = latest
    .filter((own) => new Set(own.filter((claim) => !isPartial(claim)).map(content)).size > 1)
    .map((own) => own[0]?.source ?? '')
    .sort()[0];
  if (split !== undefined)
    return { unobserved: 'disputed', why: `${split} says two things at the same time` };
  const ranked = latest.flat().sort(byTimeThenContent);
  const winner = ranked[0];
  if (!winner) return { unobserved: 'unobserved', why: 'nobody looked' };
  const within = nanosOf(parseDurationWithDays(definition.settle ?? kind.settle));
  const recent = ranked.filter(({ time }) => winner.time - time <= within);
  if (definition.type === 'list' && recent.some(isPartial)) return unite(recent, winner, definition);
  const rival = recent.find((other) => content(other) !== content(winner));
  if (rival) {
    const [first, second] = [winner.source, rival.source].sort();
    return { unobserved: 'disputed', why: `${first} and ${second} disagree` };
  }
  // Of equal statements the strongest is kept: agreeing sources never weaken each other.
  const strongest = recent.toSorted(
    (a, b) =>
      ASSURANCES.indexOf(b.assurance) - ASSURANCES.indexOf(a.assurance) || ascending(a.source, b.source),
  )[0];
  return attribute(winner.statement, winner, strongest?.assurance ?? winner.assurance);
}

/** Partial lists unite by element key; nothing is removed by a list that may hold more. */
function unite(claims: readonly Claim[], winner: Claim, definition: AttributeDefinition): Attribute {
  const elements = new Map<string, Value>();
  for (const { statement } of claims) {
    const value = 'value' in statement && Array.isArray(statement.value) ? (statement.value as Value[]) : [];
    for (const element of value) {
      const key = elementKey(element, definition.element_key);
      if (!elements.has(key)) elements.set(key, element);
    }
  }
  const value = [...elements].sort(([a], [b]) => ascending(a, b)).map(([, element]) => element);
  return attribute({ value, complete: false }, winner, winner.assurance);
}

function elementKey(element: Value, key: string | undefined): string {
  if (key && typeof element === 'object' && !Array.isArray(element) && Object.hasOwn(element, key)) {
    return canonical((element as Readonly<Record<string, unknown>>)[key]);
  }
  return canonical(element);
}

const attribute = (
  statement: Statement,
  { source, observedAt, receivedAt }: Claim,
  assurance: Assurance,
): Attribute => ({
  statement,
  source,
  observedAt,
  receivedAt,
  assurance,
});

const isPartial = ({ statement }: Claim) => (statement as Known).complete === false;

function newestOf(claims: readonly Claim[]): readonly Claim[] {
  const newest = claims.toSorted(byTimeThenContent)[0]?.time;
  return claims.filter(({ time }) => time === newest);
}

const content = ({ statement }: Claim) =>
  'absent' in statement ? 'absent' : canonical([statement.value, statement.complete ?? true]);

function byTimeThenContent(a: Claim, b: Claim): number {
  return (
    ascending(b.time, a.time) ||
    ascending(content(a) + a.source, content(b) + b.source) ||
    // The same statement twice was learned when the first of the two arrived.
    ascending(timeOf(a.receivedAt), timeOf(b.receivedAt))
  );
}

/** A time that cannot be read is older than any other. */
const timeOf = (text: string): bigint => nanosOf(instant(text));

const nanosOf = (pair: { readonly seconds: number; readonly nanos: number } | null): bigint =>
  pair ? BigInt(pair.seconds) * 1_000_000_000n + BigInt(pair.nanos) : 0n;
