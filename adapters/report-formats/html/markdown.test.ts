import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { chapters } from './markdown.ts';
import { textOf } from './markup.ts';

const rendered = (text: string): string =>
  chapters(text)
    .map(({ body }) => textOf(body))
    .join('');

const cases: Readonly<Record<string, readonly [string, string]>> = {
  paragraph: ['one\ntwo\n\nthree', '<p>one\ntwo</p><p>three</p>'],
  emphasis: ['a **b** *c* `d<e`', '<p>a <strong>b</strong> <em>c</em> <code>d&lt;e</code></p>'],
  list: ['- a\n- b\n  more', '<ul><li>a</li><li>b\nmore</li></ul>'],
  'nested list': ['1. a\n   - b', '<ol><li><p>a</p><ul><li>b</li></ul></li></ol>'],
  fence: [
    '```sh\n# not a heading\n## nor this <b>\n```',
    '<pre><code># not a heading\n## nor this &lt;b&gt;</code></pre>',
  ],
  heading: ['### Deep', '<h6>Deep</h6>'],
  quote: ['> said', '<blockquote><p>said</p></blockquote>'],
  table: [
    '| a | b |\n|---|---|\n| c | d |',
    '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>\n<tbody><tr><td>c</td><td>d</td></tr></tbody></table>',
  ],
  link: [
    '[a](https://example.org/x)',
    '<p><a href="https://example.org/x" rel="noopener noreferrer">a</a></p>',
  ],
  'hostile link': ['[a](javascript:alert(1)) [b](data:text/html,x)', '<p>[a](javascript:alert(1)) b</p>'],
  'raw html': ['<img src=x onerror=alert(1)>', '<p>&lt;img src=x onerror=alert(1)&gt;</p>'],
  'lone pipe': ['| not a table', '<p>| not a table</p>'],
  'open fence': ['```\nrest', '<pre><code>rest</code></pre>'],
};

for (const [name, [text, markup]] of Object.entries(cases)) {
  test(`markdown: ${name}`, () => assert.equal(rendered(text), markup));
}

test('chapters are the second-level headings, outside fences', () => {
  const found = chapters('# Title\nlead\n## Avoid\nx\n```\n## no\n```\n## Fix ##\ny');
  assert.deepEqual(
    found.map(({ heading }) => heading),
    ['', 'Avoid', 'Fix'],
  );
});

test('whatever the text, only known elements come out, balanced, and no attribute but a safe link', () => {
  const piece = fc.constantFrom(
    ...[
      '<',
      '>',
      '"',
      '[',
      ']',
      '(',
      ')',
      '`',
      '```',
      '*',
      '**',
      '|',
      '|--|',
      '\n',
      '\n\n',
      '# ',
      '- ',
      '1. ',
      '> ',
      ' ',
    ],
    ...['javascript:', 'https://x.example/', '<script>', 'a', '  ', '\t', '~~~', '\u202e'],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const open: string[] = [];
      const markup = rendered(pieces.join(''));
      for (const [tag, end, name = '', rest = ''] of markup.matchAll(/<(\/?)([a-z0-9]*)([^>]*)>/g)) {
        assert.match(
          name,
          /^(p|ul|ol|li|pre|code|h6|blockquote|table|thead|tbody|tr|th|td|strong|em|a)$/,
          tag,
        );
        assert.match(rest, /^( scope="col"| href="https?:[^"]*" rel="noopener noreferrer")?$/);
        if (end === '') open.push(name);
        else assert.equal(open.pop(), name);
      }
      assert.deepEqual(open, []);
    }),
    { numRuns: 500 },
  );
});

test('long hostile lines are read in linear time', () => {
  for (const bit of ['[', '*', '`', '**a', '[a](', '|', '> ', '- ', '<http://']) {
    assert.ok(rendered(bit.repeat(20_000)).length > 0);
  }
});
