/**
 * Real dumps of real programs, made here. What was planted is in none of its forms in what comes out, and a debugger says the same of both. Then the whole
 * way: a program with a credential crashes, its dump is cleaned, kept, asked for, opened and ended, and the standard judges what `macadam ingest` is told
 * of the store; by the command itself, and killed where it can be.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, type TestContext, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { collectionFrom, observationFrom } from '@macadam/adapters/facts/line';
import { assetsOf } from '@macadam/core/facts/asset';
import { ingest } from '@macadam/core/facts/ingest';
import type { Observation } from '@macadam/core/facts/observation';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { findSecrets } from '@macadam/secrets';
import { cleaned } from '../../paved/dumps/clean.ts';
import { type Bytes, programOf } from '../../paved/dumps/elf.ts';
import { formsOf } from '../../paved/dumps/forms.ts';
import { type DumpStore, makeStore, openStore, searchStore, storeLines } from '../../paved/dumps/index.ts';
import { quarantine } from '../../paved/dumps/quarantine.ts';
import { wholeCatalogue } from '../catalogue.ts';
import { canCrash, compiled, dumpOf, stacksOf } from '../dumps/crash.ts';
import { elfOf, noteOf, startedWith } from '../dumps/elf.ts';
import { PLANTED, PROGRAM } from '../dumps/planted.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-dumps-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = (file: Buffer): Bytes => ({
  size: file.length,
  read: (into, position) => into.set(file.subarray(position, position + into.length)),
});

function wholeOf({ size, read }: Bytes): Buffer {
  const whole = Buffer.alloc(size);
  read(whole, 0);
  return whole;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pem = rsa.export({ format: 'pem', type: 'pkcs8' }).toString();
const der = curve.export({ format: 'der', type: 'sec1' });
/** The secret number of the curve as a library of this machine keeps it: by words, the least significant first. */
const number = Buffer.from(String(curve.export({ format: 'jwk' }).d), 'base64url').reverse();

const wide = (text: string, unit: number) =>
  Buffer.from([...text].flatMap((letter) => [letter.charCodeAt(0), ...Array<number>(unit - 1).fill(0)]));

/** What is looked for in both files, by what it is called when it is missing or left. */
const traces = (): ReadonlyMap<string, Buffer> => {
  const { utf16, utf32, freed, ...narrow } = PLANTED;
  return new Map<string, Buffer>([
    ...Object.entries(narrow)
      .filter(([name]) => name !== 'encoded')
      .map(([name, value]) => [name, Buffer.from(value)] as const),
    ['UTF-16', wide(utf16, 2)],
    ['UTF-32', wide(utf32, 4)],
    ['what an allocator left', Buffer.from(freed.slice(-16))],
    ['a line of PEM', Buffer.from(pem.split('\n')[3] ?? '')],
    ['SEC 1', der],
    ['the number of the key', number],
  ]);
};

interface CrashedProgram {
  readonly program: string;
  readonly path: string;
  readonly inBase64: string;
}

let crashed: CrashedProgram | undefined;

/** The program with everything planted in it, compiled and crashed once; null where this machine cannot. */
function crash(context: TestContext): CrashedProgram | null {
  if (crashed !== undefined) return crashed;
  if (!canCrash(context)) return null;
  const program = compiled(folder, 'planted', PROGRAM);
  const { environment, parameter, heap, stack, pages, segments, utf16, utf32, encoded, freed, cookie } =
    PLANTED;
  const inBase64 = Buffer.from(`{"token":"${encoded}"}`).toString('base64');
  const lines = [heap, stack, pages, segments, utf16, utf32, inBase64, freed, `Cookie: session=${cookie}`];
  lines.push(pem.trim().replaceAll('\n', '|'), der.toString('hex'), number.toString('hex'));
  const path = dumpOf(folder, {
    program,
    parameters: ['--listen', '8080', '--password', parameter],
    environment: { GREETING: environment, HOME: '/srv' },
    input: `${lines.join('\n')}\n`,
  });
  crashed = { program, path, inBase64 };
  return crashed;
}

