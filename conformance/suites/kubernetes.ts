/**
 * Regolibrary's rules for Kubernetes, each written as a scope and a check in CEL from its name and description, over the
 * assets that its test cases' manifests hold. Compared are: whether anything alerts; where alerts name objects, the set
 * of them by kind and name, else the number of alerts; and where an alert names the paths at fault and our rule says
 * them too, the set of those paths. An alert that only says that a file could not be analysed is our unknown.
 */
import { type Judged, judgeOf, narrowed } from '../judge.ts';
import type { Case, Suite } from '../suite.ts';
import { assetsOf } from './kubernetes/assets.ts';
import { FILE, type Material, readMaterial, readRules } from './kubernetes/cases.ts';
import { differenceOf, type Finding, type Points, pointsOf } from './kubernetes/finding.ts';
import { objectsOf } from './kubernetes/object.ts';

export const suite: Suite = {
  name: 'kubernetes',
  proves: "regolibrary's rules for Kubernetes, as CEL, alert on the objects and paths of its own test cases",
  vectors: [FILE],
  async load(vectors) {
    const material = await readMaterial(vectors);
    const rules = await readRules();
    const judges = new Map(
      [...rules].map(([name, rule]) => [name, { judge: judgeOf(rule), points: pointsOf(rule) }] as const),
    );
    return material.map((each) => caseOf(each, judges.get(each.rule)));
  },
};

function caseOf(material: Material, rule: { judge: Judged; points: Points | undefined } | undefined): Case {
  return {
    id: `${material.rule}/${material.case}`,
    run: () => {
      if (rule === undefined) return 'unknown rule: it is not written';
      const assets = assetsOf(Object.values(material.inputs).flatMap(objectsOf));
      const findings: Finding[] = [];
      for (const { object, facts } of assets) {
        const { verdict, causes } = rule.judge(facts);
        const wrong = narrowed(rule.judge, facts);
        if (wrong !== null) return `${object}: ${wrong}`;
        if (verdict === 'unknown') findings.push({ object, verdict, why: causes.join('; ') });
        if (verdict === 'fail') findings.push({ object, verdict, paths: rule.points?.(facts) });
      }
      return differenceOf(findings, material.expected);
    },
  };
}
