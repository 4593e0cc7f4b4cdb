/** What every output format keeps to. A format's test calls this, then adds what is particular to it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Format, FormatOptions, Report } from '@macadam/adapters/report-formats/port';
import { comparedReport, emptyReport, sampleReport } from './sample.ts';

/** Names that a stranger may give a file, a branch or a repository to do something to whoever reads the report. */
export const hostileTexts: readonly string[] = [
  '\u001b[2J\u001b[31mPASS\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007',
  '=HYPERLINK("https://evil.example","ok")',
  '@SUM(1+1)|cmd',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>\'`$(id)`{{7*7}}',
  '](javascript:alert(1)) | cell | <!-- ![x](https://evil.example/p.png) `` ` ```\n# heading\n- item',
  'line one\nline two\r\n::error::forged\u2028next\u2029last',
  'user\u202egnp.exe\u2066 zero\u200bwidth \u0000 nul \u009b31m C1 \u007f',
  'lone \ud800 half, e\u0301 accent, 漢字 wide, 👩‍👩‍👧 family',
  'a'.repeat(5_000),
  '../../etc/passwd %2e%2e/ file:///c:/x\\y?q#f',
  '-1+1',
  '',
  '__proto__',
];

export interface FormatContract {
  /** Throws when the output is not what its media type says; `report` is what was rendered. */
  readonly check: (output: string, report: Report) => void;
  readonly options?: FormatOptions;
}

export function formatContract(format: Format, { check, options = { color: false } }: FormatContract): void {
  const render = (report: Report) => format.render(report, options);
  const name = (what: string): string => `${format.id}: ${what}`;

  test(name('a realistic report, compared or not, is well formed'), async () => {
    for (const report of [sampleReport(), comparedReport()]) check(await render(report), report);
  });

  test(name('the same report gives the same output'), async () => {
    assert.equal(await render(sampleReport()), await render(sampleReport()));
  });

  test(name('nothing in scope is never a share'), async () => {
    const output = await render(emptyReport());
    check(output, emptyReport());
    assert.doesNotMatch(output, /NaN|undefined|Infinity|\b100 ?%/);
  });

  test(name('hostile names change nothing but themselves'), async () => {
    for (const text of hostileTexts) {
      const report = comparedReport({ text });
      check(await render(report), report);
    }
  });

  test(name('ten thousand findings are rendered'), async () => {
    const report = sampleReport({ findings: 10_000 });
    check(await render(report), report);
  });

  test(name('it says what it is'), () => {
    assert.match(format.id, /^[a-z]+$/);
    assert.match(format.mediaType, /^[a-z]+\/[a-z0-9.+-]+(; ?charset=utf-8)?$/);
    assert.ok(format.description.length > 10);
  });
}
