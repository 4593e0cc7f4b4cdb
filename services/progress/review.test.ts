/**
 * A frozen review cannot be changed unnoticed: neither a bit of its file, nor a figure that is sealed anew, nor a fact beneath
 * it that a figure follows from; and it says what pages say, with causes that add up.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync, hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pastOf } from '@macadam/adapters/facts/history/retrospect';
import { openStores } from '@macadam/adapters/facts/open';
import type { Asset } from '@macadam/core/facts/asset';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import type { State } from '@macadam/core/figures/accounting';
import { requirementStatus } from '@macadam/core/figures/framework-status';
import { cohortChange, cohortTally, NO_AMOUNTS } from '@macadam/core/figures/measure';
import { picture } from '@macadam/core/figures/picture';
import type { Review, ReviewMinutes } from '@macadam/core/figures/review';
import { readReview, reviewText } from '@macadam/core/figures/review-file';
import { verifyReview } from '@macadam/core/figures/review-verify';
import { seeded } from '@macadam/core/figures/seeded';
import { kept } from '@macadam/testing/server/sample';
import { loadCatalogue } from '../catalogue/load.ts';
import { cohortMoves, cohortPairs } from './cohort.ts';
import { type Frozen, freezeReview, type PreviousReview } from './freeze.ts';
import { progressAt } from './status.ts';

const sheds = await kept({ commitments: { 'sheds-locked': { share: 0.9, by: '2027-03-31' } } });
let removed = false;
/** A process has one store at a time. */
async function removeSheds(): Promise<void> {
  if (removed) return;
  removed = true;
  await sheds.remove();
}
after(removeSheds);
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const trustedKey = hash('sha256', publicKey.export({ type: 'spki', format: 'der' }));

const MINUTES: ReviewMinutes = {
  attendance: [{ person: 'ann', present: true }],
  decisions: [{ question: 'Are two locks enough?', decided: 'They are.', by: 'ann' }],
  actions: [{ id: '1.1', what: 'Buy locks', owner: 'bob', due: '2026-12-01', state: 'open' }],
  exceptions: { asked: [], approved: [] },
};

async function frozen(previous: PreviousReview | null, frozenAt: string): Promise<Frozen> {
  const made = await freezeReview({
    source: sheds.source,
    head: { number: previous ? 2 : 1, title: 'Weekly review', frozenAt, frozenBy: 'ann', simulated: false },
    minutes: MINUTES,
    previous,
    exceptions: [],
    divisions: new Map([['team-00', 'north']]),
    key: privateKey,
  });
  assert.ok('text' in made, 'why' in made ? made.why : '');
  return made;
}

const asPrevious = ({ review, digest }: Frozen): PreviousReview => ({
  number: 1,
  digest,
  at: review.head.at,
  known: review.head.known,
  figures: review.figures,
});

const first = await frozen(null, '2026-11-03T13:00:00Z');
// Every eighth open shed is locked, five are gone, and one that was locked stands open.
await sheds.look(new Date('2026-11-04T12:00:00Z'), (shed, index) => {
  if (index >= 225) return null;
  const { locked } = shed.attributes;
  if (index % 8 !== 2 || !locked || !('value' in locked)) return shed;
  return { ...shed, attributes: { ...shed.attributes, locked: { value: index !== 90 } } };
});
const second = await frozen(asPrevious(first), '2026-11-04T13:00:00Z');

test('a frozen review holds by its file alone, and says what the pages say', async () => {
  for (const one of [first, second]) {
    const verified = verifyReview(Buffer.from(one.text), { trustedKey });
    assert.deepEqual(
      { verdict: verified.verdict, faults: verified.faults, signature: verified.signature },
      { verdict: 'holds', faults: [], signature: 'trusted' },
    );
    assert.ok(verified.figures > 150, `${verified.figures}`);
  }
  const between = await sheds.site.past.between({});
  assert.ok(between && !('fault' in between));
  const shown = await progressAt(
    sheds.site.past,
    between,
    sheds.site.standards.values(),
    sheds.site.commitments ?? {},
  );
  const [figure] = second.review.figures;
  const page = shown.get('sheds-locked');
  assert.ok(figure && page);
  assert.deepEqual(
    [figure.pass, figure.fail, figure.unknown, figure.atLeast, figure.status, figure.statusCause],
    [
      page.figures.pass,
      page.figures.fail,
      page.figures.unknown,
      page.shares.atLeast,
      page.status,
      page.cause,
    ],
  );
  const teams = Object.values(figure.teams);
  assert.equal(
    teams.reduce((sum, { fail }) => sum + fail, 0),
    figure.fail,
  );
});

