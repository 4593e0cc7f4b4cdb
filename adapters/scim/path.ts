/** Paths to attributes, as filters, PATCH and queries write them: RFC 7644 §3.10, §3.5.2. */
import { type ScimType, wrong } from './fault.ts';
import { attributeIn, COMMON, type ScimAttribute, type ScimResourceType } from './schema.ts';

export interface ScimPath {
  /** The extension that holds it; null for the resource itself. */
  readonly extension: string | null;
  /** Null for the whole extension. */
  readonly attribute: ScimAttribute | null;
  readonly sub: ScimAttribute | null;
}

/** `name.givenName`, `urn:…:User:userName`; the name of what there is not is a fault of the sort that is given. */
export function pathOf(text: string, type: ScimResourceType, sort: ScimType = 'invalidPath'): ScimPath {
  const found = findPath(text, type);
  if (!found) throw wrong(sort, `there is no attribute \`${text}\` of a ${type.name}`);
  return found;
}

export function findPath(text: string, { schema, attributes, extension }: ScimResourceType): ScimPath | null {
  const lower = text.toLowerCase();
  const under = (urn: string) => lower.startsWith(`${urn.toLowerCase()}:`) && text.slice(urn.length + 1);
  if (extension !== null) {
    if (lower === extension.schema.toLowerCase())
      return { extension: extension.schema, attribute: null, sub: null };
    const rest = under(extension.schema);
    if (rest !== false) return within(extension.attributes, rest, extension.schema);
  }
  const own = under(schema);
  return within([...COMMON, ...attributes], own === false ? text : own, null);
}

function within(
  attributes: readonly ScimAttribute[],
  text: string,
  extension: string | null,
): ScimPath | null {
  const [name = '', child, ...rest] = text.split('.');
  const attribute = attributeIn(attributes, name);
  if (!attribute || rest.length > 0) return null;
  if (child === undefined) return { extension, attribute, sub: null };
  const sub = attributeIn(attribute.subAttributes, child);
  return sub ? { extension, attribute, sub } : null;
}

export type ScimData = { readonly [name: string]: unknown };

export const isData = (value: unknown): value is ScimData =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every value that a path leads to; of many a list. */
export function valuesAt(resource: ScimData, { extension, attribute, sub }: ScimPath): readonly unknown[] {
  const holder = extension === null ? resource : resource[extension];
  if (!isData(holder)) return [];
  const held = attribute === null ? holder : holder[attribute.name];
  const all = Array.isArray(held) ? held : held === undefined || held === null ? [] : [held];
  return sub === null
    ? all
    : all.flatMap((one) => {
        const value = isData(one) ? one[sub.name] : undefined;
        return value === undefined || value === null ? [] : [value];
      });
}
