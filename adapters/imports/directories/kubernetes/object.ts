/** What every object of Kubernetes has, and how its labels select. */
import { isRecord, type Json, recordIn, recordsIn } from '../answer.ts';
import { type Listing, type ListingGap, lackingIds, listingGap } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
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
    const metadata = recordIn(item.record.metadata);
    const { uid, name, namespace } = metadata;
    if (typeof uid !== 'string' || uid === '' || typeof name !== 'string') return [];
    const labels = textMap(metadata.labels);
    return [{ ...item, uid, name, namespace: typeof namespace === 'string' ? namespace : '', labels }];
  });
  const gaps = lackingIds(
    items.length - objects.length,
    `of ${address} have no \`metadata.uid\`, as manifests that were never applied; save what the cluster has`,
  );
  return { objects, gaps };
}

/** Objects of a list that lie in namespaces, and the list with whatever keeps it from being whole. */
export function namespacedIn(
  lists: SavedLists,
  address: string,
): { readonly objects: readonly KubernetesObject[]; readonly listing: Listing } {
  const listing = lists.list(address);
  const found = objectsIn(listing.items, address);
  const spaces = lists.list('/namespaces');
  const names = new Set(objectsIn(spaces.items, '/namespaces').objects.map(({ name }) => name));
  // Where nobody listed the namespaces, any name may be one.
  const isKnown = ({ namespace }: KubernetesObject) =>
    namespace !== '' && (names.has(namespace) || spaces.gaps.length > 0);
  const objects = found.objects.filter(isKnown);
  const lost = found.objects.length - objects.length;
  const why = `${lost} of ${address} are in no namespace that /namespaces holds; save both again`;
  const elsewhere: readonly ListingGap[] =
    lost === 0 ? [] : [listingGap('namespace-unknown', 'incomplete', why)];
  return { objects, listing: { ...listing, gaps: [...listing.gaps, ...found.gaps, ...elsewhere] } };
}

/** A list of which some objects do not say what is asked of them here. */
export function lacking(
  listing: Listing,
  objects: readonly KubernetesObject[],
  { what, says }: { readonly what: string; readonly says: (object: KubernetesObject) => boolean },
): Listing {
  const odd = objects.filter((one) => !says(one));
  const [first] = odd;
  if (first === undefined) return listing;
  const why = `${odd.length} of ${listing.address} do not say ${what}, ${first.namespace}/${first.name} among them; save them again`;
  return { ...listing, gaps: [...listing.gaps, listingGap('answer-misshapen', 'failed', why)] };
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

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
