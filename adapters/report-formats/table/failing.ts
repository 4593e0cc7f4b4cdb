/** What fails: each standard by its id, how many, its two worst places with their code, and what to do. */
import type { Finding, ScanStandard, Severity } from '@macadam/core/figures/scan';
import { type FailingPlace, worstFirst, worstPlaces } from '@macadam/core/figures/worst';
import { count, counted } from '../figures.ts';
import { gravestFirst } from '../gravest.ts';
import { pathAndLine } from '../place.ts';
import type { NextStep, Report } from '../port.ts';
import { clip, visible, wrap } from '../text.ts';
import type { Page, Style } from './page.ts';

/** Places of each standard. */
const PLACES = 2;

const urgency: Readonly<Record<Severity, Style | readonly Style[]>> = {
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'dim',
};

/** A section for each failing standard, the gravest first, below a heading that counts them. */
export function failing({ scan, actions }: Report, page: Page): string[][] {
  const all = worstFirst(scan.findings);
  const known = new Map(scan.standards.map((standard) => [standard.id, standard]));
  const sections = gravestFirst(all).map(([id, findings]) => {
    const steps = actions.filter(({ standard }) => standard === id);
    return block({ id, findings, standard: known.get(id), steps }, page);
  });
  if (sections.length === 0) return [];
  const heading = `FAILING: ${counted(sections.length, 'standard')}, ${counted(all.length, 'failure')}`;
  const [first = [], ...rest] = sections;
  return [[page.paint('bold', heading), ...first], ...rest];
}

interface Block {
  readonly id: string;
  /** Worst first; at least one. */
  readonly findings: readonly Finding[];
  readonly standard: ScanStandard | undefined;
  readonly steps: readonly NextStep[];
}

function block({ id, findings, standard, steps }: Block, page: Page): string[] {
  const { paint, width } = page;
  const severity = findings[0]?.severity ?? 'low';
  const label = severity.toUpperCase();
  const kind = findings[0]?.asset.kind.replaceAll('-', ' ') ?? 'asset';
  const many =
    standard === undefined
      ? counted(findings.length, kind)
      : `${count(findings.length)} of ${counted(standard.scope, kind)}`;
  const places = worstPlaces(findings, PLACES);
  const shown = new Set(places.map(({ finding }) => finding)).size;
  const more = findings.length - shown;
  return [
    `${paint('red', '✗')} ${paint('bold', clip(id, width - label.length - many.length - 6))}  ${paint(urgency[severity], label)}  ${many}`,
    ...wrap(visible(standard?.title ?? ''), width - 2).map((line) => `  ${line}`),
    ...places.flatMap((place, index) => placeLines(place, places[index - 1], page)),
    ...(more > 0 ? [paint('dim', `    and ${count(more)} more`)] : []),
    ...todo(steps, page),
  ];
}

/** Where it is, the line of code there, and why it fails; a second place of one failure says only what it is. */
function placeLines(place: FailingPlace, before: FailingPlace | undefined, page: Page): string[] {
  const { paint, width } = page;
  const { finding, link, location, code, text } = place;
  const name = clip(placeOf(finding, location), width - 4);
  const line =
    code && location?.line !== undefined ? code.lines[location.line - code.from]?.trim() : undefined;
  const again = before?.finding === finding;
  // The line itself says what is wrong with it, where the failure was said above.
  const said = again ? (line ? [] : [visible(text)]) : reasonLines(finding);
  return [
    `    ${page.terminal && isLink(link) ? leading(name, link) : name}`,
    ...(page.terminal || !isLink(link) ? [] : [`      ${link}`]),
    ...(line ? [`      ${paint('dim', '│')} ${clip(visible(line), width - 8)}`] : []),
    ...said.map((one) => paint('dim', clip(`      ${one}`, width))),
  ];
}

/** Links are made by us alone; one with anything that acts is none. */
const isLink = (link: string | undefined): link is string =>
  link !== undefined && /^https?:\/\/[\x21-\x7e]+$/.test(link);

/** A text that leads to an address, as terminals take it (OSC 8). */
const leading = (text: string, link: string): string => `\u001b]8;;${link}\u001b\\${text}\u001b]8;;\u001b\\`;

/** One line a reason, so that none hides behind the first; each other one begins with its own first place. */
function reasonLines({ message, reasons = [], evidence }: Finding): string[] {
  const [first, ...others] = reasons;
  return [
    visible(first?.message ?? message),
    ...others.map(({ id, message: said }) => {
      const at = evidence.find(({ reason, location }) => reason === id && location)?.location;
      return `also${at ? ` ${visible(pathAndLine(at))}` : ''}: ${visible(said)}`;
    }),
  ];
}

function placeOf({ asset }: Finding, location: FailingPlace['location']): string {
  const name = visible(asset.name);
  if (location === null) return name;
  const place = visible(pathAndLine(location));
  // A pipeline is named after the file that it stands in.
  if (asset.name === location.path) return place;
  return asset.name.endsWith(`/${location.path}`)
    ? visible(pathAndLine({ ...location, path: asset.name }))
    : `${name}  ${place}`;
}

/** As many commands as places, each said once with those for whom it is. */
function todo(steps: readonly NextStep[], { paint, width }: Page): string[] {
  const commands = [...Map.groupBy(steps, ({ command }) => command)].slice(0, PLACES);
  return commands.flatMap(([command, [step]]) => {
    if (step === undefined || command === '') return [];
    const owner = step.owner === null ? 'nobody is known to own it' : `owner ${visible(step.owner)}`;
    return [
      // Never clipped: a command that lost its end is another command.
      `  → ${paint('cyan', visible(command))}`,
      paint('dim', clip(`    for ${visible(step.where)}: ${owner}`, width)),
    ];
  });
}
