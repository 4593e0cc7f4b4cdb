/**
 * Finds the secrets in a core dump and says what the file is without them. The dump stays what it was for a debugger: as many bytes, the same
 * threads, stacks and maps; where a secret stood there are letters X.
 *
 * A first pass finds; each further pass overwrites what was found wherever it stands, in each of its forms, and searches what is left again. It ends when a
 * pass finds nothing more.
 */
import {
  type Bytes,
  type Core,
  cutParameters,
  filesOf,
  type Note,
  type Range,
  readCore,
  readStretch,
  type Stretch,
} from './elf.ts';
import { startOf, type Variable } from './environment.ts';
import { type FindSecrets, type Found, findIn, TooMany } from './find.ts';
import { formsOf } from './forms.ts';
import { FILLER, Overwritten } from './overwritten.ts';
import { DumpError } from './refused.ts';
import { type TextRuns, textRuns } from './text-runs.ts';
import { SHORTEST_VALUE, searchFor, type ValueSearch } from './value-search.ts';

export interface CleanReport {
  /** How many secrets each detector found, by its id. */
  readonly detectors: Readonly<Record<string, number>>;
  /** Values that were searched for everywhere. */
  readonly values: number;
  /** Stretches of bytes that were overwritten, and their bytes. */
  readonly places: number;
  readonly overwritten: number;
  /** Variables of the environment whose values were overwritten; null where the dump does not hold the stack that they lie on. */
  readonly environment: number | null;
  readonly passes: number;
}

export interface Cleaned {
  readonly report: CleanReport;
  /** The file without what was found. */
  readonly bytes: Bytes;
}

export interface CleanOptions {
  /** Called at each part of the work, for whoever waits. */
  readonly progress?: (what: string) => void;
  /** Called with each secret, once for each place that a detector saw it in. Whoever takes it keeps no more than a keyed digest. */
  readonly found?: (detector: string, secret: Buffer) => void;
}

/** How much is searched at a time, and how much of that again with what follows: longer than any secret. */
const WINDOW = 4 << 20;
const OVERLAP = 64 << 10;
const MOST_PASSES = 8;
const MOST_VALUES = 100_000;
const MOST_VALUE_BYTES = 4 << 20;

export function cleaned(bytes: Bytes, find: FindSecrets, { progress, found }: CleanOptions = {}): Cleaned {
  const core = readCore(bytes);
  const cleaning = new Cleaning({ bytes, core, find, found });
  const environment = cleaning.environment();
  let passes = 0;
  do {
    if (passes === MOST_PASSES)
      throw new DumpError(
        'the dump',
        `had new secrets in it after ${MOST_PASSES} passes`,
        'it was not kept; say which program made it, so that the detector that finds them can be looked at',
      );
    passes++;
    progress?.(`pass ${passes}`);
  } while (cleaning.pass());
  const { counts, values, overwritten } = cleaning;
  const report = {
    detectors: Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    values: values.size,
    places: overwritten.places,
    overwritten: overwritten.bytes,
    environment,
    passes,
  };
  return { report, bytes: cleaning.view };
}

class Cleaning {
  readonly overwritten = new Overwritten();
  readonly counts = new Map<string, number>();
  /** Every value that was searched for, or will be in the next pass. */
  readonly values = new Set<string>();
  readonly #registers = new Overwritten();
  readonly #kept = new Overwritten();
  readonly #core: Core;
  readonly #bytes: Bytes;
  readonly #find: FindSecrets;
  readonly #tell: (detector: string, secret: Buffer) => void;
  #next: Buffer[] = [];
  #valueBytes = 0;

  constructor({
    bytes,
    core,
    find,
    found = () => {},
  }: {
    readonly bytes: Bytes;
    readonly core: Core;
    readonly find: FindSecrets;
    readonly found: CleanOptions['found'];
  }) {
    this.#bytes = bytes;
    this.#core = core;
    this.#find = find;
    this.#tell = found;
    for (const range of core.tables) this.#kept.add(range);
    for (const note of core.notes) {
      this.#kept.add(note.head);
      if (isFixed(note)) this.#kept.add(note.body);
      for (const range of vectorRegisters(note, core.machine)) this.#registers.add(range);
    }
    this.#kept.merge();
    this.#registers.merge();
  }

