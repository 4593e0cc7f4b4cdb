/**
 * Shows that a remote refuses secrets, by pushing one that nobody was ever given: to a branch of its own, which is deleted
 * again where it was accepted. A clean push goes first, else a remote that refuses everything would pass.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { SOURCE } from './log.ts';

export interface Flight {
  /** The secret was refused and the clean push accepted. */
  readonly works: boolean;
  readonly text: string;
  /** An observation of the repository, as `macadam ingest` reads it; null without `asset`, and where nothing was shown. */
  readonly record: object | null;
}

/** `asset`: host and path by which the product knows the repository, `file/payments`. `more`: attributes that are known beside. */
export function canary(
  remote: string,
  asset: string | null,
  now: Date,
  more: Readonly<Record<string, object>> = {},
): Flight {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-canary-'));
  try {
    const branch = `refs/heads/macadam-canary-${randomBytes(6).toString('hex')}`;
    const git = (...parameters: string[]) => runGit(folder, parameters);
    const address = addressOf(remote);
    need(git('init', '--quiet'));
    const push = (text: string) => {
      writeFileSync(join(folder, 'canary.txt'), text);
      need(git('add', 'canary.txt'));
      need(git('commit', '--quiet', '--no-verify', '-m', 'Show that push protection works'));
      const pushed = git('push', '--quiet', address, `HEAD:${branch}`);
      if (pushed.status === 0) git('push', '--quiet', address, `:${branch}`);
      return pushed;
    };
    const clean = push('A commit without a secret.\n');
    if (clean.status !== 0)
      return nothingShown(`a push without a secret was refused as well: ${lastLine(clean.stderr)}`);
    const { status, stderr } = push(`token = "${madeUpToken()}"\n`);
    const works = status !== 0;
    if (works && !/secret/i.test(stderr))
      return nothingShown(`the push was refused for another reason: ${lastLine(stderr)}`);
    const text = works
      ? 'macadam: the remote refused a push that held a made-up secret, and accepted one without.\n'
      : 'macadam: the remote ACCEPTED a push that held a made-up secret. Install push protection there.\n';
    return {
      works,
      text,
      record: asset === null ? null : recordOf(asset, { push_protection: { value: works }, ...more }, now),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a remote that the current folder names, or a folder, as seen from elsewhere. */
function addressOf(remote: string): string {
  const { status, stdout } = spawnSync('git', ['ls-remote', '--get-url', remote], { encoding: 'utf8' });
  const address = status === 0 ? stdout.trim() : remote;
  return existsSync(address) ? resolve(address) : address;
}

function nothingShown(why: string): Flight {
  return { works: false, text: `macadam: the canary shows nothing: ${why}\n`, record: null };
}

function runGit(folder: string, parameters: readonly string[]) {
  const person = ['-c', 'user.name=macadam canary', '-c', 'user.email=canary@example.com'];
  const run = spawnSync('git', [...person, '-c', 'commit.gpgsign=false', ...parameters], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
  });
  if (run.error) throw new Error(`git cannot be run: ${run.error.message}`);
  return run;
}

function need({ status, stderr }: { readonly status: number | null; readonly stderr: string }): void {
  if (status !== 0) throw new Error(`git failed: ${lastLine(stderr)}`);
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** In the form of a GitHub token, checksum included, which every push protection knows. Random: nobody was ever given it. */
function madeUpToken(): string {
  const body = Array.from(randomBytes(30), (byte) => BASE62.charAt(byte % 62)).join('');
  let rest = crc32(body);
  let digits = '';
  for (let place = 0; place < 6; place++) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return `gh${'p'}_${body}${digits}`;
}

function recordOf(asset: string, attributes: Readonly<Record<string, object>>, now: Date): object {
  const [host = '', ...path] = asset.split('/');
  const escaped = (part: string) => encodeURI(part).replaceAll(/[?#&]/g, encodeURIComponent);
  return {
    kind: 'repository',
    id: ['repository', host, path.join('/')].map(escaped).join('/'),
    name: path.join('/'),
    source: SOURCE,
    observedAt: now.toISOString(),
    assurance: 'tested',
    attributes,
  };
}
