/** Advisories: scores by the published examples, each mandatory test by a document that breaks it, and ours hold all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csafAdvisory } from './csaf.ts';
import { csafFaults } from './csaf-tests.ts';
import { cveGaps, cveRecord } from './cve.ts';
import { scoresOf } from './cvss.ts';
import { isLanguage, isPackageUrl } from './names.ts';
import { type AdvisoryWords, productNamed, type VulnerabilityCase } from './vulnerability-case.ts';

const WORDS: AdvisoryWords = {
  title: 'Request smuggling in the gateway',
  summary: 'Whoever sends two lengths may send a request in the name of somebody else.',
  publisher: { name: 'Example Company', namespace: 'https://example.com' },
  reference: 'https://example.com/advisories/v1',
  assigner: { id: '5f5f4b3a-1d2c-4e6f-8a9b-0c1d2e3f4a5b', shortName: 'example' },
  cvss: 'CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N',
};
const CASE: VulnerabilityCase = {
  tracker: 'desk',
  caseId: 'V-2027-17',
  severity: 'critical',
  rejected: false,
  reportedAt: '2027-02-01T08:00:00Z',
  mitigatedAt: '2027-02-11T12:00:00Z',
  inCloud: true,
  customerAction: false,
  cve: 'CVE-2027-12345',
  publishedAt: '2027-02-10T12:00:00Z',
  weakness: 'CWE-79',
  products: ['pkg:npm/%40example/gateway@4.1.0', 'cpe:2.3:a:example:gateway:4.1:*:*:*:*:*:*:*'],
};
const BY = { engine: 'macadam', version: '0.1.0' };
const plain = (document: unknown) => JSON.parse(JSON.stringify(document));
const faults = (document: unknown) => csafFaults(plain(document)).map(({ test: id }) => id);

test('scores are those of the published examples', () => {
  const scores = (version: '2.0' | '3.0' | '3.1', vector: string) => {
    const found = scoresOf(version, vector);
    return found && [found.baseScore, found.temporalScore, found.environmentalScore];
  };
  const two = (vector: string) => scores('2.0', vector);
  assert.deepEqual(
    two('AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H'),
    [7.8, 6.4, 9.2],
  );
  assert.deepEqual(two('AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:L'), [10, 8.3, 9]);
  assert.deepEqual(
    two('AV:L/AC:H/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:M'),
    [6.2, 4.9, 7.5],
  );
  assert.deepEqual(scores('3.1', 'CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N'), [6.4, null, null]);
  assert.deepEqual(scores('3.0', 'CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H'), [10, null, null]);
  assert.deepEqual(scores('3.1', 'CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N'), [0, null, null]);
  for (const wrong of ['', 'AV:N', 'CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N/A:N', 'CVSS:3.0/AV:N'])
    assert.equal(scores('3.1', wrong), null, wrong);
});

test('a package URL has a type and a name, a language tag a language that there is', () => {
  for (const good of [
    'pkg:npm/a@1',
    'pkg:npm/%40s/a@1.0.0?os=x#src',
    'pkg:golang/github.com/a/b',
    'pkg:deb/debian/curl',
  ])
    assert.equal(isPackageUrl(good), true, good);
  for (const bad of [
    'pkg:maven/@1.3.4',
    'npm/a',
    'pkg:/a',
    'pkg:npm/',
    'pkg:npm/a@',
    'pkg:npm/a b',
    'pkg:npm/%zz',
  ])
    assert.equal(isPackageUrl(bad), false, bad);
  for (const good of ['en', 'de-CH', 'zh-Hant-TW', 'es-419', 'i-default', 'x-own'])
    assert.equal(isLanguage(good), true, good);
  for (const bad of ['EZ', '', 'english', 'de_CH', 'en-QQQQQQQQQ']) assert.equal(isLanguage(bad), false, bad);
});

/** How each test is broken: JSON pointers and what is put there; `-` adds to a list, undefined takes away. */
type Edit = readonly [pointer: string, value: unknown];
const INVOLVED = { party: 'vendor', status: 'open' };
const FLAG = { label: 'component_not_present', product_ids: ['CSAFPID-0001'] };
const GROUP = { group_id: 'G', product_ids: ['CSAFPID-0001', 'CSAFPID-0002'] };
const SCORE = { products: ['CSAFPID-0001'], cvss_v3: { version: '3.1' } };
const MADE = { name: 'x', product_id: 'CSAFPID-8' };
const BROKEN: Readonly<Record<string, readonly Edit[]>> = {
  '6.1.1': [['/vulnerabilities/0/product_status/fixed/-', 'CSAFPID-9']],
  '6.1.2': [['/product_tree/full_product_names/-', { name: 'x', product_id: 'CSAFPID-0001' }]],
  '6.1.3': [
    [
      '/product_tree/relationships',
      [
        {
          full_product_name: MADE,
          product_reference: 'CSAFPID-0001',
          relates_to_product_reference: MADE.product_id,
        },
      ],
    ],
  ],
  '6.1.4': [['/vulnerabilities/0/remediations/-', { group_ids: ['CSAFGID-1'] }]],
  '6.1.5': [['/product_tree/product_groups', [GROUP, GROUP]]],
  '6.1.6': [['/vulnerabilities/0/product_status/known_affected', ['CSAFPID-0001']]],
  '6.1.7': [['/vulnerabilities/0/scores/-', SCORE]],
  '6.1.8': [['/vulnerabilities/0/scores/0/cvss_v3/baseSeverity', undefined]],
  '6.1.9': [['/vulnerabilities/0/scores/0/cvss_v3/baseScore', 9.9]],
  '6.1.10': [['/vulnerabilities/0/scores/0/cvss_v3/scope', 'UNCHANGED']],
  '6.1.11': [['/vulnerabilities/0/cwe/name', 'Something else']],
  '6.1.12': [['/document/lang', 'EZ']],
  '6.1.13': [['/product_tree/full_product_names/0/product_identification_helper/purl', 'pkg:maven/@1.3.4']],
  '6.1.14': [['/document/tracking/revision_history/0/date', '2027-02-11T12:00:00.0000001Z']],
  '6.1.15': [['/document/publisher/category', 'translator']],
  '6.1.16': [['/document/tracking/version', '1']],
  '6.1.17': [['/document/tracking/version', '0']],
  '6.1.18': [['/document/tracking/revision_history/0/number', '0']],
  '6.1.19': [['/document/tracking/revision_history/0/number', '1.0.0-rc1']],
  '6.1.20': [['/document/tracking/version', '2.0.0-rc1']],
  '6.1.21': [['/document/tracking/revision_history/1/number', '3']],
  '6.1.22': [['/document/tracking/revision_history/1/number', '1']],
  '6.1.23': [['/vulnerabilities/-', { cve: CASE.cve }]],
  '6.1.24': [
    [
      '/vulnerabilities/0/involvements',
      ['2027-01-01T00:00:00Z', '2027-01-01T01:00:00+01:00'].map((date) => ({ ...INVOLVED, date })),
    ],
  ],
  '6.1.25': [
    [
      '/product_tree/full_product_names/0/product_identification_helper/hashes',
      [{ file_hashes: [{ algorithm: 'sha256' }, { algorithm: 'sha256' }] }],
    ],
  ],
  '6.1.26': [['/document/category', 'Security_Incident-Response']],
  '6.1.27.1': [
    ['/document/category', 'csaf_informational_advisory'],
    ['/document/notes', []],
  ],
  '6.1.27.2': [
    ['/document/category', 'csaf_security_incident_response'],
    ['/document/references', []],
  ],
  '6.1.27.3': [['/document/category', 'csaf_informational_advisory']],
  '6.1.27.4': [['/product_tree', undefined]],
  '6.1.27.5': [['/vulnerabilities/0/notes', undefined]],
  '6.1.27.6': [['/vulnerabilities/0/product_status', undefined]],
  '6.1.27.7': [
    ['/document/category', 'csaf_vex'],
    ['/vulnerabilities/0/product_status', { recommended: ['CSAFPID-0001'] }],
  ],
  '6.1.27.8': [
    ['/document/category', 'csaf_vex'],
    ['/vulnerabilities/0/cve', undefined],
    ['/vulnerabilities/0/ids', undefined],
  ],
  '6.1.27.9': [
    ['/document/category', 'csaf_vex'],
    ['/vulnerabilities/0/product_status', { known_not_affected: ['CSAFPID-0001'] }],
  ],
  '6.1.27.10': [
    ['/document/category', 'csaf_vex'],
    ['/vulnerabilities/0/product_status', { known_affected: ['CSAFPID-0001'] }],
    ['/vulnerabilities/0/remediations', []],
  ],
  '6.1.27.11': [['/vulnerabilities', undefined]],
  '6.1.28': [['/document/source_lang', 'EN']],
  '6.1.29': [['/vulnerabilities/0/remediations/-', { category: 'mitigation' }]],
  '6.1.30': [['/document/tracking/version', '2.0.0']],
  '6.1.31': [['/product_tree/branches', [{ category: 'product_version', name: 'prior to 4.2' }]]],
  '6.1.32': [['/vulnerabilities/0/flags', [{ label: 'component_not_present' }]]],
  '6.1.33': [['/vulnerabilities/0/flags', [FLAG, { ...FLAG, label: 'vulnerable_code_not_present' }]]],
};

