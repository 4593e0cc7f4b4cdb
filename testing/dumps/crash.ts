/**
 * Real core dumps: a program that ends by `abort`, and what the kernel writes of it. Where the kernel gives dumps to another program, gdb
 * writes the same; a machine that can do neither says so, and continuous integration must.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export interface Crash {
  readonly program: string;
  readonly parameters?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

const isInstalled = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

/** Whether a C++ program can be made and its dump be read; says what lacks. */
export function canCrash(context: TestContext): boolean {
  const missing = ['g++', 'gdb', 'readelf'].filter((program) => !isInstalled(program));
  if (process.env.CI === 'true')
    assert.deepEqual(missing, [], 'continuous integration makes core dumps: install g++ and gdb');
  if (missing.length > 0) context.diagnostic(`left out: this machine lacks ${missing.join(' and ')}`);
  return missing.length === 0;
}

export function compiled(folder: string, name: string, source: string): string {
  const program = join(folder, name);
  writeFileSync(`${program}.cpp`, source);
  const made = spawnSync('g++', ['-g', '-O0', '-pthread', '-o', program, `${program}.cpp`], {
    encoding: 'utf8',
  });
  assert.equal(made.status, 0, made.stderr);
  return program;
}

/** Runs the program to its end by a signal and gives the path of its dump. */
export function dumpOf(
  folder: string,
  { program, parameters = [], environment = {}, input = '' }: Crash,
): string {
  const place = mkdtempSync(join(folder, 'crash-'));
  const options = {
    cwd: place,
    env: { PATH: process.env.PATH, ...environment },
    input,
    encoding: 'utf8',
  } as const;
  const ended = spawnSync(
    '/bin/sh',
    ['-c', 'ulimit -c 0 && exec "$@"', 'sh', program, ...parameters],
    options,
  );
  const dump = join(place, 'dump');
  const [written] = readdirSync(place).filter((name) => name.startsWith('core'));
  if (written !== undefined) renameSync(join(place, written), dump);
  else {
    writeFileSync(join(place, 'input'), input);
    // A shell of gdb's own reads this line; what tests pass on are words without quotes.
    const commands = [`run ${parameters.join(' ')} < input`, `generate-core-file ${dump}`].flatMap((one) => [
      '-ex',
      one,
    ]);
    const made = spawnSync('gdb', ['-batch', '-nx', ...commands, program], options);
    assert.equal(made.status, 0, `${ended.stderr}${made.stdout}${made.stderr}`);
  }
  chmodSync(dump, 0o600);
  return dump;
}

/** What gdb says of all threads, without their numbers in this run. */
export function stacksOf(program: string, dump: string): string {
  const commands = ['thread apply all backtrace', 'info threads'].flatMap((one) => ['-ex', one]);
  const { stdout } = spawnSync('gdb', ['-batch', '-nx', ...commands, program, dump], { encoding: 'utf8' });
  return stdout;
}
