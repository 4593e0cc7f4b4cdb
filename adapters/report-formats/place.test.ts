import assert from 'node:assert/strict';
import test from 'node:test';
import { containerOf, hasSeveralRepositories, pathAndLine } from './place.ts';

const of = (kind: string, id: string, name: string, path?: string) =>
  containerOf({ asset: { kind, id, name }, location: path === undefined ? null : { path, line: 3 } });

test('an asset is found in the repository that its name or id says', () => {
  assert.equal(of('repository', 'repository/file/a/shop', 'a/shop'), 'a/shop');
  assert.equal(
    of('pipeline', 'pipeline/x', 'shop/.github/workflows/ci.yml', '.github/workflows/ci.yml'),
    'shop',
  );
  const id = 'dependency/repository/file/a/my%20shop/web/package-lock.json/pkg:npm/x@1';
  assert.equal(of('dependency', id, 'x@1', 'web/package-lock.json'), 'a/my shop');
  assert.equal(of('dependency', 'dependency/other/x', 'x@1', 'package-lock.json'), null);
  assert.equal(of('dependency', 'dependency/repository/file/%ff/a', 'x@1', 'b'), null);
  assert.equal(of('pipeline', 'pipeline/x', 'shop/ci.yml'), null);
});

test('places are written as editors open them', () => {
  assert.equal(pathAndLine({ path: 'a.yml', line: 3 }), 'a.yml:3');
  assert.equal(pathAndLine({ path: 'a.yml' }), 'a.yml');
  assert.equal(hasSeveralRepositories({ assets: { repository: 2 } }), true);
  assert.equal(hasSeveralRepositories({ assets: {} }), false);
});
