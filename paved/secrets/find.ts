/**
 * One pass over the text for every keyword of every detector, then a closer look only where one stands.
 *
 * Time is linear in the text: the stretches around the keywords of one pattern are merged before the pattern,
 * which RE2 matches in linear time, sees them, and a reader reads a bounded stretch once. Memory is bounded by
 * `limit`.
 */
import { RE2JS } from 're2js';
import { allowanceOf } from './allow.ts';
import type {
  Around,
  Candidate,
  Confidence,
  Detector,
  PatternDetector,
  ReadingDetector,
} from './detector.ts';
import { DETECTORS } from './detectors/all.ts';
import { entropy } from './entropy.ts';
import { fingerprint } from './fingerprint.ts';
import type { IgnoreFiles } from './ignore-files.ts';
import { isExample, isFiller } from './judge.ts';
import { compileKeywords, type Keywords } from './keywords.ts';
import { preview } from './preview.ts';
import { isPublished } from './published.ts';
import {
  type Ahead,
  aheadOf,
  mayStandAhead,
  type Requirement,
  requirementOf,
  standsIn,
} from './requirement.ts';
import {
  isCommentedOut,
  isDigest,
  isInsideEncoded,
  isLockFile,
  isPublishable,
  type Setting,
  settingOf,
} from './surroundings.ts';

export interface Match {
  readonly detector: string;
  readonly title: string;
  /** Both count from 1; a column counts UTF-16 code units. */
  readonly line: number;
  readonly column: number;
  /** Offsets into the text in UTF-16 code units; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  /** Never the secret: see `preview`. */
  readonly preview: string;
  readonly confidence: Confidence;
  /** Whether a checksum inside it proves that it is one. */
  readonly checked: boolean;
  /** The same for the same secret, wherever it stands and whichever detector sees it. */
  readonly fingerprint: string;
  /** Documentation of an interface, or a test inside the file; left out where the file says neither. */
  readonly setting?: Setting;
  /** When it stops to open anything, as RFC 3339 in UTC, where it says so itself. */
  readonly expires?: string;
  /** The reason given in a `macadam:allow-secret` comment. */
  readonly allowed?: string;
  /** What another scanner was told to pass over it by, which asks for no reason: `gitleaks:allow`, `.secrets.baseline`. */
  readonly ignoredBy?: string;
  /** The secret itself, only under `reveal`. */
  readonly secret?: string;
}

export interface Options {
  /** Path of the text in its repository: lock files are known by it, and so are tests inside a file. */
  readonly path?: string;
  /** Instead of the detectors that come with the package. */
  readonly detectors?: readonly Detector[];
  /** Secrets that are known to be harmless, compared whole. */
  readonly known?: readonly string[];
  /** What the repository told other scanners to pass over; needs `path`. */
  readonly ignoreFiles?: IgnoreFiles;
  /** Matches to return at most, by position; default 10,000. As many as that means that there may be more. */
  readonly limit?: number;
  /** Key of the fingerprints; without one a fingerprint is a plain digest. */
  readonly key?: string;
  /** The text in Latin-1, where the caller has it and each of its characters is in it: it is searched sooner. */
  readonly latin1?: Uint8Array;
  /** Put the secret itself into each match. Only for tools that must replace it; never log the result. */
  readonly reveal?: boolean;
}

interface Found extends Candidate {
  readonly detector: Detector;
  readonly confidence: Confidence;
  readonly checked: boolean;
  readonly expires?: string;
}

interface Engine {
  readonly detectors: readonly Detector[];
  readonly keywords: Keywords;
  /** Place of each detector in the list: the specific ones come first. */
  readonly order: ReadonlyMap<Detector, number>;
  /** Index of the detector of each keyword. */
  readonly owners: Int32Array;
  readonly patterns: (RE2JS | undefined)[];
  readonly requirements: (Requirement | undefined)[];
  readonly asked: (Asked | undefined)[];
}

