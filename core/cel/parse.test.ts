import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyText } from '@macadam/testing/texts';
import fc from 'fast-check';
import { MAX_DEPTH, MAX_LENGTH, parse } from './parse.ts';
import { print } from './print.ts';
import { tokenizer } from './token.ts';
import type { Literal, Macro, Node } from './tree.ts';

const AT = { line: 1, column: 1 };

/** A tree in one line: calls as lists with the function first, macros by name, literals as themselves. */
function shape(node: Node): unknown {
  switch (node.node) {
    case 'literal':
      return node.type === 'string' ? `'${node.value}'` : `${node.type} ${node.value}`;
    case 'name':
      return node.absolute ? `.${node.name}` : node.name;
    case 'select':
      return [node.optional ? '.?' : '.', shape(node.of), node.field];
    case 'has':
      return ['has', shape(node.of), node.field];
    case 'call':
      return [node.method ? `.${node.function}` : node.function, ...node.arguments.map(shape)];
    case 'list':
      return ['list', ...(node.optional ? [{ optional: node.optional }] : []), ...node.items.map(shape)];
    case 'map':
      return [
        'map',
        ...node.entries.map(({ key, value, optional }) => [
          shape(key),
          shape(value),
          ...(optional ? ['?'] : []),
        ]),
      ];
    case 'macro': {
      const { variable, second } = node;
      const variables = second === undefined ? variable : `${variable} ${second}`;
      const where = node.where ? [{ where: shape(node.where) }] : [];
      return [node.macro, shape(node.over), variables, ...where, shape(node.body)];
    }
  }
}

function read(text: string, macros: 'standard' | 'all' = 'standard'): unknown {
  const result = parse(text, { macros });
  if ('tree' in result) return shape(result.tree);
  const { at, reason } = result.mistake;
  return `${at.line}:${at.column} ${reason}`;
}

const TREES: readonly (readonly [string, unknown])[] = [
  ['null', 'null null'],
  ['true', 'bool true'],
  ['0x1F', 'int 31'],
  ['007', 'int 7'],
  ['-9223372036854775808', 'int -9223372036854775808'],
  ['-0x8000000000000000', 'int -9223372036854775808'],
  ['18446744073709551615u', 'uint 18446744073709551615'],
  ['0xFFU', 'uint 255'],
  ['.5', 'double 0.5'],
  ['1e3', 'double 1000'],
  ['1.5E-2', 'double 0.015'],
  ['1.e3', ['.', 'int 1', 'e3']],
  ['"a\\n\\"\\x41\\u00e9\\U0001F600\\101\\?\\`"', "'a\n\"Aé😀A?`'"],
  ['"\\a\\b\\f\\n\\r\\t\\v\\\\"', "'\x07\b\f\n\r\t\v\\'"],
  ["r'\\d+'", "'\\d+'"],
  ['R"\\"', "'\\'"],
  ["'''a\r\nb'c''d'''", "'a\nb'c''d'"],
  ['"""\\""""', "'\"'"],
  ['""', "''"],
  ['b"é\\xff\\377"', 'bytes 195,169,255,255'],
  ['Br"\\n"', 'bytes 92,110'],
  ['a // note\n + b', ['_+_', 'a', 'b']],
  ['.a.b', ['.', '.a', 'b']],
  ['a.?b[?c]', ['_[?_]', ['.?', 'a', 'b'], 'c']],
  ['a . ? b', ['.?', 'a', 'b']],
  ['a.`b-c/d.e f`', ['.', 'a', 'b-c/d.e f']],
  ['has(a.`in`)', ['has', 'a', 'in']],
  ['a.package', ['.', 'a', 'package']],
  ['[?a, b, ?c,]', ['list', { optional: [0, 2] }, 'a', 'b', 'c']],
  ['[,]', ['list']],
  ['{?a: b, c: d,}', ['map', ['a', 'b', '?'], ['c', 'd']]],
  ['f(a).g(b)', ['.g', ['f', 'a'], 'b']],
  ['optional.of(1)', ['.of', 'optional', 'int 1']],
  ['a + b * c - d', ['_-_', ['_+_', 'a', ['_*_', 'b', 'c']], 'd']],
  ['a < b == c', ['_==_', ['_<_', 'a', 'b'], 'c']],
  ['a in b || c', ['_||_', ['@in', 'a', 'b'], 'c']],
  ['a || b && c', ['_||_', 'a', ['_&&_', 'b', 'c']]],
  ['a && b && c && d', ['_&&_', ['_&&_', 'a', 'b'], ['_&&_', 'c', 'd']]],
  ['a && (b && c)', ['_&&_', 'a', ['_&&_', 'b', 'c']]],
  ['a ? b : c ? d : e', ['_?_:_', 'a', 'b', ['_?_:_', 'c', 'd', 'e']]],
  ['!!a', ['!_', ['!_', 'a']]],
  ['--a', ['-_', ['-_', 'a']]],
  ['4--4', ['_-_', 'int 4', 'int -4']],
  ['!-1', ['!_', 'int -1']],
  ['-a.b', ['-_', ['.', 'a', 'b']]],
  ['a.all(x, p)', ['all', 'a', 'x', 'p']],
  ['a.existsOne(i, x, p)', ['exists_one', 'a', 'i x', 'p']],
  ['a.map(x, p, f)', ['map', 'a', 'x', { where: 'p' }, 'f']],
  ['a.transformMap(k, v, p, f)', ['transformMap', 'a', 'k v', { where: 'p' }, 'f']],
  ['a.optFlatMap(x, x.?b)', ['optFlatMap', 'a', 'x', ['.?', 'x', 'b']]],
  ['cel.bind(x, a, x + x)', ['bind', 'a', 'x', ['_+_', 'x', 'x']]],
  ['cel.block([a], cel.index(0))', ['.block', 'cel', ['list', 'a'], ['.index', 'cel', 'int 0']]],
  ['a.constructor(b).toString()', ['.toString', ['.constructor', 'a', 'b']]],
];

