/** Mandatory tests of CSAF 2.0 about scores: 6.1.7 to 6.1.10. */

import { type CsafFault, type Part, textsOf, vulnerabilitiesOf } from './csaf-parts.ts';
import { type CvssVersion, metricsOf, readVector, scoresOf, severityOf, wordsOf } from './cvss.ts';

const fault = (test: string, { path }: Part, reason: string): CsafFault => ({ test, path, reason });

export const scoreFaults = (document: Part): readonly CsafFault[] =>
  vulnerabilitiesOf(document).flatMap((one) => {
    const scores = one.at('scores').list;
    return [...twice(scores), ...scores.flatMap(cvssFaults)];
  });

/** A product has one score of each version. */
function twice(scores: readonly Part[]): CsafFault[] {
  const seen = new Set<string>();
  return scores.flatMap((score) =>
    ['cvss_v2', 'cvss_v3'].flatMap((name) => {
      const cvss = score.at(name);
      if (cvss.value === undefined) return [];
      return textsOf(score.at('products')).flatMap((product) => {
        const key = JSON.stringify([name, cvss.at('version').text, product]);
        if (seen.has(key))
          return [fault('6.1.7', cvss, `\`${product}\` has a score of this version already`)];
        seen.add(key);
        return [];
      });
    }),
  );
}

function cvssFaults(score: Part): CsafFault[] {
  const found: CsafFault[] = [];
  for (const name of ['cvss_v2', 'cvss_v3'] as const) {
    const cvss = score.at(name);
    if (cvss.value === undefined) continue;
    const shape = shapeFaults(name, cvss);
    found.push(...shape);
    const version = versionIn(name, cvss);
    if (version !== null) found.push(...computedFaults(version, cvss), ...wordFaults(version, cvss));
  }
  return found;
}

function versionIn(name: 'cvss_v2' | 'cvss_v3', cvss: Part): CvssVersion | null {
  const version = cvss.at('version').text;
  if (name === 'cvss_v2') return version === null || version === '2.0' ? '2.0' : null;
  return version === '3.0' || version === '3.1' ? version : null;
}

const isScore = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 10;
const SEVERITIES: readonly unknown[] = ['NONE', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

/** What FIRST’s schemas ask of a score. */
function shapeFaults(name: 'cvss_v2' | 'cvss_v3', cvss: Part): CsafFault[] {
  const faults: CsafFault[] = [];
  const wrong = (part: Part, reason: string) => faults.push(fault('6.1.8', part, reason));
  const versions: readonly (string | null)[] = name === 'cvss_v2' ? ['2.0'] : ['3.0', '3.1'];
  const version = cvss.at('version');
  if (!versions.includes(version.text)) wrong(version, `it is not ${versions.join(' or ')}`);
  const three = name === 'cvss_v3';
  for (const score of ['baseScore', 'temporalScore', 'environmentalScore']) {
    const part = cvss.at(score);
    if (part.value === undefined ? score === 'baseScore' : !isScore(part.value))
      wrong(part, part.value === undefined ? 'it is missing' : 'it is not a number from 0 to 10');
  }
  if (three)
    for (const severity of ['baseSeverity', 'temporalSeverity', 'environmentalSeverity']) {
      const part = cvss.at(severity);
      if (part.value === undefined ? severity === 'baseSeverity' : !SEVERITIES.includes(part.value))
        wrong(part, part.value === undefined ? 'it is missing' : 'it is not a severity');
    }
  const known = versionIn(name, cvss) ?? (three ? '3.1' : '2.0');
  const vector = cvss.at('vectorString');
  if (vector.text === null || readVector(known, vector.text) === null)
    wrong(vector, vector.value === undefined ? 'it is missing' : `it is not a vector of CVSS ${known}`);
  for (const { name: word, values } of metricsOf(known)) {
    const part = cvss.at(word);
    if (part.value !== undefined && !Object.values(values).includes(part.text ?? ''))
      wrong(part, `it is none of ${Object.values(values).join(', ')}`);
  }
  return faults;
}

function computedFaults(version: CvssVersion, cvss: Part): CsafFault[] {
  const scores = scoresOf(version, cvss.at('vectorString').text ?? '');
  if (scores === null) return [];
  const faults: CsafFault[] = [];
  for (const [name, computed] of Object.entries(scores)) {
    const part = cvss.at(name);
    // Without metrics of time or environment such a score is what the one before it is.
    const wanted: number =
      computed ?? (name === 'environmentalScore' ? scores.temporalScore : null) ?? scores.baseScore;
    if (typeof part.value === 'number' && part.value !== wanted)
      faults.push(fault('6.1.9', part, `the vector comes to ${wanted}`));
    const severity = cvss.at(name.replace('Score', 'Severity'));
    if (version !== '2.0' && severity.text !== null && severity.text !== severityOf(wanted))
      faults.push(fault('6.1.9', severity, `the vector comes to ${severityOf(wanted)}`));
  }
  return faults;
}

function wordFaults(version: CvssVersion, cvss: Part): CsafFault[] {
  const letters = readVector(version, cvss.at('vectorString').text ?? '');
  if (letters === null) return [];
  return [...wordsOf(version, letters)].flatMap(([name, word]) => {
    const part = cvss.at(name);
    return part.text === null || part.text === word ? [] : [fault('6.1.10', part, `the vector says ${word}`)];
  });
}