test('causes explain the change since the last review, and each list has exactly the counted members', () => {
  const [before, now] = [first.review.figures[0], second.review.figures[0]];
  assert.ok(before && now?.since);
  assert.deepEqual(now.since, {
    pass: now.pass - before.pass,
    fail: now.fail - before.fail,
    unknown: now.unknown - before.unknown,
    excepted: 0,
  });
  const { cells, cellAssets } = second.review.facts;
  const counted = cells.filter(({ cell }) => cell === 'fixed').reduce((sum, { count }) => sum + count, 0);
  assert.ok(counted > 5, `${counted}`);
  assert.equal(cellAssets.find(({ cell }) => cell === 'fixed')?.assets.length, counted);
  const verified = verifyReview(Buffer.from(second.text), { previous: Buffer.from(first.text) });
  assert.equal(verified.verdict, 'holds', verified.faults.join('; '));
});

/** The same review with something in it changed, sealed anew by whoever has no key, or another one. */
function resealed(change: (review: Review) => Review, key = false): ReturnType<typeof verifyReview> {
  const own = key ? generateKeyPairSync('ed25519').privateKey : null;
  return verifyReview(Buffer.from(reviewText(change(readReview(second.text)), own)));
}

test('any single bit of the file that is another one is noticed', () => {
  const bytes = Buffer.from(second.text);
  const random = seeded(20261128);
  const seal = bytes.lastIndexOf(10, bytes.length - 2) + 1;
  const places = [
    ...Array.from({ length: 300 }, () => Math.floor(random() * bytes.length * 8)),
    // The last line is short, and the only one that no digest covers.
    ...Array.from(
      { length: 200 },
      () => (seal + Math.floor(random() * (bytes.length - seal))) * 8 + Math.floor(random() * 8),
    ),
  ];
  for (const bit of places) {
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const { verdict } = verifyReview(bytes, { trustedKey });
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(verdict, 'damaged', `bit ${bit & 7} of byte ${bit >> 3}`);
  }
  assert.equal(verifyReview(bytes.subarray(0, -1)).verdict, 'damaged');
  assert.equal(verifyReview(Buffer.concat([bytes, Buffer.from('\n')])).verdict, 'damaged');
  assert.equal(verifyReview(Buffer.alloc(0)).verdict, 'damaged');
});

test('every figure that is changed and sealed anew is named', () => {
  const [figure] = second.review.figures;
  assert.ok(figure);
  const changes: Readonly<Record<string, unknown>> = {
    label: 'Another label',
    accountable: 'nobody',
    target: { share: 0.1, by: '2027-03-31' },
    status: 'met',
    statusCause: 'late',
    definition: 'f'.repeat(64),
    pass: figure.pass + 1,
    fail: 0,
    unknown: figure.unknown + 1,
    excepted: 1,
    unnamed: 1,
    containers: { whole: 1, total: 2 },
    atLeast: 1,
    atMost: (figure.atMost ?? 0) + 1e-16,
    measured: 0.5,
    adjustedAtLeast: 1,
    forecast: null,
    since: null,
    teams: { ...figure.teams, 'team-00': { pass: 9, fail: 0, unknown: 0, excepted: 0 } },
  };
  for (const [field, value] of Object.entries(changes)) {
    if (JSON.stringify(value) === JSON.stringify(figure[field as keyof typeof figure])) continue;
    const { verdict, differing } = resealed((review) => ({
      ...review,
      figures: review.figures.map((one) => ({ ...one, [field]: value })),
    }));
    assert.equal(verdict, 'differs', field);
    assert.ok(
      differing.some((one) => one.standard === 'sheds-locked' && one.field.startsWith(field)),
      `${field}: ${JSON.stringify(differing)}`,
    );
  }
});

