import assert from 'node:assert/strict';
import test from 'node:test';
import vm from 'node:vm';
import { estate } from '@macadam/testing/report-formats/estate';
import { anyText } from '@macadam/testing/texts';
import fc from 'fast-check';
import { page } from '../page.ts';
import { address, type Selection } from './address.ts';
import { rows } from './rows.ts';
import { visible } from './visible.ts';

const { keys, print, parse } = address();
const report = estate({ repositories: 130 });
const payload = JSON.parse(/id="payload">([^<]*)</.exec(page(report).text)?.[1] ?? '');
const list = rows(payload);

test('an address says exactly which selection it is, for any text', () => {
  const selection = fc.dictionary(fc.constantFrom(...keys), anyText());
  fc.assert(
    fc.property(selection, (chosen) => {
      const fragment = print(chosen as Selection);
      assert.match(fragment, /^#[\w.~%&=-]*$/);
      const expected = Object.keys(chosen).length === 0 ? null : { ...chosen };
      assert.deepEqual(parse(fragment), expected);
    }),
  );
});

test('a fragment that is no address selects nothing', () => {
  for (const fragment of ['', '#', '#standards', '#x=1', '#owner=%E0%A4%A', '#toString=1'])
    assert.equal(parse(fragment), null);
});

test('every figure of every standard is the length of its list', () => {
  for (const standard of report.scan.standards) {
    const length = (selection: Selection) => list.select({ standard: standard.id, ...selection }).length;
    assert.equal(length({ verdict: 'pass' }), standard.pass);
    assert.equal(length({ verdict: 'fail' }), standard.fail);
    assert.equal(length({ verdict: 'unknown' }), standard.unknown);
    assert.equal(length({ verdict: 'not-applicable' }), standard.notApplicable);
    assert.equal(length({ verdict: 'fail', excepted: 'yes' }), standard.excepted);
    assert.equal(length({}), standard.fail + standard.unknown, 'without a verdict: findings');
  }
  for (const action of report.actions) {
    const chosen = list.select({
      standard: action.standard,
      verdict: 'fail',
      excepted: 'no',
      repository: action.where,
    });
    assert.equal(chosen.length, action.failures);
  }
  report.blindSpots.forEach((spot, index) => {
    const chosen = list.select({ blind: String(index + 1) });
    assert.equal(new Set(chosen.map((row) => row.asset.id)).size, spot.assets);
  });
});

test('groups part what is selected, whatever they group by', () => {
  const chosen = list.select({ verdict: 'fail' });
  for (const group of ['repository', 'owner', 'standard']) {
    const groups = list.group(chosen, group);
    assert.equal(
      groups.reduce((sum, { rows: members }) => sum + members.length, 0),
      chosen.length,
    );
    assert.deepEqual(
      groups.map(({ rows: members }) => members.length),
      groups.map(({ rows: members }) => members.length).toSorted((a, b) => b - a),
    );
  }
});

test('a search needs every word, anywhere, in any case', () => {
  const chosen = list.select({ search: ' ACME/mail  checkout@v4 ' });
  assert.ok(chosen.length > 0);
  assert.ok(
    chosen.every((row) => row.repository.startsWith('acme/mail') && row.standard === 'pipeline-uses-pinned'),
  );
  assert.equal(list.select({ search: 'acme/mail nowhere' }).length, 0);
});

test('what is sent to the browser refers to nothing outside itself', () => {
  const alone = vm.runInNewContext(
    `const [a, r, v] = [(${address})(), (${rows})(JSON.parse(data)), (${visible})];
     [a.print({ owner: '' }), r.select({ verdict: 'fail' }).length, v('\\u202e')]`,
    { data: JSON.stringify(payload) },
  );
  assert.deepEqual([...alone], ['#owner=', list.select({ verdict: 'fail' }).length, '⟨U+202E⟩']);
});

test('only what deceives is replaced', () => {
  const honest = 'naïve 漢字 עברית 👩‍👩‍👧 “q” a\u00a0b\n\tc';
  assert.equal(visible(honest), honest);
  assert.equal(
    visible(`a\u001b[2J\u200bb\u2066${'\ud800'}${'\u{e0041}'}`),
    'a⟨U+001B⟩[2J⟨U+200B⟩b⟨U+2066⟩⟨U+D800⟩⟨U+E0041⟩',
  );
});
