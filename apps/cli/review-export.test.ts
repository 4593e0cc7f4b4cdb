/** What is sent of a review opens where it is sent: a PDF whose structure a screen reader reads, and slides. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { freezeReview } from '@macadam/services/progress/freeze';
import { FULL_MINUTES } from '@macadam/testing/server/leaks';
import { kept } from '@macadam/testing/server/sample';
import { exportReview } from './commands/review-export.ts';

const sheds = await kept();
after(() => sheds.remove());
const made = await freezeReview({
  source: sheds.source,
  head: { number: 1, title: 'Week 45', frozenAt: '2026-11-03T13:00:00Z', frozenBy: 'ann', simulated: false },
  minutes: {
    ...FULL_MINUTES,
    agenda: [{ kind: 'worse', standard: null, label: null, detail: 'it got worse', says: 'it got worse' }],
  },
  previous: null,
  exceptions: [],
  divisions: new Map(),
  key: null,
});
assert.ok('text' in made);
const file = join(sheds.folder, 'review.ndjson');
writeFileSync(file, made.text);

/** Objects of a PDF as text: those that stand in it, and those in its compressed streams. */
function objectsOf(pdf: Buffer): string {
  const parts = [pdf.toString('latin1')];
  for (let at = pdf.indexOf('stream\n'); at >= 0; at = pdf.indexOf('stream\n', at + 1)) {
    if (pdf.subarray(at - 3, at).toString() === 'end') continue;
    try {
      parts.push(inflateSync(pdf.subarray(at + 'stream\n'.length)).toString('latin1'));
    } catch {
      // A picture, or a font.
    }
  }
  return parts.join('\n');
}

test('a PDF of a review is tagged: it has a title, a language, headings, and tables whose header cells are named so', () => {
  const out = join(sheds.folder, 'review.pdf');
  assert.equal(exportReview(file, { format: 'pdf', out }), 0);
  const pdf = readFileSync(out);
  assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
  const objects = objectsOf(pdf);
  assert.match(objects, /\/MarkInfo\s*<<[^>]*\/Marked true/);
  assert.match(objects, /\/StructTreeRoot \d+ 0 R/);
  assert.match(objects, /\/Lang \(en[^)]*\)/);
  assert.match(objects, /\/Title \((?:Week 45|Review 1|[^)]*\d)/);
  const number = (kind: string) => objects.match(new RegExp(`/S /${kind}\\b`, 'g'))?.length ?? 0;
  assert.ok(number('H1') >= 1, 'it has no heading');
  assert.ok(number('H2') >= 3, 'it has no headings of its parts');
  assert.ok(number('Table') >= 3, 'it has no tables');
  assert.ok(number('TH') >= 8, 'its tables have no header cells');
  assert.ok(number('TD') > 0, 'its tables have no cells');
});

test('the agenda of a review stands in its document', () => {
  const out = join(sheds.folder, 'review.html');
  assert.equal(exportReview(file, { format: 'html', out }), 0);
  assert.match(readFileSync(out, 'utf8'), /<h2>Agenda<\/h2>.*it got worse/s);
});
