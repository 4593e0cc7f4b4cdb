/** What a connector may hand over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Kind, kindSchema } from '../kinds/kind.ts';
import { emission } from './ingest.ts';
import type { Observation } from './observation.ts';

const attributes = { name: { type: 'string', description: 'What people call it.' } };
const kind = (name: string, more: object): Kind =>
  kindSchema.parse({
    kind: name,
    description: 'A thing of a test.',
    key: ['name'],
    fresh_for: '7d',
    attributes,
    ...more,
  });
const KINDS = new Map([
  ['shelf', kind('shelf', {})],
  ['book', kind('book', { contained_in: 'shelf' })],
]);

const observed = (id: string, container?: string): Observation => ({
  kind: id.split('/')[0] ?? '',
  id,
  name: id,
  source: 'library',
  observedAt: '2026-11-01T00:00:00Z',
  receivedAt: '2026-11-01T00:00:00Z',
  assurance: 'configured',
  attributes: {},
  ...(container !== undefined && { container }),
});

test('a contained asset that does not name its container is refused, and the others are taken', () => {
  const { emit, observations, problems } = emission(KINDS);
  emit(observed('shelf/a'));
  emit(observed('book/a/one', 'shelf/a'));
  emit(observed('book/a/two'));
  emit(observed('book/a/three', ''));
  assert.deepEqual(
    observations.map(({ id }) => id),
    ['shelf/a', 'book/a/one'],
  );
  assert.deepEqual(
    problems().map(({ code, message, asset }) => ({ code, message, asset })),
    [
      {
        code: 'container-missing',
        message: "book/a/two does not say which shelf it was seen in; give that one's id as `container`",
        asset: 'book/a/two',
      },
      {
        code: 'container-missing',
        message: "book/a/three does not say which shelf it was seen in; give that one's id as `container`",
        asset: 'book/a/three',
      },
    ],
  );
});
