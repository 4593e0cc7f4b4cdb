/**
 * What a verdict is decided by besides facts: the standard, its parameters and its kind, together. Where any of it is another,
 * figures move by definition and not because the world changed. Places and central exclusions belong to it as soon as a
 * standard has them: they are parts of it like any other.
 */

import { hash } from 'node:crypto';
import type { Value } from '../facts/observation.ts';
import type { FieldDefinition, Kind } from '../kinds/kind.ts';
import { relationsOf } from '../kinds/relation.ts';
import { canonical } from '../text/canonical.ts';
import type { FileDiagnostic } from '../text/diagnostic.ts';
import type { CompiledStandard } from './compiled-standard.ts';
import { compileStandard } from './compiled-standard.ts';
import type { Standard } from './standard.ts';

/** Everything that compiling it again needs. */
export interface Definition {
  readonly standard: Standard;
  readonly params: Readonly<Record<string, Value>>;
  readonly kind: Kind;
  /** Kinds at the other ends of its relations. */
  readonly others: readonly Kind[];
}

/** A definition that was in force without a break since a time. */
export interface LastGoodDefinition extends Definition {
  readonly since: Date;
}

export function definitionOf({ definition, params, kind, kinds }: CompiledStandard): Definition {
  const others = new Map(relationsOf(kind, kinds ?? new Map()).map(({ other }) => [other.kind, other]));
  return { standard: definition, params, kind, others: [...others.values()] };
}

/** What of it can make a verdict another one: what is written for people, and who has to act how soon, is left out. */
export function decisivePart({ standard, params, kind, others }: Definition): unknown {
  const { scope, check, reasons, evidence } = standard;
  return {
    scope,
    check,
    reasons,
    evidence,
    params,
    kind: decisiveKind(kind),
    others: others.map(decisiveKind),
  };
}

const decisiveKind = ({ description: _, runbook: __, migrations, attributes, ...kind }: Kind) => ({
  ...kind,
  attributes: Object.fromEntries(
    Object.entries(attributes).map(([name, { remedy: _remedy, ...field }]) => [name, decisiveField(field)]),
  ),
  migrations: migrations.map(({ why: _why, ...migration }) => migration),
});

function decisiveField({ description: _, of, fields, ...field }: FieldDefinition): unknown {
  const inner = (all: Readonly<Record<string, FieldDefinition>>) =>
    Object.fromEntries(Object.entries(all).map(([name, one]) => [name, decisiveField(one)]));
  return {
    ...field,
    of: typeof of === 'object' ? inner(of) : of,
    fields: fields && inner(fields),
  };
}

/** The standard as it judged then. Mistakes only where the language has changed since. */
export function compileDefinition({
  standard,
  params,
  kind,
  others,
}: Definition): CompiledStandard | { readonly mistakes: readonly FileDiagnostic[] } {
  return compileStandard(standard, kind, {
    file: `${standard.id} as it was`,
    lineOf: () => 1,
    overrides: params,
    kinds: new Map([kind, ...others].map((one) => [one.kind, one])),
  });
}

const digests = new WeakMap<CompiledStandard, string>();

/**
 * Another digest is another definition: the standard, its parameters or its kind decide otherwise, or what is `shared` by all
 * definitions does (places, central exclusions).
 */
export function definitionDigest(standard: CompiledStandard, shared = ''): string {
  const known = digests.get(standard) ?? hash('sha256', canonical(decisivePart(definitionOf(standard))));
  digests.set(standard, known);
  return shared === '' ? known : hash('sha256', `${known} ${shared}`);
}
