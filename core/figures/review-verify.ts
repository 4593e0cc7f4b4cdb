/**
 * Verifies a frozen review by its file alone: every byte against the seal, then every figure against the facts in the file.
 * What differs is named. Pure.
 */
import { canonical } from '../text/canonical.ts';
import { change } from './accounting.ts';
import {
  derivedFigures,
  type Review,
  type ReviewCell,
  type ReviewFigure,
  type TeamCounts,
} from './review.ts';
import { checkedSeal, keyName, ReviewDamaged, readReview, readReviewHead, stampOf } from './review-file.ts';
import { type Timestamp, TimestampError, verifiedTimestamp } from './timestamp.ts';

/** One figure that is not what the facts say. */
export interface DifferingFigure {
  readonly standard: string;
  /** Its field, such as `fail` or `teams.platform.pass`. */
  readonly field: string;
  readonly written: unknown;
  readonly derived: unknown;
}

export interface VerifiedReview {
  /** `holds`: every byte is sealed and every figure follows from the facts. */
  readonly verdict: 'holds' | 'damaged' | 'differs';
  /** Why it is damaged, or what does not add up; empty where nothing is wrong. */
  readonly faults: readonly string[];
  readonly differing: readonly DifferingFigure[];
  /** How many figures were derived again: fields of standards and of their teams. */
  readonly figures: number;
  readonly standards: number;
  readonly assets: number;
  /** The digest in the seal; null where there is none to be read. */
  readonly digest: string | null;
  /** SHA-256 of the public key that signed it; null where it is not signed. */
  readonly key: string | null;
  readonly signature: 'trusted' | 'not-vouched-for' | 'none';
  /** When an authority outside says that it was there; null where none was asked. */
  readonly timestamp: Timestamp | null;
}

export interface VerifyOptions {
  /** SHA-256 of the public key that is trusted; left out: nobody vouches for any. */
  readonly trustedKey?: string | undefined;
  /** Certificates of authorities whose timestamps are trusted, PEM; one of them has to vouch for it then. */
  readonly authorities?: readonly string[];
  /** The review before this one, as its own file. */
  readonly previous?: Uint8Array;
}

/** What is taken from the file as it is, because only the store could show it. */
export const TAKEN_AS_GIVEN = [
  'whose an asset is, and which team is of which division',
  'what each week did, which forecasts are made from',
  'how whole each container was listed',
  'the minutes: who was there, what was decided, and the actions',
] as const;

const damaged = (fault: string): VerifiedReview => ({
  verdict: 'damaged',
  faults: [fault],
  differing: [],
  figures: 0,
  standards: 0,
  assets: 0,
  digest: null,
  key: null,
  signature: 'none',
  timestamp: null,
});

