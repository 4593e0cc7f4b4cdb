import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';

/** A process with the last resort, in which this happens; it says `alive` a moment after. */
function life(happens: string) {
  const script = `
    import { catchTheRest } from ${JSON.stringify(join(import.meta.dirname, 'last-resort.ts'))};
    catchTheRest({
      log: (what, error) => console.error(what + ': ' + error.message),
      now: () => performance.now(),
      end: () => process.exit(70),
    });
    setTimeout(() => { console.log('alive'); process.exit(0); }, 200);
    ${happens}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  return { status, said: stdout.toString().trim(), log: stderr.toString().trim().split('\n') };
}

test('an error that nobody caught is logged, and the process goes on', () => {
  const one = life(`
    setTimeout(() => { throw new Error('thrown'); });
    Promise.reject(new Error('rejected'));
    new (await import('node:events')).EventEmitter().emit('error', new Error('emitted'));`);
  assert.deepEqual([one.status, one.said], [0, 'alive']);
  assert.deepEqual(one.log.sort(), [
    'nobody caught this: emitted',
    'nobody caught this: thrown',
    'nobody waited for this: rejected',
  ]);
});

test('what breaks again and again ends the process, so that another is started', () => {
  const many = life(`setInterval(() => { throw new Error('again'); }, 1);`);
  assert.deepEqual([many.status, many.said, many.log.length], [70, '', 21]);
});
