import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CampaignCount, type CampaignStandard, campaignProgress, campaignSchema } from './campaign.ts';
import { exploitationOf, readKnownExploited } from './known-exploited.ts';

const AT = new Date('2027-01-15T00:00:00Z');
const count = (
  standard: string,
  team: string,
  figures: readonly [number, number, number, number],
): CampaignCount => {
  const [pass, fail, unknown, excepted] = figures;
  return {
    standard,
    team,
    owners: team === 'nobody' ? null : [team, 'cloud'],
    pass,
    fail,
    unknown,
    excepted,
  };
};
const COUNTS = [
  count('locked', 'shop', [90, 10, 0, 4]),
  count('locked', 'till', [50, 0, 0, 0]),
  count('locked', 'nobody', [0, 3, 4, 0]),
  count('logged', 'shop', [1, 1, 8, 0]),
  count('other', 'shop', [0, 99, 0, 0]),
];
const STANDARDS: readonly CampaignStandard[] = [
  {
    standard: 'locked',
    label: 'Locked',
    severity: 'medium',
    ownerMinutes: 10,
    observedEffort: null,
    exploitation: null,
    exposed: null,
    forecast: { kind: 'never' },
    containers: null,
  },
  {
    standard: 'logged',
    label: 'Logged',
    severity: 'critical',
    ownerMinutes: 80,
    observedEffort: null,
    exploitation: null,
    exposed: null,
    forecast: null,
    containers: { whole: 1, total: 2 },
  },
];
const campaign = (more: object = {}) =>
  campaignSchema.parse({
    title: 'Lock and log',
    standards: ['locked', 'logged'],
    target: { share: 0.9, by: '2027-06-30' },
    ...more,
  });
const progress = (more: object = {}) =>
  campaignProgress(campaign(more), { at: AT, counts: COUNTS, standards: STANDARDS });

test('each standard has its own interval in the scope, and what nobody owns is said', () => {
  const whole = progress();
  assert.deepEqual(
    whole.standards.map(({ pass, fail, unknown, status, cause }) => [pass, fail, unknown, status, cause]),
    [
      [140, 13, 4, 'off-track', 'never'],
      [1, 1, 8, 'cannot-tell', 'not-listed-whole'],
    ],
  );
  assert.equal(whole.unowned, 0);
  const some = progress({ owners: ['cloud'] });
  assert.deepEqual([some.standards[0]?.pass, some.standards[0]?.fail, some.unowned], [140, 10, 7]);
  // The pace of a part is not that of the whole.
  assert.deepEqual(some.standards[0]?.status, 'met');
  assert.deepEqual(progress({ owners: ['none'] }).standards[0]?.cause, 'nothing-in-scope');
});

test('a wave has its own day, and what no wave selects is in none', () => {
  const { waves } = progress({
    waves: [
      { name: 'one', owners: ['shop'], by: '2027-01-10' },
      { name: 'two', owners: ['cloud'], by: '2027-06-01' },
    ],
  });
  const [one, two] = waves;
  assert.deepEqual(
    one?.standards.map(({ pass, status, cause }) => [pass, status, cause]),
    [
      [90, 'met', null],
      [1, 'cannot-tell', 'not-listed-whole'],
    ],
  );
  assert.deepEqual(two?.standards[0]?.pass, 50);
  const late = campaignSchema.safeParse({
    ...campaign(),
    waves: [{ name: 'one', owners: ['shop'], by: '2027-07-01' }],
  });
  assert.match(String(late.error), /wave `one` ends on 2027-07-01, after the campaign \(2027-06-30\)/);
});

test('first comes what takes most risk away by a minute, and every term is the company’s to weigh', () => {
  const order = (more: object) => progress(more).sequence.map(({ standard, team }) => `${standard} ${team}`);
  assert.deepEqual(order({}), ['locked shop', 'locked nobody', 'logged shop']);
  const weights = { critical: 100, high: 4, medium: 2, low: 1 };
  assert.deepEqual(order({ weights })[0], 'logged shop');
  assert.equal(
    progress().sequence[0]?.why,
    'medium (2) × exposure not known of this kind (1) × 6 failing (1.78) × no catalogue of exploited vulnerabilities (1) / 10 minutes a fix, as stated',
  );
});

test('what is exposed, exploited or quickly fixed comes earlier, and each term is said with its number', () => {
  const [locked, logged] = STANDARDS;
  assert.ok(locked && logged);
  const known = readKnownExploited(CATALOGUE, MAPPING);
  assert.ok('vulnerabilities' in known);
  const exploitation = exploitationOf(known, new Set(['CWE-78', 'T1190']));
  assert.deepEqual(exploitation, { known: 2, of: 3, by: ['CWE-78', 'T1190'] });
  const standards = [
    locked,
    {
      ...logged,
      exploitation,
      observedEffort: 0.01,
      exposed: new Map([['shop', { exposed: 1, unknown: 0 }]]),
    },
  ];
  const of = (more: object) =>
    campaignProgress(campaign(more), { at: AT, counts: COUNTS, standards }).sequence;
  const [first] = of({});
  assert.deepEqual([first?.standard, first?.terms.effort.minutes], ['logged', 20]);
  assert.equal(
    first?.why,
    'critical (8) × 1 of 1 exposed (2) × 1 failing (1) × 2 of 3 exploited vulnerabilities, by CWE-78, T1190 (2) / 20 minutes a fix: 80 stated, fixes took 0.01 times the usual',
  );
  assert.equal(first?.score, (8 * 2 * 1 * 2) / 20);
  const plain = of({ factors: { exposed: 1, exploited: 1, reach: 0 } });
  assert.deepEqual(
    plain.map(({ score }) => score),
    [8 / 20, 2 / 10, 2 / 10],
  );
});

test('a file that is no catalogue of exploited vulnerabilities is a fault in words', () => {
  for (const text of [
    '',
    '[]',
    '{"catalogVersion": "1"}',
    '{"catalogVersion":"1","vulnerabilities":[{"cveID":"x"}]}',
  ])
    assert.match(JSON.stringify(readKnownExploited(text, null)), /fault.*is no catalogue/);
  assert.match(JSON.stringify(readKnownExploited(CATALOGUE, '{}')), /fault.*mapping to techniques/);
});

const CATALOGUE = JSON.stringify({
  catalogVersion: '2027.01.01',
  vulnerabilities: [
    { cveID: 'CVE-2026-0001', cwes: ['CWE-78'] },
    { cveID: 'CVE-2026-0002', cwes: ['CWE-79'] },
    { cveID: 'CVE-2026-0003' },
  ],
});
const MAPPING = JSON.stringify({
  mapping_objects: [
    { attack_object_id: 'T1190', capability_id: 'CVE-2026-0003' },
    { attack_object_id: null, capability_id: 'CVE-2026-0002' },
  ],
});
