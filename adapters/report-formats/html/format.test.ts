import assert from 'node:assert/strict';
import test from 'node:test';
import { formatContract, hostileTexts } from '@macadam/testing/report-formats/contract';
import { estate } from '@macadam/testing/report-formats/estate';
import { emptyReport, sampleReport } from '@macadam/testing/report-formats/sample';
import { count } from '../figures.ts';
import type { Format } from '../port.ts';
import { format } from './format.ts';
import { page } from './page.ts';
import { SCRIPT } from './script.ts';

const ELEMENTS = new Set(
  (
    'html head meta title style body header footer main nav section article div span p a ul ol li dl dt dd h1 h2 h3 h4 h5 h6 ' +
    'details summary form label input select option button svg defs pattern rect line time bdi strong em code pre table ' +
    'thead tbody tr th td blockquote script noscript path circle symbol use'
  ).split(' '),
);

/** What people read: without the data, the script and the style sheet, which have tests of their own below. */
const readable = (output: string): string => output.replaceAll(/<(style|script)[^>]*>[\s\S]*?<\/\1>/g, '');

const DECEPTIVE = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b]/u;

/** No element or attribute is one that we do not write. What a browser makes of it is the browser test's. */
function check(output: string): void {
  for (const [tag, name = ''] of output.replace('<!doctype html>', '').matchAll(/<\/?([^\s>/]*)[^>]*>/g)) {
    assert.ok(ELEMENTS.has(name), tag);
    assert.doesNotMatch(tag, /\s(on\w+|style|src)=/i);
    assert.doesNotMatch(tag, /href="(?!#|https?:)/);
  }
  assert.doesNotMatch(output, DECEPTIVE);
}

const asRead: Format = {
  ...format,
  // The widths of a drawing are no words.
  render: async (report, options) =>
    readable(await format.render(report, options)).replaceAll(/ (width|x2)="100%"/g, ''),
};

formatContract(asRead, { check });

test('the data that the script reads is the scan, whatever stands in it', async () => {
  for (const text of hostileTexts) {
    const report = sampleReport({ text });
    const output = await format.render(report, { color: false });
    const data = /<script type="application\/json" id="payload">([^<]*)<\/script>/.exec(output)?.[1] ?? '';
    assert.deepEqual(JSON.parse(data).scan, JSON.parse(JSON.stringify(report.scan)));
  }
});

test('the page names its only style sheet and script by digest and allows nothing else', () => {
  const { text, policy } = page(sampleReport());
  assert.match(
    policy,
    /^default-src 'none'; script-src 'sha256-[\w+/]{43}='; style-src 'sha256-[\w+/]{43}='; /,
  );
  assert.doesNotMatch(policy, /unsafe|\*|https?:|data:/);
  assert.ok(text.indexOf('http-equiv="Content-Security-Policy"') < text.indexOf('<style>'));
  assert.equal(text.match(/<script/g)?.length, 2);
  assert.doesNotMatch(SCRIPT, /<\/script|innerHTML|insertAdjacentHTML|outerHTML|document\.write/);
});

test('a number that its list cannot hold is no link', () => {
  const { settled: _, ...without } = estate({ repositories: 20 });
  assert.doesNotMatch(page(without).text, /href="#[^"]*verdict=pass/);
  assert.match(page(estate({ repositories: 20 })).text, /href="#[^"]*verdict=pass/);
});

test('without a script every finding up to a limit is written, in groups that the numbers link to', () => {
  const report = estate({ repositories: 300 });
  const written = /<noscript>([\s\S]*)<\/noscript>/.exec(page(report).text)?.[1] ?? '';
  assert.equal(written.match(/<li>/g)?.length, 1000);
  assert.match(
    written,
    new RegExp(`The first 1,000 of ${count(report.scan.findings.length)} are written here`),
  );
  assert.match(written, /<h3 id="standard=secrets-not-in-code&amp;verdict=fail">/);
});

test('an excepted failure is counted as the failure that it is, and its number opens it', () => {
  const text = page(estate({ repositories: 200 })).text;
  assert.match(
    text,
    /standard=pipeline-uses-pinned&amp;verdict=fail&amp;excepted=yes">2 failures<\/a> under an exception/,
  );
});

test('a command that holds what a terminal would obey is shown and not offered for copying', () => {
  const [action] = sampleReport().actions;
  assert.ok(action);
  const of = (command: string) => page({ ...sampleReport(), actions: [{ ...action, command }] }).text;
  assert.match(of('macadam fix a'), /<button type="button" class="copy"/);
  for (const command of ['macadam fix a\nrm -rf b', 'macadam\u202e fix', 'macadam \u001b[2J'])
    assert.doesNotMatch(of(command), /<button type="button" class="copy"/);
});

test('nothing measured is not said to be well', () => {
  assert.match(page(emptyReport()).text, /Nothing is in scope of any standard, so nothing is measured\./);
  assert.match(page(emptyReport()).text, /Nothing was measured, so nothing can be said\./);
});

test('backticks of a sentence mark what is typed, and one alone is a backtick', () => {
  const [spot] = sampleReport().blindSpots;
  assert.ok(spot);
  const of = (why: string) => page({ ...sampleReport(), blindSpots: [{ ...spot, why }] }).text;
  assert.match(of('run `a <b>` or `c`.'), /<p>run <code>a &lt;b&gt;<\/code> or <code>c<\/code>\.<\/p>/);
  assert.match(of('it`s'), /<p>it`s<\/p>/);
});