test('a dump keeps no secret in any form that it lay in, and is the same dump to a debugger', (context) => {
  const { program, path, inBase64 } = crash(context) ?? {};
  if (program === undefined || path === undefined || inBase64 === undefined) return;
  const before = readFileSync(path);
  const { bytes, report } = cleaned(bytesOf(before), findSecrets);
  const file = wholeOf(bytes);
  const looked = new Map([...traces(), ['the text in base64', Buffer.from(inBase64)]]);
  assert.deepEqual(
    [...looked].filter(([, value]) => !before.includes(value)).map(([name]) => name),
    [],
    'the program did not have them in memory',
  );
  assert.deepEqual(
    [...looked].filter(([, value]) => file.includes(value)).map(([name]) => name),
    [],
    'they are left',
  );
  for (const value of Object.values(PLANTED))
    for (const form of formsOf(Buffer.from(value)))
      assert.ok(!file.includes(form), `${value} is left as ${form}`);
  assert.ok((report.environment ?? 0) >= 2);
  assert.ok((report.detectors['private-key'] ?? 0) >= 1 && (report.detectors['private-key-der'] ?? 0) >= 1);
  assert.doesNotMatch(JSON.stringify(report), new RegExp(Object.values(PLANTED).join('|')));

  const clean = `${path}.clean`;
  writeFileSync(clean, file);
  assert.equal(file.length, before.length);
  // What registers of vectors held is not in it.
  const elf = (at: string) => spawnSync('readelf', ['-hln', at], { encoding: 'utf8' });
  const described = (at: string) => {
    const { status, stdout, stderr } = elf(at);
    assert.equal(status, 0, stderr);
    return stdout.replaceAll(/ {3}description data: .*/g, '');
  };
  const original = described(path);
  assert.match(original, /NT_PRSTATUS[\s\S]*NT_PRSTATUS/);
  assert.ok(described(clean) === original, 'readelf says something else of the two');
  const stacks = (at: string) =>
    stacksOf(program, at).replaceAll(/ ?("[^"]*"|'X' <repeats \d+ times>)|Core was generated by .*/g, '');
  const [was, is] = [stacks(path), stacks(clean)];
  assert.match(was, / in deeper /);
  assert.match(was, /Thread 2 [\s\S]* in main /);
  assert.ok(is === was, `${was}\nbecame\n${is}`);
});

const cleanedFile = (file: Buffer): Buffer => wholeOf(cleaned(bytesOf(file), findSecrets).bytes);

test('a secret that begins in one segment and ends in the next is one secret, in whatever order they lie in the file', () => {
  const secret = PLANTED.segments;
  const first = Buffer.concat([Buffer.alloc(100), Buffer.from(secret.slice(0, 20))]);
  const second = Buffer.concat([Buffer.from(secret.slice(20)), Buffer.alloc(100)]);
  const file = elfOf([
    { address: 0x2000 + first.length, content: second },
    { address: 0x2000, content: first },
  ]);
  assert.ok(file.includes(secret.slice(20)) && file.includes(secret.slice(0, 20)));
  const after = cleanedFile(file);
  assert.ok(!after.includes(secret.slice(20)) && !after.includes(secret.slice(0, 20)));
  assert.equal(after.length, file.length);
});

test('a value of any length is overwritten wherever it stands, at every alignment, and at the ends of what is searched at a time', () => {
  // What a detector sees once, and nothing around the others says that they are any.
  const find = (text: string) =>
    [...text.matchAll(/key=(\w+);/g)].map(({ 1: value = '', index }) => ({
      detector: 'key',
      start: index + 4,
      end: index + 4 + value.length,
      confidence: 'high' as const,
    }));
  const values = ['q7w8e9r', 'h3j4k5l6m7n8p9', 'b2v3c4x5z6a7s8d', PLANTED.parameter, 'w1x2y3z4'.repeat(9)];
  const window = 4 << 20;
  const content = Buffer.alloc(2 * window + 1000, 1);
  let place = 100_001;
  for (const value of values) {
    content.write(`\0key=${value};\0`, place);
    for (let shift = 1; shift <= 16; shift++) content.write(value, place + shift * 1001);
    place += 20_000;
  }
  const [, , value = ''] = values;
  for (const end of [window, window - (64 << 10), content.length]) content.write(value, end - value.length);
  for (const middle of [window - 7, window - (64 << 10) - 8, window - (32 << 10) - 7])
    content.write(values[3] ?? '', middle);
  const file = elfOf([{ address: 0x1000, content }]);
  const after = wholeOf(cleaned(bytesOf(file), find).bytes);
  for (const one of values) assert.ok(file.includes(one) && !after.includes(one), one);
});

test('what is left of a key that was cut is overwritten, and a file that is no dump is refused', () => {
  const rsaDer = rsa.export({ format: 'der', type: 'pkcs8' });
  const content = Buffer.concat([Buffer.alloc(64), rsaDer.subarray(0, 700)]);
  const after = cleanedFile(elfOf([{ address: 0x1000, content }]));
  assert.ok(!after.includes(rsaDer.subarray(100, 140)));
  const refused = (file: Buffer, why: RegExp) => assert.throws(() => cleanedFile(file), why);
  refused(Buffer.from('PK\x03\x04'.repeat(30)), /does not begin as an ELF file does/);
  const program = elfOf([{ address: 0x1000, content }]);
  program.writeUInt16LE(2, 16);
  refused(program, /is a program or a library/);
  const twice = elfOf([
    { address: 0x1000, content },
    { address: 0x9000, content },
  ]);
  twice.writeBigUInt64LE(twice.readBigUInt64LE(64 + 56 + 8), 64 + 2 * 56 + 8);
  refused(twice, /two of its segments lie in the same bytes/);
  const many = elfOf([{ address: 0x1000, content }]);
  many.writeUInt16LE(60_000, 56);
  refused(many, /its table of segments lies behind its end/);
});

test('of what a program was started with the values are overwritten, everywhere else where they are no path, number or word', () => {
  const { environment, parameter } = PLANTED;
  const variables = [
    `GREETING=${environment}`,
    'PWD=/srv/releases/7',
    'MODE=production-like',
    'LEVEL=10.0.0.1:8080',
  ];
  variables.push(
    'API_KEY=/Zt4mXw9RkQ2vBn7LpY3c',
    'SSH_AUTH_SOCK=/run/agent/socket-1',
    `LONG=${'.'.repeat(500)}/${'- '.repeat(500)}!`,
  );
  const { notes, segment } = startedWith(
    ['program', '--db-password', parameter, '--listen', '/run/listen-here'],
    variables,
  );
  const elsewhere = [
    environment,
    '/srv/releases/7',
    'production-like',
    '10.0.0.1:8080',
    '/Zt4mXw9RkQ2vBn7LpY3c',
    parameter,
  ];
  const content = Buffer.from(`\x01${elsewhere.join('\x01')}\x01`);
  // What the kernel keeps beside it ends in the middle of a word.
  const kept = Buffer.alloc(136);
  kept.write('program', 40);
  kept.write(`program --db-password ${parameter.slice(0, 9)}`, 56);
  const file = elfOf(
    [segment, { address: 0x1000, content }],
    Buffer.concat([notes, noteOf('CORE', 3, kept)]),
  );
  assert.equal(programOf(bytesOf(file)), 'program');
  const { bytes, report } = cleaned(bytesOf(file), findSecrets);
  const after = wholeOf(bytes).toString('latin1');
  const left = (text: string) => after.split(text).length - 1;
  assert.deepEqual(elsewhere.map(left), [0, 1, 1, 1, 0, 0]);
  assert.equal(report.environment, variables.length);
  assert.ok(report.passes >= 1);
  assert.equal(left(parameter.slice(0, 9)), 0);
  for (const name of [
    'GREETING=X',
    'PWD=X',
    'SSH_AUTH_SOCK=X',
    '--db-password',
    '/run/listen-here',
    '/srv/program',
  ])
    assert.equal(left(name), 1, name);
});

test('registers of vectors are emptied, and what says of them which there are stays', () => {
  const [floating, state] = [Buffer.alloc(512, 0x41), Buffer.alloc(832, 0x41)];
  const notes = [
    noteOf('CORE', 2, floating),
    noteOf('LINUX', 0x202, state),
    noteOf('CORE', 1, Buffer.alloc(336, 0x41)),
  ];
  const file = elfOf([{ address: 0x1000, content: Buffer.alloc(64) }], Buffer.concat(notes));
  const after = cleanedFile(file);
  const first = file.indexOf(floating) - (file.indexOf(floating) % 4);
  const second = first + 512 + 20;
  const emptied = (from: number, to: number) => after.subarray(from, to).every((byte) => byte === 0);
  assert.ok(
    emptied(first + 32, first + 416) &&
      emptied(second + 32, second + 416) &&
      emptied(second + 576, second + 832),
  );
  const third = second + 832 + 20;
  const kept = [
    [first, 32],
    [first + 416, 96],
    [second, 32],
    [second + 416, 160],
    [third, 336],
  ] as const;
  for (const [from, length] of kept)
    assert.ok(
      after.subarray(from, from + length).every((byte) => byte === 0x41),
      `${from}`,
    );
});

test('the quarantine has no name, and what lies on the disk opens by nothing but its process', () => {
  const place = mkdtempSync(join(folder, 'quarantine-'));
  const held = quarantine(place);
  const text = Buffer.from(`some bytes, then ${PLANTED.heap}, and more`);
  held.write(text.subarray(0, 21));
  held.write(text.subarray(21));
  assert.deepEqual(readdirSync(place), []);
  const path = readdirSync('/proc/self/fd')
    .map((name) => `/proc/self/fd/${name}`)
    .find((one) => linkOf(one).startsWith(place));
  assert.ok(path);
  const onDisk = readFileSync(path);
  assert.ok(
    onDisk.length === text.length && !onDisk.includes(PLANTED.heap) && !onDisk.includes('some bytes'),
  );
  for (const from of [0, 1, 15, 16, 17, 40]) {
    const part = Buffer.alloc(text.length - from);
    held.bytes().read(part, from);
    assert.deepEqual(part, text.subarray(from));
  }
  held.close();
});

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};

