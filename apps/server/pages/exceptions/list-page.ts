/** Exceptions, and the form that asks for one. */
import { authorise } from '@macadam/adapters/authorisation/authorise';
import {
  EXCEPTION_STAGES,
  type ExceptionStage,
  type ListedException,
} from '@macadam/adapters/decisions/listing';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Attempt } from '@macadam/adapters/report-formats/html/form';
import { exceptionAt } from '@macadam/adapters/report-formats/html/link';
import { moment } from '@macadam/adapters/report-formats/html/words';
import { divisionOf, type OrgTree } from '@macadam/core/org/org';
import { latestDay } from '@macadam/core/verdicts/exception';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { askException } from '../../api/exceptions.ts';
import { selectors } from '../../http/bounds.ts';
import { cursorOf } from '../../http/cursor.ts';
import { aDay } from '../../http/day.ts';
import { answer, type RawAnswer, type Shape } from '../../http/route.ts';
import { demandFilters } from '../../unknown-name.ts';
import {
  type FormCall,
  form,
  namesIn,
  optional,
  placeAfter,
  readForm,
  standingPage,
  type TypedForm,
  type Visit,
  written,
} from '../page.ts';
import { HTML } from '../page-answer.ts';
import { type ExceptionAsking, type ExceptionLine, exceptionListBody } from './list.ts';

const ROWS = 50;

export function exceptionLine(
  row: Omit<ListedException, 'key'>,
  { parts }: Visit,
  tree: OrgTree,
  today: string,
): ExceptionLine {
  const { unit, person } = namesIn(tree);
  const name = (id: string | null) => (id === null ? null : person(id));
  const { id, selectors, assets, until, endedAt, approvedAt, refusedAt } = row;
  const over = refusedAt !== null || endedAt !== null || until < today;
  return {
    id,
    selectors,
    assets,
    until,
    endedAt,
    title: parts.site()?.standards.get(row.standard)?.definition.title ?? row.standard,
    division: row.division === '' ? '' : unit(row.division),
    requestedBy: person(row.requestedBy),
    approvedBy: name(row.approvedBy),
    refusedBy: name(row.refusedBy),
    stage: over ? 'over' : approvedAt === null ? 'waiting' : 'in-force',
  };
}

/** In whose names the visitor may ask, and for what. */
export function askingOf({ parts, caller }: Visit, tree: OrgTree, at: string): ExceptionAsking {
  const may = (team: string) =>
    authorise(caller, 'Exception::request', { id: '', division: divisionOf(tree, team) ?? '', team }).allowed;
  return {
    today: at.slice(0, 10),
    latest: latestDay(new Date(at)),
    teams: caller.teams.filter(may).map((id) => ({ id, name: tree.units.get(id)?.name ?? id })),
    standards: [...(parts.site()?.standards.values() ?? [])]
      .map(({ id, definition }) => ({ id, name: definition.title }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

type Asked = {
  readonly show: ExceptionStage;
  readonly standard?: string | undefined;
  readonly after?: string | undefined;
};

async function listPage(
  call: Visit,
  query: Asked,
  tx: DecisionTransaction,
  attempt: Attempt | null,
): Promise<RawAnswer> {
  const { parts } = call;
  const tree = await currentTree(parts.decisions, tx);
  const asking = askingOf(call, tree, tx.at);
  const standard = optional(query.standard);
  await demandFilters({ standard }, tx, parts);
  const after = placeAfter(query.after, query.show);
  const found = await tx.listing.exceptions({
    stage: query.show,
    limit: ROWS + 1,
    ...(standard !== undefined && { standard }),
    ...(after !== undefined && { after }),
  });
  const last = found.slice(0, ROWS).at(-1);
  const body = exceptionListBody({
    ...asking,
    query,
    attempt,
    counts: await tx.listing.exceptionCounts(standard),
    rows: found.slice(0, ROWS).map((row) => exceptionLine(row, call, tree, asking.today)),
    next: found.length > ROWS && last ? cursorOf(last.key, query.show) : null,
  });
  return standingPage(call, {
    section: 'exceptions',
    heading: 'Exceptions',
    title: 'Exceptions',
    when: moment(tx.at),
    body,
  });
}

/** What a form asks for; a renewal names its own standard. */
export const askedFor = z.strictObject({
  team: written,
  selectors: written.transform((text) => text.split(/\s*\n\s*/).filter((one) => one !== '')).pipe(selectors),
  reason: written.min(10, 'it says too little; write at least ten characters'),
  compensating: written.min(10, 'it says too little; write at least ten characters'),
  until: aDay,
});

export const ofAsked = async (
  { body, parts }: FormCall<Shape>,
  tx: DecisionTransaction,
  standard: string,
) => {
  const team = String(body.team ?? '');
  const division = divisionOf(await currentTree(parts.decisions, tx), team) ?? '';
  return { id: '', division, team, standard };
};

export const exceptionList = [
  answer({
    method: 'GET',
    path: '/exceptions',
    summary: 'Show exceptions',
    media: HTML,
    action: 'Exception::read',
    of: 'anywhere',
    query: {
      show: z.enum(EXCEPTION_STAGES).default('in-force'),
      standard: z.string().max(500).optional(),
      after: z.string().max(2000).optional(),
    },
    does: (call, tx) => listPage(call, call.query, tx, null),
  }),
  form({
    path: '/exceptions',
    name: 'ask',
    summary: 'Ask for an exception',
    action: 'Exception::request',
    of: (call, tx) => ofAsked(call, tx, String((call.body as TypedForm).standard ?? '')),
    does: async (call, tx) => {
      const asked = readForm(askedFor.extend({ standard: written }), call.body);
      const { id } = await askException(tx, call.parts, asked);
      return exceptionAt(id, { done: 'asked' });
    },
    reads: 'Exception::read',
    page: (call, tx, attempt) => listPage(call, { show: 'in-force' }, tx, attempt),
  }),
];
