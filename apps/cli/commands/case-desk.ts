/** `macadam case`, the incident desk: notices by two people, to recipients by name, and what is known of their arrival. */
import type { Reached } from '@macadam/core/advisories/incident-notices';
import { EXIT } from '../exit.ts';
import { textFrom } from '../input.ts';
import { type ServerOptions, serverFor } from '../server.ts';
import { deliverAnswer, UsageError } from '../terminal.ts';
import { type Column, type ListingOptions, printList, tableText } from './listing.ts';

interface Notice {
  readonly id: string;
  readonly audience: string;
  readonly template: string;
  readonly text: string;
  readonly draftedBy: string;
  readonly approvedBy: string | null;
  readonly sentAt: string | null;
}

interface TimeRow {
  readonly what: string;
  readonly by: string | null;
  readonly at: string | null;
  readonly state: string;
}

interface Desk {
  readonly incident: { readonly id: string; readonly name: string; readonly declaredAt: string | null };
  readonly times: readonly TimeRow[];
  readonly notices: readonly (Notice & { readonly reached: Reached })[];
}

interface DeskRow {
  readonly id: string;
  readonly closedAt: string | null;
  readonly state: string;
  readonly lacks: string | null;
  readonly by: string | null;
  readonly late: number;
}

interface AsJson {
  readonly json?: boolean;
}

const incidentPath = (id: string, rest: string) => `incidents/${encodeURIComponent(id)}/${rest}`;
const noticePath = (id: string, rest: string) => `notices/${encodeURIComponent(id)}/${rest}`;

/** The page on which a person who is logged in approves. */
const deskPage = (url: string, incident: string) =>
  new URL(`/incidents/${encodeURIComponent(incident)}`, url).href;

const TIMES: readonly Column<TimeRow>[] = [
  { title: 'time', of: ({ what }) => what },
  { title: 'is', of: ({ state }) => state.replaceAll('-', ' ') },
  { title: 'was', of: ({ at }) => at ?? 'not yet' },
  { title: 'has to be by', of: ({ by }) => by ?? 'cannot tell, nobody knows since when' },
];

const NOTICES: readonly Column<Desk['notices'][number]>[] = [
  { title: 'notice', of: ({ id }) => id },
  { title: 'audience', of: ({ audience }) => audience },
  { title: 'template', of: ({ template }) => template },
  { title: 'drafted by', of: ({ draftedBy }) => draftedBy },
  { title: 'approved by', of: ({ approvedBy }) => approvedBy ?? 'nobody yet' },
  { title: 'sent', of: ({ sentAt }) => sentAt ?? 'not yet' },
  {
    title: 'reached',
    of: ({ sentAt, reached: { recipients, opened, delivered, failed, notKnown } }) =>
      sentAt === null
        ? ''
        : `${opened} of ${recipients} opened it; ${delivered} delivered, ${failed} failed, ${notKnown} not known`,
  },
];

/** Exits 1 where a time was not kept, and 3 where one cannot be told. */
export async function showDesk(incident: string, options: ServerOptions & AsJson): Promise<number> {
  const desk = await serverFor(options).get<Desk>(incidentPath(incident, 'desk'));
  const { name, declaredAt } = desk.incident;
  const text = [
    `${name}: declared ${declaredAt ?? 'at a time that nobody knows'}`,
    tableText({ items: desk.times, more: false }, TIMES, 'times: no customer is touched, as far as is known'),
    tableText({ items: desk.notices, more: false }, NOTICES, 'notices'),
  ].join('\n\n');
  deliverAnswer(options, desk, text);
  const states = new Set(desk.times.map(({ state }) => state));
  if (states.has('late') || states.has('overdue')) return EXIT.fails;
  return states.has('cannot-tell') ? EXIT.unjudged : EXIT.ok;
}

export interface DraftOptions extends ServerOptions, AsJson {
  readonly audience: string;
  readonly template: string;
  readonly text?: string;
}

export async function draftNotice(incident: string, options: DraftOptions): Promise<number> {
  const { audience, template, text } = options;
  const body = { audience, template, ...(text !== undefined && { text: await textFrom(text) }) };
  const server = serverFor(options);
  const made = await server.post<Notice>(incidentPath(incident, 'notices'), body);
  deliverAnswer(
    options,
    made,
    `notice ${made.id}, drafted by ${made.draftedBy}; somebody else approves it at ${deskPage(server.url, incident)}\n\n${made.text}`,
  );
  return EXIT.ok;
}

