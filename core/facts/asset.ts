/**
 * An asset is what all observations of it say together. Per attribute each source's newest statement counts (a set,
 * when it says two things at one time); the value is the authority's where the kind names one, else the newest
 * unless sources disagree (`merge.ts`). What does not fit its kind is no statement. It is a join: order, duplicates
 * and grouping of arrivals do not matter.
 */

import { parseDurationWithDays, saidDuration } from '../cel/runtime/time.ts';
import type { AttributeDefinition, Kind } from '../kinds/kind.ts';
import {
  fitsAtAll,
  HOLED,
  isBlank,
  misfitText,
  qualityOf,
  shapesOf,
  type ValueShape,
  WHOLE,
} from '../kinds/shape.ts';
import { canonical } from '../text/canonical.ts';
import { nanosOf, timeOf } from '../text/instant.ts';
import { ascending } from '../text/order.ts';
import { type Assertion, agreed, type Claim, type EvidenceSource } from './merge.ts';
import {
  type Absent,
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

/** Merges all observations of one asset. Throws `TypeError` for none. */
export function merge(kind: Kind, observations: readonly Observation[]): Asset {
  const newest = newestOf(observations);
  if (!newest) throw new TypeError('an asset needs at least one observation');
  const attributes = new Map<string, Attribute>();
  const plans = plansOf(kind);
  const born = bornOf(kind, observations);
  for (const plan of plans) {
    const held = plan === born?.plan ? born.held : mergeAttribute(plan, observations, born?.birth ?? null);
    attributes.set(plan.name, held);
  }
  const located = { id: newest.id, kind: newest.kind, name: newest.name, attributes };
  return newest.location ? { ...located, location: newest.location } : located;
}

/** The newest; of several the first by its text, which is read only where there are several. */
function newestOf(observations: readonly Observation[]): Observation | undefined {
  let latest: Observation[] = [];
  let time: bigint | null = null;
  for (const observation of observations) {
    const its = timeOf(observation.observedAt);
    if (time === null || time < its) [latest, time] = [[observation], its];
    else if (time === its) latest.push(observation);
  }
  if (latest.length <= 1) return latest[0];
  const texts = latest.map((observation) => ({ observation, text: canonical(observation) }));
  return texts.reduce((a, b) => (b.text < a.text ? b : a)).observation;
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

/** When the asset began, in nanoseconds since 1970: null where nobody knows. */
function bornOf(kind: Kind, observations: readonly Observation[]) {
  const plan = kind.born === undefined ? undefined : plansOf(kind).find(({ name }) => name === kind.born);
  if (!plan) return null;
  const held = mergeAttribute(plan, observations, null);
  const value = 'value' in held.statement ? held.statement.value : null;
  return { plan, held, birth: typeof value === 'string' ? timeOf(value) : null };
}

/** What is asked of every statement of an attribute, worked out once. */
interface Plan {
  readonly name: string;
  readonly definition: AttributeDefinition;
  readonly shape: ValueShape;
  /** Nanoseconds; null where nothing depends on how far back was looked. */
  readonly window: bigint | null;
  readonly least: number;
  /** The only source that is heard. */
  readonly authority: string | undefined;
  readonly settle: bigint;
  /** How much older than the newest a part may be: then the whole has still most of its life before it. */
  readonly reach: bigint;
}

const PLANS = new WeakMap<Kind, readonly Plan[]>();

function plansOf(kind: Kind): readonly Plan[] {
  const known = PLANS.get(kind);
  if (known) return known;
  const shapes = shapesOf(kind);
  const made = Object.entries(kind.attributes).flatMap(([name, definition]): Plan[] => {
    const shape = shapes.get(name);
    if (!shape) return [];
    const settle = nanosOf(parseDurationWithDays(definition.settle ?? kind.settle));
    const third = nanosOf(parseDurationWithDays(kind.fresh_for)) / 3n;
    const ageless = definition.immutable || definition.set_by === 'approval';
    const plan = {
      name,
      definition,
      shape,
      window: definition.window === undefined ? null : nanosOf(parseDurationWithDays(definition.window)),
      least: ASSURANCES.indexOf(definition.assurance),
      // An owner who could state what only an approval sets could approve for himself.
      authority: definition.set_by === 'approval' ? APPROVALS : definition.authority,
      settle,
      reach: ageless ? FOREVER : settle > third ? settle : third,
    };
    return [plan];
  });
  PLANS.set(kind, made);
  return made;
}

/** Longer than any two times lie apart. */
const FOREVER = 1n << 80n;

/** `birth` is when the asset began, in nanoseconds since 1970. */
function mergeAttribute(plan: Plan, observations: readonly Observation[], birth: bigint | null): Attribute {
  const { shape } = plan;
  const heard: Assertion[] = [];
  const gaps: Unobserved[] = [];
  for (const observation of observations) {
    const said = saying(plan, observation, birth);
    if (said === null) continue;
    if ('claim' in said) heard.push(said);
    else gaps.push(said);
  }
  const last = heard.length > 1 ? latest(shape, heard) : heard;
  const [only] = last;
  if (only === undefined) return unknown(gap(gaps, plan.definition));
  // Almost every attribute has one statement that is as it should be; there is nothing to weigh, only time to save.
  if (last.length === 1 && (only.value === undefined || isClean(shape, only.value)))
    return attribute(only.claim.statement, { claim: only.claim, assurance: only.claim.assurance });
  return weighed(plan, last);
}

/** A statement that counts, or why it is none. Null: nothing that anybody asks for. */
function saying(plan: Plan, observation: Observation, birth: bigint | null): Assertion | Unobserved | null {
  const { name, shape, authority } = plan;
  const statement = observation.attributes[name];
  if (statement === undefined) return null;
  if (isUnobserved(statement)) return statement;
  const word = wordOf(shape, statement, observation);
  const lack = weakness(word, plan, birth) ?? misfit(word, plan);
  if (lack) return lack;
  return authority === undefined || observation.source === authority ? word : null;
}

/** The observations of an asset without which the others would not say all that they say together. */
export function retained(kind: Kind, observations: readonly Observation[]): ReadonlySet<Observation> {
  const found = new Set<Observation>();
  const birth = bornOf(kind, observations)?.birth ?? null;
  for (const plan of plansOf(kind)) {
    const from = new Map<Assertion | Unobserved, Observation>();
    for (const observation of observations) {
      const said = saying(plan, observation, birth);
      if (said) from.set(said, observation);
    }
    const said = [...from.keys()];
    const words = said.filter((one) => 'claim' in one);
    const counted = words.length > 0 ? near(plan, latest(plan.shape, words)).words : shownOf(said, plan);
    for (const one of counted) {
      const observation = from.get(one);
      if (observation) found.add(observation);
    }
  }
  return found;
}

/** Of gaps the one that is shown. */
function shownOf(said: readonly (Assertion | Unobserved)[], { definition }: Plan): readonly Unobserved[] {
  const gaps = said.filter((one) => 'unobserved' in one);
  const shown = gap(gaps, definition);
  return gaps
    .filter(({ unobserved, why }) => unobserved === shown.unobserved && why === shown.why)
    .slice(0, 1);
}

/** What fits at all is as it should be where nothing stands inside it. */
const isClean = (shape: ValueShape, value: Value): boolean =>
  shape.is === 'scalar' || qualityOf(shape, value) >= HOLED;

const unknown = (statement: Unobserved): Attribute => ({
  statement,
  source: null,
  observedAt: null,
  receivedAt: null,
  assurance: null,
});

function wordOf(shape: ValueShape, said: Claim['statement'], observation: Observation): Assertion {
  const { source, observedAt, receivedAt } = observation;
  // None of a list is the complete empty list.
  const statement = 'absent' in said && isCollection(shape) ? emptied(said, shape) : said;
  const claim = {
    statement,
    source,
    observedAt,
    receivedAt,
    time: timeOf(observedAt),
    assurance: statement.assurance ?? observation.assurance,
  };
  if ('absent' in statement) return { claim, value: undefined, complete: true };
  return { claim, value: statement.value, complete: !isCollection(shape) || statement.complete !== false };
}

const isCollection = ({ is }: ValueShape): boolean => is === 'list' || is === 'map';

function emptied({ absent: _, ...rest }: Absent, { is }: ValueShape): Known {
  return { ...rest, value: is === 'list' ? [] : {} };
}

/** What several statements say together, or one that has to be put right. */
function weighed(plan: Plan, said: readonly Assertion[]): Attribute {
  const { shape, settle } = plan;
  const { words, floor } = near(plan, said);
  const { value, complete, ground } = agreed(shape, words, { settle, floor });
  if (ground === null) return unknown(isUnobserved(value) ? value : UNSAID);
  const { statement } = ground.claim;
  if (value === undefined || shape.is === 'scalar') return attribute(statement, ground);
  const { complete: stated, why, ...rest } = statement as Known;
  const same = !isCollection(shape) || complete === (stated ?? true);
  const closed = same ? stated : complete ? undefined : complete;
  const open = closed === false && why !== undefined;
  return attribute(
    { ...rest, value, ...(closed !== undefined && { complete: closed }), ...(open && { why }) },
    ground,
  );
}

/** What is near enough to the newest to be a part, or to contradict one; a record of which nothing is known is no news. */
function near({ shape, settle, reach }: Plan, words: readonly Assertion[]) {
  const news = words.filter(({ value }) => !isBlank(shape, value));
  let newest: bigint | null = null;
  for (const { claim } of news.length > 0 ? news : words)
    if (newest === null || newest < claim.time) newest = claim.time;
  const floor = (newest ?? 0n) - reach;
  if (shape.is === 'scalar') return { words, floor };
  return { words: words.filter(({ claim }) => claim.time >= floor - settle), floor };
}

/** A source that says all of it has said nothing else: most histories are of such statements. */
function latest(shape: ValueShape, words: readonly Assertion[]): readonly Assertion[] {
  const said = new Map<string, bigint>();
  // Histories come oldest first: nothing before the newest has to be looked into.
  for (const { claim, value, complete } of words.toReversed()) {
    const last = said.get(claim.source);
    if (last !== undefined && claim.time <= last) continue;
    if (complete && (value === undefined || qualityOf(shape, value) === WHOLE))
      said.set(claim.source, claim.time);
  }
  return words.filter(({ claim }) => claim.time >= (said.get(claim.source) ?? claim.time));
}

const UNSAID: Unobserved = { unobserved: 'unobserved', why: 'the source did not say' };

/**
 * A weaker assurance or a shorter window than the kind asks for is no statement; it is shown, and enters no merge. A
 * window that reaches back to the beginning of the asset is as long as any.
 */
function weakness(
  { claim }: Assertion,
  { definition, window, least }: Plan,
  birth: bigint | null,
): Unobserved | null {
  const { source, statement, assurance, time } = claim;
  if (ASSURANCES.indexOf(assurance) < least) {
    const why = `${source} only knows it as ${assurance}, ${definition.assurance} is asked for`;
    return { unobserved: 'unobserved', why };
  }
  if (window === null) return null;
  const looked = nanosOf(parseDurationWithDays(statement.window ?? ''));
  if (looked >= window || (looked > 0n && birth !== null && time - looked <= birth)) return null;
  const said = statement.window === undefined ? 'no stated time' : saidDuration(statement.window);
  const why = `${source} looked back ${said}, ${saidDuration(definition.window ?? '')} is asked for`;
  return { unobserved: 'unobserved', why };
}

/** What does not fit its kind is no statement either, nor is a hole where the value should be. */
function misfit({ claim, value }: Assertion, { shape }: Plan): Unobserved | null {
  if (value === undefined) {
    if ('absent' in claim.statement) return null;
  } else if (isUnobserved(value)) return value;
  else if (fitsAtAll(shape, value)) return null;
  return { unobserved: 'failed', why: `${claim.source} ${misfitText(value, shape)}` };
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

const attribute = (statement: Statement, { claim, assurance }: EvidenceSource): Attribute => ({
  statement,
  source: claim.source,
  observedAt: claim.observedAt,
  receivedAt: claim.receivedAt,
  assurance,
});
