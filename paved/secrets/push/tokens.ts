/** Which git servers may ask a service of another machine: a line each, its name and the SHA-256 of its token, which stands nowhere but there. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const LINE = /^([\w.-]+) ([0-9a-f]{64})$/;

/** Enters one and gives what its server has to keep: the head of a request, as `curl` reads it from a file. */
export function newToken(name: string, file: string): string {
  if (!/^[\w.-]+$/.test(name))
    throw new Error(`\`${name}\` is no name: give letters, digits, dots and dashes`);
  if (existsSync(file) && entriesIn(file).some((entry) => entry.name === name))
    throw new Error(`${file} has \`${name}\` already: take its line out first, which ends its token`);
  const token = randomBytes(32).toString('base64url');
  appendFileSync(file, `${name} ${hash('sha256', token, 'hex')}\n`, { mode: 0o600 });
  return `authorization: Bearer ${token}\n`;
}

export function isKnown(token: string, file: string): boolean {
  const digest = hash('sha256', token, 'buffer');
  return entriesIn(file).filter((entry) => timingSafeEqual(entry.digest, digest)).length > 0;
}

function entriesIn(file: string) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line, index) => {
      const [, name = '', digest = ''] = LINE.exec(line) ?? [];
      if (name === '') throw new Error(`line ${index + 1} of ${file} is no name with a digest`);
      return { name, digest: Buffer.from(digest, 'hex') };
    });
}
