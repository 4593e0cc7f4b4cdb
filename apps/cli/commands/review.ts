/** `macadam review`: what leaders saw and decided, frozen by a server and fetched from it. */

import { readFileSync } from 'node:fs';
import type { ReviewRecord } from '@macadam/adapters/decisions/reviews';
import { interval } from '@macadam/adapters/report-formats/figures';
import { EXIT } from '../exit.ts';
import { type ServerOptions, serverFor } from '../server.ts';
import { deliver, deliverAnswer, UsageError } from '../terminal.ts';
import { type Column, type ListingOptions, printList, recordText } from './listing.ts';

interface Counts {
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
}

interface ShownReview extends ReviewRecord {
  readonly attendance: readonly { readonly person: string; readonly present: boolean }[];
  readonly decisions: readonly { readonly question: string; readonly decided: string | null }[];
  readonly actions: readonly {
    readonly id: string;
    readonly what: string;
    readonly owner: string;
    readonly due: string;
    readonly state: string;
  }[];
  readonly figures: readonly (Counts & {
    readonly label: string;
    readonly status: string;
    readonly atLeast: number | null;
    readonly atMost: number | null;
    readonly measure: {
      readonly unit: string;
      readonly atLeast: number | null;
      readonly atMost: number | null;
    } | null;
    readonly since: Counts | null;
  })[];
}

const COLUMNS: readonly Column<ReviewRecord>[] = [
  { title: 'review', of: ({ number }) => String(number) },
  { title: 'title', of: ({ title }) => title },
  { title: 'figures of', of: ({ at }) => at.slice(0, 16) },
  { title: 'frozen', of: ({ frozenAt, frozenBy }) => `${frozenAt.slice(0, 10)} by ${frozenBy}` },
];

export function listReviews(options: ListingOptions): Promise<number> {
  return printList<ReviewRecord>({
    path: 'reviews',
    query: {},
    options,
    columns: COLUMNS,
    what: 'reviews',
  });
}

interface Seat {
  readonly of: string;
  readonly for: string;
  readonly name: string | null;
}

export const listCouncil = (options: ListingOptions): Promise<number> =>
  printList<Seat>({
    path: 'council',
    query: {},
    options,
    columns: [
      { title: 'for', of: (one) => one.for },
      { title: 'kind', of: (one) => one.of },
      { title: 'who', of: ({ name }) => name ?? 'nobody' },
    ],
    what: 'seats',
  });

/** In a path of the server. Throws `UsageError` for what is no number. */
function pathOf(number: string): string {
  if (/^[1-9]\d{0,5}$/.test(number)) return `reviews/${number}`;
  throw new UsageError(`\`${number}\` is not the number of a review; \`macadam review list\` lists them`);
}

export interface ReviewShowOptions extends ServerOptions {
  readonly json?: boolean;
  readonly out?: string;
}

/** With `--out` the file that was frozen, byte by byte. */
export async function showReview(number: string, options: ReviewShowOptions): Promise<number> {
  const server = serverFor(options);
  const path = pathOf(number);
  if (options.out !== undefined) {
    const file = await server.file(`${path}/file`);
    deliver(file.toString(), options.out);
    return EXIT.ok;
  }
  const review = await server.get<ShownReview>(path);
  deliverAnswer(options, review, textOf(review));
  return EXIT.ok;
}

function textOf(review: ShownReview): string {
  const { attendance, decisions, actions, figures } = review;
  const present = attendance.filter((one) => one.present).map(({ person }) => person);
  const rows: [string, string][] = [
    ['figures of', review.at],
    ['frozen', `${review.frozenAt} by ${review.frozenBy}`],
    ['seal', review.digest],
    ['key', review.key ?? 'not signed'],
    ['present', present.join(', ') || 'nobody was written down'],
    ...figures.map((one): [string, string] => [one.label, figureText(one)]),
    ...decisions.map(({ question, decided }): [string, string] => [
      'decision',
      `${question} ${decided ?? 'It is open.'}`,
    ]),
    ...actions.map(({ id, what, owner, due, state }): [string, string] => [
      `action ${id}`,
      `${what}, ${owner}, by ${due}: ${state}`,
    ]),
  ];
  return recordText(`${review.number} ${review.title}`, rows);
}

function figureText({ measure, ...figure }: ShownReview['figures'][number]): string {
  const { status, pass, fail, unknown, since } = figure;
  const { atLeast, atMost } = measure ?? figure;
  const of = measure === null ? '' : ` of ${measure.unit}`;
  const share =
    atLeast === null || atMost === null ? 'nothing in scope' : `${interval(atLeast, atMost)}${of}`;
  const moved =
    since === null
      ? ''
      : `; since the last review ${signed(since.pass)} pass, ${signed(since.fail)} fail, ${signed(since.unknown)} unknown`;
  return `${status}: ${share} (${pass} pass, ${fail} fail, ${unknown} unknown)${moved}`;
}

const signed = (count: number): string => (count > 0 ? `+${count}` : String(count));

export interface FreezeOptions extends ServerOptions {
  readonly json?: boolean;
  readonly title: string;
  readonly minutes?: string;
}

/** `minutes`: a file of JSON with attendance, decisions, actions and outcomes. */
export async function freezeReview(options: FreezeOptions): Promise<number> {
  const { title, minutes } = options;
  const body = { ...(minutes !== undefined && minutesIn(minutes)), title };
  const made = await serverFor(options).post<ReviewRecord>('reviews', body, undefined, true);
  const said = `review ${made.number} is frozen: seal ${made.digest}`;
  deliverAnswer(options, made, said);
  return EXIT.ok;
}

function minutesIn(file: string): object {
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read;
  } catch (error) {
    throw new UsageError(`--minutes: \`${file}\` cannot be read as JSON (${(error as Error).message})`);
  }
  throw new UsageError(
    `--minutes: \`${file}\` holds no object; write {"attendance": [], "decisions": [], "actions": [], "outcomes": []}`,
  );
}