test('a dump in which each pass finds more is given up', () => {
  let made = 0;
  // Never of X alone, so that every pass has something to overwrite.
  const find = (text: string) =>
    [{ detector: 'endless', start: made, end: ++made, confidence: 'low' as const }].filter(
      ({ end }) => end <= text.length,
    );
  const content = Buffer.from(`\0${'some words of a program '.repeat(10)}\0`);
  const file = elfOf([{ address: 0x1000, content }]);
  assert.throws(() => cleaned(bytesOf(file), find), /had new secrets in it after 8 passes; it was not kept/);
});

test('a dump with more secrets than can be searched for is refused', () => {
  const numbers = Array.from({ length: 110_000 }, (_, index) => String(index).padStart(8, '0'));
  const content = Buffer.from(numbers.map((one) => `${one}abcdefghijkl`).join(''));
  // A detector that takes every 20 letters for a secret.
  const find = (text: string) =>
    Array.from({ length: Math.floor(text.length / 20) }, (_, index) => ({
      detector: 'all',
      start: index * 20,
      end: index * 20 + 20,
      confidence: 'high' as const,
    }));
  assert.throws(
    () => cleaned(bytesOf(elfOf([{ address: 0x1000, content }])), find),
    /holds more secrets than can be searched for/,
  );
});

