import assert from 'node:assert/strict';
import test from 'node:test';
import { formatContract } from '@macadam/testing/report-formats/contract';
import { sampleReport } from '@macadam/testing/report-formats/sample';
import { z } from 'zod';
import type { Report } from '../port.ts';
import { format } from './format.ts';
import { relativeUri } from './location.ts';
import { readSarifLog } from './read.ts';
import { RESULT_LIMIT } from './results.ts';

/** What we write of SARIF 2.1.0, nothing beside it, within what code hosts load. */
const message = z.strictObject({ text: z.string().min(1).max(1_024) });
const location = z.strictObject({
  physicalLocation: z.strictObject({
    artifactLocation: z.strictObject({
      // A relative reference (RFC 3986) that stays below its base.
      uri: z.string().regex(/^(?!\/)(?:(?!\.{1,2}(?:\/|$))(?:[\w.~!$&'()*+,;=@-]|%[0-9A-F]{2})+(?:\/|$))+$/),
      uriBaseId: z.literal('%SRCROOT%'),
    }),
    region: z.strictObject({ startLine: z.int().positive() }),
  }),
});
const level = z.enum(['none', 'note', 'warning', 'error']);
const rule = z.strictObject({
  id: z.string().min(1),
  name: z.string().regex(/^\w+$/).max(255),
  shortDescription: message,
  fullDescription: message,
  help: z.strictObject({ text: z.string().min(1), markdown: z.string().min(1) }),
  defaultConfiguration: z.strictObject({ level }),
  properties: z.strictObject({
    'security-severity': z.string().regex(/^(?:\d\.\d|10\.0)$/),
    precision: z.literal('high'),
    tags: z.array(z.string()).max(10),
  }),
});
const result = z
  .strictObject({
    ruleId: z.string(),
    ruleIndex: z.int().nonnegative(),
    kind: z.enum(['fail', 'open']),
    level,
    message,
    locations: z.array(location).length(1),
    partialFingerprints: z.record(z.string(), z.string().min(1)),
    suppressions: z
      .array(
        z.strictObject({
          kind: z.literal('external'),
          status: z.literal('accepted'),
          justification: z.string(),
        }),
      )
      .optional(),
    properties: z.record(z.string(), z.unknown()),
  })
  // §3.27.10: only a failure has a level.
  .refine((each) => (each.kind === 'fail') === (each.level !== 'none'), 'kind and level disagree');
const log = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z
    .array(
      z
        .strictObject({
          tool: z.strictObject({
            driver: z.strictObject({
              name: z.string().min(1),
              version: z.string(),
              rules: z.array(rule).max(25_000),
            }),
          }),
          automationDetails: z.strictObject({ id: z.string().endsWith('/') }),
          columnKind: z.literal('unicodeCodePoints'),
          originalUriBaseIds: z.strictObject({ '%SRCROOT%': z.strictObject({ description: message }) }),
          invocations: z.array(
            z.strictObject({
              executionSuccessful: z.boolean(),
              endTimeUtc: z.iso.datetime(),
              toolExecutionNotifications: z.array(
                z.strictObject({
                  level,
                  descriptor: z.strictObject({ id: z.string() }),
                  message,
                  locations: z.array(location).optional(),
                }),
              ),
            }),
          ),
          results: z.array(result).max(25_000),
          properties: z.record(z.string(), z.unknown()),
        })
        .refine(
          ({ results, tool }) =>
            results.every((each) => tool.driver.rules[each.ruleIndex]?.id === each.ruleId),
          'a result points at another rule',
        ),
    )
    .length(1),
});

const run = async (report: Report) =>
  log.parse(JSON.parse(await format.render(report, { color: false }))).runs[0];

formatContract(format, {
  check: (output, report) => {
    const parsed = log.safeParse(JSON.parse(output));
    assert.ok(parsed.success, parsed.error && z.prettifyError(parsed.error));
    const identities = parsed.data.runs.flatMap(({ results }) =>
      results.map((each) => each.partialFingerprints.primaryLocationLineHash),
    );
    assert.equal(new Set(identities).size, identities.length, 'an identity stands for two results');
    const reading = readSarifLog(JSON.parse(output));
    assert.ok('results' in reading, 'problem' in reading ? reading.problem : '');
    const rules = new Set(reading.results.map((each) => each.fingerprints['macadam/finding/v1']));
    assert.equal(rules.size, report.scan.findings.length, 'a finding is lost');
  },
});

test('each place is a result of its own, graver ones first', async () => {
  const results = (await run(sampleReport()))?.results ?? [];
  assert.deepEqual(
    results.map((each) => [each.ruleId, each.level, each.locations[0]?.physicalLocation.region.startLine]),
    [
      ['secrets-not-in-code', 'error', 14],
      ['secrets-not-in-code', 'error', 15],
      ['pipeline-uses-pinned', 'error', 10],
      ['pipeline-uses-pinned', 'error', 11],
      ['pipeline-uses-pinned', 'error', 12],
      ['pipeline-uses-pinned', 'error', 13],
      ['repository-owned', 'warning', 1],
      ['repository-owned', 'none', 1],
    ],
  );
  const { uri } = results[2]?.locations[0]?.physicalLocation.artifactLocation ?? {};
  assert.equal(uri, 'shop-0/.github/workflows/build%200.yml');
});

test('an excepted failure is suppressed and keeps its level', async () => {
  const results = (await run(sampleReport()))?.results ?? [];
  const suppressed = results.filter((each) => each.suppressions !== undefined);
  assert.equal(suppressed.length, 2);
  assert.equal(suppressed[0]?.level, 'error');
  assert.equal(
    suppressed[0]?.suppressions?.[0]?.justification,
    'vendor fixes it in spring (approved by @ada until 2027-03-01)',
  );
});

test('identities survive lines that move, and tell places apart', async () => {
  const report = sampleReport();
  const moved: Report = {
    ...report,
    scan: {
      ...report.scan,
      findings: report.scan.findings.map((finding) => ({
        ...finding,
        evidence: finding.evidence.map((each) =>
          each.location === undefined
            ? each
            : { ...each, location: { ...each.location, line: (each.location.line ?? 0) + 7 } },
        ),
      })),
    },
  };
  const identities = async (of: Report) => (await run(of))?.results.map((each) => each.partialFingerprints);
  assert.deepEqual(await identities(moved), await identities(report));
});

test('paths are encoded and stay below the root', () => {
  assert.equal(relativeUri('a b/c#d?e%f.ts'), 'a%20b/c%23d%3Fe%25f.ts');
  assert.equal(relativeUri('/etc/../x/./y'), 'etc/%E2%80%A6/x/y');
  assert.equal(relativeUri('file:x'), 'file%3Ax');
  assert.equal(relativeUri('\ud800'), '%EF%BF%BD');
});

test('a log that is too long for code hosts says what it leaves out', async () => {
  const only = await run(sampleReport({ findings: 20_000 }));
  assert.equal(only?.results.length, RESULT_LIMIT);
  const said = only?.invocations[0]?.toolExecutionNotifications.at(-1);
  assert.equal(said?.descriptor.id, 'results-left-out');
  assert.match(said?.message.text ?? '', /^7,000 results of lesser severity are left out/);
});

test('a source that failed makes the run unsuccessful', async () => {
  const report = sampleReport();
  const sources = report.scan.sources.map((source) => ({ ...source, status: 'failed' as const }));
  const failed = await run({ ...report, scan: { ...report.scan, sources } });
  assert.equal(failed?.invocations[0]?.executionSuccessful, false);
  assert.equal((await run(report))?.invocations[0]?.executionSuccessful, true);
});
