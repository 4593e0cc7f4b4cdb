import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { editedText, writtenText } from './edited.ts';

const FILE = `id: unused-removed
# Why ninety: a quarter has one of each meeting.
statement: Nothing is unused for 90 days.
scope: { kind: application, where: "!asset.break_glass" } # all but these
check: >-
  has(asset.last_used_at)
  ? now - asset.last_used_at <= params.idle
  : now - asset.created_at <= params.grace
params:
  idle: 2160h # a quarter
  grace: 720h
`;

test('what is changed is written in its place, and every other byte stays', () => {
  const edited = editedText(FILE, [
    { path: ['params', 'idle'], value: '1440h' },
    { path: ['scope', 'where'], value: '!asset.break_glass && asset.enabled' },
    { path: ['statement'], value: 'Nothing is unused for 60 days.' },
  ]);
  const expected = FILE.replace('2160h', '1440h')
    .replace('"!asset.break_glass"', '"!asset.break_glass && asset.enabled"')
    .replace('90 days', '60 days');
  assert.equal(edited, expected);
});

test('an expression of several lines keeps its form', () => {
  const path = ['check'];
  assert.equal(
    writtenText(FILE, path),
    'has(asset.last_used_at)\n? now - asset.last_used_at <= params.idle\n: now - asset.created_at <= params.grace',
  );
  const value = 'has(asset.last_used_at)\n? now - asset.last_used_at <= params.idle\n: false';
  const edited = editedText(FILE, [{ path, value }]);
  assert.equal(edited, FILE.replace(': now - asset.created_at <= params.grace', ': false'));
  assert.equal(writtenText(edited, path), value);
  const commented = editedText(FILE, [{ path, value: 'true // while it is asked\n&& asset.enabled' }]);
  assert.match(commented, /check: \|-\n {2}true \/\/ while it is asked\n {2}&& asset.enabled\nparams:/);
  assert.equal(parse(commented).check, 'true // while it is asked\n&& asset.enabled');
  const short = editedText(FILE, [{ path, value: 'asset.enabled' }]);
  assert.equal(parse(short).check, 'asset.enabled');
  assert.match(short, /idle: 2160h # a quarter/);
});

test('a scope that says nothing yet gets its condition; texts that YAML would read otherwise are quoted', () => {
  const plain = 'scope: { kind: shed }\ncheck: asset.locked\n';
  const where = 'asset.name != "it: is # not"';
  const edited = editedText(plain, [
    { path: ['scope', 'where'], value: where },
    { path: ['check'], value: 'true' },
  ]);
  assert.deepEqual(parse(edited), { scope: { kind: 'shed', where }, check: 'true' });
  const block = editedText('scope:\n  kind: shed\ncheck: asset.locked\n', [
    { path: ['scope', 'where'], value: where },
  ]);
  assert.deepEqual(parse(block), { scope: { kind: 'shed', where }, check: 'asset.locked' });
  for (const value of [
    'asset.a: asset.b',
    '- x',
    '"quoted" == asset.name',
    'a\n\nb',
    '# no',
    "it's",
    'null',
    '12',
  ]) {
    const one = editedText(plain, [{ path: ['check'], value }]);
    const read: unknown = parse(one).check;
    assert.equal(
      typeof read === 'string' ? read.replace(/\s+/g, ' ') : read,
      value.replace(/\s+/g, ' '),
      value,
    );
  }
  const list = editedText('params:\n  allowed: [a, b]\n', [{ path: ['params', 'allowed'], value: ['c'] }]);
  assert.deepEqual(parse(list), { params: { allowed: ['c'] } });
});
