/**
 * The expressions of the c7n and panther suites in a second engine, @bufbuild/cel, over the same resources: the verdicts
 * of the two are equal. Resources of which something is unobserved are ours alone: the other has no third state.
 */
import type { Data } from '@macadam/core/cel/runtime/value';
import { dataOf, judgeOf, NOW, type Rule, timestampOf } from '../judge.ts';
import type { Case, Suite } from '../suite.ts';
import { expressionOf } from './c7n/filter.ts';
import { idOf, FILE as RECORDINGS, readRecorded } from './c7n/recording.ts';
import { resourcesOf } from './c7n/resources.ts';
import type { Evaluate } from './cloud-peer/engine.ts';
import { readRules, readTests, FILE as TESTS } from './panther/policies.ts';
import { factsOf } from './panther/snapshot.ts';

export const suite: Suite = {
  name: 'cloud-peer',
  proves: "policies of others, as CEL, give the same verdicts in @bufbuild/cel as in Macadam's closures",
  vectors: [RECORDINGS, TESTS],
  needsInstall: true,
  async load(vectors) {
    const { evaluate } = await import('./cloud-peer/engine.ts');
    const rules = await readRules();
    const recorded = (await readRecorded(vectors)).map((each) => {
      const resources = () => resourcesOf(each.policy.resource, each.flightData);
      return caseOf(
        `c7n/${idOf(each)}`,
        () => ({ check: expressionOf(each.policy.filters ?? []) }),
        resources,
        evaluate,
      );
    });
    const tests = (await readTests(vectors)).map((each) => {
      const rule = () => rules[each.policy] ?? { check: 'false' };
      return caseOf(`panther/${each.policy}/${each.test}`, rule, () => [factsOf(each.resource)], evaluate);
    });
    return [...recorded, ...tests];
  },
};

function caseOf(id: string, ruleOf: () => Rule, resourcesOf: () => unknown[], evaluate: Evaluate): Case {
  return {
    id,
    run: () => {
      const rule = ruleOf();
      const judge = judgeOf(rule);
      const params = dataOf(rule.params ?? {});
      const differences = resourcesOf().map((resource) => {
        const { verdict } = judge(resource);
        if (verdict === 'unknown') return null;
        const bindings: Record<string, Data> = { asset: dataOf(resource), params, now: timestampOf(NOW) };
        const scope = rule.where === undefined ? true : evaluate(rule.where, bindings);
        const theirs = scope === true ? evaluate(rule.check, bindings) : scope;
        const named = scope === false ? 'not-applicable' : theirs === true ? 'pass' : 'fail';
        if (typeof theirs === 'string') return `${verdict} here, there: ${theirs}`;
        return named === verdict ? null : `${verdict} here, ${named} there`;
      });
      return differences.find((each) => each !== null) ?? null;
    },
  };
}