/** One search: the text, what it is searched with, and what was found so far. */
interface Search {
  readonly text: string;
  readonly engine: Engine;
  readonly found: Found[];
  /** What a detector knows to be none: a generic one is not believed about the same characters. */
  readonly refuted: { readonly start: number; readonly end: number }[];
  readonly limit: number;
  /** Generic detectors are not asked in lock files. */
  readonly locked: boolean;
}

const RANK: Readonly<Record<Confidence, number>> = { low: 0, medium: 1, high: 2 };
const engines = new WeakMap<readonly Detector[], Engine>();

/** Every secret in the text, by position; where several detectors see the same one, the surest. Never throws for a text. */
export function findSecrets(text: string, options: Options = {}): Match[] {
  const limit = options.limit ?? 10_000;
  const engine = engineOf(options.detectors ?? DETECTORS);
  const known = new Set(options.known);
  const locked = isLockFile(options.path);
  const search: Search = { text, engine, found: [], refuted: [], limit: limit * 4, locked };
  look(search, options.latin1);
  const chosen: Found[] = [];
  for (const found of surest(believed(search), engine)) {
    if (chosen.length >= limit) break;
    if (!known.has(text.slice(found.start, found.end))) chosen.push(found);
  }
  let line = 1;
  let lineStart = 0;
  let lineEnd = endOfLine(text, 0);
  let previousStart = 0;
  return chosen.map((found) => {
    for (; lineEnd < found.start; lineEnd = endOfLine(text, lineStart)) {
      line++;
      previousStart = lineStart;
      lineStart = lineEnd + 1;
    }
    return matchOf(text, found, { line, lineStart, lineEnd, previousStart }, options);
  });
}

interface Line {
  readonly line: number;
  readonly lineStart: number;
  readonly lineEnd: number;
  readonly previousStart: number;
}

function matchOf(text: string, found: Found, where: Line, options: Options): Match {
  const { detector, start, end, confidence, checked, expires } = found;
  const { line, lineStart, lineEnd, previousStart } = where;
  const secret = text.slice(start, end);
  const value = 'pattern' in detector ? (detector.canonical?.(secret) ?? secret) : secret;
  const { reason, ignoredBy } = allowanceOf(text, previousStart, lineStart, lineEnd);
  const ignored = ignoredBy ?? options.ignoreFiles?.ignoredBy(options.path ?? '', line, secret);
  const setting = settingOf(text, start, lineStart, options.path);
  return {
    detector: detector.id,
    title: detector.title,
    line,
    column: start - lineStart + 1,
    start,
    end,
    preview: preview(secret),
    // It may have been one; no program uses it now.
    confidence: confidence === 'high' && !checked && isCommentedOut(text, lineStart) ? 'medium' : confidence,
    checked,
    fingerprint: fingerprint(value, options.key),
    ...(setting === undefined ? {} : { setting }),
    ...(expires === undefined ? {} : { expires }),
    ...(reason === undefined ? {} : { allowed: reason }),
    ...(ignored === undefined || reason !== undefined ? {} : { ignoredBy: ignored }),
    ...(options.reveal === true ? { secret } : {}),
  };
}

function endOfLine(text: string, start: number): number {
  const at = text.indexOf('\n', start);
  return at === -1 ? text.length : at;
}

function engineOf(detectors: readonly Detector[]): Engine {
  const made = engines.get(detectors);
  if (made !== undefined) return made;
  const words = detectors.flatMap((detector) => detector.keywords);
  const owners = Int32Array.from(detectors.flatMap((detector, index) => detector.keywords.map(() => index)));
  const order = new Map(detectors.map((detector, index) => [detector, index]));
  const engine: Engine = {
    detectors,
    order,
    keywords: compileKeywords(words),
    owners,
    patterns: [],
    requirements: [],
    asked: [],
  };
  engines.set(detectors, engine);
  return engine;
}

