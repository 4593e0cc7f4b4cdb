/**
 * Path patterns as CODEOWNERS has them: gitignore's, with the differences that GitHub documents ("About code
 * owners"): a final `*` segment stops at direct children, and there are neither negations nor `[ ]` ranges.
 *
 * A pattern becomes a list of steps, one for each path segment, and a set of patterns becomes one automaton that
 * walks a path segment by segment. What it knows of a directory is kept, so a tree of 10⁵ files against 1,000 rules
 * costs what differs between files, and no pattern can make it backtrack.
 */

/** One segment of a pattern. `skip` (`**` that is not last) stands for any number of segments, none included. */
type Step =
  | { readonly kind: 'skip' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'glob'; readonly test: (segment: string) => boolean };

interface Pattern {
  readonly steps: readonly Step[];
  /** Whether what lies below a match matches too: everything but a final `*`. */
  readonly descends: boolean;
}

const anything: Step = { kind: 'glob', test: () => true };

/** Why a pattern is none, in words, or null. */
export function patternProblem(pattern: string): string | null {
  if (pattern === '') return 'the pattern is empty';
  if (pattern.includes('***')) return 'a pattern cannot hold three asterisks in a row';
  return null;
}

function compile(pattern: string): Pattern {
  const segments = pattern.split('/');
  if (pattern === '/' || patternProblem(pattern) !== null) return { steps: [], descends: false };
  if (segments[0] === '') segments.shift();
  // Only a slash before the end ties a pattern to the root.
  else if (segments.length === 1 || (segments.length === 2 && segments[1] === '')) segments.unshift('**');
  if (segments.at(-1) === '') segments[segments.length - 1] = '**';
  // `**` twice over says no more than once.
  const lean = segments.filter((segment, index) => segment !== '**' || segments[index + 1] !== '**');
  const steps = lean.map((segment, index): Step => {
    if (segment === '**') return index === lean.length - 1 ? anything : { kind: 'skip' };
    return segmentStep(segment);
  });
  return { steps, descends: lean.at(-1) !== '*' };
}

/** Pieces of a segment between its wildcards, with escapes resolved. `?` is kept as null inside a piece. */
function segmentStep(segment: string): Step {
  const pieces: (string | null)[][] = [[]];
  const characters = [...segment];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] as string;
    if (character === '*') pieces.push([]);
    else if (character === '?') pieces.at(-1)?.push(null);
    else if (character === '\\') pieces.at(-1)?.push(characters[++index] ?? '\\');
    else pieces.at(-1)?.push(character);
  }
  if (pieces.length === 1 && !pieces[0]?.includes(null)) {
    return { kind: 'text', text: (pieces[0] ?? []).join('') };
  }
  if (segment === '*') return { kind: 'glob', test: (name) => name !== '' };
  if (pieces.every((piece) => !piece.includes(null))) {
    const texts = pieces.map((piece) => piece.join(''));
    return { kind: 'glob', test: (name) => textsMatch(texts, name) };
  }
  return { kind: 'glob', test: (name) => piecesMatch(pieces, [...name]) };
}

/** The first text stands at the start, the last at the end, the others leftmost in between: greedy is exact. */
function textsMatch(texts: readonly string[], name: string): boolean {
  const first = texts[0] ?? '';
  const last = texts.at(-1) ?? '';
  if (!name.endsWith(last) || !name.startsWith(first)) return false;
  let at = first.length;
  for (let index = 1; index < texts.length - 1; index++) {
    const text = texts[index] ?? '';
    const found = name.indexOf(text, at);
    if (found < 0) return false;
    at = found + text.length;
  }
  return name.length - last.length >= at;
}

/** The same where `?` (null) stands for one character: code points, not halves of one. */
function piecesMatch(pieces: readonly (readonly (string | null)[])[], name: readonly string[]): boolean {
  const fits = (piece: readonly (string | null)[], from: number): boolean =>
    piece.every((character, offset) => {
      const found = name[from + offset];
      return found !== undefined && (character === null || character === found);
    });
  const first = pieces[0] ?? [];
  if (!fits(first, 0)) return false;
  if (pieces.length === 1) return name.length === first.length;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    while (at + piece.length <= name.length && !fits(piece, at)) at++;
    if (at + piece.length > name.length) return false;
    at += piece.length;
  }
  const last = pieces.at(-1) ?? [];
  return name.length - last.length >= at && fits(last, name.length - last.length);
}

