import assert from 'node:assert/strict';
import test from 'node:test';
import { formatContract, hostileTexts } from '@macadam/testing/report-formats/contract';
import { sampleReport } from '@macadam/testing/report-formats/sample';
import fc from 'fast-check';
import { cell, format } from './format.ts';

/** RFC 4180, by its grammar: what is not in it throws. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
    field.lastIndex = at;
    const found = field.exec(text);
    assert.ok(found, `no field at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    row.push(found[1] === undefined ? (found[2] ?? '') : found[1].replaceAll('""', '"'));
    if (found[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
    at = field.lastIndex;
  }
  assert.deepEqual(row, [], 'the last row has no end');
  return rows;
}

const formula = /^[\s\p{Cf}]*[=+\-@\t\r＝＋－＠]/u;

formatContract(format, {
  check: (output, report) => {
    assert.ok(output.startsWith('\ufeff') && output.isWellFormed());
    const rows = parse(output.slice(1));
    assert.equal(rows.length, report.scan.findings.length + 1);
    for (const row of rows) {
      assert.equal(row.length, rows[0]?.length);
      for (const each of row) assert.doesNotMatch(each, formula);
    }
  },
});

test('no text whatever becomes a formula, and none is lost', () => {
  const start = fc.constantFrom(...'=+-@\t\r\n |%\'"＝＋－＠', ' =', '\u200b=', '\ufeff=', '');
  fc.assert(
    fc.property(start, fc.string({ unit: 'grapheme' }), (first, rest) => {
      const [[read = ''] = []] = parse(`${cell(first + rest)}\r\n`);
      assert.doesNotMatch(read, formula);
      assert.ok(read.endsWith(rest.replaceAll(/[^a-z]/g, '').slice(-1)) || /[^a-z]$/.test(rest));
    }),
    { numRuns: 1_000 },
  );
  for (const text of hostileTexts) assert.doesNotMatch(cell(text).replace(/^"/, ''), formula);
  assert.equal(cell('=1+1'), "'=1+1");
  assert.equal(cell("'=1+1"), "''=1+1");
  assert.equal(cell('a "b", c'), '"a ""b"", c"');
  assert.equal(cell(14), '14');
  assert.equal(cell(null), '');
});

test('a row says what, where, who and until when', async () => {
  const [head = [], ...rows] = parse((await format.render(sampleReport(), { color: false })).slice(1));
  const of = (index: number) => Object.fromEntries(head.map((name, at) => [name, rows[index]?.[at]]));
  assert.deepEqual(of(2), {
    standard: 'pipeline-uses-pinned',
    pillar: 'engineering',
    severity: 'high',
    verdict: 'fail',
    reason: 'unpinned',
    message: '3 references are not pinned to a commit',
    kind: 'repository',
    asset: 'shop-2',
    repository: 'shop-2',
    place: '',
    path: '.github/workflows/build 2.yml',
    line: '12',
    owner: "'@acme/platform",
    assurance: 'configured',
    evidence: 'actions/checkout@v2; actions/checkout@v2',
    containers: '5',
    containers_listed: '5',
    exception_reason: 'vendor fixes it in spring',
    exception_until: '2027-03-01',
    as_of: '2026-11-01T09:00:00Z',
    asset_id: 'repository/file/shop-2',
    fingerprint: '00000000000000000000000000000002',
  });
});
