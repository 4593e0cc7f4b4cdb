/**
 * A frozen review cannot be changed unnoticed: neither a bit of its file, nor a figure that is sealed anew, nor a fact beneath
 * it that a figure follows from; and it says what pages say, with causes that add up.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync, hash } from 'node:crypto';
import { after, test } from 'node:test';
import { requirementStatus } from '@macadam/core/figures/framework-status';
import type { Review } from '@macadam/core/figures/review';
import { readReview, reviewText } from '@macadam/core/figures/review-file';
import { verifyReview } from '@macadam/core/figures/review-verify';
import { seeded } from '@macadam/core/figures/seeded';
import { FULL_MINUTES } from '@macadam/testing/server/leaks';
import { kept } from '@macadam/testing/server/sample';
import { type Frozen, freezeReview, type PreviousReview } from './freeze.ts';
import { progressAt } from './status.ts';

const sheds = await kept({ commitments: { 'sheds-locked': { share: 0.9, by: '2027-03-31' } } });
after(() => sheds.remove());
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const trustedKey = hash('sha256', publicKey.export({ type: 'spki', format: 'der' }));

async function frozen(previous: PreviousReview | null, frozenAt: string, page?: number): Promise<Frozen> {
  const made = await freezeReview({
    source: sheds.source,
    head: { number: previous ? 2 : 1, title: 'Weekly review', frozenAt, frozenBy: 'ann', simulated: false },
    minutes: FULL_MINUTES,
    previous,
    exceptions: [],
    divisions: new Map([['team-00', 'north']]),
    key: privateKey,
    ...(page !== undefined && { page }),
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
const paged = await frozen(asPrevious(first), '2026-11-04T13:00:00Z', 100);

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

test('a review of more assets than are asked for at once is the same', () => {
  assert.equal(paged.text, second.text);
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
    // The suite of reviews changes hundreds more.
    ...Array.from({ length: 100 }, () => Math.floor(random() * bytes.length * 8)),
    // The last line is short, and the only one that no digest covers.
    ...Array.from(
      { length: 100 },
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
