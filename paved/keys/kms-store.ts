/** Keys in AWS KMS: made there, never to leave, found by an alias that is the thumbprint of their public part. */
import { createPublicKey, hash } from 'node:crypto';
import type { KeyAlgorithm, PublicJwk } from './ring.ts';
import { KeyMissing, type KeyStore, type StoredKey, StoreUnavailable, thumbprint } from './store.ts';

type Command = new (input: never) => object;

/** What is used of the package `@aws-sdk/client-kms`, which is given rather than imported, so that who is elsewhere installs nothing. */
export interface KmsModule {
  readonly CreateAliasCommand: Command;
  readonly CreateKeyCommand: Command;
  readonly DeleteAliasCommand: Command;
  readonly DescribeKeyCommand: Command;
  readonly GetPublicKeyCommand: Command;
  readonly ListAliasesCommand: Command;
  readonly ScheduleKeyDeletionCommand: Command;
  readonly SignCommand: Command;
}

export interface KmsOptions {
  /** `await import('@aws-sdk/client-kms')` */
  readonly module: KmsModule;
  /** `new KMSClient({ region })`, with its credentials, time limits and retries. */
  readonly client: { readonly send: (command: never) => Promise<unknown> };
  /** What aliases begin with, so that others may share the account: letters, digits, `-`; `macadam` by default. */
  readonly prefix?: string;
}

interface KeyMetadata {
  readonly KeyId: string;
  readonly Arn: string;
  readonly KeyState: string;
  readonly Origin: string;
}

const SPECS = {
  ES256: { spec: 'ECC_NIST_P256', signing: 'ECDSA_SHA_256' },
  RS256: { spec: 'RSA_3072', signing: 'RSASSA_PKCS1_V1_5_SHA_256' },
} as const;

function specOf(algorithm: KeyAlgorithm) {
  if (algorithm === 'EdDSA') throw new RangeError('EdDSA: not with KMS here; take ES256');
  return SPECS[algorithm];
}

/** The key is not there, or is switched off for good: KMS says so by name. */
const GONE = new Set(['NotFoundException', 'KMSInvalidStateException', 'DisabledException']);
const LONGEST_MESSAGE = 4096;
/** Days; KMS keeps what is deleted for at least so long, and signs nothing with it. */
const DELETION_DELAY = 7;

/** r and s of DER, side by side in 32 bytes each. */
function fixedLength(der: Buffer): Buffer {
  const signature = Buffer.alloc(64);
  let at = der[1] === 0x81 ? 3 : 2;
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0;
    const number = der.subarray(at + 2, at + 2 + length);
    const digits = number.subarray(Math.max(0, number.length - 32));
    digits.copy(signature, end - digits.length);
    at += 2 + length;
  }
  return signature;
}

/** Nothing is asked before it is used. Credentials need the right to the commands of `KmsModule` on keys and aliases of the prefix. */
export function kmsStore({ module, client, prefix = 'macadam' }: KmsOptions): KeyStore {
  const start = `alias/${prefix}-`;
  const targets = new Map<string, string>();

  /** Throws KeyMissing or StoreUnavailable. */
  async function ask<T>(name: keyof KmsModule, input: object): Promise<T> {
    try {
      const command = new module[name](input as never);
      return (await client.send(command as never)) as T;
    } catch (cause) {
      const { name: what, message } = cause as Error;
      if (GONE.has(what)) throw new KeyMissing(`KMS: ${message}`, { cause });
      throw new StoreUnavailable(`KMS: ${what}: ${message}`, { cause });
    }
  }

  const describe = async (id: string) =>
    (await ask<{ KeyMetadata: KeyMetadata }>('DescribeKeyCommand', { KeyId: id })).KeyMetadata;

  /** The key itself: an alias may be put on another one later, and then this goes on with the right one. */
  async function targetOf(id: string): Promise<string> {
    const known = targets.get(id);
    if (known !== undefined) return known;
    const { KeyId } = await describe(start + id);
    targets.set(id, KeyId);
    return KeyId;
  }

  async function publicJwk(id: string): Promise<PublicJwk> {
    const { PublicKey } = await ask<{ PublicKey: Uint8Array }>('GetPublicKeyCommand', { KeyId: id });
    const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
    return { ...key.export({ format: 'jwk' }) } as PublicJwk;
  }

  async function aliases(): Promise<readonly string[]> {
    const names: string[] = [];
    let marker: string | undefined;
    do {
      const page: { Aliases: { AliasName: string }[]; NextMarker?: string } = await ask(
        'ListAliasesCommand',
        {
          Marker: marker,
        },
      );
      names.push(...page.Aliases.map(({ AliasName }) => AliasName).filter((name) => name.startsWith(start)));
      marker = page.NextMarker;
    } while (marker !== undefined);
    return names;
  }

  return {
    storage: 'hsm',
    async create(algorithm) {
      const { KeyMetadata } = await ask<{ KeyMetadata: KeyMetadata }>('CreateKeyCommand', {
        KeySpec: specOf(algorithm).spec,
        KeyUsage: 'SIGN_VERIFY',
        Description: `${prefix}: signs tokens; made by @macadam/keys`,
      });
      const { KeyId } = KeyMetadata;
      const jwk = await publicJwk(KeyId);
      const id = thumbprint(jwk);
      await ask('CreateAliasCommand', { AliasName: start + id, TargetKeyId: KeyId });
      targets.set(id, KeyId);
      return { id, algorithm, jwk };
    },
    async sign(id, algorithm, data) {
      try {
        const { Signature } = await ask<{ Signature: Uint8Array }>('SignCommand', {
          KeyId: await targetOf(id),
          // KMS takes up to 4096 bytes as they are, and of more the digest.
          Message: data.length > LONGEST_MESSAGE ? hash('sha256', data, 'buffer') : data,
          MessageType: data.length > LONGEST_MESSAGE ? 'DIGEST' : 'RAW',
          SigningAlgorithm: specOf(algorithm).signing,
        });
        const signature = Buffer.from(Signature);
        return algorithm === 'ES256' ? fixedLength(signature) : signature;
      } catch (error) {
        targets.delete(id);
        throw error;
      }
    },
    async list() {
      const stored: StoredKey[] = [];
      for (const name of await aliases()) {
        const { KeyState, Origin } = await describe(name);
        // One that is switched off signs nothing, as if it were gone.
        if (KeyState !== 'Enabled') continue;
        stored.push({ id: name.slice(start.length), exportable: false, madeInside: Origin === 'AWS_KMS' });
      }
      return stored;
    },
    async destroy(id) {
      const target = await targetOf(id);
      await ask('ScheduleKeyDeletionCommand', { KeyId: target, PendingWindowInDays: DELETION_DELAY });
      await ask('DeleteAliasCommand', { AliasName: start + id });
      targets.delete(id);
    },
    close: async () => targets.clear(),
  };
}
