/** A mapping that names a standard which is not there would show an answered requirement as a gap, or the reverse. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { labelOf } from '@macadam/core/verdicts/standard';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { groupOf, mappingsOf } from './framework.ts';

const root = join(import.meta.dirname, '../..');
const catalogue = wholeCatalogue();

test('the catalogue loads without a mistake', () => {
  assert.deepEqual(catalogue.mistakes, []);
});

test('every standard has a label of its own, which a row of a table holds', () => {
  const labels = catalogue.standards.map(({ definition }) => definition.label ?? `none: ${definition.id}`);
  assert.equal(labels.length, globSync('standards/*/*/standard.yaml', { cwd: root }).length);
  assert.deepEqual(
    labels.filter((label) => label.startsWith('none') || label.length > 38),
    [],
  );
  assert.equal(new Set(labels).size, labels.length);
  const long = { title: 'A statement that is longer than a row of a table holds' };
  assert.equal(labelOf(long), 'A statement that is longer than a row…');
});

test('frameworks name standards that exist, each once', () => {
  const known = new Set(catalogue.standards.map(({ id }) => id));
  for (const { framework, requirements } of catalogue.frameworks)
    for (const [requirement, standards] of Object.entries(requirements)) {
      const unknown = standards.filter((id) => !known.has(id));
      assert.deepEqual(unknown, [], `${framework} ${requirement}`);
      assert.equal(new Set(standards).size, standards.length, `${framework} ${requirement} names one twice`);
    }
});

test('the Cybersecurity Framework is listed whole, and a standard that answers nothing of it is told, not refused', (t) => {
  const framework = catalogue.frameworks.find((one) => one.framework === 'nist-csf-2.0');
  assert.equal(Object.keys(framework?.requirements ?? {}).length, 106);
  const silent = catalogue.standards.filter(
    ({ id }) => mappingsOf(catalogue.frameworks, id)['nist-csf-2.0'] === undefined,
  );
  for (const { id } of silent) t.diagnostic(`${id} answers nothing of the Cybersecurity Framework`);
});

test('where requirements are grouped each is in one group, and the table of the CSRB report is listed whole', () => {
  for (const framework of catalogue.frameworks) {
    const { groups, requirements } = framework;
    if (groups === undefined) continue;
    const grouped = Object.values(groups).flat();
    assert.deepEqual(grouped.toSorted(), Object.keys(requirements).toSorted(), framework.framework);
  }
  const csrb = catalogue.frameworks.find((one) => one.framework === 'csrb-2024');
  assert.ok(csrb);
  const numbers = Object.keys(csrb.requirements)
    .map(Number)
    .toSorted((a, b) => a - b);
  assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20]);
  assert.equal(groupOf(csrb, '17'), 'Transparency of providers');
});

test('mappings of a standard are its requirements by framework', () => {
  assert.deepEqual(mappingsOf(catalogue.frameworks, 'vulnerabilities-published'), {
    'cis-v8': ['16.2'],
    'csrb-2024': ['17'],
    'nist-800-53-r5': ['RA-5(11)'],
    'nist-csf-2.0': ['ID.RA-08', 'RS.CO-03'],
  });
});
