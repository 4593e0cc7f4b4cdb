/**
 * What claims say together about one value. Of each part of it (a field, an element, an entry) each source's newest word
 * counts, and the part is the newest of these unless sources disagree; a hole is no word. A complete list removes what was
 * said before it, a partial one only adds. The whole is as old, and as strong, as the least of the parts that it is made of.
 */

import {
  anyCouldBeOne,
  compareElements,
  keyText,
  type ListShape,
  type MapShape,
  misfitText,
  type RecordShape,
  recordIn,
  type ScalarShape,
  scalarText,
  type ValueShape,
} from '../kinds/shape.ts';
import { canonical } from '../text/canonical.ts';
import { timeOf } from '../text/instant.ts';
import { ascending } from '../text/order.ts';
import {
  ASSURANCES,
  type Assurance,
  isUnobserved,
  type Statement,
  strongestCause,
  type Unobserved,
  type Value,
} from './observation.ts';

/** A source's statement, made at one time. Times are nanoseconds since 1970. */
export interface Claim {
  readonly statement: Exclude<Statement, Unobserved>;
  readonly source: string;
  readonly observedAt: string;
  readonly receivedAt: string;
  readonly time: bigint;
  readonly assurance: Assurance;
}

/** What a claim says of one part; undefined: there is none. */
export interface Assertion {
  readonly claim: Claim;
  readonly value: Value | undefined;
  readonly complete: boolean;
}

/** Whose word something rests on. */
export interface EvidenceSource {
  readonly claim: Claim;
  readonly assurance: Assurance;
}

export interface Agreed {
  /** Undefined: there is none, or nobody said a word. */
  readonly value: Value | undefined;
  /** Of a list or map. */
  readonly complete: boolean;
  /** Null where nothing is known. */
  readonly ground: EvidenceSource | null;
}

export interface Weighing {
  /** Sources that differ within it are disputed. */
  readonly settle: bigint;
  /** What was said last before is too old to be a part of what was said since. */
  readonly floor: bigint;
}

export function agreed(shape: ValueShape, words: readonly Assertion[], weighing: Weighing): Agreed {
  const rank = ranksOf(words.map(({ claim }) => claim));
  return agreedOn(shape, words, { settle: weighing.settle, floor: weighing.floor, rank });
}

interface RankedWeighing extends Weighing {
  /** Where each claim stands among all of them, by time and then by `byClaim`. */
  readonly rank: ReadonlyMap<Claim, number>;
}

/** Ranked once: to compare two claims may take reading all that they say, and every element would do so again. */
function ranksOf(claims: readonly Claim[]): ReadonlyMap<Claim, number> {
  const texts = new Map<Claim, string>();
  const textOf = (claim: Claim): string => {
    const text = texts.get(claim) ?? canonical(claim.statement);
    texts.set(claim, text);
    return text;
  };
  const compare = (a: Claim, b: Claim) => ascending(a.time, b.time) || byClaim(a, b, textOf);
  const rank = new Map<Claim, number>();
  let last: Claim | null = null;
  let place = 0;
  for (const claim of [...new Set(claims)].sort(compare)) {
    if (last !== null && compare(last, claim) !== 0) place += 1;
    rank.set(claim, place);
    last = claim;
  }
  return rank;
}

const rankOf = (claim: Claim, { rank }: RankedWeighing): number => rank.get(claim) ?? 0;

function agreedOn(shape: ValueShape, words: readonly Assertion[], weighing: RankedWeighing): Agreed {
  switch (shape.is) {
    case 'scalar':
      return scalar(shape, words, weighing);
    case 'record':
      return record(shape, words, weighing);
    default:
      return collection(shape, words, weighing);
  }
}

