/**
 * When the clock alone may change a verdict: the instants at which evidence grows too old, and at which `now` passes what it
 * is compared with. Between two of them a verdict is the same as long as no fact changes, so that nothing has to be judged.
 *
 * The instants are a superset: one that changes nothing costs a judgement, a missing one would be a wrong verdict. A standard
 * that uses `now` in a way that has no such instants is judged at every tick.
 */

import { generate, NOTHING_AROUND } from '../cel/generate.ts';
import { Duration, Timestamp } from '../cel/runtime/value.ts';
import type { Type } from '../cel/type.ts';
import { partsOf, type Typed } from '../cel/typed.ts';
import type { Asset } from '../facts/asset.ts';
import { isUnobserved, type Value } from '../facts/observation.ts';
import type { AttributeDefinition, Kind } from '../kinds/kind.ts';
import { relationsOf } from '../kinds/relation.ts';
import { nanosOf, timeOf } from '../text/instant.ts';
import { ascending } from '../text/order.ts';
import type { CompiledStandard } from './compiled-standard.ts';

/** Instants in nanoseconds since 1970, exact to a millisecond. */
export type InstantTerm =
  /** When an attribute of an asset was observed, and `shift` later. */
  | { readonly of: 'observed'; readonly kind: string; readonly attribute: string; readonly shift: bigint }
  /** The times that stand at a path of an asset (`credentials[].expires_at`), each with `shift` added. */
  | { readonly of: 'value'; readonly kind: string; readonly path: string; readonly shift: bigint }
  /** The same for every asset. */
  | { readonly of: 'constant'; readonly at: bigint };

export interface Expiry {
  /** `now` is used in another way than by comparing it with a time: the verdict may change at any instant. */
  readonly always: boolean;
  /** Each once, in a fixed order; those of other kinds are of assets that a relation leads to. */
  readonly terms: readonly InstantTerm[];
}

/** Instants are exact to this: whoever looks for those of a span takes as much more on both sides. */
export const SLACK = 2_000_000n;

const analysed = new WeakMap<CompiledStandard, Expiry>();

/** What the clock can change about a standard's verdicts and their reasons. */
export function expiryOf(standard: CompiledStandard): Expiry {
  const before = analysed.get(standard);
  if (before) return before;
  const made = analyse(standard);
  analysed.set(standard, made);
  return made;
}

function analyse(standard: CompiledStandard): Expiry {
  const walk = new Walk(standard);
  for (const { tree } of expressionsOf(standard)) walk.visit(tree);
  if (walk.always) return { always: true, terms: [] };
  const terms = [...agingOf(standard), ...walk.terms];
  const unique = new Map(terms.map((term) => [keyOf(term), term]));
  return {
    always: false,
    terms: [...unique].sort(([a], [b]) => ascending(a, b)).map(([, term]) => term),
  };
}

/** The terms of assets of one kind, with those that are the same for every asset, each once. */
export function termsOf(kind: string, standards: readonly CompiledStandard[]): readonly InstantTerm[] {
  const terms = standards.flatMap((one) =>
    expiryOf(one).terms.filter((term) => term.of === 'constant' || term.kind === kind),
  );
  return [...new Map(terms.map((term) => [keyOf(term), term])).values()];
}

const keyOf = (term: InstantTerm): string =>
  Object.values(term)
    .map((part) => String(part))
    .join(' ');

const expressionsOf = ({ where, check, reasons }: CompiledStandard) => [
  where,
  check,
  ...reasons.map(({ when }) => when),
];

const MILLION = 1_000_000n;

/** When what the standard reads grows too old, of its own assets and of those that it looks at. */
function agingOf(standard: CompiledStandard): InstantTerm[] {
  const { kind, maxAges } = standard;
  const expressions = expressionsOf(standard);
  const looked = new Set(expressions.flatMap(({ relations }) => relations));
  const relations = relationsOf(kind, standard.kinds ?? new Map()).filter(({ name }) => looked.has(name));
  const own = new Set([
    ...expressions.flatMap(({ reads }) => reads),
    ...relations.flatMap(({ inverse, by }) => (inverse ? [] : [by])),
  ]);
  const aging = (of: Kind, attributes: Iterable<string>): InstantTerm[] => {
    const shift = BigInt(Math.floor(maxAges[of.kind]?.milliseconds ?? 0)) * MILLION;
    return [...attributes]
      .filter((attribute) => ages(of.attributes[attribute]))
      .map((attribute) => ({ of: 'observed', kind: of.kind, attribute, shift }));
  };
  // Of the other end every attribute: few standards look around, and what they read there may hide in any expression.
  return [
    ...aging(kind, own),
    ...relations.flatMap(({ other }) => aging(other, Object.keys(other.attributes))),
  ];
}

const ages = (definition: AttributeDefinition | undefined): boolean =>
  definition !== undefined && !definition.immutable && definition.set_by !== 'approval';

/** Beyond these a duration is an error, and so unknown. */
const LIMITS = [2n ** 63n - 1n, -(2n ** 63n)] as const;

