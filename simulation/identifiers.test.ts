/** What somebody has in hand at night is known in a simulated company, too. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { quoted, tableOf } from '@macadam/adapters/facts/layout';
import { openStores } from '@macadam/adapters/facts/open';
import { identifiersOf, keysOf } from '@macadam/core/org/who';
import { assetsById } from '@macadam/services/ownership/who';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { simulate } from './simulate.ts';
import { SIZES } from './size.ts';

const SORTS: Readonly<Record<string, RegExp>> = {
  build: /^image:sha256:[0-9a-f]{64}$/,
  'cloud-resource': /^address:10\./,
  credential: /^thumbprint:[0-9a-f]{64}$/,
  device: /^host:d\d+\.devices\.example$/,
  'network-device': /^address:172\.16\./,
  service: /^host:s\d+\.services\.example$/,
  'signing-key': /^thumbprint:[0-9a-f]{64}$/,
};
const until = new Date('2026-11-24T00:00:00Z');
const catalogue = wholeCatalogue();
const kinds = new Map([...catalogue.kinds].filter(([name]) => Object.hasOwn(SORTS, name)));
const folder = mkdtempSync(join(tmpdir(), 'macadam-identifiers-'));
const stores = await openStores(folder, { kinds, now: () => until });
after(async () => {
  await stores.close();
  rmSync(folder, { recursive: true });
});

test('every kind that has one is found by its identifier, as it is written', async () => {
  // Nothing is judged here, so its assets alone are made, and few ticks.
  const size = { ...SIZES.tiny, every: 4, observed: 'none' as const };
  await simulate(stores, { size, seed: '7', until, kinds, standards: [] });
  for (const [name, pattern] of Object.entries(SORTS)) {
    const kind = kinds.get(name);
    assert.ok(kind, name);
    const rows = await stores.driver.query<{ readonly id: string }>(
      `SELECT DISTINCT \`@id\` AS id FROM ${quoted(tableOf(kind))} ORDER BY id LIMIT 40`,
    );
    const assets = await assetsById(
      stores.driver,
      kinds,
      rows.map(({ id }) => id),
    );
    const keys = [...assets.values()].flatMap((asset) => identifiersOf(asset));
    const key = keys.find((one) => pattern.test(one)) ?? '';
    assert.notEqual(key, '', `${name}: ${keys.join(' ')}`);
    assert.ok(keysOf(key.replace(/^[a-z]+:/, '')).includes(key), key);
  }
});
