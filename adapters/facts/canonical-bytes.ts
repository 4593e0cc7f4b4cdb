/**
 * The canonical text of plain data (`core/text/canonical.ts`), written as UTF-8 where it is to stand. Making a text first and
 * bytes of it afterwards costs several times more; records of one source look alike, so how the keys of one are
 * ordered is found out once.
 */

/**
 * Writes the text of a value from `at` on, and gives the index behind it. What has no room is not written; the answer
 * is then greater than the length, and is what it takes.
 */
export type CanonicalWriter = (bytes: Buffer, at: number, value: unknown) => number;

/** What records that were met at one place look like. */
interface Place {
  readonly forms: Form[];
}

interface Form {
  /** In the order in which the record holds them, and in order. */
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  /** `"key":` of each in order, and what stands there. */
  readonly heads: readonly Buffer[];
  readonly places: readonly Place[];
}

/** Forms that are remembered of a place, and of all: data may have any keys, and memory must not. */
const VARIANTS = 8;
const FORMS = 4096;

export function canonicalWriter(): CanonicalWriter {
  const root: Place = { forms: [] };
  let room = FORMS;

  const made = (record: object): Form => {
    const keys = Object.keys(record);
    const sorted = [...keys].sort();
    const heads = sorted.map((key) => Buffer.from(`${JSON.stringify(key)}:`));
    return { keys, sorted, heads, places: sorted.map(() => ({ forms: [] })) };
  };

  const formOf = (place: Place, record: object): Form => {
    for (const form of place.forms) if (looksLike(form, record)) return form;
    const form = made(record);
    if (room > 0 && place.forms.length < VARIANTS) {
      place.forms.push(form);
      room -= 1;
    }
    return form;
  };

  const write = (bytes: Buffer, start: number, value: unknown, place: Place): number => {
    if (typeof value === 'string') return writeString(bytes, start, value);
    if (typeof value !== 'object' || value === null) return writeScalar(bytes, start, value);
    let at = start;
    if (Array.isArray(value)) {
      bytes[at++] = OPEN_LIST;
      for (let index = 0; index < value.length; index += 1) {
        if (index > 0) bytes[at++] = COMMA;
        at = write(bytes, at, value[index], place);
      }
      bytes[at++] = CLOSE_LIST;
      return at;
    }
    const { sorted, heads, places } = formOf(place, value);
    const record = value as Readonly<Record<string, unknown>>;
    bytes[at++] = OPEN;
    for (let index = 0; index < sorted.length; index += 1) {
      const field = record[sorted[index] as string];
      if (field === undefined) continue;
      if (at > start + 1) bytes[at++] = COMMA;
      const head = heads[index] as Buffer;
      for (let byte = 0; byte < head.length; byte += 1) bytes[at++] = head[byte] as number;
      at = write(bytes, at, field, places[index] as Place);
    }
    bytes[at++] = CLOSE;
    return at;
  };
  return (bytes, at, value) => write(bytes, at, value, root);
}

const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COMMA, QUOTE, BACKSLASH] = [123, 125, 91, 93, 44, 34, 92];

function looksLike({ keys }: Form, record: object): boolean {
  let index = 0;
  for (const key in record) {
    if (keys[index] !== key) return false;
    index += 1;
  }
  return index === keys.length;
}

/** Longer strings than this are cheaper to hand over. */
const SHORT = 96;

/** Text in quotes. Most of it is short, of ASCII, and has nothing to escape. */
function writeString(bytes: Buffer, start: number, text: string): number {
  if (text.length > SHORT) return writeText(bytes, start, JSON.stringify(text));
  let at = start;
  bytes[at++] = QUOTE;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 32 || unit > 126 || unit === QUOTE || unit === BACKSLASH)
      return writeText(bytes, start, JSON.stringify(text));
    bytes[at++] = unit;
  }
  bytes[at++] = QUOTE;
  return at;
}

function writeScalar(bytes: Buffer, at: number, value: unknown): number {
  const plain = typeof value === 'boolean' || Number.isSafeInteger(value);
  return writeText(bytes, at, plain ? String(value) : (JSON.stringify(value) ?? 'null'));
}

/** Text as it is. Gives the index behind it, whether or not there was room. */
export function writeText(bytes: Buffer, start: number, text: string): number {
  if (text.length <= SHORT) {
    let at = start;
    let index = 0;
    for (; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit > 126) break;
      bytes[at++] = unit;
    }
    if (index === text.length) return at;
  }
  // No UTF-16 unit takes more than three bytes.
  if (start + text.length * 3 <= bytes.length) return start + bytes.write(text, start);
  const size = Buffer.byteLength(text);
  if (start + size <= bytes.length) bytes.write(text, start);
  return start + size;
}
