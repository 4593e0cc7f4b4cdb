/**
 * Freezes a review: the figures that pages show at the newest tick, with everything that they rest on, in one sealed file. It
 * is verified before it is given out, so that no review is frozen whose own facts say otherwise.
 */
import type { KeyObject } from 'node:crypto';
import type { CellCount } from '@macadam/adapters/facts/history/read';
import type { Moment } from '@macadam/adapters/facts/history/record';
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import type { Stores } from '@macadam/adapters/facts/open';
import type { Unnamed } from '@macadam/core/facts/population';
import {
  type Review,
  type ReviewCell,
  type ReviewCellAssets,
  type ReviewFacts,
  type ReviewFigure,
  type ReviewHead,
  type ReviewMinutes,
  type ReviewPayload,
  type ReviewReference,
  reviewFigure,
  type TeamCounts,
  type UnnamedCount,
} from '@macadam/core/figures/review';
import { reviewText } from '@macadam/core/figures/review-file';
import { type DifferingFigure, verifyReview } from '@macadam/core/figures/review-verify';
import type { OwnCommitments } from '@macadam/core/figures/target';
import type { Kind } from '@macadam/core/kinds/kind';
import { definitionDigest } from '@macadam/core/verdicts/definition';
import type { Exception } from '@macadam/core/verdicts/exception';
import type { CatalogueStandard } from '../catalogue/load.ts';
import { type StoredFacts, storedFacts } from '../measure/stored.ts';
import { weeksBefore } from './forecast.ts';
import { progressAt } from './status.ts';

/** The store, and the words that it is judged by. */
export interface ReviewSource {
  readonly stores: Pick<Stores, 'facts' | 'history' | 'driver'>;
  readonly past: Retrospect;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CatalogueStandard[];
  readonly commitments: OwnCommitments;
  readonly engine: string;
  /** Digest over the words of the catalogue, and of what is part of every definition. */
  readonly catalogue: string;
  readonly shared: string;
}

export interface PreviousReview extends ReviewReference {
  readonly known: number;
  readonly figures: readonly ReviewFigure[];
}

export interface FreezeRequest {
  readonly source: ReviewSource;
  readonly head: Pick<ReviewHead, 'number' | 'title' | 'frozenAt' | 'frozenBy' | 'simulated'>;
  readonly minutes: ReviewMinutes;
  readonly previous: PreviousReview | null;
  /** Every one that may be in force at the newest tick. */
  readonly exceptions: readonly Exception[];
  /** Team → its division. */
  readonly divisions: ReadonlyMap<string, string>;
  /** Ed25519; null: it is sealed and not signed. */
  readonly key: KeyObject | null;
  /** Assets asked for at once. */
  readonly page?: number;
}

/** Why nothing can be frozen now, and what to do. */
export interface NotFrozen {
  readonly cause: 'nothing-measured' | 'too-large' | 'not-settled' | 'differs' | 'no-timestamp';
  readonly why: string;
  readonly fix: string;
  /** Of `differs`: the first figures. */
  readonly differing: readonly DifferingFigure[];
}

export interface Frozen {
  readonly text: string;
  readonly digest: string;
  /** SHA-256 of the public key that signed it; null where none did. */
  readonly key: string | null;
  readonly review: Review;
}

export const notFrozen = (cause: NotFrozen['cause'], why: string, fix: string): NotFrozen => ({
  cause,
  why,
  fix,
  differing: [],
});

/** Rejects as the stores do. */
export async function freezeReview(request: FreezeRequest): Promise<Frozen | NotFrozen> {
  const { source, key } = request;
  return source.stores.facts.steady(async (settled) => {
    const between = await source.past.between({});
    if (between === null || 'fault' in between)
      return notFrozen('nothing-measured', 'nothing was measured yet', 'wait for the first measurement');
    const moment = between.to;
    if (settled !== moment.known)
      return notFrozen(
        'not-settled',
        'facts came in that were not judged yet',
        'wait for the next measurement, and freeze again',
      );
    const { stores, kinds, standards } = source;
    const stored = await storedFacts({ stores, moment, kinds: [...kinds.values()], standards });
    if (stored === null)
      return notFrozen(
        'too-large',
        'there are more assets than one file of a review holds (100,000)',
        'freeze the reviews of its divisions on servers of their own',
      );
    const review = await gathered(request, stored, { ...between, from: momentOf(request.previous) });
    const text = reviewText(review, key);
    return checked(review, text);
  });
}

