/** Expressions that are made to take for ever: refused when they are loaded, at their place, with what to do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merge } from '../facts/asset.ts';
import { kindSchema } from '../kinds/kind.ts';
import { budgets } from './budget.ts';
import { type CompiledStandard, compileStandard } from './compiled-standard.ts';
import { judgeOf, rowOf } from './evaluate.ts';
import { standardSchema } from './standard.ts';

const described = { description: 'A field of it.' };
const kind = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests.',
  key: ['id'],
  fresh_for: '7d',
  attributes: {
    id: { type: 'string', ...described },
    tags: { type: 'list', of: 'string', ...described },
  },
});

function compiled(check: string, where = 'true') {
  const definition = standardSchema.parse({
    id: 'bomb',
    pillar: 'engineering',
    title: 'A bomb for tests',
    statement: 'Every thing takes long.',
    why: 'It is here to take long.',
    origin: { report: 'none', lesson: 'It took far too long.' },
    scope: { kind: 'thing', where },
    check,
    reasons: [{ id: 'slow', when: 'true', say: 'it is slow' }],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  });
  return compileStandard(definition, kind, { file: 'bomb/standard.yaml', lineOf: () => 7 });
}

/** `use` of a value that was made of the one before it so often. */
function again(
  times: number,
  { start, step, use }: { start: string; step: (of: string) => string; use: (of: string) => string },
): string {
  let text = use(`v${times}`);
  for (let at = times; at > 0; at -= 1) text = `cel.bind(v${at}, ${step(`v${at - 1}`)}, ${text})`;
  return `cel.bind(v0, ${start}, ${text})`;
}

const long = (of: string) => `size(${of}) > 0`;
const BOMBS: readonly (readonly [string, string])[] = [
  ['a text that is doubled', again(30, { start: 'asset.id', step: (v) => `${v} + ${v}`, use: long })],
  ['a constant that is doubled', again(40, { start: '"ab"', step: (v) => `${v} + ${v}`, use: long })],
  ['replacing one by two', again(30, { start: '"a"', step: (v) => `${v}.replace("a", "aa")`, use: long })],
  ['replacing nothing', again(20, { start: '"a"', step: (v) => `${v}.replace("", ${v})`, use: long })],
  ['joining', again(30, { start: '"a"', step: (v) => `[${v}, ${v}].join(${v})`, use: long })],
  ['formatting', again(30, { start: '"a"', step: (v) => `"%s%s".format([${v}, ${v}])`, use: long })],
  ['quoting', again(30, { start: '"\\""', step: (v) => `strings.quote(${v})`, use: long })],
  [
    'splitting what was doubled',
    again(16, {
      start: '"ab"',
      step: (v) => `${v} + ${v}`,
      use: (v) => `${v}.split("").all(a, ${v}.split("").all(b, a != b))`,
    }),
  ],
  ['lists in lists in lists', 'asset.tags.all(a, asset.tags.all(b, asset.tags.all(c, a == b || b == c)))'],
  [
    'a list that is doubled',
    again(40, { start: '[1]', step: (v) => `${v} + ${v}`, use: (v) => `${v}.all(x, x > 0)` }),
  ],
  ['a repetition of a repetition', 'asset.id.matches("((a{1,100}){1,100}){1,10}")'],
  ['a long class, often', `asset.id.matches("${'[^a]{500}'.repeat(100)}")`],
  ['letters of every script, often', `asset.id.matches("${'\\\\pL{1,300}'.repeat(20)}")`],
  ['many patterns', Array.from({ length: 2000 }, (_, n) => `asset.id.matches("${n}.*x")`).join(' || ')],
  ['a pattern for each of many', `asset.tags.all(a, asset.tags.all(b, b.matches("(ab?c*){50}")))`],
];

for (const [name, check] of BOMBS)
  test(`${name}: refused when it is loaded`, () => {
    const result = compiled(check);
    assert.ok('mistakes' in result, 'it loads');
    const [mistake] = result.mistakes;
    assert.deepEqual([mistake?.file, mistake?.line, mistake?.field], ['bomb/standard.yaml', 7, 'check']);
    assert.match(mistake?.reason ?? '', /may take .* steps|parts/);
    assert.match(mistake?.reason ?? '', /fact of the kind/, 'it says what to do');
  });

const NOW = new Date('2026-06-01T00:00:00Z');
const CLOCK = { asOf: NOW, real: NOW };

function row(tags: readonly string[]) {
  const at = NOW.toISOString();
  const asset = merge(kind, [
    {
      kind: 'thing',
      id: 'thing/a',
      name: 'a',
      source: 'test',
      observedAt: at,
      receivedAt: at,
      assurance: 'configured',
      attributes: { id: { value: 'a' }, tags: { value: tags } },
    },
  ]);
  return rowOf(kind, asset);
}

function sound(check: string): CompiledStandard {
  const result = compiled(check);
  assert.ok('definition' in result, JSON.stringify('mistakes' in result && result.mistakes));
  return result;
}

test('lists that are longer than their kind says end an asset, as unknown and by the fault of the standard', () => {
  const quadratic = sound('asset.tags.all(a, asset.tags.all(b, a == b || a != b))');
  const short = judgeOf(quadratic, CLOCK).judge(row(['a', 'b']));
  assert.equal(short.verdict, 'pass');
  const huge = judgeOf(quadratic, CLOCK).judge(row(Array.from({ length: 6000 }, (_, n) => `t${n}`)));
  assert.deepEqual([huge.verdict, huge.reason], ['unknown', 'undefined']);
  assert.match(huge.message, /it took too long: a standard goes through 20,000,000 elements for one asset/);
  // And nothing of that is left for whoever comes next.
  assert.equal(judgeOf(quadratic, CLOCK).judge(row(['a', 'b'])).verdict, 'pass');
});

test('a standard whose time is used up is unknown for what is left, and costs no other standard its own', () => {
  const standard = sound('asset.tags.all(a, a != "x")');
  let now = 0;
  const budget = budgets(() => now);
  const slow = budget();
  const judge = judgeOf(standard, CLOCK, undefined, {
    spent: slow.spent,
    on: (work) =>
      slow.on(() => {
        now += 1000;
        return work();
      }),
  });
  const verdicts = Array.from({ length: 20 }, () => judge.decide(row(['a'])));
  const passed = verdicts.filter((one) => one === 'pass').length;
  assert.ok(passed > 0 && passed < 20, String(passed));
  assert.equal(verdicts.at(-1) === 'pass', false, 'never a pass');
  const late = judge.judge(row(['a']));
  assert.deepEqual([late.verdict, late.reason], ['unknown', 'undefined']);
  assert.match(late.message, /it took too long: the time that this standard has in one run is used up/);

  const other = judgeOf(standard, CLOCK, undefined, budget());
  assert.equal(other.decide(row(['a'])), 'pass');
});

test('slow standards together take no longer than a run may', () => {
  let now = 0;
  const budget = budgets(() => now);
  for (let standard = 0; standard < 50; standard += 1) {
    const one = budget();
    while (!one.spent())
      one.on(() => {
        now += 50;
      });
  }
  assert.ok(now < 40_000, String(now));
});