test('a dump that a limit cut off is cleaned as far as it goes', () => {
  const content = Buffer.concat([Buffer.from(`\0${PLANTED.heap}\0`), Buffer.alloc(1000)]);
  const file = elfOf([{ address: 0x1000, content }]).subarray(0, -500);
  const after = cleanedFile(file);
  assert.equal(after.length, file.length);
  assert.ok(!after.includes(PLANTED.heap));
});

const MAIN = join(import.meta.dirname, '../../paved/dumps/main.ts');
const me = userInfo().username;
const detectors = { find: findSecrets, version: 'as they are' };

/** Runs the command as somebody whom sudo came from. */
function asked(parameters: readonly string[], by: string = me) {
  const env = { ...process.env, SUDO_USER: by };
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...parameters], {
    encoding: 'utf8',
    env,
  });
  return { status, out: stdout, err: stderr };
}

let stores = 0;

/** A store in whose boundary ana and ben are, and cleo is not. */
function newStore(rules?: readonly object[]): string {
  const place = join(folder, `store-${stores++}`);
  const anybody = {
    programs: ['*'],
    readers: ['ana', 'ben', 'cleo'],
    approvers: ['ben', 'ana'],
    longest_hours: 8,
  };
  const people = { ana: 'payments', ben: 'payments', cleo: 'office' };
  const what = {
    cloud: 'on-premises',
    store_id: place,
    environment: 'production',
    owners: ['payments-team'],
  };
  makeStore(place, { ...what, boundary: 'payments', people, rules: rules ?? [anybody] });
  return place;
}

