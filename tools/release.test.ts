/** What is released says what is in it and where it came from, and a file that was changed afterwards is found. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { startCommandLine } from '@macadam/testing/command-line';
import { readCycloneDx } from '@macadam/testing/readers/cyclonedx';
import { attest, mistakesIn } from './release.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-release-'));
const root = join(import.meta.dirname, '..');
const commandLine = startCommandLine();
after(() => rmSync(folder, { recursive: true, force: true }));
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
writeFileSync(join(folder, 'macadam-0.1.0.tgz'), 'packed');
attest(folder, privateKey, {
  uri: 'git+https://code.example/acme/macadam@refs/tags/v0.1.0',
  commit: 'c'.repeat(40),
});

test('a release has an inventory of what runs that any reader of CycloneDX takes', async () => {
  const read = await readCycloneDx(readFileSync(join(folder, 'macadam.cdx.json'), 'utf8'));
  assert.ok(!('problem' in read), JSON.stringify(read));
  const text = readFileSync(join(folder, 'macadam.cdx.json'), 'utf8');
  assert.match(text, /"purl": "pkg:npm\/pg@8/);
  assert.doesNotMatch(text, /pkg:npm\/(%40types|typescript|playwright)/);
});

test('the provenance of a release is taken by our own verifier, for what was released and for nothing else', () => {
  const policy = (tags: string) => `builders:
  - id: urn:macadam:release
    keys: [release.pem]
    build_types: ["urn:macadam:release:1"]
    sources: [https://code.example/acme/macadam]
    refs: [refs/tags/${tags}]
    environment: production
    invocations: urn:macadam:release:*
`;
  writeFileSync(join(folder, 'release.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(folder, 'builds.yaml'), policy('v0.1.*'));
  writeFileSync(join(folder, 'later.yaml'), policy('v0.2.*'));
  writeFileSync(join(folder, 'other.txt'), 'not released');
  const verified = (file: string, artefact: string) =>
    commandLine.run({
      args: ['build', 'verify', 'macadam.provenance.dsse.json', '--policy', file, '--artefact', artefact],
      cwd: folder,
    });
  const taken = verified('builds.yaml', 'macadam-0.1.0.tgz');
  assert.equal(taken.status, 0, taken.stdout + taken.stderr);
  assert.match(
    taken.stdout,
    /^verified macadam-0\.1\.0\.tgz\n.*https:\/\/code\.example\/acme\/macadam at refs\/tags\/v0\.1\.0/,
  );
  assert.equal(verified('builds.yaml', 'macadam.cdx.json').status, 0);
  assert.match(verified('builds.yaml', 'other.txt').stdout, /^refused other\.txt/);
  assert.match(verified('later.yaml', 'macadam-0.1.0.tgz').stdout, /^refused macadam-0\.1\.0\.tgz/);
});

test('our own scan has no failure that is critical', () => {
  const { stdout, stderr } = commandLine.run({ args: ['scan', '.', '--format', 'json'], cwd: root });
  const { findings } = JSON.parse(stdout) as {
    readonly findings: readonly Readonly<Record<string, unknown>>[];
  };
  assert.ok(findings.length > 0, stderr);
  const critical = findings.filter(({ verdict, severity }) => verdict === 'fail' && severity === 'critical');
  assert.deepEqual(critical, []);
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
