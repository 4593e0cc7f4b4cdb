/** What the pages of people's decisions have alike: the frame with whoever looks at it, and forms that say what was refused. */

import type { Action } from '@macadam/adapters/authorisation/actions';
import type { Resource } from '@macadam/adapters/authorisation/authorise';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Attempt } from '@macadam/adapters/report-formats/html/form';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { PAGE_SECTIONS, type PageSection } from '@macadam/adapters/report-formats/html/sections';
import { EVERYBODY, type OrgTree } from '@macadam/core/org/org';
import { BOUNDS } from '@macadam/core/text/bounds';
import { describeRequestDiagnostic, type RequestDiagnostic } from '@macadam/core/text/diagnostic';
import { unfit } from '@macadam/core/text/unfit';
import { z } from 'zod';
import { anAsset, assets } from '../http/bounds.ts';
import { keyOf } from '../http/cursor.ts';
import { aDay } from '../http/day.ts';
import { HttpProblem, type ProblemBody } from '../http/problem.ts';
import { answer, type Call, type RawAnswer, type Route, type Shape } from '../http/route.ts';
import { framed } from './history/frame.ts';
import type { NamedOwner } from './owners/tree.ts';
import { HTML, pageAnswer } from './page-answer.ts';

export type Visit = Pick<Call, 'caller' | 'parts' | 'now' | 'permit'>;

export interface StandingPage {
  readonly section: PageSection;
  readonly heading: Child;
  /** For the window: plain text. */
  readonly title: string;
  readonly when?: Child;
  /** A page of one thing leads back to its section. */
  readonly below?: boolean;
  /** Where it lies, from the section down; in place of `below`. */
  readonly trail?: readonly { readonly href: string; readonly label: Child }[];
  /** What can be done with all of the page, beside its heading. */
  readonly acts?: Child;
  /** Addresses of scripts that improve what works without them. */
  readonly scripts?: readonly string[];
  /** An earlier moment that was asked for, of a page that shows only now. */
  readonly pastAsked?: string | undefined;
  readonly body: Markup;
}

/** What says that a page has no past, and where that of the moment asked for is. */
function onlyNow(at: string): Markup {
  const day = at.slice(0, 10);
  return html`<p class="note soon" role="note">This page shows only now, and nothing of ${day}. That day is on <a href="${pathWith('/', { at })}">the overview</a> and in <a href="${pathWith('/standards', { at })}">each standard</a>; the life of an asset is on its own page.</p>`;
}

export function standingPage(
  { parts }: Visit,
  { section, title, below = false, trail, pastAsked, body, ...page }: StandingPage,
): RawAnswer {
  return pageAnswer(
    framed({
      ...page,
      body: pastAsked === undefined || pastAsked === '' ? body : html`${onlyNow(pastAsked)}${body}`,
      title: `${title}, Macadam`,
      trail: trail ?? (below ? [PAGE_SECTIONS[section]] : []),
      simulated: parts.site()?.simulated ?? null,
      sections: { current: section },
    }),
  );
}

/** A page for people, which asks for nothing to be done. */
export const shownPage = <P extends Shape, Q extends Shape>(
  one: Omit<Parameters<typeof answer<P, Q, z.ZodType>>[0], 'method' | 'media'>,
): Route => answer({ ...one, method: 'GET', media: HTML });

/** Fields of a form; what each must be is said where it is read. Browsers send line breaks as those of another age. */
const plain = (text: string) => text.replaceAll('\r\n', '\n');
const FIELDS = 100;
const typedForm = z
  .record(
    z.string().max(100),
    z.union([
      z
        .string()
        .max(2 * BOUNDS.text)
        .transform(plain),
      z.array(z.string().max(2 * BOUNDS.assetId)).max(BOUNDS.items),
    ]),
  )
  .refine((fields) => Object.keys(fields).length <= FIELDS, `it has more than ${FIELDS} fields`)
  .meta({ maxProperties: FIELDS })
  .default({});
export type TypedForm = z.output<typeof typedForm>;

