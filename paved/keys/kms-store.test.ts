/** Against a KMS of a few lines, for the forms of signatures and errors; the official SDK and moto answer in `npm run conformance -- --suite kms`. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import { type KmsModule, type KmsOptions, kmsStore } from './kms-store.ts';
import { KeyMissing, StoreUnavailable } from './store.ts';

const named = (name: string) =>
  class {
    readonly name = name;
    readonly input: object;
    constructor(input: object) {
      this.input = input;
    }
  };
const NAMES = [
  'CreateAlias',
  'CreateKey',
  'DeleteAlias',
  'DescribeKey',
  'GetPublicKey',
  'ListAliases',
].concat('ScheduleKeyDeletion', 'Sign');
const module = Object.fromEntries(
  NAMES.map((name) => [`${name}Command`, named(name)]),
) as unknown as KmsModule;

interface Input {
  readonly KeyId: string;
  readonly KeySpec: string;
  readonly AliasName: string;
  readonly TargetKeyId: string;
  readonly Message: Buffer;
  readonly MessageType: string;
}

function service() {
  const keys = new Map<
    string,
    { readonly pair: { publicKey: KeyObject; privateKey: KeyObject }; state: string }
  >();
  const aliases = new Map<string, string>();
  let fault: string | null = null;
  const found = (id: string) => {
    const key = keys.get(aliases.get(id) ?? id);
    if (key === undefined) throw Object.assign(new Error(`no ${id}`), { name: 'NotFoundException' });
    return key;
  };
  const answer: Readonly<Record<string, (input: Input) => unknown>> = {
    CreateKey: ({ KeySpec }) => {
      const pair =
        KeySpec === 'RSA_3072'
          ? generateKeyPairSync('rsa', { modulusLength: 3072 })
          : generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const KeyId = randomUUID();
      keys.set(KeyId, { pair, state: 'Enabled' });
      return { KeyMetadata: { KeyId } };
    },
    GetPublicKey: ({ KeyId }) => ({
      PublicKey: found(KeyId).pair.publicKey.export({ type: 'spki', format: 'der' }),
    }),
    CreateAlias: ({ AliasName, TargetKeyId }) => aliases.set(AliasName, TargetKeyId),
    DeleteAlias: ({ AliasName }) => aliases.delete(AliasName),
    DescribeKey: ({ KeyId }) => ({
      KeyMetadata: { KeyId: aliases.get(KeyId) ?? KeyId, KeyState: found(KeyId).state, Origin: 'AWS_KMS' },
    }),
    ListAliases: () => ({ Aliases: [...aliases.keys(), 'alias/other'].map((AliasName) => ({ AliasName })) }),
    ScheduleKeyDeletion: ({ KeyId }) => {
      found(KeyId).state = 'PendingDeletion';
    },
    Sign: ({ KeyId, Message }) => ({ Signature: sign('sha256', Message, found(KeyId).pair.privateKey) }),
  };
  const client = {
    async send(command: never) {
      const { name, input } = command as { name: string; input: Input };
      if (fault !== null) throw Object.assign(new Error('as asked'), { name: fault });
      return answer[name]?.(input);
    },
  };
  const breakWith = (name: string | null) => {
    fault = name;
  };
  return { client: client as unknown as KmsOptions['client'], breakWith };
}

test('signatures have the form of JWS, however short their numbers are', async () => {
  const store = kmsStore({ module, client: service().client });
  for (const [algorithm, rounds] of [
    ['ES256', 400],
    ['RS256', 2],
  ] as const) {
    const { id, jwk } = await store.create(algorithm);
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    for (let round = 0; round < rounds; round++) {
      const data = Buffer.from(`text ${round}`);
      const signature = await store.sign(id, algorithm, data);
      assert.ok(verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature));
    }
  }
  await assert.rejects(store.create('EdDSA'), /EdDSA: not with KMS here/);
});

test('what KMS says becomes what a signer can act on, and a key that is put out is listed no more', async () => {
  const { client, breakWith } = service();
  const store = kmsStore({ module, client });
  const { id } = await store.create('ES256');
  assert.deepEqual(await store.list(), [{ id, exportable: false, madeInside: true }]);
  breakWith('ThrottlingException');
  await assert.rejects(
    store.sign(id, 'ES256', Buffer.from('a')),
    (error) => error instanceof StoreUnavailable && /ThrottlingException: as asked/.test(error.message),
  );
  breakWith('DisabledException');
  await assert.rejects(store.sign(id, 'ES256', Buffer.from('a')), KeyMissing);
  breakWith(null);
  assert.equal((await store.sign(id, 'ES256', Buffer.from('a'))).length, 64, 'without a restart');
  await assert.rejects(store.sign('x'.repeat(43), 'ES256', Buffer.from('a')), KeyMissing);
  await store.destroy(id);
  assert.deepEqual(await store.list(), []);
  await assert.rejects(store.sign(id, 'ES256', Buffer.from('a')), KeyMissing);
});
