/**
 * Reads JSON straight to its canonical text (`core/text/canonical.ts`), as bytes: no value is made of it. It stops at what is
 * written in an unusual way, such as a key that is not of ASCII or there twice, and at what is wrong; both are left to
 * `JSON.parse`, so that nothing is refused here, and nothing is taken that would be refused there.
 */
import { isUtf8 } from 'node:buffer';

/** What an object is of, by its reader's own number; 0 is a value of any kind, and every other has to be an object. */
export type Role = number;

export interface JsonScanReader {
  /** What stands under a key that is `out` from `from` to `to`, in quotes, in an object of this role. */
  readonly inside: (role: Role, from: number, to: number) => Role;
  /** An object ended, with the members from `first` to before `behind`, in the order in which they came. False: it is unfit. */
  readonly closed: (role: Role, first: number, behind: number) => boolean;
}

export interface JsonScan {
  /** Whether it was read: an object of this role, and nothing after it. Its members are left in the order in which they came. */
  readonly read: (line: Buffer, role: Role) => boolean;
  /** The canonical text, good until the next is read. */
  readonly out: () => Buffer;
  /** Of each member that is open, four numbers: where in `out` its key begins and ends and where its value ends. */
  readonly members: Int32Array;
  /** A string in the text that begins there, in quotes. */
  readonly string: (from: number, to: number) => string;
}

/** Members of objects that are open at once. */
const MEMBERS = 4096;
const DEEPEST = 60;
const LONGEST = 1 << 20;
const LONGEST_NUMBER = 24;
const [OPEN, CLOSE, COMMA, COLON, QUOTE, BACKSLASH] = [123, 125, 44, 58, 34, 92];
/** What stands after a backslash in canonical text, but for the code of a control character. */
const ESCAPED: ReadonlySet<number> = new Set(Buffer.from('"\\\\bfnrt'));
/** What stands for itself: ASCII but for control characters, the quote and the backslash. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte >= 32 && byte < 128 && byte !== QUOTE && byte !== BACKSLASH),
);

export function jsonScan({ inside, closed }: JsonScanReader): JsonScan {
  let line: Buffer = Buffer.alloc(0);
  let at = 0;
  let out = Buffer.alloc(0);
  let end = 0;
  let spare = Buffer.alloc(0);
  let high = false;
  let escapes = false;
  /** The last string is not of plain ASCII. */
  let special = false;
  const members = new Int32Array(MEMBERS * 4);
  const places = new Int32Array(MEMBERS);
  let open = 0;

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
      if (PLAIN[byte] === 1) continue;
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
    if (byte === OPEN) return object(depth, role);
    if (role !== 0) return false;
    if (byte === QUOTE) return string();
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
        if (!value(depth + 1, 0)) return false;
        blanks();
        const byte = line[at++];
        if (byte === 93) break;
        if (byte !== COMMA) return false;
        out[end++] = COMMA;
      }
    out[end++] = 93;
    return true;
  };
  const object = (depth: number, role: Role): boolean => {
    const base = open;
    const first = end + 1;
    out[end++] = OPEN;
    at += 1;
    blanks();
    if (line[at] === CLOSE) at += 1;
    else
      for (;;) {
        blanks();
        if (open === MEMBERS) return false;
        const own = open * 4;
        open += 1;
        members[own] = end;
        if (!string() || special) return false;
        members[own + 1] = end;
        blanks();
        if (line[at++] !== COLON) return false;
        out[end++] = COLON;
        blanks();
        const what = role === 0 ? 0 : inside(role, members[own] ?? 0, members[own + 1] ?? 0);
        if (!value(depth + 1, what)) return false;
        members[own + 2] = end;
        blanks();
        const byte = line[at++];
        if (byte === CLOSE) break;
        if (byte !== COMMA) return false;
        out[end++] = COMMA;
      }
    if (role !== 0 && !closed(role, base, open)) return false;
    if (depth > 0 && !inOrder(base, first)) return false;
    open = base;
    out[end++] = CLOSE;
    return true;
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
    if (spare.length < whole) spare = Buffer.allocUnsafe(whole * 2);
    copied(out, first, end, spare, 0);
    let next = first;
    for (let place = base; place < open; place += 1) {
      if (next > first) out[next++] = COMMA;
      const own = (places[place] ?? 0) * 4;
      next = copied(spare, (members[own] ?? 0) - first, (members[own + 2] ?? 0) - first, out, next);
    }
    return true;
  };

  return {
    members,
    out: () => out,
    string: (from, to) =>
      high || escapes
        ? (JSON.parse(out.toString('utf8', from, to)) as string)
        : out.toString('latin1', from + 1, to - 1),
    read: (given, role) => {
      if (given.length > LONGEST) return false;
      line = given;
      at = 0;
      end = 0;
      open = 0;
      high = false;
      escapes = false;
      // A number may be longer in its canonical form than as it came.
      if (out.length < given.length * 2 + 64) out = Buffer.allocUnsafe(given.length * 3 + 64);
      blanks();
      if (line[at] !== OPEN || !object(0, role)) return false;
      blanks();
      return at === line.length && end <= out.length && !(high && !isUtf8(line));
    },
  };
}

/** Copies a few bytes, and gives the index behind them: a call for so few costs more than they do. */
// biome-ignore lint/complexity/useMaxParams: as `Buffer.copy` takes them, and called for every few bytes
export function copied(from: Buffer, start: number, end: number, into: Buffer, at: number): number {
  const length = end - start;
  if (length > 100) from.copy(into, at, start, end);
  else for (let index = 0; index < length; index += 1) into[at + index] = from[start + index] ?? 0;
  return at + length;
}
