/** What a pattern requires is never more than what it matches. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runs } from '@macadam/testing/runs';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { DETECTORS } from './detectors/all.ts';
import { aheadOf, mayStandAhead, requirementOf, standsIn } from './requirement.ts';
import { samples } from './samples.ts';

/** Every match has what was required; gives how many matches there were. */
function held(pattern: string, keywords: readonly string[], before: number, text: string): number {
  const { head, runs } = requirementOf(pattern, keywords, before);
  const matcher = RE2JS.compile(pattern).matcher(text);
  let matches = 0;
  while (matcher.find()) {
    matches += 1;
    const [start, end] = [matcher.start(), matcher.end()];
    if (head !== null) {
      head.lastIndex = start;
      assert.ok(
        head.test(text),
        `${pattern}: ${head} does not begin ${JSON.stringify(text.slice(start, end))}`,
      );
    }
    if (runs !== null)
      assert.ok(
        runs.some((run) => standsIn(run, text, start, end)),
        `${pattern}: no run in ${JSON.stringify(text.slice(start, end))}`,
      );
  }
  return matches;
}

const characters = fc.constantFrom(...'abkstABKST01_-. \n"]', '\u212a', '\u017f', '\u{1F600}', 'é');
const classes = fc.constantFrom(
  ...['a', 'k', 's', '0', 'é', '.', '\\d', '\\w', '\\s', '\\S', '\\W', '\\.', '\\n', '\\]'],
  ...['[a-k]', '[^a-k]', '[A-Za-z0-9_-]', '[\\w.]', '[^\\s"]', '[\\]0-9]', '[s-t]', '[^\\n]'],
);
const counts = fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{3,}', '{0,2}', '{12}', '{13,20}', '+?');
const patterns = fc.letrec<{ any: string }>((tie) => ({
  any: fc
    .array(
      fc.oneof(
        { maxDepth: 3, depthIdentifier: 'pattern' },
        { weight: 4, arbitrary: fc.tuple(classes, counts).map((parts) => parts.join('')) },
        { weight: 1, arbitrary: fc.constantFrom('^', '$', '\\b') },
        {
          weight: 2,
          arbitrary: fc
            .tuple(
              fc.constantFrom('(', '(?:', '(?i:'),
              fc.array(tie('any'), { minLength: 1, maxLength: 3 }),
              fc.constantFrom('', '', '?', '{2}'),
            )
            .map(([opening, alternatives, count]) => `${opening}${alternatives.join('|')})${count}`),
        },
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => parts.join('')),
})).any;

test('every match of any pattern has what is required of it', () => {
  let matches = 0;
  const beginnings = fc.constantFrom(
    '',
    'key',
    '(?i:key)',
    '(?i)key',
    'ke[yk]',
    '(?:key|kes)',
    'key|(?i:kes)',
  );
  const texts = fc.array(fc.oneof(characters, fc.constantFrom('key', 'KES', 'a'.repeat(13))), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(beginnings, patterns, fc.array(texts, { minLength: 5, maxLength: 5 }), (start, rest, all) => {
      for (const text of all) matches += held(`${start}${rest}`, ['key', 'kes', 'kek'], 0, text.join(''));
    }),
    { numRuns: runs(1500) },
  );
  assert.ok(matches > 500, `${matches} matches`);
});

test('what stands behind a keyword is passed on to every pattern that matches there', () => {
  let matches = 0;
  const ofScripts = fc.constantFrom(...['[\\s\\S]{0,9}?', '["\']?', 'a{12}', '[\\s=:]{1,4}', '']);
  const texts = fc.array(fc.oneof(characters, fc.constantFrom('\u00a0', '\v', 'a'.repeat(13))), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(ofScripts, patterns, fc.boolean(), texts, (start, rest, folds, parts) => {
      const pattern = scriptOf(`${start}(?:${rest})`, folds ? 'iy' : 'y');
      if (pattern !== null) matches += passedOn(pattern, parts.join(''));
    }),
    { numRuns: runs(3000) },
  );
  // Some 700 of random ones; 475 were seen once.
  assert.ok(matches > 200, `${matches} matches`);
});

test('what stands behind a keyword of our own detectors is passed on, and most of them say what that is', () => {
  const own = DETECTORS.flatMap((detector) => ('pattern' in detector && detector.follows) || []);
  const all = Object.values(samples('ahead')).join('\n');
  for (const pattern of own) passedOn(pattern, `${all}\nuser = "a"\u00a0: 'key': ${'0a'.repeat(60)}`);
  const known = own.filter((pattern) => aheadOf(pattern) !== null);
  assert.ok(known.length > own.length / 2, `${known.length} of ${own.length}`);
});

/** As a script writes it; null where the same text is no pattern there. */
function scriptOf(source: string, flags: string): RegExp | null {
  try {
    return new RegExp(source, flags);
  } catch {
    return null;
  }
}

/** Wherever it matches something its beginning and its runs are seen there; gives how often. */
function passedOn(pattern: RegExp, text: string): number {
  const ahead = aheadOf(pattern);
  let matches = 0;
  for (let at = 0; ahead !== null && at < text.length; at++) {
    pattern.lastIndex = at;
    if (!pattern.test(text)) continue;
    matches += 1;
    assert.ok(mayStandAhead(ahead, text, at), `${pattern} at ${at} of ${JSON.stringify(text)}`);
  }
  return matches;
}

test('every match of our own detectors has what is required of it', () => {
  const texts = Object.values(samples('required'));
  const required = DETECTORS.flatMap((detector) => {
    if (!('pattern' in detector)) return [];
    const { pattern, keywords, before = 0 } = detector;
    for (const text of texts) held(pattern, keywords, before, text);
    const { head, runs } = requirementOf(pattern, keywords, before);
    return head === null && runs === null ? [] : [detector];
  });
  assert.ok(
    required.length > 200,
    `of ${DETECTORS.length} detectors only ${required.length} require anything`,
  );
});

test('a run is found wherever it stands, and no shorter one', () => {
  const [run] = requirementOf('[ab]{12}', ['x'], 0).runs ?? [];
  assert.ok(run);
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', 'a', 'b', 'a', '-'), maxLength: 60 }),
      fc.nat(20),
      (text, from) => {
        assert.equal(standsIn(run, text, from, text.length), /[ab]{12}/.test(text.slice(from)));
      },
    ),
    { numRuns: runs(2000) },
  );
});

test('a match that may begin before its keyword requires no beginning', () => {
  assert.equal(requirementOf('[a-z]{3}key_[0-9]{4}', ['key_'], 3).head, null);
  assert.equal(requirementOf('(?:key|other)_[0-9]{4}', ['key'], 0).head, null);
  assert.ok(requirementOf('(?:key|other)_[0-9]{4}', ['key', 'other'], 0).head);
});

test('of what is not understood nothing is required', () => {
  for (const pattern of ['(?P<name>key)', 'key\\p{L}', 'key[[:alpha:]]', 'key\\x41'])
    assert.deepEqual(requirementOf(pattern, ['key'], 0), { head: null, runs: null });
  for (const pattern of [/.a/sy, /[^a]{2}/uy, /[^a]{2}/vy, /é/iy, /(?<!a)b/y, /a*/y])
    assert.equal(aheadOf(pattern), null, String(pattern));
});
