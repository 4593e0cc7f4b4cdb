/**
 * `npm run differential -- --cases N --seed S [--assets N] [--from ROUND] [--engine NAME]`: random kinds, expressions and assets; every engine must
 * say what the reference says, and no definite verdict may change when what is unknown is filled in.
 *
 * A case is one expression with one asset. A mismatch is made small and printed with its round, from which a run can begin; the exit
 * code is 1.
 */
import { parseArgs } from 'node:util';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import {
  type Engine,
  expected,
  type Outcome,
  observationOf,
  type Rule,
  randomRule,
  standardOf,
} from './case.ts';
import { closures } from './closures.ts';
import { randomFacts, randomWorld, type Subject, type World } from './kinds.ts';
import { complete } from './plain.ts';
import { type Random, random as seeded } from './random.ts';
import { type Mismatch, shrink } from './shrink.ts';

const RULES = 40;
const COMPLETIONS = 2;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    assets: { type: 'string', default: '100' },
    from: { type: 'string', default: '0' },
    engine: { type: 'string', multiple: true, default: ['closures'] },
  },
});
const wanted = Number(values.cases);
const seed = Number(values.seed);
const assets = Number(values.assets);
const from = Number(values.from);
if (
  ![wanted, assets].every((count) => Number.isSafeInteger(count) && count > 0) ||
  !Number.isSafeInteger(seed) ||
  !Number.isSafeInteger(from)
) {
  console.error('--cases, --assets, --seed and --from need whole numbers');
  process.exit(2);
}

async function enginesNamed(names: readonly string[]): Promise<readonly Engine[]> {
  return Promise.all(
    names.map(async (name) => {
      if (name === 'closures') return closures;
      if (name === 'sql') return (await import('./sql.ts')).openSql();
      console.error(`no engine \`${name}\`: closures, sql`);
      return process.exit(2);
    }),
  );
}

const total = { cases: 0, expressions: 0, oracle: 0, refused: 0, unloaded: 0, mismatches: 0 };
const verdicts = new Map<string, number>();
const unloaded = new Map<string, number>();

/** Errors are told apart by their cause alone: which part of an expression one is charged to is not a fact of the asset. */
const same = (a: Outcome, b: Outcome) =>
  a.verdict === b.verdict && a.reason === b.reason && (a.reason === 'undefined' || a.path === b.path);

async function judgeOne(engine: Engine, world: World, { rule, subject }: Mismatch): Promise<Outcome | null> {
  const standard = standardOf(rule, world);
  if (!('definition' in standard)) return null;
  const [outcomes] = await engine.judge(world, [standard], observationOf(world.kind, subject));
  return outcomes?.[0] ?? null;
}

async function report(engine: Engine, world: World, found: Mismatch, round: number): Promise<void> {
  total.mismatches++;
  const differs = async (candidate: Mismatch): Promise<boolean> => {
    try {
      const said = await judgeOne(engine, world, candidate);
      return said !== null && !same(said, expected(world, candidate.rule, candidate.subject));
    } catch {
      return false;
    }
  };
  const small = (await differs(found)) ? await shrink(found, differs) : found;
  const said = await judgeOne(engine, world, small);
  const text = JSON.stringify(small.rule);
  const used = new Set(text.match(/a\d+|home|peers/g));
  const attributesOf = ({ attributes }: Kind, more = '') =>
    Object.entries(attributes).filter(([name]) => used.has(name) || name === more);
  console.log(`\nmismatch of ${engine.name} (seed ${seed}, round ${round})`);
  console.log(`  where      ${small.rule.where}`);
  console.log(`  check      ${small.rule.check}`);
  for (const reason of small.rule.reasons) console.log(`  reason     ${reason}`);
  for (const [name, about] of attributesOf(world.kind)) {
    console.log(`  ${name.padEnd(10)} ${JSON.stringify({ ...about, description: undefined })}`);
    console.log(`             ${JSON.stringify(small.subject.facts[name] ?? 'nobody looked')}`);
  }
  const other = world.kinds.get('other');
  if (other && text.includes('related(')) {
    console.log(
      `  asset      thing/${small.subject.name}, of an other kind ${world.whole ? '' : 'not '}listed to its end`,
    );
    for (const [name, about] of attributesOf(other, 'thing')) {
      console.log(`  other.${name} ${JSON.stringify({ ...about, description: undefined })}`);
      for (const one of world.others)
        console.log(`    ${one.name.padEnd(8)} ${JSON.stringify(one.facts[name] ?? 'nobody looked')}`);
    }
  }
  console.log(`  ${engine.name.padEnd(10)} ${JSON.stringify(said)}`);
  console.log(`  reference  ${JSON.stringify(expected(world, small.rule, small.subject))}`);
}

