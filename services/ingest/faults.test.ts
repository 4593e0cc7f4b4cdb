/** Answers of whole directories, each with one fault at a time: what rests on it becomes unknown and says why, and nothing changes without a word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOcsfPaper } from '@macadam/adapters/imports/findings/ocsf';
import { ingest } from '@macadam/core/facts/ingest';
import { diagnose } from '@macadam/core/kinds/diagnose';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { mutationsOf, type Outcome, silentChange } from '@macadam/testing/directories/faults';
import { bytesOf, type SavedExchange, WORLDS } from '@macadam/testing/directories/worlds';
import { readExport } from './export.ts';

const { kinds } = wholeCatalogue();

/** All answers but the one with a fault are the same each time. */
const written = new WeakMap<SavedExchange, Buffer>();
function writtenOf(answer: SavedExchange): Buffer {
  const bytes = written.get(answer) ?? bytesOf(answer);
  written.set(answer, bytes);
  return bytes;
}

/** Null where nothing can be taken, which is said. */
function outcomeOf(format: string, answers: readonly SavedExchange[]): Outcome | null {
  const read = readExport(format, {
    folder: 'saved',
    files: answers.map((one, index) => ({
      path: one.file ?? `${index}.json`,
      bytes: writtenOf(one),
    })),
    subject: null,
    takenAt: new Date('2026-11-01T00:00:00Z'),
    receivedAt: new Date('2026-11-02T00:00:00Z'),
  });
  if (!('batch' in read)) return null;
  const { observations, collection } = read.batch;
  return {
    directory: collection.partitions[0]?.container ?? '',
    observations,
    said: [
      ...collection.problems.map(({ code, message }) => `${code} ${message}`),
      ...collection.partitions.map(({ kind, complete, why = '' }) => `${kind} ${complete} ${why}`),
    ],
  };
}

for (const [format, world] of Object.entries(WORLDS))
  test(`${format}: no fault of one answer changes a fact without a word`, () => {
    const answers = world();
    const before = outcomeOf(format, answers);
    assert.ok(before && before.observations.length > 1, 'the sample holds something');
    let tried = 0;
    /** What fits its kind, as text: most of it is the same after each fault. */
    const fitting = new Set<string>();
    for (const [index, answer] of answers.entries())
      for (const { said, kind, exchange } of mutationsOf(format, { ...answer })) {
        const after = outcomeOf(format, answers.with(index, exchange as SavedExchange));
        // What names the directory may be gone: then nothing is taken, or of another one.
        if (after === null || after.directory !== before.directory) continue;
        tried += 1;
        const where = `${answer.request.line} ${said}`;
        for (const one of after.observations) {
          const known = kinds.get(one.kind);
          assert.ok(known, one.kind);
          const text = JSON.stringify(one);
          if (fitting.has(text)) continue;
          assert.deepEqual(diagnose(known, one.attributes), [], where);
          assert.deepEqual(ingest(kinds, one).problems, [], where);
          fitting.add(text);
        }
        assert.equal(silentChange(before, after, kind), null, where);
      }
    assert.ok(tried > 30, `${tried} faults were tried`);
  });

test('a change without a word is seen: a flag that is turned, and an asset that is gone', () => {
  const before = outcomeOf('okta', WORLDS.okta?.() ?? []);
  assert.ok(before);
  const [first] = before.observations;
  assert.ok(first);
  const turned = { ...first, attributes: { ...first.attributes, enabled: { value: false } } };
  const others = before.observations.slice(1);
  assert.match(
    silentChange(before, { ...before, observations: [turned, ...others] }, 'left-out') ?? '',
    /enabled of .* was .*true.* and is .*false/,
  );
  assert.match(silentChange(before, { ...before, observations: others }, 'left-out') ?? '', /is gone/);
});

test('ocsf: no fault of a finding makes a pass of what was none, and what is refused names the field', () => {
  const finding = (uid: string, more: object) => ({
    class_uid: 2004,
    time: Date.UTC(2026, 9, 30),
    message: 'is open to everybody',
    metadata: { event_code: 's3_public', version: '1.4.0', product: { name: 'Prowler', version: '5.0.0' } },
    severity_id: 4,
    status: 'New',
    status_id: 1,
    finding_info: { uid, title: 'Buckets are closed', types: ['IAM'] },
    resources: [{ uid: `arn:aws:s3:::${uid}`, name: uid, type: 'AwsS3Bucket' }],
    ...more,
  });
  const body = [
    finding('one', { status_code: 'FAIL' }),
    finding('two', { status_code: 'MANUAL' }),
    finding('three', {
      class_uid: 2003,
      compliance: { control: 'S3.1', status: 'Fail', status_id: 3 },
      status_code: 'FAIL',
    }),
  ];
  let tried = 0;
  for (const at of body.keys())
    for (const { said, exchange } of mutationsOf('ocsf', { body: [body[at]] })) {
      const read = readOcsfPaper({
        text: JSON.stringify((exchange as { readonly body: unknown }).body),
        file: 'found.json',
        subject: 'shop',
        takenAt: { at: new Date('2026-11-01T00:00:00Z'), stated: true },
        receivedAt: new Date('2026-11-02T00:00:00Z'),
      });
      tried += 1;
      if ('mistakes' in read) {
        for (const { field, reason } of read.mistakes) assert.ok(`${field}${reason}`.length > 10, said);
        continue;
      }
      for (const one of read.batches.flatMap(({ observations }) => observations)) {
        assert.deepEqual(ingest(kinds, one).problems, [], said);
        const { outcome } = one.attributes;
        assert.ok(outcome && !('value' in outcome && outcome.value === 'pass'), `${at} ${said}`);
      }
    }
  assert.ok(tried > 100, `${tried} faults were tried`);
});
