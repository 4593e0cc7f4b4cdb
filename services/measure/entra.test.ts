/** A tenant judged by the catalogue: each permission that is taken away only widens what is known of every standard. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { allPermissions, fakeGraph, sampleTenant } from '@macadam/adapters/sources/entra/fake';
import { source } from '@macadam/adapters/sources/entra/source';
import { measure } from './measure.ts';

const TENANT = '8a1b0000-0000-4000-8000-000000000001';

/** Of each standard, how many pass and fail at least: what is unknown may be either. */
type Figures = ReadonlyMap<string, { readonly atLeast: number; readonly atMost: number; readonly n: number }>;

test('without any one permission no interval of a standard narrows, and every standard is still shown', async (t) => {
  const tenant = sampleTenant(TENANT, 'a-token');
  const fake = await fakeGraph([tenant]);
  const folder = mkdtempSync(join(tmpdir(), 'macadam-entra-'));
  t.after(async () => {
    await fake.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const figures = async (): Promise<Figures> => {
    const measured = await measure({
      estateFolder: folder,
      catalogueRoots: [join(import.meta.dirname, '../..')],
      standards: [],
      pillars: ['identities', 'tenants', 'engineering'],
      cacheDirectory: folder,
      now: () => new Date('2026-11-01T00:00:00Z'),
      asks: [{ source, targets: [TENANT], options: { url: fake.url } }],
      view: 'head',
      engine: 'test',
      title: 'test',
      environment: { ENTRA_TOKEN: 'a-token' },
      progress: () => {},
    });
    assert.ok('report' in measured);
    const { standards } = measured.report.scan;
    return new Map(
      standards.map(({ id, pass, fail, unknown }) => {
        const n = pass + fail + unknown;
        return [id, { atLeast: n === 0 ? 0 : pass / n, atMost: n === 0 ? 1 : (pass + unknown) / n, n }];
      }),
    );
  };
  const whole = await figures();
  assert.ok(
    [...whole.values()].filter(({ n }) => n > 0).length > 5,
    'several standards have something to judge',
  );
  for (const permission of allPermissions()) {
    tenant.permissions.delete(permission);
    const less = await figures();
    tenant.permissions.add(permission);
    for (const [id, before] of whole) {
      const now = less.get(id);
      assert.ok(now, id);
      // What is not listed any more is not known to be there: nothing of it counts as met.
      if (now.n === 0) continue;
      assert.ok(
        now.atLeast <= before.atLeast || now.n < before.n,
        `${id} without ${permission}: at least ${now.atLeast}, was ${before.atLeast}`,
      );
      assert.ok(
        now.atMost >= before.atMost || now.n < before.n,
        `${id} without ${permission}: at most ${now.atMost}, was ${before.atMost}`,
      );
    }
  }
});