/** Sorts out the words that are none: what is left says something that fits. */
function heard(
  shape: ValueShape,
  words: readonly Assertion[],
  fits: (value: Value) => boolean,
): { readonly said: readonly Assertion[]; readonly silence: Value | undefined } {
  const gaps: Unobserved[] = [];
  const said = words.filter(({ value, claim }) => {
    if (value === undefined) return true;
    if (isUnobserved(value)) gaps.push(value);
    else if (fits(value)) return true;
    else gaps.push({ unobserved: 'failed', why: `${claim.source} ${misfitText(value, shape)}` });
    return false;
  });
  return { said, silence: strongest(gaps) };
}

function strongest(gaps: readonly Unobserved[]): Unobserved | undefined {
  if (gaps.length === 0) return undefined;
  const unobserved = strongestCause(gaps.map((gap) => gap.unobserved));
  return gaps.filter((gap) => gap.unobserved === unobserved).sort((a, b) => ascending(a.why, b.why))[0];
}

const NOTHING = (value: Value | undefined): Agreed => ({ value, complete: true, ground: null });
const disputed = (why: string): Agreed => NOTHING({ unobserved: 'disputed', why });
const disagree = (a: string, b: string) => {
  const [first, second] = [a, b].sort();
  return first === second ? splitText(a) : `${first} and ${second} disagree`;
};
const splitText = (source: string) => `${source} says two things at the same time`;

function scalar(shape: ScalarShape, words: readonly Assertion[], weighing: RankedWeighing): Agreed {
  const textOf = ({ value }: Assertion) => (value === undefined ? '' : (scalarText(shape.type, value) ?? ''));
  const { said, silence } = heard(shape, words, (value) => scalarText(shape.type, value) !== null);
  const found = newest(said, textOf, weighing);
  if (found === null) return NOTHING(silence);
  if (typeof found === 'string') return disputed(found);
  return found.ground.claim.time < weighing.floor
    ? NOTHING(silence)
    : { value: found.word.value, complete: true, ground: found.ground };
}

/** The newest of each source's newest words; null for none, and a text where they are disputed. */
function newest(
  words: readonly Assertion[],
  textOf: (word: Assertion) => string,
  weighing: RankedWeighing,
): { readonly word: Assertion; readonly ground: EvidenceSource } | string | null {
  const [only] = words;
  if (only === undefined) return null;
  if (words.length === 1)
    return { word: only, ground: { claim: only.claim, assurance: only.claim.assurance } };
  const last = new Map<string, bigint>();
  for (const { claim } of words) {
    const time = last.get(claim.source);
    if (time === undefined || time < claim.time) last.set(claim.source, claim.time);
  }
  const latest = words
    .filter(({ claim }) => last.get(claim.source) === claim.time)
    .map((word) => ({ word, text: textOf(word) }));
  const texts = new Map<string, string>();
  const split: string[] = [];
  for (const { word, text } of latest) {
    const before = texts.get(word.claim.source);
    if (before !== undefined && before !== text) split.push(word.claim.source);
    texts.set(word.claim.source, text);
  }
  const [both] = split.sort();
  if (both !== undefined) return splitText(both);
  const ranked = latest.sort(
    (a, b) =>
      ascending(b.word.claim.time, a.word.claim.time) ||
      ascending(a.text, b.text) ||
      ascending(rankOf(a.word.claim, weighing), rankOf(b.word.claim, weighing)) ||
      ascending(canonical(a.word.value), canonical(b.word.value)),
  );
  const [first] = ranked;
  if (!first) return null;
  const { claim } = first.word;
  const recent = ranked.filter(({ word }) => claim.time - word.claim.time <= weighing.settle);
  const rival = recent.find((other) => other.text !== first.text);
  if (rival) return disagree(claim.source, rival.word.claim.source);
  return { word: first.word, ground: { claim, assurance: strongestOf(recent.map(({ word }) => word)) } };
}

/** Agreeing sources never weaken each other. */
const strongestOf = (words: readonly Assertion[]): Assurance =>
  ASSURANCES[Math.max(...words.map(({ claim }) => ASSURANCES.indexOf(claim.assurance)))] ?? 'attested';

