/**
 * The environment and the arguments that the program was started with. The kernel lays both at the top of the first stack, below the name of
 * the program, and the pointers to them right before the table that the note NT_AUXV is a copy of: found by that, not by what they look like.
 */
import { type Bytes, type Core, filesOf, type Range, readStretch, type Stretch } from './elf.ts';

const AUXV = 6;
const NAME_OF_PROGRAM = 31n;
const WORD = 8;
/** A quarter of the largest stack that is usual; behind it the pointers are not looked for. */
const FARTHEST = 64 << 20;
const STEP = 1 << 20;
const MOST_POINTERS = 100_000;
/** One text of the environment can have no more (MAX_ARG_STRLEN). */
const LONGEST = 131_072;

export interface Variable {
  readonly name: string;
  readonly value: Buffer;
  /** Where the value lies in the file. */
  readonly places: readonly Range[];
}

export interface Started {
  readonly variables: readonly Variable[];
  readonly parameters: readonly Variable[];
}

/** Null where the dump does not hold the stack that the program began with. */
export function startOf(bytes: Bytes, core: Core): Started | null {
  const note = core.notes.find(({ type, name }) => type === AUXV && name === 'CORE');
  if (note === undefined) return null;
  const table = Buffer.alloc(Math.min(note.body.end - note.body.start, 4096));
  bytes.read(table, note.body.start);
  const address = addressOfName(table);
  const stack = core.stretches.find((one) => address !== null && contains(one, address));
  if (address === null || stack?.address == null) return null;
  const memory = { bytes, stack, base: stack.address };
  const place = Number(address - stack.address);
  const at = placeBefore(memory, place, table.subarray(0, lengthOf(table)));
  return at === null ? null : pointedTo(memory, at);
}

interface Memory {
  readonly bytes: Bytes;
  readonly stack: Stretch;
  readonly base: bigint;
}

const contains = ({ address, length }: Stretch, wanted: bigint): boolean =>
  address !== null && address <= wanted && wanted < address + BigInt(length);

function addressOfName(table: Buffer): bigint | null {
  for (let at = 0; at + 2 * WORD <= table.length; at += 2 * WORD)
    if (table.readBigUInt64LE(at) === NAME_OF_PROGRAM) return table.readBigUInt64LE(at + WORD);
  return null;
}

/** Up to the entry that ends it; the note may be longer than what the stack holds. */
function lengthOf(table: Buffer): number {
  for (let at = 0; at + 2 * WORD <= table.length; at += 2 * WORD)
    if (table.readBigUInt64LE(at) === 0n) return at + WORD;
  return table.length;
}

function placeBefore({ bytes, stack }: Memory, place: number, table: Buffer): number | null {
  for (let end = place; end > Math.max(0, place - FARTHEST); end -= STEP) {
    const start = Math.max(0, end - STEP - table.length);
    const part = Buffer.alloc(end - start);
    readStretch(bytes, stack, start, part);
    const at = part.lastIndexOf(table);
    if (at !== -1) return start + at;
  }
  return null;
}

/** From the table back: an empty word, pointers to the environment, an empty word, pointers to the arguments, and how many these are. */
function pointedTo(memory: Memory, table: number): Started {
  let at = table - WORD;
  const take = (): bigint[] => {
    const pointers: bigint[] = [];
    for (at -= WORD; at >= 0 && pointers.length < MOST_POINTERS; at -= WORD) {
      const word = wordAt(memory, at);
      if (word === 0n || word === BigInt(pointers.length)) break;
      pointers.unshift(word);
    }
    return pointers;
  };
  const variables = take().flatMap((pointer): Variable[] => {
    const text = textAt(memory, pointer);
    const equals = text?.value.indexOf(0x3d) ?? -1;
    if (text === null || equals <= 0) return [];
    return [partOf(memory, text, equals)];
  });
  const parameters = take().flatMap((pointer): Variable[] => {
    const text = textAt(memory, pointer);
    return text === null ? [] : [{ ...partOf(memory, text, -1), name: '' }];
  });
  return { variables, parameters };
}

function wordAt({ bytes, stack }: Memory, at: number): bigint {
  const word = Buffer.alloc(WORD);
  readStretch(bytes, stack, at, word);
  return word.readBigUInt64LE();
}

interface Text {
  readonly place: number;
  readonly value: Buffer;
}

function textAt({ bytes, stack, base }: Memory, pointer: bigint): Text | null {
  if (!contains(stack, pointer)) return null;
  const place = Number(pointer - base);
  const whole = Math.min(LONGEST, stack.length - place);
  // Most are short, and each is asked for by itself.
  for (const length of [Math.min(512, whole), whole]) {
    const text = Buffer.alloc(length);
    readStretch(bytes, stack, place, text);
    const end = text.indexOf(0);
    if (end !== -1 || length === whole) return { place, value: end === -1 ? text : text.subarray(0, end) };
  }
  return null;
}

const partOf = ({ stack }: Memory, { place, value }: Text, equals: number): Variable => ({
  name: value.toString('latin1', 0, Math.max(0, equals)),
  value: Buffer.from(value.subarray(equals + 1)),
  places: filesOf(stack, place + equals + 1, place + value.length),
});
