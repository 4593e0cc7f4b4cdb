/**
 * Against SoftHSM (Debian: softhsm2), through `pkcs11js`, which npm builds where a compiler is. A machine that lacks one of them says so and tests the rest;
 * in continuous integration SoftHSM may not be missing.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { brokenEntry, fileLedger } from './ledger.ts';
import { type Pkcs11Module, pkcs11Store } from './pkcs11-store.ts';
import type { KeyAlgorithm, RotationPolicy } from './ring.ts';
import { createSigner } from './signer.ts';
import { KeyMissing, StoreUnavailable } from './store.ts';

const LIBRARIES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
];
const policy: RotationPolicy = { publishFor: 60_000, activeFor: 600_000, acceptFor: 120_000 };

interface Device {
  readonly module: Pkcs11Module;
  readonly library: string;
  readonly folder: string;
}

function findModule(): Pkcs11Module | null {
  try {
    return createRequire(import.meta.url)('pkcs11js');
  } catch {
    return null;
  }
}

let device: Device | null | undefined;

/** Two tokens, `one` and `two`, of the PIN 1234; SoftHSM reads its configuration once a process, so all tests share them. */
function findDevice(context: TestContext): Device | null {
  if (device !== undefined) return device;
  const library = LIBRARIES.find((path) => existsSync(path));
  const module = findModule();
  if (process.env.CI === 'true') {
    assert.ok(library, 'continuous integration lacks SoftHSM: install softhsm2');
    assert.ok(module, 'pkcs11js was not built: `npm rebuild pkcs11js` says why');
  }
  if (library === undefined || module === null) {
    context.diagnostic(`left out: this machine lacks ${library === undefined ? 'softhsm2' : 'pkcs11js'}`);
    device = null;
    return device;
  }
  const folder = mkdtempSync(join(tmpdir(), 'macadam-softhsm-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'tokens'));
  const configuration = join(folder, 'softhsm2.conf');
  writeFileSync(
    configuration,
    `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\n`,
  );
  process.env.SOFTHSM2_CONF = configuration;
  for (const label of ['one', 'two']) {
    const made = spawnSync(
      'softhsm2-util',
      ['--init-token', '--free', '--label', label, '--pin', '1234', '--so-pin', '5678'],
      { encoding: 'utf8' },
    );
    assert.equal(made.status, 0, made.stderr);
  }
  device = { module, library, folder };
  return device;
}

const open = ({ module, library }: Device, token = 'one', pin = () => '1234', label = 'macadam') =>
  pkcs11Store({ module, library, token, pin, label });

function holds(
  jwk: Readonly<Record<string, string>>,
  algorithm: KeyAlgorithm,
  data: Buffer,
  signature: Buffer,
): boolean {
  const key = createPublicKey({ key: { ...jwk, kty: String(jwk.kty) }, format: 'jwk' });
  return verify(algorithm === 'EdDSA' ? null : 'sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

test('keys are made in the token, never leave it, and sign what Node verifies, in every algorithm', async (context) => {
  const at = findDevice(context);
  if (at === null) return;
  for (const token of ['one', 'two']) {
    const store = open(at, token, () => '1234', 'each');
    for (const algorithm of ['ES256', 'EdDSA', 'RS256'] as const) {
      const { id, jwk } = await store.create(algorithm);
      const data = Buffer.from(`to be signed in ${token}`);
      assert.ok(holds(jwk, algorithm, data, await store.sign(id, algorithm, data)), algorithm);
      const listed = (await store.list()).find((key) => key.id === id);
      assert.deepEqual(listed, { id, exportable: false, madeInside: true });
    }
    assert.equal((await store.list()).length, 3);
    const [first] = await store.list();
    await store.destroy(first?.id ?? '');
    assert.equal((await store.list()).length, 2);
    await assert.rejects(store.sign(first?.id ?? '', 'ES256', Buffer.from('x')), KeyMissing);
    await store.close();
  }
});

test('a token that was taken out and put back signs again without a restart, with the key of before', async (context) => {
  const at = findDevice(context);
  if (at === null) return;
  const store = open(at, 'one', () => '1234', 'unplugged');
  const { id, jwk } = await store.create('ES256');
  const data = Buffer.from('data');
  renameSync(join(at.folder, 'tokens'), join(at.folder, 'elsewhere'));
  mkdirSync(join(at.folder, 'tokens'));
  const other = new at.module.PKCS11();
  other.load(at.library);
  other.C_Finalize();
  await assert.rejects(store.sign(id, 'ES256', data), StoreUnavailable);
  await assert.rejects(store.create('ES256'), /not there/);
  rmSync(join(at.folder, 'tokens'), { recursive: true });
  renameSync(join(at.folder, 'elsewhere'), join(at.folder, 'tokens'));
  assert.ok(holds(jwk, 'ES256', data, await store.sign(id, 'ES256', data)));
  // The library was begun anew by somebody else of the process: sessions, logins and handles are gone.
  other.C_Finalize();
  assert.ok(holds(jwk, 'ES256', data, await store.sign(id, 'ES256', data)));
  await assert.rejects(open(at, 'three').list(), /not there/);
});

test('a PIN that is wrong is tried once, and the right one works without a restart', async (context) => {
  const at = findDevice(context);
  if (at === null) return;
  const other = new at.module.PKCS11();
  other.load(at.library);
  other.C_Finalize();
  let pin = '0000';
  let tried = 0;
  function Counting() {
    const api = new (at as Device).module.PKCS11();
    const login = api.C_Login.bind(api);
    api.C_Login = (...args) => {
      tried++;
      login(...args);
    };
    return api;
  }
  const store = open({ ...at, module: { PKCS11: Counting } as unknown as Pkcs11Module }, 'two', () => pin);
  for (let count = 0; count < 20; count++) await assert.rejects(store.list(), /PIN is wrong/);
  assert.equal(tried, 1, 'a token locks after a few');
  pin = '1234';
  assert.deepEqual(await store.list(), []);
});

test('a ring in a token rotates and signs, for two signers at once', async (context) => {
  const at = findDevice(context);
  if (at === null) return;
  let now = 1_000_000;
  const newSigner = () => {
    const ledger = fileLedger(join(at.folder, 'ring.db'));
    const store = open(at, 'one', () => '1234', 'ring');
    return {
      ledger,
      store,
      signer: createSigner({ store, ledger, algorithm: 'ES256', policy, clock: () => now }),
    };
  };
  const signers = [newSigner(), newSigner()];
  for (let round = 0; round < 3; round++) {
    await Promise.all(signers.map(({ signer }) => signer.rotate()));
    const signed = await Promise.all(
      signers.flatMap(({ signer }) => [signer.sign(({ id }) => id), signer.sign(() => 'x')]),
    );
    assert.equal(new Set(signed.map(({ key }) => key.id)).size, 1);
    for (const { key, data, signature } of signed) {
      const { jwk = {} } = signers[0]?.signer.ring().find(({ id }) => id === key.id) ?? {};
      assert.ok(holds(jwk, 'ES256', data, signature));
    }
    now += policy.activeFor;
  }
  for (const { signer, ledger } of signers) {
    assert.deepEqual(await signer.inspect(), []);
    assert.equal(brokenEntry(ledger.journal()), null);
    ledger.close();
  }
});

test('a token that is full or locked says so, signs on with the key that it has, and changes keys when there is room', async (context) => {
  const at = findDevice(context);
  if (at === null) return;
  const trouble: { generate: number | null; sign: number | null } = { generate: null, sign: null };
  const fails = (code: number | null) => {
    if (code !== null) throw Object.assign(new Error(`CKR ${code}`), { code });
  };
  function Troubled() {
    const api = new (at as Device).module.PKCS11();
    const generate = api.C_GenerateKeyPair.bind(api);
    api.C_GenerateKeyPair = (...args) => {
      fails(trouble.generate);
      return generate(...args);
    };
    const begin = api.C_SignInit.bind(api);
    api.C_SignInit = (...args) => {
      fails(trouble.sign);
      begin(...args);
    };
    return api;
  }
  const ledger = fileLedger(join(at.folder, 'full.db'));
  context.after(() => ledger.close());
  let now = 1_000_000;
  const store = open(
    { ...at, module: { PKCS11: Troubled } as unknown as Pkcs11Module },
    'one',
    () => '1234',
    'full',
  );
  context.after(() => store.close());
  const policy = { publishFor: 60_000, activeFor: 600_000, acceptFor: 60_000 };
  const signer = createSigner({ store, ledger, algorithm: 'ES256', policy, clock: () => now });
  await signer.rotate();
  const first = await signer.sign(() => 'x');
  now += 600_000;
  // CKR_DEVICE_MEMORY
  trouble.generate = 0x31;
  await assert.rejects(
    signer.rotate(),
    (error) => error instanceof StoreUnavailable && /full/.test(error.message),
  );
  const second = await signer.sign(() => 'x');
  assert.notEqual(second.key.id, first.key.id, 'the next key was made long before');
  now += 600_000;
  await assert.rejects(signer.rotate(), StoreUnavailable);
  assert.equal((await signer.sign(() => 'x')).key.id, second.key.id, 'late is better than never');
  trouble.generate = null;
  await signer.rotate();
  now += 60_000;
  await signer.rotate();
  assert.notEqual((await signer.sign(() => 'x')).key.id, second.key.id);
  // CKR_PIN_LOCKED
  trouble.sign = 0xa4;
  await assert.rejects(
    signer.sign(() => 'x'),
    (error) => error instanceof StoreUnavailable && /lock/.test(error.message),
  );
  assert.equal(brokenEntry(ledger.journal()), null);
});
