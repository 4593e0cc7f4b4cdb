/**
 * One pass over the text for every keyword of every detector, then a closer look only where one stands.
 *
 * Time is linear in the text: the stretches around the keywords of one pattern are merged before the pattern,
 * which RE2 matches in linear time, sees them, and a reader reads a bounded stretch once. Memory is bounded by
 * `limit`.
 */
import { RE2JS } from 're2js';
import { allowance } from './allow.ts';
import type { Candidate, Confidence, Detector, PatternDetector, ReadingDetector } from './detector.ts';
import { DETECTORS } from './detectors/all.ts';
import { entropy } from './entropy.ts';
import { fingerprint } from './fingerprint.ts';
import { isExample } from './judge.ts';
import { compileKeywords, type Keywords } from './keywords.ts';
import { preview } from './preview.ts';
import { type Requirement, requirementOf, standsIn } from './requirement.ts';

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
  readonly fingerprint: string;
  /** The reason given in a `macadam:allow-secret` comment. */
  readonly allowed?: string;
  /** The secret itself, only under `reveal`. */
  readonly secret?: string;
}

export interface Options {
  /** Instead of the detectors that come with the package. */
  readonly detectors?: readonly Detector[];
  /** Secrets that are known to be harmless, compared whole. */
  readonly known?: readonly string[];
  /** Matches to return at most, by position; default 10,000. As many as that means that there may be more. */
  readonly limit?: number;
  /** Key of the fingerprints; without one a fingerprint is a plain digest. */
  readonly key?: string;
  /** Put the secret itself into each match. Only for tools that must replace it; never log the result. */
  readonly reveal?: boolean;
}

interface Found extends Candidate {
  readonly detector: Detector;
  readonly confidence: Confidence;
  readonly checked: boolean;
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
}

const RANK: Readonly<Record<Confidence, number>> = { low: 0, medium: 1, high: 2 };
const engines = new WeakMap<readonly Detector[], Engine>();

/** Every secret in the text, by position; where several detectors see the same one, the surest. Never throws for a text. */
export function findSecrets(text: string, options: Options = {}): Match[] {
  const limit = options.limit ?? 10_000;
  const engine = engineOf(options.detectors ?? DETECTORS);
  const known = new Set(options.known);
  const chosen: Found[] = [];
  for (const found of surest(candidates(text, engine, limit * 4), engine)) {
    if (chosen.length >= limit) break;
    if (!known.has(text.slice(found.start, found.end))) chosen.push(found);
  }
  let line = 1;
  let lineStart = 0;
  let lineEnd = endOfLine(text, 0);
  let previousStart = 0;
  return chosen.map(({ detector, start, end, confidence, checked }) => {
    for (; lineEnd < start; lineEnd = endOfLine(text, lineStart)) {
      line++;
      previousStart = lineStart;
      lineStart = lineEnd + 1;
    }
    const secret = text.slice(start, end);
    const allowed = allowance(text, previousStart, lineStart, lineEnd);
    return {
      detector: detector.id,
      title: detector.title,
      line,
      column: start - lineStart + 1,
      start,
      end,
      preview: preview(secret),
      confidence,
      checked,
      fingerprint: fingerprint(detector.id, secret, options.key),
      ...(allowed === undefined ? {} : { allowed }),
      ...(options.reveal === true ? { secret } : {}),
    };
  });
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
  };
  engines.set(detectors, engine);
  return engine;
}

