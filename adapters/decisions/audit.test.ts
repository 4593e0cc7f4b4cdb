import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { canonical } from '@macadam/core/text/canonical';
import fc from 'fast-check';
import { AUDIT_START, type AuditRow, auditDigest, verifyAudit } from './audit.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function chain(contents: readonly unknown[], previous = AUDIT_START, first = 1): AuditRow[] {
  const rows: AuditRow[] = [];
  for (const [index, given] of contents.entries()) {
    const content = canonical(given);
    const linked = {
      number: first + index,
      at: `2026-11-01T00:00:00.${String(index).padStart(6, '0')}Z`,
      previous: rows.at(-1)?.digest ?? previous,
      content,
      contentDigest: sha256(content),
    };
    rows.push({ ...linked, digest: auditDigest(linked) });
  }
  return rows;
}

const logs = fc
  .array(fc.record({ action: fc.string(), detail: fc.jsonValue() }), { minLength: 2, maxLength: 20 })
  .map((contents) => chain(contents.map((content, index) => ({ ...content, index }))));

test('the digest is over four lines that any tool can hash', () => {
  const [row] = chain([{ action: 'a' }]);
  assert.equal(row?.contentDigest, sha256('{"action":"a"}'));
  assert.equal(
    row?.digest,
    sha256(`1\n${'0'.repeat(64)}\n2026-11-01T00:00:00.000000Z\n${sha256('{"action":"a"}')}`),
  );
});

test('a log that nobody touched is whole, and an empty one, too', async () => {
  await fc.assert(
    fc.asyncProperty(logs, async (rows) => {
      assert.deepEqual(await verifyAudit(rows), {
        whole: true,
        entries: rows.length,
        digest: rows.at(-1)?.digest,
      });
    }),
  );
  assert.deepEqual(await verifyAudit([]), { whole: true, entries: 0, digest: AUDIT_START });
});

test('any edit of any field is found at its entry', async () => {
  const fields = ['number', 'at', 'previous', 'content', 'contentDigest', 'digest'] as const;
  await fc.assert(
    fc.asyncProperty(logs, fc.nat(), fc.constantFrom(...fields), async (rows, at, field) => {
      const index = at % rows.length;
      const edited = rows.map((row, place) =>
        place === index ? { ...row, [field]: field === 'number' ? row.number + 100 : `${row[field]} ` } : row,
      );
      const verdict = await verifyAudit(edited);
      assert.ok(!verdict.whole);
      assert.equal(verdict.number, index + 1);
    }),
  );
});

test('an edit whose own digests were made anew is found at the next entry', async () => {
  await fc.assert(
    fc.asyncProperty(logs, fc.nat(), async (rows, at) => {
      const index = at % (rows.length - 1);
      const before = rows[index - 1]?.digest ?? AUDIT_START;
      const forged = [
        ...rows.slice(0, index),
        ...chain(['forged'], before, index + 1),
        ...rows.slice(index + 1),
      ];
      assert.deepEqual(await verifyAudit(forged), {
        whole: false,
        number: index + 2,
        why: 'it does not follow from the entry before it',
      });
    }),
  );
});

test('any removal, insertion or move is found where it begins', async () => {
  await fc.assert(
    fc.asyncProperty(logs, fc.nat(), fc.nat(), async (rows, one, two) => {
      const from = one % (rows.length - 1);
      const removed = await verifyAudit(rows.toSpliced(from, 1));
      assert.deepEqual(removed, {
        whole: false,
        number: from + 1,
        why: `entry ${from + 1} is missing: ${from + 2} comes in its place`,
      });
      const [row] = rows.slice(from, from + 1);
      assert.ok(row);
      const twice = await verifyAudit(rows.toSpliced(from, 0, row));
      assert.ok(!twice.whole);
      assert.equal(twice.number, from + 2);
      const to = two % rows.length;
      if (to === from) return;
      const moved = await verifyAudit(rows.toSpliced(from, 1).toSpliced(to, 0, row));
      assert.ok(!moved.whole);
      assert.equal(moved.number, Math.min(from, to) + 1);
    }),
  );
});

test('an end cut off and a log written anew are found by a digest that was noted', async () => {
  const rows = chain(['a', 'b', 'c']);
  const anchors = new Map([[3, rows[2]?.digest ?? '']]);
  assert.equal((await verifyAudit(rows, anchors)).whole, true);
  assert.deepEqual(await verifyAudit(rows.slice(0, 1), anchors), {
    whole: false,
    number: 2,
    why: 'entries 2 to 3 or more are missing at the end',
  });
  assert.deepEqual(await verifyAudit(chain(['a', 'x', 'c']), anchors), {
    whole: false,
    number: 3,
    why: 'it is not the entry whose digest was noted: the log was written anew up to here',
  });
});
