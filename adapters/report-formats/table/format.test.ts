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
  assert.match(output, /✗ pipeline-uses-pinned +410 +140 +50 .*at least 68 %, at most 77 %/);
  assert.match(
    output,
    /\n {4}product +400 +40 +0 .*90 %\n {4}test +10 +100 +0 .*9 %\n {4}place not known +0 +0 +50 /,
  );
  assert.match(output, /✗ repository-owned +7 +2 +3 .*at least 7, at most 10 of 12/);
  assert.match(output, /✓ dependencies-locked +12 +0 +0 .*12 of 12/);
  assert.match(output, /– commits-signed-with-presence +0 +0 +0 .*nothing in scope/);
  assert.match(output, /1 standard met, 3 failing, 1 undecided, 1 with nothing in scope/);
});

test('every failing standard is named by id, with how many, where, what to do and for whom; the gravest first', async () => {
  const output = await render();
  assert.match(
    output,
    /FAILING: 3 standards, 3 failures\n✗ secrets-not-in-code {2}CRITICAL {2}1 of 12 repositories\n/,
  );
  assert.match(output, / {2}No secret stands in code\n {4}shop-4 {2}\.github\/workflows\/build 4\.yml:14\n/);
  assert.match(output, / {2}→ macadam explain secrets-not-in-code\n {4}for shop-4: owner @acme\/platform\n/);
  assert.match(
    output,
    /→ macadam fix shop-0 --standard pipeline-uses-pinned\n {4}for shop-0: nobody is known to own it/,
  );
  assert.match(output, /What the code host enforces \(12 assets, 1 standard\).*\n +→ scan with --github/);
  const order = [
    'FAILING',
    'secrets-not-in-code',
    'pipeline-uses-pinned',
    'WHAT THIS PICTURE CANNOT SEE',
    'HOW EACH',
  ];
  assert.deepEqual(
    order.toSorted((a, b) => output.indexOf(a) - output.indexOf(b)),
    order,
  );
  assert.match(
    output,
    /3 standards fail, with 3 failures[\s\S]*\nBegin with: macadam explain secrets-not-in-code\n$/,
  );
});

test('a place has its line of code, and leads to it at the host: by itself in a terminal, else by its address', async () => {
  const link = 'https://github.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/a.yml#L10';
  const report = sampleReport({ findings: 2 });
  const code = { from: 9, lines: ['steps:', '  - uses: a/b@v1', '  - run: x'] };
  const findings = report.scan.findings.map((one) => ({ ...one, link, code, evidence: [] }));
  const shown = { ...report, scan: { ...report.scan, findings } };
  assert.match(
    await render(shown),
    /\n {4}shop-0 .*:10\n {6}https:\/\/github\.com\/.*#L10\n {6}│ - uses: a\/b@v1\n/,
  );
  const coloured = await render(shown, 80, true);
  assert.ok(coloured.includes(`\u001b]8;;${link}\u001b\\`));
  assert.ok(!stripVTControlCharacters(coloured).includes('https://'));
  const hostile = findings.map((one) => ({ ...one, link: 'https://a/\u001b]8;;x' }));
  const refused = await render({ ...report, scan: { ...report.scan, findings: hostile } }, 80, true);
  assert.ok(!refused.includes('\u001b]'));
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

test('two places of each standard are shown, and the rest is counted', async () => {
  const output = await render(sampleReport({ findings: 100 }));
  assert.match(output, /FAILING: 3 standards, 60 failures\n/);
  assert.match(output, /✗ pipeline-uses-pinned[\s\S]*?\n {4}and 18 more\n/);
});

test('an empty estate says that it is empty', async () => {
  assert.match(
    await render(emptyReport()),
    /no assets\. 0 standards met, 0 failing, 0 undecided, 1 with nothing in scope/,
  );
});
