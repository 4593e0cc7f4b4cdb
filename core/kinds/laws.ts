/** What is wrong with a kind beyond its form: names that lead nowhere, and settings that contradict each other. */

import type { Diagnostic } from '../text/diagnostic.ts';
import { didYouMean } from '../text/suggestion.ts';
import type { AttributeDefinition, FieldDefinition, Kind } from './kind.ts';

/** Types of which one value stands for nothing approved. */
const ZERO = /^(bool|int|double|string|list)$/;
const NESTED = /^(list|record|map)$/;

/** Every mistake of one kind by itself; relations between kinds are looked at when all are loaded. */
export function kindMistakes(kind: Kind): readonly Diagnostic[] {
  return [
    ...keyMistakes(kind),
    ...bornMistakes(kind),
    ...Object.entries(kind.attributes).flatMap(([name, definition]) =>
      [...fieldMistakes(definition), ...attributeMistakes(definition)].map(
        ({ path, reason }): Diagnostic => ({ path: ['attributes', name, ...path], reason }),
      ),
    ),
    ...relationMistakes(kind),
  ];
}

function keyMistakes({ key, attributes }: Kind): readonly Diagnostic[] {
  return key.flatMap((name, index): readonly Diagnostic[] => {
    const mistake = (reason: string): readonly Diagnostic[] => [{ path: ['key', index], reason }];
    if (key.indexOf(name) < index) return mistake(`\`${name}\` stands twice in the key`);
    const definition = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (!definition) return mistake(noAttribute(name, Object.keys(attributes)));
    if (definition.optional) return mistake(`\`${name}\` is optional: an asset without it would have no id`);
    if (NESTED.test(definition.type))
      return mistake(`\`${name}\` is a ${definition.type}: a part of an id is a single value`);
    if (definition.set_by === 'approval')
      return mistake(`\`${name}\` is set by approval: an id cannot wait for one`);
    return [];
  });
}

/** A beginning is one time that stays, and that nothing else has to be known for. */
function bornMistakes({ born, attributes }: Kind): readonly Diagnostic[] {
  if (born === undefined) return [];
  const definition = Object.hasOwn(attributes, born) ? attributes[born] : undefined;
  if (!definition) return [{ path: ['born'], reason: noAttribute(born, Object.keys(attributes)) }];
  const { type, immutable } = definition;
  if (type !== 'timestamp')
    return [{ path: ['born'], reason: `\`${born}\` is a ${plain(type)}: an asset begins at a timestamp` }];
  return immutable
    ? []
    : [{ path: ['born'], reason: `\`${born}\` may change: say that it is immutable, or leave \`born\` out` }];
}

/** What holds of attributes and of the fields inside them. */
function fieldMistakes(definition: FieldDefinition): readonly Diagnostic[] {
  const { type, of, fields, element_key: key, at_most } = definition;
  const found: Diagnostic[] = [];
  const mistake = (field: string, reason: string) => found.push({ path: [field], reason });
  const holds = type === 'list' || type === 'map';
  if (of !== undefined && !holds)
    mistake('of', `a ${plain(type)} has no elements; say \`of\` of a list or a map`);
  if (fields !== undefined && type !== 'record') {
    const instead = holds ? `say \`of\` with the fields of an element` : 'say `fields` of a record';
    mistake('fields', `a ${plain(type)} has no fields; ${instead}`);
  }
  if (type === 'record' && Object.keys(fields ?? {}).length === 0)
    mistake('type', 'a record needs `fields`, at least one');
  if (at_most !== undefined && !holds)
    mistake('at_most', `a ${plain(type)} has no elements that could be counted`);
  if (typeof of === 'string' && NESTED.test(of))
    mistake('of', `\`${of}\` does not say what is in it; write the fields of an element instead`);
  const inner = typeof of === 'object' ? of : {};
  if (key !== undefined) {
    const held = type === 'list' && Object.hasOwn(inner, key) ? inner[key] : undefined;
    const reason = !held
      ? `the elements have no field \`${key}\`${didYouMean(key, Object.keys(inner))}`
      : held.optional
        ? `\`${key}\` is optional: elements without it could not be told apart`
        : NESTED.test(held.type)
          ? `\`${key}\` is a ${held.type}: elements are told apart by a single value`
          : null;
    if (reason) mistake('element_key', reason);
  }
  for (const [place, text] of [
    ['type', type],
    ['of', of],
  ] as const) {
    const twice = typeof text === 'string' ? repeated(text) : undefined;
    if (twice !== undefined) mistake(place, `\`${twice}\` stands twice in the enum`);
  }
  const below = (place: string, all: Readonly<Record<string, FieldDefinition>>) =>
    Object.entries(all).flatMap(([name, field]) =>
      fieldMistakes(field).map(({ path, reason }): Diagnostic => ({ path: [place, name, ...path], reason })),
    );
  return [...found, ...below('of', inner), ...below('fields', fields ?? {})];
}

function attributeMistakes(definition: AttributeDefinition): readonly Diagnostic[] {
  const { type, optional, immutable, window, authority, set_by } = definition;
  const found: Diagnostic[] = [];
  const mistake = (field: string, reason: string) => found.push({ path: [field], reason });
  if (window !== undefined) {
    if (immutable) mistake('window', 'what never changes is the same however far back one looks');
    // An int, a double or a bool may count or say what happened in the window.
    else if (!optional && /^(string|timestamp|duration|enum|record)/.test(type)) {
      mistake(
        'window',
        'a window says how far back "there is none" holds: make it optional, or leave it out',
      );
    }
  }
  if (set_by === 'approval') {
    const reason = 'only an approval sets it, so that no source is asked';
    if (!ZERO.test(type))
      mistake('set_by', `without an approval it has its zero value, and a ${plain(type)} has none`);
    if (optional) mistake('optional', 'without an approval it has its zero value: it is never absent');
    if (window !== undefined) mistake('window', reason);
    if (authority !== undefined) mistake('authority', reason);
  }
  return found;
}

function relationMistakes({ attributes, relations }: Kind): readonly Diagnostic[] {
  return Object.entries(relations).flatMap(([name, { to, by }]): readonly Diagnostic[] => {
    if (to === undefined || by === undefined) return [];
    const path = ['relations', name, 'by'];
    const holder = Object.hasOwn(attributes, by) ? attributes[by] : undefined;
    if (!holder) return [{ path, reason: noAttribute(by, Object.keys(attributes)) }];
    if (holdsReference(holder)) return [];
    return [
      { path, reason: `\`${by}\` is a ${plain(holder.type)}: a reference is a string, or a list of strings` },
    ];
  });
}

const noAttribute = (name: string, names: readonly string[]) =>
  `the kind has no attribute \`${name}\`${didYouMean(name, names)}`;

/** Whether an attribute can name other assets by their id or key. */
const holdsReference = ({ type, of = 'string' }: FieldDefinition): boolean =>
  type === 'string' || (type === 'list' && of === 'string');

const plain = (type: string) => (type.startsWith('enum') ? 'word of an enum' : type);

/** The words of `enum(a, b)`; empty for every other type. */
export function enumWords(type: string): readonly string[] {
  const inside = /^enum\((.*)\)$/.exec(type)?.[1];
  return inside === undefined ? [] : inside.split(',').map((word) => word.trim());
}

const repeated = (type: string): string | undefined =>
  enumWords(type).find((word, index, all) => all.indexOf(word) < index);