/** `now * clock + time * sign + constant`, where `time` is what stands at the path. */
interface Linear {
  readonly clock: number;
  /** Null where no time of an asset is in it. */
  readonly path: string | null;
  readonly sign: number;
  readonly constant: bigint;
}

const COMPARISONS: ReadonlySet<string> = new Set(['_<_', '_<=_', '_>_', '_>=_', '_==_', '_!=_']);

/** Goes over a tree and collects what `now` is compared with. */
class Walk {
  readonly terms: InstantTerm[] = [];
  always = false;
  readonly #standard: CompiledStandard;
  readonly #others: ReadonlyMap<string, string>;
  /** The paths that a macro's variable may stand for; null where it may be no path. */
  readonly #paths = new Map<number, readonly string[] | null>();

  constructor(standard: CompiledStandard) {
    this.#standard = standard;
    const relations = relationsOf(standard.kind, standard.kinds ?? new Map());
    this.#others = new Map(relations.map(({ name, other }) => [name, other.kind]));
  }

  visit(node: Typed): void {
    // Here it is used by itself: what becomes of it nobody can say.
    if (isNow(node)) this.always = true;
    if (node.node === 'call' && this.#compares(node)) return;
    if (node.node === 'fold') {
      this.visit(node.over);
      const lists = node.over.type.name === 'list' ? this.#pathsOf(node.over) : null;
      const element = node.bindings.at(-1);
      if (element !== undefined) this.#paths.set(element, lists && lists.map((list) => `${list}[]`));
      if (node.where) this.visit(node.where);
      this.visit(node.body);
      return;
    }
    if (node.node === 'bind') {
      this.visit(node.value);
      this.#paths.set(node.binding, this.#pathsOf(node.value));
      this.visit(node.body);
      return;
    }
    for (const part of partsOf(node)) this.visit(part);
  }

  /** Whether it is a comparison whose instants are known; then they are among the terms. */
  #compares(node: Typed & { readonly node: 'call' }): boolean {
    const [left, right] = node.arguments;
    if (!COMPARISONS.has(node.function) || !left || !right) return false;
    if (!usesNow(left) && !usesNow(right)) return false;
    const differences = pairs(this.#linear(left), this.#linear(right), minus);
    if (!differences?.every((one) => this.#crosses(one, [0n]))) return false;
    for (const operand of [left, right]) this.#overflows(operand);
    return true;
  }

  /** Adds the instants at which it is one of these values; false where there are none to be named. */
  #crosses({ clock, path, sign, constant }: Linear, values: readonly bigint[]): boolean {
    // Both sides run with the clock: it changes nothing between them.
    if (clock === 0) return true;
    if (Math.abs(clock) !== 1) return false;
    const shifts = values.map((value) => (value - constant) * BigInt(clock));
    if (path === null) {
      for (const at of shifts) this.terms.push({ of: 'constant', at });
      return true;
    }
    if (sign * clock !== -1) return false;
    const place = this.#placed(path);
    if (place === null) return false;
    for (const shift of shifts) this.terms.push({ of: 'value', ...place, shift });
    return true;
  }

  /** Where a difference becomes longer than a duration can be, it is unknown. */
  #overflows(node: Typed): void {
    if (node.node !== 'call') return;
    if (node.type.name === 'duration' && usesNow(node)) {
      for (const one of this.#linear(node) ?? []) this.#crosses(one, LIMITS);
    }
    for (const part of node.arguments) this.#overflows(part);
  }

  /** Every form that the value may have: a choice has those of both its branches. Null where one of them is none. */
  #linear(node: Typed): readonly Linear[] | null {
    if (isNow(node)) return [{ clock: 1, path: null, sign: 0, constant: 0n }];
    const constant = this.#constant(node);
    if (constant !== null) return [{ clock: 0, path: null, sign: 0, constant }];
    if (node.node === 'call' && (node.function === '_-_' || node.function === '_+_')) {
      const [left, right] = node.arguments.map((one) => this.#linear(one));
      const other = node.function === '_-_' ? right : right?.map(negated);
      return pairs(left ?? null, other ?? null, minus);
    }
    const choice = this.#choiceOf(node);
    if (choice !== null) {
      const [first, second] = choice.map((one) => this.#linear(one));
      return first && second ? [...first, ...second] : null;
    }
    if (!isTime(node.type)) return null;
    return this.#pathsOf(node)?.map((path) => ({ clock: 0, path, sign: 1, constant: 0n })) ?? null;
  }

  /** The two of which the value is one; what decides between them is visited by itself. Null for what is no choice. */
  #choiceOf(node: Typed): readonly [Typed, Typed] | null {
    if (node.node !== 'call') return null;
    const [first, second, third] = node.arguments;
    if (node.function === '_?_:_' && first && second && third) {
      this.visit(first);
      return [second, third];
    }
    return (node.function === 'orValue' || node.function === 'or') && first && second
      ? [first, second]
      : null;
  }

  /** Nanoseconds of a time or duration that is the same for every asset; null for anything else. */
  #constant(node: Typed): bigint | null {
    if (!['timestamp', 'duration'].includes(node.type.name) || !isConstant(node)) return null;
    const params = this.#standard.paramValues;
    const value = generate(node, { constants: { params } })({ params }, NOTHING_AROUND);
    return value instanceof Timestamp || value instanceof Duration ? nanosOf(value) : null;
  }

  #placed(path: string): { readonly kind: string; readonly path: string } | null {
    if (path.startsWith('asset.'))
      return { kind: this.#standard.kind.kind, path: path.slice('asset.'.length) };
    const [, relation = '', inside] = /^related\((.*)\)\[\]\.(.+)$/.exec(path) ?? [];
    const kind = this.#others.get(relation);
    return kind === undefined || inside === undefined ? null : { kind, path: inside };
  }

  /** Where the value may stand: `asset.credentials[].expires_at`, an element for every one of its list. Null for what may stand nowhere. */
  #pathsOf(node: Typed): readonly string[] | null {
    switch (node.node) {
      case 'variable':
        if (node.binding !== null) return this.#paths.get(node.binding) ?? null;
        return node.name === 'asset' ? ['asset'] : null;
      case 'select': {
        const { type } = node.of;
        if (type.name !== 'record' && !(type.name === 'optional' && type.of.name === 'record')) return null;
        return this.#pathsOf(node.of)?.map((of) => `${of}.${node.field}`) ?? null;
      }
      case 'fold':
        return node.fold === 'filter' ? this.#pathsOf(node.over) : null;
      case 'call': {
        const [list] = node.arguments;
        if (node.function === 'value' && list) return this.#pathsOf(list);
        const choice = this.#choiceOf(node);
        if (choice !== null) {
          const [first, second] = choice.map((one) => this.#pathsOf(one));
          return first && second ? [...first, ...second] : null;
        }
        if (node.function !== '_[_]' || list?.type.name !== 'list') return null;
        return this.#pathsOf(list)?.map((of) => `${of}[]`) ?? null;
      }
      case 'related':
        return [`related(${node.relation})`];
      default:
        return null;
    }
  }
}

const isTime = (type: Type): boolean =>
  type.name === 'timestamp' || (type.name === 'optional' && type.of.name === 'timestamp');

/** Every combination of two values with several forms; null where one has none. */
function pairs(
  left: readonly Linear[] | null,
  right: readonly Linear[] | null,
  combine: (a: Linear, b: Linear) => Linear | null,
): readonly Linear[] | null {
  if (left === null || right === null) return null;
  const all = left.flatMap((a) => right.map((b) => combine(a, b)));
  return all.every((one) => one !== null) ? all : null;
}

const isNow = (node: Typed): boolean =>
  node.node === 'variable' && node.binding === null && node.name === 'now';

const usesNow = (node: Typed): boolean => isNow(node) || partsOf(node).some(usesNow);

const isConstant = (node: Typed): boolean =>
  node.node === 'variable'
    ? node.binding === null && node.name === 'params'
    : node.node !== 'related' && partsOf(node).every(isConstant);

const negated = ({ clock, path, sign, constant }: Linear): Linear => ({
  clock: -clock,
  path,
  sign: -sign,
  constant: -constant,
});

/** Null where both hold a time of the asset: when such a sum is passed, no single time says. */
function minus(a: Linear, b: Linear): Linear | null {
  if (a.path !== null && b.path !== null) return null;
  return {
    clock: a.clock - b.clock,
    path: a.path ?? b.path,
    sign: a.sign - b.sign,
    constant: a.constant - b.constant,
  };
}

/** The instants of an asset, in nanoseconds since 1970, in no order. */
export function instantsOf(terms: readonly InstantTerm[], asset: Asset): readonly bigint[] {
  return terms.flatMap((term) => {
    if (term.of === 'constant') return [term.at];
    if (term.kind !== asset.kind) return [];
    if (term.of === 'observed') {
      const observed = asset.attributes.get(term.attribute)?.observedAt ?? null;
      return observed === null ? [] : [timeOf(observed) + term.shift];
    }
    const [attribute = '', ...steps] = term.path.split(/\.|(?=\[\])/);
    const statement = asset.attributes.get(attribute)?.statement;
    if (!statement || !('value' in statement)) return [];
    return timesAt(statement.value, steps).map((time) => time + term.shift);
  });
}

function timesAt(value: Value | undefined, steps: readonly string[]): readonly bigint[] {
  if (value === undefined || isUnobserved(value)) return [];
  const [step, ...rest] = steps;
  if (step === undefined) return typeof value === 'string' ? [timeOf(value)] : [];
  if (step === '[]') return Array.isArray(value) ? value.flatMap((one) => timesAt(one, rest)) : [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const record = value as Readonly<Record<string, Value | undefined>>;
  return Object.hasOwn(record, step) ? timesAt(record[step], rest) : [];
}

/** The first of some instants from a time on, at which the clock alone may change a verdict; null for never. */
export function nextInstant(instants: readonly bigint[], from: bigint): bigint | null {
  let least: bigint | null = null;
  for (const at of instants) if (at >= from - SLACK && (least === null || at < least)) least = at;
  return least;
}
