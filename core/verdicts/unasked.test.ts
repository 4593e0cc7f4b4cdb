import assert from 'node:assert/strict';
import test from 'node:test';
import { type AskingDefinition, unaskedAttributes } from './unasked.ts';

const standard = (check: string, more: Partial<AskingDefinition> = {}): AskingDefinition => ({
  scope: { kind: 'repository', where: 'true' },
  check,
  reasons: [],
  measure: { kind: 'share' },
  params: {},
  ...more,
});

test('an attribute is asked about wherever a standard names it, and only as a whole word', () => {
  const attributes = ['secrets', 'commits'];
  assert.deepEqual(unaskedAttributes([], attributes), attributes);
  assert.deepEqual(unaskedAttributes([standard('has(asset.head)')], attributes), attributes);
  assert.deepEqual(unaskedAttributes([standard('size(asset.secrets_kept) == 0')], attributes), attributes);
  assert.deepEqual(unaskedAttributes([standard('asset.secrets.all(s, false)')], attributes), ['commits']);
  assert.deepEqual(unaskedAttributes([standard('related("repository")[0].secrets == []')], attributes), [
    'commits',
  ]);
  const scope = { kind: 'repository', where: 'size(asset.commits) > 0' };
  assert.deepEqual(unaskedAttributes([standard('true'), standard('true', { scope })], attributes), [
    'secrets',
  ]);
});
