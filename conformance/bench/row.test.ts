import assert from 'node:assert/strict';
import { test } from 'node:test';
import { row } from './row.ts';

const measured = { id: 'a', what: 'b', unit: 'MB/s', ours: 30, peer: 20, peerName: 'peer' };

test('a goal is about our figure or about the ratio', () => {
  assert.deepEqual(row({ ...measured, goal: { of: 'ours', atLeast: 30 } }), {
    ...measured,
    ratio: 1.5,
    goal: '≥ 30 MB/s',
    met: true,
  });
  assert.equal(row({ ...measured, goal: { of: 'ratio', atMost: 1.4 } }).met, false);
  assert.equal(row({ ...measured, goal: { of: 'ratio', atMost: 1.5 } }).goal, '≤ 1.5 times the peer');
});

test('a row whose peer is missing is not met', () => {
  const alone = row({
    ...measured,
    peer: null,
    peerName: 'peer (not here)',
    goal: { of: 'ours', atLeast: 1 },
  });
  assert.deepEqual([alone.ratio, alone.met], [null, false]);
});
