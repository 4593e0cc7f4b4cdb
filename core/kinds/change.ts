/**
 * What a new definition of a kind means for what was observed under an older one. What is only added is free: a new
 * attribute or field (unobserved until somebody looks), a new word of an enum, a field that may now be absent, and all
 * that changes how the same observations count (windows, assurance, authority, times, relations, texts). What would
 * read old observations differently, or not at all, needs a stated migration.
 */
import { canonical } from '../text/canonical.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { didYouMean, suggestionFor } from '../text/suggestion.ts';
import type { FieldDefinition, Kind, Migration } from './kind.ts';
import { enumWords } from './laws.ts';
import { definitionAt, type Fields, stepsOf, withDefinition } from './path.ts';

export type KindChange =
  | { readonly change: 'none' | 'free' }
  /** `from` and `to` are versions. */
  | { readonly change: 'migrated'; readonly from: number; readonly to: number }
  | { readonly change: 'refused'; readonly mistakes: readonly Diagnostic[] };

/** Holds a kind against an older definition of it, which was in force when observations were made. */
export function kindChange(before: Kind, after: Kind): KindChange {
  const [from, to] = [before.migrations.length + 1, after.migrations.length + 1];
  const mistakes = [...rewritten(before, after)];
  if (mistakes.length === 0) {
    const carried = carry(before, after, mistakes);
    // After a migration that does not fit, everything else would look wrong too.
    if (mistakes.length > 0) return { change: 'refused', mistakes };
    const version = from === to ? to + 1 : to;
    mistakes.push(...differences(carried.attributes, after.attributes, [], version));
    if (canonical(carried.key) !== canonical(after.key)) {
      const next = `migrations: [{ version: ${version}, why: …, key: WHY }]`;
      const reason = `the key was [${carried.key.join(', ')}]: another key gives every asset another id; state \`${next}\``;
      mistakes.push({ path: ['key'], reason });
    }
  }
  if (mistakes.length > 0) return { change: 'refused', mistakes };
  if (from !== to) return { change: 'migrated', from, to };
  return { change: canonical(before) === canonical(after) ? 'none' : 'free' };
}

/** Old observations are read through the migrations for ever, so that those never change. */
function rewritten(before: Kind, after: Kind): readonly Diagnostic[] {
  return before.migrations.flatMap((old, index): readonly Diagnostic[] => {
    const now = after.migrations[index];
    const path = ['migrations', index];
    if (!now) {
      const reason = `version ${old.version} was in force and its migration is gone; observations are read through it, so put it back`;
      return [{ path: ['migrations'], reason }];
    }
    const bare = ({ why: _, ...rest }: Migration) => canonical(rest);
    if (bare(now) === bare(old)) return [];
    return [
      {
        path,
        reason: `version ${old.version} was in force as it was; state what changes as a further version`,
      },
    ];
  });
}

