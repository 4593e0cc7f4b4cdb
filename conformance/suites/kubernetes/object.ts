/** An object of a cluster, or of what was asked about one, as it was written: without what is null. */
import { parseAllDocuments } from 'yaml';

export type Fields = Readonly<Record<string, unknown>>;

export interface KubernetesObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly name: string;
  /** As it was written; an object without one is in `default` when a cluster gets it. */
  readonly namespace?: string;
  readonly fields: Fields;
}

/** The objects of a file, in its order; a list of objects is its items. Throws when it is not YAML. */
export function objectsOf(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text, { uniqueKeys: false })
    .flatMap((document) => {
      if (document.errors.length > 0) throw new Error(document.errors[0]?.message);
      const value = withoutNull(document.toJS());
      return Array.isArray(value) ? value : [value];
    })
    .filter(isFields)
    .map(objectOf);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is below a path of keys; none where there is something else on the way. */
export function below(value: unknown, ...keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) found = isFields(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return found;
}

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The entry, unless there is nothing: `...entry('name', value)`. */
export const entry = (key: string, value: unknown): Fields => (value === undefined ? {} : { [key]: value });

function objectOf(fields: Fields): KubernetesObject {
  const namespace = below(fields, 'metadata', 'namespace');
  return {
    kind: String(fields.kind ?? ''),
    apiVersion: String(fields.apiVersion ?? ''),
    name: String(below(fields, 'metadata', 'name') ?? ''),
    ...(typeof namespace === 'string' ? { namespace } : {}),
    fields,
  };
}

function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (!isFields(value)) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutNull(each)]));
}