test('a fact that is changed and sealed anew is noticed by the figures that follow from it', () => {
  const facts = (change: (facts: Review['facts']) => Partial<Review['facts']>) =>
    resealed((review) => ({ ...review, facts: { ...review.facts, ...change(review.facts) } }));
  const unlocked = facts(({ assets }) => ({
    assets: assets.map((asset, index) => {
      const held = asset.attributes.get('locked');
      if (index !== 3 || !held) return asset;
      const locked = { ...held, statement: { value: !('value' in held.statement && held.statement.value) } };
      return { ...asset, attributes: new Map([...asset.attributes, ['locked', locked]]) };
    }),
  }));
  assert.deepEqual(
    unlocked.differing.flatMap(({ field }) => (field === 'pass' || field === 'fail' ? [field] : [])).sort(),
    ['fail', 'pass'],
  );
  assert.equal(facts(({ assets }) => ({ assets: assets.slice(1) })).verdict, 'differs');
  assert.equal(facts(({ teams }) => ({ teams: new Map([...teams].slice(1)) })).verdict, 'differs');
  assert.equal(facts(() => ({ before: new Map() })).verdict, 'differs');
  assert.match(facts(({ cells }) => ({ cells: cells.slice(1) })).faults.join(), /the causes explain/);
  assert.match(
    facts(({ cellAssets }) => ({
      cellAssets: cellAssets.map((one) => ({ ...one, assets: [] })),
    })).faults.join(),
    /`fixed` counts \d+ assets and lists 0/,
  );
  const relaxed = facts(({ standards }) => ({
    standards: standards.map(({ standard, params }) => ({
      standard: { ...standard, check: 'true' },
      params,
    })),
  }));
  assert.ok(relaxed.differing.some(({ field }) => field === 'definition'));
});

test('a requirement stands as the worst of its standards, and what nothing maps to is a gap', () => {
  assert.equal(requirementStatus([]), 'nothing-maps');
  assert.equal(requirementStatus(['met', 'met']), 'met');
  assert.equal(requirementStatus(['met', 'on-track']), 'on-track');
  assert.equal(requirementStatus(['met', 'no-target']), 'no-target');
  assert.equal(requirementStatus(['met', null]), 'cannot-tell');
  assert.equal(requirementStatus(['cannot-tell', 'off-track', 'met']), 'off-track');
});

test('a seal by another key, or by none, is no seal by the trusted one', () => {
  const same = (review: Review) => review;
  const bytes = (key: Parameters<typeof reviewText>[1]) =>
    Buffer.from(reviewText(readReview(second.text), key));
  assert.equal(resealed(same).signature, 'none');
  assert.equal(resealed(same, true).signature, 'not-vouched-for');
  const other = verifyReview(bytes(generateKeyPairSync('ed25519').privateKey), { trustedKey });
  assert.equal(other.verdict, 'differs');
  assert.match(other.faults.join(), /which is not the trusted one/);
  assert.match(verifyReview(bytes(null), { trustedKey }).faults.join(), /it is not signed/);
  const wrong = verifyReview(Buffer.from(second.text), { previous: Buffer.from(second.text) });
  assert.match(wrong.faults.join(), /the earlier review that it names has the seal/);
});