  /** The file as it is now: what was found is not in it. */
  get view(): Bytes {
    const { size } = this.#bytes;
    const read = (into: Uint8Array, position: number) => {
      const kept: { at: number; bytes: Uint8Array }[] = [];
      this.#bytes.read(into, position);
      this.#kept.within(position, position + into.length, (from, to) =>
        kept.push({ at: from, bytes: Uint8Array.from(into.subarray(from, to)) }),
      );
      this.overwritten.apply(into, position);
      for (const { at, bytes } of kept) into.set(bytes, at);
      this.#registers.apply(into, position, 0);
    };
    return { size, read };
  }

  /** Overwrites the environment; gives how many variables it has. */
  environment(): number | null {
    const cut = cutParameters(this.#bytes, this.#core.notes);
    if (cut !== null) this.overwritten.add(cut);
    const start = startOf(this.#bytes, this.#core);
    this.overwritten.merge();
    if (start === null) return null;
    for (const one of start.variables) this.#add({ ...one, isEverywhere: isDistinct(one) });
    for (const [index, one] of start.parameters.entries())
      if (isAfterName(start.parameters[index - 1]))
        this.#add({ ...one, isEverywhere: isDistinct({ ...one, name: 'password' }) });
    this.overwritten.merge();
    return start.variables.length;
  }

  #add({ value, places, isEverywhere }: Variable & { readonly isEverywhere: boolean }): void {
    for (const place of places) this.overwritten.add(place);
    if (!isEverywhere) return;
    if (this.#expect(value)) this.#tell('environment', value);
  }

  /** Gives whether it is a value that nobody expected yet. */
  #expect(value: Buffer): boolean {
    const key = value.toString('latin1');
    if (value.length < SHORTEST_VALUE || this.values.has(key) || value.every((byte) => byte === FILLER))
      return false;
    this.values.add(key);
    this.#valueBytes += value.length;
    if (this.values.size > MOST_VALUES || this.#valueBytes > MOST_VALUE_BYTES)
      throw new DumpError(
        'the dump',
        `holds more secrets than can be searched for (${MOST_VALUES}, or ${MOST_VALUE_BYTES} bytes)`,
        'it was not kept; keep such data out of dumps (MADV_DONTDUMP)',
      );
    this.#next.push(value);
    return true;
  }

  /** Overwrites what the passes before found and searches what is left; true where that found more. */
  pass(): boolean {
    const search = searchFor(this.#next.flatMap(formsOf));
    this.#next = [];
    const before =
      this.counts.size === 0 ? 0 : [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    for (const stretch of this.#core.stretches) this.#search(stretch, search);
    this.overwritten.merge();
    const after = [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    return after > before || this.#next.length > 0;
  }

  #search(stretch: Stretch, search: ValueSearch): void {
    const { view } = this;
    for (let from = 0; from < stretch.length; from += WINDOW - OVERLAP) {
      const length = Math.min(WINDOW, stretch.length - from);
      const window = Buffer.allocUnsafeSlow(length);
      readStretch(view, stretch, from, window);
      const overwrite = (start: number, end: number) => {
        for (const range of filesOf(stretch, from + start, from + end)) this.overwritten.add(range);
      };
      const isLast = from + length === stretch.length;
      if (!isEmpty(window)) {
        const runs = withoutValues(window, search, overwrite);
        const own = { from: from === 0 ? 0 : OVERLAP / 2, to: isLast ? length : length - OVERLAP / 2 };
        for (const found of this.#found(window, runs)) {
          if (isOverwritten(window, found)) continue;
          const start = found.places[0]?.start ?? 0;
          if (start >= own.from && start < own.to) {
            this.counts.set(found.detector, (this.counts.get(found.detector) ?? 0) + 1);
            this.#tell(
              found.detector,
              Buffer.concat(found.places.map((place) => window.subarray(place.start, place.end))),
            );
          }
          for (const place of found.places) overwrite(place.start, place.end);
          for (const value of found.values) this.#expect(value);
        }
      }
      if (isLast) return;
    }
  }

  /** A window that holds too much for one search is searched in halves, which share what could be cut. */
  #found(window: Buffer, runs: readonly TextRuns[], at = 0): Found[] {
    try {
      return findIn(window, runs, this.#find).map((found) => (at === 0 ? found : moved(found, at)));
    } catch (error) {
      if (!(error instanceof TooMany) || window.length <= 4 * OVERLAP) throw error;
      const middle = (window.length >> 4) << 3;
      const half = (from: number, to: number) => {
        const own = copied(window.subarray(from, to));
        return this.#found(own, textRuns(own), at + from);
      };
      return [...half(0, middle + OVERLAP), ...half(middle, window.length)];
    }
  }
}

const copied = (bytes: Buffer): Buffer => {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
};

const moved = (found: Found, by: number): Found => ({
  detector: found.detector,
  values: found.values,
  places: found.places.map(({ start, end }) => ({ start: start + by, end: end + by })),
});

const ZEROS = Buffer.alloc(WINDOW);
const isEmpty = (window: Buffer): boolean => window.equals(ZEROS.subarray(0, window.length));

/** Overwrites values as bytes and inside wide characters; gives the texts that are left. */
function withoutValues(
  window: Buffer,
  search: ValueSearch,
  overwrite: (start: number, end: number) => void,
): readonly TextRuns[] {
  const runs = textRuns(window);
  const places: Range[] = [];
  search.in(window, (start, end) => places.push({ start, end }));
  for (const { unit, text, places: placesOf } of runs)
    if (unit > 1) search.in(text, (start, end) => places.push(...placesOf(start, end)));
  for (const { start, end } of places) {
    overwrite(start, end);
    window.fill(FILLER, start, end);
  }
  return places.length === 0 ? runs : textRuns(window);
}

/** What was overwritten may have the form of a secret still: a name, and a value of X. */
function isOverwritten(window: Buffer, { places }: Found): boolean {
  return places.every(({ start, end }) => {
    let left = 0;
    for (let at = start; at < end; at++) if (window[at] !== FILLER && window[at] !== 0) left++;
    return left === 0;
  });
}

const isFixed = ({ name, type }: Note): boolean => name === 'CORE' && (type === 1 || type === 6);

const X86_64 = 62;
const FLOATING = 2;
const XSTATE = 0x202;
const SVE = 0x405;

/** Registers of 16 bytes and more hold what was copied last, so a part of anything. They are emptied; the others are the stack and the place of the program. */
function vectorRegisters({ name, type, body }: Note, machine: number): Range[] {
  const at = (from: number, to: number) => ({
    start: Math.min(body.start + from, body.end),
    end: Math.min(body.start + to, body.end),
  });
  const rest = body.end - body.start;
  if (machine === X86_64) {
    // What FXSAVE and XSAVE write: the head says which parts there are, and stays.
    if (name === 'CORE' && type === FLOATING) return [at(32, 416)];
    return name === 'LINUX' && type === XSTATE ? [at(32, 416), at(576, rest)] : [];
  }
  if (name === 'CORE' && type === FLOATING) return [at(0, 512)];
  return name === 'LINUX' && type === SVE ? [at(16, rest)] : [];
}

const SECRET_NAME = /pass|pwd|secret|token|key|credential|auth|private|session|cookie|salt|dsn|signature/i;
/** Where something lies, whatever else such a name says. */
const PLACE_NAME = /^(?:OLD)?PWD$|_(?:FILE|PATH|SOCK|DIR|HOME)$/i;
const PLACE = /^[./~][\w.+@:/~ -]*$/;
/** Numbers, words, and names of languages: they stand in memory for other reasons. */
const ORDINARY = /^(?:[\d.,:x-]+|[A-Za-z]+(?:[ _.:,-][A-Za-z]+)*(?:\.UTF-8)?)$/;

function isDistinct({ name, value }: Pick<Variable, 'name' | 'value'>): boolean {
  if (value.length < SHORTEST_VALUE) return false;
  const text = value.toString('latin1');
  const isPlace = PLACE.test(text);
  if (isPlace && PLACE_NAME.test(name)) return false;
  return SECRET_NAME.test(name) || !(isPlace || ORDINARY.test(text));
}

const NAMED_PARAMETER = /^--?[\w-]*(?:pass|pwd|secret|token|api-?key|credential)[\w-]*$/i;

const isAfterName = (before: Variable | undefined): boolean =>
  before !== undefined && NAMED_PARAMETER.test(before.value.toString('latin1'));
