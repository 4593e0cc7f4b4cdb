/**
 * When the clock alone may change a verdict: the instants at which evidence grows too old, and at which `now` passes what it
 * is compared with. Between two of them a verdict is the same as long as no fact changes, so that nothing has to be judged.
 *
 * The instants are a superset: one that changes nothing costs a judgement, a missing one would be a wrong verdict. A standard
 * that uses `now` in a way that has no such instants is judged at every tick.
 */

import { generate, NOTHING_AROUND } from '../cel/generate.ts';
import { Duration, Timestamp } from '../cel/runtime/value.ts';
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

/** The terms of assets of one kind, each once. */
export function termsOf(kind: string, standards: readonly CompiledStandard[]): readonly InstantTerm[] {
  const terms = standards.flatMap((one) =>
    expiryOf(one).terms.filter((term) => term.of !== 'constant' && term.kind === kind),
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
  /** What a macro's variable stands for; null where that is no path. */
  readonly #paths = new Map<number, string | null>();

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
      const list = node.over.type.name === 'list' ? this.#pathOf(node.over) : null;
      const element = node.bindings.at(-1);
      if (element !== undefined) this.#paths.set(element, list === null ? null : `${list}[]`);
      if (node.where) this.visit(node.where);
      this.visit(node.body);
      return;
    }
    if (node.node === 'bind') {
      this.visit(node.value);
      this.#paths.set(node.binding, this.#pathOf(node.value));
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
    const [a, b] = [this.#linear(left), this.#linear(right)];
    const difference = a && b && minus(a, b);
    if (!difference || !this.#crosses(difference, [0n])) return false;
    for (const operand of [left, right]) this.#overflows(operand);
    return true;
  }

  /** Adds the instants at which it is one of these values; false where there are none to be named. */
  #crosses({ clock, path, sign, constant }: Linear, values: readonly bigint[]): boolean {
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
      const linear = this.#linear(node);
      if (linear) this.#crosses(linear, LIMITS);
    }
    for (const part of node.arguments) this.#overflows(part);
  }

  #linear(node: Typed): Linear | null {
    if (isNow(node)) return { clock: 1, path: null, sign: 0, constant: 0n };
    const constant = this.#constant(node);
    if (constant !== null) return { clock: 0, path: null, sign: 0, constant };
    if (node.node === 'call' && (node.function === '_-_' || node.function === '_+_')) {
      const [left, right] = node.arguments.map((one) => this.#linear(one));
      if (!left || !right) return null;
      return minus(left, node.function === '_-_' ? right : negated(right));
    }
    if (node.type.name !== 'timestamp') return null;
    const path = this.#pathOf(node);
    return path === null ? null : { clock: 0, path, sign: 1, constant: 0n };
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

  /** `asset.credentials[].expires_at`; null for what is no plain path. An element stands for every one of its list. */
  #pathOf(node: Typed): string | null {
    switch (node.node) {
      case 'variable':
        if (node.binding !== null) return this.#paths.get(node.binding) ?? null;
        return node.name === 'asset' ? 'asset' : null;
      case 'select': {
        const of = node.optional || node.of.type.name !== 'record' ? null : this.#pathOf(node.of);
        return of === null ? null : `${of}.${node.field}`;
      }
      case 'fold':
        return node.fold === 'filter' ? this.#pathOf(node.over) : null;
      case 'call': {
        const [list] = node.arguments;
        const of = node.function === '_[_]' && list?.type.name === 'list' ? this.#pathOf(list) : null;
        return of === null ? null : `${of}[]`;
      }
      case 'related':
        return `related(${node.relation})`;
      default:
        return null;
    }
  }
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

/** The first instant from a time on at which the clock alone may change a verdict; null for never. */
export function nextInstant(terms: readonly InstantTerm[], asset: Asset, from: bigint): bigint | null {
  const ahead = instantsOf(terms, asset).filter((at) => at >= from - SLACK);
  return ahead.reduce<bigint | null>((least, at) => (least === null || at < least ? at : least), null);
}
