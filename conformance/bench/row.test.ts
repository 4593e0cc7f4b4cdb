import assert from 'node:assert/strict';
import { test } from 'node:test';
import { row } from './row.ts';
import { agreement, leaksPlaces, scorecardPlaces, zizmorPlaces } from './scan/peers.ts';

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

test('a peer names its places as we do: the repository, the path and the line counted from 1', () => {
  const leaks = JSON.stringify([
    { File: '/trees/one/a.ts', StartLine: 7 },
    { File: '/trees/one/key.pem', StartLine: 0 },
  ]);
  assert.deepEqual([...leaksPlaces(leaks, '/trees')], ['one/a.ts:7', 'one/key.pem:1']);
  const where = (kind: string, row: number) => ({
    symbolic: { kind, key: { Local: { verbatim_path: 'trees/one/ci.yml' } } },
    concrete: { location: { start_point: { row, column: 8 } } },
  });
  const audits = JSON.stringify([
    { ident: 'unpinned-uses', locations: [where('Hidden', 3), where('Primary', 4)] },
    { ident: 'artipacked', locations: [where('Primary', 9)] },
  ]);
  assert.deepEqual([...zizmorPlaces(audits, '/', '/trees')], ['one/ci.yml:5']);
  const details = [
    'Warn: third-party GitHubAction not pinned by hash: ci.yml:5',
    'Warn: goCommand not pinned by hash: ci.yml:9',
    'Info:   4 out of   5 GitHubAction dependencies pinned',
  ];
  const checks = [
    { name: 'Pinned-Dependencies', details },
    { name: 'Token-Permissions', details: null },
  ];
  assert.deepEqual(scorecardPlaces(JSON.stringify({ checks })), ['ci.yml:5']);
});

test('what one alone found is counted apart from what both found', () => {
  assert.equal(
    agreement(new Set(['a:1', 'b:1', 'c:1']), new Set(['a:1', 'd:1']), 'gitleaks'),
    '1 places found by both, 2 by us alone, 1 by gitleaks alone',
  );
});
