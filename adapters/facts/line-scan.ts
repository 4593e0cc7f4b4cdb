/**
 * Reads the line of an ordinary observation straight to its canonical text: no value is made of it. What is unusual in
 * any way, and whatever is wrong, is left to `line.ts`, which gives the same answer for the rest and says what is amiss;
 * so nothing is refused here, and nothing is taken that would be refused there.
 */
import { isUtf8 } from 'node:buffer';
import { parseTimestamp } from '@macadam/core/cel/runtime/time';
import { ASSURANCES, CAUSES } from '@macadam/core/observation';
import type { WrittenObservation } from './port.ts';

/** `source` and `receivedAt` are for lines that do not give their own. The text is good until the next line is scanned. */
export type LineScan = (line: Buffer, source: string, receivedAt: string) => WrittenObservation | null;

/** What an object is of: which keys it may have, and what may stand there. */
const [WHOLE, ATTRIBUTES, STATEMENT, LOCATION, PLAIN] = [0, 1, 2, 3, 4] as const;
type Role = typeof WHOLE | typeof ATTRIBUTES | typeof STATEMENT | typeof LOCATION | typeof PLAIN;

/** Members of objects that are open at once, four numbers each: where key and value begin and end in `out`. */
const MEMBERS = 4096;
const DEEPEST = 60;
const LONGEST_LINE = 1 << 20;
const LONGEST_NUMBER = 24;

/** In the order of the canonical text. What comes by the line and is no content stands at the end. */
const FIELDS = [
  'assurance',
  'attributes',
  'container',
  'id',
  'kind',
  'location',
  'name',
  'observedAt',
  'source',
  'receivedAt',
];
const HEADS = FIELDS.map((name) => Buffer.from(`"${name}":`));
const [ASSURANCE, SAID, CONTAINER, ID, KIND, PLACE, NAME, OBSERVED, SOURCE, RECEIVED] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
] as const;
const REQUIRED = [ASSURANCE, SAID, ID, KIND, NAME, OBSERVED];
const assurances: ReadonlySet<string> = new Set(ASSURANCES);
const causes: ReadonlySet<string> = new Set(CAUSES);
const [OPEN, CLOSE, COMMA, QUOTE, BACKSLASH, PLUS, MINUS] = [123, 125, 44, 34, 92, 43, 45];
/** What stands after a backslash in canonical text, but for the code of a control character. */
const ESCAPED: ReadonlySet<number> = new Set(Buffer.from('"\\\\bfnrt'));
/** What stands for itself: ASCII but for control characters, the quote and the backslash. */
const PLAIN_BYTES = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte >= 32 && byte < 128 && byte !== QUOTE && byte !== BACKSLASH),
);
/** Shapes of attributes that are remembered. */
const SHAPES = 1000;

