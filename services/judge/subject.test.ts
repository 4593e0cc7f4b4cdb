import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindSchema } from '@macadam/core/kinds/kind';
import { subjectsOf } from './subject.ts';

const kind = kindSchema.parse({
  kind: 'shed',
  description: 'A shed for tests.',
  key: ['name'],
  fresh_for: '7d',
  attributes: { name: { type: 'string', description: 'What it is called.' } },
});
const started = '2026-11-01T08:00:00.000Z';

/** Since when the kind is listed to its end, by a file with one collection, and one shed in it. */
function listed(more: Readonly<Record<string, unknown>>, status = 'complete') {
  const partition = { kind: 'shed', container: 'x', containerName: 'x', complete: true, seen: 1, ...more };
  const times = { startedAt: started, finishedAt: started };
  const collection = { source: 's', ...times, status, partitions: [partition], problems: [] };
  const shed = { kind: 'shed', id: 'shed/a', name: 'a', source: 's', observedAt: started };
  const observation = { ...shed, assurance: 'tested', attributes: { name: { value: 'a' } } };
  const subjects = subjectsOf({
    file: 'sheds.ndjson',
    kind,
    kinds: new Map([['shed', kind]]),
    name: 'sheds',
    text: `${JSON.stringify({ collection })}\n${JSON.stringify(observation)}\n`,
    now: new Date('2026-11-01T09:00:00Z'),
  });
  assert.ok('assets' in subjects, JSON.stringify(subjects));
  assert.deepEqual(
    subjects.assets.map(({ id }) => id),
    ['shed/a'],
  );
  return [...subjects.whole];
}

test('a file lists a kind to its end where as many arrive as it says and a witness counts', () => {
  const whole = [['shed', Date.parse(started)]];
  assert.deepEqual(listed({}), whole);
  assert.deepEqual(listed({ witness: { id: 'w', count: 1 } }), whole);
  assert.deepEqual(listed({ seen: 5 }), []);
  assert.deepEqual(listed({ seen: 5, witness: { id: 'w', count: 3 } }), []);
  assert.deepEqual(listed({ witness: { id: 'w', count: 2 } }), []);
  assert.deepEqual(listed({ complete: false, cause: 'forbidden', why: 'no right' }, 'incomplete'), []);
  assert.deepEqual(listed({}, 'failed'), []);
});
