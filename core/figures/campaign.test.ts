import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CampaignCount, type CampaignStandard, campaignProgress, campaignSchema } from './campaign.ts';

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
    forecast: { kind: 'never' },
    containers: null,
  },
  {
    standard: 'logged',
    label: 'Logged',
    severity: 'critical',
    ownerMinutes: 80,
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

test('first comes what takes most risk away by a minute, and weights are the company’s to choose', () => {
  const order = (more: object) => progress(more).sequence.map(({ standard, team }) => `${standard} ${team}`);
  assert.deepEqual(order({}), ['locked shop', 'locked nobody', 'logged shop']);
  const weights = { critical: 100, high: 4, medium: 2, low: 1 };
  assert.deepEqual(order({ weights })[0], 'logged shop');
  assert.equal(progress().sequence[0]?.why, 'medium (weight 2) by 10 minutes a fix, 6 failing');
});