/** The first source by name, and what it is surest of; the same statement twice was learned when the first of the two arrived. */
const byClaim = (a: Claim, b: Claim, textOf: (claim: Claim) => string): number =>
  ascending(a.source, b.source) ||
  ascending(ASSURANCES.indexOf(b.assurance), ASSURANCES.indexOf(a.assurance)) ||
  ascending(timeOf(a.receivedAt), timeOf(b.receivedAt)) ||
  ascending(textOf(a), textOf(b));

/** What rests on two grounds is as old as the older and as weak as the weaker. */
function both(
  a: EvidenceSource | null,
  b: EvidenceSource | null,
  weighing: RankedWeighing,
): EvidenceSource | null {
  if (a === null || b === null) return a ?? b;
  const isFirst = rankOf(a.claim, weighing) <= rankOf(b.claim, weighing);
  const weaker = ASSURANCES.indexOf(a.assurance) <= ASSURANCES.indexOf(b.assurance) ? a : b;
  return { claim: isFirst ? a.claim : b.claim, assurance: weaker.assurance };
}

function record(shape: RecordShape, words: readonly Assertion[], weighing: RankedWeighing): Agreed {
  const { said, silence } = heard(shape, words, (value) => recordIn(value) !== null);
  const found = newest(said, ({ value }) => (value === undefined ? 'absent' : 'present'), weighing);
  if (found === null) return NOTHING(silence);
  if (typeof found === 'string') return disputed(found);
  if (found.ground.claim.time < weighing.floor) return NOTHING(silence);
  if (found.word.value === undefined) return { value: undefined, complete: true, ground: found.ground };
  // Of a record that was gone in between, nothing said before counts.
  const ends = endsOf(said.filter(({ value }) => value === undefined));
  const standing = said.filter(
    ({ value, claim }) => value !== undefined && !isRemoved(claim, ends, weighing),
  );
  let ground: EvidenceSource | null = null;
  const fields: [string, Value][] = [];
  for (const { name, shape: inner, optional } of shape.fields) {
    const own = standing.flatMap((word): Assertion[] => {
      const given = recordIn(word.value) ?? {};
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      return value === undefined && !optional ? [] : [{ ...word, value, complete: true }];
    });
    const part = agreedOn(inner, own, weighing);
    if (!part.complete) fields.push([name, TANGLED]);
    else if (part.value !== undefined) fields.push([name, part.value]);
    ground = both(ground, part.ground, weighing);
  }
  return { value: Object.fromEntries(fields), complete: true, ground: ground ?? found.ground };
}

/** Only a whole attribute can be known in part. */
const TANGLED: Unobserved = { unobserved: 'incomplete', why: 'its elements cannot be told apart' };

/** When something was last said not to be there: by each source, and by any. */
interface Ends {
  readonly bySource: ReadonlyMap<string, bigint>;
  readonly last: bigint | null;
}

function endsOf(words: readonly Assertion[]): Ends {
  const bySource = new Map<string, bigint>();
  let last: bigint | null = null;
  for (const { claim } of words) {
    const known = bySource.get(claim.source);
    if (known === undefined || known < claim.time) bySource.set(claim.source, claim.time);
    if (last === null || last < claim.time) last = claim.time;
  }
  return { bySource, last };
}

/** Whether an end came after a claim: of the same source, or of any but for the time to settle. */
function isRemoved({ source, time }: Claim, { bySource, last }: Ends, { settle }: Weighing): boolean {
  const own = bySource.get(source);
  return (own !== undefined && time < own) || (last !== null && time < last - settle);
}

/** A list or map of one claim, by what tells its elements apart. */
interface Contents {
  readonly word: Assertion;
  readonly elements: ReadonlyMap<string, readonly Value[]>;
  /** Elements of which it is not known which they are. */
  readonly nameless: readonly Value[];
}

