/**
 * Messages with places for values: `{asset.name}`, `{params.idle}`, `{it.ref}`, `{count}`. `{file is|files are}` takes the
 * first form when the count is one, else the second; `{total.places place|places}` writes a number of its own with its form.
 */

import { isRecord } from '../cel/runtime/equality.ts';
import type { Data } from '../cel/runtime/value.ts';
import type { FieldType, Type } from '../cel/type.ts';
import { display } from './display.ts';
import { didYouMean } from './suggestion.ts';

const PLACE = /\{([^{}]*)\}/g;
/** A number that is named, and its two forms. Only a dot tells its name from the first word of a form. */
const COUNTED = /^(\w+(?:\.\w+)+) ([^|]*)\|([^|]*)$/;

/** What is wrong with a template's places, given what they may name; empty when it is right. */
export function templateMistakes(text: string, scope: Readonly<Record<string, Type>>): string[] {
  return [...text.matchAll(PLACE)].flatMap(([whole, written = '']) => {
    const path = COUNTED.exec(written)?.[1] ?? written;
    if (path.includes('|')) return path.split('|').length === 2 ? [] : [`${whole} needs two forms`];
    let type: Type = { name: 'record', label: 'a message', fields: fieldsOf(scope) };
    for (const part of path.split('.')) {
      if (type.name !== 'record') return [`${whole} goes on after a ${type.name}`];
      const field: FieldType | undefined = Object.hasOwn(type.fields, part) ? type.fields[part] : undefined;
      if (!field) return [`${type.label} has no \`${part}\`${didYouMean(part, Object.keys(type.fields))}`];
      type = field.type;
    }
    return [];
  });
}

/** Fills the places; what is absent or unknown reads `?`. */
export function fill(text: string, values: Readonly<Record<string, Data | undefined>>): string {
  return text.replaceAll(PLACE, (_, written: string) => {
    const [, path = written, one, many] = COUNTED.exec(written) ?? [];
    if (path.includes('|')) return path.split('|')[values.count === 1 ? 0 : 1] ?? '';
    const [first = '', ...rest] = path.split('.');
    let value: Data | undefined = values[first];
    for (const part of rest) {
      value = value !== undefined && isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined;
    }
    const said = value === undefined ? '?' : display(value);
    return one === undefined ? said : `${said} ${said === '1' ? one : many}`;
  });
}

const fieldsOf = (scope: Readonly<Record<string, Type>>) =>
  Object.fromEntries(Object.entries(scope).map(([name, type]) => [name, { type, optional: false }]));