/** The older definition taken through the migrations that it does not know yet. */
function carry(
  before: Kind,
  after: Kind,
  mistakes: Diagnostic[],
): { readonly attributes: Fields; readonly key: readonly string[] } {
  let attributes: Fields = before.attributes;
  let key: readonly string[] = before.key;
  for (const [index, migration] of after.migrations.entries()) {
    if (index < before.migrations.length) continue;
    const exists = (verb: string, path: string): boolean => {
      if (definitionAt(attributes, stepsOf(path))) return true;
      const hint = didYouMean(path, Object.keys(attributes));
      const reason = `version ${migration.version - 1} has no \`${path}\`${hint}`;
      mistakes.push({ path: ['migrations', index, verb, path], reason });
      return false;
    };
    const { rename, drop, convert } = migration;
    attributes = rekeyed(attributes, rename);
    // The deepest first: every path is that of the version before. Placeholders let two names be exchanged.
    const renames = Object.entries(rename)
      .filter(([path]) => exists('rename', path))
      .sort(([a], [b]) => stepsOf(b).length - stepsOf(a).length);
    for (const [path, name] of renames)
      attributes = withDefinition(attributes, stepsOf(path), (definition) => [`${name} `, definition]);
    attributes = settledNames(attributes);
    key = migration.key === undefined ? key.map((name) => rename[name] ?? name) : after.key;
    for (const path of Object.keys(drop))
      if (exists('drop', path)) attributes = withDefinition(attributes, stepsOf(path), () => null);
    for (const [path, { from, to }] of Object.entries(convert)) {
      if (!exists('convert', path)) continue;
      const held = definitionAt(attributes, stepsOf(path));
      const said = typeof from === 'string' ? { type: from, optional: held?.optional ?? false } : from;
      if (held && !sameShape(held, said)) {
        const reason = `version ${migration.version - 1} has it as ${shapeText(held)}`;
        mistakes.push({ path: ['migrations', index, 'convert', path, 'from'], reason });
      }
      const next = typeof to === 'string' ? { type: to, optional: false } : to;
      const { type, of, fields, optional } = next;
      const name = stepsOf(path).at(-1) ?? '';
      attributes = withDefinition(attributes, stepsOf(path), (definition) => {
        const { of: _of, fields: _fields, element_key, ...rest } = definition;
        const shape = { type, optional, ...(of && { of }), ...(fields && { fields }) };
        return [name, { ...rest, ...shape, ...(type === 'list' && element_key && { element_key }) }];
      });
    }
    for (const path of Object.keys(migration.element_key)) {
      if (!exists('element_key', path)) continue;
      const now = definitionAt(after.attributes, stepsOf(path))?.element_key;
      const name = stepsOf(path).at(-1) ?? '';
      attributes = withDefinition(attributes, stepsOf(path), ({ element_key: _, ...definition }) => [
        name,
        now === undefined ? definition : { ...definition, element_key: now },
      ]);
    }
  }
  return { attributes, key };
}

function settledNames(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, definition]) => [name.trim(), inside(definition, settledNames)]),
  );
}

/** An element key follows the renaming of its field. */
function rekeyed(fields: Fields, rename: Migration['rename'], place = ''): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, definition]) => {
      const at = `${place}${name}`;
      const { element_key: key } = definition;
      const moved = key === undefined ? undefined : rename[`${at}[].${key}`];
      const own = moved === undefined ? definition : { ...definition, element_key: moved };
      const below = definition.fields ? `${at}.` : `${at}[].`;
      return [name, inside(own, (deeper) => rekeyed(deeper, rename, below))];
    }),
  );
}

function inside(definition: FieldDefinition, change: (fields: Fields) => Fields): FieldDefinition {
  const { of, fields } = definition;
  return {
    ...definition,
    ...(typeof of === 'object' && { of: change(of) }),
    ...(fields && { fields: change(fields) }),
  };
}

