/** Verbs of `standards` that say what they did: to a cohort, and to the people who obey them. */

import { interval } from '@macadam/adapters/report-formats/figures';
import type { MeasureTally } from '@macadam/core/figures/measure';
import { EXIT } from '../exit.ts';
import type { ServerOptions } from '../server.ts';
import { serverFor } from '../server.ts';
import { deliverAnswer } from '../terminal.ts';
import { type Column, type ListingOptions, printList, tableText } from './listing.ts';

interface ToilRow {
  readonly standard: string;
  readonly items: number;
  readonly fixed: number;
  readonly medianSeconds: number | null;
  readonly itemsPerEngineer: number | null;
  readonly disputes: { readonly opened: number; readonly upheld: number };
  readonly exceptions: { readonly asked: number };
  readonly concerns: readonly string[];
  readonly gateBlocks: number | null;
  readonly gateMeanMilliseconds: number | null;
  readonly opinions: {
    readonly answers: {
      readonly 'worth-it': number;
      readonly 'too-costly': number;
      readonly wrong: number;
    } | null;
  };
}

const days = (seconds: number | null): string =>
  seconds === null ? '–' : `${(seconds / 86_400).toFixed(1)} d`;

const TOIL: readonly Column<ToilRow>[] = [
  { title: 'standard', of: ({ standard }) => standard },
  { title: 'items', of: ({ items }) => String(items) },
  {
    title: 'per engineer',
    of: ({ itemsPerEngineer }) => (itemsPerEngineer === null ? 'cannot tell' : itemsPerEngineer.toFixed(1)),
  },
  { title: 'fixed', of: ({ fixed }) => String(fixed) },
  { title: 'median', of: ({ medianSeconds }) => days(medianSeconds) },
  { title: 'disputes upheld', of: ({ disputes }) => `${disputes.upheld} of ${disputes.opened}` },
  { title: 'exceptions asked', of: ({ exceptions }) => String(exceptions.asked) },
  {
    title: 'gate blocks',
    of: ({ gateBlocks, gateMeanMilliseconds }) =>
      gateBlocks === null ? '–' : `${gateBlocks}, ${((gateMeanMilliseconds ?? 0) / 1000).toFixed(1)} s`,
  },
  {
    title: 'worth it',
    of: ({ opinions: { answers } }) =>
      answers === null
        ? '–'
        : `${answers['worth-it']} of ${answers['worth-it'] + answers['too-costly'] + answers.wrong}`,
  },
  { title: 'concerns', of: ({ concerns }) => concerns.join(', ').replaceAll('-', ' ') },
];

export const listToil = (standard: string | undefined, options: ListingOptions): Promise<number> =>
  printList<ToilRow>({
    path: 'toil',
    query: { standard },
    options,
    columns: TOIL,
    what: 'standards',
  });

interface CohortRow {
  readonly asset: string;
  readonly from: string;
  readonly to: string;
}

const COHORT: readonly Column<CohortRow>[] = [
  { title: 'asset', of: ({ asset }) => asset },
  { title: 'was', of: ({ from }) => from },
  { title: 'is', of: ({ to }) => to },
];

export const listCohort = (
  standard: string,
  { from, to, ...options }: ListingOptions & { readonly from?: string; readonly to?: string },
): Promise<number> =>
  printList<CohortRow>({
    path: `standards/${encodeURIComponent(standard)}/cohort`,
    query: { from, to },
    options,
    columns: COHORT,
    what: 'changes of the cohort',
  });

interface Amounts {
  readonly standard: string;
  readonly unit: string;
  readonly from: string | null;
  readonly to: string;
  readonly teams:
    | readonly {
        readonly team: string;
        readonly tally: MeasureTally;
        readonly atLeast: number | null;
        readonly atMost: number | null;
      }[]
    | null;
  readonly causes:
    | readonly {
        readonly cell: string;
        readonly step: string;
        readonly changes: number;
        readonly moved: MeasureTally;
      }[]
    | null;
}

export interface AmountsOptions extends ServerOptions {
  readonly from?: string;
  readonly to?: string;
  readonly team?: string;
  readonly json?: boolean;
}

/** Exits 3 where nothing can be told of the amounts. */
export async function showAmounts(standard: string, options: AmountsOptions): Promise<number> {
  const { from, to, team } = options;
  const path = `standards/${encodeURIComponent(standard)}/amounts`;
  const answer = await serverFor(options).get<Amounts>(path, { from, to, team });
  deliverAnswer(options, answer, amountsText(answer));
  return answer.teams === null ? EXIT.unjudged : EXIT.ok;
}

