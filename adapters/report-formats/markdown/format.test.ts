import assert from 'node:assert/strict';
import test from 'node:test';
import { formatContract, hostileTexts } from '@macadam/testing/report-formats/contract';
import { comparedReport, sampleReport } from '@macadam/testing/report-formats/sample';
import fc from 'fast-check';
import { format } from './format.ts';
import { code, plain } from './text.ts';

/** CommonMark's rule: a run of backticks opens code that the next run of the same length closes. */
function withoutCode(text: string): string {
  let left = '';
  for (let at = 0; at < text.length; ) {
    const [run] = /^`*/.exec(text.slice(at)) ?? [''];
    if (run === '' || text[at - 1] === '\\') {
      left += text[at++];
      continue;
    }
    const rest = text.slice(at + run.length);
    const close = [...rest.matchAll(/`+/g)].find(([found]) => found.length === run.length);
    assert.ok(close !== undefined, `an open code span in ${text}`);
    at += run.length + close.index + run.length;
    left += '·';
  }
  return left;
}

/** Nothing is left that a code host would render as anything but words. */
function assertInert(line: string): void {
  const outside = withoutCode(line);
  assert.doesNotMatch(outside, /(?<!\\)[<[\]]|@\w|#\d|:\/\/|www\.|(?<!\\)!\[/, line);
}

formatContract(format, {
  check: (output, report) => {
    assert.ok(output.isWellFormed() && output.length < 65_536);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is what is asserted
    assert.doesNotMatch(output, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    const lines = output.trimEnd().split('\n');
    for (const line of lines) {
      assertInert(line);
      assert.match(line, /^(?:$|### Macadam: |\*\*|\| |\|---|- |\d\. |\d+ standards? |and )/);
      if (line.startsWith('|')) assert.equal(line.split('|').length, 8, line);
    }
    assert.equal(lines.filter((line) => line.startsWith('| ')).length, report.scan.standards.length + 1);
  },
});

test('nothing that a stranger writes is formatted, linked, mentioned or loaded', () => {
  const piece = fc.constantFrom(
    '`',
    '``',
    '|',
    '\\',
    '<b>',
    '](',
    '@ada',
    '#12',
    'https://x',
    '\n',
    '*',
    ' ',
    'a',
  );
  const text = fc.oneof(
    fc.array(piece).map((pieces) => pieces.join('')),
    fc.string({ unit: 'grapheme' }),
  );
  fc.assert(
    fc.property(text, text, (a, b) => {
      const line = `x ${code(a)} y ${plain(b)} z`;
      assertInert(line);
      assert.doesNotMatch(line, /[|\n]/);
      assert.match(withoutCode(line), /^x [·–] y /);
    }),
    { numRuns: 2_000 },
  );
  for (const hostile of hostileTexts) assertInert(`${code(hostile)} ${plain(hostile)}`);
});

test('figures are intervals, graver standards come first', async () => {
  const output = await format.render(sampleReport(), { color: false });
  assert.match(
    output,
    /\| ❌ \| Pipelines use actions pinned to a commit \| 140 \| 50 \| at least 68 %, at most 77 % \|/,
  );
  assert.ok(output.indexOf('❌') < output.indexOf('❔') && output.indexOf('❔') < output.indexOf('✅'));
  assert.match(output, /1\. \*\*No secret stands in code\*\* \(critical, 1 failure\) in `shop-4`/);
});

test('owners are not called: a name stands in code', async () => {
  assert.match(await format.render(sampleReport(), { color: false }), /owner `@acme\/platform`/);
});

test('what is new since the baseline is listed', async () => {
  const output = await format.render(comparedReport(), { color: false });
  assert.match(output, /\*\*Since 2026\\-10\\-25\*\*: 1 fixed, 1 still failing\./);
  assert.match(output, /- `shop-0` `\.github\/workflows\/build 0\.yml:10`: /);
});
