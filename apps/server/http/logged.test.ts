import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { logLine } from '../life/log-line.ts';
import { logged } from './logged.ts';

const AT = new Date('2026-11-02T08:30:00Z');

test('what strangers sent begins no line of the log, and no terminal obeys it', () => {
  const forged = new Error('broken\nmacadam: GET /: all is well\r\u001b[2Jgone\u2028macadam: x');
  const lines = logged(forged, 'GET /\u009b31m\u202e\nmacadam: y', AT).split('\n');
  assert.equal(
    lines[0],
    'macadam: 2026-11-02T08:30:00.000Z GET /\\u{9b}31m\\u{202e} macadam: y: Error: broken',
  );
  assert.deepEqual(
    lines.slice(1).filter((line) => line !== '' && !line.startsWith('    ')),
    [],
  );
  assert.ok(lines.includes('    ␛[2Jgone'), lines.join('|'));
  assert.equal(lines.at(-1), '');
});

test('a long address is cut, and what is no error is written down too', () => {
  const [line = ''] = logged('odd', `GET /${'x'.repeat(20_000)}`, AT).split('\n');
  assert.match(line, /^macadam: 2026-11-02T08:30:00\.000Z GET \/x{495} …: odd$/);
});

test('every line of the log has its time, in UTC, and whatever writes one asks for it', () => {
  assert.equal(logLine('ended', AT), 'macadam: 2026-11-02T08:30:00.000Z ended\n');
  const server = join(import.meta.dirname, '..');
  const written = globSync('**/*.ts', { cwd: server })
    // What was typed wrong is told to whoever types, before there is a log.
    .filter((path) => !path.endsWith('.test.ts') && path !== 'options.ts')
    .flatMap((path) => [
      ...readFileSync(join(server, path), 'utf8').matchAll(
        /(?:process\.stderr\.write|writeSync|console\.(?:log|warn|error))\((?:\s*STDERR,)?\s*([^\n]*)/g,
      ),
    ])
    .map(([, what = '']) => what);
  assert.ok(written.length > 0);
  // What is written over itself at a terminal, while one waits, is no line of a log.
  for (const what of written) assert.match(what, /^(logged|logLine)\(|^`\\r/);
});
