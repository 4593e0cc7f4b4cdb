import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_WORK_DONE, toilOf, type WorkDone } from './toil.ts';

const PEOPLE: Readonly<Record<string, readonly string[]>> = { shop: ['ann', 'ben'], till: ['ben', 'cy'] };
const people = (team: string) => PEOPLE[team] ?? null;
const done = (more: Partial<WorkDone>): WorkDone => ({ ...NO_WORK_DONE, ...more });

test('items are shared by everybody who had work, each person once; whom nobody knows is not guessed', () => {
  const both = toilOf(
    done({
      items: 6,
      teams: new Map([
        ['shop', 4],
        ['till', 2],
      ]),
    }),
    30,
    people,
  );
  assert.deepEqual([both.engineers, both.itemsPerEngineer], [3, 2]);
  const strange = toilOf(
    done({
      items: 6,
      teams: new Map([
        ['shop', 4],
        ['x', 2],
      ]),
    }),
    30,
    people,
  );
  assert.deepEqual([strange.engineers, strange.itemsPerEngineer], [null, null]);
  assert.deepEqual(toilOf(NO_WORK_DONE, 30, people).itemsPerEngineer, null);
  assert.equal(toilOf(done({ fixed: 4 }), 30, people).estimatedHours, 2);
});

test('its owner hears of it where disputes are upheld often, and where people rather ask than fix, or pass it on', () => {
  const concerns = (more: Partial<WorkDone>) => toilOf(done(more), 0, people).concerns;
  const disputes = (upheld: number, rejected: number) => ({ opened: upheld + rejected, upheld, rejected });
  assert.deepEqual(concerns({ disputes: disputes(1, 4) }), ['often-wrong']);
  assert.deepEqual(concerns({ disputes: disputes(1, 5) }), []);
  assert.deepEqual(concerns({ disputes: disputes(3, 1) }), [], 'four say nothing');
  const exceptions = { asked: 6, approved: 1, refused: 0 };
  assert.deepEqual(concerns({ exceptions, fixed: 5 }), ['rather-excepted']);
  assert.deepEqual(concerns({ exceptions, fixed: 6 }), []);
  assert.deepEqual(concerns({ reassigned: 7, fixed: 2 }), ['passed-on']);
});