export function lineScan(): LineScan {
  let line: Buffer = Buffer.alloc(0);
  let at = 0;
  let out = Buffer.alloc(0);
  let end = 0;
  let text = Buffer.alloc(0);
  let high = false;
  let escapes = false;
  /** The last string is not of plain ASCII. */
  let special = false;
  const members = new Int32Array(MEMBERS * 4);
  const places = new Int32Array(MEMBERS);
  let open = 0;
  const fields = new Int32Array(FIELDS.length * 2);
  /** The names of the attributes as they come, each with whether it is absent: what they look like together. */
  let shape = Buffer.alloc(0);
  let shaped = 0;
  let absent = false;
  const shapes = new Map<string, WrittenObservation['attributes']>();
  const texts = FIELDS.map(() => ({ bytes: Buffer.alloc(0), text: '' }));

  const blanks = () => {
    for (let byte = line[at]; byte === 32 || byte === 9 || byte === 13; byte = line[at]) at += 1;
  };
  /** A string from its quote on. The bytes are canonical, unless something in it is written in a way that is not. */
  const string = (): boolean => {
    special = false;
    const from = line;
    const into = out;
    let read = at;
    let written = end;
    if (from[read] !== QUOTE) return false;
    for (;;) {
      into[written] = from[read] as number;
      read += 1;
      written += 1;
      const byte = from[read] as number;
      if (PLAIN_BYTES[byte] === 1) continue;
      if (byte === QUOTE) break;
      special = true;
      if (byte > 127) high = true;
      else if (byte === BACKSLASH && ESCAPED.has(from[read + 1] ?? 0)) {
        escapes = true;
        into[written] = byte;
        read += 1;
        written += 1;
      } else return false;
    }
    into[written] = QUOTE;
    read += 1;
    written += 1;
    at = read;
    end = written;
    return true;
  };
  const word = (letters: string): boolean => {
    for (let index = 0; index < letters.length; index += 1) {
      if (line[at] !== letters.charCodeAt(index)) return false;
      out[end++] = line[at++] ?? 0;
    }
    return true;
  };
  const number = (): boolean => {
    const start = at;
    for (
      let byte = line[at] ?? 0;
      (byte >= 48 && byte <= 57) || byte === 45 || byte === 43 || byte === 46 || (byte | 32) === 101;
      byte = line[at] ?? 0
    )
      at += 1;
    if (at === start || at - start > LONGEST_NUMBER) return false;
    const written = line.toString('latin1', start, at);
    if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(written)) return false;
    const value = Number(written);
    // What has no room is too unusual for this way.
    if (!Number.isFinite(value) || end + LONGEST_NUMBER > out.length) return false;
    end += out.write(String(value), end, 'latin1');
    return true;
  };
  const value = (depth: number, role: Role): boolean => {
    if (depth > DEEPEST) return false;
    const byte = line[at];
    if (byte === 123) return object(depth, role);
    if (role === ATTRIBUTES || role === STATEMENT || role === LOCATION) return false;
    if (byte === 34) return string();
    if (byte === 91) return list(depth);
    if (byte === 116) return word('true');
    if (byte === 102) return word('false');
    return number();
  };
  const list = (depth: number): boolean => {
    out[end++] = 91;
    at += 1;
    blanks();
    if (line[at] === 93) at += 1;
    else
      for (;;) {
        blanks();
        if (!value(depth + 1, PLAIN)) return false;
        blanks();
        const byte = line[at++];
        if (byte === 93) break;
        if (byte !== 44) return false;
        out[end++] = 44;
      }
    out[end++] = 93;
    return true;
  };
  const object = (depth: number, role: Role): boolean => {
    const base = open;
    const first = end + 1;
    out[end++] = 123;
    at += 1;
    blanks();
    if (line[at] === 125) at += 1;
    else
      for (;;) {
        blanks();
        if (open === MEMBERS) return false;
        const own = open * 4;
        open += 1;
        const key = end;
        if (!string() || special) return false;
        members[own] = key;
        members[own + 1] = end;
        blanks();
        if (line[at++] !== 58) return false;
        out[end++] = 58;
        blanks();
        if (!member(depth, role, key, end)) return false;
        members[own + 2] = end;
        blanks();
        const byte = line[at++];
        if (byte === 125) break;
        if (byte !== 44) return false;
        out[end++] = 44;
      }
    if (role === WHOLE) {
      if (!gathered(base)) return false;
    } else {
      if (role === STATEMENT && !said(base)) return false;
      if (role === LOCATION && !located(base)) return false;
      if (!inOrder(base, first)) return false;
    }
    open = base;
    out[end++] = 125;
    return true;
  };
  /** The value of one member of an object. */
  const member = (depth: number, role: Role, key: number, start: number): boolean => {
    if (role === PLAIN || role === LOCATION || role === STATEMENT) return value(depth + 1, PLAIN);
    if (role === WHOLE) {
      const inside = keyIs(key, start - 1, 'attributes')
        ? ATTRIBUTES
        : keyIs(key, start - 1, 'location')
          ? LOCATION
          : PLAIN;
      return value(depth + 1, inside);
    }
    absent = false;
    if (!value(depth + 1, STATEMENT)) return false;
    shaped = copied(out, key, start - 1, shape, shaped);
    shape[shaped++] = absent ? MINUS : PLUS;
    return true;
  };
  /** Whether a key, in quotes, is this. */
  const keyIs = (from: number, to: number, name: string): boolean => {
    if (to - from !== name.length + 2) return false;
    for (let index = 0; index < name.length; index += 1)
      if (out[from + 1 + index] !== name.charCodeAt(index)) return false;
    return true;
  };
  const keyOf = (own: number, names: readonly string[]): number => {
    for (let index = 0; index < names.length; index += 1)
      if (keyIs(members[own * 4] ?? 0, members[own * 4 + 1] ?? 0, names[index] ?? '')) return index;
    return -1;
  };
  const stringOf = (own: number): string | null => {
    const from = (members[own * 4 + 1] ?? 0) + 1;
    return out[from] === 34 ? out.toString('latin1', from + 1, (members[own * 4 + 2] ?? 0) - 1) : null;
  };
  /** As `statementMistake` in `line.ts`. */
  const said = (base: number): boolean => {
    let what = 0;
    let cause = false;
    let why = false;
    for (let own = base; own < open; own += 1) {
      const byte = out[(members[own * 4 + 1] ?? 0) + 1];
      switch (keyOf(own, STATEMENTS)) {
        case 0:
          what += 1;
          break;
        case 1:
          if (byte !== 116) return false;
          what += 1;
          absent = true;
          break;
        case 2:
          if (!causes.has(stringOf(own) ?? '')) return false;
          what += 1;
          cause = true;
          break;
        case 3:
          why = byte === 34;
          if (!why) return false;
          break;
        case 4:
          if (byte !== 116 && byte !== 102) return false;
          break;
        case 5:
          if (!assurances.has(stringOf(own) ?? '')) return false;
          break;
        case 6:
          if (byte !== 34) return false;
          break;
        default:
          return false;
      }
    }
    return what === 1 && (!cause || why);
  };
  const located = (base: number): boolean => {
    for (let own = base; own < open; own += 1)
      if (keyOf(own, ['path']) === 0) return out[(members[own * 4 + 1] ?? 0) + 1] === 34;
    return false;
  };
  /** Compares two keys, of ASCII: as code points, bytes and UTF-16 units alike. */
  const compared = (a: number, b: number): number => {
    let [left, right] = [members[a * 4] ?? 0, members[b * 4] ?? 0];
    const [leftEnd, rightEnd] = [(members[a * 4 + 1] ?? 0) - 1, (members[b * 4 + 1] ?? 0) - 1];
    for (left += 1, right += 1; left < leftEnd && right < rightEnd; left += 1, right += 1) {
      const difference = (out[left] ?? 0) - (out[right] ?? 0);
      if (difference !== 0) return difference;
    }
    return leftEnd - left - (rightEnd - right);
  };
  /** Puts the members of an object in order. Not: where a key is there twice, or is not plain ASCII. */
  const inOrder = (base: number, first: number): boolean => {
    let ordered = true;
    for (let own = base + 1; own < open; own += 1) {
      const order = compared(own - 1, own);
      if (order === 0) return false;
      if (order > 0) ordered = false;
    }
    if (ordered) return true;
    for (let own = base; own < open; own += 1) {
      let place = own;
      for (; place > base && compared(places[place - 1] ?? 0, own) >= 0; place -= 1)
        places[place] = places[place - 1] ?? 0;
      places[place] = own;
    }
    for (let place = base + 1; place < open; place += 1)
      if (compared(places[place - 1] ?? 0, places[place] ?? 0) === 0) return false;
    const whole = end - first;
    if (text.length < whole) text = Buffer.allocUnsafe(whole * 2);
    copied(out, first, end, text, 0);
    let next = first;
    for (let place = base; place < open; place += 1) {
      if (next > first) out[next++] = COMMA;
      const own = (places[place] ?? 0) * 4;
      next = copied(text, (members[own] ?? 0) - first, (members[own + 2] ?? 0) - first, out, next);
    }
    return true;
  };
  /** Notes where each field of the observation stands. */
  const gathered = (base: number): boolean => {
    fields.fill(-1);
    for (let own = base; own < open; own += 1) {
      const field = keyOf(own, FIELDS);
      if (field < 0 || (fields[field * 2] ?? 0) >= 0) return false;
      const from = (members[own * 4 + 1] ?? 0) + 1;
      if (field !== SAID && field !== PLACE && out[from] !== 34) return false;
      fields[field * 2] = from;
      fields[field * 2 + 1] = members[own * 4 + 2] ?? 0;
    }
    for (let index = 0; index < REQUIRED.length; index += 1)
      if ((fields[(REQUIRED[index] ?? 0) * 2] ?? -1) < 0) return false;
    return true;
  };
  /** The string that a field is, empty where there is none. Most are those of the line before. */
  const fieldText = (field: number): string => {
    const from = fields[field * 2] ?? -1;
    if (from < 0) return '';
    const to = fields[field * 2 + 1] ?? 0;
    const before = texts[field];
    if (before && same(before.bytes, out, from, to)) return before.text;
    const read =
      high || escapes
        ? (JSON.parse(out.toString('utf8', from, to)) as string)
        : out.toString('latin1', from + 1, to - 1);
    if (field !== ID && field !== NAME)
      texts[field] = { bytes: Buffer.from(out.subarray(from, to)), text: read };
    return read;
  };

  return (given, source, receivedAt) => {
    line = given;
    at = 0;
    end = 0;
    open = 0;
    high = false;
    escapes = false;
    shaped = 0;
    if (given.length > LONGEST_LINE) return null;
    // A number may be longer in its canonical form than as it came.
    if (out.length < given.length * 2 + 64) {
      out = Buffer.allocUnsafe(given.length * 3 + 64);
      shape = Buffer.allocUnsafe(out.length);
    }
    blanks();
    if (line[at] !== 123 || !object(0, WHOLE)) return null;
    blanks();
    if (at !== line.length || end > out.length || (high && !isUtf8(line))) return null;
    const [kind, id, name, own, container] = [
      fieldText(KIND),
      fieldText(ID),
      fieldText(NAME),
      fieldText(SOURCE),
      fieldText(CONTAINER),
    ];
    const [observedAt, received] = [fieldText(OBSERVED), fieldText(RECEIVED)];
    const has = (field: number) => (fields[field * 2] ?? -1) >= 0;
    const sound =
      kind !== '' &&
      id.startsWith(`${kind}/`) &&
      name !== '' &&
      has(SOURCE) === (own !== '') &&
      has(CONTAINER) === (container !== '') &&
      assurances.has(fieldText(ASSURANCE)) &&
      parseTimestamp(observedAt) !== null &&
      (!has(RECEIVED) || parseTimestamp(received) !== null);
    if (!sound) return null;
    const injected = has(SOURCE) ? null : Buffer.from(JSON.stringify(source));
    const size = end + 200 + (injected?.length ?? 0);
    if (text.length < size) text = Buffer.allocUnsafe(size * 2);
    text[0] = OPEN;
    let length = 1;
    for (let field = 0; field < RECEIVED; field += 1) {
      const from = fields[field * 2] ?? -1;
      if (from < 0 && !(field === SOURCE && injected)) continue;
      if (length > 1) text[length++] = COMMA;
      const head = HEADS[field] ?? text;
      length = copied(head, 0, head.length, text, length);
      length =
        from < 0 && injected
          ? copied(injected, 0, injected.length, text, length)
          : copied(out, from, fields[field * 2 + 1] ?? 0, text, length);
    }
    text[length++] = CLOSE;
    const looks = shape.toString('latin1', 0, shaped);
    let attributes = shapes.get(looks);
    if (!attributes) {
      attributes = attributesOf(looks);
      if (shapes.size >= SHAPES) shapes.clear();
      shapes.set(looks, attributes);
    }
    return {
      ...{
        kind,
        id,
        name,
        source: own || source,
        observedAt,
        receivedAt: received || receivedAt,
        attributes,
      },
      ...(container !== '' && { container }),
      text: text.subarray(0, length),
    };
  };
}

/** Copies a few bytes, and gives the index behind them: a call for so few costs more than they do. */
function copied(from: Buffer, start: number, end: number, into: Buffer, at: number): number {
  const length = end - start;
  if (length > 100) from.copy(into, at, start, end);
  else for (let index = 0; index < length; index += 1) into[at + index] = from[start + index] ?? 0;
  return at + length;
}

function same(bytes: Buffer, other: Buffer, from: number, to: number): boolean {
  if (bytes.length !== to - from) return false;
  for (let index = 0; index < bytes.length; index += 1)
    if (bytes[index] !== other[from + index]) return false;
  return true;
}

const STATEMENTS = ['value', 'absent', 'unobserved', 'why', 'complete', 'assurance', 'window'];

/** `"name"+"other"-`: what is said of each attribute, as far as its kind cares. */
function attributesOf(shape: string): WrittenObservation['attributes'] {
  const all = [...shape.matchAll(/("(?:[^"\\]|\\.)*")([+-])/g)];
  return Object.fromEntries(
    all.map(([, key, sign]) => [JSON.parse(key ?? '""') as string, sign === '-' ? { absent: true } : {}]),
  );
}