for (const [text, expected] of TREES) {
  test(`${JSON.stringify(text)} is read`, () => assert.deepEqual(read(text), expected));
}

test('the block extension is nested binds, only when all macros are asked for', () => {
  const text = 'cel.block([a, cel.index(0)], [1].map(cel.iterVar(0, 1), cel.iterVar(0, 1) + cel.index(1)))';
  const body = ['map', ['list', 'int 1'], '@it:0:1', ['_+_', '@it:0:1', '@index1']];
  assert.deepEqual(read(text, 'all'), ['bind', 'a', '@index0', ['bind', '@index0', '@index1', body]]);
  assert.equal(read('cel.index(-1)', 'all'), '1:5 `cel.index` needs a number from 0');
});

const MISTAKES: readonly (readonly [string, string])[] = [
  ['', '1:1 the expression is empty'],
  [' // nothing', '1:12 the expression is empty'],
  ['a = b', '1:3 `=` is not CEL: did you mean `==`?'],
  ['(a = b)', '1:4 `=` is not CEL: did you mean `==`?'],
  ['a === b', '1:3 `===` is not CEL: did you mean `==`?'],
  ['a and b', '1:3 `and` is not CEL: did you mean `&&`?'],
  ['f(a or b)', '1:5 `or` is not CEL: did you mean `||`?'],
  ['not a', '1:1 `not` is not CEL: did you mean `!`?'],
  ['a not in b', '1:3 `not in` is not CEL: write `!(x in y)`'],
  ['a & b', '1:3 `&` is not CEL: did you mean `&&`?'],
  ['a?.b', '1:2 `?.` is not CEL: did you mean `.?`?'],
  ['a ? b ? c : d : e', '1:7 put the inner `? :` into parentheses'],
  ['a ? b', '1:6 `:` and what holds otherwise are missing from `? :` at the end'],
  ["a == 'b", "1:6 the string that begins here is not closed: add `'`"],
  ["'a\nb'", "1:1 the string that begins here is not closed: add `'` or use `'''` for several lines"],
  ['"😀" + "\\q"', '1:8 `\\q` is no escape: write `\\\\` for a backslash, or put `r` before the quote'],
  ['"\\x4"', '1:2 `\\x` is followed by 2 hexadecimal digits'],
  ['"\\400"', '1:2 an octal escape has three digits, `\\000` to `\\377`'],
  ['"\\ud83d"', '1:2 `\\ud83d` is no Unicode character'],
  ['"\\U00110000"', '1:2 `\\U00110000` is no Unicode character'],
  ['b"\\u0041"', '1:3 `\\u` is no escape in bytes: write the bytes with `\\x`'],
  ['"\ud83d"', '1:1 the string holds half a character'],
  ['9223372036854775808', '1:1 `9223372036854775808` does not fit: an int goes up to 9223372036854775807'],
  ['-(9223372036854775808)', '1:3 `9223372036854775808` does not fit: an int goes up to 9223372036854775807'],
  ['0xFFFFFFFFFFFFFFFFF', '1:1 `0xFFFFFFFFFFFFFFFFF` does not fit: an int goes up to 9223372036854775807'],
  [
    '18446744073709551616u',
    '1:1 `18446744073709551616u` does not fit: a uint goes up to 18446744073709551615u',
  ],
  ['1e999', '1:1 `1e999` is too large for a double'],
  ['1.5u', '1:1 `1.5u` is no number: only whole numbers are unsigned'],
  ['1_000', '1:1 `1_000` is no number: digits are not grouped'],
  ['now - 90d', '1:7 `90d` is no number: write `duration("90d")`'],
  ['a.in', '1:3 `in` is a word of CEL: put the field into back-quotes'],
  ['a.', '1:3 a field is missing after `.` at the end'],
  ['a.`b`()', '1:3 `b` cannot be called here'],
  ['a.?b()', '1:4 `b` cannot be called here'],
  ['a.`$`', '1:3 a quoted field holds letters, digits, `_`, `.`, `-`, `/` and spaces'],
  ['a.`b', '1:3 the back-quote is not closed'],
  ['`a`', '1:1 a value is missing before `a`'],
  ['while', '1:1 `while` is reserved by CEL and cannot be a name'],
  ['[1].map(var, var)', '1:9 `var` is reserved by CEL and cannot be a name'],
  ['f(a', '1:4 `)` is missing: `(` of line 1, column 2 is not closed at the end'],
  ['[1,\n2', '2:2 `]` is missing: `[` of line 1, column 1 is not closed at the end'],
  ['a)', '1:2 `)` closes nothing'],
  ['f(a,)', '1:5 a value is missing before `)`'],
  ['[1,,2]', '1:4 a value is missing before `,`'],
  ['{a}', '1:3 a map is written `{key: value}`: `:` is missing before `}`'],
  ['a b', '1:3 an operator is missing before `b`'],
  ['a "contains" b', '1:3 an operator is missing before `"contains"`'],
  ['a contains b', '1:3 `contains` is not CEL: did you mean `x.contains(y)`?'],
  ['1 + + 2', '1:5 a value is missing before `+`'],
  ['!-a', '1:2 put what `!` stands before into parentheses'],
  ['-!true', '1:2 put what `-` stands before into parentheses'],
  ['a.b.C{d: 1}', '1:6 `a.b.C{…}` builds a message, and there are none here: write a map, `{"key": value}`'],
  ['f(){}', '1:4 an operator is missing before `{`'],
  ['has(a)', '1:5 `has` asks for one field: write `has(asset.field)`'],
  ['has(a.?b)', '1:8 `has` asks for one field: write `has(asset.field)`'],
  ['a.all(x)', '1:3 `all` is written `all(x, condition)` or `all(index, x, condition)`'],
  ['a.filter(x.y, true)', '1:12 `filter` needs a plain name for its variable here'],
  ['a.exists(x, x, true)', '1:13 `exists` needs two different names, not `x` twice'],
  ['cel.bind(x, 1)', '1:5 `bind` is written `cel.bind(x, value, result)`'],
  ['a # b', '1:3 `#` is not CEL: a comment begins with `//`'],
  ['a\u00a0+ b', '1:2 this character (U+00A0) has no meaning outside a string'],
  ['“a”', '1:1 `“` is not CEL: strings are quoted by `"` or `\'`'],
];

