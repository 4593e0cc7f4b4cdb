/** `macadam target`: what will be missed, what was, and why. */
import { percentDown } from '@macadam/adapters/report-formats/figures';
import { EXIT } from '../exit.ts';
import { type ServerOptions, serverFor } from '../server.ts';
import { deliverAnswer } from '../terminal.ts';
import { type Column, counted, type ListingOptions, printList } from './listing.ts';

interface TargetRow {
  readonly standard: string;
  readonly signal: string;
  readonly target: { readonly share: number; readonly by: string };
  readonly daysLeft: number;
  readonly accountable: string | null;
  readonly cause: string | null;
  readonly miss: { readonly reason: string } | null;
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
}

const plain = (text: string) => text.replaceAll('-', ' ');

const COLUMNS: readonly Column<TargetRow>[] = [
  { title: 'standard', of: ({ standard }) => standard },
  {
    title: 'signal',
    of: ({ signal, cause }) =>
      `${plain(signal)}${cause === null || cause === signal ? '' : `, ${plain(cause)}`}`,
  },
  {
    title: 'target',
    of: ({ target, daysLeft }) =>
      `${percentDown(target.share)} by ${target.by}, ${daysLeft < 0 ? `${counted(-daysLeft, 'day')} ago` : `in ${counted(daysLeft, 'day')}`}`,
  },
  { title: 'accountable', of: ({ accountable }) => accountable ?? 'nobody' },
  {
    title: 'why',
    of: ({ miss, signal }) =>
      miss === null ? (signal === 'missed' ? 'nobody said' : '') : plain(miss.reason),
  },
  {
    title: 'missed so far',
    of: ({ reasons }) => reasons.map(({ reason, count }) => `${plain(reason)} ${count}`).join(', '),
  },
];

export const listTargets = (options: ListingOptions & { readonly signal?: string }): Promise<number> =>
  printList<TargetRow>({
    path: 'targets',
    query: { signal: options.signal },
    options,
    columns: COLUMNS,
    what: 'targets',
  });

export interface ExplainOptions extends ServerOptions {
  readonly reason: string;
  readonly note?: string;
  readonly due?: string;
  readonly json?: boolean;
}

export async function explainMiss(standard: string, options: ExplainOptions): Promise<number> {
  const { reason, note, due } = options;
  const body = { reason, note, due };
  const path = `standards/${encodeURIComponent(standard)}/misses`;
  const made = await serverFor(options).post<{ readonly due: string }>(path, body);
  const text = `${standard}: missed on ${made.due}, ${plain(reason)}`;
  deliverAnswer(options, made, text);
  return EXIT.ok;
}
