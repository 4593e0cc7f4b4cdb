/** Signing keys in AWS KMS, as moto answers for it, by the official SDK: `@macadam/keys` signs, changes keys, and never signs with another one. */
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  brokenEntry,
  createSigner,
  fileLedger,
  type KeyAlgorithm,
  type KmsModule,
  type KmsOptions,
  kmsStore,
} from '../../paved/keys/index.ts';
import type { Case, Suite } from '../suite.ts';
import { freePort, lacksMoto, startMoto } from './moto/process.ts';

const folder = join(import.meta.dirname, '..');
const MINUTE = 60_000;
const policy = { publishFor: MINUTE, activeFor: 10 * MINUTE, acceptFor: 5 * MINUTE };

interface Sdk extends KmsModule {
  readonly KMSClient: new (settings: object) => KmsOptions['client'];
  readonly DisableKeyCommand: new (input: object) => object;
  readonly EnableKeyCommand: new (input: object) => object;
  readonly UpdateAliasCommand: new (input: object) => object;
}

interface Scene {
  readonly client: KmsOptions['client'];
  readonly sdk: Sdk;
  readonly place: string;
  readonly stop: () => void;
}

let signers = 0;

function signerOn({ client, sdk, place }: Scene, algorithm: KeyAlgorithm, ledgerName = `${signers++}`) {
  let now = Date.UTC(2026, 10, 2);
  const ledger = fileLedger(join(place, `${ledgerName}.db`));
  const store = kmsStore({ module: sdk, client, prefix: `case-${ledgerName}` });
  const signer = createSigner({ store, ledger, algorithm, policy, clock: () => now });
  const wait = (time: number) => {
    now += time;
  };
  const signed = async () => {
    const { key, data, signature } = await signer.sign(({ id }) => `${id} at ${now}`);
    const { keys } = JSON.parse(signer.keySet().body);
    const jwk = keys.find(({ kid }: { kid: string }) => kid === key.id);
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    if (!verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature))
      throw new Error('a signature is not of the published key');
    return key.id;
  };
  return { ledger, signer, store, wait, signed };
}

/** What it threw, by name; a case that expects it says so where nothing came. */
const nameOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error) => error.name,
  );

const same = (got: unknown, wanted: unknown) =>
  JSON.stringify(got) === JSON.stringify(wanted)
    ? null
    : `${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`;

async function signsAndChanges(scene: Scene, algorithm: KeyAlgorithm): Promise<string | null> {
  const { ledger, signer, store, wait, signed } = signerOn(scene, algorithm);
  await signer.rotate();
  const first = await signed();
  for (let round = 0; round < 20; round++) await signed();
  wait(10 * MINUTE);
  await signer.rotate();
  const second = await signed();
  wait(5 * MINUTE);
  await signer.rotate();
  const stored = (await store.list()).map(({ id }) => id);
  return same(
    [
      first === second,
      stored.includes(first),
      stored.includes(second),
      await signer.inspect(),
      brokenEntry(ledger.journal()),
    ],
    [false, false, true, [], null],
  );
}

/** moto signs with a key that is switched off, which KMS does not; what can be seen there is that it is noticed. */
async function switchedOff(scene: Scene): Promise<string | null> {
  const { signer, signed } = signerOn(scene, 'ES256');
  await signer.rotate();
  const id = await signed();
  const ask = (command: object) => scene.client.send(command as never);
  const described = (await ask(
    new scene.sdk.DescribeKeyCommand({ KeyId: `alias/case-${signers - 1}-${id}` } as never),
  )) as { KeyMetadata: { KeyId: string } };
  const { KeyId } = described.KeyMetadata;
  await ask(new scene.sdk.DisableKeyCommand({ KeyId }));
  const found = await signer.inspect();
  await ask(new scene.sdk.EnableKeyCommand({ KeyId }));
  return same([found, await signer.inspect()], [[`${id} is active and gone from the store`], []]);
}

async function anotherKeyBehindTheAlias(scene: Scene): Promise<string | null> {
  const { signer, store, signed } = signerOn(scene, 'ES256');
  await signer.rotate();
  const id = await signed();
  const alias = `alias/case-${signers - 1}-${id}`;
  const ask = (command: object) => scene.client.send(command as never);
  const made = (await ask(
    new scene.sdk.CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } as never),
  )) as { KeyMetadata: { KeyId: string } };
  await ask(new scene.sdk.UpdateAliasCommand({ AliasName: alias, TargetKeyId: made.KeyMetadata.KeyId }));
  const goesOn = await signed();
  // A process that begins now knows the key by its alias alone; the signature shows that it is another.
  await store.close();
  const again = signerOn(scene, 'ES256', String(signers - 1));
  return same([goesOn, await nameOf(again.signed())], [id, 'KeyMissing']);
}

async function twoProcesses(scene: Scene): Promise<string | null> {
  const one = signerOn(scene, 'ES256');
  const other = signerOn(scene, 'ES256', String(signers - 1));
  await Promise.all([one.signer.rotate(), other.signer.rotate()]);
  const ids = await Promise.all([one.signed(), other.signed(), one.signed(), other.signed()]);
  return same([new Set(ids).size, brokenEntry(one.ledger.journal())], [1, null]);
}

async function unreachable(scene: Scene, port: number): Promise<string | null> {
  const { signer, signed } = signerOn(scene, 'ES256');
  await signer.rotate();
  await signed();
  scene.stop();
  const away = await nameOf(signed());
  const back = await startMoto(port);
  const forgotten = await nameOf(signed());
  back.stop();
  // moto forgets its keys when it ends: the answer is that the key is gone, and never a signature of another.
  return same([away, forgotten], ['StoreUnavailable', 'KeyMissing']);
}

export const suite: Suite = {
  name: 'kms',
  proves:
    'signing keys in AWS KMS, by its own SDK against moto: made, used, changed, switched off, taken away, never another one',
  vectors: [],
  lacks: lacksMoto,
  runsPeer: true,
  needsInstall: true,
  load: async () => {
    const sdk: Sdk = createRequire(join(folder, 'package.json'))('@aws-sdk/client-kms');
    const place = mkdtempSync(join(tmpdir(), 'macadam-kms-'));
    const port = await freePort();
    const service = await startMoto(port);
    const client = new sdk.KMSClient({
      region: 'eu-central-1',
      endpoint: service.endpoint,
      maxAttempts: 1,
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    });
    const scene: Scene = { client, sdk, place, stop: service.stop };
    const cases: readonly Case[] = [
      { id: 'ES256: signs and changes keys', run: () => signsAndChanges(scene, 'ES256') },
      { id: 'RS256: signs and changes keys', run: () => signsAndChanges(scene, 'RS256') },
      { id: 'a key that is switched off is noticed', run: () => switchedOff(scene) },
      { id: 'another key behind the alias', run: () => anotherKeyBehindTheAlias(scene) },
      { id: 'two processes have one key', run: () => twoProcesses(scene) },
      {
        id: 'out of reach, and gone when it is back',
        run: () => unreachable(scene, port).finally(() => rmSync(place, { recursive: true, force: true })),
      },
    ];
    return cases;
  },
};
