/** What is of the reader and of the moment, put into a page when it is sent: theme, who reads, what of theirs is late, what cannot be seen. */
import { authoriseAnywhere } from '@macadam/adapters/authorisation/authorise';
import type { Caller } from '@macadam/adapters/authorisation/caller';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { cookieIn } from '@macadam/adapters/identity/cookie';
import { count } from '@macadam/adapters/report-formats/figures';
import { demoLine, readerMenu, shownMoment, THEMES } from '@macadam/adapters/report-formats/html/console';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { filled, type PlaceName } from '@macadam/adapters/report-formats/html/places';
import { auditLink, PAGE_SECTIONS } from '@macadam/adapters/report-formats/html/sections';
import type { RawAnswer, ServerParts } from '../http/route.ts';
import { KEYS_SCRIPT } from './files.ts';
import { measuringLine } from './progress/measuring-line.ts';

/** One request for a page. */
export interface PageRequest {
  readonly parts: Pick<ServerParts, 'entry' | 'now' | 'site' | 'measuring' | 'demo'>;
  readonly cookies: Readonly<Record<string, string | undefined>>;
  /** Path and query, where the page can be asked for again; null of what a form was sent to. */
  readonly url: string | null;
}

type Places = Readonly<Partial<Record<PlaceName, Markup>>>;

/** For a reader who is logged in; `tx` is a transaction of theirs. */
export async function completedFor(
  answer: RawAnswer,
  asked: PageRequest,
  caller: Caller,
  tx: DecisionTransaction,
): Promise<RawAnswer> {
  if (!isPage(answer)) return answer;
  const status = asked.parts.measuring?.() ?? null;
  const roles = asked.parts.demo?.roles() ?? [];
  return completed(answer, asked, {
    ...(await notesFor(caller, tx)),
    ...(authoriseAnywhere(caller, 'Audit::read').allowed && {
      'rail-audit': auditLink(asked.url?.startsWith(PAGE_SECTIONS.audit.href) ?? false),
    }),
    ...(roles.length > 0 && isFirstPage(asked.url) && { demo: demoLine(caller.name, roles) }),
    ...(status !== null && { measuring: measuringLine(status) }),
    reader: readerMenu({
      name: caller.name,
      says: rolesOf(caller),
      address: asked.url ?? '/',
      keys: keysWanted(asked),
      // On the first page they stand above it.
      others: isFirstPage(asked.url) ? [] : roles,
    }),
  });
}

const isFirstPage = (url: string | null): boolean => url === '/' || (url?.startsWith('/?') ?? false);

/** A page for whoever it is. */
export function completed(answer: RawAnswer, { parts, cookies }: PageRequest, more: Places = {}): RawAnswer {
  if (!isPage(answer)) return answer;
  const theme = cookieIn(cookies, 'theme', parts.entry.secure);
  const site = parts.site();
  const keyed = keysWanted({ parts, cookies })
    ? { keys: html`<script src="${KEYS_SCRIPT.href}" defer></script>` }
    : {};
  const places: Places = {
    company: html`${site?.title ?? ''}`,
    now: shownMoment(parts.now()),
    ...keyed,
    ...more,
  };
  const known = theme !== undefined && theme !== 'auto' && Object.hasOwn(THEMES, theme);
  return { ...answer, body: filled(answer.body, { ...(known && { theme }), places }) };
}

/** Single keys can be turned off: they are in the way of whoever speaks to their computer (WCAG 2.1.4). */
const keysWanted = ({
  parts,
  cookies,
}: Pick<PageRequest, 'cookies'> & { readonly parts: Pick<ServerParts, 'entry'> }) =>
  cookieIn(cookies, 'keys', parts.entry.secure) !== 'off';

const isPage = (answer: RawAnswer): answer is RawAnswer & { readonly body: string } =>
  typeof answer.body === 'string' && String(answer.headers?.['content-type']).startsWith('text/html');

const note = (value: number): Markup => html`<span class="n">${count(value)}</span>`;
const call = (text: string): Markup => html`<span class="n call">${text}</span>`;

/** More are said to be "100 or more": the number calls, the page counts. */
const MOST = 100;

async function notesFor(caller: Caller, tx: DecisionTransaction): Promise<Places> {
  if (!authoriseAnywhere(caller, 'WorkItem::read').allowed) return {};
  const { person, teams } = caller;
  const own = await tx.listing.workCounts({ concerning: { person, teams } });
  const late = own.overdue;
  const open = await tx.faults.faults({ open: true, after: '', limit: MOST });
  return {
    ...(own.open > 0 && { 'note-work': late > 0 ? call(`${count(late)} late`) : note(own.open) }),
    ...(open.length > 0 && {
      'note-sources': call(
        open.length === MOST
          ? `${MOST}+ problems`
          : `${open.length} ${open.length === 1 ? 'problem' : 'problems'}`,
      ),
    }),
  };
}

/** The roles of a reader, in words; those of the whole company first. */
const rolesOf = ({ roles }: Caller): string =>
  [...new Set(roles.map(({ role }) => role.replaceAll('-', ' ')))].join(', ');
