import assert from 'node:assert/strict';
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Attack } from '../attack.ts';
import { newFolder } from '../server.ts';

export const attack: Attack = {
  finding: 'Started as root, the server gave the database’s account what a link in its folder pointed to',
  run: async (start) => {
    if (process.getuid?.() !== 0) return;
    const folder = newFolder();
    const first = await start({ folder });
    await first.end();
    const place = join(folder, 'data/decisions');
    const { uid, gid } = statSync(join(place, 'data'));
    assert.notEqual(uid, 0);
    assert.equal(lstatSync(place).uid, 0, 'the account cannot put anything into the folder');
    // What the account could do where it had the whole folder, as an earlier release gave it.
    chownSync(place, uid, gid);
    const victim = join(folder, 'victim');
    mkdirSync(victim, { mode: 0o700 });
    writeFileSync(join(victim, 'shadow'), 'precious');
    rmSync(join(place, 'socket'), { recursive: true });
    symlinkSync(victim, join(place, 'socket'));
    symlinkSync(join(victim, 'shadow'), join(place, 'postgres.log.1'));
    await start({ folder }).catch(() => null);
    assert.equal(statSync(victim).uid, 0, 'a folder that a link points to changed hands');
    assert.equal(statSync(join(victim, 'shadow')).uid, 0);
    assert.deepEqual(readdirSync(victim), ['shadow']);
  },
};
