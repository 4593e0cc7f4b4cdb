/**
 * Where a page of a list ends. A cursor is the key of the last row with the order it belongs to, so a list that grows
 * meanwhile neither repeats nor skips what was there. It is opaque to callers and says nothing they have not seen.
 */
import { z } from 'zod';
import { HttpProblem } from './problem.ts';
import type { Gives } from './route.ts';
import { unreadable } from './unreadable.ts';

export type CursorKey = string | number | readonly (string | number)[];

export function cursorOf(key: CursorKey, sort: string): string {
  return Buffer.from(JSON.stringify([sort, key])).toString('base64url');
}

/** Of which sort the parts of a key are, by order: without it, a cursor made by hand would reach a query with another type. */
export type CursorShapes = Readonly<Record<string, readonly string[]>>;

export function cursorShapes({ row, sorts, key }: Gives & { readonly as: 'list' }): CursorShapes {
  const example = exampleOf(z.toJSONSchema(row, { io: 'input', unrepresentable: 'any' }));
  return Object.fromEntries(sorts.map((sort) => [sort, shapeOf(key(example, sort))]));
}

/** Throws a problem for what no list of this order gave. */
export function keyOf(cursor: string, sort: string, shapes: CursorShapes): CursorKey {
  const wrong = (reason: string) =>
    new HttpProblem(400, `query.after: ${reason}`, [
      { field: 'query.after', reason, fix: 'give `next` of the page before' },
    ]);
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw wrong('it is not a cursor');
  }
  if (!Array.isArray(read) || read.length !== 2 || !isKey(read[1]) || unreadable('', read).length > 0)
    throw wrong('it is not a cursor');
  if (read[0] !== sort) throw wrong('it is a cursor of another order');
  if (String(shapeOf(read[1])) !== String(shapes[sort])) throw wrong('it is a cursor of another list');
  return read[1];
}

const isPart = (value: unknown): value is string | number =>
  typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value));
const isKey = (value: unknown): value is CursorKey =>
  isPart(value) || (Array.isArray(value) && value.length > 0 && value.every(isPart));

const shapeOf = (key: CursorKey): readonly string[] =>
  typeof key === 'object' ? ['list', ...key.map((part) => typeof part)] : [typeof key];

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A row of the right types, and of no meaning. */
function exampleOf(schema: JsonSchema | boolean | undefined): unknown {
  if (typeof schema !== 'object') return '';
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return exampleOf(choice.find((one) => typeof one === 'object' && one.type !== 'null'));
  if (schema.type === 'integer' || schema.type === 'number') return 0;
  if (schema.type === 'boolean') return false;
  if (schema.type === 'array') return [];
  if (schema.type !== 'object') return '';
  const properties = Object.entries(schema.properties ?? {});
  return Object.fromEntries(properties.map(([name, one]) => [name, exampleOf(one)]));
}