function differences(
  before: Fields,
  after: Fields,
  place: readonly string[],
  version: number,
): readonly Diagnostic[] {
  return Object.entries(before).flatMap(([name, old]): readonly Diagnostic[] => {
    const steps = [...place, name];
    const path = steps.join('.').replaceAll('.[]', '[]');
    const now = Object.hasOwn(after, name) ? after[name] : undefined;
    const state = (text: string) => `state \`migrations: [{ version: ${version}, why: …, ${text} }]\``;
    if (!now) {
      const added = Object.keys(after).filter((one) => !Object.hasOwn(before, one));
      const like = added.filter((one) => after[one] && sameShape(after[one], old));
      const guess = suggestionFor(name, like) ?? like[0] ?? 'NEW_NAME';
      const reason = `\`${path}\` is gone; ${state(`rename: { "${path}": ${guess} }`)}, or \`drop: { "${path}": WHY }\``;
      return [{ path: documentPath(place), reason }];
    }
    const found: Diagnostic[] = [];
    const at = documentPath(place, name);
    const lost = enumWords(old.type).filter((word) => !enumWords(now.type).includes(word));
    const bothEnums = enumWords(old.type).length > 0 && enumWords(now.type).length > 0;
    const conversion = `convert: { "${path}": { from: ${shapeText(old)}, to: ${shapeText(now)}, by: "CEL over value" } }`;
    if (bothEnums && lost.length > 0) {
      const reason = `\`${path}\` no longer has the word \`${lost.join('`, `')}\`; say what it becomes: ${state(conversion)}`;
      found.push({ path: at, reason });
    } else if (!bothEnums && !sameType(old, now)) {
      const reason = `\`${path}\` was ${shapeText(old)} and is now ${shapeText(now)}; ${state(conversion)}`;
      found.push({ path: at, reason });
    } else if (old.optional && !now.optional && !isList(now)) {
      const text = conversion.replace('by: "CEL over value"', 'by: value, absent: "CEL"');
      const reason = `\`${path}\` could be absent and no longer can; say what "there is none" becomes: ${state(text)}`;
      found.push({ path: at, reason });
    }
    if (old.element_key !== now.element_key && old.type === 'list' && now.type === 'list') {
      const was = old.element_key === undefined ? 'the whole element' : `\`${old.element_key}\``;
      const reason = `elements of \`${path}\` were told apart by ${was}; ${state(`element_key: { "${path}": WHY }`)}`;
      found.push({ path: [...at, 'element_key'], reason });
    }
    if (found.length > 0) return found;
    const [of, nowOf] = [old.of, now.of];
    if (typeof of === 'object' && typeof nowOf === 'object')
      return differences(of, nowOf, [...steps, '[]'], version);
    return old.fields && now.fields ? differences(old.fields, now.fields, steps, version) : [];
  });
}

/** Where in the document of a kind the fields of a path stand. */
function documentPath(place: readonly string[], name?: string): (string | number)[] {
  const path: string[] = ['attributes'];
  for (const [index, step] of place.entries()) {
    if (step === '[]') path.push('of');
    else {
      path.push(step);
      if (place[index + 1] !== '[]') path.push('fields');
    }
  }
  return name === undefined ? path : [...path, name];
}

const isList = ({ type }: FieldDefinition) => type === 'list';

/** The type alone: of records and lists of records only that they are. Words of an enum are looked at elsewhere. */
function sameType(a: FieldDefinition, b: FieldDefinition): boolean {
  if (a.type !== b.type) return false;
  const [of, other] = [a.of ?? 'string', b.of ?? 'string'];
  if (typeof of === 'object' || typeof other === 'object') return typeof of === typeof other;
  const words = enumWords(of);
  return words.length > 0 ? words.every((word) => enumWords(other).includes(word)) : of === other;
}

/** Whether two definitions take the same values, whatever else is said of them; whether one may be absent is not asked. */
export function sameShape(a: FieldDefinition, b: FieldDefinition): boolean {
  return shapeText(a, sortedWords) === shapeText(b, sortedWords);
}

const sortedWords = (type: string): string => {
  const words = enumWords(type);
  return words.length > 0 ? `enum(${words.toSorted().join(', ')})` : type;
};

/** A type as a person writes it in YAML. */
function shapeText({ type, of, fields }: FieldDefinition, written = spaced): string {
  const inner = (all: Fields): string => {
    const texts = Object.entries(all).map(
      ([name, one]) => `${name}: ${shapeText(one, written)}${one.optional ? '?' : ''}`,
    );
    return `{ ${(written === spaced ? texts : texts.sort()).join(', ')} }`;
  };
  if (type === 'record') return `{ type: record, fields: ${inner(fields ?? {})} }`;
  if (type !== 'list' && type !== 'map') return written(type);
  const element = of ?? 'string';
  return `{ type: ${type}, of: ${typeof element === 'string' ? written(element) : inner(element)} }`;
}

const spaced = (type: string): string => type.replaceAll(/, */g, ', ');
