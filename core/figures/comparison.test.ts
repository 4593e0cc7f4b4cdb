/** What changed since an earlier scan. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, earlierSchema } from './comparison.ts';
import type { Finding, Scan } from './scan.ts';

/** A scan of findings written `standard asset verdict`, which judged the standards named. */
function scan(judged: readonly string[], ...findings: readonly string[]): Scan {
  return {
    schema: 'macadam.scan/1',
    engine: 'test',
    catalogue: 'test',
    collectedAt: '2026-11-01T00:00:00.000Z',
    asOf: '2026-11-01T00:00:00.000Z',
    sources: [],
    assets: {},
    standards: judged.map((id) => ({ id }) as Scan['standards'][number]),
    notListed: [],
    findings: findings.map((text) => {
      const [standard = '', name = '', verdict = ''] = text.split(' ');
      return {
        standard,
        verdict,
        asset: { id: name, kind: 'thing', name },
        fingerprint: `${standard}/${name}`,
      } as Finding;
    }),
  };
}

test('each way from one verdict to another has its place', () => {
  const earlier = scan(
    ['s'],
    's still fail',
    's lost fail',
    's mended fail',
    's seen unknown',
    's dark unknown',
  );
  const now = scan(
    ['s'],
    's still fail',
    's lost unknown',
    's seen fail',
    's dark unknown',
    's fresh fail',
    's blind unknown',
  );
  assert.deepEqual(compare(earlier, now), {
    since: '2026-11-01T00:00:00.000Z',
    new: ['s/seen', 's/fresh'],
    fixed: [{ fingerprint: 's/mended', standard: 's', asset: 'mended' }],
    stillFailing: ['s/still'],
    becameUnknown: ['s/lost', 's/blind'],
  });
});

test("what became unknown, and a standard that was left out, are nobody's fixing", () => {
  const earlier = scan(['s', 't'], 's a fail', 't a fail', 's b unknown');
  assert.deepEqual(compare(earlier, scan(['s'], 's a unknown')).fixed, []);
  assert.deepEqual(
    compare(earlier, scan(['s'])).fixed.map(({ fingerprint }) => fingerprint),
    ['s/a'],
  );
});

test('nothing changes between a scan and itself', () => {
  const same = scan(['s'], 's a fail', 's b unknown');
  const { new: fresh, fixed, stillFailing, becameUnknown } = compare(same, same);
  assert.deepEqual([fresh, fixed, stillFailing, becameUnknown], [[], [], ['s/a'], []]);
});

test('an earlier scan comes from a file: what is read of it has its shape', () => {
  const { success } = earlierSchema.safeParse(scan(['s'], 's a fail', 's b unknown'));
  assert.equal(success, true);
  for (const broken of [
    { ...scan([]), collectedAt: 'yesterday' },
    { ...scan([]), standards: [{}] },
    { ...scan([]), findings: [{ fingerprint: 'x', standard: 's', verdict: 'pass', asset: { name: 'a' } }] },
    { ...scan([]), findings: [{ fingerprint: 'x', standard: 's', verdict: 'fail', asset: null }] },
  ])
    assert.equal(earlierSchema.safeParse(broken).success, false);
});
