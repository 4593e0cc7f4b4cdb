/**
 * Panther's policies for AWS, each written as a scope and a check in CEL from what its name and description say, over
 * the resources of its own tests: what they find compliant passes or is out of scope, and the rest fails.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Judged, judgeOf, type Rule } from '../judge.ts';
import type { Case, Suite } from '../suite.ts';
import { factsOf } from './panther/snapshot.ts';

const file = 'cloud-inventory/panther-policies-tests.json';

interface Test {
  readonly policy: string;
  readonly test: string;
  readonly expectedCompliant: boolean;
  readonly resource: unknown;
}

export const suite: Suite = {
  name: 'panther',
  proves:
    "Panther's policies for AWS, as CEL, find its own tests' resources compliant or not as its engine does",
  vectors: [file],
  async load(vectors) {
    const { tests }: { tests: Test[] } = JSON.parse(await readFile(join(vectors, file), 'utf8'));
    const path = join(import.meta.dirname, 'panther/policies.yaml');
    const rules: Readonly<Record<string, Rule>> = parse(await readFile(path, 'utf8'));
    const judges = new Map<string, Judged>();
    const judgeFor = (policy: string): Judged | undefined => {
      const rule = rules[policy];
      if (rule !== undefined && !judges.has(policy)) judges.set(policy, judgeOf(rule));
      return judges.get(policy);
    };
    const unused = Object.keys(rules).filter((policy) => tests.every((each) => each.policy !== policy));
    return [
      ...tests.map((each) => caseOf(each, judgeFor)),
      { id: 'unused', run: () => unused.join(', ') || null },
    ];
  },
};

function caseOf(test: Test, judgeFor: (policy: string) => Judged | undefined): Case {
  return {
    id: `${test.policy}/${test.test}`,
    run: () => {
      const judged = judgeFor(test.policy)?.(factsOf(test.resource));
      if (judged === undefined) return 'the policy is not written';
      const { verdict, causes } = judged;
      if (verdict === 'unknown') return `unknown: ${causes.join('; ')}`;
      const isCompliant = verdict === 'pass' || verdict === 'not-applicable';
      return isCompliant === test.expectedCompliant ? null : `${verdict}, where Panther says the opposite`;
    },
  };
}
