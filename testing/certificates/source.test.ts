/** Two boundaries, real stores of OpenSSL and Java, and a TLS endpoint of this process. */
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createServer } from 'node:tls';
import { ingest } from '@macadam/core/facts/ingest';
import type { Observation } from '@macadam/core/facts/observation';
import { diagnose } from '@macadam/core/kinds/diagnose';
import { readJavaStore } from '../../adapters/sources/certificates/java-store.ts';
import { readPkcs12 } from '../../adapters/sources/certificates/pkcs12.ts';
import { source } from '../../adapters/sources/certificates/source.ts';
import { wholeCatalogue } from '../catalogue.ts';
import {
  aesStore,
  authority,
  certificate,
  javaPkcs12,
  javaStore,
  javaTrust,
  PASSWORD,
  rc2Store,
  tripleDesStore,
} from './stores.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-certificates-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const NOW = new Date('2026-12-01T00:00:00Z');
const x509 = new X509Certificate(certificate);
const THUMBPRINT = x509.fingerprint256.replaceAll(':', '').toLowerCase();
const [shrouded] = readPkcs12(aesStore, PASSWORD).keys;
const key = createPrivateKey({
  key: shrouded?.der ?? assert.fail(),
  format: 'der',
  type: 'pkcs8',
  passphrase: PASSWORD,
});
const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
const kind = wholeCatalogue().kinds.get('credential') ?? assert.fail();

async function collected(boundaries: string, environment: Record<string, string> = {}) {
  const file = join(folder, 'boundaries.yaml');
  writeFileSync(file, boundaries);
  const seen: Observation[] = [];
  const request = {
    targets: [file],
    options: {},
    view: 'head' as const,
    excludes: [],
    parameters: {},
    cacheDirectory: folder,
    environment,
    now: () => NOW,
  };
  const collection = await source.collect(
    request,
    (one) => seen.push(one),
    () => {},
  );
  for (const one of seen) {
    assert.deepEqual(diagnose(kind, one.attributes), []);
    assert.deepEqual(ingest(new Map([['credential', kind]]), one).problems, []);
  }
  return { seen, collection };
}

const heldIn = (one: Observation | undefined, name: string): unknown => {
  const statement = one?.attributes[name];
  return statement !== undefined && 'value' in statement ? statement.value : statement;
};
const byId = (seen: readonly Observation[], id: string) =>
  seen.find((one) => heldIn(one, 'credential_id') === id);

function put(path: string, content: string | Buffer): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

test('one certificate in stores of six kinds and two boundaries is one credential, with every place where it stands', async () => {
  put('prod/aes.p12', aesStore);
  put('prod/des.pfx', tripleDesStore);
  put('prod/java.p12', javaPkcs12);
  put('prod/readme.txt', 'nothing to see');
  put('test/store.jks', javaStore);
  put('test/cert.der', x509.raw);
  put('test/cert.pem', `text before\n${certificate}${authority}`);
  const { seen, collection } = await collected(
    'boundaries:\n  production:\n    - { path: prod, password_env: STORE }\n  test:\n    - { path: test }\n',
    { STORE: PASSWORD },
  );
  assert.deepEqual(collection.problems, []);
  assert.equal(collection.status, 'complete');
  const own = byId(seen, THUMBPRINT);
  assert.equal(heldIn(own, 'boundary'), 'production');
  assert.equal(heldIn(own, 'state'), 'active');
  assert.deepEqual(heldIn(own, 'registrations'), [
    { id: 'prod/aes.p12', boundary: 'production' },
    { id: 'prod/des.pfx', boundary: 'production' },
    { id: 'prod/java.p12', boundary: 'production' },
    { id: 'test/cert.der', boundary: 'test' },
    { id: 'test/cert.pem', boundary: 'test' },
    { id: 'test/store.jks#orders', boundary: 'test' },
  ]);
  const keys = seen.filter((one) => heldIn(one, 'type') === 'private_key');
  assert.deepEqual(
    keys.map((one) => (heldIn(one, 'registrations') as object[]).length),
    [4],
    'its key stands in all four stores, and nowhere else',
  );
  assert.equal(
    seen.length,
    2,
    'the certificate of the authority is what somebody trusts, and nobody’s credential',
  );
  assert.ok(!JSON.stringify(seen).includes(pem.split('\n')[1] ?? assert.fail()));
});

