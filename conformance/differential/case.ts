/** One case: an asset of a kind under a standard, what the reference says of it, and what an engine says. */
import { parse } from '@macadam/core/cel/parse';
import type { Observation } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { standardSchema } from '@macadam/core/verdicts/standard';
import { randomExpression } from './expressions.ts';
import { NOW, type Subject, type World } from './kinds.ts';
import { readDuration, readTimestamp } from './operations.ts';
import { plainAsset, plainRelations } from './plain.ts';
import { type Plain, shown } from './plain-value.ts';
import type { Random } from './random.ts';
import { interpret, type Names } from './reference.ts';
import { PARAMETERS } from './scenery.ts';

export interface Rule {
  readonly where: string;
  readonly check: string;
  /** `when` of each reason but the last, which is always true. */
  readonly reasons: readonly string[];
}

/** What was decided, without the words: comparable between engines. */
export interface Outcome {
  readonly verdict: 'pass' | 'fail' | 'unknown' | 'not-applicable';
  /** A reason's id, or the cause. */
  readonly reason: string;
  /** Of an unknown: what it is about. */
  readonly path: string;
}

/** Something that judges many assets by one rule. Null: it refuses the rule and leaves it to the closures. */
export interface Engine {
  readonly name: string;
  /** Outcomes that it left to the closures, because its rows cannot hold the asset. */
  readonly left?: () => number;
  readonly judge: (
    world: World,
    standards: readonly CompiledStandard[],
    observations: readonly Observation[],
  ) => Promise<readonly (readonly Outcome[] | null)[]>;
}

export function randomRule(random: Random, world: World): Rule {
  const depth = () => 1 + random.int(4);
  return {
    where: random.chance(25) ? randomExpression(random, world, 2) : 'true',
    check: randomExpression(random, world, depth()),
    reasons: Array.from({ length: random.int(3) }, () => randomExpression(random, world, 2)),
  };
}

/** The rule as a standard, or the mistakes for which it does not load. */
export function standardOf(
  rule: Rule,
  { kind, kinds }: World,
): CompiledStandard | { readonly mistakes: readonly string[] } {
  const definition = standardSchema.parse({
    id: 'rule',
    pillar: 'engineering',
    title: 'A rule made for one case',
    statement: 'What one random expression says is so.',
    why: 'It is asked of every engine alike.',
    origin: { report: 'none', lesson: 'Two compilers need a third opinion.' },
    scope: { kind: kind.kind, where: rule.where },
    check: rule.check,
    params: PARAMETERS,
    reasons: [
      ...rule.reasons.map((when, at) => ({ id: `r${at}`, when, say: 'a reason' })),
      { id: 'rest', when: 'true', say: 'the last reason' },
    ],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  });
  const compiled = compileStandard(definition, kind, { file: 'rule', lineOf: () => 1, kinds });
  return 'mistakes' in compiled ? { mistakes: compiled.mistakes.map(({ reason }) => reason) } : compiled;
}

export function observationOf(kind: Kind, { name, facts }: Subject): Observation[] {
  const byTime = Map.groupBy(Object.entries(facts), ([, { observedAt }]) => observedAt);
  return [...byTime].map(([observedAt, entries]) => ({
    kind: kind.kind,
    id: `${kind.kind}/${name}`,
    name,
    source: 'cases',
    observedAt,
    receivedAt: observedAt,
    assurance: 'configured',
    attributes: Object.fromEntries(entries.map(([attribute, { statement }]) => [attribute, statement])),
  }));
}

const parameters: Plain = {
  is: 'record',
  path: 'params',
  of: new Map<string, Plain>([
    ['limit', { is: 'int', of: BigInt(PARAMETERS.limit) }],
    ['idle', readDuration(PARAMETERS.idle)],
    ['word', { is: 'string', of: PARAMETERS.word }],
    ['since', readTimestamp(PARAMETERS.since)],
    [
      'words',
      {
        is: 'list',
        of: PARAMETERS.words.map((of) => ({ is: 'string', of })),
        complete: true,
        path: 'params.words',
      },
    ],
  ]),
};

function run(text: string, names: Names): Plain {
  const parsed = parse(text);
  if ('mistake' in parsed) throw new TypeError(`${text}: ${parsed.mistake.reason}`);
  return interpret(parsed.tree, names);
}

/** By names that cannot be written in CEL. */
const relationsOf = (world: World, subject: Subject): (readonly [string, Plain])[] =>
  world.others.length === 0
    ? []
    : [...plainRelations(world, subject)].map(([name, list]) => [`@${name}`, list] as const);

/** What the reference says. */
export function expected(world: World, rule: Rule, subject: Subject): Outcome {
  const names: Names = new Map([
    ['asset', plainAsset(world.kind, subject.facts)],
    ...relationsOf(world, subject),
    ['params', parameters],
    ['now', readTimestamp(NOW)],
  ]);
  const scope = run(rule.where, names);
  if (scope.is === 'bool' && !scope.of)
    return { verdict: 'not-applicable', reason: 'out-of-scope', path: '' };
  const result = scope.is === 'undecided' ? scope : run(rule.check, names);
  if (result.is === 'undecided') {
    const { cause, path } = shown(result);
    return { verdict: 'unknown', reason: cause, path };
  }
  if (result.is === 'bool' && result.of) return { verdict: 'pass', reason: 'meets', path: '' };
  const at = rule.reasons.findIndex((when) => {
    const holds = run(when, names);
    return holds.is === 'bool' && holds.of;
  });
  return { verdict: 'fail', reason: at < 0 ? 'rest' : `r${at}`, path: '' };
}
