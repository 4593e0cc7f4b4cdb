/** Keeping what was measured: what is written, and that the picture stands whatever becomes of the store. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Measured, measure } from '@macadam/adapters/estate/measure';
import { folderRequest } from './folder.ts';
import { keepAndShow, tryOpen } from './keep.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-keep-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function measured(): Promise<Measured> {
  const estate = mkdtempSync(join(folder, 'estate-'));
  const found = await measure({
    ...(await folderRequest({ path: estate, title: 'estate', cache: join(folder, 'cache') })),
    progress: () => {},
  });
  assert.ok('report' in found);
  return found;
}
const title = 'estate';
const at = (text: string) => ({ title, now: () => new Date(text) });

test('looks are kept one after another, also two within a second', async () => {
  const what = await measured();
  const place = join(folder, 'one');
  const first = await keepAndShow(place, what, at('2026-11-01T00:00:00.200Z'));
  assert.equal(first.overview?.from, null);
  await first.close();
  const second = await keepAndShow(place, what, at('2026-11-01T00:00:00.900Z'));
  assert.deepEqual(
    [second.overview?.from?.toISOString(), second.overview?.to.toISOString()],
    ['2026-11-01T00:00:00.000Z', '2026-11-01T00:00:01.000Z'],
  );
  await second.close();
});

test('a clock that went back is said, and what was kept can still be read', async () => {
  const what = await measured();
  const place = join(folder, 'back');
  await (await keepAndShow(place, what, at('2026-11-02T00:00:00Z'))).close();
  const earlier = await keepAndShow(place, what, at('2026-11-01T00:00:00Z'));
  assert.equal(earlier.overview, null);
  assert.match(
    earlier.why,
    /the last look was written for 2026-11-02T00:00:00.000Z, which is still to come; set the clock/,
  );
  assert.equal((await earlier.site?.past.ticks())?.length, 1);
  await earlier.close();
});

test('a store that another has, or that cannot be made, is a reason and no crash', async () => {
  const what = await measured();
  const place = join(folder, 'held');
  const first = await keepAndShow(place, what, at('2026-11-01T00:00:00Z'));
  const second = await keepAndShow(place, what, at('2026-11-01T00:01:00Z'));
  assert.deepEqual([second.site, second.overview], [null, null]);
  assert.match(second.why, /is held by process \d+ on .*; stop that process first, or use another directory/);
  await first.close();
  writeFileSync(join(folder, 'file'), '');
  const unmade = await keepAndShow(join(folder, 'file'), what, at('2026-11-01T00:00:00Z'));
  assert.match(unmade.why, /file cannot be used: E/);
  const unreachable = await tryOpen('http://127.0.0.1:9/', {
    kinds: what.catalogue.kinds,
    now: () => new Date(),
  });
  assert.ok('why' in unreachable);
});

test('a folder of a simulated company takes nothing real, and what it shows says so', async () => {
  const what = await measured();
  const place = join(folder, 'simulated');
  const now = () => new Date('2026-11-01T00:00:00Z');
  const opened = await tryOpen(place, { kinds: what.catalogue.kinds, now });
  assert.ok('stores' in opened);
  const organisation = { divisions: [], functions: [], teams: [] };
  const about = { size: 'small', seed: '1', until: '2026-11-01T12:00:00Z', every: 7, organisation };
  await opened.stores.mark({ ...about, whole: true });
  await opened.stores.close();
  const kept = await keepAndShow(place, what, at('2026-11-02T00:00:00Z'));
  assert.equal(kept.overview, null);
  assert.match(kept.why, /holds a simulated company, and takes nothing real; name another folder/);
  assert.match(kept.site?.simulated ?? '', /is made up \(size small, seed 1\)/);
  await kept.close();
});