const momentOf = (previous: PreviousReview | null): Moment | null =>
  previous && { valid: new Date(previous.at), known: previous.known };

/** A review that its own facts contradict is not given out. */
function checked(review: Review, text: string): Frozen | NotFrozen {
  const verified = verifyReview(Buffer.from(text));
  const { digest, key, verdict, faults, differing } = verified;
  if (verdict === 'holds' && digest !== null) return { text, digest, key, review };
  const first = differing
    .slice(0, 3)
    .map(
      ({ standard, field, written, derived }) =>
        `${standard}: ${field} is ${said(written)}, and its facts say ${said(derived)}`,
    );
  return {
    cause: 'differs',
    why: [...first, ...faults.slice(0, 3)].join('; '),
    fix: 'something was decided or learned since the newest measurement: wait for the next one, and freeze again',
    differing: differing.slice(0, 20),
  };
}

const said = (value: unknown) => JSON.stringify(value) ?? 'nothing';

async function gathered(request: FreezeRequest, stored: StoredFacts, between: Between): Promise<Review> {
  const { source, head, minutes, previous, exceptions, divisions, page = PAGE } = request;
  const { past, standards, commitments, engine, catalogue, shared, kinds } = source;
  const progress = await progressAt(past, { ...between }, standards, commitments);
  const listed = await standing(past, between, standards, page);
  const before = previous && new Map(previous.figures.map((one) => [one.standard, countsOf(one)] as const));
  const figures = standards.flatMap(({ id, definition, compiled }) => {
    const own = progress.get(id);
    if (own === undefined) return [];
    const digest = definitionDigest(compiled, shared);
    const teams = listed.counts.get(id) ?? new Map<string, TeamCounts>();
    return [reviewFigure({ progress: own, definition, digest, teams, before })];
  });
  const weeks = await weeksBefore(past, between.to.valid);
  const ids = new Set(standards.map(({ id }) => id));
  const cells = (await past.cells(between, {})).filter(({ standard = '' }) => ids.has(standard));
  const facts: ReviewFacts = {
    kinds: [...kinds.values()],
    standards: standards.map(({ compiled }) => ({ standard: compiled.definition, params: compiled.params })),
    commitments,
    exceptions: exceptions.filter(({ standard }) => ids.has(standard)),
    collections: stored.collections,
    enumerated: stored.enumerated,
    unnamed: standards.flatMap(({ id }) => unnamedIn(id, stored.unnamed.get(id) ?? [])),
    assets: stored.assets,
    teams: listed.teams,
    divisions: new Map([...divisions].sort(([a], [b]) => (a < b ? -1 : 1))),
    weeks: new Map([...weeks].filter(([standard]) => ids.has(standard))),
    before: before ?? new Map(),
    cohorts: await cohortsOf(past, between, standards),
    cells: cells.map(cellOf),
    cellAssets: await listsOf(past, between, cells),
    payloads: newestPayloads(await source.stores.facts.manifests()),
  };
  const reference = previous && { number: previous.number, digest: previous.digest, at: previous.at };
  return {
    head: {
      format: 'macadam.review/1',
      ...head,
      engine,
      at: between.to.valid.toISOString(),
      known: between.to.known,
      listings: (await source.stores.history.containers(between.to)).size > 0,
      catalogue,
      shared,
      previous: reference,
    },
    minutes,
    figures,
    facts,
  };
}

const countsOf = ({ pass, fail, unknown, excepted }: TeamCounts): TeamCounts => ({
  pass,
  fail,
  unknown,
  excepted,
});

/** More than any list has. */
const EVERY = 1_000_000_000;
const PAGE = 20_000;
const NAMES = { P: 'pass', F: 'fail', X: 'fail', U: 'unknown' } as const;

