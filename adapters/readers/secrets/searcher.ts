/**
 * Searches files for secrets beside the thread that reads them. Workers are started only when there is much to search, as
 * each takes a moment to load the detectors; while all of them are busy, this thread searches itself.
 */
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { IgnoreFiles } from '@macadam/secrets';
import { type FileSecrets, secretsInText, textOf } from './scan.ts';

/** What a file holds; `binary`: it is no text. */
export type Searched = FileSecrets | 'binary';

export interface SearchedFile {
  /** Its name says whether it is a lock file and in which language it is written. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A part for a worker: contents one after the other, in memory that it gets for good. */
export interface SearchTask {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Each with where its content ends. */
  readonly files: readonly { readonly path: string; readonly end: number }[];
}

/** Processors beyond these wait for the thread that reads. */
const MOST_WORKERS = 4;
/** A worker is worth its start for so many bytes of one repository, and once so many of several were searched. */
const START_BYTES = 4 * 1024 * 1024;
const START_BYTES_OF_MANY = 64 * 1024 * 1024;

/** Parts that a worker has before it: it never waits for this thread, which may be searching one itself. */
const PARTS_AHEAD = 3;

interface Searching {
  readonly worker: Worker;
  /** Take what the worker found in its parts, in the order in which it was given them. */
  readonly answers: ((found: readonly Searched[] | null) => void)[];
}

const workers: Searching[] = [];
let searchedBytes = 0;
let broken = false;

/** What each file holds, in the order given. `together`: bytes of all files of the repository that they are a part of. */
export async function searchFiles(
  files: readonly SearchedFile[],
  together: number,
): Promise<readonly Searched[]> {
  const length = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  searchedBytes += length;
  const free = freeWorker(together >= START_BYTES || searchedBytes >= START_BYTES_OF_MANY);
  const found = free === undefined ? null : await searchedBy(free, taskOf(files, length));
  // A worker that died answers nothing, and costs time only.
  return found ?? files.map(({ path, bytes }) => search(path, bytes));
}

/** `ignoreFiles`: what the repository told other scanners to pass over in this file. */
export function search(path: string, bytes: Uint8Array, ignoreFiles?: IgnoreFiles): Searched {
  const text = textOf(bytes);
  return text === null ? 'binary' : secretsInText(text, path, ignoreFiles);
}

/** In a worker. */
export function searchTask({ bytes, files }: SearchTask): readonly Searched[] {
  return files.map(({ path, end }, index) => search(path, bytes.subarray(files[index - 1]?.end ?? 0, end)));
}

function taskOf(files: readonly SearchedFile[], length: number): SearchTask {
  const all = new Uint8Array(length);
  let end = 0;
  const placed = files.map(({ path, bytes }) => {
    all.set(bytes, end);
    end += bytes.length;
    return { path, end };
  });
  return { bytes: all, files: placed };
}

/** One that waits, else a new one, else the one with the fewest parts before it; undefined while all have enough. */
function freeWorker(isWorthOne: boolean): Searching | undefined {
  const [least] = workers.toSorted((a, b) => a.answers.length - b.answers.length);
  if (least?.answers.length === 0) return least;
  const most = Math.min(MOST_WORKERS, availableParallelism() - 1);
  if (isWorthOne && !broken && workers.length < most) return startWorker();
  return least !== undefined && least.answers.length < PARTS_AHEAD ? least : undefined;
}

function startWorker(): Searching {
  const path = join(import.meta.dirname, `worker${extname(import.meta.filename)}`);
  const worker = new Worker(path);
  const searching: Searching = { worker, answers: [] };
  worker.on('message', (found: readonly Searched[]) => {
    const answer = searching.answers.shift();
    // One that waits keeps no process alive.
    if (searching.answers.length === 0) worker.unref();
    answer?.(found);
  });
  const end = () => {
    const at = workers.indexOf(searching);
    if (at >= 0) workers.splice(at, 1);
    worker.unref();
    for (const answer of searching.answers.splice(0)) answer(null);
  };
  worker.on('error', () => {
    broken = true;
    end();
  });
  worker.on('exit', end);
  workers.push(searching);
  return searching;
}

function searchedBy(searching: Searching, task: SearchTask): Promise<readonly Searched[] | null> {
  return new Promise((answer) => {
    searching.answers.push(answer);
    searching.worker.ref();
    searching.worker.postMessage(task, [task.bytes.buffer]);
  });
}