function contentsOf(shape: ListShape | MapShape, word: Assertion): Contents {
  const elements = new Map<string, Value[]>();
  const nameless: Value[] = [];
  const add = (key: string | null, value: Value) => {
    if (key === null) nameless.push(value);
    else if (elements.has(key)) elements.get(key)?.push(value);
    else elements.set(key, [value]);
  };
  if (shape.is === 'list')
    for (const value of (word.value ?? []) as readonly Value[]) add(keyText(shape, value), value);
  else
    for (const [key, value] of Object.entries(recordIn(word.value) ?? {}))
      if (value !== undefined) add(key, value);
  return { word, elements, nameless };
}

function collection(
  shape: ListShape | MapShape,
  words: readonly Assertion[],
  weighing: RankedWeighing,
): Agreed {
  const list = shape.is === 'list';
  const { said, silence } = heard(shape, words, (value) =>
    list ? Array.isArray(value) : recordIn(value) !== null,
  );
  const all = said.map((word) => contentsOf(shape, word));
  const whole = all.filter(({ word }) => word.complete);
  const ends = endsOf(whole.map(({ word }) => word));
  // From each source's last complete one on, and from the last of all on but for the time to settle.
  const counting = all.filter(
    ({ word: { claim } }) => claim.time >= weighing.floor && !isRemoved(claim, ends, weighing),
  );
  const complete = counting.filter(({ word }) => word.complete);
  const rivals = contradiction(complete);
  if (rivals !== null) return disputed(rivals);
  if (counting.length === 0) return NOTHING(silence);
  const keys = new Set(counting.flatMap(({ elements }) => [...elements.keys()]));
  const nameless = namelessOf(shape, counting, weighing);
  const closing = complete.filter(
    (one) => one.elements.size === keys.size && one.nameless.length === nameless.values.length,
  );
  const closed = closing.some((one) => isCounted(shape, one));
  let ground = nameless.grounds.reduce(
    (a, b) => both(a, b, weighing),
    closed ? completion(closing, weighing) : null,
  );
  const holders = holdersOf(all);
  const lacking = lackingAmong(whole);
  const found: [string, Value][] = [];
  for (const key of keys) {
    const holding = holders.get(key) ?? [];
    const lacked = lacking(holding);
    const own = holding.flatMap(({ word, elements }) =>
      isRemoved(word.claim, lacked, weighing)
        ? []
        : (elements.get(key) ?? []).map((value): Assertion => ({ claim: word.claim, value, complete: true })),
    );
    const part = agreedOn(shape.of, own, weighing);
    if (part.value !== undefined) found.push([key, part.value]);
    ground = both(ground, part.ground ?? lastOf(own, weighing), weighing);
  }
  const counted = counting.map(({ word }) => word);
  ground ??= lastOf(counted, weighing);
  if (counted.every(({ value }) => value === undefined))
    return { value: undefined, complete: closed, ground };
  if (!list)
    return { value: Object.fromEntries(found.sort(([a], [b]) => ascending(a, b))), complete: closed, ground };
  const values = found.map(([, value]) => value).sort((a, b) => compareElements(shape, a, b));
  return { value: [...values, ...nameless.values], complete: closed, ground };
}

/** Who has each element. */
function holdersOf(all: readonly Contents[]): ReadonlyMap<string, readonly Contents[]> {
  const holders = new Map<string, Contents[]>();
  for (const one of all)
    for (const key of one.elements.keys()) {
      const known = holders.get(key);
      if (known) known.push(one);
      else holders.set(key, [one]);
    }
  return holders;
}

/**
 * When complete ones last lacked an element, given who has it. Each list is walked from its newest only past those that
 * have the element, so that an element costs as much as there are sayings of it.
 */