const { kinds, standards } = wholeCatalogue();
const standard = standards.find(({ id }) => id === 'crash-dumps-hold-no-secrets');

/** What the standard says of a store, by the lines that it gives to `macadam ingest`. */
function judged(lines: string) {
  const [head = '', line = ''] = lines.trimEnd().split('\n');
  const mistakes: object[] = [];
  const mistake = (one: object) => mistakes.push(one);
  const at = JSON.parse(line).observedAt;
  const collection = collectionFrom(JSON.parse(head).collection, 1, at, mistake);
  const record = JSON.parse(line);
  const observed = observationFrom({ record, line: 2, collection, receivedAt: at, mistake }) as Observation;
  assert.deepEqual(mistakes, []);
  const { observation, problems } = ingest(kinds, observed);
  assert.deepEqual(problems, []);
  const [asset] = assetsOf(kinds, observation === undefined || observation === null ? [] : [observation]);
  assert.ok(standard && asset);
  const now = new Date(at);
  const { verdict, reason } = evaluate(standard.compiled, asset, { asOf: now, real: now });
  return { verdict, reason };
}

const inMemory = elfOf([{ address: 0x1000, content: Buffer.from(`\0\0token = "${PLANTED.heap}"\0`) }]);

async function* pieces(file: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < file.length; at += 1000) yield file.subarray(at, at + 1000);
}

function used<T>(place: string, use: (store: DumpStore) => T, now = new Date('2026-11-01T10:00:00Z')): T {
  const store = openStore(place, { clock: () => now });
  try {
    return use(store);
  } finally {
    store.close();
  }
}

/** Takes in one dump of `api`, by the library; gives its id. */
async function withDump(place: string, file: Buffer = inMemory): Promise<string> {
  const store = openStore(place);
  try {
    return (await store.take(pieces(file), { program: 'api', at: null }, detectors)).dump;
  } finally {
    store.close();
  }
}

test('a program crashes, and what is kept of it passes; the same dump laid into the store by hand fails with what is in it', (context) => {
  const { path } = crash(context) ?? {};
  if (path === undefined) return;
  const place = newStore();
  // As systemd-coredump names it and compresses it; beside it a link, and what is being written.
  const dumps = mkdtempSync(join(folder, 'coredump-'));
  const coredump = join(dumps, 'core.planted.0.00000000000000000000000000000000.7.1790000000000000.zst');
  writeFileSync(coredump, zstdCompressSync(readFileSync(path)));
  utimesSync(coredump, 1_000_000_000, 1_000_000_000);
  symlinkSync(path, join(dumps, 'core.link'));
  writeFileSync(join(dumps, 'core.now'), inMemory);
  utimesSync(join(dumps, 'core.now'), 9_000_000_000, 9_000_000_000);
  const taken = asked(['take', '--store', place, '--folder', dumps]);
  assert.equal(taken.status, 0, taken.err);
  assert.match(taken.err, /kept, .* removed; overwritten: .*\d private-key/);
  assert.deepEqual(readdirSync(dumps), ['core.link', 'core.now']);
  used(place, ({ log }) => {
    const [entry] = log.entries();
    assert.ok(entry?.what === 'taken' && entry.program === 'planted');
    assert.equal(entry.crashedAt, new Date(1_790_000_000_000).toISOString());
  });
  const observed = asked(['observations', '--store', place]);
  assert.deepEqual(judged(observed.out), { verdict: 'pass', reason: 'meets' }, observed.out + observed.err);
  copyFileSync(path, join(place, 'dumps', 'core.1'));
  const again = asked(['observations', '--store', place]).out;
  assert.deepEqual(judged(again), { verdict: 'fail', reason: 'live-secret' });
  const { scrubbed, secrets, readers } = JSON.parse(again.split('\n')[1] ?? '').attributes;
  assert.equal(scrubbed.value, false);
  assert.ok(secrets.value.some(({ detector }: { readonly detector: string }) => detector === 'private-key'));
  assert.deepEqual(
    readers.value.map(
      ({ principal, through }: Readonly<Record<string, string>>) => `${principal} ${through}`,
    ),
    [`account ${me} standing`],
  );
  for (const value of Object.values(PLANTED))
    assert.ok(!again.includes(value) && !taken.err.includes(value), value);
});