function candidates(text: string, engine: Engine, limit: number): Found[] {
  const { detectors, owners } = engine;
  const found: Found[] = [];
  /** Of each detector whose keyword stands in the text: the stretch that a pattern sees, or where a reader reads on. */
  const stretches = new Map<number, { from: number; until: number }>();
  engine.keywords.scan(text, (keyword, start, end) => {
    const index = owners[keyword] as number;
    const detector = detectors[index] as Detector;
    const stretch = stretches.get(index);
    if ('read' in detector) {
      if ((stretch !== undefined && start < stretch.until) || found.length >= limit) return;
      const reading = detector.read(text, start, end);
      if (reading === null) return;
      if (stretch === undefined) stretches.set(index, { from: start, until: reading.resume });
      else stretch.until = reading.resume;
      if (reading.candidate !== undefined) found.push(readingFound(detector, reading.candidate));
      return;
    }
    const { head } = requirementFor(engine, index, detector);
    if (head !== null) {
      head.lastIndex = start;
      if (!head.test(text)) return;
    }
    if (detector.follows !== undefined) {
      detector.follows.lastIndex = end;
      if (!detector.follows.test(text)) return;
    }
    // One character more on the left lets `\b` and the edges see what stands there.
    const first = Math.max(0, start - (detector.before ?? 0) - 1);
    const last = Math.min(text.length, start + (detector.reach ?? 300));
    if (stretch === undefined) stretches.set(index, { from: first, until: last });
    else {
      if (first > stretch.until) {
        match(text, engine, index, stretch, found, limit);
        stretch.from = first;
      }
      stretch.until = Math.max(last, stretch.until);
    }
  });
  for (const [index, stretch] of stretches) {
    if (!('read' in (detectors[index] as Detector))) match(text, engine, index, stretch, found, limit);
  }
  return found;
}

function readingFound(detector: ReadingDetector, candidate: Candidate): Found {
  return { ...candidate, detector, confidence: candidate.confidence ?? detector.confidence, checked: false };
}

function requirementFor(engine: Engine, index: number, detector: PatternDetector): Requirement {
  const { pattern, keywords, before = 0 } = detector;
  const requirement = engine.requirements[index] ?? requirementOf(pattern, keywords, before);
  engine.requirements[index] = requirement;
  return requirement;
}

/** Adds every match of a pattern in text[from, until). */
function match(
  text: string,
  engine: Engine,
  index: number,
  { from, until }: { from: number; until: number },
  found: Found[],
  limit: number,
): void {
  if (found.length >= limit) return;
  const detector = engine.detectors[index] as PatternDetector;
  const { runs } = requirementFor(engine, index, detector);
  if (runs !== null && !runs.some((run) => standsIn(run, text, from, until))) return;
  engine.patterns[index] ??= RE2JS.compile(detector.pattern);
  const pattern = engine.patterns[index];
  const stretch = text.slice(from, until);
  if (!pattern.test(stretch)) return;
  const matcher = pattern.matcher(stretch);
  const group = pattern.groupCount() > 0 ? 1 : 0;
  while (found.length < limit && matcher.find()) {
    const candidate = { start: from + matcher.start(group), end: from + matcher.end(group) };
    const seen = inspect(text, detector, candidate);
    if (seen !== null) found.push(seen);
  }
}

function inspect(text: string, detector: PatternDetector, { start, end }: Candidate): Found | null {
  if (end <= start) return null;
  const edges = detector.edges ?? 'word';
  if (edges !== 'none') {
    const before = start === 0 ? '' : text.charAt(start - 1);
    if ((edges === 'word' ? /[A-Za-z0-9]/ : /[A-Za-z]/).test(before)) {
      // The letter of an escape such as `\n` belongs to no word.
      if (start < 2 || text.charAt(start - 2) !== '\\' || !/[nrt]/.test(before)) return null;
    }
    if (/[A-Za-z0-9]/.test(text.charAt(end))) return null;
  }
  const secret = text.slice(start, end);
  if (detector.entropy !== undefined && entropy(secret) < detector.entropy) return null;
  if (detector.accept !== undefined && !detector.accept(secret)) return null;
  const checked = detector.checksum?.(secret);
  if (checked === true) return { start, end, detector, confidence: 'high', checked: true };
  const doubtful = checked === false || DOCUMENTED.test(secret) || (secret.length < 500 && isExample(secret));
  return { start, end, detector, confidence: doubtful ? 'low' : detector.confidence, checked: false };
}

/** Issuers mark the keys in their own documentation so; the other is the subject of everybody's sample of a token. */
const DOCUMENTED = /EXAMPLE|eyJzdWIiOiIxMjM0NTY3ODkwI/;

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
