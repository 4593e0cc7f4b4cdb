/** Answers as the starts of the catalogue have them, with anything at all in any place: no reader throws, and what it makes fits its kind. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ingest } from '@macadam/core/facts/ingest';
import { diagnose } from '@macadam/core/kinds/diagnose';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { runs } from '@macadam/testing/runs';
import fc from 'fast-check';
import { answersIn, startIn } from '../catalogue/start-files.ts';
import { EXPORT_FORMATS, readExport } from './export.ts';

const { kinds, standards } = wholeCatalogue();
const starts = standards.flatMap(({ folder }) => {
  const place = join(folder, 'start');
  const read = existsSync(place) ? startIn(place) : { start: null, texts: {} };
  if ('broken' in read || read.start === null || !EXPORT_FORMATS.includes(read.start.source)) return [];
  const { source: format, subject = null } = read.start;
  return [{ format, subject, answers: answersIn(read.start, read.texts) }];
});

/** What hosts do not write, and files of strangers do. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, 0, -1, 1e300, '', '*', [], {}, [null], [[]], { a: {} }, true, '2026-13-99'),
  fc.jsonValue({ maxDepth: 2 }),
);
/** One place in forty. What is odd is made for that one alone, for it takes longer to make than all else. */
const fault = fc.oneof(
  { weight: 40, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: odd.map((instead) => ({ instead })) },
);
const CHANCES = 1000;

/** The same with something odd where the next of the chances says so. */
function spoiled(value: unknown, faults: Iterator<{ readonly instead: unknown } | null>): unknown {
  const { value: found, done } = faults.next();
  if (!done && found !== null) return found.instead;
  if (Array.isArray(value)) return value.map((one) => spoiled(one, faults));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spoiled(one, faults)]));
}

test('no reader throws on answers with anything in any place, and every observation fits its kind', () => {
  assert.ok(starts.length > 30, `${starts.length} starts`);
  fc.assert(
    fc.property(
      fc.constantFrom(...starts),
      fc.infiniteStream(fault),
      ({ format, subject, answers }, stream) => {
        const faults = stream.take(CHANCES);
        const files = Object.entries(answers).map(([path, body]) => {
          const text = spoiled(body, faults);
          return { path, bytes: Buffer.from(typeof text === 'string' ? text : (JSON.stringify(text) ?? '')) };
        });
        const at = new Date('2026-11-01T00:00:00Z');
        const read = readExport(format, { folder: 'saved', files, subject, takenAt: at, receivedAt: at });
        if ('mistakes' in read) {
          for (const { reason } of read.mistakes) assert.notEqual(reason, '');
          return;
        }
        for (const one of read.batch.observations) {
          const kind = kinds.get(one.kind);
          assert.ok(kind, one.kind);
          assert.deepEqual(diagnose(kind, one.attributes), [], `${format} ${one.name}`);
          assert.deepEqual(ingest(kinds, one).problems, [], `${format} ${one.name}`);
        }
      },
    ),
    { numRuns: runs(3000) },
  );
});
