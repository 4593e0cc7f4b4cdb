/**
 * How figures are written for people, once for every format. A share is an interval: its lower end is rounded
 * down and its upper end up, so that rounding only ever widens it, and nothing but all is written as 100 %.
 */
import { CHANGE_CAUSES, type ChangeCause, type Comparison } from '@macadam/core/figures/comparison';
import type { LeftOut, Scan, ScanStandard } from '@macadam/core/figures/scan';

/** Below this many assets counts lead, because a percentage of few suggests a precision that is not there. */
const COUNTS_LEAD_BELOW = 100;

/** Fractions come from divisions: what is this close to a whole step is that step. */
const SLACK = 1e-9;

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 asset`, `2 assets`, `3 repositories`. */
export function counted(value: number, noun: string): string {
  const plural = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** A fraction as a percentage that is never above it. Small ones get decimals before they become 0. */
export function percentDown(fraction: number): string {
  for (let decimals = 0; decimals <= 3; decimals++) {
    const scale = 10 ** decimals;
    // Below 1, even what is within the slack of it stays below 100 %.
    const hundred = 100 * scale - (fraction < 1 ? 1 : 0);
    const steps = Math.min(Math.floor(fraction * 100 * scale + SLACK), hundred);
    if (steps > 0 || fraction <= 0) return `${(steps / scale).toFixed(steps === 0 ? 0 : decimals)} %`;
  }
  return '0 %';
}

/** A fraction as a percentage that is never below it, except that only all is 100 %. */
export function percentUp(fraction: number): string {
  for (let decimals = 0; decimals <= 3; decimals++) {
    const scale = 10 ** decimals;
    const steps = Math.ceil(fraction * 100 * scale - SLACK);
    if (steps < 100 * scale || fraction >= 1)
      return `${(steps / scale).toFixed(fraction >= 1 ? 0 : decimals)} %`;
  }
  return '99.999 %';
}

type Figures = Pick<ScanStandard, 'scope' | 'pass' | 'unknown' | 'atLeast' | 'atMost'> & Partial<Listed>;

/** `at least 62 %, at most 91 %`; under a hundred assets `at least 12, at most 15 of 40`; never a share of nothing. */
export function share(figures: Figures): string {
  const { scope, pass, unknown, atLeast, atMost } = figures;
  if (scope === 0 || atLeast === null || atMost === null)
    return isShort(figures.containers) ? 'nothing known in scope' : 'nothing in scope';
  // A weighted measure's share is not one of assets, so their counts cannot stand for it.
  const ofAssets = same(atLeast, pass / scope) && same(atMost, (pass + unknown) / scope);
  if (scope < COUNTS_LEAD_BELOW && ofAssets) {
    if (unknown === 0) return `${count(pass)} of ${count(scope)}`;
    return `at least ${count(pass)}, at most ${count(pass + unknown)} of ${count(scope)}`;
  }
  return interval(atLeast, atMost);
}

/** Nothing is unknown. */
export const isExact = (atLeast: number, atMost: number): boolean => same(atLeast, atMost);

/** `at least 62 %, at most 91 %`; one number where nothing is unknown, since rounding to both sides would make two of it. */
export const interval = (atLeast: number, atMost: number): string =>
  isExact(atLeast, atMost)
    ? percentDown(atLeast)
    : `at least ${percentDown(atLeast)}, at most ${percentUp(atMost)}`;

/** `at least 73 %, at most 79 % of tokens a day`, with what stands beside it; null where assets are counted. */
export function measureText({ measure }: Pick<ScanStandard, 'measure'>): string | null {
  if (measure === null) return null;
  const { kind, unit, atLeast, atMost, tally, pending, medianSeconds } = measure;
  const blind = tally.blindPass + tally.blindFail + tally.blindUnknown;
  const said =
    kind === 'elimination' && tally.pass + tally.fail + tally.unknown === 0
      ? 'what was eliminated only a history can tell'
      : atLeast === null || atMost === null
        ? `nothing is counted of ${unit}`
        : `${interval(atLeast, atMost)} of ${unit}`;
  const beside = [
    ...(blind > 0 ? [`of ${counted(blind, 'asset')} nobody knows how many`] : []),
    ...(pending !== null && pending > 0 ? [`${count(pending)} pending`] : []),
    ...(medianSeconds !== null ? [`the middle one took ${lasting(medianSeconds)}`] : []),
  ];
  return [said, ...beside].join('; ');
}

/** `6 days`, `5 hours`: rounded up to whole ones. */
function lasting(duration: number): string {
  const hours = Math.ceil(duration / 3600);
  return hours < 48 ? counted(hours, 'hour') : counted(Math.ceil(hours / 24), 'day');
}

/** The part that nothing measured, or null when all was measured. */
export function unmeasured({
  scope,
  unknown,
  measured,
}: Pick<ScanStandard, 'scope' | 'unknown' | 'measured'>) {
  if (scope === 0 || measured === null || unknown === 0) return null;
  if (scope < COUNTS_LEAD_BELOW) return `${count(unknown)} unmeasured`;
  return `${percentUp(1 - measured)} unmeasured`;
}

/**
 * Cells of a bar of `width` cells: met, may be met, not met. Neither end touches a side that it does not reach:
 * one failure shows, as does one pass.
 */
export function bar(figures: Figures, width: number): { met: number; open: number; unmet: number } | null {
  const { atLeast, atMost } = figures;
  if (atLeast === null || atMost === null) return null;
  const met = Math.min(Math.floor(atLeast * width + SLACK), atLeast < 1 ? width - 1 : width);
  const end = Math.max(Math.ceil(atMost * width - SLACK), met);
  const upper = Math.min(end, atMost < 1 ? width - 1 : width);
  return { met, open: upper - met, unmet: width - upper };
}

export type FigureStanding = 'failing' | 'undecided' | 'met' | 'empty';

/** Where a standard stands: one failure makes it failing, whatever else is unknown; what may hide more is not met. */
export function standing({
  scope,
  fail,
  unknown,
  containers,
}: Pick<ScanStandard, 'scope' | 'fail' | 'unknown'> & Partial<Listed>): FigureStanding {
  const short = isShort(containers);
  if (scope === 0) return short ? 'undecided' : 'empty';
  if (fail > 0) return 'failing';
  return unknown > 0 || short ? 'undecided' : 'met';
}

type Listed = Pick<ScanStandard, 'containers'>;

/** Whether a container was not listed whole, so that there may be assets that nobody counts. */
export const isShort = (containers: Listed['containers'] | undefined): boolean =>
  containers !== null && containers !== undefined && containers.whole < containers.total;

/** `4 of 5 containers listed whole`: the figure beside every interval. Empty where no source lists such assets. */
export function listed(containers: Listed['containers'] | undefined): string {
  if (containers === null || containers === undefined) return '';
  const { whole, total } = containers;
  return `${count(whole)} of ${counted(total, 'container')} listed whole`;
}

/** `2 standards met, 3 failing, 1 undecided`: standards are counted, never pooled into one percentage. */
export function standings(standards: readonly ScanStandard[]): string {
  const groups = Map.groupBy(standards, standing);
  const of = (name: FigureStanding): number => groups.get(name)?.length ?? 0;
  const parts = [
    `${counted(of('met'), 'standard')} met`,
    `${count(of('failing'))} failing`,
    `${count(of('undecided'))} undecided`,
  ];
  if (of('empty') > 0) parts.push(`${count(of('empty'))} with nothing in scope`);
  return parts.join(', ');
}

function same(left: number, right: number): boolean {
  return Math.abs(left - right) < SLACK;
}

/** Causes of changes as people read them, with how many have each; only those that there are. */
export function changeCounts({ counts, stillFailing }: Comparison): readonly string[] {
  const words: Readonly<Record<ChangeCause, string>> = {
    fixed: 'fixed',
    regressed: 'newly failing',
    added: 'added',
    left: 'gone',
    'became-unknown': 'became unknown',
    'became-known': 'became known',
    'not-looked-at': 'not looked at',
    'newly-judged': 'of new standards',
    tightened: 'tightened by definition',
    relaxed: 'relaxed by definition',
    'out-of-scope': 'out of scope now',
    'into-scope': 'in scope now',
    excepted: 'excepted',
    'exception-ended': 'whose exception ended',
  };
  const parts = CHANGE_CAUSES.filter((cause) => counts[cause] > 0).map(
    (cause) => `${count(counts[cause])} ${words[cause]}`,
  );
  return [...(parts.length > 0 ? parts : ['nothing changed']), `${count(stillFailing.length)} still failing`];
}

/** Which clones may be behind what they are clones of, and how to bring them up to date; empty where none is old. */
export function oldClonesLine({ sources, collectedAt }: Scan): string {
  const clones = sources.flatMap(({ oldClones }) => oldClones ?? []);
  const [oldest] = clones.toSorted((a, b) => (a.fetchedAt < b.fetchedAt ? -1 : 1));
  if (oldest === undefined) return '';
  const { name, fetchedAt, command } = oldest;
  const days = Math.floor((Date.parse(collectedAt) - Date.parse(fetchedAt)) / 86_400_000);
  const when = `fetched last on ${fetchedAt.slice(0, 10)}, ${counted(days, 'day')} ago`;
  if (clones.length === 1)
    return `${name} was ${when}, and is judged as it is here; its host may be ahead of it. For today's state: ${command}`;
  return `${counted(clones.length, 'clone')} were not fetched for long, and are judged as they are here; their hosts may be ahead of them. The oldest, ${name}, was ${when}. For today's state, fetch each: ${command}`;
}

/** What is left out for the company, as every output says it. */
export function leftOutLine({ pattern, stated, approver, reason, until, files, unknown }: LeftOut): string {
  return `Left out until ${until} by ${approver}: ${counted(files, 'file')} (${pattern}), ${counted(unknown, 'verdict')} unknown because of it. ${reason} (${stated})`;
}
