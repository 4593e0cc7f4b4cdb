/** What an issue says of a batch: the standard and a count; why, what is to be mended and where, and until when. Pure. */
import { createHash } from 'node:crypto';
import { byPlace } from '@macadam/core/work/batch';
import type { IssueWish } from './plan.ts';
import type { IssueBlock, IssueText } from './port.ts';

export interface MirroredBatch {
  readonly id: string;
  readonly standard: string;
  readonly team: string;
  readonly openedAt: string;
  readonly dueOn: string;
  readonly closedAt: string | null;
  readonly members: readonly {
    readonly asset: string;
    readonly failingSince: string;
    readonly leftAs: string | null;
    /** Last day of the exception that allows its failure for now; null without one. */
    readonly exceptedUntil: string | null;
  }[];
}

/** What the catalogue and the facts know of what a batch names. */
export interface IssueContext {
  /** Null where the standard is no longer in force. */
  readonly standard: (
    id: string,
  ) => { readonly statement: string; readonly why: string; readonly url?: string } | null;
  /** How people call an asset; its id where nothing is known. */
  readonly name: (asset: string) => string;
  /** Where one change mends it; null where it is in no repository. */
  readonly place: (asset: string) => { readonly repository: string; readonly path?: string } | null;
  /** Where people see the batch in Macadam. */
  readonly url?: (batch: string) => string;
}

const MOST_NAMED = 200;
const TITLE = 250;

export function issueWish(batch: MirroredBatch, context: IssueContext): IssueWish {
  const { members } = batch;
  const left = members.filter(({ leftAs }) => leftAs !== null);
  const open = batch.closedAt === null;
  const still = members.length - left.length;
  const standard = context.standard(batch.standard);
  const count = open ? `${counted(still)} to fix` : `${counted(members.length)} done`;
  const title = `${oneLine(standard?.statement ?? batch.standard, TITLE - count.length - 2)}: ${count}`;
  const body: IssueBlock[] = [
    ...(standard ? [{ text: standard.why }] : []),
    { text: `Due on ${batch.dueOn}. ${progress(members.length, left)}` },
    ...pauses(members),
    ...places(batch, context),
    { text: HOW },
    ...[standard?.url, context.url?.(batch.id)].flatMap((url) => (url === undefined ? [] : [{ text: url }])),
  ];
  const text: IssueText = { title, body };
  return { text, digest: digestOf(JSON.stringify(text)), open, because: because(batch, still) };
}

const HOW =
  'It closes by itself when new observations show that nothing here fails any more. Comments come through to Macadam.';

function because({ closedAt, members }: MirroredBatch, still: number): string {
  if (closedAt !== null) return `${tally(members)}; nothing was left to be done on ${closedAt.slice(0, 10)}`;
  return `${still} of ${counted(members.length)} still ${still === 1 ? 'fails' : 'fail'}`;
}

const WORDS: Readonly<Record<string, string>> = {
  passed: 'pass',
  gone: 'gone',
  'out-of-scope': 'out of scope',
  excepted: 'excepted',
  reassigned: 'with another team',
};

/** `3 pass, 1 gone` */
function tally(members: MirroredBatch['members']): string {
  const byReason = Map.groupBy(members, ({ leftAs }) => leftAs);
  return Object.entries(WORDS)
    .flatMap(([reason, words]) => {
      const count = byReason.get(reason)?.length ?? 0;
      return count === 0 ? [] : [`${count} ${words}`];
    })
    .join(', ');
}

function progress(all: number, left: MirroredBatch['members']): string {
  if (left.length === 0) return `${counted(all)} ${all === 1 ? 'fails' : 'fail'}.`;
  return `${all - left.length} of ${counted(all)} still to fix: ${tally(left)}.`;
}

/** What an exception allows is not due yet, and still fails. */
function pauses(members: MirroredBatch['members']): IssueBlock[] {
  const until = members.flatMap(({ leftAs, exceptedUntil }) =>
    leftAs === null && exceptedUntil !== null ? [exceptedUntil] : [],
  );
  const [first, last] = [until.toSorted()[0], until.toSorted().at(-1)];
  if (first === undefined || last === undefined) return [];
  const days = first === last ? `until ${last}` : `until ${first} to ${last}`;
  return [{ text: `${counted(until.length)} excepted ${days}, still failing.` }];
}

/** By repository and path, the members that are left; so many are named, the rest counted. */
function places(batch: MirroredBatch, { place, name }: IssueContext): IssueBlock[] {
  const departures = batch.members
    .filter(({ leftAs }) => leftAs !== null)
    .map(({ asset }) => ({ asset, why: 'passed' as const, by: '', at: '' }));
  const work = { members: batch.members.map(({ asset }) => asset), departures };
  const since = new Map(batch.members.map(({ asset, failingSince }) => [asset, failingSince.slice(0, 10)]));
  const excepted = new Map(batch.members.map(({ asset, exceptedUntil }) => [asset, exceptedUntil]));
  let named = 0;
  const blocks: IssueBlock[] = [];
  for (const [repository, paths] of byPlace(work, place)) {
    const items: { name: string; note: string }[] = [];
    for (const [path, assets] of paths) {
      if (named >= MOST_NAMED) break;
      named += 1;
      const [first = ''] = assets;
      const what = repository === '' ? name(first) : path || name(first);
      const more = assets.length === 1 ? '' : `${assets.length} things, `;
      const oldest = assets.map((asset) => since.get(asset) ?? '').sort()[0];
      const until = assets.map((asset) => excepted.get(asset) ?? null);
      // Of several things in one place those that are not excepted make it due.
      const paused = until.every((one) => one !== null) ? `, excepted until ${until.sort()[0]}` : '';
      items.push({ name: what, note: `${more}failing since ${oldest}${paused}` });
    }
    if (items.length > 0) blocks.push({ head: repository === '' ? 'In no repository' : repository, items });
  }
  const all = [...byPlace(work, place).values()].reduce((sum, paths) => sum + paths.size, 0);
  const rest = all - named;
  return rest === 0 ? blocks : [...blocks, { text: `And ${rest} more, which Macadam lists.` }];
}

/**
 * What an issue carries so that it is found again: of one batch of one installation, since another one may have a batch of
 * the same id but not one that opened at the same instant for the same tracker.
 */
export function markerOf(tracker: string, { id, openedAt }: Pick<MirroredBatch, 'id' | 'openedAt'>): string {
  return `macadam-${digestOf([tracker, id, openedAt].join('\n')).slice(0, 24)}`;
}

export const MARKER: RegExp = /\bmacadam-[0-9a-f]{24}\b/;

const counted = (count: number) => `${count} ${count === 1 ? 'asset' : 'assets'}`;
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');
const oneLine = (text: string, most: number) => {
  const line = text.replaceAll(/\s+/g, ' ').trim().replace(/\.$/, '');
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
};