interface UnitAnswer {
  readonly unit: { readonly id: string; readonly name: string } | null;
  readonly from: string | null;
  readonly to: string;
  readonly standards: readonly {
    readonly label: string;
    readonly now: Counts;
    readonly before: Counts | null;
    readonly unit: string | null;
    readonly causes: readonly { readonly cause: string; readonly changes: number }[];
    readonly amounts: {
      readonly now: { readonly tally: Counts };
      readonly before: { readonly tally: Counts } | null;
      readonly causes: readonly { readonly cell: string; readonly changes: number }[] | null;
    } | null;
  }[];
}

interface Counts {
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
}

export interface UnitOptions extends ServerOptions {
  readonly from?: string;
  readonly to?: string;
  readonly known?: boolean;
  readonly json?: boolean;
}

/** Of a unit of the organisation, or of the whole company. */
export async function showProgress(unit: string | undefined, options: UnitOptions): Promise<number> {
  const { from, to, known } = options;
  const asked = { unit, from, to, as: known ? 'known' : undefined };
  const answer = await serverFor(options).get<UnitAnswer>('progress', asked);
  deliverAnswer(options, answer, unitText(answer));
  return EXIT.ok;
}

interface UnitRow {
  readonly title: string;
  readonly now: Counts;
  readonly before: Counts | null;
  readonly why: string;
}

/** A row of assets, and one of what is weighed or eliminated. */
function unitRows({ label, unit, now, before, causes, amounts }: UnitAnswer['standards'][number]): UnitRow[] {
  const why = causes.map(({ cause, changes }) => `${changes} ${cause}`).join(', ');
  const assets: UnitRow = { title: label, now, before, why };
  if (amounts === null) return [assets];
  const own = amounts.causes
    ?.map(({ cell, changes }) => `${changes} ${cell.replaceAll('-', ' ')}`)
    .join(', ');
  const weighed: UnitRow = {
    title: `  in ${unit}`,
    now: amounts.now.tally,
    before: amounts.before?.tally ?? null,
    why: own ?? 'cannot tell, amounts were not written at the earlier scan',
  };
  return [assets, weighed];
}

function unitText({ unit, from, to, standards }: UnitAnswer): string {
  const amount =
    (of: keyof Counts) =>
    ({ now, before }: UnitRow) =>
      before === null ? String(now[of]) : `${now[of]} (${moved(now[of] - before[of])})`;
  const table = tableText(
    { items: standards.flatMap(unitRows), more: false },
    [
      { title: 'standard', of: ({ title }) => title },
      { title: 'pass', of: amount('pass') },
      { title: 'fail', of: amount('fail') },
      { title: 'unknown', of: amount('unknown') },
      { title: 'why', of: ({ why }) => why },
    ],
    'standards',
  );
  return `${unit?.name ?? 'the whole company'}, ${from === null ? '' : `${from} to `}${to}\n\n${table}`;
}

const shareText = (atLeast: number | null, atMost: number | null): string =>
  atLeast === null || atMost === null ? 'nothing in scope' : interval(atLeast, atMost);
const moved = (number: number): string => (number > 0 ? `+${number}` : String(number));
const blindOf = ({ blindPass, blindFail, blindUnknown }: MeasureTally): number =>
  blindPass + blindFail + blindUnknown;

function amountsText({ standard, unit, from, to, teams, causes }: Amounts): string {
  const parts = [
    `${standard}: ${unit}, ${from === null ? '' : `${from} to `}${to}`,
    teams === null
      ? 'by team: cannot tell, amounts were not written at that scan; name a later one with --to'
      : tableText(
          { items: teams, more: false },
          [
            { title: 'team', of: (one) => one.team },
            { title: 'share', of: ({ atLeast, atMost }) => shareText(atLeast, atMost) },
            { title: 'pass', of: ({ tally }) => String(tally.pass) },
            { title: 'fail', of: ({ tally }) => String(tally.fail) },
            { title: 'unknown', of: ({ tally }) => String(tally.unknown) },
            { title: 'assets of unknown amount', of: ({ tally }) => String(blindOf(tally)) },
          ],
          'teams',
        ),
    causes === null
      ? 'causes: cannot tell, amounts were not written at the earlier scan, or the standard counts none'
      : tableText(
          { items: causes, more: false },
          [
            { title: 'cause', of: ({ cell }) => cell.replaceAll('-', ' ') },
            { title: 'step', of: ({ step }) => step },
            { title: 'assets', of: ({ changes }) => String(changes) },
            { title: 'pass', of: (one) => moved(one.moved.pass) },
            { title: 'fail', of: (one) => moved(one.moved.fail) },
            { title: 'unknown', of: (one) => moved(one.moved.unknown) },
          ],
          'causes: nothing moved',
        ),
  ];
  return parts.join('\n\n');
}
