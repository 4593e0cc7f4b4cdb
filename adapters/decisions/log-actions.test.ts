/** Whatever is entered into the log has a name that endpoints can ask for. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LOG_ACTIONS } from './log-actions.ts';

const root = join(import.meta.dirname, '../..');

test('every action that a source enters is known', () => {
  const files = globSync('{adapters,services,simulation,apps}/**/*.ts', {
    cwd: root,
    exclude: ['**/node_modules/**'],
  });
  const entered = files
    .filter((file) => !/\.test\.ts$|sample|contract|scene/.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const places = text.matchAll(
        /(?:\benter\(|\bchange\(\w+,|action: |'simulation)[^;]{0,60}?'((?!macadam)[a-z-]+\.[a-z-]+)'(?: : '([a-z-]+\.[a-z-]+)')?/g,
      );
      return [...places].flatMap(([, one, other]) =>
        [one, other].flatMap((name) => (name ? [[name, file]] : [])),
      );
    });
  assert.ok(entered.length > 40, `${entered.length} were found`);
  for (const [name = '', file] of entered) assert.ok(LOG_ACTIONS.has(name), `${name} in ${file}`);
});
