/**
 * The list of what was taken back, kept fresh in the file that sshd reads (`RevokedKeys`). sshd refuses every key where that file is
 * damaged, so a new list takes the place of the old one whole or not at all; where the broker is away the old one stays, and gets old.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { SshReader } from './ssh-wire.ts';

export interface RevocationListState {
  /** Rises with each list that a broker makes. */
  readonly version: bigint;
  /** When it was made, in milliseconds since 1970. */
  readonly madeAt: number;
}

export interface Refreshed {
  /** False: what stood there before stays. */
  readonly isFetched: boolean;
  /** Why it was not fetched; empty where it was. */
  readonly why: string;
  /** Seconds since the list in the file was made; null where there is none, so that sshd refuses every key. */
  readonly age: number | null;
}

const MAGIC = Buffer.from('SSHKRL\n\0');
const FORMAT = 1;
const HEAD = MAGIC.length + 4 + 3 * 8;
const LONGEST = 64 << 20;
const PATIENCE = 10_000;

/** What a list of OpenSSH (KRL) says of itself; null for bytes that are none, or that end too early. */
export function revocationListState(bytes: Buffer): RevocationListState | null {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || bytes.length < HEAD) return null;
  if (bytes.readUInt32BE(MAGIC.length) !== FORMAT) return null;
  try {
    const reader = new SshReader(bytes.subarray(HEAD));
    reader.text();
    reader.text();
    while (!reader.isAtEnd) {
      reader.byte();
      reader.text();
    }
  } catch {
    return null;
  }
  const at = MAGIC.length + 4;
  return { version: bytes.readBigUInt64BE(at), madeAt: Number(bytes.readBigUInt64BE(at + 8)) * 1000 };
}

/** Fetches the list of a broker into `file`. Never throws, and leaves what is there where anything is wrong. */
export async function refreshRevoked(broker: string, file: string, now: () => number): Promise<Refreshed> {
  try {
    const bytes = await fetched(broker);
    const state = revocationListState(bytes);
    if (state === null) throw new Error('what the broker answered is no list of what was taken back');
    const before = stateIn(file);
    // Whoever stands between could show a list from before somebody's key was taken back.
    if (before !== null && state.version < before.version)
      throw new Error(`the broker answered a list that is older than the one in ${file}`);
    replace(file, bytes);
    return { isFetched: true, why: '', age: ageOf(state, now()) };
  } catch (error) {
    const before = stateIn(file);
    return { isFetched: false, why: reasonOf(error), age: before && ageOf(before, now()) };
  }
}

async function fetched(broker: string): Promise<Buffer> {
  const response = await fetch(new URL('/revoked', broker), {
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.status !== 200) throw new Error(`the broker answered ${response.status}`);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > LONGEST) throw new Error(`the broker answered more than ${LONGEST} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function stateIn(file: string): RevocationListState | null {
  try {
    return revocationListState(readFileSync(file));
  } catch {
    return null;
  }
}

const ageOf = ({ madeAt }: RevocationListState, now: number): number =>
  Math.max(0, Math.round((now - madeAt) / 1000));

/** On the disk before it has its name: a machine that stops now has one of the two lists. */
function replace(file: string, bytes: Buffer): void {
  const beside = `${file}.new`;
  rmSync(beside, { force: true });
  const opened = openSync(beside, 'wx', 0o644);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(opened, bytes, at);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
  renameSync(beside, file);
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** Without the inner words of a connection that failed, which say where it was and not what to do. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `the broker cannot be reached (${cause.message})` : message;
}
