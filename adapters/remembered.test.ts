import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remembered } from './remembered.ts';

test('a question is asked once, also by those who ask while it is looked for; what failed is asked again', async () => {
  const answers = remembered<number>(2);
  let asked = 0;
  const ask = async () => {
    asked += 1;
    if (asked === 1) throw new Error('no room');
    return asked;
  };
  const first = await Promise.allSettled([answers.of('a', ask), answers.of('a', ask)]);
  assert.deepEqual(
    first.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.deepEqual(await Promise.all([answers.of('a', ask), answers.of('a', ask)]), [2, 2]);
});

test('the answers to the questions that were asked last are kept, and none once they are forgotten', async () => {
  const answers = remembered<string>(2);
  const asked: string[] = [];
  const of = (question: string) =>
    answers.of(question, async () => {
      asked.push(question);
      return question;
    });
  for (const question of ['a', 'b', 'a', 'c', 'a', 'b']) await of(question);
  assert.deepEqual(asked, ['a', 'b', 'c', 'b']);
  answers.forget();
  await of('a');
  assert.equal(asked.length, 5);
});

test('what was asked before all is forgotten is given to nobody who asks after', async () => {
  const answers = remembered<string>(1);
  const before = Promise.withResolvers<string>();
  const early = answers.of('a', () => before.promise);
  answers.forget();
  const late = answers.of('a', async () => 'new');
  before.resolve('old');
  assert.deepEqual([await early, await late], ['old', 'new']);
});
