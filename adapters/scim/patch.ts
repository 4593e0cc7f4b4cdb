/** PATCH: RFC 7644 §3.5.2. Pure: a resource and operations in, the changed resource out, or a fault; then nothing of it is done. */
import { canonical } from '@macadam/core/text/canonical';
import { wrong } from './fault.ts';
import { matches, parseElementFilter, type ScimFilter } from './filter.ts';
import { findPath, isData, pathOf, type ScimData, type ScimPath } from './path.ts';
import { omit, readOne, readResource, readValue } from './resource.ts';
import type { ScimAttribute, ScimResourceType } from './schema.ts';

export const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

type Op = 'add' | 'remove' | 'replace';
interface Target extends ScimPath {
  /** What stands in brackets behind the attribute. */
  readonly filter: ScimFilter | null;
}

const MOST = 10_000;

export function patched(resource: ScimData, body: unknown, type: ScimResourceType): ScimData {
  let result = resource;
  for (const [op, path, value] of operationsIn(body)) {
    if (path === null) result = pathless(result, op, value, type);
    else result = applied(result, op, targetOf(path, type), value);
  }
  // Held against the schema as a whole: what a value brought along that no schema knows goes.
  return readResource({ ...result, schemas: [type.schema] }, type);
}

function operationsIn(body: unknown): readonly (readonly [Op, string | null, unknown])[] {
  if (!isData(body)) throw wrong('invalidSyntax', 'it is not a JSON object');
  const { schemas } = body;
  const named = (urn: unknown) => typeof urn === 'string' && urn.toLowerCase() === PATCH_SCHEMA.toLowerCase();
  if (!Array.isArray(schemas) || !schemas.some(named))
    throw wrong('invalidSyntax', `\`schemas\` has to name ${PATCH_SCHEMA}`);
  const operations = Object.entries(body).find(([name]) => name.toLowerCase() === 'operations')?.[1];
  if (!Array.isArray(operations) || operations.length === 0)
    throw wrong('invalidSyntax', '`Operations` is not a list of at least one');
  if (operations.length > MOST) throw wrong('tooMany', `there are more than ${MOST} operations`);
  return operations.map((one: unknown) => {
    if (!isData(one)) throw wrong('invalidSyntax', 'an operation is not an object');
    const op = typeof one.op === 'string' ? one.op.toLowerCase() : '';
    if (op !== 'add' && op !== 'remove' && op !== 'replace')
      throw wrong('invalidSyntax', '`op` is none of add, remove and replace');
    const { path = null } = one;
    if (path !== null && typeof path !== 'string') throw wrong('invalidPath', '`path` is not text');
    if (op !== 'remove' && one.value === undefined) throw wrong('invalidValue', `\`${op}\` needs a value`);
    return [op, path === '' ? null : path, one.value];
  });
}

/** Every name in the value is a path of its own; some directories write `name.givenName` there. */
function pathless(resource: ScimData, op: Op, value: unknown, type: ScimResourceType): ScimData {
  if (op === 'remove') throw wrong('noTarget', '`remove` needs a path');
  if (!isData(value)) throw wrong('invalidValue', 'without a path the value is an object');
  let result = resource;
  for (const [name, one] of Object.entries(value)) {
    const path = findPath(name, type);
    // `schemas` and `id` come along from those who send the whole resource; what no schema knows is passed over.
    if (!path || isFixed(path)) continue;
    result = applied(result, op, { ...path, filter: null }, one);
  }
  return result;
}

const isFixed = ({ attribute }: ScimPath) => attribute?.mutability === 'readOnly';

/** `emails[type eq "work"].value` */
function targetOf(text: string, type: ScimResourceType): Target {
  const bracket = text.indexOf('[');
  if (bracket < 0) return checked({ ...pathOf(text.trim(), type), filter: null });
  const end = text.lastIndexOf(']');
  const rest = text.slice(end + 1).trim();
  const path = pathOf(text.slice(0, bracket).trim(), type);
  const { attribute, sub } = path;
  if (
    end < bracket ||
    attribute === null ||
    sub !== null ||
    !attribute.multiValued ||
    !/^$|^\.[\w$-]+$/.test(rest)
  )
    throw wrong('invalidPath', `\`${text}\` is not a path`);
  const filter = parseElementFilter(text.slice(bracket + 1, end), attribute);
  const name = rest.slice(1).toLowerCase();
  const part = attribute.subAttributes?.find((one) => one.name.toLowerCase() === name) ?? null;
  if (rest !== '' && part === null)
    throw wrong('invalidPath', `\`${attribute.name}\` has no \`${rest.slice(1)}\``);
  return checked({ ...path, sub: part, filter });
}

function checked(target: Target): Target {
  const { attribute, sub } = target;
  if (attribute?.mutability === 'readOnly' || sub?.mutability === 'readOnly')
    throw wrong('mutability', `\`${sub?.name ?? attribute?.name}\` is the server’s to say`);
  return target;
}

function applied(resource: ScimData, op: Op, target: Target, value: unknown): ScimData {
  const { extension, attribute } = target;
  if (extension === null)
    return attribute === null ? resource : changed({ holder: resource, op, target, attribute, value });
  const inside = resource[extension];
  const held = isData(inside) ? inside : {};
  const result =
    attribute === null
      ? whole(held, op, target, value)
      : changed({ holder: held, op, target, attribute, value });
  return Object.keys(result).length > 0 ? { ...resource, [extension]: result } : omit(resource, extension);
}

