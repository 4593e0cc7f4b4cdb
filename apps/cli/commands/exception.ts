/** `macadam exception`: permission to fail for a while: asked for, answered by somebody else, and ended. */
import type { ExceptionRecord } from '@macadam/adapters/decisions/permissions';
import { EXIT } from '../exit.ts';
import { type Server, type ServerOptions, serverFor } from '../server.ts';
import { deliverAnswer, UsageError } from '../terminal.ts';
import { type Column, dayText, type ListingOptions, printList, recordText, utcToday } from './listing.ts';

export interface ExceptionFilter extends ListingOptions {
  readonly standard?: string;
  readonly waiting?: boolean;
  /** A day, or `true` for today. */
  readonly inForce?: string | true;
}

export interface ExceptionOptions extends ServerOptions {
  readonly json?: boolean;
  readonly team?: string;
  readonly standard?: string;
  readonly asset?: readonly string[];
  readonly why?: string;
  readonly compensating?: string;
  readonly until?: string;
  readonly proof?: string;
}

const COLUMNS: readonly Column<ExceptionRecord>[] = [
  { title: 'exception', of: ({ id }) => id },
  { title: 'standard', of: ({ standard }) => standard },
  { title: 'until', of: ({ until }) => dayText(until, utcToday()) },
  { title: 'state', of: (one) => stateOf(one) },
  { title: 'of', of: ({ selectors }) => selectors.join(' ') },
];

function stateOf({ refusedBy, endedBy, approvedBy, requestedBy, until }: ExceptionRecord): string {
  if (refusedBy !== null) return `refused by ${refusedBy}`;
  if (endedBy !== null) return `ended by ${endedBy}`;
  if (until < utcToday()) return 'over';
  return approvedBy === null ? `asked for by ${requestedBy}` : `approved by ${approvedBy}`;
}

export function listExceptions(options: ExceptionFilter): Promise<number> {
  const { standard, waiting, inForce } = options;
  return printList<ExceptionRecord>({
    path: 'exceptions',
    query: { standard, waiting, inForceOn: inForce === true ? utcToday() : inForce },
    options,
    columns: COLUMNS,
    what: 'exceptions',
  });
}

const pathOf = (id: string) => `exceptions/${encodeURIComponent(id)}`;

export async function showException(id: string, options: ExceptionOptions): Promise<number> {
  const server = serverFor(options);
  const exception = await server.get<ExceptionRecord>(pathOf(id));
  const { items: assets, more } = await server.list<{
    readonly asset: string;
    readonly accepted: string | null;
  }>(`${pathOf(id)}/assets`, {}, 1000);
  const text = recordText(exception.id, [
    ...rowsOf(exception),
    ...assets.map(
      ({ asset, accepted }) => ['accepted', `${asset}: ${accepted ?? 'whatever is wrong with it'}`] as const,
    ),
    ...(more ? ([['', 'and more; --json of the server has all']] as const) : []),
  ]);
  deliverAnswer(options, { ...exception, assets }, text);
  return EXIT.ok;
}

function rowsOf(one: ExceptionRecord): readonly (readonly [string, string])[] {
  const optional = (name: string, said: string | null) => (said === null ? [] : [[name, said] as const]);
  return [
    ['standard', `${one.standard}, in ${one.division}`],
    ...one.selectors.map((selector) => ['of', selector] as const),
    ['why', one.reason],
    ...optional('compensates', one.compensating),
    ['until', dayText(one.until, utcToday())],
    ['state', stateOf(one)],
    ['asked', `${one.requestedAt} by ${one.requestedBy}`],
    ...optional('approved', one.approvedBy && `${one.approvedAt} by ${one.approvedBy}`),
    ...optional('proof', one.proof),
    ...optional('refused', one.refusedBy && `${one.refusedAt} by ${one.refusedBy}`),
    ...optional('ended', one.endedBy && `${one.endedAt} by ${one.endedBy}: ${one.endReason ?? ''}`),
    ...optional('renews', one.renews),
  ];
}

function answered(exception: ExceptionRecord, options: ExceptionOptions): number {
  const { id, standard, until } = exception;
  deliverAnswer(
    options,
    exception,
    `${id}: ${stateOf(exception)}; of ${standard}, until ${dayText(until, utcToday())}`,
  );
  return EXIT.ok;
}

/** That which was said, else the only team of whoever asks. */
async function teamFor(server: Server, team: string | undefined): Promise<string> {
  if (team !== undefined) return team;
  const { teams } = await server.get<{ readonly teams: readonly string[] }>('me');
  const [only, ...others] = teams;
  if (only !== undefined && others.length === 0) return only;
  const which = only === undefined ? 'you are in none' : `you are in ${teams.join(', ')}`;
  throw new UsageError(`--team: it is missing, and ${which}; name the team that asks`);
}

export async function requestException(options: ExceptionOptions): Promise<number> {
  const server = serverFor(options);
  const { standard, asset: selectors, why: reason, compensating, until } = options;
  const team = await teamFor(server, options.team);
  const body = { team, standard, selectors, reason, compensating, until };
  return answered(await server.post<ExceptionRecord>('exceptions', body), options);
}

/** A new one after the old: it says what is not said again, and needs an approval of its own. */
export async function renewException(id: string, options: ExceptionOptions): Promise<number> {
  const server = serverFor(options);
  const { standard, selectors, ...old } = await server.get<ExceptionRecord>(pathOf(id));
  const { why: reason = old.reason, compensating = old.compensating ?? undefined, until } = options;
  if (compensating === undefined)
    throw new UsageError('--compensating: the old one says nothing; say what makes up for it meanwhile');
  const team = await teamFor(server, options.team);
  const body = { team, standard, selectors, reason, compensating, until, renews: id };
  return answered(await server.post<ExceptionRecord>('exceptions', body), options);
}

async function answeredBy(
  id: string,
  what: string,
  body: object,
  options: ExceptionOptions,
): Promise<number> {
  return answered(await serverFor(options).post<ExceptionRecord>(`${pathOf(id)}/${what}`, body), options);
}

export const approveException = (id: string, options: ExceptionOptions): Promise<number> =>
  answeredBy(id, 'approval', { proof: options.proof }, options);

export const refuseException = (id: string, options: ExceptionOptions): Promise<number> =>
  answeredBy(id, 'refusal', {}, options);

export const endException = (id: string, options: ExceptionOptions): Promise<number> =>
  answeredBy(id, 'end', { reason: options.why }, options);