test('what the kernel gives through a pipe is kept, by its name and time, and what is no dump is refused in the log', () => {
  const place = newStore();
  const parameters = ['take', '--store', place, '4711', 'api server/7', '1790000000'];
  const piped = (input: Buffer) =>
    spawnSync(process.execPath, [MAIN, ...parameters], { input, encoding: 'utf8' });
  assert.equal(piped(inMemory).status, 0);
  const { status, stderr } = piped(Buffer.from('nothing of the kind'));
  assert.equal(status, 1);
  assert.match(stderr, /the dump: is not a core dump that can be read: it has 19 bytes; /);
  used(place, (store) => {
    const [first, second] = store.log.entries();
    assert.ok(first?.what === 'taken' && second?.what === 'not-taken');
    assert.equal(first.program, 'api_server_7');
    assert.equal(first.crashedAt, new Date(1_790_000_000_000).toISOString());
    assert.deepEqual(Object.values(first.detectors), [1]);
  });
  assert.deepEqual(readdirSync(join(place, 'quarantine')), []);
  assert.equal(readdirSync(join(place, 'dumps')).length, 1);
});

test('a dump is read by whom the rules name, for a reason, after somebody else approved it, until its end', async () => {
  const place = newStore();
  const dump = await withDump(place);
  const wanted = { dump, by: 'ana', reason: 'INC-7 crash at start', hours: 2 };
  const at = (hours: number) => new Date(Date.parse('2026-11-01T10:00:00Z') + hours * 3_600_000);
  const refused = (change: object, why: RegExp) =>
    used(place, (store) => assert.throws(() => store.request({ ...wanted, ...change }), why));
  refused({ by: 'cleo' }, /`cleo`: belongs to office, and this store to payments; /);
  refused({ by: 'dan' }, /`dan`: is not named in `people`; /);
  refused({ reason: 'why not' }, /`--reason`: is `why not`; /);
  refused({ reason: 'INC-7 \x1b[2J a crash' }, /`--reason`: is /);
  refused({ hours: 9 }, /`--hours`: is 9; give more than 0 and at most 8/);
  refused({ dump: 'none' }, /dump `none`: was never taken in; /);
  const { request, waitsFor } = used(place, (store) => store.request(wanted));
  assert.deepEqual(waitsFor, ['ben']);
  used(place, (store) => {
    assert.throws(() => store.open(request, 'ana', null), /is not approved; ask one of: ben/);
    assert.throws(() => store.approve(request, 'ana'), /`ana`: asked for it; ask one of: ben/);
    assert.throws(() => store.approve(request, 'cleo'), /`cleo`: may not approve what ana asked for; /);
    assert.equal(store.approve(request, 'ben').until, at(2).toISOString());
    assert.throws(() => store.open(request, 'ben', null), /is of ana; make one of your own/);
  });
  const opened = used(place, (store) => store.open(request, 'ana', null).path, at(1));
  const read = readFileSync(opened);
  assert.equal(statSync(opened).mode & 0o777, 0o400);
  assert.ok(read.length === inMemory.length && !read.includes(PLANTED.heap));
  used(
    place,
    (store) => {
      searchStore(store, detectors);
      assert.deepEqual(judged(storeLines(store)), { verdict: 'pass', reason: 'meets' });
      assert.match(storeLines(store), /"principal":"ana","through":"broker","boundary":"payments"/);
      assert.deepEqual(store.sweep(), []);
    },
    at(1.9),
  );
  used(
    place,
    (store) => {
      assert.deepEqual(store.sweep(), [request]);
      assert.ok(!existsSync(opened));
      assert.throws(
        () => store.open(request, 'ana', null),
        /ended at 2026-11-01T12:00:00.000Z; make a new one/,
      );
      assert.doesNotMatch(storeLines(store), /"principal":"ana"/);
      assert.deepEqual(
        store.log.entries().map(({ what }) => what),
        ['taken', 'requested', 'approved', 'opened', 'searched', 'closed'],
      );
    },
    at(2),
  );
});

