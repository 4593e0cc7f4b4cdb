/** What was found in a case, beside what should have been. */
import { compile } from '@macadam/core/cel/compile';
import { DYN, TIMESTAMP } from '@macadam/core/cel/type';
import { dataOf, NOW, timestampOf } from '../../judge.ts';
import type { Alert, Written } from './cases.ts';
import type { Fields } from './object.ts';

/** Null when the paths are not known. */
export type Points = (facts: Fields) => readonly string[] | null;

export type RuleFinding =
  | { readonly object: string; readonly verdict: 'unknown'; readonly why: string }
  | { readonly object: string; readonly verdict: 'fail'; readonly paths: readonly string[] | null };

/** The paths at fault of an asset, where the rule says them. */
export function pointsOf({ at, params }: Written): Points | undefined {
  if (at === undefined) return undefined;
  const result = compile(at, { asset: DYN, params: DYN, now: TIMESTAMP }, DYN, { level: 'cel' });
  if ('mistakes' in result)
    throw new Error(`${result.mistakes.map(({ reason }) => reason).join('; ')} in ${at}`);
  const { expression } = result;
  const bound = { params: dataOf(params ?? {}, 'params'), now: timestampOf(NOW) };
  return (facts) => {
    const found = expression.run({ ...bound, asset: dataOf(facts) });
    const isTexts = Array.isArray(found) && found.every((each) => typeof each === 'string');
    return isTexts ? found.filter((path) => path !== '') : null;
  };
}

/** A sensor that read nothing: the tool alerts and says so, where we say that we do not know. */
const isUnread = ({ alertMessage }: Alert) => alertMessage.startsWith('Failed to analyze');

export function differenceOf(findings: readonly RuleFinding[], expected: readonly Alert[]): string | null {
  const unknown = findings.filter(({ verdict }) => verdict === 'unknown');
  const unread = expected.filter(isUnread);
  if (unknown.length !== unread.length)
    return unknown.length > unread.length
      ? `unknown: ${unknown.map((each) => ('why' in each ? `${each.object}: ${each.why}` : '')).join('; ')}`
      : `${unread.length} could not be analysed there, ${unknown.length} are unknown here`;
  const failing = findings.filter(({ verdict }) => verdict === 'fail').map(({ object }) => object);
  return differenceOfObjects(
    failing,
    expected.filter((alert) => !isUnread(alert)),
  );
}

function differenceOfObjects(failing: readonly string[], alerts: readonly Alert[]): string | null {
  const named = alerts.flatMap(({ object }) => object.map(({ kind, name }) => `${kind}/${name}`));
  if (named.length === 0 && failing.length === alerts.length) return null;
  const ours = sorted(failing);
  if (named.length === 0)
    return `${alerts.length} alerts there, here ${failing.length}: ${ours.join(', ') || 'none'}`;
  const theirs = sorted(named);
  if (ours.join() === theirs.join()) return null;
  return `alerts on ${theirs.join(', ')} there, here on ${ours.join(', ') || 'none'}`;
}

export function differenceOfPaths(
  findings: readonly RuleFinding[],
  expected: readonly Alert[],
): string | null {
  const failing = findings.filter((finding) => finding.verdict === 'fail');
  if (failing.some(({ paths }) => paths === null)) return 'the paths at fault are not known here';
  const theirs = pathsOf(expected);
  const ours = sorted(failing.flatMap(({ paths }) => paths ?? []));
  if (ours.join() === theirs.join()) return null;
  return `at ${theirs.join(', ')} there, here at ${ours.join(', ') || 'no path'}`;
}

export function pathsOf(alerts: readonly Alert[]): readonly string[] {
  return sorted(alerts.flatMap(({ failedPaths, reviewPaths }) => failedPaths ?? reviewPaths ?? []));
}

const sorted = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();
