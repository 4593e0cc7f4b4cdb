import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { signingKey } from './manifest.ts';
import { MANIFEST_KEY, manifestKey } from './manifest-key.ts';

test('the key of manifests is made once, for its owner alone, and what is no key is refused by its file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-manifest-key-'));
  try {
    const place = join(folder, 'facts');
    const key = manifestKey(place, {});
    assert.equal(signingKey(key ?? '').asymmetricKeyType, 'ed25519');
    assert.equal(manifestKey(place, {}), key);
    assert.equal(statSync(join(place, MANIFEST_KEY)).mode & 0o777, 0o600);
    assert.equal(manifestKey('http://facts.example:8123', {}), undefined);
    const other = join(folder, 'other.pem');
    writeFileSync(other, key ?? '');
    assert.equal(manifestKey('http://facts.example:8123', { MACADAM_MANIFEST_KEY_FILE: other }), key);
    writeFileSync(other, 'nothing');
    assert.throws(
      () => manifestKey(place, { MACADAM_MANIFEST_KEY_FILE: other }),
      /other\.pem holds no Ed25519 key/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
