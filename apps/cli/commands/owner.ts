/** `macadam owner`: whose an asset is and by which rules, what nobody owns, and deciding that for many at once. */
import type { OwnerAnswer } from '@macadam/core/org/owner';
import { EXIT } from '../exit.ts';
import { textFrom } from '../input.ts';
import { type ServerOptions, serverFor } from '../server.ts';
import { deliver, UsageError } from '../terminal.ts';
import { type Column, counted, type ListingOptions, printList, recordText } from './listing.ts';

interface Unowned {
  readonly id: string;
  readonly kind: string;
  readonly suggestions: readonly { readonly owner: string; readonly reason: string }[];
}

export interface QueueFilter extends ListingOptions {
  readonly kind?: string;
  readonly prefix?: string;
}

export interface OwnerOptions extends ServerOptions {
  readonly json?: boolean;
  readonly assign?: string;
  readonly confirm?: boolean;
  readonly release?: boolean;
  readonly why?: string;
}

/** Exits 1 where nobody owns it. */
export async function showOwner(asset: string, options: OwnerOptions): Promise<number> {
  const answer = await serverFor(options).get<OwnerAnswer>(`assets/${encodeURIComponent(asset)}/owner`);
  if (options.json) deliver(JSON.stringify(answer, null, 2));
  else {
    const by = answer.rule === null ? '' : `, by the rule ${answer.rule}`;
    const text = recordText(answer.asset, [
      ['owner', answer.owner ?? 'nobody'],
      ['state', `${answer.state}${answer.confirmedAt === null ? '' : ` ${answer.confirmedAt}`}${by}`],
      ...answer.chain.map(({ rule, outcome, why }) => [rule, `${outcome}: ${why}`] as const),
    ]);
    deliver(text);
  }
  return answer.owner === null ? EXIT.fails : EXIT.ok;
}

const COLUMNS: readonly Column<Unowned>[] = [
  { title: 'asset', of: ({ id }) => id },
  { title: 'suggested', of: ({ suggestions }) => suggestions[0]?.owner ?? '' },
  { title: 'because', of: ({ suggestions }) => suggestions[0]?.reason ?? 'nothing points to anybody' },
];

export function listUnowned(options: QueueFilter): Promise<number> {
  const { kind, prefix } = options;
  return printList<Unowned>({
    path: 'owners/unowned',
    query: { kind, prefix },
    options,
    columns: COLUMNS,
    what: 'assets without an owner',
  });
}

/** All of them or none. `-`: ids on stdin, one a line. */
export async function decideOwner(assets: readonly string[], options: OwnerOptions): Promise<number> {
  const { assign, confirm, release, why: reason } = options;
  const acts = [
    ...(assign === undefined ? [] : [{ move: 'assign', team: assign }]),
    ...(confirm ? [{ move: 'confirm' }] : []),
    ...(release ? [{ move: 'release' }] : []),
  ];
  const [act, ...others] = acts;
  if (act === undefined || others.length > 0)
    throw new UsageError('give one of --assign TEAM, --confirm and --release');
  const ids = assets.length === 1 && assets[0] === '-' ? await idsOfStdin() : assets;
  if (ids.length === 0)
    throw new UsageError('ASSET: there is none; name assets, or give their ids on stdin with `-`');
  const server = serverFor(options);
  const answer = await server.post<{ readonly decided: number }>('owners/decisions', {
    assets: ids,
    act,
    reason,
  });
  const said = { assign: `given to ${assign}`, confirm: 'confirmed', release: 'released' }[act.move];
  deliver(options.json ? JSON.stringify(answer) : `${counted(answer.decided, 'asset')} ${said}`);
  return EXIT.ok;
}

async function idsOfStdin(): Promise<readonly string[]> {
  return (await textFrom('-'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
