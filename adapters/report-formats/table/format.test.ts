import assert from 'node:assert/strict';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { formatContract, hostileTexts } from '@macadam/testing/report-formats/contract';
import { emptyReport, sampleReport } from '@macadam/testing/report-formats/sample';
import { columns } from '../text.ts';
import { format } from './format.ts';

const render = async (report = sampleReport(), width?: number, color = false) =>
  format.render(report, width === undefined ? { color } : { color, width });

formatContract(format, {
  check: (output) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is what is asserted
    assert.doesNotMatch(output, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]/);
    assert.ok(output.isWellFormed());
    assert.match(output, /^Macadam · /);
    assert.ok(output.endsWith('\n') && !output.endsWith('\n\n'));
  },
});

test('every line fits the width, except a command, which is never cut', async () => {
  for (const width of [40, 60, 80, 100, 120]) {
    for (const text of [undefined, ...hostileTexts]) {
      const report = sampleReport(text === undefined ? {} : { text });
      const silent = { ...report, actions: report.actions.map((each) => ({ ...each, command: '' })) };
      for (const line of (await render(silent, width)).split('\n')) {
        assert.ok(columns(line) <= width, `${columns(line)} > ${width}: ${line}`);
      }
    }
  }
});

test('colour adds nothing but colour, and hostile names cannot bring their own', async () => {
  for (const text of [undefined, ...hostileTexts]) {
    const report = sampleReport(text === undefined ? {} : { text });
    const [plain, coloured] = [await render(report), await render(report, undefined, true)];
    assert.equal(stripVTControlCharacters(coloured), plain);
    assert.ok(coloured.includes('\u001b['));
    assert.ok(!coloured.includes('\u001b[2J') && !coloured.includes('\u001b]'));
  }
});

test('figures are intervals, counts lead under a hundred', async () => {
  const output = await render(sampleReport(), 120);
  assert.match(
    output,
    /✗ Pipelines use actions pinned to a commit +410 +140 +50 .*at least 68 %, at most 77 %/,
  );
  assert.match(
    output,
    /\n {4}product +400 +40 +0 .*90 %\n {4}test +10 +100 +0 .*9 %\n {4}place not known +0 +0 +50 /,
  );
  assert.match(output, /✗ Every repository has living owners +7 +2 +3 .*at least 7, at most 10 of 12/);
  assert.match(output, /✓ Dependencies are locked +12 +0 +0 .*12 of 12/);
  assert.match(output, /– Commits are signed with presence +0 +0 +0 .*nothing in scope/);
  assert.match(output, /1 standard met, 3 failing, 1 undecided, 1 with nothing in scope/);
});

test('what to do first has place, owner and command; blind spots have their remedy', async () => {
  const output = await render();
  assert.match(
    output,
    /1 CRITICAL No secret stands in code · 1 failure\n +shop-4 {2}config\/settings\.ts:14/,
  );
  assert.match(output, /owner @acme\/platform\n +macadam explain secrets-not-in-code/);
  assert.match(output, /nobody is known to own it\n +macadam fix shop-0 --standard pipeline-uses-pinned/);
  assert.match(output, /What the code host enforces \(12 assets, 1 standard\).*\n +→ scan with --github/);
  assert.ok(output.indexOf('FAILING') < output.indexOf('DO FIRST'));
  assert.ok(output.indexOf('DO FIRST') < output.indexOf('WHAT THIS PICTURE CANNOT SEE'));
});

test('an excepted failure stays a failure; the adjusted figure stands beside it, named so', async () => {
  const report = sampleReport();
  const standards = report.scan.standards.map((each) =>
    each.id === 'repository-owned' ? { ...each, excepted: 1, adjustedAtLeast: 8 / 12 } : each,
  );
  const output = await render({ ...report, scan: { ...report.scan, standards } });
  assert.match(
    output,
    /at least 7, at most 10 of 12\n +1 failure under an exception; adjusted, at least 8 of 12/,
  );
  assert.doesNotMatch(output, /shop-2/, 'an excepted failure is not listed as work');
});

test('only ten failures are listed, and the rest is counted', async () => {
  const output = await render(sampleReport({ findings: 100 }));
  assert.match(output, /FAILING 60\n/);
  assert.match(output, /and 50 more/);
});

test('an empty estate says that it is empty', async () => {
  assert.match(
    await render(emptyReport()),
    /no assets\. 0 standards met, 0 failing, 0 undecided, 1 with nothing in scope/,
  );
});