for (const [text, expected] of MISTAKES) {
  test(`${JSON.stringify(text)} is refused`, () => assert.equal(read(text), expected));
}

test('every node knows its line and its column in code points', () => {
  const result = parse('"😀" == a.b\n  && c.all(x, f(x)[0] > -1)');
  assert.deepEqual('tree' in result && result.tree, {
    at: { line: 2, column: 3 },
    node: 'call',
    function: '_&&_',
    method: false,
    arguments: [
      {
        at: { line: 1, column: 5 },
        node: 'call',
        function: '_==_',
        method: false,
        arguments: [
          { at: { line: 1, column: 1 }, node: 'literal', type: 'string', value: '😀' },
          {
            at: { line: 1, column: 10 },
            node: 'select',
            of: { at: { line: 1, column: 8 }, node: 'name', name: 'a' },
            field: 'b',
          },
        ],
      },
      {
        at: { line: 2, column: 8 },
        node: 'macro',
        macro: 'all',
        over: { at: { line: 2, column: 6 }, node: 'name', name: 'c' },
        variable: 'x',
        body: {
          at: { line: 2, column: 23 },
          node: 'call',
          function: '_>_',
          method: false,
          arguments: [
            {
              at: { line: 2, column: 19 },
              node: 'call',
              function: '_[_]',
              method: false,
              arguments: [
                {
                  at: { line: 2, column: 15 },
                  node: 'call',
                  function: 'f',
                  method: false,
                  arguments: [{ at: { line: 2, column: 17 }, node: 'name', name: 'x' }],
                },
                { at: { line: 2, column: 20 }, node: 'literal', type: 'int', value: 0n },
              ],
            },
            { at: { line: 2, column: 25 }, node: 'literal', type: 'int', value: -1n },
          ],
        },
      },
    ],
  });
});

