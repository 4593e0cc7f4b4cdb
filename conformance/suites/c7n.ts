/**
 * Cloud Custodian's policies about values, with the answers of AWS that its tests recorded: each becomes one expression
 * in CEL, the answers become resources, and as many must match as its own engine found. Both are done by rule.
 */
import { judgeOf, narrowed } from '../judge.ts';
import type { Case, Suite } from '../suite.ts';
import { expressionOf } from './c7n/filter.ts';
import { FILE, idOf, type RecordedAnswer, readRecorded } from './c7n/recording.ts';
import { resourcesOf } from './c7n/resources.ts';

export const suite: Suite = {
  name: 'c7n',
  proves:
    "Cloud Custodian's policies, as CEL over what AWS answered, match as many resources as its own engine",
  vectors: [FILE],
  load: async (vectors) => (await readRecorded(vectors)).map(caseOf),
};

function caseOf(recorded: RecordedAnswer): Case {
  return {
    id: idOf(recorded),
    run: () => {
      const { policy, flightData, expectedMatches } = recorded;
      const judge = judgeOf({ check: expressionOf(policy.filters ?? []) });
      const resources = resourcesOf(policy.resource, flightData);
      const judged = resources.map((resource) => judge(resource));
      const count = (verdict: string) => judged.filter((each) => each.verdict === verdict).length;
      const unknown = judged.find(({ verdict }) => verdict === 'unknown');
      if (unknown !== undefined)
        return `${count('unknown')} of ${judged.length} are unknown: ${unknown.causes}`;
      const matches = count('pass');
      if (matches !== expectedMatches) return `${matches} of ${judged.length} match, not ${expectedMatches}`;
      return resources.map((resource) => narrowed(judge, resource)).find((each) => each !== null) ?? null;
    },
  };
}