function look(search: Search, latin1: Uint8Array | undefined): void {
  const { text, found, limit, locked } = search;
  const { detectors, owners, keywords, asked } = search.engine;
  /** Of each detector whose keyword stands in the text: the stretch that a pattern sees, or where a reader reads on. */
  const stretches = new Map<number, { from: number; until: number }>();
  const see = (keyword: number, start: number, end: number) => {
    const index = owners[keyword] as number;
    asked[index] ??= askedOf(search.engine, index);
    const { isGeneric, reads, ahead, head, follows, before, reach } = asked[index];
    if (locked && isGeneric) return;
    const stretch = stretches.get(index);
    if (reads !== null) {
      if ((stretch !== undefined && start < stretch.until) || found.length >= limit) return;
      const reading = reads.read(text, start, end);
      if (reading === null) return;
      if (stretch === undefined) stretches.set(index, { from: start, until: reading.resume });
      else stretch.until = reading.resume;
      const seen = reading.candidate && readingFound(text, reads, reading.candidate);
      if (seen) found.push(seen);
      return;
    }
    if (ahead !== null && !mayStandAhead(ahead, text, end)) return;
    if (head !== null) {
      head.lastIndex = start;
      if (!head.test(text)) return;
    }
    if (follows !== null) {
      follows.lastIndex = end;
      if (!follows.test(text)) return;
    }
    // One character more on the left lets `\b` and the edges see what stands there.
    const first = Math.max(0, start - before - 1);
    const last = Math.min(text.length, start + reach);
    if (stretch === undefined) stretches.set(index, { from: first, until: last });
    else {
      if (first > stretch.until) {
        match(search, index, stretch);
        stretch.from = first;
      }
      stretch.until = Math.max(last, stretch.until);
    }
  };
  keywords.scan(text, see, latin1);
  for (const [index, stretch] of stretches) {
    if (!('read' in (detectors[index] as Detector))) match(search, index, stretch);
  }
}

/** What a detector is asked at its keywords, in one shape for all of them: there are many keywords in a text. */
interface Asked {
  readonly isGeneric: boolean;
  /** Null: it has a pattern. */
  readonly reads: ReadingDetector | null;
  /** Of `follows`: what is looked for before it is asked. */
  readonly ahead: Ahead | null;
  readonly head: RegExp | null;
  readonly follows: RegExp | null;
  readonly before: number;
  readonly reach: number;
}

function askedOf(engine: Engine, index: number): Asked {
  const detector = engine.detectors[index] as Detector;
  const isGeneric = detector.generic === true;
  if ('read' in detector)
    return { isGeneric, reads: detector, ahead: null, head: null, follows: null, before: 0, reach: 0 };
  const { head } = requirementFor(engine, index, detector);
  const { follows = null, before = 0, reach = 300 } = detector;
  const ahead = follows && aheadOf(follows);
  return { isGeneric, reads: null, ahead, head, follows, before, reach };
}

function readingFound(text: string, detector: ReadingDetector, candidate: Candidate): Found | null {
  const secret = text.slice(candidate.start, candidate.end);
  if (isPublished(secret) || (detector.generic === true && isElse(text, candidate.start, secret)))
    return null;
  return { ...candidate, detector, confidence: candidate.confidence ?? detector.confidence, checked: false };
}

function requirementFor(engine: Engine, index: number, detector: PatternDetector): Requirement {
  const { pattern, keywords, before = 0 } = detector;
  const requirement = engine.requirements[index] ?? requirementOf(pattern, keywords, before);
  engine.requirements[index] = requirement;
  return requirement;
}

/** Adds every match of a pattern in text[from, until). */
function match(search: Search, index: number, { from, until }: { from: number; until: number }): void {
  const { text, engine, found, limit } = search;
  if (found.length >= limit) return;
  const detector = engine.detectors[index] as PatternDetector;
  const { runs } = requirementFor(engine, index, detector);
  if (runs !== null && !runs.some((run) => standsIn(run, text, from, until))) return;
  engine.patterns[index] ??= RE2JS.compile(detector.pattern);
  const pattern = engine.patterns[index];
  const stretch = text.slice(from, until);
  if (!pattern.test(stretch)) return;
  const matcher = pattern.matcher(stretch);
  const groups = pattern.groupCount();
  while (found.length < limit && matcher.find()) {
    // Each alternative may have a group of its own; the one that took part is the secret.
    let group = groups > 0 ? 1 : 0;
    while (group < groups && matcher.start(group) < 0) group++;
    if (matcher.start(group) < 0) group = 0;
    const start = from + matcher.start(group);
    const end = from + matcher.end(group);
    const seen = inspect(text, detector, start, end);
    if (seen === 'refuted') search.refuted.push({ start, end });
    else if (seen !== null) found.push(seen);
  }
}

