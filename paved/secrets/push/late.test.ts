/** A push that holds nothing waits for no part of Node that it does not need. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';

const IMPORT = /^(?:import|export) (?!type )(?:[\s\S]*?from )?'([^']+)';/gm;

/** Every module that is loaded before the first object of a push is searched. */
function loadedBy(files: readonly string[]): ReadonlySet<string> {
  const loaded = new Set<string>();
  const follow = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(IMPORT))
      if (from.startsWith('.')) follow(join(dirname(file), from));
      else loaded.add(from);
  };
  for (const file of files) follow(join(import.meta.dirname, file));
  return loaded;
}

test('what runs at a push loads cryptography, compression and processes late', () => {
  const loaded = loadedBy(['main.ts', 'receive.ts', 'bytes.ts']);
  assert.ok(
    [...loaded].some((file) => file.endsWith('detectors/clouds.ts')),
    'the detectors are followed',
  );
  for (const part of ['node:crypto', 'node:zlib', 'node:child_process'])
    assert.ok(!loaded.has(part), `${part} is loaded at every push; take it from late.ts`);
});
