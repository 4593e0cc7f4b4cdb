/** Paths into attributes, as people write them: `keys`, `keys[].id`, `owner.name`; `[]` steps into every element. */
import type { FieldDefinition } from './kind.ts';

/** Names of attributes and fields, and `[]`. */
export type Steps = readonly string[];

export type Fields = Readonly<Record<string, FieldDefinition>>;

export const ELEMENT = '[]';

export const stepsOf = (path: string): Steps => path.replaceAll(ELEMENT, `.${ELEMENT}`).split('.');

export const pathText = (steps: Steps): string => steps.join('.').replaceAll(`.${ELEMENT}`, ELEMENT);

/** Whether `path` is `prefix`, or goes through it. */
export const isUnder = (path: Steps, prefix: Steps): boolean =>
  prefix.length <= path.length && prefix.every((step, index) => step === path[index]);

/** The definition at a path, or null. That of `keys[]` is what an element of `keys` would be as an attribute. */
export function definitionAt(fields: Fields, [name = '', ...rest]: Steps): FieldDefinition | null {
  const found = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return found ? within(found, rest) : null;
}

function within(definition: FieldDefinition, steps: Steps): FieldDefinition | null {
  const [next, ...rest] = steps;
  if (next === undefined) return definition;
  if (next !== ELEMENT) return definition.fields ? definitionAt(definition.fields, steps) : null;
  const element = elementOf(definition);
  return element && within(element, rest);
}

/** What an element of a list, or a value of a map, is; null for everything else. */
export function elementOf({ type, of = 'string' }: FieldDefinition): FieldDefinition | null {
  if (type !== 'list' && type !== 'map') return null;
  return typeof of === 'string'
    ? { type: of, optional: false }
    : { type: 'record', optional: false, fields: of };
}

/** The same fields with another definition at a path, under another name, or (null) without it. The path exists. */
export function withDefinition(
  fields: Fields,
  [name = '', ...rest]: Steps,
  change: (definition: FieldDefinition) => readonly [string, FieldDefinition] | null,
): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, definition]) => {
      if (key !== name) return [[key, definition]];
      if (rest.length > 0) return [[key, changedWithin(definition, rest, change)]];
      const changed = change(definition);
      return changed ? [changed] : [];
    }),
  );
}

function changedWithin(
  definition: FieldDefinition,
  [next, ...rest]: Steps,
  change: Parameters<typeof withDefinition>[2],
): FieldDefinition {
  if (next !== ELEMENT)
    return { ...definition, fields: withDefinition(definition.fields ?? {}, [next ?? '', ...rest], change) };
  const element = elementOf(definition);
  if (!element) return definition;
  if (rest.length > 0) {
    const inside = changedWithin(element, rest, change);
    return inside.fields ? { ...definition, of: inside.fields } : definition;
  }
  const changed = change(element)?.[1];
  return changed ? { ...definition, of: changed.fields ?? changed.type } : definition;
}