const DEEP: readonly (readonly [string, (levels: number) => string])[] = [
  ['parentheses', (levels) => `${'('.repeat(levels)}a${')'.repeat(levels)}`],
  ['lists', (levels) => `${'['.repeat(levels)}${']'.repeat(levels)}`],
  ['sums', (levels) => `a${' + a'.repeat(levels)}`],
  ['fields', (levels) => `a${'.b'.repeat(levels)}`],
  ['negations', (levels) => `${'!'.repeat(levels)}a`],
  ['branches', (levels) => `${'a ? b : '.repeat(levels)}c`],
  ['calls', (levels) => `${'f('.repeat(levels)}a${')'.repeat(levels)}`],
];

for (const [name, text] of DEEP) {
  test(`${name} nest ${MAX_DEPTH - 2} deep and not without end`, () => {
    assert.ok('tree' in parse(text(MAX_DEPTH - 2)));
    for (const levels of [MAX_DEPTH + 1, 10_000]) {
      assert.match(String(read(text(levels))), /nested deeper than 250 levels$/);
    }
  });
}

test('a long chain of && stays shallow, and a longer text is refused', () => {
  const chain = Array.from({ length: 5000 }, () => 'a').join(' && ');
  const result = parse(chain);
  const depth = (node: Node): number =>
    node.node === 'call' ? 1 + Math.max(...node.arguments.map(depth)) : 1;
  assert.equal('tree' in result && depth(result.tree), 14);
  assert.equal('tree' in result && print(result.tree), chain);
  assert.equal(read(' '.repeat(MAX_LENGTH + 1)), '1:1 an expression has at most 100000 characters');
});

test('hostile texts of the greatest length are refused in linear time', () => {
  const longest = (part: string) => part.repeat(Math.floor(MAX_LENGTH / part.length));
  for (const part of [
    '9',
    '0',
    "'",
    '"""',
    '\\',
    '`',
    '/',
    '(',
    '-',
    '! ',
    '1.',
    'a.',
    'b',
    'r"',
    '{?',
    '.?',
  ]) {
    assert.ok('mistake' in parse(longest(part)) || part === 'b' || part === '0', part);
  }
  assert.equal(read(longest('0')), 'int 0');
});

/** Positions do not survive printing. */
const bare = (node: Node): unknown =>
  JSON.parse(
    JSON.stringify(node, (key, value) =>
      key === 'at'
        ? undefined
        : typeof value === 'bigint'
          ? `${value}n`
          : Object.is(value, -0)
            ? '-0'
            : value,
    ),
  );

function same(tree: Node): void {
  const text = print(tree);
  const again = parse(text);
  assert.ok('tree' in again, `${text}: ${'mistake' in again && again.mistake.reason}`);
  assert.deepEqual(bare(again.tree), bare(tree), text);
}

test('what is printed is read as the same tree', () => {
  for (const [text] of TREES) {
    const result = parse(text);
    assert.ok('tree' in result);
    same(result.tree);
  }
});

const word = fc.constantFrom('a', 'b', 'x1', '_', 'size', 'cell');
const literal: fc.Arbitrary<Literal> = fc.oneof(
  fc.constant<Literal>({ type: 'null', value: null }),
  fc.boolean().map((value): Literal => ({ type: 'bool', value })),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((value): Literal => ({ type: 'int', value })),
  fc.bigInt(0n, 2n ** 64n - 1n).map((value): Literal => ({ type: 'uint', value })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value): Literal => ({ type: 'double', value })),
  anyText().map((value): Literal => ({ type: 'string', value })),
  fc.uint8Array({ maxLength: 4 }).map((value): Literal => ({ type: 'bytes', value })),
);
const BINARY = ['_&&_', '_||_', '_==_', '_<_', '@in', '_+_', '_-_', '_*_', '_%_', '_[_]', '_[?_]'];

