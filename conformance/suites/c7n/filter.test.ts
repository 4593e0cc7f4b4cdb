import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeOf, partOf } from '../../judge.ts';
import { expressionOf } from './filter.ts';

const verdict = (filters: readonly unknown[], resource: unknown) =>
  judgeOf({ check: expressionOf(filters) })(resource).verdict;

function holds(filter: unknown, matching: readonly unknown[], others: readonly unknown[]): void {
  for (const resource of matching)
    assert.equal(verdict([filter], resource), 'pass', JSON.stringify([filter, resource]));
  for (const resource of others)
    assert.equal(verdict([filter], resource), 'fail', JSON.stringify([filter, resource]));
}

const value = (key: string, op: string | undefined, given: unknown, value_type?: string) => ({
  type: 'value',
  key,
  ...(op && { op }),
  value: given,
  ...(value_type && { value_type }),
});

test('words speak of what is there, and null is not', () => {
  holds({ a: 'absent' }, [{}, { a: null }], [{ a: 0 }, { a: '' }]);
  holds({ a: 'present' }, [{ a: 0 }, { a: [] }], [{}, { a: null }]);
  holds(
    { a: 'not-null' },
    [{ a: 1 }, { a: [0] }],
    [{}, { a: 0 }, { a: '' }, { a: [] }, { a: {} }, { a: false }],
  );
  holds({ a: 'empty' }, [{}, { a: 0 }, { a: '' }, { a: {} }], [{ a: 'x' }]);
  holds(
    { 'tag:A': 'absent' },
    [{}, { Tags: [{ Key: 'B', Value: '1' }] }],
    [{ Tags: [{ Key: 'A', Value: '1' }] }],
  );
});

test('operators compare what is alike, and nothing else', () => {
  holds(value('a', 'ne', 3), [{}, { a: 2 }, { a: '3' }], [{ a: 3 }]);
  holds(value('a', 'gt', 3), [{ a: 4 }, { a: 3.5 }], [{ a: 3 }, {}, { a: '4' }, { a: [] }]);
  holds(value('a', 'lte', 'b'), [{ a: 'a' }, { a: 'b' }], [{ a: 'c' }, { a: 1 }]);
  holds(value('a', 'in', ['x', 'y']), [{ a: 'y' }], [{ a: 'z' }, {}]);
  holds(value('a', 'not-in', ['x']), [{ a: 'y' }, {}], [{ a: 'x' }]);
  holds(
    value('a', 'contains', 'x'),
    [{ a: ['x'] }, { a: 'axb' }, { a: { x: 1 } }],
    [{ a: ['y'] }, {}, { a: 1 }],
  );
  holds(value('a', 'intersect', [1, 2]), [{ a: [5, 2] }], [{ a: [5] }, {}]);
  holds(value('a', 'difference', [1, 2]), [{ a: [1, 5] }], [{ a: [2] }, {}]);
  holds(value('a', 'glob', 'a*[0-9]?'), [{ a: 'abc1z' }, { a: 'a\n2x' }], [{ a: 'abc1' }, { a: 'xa1z' }, {}]);
  holds(value('a', 'regex', 'ab$'), [{ a: 'AB' }], [{ a: 'xab' }, { a: 1 }]);
  holds(value('a', 'regex-case', 'ab'), [{ a: 'abc' }], [{ a: 'AB' }]);
});

test('values are transformed before they are compared', () => {
  holds(value('a', 'gte', 2, 'size'), [{ a: [1, 2] }, { a: 'xyz' }], [{ a: [1] }, {}, { a: null }]);
  holds(value('a', 'lt', 5, 'integer'), [{ a: ' 3 ' }, { a: 4 }, { a: 'x' }, {}], [{ a: '7' }]);
  holds(value('a', undefined, 'abc', 'normalize'), [{ a: ' ABC ' }], [{ a: 'ab' }, {}, { a: 1 }]);
  holds(value('a', 'in', 'x', 'swap'), [{ a: ['x'] }], [{ a: ['y'] }, {}]);
  holds(
    value('a', 'gt', 30, 'age'),
    [{ a: '2025-11-01' }, { a: '2025-11-01T10:00:00Z' }, { a: 1_600_000_000 }, { a: '1600000000000' }],
    [{ a: '2025-12-30T00:00:00Z' }, {}],
  );
  holds(
    value('a', 'lt', 30, 'expiration'),
    [{ a: '2026-01-20' }, { a: '2020-01-01' }],
    [{ a: '2026-03-01' }, {}],
  );
  holds(
    value('a', 'in', '10.0.0.0/8', 'cidr'),
    [{ a: '10.1.0.0/16' }],
    [{ a: '11.0.0.0/16' }, { a: 'x' }, {}],
  );
});

test('blocks nest', () => {
  const filter = { or: [{ and: [{ a: 1 }, { not: [{ b: 1 }, { c: 1 }] }] }, { d: 1 }] };
  holds(filter, [{ a: 1 }, { a: 1, b: 1 }, { d: 1 }], [{ a: 1, b: 1, c: 1 }, { b: 1 }]);
});

test('keys are JMESPath', () => {
  holds(
    { 'a.b[-1].c': 1 },
    [{ a: { b: [{}, { c: 1 }] } }],
    [{ a: { b: [] } }, { a: null }, { a: 'x' }, { a: { b: [null] } }],
  );
  holds(
    value("Tags[?Key=='x'].Value | [0]", undefined, 'y'),
    [
      {
        Tags: [
          { Key: 'w', Value: 'z' },
          { Key: 'x', Value: 'y' },
        ],
      },
    ],
    [{ Tags: [] }, {}],
  );
  holds(
    value('a[].b[].c', 'contains', 1),
    [{ a: [{ b: [{ c: 1 }] }] }],
    [{ a: [{ b: [{ c: 2 }] }, {}] }, {}],
  );
  holds(value('length(a)', 'gt', 1), [{ a: [1, 2] }], [{ a: [1] }, {}]);
  holds(
    value('a[?b.c==`1` && !d].e', 'contains', 5),
    [{ a: [{ b: { c: 1 }, e: 5 }] }],
    [{ a: [{ b: { c: 1 }, d: 1, e: 5 }] }],
  );
  holds(value('a[?n > `2`].n', undefined, [3]), [{ a: [{ n: 1 }, { n: 3 }] }], [{ a: [{ n: 4 }] }]);
  assert.throws(() => verdict([value('a.[b, c]', undefined, 1)], {}), /JMESPath: `.\[` is not translated/);
});

test('what was not seen is unknown, unless the rest decides', () => {
  assert.equal(verdict([{ a: 'absent' }], partOf({ b: 1 })), 'unknown');
  assert.equal(verdict([{ a: 'absent' }, { b: 2 }], partOf({ b: 1 })), 'fail');
  assert.equal(verdict([{ or: [{ a: 'absent' }, { b: 1 }] }], partOf({ b: 1 })), 'pass');
});
