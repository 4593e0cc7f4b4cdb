/**
 * `npm run fuzz`: throws any bytes at what reads texts of strangers, guided by coverage, and looks for a throw or a hang.
 *
 *     npm run fuzz -- [--target NAME] [--seconds N]
 *
 * Without a target every file of targets/ has its turn. What was learned stays in .macadam/fuzz/ and is where the next
 * run begins; an input that breaks something is written there too, and its name is printed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { ensureInstalled } from '../install.ts';
import type { Target } from './target.ts';

/** Longer than any honest input takes, in seconds. */
const HANG = 10;

/**
 * A text that comes into generated code as a quoted literal is what we do; the fuzzer's own detector takes it for code.
 * Whether a text ever leaves its quotes is what a target asks itself.
 */
const DETECTORS = ['--disableBugDetectors=remote-code-execution'];

const { values } = parseArgs({
  options: { target: { type: 'string' }, seconds: { type: 'string', default: '60' } },
});
const folder = join(import.meta.dirname, 'targets');
const all = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''));
const names = all.filter((name) => values.target === undefined || values.target === name);
const seconds = Number(values.seconds);
if (names.length === 0 || !Number.isInteger(seconds) || seconds < 1) {
  console.error(`usage: npm run fuzz -- [--target ${all.join('|')}] [--seconds N]`);
  process.exit(2);
}
ensureInstalled(join(import.meta.dirname, '..'));

let running: ChildProcess | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    running?.kill('SIGKILL');
    process.exit(130);
  });
}

/** In quotes, every byte that is not plain as `\\xNN`: what libFuzzer reads. */
function dictionaryEntry(word: string): string {
  const bytes = Array.from(Buffer.from(word), (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\x${byte.toString(16).padStart(2, '0')}`
      : String.fromCharCode(byte),
  );
  return `"${bytes.join('')}"\n`;
}

for (const name of names) {
  const home = join(import.meta.dirname, '../../.macadam/fuzz', name);
  const corpus = join(home, 'corpus');
  mkdirSync(corpus, { recursive: true });
  const { target }: { target: Target } = await import(join(folder, `${name}.ts`));
  for (const seed of target.seeds()) {
    writeFileSync(join(corpus, createHash('sha1').update(seed).digest('hex')), seed);
  }
  const words = join(home, 'words');
  writeFileSync(words, target.words.map(dictionaryEntry).join(''));
  // One file of JavaScript, libraries included: the fuzzer follows what it can instrument while it loads.
  const bundle = join(home, `${name}.cjs`);
  await build({
    stdin: {
      contents: `import { target } from './${name}.ts'; export const fuzz = (data) => target.fuzz(data.toString('utf8'), data);`,
      resolveDir: folder,
    },
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
    define: { 'import.meta.dirname': '__dirname' },
  });
  const options = [
    `-max_total_time=${seconds}`,
    `-timeout=${HANG}`,
    `-artifact_prefix=${home}/`,
    `-dict=${words}`,
    '-print_final_stats=1',
    '-max_len=4096',
  ];
  const cli = join(import.meta.dirname, '../node_modules/@jazzer.js/core/dist/cli.js');
  const args = [
    cli,
    bundle,
    ...(target.waits ? [] : ['--sync']),
    ...DETECTORS,
    '--includes',
    bundle,
    corpus,
    '--',
    ...options,
  ];
  const log = join(home, 'log');
  const stream = openSync(log, 'w');
  running = spawn(process.execPath, args, { cwd: home, stdio: ['ignore', stream, stream] });
  const [status] = await once(running, 'exit');
  closeSync(stream);
  const said = readFileSync(log, 'utf8');
  const runs = /stat::number_of_executed_units:\s*(\d+)/.exec(said)?.[1];
  // Without figures it never ran, whatever its exit code is.
  if (status === 0 && runs !== undefined) {
    console.log(`✓ ${name}: ${runs} inputs in ${seconds} s, no throw, no hang`);
  } else {
    const old = /GLIBC\w*' not found/.test(said) ? '; the fuzzer needs glibc 2.38 or newer' : '';
    console.log(`✗ ${name}: after ${runs ?? 0} inputs${old}\n${said.split('\n').slice(-40).join('\n')}`);
    process.exitCode = 1;
  }
}
