/** A frozen review as slides to show: the same figures and minutes as its document, a table a slide. */
import type { Review, ReviewFigure, TeamCounts } from '@macadam/core/figures/review';
import { TARGET_STATUSES } from '@macadam/core/figures/target';
import { count, counted, isExact, percentDown, percentUp } from '../report-formats/figures.ts';
import { type Presentation, presentationFile, type Slide, type SlideTable } from './slides.ts';

/** Rows of a table that one slide has room for. */
const ROWS = 13;
/** Characters of a cell: more would grow its row over the edge. */
const CELL = 110;

const plain = (text: string): string => text.replaceAll('-', ' ');
const short = (text: string): string => {
  const characters = [...text];
  return characters.length <= CELL ? text : `${characters.slice(0, CELL - 1).join('')}…`;
};

/** `seal`: the digest that the file ends with; null where that was not looked at. */
export function reviewSlides(
  { head, minutes, figures }: Pick<Review, 'head' | 'minutes' | 'figures'>,
  seal: string | null,
): Buffer {
  const title = `${head.title}: review ${head.number}`;
  const since = head.previous === null ? [] : [`Changes are since review ${head.previous.number}.`];
  const slides: Slide[] = [
    {
      title,
      paragraphs: [
        ...(head.simulated ? ['All of it is made up: this company does not exist.'] : []),
        `Figures of ${head.at.slice(0, 16).replace('T', ' ')} UTC, frozen by ${head.frozenBy}.`,
        ...since,
        standing(figures),
        ...present(minutes),
      ],
    },
    ...tables('How it stood', FIGURES, figures.map(figureRow)),
    ...tables(
      'The council',
      COUNCIL,
      (minutes.council ?? []).map(({ for: what, of, name, person, present: here }) => [
        what,
        of,
        name ?? 'nobody',
        person === null ? '' : here === null ? 'not written down' : here ? 'was there' : 'was absent',
      ]),
    ),
    ...tables(
      'What it is about',
      AGENDA,
      (minutes.agenda ?? []).map(({ kind, says }) => [plain(kind), says]),
    ),
    ...tables(
      'What was decided',
      DECISIONS,
      minutes.decisions.map(({ question, decided, by }) => [question, decided ?? 'open', by ?? '']),
    ),
    ...tables(
      'Who does what next',
      ACTIONS,
      minutes.actions.map(({ id, what, owner, due, state }) => [id, what, owner, due, state]),
    ),
    ...tables(
      'Why targets were missed',
      MISSES,
      (minutes.misses ?? []).map(({ standard, due, reason, note }) => [
        standard,
        due,
        plain(reason),
        note ?? '',
      ]),
    ),
    {
      title: 'How it is known that nobody changed it',
      paragraphs: [
        seal === null
          ? 'These slides are not sealed: the file that was frozen is.'
          : `The file that they were made from is sealed with ${seal}.`,
        '`macadam review verify FILE` derives every figure again from that file alone.',
        `Made by ${head.engine}.`,
      ],
    },
  ];
  const made: Presentation = { title, author: head.frozenBy, made: head.frozenAt, slides };
  return presentationFile(made);
}

function standing(figures: readonly ReviewFigure[]): string {
  const kept = figures.filter(({ status }) => status === 'met' || status === 'on-track').length;
  const promised = figures.filter(({ status }) => status !== 'no-target').length;
  const counts = TARGET_STATUSES.flatMap((status) => {
    const many = figures.filter((one) => one.status === status).length;
    return many > 0 ? [`${count(many)} ${plain(status)}`] : [];
  });
  return `${count(kept)} of ${counted(promised, 'standard')} with a target met or on track: ${counts.join(', ')}.`;
}

function present({ attendance }: Review['minutes']): readonly string[] {
  const named = (here: boolean) =>
    attendance.filter((one) => one.present === here).map(({ person }) => person);
  const absent = named(false);
  if (attendance.length === 0) return [];
  return [
    `Present: ${named(true).join(', ') || 'nobody is named'}.${absent.length > 0 ? ` Absent: ${absent.join(', ')}.` : ''}`,
  ];
}

const FIGURES: SlideTable['columns'] = [
  { head: 'Standard', width: 30 },
  { head: 'Status', width: 18 },
  { head: 'Share', width: 26 },
  { head: 'Pass', width: 9, isNumber: true },
  { head: 'Unknown', width: 9, isNumber: true },
  { head: 'Fail', width: 9, isNumber: true },
  { head: 'Target', width: 18 },
];
const COUNCIL: SlideTable['columns'] = [
  { head: 'For', width: 40 },
  { head: 'Kind', width: 14 },
  { head: 'Who', width: 30 },
  { head: 'Attendance', width: 20 },
];
const AGENDA: SlideTable['columns'] = [
  { head: 'Why it is here', width: 26 },
  { head: 'Item', width: 78 },
];
const DECISIONS: SlideTable['columns'] = [
  { head: 'Question', width: 45 },
  { head: 'Decided', width: 45 },
  { head: 'By', width: 14 },
];
const ACTIONS: SlideTable['columns'] = [
  { head: 'Action', width: 8 },
  { head: 'What', width: 50 },
  { head: 'Owner', width: 18 },
  { head: 'Due', width: 12 },
  { head: 'State', width: 10 },
];
const MISSES: SlideTable['columns'] = [
  { head: 'Standard', width: 30 },
  { head: 'Day', width: 12 },
  { head: 'Reason', width: 18 },
  { head: 'What happened', width: 50 },
];

function figureRow(figure: ReviewFigure): readonly string[] {
  const { label, status, statusCause, target, measure } = figure;
  const { atLeast, atMost } = measure ?? figure;
  const share =
    atLeast === null || atMost === null
      ? 'nothing in scope'
      : `${percentDown(atLeast)}${isExact(atLeast, atMost) ? '' : ` to ${percentUp(atMost)}`}${measure === null ? '' : ` of ${measure.unit}`}`;
  return [
    label,
    `${plain(status)}${statusCause === null ? '' : `, ${plain(statusCause)}`}`,
    share,
    moved(figure, 'pass'),
    moved(figure, 'unknown'),
    moved(figure, 'fail'),
    target === null ? 'none' : `${percentDown(target.share)} by ${target.by}`,
  ];
}

function moved({ since, ...figure }: ReviewFigure, name: keyof TeamCounts): string {
  const by = since?.[name] ?? 0;
  return `${count(figure[name])}${by === 0 ? '' : ` (${by > 0 ? '+' : '−'}${count(Math.abs(by))})`}`;
}

/** As many slides as the rows need; none for no row. */
function tables(
  title: string,
  columns: SlideTable['columns'],
  rows: readonly (readonly string[])[],
): readonly Slide[] {
  const parts = Math.ceil(rows.length / ROWS);
  return Array.from({ length: parts }, (_, part) => ({
    title: parts === 1 ? title : `${title} (${part + 1} of ${parts})`,
    table: {
      columns,
      rows: rows.slice(part * ROWS, (part + 1) * ROWS).map((cells) => cells.map(short)),
    },
  }));
}
