import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrong } from './fault.ts';

test('a fault keeps both ends of what it quotes, however long that is', () => {
  assert.equal(wrong('invalidFilter', 'short').message, 'short');
  const { message } = wrong('invalidFilter', `there is no ${'x'.repeat(5000)}; give another`);
  assert.match(message, /^there is no x+ … x+; give another$/);
  assert.ok(message.length < 700);
});
