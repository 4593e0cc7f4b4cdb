/** `macadam review agenda`: what the next review is about, and which are due. */

import { visible } from '@macadam/adapters/report-formats/text';
import type { AgendaItem, ReviewDue } from '@macadam/core/figures/agenda';
import { EXIT } from '../exit.ts';
import { type ServerOptions, serverFor } from '../server.ts';
import { deliverAnswer } from '../terminal.ts';
import { recordText, tableText } from './listing.ts';

interface Answer {
  readonly since: number | null;
  readonly programs: readonly ReviewDue[];
  readonly items: readonly AgendaItem[];
}

export interface AgendaOptions extends ServerOptions {
  readonly program?: string;
  readonly json?: boolean;
}

/** Exits 1 where a review is due, so that a timer can tell somebody. */
export async function showAgenda(options: AgendaOptions): Promise<number> {
  const { program } = options;
  const answer = await serverFor(options).get<Answer>('review-agenda', { program });
  deliverAnswer(options, answer, textOf(answer));
  return answer.programs.some(({ isDue }) => isDue) ? EXIT.fails : EXIT.ok;
}

/** Which reviews come again, of whom, and who freezes them. */
export async function showSchedule(options: AgendaOptions): Promise<number> {
  const { programs } = await serverFor(options).get<Answer>('review-agenda');
  const table = tableText(
    { items: programs, more: false },
    [
      { title: 'review', of: ({ title }) => title },
      { title: 'of', of: ({ unit }) => unit ?? 'the company' },
      { title: 'every', of: ({ every }) => every },
      { title: 'frozen by', of: ({ unattended }) => (unattended ? 'the server' : 'a person') },
      { title: 'last', of: ({ last }) => (last === null ? 'none' : `review ${last}`) },
      { title: 'next', of: ({ isDue, due, next }) => (isDue ? `due since ${due}` : `from ${next}`) },
    ],
    'programs: `reviews` of macadam.yaml states none',
  );
  deliverAnswer(options, programs, table);
  return EXIT.ok;
}

function textOf({ since, programs, items }: Answer): string {
  const head = since === null ? 'the first review' : `since review ${since}`;
  const due = programs.map(({ title, every, due: from, isDue, last }) => {
    const newest = last === null ? 'none was frozen' : `the last is review ${last}`;
    return [
      title,
      isDue ? `due, of the ${every} from ${from}; ${newest}` : `done for this ${every}; ${newest}`,
    ] as const;
  });
  const lines = items.map(({ kind, says }) => `  ${kind.replaceAll('-', ' ').padEnd(18)}  ${visible(says)}`);
  return [
    ...(due.length > 0 ? [recordText('reviews', due), ''] : []),
    `Agenda, ${head}:`,
    ...(lines.length > 0 ? lines : ['  nothing changed, and nothing is open']),
  ].join('\n');
}
