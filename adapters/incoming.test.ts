import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BOUNDS } from '@macadam/core/text/bounds';
import { incomingIn, type Received, TooLarge } from './incoming.ts';

const root = mkdtempSync(join(tmpdir(), 'macadam-incoming-test-'));
after(() => rmSync(root, { recursive: true, force: true }));
const of = async function* (...pieces: readonly string[]) {
  for (const piece of pieces) yield Buffer.from(piece);
};
/** More than is held in memory. */
const LARGE = 'x'.repeat(100_000);
const PIECE = 1 << 16;
const PIECES = BOUNDS.document / PIECE;
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const textOf = async (received: Received) => {
  const pieces: Uint8Array[] = [];
  for await (const piece of received.read()) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
};

test('a body is received whole, read as often as it is asked, and left without a trace', async () => {
  const folder = join(root, 'whole');
  const received = await incomingIn(folder).receive(of('a', 'b'), 10);
  assert.deepEqual([received.bytes, await textOf(received), await textOf(received)], [2, 'ab', 'ab']);
  assert.equal(received.sha256, 'fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603');
  await received.leave();
  const empty = await incomingIn(folder).receive(of(), 10);
  assert.deepEqual([empty.bytes, await textOf(empty)], [0, '']);
  await empty.leave();
  const large = await incomingIn(folder).receive(of(LARGE, 'y', LARGE), 1_000_000);
  assert.deepEqual([large.bytes, await textOf(large)], [200_001, `${LARGE}y${LARGE}`]);
  assert.deepEqual(readdirSync(folder), [`${large.id}.body`]);
  await large.leave();
  assert.deepEqual(readdirSync(folder), []);
});

test('what is too large, or breaks off, leaves nothing', async () => {
  const folder = join(root, 'large');
  const incoming = incomingIn(folder);
  await assert.rejects(incoming.receive(of('abc', 'def'), 5), (error) => error instanceof TooLarge);
  const broken = async function* () {
    yield Buffer.from('a');
    throw new Error('gone');
  };
  await assert.rejects(incoming.receive(broken(), 5), /gone/);
  await assert.rejects(incoming.receive(of(LARGE, LARGE), 150_000), (error) => error instanceof TooLarge);
  const lateBroken = async function* () {
    yield Buffer.from(LARGE);
    throw new Error('gone late');
  };
  await assert.rejects(incoming.receive(lateBroken(), 1_000_000), /gone late/);
  assert.deepEqual(readdirSync(folder), []);
});

for (const [size, text] of [
  ['small', 'facts'],
  ['large', LARGE],
] as const)
  test(`what was begun with a ${size} body and not finished is found by whoever has the folder next, with its note, and by nobody meanwhile`, async () => {
    const folder = join(root, `begun-${size}`);
    const first = incomingIn(folder);
    const received = await first.receive(of(text), 1_000_000);
    await received.begun({ subject: 'x' });
    assert.deepEqual(await first.unfinished(), []);
    // The process died; a body that had nothing begun with it goes, and half of one too.
    writeFileSync(join(folder, 'aa.body'), 'no note');
    writeFileSync(join(folder, 'bb.partial'), 'half');
    writeFileSync(join(folder, 'cc.small.partial'), '{');
    const [found, ...more] = await incomingIn(folder).unfinished();
    assert.deepEqual([more.length, found?.note], [0, { subject: 'x' }]);
    assert.ok(found);
    assert.deepEqual(
      [found.received.id, found.received.bytes, found.received.sha256],
      [received.id, received.bytes, received.sha256],
    );
    assert.equal(await textOf(found.received), text);
    await found.received.finished();
    assert.deepEqual(readdirSync(folder), []);
  });

test('a note that is being written is left alone', async () => {
  const folder = join(root, 'noting');
  const incoming = incomingIn(folder);
  const received = await incoming.receive(of(LARGE), 1_000_000);
  writeFileSync(join(folder, `${received.id}.json.partial`), '{');
  assert.deepEqual(await incoming.unfinished(), []);
  assert.ok(readdirSync(folder).includes(`${received.id}.json.partial`));
});

test('what was left in the middle is found again by the same process', async () => {
  const incoming = incomingIn(join(root, 'left'));
  const received = await incoming.receive(of('facts'), 10);
  await received.begun({});
  await received.leave();
  assert.equal((await incoming.unfinished()).length, 1);
});

test('a body of 32 MB is on the disk piece by piece: what was taken is held no longer', async () => {
  const folder = join(root, 'streamed');
  const incoming = incomingIn(folder);
  const pieces: WeakRef<Buffer>[] = [];
  const held: number[] = [];
  const body = async function* () {
    for (let number = 0; number < PIECES; number += 1) {
      const piece = Buffer.alloc(PIECE, number);
      pieces.push(new WeakRef(piece));
      yield piece;
      if (number % 32 !== 31) continue;
      // Weak references live until the turn in which they were looked at is over.
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
      held.push(pieces.filter((one) => one.deref() !== undefined).length);
    }
  };
  const received = await incoming.receive(body(), BOUNDS.document);
  assert.equal(received.bytes, BOUNDS.document);
  assert.equal(held.length, PIECES / 32);
  assert.ok(Math.max(...held) <= 4, `of ${PIECES} pieces it held ${held.join(', ')}`);
  await received.leave();
  await assert.rejects(incoming.receive(body(), BOUNDS.document - 1), (error) => error instanceof TooLarge);
  assert.deepEqual(readdirSync(folder), []);
});

test('what is held whole is read one after the other, and what is small waits for nothing', async () => {
  const incoming = incomingIn(join(root, 'alone'));
  const done: string[] = [];
  let goOn: () => void = () => {};
  const first = incoming.alone({ bytes: BOUNDS.document }, async () => {
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
    done.push('first');
  });
  const second = incoming.alone({ bytes: BOUNDS.document }, async () => void done.push('second'));
  await incoming.alone({ bytes: 1000 }, async () => void done.push('small'));
  assert.deepEqual(done, ['small']);
  goOn();
  await Promise.all([first, second]);
  assert.deepEqual(done, ['small', 'first', 'second']);
  await assert.rejects(
    incoming.alone({ bytes: BOUNDS.document }, async () => {
      throw new Error('no document');
    }),
    /no document/,
  );
  await incoming.alone({ bytes: BOUNDS.document }, async () => void done.push('after a failure'));
  assert.equal(done.at(-1), 'after a failure');
});
