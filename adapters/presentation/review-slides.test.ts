/** The slides of a review: the package is whole, every part is XML, and what strangers wrote stays text. */
import assert from 'node:assert/strict';
import { dirname, join, normalize } from 'node:path/posix';
import { test } from 'node:test';
import { crc32, inflateRawSync } from 'node:zlib';
import type { Review } from '@macadam/core/figures/review';
import { reviewSlides } from './review-slides.ts';

const HOSTILE = '<script>&"\u0000\ud800';
const counts = { pass: 3, fail: 2, unknown: 1, excepted: 0 };
const figure = (index: number): Review['figures'][number] => ({
  ...counts,
  standard: `standard-${index}`,
  label: index === 0 ? HOSTILE : `Standard ${index}`,
  title: 'A title of a standard',
  pillar: 'engineering',
  severity: 'high',
  accountable: null,
  target: { share: 0.9, by: '2027-03-01' },
  status: 'off-track',
  statusCause: 'missed',
  definition: 'd',
  unnamed: 0,
  containers: null,
  atLeast: 0.5,
  atMost: 0.667,
  measured: 0.833,
  adjustedAtLeast: 0.5,
  measure: null,
  forecast: null,
  teams: {},
  since: { pass: 1, fail: -1, unknown: 0, excepted: 0 },
});
const review: Pick<Review, 'head' | 'minutes' | 'figures'> = {
  head: {
    format: 'macadam.review/1',
    number: 7,
    title: 'Week 48',
    engine: 'macadam 0.1.0',
    at: '2026-11-28T10:00:00.000Z',
    known: 1,
    frozenAt: '2026-11-28T11:00:00.000Z',
    frozenBy: 'chief',
    catalogue: 'c',
    shared: '',
    previous: { number: 6, digest: 'd', at: '2026-11-21T10:00:00.000Z' },
    simulated: true,
    listings: true,
  },
  minutes: {
    attendance: [
      { person: 'ann', present: true },
      { person: 'bob', present: false },
    ],
    decisions: [{ question: 'Two locks?', decided: null, by: null }],
    actions: [{ id: '7.1', what: HOSTILE, owner: 'bob', due: '2027-01-01', state: 'open' }],
    exceptions: { asked: [], approved: [] },
    misses: [{ standard: 'standard-1', due: '2026-11-01', reason: 'hard-to-fix', note: null, saidBy: 'ann' }],
  },
  figures: Array.from({ length: 20 }, (_, index) => figure(index)),
};

/** Every file of an archive, by its central directory; each is checked against its sum. */
function unzipped(archive: Buffer): ReadonlyMap<string, string> {
  const end = archive.length - 22;
  assert.equal(archive.readUInt32LE(end), 0x06054b50);
  const files = new Map<string, string>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    assert.equal(archive.readUInt32LE(at), 0x02014b50);
    const [sum, packed, whole] = [16, 20, 24].map((offset) => archive.readUInt32LE(at + offset));
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    assert.equal(archive.readUInt32LE(local), 0x04034b50, name);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const content = inflateRawSync(archive.subarray(start, start + (packed ?? 0)));
    assert.deepEqual([crc32(content), content.length], [sum, whole], name);
    files.set(name, content.toString());
    at += 46 + nameLength;
  }
  return files;
}

/** Throws where tags do not nest, or a text has what XML must not hold. */
function wellFormed(name: string, text: string): void {
  const open: string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no way to write these
  assert.doesNotMatch(text, /[\u0000-\u0008\u000b\u000c\u000e-\u001f]|&(?!amp;|lt;|gt;|quot;)/, name);
  for (const [, closes, tag, empty] of text.matchAll(/<(\/?)([\w:]+)(?:\s[\w:]+="[^"<]*")*(\/?)>/g)) {
    if (closes === '/') assert.equal(open.pop(), tag, name);
    else if (empty !== '/' && tag !== undefined) open.push(tag);
  }
  assert.deepEqual(open, [], name);
  assert.equal(
    text.replaceAll(/<\?xml[^>]*\?>|<(\/?)([\w:]+)(?:\s[\w:]+="[^"<]*")*(\/?)>/g, '').includes('<'),
    false,
    name,
  );
}

test('slides are a whole package: every part is XML, named by its type, and every relation leads to one', () => {
  const files = unzipped(reviewSlides(review, 'ab'));
  const types = files.get('[Content_Types].xml') ?? '';
  for (const [name, text] of files) {
    wellFormed(name, text);
    if (name.endsWith('.rels')) {
      const folder = dirname(dirname(name));
      for (const [, target = ''] of text.matchAll(/Target="([^"]+)"/g))
        assert.ok(files.has(normalize(join(folder, target))), `${name}: ${target}`);
    } else if (name !== '[Content_Types].xml') assert.ok(types.includes(`PartName="/${name}"`), name);
  }
  const slides = [...files].filter(([name]) => /^ppt\/slides\/slide\d+\.xml$/.test(name));
  assert.equal(slides.length, 7);
  for (const [name, text] of slides) {
    assert.match(text, /<p:ph type="title"\/>.*<a:t>[^<]+<\/a:t>/s, name);
    if (text.includes('<a:tbl>')) assert.match(text, /<a:tblPr firstRow="1"\/>/, name);
  }
});

test('slides say what the review says, and what strangers wrote is text', () => {
  const text = [...unzipped(reviewSlides(review, 'ab')).values()].join('\n');
  for (const said of [
    'All of it is made up: this company does not exist.',
    '0 of 20 standards with a target met or on track: 20 off track.',
    'Present: ann. Absent: bob.',
    'How it stood (2 of 2)',
    'off track, missed',
    '3 (+1)',
    '2 (−1)',
    'hard to fix',
    'is sealed with ab.',
    '&lt;script&gt;&amp;&quot;\ufffd\ufffd',
  ])
    assert.ok(text.includes(said), said);
  assert.deepEqual(reviewSlides(review, 'ab'), reviewSlides(review, 'ab'));
});
