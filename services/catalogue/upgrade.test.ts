/** What a store of an earlier release holds was observed under the kinds of that release: every change since then states its migration. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { kindChange } from '@macadam/core/kinds/change';
import { kindSchema } from '@macadam/core/kinds/kind';
import { wholeCatalogue } from '@macadam/testing/catalogue';

const root = join(import.meta.dirname, '../..');
const { kinds } = wholeCatalogue();

for (const file of globSync('testing/fixtures/kinds-*.ndjson.gz', { cwd: root }))
  test(`facts that were observed under ${basename(file, '.ndjson.gz')} can still be read`, () => {
    const lines = gunzipSync(readFileSync(join(root, file)))
      .toString('utf8')
      .split('\n');
    assert.ok(lines.length > 10);
    for (const line of lines) {
      const before = kindSchema.parse(JSON.parse(line));
      const now = kinds.get(before.kind);
      assert.ok(now, `the kind ${before.kind} is gone, and what was observed of it with it`);
      const change = kindChange(before, now);
      assert.ok(change.change !== 'refused', JSON.stringify(change));
    }
  });
