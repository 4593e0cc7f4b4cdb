import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Data, Double, Duration, Timestamp } from '../cel/runtime/value.ts';
import type { Type } from '../cel/type.ts';
import { fill, templateMistakes } from './template.ts';

const it: Type = {
  name: 'record',
  label: 'it',
  fields: { ref: { type: { name: 'string' }, optional: false } },
};
const value: Data = { ref: 'a@v1' };

test('places are filled, what is absent reads ?', () => {
  assert.equal(fill('{it.ref} of {count}, {it.none}', { it: value, count: 2 }), 'a@v1 of 2, ?');
});

test('lengths and times are written as people do', () => {
  const values = { kept: new Duration(15_552_000, 0), at: new Timestamp(1_793_548_800, 0) };
  assert.equal(
    fill('{kept} are needed since {at}', values),
    '180 days are needed since 1 Nov 2026, 16:00 UTC',
  );
});

test('the number decides between two forms', () => {
  assert.equal(fill('{count} {file is|files are} old', { count: 1 }), '1 file is old');
  assert.equal(fill('{count} {file is|files are} old', { count: 0 }), '0 files are old');
});

test('a number that is named has its own form', () => {
  const total = (places: number) =>
    fill('{count} {value|values} in {total.places place|places}', { count: 1, total: { places } });
  assert.equal(total(1), '1 value in 1 place');
  assert.equal(total(65), '1 value in 65 places');
  const scope: Record<string, Type> = { it };
  assert.deepEqual(templateMistakes('{it.ref ref|refs}', scope), []);
  assert.deepEqual(templateMistakes('{it.reff ref|refs}', scope), ['it has no `reff`, did you mean `ref`?']);
});

test('a fraction is written as a percentage, and never rounded up to all', () => {
  const said = (joined: number) => fill('{log.joined %}', { log: { joined: new Double(joined) } });
  assert.deepEqual([0.97, 0.999, 0.99999, 1, 0.29].map(said), ['97 %', '99.9 %', '99.99 %', '100 %', '29 %']);
  assert.deepEqual(templateMistakes('{it.ref %}', { it }), ['{it.ref %} is no fraction']);
});

test('a place that names nothing is a mistake with the nearest name', () => {
  assert.deepEqual(templateMistakes('{it.ref} {a|b}', { it }), []);
  assert.deepEqual(templateMistakes('{it.reff}', { it }), ['it has no `reff`, did you mean `ref`?']);
  assert.deepEqual(templateMistakes('{it.ref.x}', { it }), ['{it.ref.x} goes on after a string']);
  assert.deepEqual(templateMistakes('{a|b|c}', { it }), ['{a|b|c} needs two forms']);
});
