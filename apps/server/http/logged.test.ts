import assert from 'node:assert/strict';
import test from 'node:test';
import { logged } from './logged.ts';

test('what strangers sent begins no line of the log, and no terminal obeys it', () => {
  const forged = new Error('broken\nmacadam: GET /: all is well\r\u001b[2Jgone\u2028macadam: x');
  const lines = logged(forged, 'GET /\u009b31m\u202e\nmacadam: y').split('\n');
  assert.equal(lines[0], 'macadam: GET /\\u{9b}31m\\u{202e} macadam: y: Error: broken');
  assert.deepEqual(
    lines.slice(1).filter((line) => line !== '' && !line.startsWith('    ')),
    [],
  );
  assert.ok(lines.includes('    ␛[2Jgone'), lines.join('|'));
  assert.equal(lines.at(-1), '');
});

test('a long address is cut, and what is no error is written down too', () => {
  const [line = ''] = logged('odd', `GET /${'x'.repeat(20_000)}`).split('\n');
  assert.match(line, /^macadam: GET \/x{495} …: odd$/);
});
