/** A vulnerability case as a CSAF 2.0 security advisory. The same case and words give the same document. Pure. */
import { scoresOf, severityOf } from './cvss.ts';
import { isPackageUrl } from './names.ts';
import { type AdvisoryWords, productNamed, type VulnerabilityCase } from './vulnerability-case.ts';
import { weaknessName } from './weakness.ts';

export interface MadeBy {
  readonly engine: string;
  readonly version: string;
}

/** It holds the mandatory tests (`csafFaults`). Throws `TypeError` for a vector that is none. */
export function csafAdvisory(found: VulnerabilityCase, words: AdvisoryWords, by: MadeBy) {
  const products = found.products.map((text, index) => ({
    id: `CSAFPID-${String(index + 1).padStart(4, '0')}`,
    named: productNamed(text, isPackageUrl),
  }));
  const ids = products.map(({ id }) => id);
  return {
    document: {
      aggregate_severity: { text: found.severity },
      category: 'csaf_security_advisory',
      csaf_version: '2.0',
      lang: 'en',
      notes: [{ category: 'summary', text: words.summary, title: 'Summary' }],
      publisher: { category: 'vendor', ...words.publisher },
      ...(words.reference !== undefined && {
        references: [{ category: 'external', summary: words.title, url: words.reference }],
      }),
      title: words.title,
      tracking: tracking(found, by),
    },
    product_tree: {
      full_product_names: products.map(({ id, named }) => ({
        name: named.text,
        product_id: id,
        ...(named.purl !== null && { product_identification_helper: { purl: named.purl } }),
        ...(named.cpe !== null && { product_identification_helper: { cpe: named.cpe } }),
      })),
    },
    vulnerabilities: [vulnerability(found, words, ids)],
  };
}

/** A revision when it was published, and another when no customer was at risk any more, where that was later. */
function tracking({ caseId, cve, publishedAt, mitigatedAt }: VulnerabilityCase, by: MadeBy) {
  const later = mitigatedAt !== null && Date.parse(mitigatedAt) > Date.parse(publishedAt);
  const history = [
    { date: publishedAt, number: '1', summary: 'Published.' },
    ...(later ? [{ date: mitigatedAt, number: '2', summary: 'Mitigated everywhere.' }] : []),
  ];
  return {
    aliases: [cve],
    current_release_date: later ? mitigatedAt : publishedAt,
    generator: { engine: { name: by.engine, version: by.version } },
    id: caseId,
    initial_release_date: publishedAt,
    revision_history: history,
    status: mitigatedAt === null ? 'interim' : 'final',
    version: String(history.length),
  };
}

function vulnerability(found: VulnerabilityCase, words: AdvisoryWords, ids: readonly string[]) {
  const { weakness, mitigatedAt } = found;
  const name = weakness === null ? null : weaknessName(weakness);
  return {
    cve: found.cve,
    ...(name !== null && { cwe: { id: weakness, name } }),
    discovery_date: found.reportedAt,
    ids: [{ system_name: found.tracker, text: found.caseId }],
    notes: [{ category: 'description', text: words.summary }],
    product_status: mitigatedAt === null ? { known_affected: ids } : { fixed: ids },
    release_date: found.publishedAt,
    remediations: [{ ...remedy(found), product_ids: ids }],
    ...(words.cvss !== undefined && { scores: [{ cvss_v3: cvssOf(words.cvss), products: ids }] }),
    title: words.title,
  };
}

function remedy({ mitigatedAt, inCloud, customerAction }: VulnerabilityCase) {
  if (mitigatedAt === null)
    return {
      category: 'none_available',
      details: 'Some customers are at risk; a remedy is being worked on.',
    };
  const details = customerAction
    ? 'Update to a version that is fixed.'
    : inCloud
      ? 'Mitigated in the service for every customer; customers have nothing to do.'
      : 'Fixed; customers have nothing to do.';
  return { category: 'vendor_fix', date: mitigatedAt, details };
}

/** A CVSS 3.x object of a vector, with the score and severity that follow from it. */
export function cvssOf(vector: string) {
  const version = vector.startsWith('CVSS:3.0/') ? '3.0' : '3.1';
  const scores = scoresOf(version, vector);
  if (scores === null)
    throw new TypeError(`\`${vector}\` is not a vector of CVSS 3.0 or 3.1, such as CVSS:3.1/AV:N/…`);
  const { baseScore, temporalScore, environmentalScore } = scores;
  return {
    version,
    vectorString: vector,
    baseScore,
    baseSeverity: severityOf(baseScore),
    ...(temporalScore !== null && { temporalScore, temporalSeverity: severityOf(temporalScore) }),
    ...(environmentalScore !== null && {
      environmentalScore,
      environmentalSeverity: severityOf(environmentalScore),
    }),
  };
}
