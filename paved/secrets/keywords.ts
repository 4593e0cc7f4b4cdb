/**
 * Finds many literals in one pass over a text: the automaton of Aho and Corasick (Efficient string matching,
 * CACM 18(6), 1975) with every failure link resolved beforehand, so that a character costs one table look-up.
 * ASCII letters compare without regard to case; a character that no keyword uses leads back to the start.
 */
export interface Keywords {
  /**
   * Calls `found(keyword, start, end)` for each occurrence, by rising `end`; `keyword` is an index into the list given.
   * `bytes`: the same text in Latin-1, where somebody has it: two stretches of it are then read at once.
   */
  readonly scan: (text: string, found: OnKeyword, bytes?: Uint8Array) => void;
}

type OnKeyword = (keyword: number, start: number, end: number) => void;

/** Positions that are read before what was found in them is told. */
const STRETCH = 1 << 15;

export function compileKeywords(keywords: readonly string[]): Keywords {
  const folded = keywords.map((keyword) => keyword.toLowerCase());
  const { classes, width } = classify(folded);
  const trie = trieOf(folded, classes, width);
  link(trie, width);
  const { next, output } = trie;
  const lengths = folded.map((keyword) => keyword.length);
  const longest = Math.max(0, ...lengths);
  const inBytes = classes.slice(0, 256);
  /** Two lists of hits, each a state and the position behind it: one is kept for the next text. */
  let kept: Int32Array[] = [];

  const tell = (hits: Int32Array, count: number, found: OnKeyword) => {
    for (let at = 0; at < count; at += 2) {
      const end = hits[at + 1] as number;
      for (const keyword of output[(hits[at] as number) / width] as readonly number[])
        found(keyword, end - (lengths[keyword] as number), end);
    }
  };
  // Whoever is told of a keyword may search another text.
  const withLists = (use: (first: Int32Array, second: Int32Array) => void) => {
    const [first = new Int32Array(2 * STRETCH), second = new Int32Array(2 * STRETCH)] = kept;
    kept = [];
    use(first, second);
    kept = [first, second];
  };
  const scanText = (text: string, found: OnKeyword, hits: Int32Array) => {
    // Names of its own, and nothing else in the loop: that makes it half as long for the engine.
    const [classOf, go, { length }] = [classes, next, text] as const;
    let state = 0;
    for (let from = 0; from < length; from += STRETCH) {
      const until = Math.min(length, from + STRETCH);
      let count = 0;
      for (let i = from; i < until; i++) {
        state = go[state + (classOf[text.charCodeAt(i)] as number)] as number;
        if (state < 0) {
          state = ~state;
          hits[count++] = state;
          hits[count++] = i + 1;
        }
      }
      tell(hits, count, found);
    }
  };
  /** A step waits for the one before it, so that of two stretches side by side each is read in the other's wait. */
  const scanBytes = (bytes: Uint8Array, found: OnKeyword, first: Int32Array, second: Int32Array) => {
    const [classOf, go, { length }] = [inBytes, next, bytes] as const;
    let a = 0;
    for (let from = 0; from < length; from += 2 * STRETCH) {
      const both = Math.min(length - from, 2 * STRETCH) >> 1;
      const middle = from + both;
      const until = Math.min(length, from + 2 * STRETCH);
      // A state is what the last characters are the beginning of, and no keyword is longer than these.
      let b = 0;
      for (let i = Math.max(0, middle - longest); i < middle; i++) {
        b = go[b + (classOf[bytes[i] as number] as number)] as number;
        if (b < 0) b = ~b;
      }
      let [inFirst, inSecond] = [0, 0];
      for (let i = from; i < middle; i++) {
        a = go[a + (classOf[bytes[i] as number] as number)] as number;
        b = go[b + (classOf[bytes[i + both] as number] as number)] as number;
        if (a < 0) {
          a = ~a;
          first[inFirst++] = a;
          first[inFirst++] = i + 1;
        }
        if (b < 0) {
          b = ~b;
          second[inSecond++] = b;
          second[inSecond++] = i + both + 1;
        }
      }
      if (middle + both < until) {
        b = go[b + (classOf[bytes[until - 1] as number] as number)] as number;
        if (b < 0) {
          b = ~b;
          second[inSecond++] = b;
          second[inSecond++] = until;
        }
      }
      a = b;
      tell(first, inFirst, found);
      tell(second, inSecond, found);
    }
  };
  const scan: Keywords['scan'] = (text, found, bytes) =>
    withLists((first, second) => {
      if (bytes === undefined) scanText(text, found, first);
      else scanBytes(bytes, found, first, second);
    });
  return { scan };
}

