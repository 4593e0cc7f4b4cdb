/**
 * Messages with places for values: `{asset.name}`, `{params.idle}`, `{it.ref}`, `{count}`. `{file is|files are}` takes the
 * first form when the count is one, else the second; `{total.places place|places}` writes a number of its own with its form,
 * and `{asset.joined %}` a fraction as a percentage.
 */

import { isRecord } from '../cel/runtime/equality.ts';
import { type Data, Double } from '../cel/runtime/value.ts';
import type { FieldType, Type } from '../cel/type.ts';
import { display } from './display.ts';
import { didYouMean } from './suggestion.ts';

const PLACE = /\{([^{}]*)\}/g;
/** A number that is named, and its two forms. Only a dot tells its name from the first word of a form. */
const COUNTED = /^(\w+(?:\.\w+)+) ([^|]*)\|([^|]*)$/;

const PERCENTAGE = /^(\w+(?:\.\w+)+) %$/;

/** What is wrong with a template's places, given what they may name; empty when it is right. */
export function templateMistakes(text: string, scope: Readonly<Record<string, Type>>): string[] {
  return [...text.matchAll(PLACE)].flatMap(([whole, written = '']) => {
    const path = COUNTED.exec(written)?.[1] ?? PERCENTAGE.exec(written)?.[1] ?? written;
    if (path.includes('|')) return path.split('|').length === 2 ? [] : [`${whole} needs two forms`];
    let type: Type = { name: 'record', label: 'a message', fields: fieldsOf(scope) };
    for (const part of path.split('.')) {
      if (type.name !== 'record') return [`${whole} goes on after a ${type.name}`];
      const field: FieldType | undefined = Object.hasOwn(type.fields, part) ? type.fields[part] : undefined;
      if (!field) return [`${type.label} has no \`${part}\`${didYouMean(part, Object.keys(type.fields))}`];
      type = field.type;
    }
    return PERCENTAGE.test(written) && type.name !== 'double' ? [`${whole} is no fraction`] : [];
  });
}

/** Fills the places; what is absent or unknown reads `?`. */
export function fill(text: string, values: Readonly<Record<string, Data | undefined>>): string {
  return text.replaceAll(PLACE, (_, written: string) => {
    const [, path = PERCENTAGE.exec(written)?.[1] ?? written, one, many] = COUNTED.exec(written) ?? [];
    if (path.includes('|')) return path.split('|')[values.count === 1 ? 0 : 1] ?? '';
    const [first = '', ...rest] = path.split('.');
    let value: Data | undefined = values[first];
    for (const part of rest) {
      value = value !== undefined && isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined;
    }
    const said = value === undefined ? '?' : display(value);
    if (value instanceof Double && PERCENTAGE.test(written)) return percentage(value.value);
    return one === undefined ? said : `${said} ${said === '1' ? one : many}`;
  });
}

/** Rounded down, so that nearly all is never all. */
const percentage = (fraction: number): string =>
  `${Math.floor(Number((fraction * 10_000).toFixed(6))) / 100} %`;

const fieldsOf = (scope: Readonly<Record<string, Type>>) =>
  Object.fromEntries(Object.entries(scope).map(([name, type]) => [name, { type, optional: false }]));
