import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runLaws } from './laws.ts';

test('a real estate keeps its laws through a few edits, on the command line and on a server', async () => {
  const place = mkdtempSync(join(tmpdir(), 'macadam-estate-laws-'));
  try {
    // The database of the server runs under an account of its own, which must be able to pass.
    chmodSync(place, 0o755);
    const folder = join(place, 'estate');
    mkdirSync(folder);
    const request = { folder, edits: 10, seed: 3, serverEvery: 5, progress: () => {} };
    const { deviations, scans } = await runLaws(request);
    assert.deepEqual(deviations, []);
    assert.ok(scans >= 10);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});