/** What is known of related assets is filled in too; that there may be more of them, or some unseen, stays. */
function completed(random: Random, world: World): World {
  const other = world.kinds.get('other');
  if (!other) return world;
  const others = world.others.map((one) => ({ ...one, facts: complete(random, other, one.facts) }));
  return { ...world, others };
}

interface OracleInput {
  readonly random: Random;
  readonly world: World;
  readonly rule: Rule;
  readonly subject: Subject;
  readonly outcome: Outcome;
}

/** A definite verdict must be that of every completion. */
function oracle({ random, world, rule, subject, outcome }: OracleInput): void {
  if (outcome.verdict === 'unknown') return;
  for (let at = 0; at < COMPLETIONS; at++) {
    total.oracle++;
    const facts = complete(random, world.kind, subject.facts);
    const whole = expected(completed(random, world), rule, { ...subject, facts });
    if (whole.verdict === outcome.verdict) continue;
    total.mismatches++;
    console.log(`\n${outcome.verdict} is not the verdict of every completion (seed ${seed})`);
    console.log(`  where ${rule.where}\n  check ${rule.check}`);
    console.log(`  facts     ${JSON.stringify(subject.facts)}\n  completed ${JSON.stringify(facts)}`);
    console.log(`  completed gives ${JSON.stringify(whole)}`);
    return;
  }
}

async function round(engines: readonly Engine[], number: number): Promise<void> {
  const random = seeded(seed * 1_000_003 + number);
  const world = randomWorld(random);
  const loaded: { rule: Rule; standard: CompiledStandard }[] = [];
  for (let at = 0; at < RULES; at++) {
    const rule = randomRule(random, world);
    const standard = standardOf(rule, world);
    if ('definition' in standard) loaded.push({ rule, standard });
    else {
      total.unloaded++;
      const why =
        standard.mistakes[0]?.replaceAll(/`[^`]*`|"[\s\S]*"(?= is not)|(?<=at )\d+:\d+/g, '…') ?? '';
      unloaded.set(why, (unloaded.get(why) ?? 0) + 1);
      if (process.env.SHOW_UNLOADED) console.log(rule, standard.mistakes);
    }
  }
  const subjects: Subject[] = Array.from({ length: assets }, (_, at) => ({
    name: `t${at}`,
    facts: randomFacts(random, world.kind, `t${at}`),
  }));
  const observations = subjects.flatMap((subject) => observationOf(world.kind, subject));
  const truth = loaded.map(({ rule }) => subjects.map((subject) => expected(world, rule, subject)));
  total.expressions += loaded.reduce((sum, { rule }) => sum + 2 + rule.reasons.length, 0);
  total.cases += loaded.length * subjects.length;
  for (const [at, outcomes] of truth.entries()) {
    for (const [of, outcome] of outcomes.entries()) {
      verdicts.set(outcome.verdict, (verdicts.get(outcome.verdict) ?? 0) + 1);
      const [rule, subject] = [loaded[at]?.rule, subjects[of]];
      if (rule && subject && random.chance(20)) oracle({ random, world, rule, subject, outcome });
    }
  }
  for (const engine of engines) {
    const said = await engine.judge(
      world,
      loaded.map(({ standard }) => standard),
      observations,
    );
    for (const [at, { rule }] of loaded.entries()) {
      const outcomes = said[at];
      if (!outcomes) {
        total.refused++;
        continue;
      }
      const wrong = subjects.findIndex((_, of) => {
        const [a, b] = [outcomes[of], truth[at]?.[of]];
        return !a || !b || !same(a, b);
      });
      const subject = subjects[wrong];
      if (subject && total.mismatches < 10) await report(engine, world, { rule, subject }, number);
      else if (subject) total.mismatches++;
    }
  }
}

const engines = await enginesNamed(values.engine);
for (let number = from; total.cases < wanted; number++) {
  await round(engines, number);
  if (number % 50 === 49) process.stderr.write(`\r${total.cases} cases, ${total.mismatches} mismatches `);
}
const shares = [...verdicts].map(([name, count]) => `${name} ${Math.round((count / total.cases) * 100)} %`);
for (const [why, count] of unloaded) console.log(`not loaded ${count} times: ${why}`);
for (const { name, left } of engines) {
  if (left) console.log(`${name}: ${left()} of the cases were left to the closures`);
}
console.log(
  `differential: ${total.cases} cases over ${total.expressions} expressions (seed ${seed}; ${shares.join(', ')}), ` +
    `${total.oracle} completions, ${values.engine.join(' + ')}: ${total.mismatches} mismatches, ` +
    `${total.refused} refused, ${total.unloaded} not loaded`,
);
process.exit(total.mismatches === 0 ? 0 : 1);
