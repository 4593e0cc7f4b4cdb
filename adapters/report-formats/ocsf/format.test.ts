import assert from 'node:assert/strict';
import test from 'node:test';
import { formatContract } from '@macadam/testing/report-formats/contract';
import { comparedReport, sampleReport } from '@macadam/testing/report-formats/sample';
import { z } from 'zod';
import { format } from './format.ts';

/** What the class requires; the whole of its schema is held against us in conformance/suites/ocsf.ts. */
const events = z.array(
  z
    .looseObject({
      category_uid: z.literal(2),
      class_uid: z.literal(2003),
      activity_id: z.int().min(1).max(3),
      type_uid: z.int(),
      time: z.int().min(1_700_000_000_000),
      severity_id: z.int().min(1).max(5),
      status_id: z.int().min(1).max(3),
      metadata: z.object({ version: z.literal('1.8.0'), product: z.object({ name: z.string() }) }),
      finding_info: z.object({ uid: z.string().regex(/^[0-9a-f]{32}$/) }),
      compliance: z.object({ control: z.string(), status_id: z.int(), status: z.string() }),
      resources: z.array(z.object({ uid: z.string(), name: z.string() })).length(1),
    })
    .refine((each) => each.type_uid === each.class_uid * 100 + each.activity_id),
);

const rendered = async (report = sampleReport()) =>
  events.parse(JSON.parse(await format.render(report, { color: false })));

formatContract(format, {
  check: (output, report) => {
    assert.equal(events.parse(JSON.parse(output)).length, report.scan.findings.length);
    const lines = output.trimEnd().split('\n');
    if (report.scan.findings.length > 0) assert.equal(lines.length, report.scan.findings.length + 2);
  },
});

test('an unknown is a warning for want of information, never a pass', async () => {
  const statuses = (await rendered()).map((each) => [each.compliance.status_id, each.compliance.status]);
  assert.deepEqual(statuses, [
    [3, 'Fail'],
    [2, 'Warning'],
    [3, 'Fail'],
    [3, 'Fail'],
    [3, 'Fail'],
  ]);
});

test('an excepted failure is suppressed and stays a failure', async () => {
  const third = (await rendered())[2];
  assert.deepEqual([third?.status_id, third?.compliance.status_id], [3, 3]);
  assert.equal(third?.comment, 'vendor fixes it in spring; approved by @ada until 2027-03-01');
});

test('compared with an earlier scan, what was there is an update', async () => {
  const activities = (await rendered(comparedReport())).map((each) => each.activity_id);
  assert.deepEqual(activities, [1, 2, 2, 2, 2]);
});

test('evidence has its file, and its line beside the text', async () => {
  const evidences = (await rendered())[0]?.evidences;
  assert.deepEqual((evidences as unknown[])[0], {
    file: { name: 'build 0.yml', path: '.github/workflows/build 0.yml', type_id: 1, type: 'Regular File' },
    data: { text: 'actions/checkout@v0', line: 10 },
  });
});
