import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { compileCodeowners, isCatchAll, ownerKind, parseCodeowners } from './codeowners.ts';
import { compilePatterns } from './pattern.ts';

test('rules keep their line, pattern and owners', () => {
  const { rules, errors } = parseCodeowners(
    [
      '# Everything',
      '*  @acme/everyone ada@example.com # inline',
      '',
      '\t/apps/   @ada\t@bo-b',
      '/apps/generated/',
      'with\\ space/ @ada #x @not',
      'c#/ @ada',
    ].join('\r\n'),
  );
  assert.deepEqual(errors, []);
  assert.deepEqual(rules, [
    { line: 2, pattern: '*', owners: ['@acme/everyone', 'ada@example.com'] },
    { line: 4, pattern: '/apps/', owners: ['@ada', '@bo-b'] },
    { line: 5, pattern: '/apps/generated/', owners: [] },
    { line: 6, pattern: 'with\\ space/', owners: ['@ada'] },
    { line: 7, pattern: 'c#/', owners: ['@ada'] },
  ]);
  const ruleOf = compileCodeowners(rules);
  assert.equal(ruleOf('apps/x')?.line, 4);
  assert.deepEqual(ruleOf('apps/generated/x')?.owners, []);
  assert.equal(ruleOf('with space/a')?.line, 6);
});

const invalid: readonly (readonly [string, RegExp])[] = [
  ['!src @ada', /cannot be negated/],
  ['*.[ch] @ada', /`\[ \]` range/],
  ['[Documentation] @ada', /sections are another/],
  ['^[Optional][2] @ada', /sections are another/],
  ['\\#file @ada', /escaped `#`/],
  ['src ada', /`ada` is not an owner/],
  ['src @', /`@` is not an owner/],
  ['src @acme/', /not an owner/],
  ['src @acme/a/b', /not an owner/],
  ['a***b @ada', /three asterisks/],
];
for (const [line, problem] of invalid) {
  test(`\`${line}\` is ignored, and said to be`, () => {
    const parsed = parseCodeowners(`* @first\n${line}\n`);
    assert.equal(parsed.rules.length, 1);
    assert.equal(parsed.errors.length, 1);
    assert.equal(parsed.errors[0]?.line, 2);
    assert.equal(parsed.errors[0]?.text, line);
    assert.match(parsed.errors[0]?.problem ?? '', problem);
  });
}

test('owners are users, teams and addresses', () => {
  assert.equal(ownerKind('@ada'), 'user');
  assert.equal(ownerKind('@ada_corp'), 'user');
  assert.equal(ownerKind('@renovate[bot]'), 'user');
  assert.equal(ownerKind('@acme/platform-team'), 'team');
  assert.equal(ownerKind('ada@example.com'), 'email');
  for (const none of ['ada', '@-ada', 'ada@example', '@ada@example.com', '@a b', ''])
    assert.equal(ownerKind(none), null);
});

test('any text at all is read without a throw, and each line is a rule, an error or nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      const { rules, errors } = parseCodeowners(text);
      const lines = [...rules, ...errors].map((each) => each.line);
      assert.equal(new Set(lines).size, lines.length);
      compilePatterns(rules.map((rule) => rule.pattern))('a/b');
    }),
  );
});

test('a catch-all matches every path', () => {
  for (const pattern of ['*', '**', '/**', '**/*', '/**/*', '**/', '**/**']) {
    assert.equal(isCatchAll({ line: 1, pattern, owners: [] }), true, pattern);
    for (const path of ['a', 'a/b/c', '.x'])
      assert.equal(compilePatterns([pattern])(path), 0, `${pattern} ${path}`);
  }
  for (const pattern of ['/*', '/', '*.*', '***', '*/', '**/a', '/*/']) {
    assert.equal(isCatchAll({ line: 1, pattern, owners: [] }), false, pattern);
  }
});

test('a long run of backslashes or spaces is read in linear time', () => {
  assert.equal(parseCodeowners(`${'\\'.repeat(100_001)} ${' '.repeat(100_000)}@ada`).rules.length, 1);
});
