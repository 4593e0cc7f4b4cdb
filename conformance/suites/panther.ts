/**
 * Panther's policies for AWS, each written as a scope and a check in CEL from what its name and description say, over
 * the resources of its own tests: what they find compliant passes or is out of scope, and the rest fails.
 */
import { type Judged, judgeOf, narrowed } from '../judge.ts';
import type { Case, Suite } from '../suite.ts';
import { FILE, readRules, readTests, type Test } from './panther/policies.ts';
import { factsOf } from './panther/snapshot.ts';

export const suite: Suite = {
  name: 'panther',
  proves:
    "Panther's policies for AWS, as CEL, find its own tests' resources compliant or not as its engine does",
  vectors: [FILE],
  async load(vectors) {
    const tests = await readTests(vectors);
    const rules = Object.entries(await readRules());
    const judges = new Map(rules.map(([policy, rule]) => [policy, judgeOf(rule)]));
    const unused = [...judges.keys()].filter((policy) => tests.every((each) => each.policy !== policy));
    return [
      ...tests.map((each) => caseOf(each, judges.get(each.policy))),
      {
        id: 'rules',
        run: () => (unused.length === 0 ? null : `no test has the policy ${unused.join(', ')}`),
      },
    ];
  },
};

function caseOf(test: Test, judge: Judged | undefined): Case {
  return {
    id: `${test.policy}/${test.test}`,
    run: () => {
      if (judge === undefined) return 'the policy is not written';
      const resource = factsOf(test.resource);
      const { verdict, causes } = judge(resource);
      if (verdict === 'unknown') return `unknown: ${causes.join('; ')}`;
      const isCompliant = verdict === 'pass' || verdict === 'not-applicable';
      if (isCompliant !== test.expectedCompliant) return `${verdict}, where Panther says the opposite`;
      return narrowed(judge, resource);
    },
  };
}
