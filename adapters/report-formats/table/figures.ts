/** How each standard is doing: one line each where there is room, by pillar. */
import type { ScanStandard } from '@macadam/core/figures/scan';
import {
  bar,
  count,
  counted,
  type FigureStanding,
  isShort,
  listed,
  measureText,
  share,
  standing,
} from '../figures.ts';
import { clip, columns, fit, visible, wrap } from '../text.ts';
import type { Page, Style } from './page.ts';

const mark: Readonly<Record<FigureStanding, readonly [string, Style]>> = {
  failing: ['✗', 'red'],
  undecided: ['?', 'yellow'],
  met: ['✓', 'green'],
  empty: ['–', 'dim'],
};

export function figures(standards: readonly ScanStandard[], page: Page): string[][] {
  const groups = Map.groupBy(standards, (each) => each.pillar);
  return [...groups].map(([pillar, members], index) => [
    ...(index === 0 ? [page.paint('bold', clip('HOW EACH STANDARD IS DOING', page.width))] : []),
    heading(pillar, index === 0, page),
    ...members.flatMap((each) => standardLines(each, page)),
    ...footnotes(members, page),
  ]);
}

const NUMBER = 8;
const SHARE = 30;
const BAR = 12;

/** Room for the id beside the figures, or null where they need a line of their own. */
function idWidth(width: number): number | null {
  const left = width - 2 - 3 * NUMBER - 2 - SHARE - (width >= 108 ? BAR + 2 : 0);
  return left >= 36 ? left : null;
}

function heading(pillar: string, labels: boolean, { paint, width }: Page): string {
  const room = idWidth(width);
  const name = visible(pillar).toUpperCase();
  if (room === null || !labels) return paint('bold', clip(name, width));
  const labelled = ['pass', 'fail', 'unknown'].map((label) => fit(label, NUMBER, 'end')).join('');
  return `${paint('bold', fit(name, room + 2))}${paint('dim', `${labelled}  share`)}`;
}

function standardLines(standard: ScanStandard, page: Page): string[] {
  const { paint, width } = page;
  const [sign, colour] = mark[standing(standard)];
  const room = idWidth(width);
  const id = visible(standard.id);
  const portion = share(standard);
  const star = isShort(standard.containers) ? paint('yellow', MORE) : '';
  const excepted = standard.excepted === 0 ? [] : [paint('dim', `  ${exceptedText(standard)}`)];
  if (room === null) {
    const numbers = `${count(standard.pass)} pass, ${count(standard.fail)} fail, ${count(standard.unknown)} unknown`;
    const figures = standard.scope === 0 ? portion : `${numbers}: ${portion}`;
    return [
      `${paint(colour, sign)} ${clip(id, width - 2 - MORE.length)}${star}`,
      ...wrap(figures, width - 4).map((line) => `    ${line}`),
      ...measureLines(standard, page),
      ...excepted,
      ...placeLines(standard, page),
    ];
  }
  const number = (value: number, style: Style): string =>
    paint(value === 0 ? 'dim' : style, fit(count(value), NUMBER, 'end'));
  const numbers = `${number(standard.pass, 'green')}${number(standard.fail, 'red')}${number(standard.unknown, 'yellow')}`;
  const drawing = width >= 108 ? `  ${drawBar(standard, paint)}` : '';
  const shown = standard.scope === 0 ? paint('dim', portion) : portion;
  const clipped = clip(id, room - MORE.length);
  const name =
    star === '' ? fit(id, room) : `${clipped}${star}${' '.repeat(room - columns(clipped) - MORE.length)}`;
  return [
    `${paint(colour, sign)} ${name}${numbers}${drawing}  ${shown}`,
    ...measureLines(standard, page),
    ...excepted,
    ...placeLines(standard, page),
  ];
}

/** Beside a standard of which more may exist than was listed. */
const MORE = ' *';

/** What the mark means, once for all standards of which the same is true. */
function footnotes(standards: readonly ScanStandard[], { paint, width }: Page): string[] {
  const short = standards.filter(({ containers }) => isShort(containers));
  const alike = Map.groupBy(short, ({ containers }) => listed(containers));
  return [...alike].flatMap(([text, own]) => {
    const whose = alike.size === 1 ? '' : ` for ${own.map(({ id }) => id).join(', ')}`;
    const said = `* ${text}${whose}: there may be more than was counted, so the standard is not met`;
    return wrap(visible(said), width - 2).map((line) => paint('yellow', `  ${line}`));
  });
}

/** What it counts, where that is not assets. */
function measureLines(standard: ScanStandard, { paint, width }: Page): string[] {
  const text = measureText(standard);
  return text === null ? [] : wrap(visible(text), width - 4).map((line) => paint('dim', `    ${line}`));
}

/** The figures by place, each counted apart; nothing where all of it is product. */
function placeLines({ places = [] }: ScanStandard, { paint, width }: Page): string[] {
  const shown = places.filter(({ scope }) => scope > 0);
  if (shown.every(({ place }) => place === 'product')) return [];
  const room = idWidth(width);
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

function drawBar(standard: ScanStandard, paint: Page['paint']): string {
  const cells = bar(standard, BAR);
  if (cells === null) return paint('dim', '·'.repeat(BAR));
  return [
    paint('green', '█'.repeat(cells.met)),
    paint('yellow', '▒'.repeat(cells.open)),
    paint('red', '░'.repeat(cells.unmet)),
  ].join('');
}
