/** A standard made ready to judge: every expression type-checked against its kind, every message's places checked. */
import { compile, type Expression } from '../cel/compile.ts';
import { parseDurationWithDays } from '../cel/runtime/time.ts';
import type { Data } from '../cel/runtime/value.ts';
import type { Position } from '../cel/tree.ts';
import {
  assetType,
  BOOL,
  DURATION,
  INT,
  parameterType,
  relationTypes,
  STRING,
  TIMESTAMP,
  type Type,
  typeName,
} from '../cel/type.ts';
import { boundsOf } from '../cel/value-size.ts';
import { dataOf } from '../facts/data.ts';
import type { Value } from '../facts/observation.ts';
import type { Measure } from '../figures/measure.ts';
import type { Kind } from '../kinds/kind.ts';
import { type Relation, relationsOf } from '../kinds/relation.ts';
import type { FileDiagnostic } from '../text/diagnostic.ts';
import { didYouMean } from '../text/suggestion.ts';
import { templateMistakes } from '../text/template.ts';
import type { Reason, Standard } from './standard.ts';

export interface CompiledReason {
  readonly definition: Reason;
  readonly when: Expression;
  readonly at: Expression | null;
}

export interface CompiledStandard {
  readonly definition: Standard;
  readonly kind: Kind;
  readonly params: Readonly<Record<string, Value>>;
  readonly paramValues: Data;
  /** Kind → how old its evidence may be, as people write it and in milliseconds: the standard's own limit, else the kind's. */
  readonly maxAges: Readonly<Record<string, { readonly text: string; readonly milliseconds: number }>>;
  /** Every kind there was when it was compiled, where relations are to be followed. */
  readonly kinds: ReadonlyMap<string, Kind> | null;
  readonly where: Expression;
  readonly check: Expression;
  readonly reasons: readonly CompiledReason[];
  /** What its measure asks of an asset; a share and an elimination ask nothing. */
  readonly measure: CompiledMeasure;
  /** Attributes that scope and check read, those that refer to other assets among them, sorted. */
  readonly reads: readonly string[];
  /** What scope and check read across relations. */
  readonly looks: readonly Look[];
}

export type CompiledMeasure =
  | { readonly kind: 'share' }
  | { readonly kind: 'elimination' }
  | { readonly kind: 'weighted'; readonly by: Expression }
  | { readonly kind: 'duration'; readonly took: Expression; readonly pending: Expression };

/** One relation that is looked across, with the attributes of the assets there that are read, sorted. */
export interface Look {
  readonly relation: Relation;
  /** The one that refers back is among them, where the relation goes backwards. */
  readonly attributes: readonly string[];
}

export interface CompileContext {
  readonly file: string;
  readonly lineOf: (path: readonly (string | number)[]) => number;
  /** Where a place inside an expression stands in the file, as far as that is known. */
  readonly within?: (path: readonly (string | number)[], inside: Position) => Position | null;
  /** Values that the estate sets instead of the standard's own. */
  readonly overrides?: Readonly<Record<string, Value>>;
  /** Every kind there is, for what expressions read across relations. */
  readonly kinds?: ReadonlyMap<string, Kind>;
}

/** Compiles a standard, or says every mistake in it. Wrong overrides are mistakes of the file that sets them. */
export function compileStandard(
  definition: Standard,
  kind: Kind,
  context: CompileContext,
): CompiledStandard | { readonly mistakes: readonly FileDiagnostic[] } {
  const mistakes: FileDiagnostic[] = [];
  const mistake = (path: readonly (string | number)[], reason: string, column = 1) =>
    mistakes.push({ file: context.file, line: context.lineOf(path), column, field: path.join('.'), reason });

  const paramTypes = Object.fromEntries(
    Object.entries(definition.params).map(([name, value]) => [name, parameterType(value)]),
  );
  const scope = {
    asset: assetType(kind),
    params: recordOf('params', paramTypes),
    now: TIMESTAMP,
  };
  const params = { ...(definition.params as Record<string, Value>), ...context.overrides };
  const paramValues = dataOf({ raw: params, type: scope.params, path: 'params' });
  const options = {
    certain: ['asset', 'now'],
    constants: { params: paramValues },
    relations: relationTypes(kind, context.kinds ?? NO_KINDS),
    bounds: boundsOf(kind),
  };
  const expression = (path: readonly (string | number)[], text: string, type?: Type): Expression | null => {
    const compiled = compile(text, scope, type, options);
    if ('expression' in compiled) return compiled.expression;
    for (const { at, reason } of compiled.mistakes) {
      const place = context.within?.(path, at);
      if (place) mistakes.push({ ...place, file: context.file, field: path.join('.'), reason });
      else mistake(path, `${reason} (at ${at.line}:${at.column} of it)`);
    }
    return null;
  };

  const where = expression(['scope', 'where'], definition.scope.where);
  const check = expression(['check'], definition.check);
  const reasons = definition.reasons.flatMap((reason, index) => {
    const at = reason.at
      ? expression(['reasons', index, 'at'], reason.at, { name: 'list', of: STRING })
      : null;
    const when = expression(['reasons', index, 'when'], reason.when);
    const element = at?.type.name === 'list' ? at.type.of : STRING;
    for (const problem of templateMistakes(reason.say, {
      ...scope,
      count: STRING,
      total: totalType(element),
    })) {
      mistake(['reasons', index, 'say'], problem);
    }
    for (const problem of templateMistakes(reason.point ?? '', { ...scope, it: element })) {
      mistake(['reasons', index, 'point'], problem);
    }
    if (reason.point && !reason.at)
      mistake(['reasons', index, 'point'], 'it needs `at`, the list of elements');
    return when ? [{ definition: reason, when, at }] : [];
  });
  const measure = compiledMeasure(definition.measure, expression);
  if (definition.reasons.at(-1)?.when !== 'true') {
    mistake(['reasons'], 'the last reason needs `when: "true"`, so that every failure has one');
  }
  if (!where || !check || !measure || mistakes.length > 0) return { mistakes };
  const looks = looksOf([where, check], kind, context.kinds ?? NO_KINDS);
  const references = looks.flatMap(({ relation }) => (relation.inverse ? [] : relation.by));
  return {
    definition,
    kind,
    params,
    paramValues,
    kinds: context.kinds ?? null,
    maxAges: maxAges(definition, kind, context.kinds),
    where,
    check,
    reasons,
    measure,
    reads: [...new Set([...where.reads, ...check.reads, ...references])].sort(),
    looks,
  };
}

