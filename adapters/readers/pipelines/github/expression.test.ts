import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { controllerOf } from './contexts.ts';
import { evaluate } from './evaluation.ts';
import { contextPath, fences, flows, parseExpression } from './expression.ts';

function paths(text: string): readonly string[] {
  const expression = parseExpression(text);
  assert.ok(!('error' in expression), text);
  return flows(expression).map((flow) => contextPath(flow)?.join('.') ?? '');
}

function value(text: string): unknown {
  const expression = parseExpression(text);
  assert.ok(!('error' in expression), text);
  const outcome = evaluate(expression);
  return 'value' in outcome ? outcome.value : outcome;
}

test('what ends up in the text: conditions choose, functions carry, comparisons do not', () => {
  assert.deepEqual(paths("github.event_name == 'push' && github.ref || github.head_ref"), [
    'github.ref',
    'github.head_ref',
  ]);
  assert.deepEqual(paths("format('{0}', toJSON(github.event))"), ['github.event']);
  assert.deepEqual(paths("contains(github.event.issue.title, 'x')"), []);
  assert.deepEqual(paths('fromJSON(steps.a.outputs.b).c[0].d'), ['steps.a.outputs.b']);
  assert.deepEqual(paths("case(github.actor == 'a', inputs.x, inputs.y)"), ['inputs.x', 'inputs.y']);
  assert.deepEqual(paths("github['event']['commits'][0].MESSAGE"), ['github.event.commits.*.message']);
});

test('constants are evaluated as GitHub does', () => {
  assert.equal(value("format('{0} {{x}} {1}', 1.50, true)"), '1.5 {x} true');
  assert.equal(value("'A' == 'a' && null == 0"), true);
  assert.deepEqual(value('github.ref'), { undetermined: true });
  assert.deepEqual(value("format('{1}', 1)"), {
    error: 'evaluation',
    message: 'the format string references more arguments than were supplied: {1}',
  });
});

test('an error says where', () => {
  assert.deepEqual(parseExpression('1 + 2'), {
    error: 'lexing',
    message: 'unexpected symbol `+`',
    offset: 2,
  });
  assert.deepEqual(parseExpression('nope(1)'), {
    error: 'parsing',
    message: 'unrecognised function `nope`',
    offset: 0,
  });
  assert.match(JSON.stringify(parseExpression('('.repeat(5000))), /deeper than 50/);
});

test('who controls a context', () => {
  const who = (text: string) => controllerOf(text.split('.'));
  assert.equal(who('github.event.pull_request.head.ref'), 'anyone');
  assert.equal(who('github.event.pull_request.base.ref'), 'writer');
  assert.equal(who('github.event.commits.*.author.name'), 'anyone');
  assert.equal(who('github.event.label.name'), 'writer');
  assert.equal(who('github.event.pull_request.number'), 'nobody');
  assert.equal(who('github.event.repository.name'), 'nobody');
  assert.equal(who('github.event.client_payload.title'), 'writer');
  assert.equal(who('steps.a.outcome'), 'nobody');
  assert.equal(who('github.event.something_new'), undefined);
});

test('a fence ends where the runner ends it: not inside quotes', () => {
  const open = '$'.concat('{{');
  const text = `a ${open} format('}}') }} b ${open} x }} ${open} open`;
  assert.deepEqual(
    fences(text).map(({ inner }) => inner.trim()),
    ["format('}}')", 'x'],
  );
});

test('no text makes the parser or the evaluator throw, and spans lie inside the text', () => {
  const piece = fc.constantFrom(
    'github',
    '.',
    'event',
    '[',
    ']',
    '*',
    '(',
    ')',
    "'a'",
    '1',
    '!',
    '&&',
    '||',
    '==',
    '<',
    ',',
    'format',
    'fromJSON',
    ' ',
    'case',
    'true',
    '-',
    '{0}',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 30 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (source) => {
      const expression = parseExpression(source);
      if ('error' in expression) return expression.offset >= 0 && expression.offset <= source.length;
      evaluate(expression);
      return flows(expression).every(({ start, end }) => start >= 0 && start < end && end <= source.length);
    }),
  );
});
