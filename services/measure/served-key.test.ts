/** The key that an issuer publishes, held against what its key store says of the same id: the two come from different sources, and either may be wrong. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { keySetIn } from '@macadam/adapters/sources/jwks/key-set';
import { source as jwks } from '@macadam/adapters/sources/jwks/source';
import type { Source } from '@macadam/adapters/sources/port';
import { assetId } from '@macadam/core/facts/observation';
import { measure } from './measure.ts';

const STANDARD = 'signing-keys-in-hardware';
const now = () => new Date('2026-11-01T00:00:00Z');

function publicKey(): JsonWebKey & { readonly kid: string } {
  const { publicKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...key.export({ format: 'jwk' }), kid: 'a' };
}

/** What a key store says of its key: everything that the standard asks, and the public part that it holds. */
const keyStore = (issuer: string, thumbprint: string): Source => ({
  id: 'key-store',
  description: 'A key store.',
  target: 'NAME',
  options: [],
  collect: async (_request, emit) => {
    const at = now().toISOString();
    emit({
      kind: 'signing-key',
      id: assetId('signing-key', [issuer, 'a']),
      name: 'a',
      source: 'key-store',
      observedAt: at,
      receivedAt: at,
      assurance: 'configured',
      attributes: {
        issuer: { value: issuer },
        key_id: { value: 'a' },
        state: { value: 'active' },
        storage: { value: 'hsm' },
        exportable: { value: false },
        made_in_hardware: { value: true },
        attestation: { value: { verified: true, at } },
        public_thumbprint: { value: thumbprint },
      },
    });
    const times = { startedAt: at, finishedAt: at };
    return { source: 'key-store', query: '', ...times, status: 'complete', partitions: [], problems: [] };
  },
});

async function served(t: TestContext, key: JsonWebKey | null): Promise<string> {
  const server = createServer((request, response) => {
    const url = `http://${request.headers.host}`;
    const body = request.url === '/keys' ? { keys: [key] } : { issuer: url, jwks_uri: `${url}/keys` };
    response.writeHead(key === null ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Verdict, and the reasons of a failure. */
async function judged(t: TestContext, published: JsonWebKey | null, stored: JsonWebKey): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-served-key-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'macadam.yaml'), '{}\n');
  const issuer = await served(t, published);
  const thumbprint = keySetIn({ keys: [stored] })?.keys[0]?.thumbprint;
  assert.ok(thumbprint && 'value' in thumbprint);
  const request = { options: {}, targets: [issuer] };
  const measured = await measure({
    estateFolder: folder,
    catalogueRoots: [join(import.meta.dirname, '../..')],
    standards: [STANDARD],
    pillars: [],
    cacheDirectory: join(folder, 'cache'),
    now,
    asks: [
      { source: keyStore(issuer, thumbprint.value), ...request },
      { source: jwks, ...request },
    ],
    view: 'head',
    engine: 'test',
    title: 'test',
    environment: {},
    progress: () => {},
  });
  assert.ok('report' in measured);
  const { standards, findings } = measured.report.scan;
  const own = standards.find(({ id }) => id === STANDARD);
  assert.ok(own && own.scope === 1);
  const verdict = own.pass === 1 ? 'pass' : own.fail === 1 ? 'fail' : 'unknown';
  return [verdict, ...findings.flatMap(({ reason }) => reason ?? [])].join(' ');
}

test('a key passes where the one that is trusted is the one in the module, and fails where another is', async (t) => {
  const [module, other] = [publicKey(), publicKey()];
  assert.equal(await judged(t, module, module), 'pass');
  assert.match(await judged(t, other, module), /^fail .*other-key-served/);
  assert.match(await judged(t, null, module), /^unknown/);
});
