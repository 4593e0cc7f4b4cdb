/** Secrets: megabytes a second of processor time beside gitleaks, on the same files, after both have found what was planted in them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSecrets } from '@macadam/secrets';
import { z } from 'zod';
import { builtPeer, type Peer } from './built-peer.ts';
import { cost } from './child.ts';
import { numbers } from './estate.ts';
import { FULL, type Row, row, type Size } from './row.ts';

const FILES = 200;
let lineCount = 4_000;
export const GITLEAKS = '8.16.0';

/** The one that Debian installs, else the same release built here. */
export function findGitleaks(): Peer {
  const installed = spawnSync('gitleaks', ['version'], { encoding: 'utf8' });
  if (installed.status === 0) return { path: 'gitleaks' };
  return builtPeer('gitleaks', 'github.com/zricethezav/gitleaks/v8', `v${GITLEAKS}`);
}

/** Put together here, so that this file holds none: one for every fiftieth file. */
function planted(next: () => number): string[] {
  const text = (length: number, alphabet: string) =>
    Array.from({ length }, () => alphabet.charAt(Math.floor(next() * alphabet.length))).join('');
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return [
    `const key = "AK${'IA'}${text(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}", secret = "${text(40, letters)}";`,
    `const token = "glp${'at-'}${text(20, letters)}";`,
    `const slack = "xo${'xb'}-${text(12, '0123456789')}-${text(12, '0123456789')}-${text(24, letters)}";`,
    `const stripe = "sk_${'live_'}${text(24, 'abcdefghijklmnopqrstuvwxyz0123456789')}";`,
  ];
}

/** Lines as repositories have them: code, configuration, lockfile, prose, minified; keywords at their usual rate. */
export function line(next: () => number): string {
  const words =
    'account batch cache detail event field graph header index journal value ledger merge node order page user'.split(
      ' ',
    );
  const word = () => words[Math.floor(next() * words.length)];
  const hex = (length: number) => Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join('');
  const kinds = [
    () => `export function ${word()}${word()}(${word()}: string, ${word()}: number): Promise<${word()}[]> {`,
    () =>
      `  const ${word()} = await this.${word()}.${word()}(${word()}.id, { ${word()}: ${Math.floor(next() * 900)} });`,
    () => `  if (${word()} === undefined) throw new TypeError('${word()} ${word()} is missing');`,
    () =>
      `${word()}:\n  ${word()}: ${word()}-${word()}\n  image: registry.internal/${word()}/${word()}:${hex(8)}`,
    () =>
      `    "${word()}-${word()}": { "version": "1.${Math.floor(next() * 90)}.0", "integrity": "sha512-${hex(86)}==" },`,
    () =>
      `The ${word()} of the ${word()} is the ${word()} that its ${word()} named when the ${word()} began.`,
    () => `!function(e,t){var n=e.${word()},r=t.key;return n&&r?n(r,e.token):null}(a,b);`,
    () => `  - uses: actions/${word()}@${hex(40)} # v4`,
    () => `    password: \${${word()?.toUpperCase()}_PASSWORD}`,
  ];
  return (kinds[Math.floor(next() * kinds.length)] ?? word)() ?? '';
}

/** Writes the corpus and gives its bytes and the names of the files that hold something. */
function corpus(folder: string): { bytes: number; holding: string[] } {
  const next = numbers(19);
  const secrets = planted(next);
  const holding: string[] = [];
  let bytes = 0;
  mkdirSync(folder, { recursive: true });
  for (let file = 0; file < FILES; file++) {
    const lines = Array.from({ length: lineCount }, () => line(next));
    const secret = file % 50 === 7 ? secrets[Math.floor(file / 50)] : undefined;
    const name = `file-${file}.txt`;
    if (secret !== undefined) {
      lines[1_000] = secret;
      holding.push(name);
    }
    const text = lines.join('\n');
    bytes += Buffer.byteLength(text);
    writeFileSync(join(folder, name), text);
  }
  return { bytes, holding: holding.sort() };
}

/** Names of files of a folder in which we are sure of a secret. Run in a process of its own, start included. */
function search(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) =>
      findSecrets(readFileSync(join(folder, name), 'utf8')).some(({ confidence }) => confidence !== 'low'),
    )
    .sort();
}

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  if (quick) lineCount = 1_100;
  const place = mkdtempSync(join(tmpdir(), 'macadam-secrets-'));
  try {
    const folder = join(place, 'corpus');
    const { bytes, holding } = corpus(folder);
    const rate = (seconds: number) => bytes / 1e6 / seconds;
    const ours = await cost(process.execPath, [import.meta.filename, folder], place);
    if (ours.stdout.trim() !== JSON.stringify(holding))
      throw new Error(`planted in ${holding.join(', ')}, found in ${ours.stdout}${ours.stderr}`);
    const peer = findGitleaks();
    const theirs = 'path' in peer ? await gitleaks(peer.path, folder, place) : null;
    if (theirs !== null && !holding.every((name) => theirs.found.includes(name)))
      throw new Error(
        `gitleaks found ${theirs.found.join(', ') || 'nothing'}: the two did not do the same work`,
      );
    const size = `${Math.round(bytes / 1e6)} MB in ${FILES} files`;
    return [
      row({
        id: 'secrets-speed',
        what: `looking for secrets in ${size}, by processor time of the whole process, start included`,
        unit: 'MB/s',
        ours: rate(ours.cpuSeconds),
        peer: theirs && rate(theirs.seconds),
        peerName: 'path' in peer ? `gitleaks ${GITLEAKS}` : peer.missing,
        goal: { of: 'ratio', atLeast: 1 },
      }),
    ];
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const reportSchema = z.array(z.object({ File: z.string() }));

async function gitleaks(path: string, folder: string, place: string) {
  const report = join(place, 'report.json');
  const args = ['detect', '--no-git', '--no-banner', '-s', folder, '-f', 'json', '-r', report];
  const { cpuSeconds: seconds } = await cost(path, args, place);
  const found = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
  return { seconds, found: [...new Set(found.map(({ File }) => File.split('/').at(-1) ?? ''))] };
}

if (import.meta.main) console.log(JSON.stringify(search(process.argv[2] ?? '.')));
