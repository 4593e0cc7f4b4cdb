/**
 * Finds many literals in one pass over a text: the automaton of Aho and Corasick (Efficient string matching,
 * CACM 18(6), 1975) with every failure link resolved beforehand, so that a character costs one table look-up.
 * ASCII letters compare without regard to case; a character that no keyword uses leads back to the start.
 */
export interface Keywords {
  /** Calls `found(keyword, start, end)` for each occurrence, by rising `end`; `keyword` is an index into the list given. */
  readonly scan: (text: string, found: (keyword: number, start: number, end: number) => void) => void;
}

export function compileKeywords(keywords: readonly string[]): Keywords {
  const folded = keywords.map((keyword) => keyword.toLowerCase());
  const { classes, width } = classify(folded);

  const next: number[][] = [new Array<number>(width).fill(0)];
  const output: number[][] = [[]];
  folded.forEach((keyword, index) => {
    let state = 0;
    for (const char of keyword) {
      const row = next[state] as number[];
      const symbol = classes[char.charCodeAt(0)] as number;
      if (row[symbol] === 0) {
        row[symbol] = next.length;
        next.push(new Array<number>(width).fill(0));
        output.push([]);
      }
      state = row[symbol] as number;
    }
    (output[state] as number[]).push(index);
  });

  const fail = new Array<number>(next.length).fill(0);
  const queue = (next[0] as number[]).filter((state) => state !== 0);
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] as number;
    const link = fail[state] as number;
    (output[state] as number[]).push(...(output[link] as number[]));
    const row = next[state] as number[];
    for (let symbol = 0; symbol < width; symbol++) {
      const beyond = (next[link] as number[])[symbol] as number;
      const target = row[symbol] as number;
      if (target === 0) row[symbol] = beyond;
      else {
        fail[target] = beyond;
        queue.push(target);
      }
    }
  }

  // Accepting states get the highest numbers, so that the loop needs one comparison and no second table.
  const states = next.map((_, state) => state);
  const plain = states.filter((state) => (output[state] as number[]).length === 0);
  const order = [...plain, ...states.filter((state) => (output[state] as number[]).length > 0)];
  const renumbered = new Int32Array(order.length);
  order.forEach((state, number) => {
    renumbered[state] = number;
  });
  const table = new Int32Array(order.length * width);
  order.forEach((state, number) => {
    (next[state] as number[]).forEach((target, symbol) => {
      table[number * width + symbol] = (renumbered[target] as number) * width;
    });
  });
  const accepting = plain.length * width;
  const outputs = order.map((state) => output[state] as number[]);
  const lengths = folded.map((keyword) => keyword.length);

  const report = (
    state: number,
    end: number,
    found: (keyword: number, start: number, end: number) => void,
  ) => {
    for (const keyword of outputs[state / width] as number[]) {
      found(keyword, end - (lengths[keyword] as number), end);
    }
  };
  const scan: Keywords['scan'] = (text, found) => {
    // Names of its own, and nothing else in the loop: that makes it half as long for the engine.
    const [classOf, go, least, { length }] = [classes, table, accepting, text] as const;
    let state = 0;
    for (let i = 0; i < length; i++) {
      state = go[state + (classOf[text.charCodeAt(i)] as number)] as number;
      if (state >= least) report(state, i + 1, found);
    }
  };
  return { scan };
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
