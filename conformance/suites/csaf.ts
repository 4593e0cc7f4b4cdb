/**
 * CSAF 2.0 and CVE 5.1: the mandatory tests of CSAF against the documents that OASIS made for them, good and bad; and what we
 * publish of a case against the official schemas and those tests.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { csafAdvisory } from '@macadam/core/advisories/csaf';
import { csafFaults } from '@macadam/core/advisories/csaf-tests';
import { cveRecord } from '@macadam/core/advisories/cve';
import type { AdvisoryWords, VulnerabilityCase } from '@macadam/core/advisories/vulnerability-case';
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Case, Suite } from '../suite.ts';

interface Group {
  readonly id: string;
  readonly group: string;
  readonly failures?: readonly { readonly name: string }[];
  readonly valid?: readonly { readonly name: string }[];
}

const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

/** The schema refers to those of CVSS, which are of an earlier draft: they are added as what they ask of a number and a text. */
async function csafSchema(folder: string): Promise<ValidateFunction> {
  const ajv = formats.default(new Ajv2020({ strict: false }));
  for (const version of ['2.0', '3.0', '3.1']) {
    const { $schema: _, id: __, ...schema } = await json(join(folder, `cvss-v${version}.json`));
    ajv.addSchema({ ...schema, $id: `https://www.first.org/cvss/cvss-v${version}.json` });
  }
  return ajv.compile(await json(join(folder, 'csaf_json_schema.json')));
}

async function cveSchema(folder: string): Promise<ValidateFunction> {
  // Times of CVE may lack a zone, so formats are not enforced.
  const ajv = new Ajv({ strict: false, validateFormats: false });
  return ajv.compile(await json(join(folder, 'CVE_JSON_5.1_bundled.json')));
}

const WORDS: AdvisoryWords = {
  title: 'Request smuggling in the gateway',
  summary: 'Whoever sends two lengths may send a request in the name of somebody else.',
  publisher: { name: 'Example Company', namespace: 'https://example.com' },
  reference: 'https://example.com/advisories/v1',
  assigner: { id: '5f5f4b3a-1d2c-4e6f-8a9b-0c1d2e3f4a5b', shortName: 'example' },
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
  weakness: 'CWE-444',
  products: ['pkg:npm/%40example/gateway@4.1.0', 'cpe:2.3:a:example:gateway:4.1:*:*:*:*:*:*:*', 'Gateway'],
};
const VECTOR = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:N/E:P/RL:O/RC:C/CR:H';
const OWN: readonly (readonly [string, VulnerabilityCase, AdvisoryWords])[] = [
  ['mitigated', CASE, { ...WORDS, cvss: VECTOR }],
  ['open', { ...CASE, mitigatedAt: null }, WORDS],
  ['mitigated before it was published', { ...CASE, mitigatedAt: '2027-02-09T12:00:00Z' }, WORDS],
  ['customers act', { ...CASE, customerAction: true, inCloud: false, weakness: null }, WORDS],
  ['an unknown weakness', { ...CASE, weakness: 'CWE-999999', products: ['Gateway'] }, WORDS],
  ['rejected', { ...CASE, rejected: true }, WORDS],
];

export const suite: Suite = {
  name: 'csaf',
  proves:
    'the mandatory tests of CSAF 2.0 are those of OASIS, and advisories and CVE records that we write hold their schemas',
  vectors: ['csaf/2.0/validator-data', 'cve/schemas'],
  load: async (vectors) => {
    const folder = join(vectors, 'csaf/2.0');
    const { tests } = (await json(join(folder, 'validator-data/testcases.json'))) as {
      readonly tests: readonly Group[];
    };
    const there = new Set(await readdir(join(folder, 'validator-data/mandatory')));
    const cases: Case[] = [];
    for (const { id, group, failures = [], valid = [] } of tests) {
      if (group !== 'mandatory') continue;
      const all = [
        ...failures.map(({ name }) => ({ name, fails: true })),
        ...valid.map(({ name }) => ({ name, fails: false })),
      ];
      for (const { name, fails } of all) {
        if (!there.has(name.replace('mandatory/', ''))) continue;
        cases.push({
          id: `${id} ${name}`,
          run: async () => {
            const own = csafFaults(await json(join(folder, 'validator-data', name)));
            const found = own.some(({ test }) => test === id);
            return found === fails ? null : `${fails ? 'nothing is found' : JSON.stringify(own)}`;
          },
        });
      }
    }
    const schemas = { csaf: await csafSchema(folder), cve: await cveSchema(join(vectors, 'cve/schemas')) };
    for (const [name, found, words] of OWN) {
      const by = { engine: 'macadam', version: '0' };
      cases.push(
        { id: `ours as CSAF: ${name}`, run: () => against(schemas.csaf, csafAdvisory(found, words, by)) },
        { id: `ours by the tests: ${name}`, run: () => faultText(csafAdvisory(found, words, by)) },
        { id: `ours as CVE: ${name}`, run: () => against(schemas.cve, cveRecord(found, words)) },
      );
    }
    return cases;
  },
};

function against(valid: ValidateFunction, document: unknown): string | null {
  const written = JSON.parse(JSON.stringify(document));
  return valid(written) ? null : JSON.stringify(valid.errors?.slice(0, 3));
}

function faultText(document: unknown): string | null {
  const faults = csafFaults(JSON.parse(JSON.stringify(document)));
  return faults.length === 0 ? null : JSON.stringify(faults);
}