export async function approveNotice(id: string, options: ServerOptions & AsJson): Promise<number> {
  const made = await serverFor(options).post<Notice>(noticePath(id, 'approval'), {});
  const text = `notice ${id}: drafted by ${made.draftedBy}, approved by ${made.approvedBy}`;
  deliverAnswer(options, made, text);
  return EXIT.ok;
}

/** One a line. */
async function linesFrom(file: string): Promise<readonly string[]> {
  const lines = (await textFrom(file)).split('\n').map((line) => line.trim());
  const found = lines.filter((line) => line !== '');
  if (found.length === 0) throw new UsageError(`\`${file}\` names nobody; write a recipient a line`);
  return found;
}

const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;

export interface SendOptions extends ServerOptions, AsJson {
  readonly recipients: string;
  readonly out?: string;
}

/** CSV for whatever sends mails: a line for each recipient with their own link, shown this once. */
export async function sendNotice(id: string, options: SendOptions): Promise<number> {
  const server = serverFor(options);
  const recipients = await linesFrom(options.recipients);
  const { links } = await server.post<{
    readonly links: readonly { readonly recipient: string; readonly path: string }[];
  }>(noticePath(id, 'recipients'), { recipients });
  const whole = links.map(({ recipient, path }) => ({ recipient, link: new URL(path, server.url).href }));
  const csv = ['recipient,link', ...whole.map(({ recipient, link }) => `${cell(recipient)},${cell(link)}`)];
  deliverAnswer(options, { links: whole }, csv.join('\n'), options.out);
  return EXIT.ok;
}

export interface ReceiptOptions extends ServerOptions, AsJson {
  readonly delivered?: string;
  readonly failed?: string;
}

export async function recordReceipts(id: string, options: ReceiptOptions): Promise<number> {
  const receipts: { readonly recipient: string; readonly how: 'delivered' | 'failed' }[] = [];
  for (const how of ['delivered', 'failed'] as const) {
    const file = options[how];
    if (file !== undefined)
      receipts.push(...(await linesFrom(file)).map((recipient) => ({ recipient, how })));
  }
  if (receipts.length === 0)
    throw new UsageError('give --delivered or --failed with a file that has a recipient a line');
  const reached = await serverFor(options).post<Reached>(noticePath(id, 'receipts'), { receipts });
  const { recipients, opened, delivered, failed, notKnown } = reached;
  const text = `of ${recipients} recipients ${opened} opened it; ${delivered} delivered, ${failed} failed, ${notKnown} not known`;
  deliverAnswer(options, reached, text);
  return EXIT.ok;
}

interface RecipientRow {
  readonly recipient: string;
  readonly sentAt: string;
  readonly receipt: string | null;
  readonly receivedAt: string | null;
}

const RECIPIENTS: readonly Column<RecipientRow>[] = [
  { title: 'recipient', of: ({ recipient }) => recipient },
  { title: 'sent', of: ({ sentAt }) => sentAt },
  { title: 'known', of: ({ receipt }) => receipt ?? 'not known' },
  { title: 'since', of: ({ receivedAt }) => receivedAt ?? '' },
];

export const listRecipients = (id: string, options: ListingOptions): Promise<number> =>
  printList<RecipientRow>({
    path: noticePath(id, 'recipients'),
    query: {},
    options,
    columns: RECIPIENTS,
    what: 'recipients',
  });

const DESKS: readonly Column<DeskRow>[] = [
  { title: 'incident', of: ({ id }) => id },
  {
    title: 'is',
    of: ({ closedAt, state }) => `${closedAt === null ? 'open' : 'over'}, ${state.replaceAll('-', ' ')}`,
  },
  { title: 'lacks next', of: ({ lacks }) => lacks ?? 'nothing' },
  { title: 'has to be by', of: ({ by }) => by ?? '' },
  { title: 'came late', of: ({ late }) => (late === 0 ? '' : String(late)) },
];

export const listDesks = (options: ListingOptions): Promise<number> =>
  printList<DeskRow>({
    path: 'incidents',
    query: {},
    options,
    columns: DESKS,
    what: 'incidents',
  });