function edited(document: unknown, edits: readonly Edit[]): unknown {
  for (const [pointer, value] of edits) {
    const keys = pointer.split('/').slice(1);
    const last = keys.pop() ?? '';
    let at = document as Record<string, unknown>;
    for (const key of keys) at = at[key] as Record<string, unknown>;
    if (Array.isArray(at)) at[last === '-' ? at.length : Number(last)] = value;
    else if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return document;
}

test('a good document holds every test, and each test is broken by what it is about', () => {
  assert.deepEqual(faults(csafAdvisory(CASE, WORDS, BY)), []);
  for (const [id, edits] of Object.entries(BROKEN)) {
    const document = edited(plain(csafAdvisory(CASE, WORDS, BY)), edits);
    assert.ok(faults(document).includes(id), `${id}: ${faults(document)}`);
  }
});

const time = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const someCase: fc.Arbitrary<VulnerabilityCase> = fc.record({
  tracker: fc.constant('desk'),
  caseId: fc.constantFrom('V-1', 'case 7'),
  severity: fc.constantFrom('critical', 'high', 'medium', 'low'),
  rejected: fc.boolean(),
  reportedAt: time,
  mitigatedAt: fc.option(time),
  inCloud: fc.boolean(),
  customerAction: fc.boolean(),
  cve: fc.constant('CVE-2027-12345'),
  publishedAt: time,
  weakness: fc.constantFrom(null, 'CWE-79', 'CWE-0'),
  products: fc.uniqueArray(
    fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('pkg:npm/a@1', 'cpe:2.3:a:b:c:1:*:*:*:*:*:*:*')),
    { minLength: 1, maxLength: 5 },
  ),
});
const someWords: fc.Arbitrary<AdvisoryWords> = fc.record({
  title: fc.string({ minLength: 1 }),
  summary: fc.string({ minLength: 1 }),
  publisher: fc.constant(WORDS.publisher),
  reference: fc.constant('https://example.com/a'),
  assigner: fc.constant({ id: '5f5f4b3a-1d2c-4e6f-8a9b-0c1d2e3f4a5b', shortName: 'example' }),
  cvss: fc
    .tuple(
      fc.constantFrom('3.0', '3.1'),
      fc.constantFrom('N', 'A', 'L', 'P'),
      fc.constantFrom('N', 'L', 'H'),
      fc.constantFrom('U', 'C'),
      fc.constantFrom('', '/E:U/RL:W', '/CR:H/MAV:P', '/RC:R/MS:C/MC:H/AR:L'),
    )
    .map(([version, av, impact, scope, more]) => {
      return `CVSS:${version}/AV:${av}/AC:L/PR:L/UI:N/S:${scope}/C:${impact}/I:L/A:${impact}${more}`;
    }),
});

