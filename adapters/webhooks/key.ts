/** The key from which the secrets of all endpoints follow: made once, in a file that only the server reads. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';

const BYTES = 32;

/** Its name in the folder of both stores. It is in no backup: whoever has a copy of the decisions could sign in our name. */
export const WEBHOOK_KEY = 'webhook-key';

/**
 * Of several processes that make it at once one does, and the others read what that one wrote. Rejects where `known` endpoints
 * verify by a key that is not here: a new one would have each of them refuse whatever it is told.
 */
export async function webhookKey(
  file: string,
  random: (bytes: number) => Buffer,
  known: () => Promise<number>,
): Promise<string> {
  try {
    const endpoints = existsSync(file) ? 0 : await known();
    if (endpoints > 0)
      throw new RangeError(
        `there ${endpoints === 1 ? 'is 1 webhook, whose secret follows' : `are ${endpoints} webhooks, whose secrets follow`} ` +
          `from a key that is not in ${file}: copy it there from where this company ran before (no backup holds it); ` +
          `if it is lost, make a new one with \`openssl rand -base64 32 > ${file}\` and give every receiver its new secret`,
      );
    await writeFile(file, `${random(BYTES).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
  const key = (await readFile(file, 'utf8')).trim();
  if (key.length < BYTES)
    throw new RangeError(`${file} holds no key; remove it, and every endpoint gets a new secret`);
  return key;
}
