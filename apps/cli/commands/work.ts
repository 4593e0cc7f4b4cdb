/** `macadam work`: what owners have to do, and what people do about it. */

import type { BatchRecord, DisputeRecord } from '@macadam/adapters/decisions/work';
import type { ShownBatch } from '@macadam/services/work/acts';
import { EXIT } from '../exit.ts';
import { type Server, type ServerOptions, seenOf, serverFor } from '../server.ts';
import { deliverAnswer, UsageError } from '../terminal.ts';
import {
  type Column,
  counted,
  dayText,
  type ListingOptions,
  printList,
  recordText,
  utcToday,
} from './listing.ts';

type Item = Pick<
  BatchRecord,
  'id' | 'team' | 'division' | 'dueOn' | 'claimedBy' | 'snoozedUntil' | 'closedAt' | 'version'
>;

interface ShownItem extends Item, Pick<ShownBatch, 'remaining' | 'overdue' | 'stopped' | 'defects'> {
  readonly paused: readonly {
    readonly asset: string;
    readonly exceptedUntil: string | null;
    readonly due: string;
  }[];
}

export interface WorkFilter extends ListingOptions {
  readonly team?: string;
  readonly standard?: string;
  readonly mine?: boolean;
  readonly overdue?: boolean;
  readonly closed?: boolean;
}

export interface WorkOptions extends ServerOptions {
  readonly json?: boolean;
  /** The version that somebody saw. */
  readonly seen?: string;
  readonly until?: string;
  readonly why?: string;
  readonly to?: string;
  readonly asset?: readonly string[];
  readonly all?: boolean;
  readonly upheld?: boolean;
  readonly rejected?: boolean;
}

const COLUMNS: readonly Column<Item>[] = [
  { title: 'work item', of: ({ id }) => id },
  { title: 'team', of: ({ team }) => team },
  { title: 'due', of: (item) => (item.closedAt === null ? dayText(item.dueOn, utcToday()) : item.dueOn) },
  { title: 'state', of: (item) => stateOf(item) },
];

function stateOf({ closedAt, snoozedUntil, claimedBy }: Item): string {
  if (closedAt !== null) return `closed ${closedAt.slice(0, 10)}`;
  const quiet = snoozedUntil !== null && snoozedUntil >= utcToday() ? [`snoozed until ${snoozedUntil}`] : [];
  return [claimedBy === null ? 'unclaimed' : `claimed by ${claimedBy}`, ...quiet].join(', ');
}

export function listWork(options: WorkFilter): Promise<number> {
  const { team, standard, mine, overdue, closed } = options;
  return printList<Item>({
    path: 'work-items',
    query: { team, standard, mine, overdue, open: !closed },
    options,
    columns: COLUMNS,
    what: `${closed ? 'closed' : 'open'} work items`,
  });
}

/** Of `standard/12`; throws for anything else. */
function pathOf(id: string): string {
  const [, standard, number] = /^([^/]+)\/([1-9]\d*)$/.exec(id) ?? [];
  if (standard !== undefined) return `work-items/${encodeURIComponent(standard)}/${number}`;
  throw new UsageError(
    `ID: \`${id}\` is not a work item; write it like pipeline-uses-pinned/12, as \`macadam work list\` does`,
  );
}

export async function showWork(id: string, options: WorkOptions): Promise<number> {
  const server = serverFor(options);
  const path = pathOf(id);
  const item = await server.get<ShownItem>(path);
  const all = async <T>(what: string) => (await server.list<T>(`${path}/${what}`, {}, 1000)).items;
  const disputes = await all<DisputeRecord>('disputes');
  const comments = await all<{ readonly saidAt: string; readonly saidBy: string; readonly text: string }>(
    'comments',
  );
  const places = await placesOf(server, path);
  const late = new Set(item.overdue);
  const stopped = new Map(item.stopped.map(({ asset, due }) => [asset, due]));
  const paused = new Map(item.paused.map((one) => [one.asset, one]));
  const assetText = (asset: string) => {
    const pause = paused.get(asset);
    if (pause?.exceptedUntil)
      return `${asset} (excepted until ${pause.exceptedUntil}, still failing; due ${pause.due} after it)`;
    const until = pause?.due ?? stopped.get(asset);
    return `${asset}${until ? ` (its clock stood still; due ${until})` : ''}${late.has(asset) ? ' (overdue)' : ''}`;
  };
  const text = recordText(item.id, [
    ['team', `${item.team}, ${item.division}`],
    ['due', item.closedAt === null ? dayText(item.dueOn, utcToday()) : item.dueOn],
    ['state', stateOf(item)],
    ...(item.defects > 0 ? ([['defects', `${counted(item.defects, 'verdict')} proved false`]] as const) : []),
    ['left', counted(item.remaining.length, 'asset')],
    ...item.remaining.map((asset) => ['', assetText(asset)] as const),
    ...places.lines.map((line) => ['places', line] as const),
    ...disputes.map(
      ({ assets, reason, openedBy, outcome, untilOn, endReason }) =>
        [
          'dispute',
          `${openedBy} of ${assets.join(', ')}: ${reason} (${outcome === null ? `open until ${untilOn}` : `${outcome}${endReason ? `: ${endReason}` : ''}`})`,
        ] as const,
    ),
    ...comments.map(
      ({ saidAt, saidBy, text }) => ['comment', `${saidAt.slice(0, 10)} ${saidBy}: ${text}`] as const,
    ),
    ['version', String(item.version)],
  ]);
  deliverAnswer(options, { ...item, places: places.known, disputes, comments }, text);
  return EXIT.ok;
}

