/** Numbers about people: nobody's answer is readable from a group, from two of them, or from everybody less some. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FEWEST, type GroupAnswers, publishedGroups, SMALLER_GROUPS } from './published-groups.ts';

const count = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 300 }));
const company = fc
  .uniqueArray(fc.constantFrom(...'ABCDEFGH'), { maxLength: 8 })
  .chain((names) =>
    fc.tuple(
      ...names.map((group) =>
        fc.record({ group: fc.constant(group), yes: count, no: count, unknown: count }),
      ),
    ),
  );
const sizeOf = ({ yes, no, unknown }: GroupAnswers) => yes + no + unknown;

test('no number about people, and no difference of any two, is of fewer than ten', () => {
  fc.assert(
    fc.property(company, (groups) => {
      const published = publishedGroups(groups);
      for (const { yes, no, withheld } of published)
        for (const number of [yes, no, withheld]) assert.ok(number === 0 || number >= FEWEST, `${number}`);
      for (const { yes, no } of published) assert.equal((yes % FEWEST) + (no % FEWEST), 0);
      const people = groups.reduce((sum, group) => sum + sizeOf(group), 0);
      const counted = published.reduce((sum, { yes, no, withheld }) => sum + yes + no + withheld, 0);
      assert.equal(counted, people < FEWEST ? 0 : people);
      // Whoever knows the size of each group learns of no other set of people than unions of what is published.
      const alone = new Set(published.map(({ group }) => group));
      const rest = groups.filter(({ group }) => !alone.has(group));
      const restSize = rest.reduce((sum, group) => sum + sizeOf(group), 0);
      assert.ok(people < FEWEST || restSize === 0 || restSize >= FEWEST);
      // What is told is never more than what is so.
      for (const { group, yes, no } of published.filter(({ group }) => group !== SMALLER_GROUPS)) {
        const own = groups.find((one) => one.group === group);
        assert.ok(own && yes <= own.yes && no <= own.no);
      }
    }),
  );
});

test('for every person there is a company with their other answer, and the same numbers', () => {
  fc.assert(
    fc.property(company, (groups) => {
      const published = JSON.stringify(publishedGroups(groups));
      for (const [index, group] of groups.entries()) {
        // In a mixed group two people may have each other's answer; the numbers cannot tell. Where all have the same one, the
        // numbers are those of a group in which one has another.
        if (group.yes > 0 && group.no > 0) continue;
        const other = (answers: GroupAnswers): GroupAnswers =>
          answers.yes > 0
            ? { ...answers, yes: answers.yes - 1, no: 1 }
            : { ...answers, no: answers.no - 1, yes: 1 };
        if (group.yes + group.no === 0 || sizeOf(group) < FEWEST) continue;
        if (group.unknown > 0) continue;
        const changed = groups.map((one, at) => (at === index ? other(one) : one));
        assert.equal(JSON.stringify(publishedGroups(changed)), published, group.group);
      }
    }),
  );
});

test('small groups are published together, and a rest of few takes the next group in', () => {
  assert.deepEqual(
    publishedGroups([
      { group: 'Cloud', yes: 420, no: 77, unknown: 3 },
      { group: 'Legal', yes: 4, no: 1, unknown: 0 },
      { group: 'Ships', yes: 12, no: 0, unknown: 0 },
    ]),
    [
      { group: 'Cloud', yes: 420, no: 70, withheld: 10 },
      { group: SMALLER_GROUPS, yes: 0, no: 0, withheld: 17 },
    ],
  );
  assert.deepEqual(publishedGroups([{ group: 'Few', yes: 9, no: 0, unknown: 0 }]), []);
  assert.deepEqual(publishedGroups([{ group: 'All', yes: 60, no: 0, unknown: 0 }]), [
    { group: 'All', yes: 50, no: 0, withheld: 10 },
  ]);
});
