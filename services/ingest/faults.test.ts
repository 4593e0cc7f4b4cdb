/** Answers of whole directories, each with one fault at a time: what rests on it becomes unknown and says why, and nothing changes without a word. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ingest } from '@macadam/core/facts/ingest';
import { diagnose } from '@macadam/core/kinds/diagnose';
import { mutationsOf, type Outcome, silentChange } from '@macadam/testing/directories/faults';
import { bytesOf, type SavedExchange, WORLDS } from '@macadam/testing/directories/worlds';
import { loadCatalogue } from '../catalogue/load.ts';
import { readExport } from './export.ts';

const { kinds } = loadCatalogue([join(import.meta.dirname, '../..')]);

/** Null where nothing can be taken, which is said. */
function outcomeOf(format: string, answers: readonly SavedExchange[]): Outcome | null {
  const read = readExport(format, {
    folder: 'saved',
    files: answers.map((one, index) => ({
      path: one.file ?? `${index}.json`,
      bytes: bytesOf(one),
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
          assert.deepEqual(diagnose(known, one.attributes), [], where);
          assert.deepEqual(ingest(kinds, one).problems, [], where);
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
