/**
 * The mandatory tests of CSAF 2.0 (section 6.1 of the specification): what no schema can say of a document. Pure, and total
 * over any JSON: what a test is not about is passed over, and a schema says what is missing.
 */
import { instant, timeOf } from '../text/instant.ts';
import { historyFaults } from './csaf-history.ts';
import {
  branchesOf,
  type CsafFault,
  groupsOf,
  type Part,
  partOf,
  productsMeant,
  productsOf,
  REFERRING,
  repeated,
  STATUSES,
  vulnerabilitiesOf,
} from './csaf-parts.ts';
import { profileFaults } from './csaf-profiles.ts';
import { scoreFaults } from './csaf-scores.ts';
import { isLanguage, isPackageUrl } from './names.ts';
import { weaknessName } from './weakness.ts';

/** Everything that a document does not hold, in the order of the tests. Empty: it holds all of them. */
export function csafFaults(json: unknown): readonly CsafFault[] {
  const document = partOf(json);
  return [
    ...productFaults(document),
    ...groupFaults(document),
    ...statusFaults(document),
    ...scoreFaults(document),
    ...nameFaults(document),
    ...historyFaults(document),
    ...repeatedFaults(document),
    ...profileFaults(document),
    ...languageFaults(document),
    ...versionRangeFaults(document),
    ...referenceFaults(document),
  ];
}

const fault = (test: string, { path }: Part, reason: string): CsafFault => ({ test, path, reason });

/** 6.1.1 to 6.1.3. */
function productFaults(document: Part): CsafFault[] {
  const products = productsOf(document);
  const defined = new Set(products.flatMap((one) => one.at('product_id').text ?? []));
  const tree = document.at('product_tree');
  const references = [
    ...tree.at('product_groups').list.flatMap((one) => one.at('product_ids').list),
    ...tree
      .at('relationships')
      .list.flatMap((one) => [one.at('product_reference'), one.at('relates_to_product_reference')]),
    ...vulnerabilitiesOf(document).flatMap((one) => [
      ...STATUSES.flatMap((status) => one.at('product_status', status).list),
      ...one.at('scores').list.flatMap((score) => score.at('products').list),
      ...REFERRING.flatMap((name) => one.at(name).list.flatMap((each) => each.at('product_ids').list)),
    ]),
  ];
  return [
    ...references
      .filter(({ text }) => text !== null && !defined.has(text))
      .map((part) => fault('6.1.1', part, `there is no product \`${part.text}\``)),
    ...repeated(products, (one) => one.at('product_id').text).map((one) =>
      fault('6.1.2', one.at('product_id'), 'this id is given to another product already'),
    ),
    ...circularFaults(tree),
  ];
}

/** What a relationship makes must not be made of itself, however far around. */
function circularFaults(tree: Part): CsafFault[] {
  const relationships = tree.at('relationships').list;
  const madeOf = new Map<string, readonly string[]>();
  for (const one of relationships) {
    const id = one.at('full_product_name', 'product_id').text;
    const parts = [one.at('product_reference').text, one.at('relates_to_product_reference').text];
    if (id !== null) madeOf.set(id, [...(madeOf.get(id) ?? []), ...parts.flatMap((part) => part ?? [])]);
  }
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>();
    const open = [...(madeOf.get(from) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === to) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(madeOf.get(next) ?? []));
    }
    return false;
  };
  return relationships.flatMap((one) => {
    const id = one.at('full_product_name', 'product_id');
    return id.text !== null && reaches(id.text, id.text)
      ? [fault('6.1.3', id, `\`${id.text}\` is made of itself`)]
      : [];
  });
}

/** 6.1.4 and 6.1.5. */
function groupFaults(document: Part): CsafFault[] {
  const groups = document.at('product_tree', 'product_groups').list;
  const defined = groupsOf(document);
  const references = vulnerabilitiesOf(document).flatMap((one) =>
    REFERRING.flatMap((name) => one.at(name).list.flatMap((each) => each.at('group_ids').list)),
  );
  return [
    ...references
      .filter(({ text }) => text !== null && !defined.has(text))
      .map((part) => fault('6.1.4', part, `there is no group \`${part.text}\``)),
    ...repeated(groups, (one) => one.at('group_id').text).map((one) =>
      fault('6.1.5', one.at('group_id'), 'this id is given to another group already'),
    ),
  ];
}

const CONTRADICTING: Readonly<Record<string, readonly string[]>> = {
  affected: ['first_affected', 'known_affected', 'last_affected'],
  'not affected': ['known_not_affected'],
  fixed: ['first_fixed', 'fixed'],
  'under investigation': ['under_investigation'],
};

/** 6.1.6. */
function statusFaults(document: Part): CsafFault[] {
  return vulnerabilitiesOf(document).flatMap((one) => {
    const said = new Map<string, string>();
    return Object.entries(CONTRADICTING).flatMap(([meaning, names]) =>
      names.flatMap((name) =>
        one.at('product_status', name).list.flatMap((part) => {
          if (part.text === null) return [];
          const before = said.get(part.text) ?? meaning;
          said.set(part.text, before);
          return before === meaning
            ? []
            : [fault('6.1.6', part, `\`${part.text}\` is ${before} and ${meaning} at once`)];
        }),
      ),
    );
  });
}

