/** Parts of a CSAF 2.0 document, read from any JSON: what is not there, or is something else, gives nothing. */

/** What is wrong, and where: a JSON pointer. */
export interface CsafFault {
  /** Section of the CSAF 2.0 specification, such as `6.1.7`. */
  readonly test: string;
  readonly path: string;
  readonly reason: string;
}

/** A JSON value that may be asked for anything, with its pointer. */
export interface Part {
  readonly path: string;
  readonly value: unknown;
  readonly at: (...keys: readonly string[]) => Part;
  /** Of a list its elements, else none. */
  readonly list: readonly Part[];
  readonly text: string | null;
}

export function partOf(value: unknown, path = ''): Part {
  return {
    path,
    value,
    at: (...keys) => {
      let found = value;
      let where = path;
      for (const key of keys) {
        const holds =
          typeof found === 'object' && found !== null && !Array.isArray(found) && Object.hasOwn(found, key);
        found = holds ? (found as Record<string, unknown>)[key] : undefined;
        where = `${where}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      }
      return partOf(found, where);
    },
    get list() {
      return Array.isArray(value) ? value.map((one, index) => partOf(one, `${path}/${index}`)) : [];
    },
    text: typeof value === 'string' ? value : null,
  };
}

/** Branches are followed so deep; the specification ends at 30. */
const DEEPEST = 64;

/** Every branch, with those below. */
export function branchesOf(document: Part): readonly Part[] {
  const found: Part[] = [];
  const walk = (branches: readonly Part[], depth: number) => {
    for (const branch of branches) {
      found.push(branch);
      if (depth < DEEPEST) walk(branch.at('branches').list, depth + 1);
    }
  };
  walk(document.at('product_tree', 'branches').list, 0);
  return found;
}

/** Every definition of a product: full names, those of branches, and those that a relationship makes. */
export function productsOf(document: Part): readonly Part[] {
  const tree = document.at('product_tree');
  return [
    ...tree.at('full_product_names').list,
    ...branchesOf(document).map((branch) => branch.at('product')),
    ...tree.at('relationships').list.map((one) => one.at('full_product_name')),
  ].filter((one) => one.value !== undefined);
}

export const vulnerabilitiesOf = (document: Part): readonly Part[] => document.at('vulnerabilities').list;

export const STATUSES = [
  'first_affected',
  'first_fixed',
  'fixed',
  'known_affected',
  'known_not_affected',
  'last_affected',
  'recommended',
  'under_investigation',
] as const;

/** Parts of a vulnerability that name products, groups, or both. */
export const REFERRING = ['remediations', 'threats', 'flags'] as const;

/** Group → its products. */
export function groupsOf(document: Part): ReadonlyMap<string, readonly string[]> {
  return new Map(
    document
      .at('product_tree', 'product_groups')
      .list.map((group) => [group.at('group_id').text ?? '', textsOf(group.at('product_ids'))] as const),
  );
}

export const textsOf = (part: Part): readonly string[] => part.list.flatMap(({ text }) => text ?? []);

/** Products that a remediation, threat or flag is about, by itself or by a group. */
export function productsMeant(part: Part, groups: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const grouped = textsOf(part.at('group_ids')).flatMap((group) => groups.get(group) ?? []);
  return [...new Set([...textsOf(part.at('product_ids')), ...grouped])];
}

/** The second and every later part of one key. */
export function repeated(parts: readonly Part[], key: (part: Part) => string | null): readonly Part[] {
  const seen = new Set<string>();
  return parts.filter((part) => {
    const own = key(part);
    if (own === null) return false;
    if (seen.has(own)) return true;
    seen.add(own);
    return false;
  });
}
