/** What a collection keeps of each person until its end: a directory of a hundred thousand has to fit beside everything else. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { LARGE_DIRECTORIES } from './large.ts';

const PEOPLE = 6000;
/** What was answered is let go of a little later than it could be, so that the least in use of so many people is taken. */
const STRETCH = 1500;
/** A person's record and observation take more than a kilobyte together; an id in a map alone takes so many bytes. */
const MOST_EACH = 200;
/** Pages in memory, and what the first requests load. */
const MOST = 6 << 20;

const folder = mkdtempSync(join(tmpdir(), 'kept-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Of each source what was in use in each stretch. */
const measured = new Map<string, readonly number[]>();
before(async () => {
  const program = join(import.meta.dirname, 'kept-process.ts');
  const words = ['--expose-gc', program, folder, String(PEOPLE), String(STRETCH)];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  for (const line of stdout.trim().split('\n')) {
    const { id, least } = JSON.parse(line) as { readonly id: string; readonly least: readonly number[] };
    measured.set(id, least);
  }
});

for (const id of LARGE_DIRECTORIES)
  test(`${id}: what is kept of each person until the end is less than its id in a map`, () => {
    const least = measured.get(id) ?? [];
    assert.equal(least.length, PEOPLE / STRETCH);
    const [, some = Number.NaN, , all = Number.NaN] = least;
    const each = (all - some) / (2 * STRETCH);
    assert.ok(each < MOST_EACH, `${each.toFixed(0)} bytes a person: ${least.join(', ')}`);
    assert.ok(all < MOST, `${all} bytes of ${PEOPLE}`);
  });
