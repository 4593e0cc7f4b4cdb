/** A digest as a mail: plain text, and the same in simple HTML. Items stand under the repository in which they are mended. */
import { createHash } from 'node:crypto';
import type { DigestItem, ExceptionEnding, WeeklyDigest } from '@macadam/core/work/digest';

/** One line of a mail: what is to be done about one standard in one repository. */
export interface LetterLine {
  readonly standard: string;
  readonly due: string;
  readonly count: number;
}

/** What the mail says, as it is kept until it leaves. */
export interface Letter {
  readonly person: string;
  readonly week: string;
  readonly to: string;
  readonly parts: readonly LetterPart[];
  readonly ending: readonly ExceptionEnding[];
}

export interface LetterPart {
  readonly title: 'Overdue' | 'Due soon' | 'New';
  readonly items: number;
  readonly repositories: readonly { readonly name: string; readonly lines: readonly LetterLine[] }[];
}

/** Of an item, how many places there are to be mended in each repository; the empty name is of those in none. */
export type PlacesOf = (batch: string) => ReadonlyMap<string, number>;

export function letterOf(
  { person, overdue, soon, fresh, ending }: WeeklyDigest,
  week: string,
  to: string,
  placesOf: PlacesOf,
): Letter {
  const parts = [
    part('Overdue', overdue, placesOf),
    part('Due soon', soon, placesOf),
    part('New', fresh, placesOf),
  ];
  return { person, week, to, parts: parts.filter(({ items }) => items > 0), ending };
}

function part(title: LetterPart['title'], items: readonly DigestItem[], placesOf: PlacesOf): LetterPart {
  const lines = items.flatMap(({ batch, standard, due }) =>
    [...placesOf(batch)].map(([name, count]) => ({ name, line: { standard, due, count } })),
  );
  const repositories = [...Map.groupBy(lines, ({ name }) => name)]
    .sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1))
    .map(([name, own]) => ({ name, lines: own.map(({ line }) => line) }));
  return { title, items: items.length, repositories };
}

export interface LetterText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** `url` leads to the person's work in Macadam. */
export function letterText({ week, parts, ending }: Letter, url: string | null): LetterText {
  const counts = [
    ...parts.map(({ title, items }) => `${items} ${title.toLowerCase()}`),
    ...(ending.length > 0
      ? [`${ending.length} ${ending.length === 1 ? 'exception ends' : 'exceptions end'}`]
      : []),
  ];
  const intro = `Your security work in the week of ${week}.`;
  const sections = [
    ...parts.map(({ title, repositories }) => ({
      title,
      groups: repositories.map(({ name, lines }) => ({
        name: name === '' ? 'In no repository' : name,
        lines: lines.map(lineText),
      })),
    })),
    ...(ending.length === 0
      ? []
      : [
          {
            title: 'Exceptions that end',
            groups: [{ name: '', lines: ending.map(endingText) }],
          },
        ]),
  ];
  const outro = [
    ...(url === null ? [] : [`All of it, with evidence: ${url}`]),
    'Items close by themselves when new observations show that nothing fails any more. This mail comes once a week.',
  ];
  return {
    subject: `Macadam: ${counts.join(', ')}`,
    text: [
      intro,
      ...sections.map(({ title, groups }) =>
        [
          title.toUpperCase(),
          ...groups.flatMap(({ name, lines }) => [name, ...lines.map((line) => `  - ${line}`)]),
        ]
          .filter((line) => line !== '')
          .join('\n'),
      ),
      ...outro,
    ].join('\n\n'),
    html: [
      '<!doctype html><html lang="en"><body>',
      `<p>${escaped(intro)}</p>`,
      ...sections.map(
        ({ title, groups }) =>
          `<h2>${escaped(title)}</h2>${groups
            .map(({ name, lines }) => {
              const head = name === '' ? '' : `<h3>${escaped(name)}</h3>`;
              return `${head}<ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`;
            })
            .join('')}`,
      ),
      ...outro.map((line) => `<p>${escaped(line)}</p>`),
      '</body></html>',
    ].join('\n'),
  };
}

const lineText = ({ standard, due, count }: LetterLine) =>
  `${standard}: ${count} ${count === 1 ? 'place' : 'places'}, due on ${due}`;
const endingText = ({ exception, standard, reason, until }: ExceptionEnding) =>
  `${exception} of ${standard} ends after ${until} (${reason}); what it covers fails again from then on`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string) => text.replaceAll(/[&<>"]/g, (one) => ENTITIES[one] ?? one);

/** The same whenever it is sent, so that mail servers that look at it drop a second one. */
export function messageId({ person, week }: Letter, domain: string): string {
  const digest = createHash('sha256').update(`${person}\n${week}`).digest('hex').slice(0, 24);
  return `<digest.${week}.${digest}@${domain}>`;
}
