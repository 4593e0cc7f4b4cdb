/** Alerts of known vulnerabilities as GitHub gives them, for the fake. */

export interface FakeVulnerability {
  readonly number: number;
  readonly severity: 'critical' | 'high' | 'medium' | 'low';
  readonly scope: 'development' | 'runtime' | null;
  /** Null where nothing fixes it. */
  readonly fixedIn: string | null;
  readonly state?: 'open' | 'dismissed' | 'auto_dismissed' | 'fixed';
  readonly reason?: string;
}

const WHEN = '2026-08-01T10:00:00Z';
const RANGE = '< 1.3.1';

export function vulnerabilityAnswer(
  url: string,
  { number, severity, scope, fixedIn, state = 'open', reason }: FakeVulnerability,
) {
  const named = { ecosystem: 'npm', name: 'left-pad' };
  const patched = fixedIn === null ? null : { identifier: fixedIn };
  const vulnerability = {
    package: named,
    severity,
    vulnerable_version_range: RANGE,
    first_patched_version: patched,
  };
  return {
    number,
    state,
    dependency: { package: named, manifest_path: 'package-lock.json', scope },
    security_advisory: {
      ghsa_id: 'GHSA-2222-3333-4444',
      cve_id: 'CVE-2026-1234',
      summary: 'It pads too much',
      description: 'It pads too much.',
      vulnerabilities: [vulnerability],
      severity,
      cvss: { vector_string: null, score: 7.5 },
      cwes: [{ cwe_id: 'CWE-400', name: 'Uncontrolled Resource Consumption' }],
      identifiers: [{ type: 'CVE', value: 'CVE-2026-1234' }],
      references: [{ url }],
      published_at: WHEN,
      updated_at: WHEN,
      withdrawn_at: null,
    },
    security_vulnerability: vulnerability,
    url: `${url}/dependabot/alerts/${number}`,
    html_url: `${url}/security/dependabot/${number}`,
    created_at: WHEN,
    updated_at: WHEN,
    dismissed_at: state === 'dismissed' ? WHEN : null,
    dismissed_by: null,
    dismissed_reason: reason ?? null,
    dismissed_comment: null,
    fixed_at: null,
    auto_dismissed_at: state === 'auto_dismissed' ? WHEN : null,
  };
}