/** Without what a generic detector says of characters that another one knows better, whatever that one makes of them. */
function believed({ found, refuted }: Search): Found[] {
  const known = found.filter(({ detector }) => detector.generic !== true);
  if (refuted.length === 0 && known.length === 0) return found;
  const better = [...refuted, ...known].sort((a, b) => a.start - b.start);
  return found.filter(({ detector, start, end }) => {
    if (detector.generic !== true) return true;
    let low = 0;
    for (let high = better.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((better[middle]?.start ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    // The last few that begin before it: they hardly ever lie within each other.
    for (let i = low - 1; i >= 0 && i >= low - 4; i--) if ((better[i]?.end ?? 0) >= end) return false;
    return true;
  });
}

/** What a detector's hooks see of the text to either side. */
const AROUND = 800;

/** `refuted` is what has the form and is known to be no secret: published, filled in by hand, open by its own words. */
function inspect(
  text: string,
  detector: PatternDetector,
  start: number,
  end: number,
): Found | 'refuted' | null {
  if (end <= start || !hasEdges(text, detector, start, end)) return null;
  const secret = text.slice(start, end);
  if (detector.entropy !== undefined && entropy(secret) < detector.entropy) return null;
  if (detector.accept !== undefined && !detector.accept(secret)) return null;
  const around: Around = {
    before: text.slice(Math.max(0, start - AROUND), start),
    after: text.slice(end, end + AROUND),
  };
  const expires = detector.expiry?.(secret, around);
  const rest = expires === undefined ? { start, end, detector } : { start, end, detector, expires };
  const checked = detector.checksum?.(secret);
  if (checked === true) return { ...rest, confidence: 'high', checked: true };
  if (isInsideEncoded(text, start)) return null;
  const refuted = detector.generic === true ? null : 'refuted';
  if (isPublished(detector.canonical?.(secret) ?? secret)) return refuted;
  if (detector.generic === true && isElse(text, start, secret)) return null;
  const short = secret.length < 500;
  if (short && isFiller(secret)) return refuted;
  const assessed = detector.assess === undefined ? detector.confidence : detector.assess(secret, around);
  if (assessed === null) return refuted;
  const doubtful = checked === false || (short && isExample(secret));
  return { ...rest, confidence: doubtful ? 'low' : assessed, checked: false };
}

/** What may touch a secret, so that it is not a part of something longer. */
function hasEdges(text: string, detector: PatternDetector, start: number, end: number): boolean {
  const edges = detector.edges ?? 'word';
  if (edges === 'none') return true;
  const before = start === 0 ? '' : text.charAt(start - 1);
  if ((edges === 'word' ? /[A-Za-z0-9]/ : /[A-Za-z]/).test(before)) {
    // The letter of an escape such as `\n` belongs to no word.
    if (start < 2 || text.charAt(start - 2) !== '\\' || !/[nrt]/.test(before)) return false;
  }
  return !/[A-Za-z0-9]/.test(text.charAt(end));
}

/** Something else that looks like a secret to whoever does not see what stands around it. */
function isElse(text: string, start: number, secret: string): boolean {
  return isDigest(text, start, secret) || isPublishable(text, start, secret);
}

/** Of overlapping candidates the surest, else the one that begins first, else the one whose detector is listed first. */
function surest(found: Found[], { order }: Engine): Found[] {
  const place = ({ detector }: Found) => order.get(detector) ?? 0;
  found.sort(
    (a, b) =>
      a.start - b.start || RANK[b.confidence] - RANK[a.confidence] || place(a) - place(b) || b.end - a.end,
  );
  const kept: Found[] = [];
  for (const next of found) {
    const last = kept.at(-1);
    if (last === undefined || next.start >= last.end) kept.push(next);
    else if (RANK[next.confidence] > RANK[last.confidence]) kept[kept.length - 1] = next;
  }
  return kept;
}
