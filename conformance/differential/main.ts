/**
 * `npm run differential -- --cases N --seed S [--engine NAME]`: random kinds, expressions and assets; every engine must
 * say what the reference says, and no definite verdict may change when what is unknown is filled in.
 *
 * A case is one expression with one asset. A mismatch is made small and printed; the exit code is 1.
 */
import { parseArgs } from 'node:util';
import type { CompiledStandard } from '@macadam/core/compiled-standard';
import type { Kind } from '@macadam/core/kind';
import {
  type Engine,
  expected,
  type Outcome,
  observationOf,
  type Rule,
  randomRule,
  type Subject,
  standardOf,
} from './case.ts';
import { closures } from './closures.ts';
import { randomFacts, randomKind } from './kinds.ts';
import { complete } from './plain.ts';
import { type Random, random as seeded } from './random.ts';
import { type Mismatch, shrink } from './shrink.ts';

const RULES = 40;
const ASSETS = 100;
const COMPLETIONS = 2;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string', multiple: true, default: ['closures'] },
  },
});
const wanted = Number(values.cases);
const seed = Number(values.seed);
if (!Number.isSafeInteger(wanted) || wanted < 1 || !Number.isSafeInteger(seed)) {
  console.error('--cases and --seed need whole numbers');
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

async function judgeOne(engine: Engine, kind: Kind, { rule, subject }: Mismatch): Promise<Outcome | null> {
  const standard = standardOf(rule, kind);
  if (!('definition' in standard)) return null;
  const [outcomes] = await engine.judge(kind, [standard], observationOf(kind, subject));
  return outcomes?.[0] ?? null;
}

async function report(engine: Engine, kind: Kind, found: Mismatch, round: number): Promise<void> {
  total.mismatches++;
  const differs = async (candidate: Mismatch): Promise<boolean> => {
    try {
      const said = await judgeOne(engine, kind, candidate);
      return said !== null && !same(said, expected(kind, candidate.rule, candidate.subject.facts));
    } catch {
      return false;
    }
  };
  const small = (await differs(found)) ? await shrink(found, differs) : found;
  const said = await judgeOne(engine, kind, small);
  const used = new Set(JSON.stringify(small.rule).match(/a\d+/g));
  const attributes = Object.entries(kind.attributes).filter(([name]) => used.has(name));
  console.log(`\nmismatch of ${engine.name} (seed ${seed}, round ${round})`);
  console.log(`  where      ${small.rule.where}`);
  console.log(`  check      ${small.rule.check}`);
  for (const reason of small.rule.reasons) console.log(`  reason     ${reason}`);
  for (const [name, about] of attributes) {
    console.log(`  ${name.padEnd(10)} ${JSON.stringify({ ...about, description: undefined })}`);
    console.log(`             ${JSON.stringify(small.subject.facts[name] ?? 'nobody looked')}`);
  }
  console.log(`  ${engine.name.padEnd(10)} ${JSON.stringify(said)}`);
  console.log(`  reference  ${JSON.stringify(expected(kind, small.rule, small.subject.facts))}`);
}

/** A definite verdict must be that of every completion. */
function oracle(random: Random, kind: Kind, rule: Rule, subject: Subject, outcome: Outcome): void {
  if (outcome.verdict === 'unknown') return;
  for (let at = 0; at < COMPLETIONS; at++) {
    total.oracle++;
    const facts = complete(random, kind, subject.facts);
    const whole = expected(kind, rule, facts);
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
  const kind = randomKind(random);
  const loaded: { rule: Rule; standard: CompiledStandard }[] = [];
  for (let at = 0; at < RULES; at++) {
    const rule = randomRule(random, kind);
    const standard = standardOf(rule, kind);
    if ('definition' in standard) loaded.push({ rule, standard });
    else {
      total.unloaded++;
      const why = standard.mistakes[0]?.replaceAll(/`[^`]*`/g, '…') ?? '';
      unloaded.set(why, (unloaded.get(why) ?? 0) + 1);
      if (process.env.SHOW_UNLOADED) console.log(rule, standard.mistakes);
    }
  }
  const subjects: Subject[] = Array.from({ length: ASSETS }, (_, at) => ({
    name: `t${at}`,
    facts: randomFacts(random, kind, `t${at}`),
  }));
  const observations = subjects.flatMap((subject) => observationOf(kind, subject));
  const truth = loaded.map(({ rule }) => subjects.map(({ facts }) => expected(kind, rule, facts)));
  total.expressions += loaded.reduce((sum, { rule }) => sum + 2 + rule.reasons.length, 0);
  total.cases += loaded.length * subjects.length;
  for (const [at, outcomes] of truth.entries()) {
    for (const [of, outcome] of outcomes.entries()) {
      verdicts.set(outcome.verdict, (verdicts.get(outcome.verdict) ?? 0) + 1);
      const [rule, subject] = [loaded[at]?.rule, subjects[of]];
      if (rule && subject && random.chance(20)) oracle(random, kind, rule, subject, outcome);
    }
  }
  for (const engine of engines) {
    const said = await engine.judge(
      kind,
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
      if (subject && total.mismatches < 10) await report(engine, kind, { rule, subject }, number);
      else if (subject) total.mismatches++;
    }
  }
}

const engines = await enginesNamed(values.engine);
for (let number = 0; total.cases < wanted; number++) {
  await round(engines, number);
  if (number % 50 === 49) process.stderr.write(`\r${total.cases} cases, ${total.mismatches} mismatches `);
}
const shares = [...verdicts].map(([name, count]) => `${name} ${Math.round((count / total.cases) * 100)} %`);
for (const [why, count] of unloaded) console.log(`not loaded ${count} times: ${why}`);
console.log(
  `differential: ${total.cases} cases over ${total.expressions} expressions (seed ${seed}; ${shares.join(', ')}), ` +
    `${total.oracle} completions, ${values.engine.join(' + ')}: ${total.mismatches} mismatches, ` +
    `${total.refused} refused, ${total.unloaded} not loaded`,
);
process.exit(total.mismatches === 0 ? 0 : 1);
