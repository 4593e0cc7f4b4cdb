/** Names, and the fields that are read of what they stand for. */
import { didYouMean } from '../text/suggestion.ts';
import { type Checking, type Flow, plain } from './checking.ts';
import { dottedName } from './name.ts';
import { type Names, NO_FACTS, type Presences, pathsOf } from './presence.ts';
import type { Node } from './tree.ts';
import { BOOL, DYN, optionalOf, type Type, typeName, typeOf } from './type.ts';
import type { Typed } from './typed.ts';

type Selection = Node & { readonly node: 'select' | 'has' };

/** A name, or the longest part of `a.b.c` that is one; null where nothing is called so. */
export function named(c: Checking, node: Node, names: Names): Flow | null {
  const dotted = dottedName(node);
  if (!dotted) return null;
  const { at } = dotted;
  const found = c.lookup.find(dotted, names);
  if (found) {
    const [full, { type, binding }] = found;
    if (node.node === 'name' && !c.steps.has(node)) c.reads(node, names);
    return plain({ at, type, node: 'variable', name: full, binding });
  }
  const local = !dotted.absolute && typeof names.get(dotted.root)?.binding === 'number';
  const type = local ? null : c.lookup.typeNamed(dotted.full);
  return type && plain({ at, type: typeOf(type), node: 'type', of: type });
}

export function unnamed(c: Checking, node: Node & { readonly node: 'name' }, names: Names): Flow {
  const known = [...names.keys()].filter((key) => /^\w/.test(key));
  return c.mistake(node.at, `there is no \`${node.name}\`${didYouMean(node.name, known)}`);
}

export function selection(c: Checking, node: Selection, names: Names, present: Presences): Flow {
  c.steps.add(node.of);
  const of = c.visit(node.of, names, present).typed;
  if (!of) return plain(null);
  const outer = c.unifier.resolve(of.type);
  const wrapped = outer.name === 'optional';
  const inner = outer.name === 'optional' ? c.unifier.resolve(outer.of) : outer;
  const optional = node.node === 'select' && (node.optional ?? false);
  const found = fieldType(c, node, inner);
  if (!found) return plain(null);
  if (!c.steps.has(node)) c.reads(node, names);
  const base = { at: node.at, of, field: node.field } as const;
  const known = pathsOf(node, names);
  if (node.node === 'has') {
    const typed: Typed = { ...base, type: BOOL, node: 'has' };
    return { typed, whenTrue: new Set(known.slice(0, 1)), whenFalse: NO_FACTS };
  }
  if (c.strict && found.optional && !optional && !wrapped && !known.some((path) => present.has(path))) {
    const { field } = node;
    return c.mistake(
      node.at,
      `\`${field}\` may be absent: write \`has(…${field}) && …\` before reading it, or \`.?${field}.orValue(…)\``,
    );
  }
  const type = optional || wrapped ? optionalOf(found.type) : found.type;
  return plain({ ...base, type, node: 'select', optional });
}

/** The type of a field, and whether it may be absent; null, and a mistake, where there is no such field. */
function fieldType(
  { strict, unifier, mistake }: Checking,
  node: Selection,
  of: Type,
): { readonly type: Type; readonly optional: boolean } | null {
  if (of.name === 'map') return { type: of.of, optional: false };
  if (of.name === 'record') {
    const field = Object.hasOwn(of.fields, node.field) ? of.fields[node.field] : undefined;
    // None of a list is the complete empty list, so that one may always be read.
    if (field) return { ...field, optional: field.optional && !['list', 'map'].includes(field.type.name) };
    const hint = didYouMean(node.field, Object.keys(of.fields));
    mistake(node.at, `${of.label} has no \`${node.field}\`${hint}`);
    return null;
  }
  if (!strict && (of.name === 'dyn' || (of.name === 'parameter' && unifier.assign([DYN], [of]))))
    return { type: DYN, optional: false };
  mistake(node.at, `a ${typeName(of)} has no fields`);
  return null;
}