test('the command opens a dump for whom the rule asks for nobody else, and closes it when it is told to', async () => {
  const place = newStore([{ programs: ['a*'], readers: ['ana'], longest_hours: 8 }]);
  const dump = await withDump(place);
  const given = asked(
    ['request', dump, '--store', place, '--reason', 'INC-7 crash at start', '--hours', '1'],
    'ana',
  );
  const [, request = ''] = /^request (\w+): approved by the rule until /.exec(given.out) ?? [];
  assert.notEqual(request, '', given.err);
  const process_ = spawn(process.execPath, [MAIN, 'open', request, '--store', place], {
    env: { ...process.env, SUDO_USER: 'ana' },
  });
  const ended = new Promise((end) => process_.on('close', end));
  const said = await new Promise<string>((heard) =>
    process_.stdout.once('data', (bytes) => heard(String(bytes))),
  );
  const [path = ''] = said.split(' ');
  assert.ok(existsSync(path));
  process_.kill('SIGTERM');
  assert.equal(await ended, 0);
  assert.ok(!existsSync(path));
  const listed = asked(['list', '--store', place]).out;
  assert.match(
    listed,
    new RegExp(`^${dump}  \\S+  api  1 MB  1 secrets overwritten\n  request ${request} of ${dump} by ana `),
  );
});

