/** How much of a document is read: all of one that is as large as it may be, and no more than shows that it is larger. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOUNDS } from '@macadam/core/text/bounds';
import { formatOf, intake, rehearsal } from './ingest.ts';

const PIECE = 2 ** 20;
const now = new Date('2026-11-02T00:00:00Z');

/** A document in pieces, of any size; `taken` counts those that were asked for. */
function documentOf(bytes: number) {
  const begin = '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"scanner"}},"results":[]';
  const end = '}]}';
  const taken = { pieces: 0, ended: false };
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (let at = 0; at < bytes; at += PIECE) {
        taken.pieces += 1;
        const piece = Buffer.alloc(Math.min(PIECE, bytes - at), ' ');
        if (at === 0) piece.write(begin);
        if (at + PIECE >= bytes && piece.length > end.length) piece.write(end, piece.length - end.length);
        yield piece;
      }
    } finally {
      taken.ended = true;
    }
  }
  return { taken, pieces: pieces() };
}

const asked = (bytes: AsyncIterable<Uint8Array>) => ({
  bytes,
  file: 'results.sarif',
  as: null,
  subject: 'upload',
  receivedAt: now,
  takenAt: { at: now, stated: true },
});

test('a document of 32 MB is read, and of a larger one no more than shows that it is', async () => {
  const most = documentOf(BOUNDS.document);
  const read = await intake(asked(most.pieces), rehearsal(new Map()));
  assert.deepEqual([read.format, read.mistakes, read.appended.length], ['sarif', [], 1]);
  const larger = documentOf(4 * BOUNDS.document);
  const refused = await intake(asked(larger.pieces), rehearsal(new Map()));
  assert.deepEqual(refused.appended, []);
  assert.deepEqual(
    refused.mistakes.map(({ reason }) => reason),
    [`is larger than ${BOUNDS.document} bytes; take it apart`],
  );
  assert.equal(larger.taken.pieces, BOUNDS.document / PIECE + 1);
  const over = await intake(asked(documentOf(BOUNDS.document + 1).pieces), rehearsal(new Map()));
  assert.equal(over.mistakes.length, 1);
});

test('what a document is, is seen in its beginning, and the rest is left', async () => {
  const { taken, pieces } = documentOf(BOUNDS.document);
  assert.equal(await formatOf({ bytes: pieces, as: null }), 'sarif');
  assert.deepEqual(taken, { pieces: 1, ended: true });
  assert.equal(await formatOf({ bytes: documentOf(10).pieces, as: 'ocsf' }), 'ocsf');
});