/** What an empty field holds was not given. Throws a problem that names each field that is wrong. */
export function readForm<S extends z.ZodType>(shape: S, typed: TypedForm): z.output<S> {
  const given = Object.entries(typed).filter(([, value]) => typeof value !== 'string' || value.trim() !== '');
  const read = shape.safeParse(Object.fromEntries(given));
  if (read.success) return read.data;
  const errors = read.error.issues.map(
    (issue): RequestDiagnostic => ({ field: issue.path.map(String).join('.'), ...unfit(issue) }),
  );
  throw new HttpProblem(400, errors.map(describeRequestDiagnostic).join('; '), errors);
}

/** One or many boxes that were ticked. */
export const ticked = z
  .union([anAsset, assets], 'it names none; tick at least one')
  .transform((all) => [all].flat());
export const written = z.string('it is empty; write something').trim().max(BOUNDS.text);
export const seenVersion = z.coerce.number().int().optional();

export type FormCall<P extends Shape> = Call<P, Shape, TypedForm>;

/**
 * A form of a page. `does` gives where to go from there; what is refused is undone, and shown by `page` with what was typed.
 */
export function form<P extends Shape>(one: {
  readonly path: string;
  /** Which form of its page it is. */
  readonly name: string | ((call: FormCall<P>) => string);
  readonly summary: string;
  readonly action: Action;
  readonly of: 'anywhere' | ((call: FormCall<P>, tx: DecisionTransaction) => Promise<Resource> | Resource);
  readonly params?: P;
  /** Where to go from there; a page in its place where what it says is said this once. */
  readonly does: (call: FormCall<P>, tx: DecisionTransaction) => Promise<string | RawAnswer>;
  /** Who may see the page. */
  readonly reads: Action;
  readonly page: (call: FormCall<P>, tx: DecisionTransaction, attempt: Attempt) => Promise<RawAnswer>;
}): Route {
  const { path, name, summary, action, of, params, does, reads, page } = one;
  return answer({
    method: 'POST',
    path,
    summary,
    action,
    of,
    body: typedForm,
    media: HTML,
    params,
    does: async (call, tx) => {
      const done = await does(call, tx);
      return typeof done === 'string' ? { status: 303, headers: { location: done } } : done;
    },
    again: {
      reads,
      page: (call, tx, problem) =>
        page(call, tx, attemptOf(typeof name === 'string' ? name : name(call), call.body, problem)),
    },
  });
}

const attemptOf = (form: string, typed: TypedForm, { detail, errors }: ProblemBody): Attempt => ({
  form,
  typed,
  said: detail,
  objections: errors.map(apart),
});

/** A message of the store says field and fix as well; beside a field that would be twice. */
function apart({ field, reason, fix }: RequestDiagnostic): RequestDiagnostic {
  const [before, after] = [`\`${field}\`: `, `; ${fix}`];
  const begun = field !== '' && reason.startsWith(before) ? reason.slice(before.length) : reason;
  return { field, fix, reason: fix !== '' && begun.endsWith(after) ? begun.slice(0, -after.length) : begun };
}

/** Where a list by day or time goes on. Throws a problem for what no such list gave. */
export function placeAfter(cursor: string | undefined, order: string): readonly [string, string] | undefined {
  if (!cursor) return undefined;
  const read = z
    .tuple([aDay.or(z.iso.datetime({ offset: true })), z.string()])
    .safeParse(keyOf(cursor, order, { [order]: ['list', 'string', 'string'] }));
  if (read.success) return read.data;
  const reason = 'it is not a cursor';
  throw new HttpProblem(400, `query.after: ${reason}`, [
    { field: 'query.after', reason, fix: 'begin with the first page' },
  ]);
}

const nameOf = (units: OrgTree['units'], id: string): string =>
  units.get(id)?.name ?? (id === EVERYBODY ? 'Everybody' : id);

/** People and teams by name, where the organisation knows them. */
export const namesIn = ({ units, people }: OrgTree) => ({
  unit: (id: string) => nameOf(units, id),
  owner: (id: string): NamedOwner => ({ id, name: nameOf(units, id), known: units.has(id) }),
  person: (id: string) => people.get(id)?.name ?? id.replace(/^machine:/, 'machine '),
});

export const optional = (text: string | undefined): string | undefined =>
  text === undefined || text.trim() === '' ? undefined : text.trim();
