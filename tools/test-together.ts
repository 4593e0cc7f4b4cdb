/**
 * Runs test files one after the other in this process, each as a suite with the file's name:
 *
 *     node tools/test-together.ts QUEUE FILE...
 *
 * A file is read and compiled faster where the one before it read most of the same modules, and what they have warmed up stays warm. It is
 * imported when the one before it has ended, so that its hooks, its stores and its processes are over by then. Several processes with one
 * folder QUEUE share the files: each takes the next one that nobody has.
 */
import { closeSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'node:test';
import { pathToFileURL } from 'node:url';
import { spentSeconds, writeUsage } from './test-usage.ts';

/** A file that hangs is a failure with a name, and never a run without an end; under load it takes minutes. */
const LONGEST_MS = 30 * 60_000;
/** So long may what is about to end take to do so, after the last file. */
const LEFT_OPEN_MS = 60_000;

function isMine(queue: string, index: number): boolean {
  try {
    closeSync(openSync(join(queue, String(index)), 'wx'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

// A test may wait for a timer that keeps nothing alive.
const awake = setInterval(() => {}, LONGEST_MS);
// What is asked of this process is not asked of what the files import.
const [queue = '', ...files] = process.argv.splice(2);
for (const [index, file] of files.entries()) {
  if (!isMine(queue, index)) continue;
  const before = spentSeconds();
  await suite(file, { timeout: LONGEST_MS }, async () => {
    await import(pathToFileURL(resolve(file)).href);
  });
  writeUsage(file, spentSeconds() - before);
}
clearInterval(awake);
setTimeout(() => {
  console.log(`a test file left something open: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(1);
}, LEFT_OPEN_MS).unref();