test('an endpoint shows its certificate, and a key in a file is the same key', async () => {
  const server = createServer({ key: pem, cert: certificate }, (socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  put('keys/key.pem', pem);
  put('keys/key.der', key.export({ type: 'pkcs8', format: 'der' }));
  put(
    'keys/locked.pem',
    key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD }),
  );
  const text = `boundaries:\n  a:\n    - { tls: "127.0.0.1:${port}" }\n  b:\n    - { path: keys, password_env: P }\n    - { path: prod/aes.p12, password_env: P }\n`;
  const { seen, collection } = await collected(text, { P: PASSWORD });
  server.close();
  assert.deepEqual(collection.problems, []);
  assert.deepEqual(heldIn(byId(seen, THUMBPRINT), 'registrations'), [
    { id: `127.0.0.1:${port}`, boundary: 'a' },
    { id: 'prod/aes.p12', boundary: 'b' },
  ]);
  const [own] = seen.filter((one) => heldIn(one, 'type') === 'private_key');
  assert.equal((heldIn(own, 'registrations') as object[]).length, 4);
});

test('what could not be read is said, and makes every list of places one that may hold more', async () => {
  put('odd/rc2.p12', rc2Store);
  put('odd/aes.p12', aesStore);
  put('odd/broken.jks', javaStore.subarray(0, 300));
  put('odd/cut.p12', aesStore.subarray(0, 500));
  put('odd/other.bcfks', 'of another program');
  put('odd/trust.jks', javaTrust);
  put('odd/bad.crt', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  put('odd/secret.key', pem);
  put('fine/cert.pem', certificate);
  chmodSync(join(folder, 'odd/secret.key'), 0o000);
  const text =
    'boundaries:\n  a:\n    - { path: odd, password_env: WRONG }\n    - { path: none.pem }\n    - { tls: "127.0.0.1:1" }\n    - { path: prod/aes.p12, password_env: UNSET }\n  b:\n    - { path: fine }\n';
  const { seen, collection } = await collected(text, { WRONG: 'wrong' });
  assert.equal(collection.status, 'incomplete');
  const said = collection.problems.map(({ message }) => message).join('\n');
  for (const what of [
    /odd\/rc2\.p12 in a: it is encrypted by RC2/,
    /odd\/aes\.p12 in a: its password is another one/,
    /odd\/broken\.jks in a: it ends too early/,
    /odd\/cut\.p12 in a: /,
    /odd\/other\.bcfks in a: it is not a certificate, key or store that is known here/,
    /odd\/bad\.crt in a: a certificate cannot be read/,
    /none\.pem in a: ENOENT/,
    /127\.0\.0\.1:1 in a: /,
    /UNSET is not set/,
  ])
    assert.match(said, what);
  assert.doesNotMatch(said, /trust\.jks/);
  const own = byId(seen, THUMBPRINT)?.attributes.registrations;
  assert.equal(own !== undefined && 'complete' in own && own.complete, false);
  assert.equal(collection.partitions[0]?.complete, false);
});

test('a file of boundaries that is wrong is refused by its line, and bytes of anybody end in words', async () => {
  await assert.rejects(
    collected('boundaries:\n  a:\n    - { path: a, tls: "b:1" }\n'),
    /boundaries\.yaml:3.*give one of `path`, `tls`/,
  );
  await assert.rejects(
    collected('boundaries:\n  a:\n    - { tls: nowhere }\n'),
    /is not like 127\.0\.0\.1:8443/,
  );
  await assert.rejects(collected('boundary: {}\n'), /boundaries\.yaml:1/);
  for (const bytes of [aesStore, tripleDesStore])
    for (let at = 0; at < bytes.length; at += 41) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      try {
        readPkcs12(changed, PASSWORD);
      } catch (error) {
        assert.ok(
          error instanceof Error && /^(StoreLocked|EncodingError|RangeError)$/.test(error.name),
          String(error),
        );
      }
    }
  for (let at = 0; at < javaStore.length; at += 3) {
    const changed = Buffer.from(javaStore);
    changed[at] = (changed[at] ?? 0) ^ 0xff;
    try {
      readJavaStore(changed);
    } catch (error) {
      assert.ok(error instanceof RangeError, String(error));
    }
  }
});
