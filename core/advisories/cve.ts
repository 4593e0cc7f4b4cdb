/** A vulnerability case as a CVE record (CVE JSON 5.1). The same case and words give the same record. Pure. */
import { cvssOf } from './csaf.ts';
import { isPackageUrl } from './names.ts';
import {
  type AdvisoryWords,
  type CaseGap,
  type ProductName,
  productNamed,
  type VulnerabilityCase,
} from './vulnerability-case.ts';
import { weaknessName } from './weakness.ts';

const UUID = /^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-4[0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$/;

/** What a record needs besides an advisory's words. */
export function cveGaps({ assigner, reference }: AdvisoryWords, { rejected }: VulnerabilityCase): CaseGap[] {
  const gaps: CaseGap[] = [];
  if (assigner === undefined || !UUID.test(assigner.id))
    gaps.push({
      field: 'assigner',
      reason:
        assigner === undefined ? 'nobody is named who assigns the CVE' : `\`${assigner.id}\` is no UUID (v4)`,
      fix: 'give the UUID and the short name of the numbering authority',
    });
  if (assigner !== undefined && !/^.{2,32}$/.test(assigner.shortName))
    gaps.push({
      field: 'assigner',
      reason: 'the short name has not 2 to 32 characters',
      fix: 'give it as the CVE program lists it',
    });
  if (reference === undefined && !rejected)
    gaps.push({
      field: 'reference',
      reason: 'a CVE record names where people read more',
      fix: 'give the address of the advisory',
    });
  return gaps;
}

/** Of a case without gaps (`cveGaps`). Throws `TypeError` for a vector that is none. */
export function cveRecord(found: VulnerabilityCase, words: AdvisoryWords) {
  const { assigner, reference = '' } = words;
  if (assigner === undefined) throw new TypeError('nobody is named who assigns the CVE');
  const metadata = {
    assignerOrgId: assigner.id,
    assignerShortName: assigner.shortName,
    cveId: found.cve,
    datePublished: found.publishedAt,
  };
  const updated = found.mitigatedAt ?? found.publishedAt;
  const providerMetadata = { orgId: assigner.id, shortName: assigner.shortName, dateUpdated: updated };
  const record = { dataType: 'CVE_RECORD', dataVersion: '5.1' };
  if (found.rejected)
    return {
      ...record,
      cveMetadata: { ...metadata, state: 'REJECTED', dateRejected: updated },
      containers: {
        cna: { providerMetadata, rejectedReasons: [{ lang: 'en', value: words.summary }] },
      },
    };
  return {
    ...record,
    cveMetadata: { ...metadata, state: 'PUBLISHED' },
    containers: { cna: { providerMetadata, ...published(found, words, reference) } },
  };
}

function published(found: VulnerabilityCase, words: AdvisoryWords, reference: string) {
  const { weakness, caseId } = found;
  const name = weakness === null ? null : weaknessName(weakness);
  const vector = words.cvss === undefined ? null : cvssOf(words.cvss);
  return {
    title: words.title.slice(0, 256),
    descriptions: [{ lang: 'en', value: words.summary.slice(0, 4096) }],
    affected: found.products.map((text) =>
      affected(productNamed(text, isPackageUrl), words.publisher.name, found.mitigatedAt !== null),
    ),
    ...(name !== null && {
      problemTypes: [
        { descriptions: [{ lang: 'en', description: `${weakness} ${name}`, cweId: weakness, type: 'CWE' }] },
      ],
    }),
    references: [{ url: reference }],
    ...(vector !== null && {
      metrics: [{ format: 'CVSS', [vector.version === '3.0' ? 'cvssV3_0' : 'cvssV3_1']: vector }],
    }),
    timeline: [
      { time: found.reportedAt, lang: 'en', value: 'Reported.' },
      { time: found.publishedAt, lang: 'en', value: 'Published.' },
      ...(found.mitigatedAt === null
        ? []
        : [{ time: found.mitigatedAt, lang: 'en', value: 'Mitigated everywhere.' }]),
    ],
    source: { defect: [caseId], discovery: 'UNKNOWN' },
  };
}

function affected({ vendor, product, version, cpe }: ProductName, publisher: string, fixed: boolean) {
  return {
    vendor: (vendor ?? publisher).slice(0, 512),
    product: product.slice(0, 2048),
    ...(cpe !== null && { cpes: [cpe] }),
    ...(version === null
      ? { defaultStatus: fixed ? 'unknown' : 'affected' }
      : { versions: [{ version, status: 'affected' }], defaultStatus: 'unknown' }),
  };
}