const { tree: anyTree } = fc.letrec<{ tree: Node }>((tie) => {
  const part = tie('tree');
  const call = (name: string, operands: readonly Node[], method = false): Node => ({
    at: AT,
    node: 'call',
    function: name,
    arguments: operands,
    method,
  });
  const folds: Macro[] = ['all', 'exists', 'exists_one', 'map', 'filter', 'optMap', 'optFlatMap', 'bind'];
  const transforms: Macro[] = ['transformList', 'transformMap', 'transformMapEntry'];
  return {
    tree: fc.oneof(
      { maxDepth: 6, depthSize: 'small' },
      word.map((name): Node => ({ at: AT, node: 'name', name })),
      literal.map((value): Node => ({ at: AT, node: 'literal', ...value })),
      fc.tuple(part, fc.constantFrom('f', 'in', 'a-b', 'a.b/c'), fc.boolean()).map(
        ([of, field, optional]): Node => ({
          at: AT,
          node: 'select',
          of,
          field,
          ...(optional && { optional }),
        }),
      ),
      fc.tuple(part, word).map(([of, field]): Node => ({ at: AT, node: 'has', of, field })),
      fc.tuple(fc.constantFrom(...BINARY), part, part).map(([name, a, b]) => call(name, [a, b])),
      fc.tuple(part, part, part).map((parts) => call('_?_:_', parts)),
      fc.tuple(fc.constantFrom('!_', '-_'), part).map(([name, a]) => call(name, [a])),
      fc.tuple(word, fc.array(part, { maxLength: 3 })).map(([name, given]) => call(name, given)),
      fc
        .tuple(word, fc.array(part, { minLength: 1, maxLength: 3 }))
        .map(([name, given]) => call(name, given, true)),
      fc.array(part, { maxLength: 3 }).map((items): Node => ({ at: AT, node: 'list', items })),
      fc.tuple(part, part).map(([a, b]): Node => ({ at: AT, node: 'list', items: [a, b], optional: [1] })),
      fc.tuple(part, part, fc.boolean()).map(
        ([key, value, optional]): Node => ({
          at: AT,
          node: 'map',
          entries: [{ key, value, ...(optional && { optional }) }],
        }),
      ),
      fc
        .tuple(fc.constantFrom(...folds), part, part)
        .map(([macro, over, body]): Node => ({ at: AT, node: 'macro', macro, over, variable: 'v', body })),
      fc.tuple(fc.constantFrom(...transforms), part, part, part).map(
        ([macro, over, where, body]): Node => ({
          at: AT,
          node: 'macro',
          macro,
          over,
          variable: 'k',
          second: 'v',
          body,
          where,
        }),
      ),
    ),
  };
});

test('every tree that the parser can make is printed so that it reads back', () => {
  fc.assert(fc.property(anyTree, same), { numRuns: 3000 });
});

const PIECES = [
  ...'a b in true null 1 -1 0x 1u 1.5 "s" \'\' r" b\' \\ ` + - * / % == != = < <= && || & | ! ? : . .? [? {? , ( ) [ ] { }'.split(
    ' ',
  ),
  '//',
  '\n',
  'has(',
  '.all(x,',
  '.map(',
  'cel.bind(x,',
  'cel.index(',
  '"""',
  '\\u',
  '😀',
  '\ud800',
  ' ',
];

test('any text gives a tree or a mistake inside the text, and a tree prints to itself', () => {
  const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }).map((parts) => parts.join(''));
  const texts = fc.oneof(soup, anyText(), fc.string());
  fc.assert(
    fc.property(texts, (text) => {
      const result = parse(text);
      if ('tree' in result) return same(result.tree);
      const { line, column } = result.mistake.at;
      const lines = text.split('\n');
      assert.ok(line >= 1 && line <= lines.length, 'line');
      assert.ok(column >= 1 && column <= [...(lines[line - 1] ?? '')].length + 1, 'column');
      assert.match(result.mistake.reason, /\S{2}/);
    }),
    { numRuns: 20_000 },
  );
});

test('words are read as they are asked for, up to the first mistake', () => {
  const word = tokenizer('a + "b');
  assert.deepEqual(
    [0, 1, 2, 3, 0].map((at) => word(at)?.kind),
    ['name', '+', 'mistake', undefined, 'name'],
  );
  const none = tokenizer(' ');
  assert.deepEqual([none(0)?.kind, none(1)], ['end', undefined]);
  // Nothing behind the place where it is too deep is looked at.
  for (const sign of ['-', '!', '(', '[', '!(', 'a?b:']) {
    const text = `${sign.repeat(MAX_DEPTH + 2)}"`;
    assert.match(String(read(text)), /nested deeper than 250 levels$/);
  }
});
