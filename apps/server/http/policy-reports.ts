/**
 * What a browser says of a page of ours that tried what its own policy forbids: either the page is wrong, or somebody tries what it allows. It comes from anybody,
 * so nothing of it is kept but that it came, and which part of the policy it names.
 */

/** Where a page has them sent. */
export const POLICY_REPORTS = '/policy-reports';
/** As every browser sends them (CSP, section 5.5). */
export const REPORT_TYPE = 'application/csp-report';

/** What a page says with its policy, so that what breaks it is reported. With `report-to` beside it a browser would send nothing on one's own machine. */
export const REPORTED = `report-uri ${POLICY_REPORTS}`;

const PARTS: ReadonlySet<string> = new Set([
  'base-uri',
  'connect-src',
  'default-src',
  'font-src',
  'form-action',
  'frame-ancestors',
  'frame-src',
  'img-src',
  'manifest-src',
  'media-src',
  'object-src',
  'require-trusted-types-for',
  'script-src',
  'script-src-attr',
  'script-src-elem',
  'style-src',
  'style-src-attr',
  'style-src-elem',
  'trusted-types',
  'worker-src',
]);

/** In a word of ours: the part of the policy that was broken, or that it is another. */
export function brokenPart(report: unknown): string {
  const said = fieldsOf(fieldsOf(report)['csp-report']);
  const [name = ''] = String(said['effective-directive'] ?? said['violated-directive']).split(' ');
  return PARTS.has(name) ? name : 'another part';
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
