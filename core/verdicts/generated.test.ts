/** Generated kinds, standards, observations and expressions for property tests, and the means to complete what is unknown. */
import fc from 'fast-check';
import {
  isUnobserved,
  type Known,
  type Observation,
  type Statement,
  type Value,
} from '../facts/observation.ts';
import type { Measure } from '../figures/measure.ts';
import { type Kind, kindSchema } from '../kinds/kind.ts';
import { type CompiledStandard, compileStandard } from './compiled-standard.ts';
import { standardSchema } from './standard.ts';

export const KIND: Kind = kindSchema.parse({
  kind: 'thing',
  description: 'A generated thing.',
  key: ['a'],
  fresh_for: '7d',
  attributes: {
    a: { type: 'bool', description: 'One condition.' },
    b: { type: 'bool', description: 'Another condition.' },
    n: { type: 'int', description: 'A small number.' },
    o: { type: 'bool', optional: true, description: 'May be absent.' },
    l: { type: 'list', of: 'int', description: 'Small numbers.' },
    k: {
      type: 'list',
      element_key: 'id',
      description: 'Elements with a condition.',
      of: { id: { type: 'int' }, p: { type: 'bool' } },
    },
    owners: { type: 'list', of: 'string', description: 'Who answers for it.' },
  },
});

export const NOW: Date = new Date('2026-11-01T00:00:00Z');
export const CLOCK = { asOf: NOW, real: NOW };

const why = 'withheld by the test';
const small = fc.integer({ min: 0, max: 3 });
const gap = fc
  .constantFrom('unobserved', 'forbidden', 'failed')
  .map((unobserved): Statement => ({ unobserved, why }) as Statement);
const element = fc.record({
  id: small,
  p: fc.oneof(
    { weight: 3, arbitrary: fc.boolean() },
    { weight: 1, arbitrary: fc.constant({ unobserved: 'failed', why }) },
  ),
});
const known = (value: fc.Arbitrary<unknown>) => value.map((one): Statement => ({ value: one as Value }));
const list = (of: fc.Arbitrary<unknown>) =>
  fc
    .record({ value: fc.array(of, { maxLength: 3 }), complete: fc.boolean() })
    .map((one) => one as unknown as Statement);
const stated = (arbitrary: fc.Arbitrary<Statement>) =>
  fc.oneof({ weight: 3, arbitrary }, { weight: 1, arbitrary: gap });

export const attributes: fc.Arbitrary<Record<string, Statement>> = fc.record({
  a: stated(known(fc.boolean())),
  b: stated(known(fc.boolean())),
  n: stated(known(small)),
  o: stated(fc.oneof(known(fc.boolean()), fc.constant<Statement>({ absent: true }))),
  l: stated(list(small)),
  k: stated(list(element)),
});

/** Well-typed conditions over the kind, every optional read dominated by `has`. */
export const condition: fc.Arbitrary<string> = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'condition' },
    fc.constantFrom(
      'asset.a',
      'asset.b',
      'has(asset.o)',
      '(has(asset.o) && asset.o)',
      '(!has(asset.o) || asset.o)',
    ),
    fc.constantFrom(
      'asset.n < 2',
      'asset.n + 1 == 3',
      'size(asset.l) > 1',
      'asset.n in asset.l',
      '1 / asset.n == 1',
    ),
    fc.constantFrom(
      'asset.l.all(x, x < 2)',
      'asset.l.exists(x, x == asset.n)',
      'asset.l.exists_one(x, x == 1)',
      'asset.l == [1]',
    ),
    fc.constantFrom(
      'asset.k.all(x, x.p)',
      'asset.k.exists(x, x.p && x.id > 0)',
      'asset.k.filter(x, x.p).exists(y, y.id == 1)',
      'asset.k.map(x, x.id) == [1]',
    ),
    fc.tuple(tie('any'), tie('any')).map(([x, y]) => `(${x} && ${y})`),
    fc.tuple(tie('any'), tie('any')).map(([x, y]) => `(${x} || ${y})`),
    tie('any').map((x) => `!(${x})`),
    fc.tuple(tie('any'), tie('any'), tie('any')).map(([x, y, z]) => `(${x} ? ${y} : ${z})`),
  ),
})).any;

