/** Credentials of sources: where one is, or it sealed with a key that lies in a file of its own. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type SecretAnswer, secretOf } from '@macadam/adapters/delivery/secret';

/** Where the key lies. It is made when something is first sealed with it. */
export interface SealingKey {
  readonly file: string;
}

interface Sought {
  /** Of the variable: a sealed credential of one is none of another. */
  readonly name: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly key: SealingKey;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** The value behind `env:NAME`, `file:/path` or `sealed:…`. A problem never quotes it. */
export async function credentialOf(
  reference: string,
  { name, environment, key }: Sought,
): Promise<SecretAnswer> {
  if (!reference.startsWith('sealed:')) return secretOf(reference, environment);
  if (!existsSync(key.file))
    return {
      problem: `the key ${key.file} that it is sealed with is not there; bring it back, or add the source anew`,
    };
  const sealed = Buffer.from(reference.slice('sealed:'.length), 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyIn(key), sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const opened = Buffer.concat([
      decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]);
    return { secret: opened.toString('utf8') };
  } catch {
    return { problem: `it cannot be opened with the key ${key.file}; add the source anew` };
  }
}

/** AES-256-GCM, bound to the name of its variable. */
export function sealed(secret: string, name: string, key: SealingKey): string {
  if (!existsSync(key.file)) {
    mkdirSync(dirname(key.file), { recursive: true });
    writeFileSync(key.file, `${randomBytes(KEY_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  }
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyIn(key), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(name));
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return `sealed:${Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url')}`;
}

const keyIn = ({ file }: SealingKey): Buffer => Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url');
