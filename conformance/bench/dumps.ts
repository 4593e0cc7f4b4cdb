/**
 * Crash dumps: megabytes a second of processor time to clean one of half a gigabyte, written by the kernel of a program of JavaScript, beside `strings` and
 * gitleaks, which find and overwrite nothing. Both have to have found what was planted, and ours has to have left none of it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { dumpOf } from '../../testing/dumps/crash.ts';
import { cost } from './child.ts';
import { FULL, type Row, row, type Size } from './row.ts';
import { findGitleaks, GITLEAKS } from './secrets.ts';

const MAIN = join(import.meta.dirname, '../../paved/dumps/main.ts');

/** In parts, so that this file holds none. */
const TOKENS = [`glpat-${'Zt4mXw9RkQ2vBn7LpY3c'}`, `npm_${'q8ZtR3vLmX5kYpW2nB7dHsJfC9gT6u2P5ZGV'}`];

/** Texts, numbers and bytes that do not repeat, as a server has them; a token in a buffer, in a string of one byte a character and in one of two. */
const PROGRAM = `
const { megabytes, tokens } = JSON.parse(require('node:fs').readFileSync(process.argv[2], 'utf8'));
let state = 7;
const next = () => (state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0) >>> 0;
globalThis.kept = [];
const bytes = Buffer.alloc(megabytes * 500000);
for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeInt32LE(next() & (at % 4096 < 1024 ? -1 : 0x3ff), at);
kept.push(bytes);
for (let made = 0; made < megabytes * 400000; ) {
  const text = JSON.stringify({ id: next(), name: 'order ' + next(), at: new Date(next() * 300).toISOString(), lines: [next(), next(), 'of ' + next()] });
  kept.push(Buffer.from(text));
  made += text.length + 100;
}
for (const token of tokens) {
  kept.push(Buffer.from('{"token":"' + token + '"}'));
  for (const head of ['token: ', '\\u{3a9} token: ']) kept.push([...(head + token)].join(''));
}
process.abort();
`;

const reportSchema = z.array(z.object({ Secret: z.string() }));

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  const place = mkdtempSync(join(tmpdir(), 'macadam-dumps-'));
  try {
    const script = join(place, 'program.cjs');
    const settings = join(place, 'settings.json');
    writeFileSync(script, PROGRAM);
    writeFileSync(settings, JSON.stringify({ megabytes: quick ? 4 : 400, tokens: TOKENS }));
    const dump = dumpOf(place, { program: process.execPath, parameters: [script, settings] });
    const megabytes = statSync(dump).size / 1e6;
    const out = join(place, 'clean');
    const ours = await cost(process.execPath, [MAIN, 'clean', dump, '--out', out], place);
    if (ours.code !== 0) throw new Error(ours.stderr);
    const isIn = (text: Buffer) =>
      spawnSync('grep', ['-qaPi', text.toString('hex').replaceAll(/../g, '\\x$&'), out], {
        env: { LC_ALL: 'C' },
      }).status === 0;
    const left = TOKENS.filter((token) => isIn(Buffer.from(token)) || isIn(Buffer.from(token, 'utf16le')));
    if (left.length > 0) throw new Error(`${left.length} tokens are left in what was cleaned`);
    const peer = findGitleaks();
    const theirs = 'path' in peer ? await searched(peer.path, dump, place) : null;
    return [
      row({
        id: 'dump-cleaned',
        what: `cleaning a core dump of ${Math.round(megabytes)} MB, by processor time of the whole process, start included; ${Math.round(ours.megabytes)} MB of memory`,
        unit: 'MB/s',
        ours: megabytes / ours.cpuSeconds,
        peer: theirs && megabytes / theirs,
        peerName:
          'path' in peer
            ? `strings, and gitleaks ${GITLEAKS} of what it gives, which clean nothing`
            : peer.missing,
        goal: { of: 'ratio', atLeast: 1 },
      }),
    ];
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Processor seconds of both encodings, after both tokens were found. */
async function searched(gitleaks: string, dump: string, place: string): Promise<number> {
  let spent = 0;
  const found = new Set<string>();
  for (const encoding of ['s', 'l']) {
    const report = join(place, `report-${encoding}.json`);
    const line = 'strings -a -n 8 -e "$1" "$2" | "$3" detect --pipe --no-banner -f json -r "$4"';
    const { cpuSeconds } = await cost('/bin/sh', ['-c', line, 'sh', encoding, dump, gitleaks, report], place);
    spent += cpuSeconds;
    for (const { Secret } of reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')))) found.add(Secret);
  }
  const missing = TOKENS.filter((token) => ![...found].some((one) => one.includes(token)));
  if (missing.length > 0)
    throw new Error(`gitleaks missed ${missing.length} tokens: the two did not do the same work`);
  return spent;
}
