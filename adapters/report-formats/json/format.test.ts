import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { formatContract } from '@macadam/testing/report-formats/contract';
import { sampleReport } from '@macadam/testing/report-formats/sample';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { format } from './format.ts';

const schema = JSON.parse(
  await readFile(new URL('../../../core/figures/scan.schema.json', import.meta.url), 'utf8'),
);
const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
addFormats.default(ajv);
const validate = ajv.compile(schema);

formatContract(format, {
  check: (output, report) => {
    const parsed: unknown = JSON.parse(output);
    assert.ok(validate(parsed), ajv.errorsText(validate.errors));
    const { remembered, comparison, ...scan } = parsed as Readonly<Record<string, unknown>>;
    assert.deepEqual(scan, JSON.parse(JSON.stringify(report.scan)));
    assert.deepEqual(remembered, report.remembered);
    assert.deepEqual(comparison ?? null, report.comparison);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is what is asserted
    assert.doesNotMatch(output, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  },
});

const broken: readonly (readonly [string, (scan: Record<string, unknown>) => void, RegExp])[] = [
  ['another schema', (scan) => Object.assign(scan, { schema: 'macadam.scan/2' }), /schema must be equal/],
  ['a field it does not know', (scan) => Object.assign(scan, { extra: 1 }), /additional properties/],
  ['a missing field', (scan) => delete scan.asOf, /required property 'asOf'/],
  ['a share of nothing', (scan) => first(scan.standards, { scope: 0, atLeast: 1 }), /atLeast must be null/],
  [
    'an unknown for no cause',
    (scan) => first(scan.findings, { verdict: 'unknown', reason: 'x' }),
    /reason must be/,
  ],
  [
    'an excepted unknown',
    (scan) =>
      first(scan.findings, {
        verdict: 'unknown',
        reason: 'failed',
        exception: { reason: 'r', approver: 'a', until: 'u' },
      }),
    /exception boolean schema is false/,
  ],
  ['line 0', (scan) => first(scan.findings, { location: { path: 'a', line: 0 } }), /line must be >= 1/],
];

function first(list: unknown, change: object): void {
  Object.assign((list as object[])[0] ?? {}, change);
}

for (const [what, change, message] of broken) {
  test(`the schema refuses ${what}`, async () => {
    const scan = JSON.parse(await format.render(sampleReport(), { color: false }));
    change(scan);
    assert.equal(validate(scan), false);
    assert.match(ajv.errorsText(validate.errors), message);
  });
}

test('the schema knows the repository that an asset stands in', async () => {
  const scan = JSON.parse(await format.render(sampleReport(), { color: false }));
  for (const { asset } of scan.findings) asset.container = 'shop';
  assert.ok(validate(scan), ajv.errorsText(validate.errors));
});
