/**
 * Reads the line of an ordinary observation straight to its canonical text. What is unusual in any way, and whatever is
 * wrong, is left to `line.ts`, which gives the same answer for the rest and says what is amiss.
 */
import { parseDurationWithDays, parseTimestamp } from '@macadam/core/cel/runtime/time';
import { APPROVALS, ASSURANCES, CAUSES } from '@macadam/core/facts/observation';
import { copied, jsonScan, type Role } from './json-scan.ts';
import type { WrittenObservation } from './port.ts';

/**
 * `source` is for lines that do not give their own. The text is good until the next line is scanned, and was received
 * when we say so, whatever it says of that itself.
 */
export type LineScan = (line: Buffer, source: string, receivedAt: string) => WrittenObservation | null;

/** What an object is of: which keys it may have, and what may stand there. */
const [PLAIN, WHOLE, ATTRIBUTES, STATEMENT, LOCATION] = [0, 1, 2, 3, 4] as const;

/** In the order of the canonical text. What comes by the line and is no content stands at the end. */
const FIELDS = [
  'assurance',
  'attributes',
  'container',
  'estate',
  'format',
  'id',
  'kind',
  'location',
  'name',
  'observedAt',
  'source',
  'receivedAt',
];
const HEADS = FIELDS.map((name) => Buffer.from(`"${name}":`));
const [ASSURANCE, SAID, CONTAINER, ESTATE, FORMAT, ID, KIND, PLACE, NAME, OBSERVED, SOURCE, RECEIVED] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
] as const;
const REQUIRED = [ASSURANCE, SAID, ID, KIND, NAME, OBSERVED];
const assurances: ReadonlySet<string> = new Set(ASSURANCES);
const causes: ReadonlySet<string> = new Set(CAUSES);
const [OPEN, CLOSE, COMMA, QUOTE, PLUS, MINUS, BRACKET] = [123, 125, 44, 34, 43, 45, 91];
/** Shapes of attributes that are remembered. */
const SHAPES = 1000;

export function ndjsonScan(): LineScan {
  let out: Buffer = Buffer.alloc(0);
  let text = Buffer.alloc(0);
  const fields = new Int32Array(FIELDS.length * 2);
  /** The names of the attributes as they come, each with whether it is absent: what they look like together. */
  let shape = Buffer.alloc(0);
  let shaped = 0;
  let window = '';
  /** Those of one source are one. */
  const isWindow = (given: string | null): boolean => {
    if (given === null || (given !== window && parseDurationWithDays(given) === null)) return false;
    window = given;
    return given !== '';
  };
  const shapes = new Map<string, WrittenObservation['attributes']>();
  const texts = FIELDS.map(() => ({ bytes: Buffer.alloc(0), text: '' }));

  const inside = (role: Role, from: number, to: number): Role => {
    out = scan.out();
    if (role === ATTRIBUTES) return STATEMENT;
    if (role !== WHOLE) return PLAIN;
    return keyIs(from, to, 'attributes') ? ATTRIBUTES : keyIs(from, to, 'location') ? LOCATION : PLAIN;
  };
  const closed = (role: Role, base: number, open: number): boolean => {
    if (role === STATEMENT) return said(base, open);
    if (role === LOCATION) return located(base, open);
    return role !== WHOLE || gathered(base, open);
  };
  const scan = jsonScan({ inside, closed });
  const { members } = scan;
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
    return out[from] === QUOTE ? out.toString('latin1', from + 1, (members[own * 4 + 2] ?? 0) - 1) : null;
  };
  /** As `formMisfits` has it. */
  const said = (base: number, open: number): boolean => {
    let absent = false;
    let what = 0;
    let cause = false;
    let why = false;
    let whole = false;
    let completeness = false;
    for (let own = base; own < open; own += 1) {
      const byte = out[(members[own * 4 + 1] ?? 0) + 1];
      switch (keyOf(own, STATEMENTS)) {
        case 0:
          what += 1;
          whole = byte === BRACKET || byte === OPEN;
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
          why = (stringOf(own) ?? '') !== '';
          if (!why) return false;
          break;
        case 4:
          if (byte !== 116 && byte !== 102) return false;
          completeness = true;
          break;
        case 5:
          if (!assurances.has(stringOf(own) ?? '')) return false;
          break;
        case 6:
          if (!isWindow(stringOf(own))) return false;
          break;
        default:
          return false;
      }
    }
    // Of a single value it is a mistake, which is told by whoever reads the line by hand.
    if (completeness && !whole && !absent) return false;
    // The statement stands under the member that is open around it.
    const [from, to] = [members[base * 4 - 4] ?? 0, members[base * 4 - 3] ?? 0];
    if (shape.length < shaped + to - from + 1)
      shape = Buffer.concat([shape, Buffer.alloc(shape.length + to)]);
    shaped = copied(out, from, to, shape, shaped);
    shape[shaped++] = absent ? MINUS : PLUS;
    return what === 1 && (!cause || why);
  };
  const located = (base: number, open: number): boolean => {
    for (let own = base; own < open; own += 1)
      if (keyOf(own, ['path']) === 0) return out[(members[own * 4 + 1] ?? 0) + 1] === QUOTE;
    return false;
  };
  /** Notes where each field of the observation stands. */
  const gathered = (base: number, open: number): boolean => {
    fields.fill(-1);
    for (let own = base; own < open; own += 1) {
      const field = keyOf(own, FIELDS);
      if (field < 0 || (fields[field * 2] ?? 0) >= 0) return false;
      const from = (members[own * 4 + 1] ?? 0) + 1;
      if (field !== SAID && field !== PLACE && out[from] !== QUOTE) return false;
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
    const read = scan.string(from, to);
    if (field !== ID && field !== NAME)
      texts[field] = { bytes: Buffer.from(out.subarray(from, to)), text: read };
    return read;
  };

  return (line, source, receivedAt) => {
    shaped = 0;
    if (!scan.read(line, WHOLE)) return null;
    const [kind, id, name, own, container] = [
      fieldText(KIND),
      fieldText(ID),
      fieldText(NAME),
      fieldText(SOURCE),
      fieldText(CONTAINER),
    ];
    const [estate, format] = [fieldText(ESTATE), fieldText(FORMAT)];
    const [observedAt, received] = [fieldText(OBSERVED), fieldText(RECEIVED)];
    const has = (field: number) => (fields[field * 2] ?? -1) >= 0;
    const sound =
      kind !== '' &&
      id.startsWith(`${kind}/`) &&
      name !== '' &&
      (own || source) !== APPROVALS &&
      has(SOURCE) === (own !== '') &&
      has(CONTAINER) === (container !== '') &&
      has(ESTATE) === (estate !== '') &&
      has(FORMAT) === (format !== '') &&
      assurances.has(fieldText(ASSURANCE)) &&
      parseTimestamp(observedAt) !== null &&
      (!has(RECEIVED) || parseTimestamp(received) !== null);
    if (!sound) return null;
    const injected = has(SOURCE) ? null : Buffer.from(JSON.stringify(source));
    const size = out.length + 200 + (injected?.length ?? 0);
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
      kind,
      id,
      name,
      source: own || source,
      observedAt,
      receivedAt,
      attributes,
      ...(container !== '' && { container }),
      ...(estate !== '' && { estate }),
      ...(format !== '' && { format }),
      text: text.subarray(0, length),
    };
  };
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
