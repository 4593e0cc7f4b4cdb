import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { arm, disarm } from './drivers.ts';
import { runPlan } from './plan.ts';

test('whatever fails, nothing is lost, half done, or said to be done that is not: a few faults of each sort', async () => {
  // Copies of a whole store take their time: they are for the long plan, which is run by hand.
  const flows = ['exception', 'token', 'observations', 'judged', 'endpoint'];
  const { faults, violations } = await runPlan({ seed: 7, every: 24, flows });
  assert.deepEqual(violations, []);
  assert.ok(faults >= 5, `${faults} faults`);
});

test('a backup has its name when all of it is on the disk: whichever write or sync fails, there is none', async () => {
  const { writeArchive } = await import('@macadam/services/backup/archive');
  const folder = mkdtempSync(join(tmpdir(), 'macadam-backups-'));
  const names = ['decisions/person/000000', 'decisions/team/000000', 'contents'];
  async function* parts() {
    for (const name of names) yield { name, bytes: Buffer.from(`of ${name}`) };
  }
  for (const [name, syncs] of [
    // The file, and the folder that names it.
    ['one.tar', 2],
    // Each part, `decisions`, the two folders below, the backup itself, and the folder that names it.
    ['one', names.length + 5],
  ] as const) {
    const path = join(folder, name);
    const failed: string[] = [];
    for (let nth = 1; ; nth += 1) {
      arm({ place: 'file', way: 'broken', nth });
      const made = await writeArchive(path, parts(), async () => {}).then(
        () => true,
        () => false,
      );
      const struck = disarm();
      if (struck === null) break;
      failed.push(struck);
      assert.equal(made, false, struck);
      assert.deepEqual(readdirSync(folder), [], `${name} without ${struck} ${nth}`);
    }
    assert.equal(failed.filter((one) => one === "a file's sync").length, syncs, failed.join(', '));
    assert.deepEqual(readdirSync(folder), [name]);
    rmSync(path, { recursive: true });
  }
  rmSync(folder, { recursive: true });
});