interface Place {
  readonly repository: string;
  readonly path: string;
  readonly assets: readonly string[];
}

/** Where no history is kept, places are not known, and the rest is. */
async function placesOf(
  server: Server,
  path: string,
): Promise<{ readonly known: readonly Place[] | null; readonly lines: readonly string[] }> {
  try {
    const { items } = await server.list<Place>(`${path}/places`, {}, 1000);
    const lines = items.map(
      (one) =>
        `${[one.repository, one.path].filter((part) => part !== '').join(': ')} (${counted(one.assets.length, 'asset')})`,
    );
    return { known: items, lines };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { known: null, lines: [`not known: ${error.message}`] };
  }
}

type Acting = (server: Server, path: string, item: ShownItem, version: number) => Promise<Item | string>;

/** Acts on the version that `--seen` names, or on the present one, which is then what was acted on. */
async function acted(id: string, options: WorkOptions, done: string, does: Acting): Promise<number> {
  const server = serverFor(options);
  const path = pathOf(id);
  const item = await server.get<ShownItem>(path);
  const result = await does(server, path, item, seenOf(options) ?? item.version);
  const after = typeof result === 'string' ? await server.get<Item>(path) : result;
  const said = typeof result === 'string' ? result : done;
  deliverAnswer(
    options,
    after,
    `${id}: ${said}; due ${after.dueOn}, ${stateOf(after)}, version ${after.version}`,
  );
  return EXIT.ok;
}

function assetsOf({ asset = [], all }: WorkOptions, { remaining }: ShownItem): readonly string[] {
  if (all && asset.length > 0) throw new UsageError('--asset and --all exclude each other: choose one');
  if (!all && asset.length === 0)
    throw new UsageError(
      '--asset: it is missing; name assets of the work item, or give --all for every one that is left',
    );
  return all ? remaining : asset;
}

export const claimWork = (id: string, options: WorkOptions): Promise<number> =>
  acted(id, options, 'taken on', (server, path, _, version) =>
    server.post<Item>(`${path}/claim`, { claimed: true }, version),
  );

export const releaseWork = (id: string, options: WorkOptions): Promise<number> =>
  acted(id, options, 'given back', (server, path, _, version) =>
    server.post<Item>(`${path}/claim`, { claimed: false }, version),
  );

export const snoozeWork = (id: string, options: WorkOptions): Promise<number> =>
  acted(id, options, 'silenced', (server, path, _, version) =>
    server.post<Item>(`${path}/snooze`, { until: options.until }, version),
  );

/** Said of the work item whatever happened to it meanwhile. */
export const commentWork = (id: string, text: string, options: WorkOptions): Promise<number> =>
  acted(id, options, 'said', (server, path) =>
    server.post<Item>(`${path}/comments`, { text }, seenOf(options)),
  );

export const disputeWork = (id: string, options: WorkOptions): Promise<number> =>
  acted(id, options, 'disputed', (server, path, item, version) =>
    server.post<Item>(`${path}/disputes`, { assets: assetsOf(options, item), why: options.why }, version),
  );

/** By the owner of the standard, of one asset: it settles the dispute that names it. */
export function settleWork(id: string, options: WorkOptions): Promise<number> {
  const { asset: [asset, ...others] = [], upheld = false, rejected = false, why } = options;
  if (upheld === rejected) throw new UsageError('give one of --upheld and --rejected');
  if (asset === undefined || others.length > 0)
    throw new UsageError('--asset: name one asset, of which the dispute is; `work show` lists them');
  return acted(id, options, upheld ? 'the verdict was false' : 'the verdict stands', (server, path) =>
    server.post<Item>(`${path}/settlements`, { asset, upheld, why }),
  );
}

export const handOverWork = (id: string, options: WorkOptions): Promise<number> =>
  acted(id, options, '', async (server, _, item) => {
    const assets = assetsOf(options, item);
    const { number } = await server.post<{ readonly number: number }>('handovers', {
      assets,
      from: item.team,
      to: options.to,
      why: options.why,
    });
    return `hand-over ${number} of ${counted(assets.length, 'asset')} to ${options.to} is asked for`;
  });

export const checkWorkAgain = (id: string, options: WorkOptions): Promise<number> =>
  acted(id, options, '', async (server, path, item) => {
    const assets = assetsOf(options, item);
    for (const asset of assets) await server.post(`${path}/checks`, { asset });
    return `${counted(assets.length, 'asset')} will be checked again`;
  });
