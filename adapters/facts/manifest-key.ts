/** The key that manifests of collections are signed with: made once, in a file beside the facts that only their owner reads. */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signingKey } from './manifest.ts';

/** Its name in the folder of the facts. It is in no backup: whoever has a copy of the facts could sign in our name. */
export const MANIFEST_KEY = 'manifest-key.pem';

/**
 * PKCS #8 PEM of an Ed25519 key, from the file that `MACADAM_MANIFEST_KEY_FILE` names, else from the folder of the facts, where it is
 * made the first time. Undefined for facts on a server without that setting: then manifests are chained only. Throws `TypeError` with the
 * file and what to do where it holds no such key.
 */
export function manifestKey(
  place: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const named = env.MACADAM_MANIFEST_KEY_FILE;
  if (!named && URL.canParse(place)) return undefined;
  const file = named || join(place, MANIFEST_KEY);
  if (!named && !existsSync(file)) {
    mkdirSync(place, { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync('ed25519');
    try {
      writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      // Another process made it at the same time.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  const text = readFileSync(file, 'utf8');
  try {
    signingKey(text);
  } catch (error) {
    throw new TypeError(
      `${file} holds no Ed25519 key that manifests can be signed with (${(error as Error).message}); ` +
        'make one with `openssl genpkey -algorithm ed25519`, or remove the file and a new one is made',
    );
  }
  return text;
}
