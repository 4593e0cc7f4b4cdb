/** What is released says what is in it and where it came from, and a file that was changed afterwards is found. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { readCycloneDx } from '@macadam/testing/readers/cyclonedx';
import { attest, mistakesIn } from './release.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-release-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
writeFileSync(join(folder, 'macadam-0.1.0.tgz'), 'packed');
attest(folder, privateKey, 'c'.repeat(40));

test('a release has an inventory of what runs that any reader of CycloneDX takes', async () => {
  const read = await readCycloneDx(readFileSync(join(folder, 'macadam.cdx.json'), 'utf8'));
  assert.ok(!('problem' in read), JSON.stringify(read));
  const text = readFileSync(join(folder, 'macadam.cdx.json'), 'utf8');
  assert.match(text, /"purl": "pkg:npm\/pg@8/);
  assert.doesNotMatch(text, /pkg:npm\/(%40types|typescript|playwright)/);
});

test('a release is verified by its signature and by the digest of each file', () => {
  assert.deepEqual(mistakesIn(folder, publicKey), []);
  assert.match(
    mistakesIn(folder, generateKeyPairSync('ed25519').publicKey)[0] ?? '',
    /is not signed by this key/,
  );
  writeFileSync(join(folder, 'stray-0.1.0.tgz'), 'put beside');
  appendFileSync(join(folder, 'macadam-0.1.0.tgz'), 'x');
  rmSync(join(folder, 'macadam.cdx.json'));
  assert.deepEqual(mistakesIn(folder, publicKey), [
    'macadam.cdx.json is missing',
    'stray-0.1.0.tgz is not part of this release',
    'macadam-0.1.0.tgz is not what was released: its digest differs',
  ]);
});