/** 6.1.11, 6.1.13 and 6.1.15. */
function nameFaults(document: Part): CsafFault[] {
  const faults: CsafFault[] = [];
  for (const one of vulnerabilitiesOf(document)) {
    const cwe = one.at('cwe');
    const [id, name] = [cwe.at('id').text, cwe.at('name').text];
    if (id === null || name === null) continue;
    const known = weaknessName(id);
    if (known === null) faults.push(fault('6.1.11', cwe.at('id'), `there is no weakness ${id}`));
    else if (known !== name) faults.push(fault('6.1.11', cwe.at('name'), `${id} is called "${known}"`));
  }
  for (const product of productsOf(document)) {
    const purl = product.at('product_identification_helper', 'purl');
    if (purl.text !== null && !isPackageUrl(purl.text))
      faults.push(fault('6.1.13', purl, 'it is not a package URL'));
  }
  const source = document.at('document', 'source_lang');
  if (document.at('document', 'publisher', 'category').text === 'translator' && source.value === undefined)
    faults.push(fault('6.1.15', source, 'a translator says from which language'));
  return faults;
}

/** 6.1.23 to 6.1.25. */
function repeatedFaults(document: Part): CsafFault[] {
  const vulnerabilities = vulnerabilitiesOf(document);
  const hashes = productsOf(document).flatMap(
    (product) => product.at('product_identification_helper', 'hashes').list,
  );
  return [
    ...repeated(vulnerabilities, (one) => one.at('cve').text).map((one) =>
      fault('6.1.23', one.at('cve'), 'this CVE stands in another vulnerability already'),
    ),
    ...vulnerabilities.flatMap((one) =>
      repeated(one.at('involvements').list, (each) => {
        const [party, date] = [each.at('party').text, each.at('date').text];
        if (party === null || date === null) return null;
        return JSON.stringify([party, instant(date) === null ? date : String(timeOf(date))]);
      }).map((each) => fault('6.1.24', each, 'this party has an involvement at that time already')),
    ),
    ...hashes.flatMap((each) =>
      repeated(each.at('file_hashes').list, (one) => one.at('algorithm').text).map((one) =>
        fault('6.1.25', one.at('algorithm'), 'this algorithm stands in the list already'),
      ),
    ),
  ];
}

/** 6.1.12 and 6.1.28. */
function languageFaults(document: Part): CsafFault[] {
  const [lang, source] = [document.at('document', 'lang'), document.at('document', 'source_lang')];
  const faults = [lang, source]
    .filter(({ text }) => text !== null && !isLanguage(text))
    .map((part) => fault('6.1.12', part, `\`${part.text}\` is no language`));
  if (lang.text !== null && lang.text.toLowerCase() === source.text?.toLowerCase())
    faults.push(fault('6.1.28', source, 'it was not translated: both languages are the same'));
  return faults;
}

const RANGES: ReadonlySet<string> = new Set([
  'after',
  'all',
  'before',
  'earlier',
  'later',
  'prior',
  'versions',
]);

/** 6.1.31. */
const versionRangeFaults = (document: Part): CsafFault[] =>
  branchesOf(document).flatMap((branch) => {
    const name = branch.at('name');
    if (branch.at('category').text !== 'product_version' || name.text === null) return [];
    const isRange =
      /[<>]/.test(name.text) ||
      name.text
        .toLowerCase()
        .split(/\s+/)
        .some((word) => RANGES.has(word));
    return isRange
      ? [fault('6.1.31', name, 'it is a range, and one version is meant; use product_version_range')]
      : [];
  });

const JUSTIFICATIONS: ReadonlySet<string | null> = new Set([
  'component_not_present',
  'inline_mitigations_already_exist',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_not_present',
]);

/** 6.1.29, 6.1.32 and 6.1.33. */
function referenceFaults(document: Part): CsafFault[] {
  const groups = groupsOf(document);
  const unreferred = (test: string, one: Part, name: string) =>
    one
      .at(name)
      .list.filter(
        (each) => each.at('product_ids').value === undefined && each.at('group_ids').value === undefined,
      )
      .map((each) => fault(test, each, 'it names neither a product nor a group'));
  return vulnerabilitiesOf(document).flatMap((one) => {
    const justified = new Set<string>();
    const twice = one.at('flags').list.flatMap((flag) => {
      if (!JUSTIFICATIONS.has(flag.at('label').text)) return [];
      return productsMeant(flag, groups).flatMap((product) => {
        if (justified.has(product))
          return [fault('6.1.33', flag, `\`${product}\` has another justification already`)];
        justified.add(product);
        return [];
      });
    });
    return [...unreferred('6.1.29', one, 'remediations'), ...unreferred('6.1.32', one, 'flags'), ...twice];
  });
}
