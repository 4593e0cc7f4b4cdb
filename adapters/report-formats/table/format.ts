/**
 * For a terminal: what fails and where, what to do, what the picture cannot see, and how each standard is doing.
 * Everything that came from outside goes through `visible` before it is measured, clipped and painted.
 */
import { styleText } from 'node:util';
import type { Scan, ScanStandard } from '@macadam/core/figures/scan';
import { worstFirst } from '@macadam/core/figures/worst';
import { changeCounts, count, counted, leftOutLine, listed, oldClonesLine, standings } from '../figures.ts';
import type { BlindSpot, Comparison, Format, Report } from '../port.ts';
import { clip, columns, visible, wrap } from '../text.ts';
import { failing } from './failing.ts';
import { figures } from './figures.ts';
import type { Page } from './page.ts';

const WIDTH = { least: 40, most: 120, otherwise: 100 };

export const format: Format = {
  id: 'table',
  description: 'For a terminal: figures, what to do first, and what cannot be seen.',
  mediaType: 'text/plain; charset=utf-8',
  code: 'worst',
  render: (report, options) => {
    const page: Page = {
      terminal: options.color,
      width: Math.min(Math.max(options.width ?? WIDTH.otherwise, WIDTH.least), WIDTH.most),
      paint: (style, text) =>
        options.color ? styleText([style].flat(), text, { validateStream: false }) : text,
    };
    const sections = [
      head(report, page),
      ...failing(report, page),
      comparison(report.comparison, page),
      blindSpots(report.blindSpots, page),
      ...figures(report.scan.standards, page),
      foot(report, page),
    ];
    const lines = sections.filter((section) => section.length > 0).flatMap((section) => [...section, '']);
    return `${lines.slice(0, -1).join('\n')}\n`;
  },
};

function head({ scan, title }: Report, { paint, width }: Page): string[] {
  const when = `${scan.asOf.slice(0, 16).replace('T', ' ')} UTC`;
  const name = clip(visible(title), width - 12 - when.length);
  const gap = ' '.repeat(Math.max(1, width - 10 - columns(name) - when.length));
  const seen = Object.entries(scan.assets).map(([kind, number]) => counted(number, visible(kind)));
  const assets = seen.length === 0 ? 'no assets' : seen.join(', ');
  const lines = [
    `${paint('bold', 'Macadam')}${paint('dim', ' · ')}${paint('bold', name)}${gap}${paint('dim', when)}`,
  ];
  lines.push(...wrap(`${assets}. ${sentence(standings(scan.standards))}.`, width));
  const least = leastListed(scan.standards);
  if (least !== '') lines.push(paint('dim', clip(least, width)));
  const old = oldClonesLine(scan);
  if (old !== '') lines.push(...wrap(visible(old), width).map((line) => paint('yellow', line)));
  for (const one of scan.leftOut ?? [])
    lines.push(...wrap(visible(leftOutLine(one)), width).map((line) => paint('yellow', line)));
  for (const source of scan.sources) lines.push(paint('dim', clip(sourceLine(source), width)));
  if (seen.length === 0) lines.push(...whyNothing(scan, width).map((line) => paint('yellow', line)));
  return lines;
}

/** The shortest of the figures that stand beside the shares: where all containers were listed, it is all that is to be said. */
function leastListed(standards: readonly ScanStandard[]): string {
  const shares = standards.flatMap(({ containers }) => containers ?? []);
  const [least] = shares.toSorted((a, b) => a.whole / a.total - b.whole / b.total || b.total - a.total);
  return listed(least);
}

function sourceLine({ id, status, witness, problems }: Scan['sources'][number]): string {
  const population =
    witness === null
      ? 'population unconfirmed'
      : `population confirmed by ${visible(witness.id)}: ${count(witness.count)}`;
  const trouble = problems.length === 0 ? 'no problems' : counted(problems.length, 'problem');
  return `${visible(id)} ${status}, ${population}, ${trouble}`;
}

/** Problems that are told where nothing was seen. */
const WHY = 3;

/** A picture of nothing has a cause, and it is the one thing to know. */
function whyNothing({ sources }: Scan, width: number): string[] {
  const problems = sources.flatMap((source) => source.problems);
  const shown = problems.slice(0, WHY).map(({ message, remedy }) => {
    const how = remedy === undefined ? '' : `; ${remedy}`;
    return visible(`${message}${how}`);
  });
  if (problems.length > WHY)
    shown.push(`and ${count(problems.length - WHY)} more: --format json has them all`);
  return shown.flatMap((text) => wrap(text, width));
}

const CHANGES = 10;

function comparison(compared: Comparison | null, { paint, width }: Page): string[] {
  if (compared === null) return [];
  const shown = compared.changes
    .slice(0, CHANGES)
    .map(({ asset, standard, from, to, cause }) =>
      paint('dim', clip(`  ${cause}: ${visible(asset.name)}, ${from} → ${to} (${standard})`, width)),
    );
  const more = compared.changes.length - shown.length;
  if (more > 0) shown.push(paint('dim', `  and ${count(more)} more changes: --format json has them all`));
  return [
    paint('bold', `SINCE ${visible(compared.since.slice(0, 10))}`),
    ...wrap(`${changeCounts(compared).join(', ')}`, width - 2).map((line) => `  ${line}`),
    ...(compared.notes ?? []).flatMap((note) => wrap(visible(note), width - 2).map((line) => `  ${line}`)),
    ...shown,
  ];
}

function blindSpots(all: readonly BlindSpot[], { paint, width }: Page): string[] {
  if (all.length === 0) return [];
  const lines = all.flatMap(({ what, why, remedy, assets, standards }) => {
    const extent = assets > 0 ? [counted(assets, 'asset')] : [];
    if (standards.length > 0) extent.push(counted(standards.length, 'standard'));
    const size = extent.length > 0 ? ` (${extent.join(', ')})` : '';
    const text = wrap(`${visible(what)}${size}: ${visible(why)}`, width - 4);
    const how = remedy === null ? [] : wrap(visible(remedy), width - 6);
    return [
      ...text.map((line, index) => `  ${index === 0 ? paint('yellow', '?') : ' '} ${line}`),
      ...how.map((line, index) => `    ${index === 0 ? '→' : ' '} ${line}`),
    ];
  });
  return [paint('bold', 'WHAT THIS PICTURE CANNOT SEE'), ...lines];
}

/** A terminal shows the end first: what fails, and where to begin. */
function foot({ scan, actions }: Report, { paint, width }: Page): string[] {
  const failures = worstFirst(scan.findings);
  if (failures.length === 0) return [];
  const standards = new Set(failures.map(({ standard }) => standard));
  const said = `${counted(standards.size, 'standard')} ${standards.size === 1 ? 'fails' : 'fail'}, with ${counted(failures.length, 'failure')}: the worst stand above, and all in --format html.`;
  const command = actions[0]?.command ?? '';
  return [
    ...wrap(said, width),
    ...(command === '' ? [] : [`Begin with: ${paint('cyan', visible(command))}`]),
  ];
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
