/**
 * For a terminal: how each standard is doing, what fails, what to do first, and what the picture cannot see.
 * Everything that came from outside goes through `visible` before it is measured, clipped and painted.
 */
import { styleText } from 'node:util';
import type { Finding, Scan, ScanStandard, Severity } from '@macadam/core/figures/scan';
import {
  bar,
  changeCounts,
  count,
  counted,
  type FigureStanding,
  isShort,
  listed,
  share,
  standing,
  standings,
} from '../figures.ts';
import { pathAndLine } from '../place.ts';
import type { BlindSpot, Comparison, Format, NextStep, Report } from '../port.ts';
import { clip, columns, fit, visible, wrap } from '../text.ts';

/** Names of styles, not colours: the terminal's own palette decides, and nothing is said by colour alone. */
type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';
type Paint = (style: Style | readonly Style[], text: string) => string;

interface Page {
  readonly paint: Paint;
  readonly width: number;
}

const WIDTH = { least: 40, most: 120, otherwise: 100 };
const FAILING = 10;
const ACTIONS = 3;

const mark: Readonly<Record<FigureStanding, readonly [string, Style]>> = {
  failing: ['✗', 'red'],
  undecided: ['?', 'yellow'],
  met: ['✓', 'green'],
  empty: ['–', 'dim'],
};

const urgency: Readonly<Record<Severity, Style | readonly Style[]>> = {
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'dim',
};

