/** OSCAL: assessment results and plans of action that we write, of every status and framework, against NIST's schemas. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  assessmentResults,
  type OscalInput,
  type OscalStandard,
  planOfAction,
} from '@macadam/core/figures/oscal';
import { TARGET_STATUSES } from '@macadam/core/figures/target';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { Case, Suite } from '../suite.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Every status in turn. */
function standards(): readonly OscalStandard[] {
  return loadCatalogue([ROOT]).standards.map(({ id, definition }, index) => {
    const status = TARGET_STATUSES[index % TARGET_STATUSES.length] ?? 'met';
    const [pass, fail, unknown] = [index, status === 'met' ? 0 : index % 7, status === 'met' ? 0 : index % 5];
    const scope = pass + fail + unknown;
    return {
      standard: id,
      label: definition.title.slice(0, 38),
      title: definition.title,
      pillar: definition.pillar,
      severity: definition.severity,
      accountable: index % 2 === 0 ? null : 'Head of <everything> & more',
      target: status === 'no-target' ? null : { share: 0.9, by: '2027-03-31' },
      status,
      statusCause: status === 'cannot-tell' ? 'too-much-unknown' : null,
      pass,
      fail,
      unknown,
      excepted: fail > 0 ? 1 : 0,
      atLeast: scope === 0 ? null : pass / scope,
      atMost: scope === 0 ? null : (pass + unknown) / scope,
    };
  });
}

export const suite: Suite = {
  name: 'oscal',
  proves: 'assessment results and plans of action hold NIST’s schemas of OSCAL 1.2.1',
  vectors: ['oscal/schemas'],
  load: async (vectors) => {
    const schemaOf = async (name: string): Promise<ValidateFunction> => {
      const ajv = formats.default(new Ajv({ strict: false, unicodeRegExp: true }));
      const text = await readFile(join(vectors, 'oscal/schemas', `oscal_${name}_schema.json`), 'utf8');
      return ajv.compile(JSON.parse(text));
    };
    const schemas = { results: await schemaOf('assessment-results'), plan: await schemaOf('poam') };
    const { frameworks } = loadCatalogue([ROOT]);
    const input = (framework: OscalInput['framework'], all = standards()): OscalInput => ({
      title: 'Example\nCompany',
      at: new Date('2027-01-04T09:00:00Z'),
      engine: 'macadam 0',
      simulated: true,
      standards: all,
      framework,
    });
    const cases: Case[] = [null, ...frameworks].map((framework) => ({
      id: `results: ${framework?.framework ?? 'standards alone'}`,
      run: () => against(schemas.results, assessmentResults(input(framework))),
    }));
    cases.push(
      {
        id: 'results: nothing in force',
        run: () => against(schemas.results, assessmentResults(input(null, []))),
      },
      { id: 'plan of action', run: () => against(schemas.plan, planOfAction(input(null))) },
      {
        id: 'plan of action: nothing open',
        run: () => (planOfAction(input(null, [])) === null ? null : 'a plan without an item'),
      },
    );
    return cases;
  },
};

function against(valid: ValidateFunction, document: unknown): string | null {
  return valid(JSON.parse(JSON.stringify(document))) ? null : JSON.stringify(valid.errors?.slice(0, 3));
}
