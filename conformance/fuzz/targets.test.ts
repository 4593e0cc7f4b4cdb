/** Every target takes what its campaign begins with: one that cannot even be loaded would find nothing, and say nothing. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Target } from './target.ts';

const folder = join(import.meta.dirname, 'targets');

for (const file of readdirSync(folder))
  test(`${file} takes its seeds, also cut off and with a byte that is another`, async () => {
    const { target } = (await import(join(folder, file))) as { readonly target: Target };
    const seeds = target.seeds();
    assert.ok(seeds.length > 0);
    const take = (bytes: Buffer) => target.fuzz(bytes.toString('utf8'), bytes);
    for (const seed of seeds) {
      const bytes = Buffer.from(seed);
      await take(bytes);
      for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 8)) {
        await take(bytes.subarray(0, at));
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ 0x80;
        await take(other);
      }
    }
  });
