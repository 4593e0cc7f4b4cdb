/** A secret is configured by where it is, never by what it is: `env:NAME`, or `file:/path`. */
import { readFile } from 'node:fs/promises';

export type SecretAnswer = { readonly secret: string } | { readonly problem: string };

const MOST_BYTES = 64 * 1024;

export async function secretOf(
  reference: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SecretAnswer> {
  const [, where, name = ''] = /^(env|file):(.+)$/.exec(reference) ?? [];
  if (where === 'env') {
    const secret = environment[name]?.trim() ?? '';
    return secret === '' ? { problem: `the environment has no ${name}` } : { secret };
  }
  if (where !== 'file')
    return { problem: 'it is not a reference to a secret; name `env:NAME` or `file:/path`' };
  try {
    const bytes = await readFile(name);
    const secret = bytes.byteLength > MOST_BYTES ? '' : bytes.toString().trim();
    return secret === '' ? { problem: `${name} holds no secret` } : { secret };
  } catch (error) {
    const { code = 'unreadable' } = error as { code?: string };
    return { problem: `${name} cannot be read (${code})` };
  }
}