/** A place in a pattern: what it waits for. `next` is missing where the pattern ends. */
interface State {
  readonly rule: number;
  readonly step: Step;
  readonly next: State | undefined;
  /** After a skip: it waits in every directory below as well. */
  readonly stays: boolean;
  readonly descends: boolean;
}

/** States that wait for a segment, found by its text where they can be. */
interface Waiting {
  readonly texts: ReadonlyMap<string, readonly State[]>;
  readonly globs: readonly State[];
  readonly staying: readonly State[];
}

/** The best rule for a path alone, the best for it and all below it, and the states that it leads to. */
interface Advance {
  readonly here: number;
  readonly below: number;
  readonly next: readonly State[];
}

/** What is known of a directory. */
interface Directory {
  readonly best: number;
  readonly waiting: Waiting;
}

function statesOf({ steps, descends }: Pattern, rule: number): State | undefined {
  let next: State | undefined;
  for (const [index, step] of [...steps.entries()].reverse()) {
    if (step.kind === 'skip') continue;
    next = { rule, step, next, stays: steps[index - 1]?.kind === 'skip', descends };
  }
  return next;
}

function wait(states: readonly State[]): Waiting {
  const texts = new Map<string, State[]>();
  const globs: State[] = [];
  for (const state of states) {
    if (state.step.kind !== 'text') {
      globs.push(state);
      continue;
    }
    const same = texts.get(state.step.text);
    if (same === undefined) texts.set(state.step.text, [state]);
    else same.push(state);
  }
  return { texts, globs, staying: states.filter((state) => state.stays) };
}

const nobody = wait([]);

function advance(waiting: Waiting, segment: string): Advance {
  let here = -1;
  let below = -1;
  const next: State[] = [];
  const met = (state: State): void => {
    if (state.next !== undefined) next.push(state.next);
    else {
      here = Math.max(here, state.rule);
      if (state.descends) below = Math.max(below, state.rule);
    }
  };
  for (const state of waiting.texts.get(segment) ?? []) met(state);
  for (const state of waiting.globs) {
    if (state.step.kind === 'glob' && state.step.test(segment)) met(state);
  }
  return { here, below, next };
}

/**
 * Index of the last pattern that matches a path (`/`-separated, relative to the root), or −1. A pattern that
 * `patternProblem` refuses matches nothing.
 */
export function compilePatterns(patterns: readonly string[]): (path: string) => number {
  const states = patterns.flatMap((pattern, rule) => statesOf(compile(pattern), rule) ?? []);
  // What may begin in any directory is asked once for each name, not once for each path.
  const floating = wait(states.filter((state) => state.stays));
  const floated = new Map<string, Advance>();
  function float(segment: string): Advance {
    const known = floated.get(segment);
    if (known !== undefined) return known;
    const made = advance(floating, segment);
    floated.set(segment, made);
    return made;
  }

  const root: Directory = { best: -1, waiting: wait(states.filter((state) => !state.stays)) };
  const directories = new Map<string, Directory>();
  function enter(parent: Directory, segment: string): Directory {
    const own = advance(parent.waiting, segment);
    const anywhere = float(segment);
    const waiting = new Set([...own.next, ...anywhere.next, ...parent.waiting.staying]);
    return {
      best: Math.max(parent.best, own.below, anywhere.below),
      waiting: waiting.size === 0 ? nobody : wait([...waiting]),
    };
  }
  function directory(path: string): Directory {
    const found = directories.get(path);
    if (found !== undefined) return found;
    let current = root;
    let start = 0;
    for (let end = path.indexOf('/'); start <= path.length; end = path.indexOf('/', start)) {
      const stop = end < 0 ? path.length : end;
      const prefix = path.slice(0, stop);
      const known = directories.get(prefix);
      current = known ?? enter(current, path.slice(start, stop));
      if (known === undefined) directories.set(prefix, current);
      start = stop + 1;
    }
    return current;
  }

  return (path) => {
    const slash = path.lastIndexOf('/');
    const parent = slash < 0 ? root : directory(path.slice(0, slash));
    const name = path.slice(slash + 1);
    return Math.max(parent.best, advance(parent.waiting, name).here, float(name).here);
  };
}
