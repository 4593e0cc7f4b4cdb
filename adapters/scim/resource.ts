/** Resources as they come in, held against their schema, and as they go out, with no more than was asked for. */
import { wrong } from './fault.ts';
import { isData, pathOf, type ScimData } from './path.ts';
import { attributeIn, COMMON, type ScimAttribute, type ScimResourceType } from './schema.ts';

/**
 * What a client sends, as it is kept: names as the schema spells them, what only the server says and what no schema knows left
 * out, null and empty lists taken for nothing. Throws `ScimFault`.
 */
export function readResource(body: unknown, type: ScimResourceType): ScimData {
  if (!isData(body)) throw wrong('invalidSyntax', 'it is not a JSON object');
  const schemas = body.schemas ?? [type.schema];
  if (!Array.isArray(schemas) || !schemas.some((urn) => isUrn(urn, type.schema)))
    throw wrong('invalidValue', `\`schemas\` has to name ${type.schema}`);
  const resource: Record<string, unknown> = readAttributes(
    body,
    [...COMMON, ...type.attributes],
    type.extension?.schema ?? null,
  );
  if (type.extension) {
    const { schema, attributes } = type.extension;
    const given = Object.entries(body).find(([name]) => isUrn(name, schema))?.[1];
    if (isData(given)) {
      const held = readAttributes(given, attributes, null);
      if (Object.keys(held).length > 0) resource[schema] = held;
    } else if (given !== undefined && given !== null)
      throw wrong('invalidValue', `\`${schema}\` is not an object`);
  }
  complete(resource, type);
  return resource;
}

/** Throws where something that is required is missing. */
export function complete(resource: ScimData, { attributes, name }: ScimResourceType): void {
  for (const attribute of attributes)
    if (attribute.required && !hasText(resource[attribute.name]))
      throw wrong('invalidValue', `a ${name} needs \`${attribute.name}\``);
}

const hasText = (value: unknown) => typeof value === 'string' && value.trim() !== '';
const isUrn = (given: unknown, urn: string) =>
  typeof given === 'string' && given.toLowerCase() === urn.toLowerCase();

function readAttributes(
  body: ScimData,
  attributes: readonly ScimAttribute[],
  extension: string | null,
): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(body)) {
    const attribute = isUrn(name, extension ?? '') ? undefined : attributeIn(attributes, name);
    if (!attribute || attribute.mutability === 'readOnly') continue;
    const value = readValue(given, attribute);
    if (value !== undefined) read[attribute.name] = value;
  }
  return read;
}

/** Undefined for nothing. */
export function readValue(given: unknown, attribute: ScimAttribute): unknown {
  if (given === null || given === undefined) return undefined;
  if (!attribute.multiValued) return readOne(given, attribute);
  const list = Array.isArray(given) ? given : [given];
  const read = list.flatMap((one) => readOne(one, attribute) ?? []);
  if (read.filter((one) => isData(one) && one.primary === true).length > 1)
    throw wrong('invalidValue', `two of \`${attribute.name}\` are primary`);
  return read.length > 0 ? read : undefined;
}

/** One value, or one element of a list. */
export function readOne(given: unknown, attribute: ScimAttribute): unknown {
  const { name, type, subAttributes } = attribute;
  if (given === null || given === undefined) return undefined;
  switch (type) {
    case 'complex': {
      if (typeof given === 'string' && attribute.multiValued) return { value: given };
      if (!isData(given)) throw wrong('invalidValue', `\`${name}\` is not an object`);
      const read = readAttributes(given, subAttributes ?? [], null);
      return Object.keys(read).length > 0 ? read : undefined;
    }
    case 'boolean': {
      if (typeof given === 'boolean') return given;
      // A widespread directory sends its booleans as texts.
      const text = typeof given === 'string' ? given.toLowerCase() : '';
      if (text === 'true' || text === 'false') return text === 'true';
      throw wrong('invalidValue', `\`${name}\` is neither true nor false`);
    }
    default:
      if (typeof given !== 'string') throw wrong('invalidValue', `\`${name}\` is not text`);
      if (!given.isWellFormed() || given.includes('\0'))
        throw wrong('invalidValue', `\`${name}\` holds characters that are none`);
      return given;
  }
}

export interface Projection {
  readonly attributes: readonly string[];
  readonly excludedAttributes: readonly string[];
}

/** What of a resource is given: RFC 7644 §3.9. Names that there are not are passed over. */
export function projected(resource: ScimData, type: ScimResourceType, asked: Projection): ScimData {
  const always: ReadonlySet<string> = new Set(['id', 'schemas']);
  if (asked.attributes.length > 0) {
    const kept: Record<string, unknown> = {};
    for (const name of always) if (name in resource) kept[name] = resource[name];
    for (const text of asked.attributes) keep(kept, resource, text, type);
    return kept;
  }
  let left: ScimData = resource;
  for (const text of asked.excludedAttributes) left = without(left, text, type, always);
  return left;
}

function keep(kept: Record<string, unknown>, resource: ScimData, text: string, type: ScimResourceType) {
  const path = lookUp(text, type);
  if (!path) return;
  const { extension, attribute, sub } = path;
  const from = extension === null ? resource : resource[extension];
  if (!isData(from)) return;
  let into = kept;
  if (extension !== null) {
    if (attribute === null) {
      kept[extension] = from;
      return;
    }
    const inside = isData(kept[extension]) ? { ...kept[extension] } : {};
    kept[extension] = inside;
    into = inside;
  }
  if (attribute === null) return;
  const held = from[attribute.name];
  if (held === undefined) return;
  if (sub === null) into[attribute.name] = held;
  else {
    const earlier = into[attribute.name];
    const part = (one: unknown, at: number) => {
      const before = Array.isArray(earlier) ? earlier[at] : earlier;
      const value = isData(one) && sub.name in one ? { [sub.name]: one[sub.name] } : {};
      return { ...(isData(before) && before), ...value };
    };
    into[attribute.name] = Array.isArray(held) ? held.map(part) : part(held, 0);
  }
}

function without(
  resource: ScimData,
  text: string,
  type: ScimResourceType,
  always: ReadonlySet<string>,
): ScimData {
  const path = lookUp(text, type);
  if (!path || (path.attribute && always.has(path.attribute.name))) return resource;
  const { extension, attribute, sub } = path;
  if (extension !== null && attribute === null) return omit(resource, extension);
  const from = extension === null ? resource : resource[extension];
  if (attribute === null || !isData(from) || !(attribute.name in from)) return resource;
  const held = from[attribute.name];
  const part = (one: unknown) => (isData(one) && sub !== null ? omit(one, sub.name) : one);
  const changed =
    sub === null
      ? omit(from, attribute.name)
      : { ...from, [attribute.name]: Array.isArray(held) ? held.map(part) : part(held) };
  return extension === null ? changed : { ...resource, [extension]: changed };
}

function lookUp(text: string, type: ScimResourceType) {
  try {
    return pathOf(text.trim(), type);
  } catch {
    return null;
  }
}

export function omit(data: ScimData, name: string): ScimData {
  const { [name]: _, ...rest } = data;
  return rest;
}
