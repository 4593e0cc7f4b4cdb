/** The short run of `npm run pushes`, and a hook that is killed at every point. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { serve } from '../../paved/secrets/push/resident.ts';
import { samples } from '../../paved/secrets/samples.ts';
import { CASES, exists, SLOW } from './cases.ts';
import { pushAll } from './pushes.ts';
import { commits, fails, leftOver, makeScene, push } from './scene.ts';

function folderFor(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-pushes-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const sceneFor = (t: TestContext) => makeScene(folderFor(t));

test('of every sort of push none with a secret is accepted and none without is refused', async (t) => {
  const sorts = Object.keys(CASES).filter((name) => !SLOW.includes(name));
  const { byCase } = await pushAll(sceneFor(t), { pushes: sorts.length + 1, seed: 5, slow: false });
  assert.deepEqual(
    sorts.filter((name) => !byCase.has(name)),
    [],
  );
});

test('a resident that is asked gives every sort of push the same answer', async (t) => {
  const folder = folderFor(t);
  const resident = await serve(join(folder, 'socket'), 1);
  t.after(resident.close);
  const sorts = Object.keys(CASES).filter((name) => !SLOW.includes(name));
  const scene = makeScene(folder, join(folder, 'socket'));
  await pushAll(scene, { pushes: sorts.length + 1, seed: 6, slow: false });
});

test('a hook that is killed at any point lets nothing in and leaves nothing half, and what is let in is recorded', async (t) => {
  const scene = sceneFor(t);
  const log = join(scene.server, 'macadam/push-protection.ndjson');
  const contents = `k = "${samples('killed')['github-token']}"\n`;
  const tip = commits(scene.clone, null, [{ message: 'Begin', files: [{ path: 'a.env', contents }] }]);
  const option = ['-o', 'macadam.bypass=to see what a crash leaves'];
  let at = 0;
  for (let accepted = false; !accepted; ) {
    at += 1;
    assert.ok(at < 100, 'it never gets to its end');
    scene.pushEnvironment = {
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'killed-at.mjs')}`,
      MACADAM_KILLED_AT: String(at),
    };
    ({ accepted } = await push(scene, [...option, `${tip}:refs/heads/main`]));
    assert.equal(exists(scene.server, tip), accepted, `at ${at} its objects`);
    assert.equal(
      fails(scene.server, ['rev-parse', '-q', '--verify', 'refs/heads/main']),
      !accepted,
      `at ${at}`,
    );
    assert.deepEqual(leftOver(scene.server), [], `at ${at}`);
  }
  assert.ok(at > 6, `it was killed ${at - 1} times only`);
  assert.ok(existsSync(log));
  const last = readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '';
  assert.equal(JSON.parse(last).attributes.reason.value, 'to see what a crash leaves');
});
