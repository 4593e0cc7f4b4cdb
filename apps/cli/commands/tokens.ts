/** `macadam tokens watch`: what services accepted, held against what issuers made, as both come in. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, createReadStream, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseDurationWithDays } from '@macadam/core/cel/runtime/time';
import { nanosOf } from '@macadam/core/text/instant';
import {
  createTokenWatch,
  type OpenedSeal,
  type SealedForgery,
  type WatchSettings,
} from '@macadam/services/tokens/watch';
import { EXIT } from '../exit.ts';
import { UsageError } from '../terminal.ts';

export interface TokensOptions {
  readonly sealed: string;
  readonly out?: string;
  readonly injectEvery: string;
  readonly alertWithin: string;
  readonly patience: string;
  readonly skew: string;
  readonly memory: string;
}

/** Bytes that a remembered token takes, with the room that a table needs to grow. */
const BYTES_A_TOKEN = 48;
const MOST_WAITING = 1_000_000;
const SUMMARY_EVERY = 60_000;
const MOST_COMPLAINTS = 20;

function milliseconds(option: string, text: string): number {
  const duration = parseDurationWithDays(text);
  if (duration === null)
    throw new UsageError(`${option}: ${text} is not a length of time; write it as 15m, 12h or 7d`);
  return Number(nanosOf(duration) / 1_000_000n);
}

function settingsOf(options: TokensOptions): WatchSettings {
  const memory = Number(options.memory);
  if (!(Number.isInteger(memory) && memory >= 1 && memory <= 65_536))
    throw new UsageError(`--memory: ${options.memory} is not a number of megabytes from 1 to 65536`);
  return {
    mostIssued: Math.floor((memory * 2 ** 20) / BYTES_A_TOKEN),
    mostWaiting: MOST_WAITING,
    skew: milliseconds('--skew', options.skew),
    patience: milliseconds('--patience', options.patience),
    injectEvery: milliseconds('--inject-every', options.injectEvery),
    alertWithin: milliseconds('--alert-within', options.alertWithin),
  };
}

type SealedRecord = SealedForgery | OpenedSeal;

function recordsIn(path: string): readonly SealedRecord[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line, index): SealedRecord[] => {
      if (line.trim() === '') return [];
      try {
        const record = JSON.parse(line);
        if (/^macadam\.(sealed-forgery|opened-seal)\/1$/.test(record?.schema)) return [record];
      } catch {
        // Said below, as any other line that is none.
      }
      throw new UsageError(`--sealed: ${path}:${index + 1} is not a sealed record; was the file edited?`);
    });
}

async function* linesOf(
  files: readonly string[],
): AsyncGenerator<{ readonly text: string; readonly place: string }> {
  for (const file of files) {
    if (file !== '-' && !existsSync(file)) throw new UsageError(`${file}: there is no such file`);
    const input = file === '-' ? process.stdin : createReadStream(file);
    let line = 0;
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      if (text.trim() !== '') yield { text, place: `${file === '-' ? 'stdin' : file}:${line}` };
    }
  }
}

/** Exits 1 where a token was forged that was not injected, 2 where a line could not be read, 3 where of some tokens nobody can tell. */
export async function watchTokens(files: readonly string[], options: TokensOptions): Promise<number> {
  let alerts = 0;
  let opened = 0;
  let wrong = 0;
  let unknown = 0;
  const say = (line: object) => {
    const text = `${JSON.stringify(line)}\n`;
    process.stdout.write(text);
    if (options.out !== undefined) appendFileSync(options.out, text);
  };
  const watch = createTokenWatch(settingsOf(options), {
    records: recordsIn(options.sealed),
    onRecord: (record) => {
      if (record.schema === 'macadam.opened-seal/1') opened++;
      appendFileSync(options.sealed, `${JSON.stringify(record)}\n`, { mode: 0o600 });
    },
    onAlert: (alert) => {
      alerts++;
      say(alert);
    },
    random: () => randomBytes(32).toString('base64url'),
  });
  const summarise = (now: number) => {
    for (const line of watch.summary(now)) {
      unknown += Object.values(line.cannotTell).reduce((sum, one) => sum + one, 0);
      say(line);
    }
  };
  let summarisedAt = Date.now();
  for await (const { text, place } of linesOf(files.length === 0 ? ['-'] : files)) {
    const mistake = watch.take(text);
    if (mistake !== null && ++wrong <= MOST_COMPLAINTS) process.stderr.write(`${place}: ${mistake}\n`);
    if (Date.now() - summarisedAt < SUMMARY_EVERY) continue;
    summarisedAt = Date.now();
    summarise(summarisedAt);
  }
  watch.advance(Date.now());
  summarise(Date.now());
  const forged = alerts - opened;
  process.stderr.write(
    `${forged} forged ${forged === 1 ? 'token' : 'tokens'}, ${opened} injected and found; of ${unknown} accepted tokens nobody can tell\n`,
  );
  if (wrong > 0) process.stderr.write(`${wrong} lines could not be read\n`);
  if (forged > 0) return EXIT.fails;
  if (wrong > 0) return EXIT.usage;
  return unknown > 0 ? EXIT.unjudged : EXIT.ok;
}
