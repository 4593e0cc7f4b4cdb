import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';

const FIXTURE = join(import.meta.dirname, '../../../testing/server/heartbeat-fixture.ts');

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

const ended = (how: 'stuck' | 'turning') =>
  new Promise<Ended>((resolve) => {
    const child = spawn(process.execPath, [FIXTURE, how]);
    const [out, err]: [string[], string[]] = [[], []];
    child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
    child.on('close', (code, signal) => resolve({ code, signal, out: out.join(''), err: err.join('') }));
  });

test('a process whose thread does not turn is ended, and says why; one whose thread turns goes on', async () => {
  const [stuck, turning] = await Promise.all([ended('stuck'), ended('turning')]);
  assert.equal(stuck.signal, 'SIGKILL');
  assert.match(stuck.err, /^macadam: \d{4}-\d\d-\d\dT[\d:.]+Z the event loop has been stuck for 3 seconds/);
  assert.deepEqual([turning.code, turning.err], [0, '']);
  assert.match(turning.out, /^\d+\n$/);
});