function lackingAmong(whole: readonly Contents[]): (holding: readonly Contents[]) => Ends {
  const newestFirst = whole.toSorted((a, b) => ascending(b.word.claim.time, a.word.claim.time));
  const bySource = Map.groupBy(newestFirst, ({ word }) => word.claim.source);
  return (holding) => {
    const having = new Set(holding);
    const lastOfThese = (these: readonly Contents[]) =>
      these.find((one) => !having.has(one))?.word.claim.time ?? null;
    const ends = new Map<string, bigint>();
    for (const source of new Set(holding.map(({ word }) => word.claim.source))) {
      const last = lastOfThese(bySource.get(source) ?? []);
      if (last !== null) ends.set(source, last);
    }
    return { bySource: ends, last: lastOfThese(newestFirst) };
  };
}

/** Whether it is known how many elements there are: no two of them could be one. */
function isCounted(shape: ListShape | MapShape, { elements, nameless }: Contents): boolean {
  if (shape.is === 'map') return true;
  const named = [...elements.values()].flatMap((own) => own.slice(0, 1));
  return !anyCouldBeOne(shape, nameless, named);
}

/** Complete ones that do not hold the same, unless an element of which nobody knows which it is explains it. */
function contradiction(complete: readonly Contents[]): string | null {
  if (complete.length < 2) return null;
  const [found, split]: [string[], string[]] = [[], []];
  // Those that hold the same never contradict each other, and mostly all do.
  const same = Map.groupBy(complete, ({ elements }) => canonical([...elements.keys()].sort()));
  const groups = [...same.values()].map((members) => ({
    keys: members[0]?.elements ?? new Map<string, readonly Value[]>(),
    nameless: leastNameless(members),
  }));
  for (const a of groups)
    for (const b of groups) {
      if (a === b) continue;
      let missing = 0;
      for (const key of a.keys.keys()) if (!b.keys.has(key)) missing += 1;
      for (const [other, count] of b.nameless)
        if (missing > count)
          for (const source of a.nameless.keys())
            (source === other ? split : found).push(disagree(source, other));
    }
  return least(split) ?? least(found);
}

/** By source, the fewest elements of which it leaves open which they are. */
function leastNameless(members: readonly Contents[]): ReadonlyMap<string, number> {
  const fewest = new Map<string, number>();
  for (const { word, nameless } of members) {
    const { source } = word.claim;
    fewest.set(source, Math.min(fewest.get(source) ?? nameless.length, nameless.length));
  }
  return fewest;
}

const least = (texts: readonly string[]): string | null => texts.toSorted()[0] ?? null;

/** What was said most often in one breath of elements that look the same, and who said so last. */
function namelessOf(shape: ListShape | MapShape, counting: readonly Contents[], weighing: RankedWeighing) {
  const found = counting.flatMap(({ word, nameless }) => {
    const values = nameless.map((value) => {
      const { value: held } = agreedOn(shape.of, [{ claim: word.claim, value, complete: true }], weighing);
      return held ?? value;
    });
    return [...Map.groupBy(values, canonical)].map(([text, own]) => ({ text, own, word }));
  });
  const alike = [...Map.groupBy(found, ({ text }) => text)].sort(([a], [b]) => ascending(a, b));
  return {
    values: alike.flatMap(([, same]) => same.reduce((a, b) => (b.own.length > a.own.length ? b : a)).own),
    grounds: alike.map(([, same]) =>
      lastOf(
        same.map(({ word }) => word),
        weighing,
      ),
    ),
  };
}

/** Who last said that this is all there is. */
function completion(complete: readonly Contents[], weighing: RankedWeighing): EvidenceSource | null {
  const words = complete.map(({ word }) => word);
  const last = lastOf(words, weighing);
  return last && { claim: last.claim, assurance: strongestOf(words) };
}

function lastOf(words: readonly Assertion[], weighing: RankedWeighing): EvidenceSource | null {
  let last: Claim | null = null;
  for (const { claim } of words) {
    const order =
      last === null
        ? -1
        : ascending(last.time, claim.time) || ascending(rankOf(claim, weighing), rankOf(last, weighing));
    if (order < 0) last = claim;
  }
  return last && { claim: last, assurance: last.assurance };
}