/** Null where an expression of it has a mistake, which was said. */
function compiledMeasure(
  measure: Measure,
  expression: (path: readonly string[], text: string, type: Type) => Expression | null,
): CompiledMeasure | null {
  if (measure.kind === 'weighted') {
    const by = expression(['measure', 'by'], measure.by, INT);
    return by && { kind: measure.kind, by };
  }
  if (measure.kind !== 'duration') return { kind: measure.kind };
  const took = expression(['measure', 'took'], measure.took, DURATION);
  const pending = expression(['measure', 'pending'], measure.pending, BOOL);
  return took && pending && { kind: measure.kind, took, pending };
}

/** What `{total.x}` may name: the whole numbers of the elements. */
function totalType(element: Type): Type {
  const fields = element.name === 'record' ? element.fields : {};
  const numbers = Object.entries(fields).filter(([, { type }]) => type.name === 'int');
  return { name: 'record', label: 'total', fields: Object.fromEntries(numbers) };
}

function looksOf(
  expressions: readonly Expression[],
  kind: Kind,
  kinds: ReadonlyMap<string, Kind>,
): readonly Look[] {
  const looked = new Set(expressions.flatMap(({ relations }) => relations));
  return relationsOf(kind, kinds)
    .filter(({ name }) => looked.has(name))
    .map((relation) => {
      const start = `related(${relation.name})[].`;
      const read = expressions.flatMap(({ paths }) =>
        paths.flatMap((path) =>
          path.startsWith(start) ? (/^\w+/.exec(path.slice(start.length)) ?? []) : [],
        ),
      );
      const back = relation.inverse ? [relation.by] : [];
      return { relation, attributes: [...new Set([...back, ...read])].sort() };
    });
}

const NO_KINDS: ReadonlyMap<string, Kind> = new Map();

function maxAges(
  { evidence }: Standard,
  kind: Kind,
  kinds: ReadonlyMap<string, Kind> | undefined,
): CompiledStandard['maxAges'] {
  const others = relationsOf(kind, kinds ?? NO_KINDS).map(({ other }) => other);
  return Object.fromEntries(
    [kind, ...others].map((one) => {
      const text = evidence.max_age ?? one.fresh_for;
      const { seconds, nanos } = parseDurationWithDays(text) ?? { seconds: 0, nanos: 0 };
      return [one.kind, { text, milliseconds: seconds * 1000 + nanos / 1_000_000 }];
    }),
  );
}

/** Why an estate's value for a parameter cannot be used; null when it can. */
export function overrideMistake(definition: Standard, name: string, value: unknown): string | null {
  const given = definition.params[name];
  if (given === undefined || !Object.hasOwn(definition.params, name)) {
    const names = Object.keys(definition.params);
    const known = names.length > 0 ? `; it has ${names.join(', ')}` : '; it has none';
    return `standard ${definition.id} has no parameter \`${name}\`${didYouMean(name, names) || known}`;
  }
  const wanted = parameterType(given);
  const got = parameterType(value);
  const asDouble = wanted.name === 'double' && got.name === 'int';
  if (wanted.name === got.name || asDouble || (wanted.name === 'string' && typeof value === 'string'))
    return null;
  return `it has to be a ${typeName(wanted)}, like ${JSON.stringify(given)}`;
}

function recordOf(label: string, types: Readonly<Record<string, Type>>): Type & { readonly name: 'record' } {
  const fields = Object.fromEntries(
    Object.entries(types).map(([name, type]) => [name, { type, optional: false }]),
  );
  return { name: 'record', label, fields };
}

/** Whether a standard reads other assets than the one it judges. */
export const looksAround = ({ where, check, reasons }: CompiledStandard): boolean =>
  [where, check, ...reasons.map(({ when }) => when)].some(({ relations }) => relations.length > 0);
