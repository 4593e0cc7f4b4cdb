import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutants } from './mutation.ts';

const changes = (text: string) =>
  mutants(text).map(({ before, after, line }) => `${line}: ${before} → ${after}`);

test('each kind of mistake is made once where it can be made', () => {
  assert.deepEqual(changes('export const x = (a: number, b: number) => a + b;\n'), [
    '1: export const x = (a: number, b: number) => a + b; → export const x = (a: number, b: number) => a - b;',
  ]);
  assert.deepEqual(changes('\nreturnIf(a >= 0 && b);\n').length, 4);
  assert.deepEqual(changes("export const v = () => 'pass';"), [
    "1: export const v = () => 'pass'; → export const v = () => 'fail';",
    "1: export const v = () => 'pass'; → export const v = () => 'unknown';",
  ]);
});

test('text in comments, strings and types is no mutant', () => {
  assert.deepEqual(
    changes("// a === b\nconst s = 'a && b';\ntype T = 'pass' | true;\ninterface I { x: 0 }\n"),
    [],
  );
});

test('a statement is left out, a condition is turned round', () => {
  assert.deepEqual(changes('  list.push(x);\n'), ['1: list.push(x); → ;']);
  assert.deepEqual(changes('function f(a: boolean) {\n  if (a) return;\n}\n'), [
    '2: if (a) return; → if (!(a)) return;',
    '2: if (a) return; → if (false) return;',
  ]);
});

test('what does not parse is no mutant', () => {
  for (const { text } of mutants('export const f = (x: number) => (x < 1 ? -1 : x * 2);\n'))
    assert.doesNotThrow(() => new Function(text.replace('export ', '').replace(': number', '')));
});
