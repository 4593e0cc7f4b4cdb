/**
 * Regolibrary's rules for Kubernetes, each written as a scope and a check in CEL from its name and description, over the
 * assets that its test cases' manifests hold. A case agrees when the same objects alert, as a set of kinds and names, or,
 * where alerts name no object, as many of them; and when no verdict changes but to unknown with any fact unobserved. An
 * alert that only says that a file could not be analysed is our unknown. Where alerts name the paths at fault and our
 * rule says them, a second case compares the set of those.
 */
import { type Judged, judgeOf, narrowed } from '../judge.ts';
import type { Case, Suite } from '../suite.ts';
import { assetsOf } from './kubernetes/assets.ts';
import { FILE, type Material, readMaterial, readRules } from './kubernetes/cases.ts';
import {
  differenceOf,
  differenceOfPaths,
  type Points,
  pathsOf,
  pointsOf,
  type RuleFinding,
} from './kubernetes/finding.ts';
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
    return material.flatMap((each) => casesOf(each, judges.get(each.rule)));
  },
};

interface Judges {
  readonly judge: Judged;
  readonly points: Points | undefined;
}

function casesOf(material: Material, rule: Judges | undefined): readonly Case[] {
  const id = `${material.rule}/${material.case}`;
  if (rule === undefined) return [{ id, run: () => 'unknown rule: it is not written' }];
  const alerts = {
    id,
    run: () => notNarrowed(material, rule) ?? differenceOf(find(material, rule), material.expected),
  };
  if (rule.points === undefined || pathsOf(material.expected).length === 0) return [alerts];
  return [
    alerts,
    { id: `${id}: paths`, run: () => differenceOfPaths(find(material, rule), material.expected) },
  ];
}

const assetsIn = ({ inputs }: Material) => assetsOf(Object.values(inputs).flatMap(objectsOf));

function find(material: Material, { judge, points }: Judges): readonly RuleFinding[] {
  return assetsIn(material).flatMap(({ object, facts }): RuleFinding[] => {
    const { verdict, causes } = judge(facts);
    if (verdict === 'unknown') return [{ object, verdict, why: causes.join('; ') }];
    return verdict === 'fail' ? [{ object, verdict, paths: points?.(facts) ?? null }] : [];
  });
}

function notNarrowed(material: Material, { judge }: Judges): string | null {
  const wrong = assetsIn(material).map(({ object, facts }) => ({ object, why: narrowed(judge, facts) }));
  const first = wrong.find(({ why }) => why !== null);
  return first === undefined ? null : `${first.object}: ${first.why}`;
}