/** Of an extension as a whole. */
function whole(held: ScimData, op: Op, { extension }: Target, value: unknown): ScimData {
  if (op === 'remove') return {};
  if (!isData(value)) throw wrong('invalidValue', `the value of \`${extension}\` is an object`);
  return { ...(op === 'add' && held), ...value };
}

interface ChangedInput {
  readonly holder: ScimData;
  readonly op: Op;
  readonly target: Target;
  readonly attribute: ScimAttribute;
  readonly value: unknown;
}

function changed({ holder, op, target, attribute, value }: ChangedInput): ScimData {
  const { name } = attribute;
  const held = holder[name];
  const next = attribute.multiValued
    ? many({ held: listOf(held), op, target, attribute, value })
    : single({ held, op, target, attribute, value });
  const nothing = next === undefined || (Array.isArray(next) && next.length === 0);
  if (nothing && attribute.required) throw wrong('invalidValue', `\`${name}\` cannot be taken away`);
  return nothing ? omit(holder, name) : { ...holder, [name]: next };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

interface SingleInput {
  readonly held: unknown;
  readonly op: Op;
  readonly target: Target;
  readonly attribute: ScimAttribute;
  readonly value: unknown;
}

function single({ held, op, target: { sub }, attribute, value }: SingleInput): unknown {
  if (sub !== null) return part(held, op, sub, value);
  if (op === 'remove') return undefined;
  const read = readValue(value, attribute);
  return isData(held) && isData(read) ? { ...held, ...read } : read;
}

/** One part of a record; a record without parts is nothing. */
function part(held: unknown, op: Op, sub: ScimAttribute, value: unknown): ScimData | undefined {
  const before = isData(held) ? held : {};
  const read = op === 'remove' ? undefined : readValue(value, sub);
  const next = read === undefined ? omit(before, sub.name) : { ...before, [sub.name]: read };
  return Object.keys(next).length > 0 ? next : undefined;
}

interface ManyInput {
  readonly held: readonly unknown[];
  readonly op: Op;
  readonly target: Target;
  readonly attribute: ScimAttribute;
  readonly value: unknown;
}

function many({ held, op, target: { sub, filter }, attribute, value }: ManyInput): readonly unknown[] {
  if (filter === null && sub === null) {
    if (op === 'remove') return value === undefined ? [] : held.filter((one) => !listed(value, one));
    const given = listOf(readValue(value, attribute));
    return op === 'replace' ? given : united(held, given);
  }
  const meant = (one: unknown) => filter === null || (isData(one) && matches(one, filter));
  if (!held.some(meant)) {
    if (op === 'add' && filter !== null) return united(held, [made(filter, sub, attribute, value)]);
    if (op === 'add' && sub !== null) return [part(undefined, op, sub, value)].filter(isData);
    throw wrong('noTarget', `nothing in \`${attribute.name}\` is meant by that path`);
  }
  if (op === 'remove' && sub === null) return held.filter((one) => !meant(one));
  const next = held.flatMap((one) => {
    if (!meant(one)) return [one];
    if (sub !== null) return part(one, op, sub, value) ?? [];
    const read = readOne(value, attribute);
    return isData(one) && isData(read) && op === 'add' ? { ...one, ...read } : (read ?? []);
  });
  return onePrimary(next, held);
}

/** Some directories name what is to be taken out in the value rather than in the path. */
function listed(value: unknown, one: unknown): boolean {
  const wanted = Array.isArray(value) ? value : [value];
  return wanted.some((each) => {
    const text = isData(each) ? each.value : each;
    return isData(one) ? one.value === text : one === text;
  });
}

function united(held: readonly unknown[], given: readonly unknown[]): readonly unknown[] {
  const known = new Map(held.map((one) => [keyOf(one), one]));
  const added = given.filter((one) => !known.has(keyOf(one)));
  const again = new Map(given.map((one) => [keyOf(one), one]));
  const merged = held.map((one) => {
    const more = again.get(keyOf(one));
    return isData(one) && isData(more) ? { ...one, ...more } : one;
  });
  return onePrimary([...merged, ...added], held);
}

/** Elements of one value and use are one. */
const keyOf = (one: unknown): string =>
  isData(one) && one.value !== undefined
    ? canonical([one.value, one.type ?? null] as never)
    : canonical(one as never);

/** What becomes primary now is the only one. */
function onePrimary(next: readonly unknown[], before: readonly unknown[]): readonly unknown[] {
  const isPrimary = (one: unknown) => isData(one) && one.primary === true;
  if (next.filter(isPrimary).length < 2) return next;
  const earlier = new Set(before.filter(isPrimary).map(keyOf));
  const newer = next.findLast((one) => isPrimary(one) && !earlier.has(keyOf(one))) ?? next.find(isPrimary);
  return next.map((one) =>
    isPrimary(one) && one !== newer && isData(one) ? { ...one, primary: false } : one,
  );
}

/** An element that the filter means, where there is none: what it asks to be equal is so. */
function made(
  filter: ScimFilter,
  sub: ScimAttribute | null,
  attribute: ScimAttribute,
  value: unknown,
): unknown {
  const asked: Record<string, unknown> = {};
  const gather = (one: ScimFilter): boolean => {
    if (one.is === 'and') return gather(one.left) && gather(one.right);
    if (one.is !== 'compare' || one.by !== 'eq' || one.path.attribute === null) return false;
    asked[one.path.attribute.name] = one.value;
    return true;
  };
  if (!gather(filter)) throw wrong('noTarget', `nothing in \`${attribute.name}\` is meant by that path`);
  const own = sub === null ? value : { [sub.name]: value };
  return readOne({ ...asked, ...(isData(own) && own) }, attribute);
}