test('a kept dump that was changed, cut or renamed opens for nobody, and a log that was changed opens nothing', async () => {
  const place = newStore([{ programs: ['*'], readers: ['ana'], longest_hours: 8 }]);
  const long = elfOf([{ address: 0x1000, content: Buffer.alloc(2_500_000, 1) }]);
  const dump = await withDump(place, long);
  const other = await withDump(place);
  const { request } = used(place, (store) =>
    store.request({ dump, by: 'ana', reason: 'INC-7 crash at start', hours: 8 }),
  );
  const path = join(place, 'dumps', `${dump}.dump`);
  const kept = readFileSync(path);
  const open = () => used(place, (store) => store.open(request, 'ana', null).path);
  const refuses = (change: Buffer, why: RegExp) => {
    writeFileSync(path, change);
    assert.throws(open, why);
    assert.deepEqual(readdirSync(join(place, 'opened')), []);
  };
  const flipped = Buffer.from(kept);
  flipped[kept.length - 5] = (flipped[kept.length - 5] ?? 0) ^ 1;
  refuses(flipped, /was changed, cut, or sealed for another key/);
  const [piece, head] = [(1 << 20) + 16, kept.indexOf('\n') + 1];
  const [first, second] = [kept.subarray(head, head + piece), kept.subarray(head + piece, head + 2 * piece)];
  const rest = kept.subarray(head + 2 * piece);
  const swapped = Buffer.concat([kept.subarray(0, head), second, first, rest]);
  assert.equal(swapped.length, kept.length);
  refuses(swapped, /was changed, cut, or sealed for another key/);
  refuses(kept.subarray(0, head + 2 * piece), /was changed, cut, or sealed for another key/);
  refuses(kept.subarray(0, -5), /was changed, cut, or sealed for another key/);
  refuses(readFileSync(join(place, 'dumps', `${other}.dump`)), new RegExp(`is not the dump ${dump}`));
  writeFileSync(path, flipped);
  used(place, (store) => assert.match(storeLines(store), /"scrubbed":\{"value":false/));
  writeFileSync(path, kept);
  assert.ok(existsSync(open()));
  // Whatever came of it, it was in the log before.
  used(place, (store) => assert.equal(store.log.entries().filter(({ what }) => what === 'opened').length, 6));
  const database = new DatabaseSync(join(place, 'log.db'));
  assert.throws(() => database.exec("UPDATE entry SET body = '{}'"), /the log is only appended to/);
  database.exec('DROP TRIGGER kept');
  database.exec("UPDATE entry SET body = replace(body, 'INC-7', 'INC-8')");
  database.close();
  assert.throws(open, /entry 3 was changed, or one before it was taken out; nothing is opened/);
});

test('a secret that was found after its dump was released is found until its issuer took it back', async () => {
  const place = newStore();
  // Taken in with detectors that knew nothing of this form.
  const store = openStore(place);
  await store.take(pieces(inMemory), { program: 'api', at: null }, { find: () => [], version: 'before' });
  searchStore(store, { find: () => [], version: 'before' });
  assert.deepEqual(judged(storeLines(store)), { verdict: 'pass', reason: 'meets' });
  searchStore(store, detectors);
  assert.deepEqual(judged(storeLines(store)), { verdict: 'fail', reason: 'live-secret' });
  const [secret] = JSON.parse(storeLines(store).split('\n')[1] ?? '').attributes.secrets.value;
  store.close();
  assert.match(
    asked(['revoked', 'none', '--store', place, '--reason', 'x']).err,
    /secret `none`: was never found; /,
  );
  assert.equal(asked(['revoked', secret.id, '--store', place, '--reason', 'rotated']).status, 0);
  used(place, (one) => assert.equal(judged(storeLines(one)).verdict, 'pass'), new Date());
});

test('killed at any point, nothing of the dump can be read from the disk, and the store goes on', async () => {
  const place = newStore();
  const content = Buffer.alloc(2 << 20, '\0some words of a program\0');
  content.write(`token = "${PLANTED.heap}"\0`, 1_000_000);
  const file = elfOf([{ address: 0x1000, content }]);
  const kills = [null, 'pass 1', 'pass 2', 'sealed', 'logged'] as const;
  for (const kill of kills) {
    const taking = spawn(process.execPath, [
      MAIN,
      'take',
      '--store',
      place,
      '--progress',
      '7',
      'api',
      '1790000000',
    ]);
    const ended = new Promise((end) => taking.on('close', end));
    // Whoever is killed reads no more.
    taking.stdin.on('error', () => {});
    if (kill === null) {
      taking.stdin.write(file.subarray(0, 1_500_000));
      await new Promise((written) => setImmediate(written));
      taking.kill('SIGKILL');
    } else {
      taking.stdin.end(file);
      let said = '';
      taking.stderr.on('data', (bytes) => {
        said += bytes;
        if (said.includes(`: ${kill}\n`)) taking.kill('SIGKILL');
      });
    }
    await ended;
    for (const path of filesBelow(place))
      assert.ok(!readFileSync(path).includes(PLANTED.heap), `${kill}: ${path}`);
  }
  used(place, (store) => {
    store.sweep();
    assert.deepEqual(
      readdirSync(join(place, 'dumps')).filter((name) => name.endsWith('.part')),
      [],
    );
    for (const { dump, isThere } of store.list()) {
      assert.ok(isThere);
      const { request } = store.request({ dump, by: 'ana', reason: 'INC-7 crash at start', hours: 8 });
      store.approve(request, 'ben');
      const read = readFileSync(store.open(request, 'ana', null).path);
      assert.ok(read.length === file.length && !read.includes(PLANTED.heap));
    }
  });
  await withDump(place);
});

const filesBelow = (place: string): readonly string[] =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

test('settings that say too little or too much name the field, and what to write; so does the command', () => {
  const place = newStore();
  const file = join(place, 'store.json');
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  const refused = (change: object, why: RegExp) => {
    writeFileSync(file, JSON.stringify({ ...settings, ...change }));
    assert.throws(() => openStore(place), why);
  };
  refused({ environment: 'prod' }, /store\.json: `environment`: is `prod`; give one of production, /);
  refused({ owners: [] }, /`owners`: is no list of names; give 1 or more/);
  refused(
    { rules: [{ programs: ['a'], readers: ['ana'], longest_hours: 100 }] },
    /`rules\[0\]\.longest_hours`: is 100; give more than 0 and at most 72/,
  );
  assert.equal(asked(['look']).status, 2);
  const none = join(folder, 'none');
  assert.match(asked(['list', '--store', none]).err, /store\.json: does not exist; make a store with/);
  assert.equal(asked(['init', '--store', none, '--boundary', 'b', '--owner', 'team']).status, 0);
  assert.match(
    asked(['init', '--store', none, '--boundary', 'b', '--owner', 'team']).err,
    /none: is a store already; /,
  );
  assert.equal(statSync(join(none, 'private.pem')).mode & 0o777, 0o600);
});

test('one dump is cleaned by itself, into a file that holds no secret at any time', () => {
  const [dump, out] = [join(folder, 'by-itself'), join(folder, 'by-itself.clean')];
  writeFileSync(dump, inMemory);
  const { status, out: said, err } = asked(['clean', dump, '--out', out]);
  assert.equal(status, 0, err);
  assert.deepEqual(Object.values(JSON.parse(said).detectors), [1]);
  assert.ok(!readFileSync(out).includes(PLANTED.heap) && !existsSync(`${out}.part`));
  assert.match(
    asked(['clean', dump, '--out', out, '--detectors', 'none-of-that']).err,
    /nothing is taken without them; /,
  );
});
