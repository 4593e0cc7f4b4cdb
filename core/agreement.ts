/**
 * What claims say together about one value. Of each part of it (a field, an element, an entry) each source's newest word
 * counts, and the part is the newest of these unless sources disagree; a hole is no word. A complete list removes what was
 * said before it, a partial one only adds. The whole is as old, and as strong, as the least of the parts that it is made of.
 */
import { canonical } from './canonical.ts';
import { timeOf } from './instant.ts';
import {
  ASSURANCES,
  type Assurance,
  isUnobserved,
  type Statement,
  strongestCause,
  type Unobserved,
  type Value,
} from './observation.ts';
import { ascending } from './order.ts';
import {
  compareElements,
  keyText,
  type ListShape,
  type MapShape,
  mayBeOne,
  misfitText,
  type RecordShape,
  recordIn,
  type ScalarShape,
  scalarText,
  type ValueShape,
} from './shape.ts';

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
export interface Word {
  readonly claim: Claim;
  readonly value: Value | undefined;
  readonly complete: boolean;
}

/** Whose word something rests on. */
export interface Ground {
  readonly claim: Claim;
  readonly assurance: Assurance;
}

export interface Agreed {
  /** Undefined: there is none, or nobody said a word. */
  readonly value: Value | undefined;
  /** Of a list or map. */
  readonly complete: boolean;
  /** Null where nothing is known. */
  readonly ground: Ground | null;
}

export interface Weighing {
  /** Sources that differ within it are disputed. */
  readonly settle: bigint;
  /** What was said last before is too old to be a part of what was said since. */
  readonly floor: bigint;
}