const SHARE: Measure = { kind: 'share' };
let last: { readonly given: readonly unknown[]; readonly compiled: CompiledStandard } | undefined;

/** The last one is kept: a law judges many assets by one, and to compile it takes longer than to judge them. */
export function standard(check: string, where = 'true', kind = KIND, measure = SHARE): CompiledStandard {
  const given = [check, where, kind, measure];
  if (!last?.given.every((one, at) => one === given[at]))
    last = { given, compiled: compiledStandard(check, where, kind, measure) };
  return last.compiled;
}

function compiledStandard(check: string, where: string, kind: Kind, measure: Measure): CompiledStandard {
  const definition = standardSchema.parse({
    id: 'generated',
    pillar: 'engineering',
    title: 'A generated standard',
    statement: 'Everything meets a generated condition.',
    why: 'So that laws are tried on more than examples.',
    origin: { report: 'none', lesson: 'Examples alone prove little.' },
    scope: { kind: 'thing', where },
    check,
    reasons: [
      { id: 'first', when: 'asset.a', say: 'a holds' },
      { id: 'other', say: 'it does not hold' },
    ],
    severity: 'low',
    measure,
    rollout: { state: 'observe', on_unknown: 'warn' },
    toil: { owner_minutes: 1 },
  });
  const compiled = compileStandard(definition, kind, { file: 'generated', lineOf: () => 1 });
  if ('mistakes' in compiled)
    throw new Error(`${check}: ${compiled.mistakes.map(({ reason }) => reason).join('; ')}`);
  return compiled;
}

export function observation(
  name: string,
  statements: Readonly<Record<string, Statement>>,
  more: Partial<Observation> = {},
): Observation {
  const time = NOW.toISOString();
  return {
    kind: 'thing',
    id: `thing/${name}`,
    name,
    source: 'one',
    observedAt: time,
    receivedAt: time,
    assurance: 'configured',
    attributes: statements,
    ...more,
  };
}

/** What each attribute could turn out to be, if somebody had looked. */
const POSSIBLE: Readonly<Record<string, readonly Statement[]>> = {
  a: [{ value: true }, { value: false }],
  b: [{ value: true }, { value: false }],
  n: [{ value: 0 }, { value: 1 }, { value: 2 }],
  o: [{ absent: true }, { value: true }, { value: false }],
  l: [{ value: [] }, { value: [1] }, { value: [0, 3] }],
  k: [{ value: [] }, { value: [{ id: 1, p: true }] }, { value: [{ id: 0, p: false }] }],
};

/** Every way to fill what was not seen, up to a limit: gaps by a few values, partial lists by more elements. */
export function completions(
  statements: Readonly<Record<string, Statement>>,
  limit = 64,
): Record<string, Statement>[] {
  let all: Record<string, Statement>[] = [{}];
  for (const [name, statement] of Object.entries(statements)) {
    const choices = choicesOf(name, statement);
    all = all.flatMap((one) => choices.map((choice) => ({ ...one, [name]: choice })));
    if (all.length > limit) all = all.filter((_, index) => index % Math.ceil(all.length / limit) === 0);
  }
  return all;
}

function choicesOf(name: string, statement: Statement): readonly Statement[] {
  if (isUnobserved(statement)) return POSSIBLE[name] ?? [];
  if (!('value' in statement) || !Array.isArray(statement.value)) return [statement];
  const filled = [true, false].map((p) => (statement.value as Value[]).map((one) => completed(one, p)));
  const bases = name === 'k' ? filled : [statement.value as Value[]];
  const more = (POSSIBLE[name] ?? []).map((one) => (one as Known).value as Value[]);
  return bases.flatMap((base) =>
    statement.complete === false
      ? more.map((rest): Statement => ({ value: [...base, ...rest] }))
      : [{ value: base }],
  );
}

function completed(value: Value, p: boolean): Value {
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, isUnobserved(field) ? p : field]),
  ) as Value;
}
