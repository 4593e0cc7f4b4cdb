import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { purposeOf, sizesOf } from './size.ts';

test('a tree is as large however it is laid out, and counts for what it is for', () => {
  const root = mkdtempSync(join(tmpdir(), 'macadam-size-'));
  const files = {
    'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "noLib": true }, "include": ["."] }',
    'core/one.ts': 'export const one = (a: number) => a + 1;\n',
    'core/one.test.ts': '// Why.\nexport const one = (\n  a: number,\n) =>\n  a + 1;\n',
    'adapters/host/fake.ts': 'export const one = (a: number) => a + 1; export const two = 2;\n',
  };
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const sizes = sizesOf(root);
    assert.deepEqual(sizes.get('product'), sizes.get('tests'));
    assert.equal(sizes.get('product')?.files, 1);
    const [product, fakes] = [sizes.get('product')?.nodes ?? 0, sizes.get('fakes')?.nodes ?? 0];
    assert.ok(product > 10 && fakes > product);
    assert.deepEqual(sizes.get('tools'), { files: 0, nodes: 0 });
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('each folder has its purpose', () => {
  const purposes = [
    'paved/secrets/a.ts',
    'testing/a.ts',
    'conformance/a.ts',
    'tools/a.ts',
    'testing/a.test.ts',
  ];
  assert.deepEqual(purposes.map(purposeOf), ['product', 'fakes', 'proof', 'tools', 'tests']);
});
