/**
 * Cloud Custodian's policies about values, with the answers of AWS that its tests recorded: each becomes one expression
 * in CEL, the answers become resources, and as many must match as its own engine found. Both are done by rule.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { judgeOf } from '../judge.ts';
import type { Case, Suite } from '../suite.ts';
import type { Recording } from './c7n/answers.ts';
import { expressionOf } from './c7n/filter.ts';
import { resourcesOf } from './c7n/resources.ts';

const file = 'cloud-inventory/c7n-aws-value-policies.json';

interface Recorded {
  readonly testFile: string;
  readonly test: string;
  readonly policy: { readonly resource: string; readonly filters?: readonly unknown[] };
  readonly expectedMatches: number;
  readonly flightData: Recording;
}

export const suite: Suite = {
  name: 'c7n',
  proves:
    "Cloud Custodian's policies, as CEL over what AWS answered, match as many resources as its own engine",
  vectors: [file],
  async load(vectors) {
    const { cases }: { cases: Recorded[] } = JSON.parse(await readFile(join(vectors, file), 'utf8'));
    return cases.map(caseOf);
  },
};

function caseOf({ testFile, test, policy, expectedMatches, flightData }: Recorded): Case {
  return {
    id: `${testFile.replace(/^tests\/test_|\.py$/g, '')}/${test}`,
    run: () => {
      const judge = judgeOf({ check: expressionOf(policy.filters ?? []) });
      const judged = resourcesOf(policy.resource, flightData).map((resource) => judge(resource));
      const count = (verdict: string) => judged.filter((each) => each.verdict === verdict).length;
      const unknown = judged.find(({ verdict }) => verdict === 'unknown');
      if (unknown !== undefined)
        return `${count('unknown')} of ${judged.length} are unknown: ${unknown.causes}`;
      const matches = count('pass');
      if (matches === expectedMatches) return null;
      return `${matches} of ${judged.length} match, not ${expectedMatches}`;
    },
  };
}