export function agreed(shape: ValueShape, words: readonly Word[], weighing: Weighing): Agreed {
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
  words: readonly Word[],
  fits: (value: Value) => boolean,
): { readonly said: readonly Word[]; readonly silence: Value | undefined } {
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

function scalar(shape: ScalarShape, words: readonly Word[], weighing: Weighing): Agreed {
  const textOf = ({ value }: Word) => (value === undefined ? '' : (scalarText(shape.type, value) ?? ''));
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
  words: readonly Word[],
  textOf: (word: Word) => string,
  { settle }: Pick<Weighing, 'settle'>,
): { readonly word: Word; readonly ground: Ground } | string | null {
  const last = new Map<string, bigint>();
  for (const { claim } of words) {
    const time = last.get(claim.source);
    if (time === undefined || time < claim.time) last.set(claim.source, claim.time);
  }
  const latest = words.filter(({ claim }) => last.get(claim.source) === claim.time);
  const texts = new Map<string, string>();
  const split: string[] = [];
  for (const word of latest) {
    const before = texts.get(word.claim.source);
    const text = textOf(word);
    if (before !== undefined && before !== text) split.push(word.claim.source);
    texts.set(word.claim.source, text);
  }
  const [both] = split.sort();
  if (both !== undefined) return splitText(both);
  const ranked = latest.toSorted(
    (a, b) =>
      ascending(b.claim.time, a.claim.time) ||
      ascending(textOf(a), textOf(b)) ||
      byClaim(a.claim, b.claim) ||
      ascending(canonical(a.value), canonical(b.value)),
  );
  const word = ranked[0];
  if (!word) return null;
  const recent = ranked.filter(({ claim }) => word.claim.time - claim.time <= settle);
  const rival = recent.find((other) => textOf(other) !== textOf(word));
  if (rival) return disagree(word.claim.source, rival.claim.source);
  return { word, ground: { claim: word.claim, assurance: strongestOf(recent) } };
}

/** Agreeing sources never weaken each other. */
const strongestOf = (words: readonly Word[]): Assurance =>
  ASSURANCES[Math.max(...words.map(({ claim }) => ASSURANCES.indexOf(claim.assurance)))] ?? 'attested';

/** The first source by name, and what it is surest of; the same statement twice was learned when the first of the two arrived. */
const byClaim = (a: Claim, b: Claim): number =>
  ascending(a.source, b.source) ||
  ascending(ASSURANCES.indexOf(b.assurance), ASSURANCES.indexOf(a.assurance)) ||
  ascending(timeOf(a.receivedAt), timeOf(b.receivedAt)) ||
  ascending(canonical(a.statement), canonical(b.statement));

/** What rests on two grounds is as old as the older and as weak as the weaker. */
function both(a: Ground | null, b: Ground | null): Ground | null {
  if (a === null || b === null) return a ?? b;
  const order = ascending(a.claim.time, b.claim.time) || byClaim(a.claim, b.claim);
  const weaker = ASSURANCES.indexOf(a.assurance) <= ASSURANCES.indexOf(b.assurance) ? a : b;
  return { claim: order <= 0 ? a.claim : b.claim, assurance: weaker.assurance };
}

function record(shape: RecordShape, words: readonly Word[], weighing: Weighing): Agreed {
  const { said, silence } = heard(shape, words, (value) => recordIn(value) !== null);
  const found = newest(said, ({ value }) => (value === undefined ? 'absent' : 'present'), weighing);
  if (found === null) return NOTHING(silence);
  if (typeof found === 'string') return disputed(found);
  if (found.ground.claim.time < weighing.floor) return NOTHING(silence);
  if (found.word.value === undefined) return { value: undefined, complete: true, ground: found.ground };
  // Of a record that was gone in between, nothing said before counts.
  const gone = said.filter(({ value }) => value === undefined);
  const standing = said.filter(({ value, claim }) => value !== undefined && !removed(claim, gone, weighing));
  let ground: Ground | null = null;
  const fields: [string, Value][] = [];
  for (const { name, shape: inner, optional } of shape.fields) {
    const own = standing.flatMap((word): Word[] => {
      const given = recordIn(word.value) ?? {};
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      return value === undefined && !optional ? [] : [{ ...word, value, complete: true }];
    });
    const part = agreed(inner, own, weighing);
    if (!part.complete) fields.push([name, TANGLED]);
    else if (part.value !== undefined) fields.push([name, part.value]);
    ground = both(ground, part.ground);
  }
  return { value: Object.fromEntries(fields), complete: true, ground: ground ?? found.ground };
}

/** Only a whole attribute can be known in part. */
const TANGLED: Unobserved = { unobserved: 'incomplete', why: 'its elements cannot be told apart' };

/** Whether one of these, which speak of its end, came after a claim: of the same source, or of any but for the time to settle. */
const removed = ({ source, time }: Claim, ends: readonly Word[], { settle }: Weighing): boolean =>
  ends.some(({ claim }) => time < (claim.source === source ? claim.time : claim.time - settle));

/** A list or map of one claim, by what tells its elements apart. */
interface Contents {
  readonly word: Word;
  readonly elements: ReadonlyMap<string, readonly Value[]>;
  /** Elements of which it is not known which they are. */
  readonly nameless: readonly Value[];
}

function contentsOf(shape: ListShape | MapShape, word: Word): Contents {
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

function collection(shape: ListShape | MapShape, words: readonly Word[], weighing: Weighing): Agreed {
  const list = shape.is === 'list';
  const { said, silence } = heard(shape, words, (value) =>
    list ? Array.isArray(value) : recordIn(value) !== null,
  );
  const all = said.map((word) => contentsOf(shape, word));
  const whole = all.filter(({ word }) => word.complete).map(({ word }) => word);
  // From each source's last complete one on, and from the last of all on but for the time to settle.
  const counting = all.filter(
    ({ word: { claim } }) => claim.time >= weighing.floor && !removed(claim, whole, weighing),
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
  let ground = nameless.grounds.reduce(both, closed ? completion(closing) : null);
  const found: [string, Value][] = [];
  for (const key of keys) {
    const lacking = whole.filter((word) => !all.some((one) => one.word === word && one.elements.has(key)));
    const own = all.flatMap(({ word, elements }) =>
      removed(word.claim, lacking, weighing)
        ? []
        : (elements.get(key) ?? []).map((value): Word => ({ ...word, value, complete: true })),
    );
    const part = agreed(shape.of, own, weighing);
    if (part.value !== undefined) found.push([key, part.value]);
    ground = both(ground, part.ground ?? lastOf(own));
  }
  ground ??= lastOf(counting.map(({ word }) => word));
  if (counting.every(({ word }) => word.value === undefined))
    return { value: undefined, complete: closed, ground };
  if (!list)
    return { value: Object.fromEntries(found.sort(([a], [b]) => ascending(a, b))), complete: closed, ground };
  const values = found.map(([, value]) => value).sort((a, b) => compareElements(shape, a, b));
  return { value: [...values, ...nameless.values], complete: closed, ground };
}

/** Whether it is known how many elements there are: no two of them could be one. */
function isCounted(shape: ListShape | MapShape, { elements, nameless }: Contents): boolean {
  if (shape.is === 'map') return true;
  const all = [...nameless, ...[...elements.values()].flatMap((own) => own.slice(0, 1))];
  return nameless.every((one, at) =>
    all.every((other, place) => place === at || !mayBeOne(shape, one, other)),
  );
}

/** Complete ones that do not hold the same, unless an element of which nobody knows which it is explains it. */
function contradiction(complete: readonly Contents[]): string | null {
  const [found, split]: [string[], string[]] = [[], []];
  for (const { elements, word } of complete) {
    for (const other of complete) {
      const missing = [...elements.keys()].filter((key) => !other.elements.has(key)).length;
      const [a, b] = [word.claim.source, other.word.claim.source];
      if (missing > other.nameless.length) (a === b ? split : found).push(disagree(a, b));
    }
  }
  return split.sort()[0] ?? found.sort()[0] ?? null;
}

/** What was said most often in one breath of elements that look the same, and who said so last. */
function namelessOf(shape: ListShape | MapShape, counting: readonly Contents[], weighing: Weighing) {
  const found = counting.flatMap(({ word, nameless }) => {
    const values = nameless.map((value) => {
      const { value: held } = agreed(shape.of, [{ ...word, value, complete: true }], weighing);
      return held ?? value;
    });
    return [...Map.groupBy(values, canonical)].map(([text, own]) => ({ text, own, word }));
  });
  const alike = [...Map.groupBy(found, ({ text }) => text)].sort(([a], [b]) => ascending(a, b));
  return {
    values: alike.flatMap(([, same]) => same.reduce((a, b) => (b.own.length > a.own.length ? b : a)).own),
    grounds: alike.map(([, same]) => lastOf(same.map(({ word }) => word))),
  };
}

/** Who last said that this is all there is. */
function completion(complete: readonly Contents[]): Ground | null {
  const last = lastOf(complete.map(({ word }) => word));
  return last && { ...last, assurance: strongestOf(complete.map(({ word }) => word)) };
}

function lastOf(words: readonly Word[]): Ground | null {
  const [last] = words.map(({ claim }) => claim).sort((a, b) => ascending(b.time, a.time) || byClaim(a, b));
  return last ? { claim: last, assurance: last.assurance } : null;
}
