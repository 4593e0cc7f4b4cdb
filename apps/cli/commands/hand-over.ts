/** `macadam hand-over`: "not mine", answered by the team that is to have it, and decided above both. */
import type { HandoverRecord, HandoverStepRecord } from '@macadam/adapters/decisions/handovers';
import { EXIT } from '../exit.ts';
import { type ServerOptions, seenOf, serverFor } from '../server.ts';
import { deliverAnswer, UsageError } from '../terminal.ts';
import { type Column, counted, type ListingOptions, printList, recordText } from './listing.ts';

export interface HandOverFilter extends ListingOptions {
  readonly from?: string;
  readonly to?: string;
  readonly state?: string;
}

export interface HandOverOptions extends ServerOptions {
  readonly json?: boolean;
  readonly seen?: string;
  readonly to?: string;
  readonly why?: string;
}

const STATES: Readonly<Record<string, string>> = {
  asked: 'asked for',
  returned: 'refused; ask another team, or withdraw it',
  deputy: 'refused twice; the deputy CISO decides',
  done: 'done',
  withdrawn: 'withdrawn',
};
const stateOf = ({ state }: HandoverRecord) => STATES[state] ?? state;

const COLUMNS: readonly Column<HandoverRecord>[] = [
  { title: 'hand-over', of: ({ number }) => String(number) },
  { title: 'from', of: ({ fromTeam }) => fromTeam },
  { title: 'to', of: ({ toTeam }) => toTeam ?? '' },
  { title: 'of', of: ({ assets }) => counted(assets.length, 'asset') },
  { title: 'state', of: stateOf },
];

export function listHandOvers(options: HandOverFilter): Promise<number> {
  const { from, to, state } = options;
  return printList<HandoverRecord>({
    path: 'handovers',
    query: { from, to, state },
    options,
    columns: COLUMNS,
    what: 'hand-overs',
  });
}

function pathOf(number: string): string {
  if (/^[1-9]\d*$/.test(number)) return `handovers/${number}`;
  throw new UsageError(
    `NUMBER: \`${number}\` is not a hand-over; write it like 12, as \`macadam hand-over list\` does`,
  );
}

export async function showHandOver(number: string, options: HandOverOptions): Promise<number> {
  const one = await serverFor(options).get<
    HandoverRecord & { readonly steps: readonly HandoverStepRecord[] }
  >(pathOf(number));
  const steps = one.steps.map(
    ({ what, saidAt, saidBy, why }) => [what, `${saidAt.slice(0, 10)} ${saidBy}: ${why}`] as const,
  );
  const text = recordText(`hand-over ${one.number}`, [
    ['from', one.fromTeam],
    ['to', one.toTeam ?? 'nobody yet'],
    ['state', stateOf(one)],
    ...one.assets.map((asset) => ['of', asset] as const),
    ...steps,
    ['version', String(one.version)],
  ]);
  deliverAnswer(options, one, text);
  return EXIT.ok;
}

/** Moves the version that `--seen` names, or the present one. */
async function moved(number: string, what: string, body: object, options: HandOverOptions): Promise<number> {
  const server = serverFor(options);
  const path = pathOf(number);
  const version = seenOf(options) ?? (await server.get<HandoverRecord>(path)).version;
  const after = await server.post<HandoverRecord>(`${path}/${what}`, { ...body, why: options.why }, version);
  const to = after.toTeam === null ? '' : ` to ${after.toTeam}`;
  const text = `hand-over ${number} from ${after.fromTeam}${to}: ${stateOf(after)}, version ${after.version}`;
  deliverAnswer(options, after, text);
  return EXIT.ok;
}

export const acceptHandOver = (number: string, options: HandOverOptions): Promise<number> =>
  moved(number, 'answers', { accepted: true }, options);

export const refuseHandOver = (number: string, options: HandOverOptions): Promise<number> =>
  moved(number, 'answers', { accepted: false, to: options.to }, options);

export const askHandOverAgain = (number: string, options: HandOverOptions): Promise<number> =>
  moved(number, 'asks', { to: options.to }, options);

export const withdrawHandOver = (number: string, options: HandOverOptions): Promise<number> =>
  moved(number, 'withdrawal', {}, options);

export const decideHandOver = (number: string, options: HandOverOptions): Promise<number> =>
  moved(number, 'decision', { to: options.to }, options);