export const format: Format = {
  id: 'table',
  description: 'For a terminal: figures, what to do first, and what cannot be seen.',
  mediaType: 'text/plain; charset=utf-8',
  render: (report, options) => {
    const page: Page = {
      width: Math.min(Math.max(options.width ?? WIDTH.otherwise, WIDTH.least), WIDTH.most),
      paint: (style, text) =>
        options.color ? styleText([style].flat(), text, { validateStream: false }) : text,
    };
    const sections = [
      head(report, page),
      ...pillars(report.scan.standards, page),
      comparison(report.comparison, page),
      failing(report.scan, page),
      actions(report.actions, page),
      blindSpots(report.blindSpots, page),
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
  for (const source of scan.sources) lines.push(paint('dim', clip(sourceLine(source), width)));
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

function pillars(standards: readonly ScanStandard[], page: Page): string[][] {
  const groups = Map.groupBy(standards, (each) => each.pillar);
  return [...groups].map(([pillar, members], index) => [
    heading(pillar, index === 0 ? page : { ...page, labels: false }),
    ...members.flatMap((each) => standardLines(each, page)),
  ]);
}

const NUMBER = 8;
const SHARE = 30;
const BAR = 12;

/** Room for the title beside the figures, or null where they need a line of their own. */
function titleWidth(width: number): number | null {
  const left = width - 2 - 3 * NUMBER - 2 - SHARE - (width >= 108 ? BAR + 2 : 0);
  return left >= 22 ? left : null;
}

function heading(pillar: string, { paint, width, labels = true }: Page & { labels?: boolean }): string {
  const room = titleWidth(width);
  const name = visible(pillar).toUpperCase();
  if (room === null || !labels) return paint('bold', clip(name, width));
  const labelled = ['pass', 'fail', 'unknown'].map((label) => fit(label, NUMBER, 'end')).join('');
  return `${paint('bold', fit(name, room + 2))}${paint('dim', `${labelled}  share`)}`;
}

function standardLines(standard: ScanStandard, { paint, width }: Page): string[] {
  const [sign, colour] = mark[standing(standard)];
  const number = (value: number, style: Style): string =>
    paint(value === 0 ? 'dim' : style, fit(count(value), NUMBER, 'end'));
  const numbers = `${number(standard.pass, 'green')}${number(standard.fail, 'red')}${number(standard.unknown, 'yellow')}`;
  const room = titleWidth(width);
  const title = visible(standard.title);
  const [first = '', ...rest] = wrap(title, room ?? width - 2);
  const shown = `${paint(colour, sign)} ${fit(first, room ?? width - 2)}`;
  const below = rest.map((line) => `  ${line}`);
  const portion = standard.scope === 0 ? paint('dim', share(standard)) : share(standard);
  const excepted = standard.excepted === 0 ? [] : [paint('dim', `  ${exceptedText(standard)}`)];
  const short = isShort(standard.containers)
    ? [paint('yellow', clip(`  ${listed(standard.containers)}`, width))]
    : [];
  const apart = [...short, ...placeLines(standard, { paint, width })];
  if (room === null) {
    const parts = [
      `${count(standard.pass)} pass`,
      `${count(standard.fail)} fail`,
      `${count(standard.unknown)} unknown`,
    ];
    return [
      shown.trimEnd(),
      ...below,
      clip(`  ${parts.join(', ')}`, width),
      `  ${portion}`,
      ...excepted,
      ...apart,
    ];
  }
  const drawing = width >= 108 ? `  ${drawBar(standard, paint)}` : '';
  return [`${shown}${numbers}${drawing}  ${portion}`, ...below, ...excepted, ...apart];
}

/** The figures by place, each counted apart; nothing where all of it is product. */
function placeLines({ places = [] }: ScanStandard, { paint, width }: Page): string[] {
  const shown = places.filter(({ scope }) => scope > 0);
  if (shown.every(({ place }) => place === 'product')) return [];
  const room = titleWidth(width);
  return shown.map((one) => {
    const name = visible(one.place ?? 'place not known');
    const portion = share(one);
    if (room === null) {
      const numbers = `${count(one.pass)} pass, ${count(one.fail)} fail, ${count(one.unknown)} unknown`;
      return paint('dim', clip(`    ${name}: ${numbers}; ${portion}`, width));
    }
    const numbers = [one.pass, one.fail, one.unknown]
      .map((value) => fit(count(value), NUMBER, 'end'))
      .join('');
    const bar = width >= 108 ? ' '.repeat(BAR + 2) : '';
    return paint('dim', `    ${fit(name, room - 2)}${numbers}${bar}  ${portion}`);
  });
}

function exceptedText({ excepted, adjustedAtLeast, scope, pass }: ScanStandard): string {
  const adjusted =
    adjustedAtLeast === null ? '' : `; adjusted, at least ${count(pass + excepted)} of ${count(scope)}`;
  return `${counted(excepted, 'failure')} under an exception${adjusted}`;
}

function drawBar(standard: ScanStandard, paint: Paint): string {
  const cells = bar(standard, BAR);
  if (cells === null) return paint('dim', '·'.repeat(BAR));
  return [
    paint('green', '█'.repeat(cells.met)),
    paint('yellow', '▒'.repeat(cells.open)),
    paint('red', '░'.repeat(cells.unmet)),
  ].join('');
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
    ...shown,
  ];
}

const rank: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

function failing({ findings }: Scan, { paint, width }: Page): string[] {
  const fails = findings.filter((each) => each.verdict === 'fail' && each.exception === undefined);
  if (fails.length === 0) return [];
  const worst = fails.toSorted((a, b) => rank.indexOf(a.severity) - rank.indexOf(b.severity));
  const lines = worst
    .slice(0, FAILING)
    .flatMap((each) => [
      clip(`  ${placeOf(each)}`, width),
      ...reasonLines(each).map((line) => paint('dim', clip(`    ${line}`, width))),
    ]);
  const more = fails.length - FAILING;
  if (more > 0)
    lines.push(paint('dim', `  and ${count(more)} more: --format json, csv or html has them all`));
  return [paint('bold', `FAILING ${count(fails.length)}`), ...lines];
}

/** One line a reason, so that none hides behind the first; each other one begins with its own first place. */
function reasonLines({ message, standard, reasons = [], evidence }: Finding): string[] {
  const [first, ...others] = reasons;
  return [
    `${visible(first?.message ?? message)} (${standard})`,
    ...others.map(({ id, message: said }) => {
      const at = evidence.find(({ reason, location }) => reason === id && location)?.location;
      return `also${at ? ` ${visible(pathAndLine(at))}` : ''}: ${visible(said)}`;
    }),
  ];
}

function placeOf({ asset, location }: Finding): string {
  const name = visible(asset.name);
  if (location === null) return name;
  const place = visible(pathAndLine(location));
  // A pipeline is named after the file that it stands in.
  if (asset.name === location.path) return place;
  return asset.name.endsWith(`/${location.path}`)
    ? visible(pathAndLine({ ...location, path: asset.name }))
    : `${name}  ${place}`;
}

function actions(all: readonly NextStep[], { paint, width }: Page): string[] {
  if (all.length === 0) return [];
  const lines = all.slice(0, ACTIONS).flatMap((action, index) => {
    const title = `${visible(action.title)} · ${counted(action.failures, 'failure')}`;
    const label = action.severity.toUpperCase();
    const where = [...new Set([action.where, action.place])].map(visible).join('  ');
    const detail = action.first === null ? '' : `  ${visible(action.first.text)}`;
    const owner = action.owner === null ? 'nobody is known to own it' : `owner ${visible(action.owner)}`;
    return [
      `  ${index + 1} ${paint(urgency[action.severity], label)} ${clip(title, width - 5 - label.length)}`,
      clip(`    ${where}${detail}`, width),
      paint('dim', clip(`    ${owner}`, width)),
      // Never clipped: a command that lost its end is another command.
      `    ${paint('cyan', visible(action.command))}`,
    ];
  });
  return [paint('bold', 'DO FIRST'), ...lines];
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

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
