/** What a collection keeps of each person until its end: a directory of a hundred thousand has to fit beside everything else. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { LARGE_DIRECTORIES } from './large.ts';

/**
 * Of a person's record and observation, which take more than a kilobyte together, and of an id in a set nothing may stay: that is 150 bytes. The tables
 * of ids take up to 50, and what code that runs for longer learns of it up to 30.
 */
const MOST_EACH = 110;
/** Pages in memory, and what the first requests load. */
const MOST = 6 << 20;

const folder = mkdtempSync(join(tmpdir(), 'kept-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Kept {
  /** Bytes a person, of lists alone and while people are asked about. */
  readonly listed: number;
  readonly told: number;
  /** All that is in use more than before. */
  readonly all: number;
}

const measured = new Map<string, Kept>();
before(async () => {
  const program = join(import.meta.dirname, 'kept-process.ts');
  const words = ['--expose-gc', '--single-threaded-gc', '--no-flush-bytecode', program, folder];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  for (const line of stdout.trim().split('\n')) {
    const { id, ...kept } = JSON.parse(line) as Kept & { readonly id: string };
    measured.set(id, kept);
  }
});

for (const id of LARGE_DIRECTORIES)
  test(`${id}: what is kept of each person until the end is less than its id in a set`, () => {
    const kept = measured.get(id) ?? assert.fail();
    const said = JSON.stringify(kept);
    assert.ok(kept.listed < MOST_EACH, said);
    assert.ok(kept.told < MOST_EACH, said);
    assert.ok(kept.all < MOST, said);
  });
