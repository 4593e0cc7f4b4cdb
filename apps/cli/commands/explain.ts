/** `macadam explain`: what a standard asks and why, or what one finding rests on and how to mend it. */

import { stripVTControlCharacters } from 'node:util';
import { explanationText } from '@macadam/adapters/report-formats/explanation';
import type { Finding } from '@macadam/core/figures/scan';
import { didYouMean } from '@macadam/core/text/suggestion';
import { judgeOf, rowOf } from '@macadam/core/verdicts/evaluate';
import { restsOn } from '@macadam/core/verdicts/evidence';
import { explain as explainVerdict } from '@macadam/core/verdicts/explain';
import type { CatalogueStandard } from '@macadam/services/catalogue/load';
import { EXIT } from '../exit.ts';
import type { ScanOptions } from '../request.ts';
import { UsageError } from '../terminal.ts';
import { measureHere } from './scan.ts';
import { loadHere } from './test.ts';

export async function explain(what: string, paths: readonly string[], options: ScanOptions): Promise<number> {
  const { standards } = loadHere();
  const standard = standards.find(({ id }) => id === what);
  if (standard) {
    write(standardText(standard));
    return EXIT.ok;
  }
  if (!/^[0-9a-f]{6,32}$/.test(what)) {
    const ids = standards.map(({ id }) => id);
    throw new UsageError(
      `there is no standard \`${what}\`${didYouMean(what, ids)}; \`macadam catalogue\` lists them, and a finding is named by its fingerprint`,
    );
  }
  const measured = await measureHere(paths, options);
  if (measured === null) return EXIT.usage;
  const found = measured.report.scan.findings.filter(({ fingerprint }) => fingerprint.startsWith(what));
  if (found.length !== 1) {
    const reason = found.length === 0 ? 'no finding has' : `${found.length} findings have`;
    throw new UsageError(
      `${reason} a fingerprint that starts with ${what} here; give the path that was scanned`,
    );
  }
  for (const finding of found) {
    const owner = measured.catalogue.standards.find(({ id }) => id === finding.standard);
    const verdict = measured.picture.verdictOf.get(finding);
    const { clock, related } = measured.picture;
    const judge = owner && judgeOf(owner.compiled, clock, related);
    const row = owner && verdict && rowOf(owner.compiled.kind, verdict.asset);
    write(findingText(finding, owner && row && judge ? restsOn(owner.compiled, row, judge.around) : []));
    if (owner && row && judge) {
      const text = explanationText(explainVerdict(owner.compiled, row, judge));
      write(clean(`How it was decided\n${text}\n`));
    }
    if (owner) write(standardText(owner));
  }
  return EXIT.ok;
}

const write = (text: string) => process.stdout.write(`${text}\n`);
const clean = (text: string) => stripVTControlCharacters(text).replaceAll(/(?![\n\t])\p{Cc}/gu, '\ufffd');

function findingText(finding: Finding, seen: Finding['evidence']): string {
  const { asset, verdict, reason, message, owner, location, evidence, assurance } = finding;
  const place = location ? `${location.path}${location.line ? `:${location.line}` : ''}` : 'no single place';
  const point = ({ location: at, text }: Finding['evidence'][number]) =>
    `  ${at?.line ? `${at.path}:${at.line}  ` : ''}${text}`;
  const sourced = ({ text, source, observedAt }: Finding['evidence'][number]) =>
    `  ${text}${source ? `  (${source}, ${observedAt})` : ''}`;
  return clean(
    [
      `${asset.name} (${asset.kind}): ${verdict}, ${reason}`,
      `  ${message}`,
      `  place: ${place}   owner: ${owner ?? 'nobody is known'}   assurance: ${assurance ?? 'none'}`,
      '',
      'What decided it',
      ...evidence.map(point),
      ...(seen.length > 0 ? ['', 'What was looked at', ...seen.map(sourced)] : []),
      '',
    ].join('\n'),
  );
}

function standardText({ definition, readme, fix }: CatalogueStandard): string {
  const { id, pillar, severity, statement, why, scope, check, reasons } = definition;
  return [
    `${id} (${pillar}, ${severity})`,
    `  ${statement}`,
    '',
    `Why: ${why}`,
    `Scope: every ${scope.kind}${scope.where === 'true' ? '' : ` where ${scope.where}`}`,
    `Check: ${check}`,
    `Fails as: ${reasons.map((reason) => (reason.severity ? `${reason.id} (${reason.severity})` : reason.id)).join(', ')}`,
    `Fix it: ${fix ? `macadam fix --standard ${id}` : 'see the runbook in its folder, and below'}`,
    '',
    readme.trim(),
  ].join('\n');
}
