/**
 * A raw commit object, taken apart: who committed when, its signature, and the bytes that were signed.
 * Format: git's Documentation/gitformat-signature.txt; the signed payload is the object without its `gpgsig` headers.
 */

export interface Commit {
  readonly parents: readonly string[];
  /** Address of the committer, or undefined where the header is malformed. */
  readonly committer: string | undefined;
  /** When, by the committer's own clock. */
  readonly committedAt: Date | undefined;
  /** Armored text of the signature. Two signatures are none that anything verifies: the text is then empty. */
  readonly signature: string | undefined;
  readonly payload: Buffer;
}

/** The years that a timestamp can be written in (RFC 3339). */
const LATEST = Date.UTC(9999, 11, 31) / 1000;

export function parseCommit(content: Buffer, objectFormat: 'sha1' | 'sha256' = 'sha1'): Commit | undefined {
  const signed = objectFormat === 'sha256' ? 'gpgsig-sha256' : 'gpgsig';
  const end = content.indexOf('\n\n');
  const headerBytes = end < 0 ? content.length : end + 1;
  const kept: Buffer[] = [];
  const signatures: string[][] = [];
  const parents: string[] = [];
  let committer: string | undefined;
  let current = '';
  for (let at = 0; at < headerBytes; ) {
    const next = content.indexOf(10, at);
    const stop = next < 0 ? headerBytes : next + 1;
    const line = content.toString('latin1', at, stop).replace(/\n$/, '');
    const continued = line.startsWith(' ') && current !== '';
    if (!continued) current = line.split(' ', 1)[0] ?? '';
    const value = continued ? line.slice(1) : line.slice(current.length + 1);
    if (current === signed) {
      if (!continued) signatures.push([]);
      signatures.at(-1)?.push(value);
    }
    if (!current.startsWith('gpgsig')) kept.push(content.subarray(at, stop));
    if (current === 'parent' && /^[0-9a-f]+$/.test(value)) parents.push(value);
    if (current === 'committer' && !continued) committer = content.toString('utf8', at, stop);
    at = stop;
  }
  if (!/^tree [0-9a-f]+$/m.test(content.toString('latin1', 0, 80))) return undefined;
  const who = /<([^<>\n]*)> (\d+) [+-]\d{4}$/.exec(committer?.trimEnd() ?? '');
  const seconds = Number(who?.[2]);
  return {
    parents,
    committer: who?.[1],
    committedAt: seconds <= LATEST ? new Date(seconds * 1000) : undefined,
    signature: signatures.length === 0 ? undefined : signatures.length === 1 ? signatures[0]?.join('\n') : '',
    payload: Buffer.concat([...kept, content.subarray(headerBytes)]),
  };
}

/** The base64 between two armor lines, headers and OpenPGP's checksum left out; undefined for anything else. */
export function dearmor(text: string, label: string): Buffer | undefined {
  const lines = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.trim());
  if (lines[0] !== `-----BEGIN ${label}-----` || lines.at(-1) !== `-----END ${label}-----`) return undefined;
  const inner = lines.slice(1, -1);
  const blank = inner.indexOf('');
  const body = inner
    .slice(inner[0]?.includes(':') ? blank + 1 : 0)
    .filter((line) => line !== '' && !line.startsWith('='));
  const base64 = body.join('');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : undefined;
}