/** Whose each asset is, and how every team stands, as the history lists them. */
async function standing(
  past: Retrospect,
  between: Between,
  standards: readonly CatalogueStandard[],
  limit: number,
) {
  const teams = new Map<string, string>();
  const counts = new Map(standards.map(({ id }) => [id, new Map<string, TeamCounts>()]));
  const figures = [...(await past.figuresOfAll(between)).values()];
  const listed = figures.reduce((sum, { pass, fail, unknown }) => sum + pass + fail + unknown, 0);
  // Of a small company everything at once: a statement for each standard takes longer than all of their rows.
  const selections = listed < limit ? [{}] : standards.map(({ id }) => ({ standard: id }));
  for (const selection of selections)
    for (let after: string | undefined; ; ) {
      const page = { limit, ...(after !== undefined && { after }) };
      const rows = await past.assets(between, selection, page);
      for (const { asset, team, state, standard } of rows) {
        const own = counts.get(standard);
        if (state === 'O' || own === undefined) continue;
        teams.set(asset, team);
        const held = own.get(team) ?? { pass: 0, fail: 0, unknown: 0, excepted: 0 };
        const name = NAMES[state];
        own.set(team, {
          ...held,
          [name]: held[name] + 1,
          excepted: held.excepted + (state === 'X' ? 1 : 0),
        });
      }
      if (rows.length < limit) break;
      after = rows.at(-1)?.asset;
    }
  return { teams, counts };
}

function unnamedIn(standard: string, all: readonly Unnamed[]): UnnamedCount[] {
  const groups = Map.groupBy(all, ({ kind, cause }) => `${kind}\n${cause}`);
  return [...groups.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [{ standard, kind: first.kind, cause: first.cause, count: rest.length + 1 }],
  );
}

const cellOf = ({
  standard = '',
  cell,
  step,
  state,
  count,
  unnamed = 0,
  takenBack = 0,
}: CellCount): ReviewCell => ({
  standard,
  cell,
  step,
  state,
  count,
  unnamed,
  takenBack,
});

async function cohortsOf(
  past: Retrospect,
  between: Between,
  standards: readonly CatalogueStandard[],
): Promise<ReviewFacts['cohorts']> {
  const found: ReviewFacts['cohorts'][number][] = [];
  for (const { id, definition, compiled } of standards) {
    if (definition.measure.kind !== 'elimination') continue;
    for (const { team: _, ...member } of await past.cohort(between, compiled))
      found.push({ standard: id, ...member });
  }
  return found;
}

/** The assets behind every cause of change. */
async function listsOf(
  past: Retrospect,
  between: Between,
  cells: readonly CellCount[],
): Promise<readonly ReviewCellAssets[]> {
  const keyOf = ({ cell, step }: Pick<CellCount, 'cell' | 'step'>) => `${step} ${cell}`;
  const lists: ReviewCellAssets[] = [];
  for (const [standard, own] of Map.groupBy(cells, (one) => one.standard ?? '')) {
    const { assets } = await past.changed(between, { standard }, () => true, { offset: 0, limit: EVERY });
    const behind = Map.groupBy(assets, keyOf);
    for (const [key, [first]] of Map.groupBy(own, keyOf))
      if (first !== undefined) {
        const { cell, step } = first;
        lists.push({ standard, cell, step, assets: (behind.get(key) ?? []).map(({ asset }) => asset) });
      }
  }
  return lists;
}

function newestPayloads(
  manifests: Awaited<ReturnType<ReviewSource['stores']['facts']['manifests']>>,
): readonly ReviewPayload[] {
  const newest = new Map(
    manifests
      .toSorted((a, b) => a.manifest.sequence - b.manifest.sequence)
      .map((one) => [one.manifest.source, one]),
  );
  return [...newest.values()].map(({ manifest, digest }) => ({
    source: manifest.source,
    sequence: manifest.sequence,
    manifest: digest,
    collection: manifest.digest,
    root: manifest.root,
  }));
}