test('whatever a case says, its advisory holds every test, and its record is complete', () => {
  fc.assert(
    fc.property(someCase, someWords, (found, words) => {
      assert.deepEqual(csafFaults(plain(csafAdvisory(found, words, BY))), []);
      assert.deepEqual(cveGaps(words, found), []);
      const { cna } = plain(cveRecord(found, words)).containers;
      if (found.rejected) assert.equal(cna.rejectedReasons.length, 1);
      else assert.equal(cna.affected.length, found.products.length);
    }),
  );
});

test('a record says what it lacks, and a product is taken apart by its name', () => {
  const { assigner: _, reference: __, ...bare } = WORDS;
  assert.deepEqual(
    cveGaps(bare, CASE).map(({ field }) => field),
    ['assigner', 'reference'],
  );
  const [purl, cpe] = CASE.products.map((one) => productNamed(one, isPackageUrl));
  assert.deepEqual([purl?.vendor, purl?.product, purl?.version], ['@example', 'gateway', '4.1.0']);
  assert.deepEqual([cpe?.vendor, cpe?.product, cpe?.version], ['example', 'gateway', '4.1']);
});

test('no JSON makes the tests fail to answer', () => {
  const keys = [
    'document',
    'tracking',
    'product_tree',
    'branches',
    'vulnerabilities',
    'scores',
    'cvss_v3',
    'flags',
  ];
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, 1, '', 'CVSS:3.1/', '1.0.0', true),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie('node'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(fc.property(node, (document) => Array.isArray(csafFaults(document))));
});
