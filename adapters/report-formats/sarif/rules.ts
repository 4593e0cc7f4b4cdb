/** Standards as SARIF rules, each with its page as help. */
import type { ScanStandard, Severity } from '@macadam/core/figures/scan';
import type { StandardText } from '../port.ts';
import { levels, message } from './results.ts';

/** Where code hosts draw their lines: over 9 critical, from 7 high, from 4 medium. */
const securitySeverity: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
};

/** Code hosts show ten tags of a rule. */
const TAGS = 10;

export function rule(standard: ScanStandard, text: StandardText | undefined) {
  const requirements = Object.entries(text?.mappings ?? {}).flatMap(([framework, ids]) =>
    ids.map((id) => `${framework}/${id}`),
  );
  const statement = message(text?.statement ?? standard.title);
  const why = text === undefined ? statement : message(text.why);
  return {
    id: standard.id,
    name: standard.id.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: message(standard.title) },
    fullDescription: { text: statement },
    help: { text: `${statement} ${why}`, markdown: text?.guidance || statement },
    defaultConfiguration: { level: levels[standard.severity] },
    properties: {
      'security-severity': securitySeverity[standard.severity],
      precision: 'high',
      tags: ['security', standard.pillar, ...requirements].slice(0, TAGS),
    },
  };
}
