/** For a comment on a pull request or the summary of a job: short, and safe to post with a token that may write. */
import type { ScanStandard } from '@macadam/core/figures/scan';
import {
  changeCounts,
  count,
  counted,
  type FigureStanding,
  leftOutLine,
  listed,
  measureText,
  oldClonesLine,
  share,
  standing,
  standings,
} from '../figures.ts';
import { pathAndLine } from '../place.ts';
import type { BlindSpot, Format, NextStep, Report } from '../port.ts';
import { code, plain } from './text.ts';

const mark: Readonly<Record<FigureStanding, string>> = {
  failing: '❌',
  undecided: '❔',
  met: '✅',
  empty: '➖',
};
const order: readonly FigureStanding[] = ['failing', 'undecided', 'met', 'empty'];
/** A comment may have 65,536 characters; these keep it far below, and readable. */
const LIMIT = { standards: 40, listed: 10, actions: 3, blindSpots: 5 };

export const format: Format = {
  id: 'markdown',
  description: 'For a comment on a pull request or a job summary.',
  mediaType: 'text/markdown; charset=utf-8',
  render: (report) => {
    const { scan } = report;
    const sections = [
      [`### Macadam: ${code(report.title)}`, '', `${standings(scan.standards)}.`],
      oldClonesLine(scan) === '' ? [] : [`${plain(oldClonesLine(scan))}`],
      (scan.leftOut ?? []).slice(0, LIMIT.listed).map((one) => `- ${plain(leftOutLine(one))}`),
      since(report),
      table(scan.standards),
      actions(report.actions),
      blindSpots(report.blindSpots),
    ];
    return `${sections
      .filter((section) => section.length > 0)
      .map((section) => section.join('\n'))
      .join('\n\n')}\n`;
  },
};

function table(standards: readonly ScanStandard[]): string[] {
  const sorted = standards.toSorted((a, b) => order.indexOf(standing(a)) - order.indexOf(standing(b)));
  const rows = sorted.slice(0, LIMIT.standards).map((each) => {
    const cells = [
      mark[standing(each)],
      plain(each.title),
      count(each.fail),
      count(each.unknown),
      plain([share(each), measureText(each)].filter((one) => one !== null).join('; ')),
      listed(each.containers),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const more = standards.length - rows.length;
  return [
    '| | Standard | Fail | Unknown | Meet it | Of |',
    '|---|---|---:|---:|---|---|',
    ...rows,
    ...(more > 0 ? ['', `and ${counted(more, 'standard')} more.`] : []),
  ];
}

function since({ comparison, scan }: Report): string[] {
  if (comparison === null) return [];
  const fresh = scan.findings.filter((each) => comparison.new.includes(each.fingerprint));
  const lines = fresh.slice(0, LIMIT.listed).map(({ standard, asset, location, message }) => {
    const place = location === null ? '' : ` ${code(pathAndLine(location))}`;
    return `- ${code(asset.name)}${place}: ${code(message)} (${code(standard)})`;
  });
  const more = fresh.length - lines.length;
  return [
    `**Since ${plain(comparison.since.slice(0, 10))}**: ${changeCounts(comparison).join(', ')}.`,
    ...(comparison.notes ?? []).flatMap((note) => ['', plain(note)]),
    ...(lines.length > 0 ? [''] : []),
    ...lines,
    ...(more > 0 ? [`- and ${count(more)} more`] : []),
  ];
}

function actions(all: readonly NextStep[]): string[] {
  if (all.length === 0) return [];
  const lines = all
    .slice(0, LIMIT.actions)
    .map(({ title, severity, where, place, failures, owner, command }, index) => {
      const who = owner === null ? 'nobody is known to own it' : `owner ${code(owner)}`;
      return `${index + 1}. **${plain(title)}** (${severity}, ${counted(failures, 'failure')}) in ${code(where)} at ${code(place)}, ${who}: ${code(command)}`;
    });
  return ['**Do first**', '', ...lines];
}

function blindSpots(all: readonly BlindSpot[]): string[] {
  if (all.length === 0) return [];
  const lines = all.slice(0, LIMIT.blindSpots).map(({ what, why, remedy, assets }) => {
    const how = remedy === null ? '' : ` → ${code(remedy)}`;
    const extent = assets > 0 ? ` (${counted(assets, 'asset')})` : '';
    return `- ${code(what)}${extent}: ${code(why)}${how}`;
  });
  const more = all.length - lines.length;
  return [
    '**What this picture cannot see**',
    '',
    ...lines,
    ...(more > 0 ? [`- and ${count(more)} more`] : []),
  ];
}
