import assert from 'node:assert/strict';
import test from 'node:test';
import { driftOf } from './exception-preview.ts';

const grant = {
  exception: {
    id: 'e1',
    standard: 'locked',
    division: '',
    selectors: ['*'],
    reason: 'It is being replaced.',
    compensating: null,
    until: '2027-01-31',
    renews: null,
    requestedAt: '2026-11-01T00:00:00Z',
    requestedBy: 'ann',
    approvedAt: '2026-11-02T00:00:00Z',
    approvedBy: 'dora',
    proof: null,
    refusedAt: null,
    refusedBy: null,
    endedAt: null,
    endedBy: null,
    endReason: null,
  },
  assets: ['as-it-was', 'otherwise', 'passes', 'not-there'].map((asset) => ({ asset, accepted: 'open' })),
};

test('an exception has drifted where an asset fails otherwise or passes, and not where nobody can see it', async () => {
  const drift = await driftOf(
    grant,
    async () =>
      new Map([
        ['as-it-was', 'open'],
        ['otherwise', 'gone'],
        ['passes', null],
      ]),
  );
  assert.deepEqual(drift, { changed: ['otherwise'], settled: ['passes'] });
});

test('what was accepted whatever its value is, changes in no way', async () => {
  const any = { ...grant, assets: [{ asset: 'otherwise', accepted: null }] };
  const drift = await driftOf(any, async () => new Map([['otherwise', 'gone']]));
  assert.deepEqual(drift, { changed: [], settled: [] });
});