/** Never throws: what cannot be read is damaged. */
export function verifyReview(bytes: Uint8Array, options: VerifyOptions = {}): VerifiedReview {
  try {
    const { sealed, token } = stampOf(bytes);
    const seal = checkedSeal(sealed);
    const review = readReview(textOf(sealed));
    const timestamp = token && verifiedTimestamp(token, sealed, options.authorities ?? []);
    const key = seal.key === null ? null : keyName(seal.key);
    const signature = key === null ? 'none' : key === options.trustedKey ? 'trusted' : 'not-vouched-for';
    const derived = derivedFigures(review);
    const differing = differences(review.figures, derived);
    const faults = [
      ...accountFaults(review),
      ...listFaults(review),
      ...(options.previous === undefined ? [] : previousFaults(review, options.previous)),
      ...(options.authorities !== undefined && !timestamp?.trusted
        ? [
            timestamp === null
              ? 'it has no timestamp'
              : `its timestamp is of ${timestamp.authority}, which none of the trusted authorities vouches for`,
          ]
        : []),
      ...(options.trustedKey !== undefined && signature !== 'trusted'
        ? [
            key === null
              ? 'it is not signed'
              : `it is signed with the key ${key}, which is not the trusted one`,
          ]
        : []),
    ];
    return {
      verdict: differing.length === 0 && faults.length === 0 ? 'holds' : 'differs',
      faults,
      differing,
      figures: derived.reduce((sum, one) => sum + fieldsOf(one).size, 0),
      standards: derived.length,
      assets: review.facts.assets.length,
      digest: seal.digest,
      key,
      signature,
      timestamp,
    };
  } catch (error) {
    if (error instanceof TimestampError) return damaged(`its timestamp: ${error.message}`);
    if (error instanceof ReviewDamaged) return damaged(error.message);
    return damaged(`it cannot be derived again: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ReviewDamaged('it is not UTF-8');
  }
}

/** Every field of a figure by its path. */
function fieldsOf(figure: ReviewFigure): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  const walk = (path: string, value: unknown) => {
    if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
      found.set(path, value);
      return;
    }
    for (const [name, inner] of Object.entries(value)) walk(path === '' ? name : `${path}.${name}`, inner);
  };
  walk('', figure);
  return found;
}

/** Fields that are not the same, a standard that stands on one side only among them. */
export function differences(
  written: readonly ReviewFigure[],
  derived: readonly ReviewFigure[],
): readonly DifferingFigure[] {
  const found: DifferingFigure[] = [];
  const rest = new Map(derived.map((one) => [one.standard, one]));
  for (const one of written) {
    const { standard } = one;
    const other = rest.get(standard);
    rest.delete(standard);
    if (other === undefined) {
      found.push({ standard, field: 'standard', written: standard, derived: null });
      continue;
    }
    const [own, theirs] = [fieldsOf(one), fieldsOf(other)];
    for (const field of new Set([...own.keys(), ...theirs.keys()])) {
      const [says, is] = [own.get(field) ?? null, theirs.get(field) ?? null];
      if (canonical(says) !== canonical(is)) found.push({ standard, field, written: says, derived: is });
    }
  }
  for (const standard of rest.keys())
    found.push({ standard, field: 'standard', written: null, derived: standard });
  return found;
}

/** Whether the causes since the previous review explain the change of every figure: the law of accounting. */
function accountFaults({ head, figures, facts }: Review): string[] {
  if (head.previous === null) {
    return facts.cells.length > 0 || facts.before.size > 0
      ? ['it names causes of change and no earlier review']
      : [];
  }
  const cells = Map.groupBy(facts.cells, ({ standard }) => standard);
  return figures.flatMap((figure) => {
    const explained = changeOf(cells.get(figure.standard) ?? []);
    return COUNTS.flatMap((name) => {
      const moved = figure.since?.[name] ?? 0;
      return moved === explained[name]
        ? []
        : [
            `${figure.standard}: \`${name}\` moved by ${moved} since review ${head.previous?.number}, and the causes explain ${explained[name]}`,
          ];
    });
  });
}

const COUNTS = ['pass', 'fail', 'unknown', 'excepted'] as const;

function changeOf(cells: readonly ReviewCell[]): TeamCounts {
  const sum = { pass: 0, fail: 0, unknown: 0, excepted: 0 };
  for (const cell of cells) {
    const each = change([cell]);
    for (const name of COUNTS) sum[name] += each[name] * cell.count;
  }
  return sum;
}

/** Whether every cause's list has exactly the assets that are counted. */
function listFaults({ facts }: Review): string[] {
  const keyOf = ({ standard, cell, step }: Pick<ReviewCell, 'standard' | 'cell' | 'step'>) =>
    JSON.stringify([standard, cell, step]);
  const lists = new Map(facts.cellAssets.map((one) => [keyOf(one), one.assets]));
  return [...Map.groupBy(facts.cells, keyOf)].flatMap(([key, cells]) => {
    const counted = cells.reduce((sum, one) => sum + one.count + 2 * one.takenBack - one.unnamed, 0);
    const listed = lists.get(key)?.length ?? 0;
    const [first] = cells;
    return counted === listed || first === undefined
      ? []
      : [`${first.standard}: \`${first.cell}\` counts ${counted} assets and lists ${listed}`];
  });
}

/** Whether the review before is the one that this one names, with the figures that this one took from it. */
function previousFaults({ head, facts }: Review, bytes: Uint8Array): string[] {
  if (head.previous === null) return ['it names no earlier review, and one was given'];
  const digest = checkedSeal(stampOf(bytes).sealed).digest;
  if (digest !== head.previous.digest)
    return [`the earlier review that it names has the seal ${head.previous.digest}, not ${digest}`];
  const { figures } = readReviewHead(textOf(bytes));
  return figures.flatMap(({ standard, ...earlier }) => {
    const taken = facts.before.get(standard);
    return taken === undefined || COUNTS.every((name) => taken[name] === earlier[name])
      ? []
      : [`${standard}: its figures of the earlier review are not those that stand there`];
  });
}