const CASE_KIND = `kind: leak
description: A leak of a pipe, for tests of measures.
key: [name]
fresh_for: 30d
attributes:
  name: { type: string, immutable: true, description: What it is called. }
  tight: { type: bool, description: Whether it is tight. }
  litres: { type: int, description: What runs out of it in a day. }
  found_at: { type: timestamp, description: When it was found. }
  mended_at: { type: timestamp, optional: true, description: When it was mended. }
  owners: { type: list, of: string, description: Who answers for it. }
`;
const caseStandard = (id: string, where: string, check: string, measure: string) => `id: ${id}
pillar: engineering
title: Leaks and the standard ${id}
statement: Every leak of the estate keeps to ${id}.
why: What runs out of a pipe is soon somewhere else.
origin: { report: none, lesson: Water finds its way. }
scope: { kind: leak, where: '${where}' }
check: '${check}'
params: { within: 48h }
reasons: [{ id: no, say: it does not }]
severity: high
measure: ${measure}
rollout: { state: warn, on_unknown: warn }
toil: { owner_minutes: 1 }
target: { share: 0.9, by: 2027-03-31 }
`;
const STANDARDS = {
  'water-kept': caseStandard(
    'water-kept',
    'true',
    'asset.tight',
    '{ kind: weighted, by: asset.litres, unit: litres a day }',
  ),
  'leaks-gone': caseStandard(
    'leaks-gone',
    'true',
    'asset.tight',
    '{ kind: elimination, since: 2026-11-01, unit: leaks }',
  ),
  'mended-in-time': caseStandard(
    'mended-in-time',
    'has(asset.mended_at) || now - asset.found_at > params.within',
    'has(asset.mended_at) && asset.mended_at - asset.found_at <= params.within',
    '{ kind: duration, took: "(has(asset.mended_at) ? asset.mended_at : now) - asset.found_at", pending: "!has(asset.mended_at) && now - asset.found_at <= params.within", unit: leaks }',
  ),
};

