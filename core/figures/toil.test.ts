import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_WORK_DONE, opinionsOf, toilOf, type WorkDone } from './toil.ts';

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
    { peopleOf: people },
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
    { peopleOf: people },
  );
  assert.deepEqual([strange.engineers, strange.itemsPerEngineer], [null, null]);
  assert.deepEqual(toilOf(NO_WORK_DONE, 30, { peopleOf: people }).itemsPerEngineer, null);
  assert.equal(toilOf(done({ fixed: 4 }), 30, { peopleOf: people }).estimatedHours, 2);
});

test('its owner hears of it where disputes are upheld often, and where people rather ask than fix, or pass it on', () => {
  const concerns = (more: Partial<WorkDone>) => toilOf(done(more), 0, { peopleOf: people }).concerns;
  const disputes = (upheld: number, rejected: number) => ({ opened: upheld + rejected, upheld, rejected });
  assert.deepEqual(concerns({ disputes: disputes(1, 4) }), ['often-wrong']);
  assert.deepEqual(concerns({ disputes: disputes(1, 5) }), []);
  assert.deepEqual(concerns({ disputes: disputes(3, 1) }), [], 'four say nothing');
  const exceptions = { asked: 6, approved: 1, refused: 0 };
  assert.deepEqual(concerns({ exceptions, fixed: 5 }), ['rather-excepted']);
  assert.deepEqual(concerns({ exceptions, fixed: 6 }), []);
  assert.deepEqual(concerns({ reassigned: 7, fixed: 2 }), ['passed-on']);
});

test('what fewer than ten answered is told to nobody; what most think costs too much is said to its owner', () => {
  assert.deepEqual(opinionsOf(undefined), { enough: false, answers: null });
  const nine = { 'worth-it': 4, 'too-costly': 4, wrong: 1 };
  assert.deepEqual(opinionsOf(nine), { enough: false, answers: null });
  const ten = { 'worth-it': 4, 'too-costly': 4, wrong: 2 };
  assert.deepEqual(opinionsOf(ten), { enough: true, answers: ten });
  const concerns = (opinions: typeof ten) => toilOf(NO_WORK_DONE, 0, { peopleOf: people, opinions }).concerns;
  assert.deepEqual([concerns(nine), concerns(ten)], [[], ['too-costly']]);
  assert.deepEqual(concerns({ 'worth-it': 6, 'too-costly': 4, wrong: 0 }), []);
});