/** States by number: a row of `width` cells each, and the keywords that end there. A start of a program waits for it. */
interface Trie {
  /** Where the row of the next state begins; of a state where keywords end its complement, so that the loop needs no second table. */
  readonly next: Int32Array;
  readonly output: (number[] | undefined)[];
  readonly count: number;
  /** Of each state the cell of `next` that leads to it, and how many characters lead there. */
  readonly cells: Int32Array;
  readonly depths: Int32Array;
}

function trieOf(folded: readonly string[], classes: Uint8Array, width: number): Trie {
  const most = folded.reduce((sum, keyword) => sum + keyword.length, 1);
  const next = new Int32Array(most * width);
  const cells = new Int32Array(most);
  const depths = new Int32Array(most);
  const output: (number[] | undefined)[] = [undefined];
  let count = 1;
  // A plain loop: the engine makes fast code of it while it runs, and of a function that is called for each keyword too late.
  for (let index = 0; index < folded.length; index++) {
    const keyword = folded[index] as string;
    let state = 0;
    for (let i = 0; i < keyword.length; i++) {
      const cell = state * width + (classes[keyword.charCodeAt(i)] as number);
      if (next[cell] === 0) {
        cells[count] = cell;
        depths[count] = i + 1;
        next[cell] = count++ * width;
        output.push(undefined);
      }
      state = (next[cell] as number) / width;
    }
    const ends = output[state];
    if (ends === undefined) output[state] = [index];
    else ends.push(index);
  }
  return { next, output, count, cells, depths };
}

/**
 * Leads every state on where its own row ends, as the longest suffix of what was read would go on. Rows are copied whole and each
 * state is put back into that of its parent: cell by cell takes a program that has just started several times as long.
 */
function link({ next, output, count, cells, depths }: Trie, width: number): void {
  const fail = new Int32Array(count);
  for (const states of byDepth(depths, count)) {
    for (const state of states) {
      const cell = cells[state] as number;
      const parent = Math.floor(cell / width);
      if (parent !== 0) {
        const suffix = stateIn(next[(fail[parent] as number) * width + (cell % width)] as number, width);
        fail[state] = suffix;
        const ends = output[suffix];
        if (ends !== undefined) output[state] = output[state]?.concat(ends) ?? ends;
      }
      next[cell] = output[state] === undefined ? state * width : ~(state * width);
    }
    // Suffixes are shorter, and what they lead on to is at most as long as these: all of that is in their rows by now.
    for (const state of states) {
      const from = (fail[state] as number) * width;
      next.copyWithin(state * width, from, from + width);
    }
  }
}

const stateIn = (cell: number, width: number): number => (cell < 0 ? ~cell : cell) / width;

/** Every state but the start, the shortest first. */
function byDepth(depths: Int32Array, count: number): number[][] {
  const groups: number[][] = [];
  for (let state = 1; state < count; state++) {
    const depth = (depths[state] as number) - 1;
    const group = groups[depth];
    if (group === undefined) groups[depth] = [state];
    else group.push(state);
  }
  return groups;
}

/** Class 0 is "no keyword uses it"; both cases of an ASCII letter share one. */
function classify(folded: readonly string[]): { classes: Uint8Array; width: number } {
  const classes = new Uint8Array(65536);
  let width = 1;
  for (const keyword of folded) {
    if (!/^[\x20-\x7e]{3,}$/.test(keyword)) {
      throw new TypeError(`keyword \`${keyword}\` must be three or more printable ASCII characters`);
    }
    for (const char of keyword) {
      const code = char.charCodeAt(0);
      if (classes[code] !== 0) continue;
      classes[code] = width;
      classes[char.toUpperCase().charCodeAt(0)] = width;
      width++;
    }
  }
  return { classes, width };
}
