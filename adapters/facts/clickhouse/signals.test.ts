import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';

const FIXTURE = join(import.meta.dirname, '../../../testing/facts/engine-fixture.ts');
const root = mkdtempSync(join(tmpdir(), 'macadam-signals-'));
after(() => rmSync(root, { recursive: true, force: true }));

const started = (what: 'wait' | 'wasm', name: string) =>
  spawn(process.execPath, [FIXTURE, what, join(root, name)], { stdio: ['ignore', 'pipe', 'ignore'] });

for (const signal of ['SIGABRT', 'SIGSEGV', 'SIGBUS'] as const) {
  test(`${signal} ends a process that has the engine open`, { timeout: 300_000 }, async (t) => {
    const child = started('wait', signal);
    t.signal.addEventListener('abort', () => child.kill('SIGKILL'));
    const exit = once(child, 'exit');
    await once(child.stdout, 'data');
    child.kill(signal);
    assert.deepEqual(await exit, [null, signal]);
  });
}

test('a mistake in WebAssembly is an exception, with the engine open too', async () => {
  const child = started('wasm', 'wasm');
  const exit = once(child, 'exit');
  assert.match(String((await once(child.stdout, 'data'))[0]), /memory access out of bounds/);
  assert.deepEqual(await exit, [0, null]);
});
