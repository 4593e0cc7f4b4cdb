/** Exceptions, and the form that asks for one. */
import { authorise } from '@macadam/adapters/authorisation/authorise';
import type { ListedException } from '@macadam/adapters/decisions/listing';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Attempt } from '@macadam/adapters/report-formats/html/form';
import { exceptionAt } from '@macadam/adapters/report-formats/html/link';
import { SEVERITIES, type Severity } from '@macadam/core/figures/scan';
import { divisionOf, type OrgTree } from '@macadam/core/org/org';
import { latestDay, runsAt } from '@macadam/core/verdicts/exception';
import { dayAfter } from '@macadam/core/work/batch';
import { currentTree } from '@macadam/services/ownership/log';
import type { AcceptedOptions } from '@macadam/services/work/accepted';
import { driftOf, type ExceptionDrift, previewException } from '@macadam/services/work/exception-preview';
import { type JudgeMany, judgeIn, judgeManyIn } from '@macadam/services/work/judge';
import { sightingsOf } from '@macadam/services/work/sightings';
import { z } from 'zod';
import { askException } from '../../api/exceptions.ts';
import { selectors } from '../../http/bounds.ts';
import { cursorOf } from '../../http/cursor.ts';
import { aDay } from '../../http/day.ts';
import type { RawAnswer, Shape } from '../../http/route.ts';
import { requireFilters } from '../../unknown-name.ts';
import { labelOf } from '../assets/title.ts';
import type { ServerContext } from '../history/pages.ts';
import {
  type FormCall,
  form,
  namesIn,
  optional,
  placeAfter,
  readForm,
  shownPage,
  standingPage,
  type TypedForm,
  type Visit,
  written,
} from '../page.ts';
import {
  EXCEPTIONS_SHOWN,
  type ExceptionAsking,
  type ExceptionLine,
  type ExceptionShown,
  exceptionHeading,
  exceptionListBody,
} from './list.ts';
import type { ExceptionRequestShown } from './request.ts';

const ROWS = 50;

