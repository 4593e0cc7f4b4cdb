/** What every object of Kubernetes has, and how its labels select. */
import { isRecord, type Json } from '../answer.ts';
import type { ListingGap } from '../listing.ts';
import type { Item } from '../statement.ts';

export interface KubernetesObject extends Item {
  readonly uid: string;
  readonly name: string;
  /** Empty for what lies in none. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Objects that can be told from one another, and what is said of the others. */
export function objectsIn(
  items: readonly Item[],
  address: string,
): { readonly objects: readonly KubernetesObject[]; readonly gaps: readonly ListingGap[] } {
  const objects = items.flatMap((item): readonly KubernetesObject[] => {
    const metadata = isRecord(item.record.metadata) ? item.record.metadata : {};
    const { uid, name, namespace } = metadata;
    if (typeof uid !== 'string' || uid === '' || typeof name !== 'string') return [];
    const labels = textMap(metadata.labels);
    return [{ ...item, uid, name, namespace: typeof namespace === 'string' ? namespace : '', labels }];
  });
  const lost = items.length - objects.length;
  if (lost === 0) return { objects, gaps: [] };
  const why = `${lost} of ${address} have no \`metadata.uid\`, as manifests that were never applied; save what the cluster has`;
  return { objects, gaps: [{ code: 'id-missing', cause: 'incomplete', why }] };
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

export const recordsIn = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

/** Whether a selector takes these labels in; null where it uses an operator that is not known. An empty one takes in everything. */
export function selects(selector: Json, labels: Readonly<Record<string, string>>): boolean | null {
  for (const [key, value] of Object.entries(textMap(selector.matchLabels)))
    if (labels[key] !== value) return false;
  let unknown = false;
  for (const { key, operator, values } of recordsIn(selector.matchExpressions)) {
    const value = labels[String(key)];
    const named = Array.isArray(values) && value !== undefined && values.includes(value);
    if (operator === 'In' && !named) return false;
    if (operator === 'NotIn' && named) return false;
    if (operator === 'Exists' && value === undefined) return false;
    if (operator === 'DoesNotExist' && value !== undefined) return false;
    if (!['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(String(operator))) unknown = true;
  }
  return unknown ? null : true;
}