test('all four measures: the store counts as the functions do at every tick, and a review derives them again', async () => {
  await removeSheds();
  const folder = mkdtempSync(join(tmpdir(), 'macadam-measures-'));
  mkdirSync(join(folder, 'kinds'));
  writeFileSync(join(folder, 'kinds/leak.yaml'), CASE_KIND);
  for (const [id, text] of Object.entries(STANDARDS)) {
    mkdirSync(join(folder, 'standards/engineering', id), { recursive: true });
    writeFileSync(join(folder, 'standards/engineering', id, 'standard.yaml'), text);
    writeFileSync(join(folder, 'standards/engineering', id, 'README.md'), '# Leaks\n');
  }
  const { kinds, standards, mistakes, digest } = loadCatalogue([folder]);
  assert.deepEqual(mistakes, []);
  const days = [1, 2, 3, 5].map((day) => new Date(`2026-11-0${day}T12:00:00Z`));
  const stores = await openStores(join(folder, 'data'), { kinds, now: () => days.at(-1) ?? new Date(0) });
  const past = pastOf(stores.history);
  const random = seeded(7);
  let cohortBefore = NO_AMOUNTS;
  const began = new Map<string, State>();
  const lastOf = new Map<string, State>();
  const gone = new Set<string>();
  for (const [day, at] of days.entries()) {
    const time = at.toISOString();
    const observations = Array.from({ length: 60 }, (_, index) => `leak-${index}`)
      .filter((name) => !gone.has(name) && (day === 0 || random() > 0.1))
      .map((name): Observation => {
        const draw = random();
        const litres =
          random() < 0.1
            ? { unobserved: 'failed' as const, why: 'no meter' }
            : { value: Math.floor(random() * 500) };
        const tight =
          draw < 0.15 ? { unobserved: 'forbidden' as const, why: 'no key' } : { value: draw < 0.5 };
        const mended =
          random() < 0.4
            ? { value: new Date(at.getTime() - Math.floor(random() * 90) * 3_600_000).toISOString() }
            : { absent: true as const };
        const found = new Date(
          at.getTime() - (90 + Math.floor(random() * 30) * (random() < 0.5 ? 0 : 1)) * 3_600_000,
        );
        return {
          kind: 'leak',
          id: `leak/${name}`,
          name,
          source: 'round',
          observedAt: time,
          receivedAt: time,
          assurance: 'effective',
          container: 'estate',
          attributes: {
            name: { value: name },
            tight,
            litres,
            found_at: { value: (random() < 0.3 ? new Date(at.getTime() - 3_600_000) : found).toISOString() },
            mended_at: mended,
            owners: { value: ['plumbers'] },
          },
        };
      });
    const here = new Set(observations.map(({ name }) => name));
    const seen = observations.length;
    const partition = { kind: 'leak', container: 'estate', containerName: 'estate', complete: true, seen };
    const collection: Collection = {
      source: 'round',
      startedAt: time,
      finishedAt: time,
      status: 'complete',
      partitions: [{ ...partition, witness: { id: 'list', count: seen } }],
      problems: [],
    };
    await stores.facts.append(collection, observations, at);
    const compiled = standards.map((one) => one.compiled);
    await stores.history.tick({ facts: stores.facts, kinds, standards: compiled, exceptions: [], at });
    const assets: Asset[] = [];
    for await (const asset of stores.facts.assets('leak')) assets.push(asset);
    const { scan, verdicts } = picture({
      engine: 'test',
      catalogue: 'test',
      standards: compiled,
      assets,
      collections: [],
      exceptions: [],
      clock: { asOf: at, real: at },
    });
    const between = await past.between({});
    assert.ok(between && !('fault' in between));
    const progress = await progressAt(past, between, standards, {});
    for (const id of ['water-kept', 'mended-in-time']) {
      const functions = scan.standards.find((one) => one.id === id)?.measure;
      assert.deepEqual(progress.get(id)?.measure, functions, `${id} on day ${day}`);
    }
    const letters = { pass: 'P', fail: 'F', unknown: 'U', 'not-applicable': 'O' } as const;
    const stands = new Map(
      verdicts
        .filter(({ standard }) => standard === 'leaks-gone')
        .map(({ asset, verdict }) => [asset.name, letters[verdict]] as const),
    );
    if (day === 0) for (const [name, state] of stands) began.set(name, state);
    for (const name of began.keys()) if (!here.has(name)) gone.add(name);
    const members = [...began].map(([name, first]) => ({
      began: first,
      stands: stands.get(name) ?? ('O' as const),
      gone: gone.has(name),
      last: stands.get(name) ?? lastOf.get(name) ?? first,
    }));
    for (const [name, state] of stands) lastOf.set(name, state);
    assert.deepEqual(
      progress.get('leaks-gone')?.measure?.tally,
      cohortTally(members),
      `cohort on day ${day}`,
    );
    const leaks = standards.find(({ id }) => id === 'leaks-gone');
    assert.ok(leaks);
    // Each change is an asset in a list, and the lists add up to what the amounts moved by.
    const moves = await cohortMoves(past, between, leaks.compiled);
    const pairs = cohortPairs(moves);
    assert.equal(
      pairs.reduce((sum, { count }) => sum + count, 0),
      moves.length,
    );
    const tally = cohortTally(members);
    const change = cohortChange(moves);
    for (const name of ['pass', 'fail', 'unknown'] as const)
      assert.equal(change[name], tally[name] - cohortBefore[name], `${name} on day ${day}`);
    cohortBefore = tally;
  }
  assert.ok(gone.size > 3);
  const source = {
    stores,
    past,
    kinds,
    standards,
    commitments: {},
    engine: 'macadam test',
    catalogue: digest,
    shared: '',
  };
  const made = await freezeReview({
    source,
    head: { number: 1, title: 'Leaks', frozenAt: '2026-11-05T13:00:00Z', frozenBy: 'ann', simulated: false },
    minutes: MINUTES,
    previous: null,
    exceptions: [],
    divisions: new Map(),
    key: null,
  });
  assert.ok('text' in made, 'why' in made ? made.why : '');
  const eliminated = made.review.figures.find(({ standard }) => standard === 'leaks-gone')?.measure;
  assert.ok(eliminated && eliminated.tally.pass > 5 && eliminated.tally.fail > 5, JSON.stringify(eliminated));
  const lying = verifyReview(
    Buffer.from(
      reviewText(
        { ...made.review, facts: { ...made.review.facts, cohorts: made.review.facts.cohorts.slice(1) } },
        null,
      ),
    ),
  );
  assert.ok(
    lying.differing.some(({ field }) => field.startsWith('measure.')),
    JSON.stringify(lying.differing),
  );
  await stores.close();
  rmSync(folder, { recursive: true, force: true });
});