export function exceptionLine(
  row: Omit<ListedException, 'key'>,
  { parts }: Visit,
  tree: OrgTree,
  today: string,
): ExceptionLine {
  const { unit, person } = namesIn(tree);
  const name = (id: string | null) => (id === null ? null : person(id));
  const { until, endedAt, approvedAt, refusedAt } = row;
  const over = refusedAt !== null || endedAt !== null || until < today;
  return {
    ...row,
    title: labelOf(parts.site(), row.standard),
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
      .map(({ id }) => ({ id, name: labelOf(parts.site(), id) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

type Asked = {
  readonly show: ExceptionShown;
  readonly standard?: string | undefined;
  readonly after?: string | undefined;
};

/** Requests that are laid out to be decided; those gone through for the gravest, and exceptions in force for what has drifted. */
const LAID_OUT = 12;
const GONE_THROUGH = 200;
/** Assets of one exception that are judged again to see whether it has drifted. */
const JUDGED = 200;
const SOON_DAYS = 30;

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
  await requireFilters({ standard }, tx, parts);
  const of = { standard };
  const waiting = gravestFirst(
    await tx.listing.exceptions({ ...of, stage: 'waiting', limit: GONE_THROUGH }),
    parts.site(),
  );
  const inForce = await inForceOf(call, tx, of, asking.today);
  const listed = await rowsOf(query, tx, of, inForce);
  const lines = listed.rows.map((row) => ({
    ...exceptionLine(row, call, tree, asking.today),
    drift: inForce?.drift.get(row.id) ?? null,
  }));
  const counts = await tx.listing.exceptionCounts(standard);
  const shown = {
    ...asking,
    query,
    attempt,
    counts: {
      ...counts,
      soon: inForce?.soon.length ?? null,
      drifted: inForce ? inForce.rows.filter(({ id }) => hasDrifted(inForce.drift.get(id))).length : null,
    },
    excepted: inForce?.rows.reduce((sum, { assets }) => sum + assets, 0) ?? null,
    critical: waiting.filter(({ standard }) => severityOf(parts.site(), standard) === 'critical').length,
    requests: await requestsOf(call, tx, waiting.slice(0, LAID_OUT), tree),
    rows: lines,
    next: listed.next,
    stated: (parts.site()?.exceptions ?? [])
      .filter((one) => runsAt(one, new Date(tx.at)) && (standard === undefined || one.standard === standard))
      .map((one) => ({ ...one, label: labelOf(parts.site(), one.standard) })),
  };
  const { heading, lead } = exceptionHeading(shown);
  return standingPage(call, {
    section: 'exceptions',
    heading,
    title: 'Exceptions',
    when: lead,
    body: exceptionListBody(shown),
  });
}

const severityOf = (site: ServerContext | null, standard: string): Severity | null =>
  site?.standards.get(standard)?.definition.severity ?? null;

/** The gravest first; of those the one that would end first. */
function gravestFirst(
  waiting: readonly ListedException[],
  site: ServerContext | null,
): readonly ListedException[] {
  const rank = ({ standard }: ListedException) => {
    const severity = severityOf(site, standard);
    return severity === null ? SEVERITIES.length : SEVERITIES.indexOf(severity);
  };
  return waiting.toSorted(
    (a, b) => rank(a) - rank(b) || (a.until < b.until ? -1 : a.until > b.until ? 1 : 0),
  );
}

interface InForce {
  readonly rows: readonly ListedException[];
  readonly soon: readonly ListedException[];
  readonly drift: ReadonlyMap<string, ExceptionDrift>;
}

/** All that are in force, each with what has drifted of it; null where there are too many to be gone through. */
async function inForceOf(
  call: Visit,
  tx: DecisionTransaction,
  of: { readonly standard: string | undefined },
  today: string,
): Promise<InForce | null> {
  const rows = await tx.listing.exceptions({ ...of, stage: 'in-force', limit: GONE_THROUGH + 1 });
  if (rows.length > GONE_THROUGH) return null;
  const until = dayAfter(`${today}T00:00:00Z`, SOON_DAYS);
  const drift = new Map<string, ExceptionDrift>();
  const judge = manyHere(call);
  const few = rows.filter(({ assets }) => assets <= JUDGED).map(({ id }) => id);
  if (judge !== null && few.length > 0)
    for (const grant of await tx.permissions.granted({ ids: few })) {
      if (!judge.judges(grant.exception.standard)) continue;
      drift.set(grant.exception.id, await driftOf(grant, judge.judge));
    }
  return { rows, drift, soon: rows.filter((row) => row.until <= until) };
}

const hasDrifted = (drift: ExceptionDrift | undefined): boolean =>
  drift !== undefined && drift.changed.length + drift.settled.length > 0;

/** Null where there are no facts to judge. */
function judgeHere({ parts, now }: Visit): AcceptedOptions['judge'] | null {
  const site = parts.site();
  if (!site?.stores) return null;
  const { driver, facts, kinds } = site.stores;
  const standards = [...site.standards.values()].map(({ compiled }) => compiled);
  return judgeIn({ driver, facts, kinds, standards, now: () => now });
}

/** What looks at other assets reads all of their kinds: an approval does that, a list of exceptions does not. */
function manyHere({ parts, now }: Visit): JudgeMany | null {
  const site = parts.site();
  if (!site?.stores) return null;
  const { driver, kinds } = site.stores;
  const standards = [...site.standards.values()].map(({ compiled }) => compiled);
  return judgeManyIn({ driver, kinds, standards, now: () => now });
}

async function rowsOf(
  { show, after: typed }: Asked,
  tx: DecisionTransaction,
  of: { readonly standard: string | undefined },
  inForce: InForce | null,
): Promise<{ readonly rows: readonly ListedException[]; readonly next: string | null }> {
  if (show === 'soon' || show === 'drifted') {
    const rows =
      show === 'soon' ? inForce?.soon : inForce?.rows.filter(({ id }) => hasDrifted(inForce.drift.get(id)));
    return { rows: rows ?? [], next: null };
  }
  const after = placeAfter(typed, show);
  const found = await tx.listing.exceptions({
    ...of,
    stage: show,
    limit: ROWS + 1,
    after,
  });
  const rows = found.slice(0, ROWS);
  const last = rows.at(-1);
  return { rows, next: found.length > ROWS && last ? cursorOf(last.key, show) : null };
}

/** What waits for an answer, with what approving it would mean. */
async function requestsOf(
  call: Visit,
  tx: DecisionTransaction,
  waiting: readonly ListedException[],
  tree: OrgTree,
): Promise<readonly ExceptionRequestShown[]> {
  const site = call.parts.site();
  const judge = judgeHere(call);
  const { unit, person } = namesIn(tree);
  const requests: ExceptionRequestShown[] = [];
  for (const record of waiting) {
    const { id, standard, division, requestedBy } = record;
    const kind = site?.standards.get(standard)?.definition.scope.kind ?? 'asset';
    const preview = judge === null ? null : await previewException(tx, record, judge);
    const [first] = preview?.failing ?? [];
    const seen =
      site?.stores && first !== undefined ? await sightingsOf(site.stores.driver, kind, [first]) : new Map();
    const resource = { id, division, standard, person: requestedBy };
    requests.push({
      ...record,
      label: labelOf(site, standard),
      severity: severityOf(site, standard),
      kind,
      division: division === '' ? '' : unit(division),
      requestedBy: person(requestedBy),
      preview,
      evidence: seen.get(first ?? '')?.[0] ?? null,
      figures: await figuresOf(site, standard),
      mayApprove: authorise(call.caller, 'Exception::approve', resource).allowed,
      mayRefuse: authorise(call.caller, 'Exception::refuse', resource).allowed,
    });
  }
  return requests;
}

async function figuresOf(
  site: ServerContext | null,
  standard: string,
): Promise<ExceptionRequestShown['figures']> {
  const between = await site?.past.between({});
  if (!site || !between || 'fault' in between) return null;
  return site.past.figures(between, standard);
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
  shownPage({
    path: '/exceptions',
    summary: 'Show exceptions',
    action: 'Exception::read',
    of: 'anywhere',
    query: {
      show: z.enum(EXCEPTIONS_SHOWN).default('in-force'),
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
