/** The key from which the secrets of all endpoints follow: made once, in a file that only the server reads. */
import { readFile, writeFile } from 'node:fs/promises';

const BYTES = 32;

/** Of several processes that make it at once one does, and the others read what that one wrote. */
export async function webhookKey(file: string, random: (bytes: number) => Buffer): Promise<string> {
  try {
    await writeFile(file, `${random(BYTES).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
  const key = (await readFile(file, 'utf8')).trim();
  if (key.length < BYTES)
    throw new RangeError(`${file} holds no key; remove it, and every endpoint gets a new secret`);
  return key;
}
